/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_METER_TABLE_H
#define GB_MACHINE_ENERGY_METER_TABLE_H

/**
 * @file machine/energy/meter_table.h
 * The channels of an external meter and the latest reading of each, kept up to
 * date line by line. Pure. Private to machine/energy.
 */
#include "machine/energy/meter_text.h"

#define GB_METER_CHANNELS_MAX 64u

/** The latest of one channel. */
typedef struct gb_meter_state {
    gb_meter_channel channel;
    bool fresh; /* a reading came while we looked */
    bool old;   /* one was there before */
    bool ok;    /* the latest one has a value */
    bool other; /* declared differently since: its values mean nothing here */
    uint64_t ticks;
    uint64_t own_ns;  /* the time in the line; 0: none */
    uint64_t came_ns; /* when the line came, on our clock */
} gb_meter_state;

/** Zero-initialise it. */
typedef struct gb_meter_table {
    gb_meter_state states[GB_METER_CHANNELS_MAX]; /* [count] */
    size_t count;
    bool settled;        /* no more channels, and no changes of them */
    bool format;         /* the format's line was seen */
    uint64_t bad_lines;  /* lines that were not understood, or not wanted */
    char first_bad[160]; /* what was wrong with the first one */
} gb_meter_table;

/** When a line came. */
typedef struct gb_meter_arrival {
    uint64_t at_ns;
    bool before; /* before we looked: `at_ns` is an upper bound */
} gb_meter_arrival;

void gb_meter_table_take(gb_meter_table *table, const char *line,
                         const gb_meter_arrival *arrival);

/** Does any channel have a reading, with a value or without? */
bool gb_meter_table_has_reading(const gb_meter_table *table);
/** Are there channels, and has each had a reading while we looked? */
bool gb_meter_table_all_fresh(const gb_meter_table *table);
/** Of all channels, ns; 0 if there are none. */
uint64_t gb_meter_table_longest_update_ns(const gb_meter_table *table);
uint64_t gb_meter_table_shortest_update_ns(const gb_meter_table *table);

#endif /* GB_MACHINE_ENERGY_METER_TABLE_H */
