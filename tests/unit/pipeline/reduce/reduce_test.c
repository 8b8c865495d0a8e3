/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "made.h"
#include "pipeline/reduce/reduce.h"
#include "support/gb_test.h"

static gb_reduced reduce(const made_run *run) {
    gb_reduced reduced = {0};
    gb_error err = {0};

    if (gb_reduce(&run->plan, &run->log, &reduced, &err) != GB_OK)
        fail_msg("%s", err.what);
    return reduced;
}

static void expect_near(const char *label, double expected, double got,
                        double tolerance) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: expected %.9g, got %.9g", label, expected, got);
}

/* --- bad records ---------------------------------------------------------- */

static void records_that_contradict_the_session_are_refused(void **state) {
    static const char *const labels[] = {"node",  "domain", "case of a rep",
                                         "trial", "rank",   "rate"};

    (void)state;
    for (int fault = 0; fault < 6; fault++) {
        made_run run;
        gb_reduced reduced = {.case_count = 4711};
        gb_error err = {0};

        made_open(&run, 2, 4);
        made_trial(&run, 0, GB_OK, "");
        made_rep(&run, 0, 0, 1000);
        if (fault == 0)
            run.log.samples[5].node = 2;
        if (fault == 1)
            run.log.samples[5].domain = MADE_DOMAINS;
        if (fault == 2)
            run.log.reps[0].case_index = 2;
        if (fault == 3)
            run.log.trials[0].case_index = 9;
        if (fault == 4)
            run.log.session.places[3].node = 2;
        if (fault == 5)
            run.log.session.sample_hz = 0.0;
        if (gb_reduce(&run.plan, &run.log, &reduced, &err) != GB_ERR_INVALID ||
            err.what[0] == '\0' || reduced.case_count != 4711)
            fail_msg("%s: accepted", labels[fault]);
        made_close(&run);
    }
}

static void a_case_that_was_not_reached_says_so(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    gb_reduced reduced = reduce(&run);
    assert_int_equal(reduced.case_count, 2);
    assert_int_equal(reduced.cases[1].status, GB_ERR_INTERRUPTED);
    assert_non_null(strstr(reduced.cases[1].reason, "not reached"));
    assert_false(reduced.launches[0].idle_before.present);
    assert_true(isnan(reduced.launches[0].idle_before.power_w));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void a_wrong_repetition_makes_its_trial_invalid(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    gb_rep_record *wrong = made_rep(&run, 0, 1, 1000);
    wrong->status = GB_ERR_VERIFY;
    gb_copy(wrong->what, sizeof(wrong->what), "a[512]: expected 7, got 6.5");

    gb_reduced reduced = reduce(&run);
    const gb_reduced_case *one = &reduced.cases[0];
    assert_int_equal(one->status, GB_ERR_VERIFY);
    assert_string_equal(one->reason,
                        "repetition 1: a[512]: expected 7, got 6.5");
    assert_true(one->reps[0].valid);
    assert_false(one->reps[1].valid);
    assert_true(isnan(one->reps[1].work));
    assert_true(isnan(one->reps[1].energy.energy_j));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void work_of_nothing_is_not_valid(void **state) {
    static const double works[] = {0.0, -1.0, (double)INFINITY, (double)NAN};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        made_run run;

        made_open(&run, 1, 1);
        made_trial(&run, 0, GB_OK, "");
        made_rep(&run, 0, 0, 1000)->ranks[0].work = works[i];
        gb_reduced reduced = reduce(&run);
        assert_int_equal(reduced.cases[0].status, GB_ERR_RANGE);
        assert_false(reduced.cases[0].reps[0].valid);
        gb_reduced_fini(&reduced);
        made_close(&run);
    }
}

static void a_repetition_stopped_by_the_user_spoils_no_other(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    made_rep(&run, 0, 1, 1000)->status = GB_ERR_INTERRUPTED;
    gb_reduced reduced = reduce(&run);
    assert_int_equal(reduced.cases[0].status, GB_OK);
    assert_true(reduced.cases[0].reps[0].valid);
    assert_false(reduced.cases[0].reps[1].valid);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

/* --- the sums ------------------------------------------------------------- */

static void work_is_summed_over_ranks_and_energy_over_nodes(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 2, 4);
    made_pass(&run, 333);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 2000);
    made_rep(&run, 0, 1, 3000);
    gb_reduced reduced = reduce(&run);
    const gb_reduced_rep *rep = &reduced.cases[0].reps[1];

    assert_int_equal(reduced.cases[0].rep_count, 2);
    assert_int_equal(reduced.cases[0].iterations, 42);
    assert_true(rep->valid);
    expect_near("slowest rank", 3.0, rep->time_s, 1e-9);
    expect_near("window", 3.0, rep->window_s, 1e-9);
    expect_near("work", 4000.0, rep->work, 1e-9);
    /* Over both repetitions, of 2 s and 3 s. */
    const gb_reduced_node *nodes = reduced.cases[0].nodes;
    expect_near("work of node 1", 4000.0, nodes[1].work, 1e-9);
    /* Two packages of 100 W, two of 200 W; 7 W of the cores left out. */
    expect_near("node 0", 1000.0, nodes[0].energy.energy_j, 8e-6);
    expect_near("node 1", 2000.0, nodes[1].energy.energy_j, 8e-6);
    expect_near("metered", 1800.0, rep->metered.energy_j, 8e-6);
    expect_near("total", 1800.0, rep->energy.energy_j, 8e-6);
    assert_int_equal(rep->energy.quality, GB_QUALITY_MEASURED);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

/* The whole run waits for the slowest rank; a node is not slow because another
 * one is. */
static void the_time_of_a_node_is_that_of_its_own_ranks(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 2, MADE_RANKS);
    made_trial(&run, 0, GB_OK, "");
    for (uint32_t i = 0; i < 2; i++) {
        gb_rep_record *record = made_rep(&run, 0, i, 3000);
        for (uint32_t r = 0; r < MADE_RANKS; r++)
            record->ranks[r].elapsed_s =
                run.log.session.places[r].node == 0 ? 1.0 + 0.01 * r : 3.0;
    }
    gb_reduced reduced = reduce(&run);
    const gb_reduced_node *nodes = reduced.cases[0].nodes;

    assert_int_equal(run.log.session.places[1].node, 0);
    expect_near("node 0", 2.02, nodes[0].time_s, 1e-12);
    expect_near("node 1", 6.0, nodes[1].time_s, 1e-12);
    expect_near("the run", 3.0, reduced.cases[0].reps[0].time_s, 1e-12);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

/* Counters of a node are late together, those of two nodes are not. */
static void phases_add_within_a_node_and_scatter_between_nodes(void **state) {
    made_run run;
    const double late_j = 100.0 * 1e-3 / sqrt(6.0); /* of 100 W, 1 ms */

    (void)state;
    made_open(&run, 2, 2);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 2000);
    gb_reduced reduced = reduce(&run);
    const gb_reduced_rep *rep = &reduced.cases[0].reps[0];

    const gb_reduced_node *nodes = reduced.cases[0].nodes;
    expect_near("node 0", 2.0 * late_j, nodes[0].energy.budget.phase_j, 1e-6);
    expect_near("node 1", 4.0 * late_j, nodes[1].energy.budget.phase_j, 1e-6);
    expect_near("both", hypot(2.0, 4.0) * late_j, rep->energy.budget.phase_j,
                1e-6);
    expect_near("calibration", 0.03 * 1200.0, rep->energy.budget.calibration_j,
                1e-6);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void as_many_ranks_as_one_likes_use_the_same_energy(void **state) {
    double energy_j[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        made_run run;

        made_open(&run, 1, i == 0 ? 1 : 8);
        made_trial(&run, 0, GB_OK, "");
        made_rep(&run, 0, 0, 1000);
        gb_reduced reduced = reduce(&run);
        energy_j[i] = reduced.cases[0].reps[0].energy.energy_j;
        gb_reduced_fini(&reduced);
        made_close(&run);
    }
    expect_near("joules", energy_j[0], energy_j[1], 0.0);
}

/* Window i of k is found among all others, not only the first one. */
static void each_window_has_its_own_energy(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 2, 2);
    made_trial(&run, 0, GB_OK, "");
    for (uint32_t i = 0; i < 20; i++)
        made_rep(&run, 0, i, 500 + 100 * i);
    gb_reduced reduced = reduce(&run);
    for (uint32_t i = 0; i < 20; i++)
        expect_near("total", 600.0 * (0.5 + 0.1 * i),
                    reduced.cases[0].reps[i].energy.energy_j, 8e-6);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void a_node_without_a_figure_leaves_the_total_without_one(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 3, 3);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    made_row(&run, 1, 2, 0)->reading.ok = false; /* the mark at the end */
    made_rep(&run, 0, 1, 1000);
    gb_reduced reduced = reduce(&run);
    const gb_reduced_rep *rep = &reduced.cases[0].reps[0];
    const gb_reduced_node *nodes = reduced.cases[0].nodes;

    assert_true(rep->valid);
    expect_near("node 0", 400.0, nodes[0].energy.energy_j, 8e-6);
    assert_true(isnan(nodes[1].energy.energy_j));
    /* What is silent once is left out of the part in every repetition. */
    for (size_t i = 0; i < 2; i++)
        expect_near("metered", 800.0, reduced.cases[0].reps[i].metered.energy_j,
                    8e-6);
    expect_near("the other", 1200.0, reduced.cases[0].reps[1].energy.energy_j,
                8e-6);
    assert_true(isnan(rep->energy.energy_j));
    assert_int_equal(rep->energy.quality, GB_QUALITY_UNAVAILABLE);
    assert_non_null(strstr(rep->energy.reason, "2/3 nodes only: node1"));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

/* The stamp of a window is that of its first good row. */
static void a_failed_read_of_the_first_domain_moves_the_stamp(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    run.log.session.nodes[0].domains[0].summed = false;
    made_trial(&run, 0, GB_OK, "");
    gb_rep_record *rep = made_rep(&run, 0, 0, 1000);
    made_row(&run, 0, 0, 0)->reading = (gb_energy_reading){0};
    rep->windows[0].end_ns += 10000; /* as the sampler reported it */
    gb_reduced reduced = reduce(&run);
    expect_near("package-1", 100.0, reduced.cases[0].reps[0].energy.energy_j,
                2e-6);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void a_window_that_nobody_sampled_has_no_energy(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000)->windows[0].end_ns += 1;
    gb_reduced reduced = reduce(&run);
    const gb_reduced_rep *rep = &reduced.cases[0].reps[0];
    assert_true(rep->valid);
    assert_true(isnan(rep->energy.energy_j));
    assert_non_null(strstr(rep->energy.reason, "no samples mark the edges"));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void a_node_without_counters_says_so(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    run.log.sample_count = 0;
    for (size_t d = 0; d < MADE_DOMAINS; d++)
        run.log.session.nodes[0].domains[d].summed = false;
    gb_reduced reduced = reduce(&run);
    assert_non_null(
        strstr(reduced.cases[0].reps[0].energy.reason, "no energy counter"));
    expect_near("window", 1.0, reduced.cases[0].reps[0].window_s, 1e-9);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static const gb_source_figure *source_of(const gb_reduced *reduced,
                                         uint32_t domain) {
    for (size_t i = 0; i < reduced->source_count; i++)
        if (reduced->sources[i].domain == domain)
            return &reduced->sources[i];
    return NULL;
}

/* What becomes of a counter is told even where no window is hurt. */
static void a_counter_that_fails_during_the_run_is_told(void **state) {
    static const struct {
        const char *label, *reason;
        gb_domain_status status;
    } cases[] = {
        {"fine", "", GB_DOMAIN_OK},
        {"a failed read", "1 of ", GB_DOMAIN_FAILED},
        {"a slow read", "a read took 0.3 s", GB_DOMAIN_FAILED},
        {"a reset", "reset", GB_DOMAIN_FAILED},
        {"a standstill", "stood still", GB_DOMAIN_STUCK},
    };

    (void)state;
    for (size_t k = 0; k < GB_COUNT(cases); k++) {
        made_run run;

        made_open(&run, 1, 1);
        made_trial(&run, 0, GB_OK, "");
        made_rep(&run, 0, 0, 3000);
        for (size_t back = 10; back < 20; back++) {
            gb_energy_reading *at = &made_row(&run, 0, 0, back)->reading;
            const gb_energy_reading *first = &made_row(&run, 0, 0, 19)->reading;
            if (k == 1 && back == 12)
                *at = (gb_energy_reading){.time_ns = at->time_ns};
            if (k == 2 && back == 12)
                at->half_ns = 150000000;
            if (k == 3 && back < 13)
                at->ticks = back;
            if (k == 4)
                at->ticks = first->ticks;
        }
        gb_reduced reduced = reduce(&run);
        const gb_source_figure *source = source_of(&reduced, 0);
        if (source->status != cases[k].status ||
            strstr(source->reason, cases[k].reason) == NULL)
            fail_msg("%s: '%s', '%s'", cases[k].label,
                     gb_domain_status_name(source->status), source->reason);
        /* The domain that was never readable keeps its own verdict. */
        assert_int_not_equal(source_of(&reduced, 3)->status, GB_DOMAIN_OK);
        gb_reduced_fini(&reduced);
        made_close(&run);
    }
}

static void of_a_repetition_done_again_the_last_counts(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    made_rep(&run, 0, 1, 1000)->status = GB_ERR_INTERRUPTED;
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 1, 2000);
    made_rep(&run, 0, 2, 1000);
    gb_reduced reduced = reduce(&run);
    assert_int_equal(reduced.cases[0].status, GB_OK);
    assert_int_equal(reduced.cases[0].rep_count, 3);
    expect_near("time", 2.0, reduced.cases[0].reps[1].time_s, 1e-9);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void counters_are_means_of_sums_and_missing_ones_missing(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 2, 4);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    made_rep(&run, 0, 1, 1000)->counters[0] = 30;
    gb_reduced reduced = reduce(&run);
    const gb_reduced_case *one = &reduced.cases[0];
    assert_int_equal(one->counter_count, 2);
    expect_near("mean of 40 and 60", 50.0, one->counters[0], 1e-12);
    assert_true(isnan(one->counters[1]));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void idle_power_is_that_of_all_nodes(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 2, 2);
    made_idle(&run, false, 2000);
    made_idle(&run, true, 1000);
    gb_reduced reduced = reduce(&run);
    assert_true(reduced.launches[0].idle_before.present);
    expect_near("before", 600.0, reduced.launches[0].idle_before.power_w, 1e-3);
    expect_near("after", 600.0, reduced.launches[0].idle_after.power_w, 1e-3);
    expect_near("calibration", 18.0, reduced.launches[0].idle_after.u_w, 0.5);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void sources_count_the_whole_run(void **state) {
    made_run run;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 25000); /* 2500 J in counters of 1000 J */
    const size_t rows = run.log.sample_count / (MADE_DOMAINS - 1);
    made_row(&run, 0, 0, 5)->reading.ok = false;
    made_row(&run, 0, 0, 0)->reading.ok = false;
    gb_reduced reduced = reduce(&run);
    assert_int_equal(reduced.source_count, MADE_DOMAINS);
    assert_int_equal(reduced.sources[0].reads, rows);
    assert_int_equal(reduced.sources[0].errors, 2);
    assert_in_range(reduced.sources[2].wraps, 2, 3);
    expect_near("package-1", 2500.0, reduced.sources[2].energy_j, 2e-6);
    assert_int_equal(reduced.sources[3].reads, 0);
    assert_true(isnan(reduced.sources[3].energy_j));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

/* The second launch's ticks, stamps and order of domains are its own; windows
 * of both have the same stamps, and each finds its own samples. */
static void launches_are_reduced_with_their_own_samples(void **state) {
    made_run run;
    gb_run_log before;

    (void)state;
    made_open(&run, 2, MADE_RANKS);
    run.now_ns = 2000 * MADE_MS;
    made_idle(&run, false, 1000);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    made_rep(&run, 0, 1, 1000);
    gb_rep_record *cut = made_rep(&run, 0, 2, 1000);
    cut->status = GB_ERR_INTERRUPTED;
    made_resume(&run, &before);
    made_idle(&run, false, 2000);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 2, 3000);
    made_trial(&run, 1, GB_OK, "");
    made_rep(&run, 1, 0, 1000);
    made_idle(&run, true, 1000);
    for (size_t i = 0; i < run.log.sample_count; i++)
        run.log.samples[i].reading.ticks =
            (run.log.samples[i].reading.ticks + 123456789) % 1000000000;
    made_join(&run, &before);

    gb_reduced reduced = reduce(&run);
    const gb_reduced_case *one = &reduced.cases[0];
    assert_int_equal(reduced.launch_count, 2);
    assert_int_equal(one->status, GB_OK);
    assert_int_equal(one->rep_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(one->reps[i].valid);
        assert_int_equal(one->reps[i].repetition, i);
        assert_int_equal(one->reps[i].launch, i == 2);
        expect_near("energy", i == 2 ? 1800.0 : 600.0,
                    one->reps[i].energy.energy_j, 1e-3);
    }
    assert_int_equal(reduced.cases[1].reps[0].launch, 1);
    assert_true(reduced.launches[0].idle_before.present);
    assert_false(reduced.launches[0].idle_after.present);
    assert_true(reduced.launches[1].idle_before.present);
    expect_near("after", 600.0, reduced.launches[1].idle_after.power_w, 1e-3);
    assert_int_equal(reduced.sources[0].reads,
                     (run.log.sample_count + run.log.next->sample_count) /
                         (2 * (MADE_DOMAINS - 1)));
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void a_domain_is_found_again_at_another_place(void **state) {
    made_run run;
    gb_run_log before;

    (void)state;
    made_open(&run, 1, 1);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 1000);
    made_resume(&run, &before);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 1, 1000);
    made_row(&run, 0, 0, 3)->reading.ok = false;
    gb_energy_domain *domains = run.log.session.nodes[0].domains;
    const gb_energy_domain first = domains[0];
    domains[0] = domains[2];
    domains[2] = first;
    made_join(&run, &before);
    gb_reduced reduced = reduce(&run);
    /* Its rows are those of the second launch's domain 2. */
    assert_int_equal(reduced.sources[0].errors, 0);
    assert_int_equal(reduced.sources[2].errors, 1);
    assert_int_equal(reduced.sources[2].status, GB_DOMAIN_FAILED);
    assert_int_equal(strncmp(reduced.sources[2].reason, "launch 2: ", 10), 0);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void launches_of_another_shape_are_refused(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        made_run run;
        gb_run_log before;
        gb_reduced reduced;
        gb_error err = {0};

        made_open(&run, 2, 2);
        made_resume(&run, &before);
        run.log.session.places[1].node = 0;
        if (kind == 0)
            run.log.session.ranks = 1;
        else if (kind == 1)
            run.log.session.node_count = 1;
        else
            run.log.session.counters = strdup("PAPI_TOT_INS");
        made_join(&run, &before);
        assert_int_equal(gb_reduce(&run.plan, &run.log, &reduced, &err),
                         GB_ERR_INVALID);
        assert_non_null(strstr(err.what, "session of launch 2: expected 2"));
        run.log.next->session.node_count = 2; /* to be freed */
        made_close(&run);
    }
}

static void one_window_of_one_node_shows_each_domain(void **state) {
    made_run run;
    gb_energy_figure figures[MADE_DOMAINS], total;
    gb_error err = {0};

    (void)state;
    made_open(&run, 2, 2);
    gb_node_window *windows = made_window(&run, 1500);
    assert_int_equal(
        gb_reduce_node_window(&run.log, 2, windows, figures, &total, &err),
        GB_ERR_INVALID);
    assert_int_equal(
        gb_reduce_node_window(&run.log, 1, &windows[1], figures, &total, &err),
        GB_OK);
    expect_near("package-0", 300.0, figures[0].energy_j, 2e-6);
    expect_near("core", 10.5, figures[1].energy_j, 2e-6);
    assert_true(isnan(figures[3].energy_j));
    assert_string_equal(figures[3].reason, "forbidden: permission denied");
    expect_near("node", 600.0, total.energy_j, 4e-6);
    free(windows);
    made_close(&run);
}

/* A node that sums a part of what it has: the figure stands, and says so. */
static void a_partial_cover_marks_every_figure(void **state) {
    for (int missing = 0; missing < 2; missing++) {
        made_run run;

        (void)state;
        made_open(&run, 2, 2);
        if (missing)
            gb_copy(run.log.session.nodes[1].cover.missing, 64,
                    "1 of 2 packages has no counter");
        made_trial(&run, 0, GB_OK, "");
        made_rep(&run, 0, 0, 1500);
        gb_reduced reduced = reduce(&run);
        const gb_energy_figure *energy = &reduced.cases[0].reps[0].energy;
        assert_true(energy->energy_j > 0.0);
        assert_int_equal(energy->flags & GB_FLAG(PARTIAL),
                         missing ? GB_FLAG(PARTIAL) : 0);
        gb_reduced_fini(&reduced);
        made_close(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_that_contradict_the_session_are_refused),
        cmocka_unit_test(a_case_that_was_not_reached_says_so),
        cmocka_unit_test(a_wrong_repetition_makes_its_trial_invalid),
        cmocka_unit_test(work_of_nothing_is_not_valid),
        cmocka_unit_test(a_repetition_stopped_by_the_user_spoils_no_other),
        cmocka_unit_test(work_is_summed_over_ranks_and_energy_over_nodes),
        cmocka_unit_test(the_time_of_a_node_is_that_of_its_own_ranks),
        cmocka_unit_test(phases_add_within_a_node_and_scatter_between_nodes),
        cmocka_unit_test(as_many_ranks_as_one_likes_use_the_same_energy),
        cmocka_unit_test(each_window_has_its_own_energy),
        cmocka_unit_test(a_node_without_a_figure_leaves_the_total_without_one),
        cmocka_unit_test(a_failed_read_of_the_first_domain_moves_the_stamp),
        cmocka_unit_test(a_window_that_nobody_sampled_has_no_energy),
        cmocka_unit_test(a_node_without_counters_says_so),
        cmocka_unit_test(a_counter_that_fails_during_the_run_is_told),
        cmocka_unit_test(of_a_repetition_done_again_the_last_counts),
        cmocka_unit_test(counters_are_means_of_sums_and_missing_ones_missing),
        cmocka_unit_test(idle_power_is_that_of_all_nodes),
        cmocka_unit_test(sources_count_the_whole_run),
        cmocka_unit_test(launches_are_reduced_with_their_own_samples),
        cmocka_unit_test(a_domain_is_found_again_at_another_place),
        cmocka_unit_test(launches_of_another_shape_are_refused),
        cmocka_unit_test(one_window_of_one_node_shows_each_domain),
        cmocka_unit_test(a_partial_cover_marks_every_figure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
