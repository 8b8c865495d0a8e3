/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/quantity.h"

static void expect(const char *label, const char *expected, const char *got) {
    if (strcmp(expected, got) != 0)
        fail_msg("%s: expected '%s', got '%s'", label, expected, got);
}

static void a_quantity_has_the_digits_its_uncertainty_leaves(void **state) {
    static const struct {
        const char *label;
        double value, u;
        const char *unit, *text;
    } cases[] = {
        {"none", NAN, NAN, "W", "-"},
        {"infinite", INFINITY, 1.0, "W", "-"},
        {"zero", 0.0, NAN, "J", "0 J"},
        {"u not known", 1234567.0, NAN, "flop/s", "1.235 Mflop/s"},
        {"u tiny", 73.28241, 1e-6, "W", "73.28 W"},
        {"u coarse", 73.28241, 2.9, "W", "73.3 W"},
        {"u of hundreds", 1.234e12, 3.4e11, "flop/s", "1.23 Tflop/s"},
        {"u above the value", 3.2, 450.0, "W", "3.2 W"},
        {"negative", -12.345, 0.5, "J", "-12.35 J"},
        {"next prefix", 999.96e6, NAN, "byte/s", "1.000 GB/s"},
        {"small", 2.5e-5, NAN, "J", "25.00 uJ"},
        {"no unit", 1.0002, NAN, "", "1.000"},
        {"a prefix it has", 0.5704, 0.0012, "kgCO2/kWh", "0.5704 kgCO2/kWh"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[GB_QUANTITY_SIZE];
        gb_quantity(cases[i].value, cases[i].u, cases[i].unit, got,
                    sizeof(got));
        expect(cases[i].label, cases[i].text, got);
    }
}

static void value_and_uncertainty_end_at_one_digit(void **state) {
    static const struct {
        const char *label;
        double value, u;
        const char *text;
    } cases[] = {
        {"none", NAN, 1.0, "-"},
        {"u not known", 12.34, NAN, "12.34 W"},
        {"watts", 12.34, 3.4, "12.3 ± 3.4 W"},
        {"kilowatts", 12345.0, 340.0, "12.35 ± 0.34 kW"},
        {"u above the value", 0.4, 21.0, "0 ± 21 W"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[GB_QUANTITY_SIZE];
        gb_quantity_pm(cases[i].value, cases[i].u, "W", got, sizeof(got));
        expect(cases[i].label, cases[i].text, got);
    }
}

static void half_a_width_is_relative(void **state) {
    static const struct {
        const char *label;
        double value, ci95[2];
        const char *text;
    } cases[] = {
        {"no interval", 10.0, {NAN, NAN}, "-"},
        {"of nothing", 0.0, {0.0, 0.0}, "-"},
        {"narrow", 10.0, {9.9999, 10.0001}, "<0.1%"},
        {"usual", 10.0, {9.97, 10.03}, "0.3%"},
        {"wide", 10.0, {7.0, 13.0}, "30%"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[GB_QUANTITY_SIZE];
        gb_quantity_half_width(cases[i].value, cases[i].ci95, got, sizeof(got));
        expect(cases[i].label, cases[i].text, got);
    }
}

static void only_whole_words_of_work_are_shortened(void **state) {
    char got[64];
    (void)state;
    expect("rate", "msg/s",
           gb_quantity_short_unit("message/s", got, sizeof(got)));
    expect("word", "op", gb_quantity_short_unit("operation", got, sizeof(got)));
    expect("longer", "messages_sent/s",
           gb_quantity_short_unit("messages_sent/s", got, sizeof(got)));
}

static void words_are_wrapped_by_display_columns(void **state) {
    static const struct {
        const char *label, *text;
    } cases[] = {
        {"short", "a word"},
        {"one long word",
         "/x/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
         "0123456789/0123456789"},
        {"wide letters",
         "测量功耗测量功耗测量功耗测量功耗测量功耗测量功耗测量功耗测量功耗测量功"
         "耗测量功耗测量功耗"},
        {"many words", "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj kkkk "
                       "llll mmmm nnnn oooo pppp qqqq rrrr"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_str out = {0}, joined = {0};
        gb_lines_wrap(&out, false, GB_PAINT_NONE, "label", 10, cases[i].text);
        for (char *line = strtok(out.text, "\n"); line != NULL;
             line = strtok(NULL, "\n")) {
            if (gb_columns(line) > 80)
                fail_msg("%s: %zu columns", cases[i].label, gb_columns(line));
            if (joined.length > 0 && strchr(cases[i].text, ' ') != NULL)
                gb_str_add(&joined, " ");
            gb_str_add(&joined, line + 10);
        }
        expect(cases[i].label, cases[i].text, joined.text);
        gb_str_fini(&out);
        gb_str_fini(&joined);
    }
}

/* A file may hold it; counted anew at each line, it would take minutes. */
static void a_word_of_a_million_letters_is_wrapped_at_once(void **state) {
    const size_t letters = 1000000;
    char *word = malloc(letters + 1);
    gb_str out = {0};

    (void)state;
    assert_non_null(word);
    memset(word, 'x', letters);
    word[letters] = '\0';
    gb_lines_wrap(&out, false, GB_PAINT_NONE, "", 0, word);
    assert_true(out.length == letters + letters / GB_LINE_COLUMNS);
    gb_str_fini(&out);
    free(word);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quantity_has_the_digits_its_uncertainty_leaves),
        cmocka_unit_test(value_and_uncertainty_end_at_one_digit),
        cmocka_unit_test(half_a_width_is_relative),
        cmocka_unit_test(only_whole_words_of_work_are_shortened),
        cmocka_unit_test(words_are_wrapped_by_display_columns),
        cmocka_unit_test(a_word_of_a_million_letters_is_wrapped_at_once),
    };
    return cmocka_run_group_tests_name("report quantity", tests, NULL, NULL);
}
