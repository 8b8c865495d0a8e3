/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/report/assessment.h"

static const gb_claim saving = {.metric = GB_CLAIM_ENERGY,
                                .form = GB_CLAIM_SAVING};
static const gb_claim power = {.metric = GB_CLAIM_POWER};

static gb_claim_result found(const gb_claim *claim, const char *unit,
                             double value, double expanded_u) {
    gb_claim_result result = {.claim = claim,
                              .expanded_u = expanded_u,
                              .k = 2.0,
                              .estimate = {.value = value,
                                           .base = NAN,
                                           .n = 10,
                                           .replicate = "repetition",
                                           .term_count = 1}};
    gb_claim_term *term = &result.estimate.terms[0];

    gb_copy(result.estimate.unit, sizeof(result.estimate.unit), unit);
    gb_copy(term->name, sizeof(term->name), "scatter");
    gb_copy(term->how, sizeof(term->how), "10 repetitions");
    term->type = 'A';
    term->u = expanded_u / 2.0;
    return result;
}

static void a_budget_says_shares_only_of_a_value_that_is_not_zero(void **s) {
    static const struct {
        const gb_claim *claim;
        const char *unit;
        double value, expanded_u;
        const char *budget;
    } cases[] = {
        {&saving, "1", 0.43, 0.0086, "scatter 1.0 % (A: 10 repetitions)"},
        {&saving, "1", -2.7e-6, 0.005,
         "scatter u = 0.250 % (A: 10 repetitions)"},
        {&saving, "1", 0.0, 0.005, "scatter u = 0.250 % (A: 10 repetitions)"},
        {&power, "W", 200.0, 8.0, "scatter 2.0 % (A: 10 repetitions)"},
        {&power, "W", 0.1, 8.0, "scatter u = 4.000 W (A: 10 repetitions)"},
    };

    (void)s;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gb_claim_result result = found(
            cases[i].claim, cases[i].unit, cases[i].value, cases[i].expanded_u);
        gb_str text = {0};
        gb_claim_say_budget(&result, &text);
        assert_string_equal(text.text, cases[i].budget);
        gb_str_fini(&text);
    }
}

static void a_value_that_is_rounded_to_zero_has_no_minus(void **s) {
    const gb_claim_result result = found(&saving, "1", -2.7e-8, 0.00005);
    gb_str text = {0};

    (void)s;
    gb_claim_say_value(&result, GB_LANGUAGE_EN, &text);
    assert_string_equal(text.text,
                        "0.0000 ± 0.0050 % (U, k = 2; 10 repetitions)");
    gb_str_fini(&text);
}

static void latin_letters_stand_apart_from_chinese_ones(void **s) {
    static const gb_claim pue = {.metric = GB_CLAIM_IPUE,
                                 .relation = GB_CLAIM_BELOW,
                                 .limit = 1.1,
                                 .margin = NAN},
                          watts = {.metric = GB_CLAIM_POWER,
                                   .relation = GB_CLAIM_BELOW,
                                   .limit = 5.0,
                                   .limit_unit = "W",
                                   .margin = NAN};
    gb_claim_result result = found(&pue, "1", 1.075, 0.004);
    gb_str text = {0};

    (void)s;
    result.verdict = GB_CLAIM_SUPPORTED;
    gb_claim_say_verdict(&result, true, &text);
    assert_string_equal(text.text, "iPUE 低于 1.1；测得 1.0750 ± "
                                   "0.0040，按简单接受判定");
    gb_str_fini(&text);
    result = found(&watts, "W", 4.0, 0.1);
    result.verdict = GB_CLAIM_SUPPORTED;
    gb_claim_say_verdict(&result, true, &text);
    assert_string_equal(text.text, "功率低于 5 W；测得 4.00 ± 0.10 "
                                   "W，按简单接受判定");
    gb_str_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_says_shares_only_of_a_value_that_is_not_zero),
        cmocka_unit_test(a_value_that_is_rounded_to_zero_has_no_minus),
        cmocka_unit_test(latin_letters_stand_apart_from_chinese_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
