/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/phase.h"

#include <math.h>
#include <stdlib.h>

#include "metering/window.h"
#include "pipeline/reduce/energy.h"

/* A sampler that is late by so much of its interval is in time. */
#define JITTER 0.1

size_t gb_phase_whole_readings(const gb_energy_reading *readings, size_t count,
                               uint64_t each_ns, const gb_node_window *window) {
    const uint64_t slack_ns = (uint64_t)(JITTER * (double)each_ns);
    const uint64_t step_ns = each_ns - slack_ns;
    uint64_t last_ns = window->begin_ns;
    size_t whole = 0;

    for (size_t i = 0; i < count; i++) {
        const uint64_t at_ns = readings[i].time_ns;
        if (!readings[i].ok || at_ns < last_ns + step_ns ||
            at_ns > window->end_ns)
            continue;
        last_ns = at_ns;
        whole++;
    }
    return whole;
}

/* --- windows -------------------------------------------------------------- */

static const gb_rep_record *find_rep(const gb_run_log *log, uint32_t case_index,
                                     uint32_t repetition) {
    for (size_t i = 0; i < log->rep_count; i++)
        if (log->reps[i].case_index == case_index &&
            log->reps[i].repetition == repetition &&
            log->reps[i].windows != NULL)
            return &log->reps[i];
    return NULL;
}

/* Make the window of a node longer by what lies between it and @p other. */
static void keep_clear(const gb_node_window *core, const gb_node_window *other,
                       gb_node_window *full) {
    if (other->end_ns <= core->begin_ns && other->end_ns > full->begin_ns)
        full->begin_ns = other->end_ns;
    if (other->begin_ns >= core->end_ns && other->begin_ns < full->end_ns)
        full->end_ns = other->begin_ns;
}

/* begin 0 or end UINT64_MAX: there is no window on that side. */
static gb_node_window full_run_of(const gb_run_log *log, uint32_t node,
                                  const gb_node_window *core) {
    gb_node_window full = {0, UINT64_MAX};

    for (size_t i = 0; i < log->rep_count; i++)
        if (log->reps[i].windows != NULL)
            keep_clear(core, &log->reps[i].windows[node], &full);
    for (size_t i = 0; i < log->idle_count; i++)
        keep_clear(core, &log->idles[i].windows[node], &full);
    return full;
}

/* --- readings ------------------------------------------------------------- */

static void look_at_domain(const gb_session *session,
                           const gb_energy_domain *domain,
                           const gb_index_domain *rows, uint32_t begin,
                           uint32_t end, const gb_node_window *window,
                           gb_phase *out) {
    size_t count = 0;
    const gb_energy_reading *readings =
        gb_index_domain_slice(rows, begin, end, &count);
    const uint64_t sampled_ns = (uint64_t)(1e9 / session->sample_hz);
    const uint64_t each_ns =
        domain->update_ns > sampled_ns ? domain->update_ns : sampled_ns;
    const double lag_s = 1e-9 * (double)domain->update_ns;
    double longest_s = 1e-9 * (double)domain->update_ns;
    const gb_energy_reading *last = NULL, *first = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!readings[i].ok)
            continue;
        if (last != NULL)
            longest_s = fmax(longest_s, 1e-9 * (double)(readings[i].time_ns -
                                                        last->time_ns));
        first = first != NULL ? first : &readings[i];
        last = &readings[i];
    }
    const size_t whole =
        gb_phase_whole_readings(readings, count, each_ns, window);
    out->readings = whole < out->readings ? whole : out->readings;
    if (first == NULL)
        return;
    out->interval_s = fmax(out->interval_s, longest_s);
    /* What was read at an edge may be as old as the last update. */
    const double edges_s[2] = {
        fmax(0.0, ((double)first->time_ns - (double)window->begin_ns) * 1e-9),
        fmax(0.0, ((double)window->end_ns - (double)last->time_ns) * 1e-9)};
    for (int i = 0; i < 2; i++)
        out->uncovered_s[i] = fmax(out->uncovered_s[i], edges_s[i] + lag_s);
}

static void look_at_readings(const gb_session *session,
                             const gb_sample_index *index, uint32_t node,
                             const gb_node_window *window, gb_phase *out) {
    const gb_node *facts = &session->nodes[node];
    uint32_t begin = 0, end = 0;

    if (!gb_sample_index_find(&index->nodes[node], window, &begin, &end))
        return;
    for (size_t d = 0; d < facts->domain_count; d++)
        if (facts->domains[d].summed)
            look_at_domain(session, &facts->domains[d],
                           &index->nodes[node].domains[d], begin, end, window,
                           out);
}

/* --- together ------------------------------------------------------------- */

static void measure_node(const gb_run_log *log, const gb_sample_index *index,
                         uint32_t node, const gb_node_window *core,
                         gb_phase *out) {
    const gb_node_window full = full_run_of(log, node, core);
    gb_energy_figure in_core, in_full;

    gb_energy_of_node(&log->session, index, node, core, NULL, &in_core);
    if (full.begin_ns == 0 || full.end_ns == UINT64_MAX)
        in_full = gb_figure_none("no idle window or benchmark before and after "
                                 "it tells where the full run ends");
    else
        gb_energy_of_node(&log->session, index, node, &full, NULL, &in_full);
    out->node_w[node] = in_core.energy_j / in_core.window_s;
    if (!isnan(in_core.energy_j))
        look_at_readings(&log->session, index, node, core, out);
    gb_figure_add_parallel(&out->core, &in_core);
    gb_figure_add_parallel(&out->full, &in_full);
}

gb_status gb_reduce_phase(const gb_run_log *log, uint32_t case_index,
                          uint32_t repetition, gb_phase *out, gb_error *err) {
    const gb_rep_record *rep = NULL;
    gb_sample_index index;

    for (; log != NULL; log = log->next) {
        rep = find_rep(log, case_index, repetition);
        if (rep != NULL)
            break;
    }
    if (rep == NULL)
        return gb_fail(err, GB_ERR_NOT_FOUND, "",
                       "expected a window of repetition %u, got none",
                       repetition);
    const gb_status status = gb_sample_index_build(log, &index, err);
    if (status != GB_OK)
        return status;
    *out = (gb_phase){.session = &log->session,
                      .core = gb_figure_zero(),
                      .full = gb_figure_zero(),
                      .node_count = log->session.node_count,
                      .readings = SIZE_MAX,
                      .interval_s = NAN,
                      .uncovered_s = {NAN, NAN}};
    out->node_w = calloc(out->node_count + 1, sizeof(*out->node_w));
    if (out->node_w == NULL) {
        gb_sample_index_fini(&index);
        return gb_fail_memory(err, "the power of the nodes");
    }
    for (uint32_t n = 0; n < out->node_count; n++)
        measure_node(log, &index, n, &rep->windows[n], out);
    if (out->readings == SIZE_MAX)
        out->readings = 0;
    gb_sample_index_fini(&index);
    return GB_OK;
}

void gb_phase_fini(gb_phase *phase) {
    free(phase->node_w);
    *phase = (gb_phase){0};
}
