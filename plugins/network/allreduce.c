/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.allreduce: the sum of a vector of doubles over all ranks, to all
 * ranks.
 *
 * All elements are whole numbers, so the sum has one exact answer in whatever
 * order the library adds. The first and last element change with every
 * operation, which shows that each of them took place.
 */
#include <stdbool.h>
#include <string.h>

#include "greenbench/ext/mpi.h"
#include "greenbench/plugin.h"

#define ALIGN_BYTES 4096u

struct gb_instance {
    const gb_host *host;
    const gb_ext_mpi *mpi;
    size_t n;           /* elements */
    double *in, *out;   /* [n] */
    uint64_t operation; /* the last one's number, since prepare() */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    {"message_bytes", "size of each rank's vector, a multiple of 8", "8B",
     "8B..1GiB"},
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void allreduce_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->out);
    host->free(host, self->in);
    host->free(host, self);
}

static gb_status allreduce_create(const gb_host *host, const gb_params *values,
                                  gb_instance **self_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const uint64_t bytes = host->param_u64(values, "message_bytes");

    if (mpi == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "start it under mpirun",
                          "needs the extension '%s', got none", GB_EXT_MPI);
    if (bytes == 0 || bytes % sizeof(double) != 0)
        return host->fail(host, GB_ERR_INVALID,
                          "round it to whole doubles of 8 bytes",
                          "expected message_bytes in multiples of 8, got %llu",
                          (unsigned long long)bytes);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host, .mpi = mpi, .n = (size_t)bytes / sizeof(double)};
    *self_out = self;
    return GB_OK;
}

/** Rank r contributes (r + 1) times this. */
static double pattern(size_t i) {
    return (double)(i % 1021u + 1u);
}

static gb_status allreduce_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->n * sizeof(double);

    if ((self->in = host->alloc(host, bytes, ALIGN_BYTES)) == NULL ||
        (self->out = host->alloc(host, bytes, ALIGN_BYTES)) == NULL)
        return GB_ERR_NO_MEMORY;
    for (size_t i = 0; i < self->n; i++)
        self->in[i] = ((double)self->mpi->rank + 1.0) * pattern(i);
    memset(self->out, 0, bytes);
    return GB_OK;
}

/** What the sum of the ends must be: each rank puts the number of the operation
 *  there, exact up to 2^53 / size operations. */
static double end_sum(const gb_instance *self) {
    return (double)self->mpi->size * (double)self->operation;
}

static gb_status allreduce_run(gb_instance *self, uint64_t iterations,
                               gb_work *work) {
    const size_t last = self->n - 1;
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    for (uint64_t k = 0; k < iterations && code == MPI_SUCCESS; k++) {
        self->operation++;
        self->in[0] = self->in[last] = (double)self->operation;
        code = MPI_Allreduce(self->in, self->out, (int)self->n, MPI_DOUBLE,
                             MPI_SUM, self->mpi->comm);
        const double want = end_sum(self);
        self->mismatches += self->out[0] != want || self->out[last] != want;
    }
    if (code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "MPI_Allreduce of %zu doubles failed with MPI "
                                "error %d",
                                self->n, code);
    /* One operation belongs to all ranks together. */
    work->done = (double)iterations / (double)self->mpi->size;
    work->checksum = self->out[self->n / 2];
    return GB_OK;
}

static gb_status allreduce_verify(gb_instance *self) {
    const gb_host *host = self->host;
    const double size = (double)self->mpi->size;

    if (self->mismatches > 0)
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "expected the sum of every operation, got %llu that "
                          "were wrong at an end of the vector",
                          (unsigned long long)self->mismatches);
    for (size_t i = 0; i < self->n; i++) {
        const bool end = i == 0 || i == self->n - 1;
        const double want =
            end ? end_sum(self) : size * (size + 1.0) / 2.0 * pattern(i);
        if (self->out[i] != want)
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "element %zu: expected %.17g, got %.17g", i, want,
                              self->out[i]);
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.allreduce",
    .version = "1.0.0",
    .summary = "sum of a vector of doubles over all ranks",
    .work_unit = "operation",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = allreduce_create,
    .prepare = allreduce_prepare,
    .run = allreduce_run,
    .verify = allreduce_verify,
    .destroy = allreduce_destroy,
    .ranks_min = 2,
};
