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

/** Energy of all nodes in one window. */
typedef struct gb_window_sum {
    gb_energy_figure all;     /* none if a node has none */
    gb_energy_figure metered; /* of the nodes that have some in every window
                                 asked about; a zero if there are none */
} gb_window_sum;

/** One window of all nodes, and the launch whose samples tell it. */
typedef struct gb_asked_window {
    const gb_session *session;
    const gb_sample_index *index;
    const gb_node_window *windows; /* [node_count]; null: none was recorded */
} gb_asked_window;

/**
 * Energy of all nodes in several windows. Goes through the nodes once, so that
 * what it keeps grows with the windows plus the nodes, not with their product.
 *
 * @param asked  [count]
 * @param sums   [count], filled in
 * @param nodes  [node_count]: the energy of each over all windows is filled
 *               in; null: not asked
 */
gb_status gb_energy_of_windows(const gb_asked_window *asked, size_t count,
                               size_t node_count, gb_window_sum *sums,
                               gb_reduced_node *nodes, gb_error *err);

/** One domain from its first to its last good reading.
 *  @param figure_out  its energy in that time */
void gb_energy_of_source(const gb_session *session,
                         const gb_sample_index *index, uint32_t node,
                         uint32_t domain, gb_source_figure *out,
                         gb_energy_figure *figure_out);

#endif /* GB_PIPELINE_REDUCE_ENERGY_H */
