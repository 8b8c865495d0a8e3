/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_STATS_CHANGE_H
#define GB_STATS_CHANGE_H

/**
 * @file stats/change.h
 * Where a series of independent values changed its level.
 *
 * A stretch is cut where Wilcoxon's rank sum statistic of its two parts,
 * standardised, is largest, if chance alone would make the largest one so large
 * in at most `alpha` of all stretches; then both parts are looked at in the
 * same way (binary segmentation). Ranks: no distribution is assumed, and one
 * outlier is no change. The probability is the approximation of R. Miller and
 * D. Siegmund, "Maximally selected chi square statistics", Biometrics 38, 1982,
 * which B. Lausen and M. Schumacher, "Maximally selected rank statistics",
 * Biometrics 48, 1992, take for ranks.
 */
#include <stddef.h>

#include "base/error.h"

/** No part of a cut is shorter. */
#define GB_CHANGE_LEAST 5

typedef struct gb_change {
    size_t at;            /* the first value after it; 0 < at < count */
    double p;             /* that chance makes one here, 0..1 */
    double before, after; /* medians of the stretches it is between */
} gb_change;

/** The most changes that @p count values can have. */
size_t gb_changes_most(size_t count);

/**
 * @param values  [count] in the order of time, finite
 * @param alpha   0 < alpha < 1: of series without a change, at most so many
 *                have one (approximately)
 * @param[out] changes_out  [gb_changes_most(count)], by `at`
 * @param[out] count_out    how many
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_changes_find(const double *values, size_t count, double alpha,
                          gb_change *changes_out, size_t *count_out,
                          gb_error *err);

#endif /* GB_STATS_CHANGE_H */
