/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests' plugins that hold next to nothing have in common: a file
 * defines what run() does with its instance, and names the rest in its table.
 */
#ifndef GREENBENCH_TESTS_SMALL_H
#define GREENBENCH_TESTS_SMALL_H

#include "greenbench/plugin.h"

struct gb_instance {
    const gb_host *host;
    unsigned calls; /* of run(), for those that count them */
    double value;   /* for those that compute one */
};

static gb_status small_create(const gb_host *host, const gb_params *params,
                              gb_instance **self_out) {
    (void)params;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    *self_out = self;
    return GB_OK;
}

static gb_status small_prepare(gb_instance *self) {
    self->calls = 0;
    self->value = 1.0;
    return GB_OK;
}

static void small_destroy(gb_instance *self) {
    if (self != NULL)
        self->host->free(self->host, self);
}

/* The first members of a plugin's table; run, verify and the like follow. */
#define SMALL_PLUGIN(plugin_id, text)                                          \
    .struct_size = sizeof(gb_plugin), .abi_major = GB_PLUGIN_ABI_MAJOR,        \
    .abi_minor = GB_PLUGIN_ABI_MINOR, .id = (plugin_id), .version = "1.0.0",   \
    .summary = (text), .work_unit = "flop", .create = small_create,            \
    .prepare = small_prepare, .destroy = small_destroy

#endif
