/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_PAIRS_H
#define GB_PIPELINE_REDUCE_PAIRS_H

/**
 * @file pipeline/reduce/pairs.h
 * How long iterations took between two nodes. Private to pipeline/reduce.
 */
#include "base/error.h"
#include "model/result.h"

/** Two ranks of different nodes in one repetition. */
typedef struct gb_pair_time {
    uint32_t nodes[2]; /* the lower one first */
    uint32_t repetition;
    double time_s; /* of one iteration */
} gb_pair_time;

typedef struct gb_pair_times {
    gb_pair_time *items; /* [count] */
    size_t count, capacity;
} gb_pair_times;

/** Add the pairs of one valid repetition: two ranks that name each other, on
 *  different nodes. @retval GB_ERR_NO_MEMORY */
gb_status gb_pair_times_add(gb_pair_times *times, const gb_session *session,
                            const gb_rep_record *record, gb_error *err);

/** One entry for each pair of nodes. Sorts @p times.
 *  @param[out] pairs_out  malloc'ed [*count_out], by their nodes; null: none
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_pair_times_reduce(gb_pair_times *times,
                               gb_reduced_pair **pairs_out, size_t *count_out,
                               gb_error *err);

void gb_pair_times_fini(gb_pair_times *times);

#endif /* GB_PIPELINE_REDUCE_PAIRS_H */
