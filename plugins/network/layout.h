/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PLUGINS_NETWORK_LAYOUT_H
#define GB_PLUGINS_NETWORK_LAYOUT_H

/**
 * @file layout.h
 * Who talks to whom: pairs, halves, rings and grids of ranks. Numbers only, the
 * same on every rank, no MPI.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Ranks sorted by node, then by rank.
 *  @param node_of_rank  [size], 0 .. size - 1
 *  @param starts        [size + 1], scratch
 *  @param[out] order    [size] */
void gb_layout_sort(const int32_t *node_of_rank, int32_t size, int32_t *starts,
                    int32_t *order);

/** Nodes that hold a rank. */
int32_t gb_layout_count_nodes(const int32_t *node_of_rank, int32_t size);

/** Rounds of a tournament, after which each node has met each other: in round
 *  0 the order of gb_layout_sort(), in each further one the nodes one place on
 *  around a circle of which the first holds still.
 *  @param sorted      [size], as from gb_layout_sort()
 *  @param round       taken modulo the nodes less one
 *  @param starts      [size + 1], scratch
 *  @param[out] order  [size], ranks of a node side by side */
void gb_layout_turn(const int32_t *node_of_rank, const int32_t *sorted,
                    int32_t size, int32_t round, int32_t *starts,
                    int32_t *order);

typedef enum gb_pair_kind {
    GB_PAIR_INTRA, /* both ranks on one node */
    GB_PAIR_INTER, /* on two nodes */
} gb_pair_kind;

typedef struct gb_pair {
    int32_t first, second; /* ranks; the first sends first */
} gb_pair;

/**
 * As many pairs of one kind as there can be, no rank in two of them.
 * @param order       the ranks of a node side by side: as from
 *                    gb_layout_sort() or gb_layout_turn()
 * @param[out] pairs  [size / 2]
 * @return how many there are
 */
int32_t gb_layout_pair(const int32_t *node_of_rank, const int32_t *order,
                       int32_t size, gb_pair_kind kind, gb_pair *pairs);

/** Where one of several ranks stands in a tree, by index; 0 is the root. */
typedef struct gb_tree_place {
    int32_t parent; /* -1: this is the root */
    int32_t first_child, child_count;
} gb_tree_place;

#define GB_TREE_FANOUT 16

gb_tree_place gb_layout_tree(int32_t count, int32_t index);

/** Ranks around a ring: 0, 1, 2 .. or, if @p random, a permutation that @p seed
 *  alone decides.
 *  @param[out] order  [size] */
void gb_layout_ring(int32_t size, bool random, uint64_t seed, int32_t *order);

/** Where @p rank stands in @p order [size]; -1: nowhere. */
int32_t gb_layout_place(const int32_t *order, int32_t size, int32_t rank);

/** The three factors of @p size nearest to a cube, largest first. */
void gb_layout_grid(int32_t size, int32_t extent[3]);

#define GB_DIRECTIONS_MAX 26

typedef struct gb_direction {
    int32_t step[3];  /* -1, 0 or 1 each */
    int32_t opposite; /* index of the direction that leads back */
    int32_t moves;    /* steps that are not 0: 1 face, 2 edge, 3 corner */
} gb_direction;

/**
 * The directions in which a rank of a periodic grid has a neighbour other than
 * itself: none along an extent of 1.
 * @param moves_max        1: faces; 3: edges and corners too
 * @param[out] directions  [GB_DIRECTIONS_MAX]
 * @return how many there are
 */
int32_t gb_layout_directions(const int32_t extent[3], int32_t moves_max,
                             gb_direction *directions);

/** The rank that one step in @p direction from @p rank leads to. The first
 *  coordinate changes fastest. */
int32_t gb_layout_neighbour(const int32_t extent[3], int32_t rank,
                            const gb_direction *direction);

#endif /* GB_PLUGINS_NETWORK_LAYOUT_H */
