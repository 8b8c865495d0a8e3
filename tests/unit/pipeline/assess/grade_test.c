/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements against the EE HPC WG methodology. Tests with a T are the
 * vectors of standards.md §11.1, those with a number its items of §11. */
#include "base/text.h"
#include "pipeline/assess/grade.h"
#include "support/gb_test.h"

/* A metered PDU with 1 % energy registers at each of 64 nodes, everything
 * recorded: level 3 but for the subsystems. */
static gb_grade_facts good_facts(void) {
    return (gb_grade_facts){.point = GB_POINT_UPSTREAM,
                            .counter = true,
                            .update_s = 1.0,
                            .core_s = 600.0,
                            .readings = 599,
                            .interval_s = 1.0,
                            .uncovered_s = {1.0, 1.0},
                            .full_run = true,
                            .idle = true,
                            .nodes = 64,
                            .metered = 64,
                            .metered_w = 50000.0,
                            .least_share = 1.0,
                            .meters = 1,
                            .accuracy = 0.01,
                            .identical = true};
}

static gb_grades grade(const gb_grade_facts *facts) {
    gb_grades out;

    gb_grade(GB_METHODOLOGY_2_0, facts, &out);
    return out;
}

static void expect_level(const char *label, unsigned want, const gb_grades *got,
                         gb_aspect aspect) {
    if (got->aspects[aspect].level != want)
        fail_msg("%s: expected level %u, got %u: %s; %s", label, want,
                 got->aspects[aspect].level, got->aspects[aspect].reason,
                 got->aspects[aspect].missing);
}

/* --- CLAIX-2023 (RWTH), data/example-rwth-claix-2023 of the EE HPC WG -------
 */

static void T1_claix_gpu_is_33_804_and_never_39_864(void **state) {
    double got = 0.0;
    gb_error err = {.rank = -1};

    (void)state;
    GB_EXPECT_STATUS(
        GB_OK,
        gb_green_efficiency(5238.000e12, 256.0, 154952.640, 256.0, &got, &err),
        "core phase", err);
    GB_EXPECT_NEAR(33.804e9, got, 0.0005e9, "core phase");
    got = -1.0;
    GB_EXPECT_STATUS(
        GB_ERR_INVALID,
        gb_green_efficiency(5238.000e12, 256.0, 131398.054, 374.0, &got, &err),
        "full run", err);
    GB_EXPECT_NEAR(-1.0, got, 0.0, "full run");
}

static void T2_claix_cpu_is_4_632(void **state) {
    double got = 0.0;
    gb_error err = {.rank = -1};

    (void)state;
    GB_EXPECT_STATUS(GB_OK,
                     gb_green_efficiency(3133.420e12, 16324.0, 676445.479,
                                         16324.0, &got, &err),
                     "core phase", err);
    GB_EXPECT_NEAR(4.632e9, got, 0.0005e9, "core phase");
    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     gb_green_efficiency(3133.420e12, 16324.0, 675496.073,
                                         16379.0, &got, &err),
                     "full run", err);
}

/* --- numbers ---------------------------------------------------------------
 */

static void T3_several_meters_are_better_than_one(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.meters = 4;
    facts.accuracy = 0.02;
    GB_EXPECT_NEAR(0.01, gb_meters_accuracy(0.02, 4), 1e-15, "4 at 2 %");
    gb_grades got = grade(&facts);
    expect_level("4 at 2 %", 3, &got, GB_ASPECT_ACCURACY);
    facts.identical = false;
    got = grade(&facts);
    expect_level("of different shares", 2, &got, GB_ASPECT_ACCURACY);
    facts.identical = true;
    facts.accuracy = 0.04;
    got = grade(&facts);
    expect_level("4 at 4 %", 1, &got, GB_ASPECT_ACCURACY);
    facts.meters = 9;
    facts.accuracy = 0.03;
    got = grade(&facts);
    expect_level("9 at 3 %", 3, &got, GB_ASPECT_ACCURACY);
}

static void T5_a_short_or_sparse_core_phase_is_invalid(void **state) {
    static const struct {
        const char *label, *named;
        double core_s, interval_s;
        size_t readings;
    } cases[] = {
        {"59 s", "59 s", 59.0, 1.0, 59},
        {"9 readings", "not 9", 600.0, 50.0, 9},
        {"12 % apart", "12 %", 600.0, 72.0, 10},
    };

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        for (int m = 0; m < GB_METHODOLOGY_COUNT; m++) {
            gb_grade_facts facts = good_facts();
            gb_grades got;
            facts.core_s = cases[i].core_s;
            facts.interval_s = cases[i].interval_s;
            facts.readings = cases[i].readings;
            gb_grade((gb_methodology)m, &facts, &got);
            if (!got.invalid || got.level != 0 ||
                strstr(got.reason, cases[i].named) == NULL)
                fail_msg("%s, %s: expected INVALID, got level %u: %s",
                         cases[i].label, gb_methodology_name((gb_methodology)m),
                         got.level, got.reason);
        }
}

static void T6_level_3_covers_all_but_5_s_at_each_end(void **state) {
    (void)state;
    for (int end = 0; end < 2; end++) {
        gb_grade_facts facts = good_facts();
        gb_grades got = grade(&facts);
        expect_level("1 s", 3, &got, GB_ASPECT_TIMING);
        facts.uncovered_s[end] = 6.0;
        got = grade(&facts);
        expect_level("6 s", 2, &got, GB_ASPECT_TIMING);
    }
}

static void T7_14_of_200_nodes_are_too_few_for_level_1(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.nodes = 200;
    facts.metered = 14;
    facts.least_share = 14.0 / 200.0;
    facts.chosen_randomly = true;
    facts.metered_w = 18000.0;
    gb_grades got = grade(&facts);
    expect_level("18 kW", 0, &got, GB_ASPECT_FRACTION);
    facts.metered_w = 42000.0;
    got = grade(&facts);
    expect_level("42 kW", 1, &got, GB_ASPECT_FRACTION);
}

static void T8_sets_are_extrapolated_each_by_its_share(void **state) {
    const gb_node_set sets[] = {{"A", 8, 4, 1000.0}, {"B", 8, 2, 300.0}};
    const gb_node_set blind[] = {{"A", 8, 4, 1000.0}, {"B", 8, 0, 0.0}};

    (void)state;
    GB_EXPECT_NEAR(2.0 * 1000.0 + 4.0 * 300.0, gb_extrapolate_w(sets, 2), 1e-9,
                   "1/2 and 1/4");
    assert_true(isnan(gb_extrapolate_w(blind, 2)));
}

/* --- items of §11 ----------------------------------------------------------
 */

static void report_01_level_is_that_of_the_weakest_aspect(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.interconnect = true;
    gb_grades got = grade(&facts);
    assert_int_equal(got.level, 0);
    assert_int_equal(got.weakest, GB_ASPECT_SUBSYSTEMS);
    assert_non_null(strstr(got.reason, "interconnect"));
    gb_grade(GB_METHODOLOGY_1_2, &facts, &got);
    assert_int_equal(got.level, 1); /* compute nodes alone, then */
    for (int i = 0; i < GB_ASPECT_COUNT; i++) {
        const gb_aspect_grade *one = &got.aspects[i];
        assert_true(one->reason[0] != '\0');
        assert_true((one->missing[0] == '\0') == (one->level == 3));
    }
}

static void report_05_power_needs_a_documented_rate(void **state) {
    static const struct {
        const char *label;
        double update_s;
        unsigned level;
    } cases[] = {{"1 s", 1.0, 2}, {"5 s", 5.0, 0}, {"undocumented", 0.0, 0}};

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_grade_facts facts = good_facts();
        facts.counter = false;
        facts.update_s = cases[i].update_s;
        const gb_grades got = grade(&facts);
        expect_level(cases[i].label, cases[i].level, &got,
                     GB_ASPECT_GRANULARITY);
    }
}

static void report_03_level_2_needs_full_run_and_idle(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.idle = false;
    gb_grades got = grade(&facts);
    expect_level("no idle power", 1, &got, GB_ASPECT_VALUES);
    expect_level("no idle power", 3, &got, GB_ASPECT_TIMING);
    facts.full_run = false;
    got = grade(&facts);
    expect_level("no full run", 1, &got, GB_ASPECT_TIMING);
}

static void refuse_29_no_level_from_components_or_estimates(void **state) {
    static const struct {
        gb_point point;
        const char *label;
    } cases[] = {{GB_POINT_COMPONENT, "component-level"},
                 {GB_POINT_ESTIMATED, "estimated"},
                 {GB_POINT_FOREIGN, "not measured"},
                 {GB_POINT_DOWNSTREAM, ""},
                 {GB_POINT_NONE, ""}};

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        for (int m = 0; m < GB_METHODOLOGY_COUNT; m++) {
            gb_grade_facts facts = good_facts();
            gb_grades got;
            facts.point = cases[i].point;
            gb_grade((gb_methodology)m, &facts, &got);
            assert_int_equal(got.level, 0);
            GB_EXPECT_TEXT(cases[i].label, got.label, "label");
        }
}

static void refuse_29_no_level_from_undocumented_controllers(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.point = GB_POINT_CONTROLLER;
    facts.accuracy = NAN;
    gb_grades got = grade(&facts);
    assert_int_equal(got.level, 0);
    assert_int_equal(got.weakest, GB_ASPECT_ACCURACY);
    facts.accuracy = 0.02;
    got = grade(&facts);
    assert_int_equal(got.level, 1); /* and never more */
}

static void refuse_29_no_level_from_selected_nodes(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.metered = 32;
    facts.least_share = 0.5;
    gb_grades got = grade(&facts);
    expect_level("selected", 0, &got, GB_ASPECT_FRACTION);
    facts.chosen_randomly = true;
    got = grade(&facts);
    expect_level("at random", 2, &got, GB_ASPECT_FRACTION);
}

static void each_version_has_its_own_numbers(void **state) {
    gb_grade_facts facts = good_facts();
    gb_grades got;

    (void)state;
    facts.counter = false;
    facts.update_s = 0.0; /* 3.0 takes single readings at level 1 */
    gb_grade(GB_METHODOLOGY_3_0, &facts, &got);
    expect_level("3.0", 1, &got, GB_ASPECT_GRANULARITY);
    facts = good_facts();
    facts.core_s = 70.0; /* 1.2 leaves a tenth out at each end */
    gb_grade(GB_METHODOLOGY_1_2, &facts, &got);
    assert_true(got.invalid);
    facts = good_facts();
    facts.accuracy = 0.2; /* and has no number for it */
    gb_grade(GB_METHODOLOGY_1_2, &facts, &got);
    expect_level("1.2", 3, &got, GB_ASPECT_ACCURACY);
}

/* --- what a submitter states ------------------------------------------------
 */

static void report_08_stated_subsystems_fill_their_aspect(void **state) {
    static const struct {
        const char *label;
        gb_part interconnect, others;
        unsigned level;
    } cases[] = {
        {"nothing", GB_PART_UNKNOWN, GB_PART_UNKNOWN, 0},
        {"others alone", GB_PART_UNKNOWN, GB_PART_MEASURED, 0},
        {"interconnect", GB_PART_ESTIMATE, GB_PART_UNKNOWN, 1},
        {"estimates", GB_PART_ESTIMATE, GB_PART_ESTIMATE, 2},
        {"one estimate", GB_PART_MEASURED, GB_PART_ESTIMATE, 2},
        {"estimated interconnect", GB_PART_ESTIMATE, GB_PART_NOT_USED, 2},
        {"all measured", GB_PART_MEASURED, GB_PART_MEASURED, 3},
        {"no others", GB_PART_MEASURED, GB_PART_NOT_USED, 3},
    };

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_grade_facts facts = good_facts();
        facts.interconnect = true;
        facts.interconnect_by = cases[i].interconnect;
        facts.others = cases[i].others;
        const gb_grades got = grade(&facts);
        expect_level(cases[i].label, cases[i].level, &got,
                     GB_ASPECT_SUBSYSTEMS);
        /* All else is of level 3 here. */
        assert_int_equal(got.level, cases[i].level);
        const char *reason = got.aspects[GB_ASPECT_SUBSYSTEMS].reason;
        assert_int_equal(strstr(reason, "(stated)") != NULL,
                         cases[i].interconnect != GB_PART_UNKNOWN ||
                             cases[i].others != GB_PART_UNKNOWN);
    }
}

static void report_07_nodes_chosen_at_random_reach_their_level(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.metered = 16;
    facts.metered_w = 12500.0;
    facts.least_share = 0.25;
    gb_grades got = grade(&facts);
    expect_level("selected", 0, &got, GB_ASPECT_FRACTION);
    facts.chosen_randomly = true;
    got = grade(&facts);
    expect_level("random", 2, &got, GB_ASPECT_FRACTION);
    assert_non_null(strstr(got.aspects[GB_ASPECT_FRACTION].reason, "(stated)"));
}

static void refuse_42_a_part_of_the_system_reaches_no_level(void **state) {
    gb_grade_facts facts = good_facts();

    (void)state;
    facts.system_nodes = 64;
    gb_grades got = grade(&facts);
    expect_level("all", 3, &got, GB_ASPECT_FRACTION);
    facts.system_nodes = 65;
    got = grade(&facts);
    expect_level("64 of 65", 0, &got, GB_ASPECT_FRACTION);
}

static void a_stated_loss_does_for_its_level(void **state) {
    (void)state;
    for (unsigned loss = 0; loss <= 3; loss++) {
        gb_grade_facts facts = good_facts();
        facts.point = GB_POINT_DOWNSTREAM;
        facts.loss = (gb_conversion_loss)loss;
        gb_grades got = grade(&facts);
        expect_level("behind the supplies", loss, &got, GB_ASPECT_LOCATION);
        facts.point = GB_POINT_COMPONENT;
        got = grade(&facts);
        expect_level("components", 0, &got, GB_ASPECT_LOCATION);
    }
}

static void stated_subsystems_are_added_and_losses_undone(void **state) {
    gb_stated stated = {
        .parts = {{"interconnect", GB_PART_ESTIMATE, 600.0, "x"},
                  {"storage", GB_PART_MEASURED, 400.0, "y"}},
        .part_count = 2,
        .loss = GB_LOSS_DATA_SHEET,
        .supply_efficiency = 0.9};
    gb_grading got = {.stated = &stated,
                      .core_w = 9000.0,
                      .core_u_w = 90.0,
                      .performance = 22e12,
                      .facts = good_facts()};

    (void)state;
    gb_grade_stated_facts(&stated, &got.facts);
    gb_grade_submission(600.0, &got);
    GB_EXPECT_NEAR(10000.0, got.submission.power_w, 1e-9, "at the wall");
    GB_EXPECT_NEAR(2.2e9, got.submission.efficiency, 1.0, "efficiency");
    GB_EXPECT_NEAR(1.98e7, got.submission.efficiency_u, 1.0, "its u");
    got.facts.point = GB_POINT_DOWNSTREAM;
    gb_grade_submission(600.0, &got);
    GB_EXPECT_NEAR(11000.0, got.submission.power_w, 1e-9, "behind supplies");
    GB_EXPECT_NEAR(2.0e9, got.submission.efficiency, 1.0, "efficiency");
    gb_grade_submission(700.0, &got);
    assert_true(isnan(got.submission.efficiency));
    got.facts.system_nodes = 65;
    gb_grade_submission(600.0, &got);
    assert_true(isnan(got.submission.efficiency));
    assert_non_null(strstr(got.submission.reason, "a part of the system"));
    got.stated = NULL;
    gb_grade_submission(600.0, &got);
    assert_true(isnan(got.submission.power_w));
}

/* Packages and memory are not "all nodes", whatever is added to them. */
static void components_make_no_submission(void **state) {
    gb_stated stated = {.loss = GB_LOSS_DATA_SHEET, .supply_efficiency = 0.9};
    gb_grading got = {.stated = &stated,
                      .core_w = 9000.0,
                      .core_u_w = 90.0,
                      .performance = 22e12,
                      .facts = good_facts()};

    (void)state;
    got.facts.point = GB_POINT_COMPONENT;
    gb_grade_submission(600.0, &got);
    assert_true(isnan(got.submission.nodes_w));
    assert_true(isnan(got.submission.power_w));
    assert_true(isnan(got.submission.efficiency));
    assert_non_null(strstr(got.submission.reason, "parts of the nodes"));
}

/* 16 of 64 nodes with a spread of 2 %: lambda = 2.1314 * 0.02 / sqrt(16 * 63 /
 * 48); the rest of the nodes' uncertainty is the meters', 1 % as a bound. */
static void report_07_some_random_nodes_stand_for_all(void **state) {
    gb_stated stated = {.random = true};
    gb_grading got = {.stated = &stated,
                      .core_w = NAN,
                      .core_u_w = NAN,
                      .extrapolated_w = 50000.0,
                      .lambda = 0.009302,
                      .performance = 1e14,
                      .facts = good_facts()};

    (void)state;
    got.facts.metered = 16;
    gb_grade_submission(600.0, &got);
    assert_true(isnan(got.submission.efficiency));
    got.facts.chosen_randomly = true;
    gb_grade_submission(600.0, &got);
    GB_EXPECT_NEAR(50000.0, got.submission.power_w, 1e-9, "extrapolated");
    GB_EXPECT_NEAR(50000.0 * hypot(0.004651, 0.01 / sqrt(3.0)),
                   got.submission.nodes_u_w, 1e-6, "its uncertainty");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T1_claix_gpu_is_33_804_and_never_39_864),
        cmocka_unit_test(T2_claix_cpu_is_4_632),
        cmocka_unit_test(T3_several_meters_are_better_than_one),
        cmocka_unit_test(T5_a_short_or_sparse_core_phase_is_invalid),
        cmocka_unit_test(T6_level_3_covers_all_but_5_s_at_each_end),
        cmocka_unit_test(T7_14_of_200_nodes_are_too_few_for_level_1),
        cmocka_unit_test(T8_sets_are_extrapolated_each_by_its_share),
        cmocka_unit_test(report_01_level_is_that_of_the_weakest_aspect),
        cmocka_unit_test(report_03_level_2_needs_full_run_and_idle),
        cmocka_unit_test(report_05_power_needs_a_documented_rate),
        cmocka_unit_test(refuse_29_no_level_from_components_or_estimates),
        cmocka_unit_test(refuse_29_no_level_from_undocumented_controllers),
        cmocka_unit_test(refuse_29_no_level_from_selected_nodes),
        cmocka_unit_test(each_version_has_its_own_numbers),
        cmocka_unit_test(report_08_stated_subsystems_fill_their_aspect),
        cmocka_unit_test(report_07_nodes_chosen_at_random_reach_their_level),
        cmocka_unit_test(refuse_42_a_part_of_the_system_reaches_no_level),
        cmocka_unit_test(a_stated_loss_does_for_its_level),
        cmocka_unit_test(stated_subsystems_are_added_and_losses_undone),
        cmocka_unit_test(components_make_no_submission),
        cmocka_unit_test(report_07_some_random_nodes_stand_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
