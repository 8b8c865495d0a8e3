/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COMM_NODE_MAP_H
#define GB_MACHINE_COMM_NODE_MAP_H

/**
 * @file machine/comm/node_map.h
 * Which rank is on which node, in few words: launchers place ranks by blocks or
 * in turn, and one run of numbers says either for any number of ranks. Pure;
 * no MPI.
 */
#include <stddef.h>
#include <stdint.h>

/** Rank i of the run is on node `first_node + i / block % nodes`. */
typedef struct gb_node_run {
    int32_t length; /* ranks, >= 1 */
    int32_t first_node;
    int32_t block; /* ranks placed on a node before the next one's turn, >= 1 */
    int32_t nodes; /* that take turns, >= 1 */
} gb_node_run;

/** Number nodes in the order of their first rank.
 *  @param keys               [size], equal on ranks of one node
 *  @param[out] node_of_rank  [size]
 *  @return how many nodes; 0: out of memory */
int32_t gb_node_number(const uint64_t *keys, int32_t size,
                       int32_t *node_of_rank);

/** @param[out] runs  [size] is enough; 1 or 2 for usual launches
 *  @return how many */
size_t gb_node_runs(const int32_t *node_of_rank, int32_t size,
                    gb_node_run *runs);

/** The inverse. @param[out] node_of_rank  [size]
 *  @return how many nodes; 0: the runs are not of @p size ranks */
int32_t gb_node_expand(const gb_node_run *runs, size_t count, int32_t size,
                       int32_t *node_of_rank);

#endif /* GB_MACHINE_COMM_NODE_MAP_H */
