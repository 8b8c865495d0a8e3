/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COUNTERS_EVENT_SET_H
#define GB_MACHINE_COUNTERS_EVENT_SET_H

/**
 * @file machine/counters/event_set.h
 * A set of events that is built one by one: PAPI's, or none without PAPI.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/event_reader.h"

gb_status gb_event_set_create(gb_event_set **set_out, gb_error *err);

/** Add one event if it can be counted beside those already there.
 *  @retval GB_ERR_UNSUPPORTED  it cannot; err->what says why, without its name;
 *          the set is as before */
gb_status gb_event_set_add(gb_event_set *set, const char *name, gb_error *err);

/** Count from now on, in threads started later as well where the machine lets
 *  PAPI do so. */
gb_status gb_event_set_start(gb_event_set *set, gb_error *err);

/** False if only the calling thread is counted. */
bool gb_event_set_inherits(const gb_event_set *set);

/** @param[out] values  in the order of gb_event_set_add() */
gb_status gb_event_set_read(gb_event_set *set, uint64_t *values, gb_error *err);
void gb_event_set_close(gb_event_set *set); /* null is allowed */

#endif /* GB_MACHINE_COUNTERS_EVENT_SET_H */
