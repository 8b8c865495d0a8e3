/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/reduce.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metering/cross.h"
#include "metering/window.h"
#include "pipeline/reduce/energy.h"
#include "pipeline/reduce/rep.h"

static gb_status check_log(const gb_plan *plan, const gb_run_log *log,
                           gb_error *err) {
    const gb_session *session = &log->session;

    if (!(session->sample_hz > 0.0) && log->sample_count > 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "session: expected sample_hz above 0, got %g",
                       session->sample_hz);
    for (uint32_t r = 0; session->places != NULL && r < session->ranks; r++)
        if (session->places[r].node >= session->node_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "session: rank %" PRIu32 ": expected a node below "
                           "%zu, got %" PRIu32,
                           r, session->node_count, session->places[r].node);
    for (size_t i = 0; i < log->rep_count; i++)
        if (log->reps[i].case_index >= plan->case_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "record of repetition %zu: expected a case below "
                           "%zu, got %" PRIu32,
                           i, plan->case_count, log->reps[i].case_index);
    for (size_t i = 0; i < log->trial_count; i++)
        if (log->trials[i].case_index >= plan->case_count)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "record of trial %zu: expected a case below %zu, "
                           "got %" PRIu32,
                           i, plan->case_count, log->trials[i].case_index);
    return GB_OK;
}

/* --- one case ------------------------------------------------------------- */

/* The records of each case: rows first[case] .. first[case + 1] - 1 of `reps`,
 * by repetition. Built once for all cases. */
typedef struct rep_list {
    const gb_rep_record **reps;
    size_t *first; /* [case_count + 1] */
} rep_list;

static int by_repetition(const void *a, const void *b) {
    const gb_rep_record *x = *(const gb_rep_record *const *)a;
    const gb_rep_record *y = *(const gb_rep_record *const *)b;

    if (x->repetition != y->repetition)
        return x->repetition < y->repetition ? -1 : 1;
    return (x > y) - (x < y);
}

static gb_status list_reps(const gb_plan *plan, const gb_run_log *log,
                           rep_list *list, gb_error *err) {
    list->reps = calloc(log->rep_count + 1, sizeof(*list->reps));
    list->first = calloc(plan->case_count + 2, sizeof(*list->first));
    if (list->reps == NULL || list->first == NULL)
        return gb_fail_memory(err, "the list of repetitions");
    for (size_t i = 0; i < log->rep_count; i++)
        list->first[log->reps[i].case_index + 2]++;
    for (size_t c = 1; c <= plan->case_count; c++)
        list->first[c + 1] += list->first[c];
    /* Each first[case + 1] is where the next one goes, and its end at last. */
    for (size_t i = 0; i < log->rep_count; i++)
        list->reps[list->first[log->reps[i].case_index + 1]++] = &log->reps[i];
    for (size_t c = 0; c < plan->case_count; c++)
        qsort(list->reps + list->first[c], list->first[c + 1] - list->first[c],
              sizeof(const gb_rep_record *), by_repetition);
    return GB_OK;
}

/* Sum over the ranks, mean over the repetitions; NAN where a rank has none. */
static gb_status reduce_counters(const gb_session *session,
                                 const gb_rep_record *const *records,
                                 const gb_reduced_case *one, double **means_out,
                                 size_t *count_out, gb_error *err) {
    const size_t width = one->rep_count > 0 ? records[0]->counter_count : 0;
    double *means = calloc(width + 1, sizeof(*means));
    size_t valid = 0;

    if (means == NULL)
        return gb_fail_memory(err, "the counters");
    for (size_t i = 0; i < one->rep_count; i++) {
        const gb_rep_record *record = records[i];
        if (!one->reps[i].valid)
            continue;
        valid++;
        for (size_t k = 0; k < width; k++)
            for (uint32_t r = 0; r < session->ranks; r++) {
                const size_t at = (size_t)r * record->counter_count + k;
                const bool has = record->counters != NULL &&
                                 record->counter_count == width &&
                                 record->counters[at] != GB_COUNT_NONE;
                means[k] += has ? (double)record->counters[at] : NAN;
            }
    }
    for (size_t k = 0; k < width; k++)
        means[k] = valid > 0 ? means[k] / (double)valid : NAN;
    *means_out = means;
    *count_out = width;
    return GB_OK;
}

/* What the trial's own record says; of several, after a resumed run, the last
 * one counts. */
static gb_status take_trial(const gb_run_log *log, uint32_t case_index,
                            gb_reduced_case *out, gb_error *err) {
    const gb_trial_record *trial = NULL;

    for (size_t i = log->trial_count; i > 0 && trial == NULL; i--)
        if (log->trials[i - 1].case_index == case_index)
            trial = &log->trials[i - 1];
    out->case_index = case_index;
    if (trial == NULL) {
        out->status = GB_ERR_INTERRUPTED;
        gb_copy(out->reason, sizeof(out->reason),
                "not reached: the run ended before it");
        return GB_OK;
    }
    out->status = trial->status;
    gb_copy(out->reason, sizeof(out->reason), trial->what);
    gb_copy(out->hint, sizeof(out->hint), trial->hint);
    out->iterations = trial->iterations;
    out->warmup_s = trial->warmup_s;
    if (trial->note_count == 0)
        return GB_OK;
    out->notes = calloc(trial->note_count, sizeof(*out->notes));
    if (out->notes == NULL)
        return gb_fail_memory(err, "the notes of a trial");
    memcpy(out->notes, trial->notes, trial->note_count * sizeof(*out->notes));
    out->note_count = trial->note_count;
    return GB_OK;
}

/* A repetition that failed makes the whole trial invalid: a benchmark that is
 * wrong once is not to be averaged over the times it was not noticed. One that
 * was stopped by the user leaves the others as they are. */
static void judge_case(const gb_rep_record *const *records,
                       gb_reduced_case *out) {
    for (size_t i = 0; i < out->rep_count && out->status == GB_OK; i++) {
        if (out->reps[i].valid || records[i]->status == GB_ERR_INTERRUPTED)
            continue;
        char reason[400];
        snprintf(reason, sizeof(reason), "repetition %" PRIu32 ": %s",
                 out->reps[i].repetition, out->reps[i].reason);
        out->status =
            records[i]->status != GB_OK ? records[i]->status : GB_ERR_RANGE;
        gb_copy(out->reason, sizeof(out->reason), reason);
        gb_copy(out->hint, sizeof(out->hint), records[i]->hint);
    }
}

/* What verify() noted came after the trial's own record: the last word counts.
 */
static gb_status take_notes(const gb_rep_record *const *records,
                            gb_reduced_case *out, gb_error *err) {
    const gb_rep_record *last = NULL;

    for (size_t i = 0; i < out->rep_count; i++)
        if (records[i]->notes != NULL)
            last = records[i];
    if (last == NULL)
        return GB_OK;
    gb_note *notes = calloc(last->note_count + 1, sizeof(*notes));
    if (notes == NULL)
        return gb_fail_memory(err, "the notes of a trial");
    memcpy(notes, last->notes, last->note_count * sizeof(*notes));
    free(out->notes);
    out->notes = notes;
    out->note_count = last->note_count;
    return GB_OK;
}

/* @param longest_s  [node_count], scratch */
static void add_node_work(const gb_session *session,
                          const gb_rep_record *record, double *longest_s,
                          gb_reduced_node *nodes) {
    memset(longest_s, 0, session->node_count * sizeof(*longest_s));
    for (uint32_t r = 0; session->places != NULL && r < session->ranks; r++) {
        const uint32_t n = session->places[r].node;
        nodes[n].work += record->ranks[r].work;
        longest_s[n] = fmax(longest_s[n], record->ranks[r].elapsed_s);
    }
    for (size_t n = 0; n < session->node_count; n++)
        nodes[n].time_s += longest_s[n];
}

/* Energy, work and time of the nodes in the valid repetitions. */
static gb_status reduce_nodes(const gb_session *session,
                              const gb_sample_index *index,
                              const gb_rep_record *const *records,
                              gb_reduced_case *out, gb_error *err) {
    const gb_node_window **windows =
        calloc(out->rep_count + 1, sizeof(*windows));
    gb_window_sum *sums = calloc(out->rep_count + 1, sizeof(*sums));
    double *longest_s = calloc(session->node_count + 1, sizeof(*longest_s));
    gb_status status = GB_OK;
    size_t valid = 0;

    out->nodes = calloc(session->node_count + 1, sizeof(*out->nodes));
    if (windows == NULL || sums == NULL || longest_s == NULL ||
        out->nodes == NULL)
        status = gb_fail_memory(err, "the nodes of a case");
    for (size_t i = 0; status == GB_OK && i < out->rep_count; i++) {
        if (!out->reps[i].valid)
            continue;
        add_node_work(session, records[i], longest_s, out->nodes);
        windows[valid++] = records[i]->windows;
    }
    if (status == GB_OK)
        status = gb_energy_of_windows(session, index, windows, valid, sums,
                                      out->nodes, err);
    for (size_t i = 0, at = 0; status == GB_OK && i < out->rep_count; i++) {
        if (!out->reps[i].valid)
            continue;
        out->reps[i].energy = sums[at].all;
        out->reps[i].metered = sums[at++].metered;
    }
    free(windows);
    free(sums);
    free(longest_s);
    return status;
}

static gb_status reduce_case(const gb_run_log *log,
                             const gb_sample_index *index, uint32_t case_index,
                             const gb_rep_record **records, size_t count,
                             gb_reduced_case *out, gb_error *err) {
    /* A resumed run repeats a repetition that was cut off: the last counts. */
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && records[kept - 1]->repetition == records[i]->repetition)
            kept--;
        records[kept++] = records[i];
    }

    gb_status status = take_trial(log, case_index, out, err);
    if (status != GB_OK)
        return status;
    out->reps = calloc(kept + 1, sizeof(*out->reps));
    if (out->reps == NULL)
        return gb_fail_memory(err, "the repetitions");
    out->rep_count = kept;
    for (size_t i = 0; i < kept; i++)
        gb_reduce_rep(&log->session, records[i], &out->reps[i]);
    status = reduce_nodes(&log->session, index, records, out, err);
    if (status == GB_OK)
        status = reduce_counters(&log->session, records, out, &out->counters,
                                 &out->counter_count, err);
    if (status == GB_OK)
        judge_case(records, out);
    if (status == GB_OK)
        status = take_notes(records, out, err);
    return status;
}

/* --- the rest ------------------------------------------------------------- */

static gb_status reduce_idle(const gb_run_log *log,
                             const gb_sample_index *index, bool after,
                             gb_idle_figure *out, gb_error *err) {
    *out = (gb_idle_figure){.power_w = NAN, .u_w = NAN};
    out->energy = gb_figure_none("idle power was not measured");
    for (size_t i = log->idle_count; i > 0 && !out->present; i--) {
        const gb_idle_record *record = &log->idles[i - 1];
        if (record->after != after)
            continue;
        const gb_node_window *const windows = record->windows;
        gb_window_sum sum = {0};
        const gb_status status = gb_energy_of_windows(
            &log->session, index, &windows, 1, &sum, NULL, err);
        if (status != GB_OK)
            return status;
        out->energy = sum.all;
        out->present = true;
        if (isfinite(out->energy.energy_j)) {
            out->power_w = out->energy.energy_j / out->energy.window_s;
            out->u_w = out->energy.u_j / out->energy.window_s;
        }
    }
    return GB_OK;
}

/* Append what the counters of node @p n contradict each other in. */
static gb_status add_contradictions(const gb_node *node, uint32_t n,
                                    const gb_energy_figure *figures,
                                    gb_reduced *reduced, gb_error *err) {
    gb_contradiction found[GB_CONTRADICTIONS_MAX];
    const size_t count =
        gb_cross_check(node->domains, figures, node->domain_count, found,
                       GB_CONTRADICTIONS_MAX);

    if (count == 0)
        return GB_OK;
    gb_contradiction *larger =
        realloc(reduced->contradictions,
                (reduced->contradiction_count + count) * sizeof(*larger));
    if (larger == NULL)
        return gb_fail_memory(err, "the contradictions");
    reduced->contradictions = larger;
    for (size_t i = 0; i < count; i++) {
        found[i].node = n;
        larger[reduced->contradiction_count++] = found[i];
    }
    return GB_OK;
}

static gb_status reduce_sources(const gb_run_log *log,
                                const gb_sample_index *index,
                                gb_reduced *reduced, gb_error *err) {
    const gb_session *session = &log->session;
    size_t count = 0;

    for (size_t n = 0; n < session->node_count; n++)
        count += session->nodes[n].domain_count;
    reduced->sources = calloc(count + 1, sizeof(*reduced->sources));
    if (reduced->sources == NULL)
        return gb_fail_memory(err, "the energy sources");
    gb_status status = GB_OK;
    for (size_t n = 0; n < session->node_count && status == GB_OK; n++) {
        for (size_t d = 0; d < session->nodes[n].domain_count; d++)
            gb_energy_of_source(session, index, (uint32_t)n, (uint32_t)d,
                                &reduced->sources[reduced->source_count++],
                                &index->scratch[d]);
        status = add_contradictions(&session->nodes[n], (uint32_t)n,
                                    index->scratch, reduced, err);
    }
    return status;
}

static gb_status reduce_all(const gb_plan *plan, const gb_run_log *log,
                            const gb_sample_index *index, rep_list *list,
                            gb_reduced *reduced, gb_error *err) {
    gb_status status = list_reps(plan, log, list, err);

    reduced->node_count = log->session.node_count;
    reduced->cases = calloc(plan->case_count + 1, sizeof(*reduced->cases));
    if (status == GB_OK && reduced->cases == NULL)
        status = gb_fail_memory(err, "the cases");
    for (size_t c = 0; status == GB_OK && c < plan->case_count; c++) {
        reduced->case_count = c + 1;
        status = reduce_case(
            log, index, (uint32_t)c, list->reps + list->first[c],
            list->first[c + 1] - list->first[c], &reduced->cases[c], err);
    }
    if (status == GB_OK)
        status = reduce_idle(log, index, false, &reduced->idle_before, err);
    if (status == GB_OK)
        status = reduce_idle(log, index, true, &reduced->idle_after, err);
    if (status == GB_OK)
        status = reduce_sources(log, index, reduced, err);
    return status;
}

gb_status gb_reduce(const gb_plan *plan, const gb_run_log *log,
                    gb_reduced *reduced_out, gb_error *err) {
    gb_sample_index index = {0};
    rep_list list = {0};
    gb_reduced reduced = {0};
    gb_status status = check_log(plan, log, err);

    if (status == GB_OK)
        status = gb_sample_index_build(log, &index, err);
    if (status == GB_OK)
        status = reduce_all(plan, log, &index, &list, &reduced, err);
    free(list.reps);
    free(list.first);
    gb_sample_index_fini(&index);
    if (status == GB_OK)
        *reduced_out = reduced;
    else
        gb_reduced_fini(&reduced);
    return status;
}

gb_status gb_reduce_node_window(const gb_run_log *log, uint32_t node,
                                const gb_node_window *window,
                                gb_energy_figure *figures,
                                gb_energy_figure *total_out, gb_error *err) {
    gb_sample_index index = {0};

    if (node >= log->session.node_count)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected a node below %zu, got %" PRIu32,
                       log->session.node_count, node);
    if (!(log->session.sample_hz > 0.0))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "session: expected sample_hz above 0, got %g",
                       log->session.sample_hz);
    gb_status status = gb_sample_index_build(log, &index, err);
    if (status == GB_OK)
        gb_energy_of_node(&log->session, &index, node, window, figures,
                          total_out);
    gb_sample_index_fini(&index);
    return status;
}
