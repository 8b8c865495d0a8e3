/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_INSTANCE_H
#define GB_MACHINE_PLUGIN_INSTANCE_H

/**
 * @file machine/plugin/instance.h
 * What run.c and host.c share: one instance and everything lent to it.
 */
#include "machine/plugin/lent.h"
#include "machine/plugin/plugin.h"

/** What a plugin's `const gb_params *` points to. */
struct gb_params {
    gb_plugin_run *run;
};

struct gb_plugin_run {
    gb_plugin plugin;
    gb_host_setup setup;
    gb_host host; /* host_data points back here */
    gb_params params;
    gb_instance *self; /* null before create() and after destroy() */
    gb_lent lent;
};

/** Fill in run->host from run->setup. */
void gb_plugin_host_init(gb_plugin_run *run);

#endif /* GB_MACHINE_PLUGIN_INSTANCE_H */
