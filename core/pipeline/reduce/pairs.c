/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/reduce/pairs.h"

#include <math.h>
#include <stdlib.h>

#include "stats/spread.h"

static gb_status append(gb_pair_times *times, gb_pair_time one, gb_error *err) {
    if (times->count == times->capacity) {
        const size_t capacity = times->capacity * 2 + 64;
        gb_pair_time *larger =
            realloc(times->items, capacity * sizeof(*larger));
        if (larger == NULL)
            return gb_fail_memory(err, "the pairs of nodes");
        times->items = larger;
        times->capacity = capacity;
    }
    times->items[times->count++] = one;
    return GB_OK;
}

gb_status gb_pair_times_add(gb_pair_times *times, const gb_session *session,
                            const gb_rep_record *record, gb_error *err) {
    const gb_rank_rep *ranks = record->ranks;
    gb_status status = GB_OK;

    if (session->places == NULL || record->iterations == 0)
        return GB_OK;
    for (uint32_t r = 0; r < session->ranks && status == GB_OK; r++) {
        const uint32_t peer = ranks[r].peer_plus_1;
        /* Each pair once, from its lower rank. */
        if (peer <= r + 1 || peer > session->ranks ||
            ranks[peer - 1].peer_plus_1 != r + 1)
            continue;
        const uint32_t a = session->places[r].node;
        const uint32_t b = session->places[peer - 1].node;
        if (a == b)
            continue;
        const double time_s =
            fmax(ranks[r].elapsed_s, ranks[peer - 1].elapsed_s);
        const gb_pair_time one = {
            .nodes = {a < b ? a : b, a < b ? b : a},
            .repetition = record->repetition,
            .time_s = time_s / (double)record->iterations,
        };
        status = append(times, one, err);
    }
    return status;
}

static int compare_nodes(const gb_pair_time *x, const gb_pair_time *y) {
    if (x->nodes[0] != y->nodes[0])
        return x->nodes[0] < y->nodes[0] ? -1 : 1;
    return (x->nodes[1] > y->nodes[1]) - (x->nodes[1] < y->nodes[1]);
}

static int by_nodes(const void *a, const void *b) {
    const gb_pair_time *x = a, *y = b;
    const int order = compare_nodes(x, y);

    if (order != 0)
        return order;
    return (x->repetition > y->repetition) - (x->repetition < y->repetition);
}

/* @param times_s  [count], scratch */
static gb_reduced_pair summarise(const gb_pair_time *items, size_t count,
                                 double *times_s) {
    gb_reduced_pair pair = {.nodes = {items[0].nodes[0], items[0].nodes[1]}};

    for (size_t i = 0; i < count; i++) {
        pair.repetitions +=
            i == 0 || items[i].repetition != items[i - 1].repetition;
        times_s[i] = items[i].time_s;
    }
    gb_sort_ascending(times_s, count);
    pair.median_s = gb_quantile_sorted(times_s, count, 0.5);
    pair.least_s = times_s[0];
    return pair;
}

gb_status gb_pair_times_reduce(gb_pair_times *times,
                               gb_reduced_pair **pairs_out, size_t *count_out,
                               gb_error *err) {
    size_t distinct = 0;

    *pairs_out = NULL;
    *count_out = 0;
    if (times->count == 0)
        return GB_OK;
    qsort(times->items, times->count, sizeof(*times->items), by_nodes);
    for (size_t i = 0; i < times->count; i++)
        distinct += i == 0 ||
                    compare_nodes(&times->items[i - 1], &times->items[i]) != 0;
    gb_reduced_pair *pairs = calloc(distinct, sizeof(*pairs));
    double *times_s = calloc(times->count, sizeof(*times_s));
    if (pairs == NULL || times_s == NULL) {
        free(pairs);
        free(times_s);
        return gb_fail_memory(err, "the pairs of nodes");
    }
    size_t at = 0;
    for (size_t begin = 0, end; begin < times->count; begin = end) {
        for (end = begin + 1;
             end < times->count &&
             compare_nodes(&times->items[begin], &times->items[end]) == 0;
             end++)
            ;
        pairs[at++] = summarise(&times->items[begin], end - begin, times_s);
    }
    free(times_s);
    *pairs_out = pairs;
    *count_out = distinct;
    return GB_OK;
}

void gb_pair_times_fini(gb_pair_times *times) {
    free(times->items);
    *times = (gb_pair_times){0};
}
