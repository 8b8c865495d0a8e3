/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_HISTORY_H
#define GB_EMULATOR_HISTORY_H

/**
 * @file emulator/history.h
 * What the processors of this machine have done: their utilisation, piecewise
 * constant between the instants it was recorded at. Bounded: the oldest part is
 * forgotten. Pure; whoever appends and reads at once brings a lock.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** Segments that are kept: 2.9 hours at 100 Hz. */
#define GB_HISTORY_SEGMENTS ((size_t)1 << 20)

typedef struct gb_history_mark {
    double t_s;    /* end of a segment, since the emulator's start */
    double busy_s; /* integral of the utilisation from t = 0 to here */
} gb_history_mark;

/** Zero-initialise it. */
typedef struct gb_history {
    gb_history_mark *marks; /* [capacity], a ring */
    size_t first, count, capacity;
} gb_history;

void gb_history_fini(gb_history *history);

/**
 * The utilisation was @p utilisation (0..1, clamped) from the end of what is
 * recorded to @p t_s. The first call only sets where the history begins.
 * An instant that is not later than the last is ignored.
 */
gb_status gb_history_append(gb_history *history, double t_s, double utilisation,
                            gb_error *err);

/** Instants between which the history is known; false if there is none. */
bool gb_history_span(const gb_history *history, double *begin_s, double *end_s);

/** Integral of the utilisation from the beginning to @p t_s, in seconds. Before
 *  the first mark it is that mark's; after the last, the last segment's
 *  utilisation is held. */
double gb_history_busy_s(const gb_history *history, double t_s);

/** The utilisation at @p t_s, 0..1; 0 where nothing is recorded. */
double gb_history_utilisation(const gb_history *history, double t_s);

#endif /* GB_EMULATOR_HISTORY_H */
