/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COUNTERS_EVENT_SET_H
#define GB_MACHINE_COUNTERS_EVENT_SET_H

/**
 * @file machine/counters/event_set.h
 * One event counted for this process: PAPI's, or none without PAPI.
 */
#include <stdint.h>

#include "base/error.h"

typedef struct gb_counter_event gb_counter_event;

/** Start counting. Threads started later are counted as well.
 *  @retval GB_ERR_UNSUPPORTED  err->what says why, without the event's name */
gb_status gb_counter_event_open(const char *name, gb_counter_event **event_out,
                                gb_error *err);
gb_status gb_counter_event_read(gb_counter_event *event, uint64_t *value_out,
                                gb_error *err);
void gb_counter_event_close(gb_counter_event *event);

#endif /* GB_MACHINE_COUNTERS_EVENT_SET_H */
