/* SPDX-License-Identifier: Apache-2.0 */
/* Energy by intensity. Tests with a number in front are the vectors and items
 * of standards.md §11 that they hold to. */
#include "pipeline/assess/footprint.h"

#include <stdlib.h>

#include "base/text.h"
#include "support/gb_test.h"

#define KWH  3.6e6
#define HOUR INT64_C(3600000000000)
/* 2026-01-01T00:00:00Z */
#define BEGIN (INT64_C(1767225600) * 1000000000)

enum { ROWS = 4 };

/* An hour each, from BEGIN on. */
static gb_carbon_rate traced(gb_intensity_row *rows, const double *values) {
    for (int i = 0; i < ROWS; i++)
        rows[i] = (gb_intensity_row){BEGIN + i * HOUR, BEGIN + (i + 1) * HOUR,
                                     values[i], GB_INTENSITY_ACTUAL, 1};
    return (gb_carbon_rate){
        .present = true,
        .traced = true,
        .trace = {.rows = rows,
                  .row_count = ROWS,
                  .type = {GB_CARBON_CO2E, GB_CARBON_OF_AVERAGE,
                           GB_CARBON_LIFECYCLE}}};
}

static gb_carbon_rate factor_of(double g_per_kwh, double u_rel) {
    return (gb_carbon_rate){
        .present = true,
        .factor = {.g_per_kwh = g_per_kwh,
                   .u_rel = u_rel,
                   .type = {GB_CARBON_CO2E, GB_CARBON_OF_AVERAGE,
                            GB_CARBON_LIFECYCLE}}};
}

static void a_trace_is_integrated_by_time(void **state) {
    static const double values[ROWS] = {100.0, 300.0, 500.0, 700.0};
    gb_intensity_row rows[ROWS];
    const gb_carbon_rate rate = traced(rows, values);
    gb_charge charge = {0};
    gb_carbon_amount out;
    (void)state;

    rows[1].status = GB_INTENSITY_ESTIMATED;
    rows[2].status = GB_INTENSITY_FORECAST;
    /* A kWh in the second half of the first hour and the first quarter of the
     * second; then one within the third. */
    gb_charge_add(&charge, &rate, BEGIN + HOUR / 2, BEGIN + HOUR + HOUR / 4,
                  KWH);
    gb_charge_add(&charge, &rate, BEGIN + 2 * HOUR, BEGIN + 2 * HOUR + 60, KWH);
    gb_charge_finish(&charge, &rate, 0.0, 0.01, &out);
    const double first = (2.0 * 100.0 + 1.0 * 300.0) / 3.0;
    GB_EXPECT_NEAR(first + 500.0, out.g, 1e-6, "g");
    GB_EXPECT_NEAR((first + 500.0) / 2.0, out.g_per_kwh, 1e-6, "mean");
    GB_EXPECT_NEAR(0.01 * out.g, out.u_g, 1e-6, "of the energy alone");
    GB_EXPECT_NEAR(1.0 / 6.0, out.estimated, 1e-9, "estimated");
    GB_EXPECT_NEAR(0.5, out.forecast, 1e-9, "forecast");
    assert_true(isnan(out.factor_u_rel));
}

static void uncertainties_are_combined(void **state) {
    const gb_carbon_rate rate = factor_of(400.0, 0.04);
    gb_charge charge = {0};
    gb_carbon_amount out;
    (void)state;

    gb_charge_add(&charge, &rate, 0, 1, 2.0 * KWH);
    gb_charge_finish(&charge, &rate, 0.0, 0.03, &out);
    GB_EXPECT_NEAR(800.0, out.g, 1e-9, "g");
    GB_EXPECT_NEAR(800.0 * 0.05, out.u_g, 1e-9, "3 % and 4 %");
}

static void item_40_what_has_no_value_is_not_zero(void **state) {
    static const double values[ROWS] = {100.0, NAN, 300.0, 300.0};
    gb_intensity_row rows[ROWS];
    const gb_carbon_rate rate = traced(rows, values);
    gb_charge charge = {0};
    gb_carbon_amount out;
    (void)state;

    gb_charge_add(&charge, &rate, BEGIN, BEGIN + 4 * HOUR, 4.0 * KWH);
    gb_charge_finish(&charge, &rate, 0.2, 0.0, &out);
    assert_true(isnan(out.g));
    GB_EXPECT_TEXT("for 25 % of the energy the trace has no value, 20 % are "
                   "allowed",
                   out.reason, "refused");
    GB_EXPECT_NEAR(0.25, out.missing, 1e-9, "told");
    gb_charge_finish(&charge, &rate, 0.25, 0.0, &out);
    /* With the mean of the rest, and as uncertain as the trace is wide. */
    GB_EXPECT_NEAR(4.0 * 700.0 / 3.0, out.g, 1e-6, "filled");
    GB_EXPECT_NEAR(0.25 * 200.0 / (2.0 * sqrt(3.0)) / (700.0 / 3.0),
                   out.filled_u_rel, 1e-9, "u");
    /* Outside of the trace there is nothing either. */
    charge = (gb_charge){0};
    gb_charge_add(&charge, &rate, BEGIN - HOUR, BEGIN, KWH);
    gb_charge_finish(&charge, &rate, 1.0, 0.0, &out);
    assert_true(isnan(out.g));
}

static void t13_a_server_for_an_hour(void **state) {
    const gb_embodied embodied = {
        .lifetime_s = 4 * 365 * 86400.0, .share = 1.0, .kg = 1000.0};
    (void)state;

    GB_EXPECT_NEAR(28.54, gb_embodied_g(&embodied, 1000.0, 3600.0), 0.005, "M");
}

/* --- a whole run ---------------------------------------------------------- */

typedef struct fixture {
    gb_carbon_supply supply;
    gb_carbon_setting setting;
    gb_plan_case planned;
    gb_plan plan;
    gb_session session;
    gb_reduced_rep reps[2];
    gb_reduced_case one;
    gb_reduced reduced;
    gb_bench_result bench;
    gb_result result;
    gb_assess_run run;
    gb_footprint out;
} fixture;

static char id[] = "compute.hpl", unit[] = "flop";

/* Two solves of a kWh and an hour each, 1e15 flop together. */
static int setup(void **state) {
    static fixture made;
    fixture *f = &made;

    *f = (fixture){0};
    f->planned = (gb_plan_case){.id = id, .work_unit = unit, .one_shot = true};
    f->plan = (gb_plan){.cases = &f->planned, .case_count = 1};
    for (int i = 0; i < 2; i++)
        f->reps[i] =
            (gb_reduced_rep){.valid = true,
                             .window_s = 3600.0,
                             .begin_utc_ns = (uint64_t)(BEGIN + i * HOUR),
                             .energy = {.energy_j = KWH}};
    f->one = (gb_reduced_case){.reps = f->reps, .rep_count = 2};
    f->reduced = (gb_reduced){.cases = &f->one, .case_count = 1};
    f->bench =
        (gb_bench_result){.valid = true,
                          .work = 1e15,
                          .time_s = {.n = 2},
                          .counts = {.memory_bytes = 4e12},
                          .energy = {.energy_j = 2.0 * KWH, .u_j = 0.02 * KWH}};
    f->session.node_count = 2;
    gb_copy(f->session.run_id, sizeof(f->session.run_id), "r");
    f->result = (gb_result){
        .session = &f->session, .benches = &f->bench, .bench_count = 1};
    f->run = (gb_assess_run){.name = "r",
                             .plan = &f->plan,
                             .reduced = &f->reduced,
                             .result = &f->result,
                             .damage = ""};
    f->supply.rates[GB_CARBON_BY_LOCATION] = factor_of(400.0, NAN);
    gb_copy(f->supply.runs, sizeof(f->supply.runs), "*");
    f->setting = (gb_carbon_setting){
        .supplies = &f->supply,
        .supply_count = 1,
        .embodied = {.present = true,
                     .kg = 1000.0,
                     .low_kg = 800.0,
                     .high_kg = 1200.0,
                     .lifetime_s = 4 * 365 * 86400.0,
                     .share = 1.0},
        .sci = {.present = true, .per = GB_SCI_PER_SOLUTION, .overhead = 1.5}};
    *state = f;
    return 0;
}

static int teardown(void **state) {
    gb_footprint_fini(&((fixture *)*state)->out);
    return 0;
}

static const gb_carbon_run *make_footprint(fixture *f) {
    static const int64_t none[2] = {0, 0};
    gb_error err = {0};

    gb_footprint_fini(&f->out);
    GB_EXPECT_STATUS(
        GB_OK,
        gb_footprint_make(&f->setting, &f->run, 1, NULL, none, &f->out, &err),
        "make", err);
    return &f->out.runs[0];
}

static const gb_carbon_bench *make_bench(fixture *f) {
    const gb_carbon_run *run = make_footprint(f);

    assert_int_equal(run->bench_count, 1);
    return &run->benches[0];
}

static void grams_for_each_unit(void **state) {
    const gb_carbon_bench *bench = make_bench(*state);
    const gb_carbon_amount *amount = &bench->amounts[GB_CARBON_BY_LOCATION];
    GB_EXPECT_NEAR(800.0, amount->g, 1e-9, "g");
    GB_EXPECT_NEAR(8.0, amount->u_g, 1e-9, "1 % of the energy");
    assert_int_equal(bench->per_count, 3);
    GB_EXPECT_TEXT("Gflop", bench->pers[0].unit, "work");
    GB_EXPECT_NEAR(8e-4, amount->g / bench->pers[0].amount, 1e-12, "g/Gflop");
    GB_EXPECT_TEXT("solution", bench->pers[1].unit, "solution");
    GB_EXPECT_NEAR(400.0, amount->g / bench->pers[1].amount, 1e-9, "each");
    GB_EXPECT_TEXT("GB", bench->pers[2].unit, "memory");
    GB_EXPECT_NEAR(0.2, amount->g / bench->pers[2].amount, 1e-12, "g/GB");
}

static void sci_shows_its_parts(void **state) {
    const gb_carbon_bench *bench = make_bench(*state);
    const gb_sci *sci = &bench->sci;
    GB_EXPECT_NEAR(3.0, sci->energy_kwh, 1e-9, "E with overhead");
    GB_EXPECT_NEAR(400.0, sci->g_per_kwh, 1e-9, "I");
    GB_EXPECT_NEAR(1200.0, sci->operational_g, 1e-9, "O");
    const double m = 2.0 * 2.0 * 1e6 / (4 * 365 * 24.0);
    GB_EXPECT_NEAR(m, sci->embodied_g, 1e-6, "M of 2 nodes for 2 h");
    GB_EXPECT_NEAR(2.0, sci->amount, 1e-12, "R");
    GB_EXPECT_NEAR((1200.0 + m) / 2.0, sci->g_per_r, 1e-6, "(O + M) / R");
    const double spread = 0.4 * m / (2.0 * sqrt(3.0));
    GB_EXPECT_NEAR(hypot(12.0, spread) / 2.0, sci->u_g_per_r, 1e-6, "u");
}

static void item_38_co2_and_co2e_are_not_added_up(void **state) {
    fixture *f = *state;

    f->supply.rates[GB_CARBON_BY_LOCATION].factor.type.gas = GB_CARBON_CO2;
    const gb_carbon_bench *bench = make_bench(f);
    assert_true(isnan(bench->sci.g_per_r));
    assert_non_null(strstr(bench->sci.reason, "cannot be added up"));
}

static void times_that_are_not_told_have_no_intensity(void **state) {
    static const double values[ROWS] = {100.0, 200.0, 300.0, 400.0};
    gb_intensity_row rows[ROWS];
    fixture *f = *state;

    f->supply.rates[GB_CARBON_BY_LOCATION] = traced(rows, values);
    const gb_carbon_bench *bench = make_bench(f);
    GB_EXPECT_NEAR(300.0, bench->amounts[GB_CARBON_BY_LOCATION].g, 1e-9,
                   "an hour of each");
    f->reps[1].begin_utc_ns = 0;
    bench = make_bench(f);
    assert_true(isnan(bench->amounts[GB_CARBON_BY_LOCATION].g));
    assert_non_null(strstr(bench->amounts[GB_CARBON_BY_LOCATION].reason,
                           "do not tell when"));
    GB_EXPECT_NEAR(3.0, bench->sci.energy_kwh, 1e-9, "E is all of it");
}

static void item_40_an_sci_has_no_part_that_nobody_measured(void **state) {
    fixture *f = *state;

    f->setting.sci.basis = GB_CARBON_BY_MARGINAL;
    const gb_carbon_bench *bench = make_bench(f);
    GB_EXPECT_TEXT("there is no marginal intensity", bench->sci.reason, "I");
    assert_true(isnan(bench->sci.g_per_kwh));
    GB_EXPECT_NEAR(3.0, bench->sci.energy_kwh, 1e-9, "E stands without I");
    f->setting.sci.basis = GB_CARBON_BY_LOCATION;
    f->bench.energy.energy_j = f->bench.energy.u_j = NAN;
    for (int i = 0; i < 2; i++)
        f->reps[i].energy.energy_j = NAN;
    bench = make_bench(f);
    assert_true(isnan(bench->sci.energy_kwh));
    assert_true(isnan(bench->sci.g_per_r));
}

static void one_that_is_not_valid_says_why_it_has_no_figure(void **state) {
    static const char why[] = "its sum was wrong";
    fixture *f = *state;

    f->bench.valid = f->reps[0].valid = f->reps[1].valid = false;
    f->bench.work = NAN;
    f->bench.time_s.n = 0;
    f->bench.counts = (gb_work_counts){0};
    f->bench.energy = (gb_energy_figure){.energy_j = NAN, .u_j = NAN};
    gb_copy(f->bench.energy.reason, sizeof(f->bench.energy.reason), why);
    const gb_carbon_bench *bench = make_bench(f);
    assert_true(isnan(bench->amounts[GB_CARBON_BY_LOCATION].g));
    GB_EXPECT_TEXT(why, bench->amounts[GB_CARBON_BY_LOCATION].reason, "why");
    GB_EXPECT_TEXT(why, bench->sci.reason, "SCI");
}

static void all_that_it_counted_has_its_unit(void **state) {
    static char updates[] = "update";
    fixture *f = *state;

    f->planned.work_unit = updates;
    f->bench.counts.flops = 1e12;
    f->bench.counts.network_bytes = 2e12;
    const gb_carbon_bench *bench = make_bench(f);
    assert_int_equal(bench->per_count, 5);
    GB_EXPECT_TEXT("sent", bench->pers[4].what, "the last of them");
}

static void a_run_without_supply_has_no_figures(void **state) {
    fixture *f = *state;

    gb_copy(f->supply.runs, sizeof(f->supply.runs), "other-*");
    const gb_carbon_run *run = make_footprint(f);
    assert_int_equal(run->bench_count, 0);
    assert_null(run->supply);
}

/* --- a site --------------------------------------------------------------- */

static void a_site_is_charged_row_by_row(void **state) {
    static const double values[ROWS] = {100.0, 200.0, 300.0, 400.0};
    const int64_t all[2] = {0, 0};
    gb_intensity_row rows[ROWS];
    gb_facility_row it[ROWS], overhead[ROWS];
    gb_facility_meter meters[2] = {
        {.quantity = GB_FACILITY_IT, .rows = it, .row_count = ROWS},
        {.quantity = GB_FACILITY_OVERHEAD,
         .rows = overhead,
         .row_count = ROWS,
         .u_rel = 0.1}};
    const gb_facility facility = {.meters = meters, .meter_count = 2};
    fixture *f = *state;
    gb_error err = {0};

    for (int i = 0; i < ROWS; i++) {
        it[i] = (gb_facility_row){BEGIN + i * HOUR, BEGIN + (i + 1) * HOUR,
                                  10.0 * KWH};
        overhead[i] = (gb_facility_row){BEGIN + i * HOUR,
                                        BEGIN + (i + 1) * HOUR, 2.0 * KWH};
    }
    f->supply.rates[GB_CARBON_BY_LOCATION] = traced(rows, values);
    GB_EXPECT_STATUS(
        GB_OK,
        gb_footprint_make(&f->setting, NULL, 0, &facility, all, &f->out, &err),
        "make", err);
    const gb_carbon_amount *amount =
        &f->out.site.amounts[GB_CARBON_BY_LOCATION];
    GB_EXPECT_NEAR(12.0 * 1000.0, amount->g, 1e-6, "12 kWh each hour");
    GB_EXPECT_NEAR(8.0 * 0.1 / 48.0 * amount->g, amount->u_g, 1e-6, "overhead");
    GB_EXPECT_NEAR(40.0 * KWH, f->out.site.it_j, 1e-3, "IT");
    assert_false(f->out.site.annual);
    gb_footprint_fini(&f->out);
    it[2].value = NAN;
    GB_EXPECT_STATUS(
        GB_OK,
        gb_footprint_make(&f->setting, NULL, 0, &facility, all, &f->out, &err),
        "make", err);
    GB_EXPECT_TEXT("its meters lack 25 % of the period, 0 % are allowed",
                   f->out.site.reason, "item 40");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_is_integrated_by_time),
        cmocka_unit_test(uncertainties_are_combined),
        cmocka_unit_test(item_40_what_has_no_value_is_not_zero),
        cmocka_unit_test(t13_a_server_for_an_hour),
        CASE(grams_for_each_unit),
        CASE(sci_shows_its_parts),
        CASE(item_38_co2_and_co2e_are_not_added_up),
        CASE(times_that_are_not_told_have_no_intensity),
        CASE(item_40_an_sci_has_no_part_that_nobody_measured),
        CASE(one_that_is_not_valid_says_why_it_has_no_figure),
        CASE(all_that_it_counted_has_its_unit),
        CASE(a_run_without_supply_has_no_figures),
        CASE(a_site_is_charged_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
