/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_RUN_TRIAL_H
#define GB_PIPELINE_RUN_TRIAL_H

/**
 * @file pipeline/run/trial.h
 * One case on its way. Shared by trial.c, timed.c and calibrate.c.
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
    uint64_t begin_utc_ns; /* rank 0: of the last measured call */
    double warmup_s;
    unsigned recalibrations;
    gb_note *noted; /* rank 0: what was recorded last, [noted_count] */
    size_t noted_count;
    double *rates; /* rank 0: [max_repeats], work per second */
    size_t rate_count;
    uint64_t *counts;    /* of one repetition, [stage->counter_count] */
    gb_window_yield all; /* rank 0: of one repetition */
    uint32_t first;      /* repetition of this launch */
} gb_trial;

/** How long a timed call must be at least: as the plan says, and so long that
 *  the timer's step is 0.1 % of it. */
double gb_trial_least_call_s(double min_time_s, double timer_step_s);

/** A step begins: whoever watches starts to count. */
void gb_trial_watch(const gb_trial *t, const char *step);

/** Warm up with the iterations that an earlier launch found. Collective.
 *  @param failure  why the benchmark failed */
gb_status gb_trial_warm_up(gb_trial *t, gb_error *failure);

/** Find how many iterations fill min_time_s, and warm up. Collective.
 *  @param failure  why the benchmark failed */
gb_status gb_trial_calibrate(gb_trial *t, gb_error *failure);

/** Was the call shorter than the plan allows? Then there are more iterations
 *  for the next one, and this one has only warmed up.
 *  @param shortest_s  of all ranks */
bool gb_trial_too_short(gb_trial *t, double shortest_s);

/**
 * The call that is measured. Its window: barrier, leader reads, barrier, work,
 * barrier, leader reads, barrier (reference/energy.md §9.3), so that no rank's
 * waiting is charged differently from another's. Collective.
 *
 * @param[out] counts  [stage->counter_count], GB_COUNT_NONE where there is none
 * @param[out] parcel  window and condition of the node, by its leader
 * @param failure      why the benchmark failed on this rank: not agreed on
 */
gb_status gb_trial_timed_call(gb_trial *t, gb_rank_rep *rep, uint64_t *counts,
                              gb_window_parcel *parcel, gb_error *failure);

/** Agree on how a timed call went, and in the same reduction on what else there
 *  is to know. Collective.
 *  @param[in,out] shortest_s  own, then the shortest of all ranks
 *  @param[out] stop           a rank was told to stop */
gb_status gb_trial_agree_call(gb_trial *t, gb_status status, double *shortest_s,
                              bool *stop, gb_error *failure);

#endif /* GB_PIPELINE_RUN_TRIAL_H */
