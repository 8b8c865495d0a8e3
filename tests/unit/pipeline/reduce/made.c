/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void *grow(void *items, size_t count, size_t size) {
    void *larger = realloc(items, (count + 1) * size);

    assert_non_null(larger);
    memset((char *)larger + count * size, 0, size);
    return larger;
}

static void make_node(gb_node *node, size_t index) {
    static const char *const names[MADE_DOMAINS] = {"package-0", "core",
                                                    "package-1", "package-2"};

    snprintf(node->name, sizeof(node->name), "node%zu", index);
    node->domains = calloc(MADE_DOMAINS, sizeof(*node->domains));
    assert_non_null(node->domains);
    node->domain_count = MADE_DOMAINS;
    for (size_t d = 0; d < MADE_DOMAINS; d++) {
        gb_energy_domain *domain = &node->domains[d];
        gb_copy(domain->name, sizeof(domain->name), names[d]);
        domain->scope = d == 1 ? GB_SCOPE_CORES : GB_SCOPE_PACKAGE;
        domain->package = (int32_t)d / 2;
        domain->die = -1;
        domain->tick_j = domain->step_j = 1e-6;
        domain->wrap_ticks = 1000000000; /* 1000 J */
        domain->update_ns = MADE_MS;
        domain->max_power_w = 1000.0;
        domain->u_rel = 0.03;
        domain->quality = GB_QUALITY_MEASURED;
        domain->summed = d == 0 || d == 2;
    }
    node->domains[3].status = GB_DOMAIN_FORBIDDEN;
    gb_copy(node->domains[3].reason, sizeof(node->domains[3].reason),
            "permission denied");
    node->cover.quality = GB_QUALITY_MEASURED;
    node->cover.summed_count = 2;
}

void made_open(made_run *run, size_t node_count, uint32_t ranks) {
    gb_session *session = &run->log.session;

    *run = (made_run){.now_ns = 5000 * MADE_MS};
    run->plan.cases = calloc(2, sizeof(*run->plan.cases));
    assert_non_null(run->plan.cases);
    run->plan.case_count = 2;
    for (size_t c = 0; c < 2; c++) {
        run->plan.cases[c].id = strdup(c == 0 ? "memory.a" : "compute.b");
        run->plan.cases[c].work_unit = strdup("byte");
        run->plan.cases[c].repeats = 3;
    }
    run->log.has_session = true;
    session->ranks = ranks;
    session->sample_hz = 10.0;
    session->node_count = node_count;
    session->nodes = calloc(node_count, sizeof(*session->nodes));
    session->places = calloc(ranks, sizeof(*session->places));
    assert_non_null(session->nodes);
    assert_non_null(session->places);
    for (size_t n = 0; n < node_count; n++)
        make_node(&session->nodes[n], n);
    for (uint32_t r = 0; r < ranks; r++)
        session->places[r].node = (uint32_t)(r * node_count / ranks);
}

void made_resume(made_run *run, gb_run_log *before) {
    made_run next;

    made_open(&next, run->log.session.node_count, run->log.session.ranks);
    gb_plan_fini(&next.plan);
    next.plan = run->plan;
    next.log.session.launch = 2;
    *before = run->log;
    *run = next;
    run->now_ns = 2000 * MADE_MS; /* clocks began anew, and overlap */
}

void made_join(made_run *run, gb_run_log *before) {
    gb_run_log *later = malloc(sizeof(*later));

    assert_non_null(later);
    *later = run->log;
    run->log = *before;
    run->log.next = later;
}

void made_close(made_run *run) {
    gb_plan_fini(&run->plan);
    gb_run_log_fini(&run->log);
}

static void add_row(made_run *run, const gb_sample *row) {
    gb_run_log *log = &run->log;

    if (log->sample_count == run->sample_capacity) {
        run->sample_capacity = run->sample_capacity * 2 + 1024;
        log->samples =
            realloc(log->samples, run->sample_capacity * sizeof(*log->samples));
        assert_non_null(log->samples);
    }
    log->samples[log->sample_count++] = *row;
}

void made_tick(made_run *run, bool mark) {
    for (uint32_t n = 0; n < run->log.session.node_count; n++)
        for (uint32_t d = 0; d < MADE_DOMAINS - 1; d++) {
            /* Read one after the other, 10 us apart; nodes start apart. */
            const uint64_t time_ns = run->now_ns + d * 10000;
            const uint64_t power_w = d == 1 ? 7 : 100 * (n + 1);
            const gb_sample row = {
                .node = n,
                .domain = d,
                .reading = {.ticks = (n * 77 + d * 999900000 +
                                      power_w * time_ns / 1000) %
                                     1000000000,
                            .time_ns = time_ns + n * MADE_APART_NS,
                            .half_ns = 500,
                            .ok = true},
                .mark = mark,
            };
            add_row(run, &row);
        }
}

void made_pass(made_run *run, unsigned ms) {
    const uint64_t end_ns = run->now_ns + ms * MADE_MS;
    const uint64_t step_ns = 100 * MADE_MS;

    for (uint64_t t = run->now_ns / step_ns * step_ns + step_ns; t < end_ns;
         t += step_ns) {
        run->now_ns = t;
        made_tick(run, false);
    }
    run->now_ns = end_ns;
}

gb_node_window *made_window(made_run *run, unsigned ms) {
    const size_t count = run->log.session.node_count;
    gb_node_window *windows = calloc(count, sizeof(*windows));

    assert_non_null(windows);
    run->now_ns += 13 * MADE_MS; /* not on a tick */
    for (size_t n = 0; n < count; n++)
        windows[n].begin_ns = run->now_ns + n * MADE_APART_NS;
    made_tick(run, true);
    made_pass(run, ms);
    for (size_t n = 0; n < count; n++)
        windows[n].end_ns = run->now_ns + n * MADE_APART_NS;
    made_tick(run, true);
    run->now_ns += 7 * MADE_MS;
    return windows;
}

void made_trial(made_run *run, uint32_t case_index, gb_status status,
                const char *what) {
    gb_run_log *log = &run->log;

    log->trials = grow(log->trials, log->trial_count, sizeof(*log->trials));
    gb_trial_record *trial = &log->trials[log->trial_count++];
    trial->case_index = case_index;
    trial->status = status;
    trial->iterations = 42;
    gb_copy(trial->what, sizeof(trial->what), what);
}

gb_rep_record *made_rep(made_run *run, uint32_t case_index, uint32_t repetition,
                        unsigned ms) {
    gb_run_log *log = &run->log;
    const uint32_t ranks = log->session.ranks;

    log->reps = grow(log->reps, log->rep_count, sizeof(*log->reps));
    gb_rep_record *rep = &log->reps[log->rep_count++];
    rep->case_index = case_index;
    rep->repetition = repetition;
    rep->ranks = calloc(ranks, sizeof(*rep->ranks));
    rep->counter_count = 2;
    rep->counters = calloc((size_t)2 * ranks, sizeof(*rep->counters));
    assert_non_null(rep->ranks);
    assert_non_null(rep->counters);
    for (uint32_t r = 0; r < ranks; r++) {
        rep->ranks[r].elapsed_s = 1e-3 * ms - 1e-3 * (ranks - 1 - r);
        rep->ranks[r].work = 1000.0;
        rep->counters[2 * r] = 10;
        rep->counters[2 * r + 1] = r == 1 ? GB_COUNT_NONE : 5;
    }
    rep->elapsed_s = 1e-3 * ms;
    rep->windows = made_window(run, ms);
    return rep;
}

void made_idle(made_run *run, bool after, unsigned ms) {
    gb_run_log *log = &run->log;

    log->idles = grow(log->idles, log->idle_count, sizeof(*log->idles));
    gb_idle_record *idle = &log->idles[log->idle_count++];
    idle->after = after;
    idle->windows = made_window(run, ms);
}

gb_sample *made_row(made_run *run, uint32_t node, uint32_t domain,
                    size_t back) {
    for (size_t i = run->log.sample_count; i > 0; i--) {
        gb_sample *row = &run->log.samples[i - 1];
        if (row->node == node && row->domain == domain && back-- == 0)
            return row;
    }
    fail_msg("no such row of node %u, domain %u", node, domain);
    return NULL;
}
