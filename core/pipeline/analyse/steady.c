/* SPDX-License-Identifier: Apache-2.0 */
/* Rule 53: was the machine warm? Power that goes on changing from the first
 * repetitions to the last ones is not that of the benchmark alone. */
#include <math.h>

#include "metering/window.h"
#include "pipeline/analyse/bench.h"
#include "stats/sample.h"

/* Below six repetitions a third has no scatter to tell a drift from. */
#define LEAST_REPEATS 6

/* Some repetitions together. */
typedef struct third {
    size_t count;
    double energy_j, window_s, resolution_j;
    double power_w, power_w2; /* sums over repetitions */
} third;

static void add(third *sum, const gb_energy_figure *figure) {
    const double power_w = figure->energy_j / figure->window_s;

    sum->count++;
    sum->energy_j += figure->energy_j;
    sum->window_s += figure->window_s;
    sum->resolution_j =
        hypot(sum->resolution_j, gb_budget_resolution_j(&figure->budget));
    sum->power_w += power_w;
    sum->power_w2 += power_w * power_w;
}

/* Variance of the power of one repetition. */
static double scatter_w2(const third *sum) {
    const double count = (double)sum->count;

    return fmax((sum->power_w2 - sum->power_w * sum->power_w / count) /
                    (count - 1.0),
                0.0);
}

void gb_find_drift(const gb_reduced_case *reduced, gb_bench_result *out) {
    const size_t count = out->time_s.n, part = count / 3;
    third first = {0}, last = {0};
    size_t n = 0;

    out->drift_w = out->drift_u95_w = NAN;
    if (count < LEAST_REPEATS || isnan(out->energy.energy_j))
        return;
    for (size_t i = 0; i < reduced->rep_count; i++) {
        if (!reduced->reps[i].valid)
            continue;
        if (n < part)
            add(&first, &reduced->reps[i].energy);
        else if (n >= count - part)
            add(&last, &reduced->reps[i].energy);
        n++;
    }
    /* The same meters measured both: their bias is no drift. */
    const double resolution_w = hypot(first.resolution_j / first.window_s,
                                      last.resolution_j / last.window_s);
    const double scatter_w =
        sqrt((scatter_w2(&first) + scatter_w2(&last)) / (double)part);
    out->drift_w =
        last.energy_j / last.window_s - first.energy_j / first.window_s;
    out->drift_u95_w =
        hypot(2.0 * resolution_w,
              gb_t_quantile(0.95, (double)(2 * part - 2)) * scatter_w);
}
