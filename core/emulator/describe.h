/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_EMULATOR_DESCRIBE_H
#define GB_EMULATOR_DESCRIBE_H

/**
 * @file emulator/describe.h
 * Parts of reading a description. Private to core/emulator.
 */
#include "emulator/fields.h"
#include "emulator/machine.h"

/** A trace: a number of watts, or a map of one shape. @p trace_out is freed
 *  and replaced; untouched on failure. */
gb_status gb_em_read_power(const gb_em_reader *in, const gb_yaml_node *node,
                           gb_trace **trace_out);

/** The list `faults`; it replaces those of the gb_em_machine @p target. */
gb_status gb_em_read_faults(const gb_em_reader *in, const gb_yaml_node *list,
                            void *target);

/** YAML text of one machine that others can be like; null: no such preset. */
const char *gb_em_preset(const char *name);
extern const char *const gb_em_preset_names[];
extern const size_t gb_em_preset_count;

#endif /* GB_EMULATOR_DESCRIBE_H */
