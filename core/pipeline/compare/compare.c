/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/compare/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/compare/parts.h"

/** The comparison under way. */
typedef struct work {
    const gb_compare_input *runs; /* [count] */
    gb_case_index *indices;       /* [count] */
    size_t count;
    const gb_compare_options *options;
    gb_compare_test *tests; /* [test_count] */
    size_t test_count, test_room;
} work;

/* --- one pair ------------------------------------------------------------- */

static gb_status sides_make(const work *all, size_t pair, gb_compare_side *base,
                            gb_compare_side *next, gb_error *err) {
    const bool interleaved = all->options->interleaved;
    const size_t count = interleaved ? all->count / 2 : 1;
    gb_side_run *runs = calloc(2 * count + 1, sizeof(*runs));

    if (runs == NULL)
        return gb_fail_memory(err, "the runs of a comparison");
    *base = (gb_compare_side){runs, count};
    *next = (gb_compare_side){runs + count, count};
    for (size_t i = 0; i < count; i++) {
        const size_t a = interleaved ? 2 * i : 0;
        const size_t b = interleaved ? 2 * i + 1 : pair + 1;
        base->runs[i] = (gb_side_run){&all->runs[a], &all->indices[a], 0};
        next->runs[i] = (gb_side_run){&all->runs[b], &all->indices[b], 0};
    }
    return GB_OK;
}

/* @return false: some run of the side lacks it */
static bool find_case(gb_compare_side *side, const gb_case_key *key) {
    for (size_t i = 0; i < side->count; i++) {
        const gb_case_key *found = gb_case_find(side->runs[i].index, key);
        if (found == NULL)
            return false;
        side->runs[i].at = found->at;
    }
    return true;
}

static gb_status keep_tests(work *all, size_t pair, size_t bench,
                            const gb_ratio *ratios, const bool *tested,
                            gb_compared_bench *out, gb_error *err) {
    if (all->test_count + GB_PRIMARIES > all->test_room) {
        const size_t room = 2 * all->test_room + 64;
        gb_compare_test *longer =
            realloc(all->tests, room * sizeof(*all->tests));
        if (longer == NULL)
            return gb_fail_memory(err, "the tests of a comparison");
        all->tests = longer;
        all->test_room = room;
    }
    for (int p = 0; p < GB_PRIMARIES; p++) {
        if (tested[p] && ratios[p].method == GB_RATIO_NONE)
            gb_compare_untested(gb_primaries[p], out);
        else if (tested[p])
            all->tests[all->test_count++] =
                (gb_compare_test){pair, bench, gb_primaries[p], ratios[p]};
    }
    return GB_OK;
}

static gb_status add_bench(work *all, size_t at, const gb_compare_side *base,
                           const gb_compare_side *next, gb_compared_pair *pair,
                           gb_error *err) {
    const gb_compare_input *first = base->runs[0].run;
    const gb_plan_case *planned =
        &first->plan->cases[first->reduced->cases[base->runs[0].at].case_index];
    gb_compared_bench *bench = &pair->benches[pair->bench_count];
    gb_ratio ratios[GB_PRIMARIES];
    bool tested[GB_PRIMARIES];

    bench->id = strdup(planned->id);
    bench->params = gb_plan_case_params(planned);
    pair->bench_count++;
    if (bench->id == NULL || bench->params == NULL)
        return gb_fail_memory(err, "a benchmark of a comparison");
    gb_status status =
        gb_compare_bench(base, next, all->options, bench, ratios, tested, err);
    if (status == GB_OK)
        status = keep_tests(all, at, pair->bench_count - 1, ratios, tested,
                            bench, err);
    return status;
}

static int by_place(const void *a, const void *b) {
    const gb_case_key *const *x = a, *const *y = b;

    return ((*x)->at > (*y)->at) - ((*x)->at < (*y)->at);
}

static gb_status add_benches(work *all, size_t at, gb_compare_side *base,
                             gb_compare_side *next, gb_compared_pair *pair,
                             gb_error *err) {
    const gb_case_index *first = base->runs[0].index;
    const gb_case_key **order = calloc(first->count + 1, sizeof(*order));
    gb_status status = GB_OK;

    pair->benches = calloc(first->count + 1, sizeof(*pair->benches));
    if (pair->benches == NULL || order == NULL)
        status = gb_fail_memory(err, "the benchmarks of a comparison");
    for (size_t i = 0; status == GB_OK && i < first->count; i++)
        order[i] = &first->keys[i];
    if (status == GB_OK)
        qsort(order, first->count, sizeof(*order), by_place);
    for (size_t i = 0; status == GB_OK && i < first->count; i++)
        if (find_case(base, order[i]) && find_case(next, order[i]))
            status = add_bench(all, at, base, next, pair, err);
    free(order);
    return status;
}

static gb_status compare_pair(work *all, size_t at, gb_compared_pair *pair,
                              gb_error *err) {
    gb_compare_side base, next;
    gb_status status = sides_make(all, at, &base, &next, err);

    if (status != GB_OK)
        return status;
    const gb_compare_input *a = base.runs[0].run, *b = next.runs[0].run;
    pair->base = (gb_compared_run){a->path, a->result->session};
    pair->next = (gb_compared_run){b->path, b->result->session};
    for (size_t i = 0; status == GB_OK && i < base.count; i++)
        status =
            gb_compare_runs(base.runs[i].run, base.runs[i].index,
                            next.runs[i].run, next.runs[i].index, pair, err);
    for (size_t i = 1; status == GB_OK && i < base.count; i++)
        status = gb_compare_cases(base.runs[0].run, base.runs[0].index,
                                  base.runs[i].index, base.runs[i].run->path,
                                  pair, err);
    if (status == GB_OK)
        status = add_benches(all, at, &base, &next, pair, err);
    free(base.runs);
    return status;
}

/* --- together ------------------------------------------------------------- */

/* Pairs are compared because what drifts is in both: only if they took turns.
 */
static gb_status check_order(const gb_compare_input *runs, size_t count,
                             gb_error *err) {
    for (size_t i = 1; i < count; i++)
        if (runs[i].result->session->started_utc_ns <=
            runs[i - 1].result->session->started_utc_ns)
            return gb_fail(
                err, GB_ERR_INVALID,
                "without --interleaved each NEW is compared with BASE",
                "expected interleaved runs in the order in which they began, "
                "got '%s' after '%s', which began later",
                runs[i].path, runs[i - 1].path);
    return GB_OK;
}

static gb_status compare_all(work *all, gb_comparison *out, gb_error *err) {
    const size_t pairs = all->options->interleaved ? 1 : all->count - 1;
    gb_status status = GB_OK;

    all->indices = calloc(all->count, sizeof(*all->indices));
    out->pairs = calloc(pairs, sizeof(*out->pairs));
    if (all->indices == NULL || out->pairs == NULL)
        return gb_fail_memory(err, "a comparison");
    for (size_t i = 0; status == GB_OK && i < all->count; i++)
        status = gb_case_index_make(&all->runs[i], &all->indices[i], err);
    for (size_t p = 0; status == GB_OK && p < pairs; p++) {
        out->pair_count = p + 1;
        status = compare_pair(all, p, &out->pairs[p], err);
    }
    return status == GB_OK
               ? gb_compare_judge(all->tests, all->test_count, out, err)
               : status;
}

gb_status gb_compare(const gb_compare_input *runs, size_t count,
                     const gb_compare_options *options, gb_comparison *out,
                     gb_error *err) {
    work all = {.runs = runs, .count = count, .options = options};
    gb_comparison made = {
        .alpha = options->alpha,
        .margin = options->margin,
        .metrics = options->metrics,
        .interleaved = options->interleaved ? count / 2 : 0,
    };
    gb_status status =
        options->interleaved ? check_order(runs, count, err) : GB_OK;

    if (status == GB_OK)
        status = compare_all(&all, &made, err);
    for (size_t i = 0; all.indices != NULL && i < count; i++)
        gb_case_index_fini(&all.indices[i]);
    free(all.indices);
    free(all.tests);
    if (status == GB_OK)
        *out = made;
    else
        gb_comparison_fini(&made);
    return status;
}
