/* SPDX-License-Identifier: Apache-2.0 */
/* Ratios of a data centre. Tests with a number in front are the vectors and
 * items of standards.md §11 that they hold to. */
#include <stdlib.h>

#include "base/text.h"
#include "claimed.h"
#include "pipeline/assess/parts.h"
#include "support/gb_test.h"

#define KWH  3.6e6
#define HOUR INT64_C(3600000000000)
#define DAY  (24 * HOUR)
/* 2026-01-01T00:00:00Z */
#define BEGIN (INT64_C(1767225600) * 1000000000)

enum { METERS = 9 };

/* Four hours of meters, and a run within them. */
typedef struct fixture {
    gb_facility facility;
    gb_facility_meter meters[METERS];
    gb_claim claim;
    gb_claims claims;
    gb_session session;
    gb_plan_case planned;
    gb_plan plan;
    gb_reduced_rep rep;
    gb_reduced_case one;
    gb_reduced reduced;
    gb_result result;
    gb_assess_run run;
    gb_assessment out;
} fixture;

/* Each hour @p kwh, bound @p accuracy. */
static gb_facility_meter *add_meter(fixture *f, gb_facility_quantity quantity,
                                    double value, double accuracy) {
    gb_facility_meter *meter = &f->meters[f->facility.meter_count++];

    *meter = (gb_facility_meter){.quantity = quantity,
                                 .row_count = 4,
                                 .columns = 1,
                                 .u_rel = accuracy / sqrt(3.0),
                                 .rows = calloc(4, sizeof(*meter->rows))};
    assert_non_null(meter->rows);
    gb_copy(meter->id, sizeof(meter->id), gb_facility_quantity_name(quantity));
    for (int i = 0; i < 4; i++)
        meter->rows[i] =
            (gb_facility_row){BEGIN + i * HOUR, BEGIN + (i + 1) * HOUR, value};
    return meter;
}

static int setup(void **state) {
    static fixture made;
    fixture *f = &made;

    *f = (fixture){0};
    f->facility.meters = f->meters;
    f->facility.category = 3;
    f->facility.rated_w = 2e6;
    f->facility.factor.kg_per_j = NAN;
    gb_copy(f->facility.name, sizeof(f->facility.name), "hall");
    gb_copy(f->facility.boundary, sizeof(f->facility.boundary), "b");
    claimed_make(GB_CLAIM_IPUE, GB_CLAIM_BELOW, 1.1, &f->claim, &f->claims);
    f->claim.category = 3;
    gb_copy(f->session.run_id, sizeof(f->session.run_id), "run");
    f->session.started_utc_ns = (uint64_t)BEGIN;
    f->planned = (gb_plan_case){.id = f->claim.id};
    f->plan = (gb_plan){.cases = &f->planned, .case_count = 1};
    claimed_before(&f->plan);
    /* From 00:30 to 03:30: two whole hours. */
    f->rep = (gb_reduced_rep){.valid = true,
                              .begin_utc_ns = (uint64_t)(BEGIN + HOUR / 2),
                              .time_s = 3.0 * 3600.0};
    f->one = (gb_reduced_case){.reps = &f->rep, .rep_count = 1};
    f->reduced = (gb_reduced){.cases = &f->one, .case_count = 1};
    f->result.session = &f->session;
    f->run = (gb_assess_run){"run", &f->plan, &f->reduced, &f->result, ""};
    *state = f;
    return 0;
}

static int teardown(void **state) {
    fixture *f = *state;

    gb_assessment_fini(&f->out);
    for (size_t i = 0; i < f->facility.meter_count; i++)
        free(f->meters[i].rows);
    return 0;
}

static const gb_claim_result *assess(fixture *f) {
    return claimed_assess(&f->claims, &f->run, 1, NULL,
                          &(gb_assess_site){.facility = &f->facility}, &f->out);
}

static void expect(fixture *f, gb_claim_verdict verdict,
                   gb_claim_reason reason) {
    claimed_expect(assess(f), verdict, reason);
}

static double value_of(fixture *f, gb_claim_metric metric) {
    f->claim.metric = metric;
    return assess(f)->estimate.value;
}

/* Facility 1080, IT 1000, reuse 300 kWh, and the weather. */
static void usual(fixture *f) {
    add_meter(f, GB_FACILITY_IT, 1000.0 * KWH, 0.01);
    add_meter(f, GB_FACILITY_FACILITY, 1080.0 * KWH, 0.01);
    add_meter(f, GB_FACILITY_REUSED_HEAT, 300.0 * KWH, 0.02);
    add_meter(f, GB_FACILITY_OUTDOOR, 12.0, 0.0);
}

static void t11_identities_of_reuse(void **state) {
    fixture *f = *state;

    usual(f);
    const double ipue = value_of(f, GB_CLAIM_IPUE);
    const double ierf = value_of(f, GB_CLAIM_IERF);
    const double iere = value_of(f, GB_CLAIM_IERE);
    GB_EXPECT_NEAR(1.080, ipue, 1e-12, "iPUE");
    GB_EXPECT_NEAR(0.2778, ierf, 5e-5, "iERF");
    GB_EXPECT_NEAR(0.780, iere, 1e-12, "iERE");
    GB_EXPECT_NEAR((1.0 - ierf) * ipue, iere, 1e-12, "identity");
}

static void t12_two_meters_of_one_percent(void **state) {
    fixture *f = *state;

    usual(f);
    for (int i = 0; i < 4; i++)
        f->meters[1].rows[i].value = 1090.0 * KWH;
    const gb_claim_result *found = assess(f);
    assert_int_equal(found->verdict, GB_CLAIM_INCONCLUSIVE);
    GB_EXPECT_NEAR(1.09 * sqrt(2.0) * 0.01 / sqrt(3.0), found->estimate.u,
                   1e-12, "u");
    /* The meter class that would decide it does. */
    assert_true(found->need.meter_rel > 0.0 && found->need.meter_rel < 0.01);
    const double u = found->need.meter_rel * 0.9999 / sqrt(3.0);
    f->meters[0].u_rel = f->meters[1].u_rel = u;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
}

/* 5 % on the overhead and on IT: u = 0.0033 at 1.08 (standards.md §9.3). */
static void the_overhead_is_taken_directly(void **state) {
    fixture *f = *state;

    usual(f);
    f->meters[0].u_rel = 0.05 / sqrt(3.0);
    f->meters[1].u_rel = 0.05 / sqrt(3.0);
    expect(f, GB_CLAIM_INCONCLUSIVE, GB_CLAIM_REASON_BAND);
    add_meter(f, GB_FACILITY_OVERHEAD, 80.0 * KWH, 0.05);
    const gb_claim_result *found = assess(f);
    GB_EXPECT_NEAR(0.08 * sqrt(2.0) * 0.05 / sqrt(3.0), found->estimate.u,
                   1e-12, "u");
    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
}

static void item_14_load_and_weather_stand_beside_it(void **state) {
    fixture *f = *state;

    usual(f);
    const gb_claim_result *found = assess(f);
    static const char *const said[] = {
        "2026-01-01T01:00:00Z to 2026-01-01T03:00:00Z", "7200 s in 2",
        "category 3", "IT load 50 %", "outdoor 12.0 degC"};
    for (size_t i = 0; i < GB_COUNT(said); i++)
        if (strstr(found->conditions, said[i]) == NULL)
            fail_msg("expected '%s' in '%s'", said[i], found->conditions);
    f->facility.meter_count = 3;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_CONTEXT);
    f->facility.meter_count = 4;
    f->facility.rated_w = NAN;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_CONTEXT);
}

static void item_15_meters_that_contradict(void **state) {
    fixture *f = *state;

    usual(f);
    for (int i = 0; i < 4; i++)
        f->meters[1].rows[i].value = 990.0 * KWH;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_IDENTITY);
    for (int i = 0; i < 4; i++)
        f->meters[1].rows[i].value = 1080.0 * KWH;
    /* Sub-meters against the main one: 1 % of 1080 is less than 50. */
    add_meter(f, GB_FACILITY_OVERHEAD, 130.0 * KWH, 0.01);
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_IDENTITY);
    add_meter(f, GB_FACILITY_COMPUTE, 1100.0 * KWH, 0.01);
    f->meters[4].quantity = GB_FACILITY_WATER;
    f->claim.metric = GB_CLAIM_ITUE;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_IDENTITY);
}

/* Air: 1000 W with 100 W of fans at 1.50; water: 900 W at 1.10 (§5.4). */
static void item_16_fans_that_move_out_of_the_node(void **state) {
    fixture *f = *state;

    add_meter(f, GB_FACILITY_IT, 1.0 * KWH, 0.01);
    add_meter(f, GB_FACILITY_FACILITY, 1.5 * KWH, 0.01);
    add_meter(f, GB_FACILITY_COMPUTE, 0.9 * KWH, 0.01);
    GB_EXPECT_NEAR(1.0 / 0.9, value_of(f, GB_CLAIM_ITUE), 1e-12, "ITUE");
    GB_EXPECT_NEAR(1.5 / 0.9, value_of(f, GB_CLAIM_INTERIM_TUE), 1e-12, "iTUE");
}

static void item_17_reuse_is_that_beyond_the_boundary(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.metric = GB_CLAIM_IERE;
    const gb_claim_result *found = assess(f);
    assert_true(strstr(found->conditions,
                       "by the Green Grid's definition: heat metered outside "
                       "the boundary") != NULL);
    /* The heat itself, in kWh, is in the budget. */
    bool named = false;
    for (size_t i = 0; i < found->estimate.term_count; i++)
        named = named ||
                (strcmp(found->estimate.terms[i].name, "reused_heat") == 0 &&
                 gb_starts_with(found->estimate.terms[i].how, "600 kWh"));
    assert_true(named);
    f->claim.metric = GB_CLAIM_IPUE;
    assert_true(strstr(assess(f)->conditions, "Green Grid") == NULL);
}

/* 43: a window is what it is, whatever the claim would like it to be. */
static void item_43_a_window_is_not_extrapolated(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.period_ns[0] = BEGIN;
    f->claim.period_ns[1] = BEGIN + 30 * DAY;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
    f->claim.period_ns[0] = BEGIN + 30 * DAY;
    f->claim.period_ns[1] = BEGIN + 60 * DAY;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NO_WINDOW);
}

static void the_others_have_their_units(void **state) {
    fixture *f = *state;

    usual(f);
    add_meter(f, GB_FACILITY_WATER, 1800.0, 0.02);
    add_meter(f, GB_FACILITY_RENEWABLE, 540.0 * KWH, 0.01);
    GB_EXPECT_NEAR(1.8, value_of(f, GB_CLAIM_IWUE), 1e-9, "iWUE");
    GB_EXPECT_TEXT("L/kWh", f->out.results[0].estimate.unit, "unit");
    GB_EXPECT_NEAR(0.5, value_of(f, GB_CLAIM_IREF), 1e-12, "iREF");
    f->claim.metric = GB_CLAIM_ICUE;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NOT_METERED);
    f->facility.factor.kg_per_j = 0.5306 / KWH;
    gb_copy(f->facility.factor.gas, sizeof(f->facility.factor.gas), "CO2");
    GB_EXPECT_NEAR(0.5306 * 1.08, value_of(f, GB_CLAIM_ICUE), 1e-12, "iCUE");
    GB_EXPECT_TEXT("kgCO2/kWh", f->out.results[0].estimate.unit, "unit");
}

/* CO2 is not CO2e: a limit in one is none for the other. */
static void item_38_gases_are_not_mixed(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.metric = GB_CLAIM_ICUE;
    f->facility.factor.kg_per_j = 0.5306 / KWH;
    gb_copy(f->facility.factor.gas, sizeof(f->facility.factor.gas), "CO2");
    gb_copy(f->claim.limit_unit, sizeof(f->claim.limit_unit), "kgCO2e/kWh");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNIT);
    gb_copy(f->claim.limit_unit, sizeof(f->claim.limit_unit), "kgCO2/kWh");
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
}

static void item_25_a_run_is_no_year(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.metric = GB_CLAIM_PUE;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_PERIOD);
    assert_true(strstr(f->out.results[0].detail, "iPUE") != NULL);
    f->claim.period_ns[0] = BEGIN;
    f->claim.period_ns[1] = BEGIN + 364 * DAY;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_PERIOD);
    /* A year of which the meters have four hours. */
    f->claim.period_ns[1] = BEGIN + 365 * DAY;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
    for (size_t i = 0; i < f->facility.meter_count; i++) {
        f->meters[i].row_count = 1;
        f->meters[i].rows[0].end_ns = BEGIN + 365 * DAY;
    }
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    GB_EXPECT_NEAR(1.08, f->out.results[0].estimate.value, 1e-12, "PUE");
}

/* The limit has to be fixed before the first sample: of the meters, too. */
static void item_44_a_period_begins_after_the_claims(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.period_ns[0] = BEGIN;
    f->claim.period_ns[1] = BEGIN + 2 * HOUR;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    f->session.started_utc_ns = (uint64_t)(BEGIN + 1);
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNREGISTERED);
}

static void item_27_categories_are_not_compared(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.category = 1;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_CATEGORY);
    f->claim.category = f->facility.category = 0;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_CATEGORY);
}

static void item_40_what_is_missing_is_not_0(void **state) {
    fixture *f = *state;

    usual(f);
    f->meters[0].rows[1].value = NAN;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
    f->facility.missing_max = 0.4;
    /* What one lacks is left out of all: the ratio stays. */
    GB_EXPECT_NEAR(1.08, assess(f)->estimate.value, 1e-12, "iPUE");
    assert_true(strstr(f->out.results[0].conditions, "33 % missing") != NULL);
}

static void item_29_undocumented_meters_decide_nothing(void **state) {
    fixture *f = *state;

    usual(f);
    f->meters[1].u_rel = f->meters[1].u_abs = NAN;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_UNDOCUMENTED);
}

static void what_is_missing_is_named(void **state) {
    fixture *f = *state;

    usual(f);
    f->claim.metric = GB_CLAIM_IWUE;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NOT_METERED);
    GB_EXPECT_TEXT("water", f->out.results[0].detail, "detail");
    f->claim.metric = GB_CLAIM_IPUE;
    f->rep.time_s = 600.0; /* within one hour of the meters */
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NO_WINDOW);
    const gb_claim_result *found = claimed_assess(
        &f->claims, &f->run, 1, NULL, &(gb_assess_site){0}, &f->out);
    assert_int_equal(found->reason, GB_CLAIM_REASON_NO_FACILITY);
}

/* Meters of 20 and of 30 minutes have every hour in common, and no half. */
static void intervals_of_several_lengths(void **state) {
    gb_facility_row twenty[12], thirty[8];
    gb_facility_meter a = {
        .quantity = GB_FACILITY_IT, .rows = twenty, .row_count = 12};
    gb_facility_meter b = {
        .quantity = GB_FACILITY_FACILITY, .rows = thirty, .row_count = 8};
    const gb_facility_meter *both[] = {&a, &b};
    gb_meter_totals sums = {0};
    (void)state;
    for (int i = 0; i < 12; i++)
        twenty[i] = (gb_facility_row){BEGIN + i * (HOUR / 3),
                                      BEGIN + (i + 1) * (HOUR / 3), 1.0};
    for (int i = 0; i < 8; i++)
        thirty[i] = (gb_facility_row){BEGIN + i * (HOUR / 2),
                                      BEGIN + (i + 1) * (HOUR / 2), 1.0};
    gb_meter_totals_add(both, 2, BEGIN + HOUR / 2, BEGIN + 4 * HOUR, &sums);
    GB_EXPECT_NEAR(9.0, sums.totals[GB_FACILITY_IT], 0.0, "of 20 minutes");
    GB_EXPECT_NEAR(6.0, sums.totals[GB_FACILITY_FACILITY], 0.0, "of 30");
    assert_int_equal(sums.segments, 3);
    GB_EXPECT_NEAR(3.0 * 3600.0, sums.kept_s, 0.0, "kept");
    GB_EXPECT_NEAR(0.0, sums.missing_s, 1e-9, "missing");
    /* A hole in one takes its hour out of both. */
    memmove(&twenty[4], &twenty[5], 7 * sizeof(twenty[0]));
    a.row_count = 11;
    sums = (gb_meter_totals){0};
    gb_meter_totals_add(both, 2, BEGIN, BEGIN + 4 * HOUR, &sums);
    GB_EXPECT_NEAR(9.0, sums.totals[GB_FACILITY_IT], 0.0, "with a hole");
    GB_EXPECT_NEAR(6.0, sums.totals[GB_FACILITY_FACILITY], 0.0, "with a hole");
    GB_EXPECT_NEAR(3600.0, sums.missing_s, 1e-9, "missing");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(t11_identities_of_reuse),
        CASE(t12_two_meters_of_one_percent),
        CASE(the_overhead_is_taken_directly),
        CASE(item_14_load_and_weather_stand_beside_it),
        CASE(item_15_meters_that_contradict),
        CASE(item_16_fans_that_move_out_of_the_node),
        CASE(item_17_reuse_is_that_beyond_the_boundary),
        CASE(item_43_a_window_is_not_extrapolated),
        CASE(the_others_have_their_units),
        CASE(item_38_gases_are_not_mixed),
        CASE(item_25_a_run_is_no_year),
        CASE(item_44_a_period_begins_after_the_claims),
        CASE(item_27_categories_are_not_compared),
        CASE(item_40_what_is_missing_is_not_0),
        CASE(item_29_undocumented_meters_decide_nothing),
        CASE(what_is_missing_is_named),
        cmocka_unit_test(intervals_of_several_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
