/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/timeline.h"

#include <stdlib.h>

#include "made.h"
#include "support/gb_test.h"

#define POINTS 20000

static gb_timelines reduce(const made_run *run, const gb_timeline_wish *wish) {
    gb_timelines all = {0};
    gb_error err = {0};

    if (gb_reduce_timelines(&run->log, wish, &all, &err) != GB_OK)
        fail_msg("%s", err.what);
    return all;
}

static void one_case(made_run *run, size_t nodes, uint32_t repetitions) {
    made_open(run, nodes, MADE_RANKS);
    made_idle(run, false, 1000);
    made_trial(run, 0, GB_OK, "");
    for (uint32_t i = 0; i < repetitions; i++)
        made_rep(run, 0, i, 1000);
    made_idle(run, true, 1000);
}

/* Joules in a line: what is drawn is what was used, however it is cut. */
static double energy_j(const gb_timeline *line, const float *power_w) {
    double sum_w = 0.0;
    for (size_t k = 0; k < line->bucket_count; k++)
        sum_w += isnan(power_w[k]) ? 0.0 : (double)power_w[k];
    return sum_w * line->span_s / (double)line->bucket_count;
}

static void a_row_of_no_domain_is_refused(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    gb_timelines all = {.launches = 4711};
    gb_error err = {0};
    made_run run;

    (void)state;
    one_case(&run, 2, 1);
    run.log.samples[5].domain = MADE_DOMAINS;
    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     gb_reduce_timelines(&run.log, &wish, &all, &err), "domain",
                     err);
    assert_true(all.launches == 4711);
    made_close(&run);
}

static void a_run_without_samples_has_no_buckets(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    made_run run;

    (void)state;
    one_case(&run, 1, 1);
    run.log.sample_count = 0;
    gb_timelines all = reduce(&run, &wish);
    assert_true(all.count == 1);
    assert_true(all.list[0].bucket_count == 0);
    gb_timelines_fini(&all);
    made_close(&run);
}

static void power_over_time_is_that_of_each_node(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    made_run run;

    (void)state;
    one_case(&run, 2, 3);
    gb_timelines all = reduce(&run, &wish);
    const gb_timeline *line = &all.list[0];
    assert_true(line->node_count == 2);
    assert_true(line->shown_nodes == 2);
    for (size_t i = 0; i < line->series_count; i++) {
        const gb_power_series *series = &line->series[i];
        const size_t middle = line->bucket_count / 2;
        const double package_w = 100.0 * (series->node + 1);
        const bool package = series->domain == 0 || series->domain == 2;
        if (series->domain < 0)
            GB_EXPECT_NEAR(2.0 * package_w, (double)series->mean_w[middle],
                           0.02 * package_w, "node");
        else if (package)
            GB_EXPECT_NEAR(package_w, (double)series->mean_w[middle],
                           0.01 * package_w, "package");
        if (package)
            GB_EXPECT_NEAR(package_w * line->span_s,
                           energy_j(line, series->mean_w),
                           0.02 * package_w * line->span_s, "energy");
    }
    gb_timelines_fini(&all);
    made_close(&run);
}

static void the_sum_and_the_spread_are_those_of_all_nodes(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    made_run run;

    (void)state;
    one_case(&run, 3, 2);
    gb_timelines all = reduce(&run, &wish);
    const gb_timeline *line = &all.list[0];
    const size_t k = line->bucket_count / 2;
    GB_EXPECT_NEAR(1200.0, (double)line->total_w[k], 12.0, "sum");
    GB_EXPECT_NEAR(200.0, (double)line->quantiles_w[GB_TIMELINE_LEAST][k], 2.0,
                   "least");
    GB_EXPECT_NEAR(400.0, (double)line->quantiles_w[GB_TIMELINE_MEDIAN][k], 4.0,
                   "median");
    GB_EXPECT_NEAR(600.0, (double)line->quantiles_w[GB_TIMELINE_MOST][k], 6.0,
                   "most");
    gb_timelines_fini(&all);
    made_close(&run);
}

static void phases_lie_where_their_windows_were(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    made_run run;

    (void)state;
    one_case(&run, 2, 3);
    gb_timelines all = reduce(&run, &wish);
    const gb_timeline *line = &all.list[0];
    assert_true(line->phase_count == 5);
    for (size_t i = 0; i < line->phase_count; i++) {
        const gb_timeline_phase *phase = &line->phases[i];
        assert_true(phase->case_index == (i == 0 || i == 4 ? -1 : 0));
        assert_true(phase->begin_s >= 0.0 && phase->end_s <= line->span_s);
        GB_EXPECT_NEAR(1.0, phase->end_s - phase->begin_s, 1e-6, "window");
        if (i > 0)
            assert_true(phase->begin_s >= line->phases[i - 1].end_s);
    }
    gb_timelines_fini(&all);
    made_close(&run);
}

static void wanted_nodes_come_first(void **state) {
    static const uint32_t nodes[] = {2, 99};
    const gb_timeline_wish wish = {
        .nodes = nodes, .node_count = 2, .points = POINTS};
    made_run run;

    (void)state;
    one_case(&run, 3, 1);
    gb_timelines all = reduce(&run, &wish);
    assert_true(all.list[0].series[0].node == 2);
    assert_true(all.list[0].shown_nodes == 3);
    gb_timelines_fini(&all);
    made_close(&run);
}

static void a_counter_that_jumped_leaves_a_gap(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    made_run run;

    (void)state;
    one_case(&run, 1, 2);
    /* A reading that no power explains, far from the edges of its window. */
    gb_energy_reading *jumped = &made_row(&run, 0, 0, 5)->reading;
    jumped->ticks = (jumped->ticks + 500000000) % 1000000000;
    gb_timelines all = reduce(&run, &wish);
    const gb_timeline *line = &all.list[0];
    size_t holes = 0;
    for (size_t k = 1; k + 1 < line->bucket_count; k++)
        holes += isnan(line->series[0].mean_w[k]);
    assert_true(holes > 0);
    for (size_t k = 0; k < line->bucket_count; k++)
        assert_true(isnan(line->series[1].most_w[k]) ||
                    line->series[1].most_w[k] < 120.0f);
    gb_timelines_fini(&all);
    made_close(&run);
}

static void a_run_that_was_resumed_has_a_line_for_each_launch(void **state) {
    const gb_timeline_wish wish = {.points = POINTS};
    gb_run_log before;
    made_run run;

    (void)state;
    one_case(&run, 1, 1);
    made_resume(&run, &before);
    made_rep(&run, 0, 1, 1000);
    made_join(&run, &before);
    gb_timelines all = reduce(&run, &wish);
    assert_true(all.count == 2 && all.launches == 2);
    assert_true(all.list[1].launch == 2);
    assert_true(all.list[1].span_s < all.list[0].span_s);
    gb_timelines_fini(&all);
    made_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_no_domain_is_refused),
        cmocka_unit_test(a_run_without_samples_has_no_buckets),
        cmocka_unit_test(power_over_time_is_that_of_each_node),
        cmocka_unit_test(the_sum_and_the_spread_are_those_of_all_nodes),
        cmocka_unit_test(phases_lie_where_their_windows_were),
        cmocka_unit_test(wanted_nodes_come_first),
        cmocka_unit_test(a_counter_that_jumped_leaves_a_gap),
        cmocka_unit_test(a_run_that_was_resumed_has_a_line_for_each_launch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
