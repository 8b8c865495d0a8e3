/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COUNTERS_H
#define GB_MACHINE_COUNTERS_H

/**
 * @file machine/counters/counters.h
 * What a trial did on each rank, counted through PAPI; also the events that
 * other folders read through model/event_reader.h. The only folder that knows
 * PAPI. Without PAPI every event is absent, with that as the reason.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/event_reader.h"

typedef struct gb_counters gb_counters;

/**
 * Open what can be counted of @p names (comma-separated presets or native
 * events; "" counts nothing). Counts this process with the threads it starts
 * later. An event that cannot be counted is not an error: it is absent.
 *
 * @param thread_count  threads that will work in this process: if PAPI can
 *                      count only the first of several, that is said as well
 */
gb_status gb_counters_open(const char *names, uint32_t thread_count,
                           gb_counters **counters_out, gb_error *err);
/** Names that are counted, in the order of gb_counters_read(). */
const char *const *gb_counters_names(const gb_counters *counters,
                                     size_t *count_out);
/** "PAPI_TOT_INS: not available ...; ..." ; "" if none is absent. */
const char *gb_counters_absent(const gb_counters *counters);
/** Counts since gb_counters_open(). @param values  [count] */
gb_status gb_counters_read(gb_counters *counters, uint64_t *values,
                           gb_error *err);
void gb_counters_close(gb_counters *counters); /* null is allowed */

/** PAPI as a reader of arbitrary native events, for the energy source `papi`;
 *  null if this build has no PAPI. */
const gb_event_reader *gb_counters_event_reader(void);

#endif /* GB_MACHINE_COUNTERS_H */
