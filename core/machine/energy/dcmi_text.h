/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_DCMI_TEXT_H
#define GB_MACHINE_ENERGY_DCMI_TEXT_H

/**
 * @file machine/energy/dcmi_text.h
 * What `ipmitool dcmi power reading` and `ipmi-dcmi
 * --get-system-power-statistics` print (reference/energy.md §5.1).
 */
#include <stdint.h>

#include "base/error.h"

typedef struct gb_dcmi_reading {
    uint32_t power_w;   /* now; never the minimum, maximum or average, whose
                           period is the firmware's own */
    uint64_t period_ns; /* of the statistics; 0: not said */
} gb_dcmi_reading;

/**
 * @param text  null-terminated, either program's output
 * @retval GB_ERR_UNSUPPORTED  the firmware says that it measures nothing now
 * @retval GB_ERR_RANGE        no number, or not one of a running node's watts:
 *                             0, negative, or 20 kW and more
 * @retval GB_ERR_INVALID      another program's output, or cut short
 */
gb_status gb_dcmi_parse(const char *text, gb_dcmi_reading *out, gb_error *err);

#endif /* GB_MACHINE_ENERGY_DCMI_TEXT_H */
