/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/rep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "metering/window.h"

static void sum_work(const gb_session *session, const gb_rep_record *record,
                     gb_reduced_rep *out) {
    out->time_s = 0.0;
    out->work = 0.0;
    for (uint32_t r = 0; r < session->ranks; r++) {
        out->time_s = fmax(out->time_s, record->ranks[r].elapsed_s);
        out->work += record->ranks[r].work;
    }
}

static void sum_counts(const gb_session *session, const gb_rep_record *record,
                       gb_work_counts *out) {
    for (uint32_t r = 0; r < session->ranks; r++) {
        const gb_rank_rep *rank = &record->ranks[r];
        out->flops += rank->flops;
        out->memory_bytes += rank->memory_bytes;
        out->network_bytes += rank->network_bytes;
        out->messages += rank->messages;
        out->in_flight += rank->in_flight;
    }
}

/* What can be compared between machines: shares and rates, of the worst place.
 * fmax and fmin leave out what is not told. */
static void find_disturbance(const gb_session *session,
                             const gb_rep_record *record, size_t migrations,
                             double time_s, gb_disturbance *out) {
    *out = (gb_disturbance){NAN, NAN, NAN, NAN};
    if (session->places == NULL)
        return;
    for (uint32_t r = 0; r < session->ranks; r++) {
        const double core_s = session->places[r].core_count * time_s;
        out->preempted_hz =
            fmax(out->preempted_hz, record->ranks[r].preempted / core_s);
        const size_t at = (size_t)r * record->counter_count + migrations;
        const bool counted = migrations < record->counter_count &&
                             record->counters != NULL &&
                             record->counters[at] != GB_COUNT_NONE;
        const double moves =
            counted ? (double)record->counters[at] : record->ranks[r].moved;
        out->migrations_hz = fmax(out->migrations_hz, moves / core_s);
    }
    for (size_t n = 0; record->conditions != NULL && n < session->node_count;
         n++) {
        const gb_node_condition *condition = &record->conditions[n];
        out->stolen = fmax(out->stolen, condition->stolen_s / time_s);
        out->clock_hz = fmin(out->clock_hz, condition->clock_hz);
    }
}

static double mean_window_s(const gb_session *session,
                            const gb_node_window *windows) {
    double sum_s = 0.0;

    if (windows == NULL || session->node_count == 0)
        return NAN;
    for (size_t n = 0; n < session->node_count; n++) {
        if (windows[n].end_ns <= windows[n].begin_ns)
            return NAN;
        sum_s += (double)(windows[n].end_ns - windows[n].begin_ns) * 1e-9;
    }
    return sum_s / (double)session->node_count;
}

/* Where the counter of migrations is in each rank's row; SIZE_MAX: nowhere. */
static size_t migrations_index(const gb_session *session) {
    static const char name[] = "perf::CPU-MIGRATIONS";
    const char *at = session->counters;

    for (size_t i = 0; at != NULL && *at != '\0'; i++) {
        const size_t length = strcspn(at, ",");
        if (length == sizeof(name) - 1 && memcmp(at, name, length) == 0)
            return i;
        at += length + (at[length] == ',');
    }
    return SIZE_MAX;
}

/* A repetition that failed keeps its reason; none of its numbers are used. */
static void invalidate(gb_reduced_rep *out, const char *reason) {
    *out = (gb_reduced_rep){
        .repetition = out->repetition,
        .time_s = NAN,
        .window_s = NAN,
        .work = NAN,
        .disturbance = {NAN, NAN, NAN, NAN},
        .energy = gb_figure_none(reason),
        .metered = gb_figure_none(reason),
    };
    gb_copy(out->reason, sizeof(out->reason), reason);
}

void gb_reduce_rep(const gb_session *session, const gb_rep_record *record,
                   gb_reduced_rep *out) {
    char reason[160];

    out->repetition = record->repetition;
    out->begin_utc_ns = record->begin_utc_ns;
    if (record->status != GB_OK || record->ranks == NULL) {
        invalidate(out, record->what[0] != '\0'
                            ? record->what
                            : gb_status_text(record->status));
        return;
    }
    sum_work(session, record, out);
    if (!(out->time_s > 0.0) || !(out->work > 0.0) || !isfinite(out->time_s) ||
        !isfinite(out->work)) {
        snprintf(reason, sizeof(reason),
                 "expected time and work above 0, got %.4g s and %.4g",
                 out->time_s, out->work);
        invalidate(out, reason);
        return;
    }
    out->valid = true;
    sum_counts(session, record, &out->counts);
    find_disturbance(session, record, migrations_index(session), out->time_s,
                     &out->disturbance);
    out->window_s = mean_window_s(session, record->windows);
}
