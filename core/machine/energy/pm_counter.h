/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_PM_COUNTER_H
#define GB_MACHINE_ENERGY_PM_COUNTER_H

/**
 * @file machine/energy/pm_counter.h
 * The text and the names of Cray's pm_counters. Pure. Private to
 * machine/energy. Source: reference/energy.md §4.
 */
#include "model/energy.h"

typedef struct gb_pm_value {
    uint64_t value;    /* J or W */
    uint64_t stamp_ns; /* since 1970, of the file's own stamp; 0: it has none */
} gb_pm_value;

/**
 * "4709337659 J 1784929200280410 us" and, without a stamp as older firmware
 * writes it, "598732067 J"; white space may follow. Anything else is no value:
 * another unit, a sign, junk, a number or stamp that does not fit, a stamp of
 * 0, nothing at all.
 *
 * @param text  [length]; need not be terminated
 * @param unit  "J" or "W", as the name of the file says; "": a bare number, as
 *              in `freshness`, which has no stamp
 * @param[out] out  untouched if there is no value
 */
bool gb_pm_value_parse(const char *text, size_t length, const char *unit,
                       gb_pm_value *out);

/** What a file says by its name. */
typedef struct gb_pm_meaning {
    char name[64]; /* of the domain: "node", "cpu", "cpu0", "memory", "accel3"*/
    gb_reading_kind kind;
    gb_energy_scope scope; /* OTHER: unknown */
    int32_t number;        /* of the processor or accelerator; -1: none */
} gb_pm_meaning;

/** "energy", "cpu_power", "accel3_energy", ..; false if the file holds neither
 *  energy nor power. */
bool gb_pm_file_parse(const char *file, gb_pm_meaning *out);

#endif /* GB_MACHINE_ENERGY_PM_COUNTER_H */
