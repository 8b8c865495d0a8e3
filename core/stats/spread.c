/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/spread.h"

#include <math.h>
#include <stdlib.h>

#include "stats/sample.h"

/* From here on Student's quantile is as good as the normal one. */
#define STUDENT_MOST 30.0

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void gb_sort_ascending(double *values, size_t count) {
    if (count > 1)
        qsort(values, count, sizeof(*values), ascending);
}

double gb_quantile_sorted(const double *sorted, size_t count, double q) {
    const double at = q * (double)(count - 1);
    const size_t low = (size_t)floor(at);
    const double part = at - (double)low;

    return part == 0.0 ? sorted[low]
                       : sorted[low] + part * (sorted[low + 1] - sorted[low]);
}

bool gb_tukey_fences(const double *sorted, size_t count, double reach,
                     double fences_out[2]) {
    fences_out[0] = fences_out[1] = NAN;
    if (count < GB_FENCES_LEAST)
        return false;
    const double q1 = gb_quantile_sorted(sorted, count, 0.25);
    const double q3 = gb_quantile_sorted(sorted, count, 0.75);
    fences_out[0] = q1 - reach * (q3 - q1);
    fences_out[1] = q3 + reach * (q3 - q1);
    return true;
}

static double nodes_by_quantile(double quantile, double cv, double accuracy,
                                double total) {
    const double n0 = pow(quantile * cv / accuracy, 2.0);

    return fmin(fmax(ceil(n0 / (1.0 + (n0 - 1.0) / total)), 1.0), total);
}

double gb_nodes_to_meter(double cv, double accuracy, double total,
                         bool student) {
    const double normal =
        nodes_by_quantile(gb_normal_quantile(0.975), cv, accuracy, total);

    if (!student || normal >= STUDENT_MOST)
        return normal;
    /* The quantile falls as n rises: the least n that is enough for its own. A
     * spread takes two nodes. */
    double n = fmin(fmax(normal, 2.0), total);
    while (n < fmin(STUDENT_MOST, total) &&
           nodes_by_quantile(gb_t_quantile(0.95, n - 1.0), cv, accuracy,
                             total) > n)
        n += 1.0;
    return n;
}

double gb_sampling_accuracy(double cv, double metered, double total) {
    if (metered >= total && total > 0.0)
        return 0.0;
    if (!(metered >= 2.0))
        return NAN;
    const double quantile = metered < STUDENT_MOST
                                ? gb_t_quantile(0.95, metered - 1.0)
                                : gb_normal_quantile(0.975);
    return quantile * cv /
           sqrt(metered *
                (isinf(total) ? 1.0 : (total - 1.0) / (total - metered)));
}
