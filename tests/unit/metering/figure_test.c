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
                   .unsampled_j = 3.0},
        .quality = GB_QUALITY_MEASURED,
        .wraps = 1,
        .samples = 10,
        .gaps = 2,
        .unsampled_s = 0.25,
        .flags = GB_FLAG(GAPS),
        .errors = 3,
    };

    gb_budget_shape(&figure.budget);
    gb_budget_calibrate(&figure.budget, 7, 3.0);
    figure.u_j = gb_budget_u_j(&figure.budget);
    figure.u95_j = gb_budget_u95_j(&figure.budget);
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

/* To the bit: results must not depend on how they were summed up. */
static void what_is_gathered_and_concluded_is_what_is_added(void **state) {
    static const double joules[] = {10.0, 0.1, 3.7, 1e-3, 250.0};

    (void)state;
    for (int serial = 0; serial < 2; serial++) {
        gb_energy_figure added = gb_figure_zero();
        gb_energy_figure gathered = gb_figure_zero();
        for (size_t i = 0; i < sizeof(joules) / sizeof(joules[0]); i++) {
            const gb_energy_figure part = figure_of(joules[i], 1.0 + joules[i]);
            (serial ? gb_figure_add_serial : gb_figure_add_parallel)(&added,
                                                                     &part);
            (serial ? gb_figure_gather_serial
                    : gb_figure_gather_parallel)(&gathered, &part);
        }
        gb_figure_conclude(&gathered);
        assert_true(added.energy_j == gathered.energy_j);
        assert_true(added.u_j == gathered.u_j && added.u_j > 0.0);
        assert_true(added.u95_j == gathered.u95_j && added.u95_j > 0.0);
    }
    gb_energy_figure none = gb_figure_none("frozen");
    gb_figure_conclude(&none);
    assert_true(isnan(none.u_j) && isnan(none.u95_j));
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
    assert_int_equal(sum.flags, GB_FLAG(GAPS));
    assert_float_equal(sum.unsampled_s, 0.25, 1e-12);
    assert_int_equal(sum.errors, 12);
}

/* Two packages with DRAM: a package and its DRAM are refreshed at one instant,
 * the packages apart; one of them is not part of the sum. */
static void domains_refreshed_together_share_their_phase(void **state) {
    gb_energy_domain domains[5] = {
        {.source = "powercap", .summed = true, .refresh = 0},
        {.source = "powercap", .summed = true, .refresh = 1},
        {.source = "powercap", .summed = true, .refresh = 0},
        {.source = "powercap", .summed = true, .refresh = 1},
        {.source = "powercap", .refresh = 0},
    };
    gb_energy_figure figures[5], sum;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        figures[i] = figure_of(10.0, 1.0);
    gb_figure_sum_domains(domains, figures, 5, &sum);
    assert_float_equal(sum.energy_j, 40.0, 1e-12);
    assert_float_equal(sum.window_s, 1.0, 0.0);
    assert_float_equal(sum.budget.phase_j, hypot(6.0, 6.0), 1e-12);
    assert_float_equal(sum.budget.quantisation_j, 6.0, 1e-12);
    assert_float_equal(sum.budget.unsampled_j, 12.0, 1e-12);
    assert_float_equal(sum.budget.calibration_j, 12.0, 1e-12);
    assert_int_equal(sum.wraps, 4);

    /* Each on its own, or of two sources: in quadrature. */
    for (size_t i = 0; i < 4; i++)
        domains[i].refresh = -1;
    gb_figure_sum_domains(domains, figures, 5, &sum);
    assert_float_equal(sum.budget.phase_j, 6.0, 1e-12);
    domains[0].refresh = domains[1].refresh = 0;
    domains[1] = (gb_energy_domain){.source = "perf", .summed = true};
    gb_figure_sum_domains(domains, figures, 5, &sum);
    assert_float_equal(sum.budget.phase_j, 6.0, 1e-12);
}

static void a_domain_without_a_figure_leaves_the_node_without_one(
    void **state) {
    const gb_energy_domain domains[2] = {{.source = "perf", .summed = true},
                                         {.source = "perf", .summed = true}};
    gb_energy_figure figures[2] = {gb_figure_none("frozen"),
                                   figure_of(10.0, 1.0)};
    gb_energy_figure sum;

    (void)state;
    gb_figure_sum_domains(domains, figures, 2, &sum);
    assert_true(isnan(sum.energy_j));
    assert_true(isnan(sum.u95_j));
    assert_string_equal(sum.reason, "frozen");
    assert_int_equal(sum.samples, 10);
}

/* One bias is behind all meters of a kind, none is shared by two kinds. */
static void calibration_adds_linearly_within_a_kind_only(void **state) {
    gb_energy_budget budget = {0};

    (void)state;
    gb_budget_calibrate(&budget, 1, 3.0);
    gb_budget_calibrate(&budget, 1, 3.0);
    assert_float_equal(budget.calibration_j, 6.0, 1e-12);
    gb_budget_calibrate(&budget, 2, 8.0);
    assert_float_equal(budget.calibration_j, 10.0, 1e-12);
    /* More kinds than there is room for count as one: never too little. */
    for (uint32_t kind = 3; kind < 30; kind++)
        gb_budget_calibrate(&budget, kind, 1.0);
    assert_int_equal(budget.kind_count, GB_CALIBRATION_KINDS);
    assert_float_equal(budget.kinds[GB_CALIBRATION_KINDS - 1].u_j, 24.0, 1e-12);
}

/* One node's reader came late: its window is longer, its power is not. */
static void powers_of_nodes_add_up_where_their_windows_differ(void **state) {
    gb_energy_figure early = figure_of(20.0, 1.0), late = figure_of(36.0, 1.2);
    gb_energy_figure sum = gb_figure_zero();

    (void)state;
    late.unsampled_s = 0.6; /* 20 W and 30 W */
    gb_figure_add_parallel(&sum, &early);
    gb_figure_add_parallel(&sum, &late);
    assert_float_equal(sum.energy_j, 56.0, 1e-12);
    assert_float_equal(sum.energy_j / sum.window_s, 50.0, 1e-12);
    assert_float_equal(sum.unsampled_s / sum.window_s, 0.5, 1e-12);
}

static void nodes_of_another_type_have_a_bias_of_their_own(void **state) {
    gb_energy_figure a = figure_of(10.0, 1.0), b = figure_of(10.0, 1.0);
    gb_energy_figure sum = gb_figure_zero();

    (void)state;
    gb_figure_retype(&a, "EPYC 7763");
    gb_figure_retype(&b, "EPYC 9654");
    gb_figure_add_parallel(&sum, &a);
    gb_figure_add_parallel(&sum, &b);
    assert_float_equal(sum.budget.calibration_j, hypot(3.0, 3.0), 1e-12);
    gb_figure_add_parallel(&sum, &a);
    assert_float_equal(sum.budget.calibration_j, hypot(6.0, 3.0), 1e-12);
}

/* 95 % of a uniform error, of two, and of very many. */
static void the_interval_follows_the_shape_of_the_errors(void **state) {
    gb_energy_budget one = {0}, two = {.phase_j = 1.0};
    gb_energy_figure many = gb_figure_zero();
    gb_energy_figure part = {.energy_j = 1.0, .budget = {.phase_j = 1.0}};

    (void)state;
    gb_budget_calibrate(&one, 1, 1.0);
    assert_float_equal(gb_budget_u95_j(&one), 0.95 * sqrt(3.0), 0.02);
    gb_budget_shape(&two);
    assert_float_equal(gb_budget_u95_j(&two), (1.0 - sqrt(0.05)) * sqrt(6.0),
                       0.04);
    gb_budget_shape(&part.budget);
    for (int i = 0; i < 100; i++)
        gb_figure_add_serial(&many, &part);
    assert_float_equal(many.u95_j, 19.6, 0.01);
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
    gb_figure_add_serial(&sum, &part);
    part.quality = GB_QUALITY_MODELLED;
    gb_figure_add_serial(&sum, &part);
    part.quality = GB_QUALITY_SIMULATED;
    gb_figure_add_serial(&sum, &part);
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
        cmocka_unit_test(what_is_gathered_and_concluded_is_what_is_added),
        cmocka_unit_test(nodes_add_randomly_but_for_their_calibration),
        cmocka_unit_test(domains_refreshed_together_share_their_phase),
        cmocka_unit_test(a_domain_without_a_figure_leaves_the_node_without_one),
        cmocka_unit_test(calibration_adds_linearly_within_a_kind_only),
        cmocka_unit_test(powers_of_nodes_add_up_where_their_windows_differ),
        cmocka_unit_test(nodes_of_another_type_have_a_bias_of_their_own),
        cmocka_unit_test(the_interval_follows_the_shape_of_the_errors),
        cmocka_unit_test(windows_in_a_row_add_their_lengths),
        cmocka_unit_test(the_quality_of_a_sum_is_its_worst),
        cmocka_unit_test(calibration_is_not_resolution),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
