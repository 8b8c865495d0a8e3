/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/sample.h"
#include "stats/spread.h"

static void four_values_have_no_fences(void **state) {
    const double values[] = {1.0, 2.0, 3.0, 400.0};
    double fences[2] = {0.0, 0.0};

    (void)state;
    assert_false(gb_tukey_fences(values, 4, 1.5, fences));
    assert_true(isnan(fences[0]) && isnan(fences[1]));
}

/* Quartiles 2 and 4 of 1 .. 5: fences at -1 and 7, far ones at -4 and 10. */
static void fences_stand_so_many_quartile_ranges_away(void **state) {
    double values[] = {5.0, 1.0, 4.0, 2.0, 3.0}, fences[2];

    (void)state;
    gb_sort_ascending(values, 5);
    assert_true(gb_tukey_fences(values, 5, 1.5, fences));
    assert_float_equal(fences[0], -1.0, 1e-12);
    assert_float_equal(fences[1], 7.0, 1e-12);
    assert_true(gb_tukey_fences(values, 5, 3.0, fences));
    assert_float_equal(fences[0], -4.0, 1e-12);
    assert_float_equal(fences[1], 10.0, 1e-12);
}

static void quantiles_are_those_of_the_unsorted_values(void **state) {
    const double values[] = {7.0, -1.0, 3.5, 2.0, 9.0, 4.0};
    double sorted[6];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        sorted[i] = values[i];
    gb_sort_ascending(sorted, 6);
    for (double q = 0.0; q <= 1.0; q += 0.125)
        assert_float_equal(gb_quantile_sorted(sorted, 6, q),
                           gb_quantile(values, 6, q), 1e-12);
}

/* n0 = (1.95996 cv / accuracy)^2, rounded up. */
static void nodes_to_meter_of_very_many(void **state) {
    static const struct {
        double cv, nodes[4];
    } rows[] = {
        {0.01, {16, 4, 2, 1}},
        {0.02, {62, 16, 7, 4}},
        {0.03, {139, 35, 16, 9}},
        {0.05, {385, 97, 43, 25}},
    };
    static const double accuracy[] = {0.005, 0.01, 0.015, 0.02};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t k = 0; k < 4; k++) {
            const double got =
                gb_nodes_to_meter(rows[i].cv, accuracy[k], INFINITY, false);
            if (got != rows[i].nodes[k])
                fail_msg("cv %g, +- %g: expected %g, got %g", rows[i].cv,
                         accuracy[k], rows[i].nodes[k], got);
        }
}

static void T10_16_nodes_of_very_many_and_13_of_64(void **state) {
    (void)state;
    assert_float_equal(gb_nodes_to_meter(0.02, 0.01, INFINITY, false), 16.0,
                       0.0);
    assert_float_equal(gb_nodes_to_meter(0.02, 0.01, 64.0, false), 13.0, 0.0);
}

static void fewer_suffice_where_there_are_few(void **state) {
    (void)state;
    assert_float_equal(gb_nodes_to_meter(0.5, 0.01, 8.0, false), 8.0, 0.0);
    assert_float_equal(gb_nodes_to_meter(0.5, 0.01, 8.0, true), 8.0, 0.0);
    assert_float_equal(gb_nodes_to_meter(0.0, 0.01, 8.0, false), 1.0, 0.0);
    assert_float_equal(gb_nodes_to_meter(0.0, 0.01, 8.0, true), 2.0, 0.0);
}

/* With Student's t the interval of the n nodes' own spread is short enough, and
 * that of n - 1 nodes is not. */
static void a_spread_told_by_few_nodes_takes_more_of_them(void **state) {
    static const struct {
        double cv, accuracy;
    } cases[] = {{0.02, 0.01}, {0.01, 0.01}, {0.03, 0.02}, {0.02, 0.015}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const double cv = cases[i].cv, accuracy = cases[i].accuracy;
        const double n = gb_nodes_to_meter(cv, accuracy, INFINITY, true);
        assert_true(n > gb_nodes_to_meter(cv, accuracy, INFINITY, false));
        assert_true(gb_t_quantile(0.95, n - 1.0) * cv / sqrt(n) <= accuracy);
        assert_true(gb_t_quantile(0.95, n - 2.0) * cv / sqrt(n - 1.0) >
                    accuracy);
    }
    assert_float_equal(gb_nodes_to_meter(0.05, 0.01, INFINITY, true), 97.0,
                       0.0);
}

/* With so many nodes as an accuracy asks for, that accuracy is reached, and
 * with one less it is not. */
static void lambda_is_the_number_of_nodes_turned_round(void **state) {
    static const double totals[] = {64.0, 500.0, INFINITY};

    (void)state;
    assert_true(fabs(2.131450 * 0.02 / sqrt(16.0 * 63.0 / 48.0) -
                     gb_sampling_accuracy(0.02, 16.0, 64.0)) < 1e-8);
    assert_true(gb_sampling_accuracy(0.02, 64.0, 64.0) == 0.0);
    assert_true(isnan(gb_sampling_accuracy(NAN, 1.0, 64.0)));
    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
        for (double accuracy = 0.002; accuracy < 0.05; accuracy *= 1.7) {
            const double n = gb_nodes_to_meter(0.03, accuracy, totals[i], true);
            if (n < 4.0 || n >= totals[i])
                continue;
            assert_true(gb_sampling_accuracy(0.03, n, totals[i]) <=
                        accuracy * (1.0 + 1e-9));
            assert_true(gb_sampling_accuracy(0.03, n - 1.0, totals[i]) >
                        accuracy);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_values_have_no_fences),
        cmocka_unit_test(fences_stand_so_many_quartile_ranges_away),
        cmocka_unit_test(quantiles_are_those_of_the_unsorted_values),
        cmocka_unit_test(nodes_to_meter_of_very_many),
        cmocka_unit_test(T10_16_nodes_of_very_many_and_13_of_64),
        cmocka_unit_test(fewer_suffice_where_there_are_few),
        cmocka_unit_test(a_spread_told_by_few_nodes_takes_more_of_them),
        cmocka_unit_test(lambda_is_the_number_of_nodes_turned_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
