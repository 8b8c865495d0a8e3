/* SPDX-License-Identifier: Apache-2.0 */
/* compute.hasty: slow while it is calibrated, and then ten times faster: what a
 * machine does that was busy when calibration looked. */
#include <time.h>

#include "greenbench/plugin.h"

struct gb_instance {
    const gb_host *host;
    unsigned calls;
};

static gb_status hasty_create(const gb_host *host, const gb_params *params,
                              gb_instance **self_out) {
    (void)params;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    *self_out = self;
    return GB_OK;
}

static gb_status hasty_prepare(gb_instance *self) {
    self->calls = 0;
    return GB_OK;
}

static gb_status hasty_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    const struct timespec pause = {.tv_nsec =
                                       self->calls++ < 2 ? 2000000 : 200000};
    for (uint64_t i = 0; i < iterations; i++)
        nanosleep(&pause, NULL);
    work->done = (double)iterations;
    work->checksum = work->done;
    return GB_OK;
}

static void hasty_destroy(gb_instance *self) {
    if (self != NULL)
        self->host->free(self->host, self);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.hasty",
    .version = "1.0.0",
    .summary = "a benchmark that is slow at first",
    .work_unit = "flop",
    .create = hasty_create,
    .prepare = hasty_prepare,
    .run = hasty_run,
    .destroy = hasty_destroy,
};
