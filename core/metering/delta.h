/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_METERING_DELTA_H
#define GB_METERING_DELTA_H

/**
 * @file metering/delta.h
 * Two readings of one counter -> ticks between them.
 */
#include "base/error.h"
#include "model/energy.h"

/**
 * Ticks counted between two good readings of one ENERGY domain.
 *
 * At most one wrap is undone. Where the interval is long enough for a second
 * wrap at `domain->max_power_w`, or the result would need more power than
 * that (a reset, a jump), the true value cannot be known and the call fails
 * rather than return a plausible number. Equal readings are 0 ticks.
 *
 * @param[out] ticks_out  untouched on failure
 * @param[out] wrapped    1 if a wrap was undone, else 0; nullable
 * @param[out] err        nullable
 * @retval GB_ERR_INVALID  `end` is not later than `begin`, or a reading not ok
 * @retval GB_ERR_RANGE    more than one wrap possible; a reset; too much power
 *
 * The power bound is applied with room for the counter's own update period:
 * a reading may hold up to one period more than its interval.
 * Pure: no allocation, no I/O, safe from any thread.
 * Source: reference/energy.md rules 20-25.
 */
gb_status gb_delta_ticks(const gb_energy_domain *domain,
                         const gb_energy_reading *begin,
                         const gb_energy_reading *end, uint64_t *ticks_out,
                         int *wrapped, gb_error *err);

/** Time between two readings, s: by their stamps where both have one, else by
 *  the reader's clock. Negative if a stamp went back; 0 if a slow source's last
 *  answer was delivered twice. */
double gb_delta_seconds(const gb_energy_domain *domain,
                        const gb_energy_reading *begin,
                        const gb_energy_reading *end);

/** Longest safe time between readings, s: half the wrap at max_power_w; a large
 *  number if the counter never wraps (rule 22). */
double gb_delta_longest_interval_s(const gb_energy_domain *domain);

#endif /* GB_METERING_DELTA_H */
