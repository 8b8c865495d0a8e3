/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/platform/topology.h"

#include <errno.h>
#include <stdlib.h>

/* Devices are left out: finding them is most of the time that loading takes
 * (3-4 s on a 128-core node, openpmix issue 2036), and nothing here asks for
 * them. */
static int load_tree(hwloc_topology_t tree, const char *xml_path) {
    if (hwloc_topology_set_io_types_filter(tree, HWLOC_TYPE_FILTER_KEEP_NONE) !=
        0)
        return -1;
    (void)hwloc_topology_set_type_filter(tree, HWLOC_OBJ_MISC,
                                         HWLOC_TYPE_FILTER_KEEP_NONE);
    if (xml_path != NULL && hwloc_topology_set_xml(tree, xml_path) != 0)
        return -1;
    return hwloc_topology_load(tree);
}

gb_status gb_topology_load(const char *xml_path, gb_topology **topology_out,
                           gb_error *err) {
    gb_topology *topology = calloc(1, sizeof(*topology));
    if (topology == NULL)
        return gb_fail_memory(err, "the topology");
    if (hwloc_topology_init(&topology->tree) != 0) {
        free(topology);
        return gb_fail_memory(err, "the topology");
    }
    if (load_tree(topology->tree, xml_path) != 0) {
        const int cause = errno;
        gb_topology_free(topology);
        errno = cause;
        return gb_fail_os(err, GB_ERR_IO, "does 'lstopo' work on this node?",
                          "hwloc cannot load the topology%s%s",
                          xml_path != NULL ? " from " : "",
                          xml_path != NULL ? xml_path : "");
    }
    *topology_out = topology;
    return GB_OK;
}

void gb_topology_free(gb_topology *topology) {
    if (topology == NULL)
        return;
    hwloc_topology_destroy(topology->tree);
    free(topology);
}

uint64_t gb_topology_cache_bytes(const gb_topology *topology) {
    static const hwloc_obj_type_t levels[] = {
        HWLOC_OBJ_L5CACHE, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L3CACHE,
        HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L1CACHE};
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        uint64_t bytes = 0;
        hwloc_obj_t cache = NULL;
        while ((cache = hwloc_get_next_obj_by_type(topology->tree, levels[i],
                                                   cache)) != NULL)
            bytes += cache->attr->cache.size;
        if (bytes > 0)
            return bytes;
    }
    return 0;
}
