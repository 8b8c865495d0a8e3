/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_INDEX_H
#define GB_PIPELINE_REDUCE_INDEX_H

/**
 * @file pipeline/reduce/index.h
 * The samples of a run, sorted once, so that a window is found in O(log n).
 * Private to pipeline/reduce.
 *
 * Rows of a node are in the order they were taken. A tick is one pass over the
 * node's domains: its rows have ascending domain indices and the same `mark`,
 * so a row that does not ascend begins the next tick. The stamp of a tick is
 * that of its first good row, as gb_sampler_mark() returns it: a window is
 * found by the marked ticks whose stamps are its edges, and each domain then
 * takes part with its own readings of those ticks and of all between.
 */
#include "base/error.h"
#include "model/result.h"

/** Readings of one domain of one node, in order. */
typedef struct gb_index_domain {
    gb_energy_reading *readings; /* [count] */
    uint32_t *ticks;             /* [count], ascending */
    size_t count;
} gb_index_domain;

typedef struct gb_index_mark {
    uint64_t stamp_ns;
    uint32_t tick;
} gb_index_mark;

typedef struct gb_index_node {
    gb_index_domain *domains; /* [session.nodes[].domain_count] */
    gb_index_mark *marks;     /* [mark_count], by stamp */
    size_t mark_count;
} gb_index_node;

typedef struct gb_sample_index {
    gb_index_node *nodes; /* [node_count] */
    size_t node_count;
    gb_index_domain *all_domains;
    gb_index_mark *all_marks;
    gb_energy_reading *all_readings;
    uint32_t *all_ticks;
    gb_energy_figure *scratch; /* room for the figures of any one node */
} gb_sample_index;

/** O(rows). Reads the log only while it is called.
 *  @retval GB_ERR_INVALID  a row names a node or domain that is not there */
gb_status gb_sample_index_build(const gb_run_log *log,
                                gb_sample_index *index_out, gb_error *err);
void gb_sample_index_fini(gb_sample_index *index);

/**
 * The ticks at the edges of a window.
 * @return false: no marked tick bears the stamp of an edge
 */
bool gb_sample_index_find(const gb_index_node *node,
                          const gb_node_window *window, uint32_t *begin_out,
                          uint32_t *end_out);

/** The readings of the ticks @p begin to @p end, both included. Fewer than
 *  two, or edges that are not of those ticks: @p count_out is 0.
 *  @return [*count_out], owned by the index */
const gb_energy_reading *gb_index_domain_slice(const gb_index_domain *domain,
                                               uint32_t begin, uint32_t end,
                                               size_t *count_out);

#endif /* GB_PIPELINE_REDUCE_INDEX_H */
