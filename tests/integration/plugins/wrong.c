/* SPDX-License-Identifier: Apache-2.0 */
/* compute.wrong: runs well and then finds its own result wrong. */
#include "greenbench/plugin.h"

struct gb_instance {
    const gb_host *host;
    double value;
};

static gb_status wrong_create(const gb_host *host, const gb_params *params,
                              gb_instance **self_out) {
    (void)params;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    *self_out = self;
    return GB_OK;
}

static gb_status wrong_prepare(gb_instance *self) {
    self->value = 1.0;
    return GB_OK;
}

static gb_status wrong_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    for (uint64_t i = 0; i < iterations; i++) {
        self->value = self->value * 0.5 + 1.0;
        GB_KEEP_WORK();
    }
    work->done = 2.0 * (double)iterations;
    work->checksum = self->value;
    return GB_OK;
}

static gb_status wrong_verify(gb_instance *self) {
    return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                            "value: expected 7, got %g", self->value);
}

static void wrong_destroy(gb_instance *self) {
    if (self != NULL)
        self->host->free(self->host, self);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.wrong",
    .version = "1.0.0",
    .summary = "a benchmark whose result is never right",
    .work_unit = "flop",
    .create = wrong_create,
    .prepare = wrong_prepare,
    .run = wrong_run,
    .verify = wrong_verify,
    .destroy = wrong_destroy,
};
