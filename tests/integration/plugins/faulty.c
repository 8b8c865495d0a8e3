/* SPDX-License-Identifier: Apache-2.0 */
/* compute.faulty: whatever a plugin can do to its host, by name, when two
 * repetitions have been verified: how many calls come before that, calibration
 * and what else runs decide. On all ranks or on one, which it knows from the
 * launcher's environment.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "greenbench/plugin.h"

#define GOOD_CHECKS 2u

struct gb_instance {
    const gb_host *host;
    char fault[16];
    int is_faulty;
    unsigned checks;
};

static int is_this_rank(const char *wanted) {
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    if (rank == NULL)
        rank = getenv("PMI_RANK");
    return strcmp(wanted, "all") == 0 || strcmp(wanted, rank ? rank : "0") == 0;
}

static const gb_param_decl params[] = {
    {"fault", "what it does", "none",
     "none|hang|spin|crash|exit|nan|kill|greedy|hoard|stuck|clumsy"},
    {"rank", "which rank does it", "all", "all|0..1023"},
};

static gb_status faulty_create(const gb_host *host, const gb_params *values,
                               gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.host = host};
    strncpy(self->fault, host->param_text(values, "fault"),
            sizeof(self->fault) - 1);
    self->is_faulty = is_this_rank(host->param_text(values, "rank"));
    if (self->is_faulty && strcmp(self->fault, "stuck") == 0)
        for (;;)
            pause();
    *self_out = self;
    return GB_OK;
}

static gb_status faulty_prepare(gb_instance *self) {
    self->checks = 0;
    return GB_OK;
}

/* All the memory there is, touched. */
static gb_status take_memory(gb_instance *self) {
    const size_t bytes = (size_t)1 << 20;
    char *block;
    while ((block = self->host->alloc(self->host, bytes, 64)) != NULL)
        memset(block, 1, bytes);
    return GB_ERR_NO_MEMORY;
}

/* Behind the host's back, to the last byte, and kept. */
static void hoard_memory(void) {
    for (size_t bytes = (size_t)1 << 24; bytes >= 16; bytes /= 2) {
        char *block;
        while ((block = malloc(bytes)) != NULL)
            memset(block, 1, bytes);
    }
}

static gb_status faulty_run(gb_instance *self, uint64_t iterations,
                            gb_work *work) {
    const int is_time = self->checks >= GOOD_CHECKS;

    for (uint64_t i = 0; i < iterations; i++)
        usleep(1000);
    work->done = (double)iterations;
    if (!is_time || !self->is_faulty)
        return GB_OK;
    if (strcmp(self->fault, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(self->fault, "spin") == 0)
        for (;;)
            GB_KEEP_WORK();
    if (strcmp(self->fault, "greedy") == 0)
        return take_memory(self);
    if (strcmp(self->fault, "hoard") == 0)
        hoard_memory();
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

static gb_status faulty_verify(gb_instance *self) {
    self->checks++;
    if (self->is_faulty && strcmp(self->fault, "clumsy") == 0)
        raise(SIGSEGV);
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
    .verify = faulty_verify,
    .destroy = faulty_destroy,
};
