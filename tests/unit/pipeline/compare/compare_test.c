/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/compare/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "support/compared_run.h"
#include "support/gb_test.h"

enum { REPS = 12 };

static const gb_compare_options defaults = {
    .alpha = 0.05, .margin = 0.02, .metrics = GB_COMPARE_ALL};

typedef struct fixture {
    compared_run base, next;
    gb_comparison comparison;
    uint64_t seed;
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->seed = 42;
    compared_run_make(&f->base, "a", 2, REPS);
    compared_run_make(&f->next, "b", 2, REPS);
    for (size_t c = 0; c < 2; c++) {
        const compared_values same = {1e9, 100.0, 0.005};
        compared_run_fill(&f->base, c, &same, &f->seed);
        compared_run_fill(&f->next, c, &same, &f->seed);
    }
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    gb_comparison_fini(&f->comparison);
    compared_run_free(&f->base);
    compared_run_free(&f->next);
    free(f);
    return 0;
}

static void fill_next(fixture *f, size_t at, double rate, double power_w) {
    const compared_values values = {rate, power_w, 0.005};
    compared_run_fill(&f->next, at, &values, &f->seed);
}

static const gb_comparison *compare_with(fixture *f,
                                         const gb_compare_options *options) {
    gb_error err = {.rank = -1};
    compared_run_sum(&f->base);
    compared_run_sum(&f->next);
    const gb_compare_input runs[] = {f->base.input, f->next.input};
    gb_comparison_fini(&f->comparison);
    const gb_status status = gb_compare(runs, 2, options, &f->comparison, &err);
    GB_EXPECT_STATUS(GB_OK, status, "compare", err);
    return &f->comparison;
}

static const gb_comparison *compare(fixture *f) {
    return compare_with(f, &defaults);
}

static const gb_compared_metric *metric_of(const gb_comparison *comparison,
                                           size_t bench,
                                           gb_compare_metric metric) {
    assert_true(comparison->pair_count == 1);
    assert_true(bench < comparison->pairs[0].bench_count);
    return &comparison->pairs[0].benches[bench].metrics[metric];
}

static void expect(const gb_comparison *comparison, size_t bench,
                   gb_compare_metric metric, gb_compare_verdict verdict) {
    const gb_compared_metric *got = metric_of(comparison, bench, metric);
    assert_true(got->present);
    GB_EXPECT_TEXT(gb_compare_verdict_name(verdict),
                   gb_compare_verdict_name(got->verdict),
                   gb_compare_metric_name(metric));
}

static bool has_difference(const gb_comparison *comparison, const char *code,
                           const char *words) {
    const gb_compared_pair *pair = &comparison->pairs[0];
    for (size_t i = 0; i < pair->difference_count; i++)
        if (strcmp(pair->differences[i].code, code) == 0 &&
            (strstr(pair->differences[i].what, words) != NULL ||
             strstr(pair->differences[i].chinese, words) != NULL))
            return true;
    return false;
}

/* --- what can be compared ------------------------------------------------- */

static void the_same_is_equivalent(void **state) {
    fixture *f = *state;
    const gb_comparison *found = compare(f);
    for (size_t b = 0; b < 2; b++)
        for (int m = 0; m < GB_COMPARE_METRICS; m++)
            expect(found, b, (gb_compare_metric)m, GB_COMPARE_EQUIVALENT);
    assert_false(found->regression);
    assert_false(found->refused);
    assert_true(found->tests == 8);
    assert_true(found->pairs[0].verdicts[GB_COMPARE_EQUIVALENT] == 12);
}

static void each_metric_has_its_direction(void **state) {
    fixture *f = *state;
    fill_next(f, 0, 0.9e9, 100.0); /* slower, with the same power */
    fill_next(f, 1, 1e9, 90.0);    /* less power */
    const gb_comparison *found = compare(f);
    expect(found, 0, GB_COMPARE_PERFORMANCE, GB_COMPARE_WORSE);
    expect(found, 0, GB_COMPARE_TIME, GB_COMPARE_WORSE);
    expect(found, 0, GB_COMPARE_POWER, GB_COMPARE_EQUIVALENT);
    expect(found, 0, GB_COMPARE_ENERGY, GB_COMPARE_WORSE);
    expect(found, 0, GB_COMPARE_EFFICIENCY, GB_COMPARE_WORSE);
    expect(found, 0, GB_COMPARE_EDP, GB_COMPARE_WORSE);
    expect(found, 1, GB_COMPARE_PERFORMANCE, GB_COMPARE_EQUIVALENT);
    expect(found, 1, GB_COMPARE_POWER, GB_COMPARE_BETTER);
    expect(found, 1, GB_COMPARE_ENERGY, GB_COMPARE_BETTER);
    expect(found, 1, GB_COMPARE_EFFICIENCY, GB_COMPARE_BETTER);
    assert_true(found->regression);
    const gb_compared_metric *rate =
        metric_of(found, 0, GB_COMPARE_PERFORMANCE);
    GB_EXPECT_NEAR(0.9, rate->ratio, 0.01, "performance");
    GB_EXPECT_NEAR(rate->ratio, rate->next / rate->base, 1e-12, "absolute");
    GB_EXPECT_NEAR(1.0 / rate->ratio,
                   metric_of(found, 0, GB_COMPARE_TIME)->ratio, 1e-12, "time");
    GB_EXPECT_NEAR(1.0 / 0.81, metric_of(found, 0, GB_COMPARE_EDP)->ratio, 0.02,
                   "EDP");
}

/* Twice the iterations take twice the time and energy: nothing changed. */
static void energy_and_time_are_of_the_same_work(void **state) {
    fixture *f = *state;
    for (size_t i = 0; i < REPS; i++) {
        gb_reduced_rep *rep = &f->next.reduced.cases[0].reps[i];
        rep->work *= 2.0;
        rep->time_s *= 2.0;
        rep->window_s *= 2.0;
        rep->energy.window_s *= 2.0;
        rep->energy.energy_j *= 2.0;
        rep->energy.budget.kinds[0].u_j *= 2.0;
    }
    const gb_comparison *found = compare(f);
    for (int m = 0; m < GB_COMPARE_METRICS; m++)
        expect(found, 0, (gb_compare_metric)m, GB_COMPARE_EQUIVALENT);
    GB_EXPECT_NEAR(1.0, metric_of(found, 0, GB_COMPARE_TIME)->next, 0.01,
                   "s of BASE's work");
    GB_EXPECT_NEAR(100.0, metric_of(found, 0, GB_COMPARE_ENERGY)->next, 1.0,
                   "J of BASE's work");
}

static void few_repetitions_are_undecided_and_say_how_many_would_do(
    void **state) {
    fixture *f = *state;
    const compared_values noisy = {1e9, 100.0, 0.05};
    const compared_values slower = {0.98e9, 100.0, 0.05};
    compared_run_fill(&f->base, 0, &noisy, &f->seed);
    compared_run_fill(&f->next, 0, &slower, &f->seed);
    const gb_comparison *found = compare(f);
    expect(found, 0, GB_COMPARE_PERFORMANCE, GB_COMPARE_UNDECIDED);
    const gb_compared_metric *rate =
        metric_of(found, 0, GB_COMPARE_PERFORMANCE);
    assert_true(rate->repetitions > REPS);
    assert_false(found->regression);

    f->base.reduced.cases[0].rep_count = 1;
    found = compare(f);
    expect(found, 0, GB_COMPARE_PERFORMANCE, GB_COMPARE_UNDECIDED);
    rate = metric_of(found, 0, GB_COMPARE_PERFORMANCE);
    assert_non_null(strstr(rate->reason, "one repetition"));
    assert_true(isnan(rate->ci95[0]) && isnan(rate->repetitions));
    assert_false(found->refused);
    f->base.reduced.cases[0].rep_count = REPS;
}

/* More power is no fault where more was done with it. */
static void power_decides_by_itself_only_when_named(void **state) {
    fixture *f = *state;
    fill_next(f, 0, 1.2e9, 120.0);
    assert_false(compare(f)->regression);
    expect(&f->comparison, 0, GB_COMPARE_POWER, GB_COMPARE_WORSE);
    gb_compare_options named = defaults;
    named.metrics = GB_COMPARE_BIT(GB_COMPARE_POWER);
    const gb_comparison *found = compare_with(f, &named);
    assert_true(found->regression);
    assert_true(found->tests == 2);
    assert_false(metric_of(found, 0, GB_COMPARE_PERFORMANCE)->present);

    f->base.plan.cases[0].no_work = f->next.plan.cases[0].no_work = true;
    found = compare(f);
    assert_true(found->regression);
    assert_false(metric_of(found, 0, GB_COMPARE_ENERGY)->present);
    expect(found, 0, GB_COMPARE_POWER, GB_COMPARE_WORSE);
}

static void a_family_asks_for_more(void **state) {
    fixture *f = *state;
    gb_compare_options narrow = defaults;
    const compared_values noisy = {1e9, 100.0, 0.02};
    const compared_values slower = {0.975e9, 100.0, 0.02};
    compared_run_fill(&f->base, 0, &noisy, &f->seed);
    compared_run_fill(&f->next, 0, &slower, &f->seed);
    narrow.metrics = GB_COMPARE_BIT(GB_COMPARE_PERFORMANCE);
    const double alone =
        metric_of(compare_with(f, &narrow), 0, GB_COMPARE_PERFORMANCE)
            ->holm_differs;
    const double among =
        metric_of(compare(f), 0, GB_COMPARE_PERFORMANCE)->holm_differs;
    assert_true(among > alone);
}

/* --- meters --------------------------------------------------------------- */

static void one_kind_of_meter_cancels_and_two_do_not(void **state) {
    fixture *f = *state;
    fill_next(f, 0, 1e9, 95.0);
    GB_EXPECT_NEAR(0.0,
                   metric_of(compare(f), 0, GB_COMPARE_ENERGY)->meters_u_rel,
                   1e-9, "one kind");
    expect(&f->comparison, 0, GB_COMPARE_ENERGY, GB_COMPARE_BETTER);

    for (size_t i = 0; i < REPS; i++)
        f->next.reduced.cases[0].reps[i].energy.budget.kinds[0].kind++;
    const gb_comparison *found = compare(f);
    const gb_compared_metric *energy = metric_of(found, 0, GB_COMPARE_ENERGY);
    GB_EXPECT_NEAR(0.03 * sqrt(2.0), energy->meters_u_rel, 1e-9, "two kinds");
    expect(found, 0, GB_COMPARE_ENERGY, GB_COMPARE_UNDECIDED);
    assert_true(isnan(energy->repetitions));
    assert_non_null(strstr(energy->reason, "meters"));
    /* Time is not the meters' business. */
    expect(found, 0, GB_COMPARE_PERFORMANCE, GB_COMPARE_EQUIVALENT);
}

static void an_estimate_never_cancels(void **state) {
    fixture *f = *state;
    for (size_t i = 0; i < REPS; i++) {
        f->base.reduced.cases[0].reps[i].energy.quality = GB_QUALITY_MODELLED;
        f->next.reduced.cases[0].reps[i].energy.quality = GB_QUALITY_MODELLED;
    }
    GB_EXPECT_NEAR(0.03 * sqrt(2.0),
                   metric_of(compare(f), 0, GB_COMPARE_POWER)->meters_u_rel,
                   1e-9, "of an estimate");
}

static void energy_below_zero_goes_fiellers_way(void **state) {
    fixture *f = *state;
    f->base.reduced.cases[0].reps[3].energy.energy_j = -1.0;
    const gb_comparison *found = compare(f);
    GB_EXPECT_TEXT("fieller", metric_of(found, 0, GB_COMPARE_ENERGY)->method,
                   "energy");
    GB_EXPECT_TEXT("welch", metric_of(found, 0, GB_COMPARE_TIME)->method,
                   "time");
}

/* --- what cannot ---------------------------------------------------------- */

static void expect_refused(const gb_comparison *found, size_t bench,
                           const char *words) {
    const gb_compared_metric *energy =
        metric_of(found, bench, GB_COMPARE_ENERGY);
    expect(found, bench, GB_COMPARE_ENERGY, GB_COMPARE_REFUSED);
    if (strstr(energy->reason, words) == NULL)
        fail_msg("expected '%s' in '%s'", words, energy->reason);
    expect(found, bench, GB_COMPARE_PERFORMANCE, GB_COMPARE_EQUIVALENT);
    assert_true(found->refused);
    assert_false(found->regression);
}

static void other_quality_or_scope_is_refused(void **state) {
    fixture *f = *state;
    for (size_t i = 0; i < REPS; i++)
        f->next.reduced.cases[1].reps[i].energy.quality = GB_QUALITY_MODELLED;
    expect_refused(compare(f), 1, "measured in BASE and modelled in NEW");
    for (size_t i = 0; i < REPS; i++)
        f->next.reduced.cases[1].reps[i].energy.quality = GB_QUALITY_MEASURED;
    f->next.domain.scope = GB_SCOPE_NODE_AC;
    expect_refused(compare(f), 0,
                   "CPU package in BASE and node at the wall in NEW");
}

static void energy_on_one_side_alone_is_refused(void **state) {
    fixture *f = *state;
    fill_next(f, 0, 1e9, NAN);
    expect_refused(compare(f), 0, "NEW has no energy: no counter");
}

static void energy_on_no_side_is_left_out_unless_asked_for(void **state) {
    fixture *f = *state;
    const compared_values none = {1e9, NAN, 0.005};
    for (size_t c = 0; c < 2; c++) {
        compared_run_fill(&f->base, c, &none, &f->seed);
        fill_next(f, c, 1e9, NAN);
    }
    const gb_comparison *found = compare(f);
    assert_false(metric_of(found, 0, GB_COMPARE_POWER)->present);
    GB_EXPECT_TEXT("no counter", found->pairs[0].benches[0].no_energy, "why");
    assert_false(found->refused);
    gb_compare_options named = defaults;
    named.metrics = GB_COMPARE_BIT(GB_COMPARE_EFFICIENCY);
    found = compare_with(f, &named);
    expect(found, 0, GB_COMPARE_EFFICIENCY, GB_COMPARE_REFUSED);
    assert_true(found->refused);
}

static void another_version_or_unit_is_refused(void **state) {
    fixture *f = *state;
    f->next.plan.cases[0].version[0] = '2';
    f->next.plan.cases[1].work_unit[0] = 'B';
    const gb_comparison *found = compare(f);
    assert_non_null(
        strstr(found->pairs[0].benches[0].reason, "1.0.0 in BASE and 2.0.0"));
    assert_non_null(strstr(found->pairs[0].benches[1].reason, "byte in BASE"));
    assert_true(found->refused);
    assert_true(found->tests == 0);
}

static void what_fails_in_new_is_a_regression(void **state) {
    fixture *f = *state;
    f->next.result.benches[0].valid = false;
    gb_copy(f->next.result.benches[0].reason,
            sizeof(f->next.result.benches[0].reason), "wrong sum");
    const gb_comparison *found = compare(f);
    assert_true(found->regression);
    assert_true(found->pairs[0].failed == 1);
    assert_true(found->pairs[0].benches[0].failed);
    GB_EXPECT_TEXT("NEW failed: wrong sum", found->pairs[0].benches[0].reason,
                   "why");
    gb_copy(f->next.result.benches[0].reason,
            sizeof(f->next.result.benches[0].reason), "no repetition finished");
    found = compare(f);
    GB_EXPECT_TEXT("新结果失败：没有完成任何一次重复",
                   found->pairs[0].benches[0].chinese, "why, in Chinese");
    f->base.result.benches[0].valid = false;
    found = compare(f);
    assert_false(found->regression);
    assert_true(found->refused);
}

static void names_that_are_not_told_are_counted_in_both_languages(
    void **state) {
    fixture *f = *state;
    compared_run more;
    gb_comparison found;
    gb_error err = {.rank = -1};
    const compared_values values = {1e9, 100.0, 0.005};
    uint64_t seed = 7;
    compared_run_make(&more, "more", 8, 4);
    for (size_t c = 0; c < 8; c++)
        compared_run_fill(&more, c, &values, &seed);
    compared_run_sum(&more);
    const gb_compare_input inputs[] = {more.input, f->next.input};
    GB_EXPECT_STATUS(GB_OK, gb_compare(inputs, 2, &defaults, &found, &err),
                     "more", err);
    assert_true(
        has_difference(&found, "compare.only_base", "memory.b5 and 2 more"));
    assert_true(
        has_difference(&found, "compare.only_base", "memory.b5 等，另有 2 项"));
    gb_comparison_fini(&found);
    compared_run_free(&more);
}

static void parameters_tell_cases_apart(void **state) {
    fixture *f = *state;
    gb_plan_param *params[4];
    compared_run *const runs[] = {&f->base, &f->base, &f->next, &f->next};
    const uint64_t values[] = {1024, 2048, 2048, 4096};
    for (int i = 0; i < 4; i++) {
        gb_plan_case *planned = &runs[i]->plan.cases[i % 2];
        params[i] = calloc(1, sizeof(*params[i]));
        assert_non_null(params[i]);
        *params[i] = (gb_plan_param){.name = strdup("size"),
                                     .text = strdup(i == 1 ? "2KiB" : "2048B"),
                                     .kind = GB_VALUE_BYTES,
                                     .u64 = values[i]};
        free(planned->id);
        planned->id = strdup("memory.copy");
        planned->params = params[i];
        planned->param_count = 1;
    }
    const gb_comparison *found = compare(f);
    /* 2KiB in BASE is 2048B in NEW; the two others have no counterpart. */
    assert_true(found->pairs[0].bench_count == 1);
    GB_EXPECT_TEXT("size=2KiB", found->pairs[0].benches[0].params, "which");
    assert_true(has_difference(found, "compare.only_base", "memory.copy"));
    assert_true(has_difference(found, "compare.only_new", "memory.copy"));
}

static void runs_that_differ_say_so(void **state) {
    fixture *f = *state;
    gb_copy(f->next.node.governor, sizeof(f->next.node.governor),
            "performance");
    gb_copy(f->next.node.turbo, sizeof(f->next.node.turbo), "off");
    gb_copy(f->next.node.cpu, sizeof(f->next.node.cpu), "Xeon");
    f->next.session.ranks = 4;
    f->next.result.status = GB_RUN_INTERRUPTED;
    gb_copy(f->next.session.tool_version, sizeof(f->next.session.tool_version),
            "1.1.0");
    const gb_comparison *found = compare(f);
    assert_true(has_difference(found, "compare.cpu",
                               "processor: not known in BASE, Xeon in NEW"));
    assert_true(has_difference(found, "compare.size", "1 ranks on 1 nodes"));
    assert_true(has_difference(found, "compare.status", "NEW was interrupted"));
    assert_true(has_difference(found, "compare.tool", "1.0.0 in BASE, 1.1.0"));
    /* A word of ours is translated, a name is not. */
    assert_true(has_difference(found, "compare.turbo", "未知，新结果为 关"));
    assert_true(has_difference(found, "compare.governor",
                               "未知，新结果为 performance"));
}

/* --- interleaved runs ----------------------------------------------------- */

enum { TURNS = 6 };

/* Six pairs; each run as a whole is off by 5 %, the same for both of a pair. */
static void interleaved_runs_cancel_what_drifts(void **state) {
    compared_run runs[2 * TURNS];
    gb_compare_input inputs[2 * TURNS];
    gb_compare_options options = defaults;
    gb_comparison found;
    gb_error err = {.rank = -1};
    uint64_t seed = 7;
    (void)state;

    for (int i = 0; i < 2 * TURNS; i++) {
        const int turn = i / 2;
        const double drift = 1.0 + 0.05 * turn;
        const compared_values values = {(i % 2 == 0 ? 1e9 : 0.96e9) * drift,
                                        100.0, 0.005};
        char id[16];
        snprintf(id, sizeof(id), "r%d", i);
        compared_run_make(&runs[i], id, 1, 4);
        compared_run_fill(&runs[i], 0, &values, &seed);
        compared_run_sum(&runs[i]);
        runs[i].session.started_utc_ns = 1000 + (uint64_t)i;
        inputs[i] = runs[i].input;
    }
    options.interleaved = true;
    GB_EXPECT_STATUS(GB_OK,
                     gb_compare(inputs, 2 * TURNS, &options, &found, &err),
                     "interleaved", err);
    const gb_compared_metric *rate =
        metric_of(&found, 0, GB_COMPARE_PERFORMANCE);
    GB_EXPECT_TEXT("paired", rate->method, "method");
    GB_EXPECT_NEAR(0.96, rate->ratio, 0.005, "ratio");
    assert_true(rate->base_n == TURNS && rate->next_n == TURNS);
    expect(&found, 0, GB_COMPARE_PERFORMANCE, GB_COMPARE_WORSE);
    gb_comparison_fini(&found);

    /* What a later pair lacks is not compared, and that is said. */
    runs[4].plan.cases[0].id[0] = runs[5].plan.cases[0].id[0] = 'M';
    GB_EXPECT_STATUS(GB_OK,
                     gb_compare(inputs, 2 * TURNS, &options, &found, &err),
                     "one lacks it", err);
    assert_true(found.pairs[0].bench_count == 0 && found.refused);
    assert_true(
        has_difference(&found, "compare.not_in_all", "not in r4: memory.b0"));
    gb_comparison_fini(&found);

    runs[3].session.started_utc_ns = 1;
    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     gb_compare(inputs, 2 * TURNS, &options, &found, &err),
                     "out of order", err);
    assert_non_null(strstr(err.what, "'r3' after 'r2'"));
    for (int i = 0; i < 2 * TURNS; i++)
        compared_run_free(&runs[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_same_is_equivalent),
        TEST(each_metric_has_its_direction),
        TEST(energy_and_time_are_of_the_same_work),
        TEST(few_repetitions_are_undecided_and_say_how_many_would_do),
        TEST(power_decides_by_itself_only_when_named),
        TEST(a_family_asks_for_more),
        TEST(one_kind_of_meter_cancels_and_two_do_not),
        TEST(an_estimate_never_cancels),
        TEST(energy_below_zero_goes_fiellers_way),
        TEST(other_quality_or_scope_is_refused),
        TEST(energy_on_one_side_alone_is_refused),
        TEST(energy_on_no_side_is_left_out_unless_asked_for),
        TEST(another_version_or_unit_is_refused),
        TEST(what_fails_in_new_is_a_regression),
        TEST(parameters_tell_cases_apart),
        TEST(names_that_are_not_told_are_counted_in_both_languages),
        TEST(runs_that_differ_say_so),
        cmocka_unit_test(interleaved_runs_cancel_what_drifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
