/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLATFORM_TOPOLOGY_H
#define GB_MACHINE_PLATFORM_TOPOLOGY_H

/**
 * @file machine/platform/topology.h
 * What the files of this folder know of hwloc's tree.
 */
#include <hwloc.h>

#include "machine/platform/platform.h"

struct gb_topology {
    hwloc_topology_t tree;
};

/** Sum of the caches of the last level, bytes; 0 if hwloc saw none. */
uint64_t gb_topology_cache_bytes(const gb_topology *topology);

#endif /* GB_MACHINE_PLATFORM_TOPOLOGY_H */
