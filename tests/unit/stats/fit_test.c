/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/fit.h"
#include "support/gb_test.h"

static void a_line_through_its_points_is_found_again(void **state) {
    const double want[] = {3e-11, 2e-10, 40.0};
    const double x[][GB_FIT_TERMS] = {{1e12, 0.0, 1.0},
                                      {1e10, 2e11, 1.0},
                                      {0.0, 1.8e11, 1.0},
                                      {2e10, 1.5e11, 1.0},
                                      {5e11, 1e11, 1.0}};
    double y[GB_COUNT(x)] = {0.0}, scale[GB_COUNT(x)];
    gb_fit fit;

    (void)state;
    for (size_t i = 0; i < GB_COUNT(x); i++) {
        for (int k = 0; k < GB_FIT_TERMS; k++)
            y[i] += x[i][k] * want[k];
        scale[i] = y[i];
    }
    assert_true(gb_fit_linear(x, y, scale, GB_COUNT(x), &fit));
    for (int k = 0; k < GB_FIT_TERMS; k++)
        GB_EXPECT_NEAR(1.0, fit.value[k] / want[k], 1e-9, "coefficient");
    GB_EXPECT_NEAR(0.0, fit.residual, 1e-9, "residual");
}

/* A plane over a balanced design by hand: y = 1 + 2 a + 3 b, and one corner is
 * off by 0.4. Each coefficient has the variance s^2 / 4, where the four
 * residuals are 0.1 and one degree of freedom is left: s = 0.2. */
static void a_residual_makes_the_covariance(void **state) {
    const double x[][GB_FIT_TERMS] = {
        {-1.0, -1.0, 1.0}, {-1.0, 1.0, 1.0}, {1.0, -1.0, 1.0}, {1.0, 1.0, 1.0}};
    const double y[] = {-4.0, 2.0, 0.0, 6.4};
    const double scale[] = {1.0, 1.0, 1.0, 1.0};
    const double want[] = {2.1, 3.1, 1.1};
    gb_fit fit;

    (void)state;
    assert_true(gb_fit_linear(x, y, scale, GB_COUNT(y), &fit));
    GB_EXPECT_NEAR(0.2, fit.residual, 1e-12, "residual");
    for (int k = 0; k < GB_FIT_TERMS; k++) {
        GB_EXPECT_NEAR(want[k], fit.value[k], 1e-12, "coefficient");
        for (int j = 0; j < GB_FIT_TERMS; j++)
            GB_EXPECT_NEAR(j == k ? 0.01 : 0.0, fit.covariance[k][j], 1e-12,
                           "covariance");
    }
}

static void what_cannot_be_told_apart_is_not_fitted(void **state) {
    static const double x[][GB_FIT_TERMS] = {
        {1.0, 2.0, 1.0}, {2.0, 4.0, 1.0}, {3.0, 6.0, 1.0}, {4.0, 8.0001, 1.0}};
    static const double none[][GB_FIT_TERMS] = {
        {1.0, 0.0, 1.0}, {2.0, 0.0, 1.0}, {3.0, 0.0, 1.0}, {5.0, 0.0, 1.0}};
    const double y[] = {1.0, 2.0, 3.0, 4.0};
    gb_fit fit;

    (void)state;
    assert_false(gb_fit_linear(x, y, y, 4, &fit));    /* two are one */
    assert_false(gb_fit_linear(none, y, y, 4, &fit)); /* one is nothing */
    assert_false(gb_fit_linear(x, y, y, 3, &fit));    /* no residual */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_through_its_points_is_found_again),
        cmocka_unit_test(a_residual_makes_the_covariance),
        cmocka_unit_test(what_cannot_be_told_apart_is_not_fitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
