/* SPDX-License-Identifier: Apache-2.0 */
/* acme.axpy: y = s x + y. A whole plugin, to start one of your own from. The
 * work is in axpy_kernel(); this is what the host sees of it. */
#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "axpy_kernel.h"

/* One instance per rank. The host owns nothing in here. */
struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    size_t n;
    double *x, *y;       /* [n] */
    uint64_t iterations; /* of the run() in progress */
    uint64_t total;      /* of all run() calls */
};

/* Data, not code: the host reads and checks it before it calls anything. */
static const gb_param_decl params[] = {
    {"vector_bytes", "size of each of the two vectors", "64KiB", "64B..16GiB"},
};

static const char *const needs[] = {GB_EXT_TEAM, NULL};

/* Called also when prepare() failed halfway. */
static void axpy_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->y);
    host->free(host, self->x);
    host->free(host, self);
}

/* Read parameters, refuse what cannot work here. Nothing large yet. */
static gb_status axpy_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host,
        .team = host->extension(host, GB_EXT_TEAM),
        .n = (size_t)host->param_u64(values, "vector_bytes") / sizeof(double),
    };
    host->note(host, "elements", "%zu", self->n);
    *self_out = self;
    return GB_OK;
}

/** The part of @p thread: its first element; thread + 1 gives the end. */
static size_t part(const gb_instance *self, uint32_t thread) {
    return self->n * thread / self->team->thread_count;
}

/* The thread that writes a page first gets it on its own NUMA node. */
static void touch(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    (void)thread_count;
    for (size_t i = part(self, thread); i < part(self, thread + 1); i++) {
        self->x[i] = (double)(i % 7);
        self->y[i] = 0.0;
    }
}

static gb_status axpy_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->n * sizeof(double);

    if ((self->x = host->alloc(host, bytes, 64)) == NULL ||
        (self->y = host->alloc(host, bytes, 64)) == NULL)
        return GB_ERR_NO_MEMORY; /* the host has recorded why */
    self->team->run(self->team, touch, self);
    return GB_OK;
}

static void add(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const size_t begin = part(self, thread);
    const size_t count = part(self, thread + 1) - begin;
    (void)thread_count;
    for (uint64_t k = 0; k < self->iterations; k++) {
        axpy_kernel(count, 2.0, self->x + begin, self->y + begin);
        GB_KEEP_WORK();
    }
}

/* The only timed call: no allocation, no output, no clock. */
static gb_status axpy_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    self->iterations = iterations;
    self->team->run(self->team, add, self);
    self->total += iterations;

    work->done = 2.0 * (double)self->n * (double)iterations;
    work->checksum = self->y[self->n / 2];
    return GB_OK;
}

/* Recompute what is in the results; do not trust the inputs in memory. */
static gb_status axpy_verify(gb_instance *self) {
    for (size_t i = 0; i < self->n; i++) {
        const double want = 2.0 * (double)(i % 7) * (double)self->total;
        if (self->y[i] != want)
            return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                                    "y[%zu]: expected %g, got %g", i, want,
                                    self->y[i]);
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "acme.axpy", /* the file is acme.axpy.so */
    .version = "0.1.0",
    .summary = "a scaled vector added to another",
    .work_unit = "flop",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = axpy_create,
    .prepare = axpy_prepare,
    .run = axpy_run,
    .verify = axpy_verify,
    .destroy = axpy_destroy,
};
