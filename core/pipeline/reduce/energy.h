/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_ENERGY_H
#define GB_PIPELINE_REDUCE_ENERGY_H

/**
 * @file pipeline/reduce/energy.h
 * Energy of nodes in windows, from the index. Private to pipeline/reduce.
 */
#include "model/result.h"
#include "pipeline/reduce/index.h"

/** Energy of one node in one window: the sum over its cover.
 *  @param figures  [node.domain_count], nullable */
void gb_energy_of_node(const gb_session *session, const gb_sample_index *index,
                       uint32_t node, const gb_node_window *window,
                       gb_energy_figure *figures, gb_energy_figure *total_out);

/** Energy of all nodes in their windows; none if a node has none.
 *  @param windows  [node_count], nullable: none
 *  @param nodes    [node_count], filled in */
void gb_energy_of_nodes(const gb_session *session, const gb_sample_index *index,
                        const gb_node_window *windows, gb_energy_figure *nodes,
                        gb_energy_figure *total_out);

/** One domain from its first to its last good reading.
 *  @param figure_out  its energy in that time */
void gb_energy_of_source(const gb_session *session,
                         const gb_sample_index *index, uint32_t node,
                         uint32_t domain, gb_source_figure *out,
                         gb_energy_figure *figure_out);

#endif /* GB_PIPELINE_REDUCE_ENERGY_H */
