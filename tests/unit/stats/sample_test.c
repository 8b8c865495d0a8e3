/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/sample.h"

#include "stats/gum.h"
#include "support/gb_test.h"

/* David and Nagaraja, Order Statistics; standards test vector T9. */
static void T9_ranks_of_the_median_interval(void **state) {
    (void)state;
    static const struct {
        size_t n, lower, upper;
    } cases[] = {{1, 0, 0}, {5, 0, 0},  {6, 1, 6},   {8, 1, 8},
                 {9, 2, 8}, {10, 2, 9}, {20, 6, 15}, {100, 40, 61}};
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        size_t lower = 0, upper = 0;
        const bool found = gb_median_ranks(cases[i].n, 0.95, &lower, &upper);
        assert_int_equal(found, cases[i].lower != 0);
        if (lower != cases[i].lower || upper != cases[i].upper)
            fail_msg("n = %zu: expected (%zu, %zu), got (%zu, %zu)", cases[i].n,
                     cases[i].lower, cases[i].upper, lower, upper);
    }
}

static void interval_takes_the_order_statistics(void **state) {
    (void)state;
    const double values[] = {9, 1, 8, 2, 7, 3, 6, 4, 5, 10};
    double ci[2] = {-1, -1};
    assert_true(gb_median_ci95(values, 10, ci));
    GB_EXPECT_NEAR(2.0, ci[0], 0.0, "lower");
    GB_EXPECT_NEAR(9.0, ci[1], 0.0, "upper");
    assert_false(gb_median_ci95(values, 5, ci));
}

static void location_and_spread(void **state) {
    (void)state;
    const double values[] = {4, 1, 3, 2};
    GB_EXPECT_NEAR(2.5, gb_mean(values, 4), 1e-15, "mean");
    GB_EXPECT_NEAR(2.5, gb_median(values, 4), 1e-15, "median, even");
    GB_EXPECT_NEAR(3.0, gb_median(values, 3), 1e-15, "median, odd");
    GB_EXPECT_NEAR(sqrt(5.0 / 3.0), gb_stddev(values, 4), 1e-15, "stddev");
    GB_EXPECT_NEAR(0.0, gb_stddev(values, 1), 0.0, "stddev of one");
    GB_EXPECT_NEAR(1.75, gb_quantile(values, 4, 0.25), 1e-15, "quartile");
    GB_EXPECT_NEAR(4.0, gb_quantile(values, 4, 1.0), 0.0, "maximum");
}

static void sums_lose_nothing(void **state) {
    (void)state;
    const double values[] = {1.0, 1e100, 1.0, -1e100};
    GB_EXPECT_NEAR(2.0, gb_sum(values, 4), 0.0, "compensated");
}

/* Tables of Student's t: Abramowitz and Stegun, table 26.10. */
static void t_quantiles(void **state) {
    (void)state;
    static const struct {
        double confidence, dof, t;
    } cases[] = {{0.95, 1, 12.70620474},    {0.95, 9, 2.262157163},
                 {0.95, 4, 2.776445105},    {0.99, 30, 2.749995654},
                 {0.90, 10, 1.812461123},   {0.5, 2, 0.816496581},
                 {0.95, 1000, 1.962339081}, {0.999, 5, 6.868826626}};
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        GB_EXPECT_NEAR(cases[i].t,
                       gb_t_quantile(cases[i].confidence, cases[i].dof),
                       2e-8 * cases[i].t, "t");
}

static void normal_quantiles(void **state) {
    (void)state;
    GB_EXPECT_NEAR(1.959963985, gb_normal_quantile(0.975), 1e-9, "0.975");
    GB_EXPECT_NEAR(-1.644853627, gb_normal_quantile(0.05), 1e-9, "0.05");
    GB_EXPECT_NEAR(0.0, gb_normal_quantile(0.5), 1e-12, "0.5");
    GB_EXPECT_NEAR(0.8413447461, gb_normal_cdf(1.0), 1e-10, "cdf");
}

static void combinations(void **state) {
    (void)state;
    const double u[] = {3.0, 4.0};
    GB_EXPECT_NEAR(5.0, gb_u_quadrature(u, 2), 1e-15, "quadrature");
    GB_EXPECT_NEAR(7.0, gb_u_linear(u, 2), 0.0, "linear");
    GB_EXPECT_NEAR(0.05, gb_u_rel_ratio(0.03, 0.04), 1e-15, "ratio");
    GB_EXPECT_NEAR(1.0 / sqrt(12.0), gb_u_uniform(1.0), 1e-15, "uniform");
}

/* Exact factors: Irwin-Hall distributions of 1, 2, 3, 4 terms, and many. */
static void coverage_factors_follow_the_shape(void **state) {
    static const struct {
        double excess, exact;
    } cases[] = {
        {-1.2, 0.95 * 1.7320508}, {-0.6, 1.9017}, {-0.4, 1.9364},
        {-0.3, 1.9438},           {0.0, 1.95996},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        GB_EXPECT_NEAR(cases[i].exact, gb_coverage_factor_95(cases[i].excess),
                       0.01 * cases[i].exact, "factor");
    GB_EXPECT_NEAR(gb_coverage_factor_95(-1.2), gb_coverage_factor_95(-9.0),
                   0.0, "clipped");
    GB_EXPECT_NEAR(1.96, gb_coverage_factor_95(3.0), 1e-12, "clipped");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T9_ranks_of_the_median_interval),
        cmocka_unit_test(interval_takes_the_order_statistics),
        cmocka_unit_test(location_and_spread),
        cmocka_unit_test(sums_lose_nothing),
        cmocka_unit_test(t_quantiles),
        cmocka_unit_test(normal_quantiles),
        cmocka_unit_test(combinations),
        cmocka_unit_test(coverage_factors_follow_the_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
