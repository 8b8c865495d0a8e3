/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_RUN_STAGE_H
#define GB_PIPELINE_RUN_STAGE_H

/**
 * @file pipeline/run/stage.h
 * Shared by the files of this folder: a prepared node and the steps on it.
 */
#include "base/text.h"
#include "machine/counters/counters.h"
#include "machine/platform/pace.h"
#include "machine/platform/platform.h"
#include "machine/platform/team.h"
#include "pipeline/run/run.h"
#include "pipeline/run/sampler.h"

struct gb_stage {
    gb_node node;             /* leader: this node's facts */
    gb_energy_env energy_env; /* lent to `energy` */
    gb_energy_set *energy;    /* leader */
    gb_sampler *sampler; /* leader, while the suite runs; null without energy*/
    gb_sample *rows;     /* leader: [row_count], what it keeps of them */
    size_t row_count, row_capacity;
    bool rows_lost;      /* there were too many */
    gb_rank_share share; /* this rank's cores, memory and caches */
    bool shares_cores;   /* with another rank */
    gb_cpu_mask pus;     /* leader: of all ranks on the node */
    gb_team *team;
    int32_t *pus_before, *pus_after; /* scratch, [share.core_count] */
    double timer_step_s;             /* the coarsest of all ranks' timers */
    gb_pace pace;
    gb_counters *counters;
    size_t *counter_index; /* [counter_count], into gb_counters_names() */
    size_t counter_count;  /* events that every rank can count */
    char *counter_names;   /* rank 0: of those, joined by ',' */
    uint64_t *counts_before, *counts_after; /* scratch, all of this rank's */
    size_t *parcel_sizes;                   /* rank 0: scratch, [size] */
    gb_quality quality;
    bool partial;      /* some node's cover is */
    bool lost;         /* a read that never returned has `energy` */
    uint64_t first_ns; /* when the first measured window began; 0: none */
};

/** A step that is no case's own begins: whoever watches starts to count.
 *  @param wait_s  it lasts so long of itself */
void gb_run_watch(const gb_run_env *env, const char *step, double wait_s);

/** GB_ERR_INTERRUPTED, with its words. */
gb_status gb_run_stopped(gb_error *err);

/** gb_run_stopped() on all ranks if any rank was told to stop. Collective. */
gb_status gb_run_check_stop(const gb_run_env *env, gb_error *err);

/** One case of the plan, from create to destroy. Collective.
 *  @param had  what is there of it already; nullable: nothing
 *  @retval GB_OK  also if the benchmark failed: its records say so */
gb_status gb_trial_run(const gb_run_env *env, const gb_plan *plan,
                       uint32_t case_index, const gb_case_progress *had,
                       gb_stage *stage, gb_error *err);

/** "default suite on 2 ranks, 11 cases, about 1 min 10 s". */
void gb_run_say_begin(const gb_run_env *env, const gb_plan *plan);

/** ", about 40 s left", ", about 40 s and 2 solves left"; "" at the end.
 *  @param own_s, own_solves  what is left besides the cases from @p first on */
void gb_run_left(const gb_plan *plan, size_t first, double own_s,
                 size_t own_solves, gb_str *out);

/** "[3/7] memory.triad array_bytes=1MiB: 31.5 GB/s, about 40 s left", or why it
 *  failed.
 *  @param rate  NAN: it has none */
void gb_run_say_found(const gb_run_env *env, const gb_plan *plan,
                      uint32_t case_index, double rate, gb_status status,
                      const gb_error *failure);

/** What one rank hands to rank 0 after a window. */
typedef struct gb_window_parcel {
    const gb_rank_rep *rep;      /* null for an idle window */
    const uint64_t *counters;    /* [stage.counter_count], with `rep` */
    gb_node_window window;       /* leader */
    gb_node_condition condition; /* leader, with `rep` */
} gb_window_parcel;

/** What a window brings to rank 0. Each may be null: not wanted. */
typedef struct gb_window_yield {
    gb_rank_rep *reps;             /* [size] */
    uint64_t *counters;            /* [size][counter_count] */
    gb_node_window *windows;       /* [node_count] */
    gb_node_condition *conditions; /* [node_count] */
} gb_window_yield;

/**
 * Bring a window's results and all new samples to rank 0 in one collective
 * call; samples go to the sink. A node's window, condition and samples come
 * from its leader alone.
 *
 * @param yield  what it points to is filled in on rank 0; reps and counters
 *               are wanted if and only if parcels have them
 * @return may be a failure on some ranks alone: gb_run_agree_sink() it, with
 *         what else was done with the window
 */
gb_status gb_collect_window(const gb_run_env *env, gb_stage *stage,
                            const gb_window_parcel *parcel,
                            const gb_window_yield *yield);

/** What the samplers cost, from each node's leader. Collective.
 *  @param[out] costs  rank 0: [node_count]
 *  @return as gb_collect_window() */
gb_status gb_collect_costs(const gb_run_env *env, gb_stage *stage,
                           const gb_sampler_cost *cost, gb_sampler_cost *costs);

/** Nodes and places of all ranks into rank 0's session. Collective. */
gb_status gb_collect_session(const gb_run_env *env, const gb_stage *stage,
                             gb_session *session, gb_error *err);

/** Make a failure to gather @p what, or the sink's on rank 0, everybody's.
 *  Collective. */
gb_status gb_run_agree_sink(const gb_run_env *env, gb_status status,
                            const char *what, gb_error *err);

#endif /* GB_PIPELINE_RUN_STAGE_H */
