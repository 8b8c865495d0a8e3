/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/reduce.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/reduce/energy.h"
#include "pipeline/reduce/launch.h"
#include "pipeline/reduce/pairs.h"
#include "pipeline/reduce/rep.h"

static gb_status check_session(const gb_run_log *log, gb_error *err) {
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
    return GB_OK;
}

static gb_status check_cases(const gb_plan *plan, const gb_run_log *log,
                             gb_error *err) {
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

static const char *names_of(const gb_session *session) {
    return session->counters != NULL ? session->counters : "";
}

static gb_status check_log(const gb_plan *plan, const gb_run_log *first,
                           gb_error *err) {
    gb_status status = GB_OK;

    for (const gb_run_log *log = first; log != NULL && status == GB_OK;
         log = log->next) {
        const gb_session *session = &log->session;
        status = check_session(log, err);
        if (status == GB_OK)
            status = check_cases(plan, log, err);
        /* Arrays over ranks, nodes and counters are laid side by side. */
        if (status == GB_OK &&
            (session->ranks != first->session.ranks ||
             session->node_count != first->session.node_count ||
             strcmp(names_of(session), names_of(&first->session)) != 0))
            status = gb_fail(
                err, GB_ERR_INVALID, NULL,
                "session of launch %" PRIu32 ": expected %" PRIu32
                " ranks on %zu nodes and the counters '%s' as in the first "
                "launch, got %" PRIu32 " ranks on %zu nodes and '%s'",
                session->launch, first->session.ranks,
                first->session.node_count, names_of(&first->session),
                session->ranks, session->node_count, names_of(session));
    }
    return status;
}

/* --- the records of each case ----------------------------------------------
 */

typedef struct listed_rep {
    const gb_rep_record *record;
    uint32_t launch; /* index into the launches */
} listed_rep;

/* Rows first[case] .. first[case + 1] - 1 of `reps`, by repetition. Built once
 * for all cases. */
typedef struct rep_list {
    listed_rep *reps;
    size_t *first; /* [case_count + 1] */
} rep_list;

static int by_repetition(const void *a, const void *b) {
    const listed_rep *x = a, *y = b;

    if (x->record->repetition != y->record->repetition)
        return x->record->repetition < y->record->repetition ? -1 : 1;
    if (x->launch != y->launch)
        return x->launch < y->launch ? -1 : 1;
    return (x->record > y->record) - (x->record < y->record);
}

static gb_status list_reps(const gb_plan *plan, const gb_launches *launches,
                           rep_list *list, gb_error *err) {
    size_t count = 0;

    for (size_t l = 0; l < launches->count; l++)
        count += launches->list[l].log->rep_count;
    list->reps = calloc(count + 1, sizeof(*list->reps));
    list->first = calloc(plan->case_count + 2, sizeof(*list->first));
    if (list->reps == NULL || list->first == NULL)
        return gb_fail_memory(err, "the list of repetitions");
    for (size_t l = 0; l < launches->count; l++) {
        const gb_run_log *log = launches->list[l].log;
        for (size_t i = 0; i < log->rep_count; i++)
            list->first[log->reps[i].case_index + 2]++;
    }
    for (size_t c = 1; c <= plan->case_count; c++)
        list->first[c + 1] += list->first[c];
    /* Each first[case + 1] is where the next one goes, and its end at last. */
    for (size_t l = 0; l < launches->count; l++) {
        const gb_run_log *log = launches->list[l].log;
        for (size_t i = 0; i < log->rep_count; i++)
            list->reps[list->first[log->reps[i].case_index + 1]++] =
                (listed_rep){&log->reps[i], (uint32_t)l};
    }
    for (size_t c = 0; c < plan->case_count; c++)
        qsort(list->reps + list->first[c], list->first[c + 1] - list->first[c],
              sizeof(listed_rep), by_repetition);
    return GB_OK;
}

/* --- one case ------------------------------------------------------------- */

/* Sum over the ranks, mean over the repetitions; NAN where a rank has none. */
static gb_status reduce_counters(const gb_session *session,
                                 const listed_rep *records,
                                 const gb_reduced_case *one, double **means_out,
                                 size_t *count_out, gb_error *err) {
    const size_t width =
        one->rep_count > 0 ? records[0].record->counter_count : 0;
    double *means = calloc(width + 1, sizeof(*means));
    size_t valid = 0;

    if (means == NULL)
        return gb_fail_memory(err, "the counters");
    for (size_t i = 0; i < one->rep_count; i++) {
        const gb_rep_record *record = records[i].record;
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

    for (; log != NULL; log = log->next)
        for (size_t i = 0; i < log->trial_count; i++)
            if (log->trials[i].case_index == case_index)
                trial = &log->trials[i];
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
static void judge_case(const listed_rep *records, gb_reduced_case *out) {
    for (size_t i = 0; i < out->rep_count && out->status == GB_OK; i++) {
        if (out->reps[i].valid ||
            records[i].record->status == GB_ERR_INTERRUPTED)
            continue;
        char reason[400];
        snprintf(reason, sizeof(reason), "repetition %" PRIu32 ": %s",
                 out->reps[i].repetition, out->reps[i].reason);
        out->status = records[i].record->status != GB_OK
                          ? records[i].record->status
                          : GB_ERR_RANGE;
        gb_copy(out->reason, sizeof(out->reason), reason);
        gb_copy(out->hint, sizeof(out->hint), records[i].record->hint);
    }
}

/* What verify() noted came after the trial's own record: the last word counts.
 */
static gb_status take_notes(const listed_rep *records, gb_reduced_case *out,
                            gb_error *err) {
    const gb_rep_record *last = NULL;

    for (size_t i = 0; i < out->rep_count; i++)
        if (records[i].record->notes != NULL)
            last = records[i].record;
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

/* A node in one repetition. */
typedef struct node_part {
    double work, time_s;
} node_part;

/* Mean and squares by Welford's recurrence (Technometrics 4(3), 1962).
 * @param count  repetitions so far, this one included
 * @param parts  [node_count], scratch */
static void add_node_work(const gb_session *session,
                          const gb_rep_record *record, size_t count,
                          node_part *parts, gb_reduced_node *nodes) {
    memset(parts, 0, session->node_count * sizeof(*parts));
    for (uint32_t r = 0; session->places != NULL && r < session->ranks; r++) {
        node_part *part = &parts[session->places[r].node];
        part->work += record->ranks[r].work;
        part->time_s = fmax(part->time_s, record->ranks[r].elapsed_s);
    }
    for (size_t n = 0; n < session->node_count; n++) {
        gb_reduced_node *node = &nodes[n];
        if (!(parts[n].time_s > 0.0))
            continue;
        const double rate = parts[n].work / parts[n].time_s;
        const double off = rate - node->rate_mean;
        node->work += parts[n].work;
        node->time_s += parts[n].time_s;
        node->rate_mean += off / (double)count;
        node->rate_squares += off * (rate - node->rate_mean);
    }
}

/* Energy, work and time of the nodes in the valid repetitions, each with the
 * samples of its launch. */
static gb_status reduce_nodes(const gb_launches *launches,
                              const listed_rep *records, gb_reduced_case *out,
                              gb_error *err) {
    const size_t node_count = launches->list[0].log->session.node_count;
    gb_asked_window *windows = calloc(out->rep_count + 1, sizeof(*windows));
    gb_window_sum *sums = calloc(out->rep_count + 1, sizeof(*sums));
    node_part *parts = calloc(node_count + 1, sizeof(*parts));
    gb_status status = GB_OK;
    size_t valid = 0;

    out->nodes = calloc(node_count + 1, sizeof(*out->nodes));
    if (windows == NULL || sums == NULL || parts == NULL || out->nodes == NULL)
        status = gb_fail_memory(err, "the nodes of a case");
    for (size_t i = 0; status == GB_OK && i < out->rep_count; i++) {
        const gb_launch *launch = &launches->list[records[i].launch];
        const gb_rep_record *record = records[i].record;
        if (!out->reps[i].valid)
            continue;
        windows[valid++] = (gb_asked_window){&launch->log->session,
                                             &launch->index, record->windows};
        add_node_work(&launch->log->session, record, valid, parts, out->nodes);
    }
    if (status == GB_OK)
        status = gb_energy_of_windows(windows, valid, node_count, sums,
                                      out->nodes, err);
    for (size_t i = 0, at = 0; status == GB_OK && i < out->rep_count; i++) {
        if (!out->reps[i].valid)
            continue;
        out->reps[i].energy = sums[at].all;
        out->reps[i].metered = sums[at++].metered;
    }
    free(windows);
    free(sums);
    free(parts);
    return status;
}

static gb_status reduce_pairs(const gb_launches *launches,
                              const listed_rep *records, gb_reduced_case *out,
                              gb_error *err) {
    gb_pair_times times = {0};
    gb_status status = GB_OK;

    for (size_t i = 0; status == GB_OK && i < out->rep_count; i++)
        if (out->reps[i].valid)
            status = gb_pair_times_add(
                &times, &launches->list[records[i].launch].log->session,
                records[i].record, err);
    if (status == GB_OK)
        status =
            gb_pair_times_reduce(&times, &out->pairs, &out->pair_count, err);
    gb_pair_times_fini(&times);
    return status;
}

static gb_status reduce_case(const gb_launches *launches, uint32_t case_index,
                             listed_rep *records, size_t count,
                             gb_reduced_case *out, gb_error *err) {
    const gb_run_log *log = launches->list[0].log;
    /* A resumed run repeats a repetition that was cut off: the last counts. */
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && records[kept - 1].record->repetition ==
                            records[i].record->repetition)
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
    for (size_t i = 0; i < kept; i++) {
        gb_reduce_rep(&launches->list[records[i].launch].log->session,
                      records[i].record, &out->reps[i]);
        out->reps[i].launch = records[i].launch;
    }
    status = reduce_nodes(launches, records, out, err);
    if (status == GB_OK)
        status = reduce_pairs(launches, records, out, err);
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

static gb_status reduce_all(const gb_plan *plan, const gb_launches *launches,
                            rep_list *list, gb_reduced *reduced,
                            gb_error *err) {
    gb_status status = list_reps(plan, launches, list, err);

    reduced->node_count = launches->list[0].log->session.node_count;
    reduced->cases = calloc(plan->case_count + 1, sizeof(*reduced->cases));
    if (status == GB_OK && reduced->cases == NULL)
        status = gb_fail_memory(err, "the cases");
    for (size_t c = 0; status == GB_OK && c < plan->case_count; c++) {
        reduced->case_count = c + 1;
        status = reduce_case(launches, (uint32_t)c, list->reps + list->first[c],
                             list->first[c + 1] - list->first[c],
                             &reduced->cases[c], err);
    }
    if (status == GB_OK)
        status = gb_reduce_idle(launches, reduced, err);
    if (status == GB_OK)
        status = gb_reduce_sources(launches, reduced, err);
    return status;
}

gb_status gb_reduce(const gb_plan *plan, const gb_run_log *log,
                    gb_reduced *reduced_out, gb_error *err) {
    gb_launches launches = {0};
    rep_list list = {0};
    gb_reduced reduced = {0};
    gb_status status = check_log(plan, log, err);

    if (status == GB_OK)
        status = gb_launches_open(log, &launches, err);
    if (status == GB_OK)
        status = reduce_all(plan, &launches, &list, &reduced, err);
    free(list.reps);
    free(list.first);
    gb_launches_close(&launches);
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
