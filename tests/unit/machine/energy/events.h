/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_ENERGY_EVENTS_H
#define GB_TEST_ENERGY_EVENTS_H

/**
 * @file events.h
 * A library of counters that does what a test says.
 */
#include <stdbool.h>

#include "model/event_reader.h"

typedef struct scripted_event {
    gb_event_info info;
    uint64_t value, gain; /* now, and with each read */
    gb_status refusal;    /* of an attempt to count it */
} scripted_event;

/** What the next reader offers: [scripted_count]. */
extern scripted_event scripted_events[16];
extern size_t scripted_count;
extern bool scripted_read_fails;
extern size_t scripted_open_sets; /* opened and not yet closed */

extern const gb_event_reader scripted_reader;

#endif /* GB_TEST_ENERGY_EVENTS_H */
