/* SPDX-License-Identifier: Apache-2.0 */
/* acme.axpy: y = s x + y. A whole plugin, to start one of your own from. No
 * exception leaves it: the host is written in C. */
#include <cstddef>
#include <cstdint>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

/* One instance per rank. The host owns nothing in here. */
struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    std::size_t n;
    double *x, *y;            /* [n] */
    std::uint64_t iterations; /* of the run() in progress */
    std::uint64_t total;      /* of all run() calls */

    /** The part of a thread: its first element; thread + 1 gives the end. */
    std::size_t part(std::uint32_t thread) const {
        return n * thread / team->thread_count;
    }
};

namespace {

/* Data, not code: the host reads and checks it before it calls anything. */
constexpr gb_param_decl params[] = {
    {"vector_bytes", "size of each of the two vectors", "64KiB", "64B..16GiB"},
};

constexpr const char *needs[] = {GB_EXT_TEAM, nullptr};

extern "C" {

/* Called also when prepare() failed halfway. */
void axpy_destroy(gb_instance *self) {
    if (self == nullptr)
        return;
    const gb_host *host = self->host;
    host->free(host, self->y);
    host->free(host, self->x);
    host->free(host, self);
}

/* Read parameters, refuse what cannot work here. Nothing large yet. */
gb_status axpy_create(const gb_host *host, const gb_params *values,
                      gb_instance **self_out) {
    void *block = host->alloc(host, sizeof(gb_instance), alignof(gb_instance));
    if (block == nullptr)
        return GB_ERR_NO_MEMORY;
    auto *self = static_cast<gb_instance *>(block);
    *self = gb_instance{};
    self->host = host;
    self->team =
        static_cast<const gb_ext_team *>(host->extension(host, GB_EXT_TEAM));
    self->n = static_cast<std::size_t>(
                  host->param_u64(values, "vector_bytes")) /
              sizeof(double);
    host->note(host, "elements", "%zu", self->n);
    *self_out = self;
    return GB_OK;
}

/* The thread that writes a page first gets it on its own NUMA node. */
void axpy_touch(void *arg, std::uint32_t thread, std::uint32_t) {
    auto *self = static_cast<gb_instance *>(arg);
    for (auto i = self->part(thread); i < self->part(thread + 1); i++) {
        self->x[i] = static_cast<double>(i % 7);
        self->y[i] = 0.0;
    }
}

gb_status axpy_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const std::size_t bytes = self->n * sizeof(double);

    self->x = static_cast<double *>(host->alloc(host, bytes, 64));
    if (self->x == nullptr)
        return GB_ERR_NO_MEMORY; /* the host has recorded why */
    self->y = static_cast<double *>(host->alloc(host, bytes, 64));
    if (self->y == nullptr)
        return GB_ERR_NO_MEMORY;
    self->team->run(self->team, axpy_touch, self);
    return GB_OK;
}

void axpy_add(void *arg, std::uint32_t thread, std::uint32_t) {
    auto *self = static_cast<gb_instance *>(arg);
    const double *x = self->x;
    double *y = self->y;
    for (std::uint64_t k = 0; k < self->iterations; k++) {
        for (auto i = self->part(thread); i < self->part(thread + 1); i++)
            y[i] = 2.0 * x[i] + y[i];
        GB_KEEP_WORK();
    }
}

/* The only timed call: no allocation, no output, no clock. */
gb_status axpy_run(gb_instance *self, std::uint64_t iterations, gb_work *work) {
    self->iterations = iterations;
    self->team->run(self->team, axpy_add, self);
    self->total += iterations;

    work->done =
        2.0 * static_cast<double>(self->n) * static_cast<double>(iterations);
    work->checksum = self->y[self->n / 2];
    return GB_OK;
}

/* Recompute what is in the results; do not trust the inputs in memory. */
gb_status axpy_verify(gb_instance *self) {
    const auto total = static_cast<double>(self->total);

    for (std::size_t i = 0; i < self->n; i++) {
        const double want = 2.0 * static_cast<double>(i % 7) * total;
        if (self->y[i] != want)
            return self->host->fail(self->host, GB_ERR_VERIFY, nullptr,
                                    "y[%zu]: expected %g, got %g", i, want,
                                    self->y[i]);
    }
    return GB_OK;
}

} // extern "C"

/* C++17 has no designated initialisers; a constant expression is data too. */
constexpr gb_plugin describe() {
    gb_plugin plugin{};
    plugin.struct_size = sizeof(gb_plugin);
    plugin.abi_major = GB_PLUGIN_ABI_MAJOR;
    plugin.abi_minor = GB_PLUGIN_ABI_MINOR;
    plugin.id = "acme.axpy"; /* the file is acme.axpy.so */
    plugin.version = "0.1.0";
    plugin.summary = "a scaled vector added to another";
    plugin.work_unit = "flop";
    plugin.params = params;
    plugin.param_count = sizeof(params) / sizeof(params[0]);
    plugin.needs = needs;
    plugin.create = axpy_create;
    plugin.prepare = axpy_prepare;
    plugin.run = axpy_run;
    plugin.verify = axpy_verify;
    plugin.destroy = axpy_destroy;
    return plugin;
}

} // namespace

extern "C" {
constexpr gb_plugin greenbench_plugin = describe();
}
