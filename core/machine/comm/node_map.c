/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/comm/node_map.h"

#include <stdlib.h>

typedef struct keyed_rank {
    uint64_t key;
    int32_t rank;
} keyed_rank;

static int by_key_then_rank(const void *a, const void *b) {
    const keyed_rank *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->rank - y->rank;
}

int32_t gb_node_number(const uint64_t *keys, int32_t size,
                       int32_t *node_of_rank) {
    keyed_rank *sorted = malloc((size_t)size * sizeof(*sorted));
    int32_t count = 0;
    if (sorted == NULL)
        return 0;
    for (int32_t i = 0; i < size; i++)
        sorted[i] = (keyed_rank){keys[i], i};
    qsort(sorted, (size_t)size, sizeof(*sorted), by_key_then_rank);
    /* First the first rank of each one's node, then the numbers. */
    for (int32_t i = 0, first = 0; i < size; i++) {
        if (i == 0 || sorted[i].key != sorted[i - 1].key)
            first = sorted[i].rank;
        node_of_rank[sorted[i].rank] = first;
    }
    for (int32_t rank = 0; rank < size; rank++)
        node_of_rank[rank] = node_of_rank[rank] == rank
                                 ? count++
                                 : node_of_rank[node_of_rank[rank]];
    free(sorted);
    return count;
}

/* The longest run that begins at the first of @p left ranks. */
static gb_node_run first_run(const int32_t *node, int32_t left) {
    gb_node_run run = {.first_node = node[0], .block = 1, .nodes = 1};
    while (run.block < left && node[run.block] == node[0])
        run.block++;
    for (int64_t at = run.block; at < left && node[at] == node[0] + run.nodes;
         at += run.block)
        run.nodes++;
    while (run.length < left &&
           node[run.length] == node[0] + run.length / run.block % run.nodes)
        run.length++;
    return run;
}

size_t gb_node_runs(const int32_t *node_of_rank, int32_t size,
                    gb_node_run *runs) {
    size_t count = 0;
    for (int32_t at = 0; at < size; at += runs[count++].length)
        runs[count] = first_run(node_of_rank + at, size - at);
    return count;
}

int32_t gb_node_expand(const gb_node_run *runs, size_t count, int32_t size,
                       int32_t *node_of_rank) {
    int32_t at = 0, last = -1;
    for (size_t r = 0; r < count; r++) {
        const gb_node_run *run = &runs[r];
        if (run->length < 1 || run->length > size - at || run->block < 1 ||
            run->nodes < 1)
            return 0;
        for (int32_t i = 0; i < run->length; i++, at++) {
            node_of_rank[at] = run->first_node + i / run->block % run->nodes;
            if (node_of_rank[at] > last)
                last = node_of_rank[at];
        }
    }
    return at == size ? last + 1 : 0;
}
