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

#endif /* GB_STATS_GUM_H */
