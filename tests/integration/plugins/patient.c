/* SPDX-License-Identifier: Apache-2.0 */
/* compute.patient: sleeps. Takes no core, so that many runs can go on at once,
 * and each takes as long as it is told to. */
#include <time.h>

#include "greenbench/plugin.h"

struct gb_instance {
    const gb_host *host;
};

static gb_status patient_create(const gb_host *host, const gb_params *params,
                                gb_instance **self_out) {
    (void)params;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    *self_out = self;
    return GB_OK;
}

static gb_status patient_prepare(gb_instance *self) {
    (void)self;
    return GB_OK;
}

static gb_status patient_run(gb_instance *self, uint64_t iterations,
                             gb_work *work) {
    const struct timespec pause = {.tv_nsec = 20000000};
    (void)self;
    for (uint64_t i = 0; i < iterations; i++)
        nanosleep(&pause, NULL);
    work->done = (double)iterations;
    work->checksum = work->done;
    return GB_OK;
}

static void patient_destroy(gb_instance *self) {
    if (self != NULL)
        self->host->free(self->host, self);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.patient",
    .version = "1.0.0",
    .summary = "a benchmark that sleeps",
    .work_unit = "flop",
    .create = patient_create,
    .prepare = patient_prepare,
    .run = patient_run,
    .destroy = patient_destroy,
};
