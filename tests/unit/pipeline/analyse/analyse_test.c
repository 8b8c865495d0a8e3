/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "case.h"
#include "metering/window.h"
#include "stats/sample.h"

/* --- what is withheld ----------------------------------------------------- */

static void an_invalid_trial_has_no_figures(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    one.reduced.cases[0].status = GB_ERR_VERIFY;
    gb_copy(one.reduced.cases[0].reason, sizeof(one.reduced.cases[0].reason),
            "repetition 3: a[512]: expected 7, got 6.5");
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];

    assert_false(bench->valid);
    assert_int_equal(bench->status, GB_ERR_VERIFY);
    assert_int_equal(bench->performance.n, 0);
    assert_true(isnan(bench->performance.value));
    assert_true(isnan(bench->work));
    assert_true(isnan(bench->energy.energy_j));
    assert_true(isnan(bench->power_w));
    assert_true(isnan(bench->efficiency));
    assert_true(isnan(bench->edp_js));
    assert_true(isnan(bench->net_j));
    assert_non_null(strstr(bench->efficiency_reason, "got 6.5"));
    assert_false(result.energy_short); /* there is nothing to be short of */
    gb_result_fini(&result);
    case_close(&one);
}

static void what_had_finished_before_a_trial_hung_or_died_is_kept(
    void **state) {
    static const struct {
        gb_status status;
        size_t kept;
    } cases[] = {
        {GB_OK, 0},          {GB_ERR_VERIFY, 0},  {GB_ERR_RANGE, 0},
        {GB_ERR_TIMEOUT, 9}, {GB_ERR_CRASHED, 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case one;

        case_open(&one, 1, 10);
        case_set(&one, 4, 1.0, 100.0, 200.0);
        one.reduced.cases[0].reps[7].valid = false;
        one.reduced.cases[0].status = cases[i].status;
        gb_result result = case_analyse(&one);
        const gb_bench_result *bench = &result.benches[0];
        const gb_series_stats *before = &bench->finished_before;
        assert_int_equal(before->n, cases[i].kept);
        if (cases[i].kept > 0) {
            expect_near("median", 50.0, before->median, 1e-12);
            expect_near("the fifth", 100.0, before->raw[4], 1e-12);
            assert_int_equal(bench->performance.n, 0);
            assert_true(isnan(bench->performance.value));
        }
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void a_trial_without_repetitions_is_not_valid(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 2);
    one.reduced.cases[0].reps[0].valid = false;
    one.reduced.cases[0].reps[1].valid = false;
    gb_result result = case_analyse(&one);
    assert_false(result.benches[0].valid);
    assert_int_equal(result.benches[0].status, GB_ERR_INTERRUPTED);
    assert_true(result.benches[0].reason[0] != '\0');
    gb_result_fini(&result);
    case_close(&one);
}

static void efficiency_is_withheld_with_the_reason(void **state) {
    static const struct {
        const char *label;
        double energy_j, phase_j;
        const char *reason, *word;
    } cases[] = {
        {"no energy", NAN, 0.0, "frozen", "frozen"},
        {"no joules", 0.0, 0.1, "", "above 0 J"},
        {"less than none", -5.0, 0.1, "", "above 0 J"},
        {"11 %, k = 2", 200.0, 11.0 * 3.16227766, "", "not resolvable"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case one;

        case_open(&one, 1, 10);
        for (size_t k = 0; k < 10; k++) {
            gb_energy_figure *energy = &one.reduced.cases[0].reps[k].energy;
            energy->energy_j = cases[i].energy_j;
            energy->budget.phase_j = cases[i].phase_j;
            gb_copy(energy->reason, sizeof(energy->reason), cases[i].reason);
        }
        gb_result result = case_analyse(&one);
        const gb_bench_result *bench = &result.benches[0];
        if (!bench->valid || !isnan(bench->efficiency) ||
            !isnan(bench->efficiency_u) || !isnan(bench->efficiency_ci95[0]) ||
            strstr(bench->efficiency_reason, cases[i].word) == NULL)
            fail_msg("%s: %g, '%s'", cases[i].label, bench->efficiency,
                     bench->efficiency_reason);
        expect_near("performance stays", 50.0, bench->performance.value, 1e-9);
        gb_result_fini(&result);
        case_close(&one);
    }
}

/* A calibration of 100 % does not shrink with time: it withholds nothing. */
static void calibration_alone_does_not_withhold_efficiency(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    for (size_t k = 0; k < 10; k++)
        one.reduced.cases[0].reps[k].energy.budget.kinds[0].u_j = 200.0;
    gb_result result = case_analyse(&one);
    expect_near("efficiency", 0.5, result.benches[0].efficiency, 1e-12);
    expect_near("u", 0.5, result.benches[0].efficiency_u, 1e-3);
    gb_result_fini(&result);
    case_close(&one);
}

static void one_repetition_without_energy_leaves_none(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    one.reduced.cases[0].reps[4].energy =
        (gb_energy_figure){.energy_j = NAN, .u_j = NAN, .reason = "3/4 nodes"};
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    assert_true(isnan(bench->energy.energy_j));
    assert_string_equal(bench->energy.reason, "3/4 nodes");
    assert_int_equal(bench->energy.quality, GB_QUALITY_UNAVAILABLE);
    assert_true(isnan(bench->energy_raw[4]));
    expect_near("raw", 200.0, bench->energy_raw[3], 0.0);
    assert_true(isnan(bench->net_j));
    assert_string_equal(bench->net_reason, "3/4 nodes");
    assert_true(result.energy_short);
    gb_result_fini(&result);
    case_close(&one);
}

/* --- what is computed ----------------------------------------------------- */

static void efficiency_is_the_ratio_of_the_sums(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 2);
    case_set(&one, 0, 1.0, 100.0, 100.0); /* 1 per joule */
    case_set(&one, 1, 3.0, 100.0, 300.0); /* 1/3 per joule */
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    expect_near("not the mean of ratios, 0.667", 0.5, bench->efficiency, 1e-12);
    expect_near("work", 200.0, bench->work, 1e-12);
    expect_near("energy", 400.0, bench->energy.energy_j, 1e-12);
    expect_near("window", 4.02, bench->energy.window_s, 1e-12);
    expect_near("power", 400.0 / 4.02, bench->power_w, 1e-9);
    expect_near("edp", 200.0 * 2.0, bench->edp_js, 1e-9);
    expect_near("performance", (100.0 + 100.0 / 3.0) / 2.0,
                bench->performance.value, 1e-9);
    expect_near("window ratio", 1.005, bench->window_ratio, 1e-12);
    assert_string_equal(bench->unit, "byte/s");
    assert_string_equal(bench->efficiency_unit, "byte/J");
    gb_result_fini(&result);
    case_close(&one);
}

/* Test vector T9 of the project's standards notes. */
static void intervals_are_of_exact_ranks_from_six_repetitions_on(void **state) {
    static const double times_s[CASE_REPS] = {2.0, 2.9, 2.1, 2.8, 2.2,
                                              2.7, 2.3, 2.6, 2.4, 2.5};

    (void)state;
    for (size_t n = 5; n <= CASE_REPS; n += 5) {
        test_case one;

        case_open(&one, 1, n);
        for (size_t i = 0; i < n; i++)
            case_set(&one, i, times_s[i], 1.0, 100.0 * times_s[i]);
        gb_result result = case_analyse(&one);
        const gb_bench_result *bench = &result.benches[0];
        if (n == 5) {
            assert_true(isnan(bench->time_s.ci95[0]));
            assert_true(isnan(bench->performance.ci95[1]));
            assert_true(isnan(bench->efficiency_ci95[0]));
        } else { /* ranks 2 and 9 of 10 */
            expect_near("lower", 2.1, bench->time_s.ci95[0], 1e-12);
            expect_near("upper", 2.8, bench->time_s.ci95[1], 1e-12);
            expect_near("median", 2.45, bench->time_s.value, 1e-12);
            expect_near("ratio", 1.0 / 280.0, bench->efficiency_ci95[0], 1e-12);
            expect_near("ratio", 1.0 / 210.0, bench->efficiency_ci95[1], 1e-12);
        }
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void scatter_is_counted_once_and_calibration_apart(void **state) {
    static const double scatter[CASE_REPS] = {1,  -1, 1,  -1, 1,
                                              -1, 1,  -1, 1,  -1};
    test_case one;
    double ratios[CASE_REPS];

    (void)state;
    case_open(&one, 1, CASE_REPS);
    for (size_t i = 0; i < CASE_REPS; i++) {
        case_set(&one, i, 2.0, 100.0, 200.0 + 10.0 * scatter[i]);
        ratios[i] = 100.0 / (200.0 + 10.0 * scatter[i]);
    }
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    const double spread = 0.5 * gb_t_quantile(0.95, 9.0) *
                          gb_stddev(ratios, 10) /
                          (gb_mean(ratios, 10) * sqrt(10.0));
    expect_near("u, spread larger than resolution",
                bench->efficiency * hypot(0.03, spread), bench->efficiency_u,
                1e-12);
    gb_result_fini(&result);

    for (size_t i = 0; i < CASE_REPS; i++)
        one.reduced.cases[0].reps[i].energy.budget.phase_j = 20.0;
    result = case_analyse(&one);
    expect_near("u, resolution larger than spread",
                result.benches[0].efficiency *
                    hypot(0.03, 20.0 * sqrt(10.0) / 2000.0),
                result.benches[0].efficiency_u, 1e-9);
    gb_result_fini(&result);
    case_close(&one);
}

static void windows_add_with_their_calibration_in_step(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    gb_result result = case_analyse(&one);
    const gb_energy_figure *energy = &result.benches[0].energy;
    expect_near("phase", 0.1 * sqrt(10.0), energy->budget.phase_j, 1e-12);
    expect_near("calibration", 60.0, energy->budget.calibration_j, 1e-9);
    expect_near("u", hypot(60.0, 0.1 * sqrt(10.0)), energy->u_j, 1e-9);
    assert_int_equal(energy->samples, 210);
    gb_result_fini(&result);
    case_close(&one);
}

static void net_energy_needs_an_idle_window(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    gb_result result = case_analyse(&one);
    assert_true(isnan(result.benches[0].net_j));
    assert_string_equal(result.benches[0].net_reason,
                        "idle power was not measured");
    gb_result_fini(&result);

    case_idle(&one, false, 30.0);
    result = case_analyse(&one);
    expect_near("before alone", 2000.0 - 30.0 * 20.1, result.benches[0].net_j,
                1e-9);
    gb_result_fini(&result);
    case_close(&one);
}

/* One meter: 3 % of gross less 3 % of idle is 3 % of net. */
static void net_energy_carries_drift_and_keeps_one_calibration(void **state) {
    test_case one;
    const double window_s = 20.1;

    (void)state;
    case_open(&one, 1, 10);
    case_idle(&one, false, 30.0);
    case_idle(&one, true, 34.0);
    gb_result result = case_analyse(&one);
    const double net_j = 2000.0 - 32.0 * window_s;
    expect_near("net", net_j, result.benches[0].net_j, 1e-9);
    const double idle_w = 0.1 / 5.0 / sqrt(2.0);
    expect_near("u",
                sqrt(0.01 * 10.0 + pow(window_s * idle_w, 2) +
                     pow(0.03 * net_j, 2) + pow(window_s * 4.0, 2) / 12.0),
                result.benches[0].net_u_j, 1e-9);
    gb_result_fini(&result);
    case_close(&one);
}

static void the_worst_quality_is_that_of_the_figure(void **state) {
    static const gb_quality qualities[] = {
        GB_QUALITY_MODELLED, GB_QUALITY_REPLAYED, GB_QUALITY_SIMULATED};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        test_case one;

        case_open(&one, 1, 10);
        one.reduced.cases[0].reps[9].energy.quality = qualities[i];
        gb_result result = case_analyse(&one);
        assert_int_equal(result.benches[0].energy.quality, qualities[i]);
        assert_true(result.energy_short);
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void measured_energy_is_not_short(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    gb_result result = case_analyse(&one);
    assert_false(result.energy_short);
    assert_int_equal(result.warning_count, 0);
    gb_result_fini(&result);
    case_close(&one);
}

static void nodes_are_shown_one_by_one(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 2, 10);
    one.reduced.cases[0].nodes[1].energy = gb_figure_none("no counter");
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    assert_int_equal(bench->node_count, 2);
    expect_near("energy", 1000.0, bench->nodes[0].energy_j, 1e-9);
    expect_near("power", 1000.0 / 20.1, bench->nodes[0].power_w, 1e-9);
    expect_near("performance", 25.0, bench->nodes[0].performance, 1e-9);
    assert_true(isnan(bench->nodes[1].energy_j));
    assert_true(isnan(bench->nodes[1].power_w));
    expect_near("performance", 25.0, bench->nodes[1].performance, 1e-9);
    gb_result_fini(&result);
    case_close(&one);
}

static void a_run_without_an_end_was_interrupted(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, 10);
    one.log.end = (gb_end_record){.status = GB_RUN_FAILED, .ended_utc_ns = 7};
    gb_result result = case_analyse(&one);
    assert_int_equal(result.status, GB_RUN_FAILED);
    assert_int_equal(result.ended_utc_ns, 7);
    gb_result_fini(&result);

    one.log.has_end = false;
    result = case_analyse(&one);
    assert_int_equal(result.status, GB_RUN_INTERRUPTED);
    assert_int_equal(result.ended_utc_ns, 0);
    assert_non_null(case_warning(&result, "run.cut"));
    gb_result_fini(&result);
    case_close(&one);
}

static void the_sampler_s_cost_is_that_of_the_busiest(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 2, 10);
    gb_result result = case_analyse(&one);
    assert_true(isnan(result.sampler_cpu_fraction));
    assert_true(isnan(result.sample_cost_s));
    gb_result_fini(&result);

    one.log.end.costs = calloc(2, sizeof(*one.log.end.costs));
    assert_non_null(one.log.end.costs);
    one.log.end.costs[0] =
        (gb_sampler_cost){.cpu_s = 0.01, .wall_s = 100.0, .reads = 1000};
    one.log.end.costs[1] =
        (gb_sampler_cost){.cpu_s = 0.03, .wall_s = 100.0, .reads = 1000};
    result = case_analyse(&one);
    expect_near("fraction", 3e-4, result.sampler_cpu_fraction, 1e-15);
    expect_near("cost", 2e-5, result.sample_cost_s, 1e-15);
    gb_result_fini(&result);
    case_close(&one);
}

/* 6 repetitions of the first launch, which found 30 W, and 4 of the second,
 * which found 50 W before and 54 W after. */
static void net_energy_is_over_the_idle_power_of_its_own_launch(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, CASE_REPS);
    case_launches(&one, 2);
    for (size_t i = 6; i < CASE_REPS; i++)
        one.reduced.cases[0].reps[i].launch = 1;
    case_launch_idle(&one, 0, false, 30.0);
    case_launch_idle(&one, 1, false, 50.0);
    case_launch_idle(&one, 1, true, 54.0);
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    expect_near("net", 2000.0 - 30.0 * 6 * 2.01 - 52.0 * 4 * 2.01, bench->net_j,
                1e-9);
    /* 3 % of all of it, being one meter; a half of 4 W of drift for the second
     * launch; and each window's 0.1 J of phase. */
    const double w0_s = 6 * 2.01, w1_s = 4 * 2.01;
    expect_near("u",
                sqrt(pow(0.03 * bench->net_j, 2) + 10 * 0.01 +
                     pow(w0_s * 0.02, 2) + pow(w1_s * 0.02, 2) / 2.0 +
                     pow(w1_s * 4.0, 2) / 12.0),
                bench->net_u_j, 1e-9);
    assert_int_equal(bench->launch_raw[5], 0);
    assert_int_equal(bench->launch_raw[6], 1);
    assert_int_equal(result.launch_count, 2);
    assert_int_equal(result.launches[0].repetitions, 6);
    assert_int_equal(result.launches[1].repetitions, 4);
    assert_int_equal(result.launches[1].session->launch, 2);
    expect_near("before", 30.0, result.idle_before.power_w, 0.0);
    expect_near("after", 54.0, result.idle_after.power_w, 0.0);
    gb_result_fini(&result);

    one.reduced.launches[0].idle_before.present = false;
    result = case_analyse(&one);
    assert_true(isnan(result.benches[0].net_j));
    gb_result_fini(&result);
    case_close(&one);
}

static void the_last_launch_says_how_the_run_ended(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, CASE_REPS);
    case_launches(&one, 2);
    one.log.has_end = false;
    one.log.next->end.ended_utc_ns = 77;
    gb_result result = case_analyse(&one);
    assert_int_equal(result.status, GB_RUN_COMPLETE);
    assert_int_equal(result.ended_utc_ns, 77);
    assert_int_equal(result.launches[0].status, GB_RUN_INTERRUPTED);
    assert_null(case_warning(&result, "run.cut"));
    gb_result_fini(&result);
    one.log.next->has_end = false;
    result = case_analyse(&one);
    assert_int_equal(result.status, GB_RUN_INTERRUPTED);
    assert_non_null(case_warning(&result, "run.cut"));
    gb_result_fini(&result);
    case_close(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invalid_trial_has_no_figures),
        cmocka_unit_test(what_had_finished_before_a_trial_hung_or_died_is_kept),
        cmocka_unit_test(a_trial_without_repetitions_is_not_valid),
        cmocka_unit_test(efficiency_is_withheld_with_the_reason),
        cmocka_unit_test(calibration_alone_does_not_withhold_efficiency),
        cmocka_unit_test(one_repetition_without_energy_leaves_none),
        cmocka_unit_test(efficiency_is_the_ratio_of_the_sums),
        cmocka_unit_test(intervals_are_of_exact_ranks_from_six_repetitions_on),
        cmocka_unit_test(scatter_is_counted_once_and_calibration_apart),
        cmocka_unit_test(windows_add_with_their_calibration_in_step),
        cmocka_unit_test(net_energy_needs_an_idle_window),
        cmocka_unit_test(net_energy_carries_drift_and_keeps_one_calibration),
        cmocka_unit_test(net_energy_is_over_the_idle_power_of_its_own_launch),
        cmocka_unit_test(the_last_launch_says_how_the_run_ended),
        cmocka_unit_test(the_worst_quality_is_that_of_the_figure),
        cmocka_unit_test(measured_energy_is_not_short),
        cmocka_unit_test(nodes_are_shown_one_by_one),
        cmocka_unit_test(a_run_without_an_end_was_interrupted),
        cmocka_unit_test(the_sampler_s_cost_is_that_of_the_busiest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
