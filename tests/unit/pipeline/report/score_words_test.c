/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/scores.h"
#include "support/gb_test.h"

#define SCORE(x)                                                               \
    {                                                                          \
        .value = (x), .u = 0.01 * (x), .ci95 = { 0.98 * (x), 1.02 * (x) }      \
    }

static const struct {
    gb_quality quality;
    const char *english, *chinese; /* "": nothing of it is said */
} cases[] = {
    {GB_QUALITY_MEASURED, "", ""},
    {GB_QUALITY_SIMULATED, "Energy is simulated, not measured.",
     "能耗来自仿真或回放，不代表真实机器。"},
    {GB_QUALITY_REPLAYED, "Energy is replayed, not measured.",
     "能耗来自仿真或回放，不代表真实机器。"},
};

static void expect(gb_str *text, const char *wanted, const char *never) {
    assert_non_null(text->text);
    assert_non_null(strstr(text->text, wanted));
    if (wanted[0] == '\0')
        assert_null(strstr(text->text, never));
    gb_str_fini(text);
}

static void a_curve_and_a_fit_say_what_their_energy_is(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const gb_load_curve load = {.proportionality = SCORE(0.6),
                                    .idle_share = SCORE(0.4),
                                    .quality = cases[i].quality};
        const gb_energy_roofline fit = {.flop_j = SCORE(30e-12),
                                        .byte_j = SCORE(200e-12),
                                        .constant_w = SCORE(45.0),
                                        .quality = cases[i].quality};
        gb_str text = {0};
        gb_scores_say_load(&load, false, &text);
        expect(&text, cases[i].english, "not measured");
        gb_scores_say_load(&load, true, &text);
        expect(&text, cases[i].chinese, "仿真");
        gb_scores_say_roofline(&fit, false, &text);
        expect(&text, cases[i].english, "not measured");
        gb_scores_say_roofline(&fit, true, &text);
        expect(&text, cases[i].chinese, "仿真");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_and_a_fit_say_what_their_energy_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
