/* SPDX-License-Identifier: Apache-2.0 */
/* Between which nodes messages take longer than between the others. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "pipeline/analyse/bench.h"
#include "stats/spread.h"

/* What was slow once may have been disturbed. */
#define REPETITIONS_LEAST 2

static void find_unjudged(const gb_reduced_case *reduced,
                          gb_node_spread *spread) {
    size_t again = 0;

    for (size_t i = 0; i < reduced->pair_count; i++)
        again += reduced->pairs[i].repetitions >= REPETITIONS_LEAST;
    if (spread->n < GB_FENCES_LEAST)
        snprintf(spread->unjudged, sizeof(spread->unjudged),
                 "%zu pairs of nodes met, fences take %d", spread->n,
                 GB_FENCES_LEAST);
    else if (again == 0)
        gb_copy(spread->unjudged, sizeof(spread->unjudged),
                "each pair of nodes met once, which does not tell a slow one "
                "from a disturbed one");
}

/* A whole distribution moved, not its tail: the fastest lies outside as well.
 */
static bool is_slow(const gb_node_spread *spread, const gb_reduced_pair *pair) {
    return pair->repetitions >= REPETITIONS_LEAST &&
           pair->least_s > spread->fences[1] &&
           pair->median_s > spread->fences[1];
}

static int slowest_first(const void *a, const void *b) {
    const gb_slow_pair *x = a, *y = b;

    if (x->time_s != y->time_s)
        return x->time_s > y->time_s ? -1 : 1;
    if (x->nodes[0] != y->nodes[0])
        return x->nodes[0] < y->nodes[0] ? -1 : 1;
    return (x->nodes[1] > y->nodes[1]) - (x->nodes[1] < y->nodes[1]);
}

/* The one node that all slow pairs have. */
static int64_t find_common(const gb_pair_variability *pairs) {
    for (size_t side = 0; pairs->slow_count > 1 && side < 2; side++) {
        const uint32_t node = pairs->slow[0].nodes[side];
        size_t with = 0;
        for (size_t i = 0; i < pairs->slow_count; i++)
            with += pairs->slow[i].nodes[0] == node ||
                    pairs->slow[i].nodes[1] == node;
        if (with == pairs->slow_count)
            return node;
    }
    return -1;
}

static gb_status list_slow(const gb_reduced_case *reduced,
                           gb_pair_variability *out, gb_error *err) {
    const gb_node_spread *spread = &out->spread;
    size_t count = 0;

    for (size_t i = 0; i < reduced->pair_count; i++)
        count += is_slow(spread, &reduced->pairs[i]);
    if (count == 0)
        return GB_OK;
    out->slow = calloc(count, sizeof(*out->slow));
    if (out->slow == NULL)
        return gb_fail_memory(err, "the slow pairs of nodes");
    for (size_t i = 0; i < reduced->pair_count; i++) {
        const gb_reduced_pair *pair = &reduced->pairs[i];
        if (!is_slow(spread, pair))
            continue;
        out->slow[out->slow_count++] = (gb_slow_pair){
            .nodes = {pair->nodes[0], pair->nodes[1]},
            .repetitions = pair->repetitions,
            .time_s = pair->median_s,
            .relative = pair->median_s / spread->median - 1.0,
            .far_out = pair->least_s > spread->far_fences[1],
        };
    }
    qsort(out->slow, out->slow_count, sizeof(*out->slow), slowest_first);
    return GB_OK;
}

gb_status gb_find_slow_pairs(const gb_reduced_case *reduced,
                             gb_pair_variability *out, gb_error *err) {
    const size_t count = reduced->pair_count;

    *out = (gb_pair_variability){.spread.n = count, .common = -1};
    if (count == 0)
        return GB_OK;
    double *medians_s = calloc(count, sizeof(*medians_s));
    if (medians_s == NULL)
        return gb_fail_memory(err, "the times of the pairs of nodes");
    for (size_t i = 0; i < count; i++)
        medians_s[i] = reduced->pairs[i].median_s;
    gb_describe_spread(medians_s, &out->spread);
    free(medians_s);
    find_unjudged(reduced, &out->spread);
    if (out->spread.unjudged[0] != '\0')
        return GB_OK;
    const gb_status status = list_slow(reduced, out, err);
    out->common = find_common(out);
    return status;
}
