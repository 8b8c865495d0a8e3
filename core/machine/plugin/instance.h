/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_PLUGIN_INSTANCE_H
#define GB_MACHINE_PLUGIN_INSTANCE_H

/**
 * @file machine/plugin/instance.h
 * What run.c and host.c share: one instance and everything lent to it.
 */
#include <stdatomic.h>

#include "machine/plugin/plugin.h"

#define GB_NOTES_MAX 16

/** One block lent by host->alloc(). */
typedef struct gb_block {
    struct gb_block *next;
    void *start;
    size_t bytes;  /* as asked for */
    size_t mapped; /* length of the mapping; 0: from the heap */
    void *mapping;
} gb_block;

/** What a plugin's `const gb_params *` points to. */
struct gb_params {
    const gb_plan_case *planned;
    gb_plugin_run *run;
};

struct gb_plugin_run {
    gb_plugin plugin;
    gb_host_setup setup;
    gb_host host; /* host_data points back here */
    gb_params params;
    gb_instance *self; /* null before create() and after destroy() */

    /* A plugin may fail(), note() or alloc() from any thread of its team. */
    atomic_flag lock;
    gb_error reason; /* of the last fail() within this call */
    gb_error broken; /* a promise of the ABI the plugin broke within it */
    gb_block *blocks;
    uint64_t lent_bytes;
    gb_note notes[GB_NOTES_MAX];
    size_t note_count;
};

/** Fill in run->host from run->setup. */
void gb_plugin_host_init(gb_plugin_run *run);

/** Take back whatever the plugin did not return. */
void gb_plugin_host_fini(gb_plugin_run *run);

#endif /* GB_MACHINE_PLUGIN_INSTANCE_H */
