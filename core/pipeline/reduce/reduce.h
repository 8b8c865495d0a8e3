/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_H
#define GB_PIPELINE_REDUCE_H

/**
 * @file pipeline/reduce/reduce.h
 * Records + samples -> work summed over ranks and energy summed over nodes, for
 * each repetition: the one place where the two meet. Pure.
 * A run that was resumed is a chain of logs: repetitions of all launches
 * together, each with the samples and the session of its own.
 */
#include "base/error.h"
#include "model/result.h"

gb_status gb_reduce(const gb_plan *plan, const gb_run_log *log,
                    gb_reduced *reduced_out, gb_error *err);

/** Energy of one node in one window: the sum over its cover.
 *  @param figures  [node.domain_count], nullable: each ok domain's own figure
 */
gb_status gb_reduce_node_window(const gb_run_log *log, uint32_t node,
                                const gb_node_window *window,
                                gb_energy_figure *figures,
                                gb_energy_figure *total_out, gb_error *err);

#endif /* GB_PIPELINE_REDUCE_H */
