/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/node.h"

#include "archive/rundir.h"
#include "cli/load.h"
#include "cli/program.h"
#include "machine/counters/counters.h"
#include "machine/platform/platform.h"

gb_status gb_local_node_open(const gb_args *args, const char *wanted,
                             gb_local_node *local_out, gb_error *err) {
    gb_local_node *local = local_out;
    gb_topology *topology = NULL;
    *local = (gb_local_node){0};

    gb_status status = gb_program_sysroot(&local->root, err);
    if (status == GB_OK)
        status = gb_topology_load(NULL, &topology, err);
    if (status == GB_OK) {
        gb_platform_facts(topology, local->root, &local->node);
        gb_topology_free(topology);
        status = gb_load_plugins(args, true, NULL, &local->plugins,
                                 &local->catalogue, err);
    }
    if (status == GB_OK) {
        local->shelf = (gb_meter_shelf){local->plugins, &local->catalogue};
        local->meters = gb_meter_reader_of(&local->shelf);
        local->env = (gb_energy_env){
            .root = local->root,
            .clock = &gb_clock_system,
            .node = &local->node,
            .events = gb_counters_event_reader(),
            .meters = &local->meters,
            .setting_of = gb_program_energy_setting,
            .recording_of = gb_archive_recording,
        };
        status = gb_energy_set_open(&local->env, wanted, &local->energy, err);
    }
    if (status == GB_OK)
        status = gb_energy_set_describe(local->energy, &local->node, err);
    if (status != GB_OK)
        gb_local_node_close(local);
    return status;
}

void gb_local_node_close(gb_local_node *local) {
    /* What a read that never returned still has is the process's to end. */
    if (!local->lost && gb_energy_set_close(local->energy)) {
        gb_node_fini(&local->node);
        gb_catalogue_fini(&local->catalogue);
        gb_plugin_set_free(local->plugins);
        gb_sysroot_close(local->root);
    }
    local->energy = NULL;
    local->plugins = NULL;
    local->root = NULL;
}
