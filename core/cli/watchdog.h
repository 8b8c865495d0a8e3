/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_WATCHDOG_H
#define GB_CLI_WATCHDOG_H

/**
 * @file cli/watchdog.h
 * Every rank watches each of its steps. One that takes too long cannot be
 * cancelled, because it is code of a plugin or a call of MPI that waits for
 * another rank: rank 0 reports the run from what is on disk, and each ends
 * itself, whatever became of the others and of the launcher.
 */
#include "pipeline/run/run.h"

typedef struct gb_watchdog gb_watchdog;

/**
 * @param patience_s  a step may take so much longer than its limit
 * @param expired  called once, on the watchdog's thread, with the step that
 *                 took too long in words; must not return to the run but end
 *                 the process. @param case_index  or GB_WATCH_NO_CASE
 */
gb_status gb_watchdog_start(double patience_s,
                            void (*expired)(void *ctx, uint32_t case_index,
                                            const char *what),
                            void *ctx, gb_watchdog **watchdog_out,
                            gb_error *err);

/** The plan's longest limit is that of steps between benchmarks, too, from 10 s
 *  to 1 h; none where it has none. Until then it is 10 min, or what was asked
 *  for. Null is allowed. */
void gb_watchdog_learn_plan(gb_watchdog *watchdog, const gb_plan *plan);
void gb_watchdog_learn_limit(gb_watchdog *watchdog, double limit_s);
double gb_watchdog_step_limit_s(const gb_watchdog *watchdog);

/** A step that is no benchmark's begins. Null is allowed. */
void gb_watchdog_step(gb_watchdog *watchdog, const char *step);

/** What the run tells its steps to. Lives as long as the watchdog. */
const gb_watch *gb_watchdog_watch(const gb_watchdog *watchdog);

/** Ends the thread; null is allowed. */
void gb_watchdog_stop(gb_watchdog *watchdog);

#endif /* GB_CLI_WATCHDOG_H */
