/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_EVENT_READER_H
#define GB_MODEL_EVENT_READER_H

/**
 * @file model/event_reader.h
 * A library of named 64-bit counters, as a handle: PAPI in the program, a
 * script in tests.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gb_event_info {
    char name[128];     /* "rapl:::PACKAGE_ENERGY:PACKAGE0" */
    char component[48]; /* "rapl" */
    char units[24];     /* "nJ"; "" if the library does not say */
} gb_event_info;

typedef struct gb_event_set gb_event_set;

typedef struct gb_event_reader {
    const char *name; /* "PAPI 7.0.0" */
    /** Native events whose name contains "energy" in any case.
     *  @param[out] events_out  [*count_out], free() it */
    gb_status (*list_energy)(gb_event_info **events_out, size_t *count_out,
                             gb_error *err);
    /** Start counting @p names [count]. */
    gb_status (*open)(const char *const *names, size_t count,
                      gb_event_set **set_out, gb_error *err);
    /** @param[out] values  [count]; must not allocate */
    gb_status (*read)(gb_event_set *set, uint64_t *values, gb_error *err);
    void (*close)(gb_event_set *set);
} gb_event_reader;

#endif /* GB_MODEL_EVENT_READER_H */
