/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_EVENT_UNITS_H
#define GB_MACHINE_ENERGY_EVENT_UNITS_H

/**
 * @file machine/energy/event_units.h
 * PAPI's energy events: which are used, in what unit they count, and why the
 * others are not. A table, because PAPI's own unit strings are empty or missing
 * for several components (rule 26). Private to machine/energy.
 */
#include "model/energy.h"
#include "model/event_reader.h"

typedef struct gb_event_unit {
    const char *component;
    const char *pattern; /* of the event name, with '*' */
    const char *index;   /* what stands before the package or device number */
    gb_energy_scope scope;
    bool software; /* some code in this process says so: no more than an
                      estimate, as far as anyone can tell */
    double tick_j; /* 0: not used, see `reason` */
    double step_j;
    uint64_t update_ns;
    double max_power_w, u_rel;
    const char *reason; /* why it is not used; null if it is */
} gb_event_unit;

/** The table's row for @p event; null if it is not in the table. */
const gb_event_unit *gb_event_unit_find(const gb_event_info *event);

/** For an event that is not in the table: its unit as PAPI states it ("nJ",
 *  "uJ", "mJ", "J"), scope unknown. @return false: it states none */
bool gb_event_unit_stated(const gb_event_info *event, gb_event_unit *unit_out);

/** The number after `unit->index` in @p name; -1 if there is none. */
int32_t gb_event_unit_index(const gb_event_unit *unit, const char *name);

#endif /* GB_MACHINE_ENERGY_EVENT_UNITS_H */
