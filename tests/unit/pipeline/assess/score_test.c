/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of made runs. Items with a number are those of standards.md §11. */
#include <stdlib.h>

#include "base/text.h"
#include "metering/window.h"
#include "scored.h"
#include "support/gb_test.h"

/* --- the index ------------------------------------------------------------ */

typedef struct scored {
    gb_comparison comparison;
    gb_scores scores;
} scored;

static void score(const compared_run *run, const compared_run *base,
                  gb_weighting weighting, scored *out) {
    const gb_compare_input both[] = {base->input, run->input};
    const gb_compare_options options = {.alpha = 0.05,
                                        .metrics = GB_SCORE_COMPARED};
    const gb_assess_run runs[] = {claimed_run(run), claimed_run(base)};
    gb_error err = {.rank = -1};

    *out = (scored){0};
    GB_EXPECT_STATUS(GB_OK,
                     gb_compare(both, 2, &options, &out->comparison, &err),
                     "compare", err);
    const gb_score_reference reference = {.run = &runs[1],
                                          .comparison = &out->comparison,
                                          .records_sha256 = "5e"};
    GB_EXPECT_STATUS(
        GB_OK,
        gb_score_run(&runs[0], &reference, weighting, &out->scores, &err),
        "score", err);
}

static void scored_free(scored *out) {
    gb_scores_fini(&out->scores);
    gb_comparison_fini(&out->comparison);
}

/* Two benchmarks: work per joule twice and half again as much as the
 * reference's. */
static void two_by_two(compared_run *run, compared_run *base) {
    scored_make(base, "base", 2);
    scored_make(run, "run", 2);
    compared_run_fill(run, 0,
                      &(compared_values){.rate = 200.0, .power_w = 50.0},
                      &(uint64_t){1});
    compared_run_fill(run, 1,
                      &(compared_values){.rate = 150.0, .power_w = 50.0},
                      &(uint64_t){1});
    compared_run_sum(run);
}

static void report_13_each_component_and_both_means_are_there(void **state) {
    compared_run run, base;
    scored got;

    (void)state;
    two_by_two(&run, &base);
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    const gb_green_index *index = &got.scores.index;
    assert_int_equal(index->component_count, 2);
    GB_EXPECT_TEXT("5e", index->sha256, "hash of the reference");
    GB_EXPECT_TEXT("base", index->reference->run_id, "reference");
    GB_EXPECT_NEAR(2.0, index->components[0].reference, 1e-9, "reference");
    GB_EXPECT_NEAR(4.0, index->components[0].value, 1e-9, "run");
    GB_EXPECT_NEAR(2.0, index->components[0].ratio, 1e-9, "ratio");
    GB_EXPECT_NEAR(1.5, index->components[1].ratio, 1e-9, "ratio");
    GB_EXPECT_NEAR(1.75, index->arithmetic.value, 1e-9, "arithmetic");
    GB_EXPECT_NEAR(sqrt(3.0), index->geometric.value, 1e-9, "geometric");
    scored_free(&got);
    compared_run_free(&run);
    compared_run_free(&base);
}

/* By energy the index is the ratio of all joules for the same work. The run
 * needs 25 J and 100/3 J where the reference needs 50 J twice; in time 1/2 s
 * and 2/3 s; both draw 50 W. */
static void weights_are_those_of_the_same_work(void **state) {
    static const struct {
        gb_weighting weighting;
        double first, arithmetic;
    } cases[] = {
        {GB_WEIGHTING_EQUAL, 0.5, 1.75},
        {GB_WEIGHTING_TIME, 3.0 / 7.0, 12.0 / 7.0},
        {GB_WEIGHTING_ENERGY, 3.0 / 7.0, 100.0 / (25.0 + 100.0 / 3.0)},
        {GB_WEIGHTING_POWER, 0.5, 1.75},
    };
    compared_run run, base;

    (void)state;
    two_by_two(&run, &base);
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const char *label = gb_weighting_name(cases[i].weighting);
        scored got;
        score(&run, &base, cases[i].weighting, &got);
        const gb_green_index *index = &got.scores.index;
        GB_EXPECT_NEAR(cases[i].first, index->components[0].weight, 1e-9,
                       label);
        GB_EXPECT_NEAR(
            1.0, index->components[0].weight + index->components[1].weight,
            1e-12, label);
        GB_EXPECT_NEAR(cases[i].arithmetic, index->arithmetic.value, 1e-9,
                       label);
        scored_free(&got);
    }
    compared_run_free(&run);
    compared_run_free(&base);
}

/* Between runs of one power, time and energy weigh alike. */
static void each_weighting_is_of_its_own_quantity(void **state) {
    static const double first[GB_WEIGHTINGS] = {
        [GB_WEIGHTING_EQUAL] = 0.5,
        [GB_WEIGHTING_TIME] = 1.0 / 5.0,
        [GB_WEIGHTING_ENERGY] = 60.0 / 100.0,
        [GB_WEIGHTING_POWER] = 60.0 / 70.0,
    };

    (void)state;
    for (int w = 0; w < GB_WEIGHTINGS; w++) {
        gb_index_component both[] = {
            {.time_s = 1.0, .energy_j = 60.0, .power_w = 60.0},
            {.time_s = 4.0, .energy_j = 40.0, .power_w = 10.0}};
        gb_index_weigh((gb_weighting)w, both, 2);
        GB_EXPECT_NEAR(first[w], both[0].weight, 1e-12,
                       gb_weighting_name((gb_weighting)w));
        GB_EXPECT_NEAR(1.0 - first[w], both[1].weight, 1e-12,
                       gb_weighting_name((gb_weighting)w));
    }
}

static gb_index_component component(double ratio, double weight, double u_rel,
                                    double meters, double dof) {
    return (gb_index_component){.ratio = ratio,
                                .weight = weight,
                                .u_rel = u_rel,
                                .meters_u_rel = meters,
                                .dof = dof};
}

/* Work per joule of systems X and Y on two benchmarks: (2, 4) and (4, 2.5).
 * By reference (1, 4) X is at 1.5 and Y at 2.3; by (4, 1) X at 2.25 and Y at
 * 1.75. Geometric means are in one proportion by any reference. */
static void only_the_arithmetic_order_depends_on_the_reference(void **state) {
    static const double work[2][2] = {{2.0, 4.0}, {4.0, 2.5}};
    static const double references[2][2] = {{1.0, 4.0}, {4.0, 1.0}};
    gb_score sums[2][2], products[2][2];

    (void)state;
    for (int r = 0; r < 2; r++)
        for (int s = 0; s < 2; s++) {
            const gb_index_component both[] = {
                component(work[s][0] / references[r][0], 0.5, 0.0, 0.0, 9.0),
                component(work[s][1] / references[r][1], 0.5, 0.0, 0.0, 9.0)};
            gb_index_of(both, 2, &sums[r][s], &products[r][s]);
        }
    assert_true(sums[0][0].value < sums[0][1].value);
    assert_true(sums[1][0].value > sums[1][1].value);
    GB_EXPECT_NEAR(products[0][0].value / products[0][1].value,
                   products[1][0].value / products[1][1].value, 1e-12,
                   "geometric");
}

/* Scatter of 3 % and 4 % adds in quadrature, one meter's 2 % does not. */
static void one_meter_is_behind_all_components(void **state) {
    gb_index_component both[] = {
        component(1.0, 0.5, hypot(0.03, 0.02), 0.02, INFINITY),
        component(1.0, 0.5, hypot(0.04, 0.02), 0.02, INFINITY)};
    gb_score sum, product;

    (void)state;
    gb_index_of(both, 2, &sum, &product);
    const double u = hypot(0.5 * 0.05, 0.02);
    GB_EXPECT_NEAR(u, sum.u, 1e-12, "arithmetic");
    GB_EXPECT_NEAR(u, product.u, 1e-12, "geometric");
    GB_EXPECT_NEAR(exp(1.959964 * u), product.ci95[1], 1e-6, "interval");
    /* With 9 degrees of freedom each of equal scatter alone: 18. */
    both[0] = both[1] = component(1.0, 0.5, 0.03, 0.0, 9.0);
    gb_index_of(both, 2, &sum, &product);
    GB_EXPECT_NEAR(exp(2.100922 * 0.03 / sqrt(2.0)), product.ci95[1], 1e-6,
                   "18 degrees of freedom");
}

static void the_same_meter_cancels_between_the_runs(void **state) {
    compared_run run, base;
    scored got;

    (void)state;
    two_by_two(&run, &base);
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    GB_EXPECT_NEAR(0.0, got.scores.index.arithmetic.u, 1e-9, "one meter");
    GB_EXPECT_NEAR(SCORED_CALIBRATION * got.scores.products[0].edp_js.value,
                   got.scores.products[0].edp_js.u, 1e-6, "but not in EDP");
    scored_free(&got);
    compared_run_free(&run);
    compared_run_free(&base);
}

static void refuse_42_what_failed_is_not_left_out(void **state) {
    compared_run run, base;
    scored got;

    (void)state;
    scored_make(&base, "base", 3);
    scored_make(&run, "run", 3);
    run.result.benches[2].valid = false;
    gb_copy(run.result.benches[2].reason, sizeof(run.result.benches[2].reason),
            "wrong sum");
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    assert_int_equal(got.scores.index.component_count, 2);
    assert_true(isnan(got.scores.index.arithmetic.value));
    assert_non_null(strstr(got.scores.index.reason, "memory.b2 failed"));
    scored_free(&got);
    run.result.benches[2].valid = true;
    run.result.status = GB_RUN_INTERRUPTED;
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    assert_true(isnan(got.scores.index.geometric.value));
    assert_non_null(strstr(got.scores.index.reason, "did not run to its end"));
    scored_free(&got);
    compared_run_free(&run);
    compared_run_free(&base);
}

static void refuse_27_energy_of_other_parts_makes_no_index(void **state) {
    compared_run run, base;
    scored got;

    (void)state;
    scored_make(&base, "base", 2);
    scored_make(&run, "run", 2);
    run.domain.scope = GB_SCOPE_NODE_AC;
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    assert_true(isnan(got.scores.index.arithmetic.value));
    assert_non_null(strstr(got.scores.index.reason, "node at the wall"));
    scored_free(&got);
    run.domain.scope = GB_SCOPE_PACKAGE;
    run.result.benches[0].energy.flags = GB_FLAG(PARTIAL);
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    assert_true(isnan(got.scores.index.arithmetic.value));
    assert_non_null(strstr(
        scored_reason(&got.scores.index.left_out, "memory.b0"), "missing"));
    scored_free(&got);
    compared_run_free(&run);
    compared_run_free(&base);
}

static void all_that_is_left_out_is_named(void **state) {
    compared_run run, base;
    scored got;

    (void)state;
    scored_make(&base, "base", 5);
    scored_make(&run, "run", 5);
    scored_rename(&base, 2, "compute.clock");
    scored_rename(&run, 2, "compute.clock");
    scored_rename(&base, 3, "memory.old");
    scored_rename(&run, 3, "memory.new");
    scored_rename(&base, 4, "load");
    scored_rename(&run, 4, "load");
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    const gb_left_outs *outs = &got.scores.index.left_out;
    assert_int_equal(got.scores.index.component_count, 2);
    assert_int_equal(outs->count, 4);
    assert_non_null(strstr(scored_reason(outs, "compute.clock"), "cycles"));
    GB_EXPECT_TEXT("the run has it not", scored_reason(outs, "memory.old"),
                   "old");
    GB_EXPECT_TEXT("the reference has it not",
                   scored_reason(outs, "memory.new"), "new");
    assert_non_null(strstr(scored_reason(outs, "load"), "held down"));
    scored_free(&got);
    compared_run_free(&run);
    compared_run_free(&base);
}

static void one_benchmark_is_no_index(void **state) {
    compared_run run, base;
    scored got;

    (void)state;
    scored_make(&base, "base", 1);
    scored_make(&run, "run", 1);
    score(&run, &base, GB_WEIGHTING_EQUAL, &got);
    assert_true(isnan(got.scores.index.arithmetic.value));
    assert_non_null(strstr(got.scores.index.reason, "takes two"));
    scored_free(&got);
    compared_run_free(&run);
    compared_run_free(&base);
}

/* --- energy and delay ----------------------------------------------------- */

/* Work of 100 in 2 s at 50 W: 100 J, 200 J s, 400 J s2; the same when a
 * repetition did half of it. */
static void products_are_of_the_work_of_one_repetition(void **state) {
    compared_run run;
    gb_scores got;

    (void)state;
    scored_make(&run, "run", 1);
    for (size_t i = 0; i < run.reduced.cases[0].rep_count; i++) {
        gb_reduced_rep *rep = &run.reduced.cases[0].reps[i];
        rep->work = i % 2 == 0 ? 50.0 : 150.0;
        rep->time_s = 0.02 * rep->work;
        rep->energy.energy_j = 50.0 * rep->time_s;
        rep->energy.budget.calibration_j =
            SCORED_CALIBRATION * rep->energy.energy_j;
    }
    compared_run_sum(&run);
    scored_alone(&run, &got);
    assert_int_equal(got.product_count, 1);
    GB_EXPECT_NEAR(100.0, got.products[0].work, 1e-9, "work");
    GB_EXPECT_NEAR(200.0, got.products[0].edp_js.value, 1e-9, "EDP");
    GB_EXPECT_NEAR(400.0, got.products[0].ed2p_js2.value, 1e-9, "ED2P");
    assert_false(got.index.asked);
    gb_scores_fini(&got);
    compared_run_free(&run);
}

/* --- load ----------------------------------------------------------------- */

typedef struct level {
    double load, power_w;
} level;

/* Levels of `load`, then `idle`. */
static void make_load(compared_run *run, const level *levels, size_t count,
                      double idle_w) {
    scored_make(run, "run", count + 1);
    for (size_t c = 0; c <= count; c++) {
        const bool idle = c == count;
        const double power_w = idle ? idle_w : levels[c].power_w;
        gb_plan_case *planned = &run->plan.cases[c];
        compared_run_fill(run, c,
                          &(compared_values){.rate = 1.0, .power_w = power_w},
                          &(uint64_t){1});
        scored_rename(run, c, idle ? "idle" : "load");
        planned->no_work = idle;
        if (idle)
            continue;
        planned->params = calloc(1, sizeof(*planned->params));
        planned->param_count = 1;
        planned->params[0] = (gb_plan_param){.name = strdup("level"),
                                             .text = strdup("x"),
                                             .kind = GB_VALUE_F64,
                                             .f64 = 100.0 * levels[c].load};
    }
    compared_run_sum(run);
    for (size_t c = 0; c <= count; c++) {
        gb_bench_result *bench = &run->result.benches[c];
        bench->power_w = c == count ? idle_w : levels[c].power_w;
        bench->performance.median = c == count ? NAN : 10.0 * levels[c].load;
    }
    run->result.proportionality.idle_w = idle_w;
}

static const level constant[] = {{1.0, 80.0}, {0.5, 80.0}, {0.25, 80.0}};
static const level linear[] = {{1.0, 80.0}, {0.5, 40.0}, {0.25, 20.0}};
static const level typical[] = {{1.0, 100.0}, {0.5, 70.0}, {0.25, 60.0}};

/* Areas by hand: of `typical` with 50 W at rest 0.25 (0.5 + 0.6) / 2 +
 * 0.25 (0.6 + 0.7) / 2 + 0.5 (0.7 + 1) / 2 = 0.725, EP = 2 - 1.45. Its line
 * from 50 W to 100 W is at 75 W at half load: 70 W is 1/15 below, and 60 W
 * 1/25 below its 62.5 W. */
static void proportionality_is_1_of_a_line_and_0_of_a_constant(void **state) {
    static const struct {
        const char *label;
        const level *levels;
        double idle_w, ep, idle_share, deviation;
    } cases[] = {
        {"constant", constant, 80.0, 0.0, 1.0, 0.0},
        {"proportional", linear, 1e-9, 1.0, 0.0, 0.0},
        {"typical", typical, 50.0, 0.55, 0.5, -1.0 / 15.0},
    };

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        compared_run run;
        gb_scores got;
        make_load(&run, cases[i].levels, 3, cases[i].idle_w);
        scored_alone(&run, &got);
        GB_EXPECT_TEXT("", got.load.reason, cases[i].label);
        assert_int_equal(got.load.count, 4);
        GB_EXPECT_NEAR(cases[i].ep, got.load.proportionality.value, 1e-9,
                       cases[i].label);
        GB_EXPECT_NEAR(cases[i].idle_share, got.load.idle_share.value, 1e-9,
                       cases[i].label);
        GB_EXPECT_NEAR(1.0 - cases[i].idle_share, got.load.dynamic_range.value,
                       1e-9, cases[i].label);
        GB_EXPECT_NEAR(cases[i].deviation, got.load.deviation.value, 1e-9,
                       cases[i].label);
        /* All powers are by one meter, whose bias is a factor of all. */
        GB_EXPECT_NEAR(0.0, got.load.proportionality.u, 1e-9, cases[i].label);
        gb_scores_fini(&got);
        compared_run_free(&run);
    }
}

/* Neither load nor rest has an energy-delay product. */
static void a_run_of_load_alone_has_the_quality_of_its_energy(void **state) {
    compared_run run;
    gb_scores got;

    (void)state;
    make_load(&run, typical, 3, 50.0);
    scored_alone(&run, &got);
    assert_int_equal(got.product_count, 0);
    assert_int_equal(got.quality, GB_QUALITY_MEASURED);
    assert_int_equal(got.load.quality, GB_QUALITY_MEASURED);
    gb_scores_fini(&got);
    run.result.benches[3].energy.quality = GB_QUALITY_SIMULATED;
    scored_alone(&run, &got);
    assert_int_equal(got.quality, GB_QUALITY_SIMULATED);
    assert_int_equal(got.load.quality, GB_QUALITY_SIMULATED);
    gb_scores_fini(&got);
    for (size_t i = 0; i < run.result.bench_count; i++)
        run.result.benches[i].energy = gb_figure_none("no meter");
    scored_alone(&run, &got);
    assert_int_equal(got.quality, GB_QUALITY_UNAVAILABLE);
    gb_scores_fini(&got);
    compared_run_free(&run);
}

static void too_few_levels_make_no_proportionality(void **state) {
    static const level low[] = {{0.75, 90.0}, {0.5, 70.0}, {0.25, 60.0}};
    compared_run run;
    gb_scores got;

    (void)state;
    make_load(&run, typical, 2, 50.0);
    scored_alone(&run, &got);
    assert_true(isnan(got.load.proportionality.value));
    assert_non_null(strstr(got.load.reason, "three levels"));
    gb_scores_fini(&got);
    compared_run_free(&run);
    make_load(&run, low, 3, 50.0);
    scored_alone(&run, &got);
    assert_non_null(strstr(got.load.reason, "100 %"));
    gb_scores_fini(&got);
    compared_run_free(&run);
    make_load(&run, typical, 3, 50.0);
    run.result.benches[1].energy.quality = GB_QUALITY_MODELLED;
    scored_alone(&run, &got);
    assert_non_null(strstr(got.load.reason, "estimated"));
    assert_int_equal(got.load.count, 0);
    gb_scores_fini(&got);
    compared_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_13_each_component_and_both_means_are_there),
        cmocka_unit_test(weights_are_those_of_the_same_work),
        cmocka_unit_test(each_weighting_is_of_its_own_quantity),
        cmocka_unit_test(only_the_arithmetic_order_depends_on_the_reference),
        cmocka_unit_test(one_meter_is_behind_all_components),
        cmocka_unit_test(the_same_meter_cancels_between_the_runs),
        cmocka_unit_test(refuse_42_what_failed_is_not_left_out),
        cmocka_unit_test(refuse_27_energy_of_other_parts_makes_no_index),
        cmocka_unit_test(all_that_is_left_out_is_named),
        cmocka_unit_test(one_benchmark_is_no_index),
        cmocka_unit_test(products_are_of_the_work_of_one_repetition),
        cmocka_unit_test(proportionality_is_1_of_a_line_and_0_of_a_constant),
        cmocka_unit_test(a_run_of_load_alone_has_the_quality_of_its_energy),
        cmocka_unit_test(too_few_levels_make_no_proportionality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
