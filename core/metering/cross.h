/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_METERING_CROSS_H
#define GB_METERING_CROSS_H

/**
 * @file metering/cross.h
 * Do the counters of a node contradict each other? Two that count the same
 * should agree, parts should not exceed their whole, and memory of equally
 * loaded sockets should not differ by much (reference/energy.md §0, rules 28
 * and 51).
 */
#include "model/result.h"

/**
 * Compare the domains that have a figure, summed or not, within their
 * uncertainties, as mean power over their own windows. Estimates say nothing
 * about a counter and are left out.
 *
 * @param figures  [count], of one window: one for each of @p domains
 * @param[out] found  [capacity]
 * @return how many of @p found are filled in
 */
size_t gb_cross_check(const gb_energy_domain *domains,
                      const gb_energy_figure *figures, size_t count,
                      gb_contradiction *found, size_t capacity);

#endif /* GB_METERING_CROSS_H */
