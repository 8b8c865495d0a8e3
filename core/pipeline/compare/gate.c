/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/compare/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of several benchmarks that are called the same the one of the same number. */
static const gb_compared_bench *find_bench(const gb_compared_pair *pair,
                                           const gb_compared_bench *like,
                                           size_t occurrence) {
    for (size_t b = 0; b < pair->bench_count; b++) {
        const gb_compared_bench *bench = &pair->benches[b];
        if (strcmp(bench->id, like->id) != 0 ||
            strcmp(bench->params, like->params) != 0)
            continue;
        if (occurrence-- == 0)
            return bench;
    }
    return NULL;
}

static size_t occurrence_of(const gb_compared_pair *pair, size_t at) {
    size_t before = 0;

    for (size_t b = 0; b < at; b++)
        before +=
            strcmp(pair->benches[b].id, pair->benches[at].id) == 0 &&
            strcmp(pair->benches[b].params, pair->benches[at].params) == 0;
    return before;
}

/** A benchmark in all comparisons that have it. */
typedef struct everywhere {
    const gb_compared_bench **benches; /* [count] */
    size_t count;
} everywhere;

static bool all_failed(const everywhere *all) {
    for (size_t i = 0; i < all->count; i++)
        if (!all->benches[i]->failed)
            return false;
    return all->count > 0;
}

/* Worse wherever it could be compared, which was somewhere. */
static bool all_worse(const everywhere *all, gb_compare_metric metric,
                      gb_gate_finding *out) {
    size_t compared = 0;

    for (size_t i = 0; i < all->count; i++) {
        const gb_compared_metric *one = &all->benches[i]->metrics[metric];
        if (all->benches[i]->reason[0] != '\0' || !one->present ||
            !one->decides || one->verdict == GB_COMPARE_REFUSED)
            continue;
        if (one->verdict != GB_COMPARE_WORSE)
            return false;
        out->least = compared == 0 ? one->ratio : fmin(out->least, one->ratio);
        out->most = compared == 0 ? one->ratio : fmax(out->most, one->ratio);
        compared++;
    }
    return compared > 0;
}

static gb_status keep(const gb_gate_finding *found, gb_gate *out,
                      gb_error *err) {
    gb_gate_finding *longer =
        realloc(out->found, (out->found_count + 1) * sizeof(*out->found));

    if (longer == NULL)
        return gb_fail_memory(err, "what is worse");
    out->found = longer;
    longer[out->found_count++] = *found;
    return GB_OK;
}

static gb_status judge(const everywhere *all, gb_gate *out, gb_error *err) {
    gb_gate_finding found = {.benchmark = all->benches[0]->id,
                             .params = all->benches[0]->params,
                             .failed = all_failed(all),
                             .least = NAN,
                             .most = NAN};
    gb_status status = GB_OK;

    if (found.failed)
        return keep(&found, out, err);
    for (int m = 0; status == GB_OK && m < GB_COMPARE_METRICS; m++) {
        found.metric = (gb_compare_metric)m;
        if (all_worse(all, found.metric, &found))
            status = keep(&found, out, err);
    }
    return status;
}

/* True if an earlier comparison has the benchmark: it was judged there. */
static bool is_judged(const gb_comparison *comparisons, size_t at,
                      const gb_compared_bench *bench, size_t occurrence) {
    for (size_t i = 0; i < at; i++)
        if (find_bench(&comparisons[i].pairs[0], bench, occurrence) != NULL)
            return true;
    return false;
}

static gb_status judge_all(const gb_comparison *comparisons, size_t count,
                           everywhere *all, gb_gate *out, gb_error *err) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < count; i++) {
        const gb_compared_pair *pair = &comparisons[i].pairs[0];
        out->comparable += !comparisons[i].refused;
        for (size_t b = 0; status == GB_OK && b < pair->bench_count; b++) {
            const gb_compared_bench *bench = &pair->benches[b];
            const size_t occurrence = occurrence_of(pair, b);
            if (is_judged(comparisons, i, bench, occurrence))
                continue;
            all->count = 0;
            for (size_t k = i; k < count; k++) {
                const gb_compared_bench *one =
                    find_bench(&comparisons[k].pairs[0], bench, occurrence);
                if (one != NULL)
                    all->benches[all->count++] = one;
            }
            status = judge(all, out, err);
        }
    }
    return status;
}

gb_status gb_gate_decide(const gb_comparison *comparisons, size_t count,
                         gb_gate *out, gb_error *err) {
    everywhere all = {.benches = calloc(count + 1, sizeof(*all.benches))};
    gb_gate made = {.comparisons = comparisons, .count = count};

    if (all.benches == NULL)
        return gb_fail_memory(err, "what is worse");
    const gb_status status = judge_all(comparisons, count, &all, &made, err);
    free(all.benches);
    if (status == GB_OK)
        *out = made;
    else
        gb_gate_fini(&made);
    return status;
}
