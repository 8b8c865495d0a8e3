/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.triad: a[i] = b[i] + s * c[i], the STREAM kernel that moves most.
 *
 * Counted as STREAM counts, 24 bytes per element: two reads and one write
 * (J. D. McCalpin, https://www.cs.virginia.edu/stream/ref.html). With plain
 * stores the hardware also reads each line of `a` before it writes it, 32 bytes
 * in truth; non-temporal stores avoid that, so what is counted is what moves.
 */
#include <stdbool.h>
#include <string.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "triad_kernels.h"

/* A working set below this many times the caches measures the caches. */
#define CACHES_TO_EXCEED 4u
/* For each core, where the size of the caches is not known, and on small ones:
 * larger than a core's part of most, yet swept in some tens of milliseconds. It
 * is per core, so that a node's working set does not depend on how many ranks
 * its cores are divided among. */
#define ARRAY_BYTES_PER_CORE ((uint64_t)32 << 20)
#define PAGE_BYTES           4096u

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    triad_kernel kernel;
    size_t n;            /* elements per array, a multiple of TRIAD_BLOCK */
    double *a, *b, *c;   /* [n] each */
    double s;            /* changes with every run(): see verify */
    uint64_t iterations; /* of the run() in progress */
    size_t *wrong;       /* [thread_count] first wrong element, n if none */
};

static const gb_param_decl params[] = {
    {"array_bytes",
     "size of each of the three arrays; auto: together 4 times the caches",
     "auto", "auto|4KiB..4TiB"},
    {"stores", "how a[] is written; auto: past the caches where possible",
     "auto", "auto|nt|plain"},
};

static const char *const needs[] = {GB_EXT_TEAM, NULL};

static void triad_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->wrong);
    host->free(host, self->c);
    host->free(host, self->b);
    host->free(host, self->a);
    host->free(host, self);
}

static gb_status choose_size(gb_instance *self, uint64_t array_bytes) {
    const gb_host *host = self->host;
    const uint64_t unit = TRIAD_BLOCK * sizeof(double);

    if (array_bytes == 0) {
        /* Where memory is short, only as much as the caches make necessary. */
        const uint64_t roomy = host->memory_bytes / 6u;
        uint64_t usual = ARRAY_BYTES_PER_CORE * host->core_count;
        if (host->memory_bytes > 0 && roomy < usual)
            usual = roomy;
        array_bytes = host->cache_bytes * CACHES_TO_EXCEED / 3u + unit;
        if (array_bytes < usual)
            array_bytes = usual;
    }
    self->n = (size_t)(array_bytes / unit) * TRIAD_BLOCK;
    const uint64_t total = 3u * (uint64_t)self->n * sizeof(double);
    if (host->memory_bytes > 0 && total > host->memory_bytes)
        return host->fail(
            host, GB_ERR_NO_MEMORY,
            "set array_bytes smaller, or give the job more memory",
            "expected three arrays within %llu MiB, this rank's share of the "
            "memory, got %llu MiB",
            (unsigned long long)(host->memory_bytes >> 20),
            (unsigned long long)(total >> 20));
    if (host->cache_bytes == 0)
        host->note(host, "cache_multiple", "unknown");
    else
        host->note(host, "cache_multiple", "%.3g",
                   (double)total / (double)host->cache_bytes);
    return GB_OK;
}

static gb_status triad_create(const gb_host *host, const gb_params *values,
                              gb_instance **self_out) {
    const char *stores = host->param_text(values, "stores");
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    triad_kernel kernel;

    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    if (!triad_choose_kernel(strcmp(stores, "plain") == 0, &kernel) ||
        (strcmp(stores, "nt") == 0 && !kernel.non_temporal))
        return host->fail(host, GB_ERR_UNSUPPORTED, "use stores=auto",
                          "expected a kind of store this CPU has, got '%s'",
                          stores);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self =
        (gb_instance){.host = host, .team = team, .kernel = kernel, .s = 2.0};
    const gb_status status =
        choose_size(self, host->param_u64(values, "array_bytes"));
    if (status != GB_OK) {
        triad_destroy(self);
        return status;
    }
    host->note(host, "isa", "%s", kernel.isa);
    host->note(host, "stores", "%s", kernel.non_temporal ? "nt" : "plain");
    host->note(host, "array_bytes", "%zu", self->n * sizeof(double));
    *self_out = self;
    return GB_OK;
}

/** The part of the arrays that @p thread works on: whole pages where there are
 *  enough of them, as first-touch places pages. */
static void part_of(const gb_instance *self, uint32_t thread,
                    uint32_t thread_count, size_t *begin_out, size_t *end_out) {
    const size_t page = PAGE_BYTES / sizeof(double);
    const size_t unit = self->n >= page * thread_count ? page : TRIAD_BLOCK;
    const size_t units = (self->n + unit - 1) / unit;
    const size_t begin = unit * (units * thread / thread_count);
    const size_t end = unit * (units * (thread + 1) / thread_count);

    *begin_out = begin < self->n ? begin : self->n;
    *end_out = end < self->n ? end : self->n;
}

/* Small whole numbers, so that b + s c has one exact answer. */
static double b_value(size_t i) {
    return (double)(i % 1021u);
}
static double c_value(size_t i) {
    return (double)(i % 509u + 1u);
}

static void touch_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    size_t begin, end;

    part_of(self, thread, thread_count, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        self->a[i] = 0.0;
        self->b[i] = b_value(i);
        self->c[i] = c_value(i);
    }
}

static gb_status triad_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->n * sizeof(double);

    if ((self->a = host->alloc(host, bytes, PAGE_BYTES)) == NULL ||
        (self->b = host->alloc(host, bytes, PAGE_BYTES)) == NULL ||
        (self->c = host->alloc(host, bytes, PAGE_BYTES)) == NULL ||
        (self->wrong =
             host->alloc(host, self->team->thread_count * sizeof(*self->wrong),
                         64)) == NULL)
        return GB_ERR_NO_MEMORY; /* destroy() frees the ones that worked */
    self->team->run(self->team, touch_part, self);
    return GB_OK;
}

static void run_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    size_t begin, end;

    part_of(self, thread, thread_count, &begin, &end);
    for (uint64_t k = 0; k < self->iterations; k++) {
        self->kernel.run(self->a + begin, self->b + begin, self->c + begin,
                         self->s, end - begin);
        GB_KEEP_WORK();
    }
}

static gb_status triad_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    self->iterations = iterations;
    self->s = self->s == 2.0 ? 3.0 : 2.0;
    self->team->run(self->team, run_part, self);

    work->done = 3.0 * sizeof(double) * (double)self->n * (double)iterations;
    work->checksum = self->a[self->n / 2];
    return GB_OK;
}

/* Also b and c: had they changed, a could be right for the wrong reason. As s
 * differs from run to run, what an earlier run() left in a is wrong as well. */
static void verify_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    size_t begin, end, i;

    part_of(self, thread, thread_count, &begin, &end);
    for (i = begin; i < end; i++) {
        const double b = b_value(i), c = c_value(i);
        if (self->a[i] != b + self->s * c || self->b[i] != b || self->c[i] != c)
            break;
    }
    self->wrong[thread] = i < end ? i : self->n;
}

static gb_status triad_verify(gb_instance *self) {
    const gb_host *host = self->host;

    self->team->run(self->team, verify_part, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const size_t i = self->wrong[t];
        if (i == self->n)
            continue;
        const double want = b_value(i) + self->s * c_value(i);
        if (self->a[i] != want)
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "a[%zu]: expected %g, got %g", i, want,
                              self->a[i]);
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "input %zu: expected b = %g and c = %g, got %g and "
                          "%g",
                          i, b_value(i), c_value(i), self->b[i], self->c[i]);
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "memory.triad",
    .version = "1.0.0",
    .summary = "three-array stream with one multiply-add per element",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = triad_create,
    .prepare = triad_prepare,
    .run = triad_run,
    .verify = triad_verify,
    .destroy = triad_destroy,
};
