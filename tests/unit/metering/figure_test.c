/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metering/window.h"

static gb_energy_figure figure_of(double energy_j, double window_s) {
    gb_energy_figure figure = {
        .energy_j = energy_j,
        .window_s = window_s,
        .budget = {.quantisation_j = 3.0,
                   .phase_j = 3.0,
                   .latency_j = 3.0,
                   .unsampled_j = 3.0,
                   .calibration_j = 3.0},
        .quality = GB_QUALITY_MEASURED,
        .wraps = 1,
        .samples = 10,
        .gaps = 2,
        .errors = 3,
    };

    figure.u_j = gb_budget_u_j(&figure.budget);
    return figure;
}

static void one_missing_part_leaves_the_sum_without_a_figure(void **state) {
    const gb_energy_figure good = figure_of(10.0, 1.0);
    const gb_energy_figure none = gb_figure_none("frozen");

    (void)state;
    for (int first = 0; first < 2; first++) {
        gb_energy_figure sum = gb_figure_zero();
        gb_figure_add_parallel(&sum, first ? &none : &good);
        gb_figure_add_parallel(&sum, first ? &good : &none);
        assert_true(isnan(sum.energy_j));
        assert_true(isnan(sum.u_j));
        assert_string_equal(sum.reason, "frozen");
        assert_int_equal(sum.quality, GB_QUALITY_UNAVAILABLE);
        assert_int_equal(sum.samples, 10);
    }
}

static void nodes_add_randomly_but_for_their_calibration(void **state) {
    const gb_energy_figure part = figure_of(10.0, 1.0);
    gb_energy_figure sum = gb_figure_zero();

    (void)state;
    for (int i = 0; i < 4; i++)
        gb_figure_add_parallel(&sum, &part);
    assert_float_equal(sum.energy_j, 40.0, 1e-12);
    assert_float_equal(sum.window_s, 1.0, 0.0);
    assert_float_equal(sum.budget.quantisation_j, 6.0, 1e-12);
    assert_float_equal(sum.budget.phase_j, 6.0, 1e-12);
    assert_float_equal(sum.budget.latency_j, 6.0, 1e-12);
    assert_float_equal(sum.budget.unsampled_j, 6.0, 1e-12);
    assert_float_equal(sum.budget.calibration_j, 12.0, 1e-12);
    assert_float_equal(sum.u_j, sqrt(4 * 36.0 + 144.0), 1e-12);
    assert_int_equal(sum.wraps, 4);
    assert_int_equal(sum.gaps, 8);
    assert_int_equal(sum.errors, 12);
}

static void domains_of_a_node_share_their_phase_and_their_gaps(void **state) {
    const gb_energy_figure part = figure_of(10.0, 1.0);
    gb_energy_figure sum = gb_figure_zero();

    (void)state;
    for (int i = 0; i < 4; i++)
        gb_figure_add_domain(&sum, &part);
    assert_float_equal(sum.budget.quantisation_j, 6.0, 1e-12);
    assert_float_equal(sum.budget.phase_j, 12.0, 1e-12);
    assert_float_equal(sum.budget.unsampled_j, 12.0, 1e-12);
    assert_float_equal(sum.window_s, 1.0, 0.0);
}

static void windows_in_a_row_add_their_lengths(void **state) {
    const gb_energy_figure part = figure_of(10.0, 1.5);
    gb_energy_figure sum = gb_figure_zero();

    (void)state;
    gb_figure_add_serial(&sum, &part);
    gb_figure_add_serial(&sum, &part);
    assert_float_equal(sum.window_s, 3.0, 1e-12);
    assert_float_equal(sum.energy_j, 20.0, 1e-12);
    assert_float_equal(sum.budget.phase_j, sqrt(18.0), 1e-12);
    assert_float_equal(sum.budget.calibration_j, 6.0, 1e-12);
}

static void the_quality_of_a_sum_is_its_worst(void **state) {
    gb_energy_figure sum = gb_figure_zero();
    gb_energy_figure part = figure_of(10.0, 1.0);

    (void)state;
    gb_figure_add_domain(&sum, &part);
    part.quality = GB_QUALITY_MODELLED;
    gb_figure_add_domain(&sum, &part);
    part.quality = GB_QUALITY_SIMULATED;
    gb_figure_add_domain(&sum, &part);
    assert_int_equal(sum.quality, GB_QUALITY_MODELLED);
}

static void calibration_is_not_resolution(void **state) {
    const gb_energy_budget budget = {.quantisation_j = 1.0,
                                     .phase_j = 2.0,
                                     .latency_j = 2.0,
                                     .unsampled_j = 4.0,
                                     .calibration_j = 12.0};

    (void)state;
    assert_float_equal(gb_budget_resolution_j(&budget), 5.0, 1e-12);
    assert_float_equal(gb_budget_u_j(&budget), 13.0, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_missing_part_leaves_the_sum_without_a_figure),
        cmocka_unit_test(nodes_add_randomly_but_for_their_calibration),
        cmocka_unit_test(domains_of_a_node_share_their_phase_and_their_gaps),
        cmocka_unit_test(windows_in_a_row_add_their_lengths),
        cmocka_unit_test(the_quality_of_a_sum_is_its_worst),
        cmocka_unit_test(calibration_is_not_resolution),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
