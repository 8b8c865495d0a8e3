/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLATFORM_DOCTOR_PARTS_H
#define GB_MACHINE_PLATFORM_DOCTOR_PARTS_H

/**
 * @file machine/platform/doctor_parts.h
 * What the parts of the examination share. Private to doctor*.c.
 */
#include "base/sysroot.h"
#include "model/finding.h"
#include "model/system.h"

typedef struct gb_examination {
    const gb_node *node;
    const gb_sysroot *root;
    gb_findings *findings;
} gb_examination;

/** Append a finding. Out of memory loses it; the list says what it has. */
void gb_doctor_add(const gb_examination *e, gb_severity severity,
                   const char *code, const char *title, const char *evidence,
                   const char *fix);

/** What this process may do, and where it runs: capabilities, container,
 *  binding, model-specific registers, swap, huge pages. */
void gb_doctor_examine_process(const gb_examination *e);

#endif /* GB_MACHINE_PLATFORM_DOCTOR_PARTS_H */
