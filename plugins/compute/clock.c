/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compute.clock: the frequency at which the cores really run, by counting.
 *
 * Additions of which each needs the sum of the one before. An integer addition
 * between registers takes one cycle on every CPU that there are kernels for
 * (A. Fog, "Instruction tables", https://www.agner.org/optimize/; Arm's
 * software optimization guides for the Neoverse cores), so additions per second
 * are cycles per second, whatever the nominal frequency and the counters say.
 *
 * With load=vector the same chain runs among independent vector multiply-adds
 * of the widest kind, as CPUs lower their clock while they execute those. One
 * of them for two additions: half of what a single pipe takes, so the chain
 * remains what everything waits for.
 */
#include <stdbool.h>
#include <string.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "fma_kernels.h"

#define ALIGN_BYTES         256u
#define TRIPS_PER_ITERATION 1024u
#define LINE_WORDS          16u /* two cache lines: no two threads share one */

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    const fma_kernel *kernel; /* null: the additions alone */
    double *lanes;   /* FMA_STATE_BYTES: where the vector work starts */
    double *factors; /* [4][vector_bytes] */
    uint64_t *sums;  /* [thread_count][LINE_WORDS] */
    uint64_t trips;
    uint64_t start; /* changes with every run() */
};

static const gb_param_decl params[] = {
    {"load", "vector: among vector multiply-adds, which may lower the clock",
     "none", "none|vector"},
    {"isa", "vector instructions; auto takes the widest this CPU has", "auto",
     "auto|" FMA_ISA_NAMES},
};

static const char *const needs[] = {GB_EXT_TEAM, NULL};

/* Any odd number does; one with many bits keeps the adder as busy as in real
 * work. The golden ratio's, as in splitmix64. */
#define STEP 0x9e3779b97f4a7c15u

static unsigned adds_per_trip(const gb_instance *self) {
    return self->kernel != NULL ? self->kernel->clock_adds : FMA_CHAIN_ADDS;
}

static void clock_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->sums);
    host->free(host, self->factors);
    host->free(host, self->lanes);
    host->free(host, self);
}

static gb_status clock_create(const gb_host *host, const gb_params *values,
                              gb_instance **self_out) {
    const bool load = strcmp(host->param_text(values, "load"), "vector") == 0;
    const char *isa = host->param_text(values, "isa");
    const fma_kernel *kernel = fma_choose(fma_kernels, FMA_KERNEL_COUNT, isa);
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);

    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    if (kernel == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED,
                          "use isa=auto: it takes the widest this CPU has",
                          "expected instructions that this CPU has, got isa=%s",
                          isa);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host, .team = team, .kernel = load ? kernel : NULL};
    host->note(host, "isa", "%s", load ? kernel->isa : "scalar");
    *self_out = self;
    return GB_OK;
}

/* Full mantissas, different in every lane, which the factors take there and
 * back: as in compute.fma. */
static double lane_value(size_t i) {
    return 1.2 + 0.35 * (double)(i * STEP >> 11) * 0x1p-53;
}

static gb_status clock_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t vectors = FMA_VECTOR_BYTES_MAX / sizeof(double);
    const size_t lanes = FMA_STATE_BYTES / sizeof(double);
    double k[4];

    if ((self->lanes = host->alloc(host, FMA_STATE_BYTES, ALIGN_BYTES)) ==
            NULL ||
        (self->factors = host->alloc(host, 4u * FMA_VECTOR_BYTES_MAX,
                                     ALIGN_BYTES)) == NULL ||
        (self->sums = host->alloc(
             host, self->team->thread_count * LINE_WORDS * sizeof(*self->sums),
             ALIGN_BYTES)) == NULL)
        return GB_ERR_NO_MEMORY;
    memset(self->factors, 0, 4u * FMA_VECTOR_BYTES_MAX);
    memset(self->sums, 0,
           self->team->thread_count * LINE_WORDS * sizeof(*self->sums));
    for (size_t i = 0; i < lanes; i++)
        self->lanes[i] = lane_value(i);
    if (self->kernel == NULL)
        return GB_OK;
    fma_make_factors(self->kernel, false, k);
    const size_t width = self->kernel->vector_bytes() / sizeof(double);
    for (size_t i = 0; i < 4u * width && i < 4u * vectors; i++)
        self->factors[i] = k[i / width];
    return GB_OK;
}

static void run_thread(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const fma_clock_fn chain =
        self->kernel != NULL ? self->kernel->run_clock : fma_chain;

    (void)thread_count;
    self->sums[thread * LINE_WORDS] = chain(
        self->lanes, self->factors, self->trips, self->start + thread, STEP);
}

static gb_status clock_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    self->trips = iterations * TRIPS_PER_ITERATION;
    self->start++;
    self->team->run(self->team, run_thread, self);

    work->done = (double)self->trips * (double)adds_per_trip(self) *
                 (double)self->team->thread_count;
    work->checksum = (double)self->sums[0];
    return GB_OK;
}

static gb_status clock_verify(gb_instance *self) {
    const uint64_t added = self->trips * adds_per_trip(self) * STEP;

    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const uint64_t want = self->start + t + added; /* modulo 2^64 */
        const uint64_t got = self->sums[t * LINE_WORDS];
        if (got != want)
            return self->host->fail(
                self->host, GB_ERR_VERIFY, NULL,
                "thread %u: expected the sum %llu, got %llu", (unsigned)t,
                (unsigned long long)want, (unsigned long long)got);
    }
    for (size_t i = 0; i < FMA_STATE_BYTES / sizeof(double); i++)
        if (self->lanes[i] != lane_value(i))
            return self->host->fail(self->host, GB_ERR_VERIFY, NULL,
                                    "lane %zu: expected it to begin with "
                                    "%.17g, got %.17g",
                                    i, lane_value(i), self->lanes[i]);
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.clock",
    .version = "1.0.0",
    .summary = "dependent additions, one a cycle: the frequency of the cores",
    .work_unit = "cycle",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = clock_create,
    .prepare = clock_prepare,
    .run = clock_run,
    .verify = clock_verify,
    .destroy = clock_destroy,
};
