/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLATFORM_DOCTOR_H
#define GB_MACHINE_PLATFORM_DOCTOR_H

/**
 * @file machine/platform/doctor.h
 * Is this node ready to measure? Each finding with its evidence and its fix.
 */
#include "base/sysroot.h"
#include "model/finding.h"
#include "model/system.h"

/** @param node  from gb_platform_facts(), with `domains` and `cover` filled in
 *                so that energy sources are judged as well */
void gb_doctor_examine(const gb_node *node, const gb_sysroot *root,
                       gb_findings *findings_out);

#define GB_CLOCK_OFFSET_NOTE_S 0.01

/** Append what a node's clock is off from rank 0's, within @p bound_s. */
void gb_doctor_examine_clock_offset(double offset_s, double bound_s,
                                    gb_findings *findings_out);

#endif /* GB_MACHINE_PLATFORM_DOCTOR_H */
