/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compute.fma: multiply-adds between registers, as many independent ones as it
 * takes to fill the units, and nothing from memory.
 *
 * Every lane turns in a cycle of two: x -> a x + b -> r (a x + b) + c = x, with
 * r = 1/a and c = -b r. Rounding makes that inexact, but after a few turns each
 * lane rests on a value that comes back bit for bit. So all operands keep full
 * random mantissas, as in real work (a recurrence that converges to 2.0 would
 * toggle no bits and draw less power), and yet verify() knows every lane
 * exactly.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "fma_kernels.h"

#define ALIGN_BYTES         256u
#define PAIRS_PER_ITERATION 1024u
/* Far more than it takes: of 100,000 random starts none needed more than 4. */
#define SETTLE_PAIRS 64u

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    const fma_kernel *kernel;
    bool single;   /* fp32 */
    size_t lanes;  /* numbers in one thread's state */
    size_t stride; /* bytes from one thread's state to the next */
    char *starts;  /* [thread_count][stride] */
    char *ends;    /* the same */
    char *factors; /* [4][vector_bytes] */
    uint64_t iterations;
};

static const gb_param_decl params[] = {
    {"precision", "number format", "fp64", "fp64|fp32"},
    {"isa", "vector instructions; auto: the widest with fused multiply-add",
     "auto", "auto|" FMA_ISA_NAMES},
};

static const char *const needs[] = {GB_EXT_TEAM, NULL};

/* --- the recurrence, one lane at a time ----------------------------------- */

/** As the kernel rounds: at once where it has an FMA, else after each step. */
static double step(const gb_instance *self, double x, double m, double k) {
    if (self->kernel->adds_self)
        k = x;
    if (self->single) {
        const float xf = (float)x, mf = (float)m, kf = (float)k;
        if (self->kernel->fused)
            return (double)fmaf(xf, mf, kf);
        const volatile float product = xf * mf;
        return (double)(product + kf);
    }
    if (self->kernel->fused)
        return fma(x, m, k);
    const volatile double product = x * m;
    return product + k;
}

static double turn(const gb_instance *self, double x, const double k[4]) {
    return step(self, step(self, x, k[0], k[1]), k[2], k[3]);
}

/** A number in the format of the lanes. */
static double rounded(const gb_instance *self, double x) {
    return self->single ? (double)(float)x : x;
}

static uint64_t next_random(uint64_t *state) {
    /* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/** The value on which lane @p lane of @p thread rests. */
static double lane_value(const gb_instance *self, uint32_t thread,
                         size_t lane) {
    uint64_t seed = ((uint64_t)thread << 32) + lane;
    double k[4];

    fma_make_factors(self->kernel, self->single, k);
    const double unit = (double)(next_random(&seed) >> 11) * 0x1p-53;
    double x = rounded(self, 1.2 + 0.35 * unit);
    for (uint32_t i = 0; i < SETTLE_PAIRS; i++)
        x = turn(self, x, k);
    return x;
}

/* --- lane storage ----------------------------------------------------------
 */

static size_t element_bytes(const gb_instance *self) {
    return self->single ? sizeof(float) : sizeof(double);
}

static double load_lane(const gb_instance *self, const char *state,
                        size_t lane) {
    return self->single ? (double)((const float *)(const void *)state)[lane]
                        : ((const double *)(const void *)state)[lane];
}

static void store_lane(const gb_instance *self, char *state, size_t lane,
                       double x) {
    if (self->single)
        ((float *)(void *)state)[lane] = (float)x;
    else
        ((double *)(void *)state)[lane] = x;
}

static void fill_starts(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    char *start = self->starts + thread * self->stride;

    (void)thread_count;
    for (size_t lane = 0; lane < self->lanes; lane++)
        store_lane(self, start, lane, lane_value(self, thread, lane));
}

/* --- the ops ---------------------------------------------------------------
 */

static void fma_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->factors);
    host->free(host, self->ends);
    host->free(host, self->starts);
    host->free(host, self);
}

static gb_status fma_create(const gb_host *host, const gb_params *values,
                            gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    fma_refusal refusal;
    const fma_kernel *kernel =
        fma_choose_peak(fma_kernels, FMA_KERNEL_COUNT,
                        host->param_text(values, "isa"), &refusal);

    if (kernel == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED,
                          refusal.hint[0] != '\0' ? refusal.hint : NULL, "%s",
                          refusal.what);
    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host,
        .team = team,
        .kernel = kernel,
        .single = strcmp(host->param_text(values, "precision"), "fp32") == 0,
    };
    const unsigned bytes = kernel->vector_bytes();
    self->lanes = kernel->accumulators * bytes / element_bytes(self);
    self->stride = (kernel->accumulators * bytes + ALIGN_BYTES - 1) /
                   ALIGN_BYTES * ALIGN_BYTES;
    host->note(host, "isa", "%s", kernel->isa);
    host->note(host, "accumulators", "%u of %u bit", kernel->accumulators,
               bytes * 8u);
    /* Where it is not fused, a step is two instructions. */
    host->note(host, "flop_per_instruction", "%zu",
               bytes / element_bytes(self) * (kernel->fused ? 2u : 1u));
    *self_out = self;
    return GB_OK;
}

static gb_status fma_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->team->thread_count * self->stride;
    const size_t lanes = self->lanes / self->kernel->accumulators;
    double k[4];

    if ((self->starts = host->alloc(host, bytes, ALIGN_BYTES)) == NULL ||
        (self->ends = host->alloc(host, bytes, ALIGN_BYTES)) == NULL ||
        (self->factors =
             host->alloc(host, 4u * FMA_VECTOR_BYTES_MAX, ALIGN_BYTES)) == NULL)
        return GB_ERR_NO_MEMORY;
    fma_make_factors(self->kernel, self->single, k);
    for (size_t i = 0; i < 4u * lanes; i++)
        store_lane(self, self->factors, i, k[i / lanes]);
    self->team->run(self->team, fill_starts, self);
    return GB_OK;
}

static void run_thread(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const fma_kernel_fn kernel =
        self->single ? self->kernel->run_fp32 : self->kernel->run_fp64;

    const size_t offset = thread * self->stride;

    (void)thread_count;
    memset(self->ends + offset, 0, self->stride);
    kernel(self->starts + offset, self->ends + offset, self->factors,
           self->iterations * PAIRS_PER_ITERATION);
}

static gb_status fma_run(gb_instance *self, uint64_t iterations,
                         gb_work *work) {
    self->iterations = iterations;
    self->team->run(self->team, run_thread, self);

    /* A multiply and an add, twice in each pair. */
    work->done = 4.0 * (double)self->lanes * (double)PAIRS_PER_ITERATION *
                 (double)iterations * (double)self->team->thread_count;
    work->checksum = load_lane(self, self->ends, 0);
    if (!self->single)
        GB_WORK_SET(work, flops, work->done);
    return GB_OK;
}

static gb_status fma_verify(gb_instance *self) {
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const char *end = self->ends + t * self->stride;
        for (size_t lane = 0; lane < self->lanes; lane++) {
            const double want = lane_value(self, t, lane);
            const double got = load_lane(self, end, lane);
            if (got != want)
                return self->host->fail(
                    self->host, GB_ERR_VERIFY, NULL,
                    "thread %u, lane %zu: expected %.17g, got %.17g",
                    (unsigned)t, lane, want, got);
        }
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.fma",
    .version = "1.0.0",
    .summary = "multiply-adds held in registers: the peak of the vector units",
    .work_unit = "flop",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = fma_create,
    .prepare = fma_prepare,
    .run = fma_run,
    .verify = fma_verify,
    .destroy = fma_destroy,
};
