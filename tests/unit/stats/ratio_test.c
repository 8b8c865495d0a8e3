/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of R 4.2.2 (t.test, p.adjust, power.t.test, qt, uniroot) unless said
 * otherwise. */
#include "stats/ratio.h"

#include "stats/sample.h"
#include "support/gb_test.h"

static const double base_values[] = {98.2, 101.1, 100.3, 99.5, 102.0, 97.9};
static const double next_values[] = {95.1, 93.8, 96.6, 94.9,
                                     95.3, 92.7, 96.0, 94.4};
static const gb_ratio_side base = {base_values, 6, 0.0};
static const gb_ratio_side next = {next_values, 8, 0.0};
static const gb_ratio_side next_six = {next_values, 6, 0.0};

/* t.test(log(next), log(base)) */
static void welch_on_logarithms(void **state) {
    gb_ratio ratio;
    (void)state;

    gb_ratio_compare(&base, &next, false, 0.0, &ratio);
    assert_int_equal(GB_RATIO_WELCH, ratio.method);
    GB_EXPECT_NEAR(0.950116950325284, ratio.ratio, 1e-14, "ratio");
    GB_EXPECT_NEAR(ratio.ratio, ratio.next / ratio.base, 1e-14, "of means");
    GB_EXPECT_NEAR(0.00804192458626147, ratio.u_rel, 1e-15, "u");
    GB_EXPECT_NEAR(9.43328064871606, ratio.dof, 1e-11, "dof");
    GB_EXPECT_NEAR(0.933106707533352, ratio.ci95[0], 1e-12, "lower");
    GB_EXPECT_NEAR(0.967437284511378, ratio.ci95[1], 1e-12, "upper");
    GB_EXPECT_NEAR(0.000106432432669914, gb_ratio_p_differs(&ratio), 1e-15,
                   "p");
}

/* t.test(log(next), log(base), paired = TRUE) */
static void pairs_on_logarithms(void **state) {
    gb_ratio ratio;
    (void)state;

    gb_ratio_compare(&base, &next_six, true, 0.0, &ratio);
    assert_int_equal(GB_RATIO_PAIRED, ratio.method);
    GB_EXPECT_NEAR(0.948939012026863, ratio.ratio, 1e-14, "ratio");
    GB_EXPECT_NEAR(5.0, ratio.dof, 1e-12, "dof");
    GB_EXPECT_NEAR(0.932346475573907, ratio.ci95[0], 1e-12, "lower");
    GB_EXPECT_NEAR(0.965826838131419, ratio.ci95[1], 1e-12, "upper");
    GB_EXPECT_NEAR(0.00061221757696614, gb_ratio_p_differs(&ratio), 1e-14, "p");
}

/* What both of a pair share is no scatter: a machine that warms up. */
static void pairs_cancel_what_they_share(void **state) {
    double a[8], b[8];
    gb_ratio paired, apart;
    (void)state;

    for (int i = 0; i < 8; i++) {
        a[i] = 100.0 - 5.0 * i;
        b[i] = 0.98 * a[i] * (1.0 + 0.001 * (i % 2));
    }
    const gb_ratio_side before = {a, 8, 0.0}, after = {b, 8, 0.0};
    gb_ratio_compare(&before, &after, true, 0.0, &paired);
    gb_ratio_compare(&before, &after, false, 0.0, &apart);
    assert_true(gb_ratio_p_differs(&paired) < 1e-9);
    assert_true(gb_ratio_p_differs(&apart) > 0.5);
}

static void two_one_sided_tests(void **state) {
    gb_ratio ratio;
    (void)state;

    gb_ratio_compare(&base, &next, false, 0.0, &ratio);
    /* The larger of 1.63469936577758e-04 and 5.71369482975100e-09. */
    GB_EXPECT_NEAR(1.63469936577758e-04, gb_ratio_p_outside(&ratio, 0.1), 1e-15,
                   "10 %");
    /* A ratio of 0.95 is not within 1 %, and never within nothing. */
    assert_true(gb_ratio_p_outside(&ratio, 0.01) > 0.99);
    assert_true(gb_ratio_p_outside(&ratio, 0.0) > 0.99);
    gb_ratio_compare(&base, &base, false, 0.0, &ratio);
    assert_true(gb_ratio_p_outside(&ratio, 0.0) >= 0.5);
}

static void reciprocals_are_decided_alike(void **state) {
    gb_ratio ratio, inverse;
    (void)state;

    gb_ratio_compare(&base, &next, false, 0.001, &ratio);
    gb_ratio_invert(&ratio, &inverse);
    GB_EXPECT_NEAR(1.0, ratio.ratio * inverse.ratio, 1e-15, "ratio");
    GB_EXPECT_NEAR(1.0, ratio.ci95[0] * inverse.ci95[1], 1e-14, "interval");
    GB_EXPECT_NEAR(gb_ratio_p_differs(&ratio), gb_ratio_p_differs(&inverse),
                   1e-13, "differs");
    GB_EXPECT_NEAR(gb_ratio_p_outside(&ratio, 0.05),
                   gb_ratio_p_outside(&inverse, 0.05), 1e-12, "outside");
}

/* JCGM 100, G.4: what is known beforehand has infinite degrees of freedom. */
static void common_uncertainty_is_combined(void **state) {
    gb_ratio alone, both;
    (void)state;

    gb_ratio_compare(&base, &next, false, 0.0, &alone);
    gb_ratio_compare(&base, &next, false, 0.03, &both);
    GB_EXPECT_NEAR(hypot(alone.u_rel, 0.03), both.u_rel, 1e-15, "u");
    GB_EXPECT_NEAR(alone.dof * pow(both.u_rel / alone.u_rel, 4.0), both.dof,
                   1e-6, "dof");
    GB_EXPECT_NEAR(alone.ratio, both.ratio, 0.0, "ratio");
    assert_true(gb_ratio_p_differs(&both) > 0.05);
}

static void resolution_counts_where_it_is_larger_than_the_scatter(
    void **state) {
    const double flat[] = {100.0, 100.0, 100.0, 100.0};
    const gb_ratio_side known = {flat, 4, 0.0}, coarse = {flat, 4, 0.02};
    const gb_ratio_side fine = {next_values, 8, 1e-6};
    gb_ratio ratio, plain;
    (void)state;

    gb_ratio_compare(&known, &coarse, false, 0.0, &ratio);
    GB_EXPECT_NEAR(0.02, ratio.u_rel, 1e-15, "no scatter");
    assert_true(isinf(ratio.dof));
    GB_EXPECT_NEAR(exp(1.959963984540054 * 0.02), ratio.ci95[1], 1e-12,
                   "normal");
    gb_ratio_compare(&base, &fine, false, 0.0, &ratio);
    gb_ratio_compare(&base, &next, false, 0.0, &plain);
    GB_EXPECT_NEAR(plain.u_rel, ratio.u_rel, 0.0, "scatter is larger");
}

static void no_uncertainty_at_all(void **state) {
    const double flat[] = {100.0, 100.0}, more[] = {101.0, 101.0};
    const gb_ratio_side a = {flat, 2, 0.0}, b = {more, 2, 0.0};
    gb_ratio ratio;
    (void)state;

    gb_ratio_compare(&a, &b, false, 0.0, &ratio);
    GB_EXPECT_NEAR(0.0, gb_ratio_p_differs(&ratio), 0.0, "differs");
    GB_EXPECT_NEAR(0.0, gb_ratio_p_outside(&ratio, 0.02), 0.0, "equivalent");
    gb_ratio_compare(&a, &a, false, 0.0, &ratio);
    GB_EXPECT_NEAR(1.0, gb_ratio_p_differs(&ratio), 0.0, "the same");
}

static void one_repetition_has_no_interval(void **state) {
    const gb_ratio_side one = {next_values, 1, 0.0};
    gb_ratio ratio;
    (void)state;

    gb_ratio_compare(&base, &one, false, 0.01, &ratio);
    assert_int_equal(GB_RATIO_NONE, ratio.method);
    GB_EXPECT_NEAR(95.1, ratio.next, 1e-12, "its value");
    assert_true(isnan(ratio.ci95[0]) && isnan(ratio.ci95[1]));
    assert_true(isnan(gb_ratio_p_differs(&ratio)));
    assert_true(isnan(gb_ratio_p_outside(&ratio, 0.1)));
    GB_EXPECT_NEAR(0.0, gb_ratio_repetitions(&ratio, 0.05, 0.02), 0.0, "n");
}

/* Test vector T19, and the ends where the statistic is Student's quantile. */
static void T19_fieller_has_no_finite_interval(void **state) {
    double ci[2], g = 0.0;
    (void)state;

    assert_false(gb_fieller(1.0, 0.30, 2.0, 0.1, 0.0, 2.0, ci, &g));
    GB_EXPECT_NEAR(1.2, g, 1e-15, "g");
    assert_true(isnan(ci[0]) && isnan(ci[1]));
    assert_true(gb_fieller(10.0, 0.0, 20.0, 1.0, 0.0, 2.0, ci, &g));
    GB_EXPECT_NEAR(1.8, ci[0], 1e-14, "a base that is known");
    GB_EXPECT_NEAR(2.2, ci[1], 1e-14, "a base that is known");
}

static void a_value_below_zero_has_no_logarithm(void **state) {
    static const double x[] = {1.0, -0.2, 0.9, 1.4, 0.6, 1.1};
    static const double y[] = {1.3, 0.8, 1.7, 1.1, 1.5};
    static const double wild[] = {1.0, -3.0, 4.0};
    const gb_ratio_side a = {x, 6, 0.0}, b = {y, 5, 0.0}, c = {wild, 3, 0.0};
    gb_ratio ratio;
    (void)state;

    gb_ratio_compare(&a, &b, false, 0.0, &ratio);
    assert_int_equal(GB_RATIO_FIELLER, ratio.method);
    GB_EXPECT_NEAR(1.6, ratio.ratio, 1e-14, "ratio");
    GB_EXPECT_NEAR(6.73871640018534, ratio.dof, 1e-12, "dof");
    GB_EXPECT_NEAR(0.857382572064, ratio.ci95[0], 1e-11, "lower");
    GB_EXPECT_NEAR(5.02072804592, ratio.ci95[1], 1e-10, "upper");
    GB_EXPECT_NEAR(0.126299145172, gb_ratio_p_differs(&ratio), 1e-11, "p");

    gb_ratio_compare(&c, &b, false, 0.0, &ratio);
    assert_int_equal(GB_RATIO_FIELLER, ratio.method);
    assert_true(isnan(ratio.ci95[0]));
    assert_true(gb_ratio_p_differs(&ratio) > 0.05);
}

/* The same six pairs: their covariance narrows the interval. */
static void pairs_below_zero(void **state) {
    static const double x[] = {1.0, -0.1, 2.0, 3.0, 1.5, 2.5};
    static const double y[] = {1.1, -0.2, 2.2, 3.1, 1.8, 2.7};
    const gb_ratio_side a = {x, 6, 0.0}, b = {y, 6, 0.0};
    gb_ratio paired, apart;
    (void)state;

    gb_ratio_compare(&a, &b, true, 0.0, &paired);
    gb_ratio_compare(&a, &b, false, 0.0, &apart);
    assert_int_equal(GB_RATIO_FIELLER, paired.method);
    assert_true(paired.ci95[1] - paired.ci95[0] <
                0.5 * (apart.ci95[1] - apart.ci95[0]));
}

/* A pair of sides with this scatter and ratio. */
static gb_ratio seen(double off, double scatter) {
    return (gb_ratio){.method = GB_RATIO_WELCH,
                      .ratio = exp(off),
                      .u_rel = scatter,
                      .scatter = {scatter * scatter, scatter * scatter}};
}

/* power.t.test(delta, sd = 0.02, sig.level, power = 0.8): 8.06, 252.1, 8.01;
 * it uses the noncentral distribution, which is less than one repetition away.
 */
static void repetitions_that_would_tell(void **state) {
    gb_ratio ratio = seen(0.03, 0.02);
    (void)state;

    GB_EXPECT_NEAR(8.06, gb_ratio_repetitions(&ratio, 0.05, 0.0), 1.0, "3 %");
    ratio = seen(-0.005, 0.02);
    GB_EXPECT_NEAR(252.1, gb_ratio_repetitions(&ratio, 0.05, 0.0), 1.0,
                   "0.5 %");
    ratio = seen(0.05, 0.02);
    GB_EXPECT_NEAR(8.01, gb_ratio_repetitions(&ratio, 0.05 / 40, 0.0), 1.0,
                   "one of 40");
    /* No difference: the margin decides. R. Schuirmann's tests need
     * 2 (s (1.645 + 1.282) / ln 1.02)^2 = 17.5, and Student's one more. */
    ratio = seen(0.0, 0.02);
    GB_EXPECT_NEAR(18.5, gb_ratio_repetitions(&ratio, 0.05, 0.02), 1.0,
                   "equivalent");
    GB_EXPECT_NEAR(0.0, gb_ratio_repetitions(&ratio, 0.05, 0.0), 0.0,
                   "nothing tells no difference from none");
    /* 1 % of calibration that does not cancel hides 1.5 %. */
    ratio = seen(0.015, 0.02);
    ratio.common = 1e-4;
    GB_EXPECT_NEAR(0.0, gb_ratio_repetitions(&ratio, 0.05, 0.001), 0.0,
                   "the meters hide it");
}

/* p.adjust(p, "holm") */
static void holm_adjusts_a_family(void **state) {
    static const double p[] = {0.01, 0.04, 0.03, 0.005, 0.5, 0.04};
    static const double want[] = {0.05, 0.12, 0.12, 0.03, 0.5, 0.12};
    double got[6];
    (void)state;

    assert_true(gb_holm(p, 6, got));
    for (int i = 0; i < 6; i++)
        GB_EXPECT_NEAR(want[i], got[i], 1e-15, "adjusted");
    assert_true(gb_holm(p, 0, got));
}

/* qt() and pt() far out, where many comparisons look. */
static void tails_of_student(void **state) {
    (void)state;
    static const struct {
        double tails, dof, t;
    } cases[] = {
        {0.05, 38, 2.02439416391197},  {1e-3, 38, 3.56567807158023},
        {1e-6, 38, 5.82167329957191},  {1e-10, 38, 8.81714774051492},
        {1e-6, 1.5, 8285.39119502504}, {0.05, 1, 12.7062047361747},
        {0.05, 2.5, 3.57465484200369}, {0.05, 12.34, 2.1721732968098},
        {0.05, 5e5, 1.9599687290938},  {0.05, INFINITY, 1.959963984540054},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        GB_EXPECT_NEAR(cases[i].t,
                       gb_t_tail_quantile(cases[i].tails, cases[i].dof),
                       1e-10 * cases[i].t, "quantile");
    GB_EXPECT_NEAR(8.42514374107285e-10, gb_t_tails(-8.1, 38), 1e-21, "8.1");
    GB_EXPECT_NEAR(4.58932354656318e-28, gb_t_tails(30.0, 38), 1e-38, "30");
    GB_EXPECT_NEAR(0.782096756689129, gb_t_tails(0.3, 3.3), 1e-13, "0.3");
    GB_EXPECT_NEAR(0.0, gb_t_tails(INFINITY, 3), 0.0, "infinite");
    GB_EXPECT_NEAR(0.0, gb_t_tail_quantile(1.0, 5), 0.0, "all of it");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch_on_logarithms),
        cmocka_unit_test(pairs_on_logarithms),
        cmocka_unit_test(pairs_cancel_what_they_share),
        cmocka_unit_test(two_one_sided_tests),
        cmocka_unit_test(reciprocals_are_decided_alike),
        cmocka_unit_test(common_uncertainty_is_combined),
        cmocka_unit_test(resolution_counts_where_it_is_larger_than_the_scatter),
        cmocka_unit_test(no_uncertainty_at_all),
        cmocka_unit_test(one_repetition_has_no_interval),
        cmocka_unit_test(T19_fieller_has_no_finite_interval),
        cmocka_unit_test(a_value_below_zero_has_no_logarithm),
        cmocka_unit_test(pairs_below_zero),
        cmocka_unit_test(repetitions_that_would_tell),
        cmocka_unit_test(holm_adjusts_a_family),
        cmocka_unit_test(tails_of_student),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
