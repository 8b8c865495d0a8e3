/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.pingpong: a message there and one back between the two ranks of a
 * pair, all pairs at once.
 *
 * With several nodes the partners sit on different nodes wherever that is
 * possible. Every message carries its number at both ends, checked on arrival;
 * between them each rank sends a pattern of its own, of which verify() checks
 * every byte as the partner received it last.
 */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "greenbench/ext/mpi.h"
#include "greenbench/plugin.h"

#define ALIGN_BYTES 4096u
#define TAG         1

struct gb_instance {
    const gb_host *host;
    const gb_ext_mpi *mpi;
    size_t message_bytes;
    int32_t partner;
    bool first;              /* sends the ping; the other sends the pong */
    unsigned char *out, *in; /* [message_bytes] */
    uint64_t number;         /* of the last message, since prepare() */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    {"message_bytes", "size of each message", "8B", "1B..1GiB"},
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void pingpong_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->in);
    host->free(host, self->out);
    host->free(host, self);
}

/** Ranks sorted by node, then by rank. @param order  [size] */
static gb_status sort_by_node(const gb_host *host, const gb_ext_mpi *mpi,
                              int32_t *order) {
    int32_t node_count = 1;

    for (int32_t r = 0; r < mpi->size; r++)
        if (mpi->node_of_rank[r] >= node_count)
            node_count = mpi->node_of_rank[r] + 1;
    const size_t bytes = ((size_t)node_count + 1) * sizeof(int32_t);
    int32_t *next = host->alloc(host, bytes, sizeof(void *));
    if (next == NULL)
        return GB_ERR_NO_MEMORY;
    memset(next, 0, bytes);
    for (int32_t r = 0; r < mpi->size; r++)
        next[mpi->node_of_rank[r] + 1]++;
    for (int32_t i = 0; i < node_count; i++)
        next[i + 1] += next[i];
    for (int32_t r = 0; r < mpi->size; r++)
        order[next[mpi->node_of_rank[r]]++] = r;
    host->free(host, next);
    return GB_OK;
}

/** Partners are `half` places apart in the order by node, so that they share a
 *  node only where it holds more than half of all ranks; on one node they are
 *  neighbours. */
static gb_status choose_partner(gb_instance *self) {
    const gb_host *host = self->host;
    const gb_ext_mpi *mpi = self->mpi;
    const int32_t half = mpi->size / 2;
    int32_t intra = 0;
    int32_t *order =
        host->alloc(host, (size_t)mpi->size * sizeof(*order), sizeof(void *));

    if (order == NULL)
        return GB_ERR_NO_MEMORY;
    const gb_status status = sort_by_node(host, mpi, order);
    if (status != GB_OK) {
        host->free(host, order);
        return status;
    }
    const bool one_node =
        mpi->node_of_rank[order[0]] == mpi->node_of_rank[order[mpi->size - 1]];
    for (int32_t i = 0; i < half; i++) {
        const int32_t ping = order[one_node ? 2 * i : i];
        const int32_t pong = order[one_node ? 2 * i + 1 : i + half];
        intra += mpi->node_of_rank[ping] == mpi->node_of_rank[pong];
        if (mpi->rank == ping || mpi->rank == pong) {
            self->first = mpi->rank == ping;
            self->partner = self->first ? pong : ping;
        }
    }
    host->free(host, order);
    host->note(host, "pairs", "%d intra-node, %d inter-node", (int)intra,
               (int)(half - intra));
    return GB_OK;
}

static gb_status pingpong_create(const gb_host *host, const gb_params *values,
                                 gb_instance **self_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const uint64_t bytes = host->param_u64(values, "message_bytes");

    if (mpi == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "start it under mpirun",
                          "needs the extension '%s', got none", GB_EXT_MPI);
    if (mpi->size < 2 || mpi->size % 2 != 0)
        return host->fail(host, GB_ERR_INVALID, "start an even number of ranks",
                          "expected ranks in pairs, got %d", (int)mpi->size);
    if (bytes == 0 || bytes > INT_MAX)
        return host->fail(host, GB_ERR_INVALID, NULL,
                          "expected message_bytes from 1 to %d, got %llu",
                          INT_MAX, (unsigned long long)bytes);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self =
        (gb_instance){.host = host, .mpi = mpi, .message_bytes = (size_t)bytes};
    const gb_status status = choose_partner(self);
    if (status != GB_OK) {
        pingpong_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

static unsigned char pattern(int32_t rank, size_t i) {
    const uint64_t key = (uint64_t)i * 0x9e3779b97f4a7c15u + (uint64_t)rank;

    return (unsigned char)((key * 0xbf58476d1ce4e5b9u) >> 56);
}

static gb_status pingpong_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->message_bytes;

    if ((self->out = host->alloc(host, bytes, ALIGN_BYTES)) == NULL ||
        (self->in = host->alloc(host, bytes, ALIGN_BYTES)) == NULL)
        return GB_ERR_NO_MEMORY;
    for (size_t i = 0; i < bytes; i++)
        self->out[i] = pattern(self->mpi->rank, i);
    memset(self->in, 0, bytes);
    return GB_OK;
}

/* --- the number that a message carries -------------------------------------
 */

/* At both ends from 16 bytes on, at the start alone below, and as much of it as
 * fits below 8. A copy of constant size costs a nanosecond: an 8-byte message
 * between two cores takes some hundred. */
static void write_number(unsigned char *message, size_t bytes,
                         uint64_t number) {
    if (bytes < sizeof(number)) {
        for (size_t i = 0; i < bytes; i++)
            message[i] = (unsigned char)(number >> (8 * i));
        return;
    }
    memcpy(message, &number, sizeof(number));
    if (bytes >= 2 * sizeof(number))
        memcpy(message + bytes - sizeof(number), &number, sizeof(number));
}

static bool has_number(const unsigned char *message, size_t bytes,
                       uint64_t number) {
    uint64_t head, tail;

    if (bytes < sizeof(number)) {
        for (size_t i = 0; i < bytes; i++)
            if (message[i] != (unsigned char)(number >> (8 * i)))
                return false;
        return true;
    }
    memcpy(&head, message, sizeof(head));
    if (bytes < 2 * sizeof(number))
        return head == number;
    memcpy(&tail, message + bytes - sizeof(tail), sizeof(tail));
    return head == number && tail == number;
}

/* --- the work --------------------------------------------------------------
 */

static int send_one(gb_instance *self) {
    write_number(self->out, self->message_bytes, self->number);
    return MPI_Send(self->out, (int)self->message_bytes, MPI_BYTE,
                    self->partner, TAG, self->mpi->comm);
}

static int receive_one(gb_instance *self) {
    const int code =
        MPI_Recv(self->in, (int)self->message_bytes, MPI_BYTE, self->partner,
                 TAG, self->mpi->comm, MPI_STATUS_IGNORE);

    self->mismatches +=
        !has_number(self->in, self->message_bytes, self->number);
    return code;
}

static gb_status pingpong_run(gb_instance *self, uint64_t iterations,
                              gb_work *work) {
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    for (uint64_t k = 0; k < iterations && code == MPI_SUCCESS; k++) {
        self->number++;
        code = self->first ? send_one(self) : receive_one(self);
        if (code == MPI_SUCCESS)
            code = self->first ? receive_one(self) : send_one(self);
    }
    if (code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "a message of %zu bytes between ranks %d and "
                                "%d failed with MPI error %d",
                                self->message_bytes, (int)self->mpi->rank,
                                (int)self->partner, code);
    work->done = (double)iterations; /* the messages this rank sent */
    const size_t middle = self->message_bytes / 2;
    work->checksum = self->in[middle];
    return GB_OK;
}

static gb_status pingpong_verify(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t bytes = self->message_bytes;
    const size_t number_bytes = sizeof(self->number);
    const size_t head = bytes < number_bytes ? bytes : number_bytes;
    const size_t tail =
        bytes >= 2 * number_bytes ? bytes - number_bytes : bytes;

    if (self->mismatches > 0)
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "expected every message in order from rank %d, got "
                          "%llu with another number",
                          (int)self->partner,
                          (unsigned long long)self->mismatches);
    if (!has_number(self->in, bytes, self->number))
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "expected message %llu from rank %d last, got "
                          "another",
                          (unsigned long long)self->number, (int)self->partner);
    for (size_t i = head; i < tail; i++)
        if (self->in[i] != pattern(self->partner, i))
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "byte %zu from rank %d: expected %u, got %u", i,
                              (int)self->partner,
                              (unsigned)pattern(self->partner, i),
                              (unsigned)self->in[i]);
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.pingpong",
    .version = "1.0.0",
    .summary = "messages to and fro between pairs of ranks, across nodes first",
    .work_unit = "message",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = pingpong_create,
    .prepare = pingpong_prepare,
    .run = pingpong_run,
    .verify = pingpong_verify,
    .destroy = pingpong_destroy,
    .ranks_min = 2,
    .ranks_multiple = 2,
};
