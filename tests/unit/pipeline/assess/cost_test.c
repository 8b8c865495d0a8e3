/* SPDX-License-Identifier: Apache-2.0 */
/* Energy cost of runs and periods. Tests with a number in front are the vectors
 * and items of standards.md §11 that they hold to. */
#include <stdlib.h>

#include "base/text.h"
#include "claimed_pair.h"
#include "metering/window.h"
#include "support/gb_test.h"
#include "tariffs.h"

#define DAY   "1111111111111111111111111111111111111111111111111111111111111111"
#define NIGHT "2222222222222222222222222222222222222222222222222222222222222222"
#define MIN   INT64_C(60000000000)

static char base_name[] = "base";

/* By local time "base" began at 10:00 and "next" at 03:00; a kWh is 1.20 from
 * 08:00 to 22:00, else 0.40. */
typedef struct fixture {
    claimed_pair pair;
    gb_tariff tariffs[2];
    gb_facility halls[2];
    gb_facility_meter meters[2][4];
} fixture;

static void begin_at(compared_run *run, const char *begin) {
    gb_reduced_case *one = &run->reduced.cases[0];

    for (size_t i = 0; i < one->rep_count; i++)
        one->reps[i].begin_utc_ns =
            (uint64_t)(tariff_utc(begin) + (int64_t)i * MIN);
}

static int setup(void **state) {
    static fixture made;
    fixture *f = &made;

    *f = (fixture){0};
    claimed_pair_make(GB_CLAIM_COST, GB_CLAIM_AT_LEAST, 0.25, &f->pair);
    begin_at(&f->pair.base, "2026-05-04T02:00:00Z");
    begin_at(&f->pair.next, "2026-05-04T19:00:00Z");
    tariff_make(DAY, "CST-8", 1.20, 0.40, &f->tariffs[0]);
    tariff_make(NIGHT, "CST-8", 1.20, 1.20, &f->tariffs[1]);
    f->pair.site.tariffs = f->tariffs;
    f->pair.site.tariff_count = 2;
    f->pair.claim.form = GB_CLAIM_SAVING;
    f->pair.claim.baseline = base_name;
    f->pair.claim.pue_after = NAN;
    gb_copy(f->pair.claim.cost.tariff, sizeof(f->pair.claim.cost.tariff), DAY);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    fixture *f = *state;

    claimed_pair_free(&f->pair);
    for (int i = 0; i < 2; i++) {
        gb_tariff_fini(&f->tariffs[i]);
        for (size_t m = 0; m < f->halls[i].meter_count; m++)
            free(f->meters[i][m].rows);
    }
    return 0;
}

static const gb_claim_result *assess(fixture *f) {
    return claimed_pair_assess(&f->pair);
}

static void expect(fixture *f, gb_claim_verdict verdict,
                   gb_claim_reason reason) {
    claimed_expect(assess(f), verdict, reason);
}

/* --- cost of a run -------------------------------------------------------- */

static void cost_is_energy_times_price(void **state) {
    fixture *f = *state;

    f->pair.claim.form = GB_CLAIM_VALUE;
    f->pair.claim.baseline = NULL;
    f->pair.claim.metric = GB_CLAIM_COST_PER_WORK;
    f->pair.claim.relation = GB_CLAIM_AT_MOST;
    f->pair.claim.limit = 10.0;
    gb_copy(f->pair.claim.limit_unit, sizeof(f->pair.claim.limit_unit),
            "CNY/GB");
    const gb_claim_result *found = assess(f);
    GB_EXPECT_TEXT("CNY/byte", found->estimate.unit, "unit");
    GB_EXPECT_NEAR(8.0 / 110.0 * 0.40 / TARIFF_KWH_J, found->estimate.value,
                   1e-10, "cost");
    GB_EXPECT_NEAR(10.0 * 1e-9, found->limit, 1e-15, "limit");
    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    /* Its budget is that of the energy; within one price there is no more. */
    GB_EXPECT_NEAR(0.03, found->estimate.fixed / found->estimate.value, 1e-9,
                   "meters");
    GB_EXPECT_NEAR(80.0 * 0.40 / TARIFF_KWH_J, found->cost.total, 1e-6,
                   "total");
    /* What one solve costs is no figure of a calibrated call. */
    f->pair.claim.metric = GB_CLAIM_COST;
    gb_copy(f->pair.claim.limit_unit, sizeof(f->pair.claim.limit_unit), "CNY");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_NOT_SAME_WORK);
    f->pair.next.plan.cases[0].one_shot = true;
    f->pair.claim.limit = 1.0;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    GB_EXPECT_NEAR(8.0 * 0.40 / TARIFF_KWH_J,
                   f->pair.out.results[0].estimate.value, 1e-7, "one solve");
}

/* Repetitions that meet two prices cost something between both. */
static void a_change_of_prices_is_in_the_uncertainty(void **state) {
    fixture *f = *state;
    gb_reduced_case *one = &f->pair.next.reduced.cases[0];

    f->pair.claim.form = GB_CLAIM_VALUE;
    f->pair.claim.baseline = NULL;
    f->pair.claim.metric = GB_CLAIM_COST_PER_WORK;
    f->pair.claim.limit = 10.0;
    gb_copy(f->pair.claim.limit_unit, sizeof(f->pair.claim.limit_unit),
            "CNY/GB");
    const double before =
        assess(f)->estimate.u / f->pair.out.results[0].estimate.value;
    for (size_t i = 0; i < one->rep_count; i++)
        one->reps[i].begin_utc_ns =
            (uint64_t)(tariff_utc("2026-05-05T00:00:00Z") - 500000000);
    const gb_claim_result *found = assess(f);
    GB_EXPECT_NEAR(0.80, TARIFF_KWH_J * found->cost.run.per_j, 0.01,
                   "mean price");
    /* 0.4 of 0.8 on either side: u = 0.5 / sqrt(3). */
    GB_EXPECT_NEAR(hypot(before, 0.5 / sqrt(3.0)),
                   found->estimate.u / found->estimate.value, 0.01, "u");
    double square = 0.0;
    for (size_t i = 0; i < found->estimate.term_count; i++)
        square += pow(found->estimate.terms[i].u, 2.0);
    GB_EXPECT_NEAR(1.0, sqrt(square) / found->estimate.u, 1e-9, "budget");
}

/* --- savings -------------------------------------------------------------- */

/* At the same prices what is saved of cost is saved of energy: 27.3 %. */
static void prices_are_the_same_unless_the_claim_says_so(void **state) {
    fixture *f = *state;
    const gb_claim_result *found = assess(f);

    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    GB_EXPECT_NEAR(1.0 - 8.0 / 110.0 * 10.0, found->estimate.value, 0.01,
                   "saving");
    GB_EXPECT_NEAR(found->estimate.value, found->cost.equal_prices, 1e-12,
                   "at equal prices");
    GB_EXPECT_NEAR(0.40, TARIFF_KWH_J * found->cost.baseline.per_j, 1e-12,
                   "baseline");
    GB_EXPECT_NEAR(0.0, found->estimate.fixed, 1e-9, "meters cancel");
    assert_false(found->cost.by_prices);
    GB_EXPECT_TEXT("CNY", found->estimate.side_unit, "unit");
    f->pair.claim.limit = 0.40;
    expect(f, GB_CLAIM_REFUTED, GB_CLAIM_REASON_NONE);
}

/* 40 % and more of cost are saved by running at night, not by the machine. */
static void a_saving_by_prices_alone_is_called_so(void **state) {
    fixture *f = *state;

    f->pair.claim.cost.own_prices = true;
    f->pair.claim.limit = 0.40;
    const gb_claim_result *found = assess(f);
    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    GB_EXPECT_NEAR(1.0 - 8.0 / 110.0 * 10.0 / 3.0, found->estimate.value, 0.01,
                   "saving");
    GB_EXPECT_NEAR(1.0 - 8.0 / 110.0 * 10.0, found->cost.equal_prices, 0.01,
                   "at equal prices");
    assert_true(found->cost.by_prices);
    /* What holds at equal prices too is not. */
    f->pair.claim.limit = 0.20;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    assert_false(f->pair.out.results[0].cost.by_prices);
    /* Nor is what was not saved: dear at night for the run, and by day. */
    gb_copy(f->pair.claim.cost.tariff, sizeof(f->pair.claim.cost.tariff),
            NIGHT);
    gb_copy(f->pair.claim.cost.baseline_tariff,
            sizeof(f->pair.claim.cost.baseline_tariff), DAY);
    f->pair.claim.limit = 0.40;
    expect(f, GB_CLAIM_REFUTED, GB_CLAIM_REASON_NONE);
}

static void item_34_there_is_no_cost_without_its_tariff(void **state) {
    fixture *f = *state;

    f->pair.site.tariff_count = 0;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NO_TARIFF);
    /* Another file than was fixed with the claim (item 44). */
    f->pair.site.tariff_count = 2;
    f->pair.claim.cost.tariff[0] = '0';
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NO_TARIFF);
}

static void prices_that_do_not_hold_are_refused(void **state) {
    fixture *f = *state;

    f->tariffs[0].valid_ns[1] = tariff_utc("2026-05-04T19:05:00Z");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_TARIFF);
    f->tariffs[0].valid_ns[1] = tariff_utc("2027-01-01T00:00:00Z");
    f->pair.claim.cost.own_prices = true;
    gb_copy(f->pair.claim.cost.baseline_tariff,
            sizeof(f->pair.claim.cost.baseline_tariff), NIGHT);
    gb_copy(f->tariffs[1].currency, sizeof(f->tariffs[1].currency), "EUR");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_TARIFF);
    assert_true(strstr(f->pair.out.results[0].detail,
                       "no currency is converted") != NULL);
    f->pair.claim.cost.own_prices = false;
    f->tariffs[0].prices[0].per_j = 0.0;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_TARIFF);
    f->pair.claim.form = GB_CLAIM_VALUE;
    f->pair.claim.baseline = NULL;
    f->tariffs[0].prices[0].per_j = 0.4 / TARIFF_KWH_J;
    f->pair.claim.metric = GB_CLAIM_COST_PER_WORK;
    gb_copy(f->pair.claim.limit_unit, sizeof(f->pair.claim.limit_unit),
            "EUR/GB");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNIT);
}

/* --- overhead ------------------------------------------------------------- */

static void add_meter(fixture *f, int hall, gb_facility_quantity quantity,
                      double kwh, const char *begin, size_t hours) {
    gb_facility *facility = &f->halls[hall];
    gb_facility_meter *meter = &f->meters[hall][facility->meter_count++];

    *meter =
        (gb_facility_meter){.quantity = quantity,
                            .row_count = 60 * hours,
                            .columns = 1,
                            .u_rel = 0.01,
                            .rows = calloc(60 * hours, sizeof(*meter->rows))};
    assert_non_null(meter->rows);
    gb_copy(meter->id, sizeof(meter->id), gb_facility_quantity_name(quantity));
    for (size_t i = 0; i < meter->row_count; i++) {
        const int64_t from = tariff_utc(begin) + (int64_t)i * MIN;
        meter->rows[i] = (gb_facility_row){
            from, from + MIN,
            quantity == GB_FACILITY_OUTDOOR ? kwh : kwh * TARIFF_KWH_J};
    }
}

/* A hall whose facility takes @p ratio of what IT takes. */
static void make_hall(fixture *f, int hall, double ratio, const char *begin,
                      size_t hours) {
    gb_facility *facility = &f->halls[hall];

    *facility = (gb_facility){.category = 3,
                              .rated_w = 1e6,
                              .meters = f->meters[hall],
                              .factor.kg_per_j = NAN};
    gb_copy(facility->name, sizeof(facility->name), "hall");
    gb_copy(facility->boundary, sizeof(facility->boundary), "all");
    add_meter(f, hall, GB_FACILITY_IT, 1.0, begin, hours);
    add_meter(f, hall, GB_FACILITY_FACILITY, ratio, begin, hours);
    add_meter(f, hall, GB_FACILITY_OUTDOOR, 12.0, begin, hours);
}

/* Twice the PUE before: 8 / 110 * 10 * 1.1 / 1.65 is left. */
static void overhead_is_metered_or_left_out(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-04T19:00:00Z", 1);
    make_hall(f, 1, 1.65, "2026-05-04T02:00:00Z", 1);
    f->pair.site.facility = &f->halls[0];
    f->pair.site.baseline_facility = &f->halls[1];
    const double without = assess(f)->estimate.value;
    assert_true(isnan(f->pair.out.results[0].cost.run.overhead));
    f->pair.claim.cost.overhead = true;
    f->pair.claim.boundary = GB_CLAIM_NODE_AC;
    f->pair.base.domain.scope = f->pair.next.domain.scope = GB_SCOPE_NODE_AC;
    f->pair.claim.limit = 0.40;
    const gb_claim_result *found = assess(f);
    GB_EXPECT_TEXT("iPUE", found->cost.run.overhead_metric, "metric");
    GB_EXPECT_NEAR(1.0 - (1.0 - without) * 1.10 / 1.65, found->estimate.value,
                   1e-9, "saving");
    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    /* Two quotients of independent meters of 1 %. */
    GB_EXPECT_NEAR((1.0 - found->estimate.value) * 0.02, found->estimate.fixed,
                   1e-6, "meters");
    /* Where all of it has meters behind both sides, most of that cancels. */
    f->pair.site.baseline_facility = NULL;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NO_WINDOW);
    for (size_t m = 0; m < 3; m++)
        free(f->meters[0][m].rows);
    make_hall(f, 0, 1.10, "2026-05-04T02:00:00Z", 18);
    found = assess(f);
    GB_EXPECT_NEAR(without, found->estimate.value, 1e-9, "one ratio");
    GB_EXPECT_NEAR(0.0, found->estimate.fixed, 1e-9, "cancels");
}

static void item_27_halls_that_differ_are_not_compared(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-04T19:00:00Z", 1);
    make_hall(f, 1, 1.65, "2026-05-04T02:00:00Z", 1);
    f->pair.site.facility = &f->halls[0];
    f->pair.site.baseline_facility = &f->halls[1];
    f->pair.claim.cost.overhead = true;
    f->pair.claim.boundary = GB_CLAIM_NODE_AC;
    f->pair.base.domain.scope = f->pair.next.domain.scope = GB_SCOPE_NODE_AC;
    gb_copy(f->halls[1].boundary, sizeof(f->halls[1].boundary), "less");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_NOT_COMPARABLE);
    f->halls[1].category = 2;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_CATEGORY);
}

/* A PUE on top of what component counters read would lose the fans. */
static void item_16_components_take_tue(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-04T19:00:00Z", 1);
    f->pair.site.facility = &f->halls[0];
    f->pair.claim.cost.overhead = true;
    f->pair.claim.form = GB_CLAIM_VALUE;
    f->pair.claim.metric = GB_CLAIM_COST_PER_WORK;
    f->pair.claim.baseline = NULL;
    gb_copy(f->pair.claim.limit_unit, sizeof(f->pair.claim.limit_unit),
            "CNY/GB");
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NOT_METERED);
    add_meter(f, 0, GB_FACILITY_COMPUTE, 0.8, "2026-05-04T19:00:00Z", 1);
    const gb_claim_result *found = assess(f);
    GB_EXPECT_TEXT("iTUE", found->cost.run.overhead_metric, "metric");
    GB_EXPECT_NEAR(1.10 / 0.8, found->cost.run.overhead, 1e-9, "iTUE");
}

/* --- periods -------------------------------------------------------------- */

static void claim_period(fixture *f, const char *from, const char *to) {
    f->pair.claim.metric = GB_CLAIM_PERIOD_COST;
    f->pair.claim.form = GB_CLAIM_VALUE;
    f->pair.claim.relation = GB_CLAIM_BELOW;
    f->pair.claim.baseline = NULL;
    f->pair.claim.limit = 1e6;
    gb_copy(f->pair.claim.limit_unit, sizeof(f->pair.claim.limit_unit), "CNY");
    f->pair.claim.period_ns[0] = tariff_utc(from);
    f->pair.claim.period_ns[1] = tariff_utc(to);
    f->pair.site.facility = &f->halls[0];
}

/* A day at 1.1 kWh a minute: 14 hours are dear. */
static void a_period_is_the_sum_of_its_intervals(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-31T16:00:00Z", 24);
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-01T16:00:00Z");
    const gb_claim_result *found = assess(f);
    const double energy = 66.0 * (14 * 1.2 + 10 * 0.4);
    GB_EXPECT_NEAR(energy, found->estimate.value, 1e-6, "cost");
    GB_EXPECT_NEAR(0.01 * energy, found->estimate.u, 1e-6, "u");
    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    /* A range costs its watts over all hours, by their prices. */
    f->meters[0][1].u_rel = 0.0;
    f->meters[0][1].u_abs = 1000.0;
    GB_EXPECT_NEAR(14 * 1.2 + 10 * 0.4, assess(f)->estimate.u, 1e-6, "range");
}

/* 43: what no meter has seen is not paid for by a guess. */
static void item_43_a_period_is_not_extrapolated(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-31T16:00:00Z", 24);
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-30T16:00:00Z");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
    claim_period(f, "2026-05-31T15:00:00Z", "2026-06-01T16:00:00Z");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-01T16:00:00Z");
    f->halls[0].missing_max = 0.5; /* of a ratio, not of a sum */
    f->meters[0][1].rows[77].value = NAN;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
}

static void item_40_a_hole_costs_no_zero(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-31T16:00:00Z", 24);
    memmove(&f->meters[0][1].rows[100], &f->meters[0][1].rows[110],
            1000 * sizeof(gb_facility_row));
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-01T16:00:00Z");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_GAPS);
    assert_true(strstr(f->pair.out.results[0].detail, "2026-05-31T17:40:00Z") !=
                NULL);
}

/* June in China, 66 kW but for a quarter of an hour at 132. */
static void a_demand_charge_is_that_of_the_peak(void **state) {
    fixture *f = *state;
    gb_facility_row *rows;

    make_hall(f, 0, 1.10, "2026-05-31T16:00:00Z", 30 * 24);
    f->tariffs[0].demand_per_w = 0.04;
    f->tariffs[0].demand_interval_ns = 15 * MIN;
    rows = f->meters[0][1].rows;
    for (int i = 0; i < 15; i++)
        rows[3000 + i].value *= 2.0; /* a whole interval from 50:00 on */
    for (int i = 0; i < 6; i++)
        rows[8000 + i].value *= 3.0; /* higher, and shorter than one */
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-30T16:00:00Z");
    const gb_claim_result *found = assess(f);
    GB_EXPECT_NEAR(132e3 * 0.04, found->cost.demand, 1e-6, "demand");
    assert_true(found->estimate.value > found->cost.demand);
    /* Half a month has no peak that is billed. */
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-29T16:00:00Z");
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_DEMAND);
    /* Rows that do not show a quarter of an hour. */
    f->tariffs[0].demand_interval_ns = 15 * MIN + MIN / 2;
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-30T16:00:00Z");
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_DEMAND);
}

static void item_44_a_period_begins_after_the_claims(void **state) {
    fixture *f = *state;

    make_hall(f, 0, 1.10, "2026-05-31T16:00:00Z", 24);
    claim_period(f, "2026-05-31T16:00:00Z", "2026-06-01T16:00:00Z");
    f->pair.next.session.started_utc_ns =
        (uint64_t)tariff_utc("2026-05-31T17:00:00Z");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNREGISTERED);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(cost_is_energy_times_price),
        CASE(a_change_of_prices_is_in_the_uncertainty),
        CASE(prices_are_the_same_unless_the_claim_says_so),
        CASE(a_saving_by_prices_alone_is_called_so),
        CASE(item_34_there_is_no_cost_without_its_tariff),
        CASE(prices_that_do_not_hold_are_refused),
        CASE(overhead_is_metered_or_left_out),
        CASE(item_27_halls_that_differ_are_not_compared),
        CASE(item_16_components_take_tue),
        CASE(a_period_is_the_sum_of_its_intervals),
        CASE(item_43_a_period_is_not_extrapolated),
        CASE(item_40_a_hole_costs_no_zero),
        CASE(a_demand_charge_is_that_of_the_peak),
        CASE(item_44_a_period_begins_after_the_claims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
