/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_STATS_SAMPLE_H
#define GB_STATS_SAMPLE_H

/**
 * @file stats/sample.h
 * Location, spread and intervals of a set of repetitions. Pure: numbers in,
 * numbers out. Inputs are finite; [count] values, unsorted, not changed.
 */
#include <stdbool.h>
#include <stddef.h>

double gb_mean(const double *values, size_t count);   /* count >= 1 */
double gb_sum(const double *values, size_t count);    /* compensated */
double gb_median(const double *values, size_t count); /* count >= 1 */
/** Sample standard deviation, n - 1; 0 for count < 2. */
double gb_stddev(const double *values, size_t count);
/** Linear interpolation between order statistics, 0 <= q <= 1. */
double gb_quantile(const double *values, size_t count, double q);

/** Ranks l, u (1-based) of the order statistics that bound the median with at
 *  least @p confidence, from the binomial distribution: n = 10, 95 % -> (2, 9).
 *  @return false if no such ranks exist (n <= 5 at 95 %) */
bool gb_median_ranks(size_t count, double confidence, size_t *lower_out,
                     size_t *upper_out);

/** Exact-rank interval of the median, 95 % or more. @return false: n <= 5. */
bool gb_median_ci95(const double *values, size_t count, double ci_out[2]);

/** Two-sided Student t quantile: P(|T| <= t) = confidence, dof >= 1; INFINITY
 *  is the normal distribution. */
double gb_t_quantile(double confidence, double dof);
/** The same from the tails: P(|T| > t) = @p tails, 0 < tails <= 1. */
double gb_t_tail_quantile(double tails, double dof);
/** P(|T| > |t|) of Student's distribution, to its relative accuracy. */
double gb_t_tails(double t, double dof);
/** Inverse of the standard normal distribution function, 0 < p < 1. */
double gb_normal_quantile(double p);
double gb_normal_cdf(double z);

#endif /* GB_STATS_SAMPLE_H */
