/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idle: nothing, for the power of the machine at rest between benchmarks, with
 * MPI and greenbench loaded: "active idle" in the words of SPECpower_ssj2008,
 * whose idea of graduated loads `load` and `idle` follow
 * (https://www.spec.org/power_ssj2008/).
 */
#include "greenbench/ext/pace.h"
#include "greenbench/plugin.h"

/* An iteration. Short beside the shortest timed call, long beside the cost of
 * waking up. */
#define SLOT_S 0.05

struct gb_instance {
    const gb_host *host;
    const gb_ext_pace *pace;
};

static const char *const needs[] = {GB_EXT_PACE, NULL};

static void idle_destroy(gb_instance *self) {
    if (self != NULL)
        self->host->free(self->host, self);
}

static gb_status idle_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    const gb_ext_pace *pace = host->extension(host, GB_EXT_PACE);

    (void)values;
    if (pace == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_PACE);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){host, pace};
    *self_out = self;
    return GB_OK;
}

static gb_status idle_prepare(gb_instance *self) {
    (void)self;
    return GB_OK;
}

static gb_status idle_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    self->pace->begin(self->pace, SLOT_S);
    self->pace->wait(self->pace, 0, iterations);
    work->done = SLOT_S * (double)iterations;
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "idle",
    .version = "1.0.0",
    .summary = "all ranks asleep: the power of the machine at rest",
    .work_unit = "second",
    .needs = needs,
    .create = idle_create,
    .prepare = idle_prepare,
    .run = idle_run,
    .destroy = idle_destroy,
    .flags = GB_PLUGIN_NO_WORK,
};
