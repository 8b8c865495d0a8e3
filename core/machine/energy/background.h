/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_BACKGROUND_H
#define GB_MACHINE_ENERGY_BACKGROUND_H

/**
 * @file machine/energy/background.h
 * A slow source read on a thread of its own, so that a BMC that takes a second
 * to answer, or never does, holds up nobody. Private to machine/energy.
 */
#include "machine/energy/source.h"

typedef struct gb_background gb_background;

/**
 * Start reading @p source. The first read begins at once.
 *
 * @param source     used by the thread alone until gb_background_stop()
 * @param count      domains of the source
 * @param period_ns  from one read to the next, > 0
 */
gb_status gb_background_start(const gb_energy_source_ops *ops,
                              gb_energy_source *source, size_t count,
                              uint64_t period_ns, const gb_clock *clock,
                              gb_background **background_out, gb_error *err);

/**
 * An answer that is already there, for as long as the thread has none.
 *
 * @param readings  [count] as the source left them, just now
 */
void gb_background_offer(gb_background *background,
                         const gb_energy_reading *readings);

/**
 * The latest readings, at once: `time_ns` is now, `stamp_ns` the source's own
 * stamp or, where it has none, the time of the read in the background, and
 * `half_ns` that of that read. Not ok: nothing was read yet, the read failed,
 * or the latest one is older than three of its periods: the source is stuck in
 * a read. Does not allocate and never blocks for longer than a copy.
 * @param[out] readings  [count]
 */
void gb_background_latest(gb_background *background,
                          gb_energy_reading *readings);

/** How many rounds of reads have ended. */
uint64_t gb_background_rounds(gb_background *background);

/**
 * End the thread; waits for a read under way, 10 s at most. Null is allowed.
 *
 * @return true: the source is the caller's again; false: the read has not
 *         returned, and the thread has it for ever
 */
bool gb_background_stop(gb_background *background);

#endif /* GB_MACHINE_ENERGY_BACKGROUND_H */
