/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_STATS_GUM_H
#define GB_STATS_GUM_H

/**
 * @file stats/gum.h
 * Combination of standard uncertainties (JCGM 100). All inputs >= 0.
 */
#include <stddef.h>

/** Independent terms: sqrt(sum of squares). u [count]. */
double gb_u_quadrature(const double *u, size_t count);

/** Fully correlated terms: plain sum. u [count]. */
double gb_u_linear(const double *u, size_t count);

/** Relative standard uncertainty of a quotient or product of two independent
 *  quantities with relative uncertainties @p a_rel and @p b_rel. */
double gb_u_rel_ratio(double a_rel, double b_rel);

/** Standard uncertainty of a value uniform in an interval of @p width. */
double gb_u_uniform(double width);

/**
 * Coverage factor of a 95 % interval for a sum of independent terms, symmetric
 * and no more peaked than a normal distribution, by its shape: 1.645 for a
 * single uniform term, 1.902 for two equal ones (a triangle), 1.960 for many.
 *
 * @param excess  excess kurtosis of the sum, fourth cumulant / variance^2:
 * -1.2, -0.6 and 0 for these three; clipped to that range
 *
 * The parabola through these three; between them within 1 % of the exact factor
 * of trapezoids and of sums of three and four uniform terms. JCGM 101
 * (propagation of distributions) is what it stands in for.
 */
double gb_coverage_factor_95(double excess);

#endif /* GB_STATS_GUM_H */
