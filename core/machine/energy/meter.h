/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_METER_H
#define GB_MACHINE_ENERGY_METER_H

/**
 * @file machine/energy/meter.h
 * What the labels and values of hwmon power meters mean. Pure. Private to
 * machine/energy. Source: reference/energy.md §3.
 */
#include "model/energy.h"

typedef struct gb_meter_meaning {
    gb_energy_scope scope;
    int32_t package; /* -1: none stated */
} gb_meter_meaning;

/** power1_oem_info of an ACPI power meter: the Grace labels, or "" and anything
 *  else for a server whose only meter is the node's. */
gb_meter_meaning gb_meter_parse_label(const char *label);

/** A label of the OCC: "0_system", "0_proc", "1_vdd"; OTHER: not summed. */
gb_meter_meaning gb_meter_parse_occ_label(const char *label);

/** Make @p domain a gauge in microwatts that a BMC updates each second. */
void gb_meter_describe(gb_energy_domain *domain);

/** "98.0%" as a standard relative uncertainty: limits, so divided by the square
 *  root of three. @return false for other text, and nothing is set */
bool gb_meter_accuracy_u_rel(const char *text, double *u_rel_out);

/** Values by which drivers say that they have none (rule 27): 0xffffffff in
 *  milliwatts or as it is. */
bool gb_meter_is_sentinel(uint64_t microwatts);

#endif /* GB_MACHINE_ENERGY_METER_H */
