/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_SIGNALS_H
#define GB_CLI_SIGNALS_H

/**
 * @file cli/signals.h
 * SIGINT, SIGTERM, SIGHUP and SIGUSR1 end a run in order: the flag is set,
 * measuring stops at the next chance, and what is finished is reported.
 * mpirun kills its ranks one second after Ctrl-C, and a timed call may last
 * longer; so if the run has not come to its end in time, `rescue` reports from
 * the records on disk and the process exits with code 4. A rank whose launcher
 * is gone is nobody's any more: it ends as after a signal.
 */
#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"

typedef struct gb_signals gb_signals;

/**
 * Block the signals in this thread (and those it starts later) and wait for
 * them in a thread of their own. Call before MPI_Init.
 *
 * @param rescue  called on that thread, once, if the main thread has not called
 *                gb_signals_claim() in time; nullable (ranks other than 0)
 * @param launched  the parent of this process is its launcher, or a part of it
 */
gb_status gb_signals_start(void (*rescue)(void *ctx), void *ctx, bool launched,
                           gb_signals **signals_out, gb_error *err);

/** Set when a signal came. */
const atomic_bool *gb_signals_flag(const gb_signals *signals);

/** Report from the records on disk and end the process with @p code, as after a
 *  signal. Returns if the main thread is about to finish by itself. */
void gb_signals_give_up(gb_signals *signals, int code);

/** The main thread is about to finish by itself: no rescue any more. Waits for
 *  ever if a rescue has begun. */
void gb_signals_claim(gb_signals *signals);

#endif /* GB_CLI_SIGNALS_H */
