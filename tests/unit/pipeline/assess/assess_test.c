/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on runs in memory -> verdicts. Tests with a number in front are the
 * items of standards.md §11 that they hold to. */
#include "base/text.h"
#include "claimed_pair.h"
#include "metering/window.h"
#include "support/gb_test.h"

static char base_name[] = "base";

typedef claimed_pair fixture;

static int setup(void **state) {
    static fixture made;

    claimed_pair_make(GB_CLAIM_EFFICIENCY, GB_CLAIM_AT_LEAST, 10.0, &made);
    gb_copy(made.claim.limit_unit, sizeof(made.claim.limit_unit), "byte/J");
    *state = &made;
    return 0;
}

static int teardown(void **state) {
    claimed_pair_free(*state);
    return 0;
}

static const gb_claim_result *assess(fixture *f) {
    return claimed_pair_assess(f);
}

static void expect(fixture *f, gb_claim_verdict verdict,
                   gb_claim_reason reason) {
    claimed_expect(assess(f), verdict, reason);
}

/* --- values --------------------------------------------------------------- */

static void item_12_a_value_has_its_budget(void **state) {
    fixture *f = *state;
    const gb_claim_result *found = assess(f);

    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    GB_EXPECT_NEAR(110.0 / 8.0, found->estimate.value, 0.1, "value");
    GB_EXPECT_TEXT("byte/J", found->estimate.unit, "unit");
    assert_int_equal(found->estimate.n, 10);
    /* 3 % of calibration is behind all repetitions. */
    GB_EXPECT_NEAR(0.03 * found->estimate.value, found->estimate.fixed, 1e-9,
                   "meters");
    double square = 0.0;
    for (size_t i = 0; i < found->estimate.term_count; i++)
        square += pow(found->estimate.terms[i].u, 2.0);
    GB_EXPECT_NEAR(found->estimate.u, sqrt(square), 1e-12, "budget");
    GB_EXPECT_NEAR(found->k * found->estimate.u, found->expanded_u, 1e-12, "U");
}

static void each_metric_has_its_unit(void **state) {
    static const struct {
        gb_claim_metric metric;
        const char *unit;
        double value;
    } rows[] = {{GB_CLAIM_PERFORMANCE, "byte/s", 110.0},
                {GB_CLAIM_POWER, "W", 8.0},
                {GB_CLAIM_TIME, "s", 1.0},
                {GB_CLAIM_ENERGY, "J", 8.0},
                {GB_CLAIM_EDP, "J s", 8.0}};
    fixture *f = *state;

    f->next.plan.cases[0].one_shot = true;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        f->claim.metric = rows[i].metric;
        gb_copy(f->claim.limit_unit, sizeof(f->claim.limit_unit), rows[i].unit);
        const gb_claim_result *found = assess(f);
        GB_EXPECT_TEXT(rows[i].unit, found->estimate.unit, rows[i].unit);
        GB_EXPECT_NEAR(rows[i].value, found->estimate.value,
                       0.02 * rows[i].value, rows[i].unit);
    }
}

static void joules_of_a_calibrated_call_mean_nothing(void **state) {
    fixture *f = *state;

    f->claim.metric = GB_CLAIM_ENERGY;
    gb_copy(f->claim.limit_unit, sizeof(f->claim.limit_unit), "J");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_NOT_SAME_WORK);
}

static void a_limit_in_another_unit_is_refused(void **state) {
    fixture *f = *state;

    gb_copy(f->claim.limit_unit, sizeof(f->claim.limit_unit), "flop/J");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNIT);
    f->claim.limit_unit[0] = '\0';
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNIT);
}

/* --- ratios --------------------------------------------------------------- */

static void claim_saving(fixture *f, double limit) {
    f->claim.metric = GB_CLAIM_ENERGY;
    f->claim.form = GB_CLAIM_SAVING;
    f->claim.baseline = base_name;
    f->claim.limit = limit;
    f->claim.limit_unit[0] = '\0';
}

/* 8 W / 110 against 10 W / 100: 27.3 % less for the same work. The meters are
 * of one kind, and cancel. */
static void a_saving_is_of_the_same_work(void **state) {
    fixture *f = *state;
    claim_saving(f, 0.25);
    const gb_claim_result *found = assess(f);

    assert_int_equal(found->verdict, GB_CLAIM_SUPPORTED);
    GB_EXPECT_NEAR(1.0 - 8.0 / 110.0 * 10.0, found->estimate.value, 0.01,
                   "saving");
    GB_EXPECT_NEAR(0.0, found->estimate.fixed, 1e-9, "meters cancel");
    claim_saving(f, 0.40);
    expect(f, GB_CLAIM_REFUTED, GB_CLAIM_REASON_NONE);
}

static void item_33_equal_needs_an_equivalence_test(void **state) {
    fixture *f = *state;

    f->claim.form = GB_CLAIM_RATIO;
    f->claim.metric = GB_CLAIM_PERFORMANCE;
    f->claim.relation = GB_CLAIM_EQUAL;
    f->claim.baseline = base_name;
    f->claim.limit = 1.0;
    f->claim.limit_unit[0] = '\0';
    f->claim.margin = 0.15;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    f->claim.margin = 0.05;
    expect(f, GB_CLAIM_REFUTED, GB_CLAIM_REASON_NONE);
    f->claim.margin = 0.10;
    expect(f, GB_CLAIM_INCONCLUSIVE, GB_CLAIM_REASON_BAND);
}

/* --- §11: what must be reported, and what must not be said ---------------- */

static void item_9_a_failed_check_leaves_no_claim(void **state) {
    fixture *f = *state;

    f->next.result.benches[0].valid = false;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_FAILED);
    assert_true(isnan(f->out.results[0].estimate.value));
}

static void item_10_absolute_values_beside_each_ratio(void **state) {
    fixture *f = *state;
    claim_saving(f, 0.25);
    const gb_claim_result *found = assess(f);

    assert_true(found->estimate.base > 0.0 && found->estimate.next > 0.0);
    GB_EXPECT_TEXT("J", found->estimate.side_unit, "unit");
}

static void item_11_the_stop_rule_is_declared(void **state) {
    fixture *f = *state;

    f->next.plan.cases[0].ci_percent = 1.0;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_ADAPTIVE);
    f->next.plan.cases[0].ci_percent = 0.0;
    f->next.plan.cases[0].repeats = 12;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_INCOMPLETE);
}

static void item_22_inconclusive_says_what_would_decide(void **state) {
    fixture *f = *state;

    f->claim.limit = 13.5; /* within 3 % of what the meters may be off by */
    const gb_claim_result *found = assess(f);
    assert_int_equal(found->verdict, GB_CLAIM_INCONCLUSIVE);
    assert_true(found->need.meter_rel > 0.0);
    assert_true(found->need.meter_rel < sqrt(3.0) * 0.03);
}

static void item_29_estimates_support_nothing(void **state) {
    fixture *f = *state;

    f->next.result.benches[0].energy.quality = GB_QUALITY_MODELLED;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_MODELLED);
    f->claim.evidence = GB_QUALITY_SIMULATED;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_MODELLED);
}

static void simulated_counters_are_named_or_refused(void **state) {
    fixture *f = *state;

    f->next.result.benches[0].energy.quality = GB_QUALITY_SIMULATED;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_EVIDENCE);
    f->claim.evidence = GB_QUALITY_SIMULATED;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    f->next.result.benches[0].energy.quality = GB_QUALITY_REPLAYED;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_EVIDENCE);
}

static void components_are_not_the_node(void **state) {
    fixture *f = *state;

    f->claim.boundary = GB_CLAIM_NODE_AC;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_BOUNDARY);
    f->next.domain.scope = GB_SCOPE_NODE_AC;
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
}

static void item_32_no_ratio_without_a_finite_interval(void **state) {
    fixture *f = *state;

    claim_saving(f, 0.1);
    for (size_t i = 1; i < 10; i++) {
        f->next.reduced.cases[0].reps[i].valid = false;
        f->base.reduced.cases[0].reps[i].valid = false;
    }
    f->next.plan.cases[0].repeats = f->base.plan.cases[0].repeats = 1;
    compared_run_sum(&f->base);
    compared_run_sum(&f->next);
    expect(f, GB_CLAIM_INCONCLUSIVE, GB_CLAIM_REASON_NO_INTERVAL);
}

static void one_value_has_no_scatter(void **state) {
    fixture *f = *state;

    for (size_t i = 1; i < 10; i++)
        f->next.reduced.cases[0].reps[i].valid = false;
    f->next.plan.cases[0].repeats = 1;
    compared_run_sum(&f->next);
    expect(f, GB_CLAIM_INCONCLUSIVE, GB_CLAIM_REASON_ONE_VALUE);
}

static void item_34_a_saving_has_a_baseline(void **state) {
    fixture *f = *state;
    static char nobody[] = "nobody";

    claim_saving(f, 0.25);
    f->claim.baseline = nobody;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_BASELINE_MISSING);
}

static void items_26_35_37_words_are_not_tested(void **state) {
    static const gb_claim_metric metrics[] = {GB_CLAIM_RANKING,
                                              GB_CLAIM_LISTING, GB_CLAIM_GRADE,
                                              GB_CLAIM_NEUTRALITY};
    fixture *f = *state;

    for (size_t i = 0; i < GB_COUNT(metrics); i++) {
        f->claim.metric = metrics[i];
        expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_UNMEASURABLE);
        assert_true(f->out.results[0].detail[0] != '\0');
    }
}

static void item_42_parts_and_doubts(void **state) {
    fixture *f = *state;
    gb_bench_result *bench = &f->next.result.benches[0];

    bench->energy.flags = GB_FLAG(SHARED);
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_DOUBTFUL);
    bench->energy.flags = GB_FLAG(PARTIAL);
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_PARTIAL);
    bench->energy.flags = 0;
    gb_copy(f->next.node.cover.missing, sizeof(f->next.node.cover.missing),
            "package-1 could not be read");
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_PARTIAL);
    f->next.node.cover.missing[0] = '\0';
    bench->energy = gb_figure_none("no counter");
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NO_ENERGY);
    bench->partial.node_count = 1;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_PARTIAL);
}

static void item_42_files_are_those_of_the_manifest(void **state) {
    fixture *f = *state;

    f->runs[1].damage = "records.jsonl, files.sha256";
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_DAMAGED);
    f->runs[1].damage = "";
    claim_saving(f, 0.25);
    f->runs[0].damage = "manifest.json, manifest.missing";
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_DAMAGED);
}

static void item_44_rules_are_fixed_before_the_run(void **state) {
    fixture *f = *state;

    f->next.plan.claims_sha256[0] = 'x';
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNREGISTERED);
    /* The value stands, the verdict does not. */
    assert_true(isfinite(f->out.results[0].estimate.value));
    f->next.plan.claims_sha256[0] = '\0';
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNREGISTERED);
}

/* A baseline may be older, if the file names that very run. */
static void item_44_a_baseline_is_named_or_fixed(void **state) {
    static char any[] = "bas*";
    fixture *f = *state;

    claim_saving(f, 0.25);
    f->base.plan.claims_sha256[0] = '\0';
    expect(f, GB_CLAIM_SUPPORTED, GB_CLAIM_REASON_NONE);
    f->claim.baseline = any;
    expect(f, GB_CLAIM_INVALID, GB_CLAIM_REASON_UNREGISTERED);
}

/* --- which benchmark ------------------------------------------------------ */

static void a_claim_is_about_one_case(void **state) {
    static char unknown[] = "compute.none";
    static char nobody[] = "nobody";
    fixture *f = *state;

    char *known = f->claim.benchmark;
    f->claim.benchmark = unknown;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_NOT_RUN);
    f->claim.benchmark = known;
    f->claim.run = nobody;
    expect(f, GB_CLAIM_NOT_TESTABLE, GB_CLAIM_REASON_RUN_MISSING);
}

/* Several runs: one value each, so that what differs between launches is in
 * their scatter. */
static void several_runs_are_the_replicates(void **state) {
    static char all[] = "*";
    fixture *f = *state;

    f->claim.run = all;
    f->claim.metric = GB_CLAIM_POWER;
    f->claim.limit = 3.0;
    gb_copy(f->claim.limit_unit, sizeof(f->claim.limit_unit), "W");
    const gb_claim_result *found = assess(f);
    assert_int_equal(found->estimate.n, 2);
    GB_EXPECT_TEXT("run", found->estimate.replicate, "replicate");
    GB_EXPECT_NEAR(9.0, found->estimate.value, 0.1, "value");
    GB_EXPECT_NEAR(1.0, found->estimate.scatter, 0.05, "scatter");
    assert_int_equal(found->verdict, GB_CLAIM_INCONCLUSIVE);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(item_12_a_value_has_its_budget),
        CASE(each_metric_has_its_unit),
        CASE(joules_of_a_calibrated_call_mean_nothing),
        CASE(a_limit_in_another_unit_is_refused),
        CASE(a_saving_is_of_the_same_work),
        CASE(item_33_equal_needs_an_equivalence_test),
        CASE(item_9_a_failed_check_leaves_no_claim),
        CASE(item_10_absolute_values_beside_each_ratio),
        CASE(item_11_the_stop_rule_is_declared),
        CASE(item_22_inconclusive_says_what_would_decide),
        CASE(item_29_estimates_support_nothing),
        CASE(simulated_counters_are_named_or_refused),
        CASE(components_are_not_the_node),
        CASE(item_32_no_ratio_without_a_finite_interval),
        CASE(one_value_has_no_scatter),
        CASE(item_34_a_saving_has_a_baseline),
        CASE(items_26_35_37_words_are_not_tested),
        CASE(item_42_parts_and_doubts),
        CASE(item_42_files_are_those_of_the_manifest),
        CASE(item_44_rules_are_fixed_before_the_run),
        CASE(item_44_a_baseline_is_named_or_fixed),
        CASE(a_claim_is_about_one_case),
        CASE(several_runs_are_the_replicates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
