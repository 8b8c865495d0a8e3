/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/ratio.h"

#include <math.h>
#include <stdlib.h>

#include "stats/sample.h"

/* A ratio like the one seen is decided in this share of tries. */
#define POWER 0.8
/* Nobody repeats anything more often. */
#define REPETITIONS_MOST 1000000

/* --- moments -------------------------------------------------------------- */

typedef struct moments {
    double mean, variance; /* of one value, n - 1 */
} moments;

static moments moments_of(const double *values, size_t count, bool logs) {
    moments m = {0};

    for (size_t i = 0; i < count; i++)
        m.mean += logs ? log(values[i]) : values[i];
    m.mean /= (double)count;
    for (size_t i = 0; i < count; i++) {
        const double off = (logs ? log(values[i]) : values[i]) - m.mean;
        m.variance += off * off;
    }
    m.variance = count > 1 ? m.variance / (double)(count - 1) : 0.0;
    return m;
}

static bool all_positive(const gb_ratio_side *side) {
    for (size_t i = 0; i < side->count; i++)
        if (!(side->values[i] > 0.0))
            return false;
    return true;
}

/* What @p u_rel of a mean says beyond the scatter, for one repetition. */
static double beyond(double u_rel, double scatter, size_t count) {
    return fmax(u_rel * u_rel * (double)count - scatter, 0.0);
}

/* Welch and Satterthwaite, as in JCGM 100 annex G.4: what is no scatter has
 * infinite degrees of freedom. @p parts are variances of means. */
static double effective_dof(double total, const double parts[2],
                            const double dofs[2]) {
    const double sum =
        parts[0] * parts[0] / dofs[0] + parts[1] * parts[1] / dofs[1];

    return sum > 0.0 ? total * total / sum : (double)INFINITY;
}

/* --- the three ways ------------------------------------------------------- */

static void compare_logs(const gb_ratio_side *base, const gb_ratio_side *next,
                         gb_ratio *out) {
    const gb_ratio_side *const sides[] = {base, next};
    double mean[2], parts[2], dofs[2], total = out->common;

    for (int i = 0; i < 2; i++) {
        const size_t n = sides[i]->count;
        const moments m = moments_of(sides[i]->values, n, true);
        mean[i] = m.mean;
        out->scatter[i] = m.variance;
        out->resolution[i] = beyond(sides[i]->u_rel, m.variance, n);
        parts[i] = m.variance / (double)n;
        dofs[i] = (double)n - 1.0;
        out->variance[i] = parts[i] + out->resolution[i] / (double)n;
        total += out->variance[i];
    }
    out->method = GB_RATIO_WELCH;
    out->base = exp(mean[0]);
    out->next = exp(mean[1]);
    out->ratio = exp(mean[1] - mean[0]);
    out->u_rel = sqrt(total);
    out->dof = effective_dof(total, parts, dofs);
}

static void compare_pairs(const gb_ratio_side *base, const gb_ratio_side *next,
                          gb_ratio *out) {
    const size_t n = base->count;
    double mean = 0.0, base_mean = 0.0, scatter = 0.0;

    for (size_t i = 0; i < n; i++) {
        mean += log(next->values[i]) - log(base->values[i]);
        base_mean += log(base->values[i]);
    }
    mean /= (double)n;
    base_mean /= (double)n;
    for (size_t i = 0; i < n; i++) {
        const double off = log(next->values[i]) - log(base->values[i]) - mean;
        scatter += off * off;
    }
    /* All the scatter there is belongs to the pairs: it stands with BASE. */
    out->scatter[0] = scatter / (double)(n - 1);
    out->resolution[0] =
        beyond(hypot(base->u_rel, next->u_rel), out->scatter[0], n);
    const double parts[] = {out->scatter[0] / (double)n, 0.0};
    const double dofs[] = {(double)n - 1.0, 1.0};
    out->variance[0] = parts[0] + out->resolution[0] / (double)n;
    out->method = GB_RATIO_PAIRED;
    out->base = exp(base_mean);
    out->next = exp(base_mean + mean);
    out->ratio = exp(mean);
    out->u_rel = sqrt(out->variance[0] + out->common);
    out->dof = effective_dof(out->variance[0] + out->common, parts, dofs);
}

static double covariance_of(const gb_ratio_side *base, double base_mean,
                            const gb_ratio_side *next, double next_mean) {
    const size_t n = base->count;
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (base->values[i] - base_mean) * (next->values[i] - next_mean);
    return sum / (double)(n - 1) / (double)n;
}

static void compare_means(const gb_ratio_side *base, const gb_ratio_side *next,
                          bool paired, gb_ratio *out) {
    const gb_ratio_side *const sides[] = {base, next};
    double mean[2], parts[2], dofs[2];

    for (int i = 0; i < 2; i++) {
        const double n = (double)sides[i]->count;
        const moments m = moments_of(sides[i]->values, sides[i]->count, false);
        mean[i] = m.mean;
        out->scatter[i] = m.variance / (m.mean * m.mean);
        out->resolution[i] =
            beyond(sides[i]->u_rel, out->scatter[i], sides[i]->count);
        parts[i] = out->scatter[i] / n;
        dofs[i] = n - 1.0;
        out->variance[i] =
            m.mean * m.mean * (parts[i] + out->resolution[i] / n);
    }
    out->base = mean[0];
    out->next = mean[1];
    out->ratio = mean[1] / mean[0];
    if (!(mean[0] > 0.0) || !(mean[1] > 0.0))
        return;
    /* Whatever no repetition reduces may as well be NEXT's alone. */
    out->variance[1] += mean[1] * mean[1] * out->common;
    if (paired)
        out->covariance = covariance_of(base, mean[0], next, mean[1]);
    const double total = out->variance[0] / (mean[0] * mean[0]) +
                         out->variance[1] / (mean[1] * mean[1]) -
                         2.0 * out->covariance / (mean[0] * mean[1]);
    out->method = GB_RATIO_FIELLER;
    out->u_rel = sqrt(fmax(total, 0.0));
    out->dof = paired ? dofs[0] : effective_dof(total, parts, dofs);
}

bool gb_fieller(double x, double v_x, double y, double v_y, double v_xy,
                double t, double ci_out[2], double *g_out) {
    const double t2 = t * t, below = x * x - t2 * v_x;
    const double middle = x * y - t2 * v_xy;

    *g_out = t2 * v_x / (x * x);
    ci_out[0] = ci_out[1] = NAN;
    if (!(*g_out < 1.0))
        return false;
    const double root =
        sqrt(fmax(middle * middle - below * (y * y - t2 * v_y), 0.0));
    ci_out[0] = (middle - root) / below;
    ci_out[1] = (middle + root) / below;
    return true;
}

void gb_ratio_compare(const gb_ratio_side *base, const gb_ratio_side *next,
                      bool paired, double common_rel, gb_ratio *out) {
    const bool logs = all_positive(base) && all_positive(next);
    double g = 0.0;

    *out = (gb_ratio){.ci95 = {NAN, NAN},
                      .u_rel = NAN,
                      .dof = NAN,
                      .common = common_rel * common_rel};
    if (base->count < 2 || next->count < 2) {
        const moments a = moments_of(base->values, base->count, logs);
        const moments b = moments_of(next->values, next->count, logs);
        out->base = logs ? exp(a.mean) : a.mean;
        out->next = logs ? exp(b.mean) : b.mean;
        out->ratio = out->next / out->base;
        return;
    }
    if (logs && paired)
        compare_pairs(base, next, out);
    else if (logs)
        compare_logs(base, next, out);
    else
        compare_means(base, next, paired, out);
    if (out->method == GB_RATIO_NONE)
        return;
    const double t = gb_t_quantile(0.95, out->dof);
    if (out->method == GB_RATIO_FIELLER) {
        gb_fieller(out->base, out->variance[0], out->next, out->variance[1],
                   out->covariance, t, out->ci95, &g);
        return;
    }
    out->ci95[0] = out->ratio * exp(-t * out->u_rel);
    out->ci95[1] = out->ratio * exp(t * out->u_rel);
}

void gb_ratio_invert(const gb_ratio *of, gb_ratio *out) {
    gb_ratio inverse = *of;

    inverse.base = 1.0 / of->base;
    inverse.next = 1.0 / of->next;
    inverse.ratio = 1.0 / of->ratio;
    /* An interval that reaches 0 has no finite reciprocal. */
    inverse.ci95[0] = of->ci95[0] > 0.0 ? 1.0 / of->ci95[1] : (double)NAN;
    inverse.ci95[1] = of->ci95[0] > 0.0 ? 1.0 / of->ci95[0] : (double)NAN;
    *out = inverse;
}

/* --- tests ---------------------------------------------------------------- */

/* Student's statistic of the hypothesis that the ratio is @p supposed. */
static double statistic(const gb_ratio *ratio, double supposed) {
    double off = log(ratio->ratio / supposed), u = ratio->u_rel;

    if (ratio->method == GB_RATIO_FIELLER) {
        off = ratio->next - supposed * ratio->base;
        u = sqrt(fmax(ratio->variance[1] - 2.0 * supposed * ratio->covariance +
                          supposed * supposed * ratio->variance[0],
                      0.0));
    }
    if (off == 0.0)
        return 0.0;
    return u > 0.0 ? off / u : copysign((double)INFINITY, off);
}

double gb_ratio_p_differs(const gb_ratio *ratio) {
    if (ratio->method == GB_RATIO_NONE)
        return NAN;
    return gb_t_tails(statistic(ratio, 1.0), ratio->dof);
}

/* P(T > t) */
static double upper_tail(double t, double dof) {
    const double both = gb_t_tails(t, dof);

    return t > 0.0 ? 0.5 * both : 1.0 - 0.5 * both;
}

double gb_ratio_p_outside(const gb_ratio *ratio, double margin) {
    if (ratio->method == GB_RATIO_NONE)
        return NAN;
    const double low = statistic(ratio, 1.0 / (1.0 + margin));
    const double high = statistic(ratio, 1.0 + margin);
    return fmax(upper_tail(low, ratio->dof), upper_tail(-high, ratio->dof));
}

/* --- how many repetitions ------------------------------------------------- */

/** One of the two tests with its power: it decides where @p distance is at
 * least the two quantiles, of these tails, times the uncertainty. */
typedef struct reach {
    double distance;
    double tails[2];
} reach;

static double variance_with(const gb_ratio *ratio, double n) {
    return (ratio->scatter[0] + ratio->scatter[1] + ratio->resolution[0] +
            ratio->resolution[1]) /
               n +
           ratio->common;
}

static double quantiles(const reach *test, double dof) {
    return gb_t_tail_quantile(test->tails[0], dof) +
           gb_t_tail_quantile(test->tails[1], dof);
}

static double dof_with(const gb_ratio *ratio, double n) {
    const double parts[] = {ratio->scatter[0] / n, ratio->scatter[1] / n};
    const double dofs[] = {n - 1.0, n - 1.0};

    return effective_dof(variance_with(ratio, n), parts, dofs);
}

/* Repetitions with which @p far times the uncertainty is the distance;
 * INFINITY: no number. */
static double least_for(const gb_ratio *ratio, const reach *test, double far) {
    const double room = test->distance > 0.0
                            ? pow(test->distance / far, 2.0) - ratio->common
                            : 0.0;
    const double each = variance_with(ratio, 1.0) - ratio->common;

    return room > 0.0 ? fmax(each / room, 2.0) : (double)INFINITY;
}

/* The normal distribution gives too few, and Student's with as many degrees of
 * freedom as these have too many: the answer is between. */
static double repetitions_for(const gb_ratio *ratio, const reach *test,
                              double normal) {
    double low = floor(normal);
    double high =
        ceil(least_for(ratio, test, quantiles(test, dof_with(ratio, low))));

    if (!(high <= REPETITIONS_MOST))
        return INFINITY;
    for (low -= 1.0; high - low > 1.0;) {
        const double n = floor(0.5 * (low + high));
        const double far = quantiles(test, dof_with(ratio, n));
        if (least_for(ratio, test, far) <= n)
            high = n;
        else
            low = n;
    }
    return high;
}

double gb_ratio_repetitions(const gb_ratio *ratio, double alpha,
                            double margin) {
    if (ratio->method == GB_RATIO_NONE || !(ratio->ratio > 0.0))
        return 0.0;
    const double off = fabs(log(ratio->ratio));
    const reach tests[] = {
        {off, {alpha, 2.0 * (1.0 - POWER)}},
        /* Both ends of the range have to be cleared. */
        {log1p(margin) - off, {2.0 * alpha, 1.0 - POWER}},
    };
    double normal[2], found = INFINITY;

    for (int i = 0; i < 2; i++)
        normal[i] = least_for(ratio, &tests[i], quantiles(&tests[i], INFINITY));
    const int first = normal[0] <= normal[1] ? 0 : 1;
    for (int k = 0; k < 2; k++) {
        const int i = k == 0 ? first : 1 - first;
        if (normal[i] <= REPETITIONS_MOST && normal[i] < found)
            found = fmin(found, repetitions_for(ratio, &tests[i], normal[i]));
    }
    return isfinite(found) ? found : 0.0;
}

/* --- many comparisons ----------------------------------------------------- */

typedef struct ranked {
    double p;
    size_t at;
} ranked;

static int by_p(const void *a, const void *b) {
    const ranked *x = a, *y = b;

    return (x->p > y->p) - (x->p < y->p);
}

bool gb_holm(const double *p, size_t count, double *adjusted_out) {
    ranked *sorted = malloc((count > 0 ? count : 1) * sizeof(*sorted));
    double least = 0.0;

    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (ranked){p[i], i};
    qsort(sorted, count, sizeof(*sorted), by_p);
    for (size_t i = 0; i < count; i++) {
        least = fmax(least, fmin((double)(count - i) * sorted[i].p, 1.0));
        adjusted_out[sorted[i].at] = least;
    }
    free(sorted);
    return true;
}
