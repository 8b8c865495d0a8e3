/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_WATCHDOG_H
#define GB_CLI_WATCHDOG_H

/**
 * @file cli/watchdog.h
 * Rank 0 watches each step of a trial. One that takes too long cannot be
 * cancelled, because it is code of a plugin or a call of MPI that waits for
 * another rank: the run is reported from what is on disk, and ended.
 */
#include "pipeline/run/run.h"

typedef struct gb_watchdog gb_watchdog;

/**
 * @param expired  called once, on the watchdog's thread, with the step that
 * took too long; must not return to the run but end the process
 */
gb_status gb_watchdog_start(void (*expired)(void *ctx, uint32_t case_index,
                                            const char *step, double limit_s),
                            void *ctx, gb_watchdog **watchdog_out,
                            gb_error *err);

/** What the run tells its steps to. Lives as long as the watchdog. */
const gb_watch *gb_watchdog_watch(const gb_watchdog *watchdog);

/** Ends the thread; null is allowed. */
void gb_watchdog_stop(gb_watchdog *watchdog);

#endif /* GB_CLI_WATCHDOG_H */
