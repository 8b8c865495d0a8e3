/* SPDX-License-Identifier: Apache-2.0 */
/* Ratios -> verdicts, as one family. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "pipeline/compare/parts.h"

/* Two kinds of errors, each held to alpha: calling equal what differs, and
 * different what is equal. */
typedef struct family {
    double *differs, *outside;           /* [count] */
    double *holm_differs, *holm_outside; /* [count] */
} family;

static gb_status family_make(const gb_compare_test *tests, size_t count,
                             double margin, family *out, gb_error *err) {
    double *room = calloc(4 * count + 1, sizeof(*room));

    *out = (family){room, room + count, room + 2 * count, room + 3 * count};
    if (room == NULL)
        return gb_fail_memory(err, "the verdicts");
    for (size_t i = 0; i < count; i++) {
        out->differs[i] = gb_ratio_p_differs(&tests[i].ratio);
        out->outside[i] = gb_ratio_p_outside(&tests[i].ratio, margin);
    }
    return gb_holm(out->differs, count, out->holm_differs) &&
                   gb_holm(out->outside, count, out->holm_outside)
               ? GB_OK
               : gb_fail_memory(err, "the verdicts");
}

static gb_compare_verdict verdict_of(const gb_compared_metric *shown,
                                     gb_compare_metric metric, double alpha) {
    const bool higher = gb_compare_metric_better(metric)[0] == 'h';

    if (shown->holm_outside <= alpha)
        return GB_COMPARE_EQUIVALENT;
    if (shown->holm_differs <= alpha)
        return (shown->ratio > 1.0) == higher ? GB_COMPARE_BETTER
                                              : GB_COMPARE_WORSE;
    return GB_COMPARE_UNDECIDED;
}

static void explain(const gb_ratio *ratio, gb_compared_metric *out) {
    const double hidden = 100.0 * expm1(1.96 * sqrt(ratio->common));

    if (isfinite(out->repetitions))
        return;
    if (ratio->common > 0.0)
        gb_phrase_both(
            out->reason, sizeof(out->reason), out->chinese,
            sizeof(out->chinese),
            hidden < 10.0
                ? "the energy meters alone leave +-%.1f %%: more repetitions "
                  "would not tell, better or common meters would"
                : "the energy meters alone leave +-%.0f %%: more repetitions "
                  "would not tell, better or common meters would",
            hidden);
    else
        gb_phrase_both(out->reason, sizeof(out->reason), out->chinese,
                       sizeof(out->chinese),
                       "a million repetitions would not tell");
}

/* @p repetitions  of each side that would tell; NAN: not asked, or none */
static void conclude(const gb_compare_test *test, const family *all, size_t i,
                     double alpha, double repetitions,
                     gb_compared_bench *bench) {
    const gb_compare_metric both[] = {test->primary,
                                      gb_reciprocal_of(test->primary)};

    for (int k = 0; k < 2; k++) {
        if (both[k] == GB_COMPARE_METRICS)
            continue;
        gb_compared_metric *shown = &bench->metrics[both[k]];
        shown->p_differs = all->differs[i];
        shown->p_outside = all->outside[i];
        shown->holm_differs = all->holm_differs[i];
        shown->holm_outside = all->holm_outside[i];
        shown->verdict = verdict_of(shown, both[k], alpha);
        if (shown->verdict != GB_COMPARE_UNDECIDED)
            continue;
        shown->repetitions = repetitions;
        explain(&test->ratio, shown);
    }
}

void gb_compare_untested(gb_compare_metric primary, gb_compared_bench *bench) {
    const gb_compare_metric both[] = {primary, gb_reciprocal_of(primary)};

    for (int k = 0; k < 2; k++) {
        if (both[k] == GB_COMPARE_METRICS)
            continue;
        gb_compared_metric *shown = &bench->metrics[both[k]];
        shown->verdict = GB_COMPARE_UNDECIDED;
        gb_phrase_both(shown->reason, sizeof(shown->reason), shown->chinese,
                       sizeof(shown->chinese),
                       shown->base_n < 2 || shown->next_n < 2
                           ? "one repetition has no interval"
                           : "means that are not above 0 have no ratio");
    }
}

static void count_verdicts(gb_compared_pair *pair, gb_comparison *out) {
    size_t shown = 0;

    for (size_t b = 0; b < pair->bench_count; b++) {
        const gb_compared_bench *bench = &pair->benches[b];
        if (bench->failed) {
            pair->failed++;
            out->regression = true;
        }
        for (int m = 0; m < GB_COMPARE_METRICS && !bench->failed; m++) {
            const gb_compared_metric *metric = &bench->metrics[m];
            if (!metric->present)
                continue;
            pair->verdicts[metric->verdict]++;
            shown++;
            if (!metric->decides)
                continue;
            out->regression |= metric->verdict == GB_COMPARE_WORSE;
            out->refused |= metric->verdict == GB_COMPARE_REFUSED;
        }
    }
    /* A gate that passes because nothing was compared is none. */
    if (shown == 0 && pair->failed == 0)
        out->refused = true;
}

static double repetitions_of(const gb_compare_test *test, const family *all,
                             size_t i, const gb_comparison *comparison) {
    if (all->holm_outside[i] <= comparison->alpha ||
        all->holm_differs[i] <= comparison->alpha)
        return NAN;
    const double n = gb_ratio_repetitions(
        &test->ratio, comparison->alpha / (double)comparison->tests,
        comparison->margin);
    return n > 0.0 ? n : (double)NAN;
}

gb_status gb_compare_judge(const gb_compare_test *tests, size_t count,
                           gb_comparison *comparison, gb_error *err) {
    family all;
    gb_status status = family_make(tests, count, comparison->margin, &all, err);

    comparison->tests = count;
    for (size_t i = 0; status == GB_OK && i < count; i++)
        conclude(&tests[i], &all, i, comparison->alpha,
                 repetitions_of(&tests[i], &all, i, comparison),
                 &comparison->pairs[tests[i].pair].benches[tests[i].bench]);
    for (size_t p = 0; status == GB_OK && p < comparison->pair_count; p++)
        count_verdicts(&comparison->pairs[p], comparison);
    free(all.differs);
    return status;
}
