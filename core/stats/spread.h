/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_STATS_SPREAD_H
#define GB_STATS_SPREAD_H

/**
 * @file stats/spread.h
 * Of many things of one kind: which stand out, and how many of them have to be
 * looked at to know all. Pure: numbers in, numbers out.
 */
#include <stdbool.h>
#include <stddef.h>

/** Fences take quartiles, and these a few values. */
#define GB_FENCES_LEAST 5

void gb_sort_ascending(double *values, size_t count);

/** As gb_quantile(), of values that are sorted; count >= 1. */
double gb_quantile_sorted(const double *sorted, size_t count, double q);

/**
 * Fences @p reach interquartile ranges outside the quartiles: 1.5 for values
 * that are outside, 3 for those far out (J. W. Tukey, Exploratory Data
 * Analysis, Addison-Wesley 1977, section 2D). Of normal values 0.7 % lie
 * outside.
 * @return false, and NAN, for fewer than GB_FENCES_LEAST values
 */
bool gb_tukey_fences(const double *sorted, size_t count, double reach,
                     double fences_out[2]);

/**
 * How many of @p total nodes must be metered for the mean power of all, in a
 * 95 % interval of +- @p accuracy:
 *
 *     n0 = (q * cv / accuracy)^2,  n = ceil(n0 / (1 + (n0 - 1) / total))
 *
 * @param cv        coefficient of variation of the nodes' power, >= 0
 * @param accuracy  relative half width, > 0
 * @param total     nodes there are; INFINITY: very many. 1 or more
 * @param student   below 30 nodes q is Student's for n - 1 instead of the
 *                  normal one, for cv is then told by those n nodes alone
 * @return 1 .. total
 */
double gb_nodes_to_meter(double cv, double accuracy, double total,
                         bool student);

/**
 * The other way round: the half width of the 95 % interval, of 1, of the mean
 * power of all @p total nodes from that of @p metered ones chosen at random,
 *
 *     q * cv / sqrt(n0),  n0 = n (N - 1) / (N - n)
 *
 * with Student's q for n - 1 below 30 nodes, for cv is told by them alone.
 *
 * @return 0: all were metered; NAN: fewer than two were, or cv is NAN
 */
double gb_sampling_accuracy(double cv, double metered, double total);

#endif /* GB_STATS_SPREAD_H */
