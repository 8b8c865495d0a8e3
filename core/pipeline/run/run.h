/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_RUN_H
#define GB_PIPELINE_RUN_H

/**
 * @file pipeline/run/run.h
 * gb_plan -> records: every benchmark on all ranks while each node's leader
 * samples its energy. Called by all ranks in step.
 */
#include <stdatomic.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sysroot.h"
#include "machine/comm/comm.h"
#include "machine/plugin/plugin.h"
#include "model/meter_reader.h"
#include "model/plan.h"
#include "model/record.h"

/** A step that is the run's and not one of its cases'. */
#define GB_WATCH_NO_CASE UINT32_MAX

/** Somebody who notices that a step takes too long, and ends the run: a call
 *  into a plugin cannot be cancelled, nor one of MPI that waits for a rank that
 *  is no more. */
typedef struct gb_watch {
    /** A step of @p case_index begins now, and the one before is over.
     *  @param step     a constant, as in "expected <step> to take 2 s at most"
     *  @param limit_s  0: no limit */
    void (*begin)(void *ctx, uint32_t case_index, const char *step,
                  double limit_s);
    void *ctx;
} gb_watch;

/** The world as a run sees it. Everything outlives the run. */
typedef struct gb_run_env {
    gb_comm *comm;
    const gb_clock *clock;
    const gb_sysroot *root;
    const gb_plugin_set *plugins;
    const gb_log *log;            /* used on rank 0 only; nullable */
    const gb_record_sink *sink;   /* rank 0; null elsewhere */
    const atomic_bool *stop;      /* set: finish what is measured */
    uint64_t ready_ns;            /* when MPI_Init returned */
    const struct gb_watch *watch; /* nullable: nobody watches */
    double step_limit_s;          /* of steps that are no case's own; 0: none */
    /* A run that is resumed: what the first launch found free on each node, so
     * that problems become as large; [comm.node_count], nullable. */
    const uint64_t *usable_bytes;
    size_t rows_kept; /* leader: samples that gb_stage_rows() has; 0: none */
    /* See gb_energy_env; nullable. */
    const gb_meter_reader *meters;
    const char *(*energy_setting_of)(const char *source);
    gb_status (*recording_of)(const char *rundir, const char *node_name,
                              gb_recording *recording_out, gb_error *err);
} gb_run_env;

/** This node, prepared: who runs where, and what energy can be read. */
typedef struct gb_stage gb_stage;

/** Topology, binding, counters and threads. Collective; `env->sink` is not
 *  used. */
gb_status gb_stage_open(const gb_run_env *env, const gb_plan *plan,
                        gb_stage **stage_out, gb_error *err);

/** How far gb_stage_try_case() goes. */
typedef enum gb_try {
    GB_TRY_CREATE, /* create() and destroy(), which allocate nothing large */
    GB_TRY_CALLS,  /* and between them prepare(), one iteration and verify(),
                      but of a solve, whose one iteration is all of it */
} gb_try;

/**
 * Would that case run here? On every rank. Collective.
 * @return what its calls said, agreed
 */
gb_status gb_stage_try_case(const gb_run_env *env, const gb_plan *plan,
                            uint32_t case_index, gb_try how, gb_stage *stage,
                            gb_error *err);

/**
 * Energy sources; then the session, gathered on rank 0. Nothing is measured
 * yet, and nothing recorded. Collective.
 *
 * @param session  rank 0: what the caller knows (run id, command, ...) is
 *                 filled in, the rest is completed here; unused elsewhere
 * @retval GB_ERR_INVALID  plan->energy names an unknown source
 */
gb_status gb_stage_describe(const gb_run_env *env, const gb_plan *plan,
                            gb_stage *stage, gb_session *session,
                            gb_error *err);

/** The worst quality of energy over all nodes. The same on every rank. */
gb_quality gb_stage_quality(const gb_stage *stage);
/** Some node's energy is that of a part of what it has: gb_energy_cover's
 *  `missing`. The same on every rank. */
bool gb_stage_partial(const gb_stage *stage);

/** This node's samples of the suite, in the order they were read. On a leader.
 *  @return [*count_out]; null if there are none, or if they were more than
 *          gb_run_env.rows_kept, which *count_out tells */
const gb_sample *gb_stage_rows(const gb_stage *stage, size_t *count_out);

/**
 * Measure: idle, every case of the plan, idle. Collective.
 *
 * @param had  [plan->case_count]: what earlier launches of this run have
 *             already, which is not repeated; nullable: it begins
 * @retval GB_OK  the plan is done; single benchmarks may have failed, their
 *                records say so
 * @retval GB_ERR_INTERRUPTED  `stop` was set; what was finished is recorded
 * @retval GB_ERR_IO, GB_ERR_MPI, GB_ERR_NO_MEMORY, GB_ERR_INTERNAL
 */
gb_status gb_run_suite(const gb_run_env *env, const gb_plan *plan,
                       const gb_case_progress *had, gb_stage *stage,
                       gb_error *err);

/** Null is allowed. @return false: a read of a counter has not returned; its
 *  thread keeps the stage and the root, which must not be closed */
bool gb_stage_close(gb_stage *stage);

#endif /* GB_PIPELINE_RUN_H */
