/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_ENERGY_COEFFICIENTS_H
#define GB_MACHINE_ENERGY_COEFFICIENTS_H

/**
 * @file machine/energy/coefficients.h
 * Power of a hardware thread by microarchitecture, for estimates. Private to
 * machine/energy.
 */
#include "model/system.h"

typedef struct gb_thread_power {
    const char *id;    /* "ccf-epyc-4" */
    const char *title; /* "EPYC 4 (Genoa)" */
    double min_w;      /* of an idle thread */
    double max_w;      /* of a busy one */
    double u_rel;      /* standard relative uncertainty of the estimate */
} gb_thread_power;

/** The row for this node's CPU; the average of all rows, as
 *  "ccf-unknown", where there is none. Never null. */
const gb_thread_power *gb_thread_power_find(const gb_node *node);

#endif /* GB_MACHINE_ENERGY_COEFFICIENTS_H */
