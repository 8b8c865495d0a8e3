/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_LAUNCH_H
#define GB_PIPELINE_REDUCE_LAUNCH_H

/**
 * @file pipeline/reduce/launch.h
 * The launches of a run, each with its own samples: ticks, clocks and domains
 * may begin anew with each. Private to pipeline/reduce.
 */
#include "model/result.h"
#include "pipeline/reduce/index.h"

typedef struct gb_launch {
    const gb_run_log *log;
    gb_sample_index index;
} gb_launch;

typedef struct gb_launches {
    gb_launch *list; /* [count], as the logs are chained; count > 0 */
    size_t count;
} gb_launches;

/** Index the samples of every launch.
 *  @retval GB_ERR_INVALID  a row names a node or domain that is not there */
gb_status gb_launches_open(const gb_run_log *log, gb_launches *launches_out,
                           gb_error *err);
void gb_launches_close(gb_launches *launches);

/** Idle power, each launch by itself, into reduced->launches. */
gb_status gb_reduce_idle(const gb_launches *launches, gb_reduced *reduced,
                         gb_error *err);

/** Every domain over all launches, and what contradicts itself. */
gb_status gb_reduce_sources(const gb_launches *launches, gb_reduced *reduced,
                            gb_error *err);

#endif /* GB_PIPELINE_REDUCE_LAUNCH_H */
