/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_NODE_H
#define GB_CLI_NODE_H

/**
 * @file cli/node.h
 * This node alone, for `sensors` and `doctor`: facts and energy sources.
 */
#include "base/error.h"
#include "base/sysroot.h"
#include "cli/args.h"
#include "machine/energy/set.h"
#include "machine/plugin/meter.h"
#include "model/system.h"

typedef struct gb_local_node {
    gb_sysroot *root;
    gb_node node;
    gb_plugin_set *plugins;
    gb_catalogue catalogue; /* of them */
    gb_meter_shelf shelf;
    gb_meter_reader meters;
    gb_energy_env env;
    gb_energy_set *energy;
    bool lost; /* a read that never returned has `energy` */
} gb_local_node;

/** @param args    of the command: which plugins it takes
 *  @param wanted  as for gb_energy_set_open()
 *  @param local_out  must not move afterwards; gb_local_node_close() it */
gb_status gb_local_node_open(const gb_args *args, const char *wanted,
                             gb_local_node *local_out, gb_error *err);
void gb_local_node_close(gb_local_node *local);

#endif /* GB_CLI_NODE_H */
