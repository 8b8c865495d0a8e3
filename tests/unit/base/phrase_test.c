/* SPDX-License-Identifier: Apache-2.0 */
#include "base/phrase.h"

#include <string.h>

#include "support/gb_test.h"

enum { TAKEN = 12, SIZE = 16 };

/* What a format takes: "%-8.3f" is "f", "%zu" is "zu"; "" ends it. */
static void add_taken(const char *format, char taken[TAKEN][SIZE]) {
    size_t next = 0, numbered = 0;

    for (const char *at = strchr(format, '%'); at != NULL;
         at = strchr(at, '%')) {
        if (*++at == '%') {
            at++;
            continue;
        }
        size_t place = next++;
        const size_t digits = strspn(at, "0123456789");
        if (digits > 0 && at[digits] == '$') {
            place = (size_t)(at[0] - '1');
            at += digits + 1;
            numbered++;
        }
        at += strspn(at, "+-# 0123456789.");
        const size_t length =
            strspn(at, "hlzjt") + 1; /* and the conversion itself */
        assert_true(place < TAKEN && length < SIZE);
        assert_string_equal(taken[place], "");
        memcpy(taken[place], at, length);
        at += length;
    }
    /* All or none are numbered: C does not know what a mixture takes. */
    if (numbered != 0 && numbered != next)
        fail_msg("%zu of %zu are numbered: '%s'", numbered, next, format);
}

static void both_formats_take_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < gb_phrase_count(); i++) {
        const char *chinese = NULL, *english = gb_phrase_at(i, &chinese);
        char one[TAKEN][SIZE] = {{0}}, other[TAKEN][SIZE] = {{0}};
        add_taken(english, one);
        add_taken(chinese, other);
        for (size_t k = 0; k < TAKEN; k++)
            if (strcmp(one[k], other[k]) != 0)
                fail_msg("argument %zu is '%s' of '%s', '%s' of '%s'", k + 1,
                         one[k], english, other[k], chinese);
    }
}

static void no_phrase_is_there_twice(void **state) {
    (void)state;
    for (size_t i = 0; i < gb_phrase_count(); i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(gb_phrase_at(i, NULL), gb_phrase_at(k, NULL)) == 0)
                fail_msg("twice: '%s'", gb_phrase_at(i, NULL));
}

static void a_sentence_is_made_in_both_languages(void **state) {
    char english[80], chinese[80];
    (void)state;

    gb_phrase_both(english, sizeof(english), chinese, sizeof(chinese),
                   "%llu of %llu reads failed", 2ULL, 604ULL);
    assert_string_equal(english, "2 of 604 reads failed");
    assert_string_equal(chinese, "604 次读取中有 2 次失败");
    gb_phrase_both(english, sizeof(english), chinese, sizeof(chinese),
                   "nobody translated %s", "this");
    assert_string_equal(english, "nobody translated this");
    assert_string_equal(chinese, "");
}

static void what_is_not_known_stays_as_it_is(void **state) {
    (void)state;
    assert_string_equal(gb_phrase(GB_LANGUAGE_ZH, "measured"), "实测");
    assert_string_equal(gb_phrase(GB_LANGUAGE_EN, "measured"), "measured");
    assert_string_equal(gb_phrase(GB_LANGUAGE_ZH, "node0"), "node0");
    assert_null(gb_phrase_chinese("node0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_formats_take_the_same),
        cmocka_unit_test(no_phrase_is_there_twice),
        cmocka_unit_test(a_sentence_is_made_in_both_languages),
        cmocka_unit_test(what_is_not_known_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
