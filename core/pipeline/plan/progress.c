/* SPDX-License-Identifier: Apache-2.0 */
/* What the records of a run have of its plan. */
#include <math.h>
#include <stdlib.h>

#include "pipeline/plan/same.h"

/* Did it end there, rather than be stopped? */
static bool is_final(gb_status status) {
    return status != GB_OK && status != GB_ERR_INTERRUPTED &&
           status != GB_ERR_TIMEOUT;
}

static double rate_of(const gb_rep_record *rep, uint32_t ranks) {
    double work = 0.0;

    for (uint32_t r = 0; rep->ranks != NULL && r < ranks; r++)
        work += rep->ranks[r].work;
    return rep->elapsed_s > 0.0 ? work / rep->elapsed_s : 0.0;
}

/* Of several records of one trial the last one counts, as for the result. */
static void take_trials(const gb_run_log *log, gb_case_progress *cases) {
    for (size_t i = 0; i < log->trial_count; i++) {
        const gb_trial_record *trial = &log->trials[i];
        gb_case_progress *one = &cases[trial->case_index];
        one->done = is_final(trial->status);
        if (trial->status == GB_OK)
            one->iterations = trial->iterations;
    }
}

static void take_reps(const gb_plan *plan, const gb_run_log *log,
                      gb_case_progress *cases) {
    for (size_t i = 0; i < log->rep_count; i++) {
        const gb_rep_record *rep = &log->reps[i];
        gb_case_progress *one = &cases[rep->case_index];
        if (is_final(rep->status))
            one->done = true;
        if (rep->status != GB_OK ||
            rep->repetition >= plan->cases[rep->case_index].max_repeats)
            continue;
        one->rates[rep->repetition] = rate_of(rep, log->session.ranks);
        one->iterations = rep->iterations;
    }
}

gb_status gb_plan_progress(const gb_plan *plan, const gb_run_log *log,
                           gb_case_progress **out, gb_error *err) {
    gb_case_progress *cases = calloc(plan->case_count + 1, sizeof(*cases));
    gb_status status =
        cases != NULL ? GB_OK : gb_fail_memory(err, "the progress of the run");

    for (size_t c = 0; c < plan->case_count && status == GB_OK; c++) {
        const uint32_t most = plan->cases[c].max_repeats;
        cases[c].rates = calloc((size_t)most + 1, sizeof(double));
        if (cases[c].rates == NULL)
            status = gb_fail_memory(err, "the progress of the run");
        for (uint32_t r = 0; r < most && status == GB_OK; r++)
            cases[c].rates[r] = NAN;
    }
    if (status != GB_OK) {
        gb_case_progress_free(cases, plan->case_count);
        return status;
    }
    for (; log != NULL; log = log->next) {
        take_trials(log, cases);
        take_reps(plan, log, cases);
    }
    for (size_t c = 0; c < plan->case_count; c++) {
        gb_case_progress *one = &cases[c];
        const uint32_t most = plan->cases[c].max_repeats;
        while (one->repetitions < most && !isnan(one->rates[one->repetitions]))
            one->repetitions++;
        one->done = one->done || one->repetitions == most;
    }
    *out = cases;
    return GB_OK;
}

void gb_plan_count(const gb_plan *plan, const gb_case_progress *cases,
                   size_t *done_out, size_t *planned_out) {
    *done_out = *planned_out = 0;
    for (size_t c = 0; c < plan->case_count; c++) {
        const uint32_t repeats = plan->cases[c].repeats;
        const uint32_t there = cases[c].repetitions;
        *done_out += there;
        /* A case that failed has come to its end with what it has. */
        *planned_out += cases[c].done || there > repeats ? there : repeats;
    }
}
