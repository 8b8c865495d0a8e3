/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_TIMELINE_H
#define GB_PIPELINE_REDUCE_TIMELINE_H

/**
 * @file pipeline/reduce/timeline.h
 * Samples -> power over time, for drawing. The rows are gone through twice and
 * nothing is kept of them but the buckets.
 */
#include "base/error.h"
#include "model/timeline.h"

typedef struct gb_timeline_wish {
    /* Nodes that should have lines of their own, the most wanted first; others
     * follow in their order, up to GB_TIMELINE_NODES. */
    const uint32_t *nodes; /* [node_count] */
    size_t node_count;
    size_t points; /* about how many buckets all lines may have together */
} gb_timeline_wish;

/**
 * @param log  as it was read: one launch, or a chain of them
 * @retval GB_ERR_INVALID  a row names a node or domain that is not there
 */
gb_status gb_reduce_timelines(const gb_run_log *log,
                              const gb_timeline_wish *wish,
                              gb_timelines *timelines_out, gb_error *err);

#endif /* GB_PIPELINE_REDUCE_TIMELINE_H */
