/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_LIVE_H
#define GB_EMULATOR_LIVE_H

/**
 * @file emulator/live.h
 * Records what this machine's processors do, 100 times a second, from
 * /proc/stat: for traces that follow them.
 */
#include <stdint.h>

#include "base/error.h"
#include "base/sysroot.h"
#include "emulator/history.h"

typedef struct gb_live gb_live;

/**
 * Start recording into @p history (borrowed) on a thread of its own.
 * @param root      where /proc/stat is read
 * @param start_ns  CLOCK_MONOTONIC at t = 0
 */
gb_status gb_live_start(const gb_sysroot *root, gb_history *history,
                        uint64_t start_ns, gb_live **live_out, gb_error *err);
void gb_live_stop(gb_live *live); /* null is allowed */

/** Hold the history still while it is read, recorded up to @p t_s at least. */
void gb_live_lock(gb_live *live, double t_s);
void gb_live_unlock(gb_live *live);

/**
 * Busy and all ticks of the first line of /proc/stat; guests are in `user`.
 * @return false: no such line
 */
bool gb_live_parse_stat(const char *text, uint64_t *busy_out,
                        uint64_t *total_out);

#endif /* GB_EMULATOR_LIVE_H */
