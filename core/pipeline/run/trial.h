/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_RUN_TRIAL_H
#define GB_PIPELINE_RUN_TRIAL_H

/**
 * @file pipeline/run/trial.h
 * One case on its way. Shared by trial.c and calibrate.c.
 */
#include "pipeline/run/stage.h"

typedef struct gb_trial {
    const gb_run_env *env;
    const gb_plan *plan;
    const gb_plan_case *planned;
    uint32_t case_index;
    gb_stage *stage;
    double call_s; /* of the last timed call on this rank */
    const void *ext_mpi;
    gb_plugin_run *instance;
    uint64_t iterations;
    double warmup_s;
    unsigned recalibrations;
    gb_note *noted; /* rank 0: what was recorded last, [noted_count] */
    size_t noted_count;
    double *rates; /* rank 0: [max_repeats], work per second */
    size_t rate_count;
} gb_trial;

/** A step begins: whoever watches starts to count. */
void gb_trial_watch(const gb_trial *t, const char *step);

/** Find how many iterations fill min_time_s, and warm up. Collective.
 *  @param failure  why the benchmark failed */
gb_status gb_trial_calibrate(gb_trial *t, gb_error *failure);

/** Was the call shorter than the plan allows? Then there are more iterations
 * for the next one, and this one has only warmed up. Collective. */
gb_status gb_trial_too_short(gb_trial *t, double elapsed_s, bool *short_out);

#endif /* GB_PIPELINE_RUN_TRIAL_H */
