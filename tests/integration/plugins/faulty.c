/* SPDX-License-Identifier: Apache-2.0 */
/* compute.faulty: whatever a plugin can do to its host, by name, in its sixth
 * call: after calibration, which takes two to four, and the first repetitions.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "greenbench/plugin.h"

#define GOOD_CALLS 5u

struct gb_instance {
    const gb_host *host;
    char fault[16];
    unsigned calls;
};

static const gb_param_decl params[] = {
    {"fault", "what it does", "none", "none|hang|crash|exit|nan|kill"},
};

static gb_status faulty_create(const gb_host *host, const gb_params *values,
                               gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    strncpy(self->fault, host->param_text(values, "fault"),
            sizeof(self->fault) - 1);
    *self_out = self;
    return GB_OK;
}

static gb_status faulty_prepare(gb_instance *self) {
    self->calls = 0;
    return GB_OK;
}

static gb_status faulty_run(gb_instance *self, uint64_t iterations,
                            gb_work *work) {
    const int is_time = self->calls++ >= GOOD_CALLS;

    for (uint64_t i = 0; i < iterations; i++)
        usleep(1000);
    work->done = (double)iterations;
    if (!is_time)
        return GB_OK;
    if (strcmp(self->fault, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(self->fault, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(self->fault, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(self->fault, "exit") == 0)
        exit(0);
    if (strcmp(self->fault, "nan") == 0)
        work->done = (double)NAN;
    return GB_OK;
}

static void faulty_destroy(gb_instance *self) {
    if (self != NULL)
        self->host->free(self->host, self);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.faulty",
    .version = "1.0.0",
    .summary = "a benchmark that misbehaves",
    .work_unit = "operation",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .create = faulty_create,
    .prepare = faulty_prepare,
    .run = faulty_run,
    .destroy = faulty_destroy,
};
