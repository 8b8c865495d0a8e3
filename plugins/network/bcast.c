/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.bcast: a message from one rank to all others.
 *
 * The root is another one each time, as in the Intel MPI Benchmarks: no rank
 * can then run ahead of the others, which from one root it could, and the time
 * for one operation is the time until the message is everywhere. root=first
 * keeps rank 0, as the OSU micro-benchmarks do with a barrier between, so that
 * operations overlap.
 */
#include <stdbool.h>

#include "network.h"

struct gb_instance {
    gb_network net;
    bool rotates;
    unsigned char *out, *in; /* [message_bytes] */
    uint64_t number;         /* of the last operation, since prepare() */
    uint64_t received;       /* the last one of this run() from another rank */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of the message", "8B"),
    {"root", "another rank each time, or always rank 0", "rotate",
     "rotate|first"},
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void bcast_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->net.host;
    host->free(host, self->in);
    host->free(host, self->out);
    host->free(host, self);
}

static gb_status bcast_create(const gb_host *host, const gb_params *values,
                              gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .net.host = host,
        .rotates = strcmp(host->param_text(values, "root"), "rotate") == 0,
    };
    const gb_status status = gb_network_open(host, values, 2.0, 1, &self->net);
    if (status != GB_OK) {
        bcast_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

static gb_status bcast_prepare(gb_instance *self) {
    const size_t bytes = self->net.message_bytes;

    if ((self->out = gb_network_alloc(&self->net, bytes)) == NULL ||
        (self->in = gb_network_alloc(&self->net, bytes)) == NULL)
        return GB_ERR_NO_MEMORY;
    gb_message_fill(self->out, bytes, (uint64_t)self->net.mpi->rank);
    return GB_OK;
}

static gb_status bcast_rearm(gb_instance *self) {
    memset(self->in, 0, self->net.message_bytes);
    return GB_OK;
}

static int32_t root_of(const gb_instance *self, uint64_t number) {
    return self->rotates ? (int32_t)(number % (uint64_t)self->net.mpi->size)
                         : 0;
}

static int broadcast_once(gb_instance *self) {
    const gb_ext_mpi *mpi = self->net.mpi;
    const size_t bytes = self->net.message_bytes;
    const uint64_t number = ++self->number;
    const int32_t root = root_of(self, number);

    if (mpi->rank == root) {
        gb_message_number(self->out, bytes, number);
        return MPI_Bcast(self->out, (int)bytes, MPI_BYTE, root, mpi->comm);
    }
    const int code = MPI_Bcast(self->in, (int)bytes, MPI_BYTE, root, mpi->comm);
    self->received = number;
    self->mismatches += !gb_message_has_number(self->in, bytes, number);
    return code;
}

static gb_status bcast_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    const double size = self->net.mpi->size;
    const double shares = (double)iterations / size;
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    self->received = 0;
    for (uint64_t k = 0; k < iterations && code == MPI_SUCCESS; k++)
        code = broadcast_once(self);
    if (code != MPI_SUCCESS)
        return gb_network_fail_mpi(&self->net, code);
    /* One operation belongs to all ranks together. At the least, every rank but
     * the root gets one message. */
    work->done = shares;
    if (self->rotates) /* each root has to receive before it sends */
        GB_WORK_SET(work, in_flight, 1.0 / size);
    const size_t middle = self->net.message_bytes / 2;
    work->checksum = self->in[middle];
    GB_WORK_SET(work, messages, shares * (size - 1.0));
    GB_WORK_SET(work, network_bytes,
                shares * (size - 1.0) * (double)self->net.message_bytes);
    return GB_OK;
}

static gb_status bcast_verify(gb_instance *self) {
    const gb_network *net = &self->net;
    const int32_t root = root_of(self, self->received);
    const gb_status status = gb_network_check_order(net, self->mismatches);

    if (status != GB_OK || self->received == 0)
        return status;
    return gb_network_check(net, self->in, net->message_bytes, (uint64_t)root,
                            self->received, root);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.bcast",
    .version = "1.0.0",
    .summary = "a message from one rank to all others",
    .work_unit = "operation",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = bcast_create,
    .prepare = bcast_prepare,
    .rearm = bcast_rearm,
    .run = bcast_run,
    .verify = bcast_verify,
    .destroy = bcast_destroy,
    .ranks_min = 2,
};
