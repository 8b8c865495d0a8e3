/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- location and spread -------------------------------------------------- */

/* Neumaier's variant of compensated summation (ZAMM 54, 1974). */
double gb_sum(const double *values, size_t count) {
    double sum = 0.0, lost = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double next = sum + values[i];
        lost += fabs(sum) >= fabs(values[i]) ? (sum - next) + values[i]
                                             : (values[i] - next) + sum;
        sum = next;
    }
    return sum + lost;
}

double gb_mean(const double *values, size_t count) {
    return gb_sum(values, count) / (double)count;
}

double gb_stddev(const double *values, size_t count) {
    if (count < 2)
        return 0.0;
    const double mean = gb_mean(values, count);
    double squares = 0.0;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)(count - 1));
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value of rank k (0-based) without a copy: counting is O(n^2), and the
 * sets are repetitions, not samples; larger sets are sorted. */
static double order_statistic(const double *values, size_t count, size_t k) {
    double *sorted = malloc(count * sizeof(*sorted));
    if (sorted != NULL) {
        memcpy(sorted, values, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), ascending);
        const double value = sorted[k];
        free(sorted);
        return value;
    }
    for (size_t i = 0; i < count; i++) {
        size_t below = 0, equal = 0;
        for (size_t j = 0; j < count; j++) {
            below += values[j] < values[i];
            equal += values[j] == values[i];
        }
        if (below <= k && k < below + equal)
            return values[i];
    }
    return values[0];
}

double gb_quantile(const double *values, size_t count, double q) {
    const double at = q * (double)(count - 1);
    const size_t low = (size_t)floor(at);
    const double part = at - (double)low;
    const double a = order_statistic(values, count, low);
    if (part == 0.0)
        return a;
    return a + part * (order_statistic(values, count, low + 1) - a);
}

double gb_median(const double *values, size_t count) {
    return gb_quantile(values, count, 0.5);
}

/* --- the exact-rank interval ---------------------------------------------- */

/* P(X <= k) for X ~ Binomial(n, 1/2), in logarithms: 2^-n underflows. */
static double binomial_half_cdf(size_t n, size_t k) {
    double sum = 0.0;
    for (size_t i = 0; i <= k; i++)
        sum += exp(lgamma((double)n + 1.0) - lgamma((double)i + 1.0) -
                   lgamma((double)(n - i) + 1.0) - (double)n * log(2.0));
    return sum;
}

bool gb_median_ranks(size_t count, double confidence, size_t *lower_out,
                     size_t *upper_out) {
    /* The interval from rank l to rank n + 1 - l misses the median with
     * probability 2 P(X <= l - 1). Take the largest l that misses seldom
     * enough. */
    size_t lower = 0;
    const double miss = (1.0 - confidence) / 2.0;
    while (lower < count / 2 && binomial_half_cdf(count, lower) <= miss)
        lower++;
    if (lower == 0)
        return false;
    *lower_out = lower;
    *upper_out = count + 1 - lower;
    return true;
}

bool gb_median_ci95(const double *values, size_t count, double ci_out[2]) {
    size_t lower = 0, upper = 0;
    if (!gb_median_ranks(count, 0.95, &lower, &upper))
        return false;
    ci_out[0] = order_statistic(values, count, lower - 1);
    ci_out[1] = order_statistic(values, count, upper - 1);
    return true;
}

/* --- distributions -------------------------------------------------------- */

double gb_normal_cdf(double z) {
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* A function that rises through `target`: halve the interval until it holds
 * nothing more. 200 halvings are exact for doubles; it is never in a loop. */
static double solve_rising(double (*f)(double x, double parameter),
                           double parameter, double target, double low,
                           double high) {
    for (int i = 0; i < 200; i++) {
        const double middle = 0.5 * (low + high);
        if (f(middle, parameter) < target)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static double normal_cdf(double z, double unused) {
    (void)unused;
    return gb_normal_cdf(z);
}

double gb_normal_quantile(double p) {
    return solve_rising(normal_cdf, 0.0, p, -40.0, 40.0);
}

/* Continued fraction of the incomplete beta function (Abramowitz and Stegun
 * 26.5.8), by Lentz's method; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x) {
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m <= 1000; m++) {
        const double even =
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 + even * d;
        c = 1.0 + even / c;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        const double odd =
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 + odd * d;
        c = 1.0 + odd / c;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 1e-15)
            break;
    }
    return h;
}

static double beta_regularised(double a, double b, double x) {
    if (x <= 0.0)
        return 0.0;
    if (x >= 1.0)
        return 1.0;
    const double front =
        exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1.0) / (a + b + 2.0)
               ? front * beta_fraction(a, b, x) / a
               : 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

/* Above so many degrees of freedom the normal distribution differs from
 * Student's by less than 1e-5 of the quantile, and the fraction above needs
 * many terms. */
#define DOF_NORMAL 1e6

/* 1 - A(t|dof) of Abramowitz and Stegun 26.7.1. */
double gb_t_tails(double t, double dof) {
    if (isinf(t))
        return 0.0;
    if (dof > DOF_NORMAL)
        return erfc(fabs(t) / sqrt(2.0));
    return beta_regularised(dof / 2.0, 0.5, dof / (dof + t * t));
}

/* Of |T|. */
static double t_density(double t, double dof) {
    if (dof > DOF_NORMAL)
        return sqrt(2.0 / M_PI) * exp(-0.5 * t * t);
    return 2.0 *
           exp(lgamma(0.5 * (dof + 1.0)) - lgamma(0.5 * dof) -
               0.5 * (dof + 1.0) * log1p(t * t / dof)) /
           sqrt(dof * M_PI);
}

/* Newton's method on the logarithm of the tails, which is nearly straight, kept
 * between what was found too low and too high: some six steps. */
double gb_t_tail_quantile(double tails, double dof) {
    double low = 0.0, high = INFINITY, t = sqrt(-2.0 * log(0.5 * tails));

    if (tails >= 1.0)
        return 0.0;
    for (int i = 0; i < 100; i++) {
        const double here = gb_t_tails(t, dof);
        if (here > tails)
            low = t;
        else
            high = t;
        double next = t + here * log(here / tails) / t_density(t, dof);
        if (!(next > low && next < high))
            next = isinf(high) ? 2.0 * t : 0.5 * (low + high);
        if (fabs(next - t) <= 1e-14 * t)
            return next;
        t = next;
    }
    return t;
}

double gb_t_quantile(double confidence, double dof) {
    return gb_t_tail_quantile(1.0 - confidence, dof);
}
