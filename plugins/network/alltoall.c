/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.alltoall: every rank sends each rank a block of its own.
 *
 * In operation k each rank numbers the block for rank + k, and each rank checks
 * the one that must then carry it: over as many operations as there are ranks,
 * every block is shown to have moved, at the cost of one check for each.
 */
#include "network.h"

struct gb_instance {
    gb_network net;
    unsigned char *out, *in; /* [size * message_bytes] */
    uint64_t number;         /* of the last operation, since prepare() */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of the block for each rank", "8B"),
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void alltoall_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->net.host;
    host->free(host, self->in);
    host->free(host, self->out);
    host->free(host, self);
}

static gb_status alltoall_create(const gb_host *host, const gb_params *values,
                                 gb_instance **self_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const double held = mpi != NULL ? 2.0 * (double)mpi->size : 2.0;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.net.host = host};
    const gb_status status = gb_network_open(host, values, held, 1, &self->net);
    if (status != GB_OK) {
        alltoall_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

static size_t total_bytes(const gb_instance *self) {
    return (size_t)self->net.mpi->size * self->net.message_bytes;
}

/** What rank @p from sends to rank @p to. */
static uint64_t key_of(const gb_instance *self, int32_t from, int32_t to) {
    return (uint64_t)from * (uint64_t)self->net.mpi->size + (uint64_t)to;
}

static gb_status alltoall_prepare(gb_instance *self) {
    const gb_ext_mpi *mpi = self->net.mpi;
    const size_t bytes = self->net.message_bytes;

    if ((self->out = gb_network_alloc(&self->net, total_bytes(self))) == NULL ||
        (self->in = gb_network_alloc(&self->net, total_bytes(self))) == NULL)
        return GB_ERR_NO_MEMORY;
    for (int32_t to = 0; to < mpi->size; to++)
        gb_message_fill(self->out + (size_t)to * bytes, bytes,
                        key_of(self, mpi->rank, to));
    return GB_OK;
}

static gb_status alltoall_rearm(gb_instance *self) {
    memset(self->in, 0, total_bytes(self));
    return GB_OK;
}

/** How far the block numbered in operation @p number goes: to rank + shift. */
static size_t shift_of(const gb_instance *self, uint64_t number) {
    return (size_t)(number % (uint64_t)self->net.mpi->size);
}

static int exchange_once(gb_instance *self) {
    const gb_ext_mpi *mpi = self->net.mpi;
    const size_t bytes = self->net.message_bytes;
    const size_t size = (size_t)mpi->size, rank = (size_t)mpi->rank;
    const uint64_t number = ++self->number;
    const size_t shift = shift_of(self, number);
    const size_t to = (rank + shift) % size;
    const size_t from = (rank + size - shift) % size;

    gb_message_number(self->out + to * bytes, bytes, number);
    const int code = MPI_Alltoall(self->out, (int)bytes, MPI_BYTE, self->in,
                                  (int)bytes, MPI_BYTE, mpi->comm);
    self->mismatches +=
        !gb_message_has_number(self->in + from * bytes, bytes, number);
    return code;
}

static gb_status alltoall_run(gb_instance *self, uint64_t iterations,
                              gb_work *work) {
    const double size = self->net.mpi->size;
    const double sent = (double)iterations * (size - 1.0);
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    for (uint64_t k = 0; k < iterations && code == MPI_SUCCESS; k++)
        code = exchange_once(self);
    if (code != MPI_SUCCESS)
        return gb_network_fail_mpi(&self->net, code);
    /* One operation belongs to all ranks together. */
    work->done = (double)iterations / size;
    GB_WORK_SET(work, in_flight, 1.0 / size);
    const size_t middle = total_bytes(self) / 2;
    work->checksum = self->in[middle];
    GB_WORK_SET(work, messages, sent);
    GB_WORK_SET(work, network_bytes, sent * (double)self->net.message_bytes);
    return GB_OK;
}

static gb_status alltoall_verify(gb_instance *self) {
    const gb_network *net = &self->net;
    const uint64_t size = (uint64_t)net->mpi->size;
    gb_status status = gb_network_check_order(net, self->mismatches);

    for (int32_t from = 0; from < net->mpi->size && status == GB_OK; from++) {
        /* When did `from` last number the block for this rank? */
        const uint64_t shift =
            ((uint64_t)net->mpi->rank + size - (uint64_t)from) % size;
        const uint64_t ago = (self->number + size - shift) % size;
        status = gb_network_check(
            net, self->in + (size_t)from * net->message_bytes,
            net->message_bytes, key_of(self, from, net->mpi->rank),
            self->number > ago ? self->number - ago : 0, from);
    }
    return status;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.alltoall",
    .version = "1.0.0",
    .summary = "every rank sends each rank a block of its own",
    .work_unit = "operation",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = alltoall_create,
    .prepare = alltoall_prepare,
    .rearm = alltoall_rearm,
    .run = alltoall_run,
    .verify = alltoall_verify,
    .destroy = alltoall_destroy,
    .ranks_min = 2,
};
