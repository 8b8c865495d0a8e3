/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_CPU_LIST_H
#define GB_MACHINE_ENERGY_CPU_LIST_H

/**
 * @file machine/energy/cpu_list.h
 * The kernel's list format, as in a PMU's cpumask. Private to machine/energy.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * Parse "0,64" or "0-3,8" into ascending numbers as written.
 *
 * @param[out] cpus_out  [capacity]
 * @retval GB_ERR_RANGE  empty, junk, a falling range, or more than capacity;
 *         outputs are untouched then
 */
gb_status gb_cpu_list_parse(const char *text, uint32_t *cpus_out,
                            size_t capacity, size_t *count_out, gb_error *err);

#endif /* GB_MACHINE_ENERGY_CPU_LIST_H */
