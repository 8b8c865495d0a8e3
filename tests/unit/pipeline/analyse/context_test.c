/* SPDX-License-Identifier: Apache-2.0 */
/* Disturbed repetitions, latency, rooflines, and a benchmark without work. */
#include "support/gb_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "case.h"
#include "pipeline/analyse/bench.h"

/* --- disturbances --------------------------------------------------------- */

static void calm(test_case *one) {
    for (size_t i = 0; i < CASE_REPS; i++)
        one->reduced.cases[0].reps[i].disturbance =
            (gb_disturbance){.stolen = 0.0,
                             .clock_hz = 3e9,
                             .preempted_hz = 1.0,
                             .migrations_hz = 0.0};
}

static void each_cause_marks_its_repetition_with_its_words(void **state) {
    static const struct {
        const char *words; /* null: no disturbance */
        gb_disturbance is;
    } cases[] = {
        {NULL, {0.0, 3e9, 1.0, 0.0}},
        {NULL, {0.02, 2.92e9, 40.0, 1.0}}, /* at or within each limit */
        {NULL, {NAN, NAN, NAN, NAN}},      /* what is not told */
        {"the hypervisor took 15 % of the cores' time", {0.15, 3e9, 1, 0}},
        {"the clock fell to 2.1 GHz from 3 GHz", {0.0, 2.1e9, 1, 0}},
        {"other work took a core 150 times a second", {0.0, 3e9, 150, 0}},
        {"threads changed cores 12 times a second", {0.0, 3e9, 1, 12}},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        test_case one;
        case_open(&one, 1, CASE_REPS);
        one.log.session.sample_hz = 10.0;
        calm(&one);
        /* Slow, as a disturbed one is. */
        case_set(&one, 4, 4.0, 100.0, 400.0);
        one.reduced.cases[0].reps[4].disturbance = cases[i].is;
        gb_result result = case_analyse(&one);
        const gb_bench_result *bench = &result.benches[0];
        const bool disturbed = cases[i].words != NULL;
        if (bench->disturbed[4] != disturbed || bench->disturbed[3])
            fail_msg("case %zu: expected %d, got %d", i, disturbed,
                     bench->disturbed[4]);
        assert_int_equal(bench->disturbed_count, disturbed);
        GB_EXPECT_TEXT(disturbed ? cases[i].words : "", bench->disturbance,
                       "why");
        assert_int_equal(bench->performance.n, CASE_REPS);
        gb_result_fini(&result);
        case_close(&one);
    }
}

static void the_figures_of_the_others_are_told_beside(void **state) {
    test_case one;
    (void)state;
    case_open(&one, 1, 3);
    for (size_t i = 0; i < 3; i++)
        one.reduced.cases[0].reps[i].disturbance =
            (gb_disturbance){0.0, 3e9, 0.0, 0.0};
    case_set(&one, 0, 4.0, 100.0, 400.0);
    case_set(&one, 1, 5.0, 100.0, 500.0);
    one.reduced.cases[0].reps[0].disturbance.stolen = 0.5;
    one.reduced.cases[0].reps[1].disturbance.preempted_hz = 900.0;
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    assert_int_equal(bench->disturbed_count, 2);
    GB_EXPECT_NEAR(25.0, bench->performance.median, 1e-9, "of all");
    GB_EXPECT_NEAR(50.0, bench->calm_median, 1e-9, "of the calm one");
    GB_EXPECT_TEXT("other work took a core 900 times a second",
                   bench->disturbance, "the slowest one's");
    const gb_warning *warning = case_warning(&result, "trial.disturbed");
    assert_non_null(warning);
    GB_EXPECT_TEXT("2 of 3 repetitions were disturbed, in 1 of 1 benchmarks; "
                   "memory.triad, 2 of 3: other work took a core 900 times a "
                   "second; without them its median is 100 % away",
                   warning->what, "warning");
    gb_result_fini(&result);
    case_close(&one);
}

/* --- latency and no work -------------------------------------------------- */

static void latency_is_the_time_of_one_that_waits_for_the_last(void **state) {
    test_case one;
    (void)state;
    case_open(&one, 1, CASE_REPS);
    gb_result without = case_analyse(&one);
    assert_true(isnan(without.benches[0].latency_s));
    gb_result_fini(&without);
    /* 100 messages in 2 s, two at any time: each takes 40 ms. */
    for (size_t i = 0; i < CASE_REPS; i++)
        one.reduced.cases[0].reps[i].counts.in_flight = 2.0;
    gb_result result = case_analyse(&one);
    GB_EXPECT_NEAR(0.04, result.benches[0].latency_s, 1e-12, "latency");
    gb_result_fini(&result);
    case_close(&one);
}

static void without_work_there_is_power_and_no_performance(void **state) {
    test_case one;
    (void)state;
    case_open(&one, 2, CASE_REPS);
    one.plan.cases[0].no_work = true;
    gb_result result = case_analyse(&one);
    const gb_bench_result *bench = &result.benches[0];
    assert_true(bench->valid);
    assert_true(isnan(bench->performance.value));
    assert_int_equal(bench->performance.n, 0);
    assert_true(isnan(bench->efficiency));
    assert_true(isnan(bench->nodes[1].performance));
    GB_EXPECT_TEXT("it does no work: measured for its power",
                   bench->efficiency_reason, "reason");
    assert_true(bench->power_w > 0.0);
    assert_int_equal(bench->time_s.n, CASE_REPS);
    assert_null(case_warning(&result, "energy.resolution"));
    gb_result_fini(&result);
    case_close(&one);
}

/* --- rooflines ------------------------------------------------------------ */

enum {
    FMA,
    FMA32,
    CLOCK,
    READ,
    CACHED,
    SPMV,
    ARITHMETIC,
    CHASE,
    UPDATES,
    FAR,
    NEAR,
    EXCHANGE,
    SHORT,
    RUN
};

typedef struct run {
    gb_plan plan;
    gb_session session;
    gb_rank_place place;
    gb_result result;
    gb_plan_case cases[RUN];
    gb_plan_param params[RUN];
    gb_bench_result benches[RUN];
    gb_note notes[RUN];
} run;

static char text[RUN][32], name[RUN][32];

static void put(run *r, int i, const char *id, const char *param,
                const char *value, const char *key, const char *note) {
    snprintf(text[i], sizeof(text[i]), "%s", value);
    snprintf(name[i], sizeof(name[i]), "%s", param);
    static char ids[RUN][32];
    snprintf(ids[i], sizeof(ids[i]), "%s", id);
    r->params[i] = (gb_plan_param){.name = name[i], .text = text[i]};
    r->cases[i] =
        (gb_plan_case){.id = ids[i], .params = &r->params[i], .param_count = 1};
    gb_copy(r->notes[i].key, sizeof(r->notes[i].key), key);
    gb_copy(r->notes[i].value, sizeof(r->notes[i].value), note);
    r->benches[i] = (gb_bench_result){.case_index = (uint32_t)i,
                                      .valid = true,
                                      .notes = &r->notes[i],
                                      .note_count = 1};
}

static void rates(run *r, int i, double work, double flop, double byte) {
    gb_bench_result *bench = &r->benches[i];
    bench->performance.median = work;
    bench->time_s = (gb_series_stats){.mean = 2.0, .n = 5};
    bench->counts.flops = flop * 10.0;
    bench->counts.memory_bytes = byte * 10.0;
}

static void sends(run *r, int i, double byte, double messages) {
    rates(r, i, byte, 0.0, 0.0);
    r->benches[i].counts.network_bytes = byte * 10.0;
    r->benches[i].counts.messages = messages * 10.0;
}

/* 4 cores at 3 GHz with two pipes of 16 flop: 384 Gflop/s; 90 % of it reached;
 * 40 GB/s. */
static void make_run(run *r) {
    *r = (run){.place = {.node = 0, .core_count = 4}};
    put(r, FMA, "compute.fma", "precision", "fp64", "flop_per_instruction",
        "16");
    rates(r, FMA, 345.6e9, 345.6e9, 0.0);
    put(r, FMA32, "compute.fma", "precision", "fp32", "flop_per_instruction",
        "32");
    rates(r, FMA32, 691.2e9, 691.2e9, 0.0);
    put(r, CLOCK, "compute.clock", "load", "vector", "x", "");
    rates(r, CLOCK, 12e9, 0.0, 0.0);
    put(r, READ, "memory.read", "array_bytes", "auto", "cache_multiple", "4");
    rates(r, READ, 40e9, 0.0, 40e9);
    put(r, CACHED, "memory.read", "array_bytes", "32KiB", "cache_multiple",
        "0.01");
    rates(r, CACHED, 900e9, 0.0, 900e9);
    put(r, SPMV, "compute.hpcg", "x", "", "x", "");
    rates(r, SPMV, 5e9, 5e9, 30e9);
    put(r, ARITHMETIC, "compute.dgemm", "x", "", "x", "");
    rates(r, ARITHMETIC, 300e9, 300e9, 1e9);
    put(r, CHASE, "memory.latency", "x", "", "x", "");
    r->benches[CHASE].counts.in_flight = 1.0;
    put(r, UPDATES, "memory.gups", "x", "", "x", "");
    put(r, FAR, "network.bandwidth", "pairs", "auto", "pairs",
        "2 inter-node, 0 ranks wait");
    sends(r, FAR, 10e9, 1e4);
    put(r, NEAR, "network.bandwidth", "pairs", "intra", "pairs",
        "2 intra-node, 0 ranks wait");
    sends(r, NEAR, 16e9, 1e4);
    put(r, EXCHANGE, "network.halo", "x", "", "x", "");
    sends(r, EXCHANGE, 4e9, 1e5);
    put(r, SHORT, "network.pingpong", "pairs", "inter", "pairs",
        "1 inter-node, 2 ranks wait");
    sends(r, SHORT, 8e6, 1e6);
    r->session = (gb_session){.ranks = 1, .places = &r->place};
    r->plan = (gb_plan){.cases = r->cases, .case_count = RUN};
    r->result = (gb_result){.session = &r->session,
                            .plan = &r->plan,
                            .benches = r->benches,
                            .bench_count = RUN};
}

static void benchmarks_stand_below_the_peaks_of_their_run(void **state) {
    run r;
    (void)state;
    make_run(&r);
    gb_find_rooflines(&r.result);
    const gb_roofline *spmv = &r.benches[SPMV].roofline;
    GB_EXPECT_TEXT("memory", spmv->bound, "spmv");
    GB_EXPECT_NEAR(0.75, spmv->bound_fraction, 1e-12, "spmv");
    GB_EXPECT_NEAR(5.0 / 30.0, spmv->intensity, 1e-12, "spmv");
    /* Not the 900 GB/s of the cache. */
    GB_EXPECT_NEAR(40e9, spmv->peak_byte_per_s, 1.0, "roof");
    GB_EXPECT_NEAR(345.6e9, spmv->peak_flop_per_s, 1.0, "fp64 roof");
    const gb_roofline *dgemm = &r.benches[ARITHMETIC].roofline;
    GB_EXPECT_TEXT("compute", dgemm->bound, "dgemm");
    GB_EXPECT_NEAR(300.0 / 345.6, dgemm->bound_fraction, 1e-12, "dgemm");
    /* A roof of fp64 says nothing of fp32. */
    GB_EXPECT_TEXT("", r.benches[FMA32].roofline.bound, "fp32");
}

static void a_roof_that_was_not_measured_leaves_no_fraction(void **state) {
    run r;
    (void)state;
    make_run(&r);
    r.benches[FMA].valid = false;
    gb_find_rooflines(&r.result);
    assert_true(isnan(r.benches[SPMV].roofline.bound_fraction));
    assert_true(isnan(r.benches[SPMV].roofline.peak_flop_per_s));
    GB_EXPECT_TEXT("", r.benches[SPMV].roofline.bound, "either may be lower");
    GB_EXPECT_TEXT("the fp64 peak was not measured in this run: add "
                   "compute.fma",
                   r.benches[SPMV].roofline.reason, "what is missing");
    /* A stream alone has one roof only, and it is there. */
    GB_EXPECT_TEXT("memory", r.benches[READ].roofline.bound, "read");
}

static void the_network_stands_below_pairs_of_its_kind(void **state) {
    run r;
    (void)state;
    make_run(&r);
    gb_find_rooflines(&r.result);
    const gb_roofline *halo = &r.benches[EXCHANGE].roofline;
    GB_EXPECT_TEXT("network", halo->bound, "halo");
    GB_EXPECT_NEAR(0.25, halo->bound_fraction, 1e-12, "of the best of all");
    GB_EXPECT_NEAR(1.0, r.benches[FAR].roofline.bound_fraction, 1e-12,
                   "of the wire, not of memory");
    /* Long messages, as the ping-pong's: of the wire, too. */
    sends(&r, SHORT, 5e9, 1e4);
    gb_find_rooflines(&r.result);
    GB_EXPECT_NEAR(0.5, r.benches[SHORT].roofline.bound_fraction, 1e-12,
                   "inter");
    r.benches[FAR].valid = false;
    gb_find_rooflines(&r.result);
    GB_EXPECT_TEXT("", r.benches[SHORT].roofline.bound, "no such pairs");
    GB_EXPECT_TEXT("the network's bandwidth was not measured in this run: add "
                   "network.bandwidth, between the same pairs",
                   r.benches[SHORT].roofline.reason, "what is missing");
}

static void where_a_share_makes_no_sense_it_is_said(void **state) {
    static const struct {
        int bench;
        const char *reason;
    } cases[] = {
        {FMA32, "the peak is fp64's, and this is single precision"},
        {CLOCK, "it counts cycles: the peaks follow from its clock"},
        {CHASE, "its units wait for each other: latency is its figure"},
        {UPDATES, "it tells neither flop nor bytes of memory, so that neither "
                  "peak holds it down"},
        {SHORT, "messages below 1 KiB: latency holds them down, not bandwidth"},
        {SPMV, ""},
        {NEAR, ""},
    };
    run r;
    (void)state;
    make_run(&r);
    gb_find_rooflines(&r.result);
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const gb_roofline *found = &r.benches[cases[i].bench].roofline;
        GB_EXPECT_TEXT(cases[i].reason, found->reason,
                       r.cases[cases[i].bench].id);
        assert_int_equal(isnan(found->bound_fraction) != 0,
                         cases[i].reason[0] != '\0');
    }
    r.benches[FMA].valid = r.benches[READ].valid = false;
    gb_find_rooflines(&r.result);
    GB_EXPECT_TEXT("neither peak was measured in this run: add compute.fma and "
                   "memory.triad",
                   r.benches[ARITHMETIC].roofline.reason, "no peaks");
}

static void the_theoretical_peak_follows_from_the_clock(void **state) {
    run r;
    (void)state;
    make_run(&r);
    gb_find_rooflines(&r.result);
    const gb_roofline *fma = &r.benches[FMA].roofline;
    GB_EXPECT_NEAR(384e9, fma->theoretical_flop_per_s, 1.0, "fp64");
    GB_EXPECT_TEXT("2 pipes x 16 flop x 4 cores x 3.000 GHz (compute.clock "
                   "under vector load)",
                   fma->theoretical, "words");
    GB_EXPECT_NEAR(768e9, r.benches[FMA32].roofline.theoretical_flop_per_s, 1.0,
                   "fp32");
    /* 1.04 instructions a cycle are one pipe and an error of the clock. */
    rates(&r, FMA, 1.04 * 16 * 12e9, 1.0, 0.0);
    gb_find_rooflines(&r.result);
    GB_EXPECT_NEAR(192e9, fma->theoretical_flop_per_s, 1.0, "one pipe");
    r.benches[CLOCK].valid = false;
    gb_find_rooflines(&r.result);
    assert_true(isnan(fma->theoretical_flop_per_s));
    GB_EXPECT_TEXT("", fma->theoretical, "no clock");
}

/* --- power over load ------------------------------------------------------ */

enum { LOW, FULL, REST, LOADS };

/* 10 and 100 units a second at 40 and 100 W; 20 W at rest. */
static void make_loads(run *r) {
    static const double watts[] = {40.0, 100.0, 20.0};
    *r = (run){.place = {.node = 0, .core_count = 4}};
    put(r, LOW, "load", "level", "10%", "x", "");
    put(r, FULL, "load", "level", "100%", "x", "");
    put(r, REST, "idle", "x", "", "x", "");
    r->params[LOW].f64 = 10.0;
    r->params[FULL].f64 = 100.0;
    for (int i = 0; i < LOADS; i++) {
        r->benches[i].performance.median = i == FULL ? 100.0 : 10.0;
        r->benches[i].power_w = watts[i];
        r->benches[i].power_u_w = 0.05 * watts[i];
        gb_copy(r->benches[i].efficiency_unit,
                sizeof(r->benches[i].efficiency_unit), "operation/J");
    }
    r->plan = (gb_plan){.cases = r->cases, .case_count = LOADS};
    r->result = (gb_result){.session = &r->session,
                            .plan = &r->plan,
                            .benches = r->benches,
                            .bench_count = LOADS};
}

static const gb_proportionality *find_loads(run *r) {
    static const gb_idle_power windows = {
        .power_w = 30.0, .resolution_w = 3.0, .calibration_w = 4.0};
    gb_error err = {0};
    free(r->result.proportionality.levels);
    assert_int_equal(gb_find_proportionality(&windows, &r->result, &err),
                     GB_OK);
    return &r->result.proportionality;
}

static void power_over_load_is_a_ratio_of_sums(void **state) {
    run r;
    (void)state;
    make_loads(&r);
    const gb_proportionality *all = find_loads(&r);
    assert_int_equal(all->level_count, 2);
    GB_EXPECT_NEAR(1.0, all->levels[0].level, 1e-12, "highest first");
    GB_EXPECT_NEAR(0.1, all->levels[1].level, 1e-12, "lowest last");
    GB_EXPECT_NEAR(0.2, all->idle_share, 1e-12, "rest over full");
    GB_EXPECT_NEAR(110.0 / 160.0, all->overall, 1e-12, "not a mean of ratios");
    GB_EXPECT_NEAR(0.05, all->overall_u / all->overall, 1e-12, "one meter");
    GB_EXPECT_TEXT("operation/J", all->unit, "unit");
    /* Without the benchmark the windows around the suite stand in. */
    r.benches[REST].valid = false;
    all = find_loads(&r);
    GB_EXPECT_NEAR(30.0, all->idle_w, 1e-12, "windows");
    GB_EXPECT_NEAR(5.0, all->idle_u_w, 1e-12, "windows");
    free(r.result.proportionality.levels);
}

static void without_power_or_levels_there_is_no_overall_figure(void **state) {
    run r;
    (void)state;
    make_loads(&r);
    r.benches[LOW].power_w = NAN;
    const gb_proportionality *all = find_loads(&r);
    assert_int_equal(all->level_count, 2);
    assert_true(isnan(all->overall));
    GB_EXPECT_TEXT("power is not known at every level and at rest", all->reason,
                   "no power");
    r.benches[LOW].valid = false;
    all = find_loads(&r);
    assert_int_equal(all->level_count, 0);
    GB_EXPECT_TEXT("fewer than two levels of load were measured", all->reason,
                   "one level");
    free(r.result.proportionality.levels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_marks_its_repetition_with_its_words),
        cmocka_unit_test(the_figures_of_the_others_are_told_beside),
        cmocka_unit_test(latency_is_the_time_of_one_that_waits_for_the_last),
        cmocka_unit_test(without_work_there_is_power_and_no_performance),
        cmocka_unit_test(benchmarks_stand_below_the_peaks_of_their_run),
        cmocka_unit_test(a_roof_that_was_not_measured_leaves_no_fraction),
        cmocka_unit_test(the_network_stands_below_pairs_of_its_kind),
        cmocka_unit_test(where_a_share_makes_no_sense_it_is_said),
        cmocka_unit_test(the_theoretical_peak_follows_from_the_clock),
        cmocka_unit_test(power_over_load_is_a_ratio_of_sums),
        cmocka_unit_test(without_power_or_levels_there_is_no_overall_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
