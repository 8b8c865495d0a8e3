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

#include "network.h"

struct gb_instance {
    gb_network net;
    size_t n;           /* elements */
    double *in, *out;   /* [n] */
    uint64_t operation; /* the last one's number, since prepare() */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of each rank's vector, a multiple of 8",
                             "8B"),
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void allreduce_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->net.host;
    host->free(host, self->out);
    host->free(host, self->in);
    host->free(host, self);
}

static gb_status allreduce_create(const gb_host *host, const gb_params *values,
                                  gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.net.host = host};
    const gb_status status =
        gb_network_open(host, values, 2.0, sizeof(double), &self->net);
    if (status != GB_OK) {
        allreduce_destroy(self);
        return status;
    }
    self->n = self->net.message_bytes / sizeof(double);
    *self_out = self;
    return GB_OK;
}

/** Rank r contributes (r + 1) times this. */
static double pattern(size_t i) {
    return (double)(i % 1021u + 1u);
}

static gb_status allreduce_prepare(gb_instance *self) {
    const gb_network *net = &self->net;

    self->in = (double *)(void *)gb_network_alloc(net, net->message_bytes);
    if (self->in != NULL)
        self->out = (double *)(void *)gb_network_alloc(net, net->message_bytes);
    if (self->in == NULL || self->out == NULL)
        return GB_ERR_NO_MEMORY;
    for (size_t i = 0; i < self->n; i++)
        self->in[i] = ((double)net->mpi->rank + 1.0) * pattern(i);
    return GB_OK;
}

static gb_status allreduce_rearm(gb_instance *self) {
    memset(self->out, 0, self->net.message_bytes);
    return GB_OK;
}

/** What the sum of the ends must be: each rank puts the number of the operation
 *  there, exact up to 2^53 / size operations. */
static double end_sum(const gb_instance *self) {
    return (double)self->net.mpi->size * (double)self->operation;
}

static gb_status allreduce_run(gb_instance *self, uint64_t iterations,
                               gb_work *work) {
    const double size = self->net.mpi->size;
    const size_t last = self->n - 1;
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    for (uint64_t k = 0; k < iterations && code == MPI_SUCCESS; k++) {
        self->operation++;
        self->in[0] = self->in[last] = (double)self->operation;
        code = MPI_Allreduce(self->in, self->out, (int)self->n, MPI_DOUBLE,
                             MPI_SUM, self->net.mpi->comm);
        const double want = end_sum(self);
        self->mismatches += self->out[0] != want || self->out[last] != want;
    }
    if (code != MPI_SUCCESS)
        return gb_network_fail_mpi(&self->net, code);
    /* One operation belongs to all ranks together. The sum cannot be everywhere
     * before each rank has sent 2 (size - 1) / size of a vector. */
    work->done = (double)iterations / size;
    GB_WORK_SET(work, in_flight, 1.0 / size);
    GB_WORK_SET(work, messages, 2.0 * (size - 1.0) * work->done);
    GB_WORK_SET(work, network_bytes,
                2.0 * (size - 1.0) * work->done *
                    (double)self->net.message_bytes);
    work->checksum = self->out[self->n / 2];
    return GB_OK;
}

static gb_status allreduce_verify(gb_instance *self) {
    const gb_host *host = self->net.host;
    const double size = (double)self->net.mpi->size;

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
    .version = "1.1.0",
    .summary = "sum of a vector of doubles over all ranks",
    .work_unit = "operation",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = allreduce_create,
    .prepare = allreduce_prepare,
    .rearm = allreduce_rearm,
    .run = allreduce_run,
    .verify = allreduce_verify,
    .destroy = allreduce_destroy,
    .ranks_min = 2,
};
