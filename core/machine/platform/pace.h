/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLATFORM_PACE_H
#define GB_MACHINE_PLATFORM_PACE_H

/**
 * @file machine/platform/pace.h
 * The host's side of ext/pace.h. Caller's storage.
 */
#include "base/clock.h"
#include "greenbench/ext/pace.h"

typedef struct gb_pace {
    gb_ext_pace ext; /* what a plugin gets; points back here */
    const gb_clock *clock;
    uint32_t first; /* threads of the ranks before this one on the node */
    uint64_t begin_ns, slot_ns;
} gb_pace;

/** @param first  how many threads the ranks before this one have, so that no
 *                two threads of a node share a phase */
void gb_pace_init(const gb_clock *clock, uint32_t first, gb_pace *pace);

#endif /* GB_MACHINE_PLATFORM_PACE_H */
