/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include <string.h>

void gb_layout_sort(const int32_t *node_of_rank, int32_t size, int32_t *starts,
                    int32_t *order) {
    memset(starts, 0, ((size_t)size + 1) * sizeof(*starts));
    for (int32_t r = 0; r < size; r++)
        starts[node_of_rank[r] + 1]++;
    for (int32_t node = 0; node < size; node++)
        starts[node + 1] += starts[node];
    for (int32_t r = 0; r < size; r++)
        order[starts[node_of_rank[r]]++] = r;
}

int32_t gb_layout_count_nodes(const int32_t *node_of_rank, int32_t size) {
    int32_t highest = 0; /* they are numbered without a gap */

    for (int32_t r = 0; r < size; r++)
        if (node_of_rank[r] > highest)
            highest = node_of_rank[r];
    return highest + 1;
}

/* Seats around a table: the first half of the nodes on one side, each of the
 * others opposite to one of them, so that seat s is across from seat
 * count - 1 - s. @return the seat of place @p i, and the other way round */
static int32_t seat_of(int32_t i, int32_t count) {
    const int32_t half = count / 2;

    return i < half ? i : count - 1 - (i - half);
}

void gb_layout_turn(const int32_t *node_of_rank, const int32_t *sorted,
                    int32_t size, int32_t round, int32_t *starts,
                    int32_t *order) {
    const int32_t count = gb_layout_count_nodes(node_of_rank, size);
    const int32_t others = count - 1;
    int32_t placed = 0;

    starts[0] = 0;
    for (int32_t i = 0; i < size; i++)
        starts[node_of_rank[sorted[i]] + 1] = i + 1;
    for (int32_t i = 0; i < count; i++) {
        const int32_t seat = seat_of(i, count);
        const int32_t began =
            seat == 0 ? 0 : 1 + (seat - 1 + round % others) % others;
        const int32_t node = seat_of(began, count);
        for (int32_t k = starts[node]; k < starts[node + 1]; k++)
            order[placed++] = sorted[k];
    }
}

/* --- pairs -----------------------------------------------------------------
 */

/** The longest run of ranks on one node. @return its length */
static int32_t find_largest_node(const int32_t *node_of_rank,
                                 const int32_t *order, int32_t size,
                                 int32_t *start_out) {
    int32_t longest = 0;

    for (int32_t start = 0, end; start < size; start = end) {
        for (end = start + 1; end < size && node_of_rank[order[end]] ==
                                                node_of_rank[order[start]];
             end++)
            ;
        if (end - start > longest) {
            longest = end - start;
            *start_out = start;
        }
    }
    return longest;
}

static int32_t pair_neighbours(const int32_t *node_of_rank,
                               const int32_t *order, int32_t size,
                               gb_pair *pairs) {
    int32_t count = 0;

    for (int32_t i = 0; i + 1 < size; i++) {
        if (node_of_rank[order[i]] != node_of_rank[order[i + 1]])
            continue;
        pairs[count++] = (gb_pair){order[i], order[i + 1]};
        i++;
    }
    return count;
}

/* Partners half of all ranks apart share a node only where it holds more than
 * half of them. Then each of the others gets a partner on that node. */
static int32_t pair_across(const int32_t *node_of_rank, const int32_t *order,
                           int32_t size, gb_pair *pairs) {
    const int32_t half = size / 2;
    int32_t start = 0;
    const int32_t largest =
        find_largest_node(node_of_rank, order, size, &start);

    if (largest <= half) {
        for (int32_t i = 0; i < half; i++)
            pairs[i] = (gb_pair){order[i], order[i + half]};
        return half;
    }
    int32_t count = 0;
    for (int32_t i = 0; i < size; i++) {
        if (i >= start && i < start + largest)
            continue;
        const int32_t partner = order[start + count];
        pairs[count++] = i < start ? (gb_pair){order[i], partner}
                                   : (gb_pair){partner, order[i]};
    }
    return count;
}

int32_t gb_layout_pair(const int32_t *node_of_rank, const int32_t *order,
                       int32_t size, gb_pair_kind kind, gb_pair *pairs) {
    return kind == GB_PAIR_INTRA
               ? pair_neighbours(node_of_rank, order, size, pairs)
               : pair_across(node_of_rank, order, size, pairs);
}

gb_tree_place gb_layout_tree(int32_t count, int32_t index) {
    const int64_t first = (int64_t)index * GB_TREE_FANOUT + 1;
    gb_tree_place place = {.parent =
                               index > 0 ? (index - 1) / GB_TREE_FANOUT : -1};

    if (first < count) {
        place.first_child = (int32_t)first;
        place.child_count = count - place.first_child;
        if (place.child_count > GB_TREE_FANOUT)
            place.child_count = GB_TREE_FANOUT;
    }
    return place;
}

/* --- rings -----------------------------------------------------------------
 */

/* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void gb_layout_ring(int32_t size, bool random, uint64_t seed, int32_t *order) {
    for (int32_t i = 0; i < size; i++)
        order[i] = i;
    /* Fisher and Yates's shuffle; taking the remainder favours some orders by
     * less than size / 2^64. */
    for (int32_t i = size - 1; random && i > 0; i--) {
        const int32_t k = (int32_t)(next_random(&seed) % ((uint64_t)i + 1));
        const int32_t held = order[i];
        order[i] = order[k];
        order[k] = held;
    }
}

int32_t gb_layout_place(const int32_t *order, int32_t size, int32_t rank) {
    for (int32_t i = 0; i < size; i++)
        if (order[i] == rank)
            return i;
    return -1;
}

/* --- grids -----------------------------------------------------------------
 */

void gb_layout_grid(int32_t size, int32_t extent[3]) {
    int64_t best = INT64_MAX;

    for (int32_t c = 1; (int64_t)c * c * c <= size; c++) {
        if (size % c != 0)
            continue;
        for (int32_t b = c; (int64_t)b * b <= size / c; b++) {
            const int32_t a = size / c / b;
            if (size / c % b != 0 || (int64_t)a + b + c >= best)
                continue;
            best = (int64_t)a + b + c;
            extent[0] = a;
            extent[1] = b;
            extent[2] = c;
        }
    }
}

int32_t gb_layout_directions(const int32_t extent[3], int32_t moves_max,
                             gb_direction *directions) {
    int32_t count = 0;

    for (int32_t code = 0; code < 27; code++) {
        gb_direction d = {
            .step = {code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1}};
        bool useful = true;
        for (size_t i = 0; i < 3; i++) {
            d.moves += d.step[i] != 0;
            useful = useful && (d.step[i] == 0 || extent[i] > 1);
        }
        if (useful && d.moves > 0 && d.moves <= moves_max)
            directions[count++] = d;
    }
    /* Codes d and 26 - d are opposite, and both were taken or neither. */
    for (int32_t i = 0; i < count; i++)
        directions[i].opposite = count - 1 - i;
    return count;
}

int32_t gb_layout_neighbour(const int32_t extent[3], int32_t rank,
                            const gb_direction *direction) {
    int32_t to = 0, stride = 1;

    for (size_t i = 0; i < 3; i++) {
        const int32_t at = rank / stride % extent[i];
        const int32_t next = (at + direction->step[i] + extent[i]) % extent[i];
        to += next * stride;
        stride *= extent[i];
    }
    return to;
}
