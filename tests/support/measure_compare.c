/* SPDX-License-Identifier: Apache-2.0 */
/* How often simulated comparisons are judged right: pairs of runs with
 * normally distributed logarithms of performance and power go through the stage
 * that `compare` uses. What scripts/measure_compare.py runs.
 *
 * Prints how many calls found something worse, something better, and how many
 * benchmarks' performance was found worse, and equivalent.
 *
 * usage: measure_compare CALLS BENCHMARKS REPETITIONS NOISE RATIO SEED */
#include <stdio.h>
#include <stdlib.h>

#include "support/compared_run.h"

typedef struct tally {
    size_t worse_calls, better_calls, slower, equivalent;
} tally;

static void fill(compared_run *run, double rate, double noise, uint64_t *seed) {
    const compared_values values = {rate, 100.0, noise};
    for (size_t c = 0; c < run->plan.case_count; c++)
        compared_run_fill(run, c, &values, seed);
    compared_run_sum(run);
}

static void count(const gb_compared_pair *pair, tally *out) {
    out->worse_calls += pair->verdicts[GB_COMPARE_WORSE] > 0;
    out->better_calls += pair->verdicts[GB_COMPARE_BETTER] > 0;
    for (size_t b = 0; b < pair->bench_count; b++) {
        const gb_compare_verdict verdict =
            pair->benches[b].metrics[GB_COMPARE_PERFORMANCE].verdict;
        out->slower += verdict == GB_COMPARE_WORSE;
        out->equivalent += verdict == GB_COMPARE_EQUIVALENT;
    }
}

int main(int argc, char **argv) {
    static const gb_compare_options options = {
        .alpha = 0.05, .margin = 0.02, .metrics = GB_COMPARE_ALL};
    if (argc != 7) {
        fprintf(stderr, "usage: measure_compare CALLS BENCHMARKS REPETITIONS "
                        "NOISE RATIO SEED\n");
        return 2;
    }
    const size_t calls = strtoul(argv[1], NULL, 10);
    const size_t benches = strtoul(argv[2], NULL, 10);
    const size_t reps = strtoul(argv[3], NULL, 10);
    const double noise = strtod(argv[4], NULL), ratio = strtod(argv[5], NULL);
    uint64_t seed = strtoull(argv[6], NULL, 10);
    compared_run base, next;
    tally found = {0};

    compared_run_make(&base, "base", benches, reps);
    compared_run_make(&next, "new", benches, reps);
    for (size_t i = 0; i < calls; i++) {
        gb_comparison comparison;
        gb_error err = {.rank = -1};
        fill(&base, 1e9, noise, &seed);
        fill(&next, 1e9 * ratio, noise, &seed);
        const gb_compare_input runs[] = {base.input, next.input};
        if (gb_compare(runs, 2, &options, &comparison, &err) != GB_OK) {
            fprintf(stderr, "measure_compare: %s\n", err.what);
            return 1;
        }
        count(&comparison.pairs[0], &found);
        gb_comparison_fini(&comparison);
    }
    compared_run_free(&base);
    compared_run_free(&next);
    printf("%zu %zu %zu %zu\n", found.worse_calls, found.better_calls,
           found.slower, found.equivalent);
    return 0;
}
