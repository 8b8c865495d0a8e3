/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/trend/trend.h"

#include "support/gb_test.h"

#define ALPHA    0.01
#define PACKAGES "measured: 2 packages"

enum { RUNS = 40, STEP = 25 };

static gb_history_point points[RUNS];
static gb_history_series series;
static gb_run_history history;
static gb_trends trends;

/* Two levels of each metric, with a scatter of 1 %. */
static void make(double after) {
    for (size_t i = 0; i < RUNS; i++) {
        const double level = (i < STEP ? 1.0 : after) *
                             (1.0 + 0.01 * ((double)(i * 7 % 11) - 5.0) / 5.0);
        points[i] =
            (gb_history_point){.run_id = "run",
                               .tool_version = "0.1.0",
                               .plugin_version = "1.0.0",
                               .meters = PACKAGES,
                               .started_utc_ns = i + 1,
                               .values = {[GB_TREND_PERFORMANCE] = 1e9 * level,
                                          [GB_TREND_POWER] = 200.0 * level,
                                          [GB_TREND_EFFICIENCY] = 5e6 * level}};
    }
    series = (gb_history_series){.benchmark = "memory.triad",
                                 .params = "",
                                 .system = "machine",
                                 .work_unit = "byte",
                                 .ranks = 2,
                                 .nodes = 1,
                                 .points = points,
                                 .point_count = RUNS};
    history = (gb_run_history){.series = &series, .series_count = 1};
}

static const gb_trend *find(uint32_t metrics, size_t expected) {
    gb_error err = {.rank = -1};
    gb_trends_fini(&trends);
    GB_EXPECT_STATUS(GB_OK,
                     gb_trend_find(&history, metrics, ALPHA, &trends, &err),
                     "find", err);
    assert_int_equal(trends.count, expected);
    return trends.list;
}

static void a_change_is_worse_by_the_direction_of_its_metric(void **state) {
    (void)state;
    make(0.9);
    const gb_trend *found =
        find((1u << GB_TREND_METRICS) - 1u, GB_TREND_METRICS);
    for (int m = 0; m < GB_TREND_METRICS; m++) {
        assert_int_equal(found[m].metric, m);
        assert_int_equal(found[m].change_count, 1);
        assert_int_equal(found[m].changes[0].at, STEP);
        GB_EXPECT_NEAR(-0.1, found[m].changes[0].relative, 0.005, "relative");
        assert_int_equal(found[m].changes[0].worse, m != GB_TREND_POWER);
        GB_EXPECT_NEAR(found[m].changes[0].after, found[m].median, 0.0,
                       "median");
    }
    assert_string_equal(found[GB_TREND_PERFORMANCE].unit, "byte/s");
    assert_string_equal(found[GB_TREND_POWER].unit, "W");
    assert_string_equal(found[GB_TREND_EFFICIENCY].unit, "byte/s/W");
}

static void a_level_series_has_no_change(void **state) {
    (void)state;
    make(1.0);
    const gb_trend *found = find(GB_TREND_BIT(GB_TREND_PERFORMANCE), 1);
    assert_int_equal(found->change_count, 0);
    GB_EXPECT_NEAR(1e9, found->median, 1e6, "median");
}

/* An estimate of before is not in one series with what is measured now. */
static void energy_of_another_kind_is_left_out(void **state) {
    (void)state;
    make(0.9);
    for (size_t i = 0; i < 10; i++)
        points[i].meters = "modelled: whole node";
    const gb_trend *found = find(GB_TREND_BIT(GB_TREND_PERFORMANCE) |
                                     GB_TREND_BIT(GB_TREND_EFFICIENCY),
                                 2);
    assert_int_equal(found[0].point_count, RUNS);
    assert_int_equal(found[0].left_out, 0);
    assert_int_equal(found[1].point_count, RUNS - 10);
    assert_int_equal(found[1].left_out, 10);
    assert_int_equal(found[1].changes[0].at, STEP - 10);
}

static void points_without_the_metric_are_none(void **state) {
    (void)state;
    make(1.0);
    for (size_t i = 0; i < RUNS; i++)
        points[i].values[GB_TREND_EFFICIENCY] = NAN;
    points[RUNS - 1].values[GB_TREND_PERFORMANCE] = NAN;
    const gb_trend *found = find(GB_TREND_BIT(GB_TREND_PERFORMANCE) |
                                     GB_TREND_BIT(GB_TREND_EFFICIENCY),
                                 1);
    assert_int_equal(found->point_count, RUNS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_worse_by_the_direction_of_its_metric),
        cmocka_unit_test(a_level_series_has_no_change),
        cmocka_unit_test(energy_of_another_kind_is_left_out),
        cmocka_unit_test(points_without_the_metric_are_none),
    };
    const int failed =
        cmocka_run_group_tests_name("pipeline/trend", tests, NULL, NULL);
    gb_trends_fini(&trends);
    return failed;
}
