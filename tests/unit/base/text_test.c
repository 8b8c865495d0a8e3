/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdlib.h>

#include "support/gb_test.h"

static void a_copy_that_is_cut_looks_cut(void **state) {
    (void)state;
    char out[8];
    gb_copy(out, sizeof(out), "1234567");
    assert_string_equal(out, "1234567");
    gb_copy(out, sizeof(out), "12345678");
    assert_string_equal(out, "1234...");
    /* Never half a character: what is left of it goes, too. */
    gb_copy(out, sizeof(out), "ab\xe7\xae\x97\xe7\xae\x97");
    assert_string_equal(out, "ab...");
    gb_copy(out, 1, "x");
    assert_string_equal(out, "");
}

static void strings_grow(void **state) {
    (void)state;
    gb_str str = {0};
    for (int i = 0; i < 1000; i++)
        gb_str_addf(&str, "%d,", i);
    assert_int_equal(str.length, 10 * 2 + 90 * 3 + 900 * 4);
    char *text = gb_str_take(&str);
    assert_true(gb_ends_with(text, "998,999,"));
    free(text);
    assert_null(str.text);
    text = gb_str_take(&str);
    assert_string_equal(text, "");
    free(text);
}

static void globs_match_as_in_a_shell(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool match;
    } cases[] = {
        {"memory.*", "memory.triad", true},
        {"*", "", true},
        {"*.fma", "compute.fma", true},
        {"compute.?ma", "compute.fma", true},
        {"memory.*", "network.ring", false},
        {"a*b*c", "aXXbYYc", true},
        {"a*b*c", "aXXbYY", false},
        {"", "x", false},
        {"*triad*", "memory.triad", true},
        {"?", "", false},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        if (gb_glob_match(cases[i].pattern, cases[i].text) != cases[i].match)
            fail_msg("'%s' against '%s'", cases[i].pattern, cases[i].text);
}

static void ids_have_parts_of_small_letters(void **state) {
    (void)state;
    static const char *const good[] = {"memory.triad", "acme.v2.spmv", "a.b_1",
                                       "idle"};
    static const char *const bad[] = {
        "", ".", ".triad", "memory.", "a..b", "Memory.triad", "a.b c", "a-b.c"};
    for (size_t i = 0; i < GB_COUNT(good); i++)
        if (!gb_is_id(good[i]))
            fail_msg("'%s' is an id", good[i]);
    for (size_t i = 0; i < GB_COUNT(bad); i++)
        if (gb_is_id(bad[i]))
            fail_msg("'%s' is no id", bad[i]);
}

static void suggestions_are_near_or_none(void **state) {
    (void)state;
    static const char *const names[] = {"memory.triad", "compute.fma",
                                        "network.pingpong"};
    assert_string_equal(gb_closest("memory.traid", names, 3), "memory.triad");
    assert_string_equal(gb_closest("compute.fm", names, 3), "compute.fma");
    assert_null(gb_closest("disk.io", names, 3));
    assert_null(gb_closest("x", names, 0));
}

static void columns_count_what_a_terminal_shows(void **state) {
    (void)state;
    assert_int_equal(gb_columns("abc"), 3);
    assert_int_equal(gb_columns("\xc2\xb5J"), 2); /* micro sign */
    assert_int_equal(gb_columns("\xe4\xb8\xad\xe6\x96\x87"), 4); /* CJK */
    assert_int_equal(gb_columns(""), 0);
}

static void wrapped_text_keeps_to_its_width(void **state) {
    (void)state;
    gb_str str = {0};
    gb_str_add(&str, "label ");
    gb_str_add_wrapped(&str, "one two three four five", 6, 6, 16);
    assert_string_equal(str.text, "label one two\n      three four\n"
                                  "      five\n");
    gb_str_fini(&str);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_that_is_cut_looks_cut),
        cmocka_unit_test(strings_grow),
        cmocka_unit_test(globs_match_as_in_a_shell),
        cmocka_unit_test(ids_have_parts_of_small_letters),
        cmocka_unit_test(suggestions_are_near_or_none),
        cmocka_unit_test(columns_count_what_a_terminal_shows),
        cmocka_unit_test(wrapped_text_keeps_to_its_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
