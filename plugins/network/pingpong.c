/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.pingpong: a message there and one back between the two ranks of a
 * pair, all pairs at once or one alone.
 *
 * Each rank receives into the buffer that it sends from, as NetPIPE does by
 * default: from some KiB on, what a second buffer costs in cache shows. Only
 * the last message of a run() goes into a buffer of its own, which rearm()
 * cleared, so that verify() knows every byte of it to have come from the
 * partner. Every message carries its own number, checked on arrival.
 *
 * With several rounds each call has other partners, so that all nodes meet.
 */
#include "network.h"
#include "pairs.h"

#define TAG      1
#define TAG_MEET 2

struct gb_instance {
    gb_network net;
    gb_pairs pairs;
    unsigned char *message, *last; /* [message_bytes] */
    uint64_t number;               /* of the last message, since prepare() */
    int32_t rounds;                /* 1: the partners stay */
    uint64_t calls;                /* of rearm() */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of each message", "8B"),
    GB_PAIRS_PARAMS,
    {"rounds",
     "so many nodes in turn are partners of each, another in each repetition; "
     "all: each meets each",
     "1", "all|1..100000"},
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void pingpong_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->net.host;
    host->free(host, self->last);
    host->free(host, self->message);
    gb_pairs_fini(&self->net, &self->pairs);
    host->free(host, self);
}

static gb_status read_rounds(const gb_params *values, gb_instance *self) {
    const gb_host *host = self->net.host;
    const gb_ext_mpi *mpi = self->net.mpi;
    const uint64_t asked = host->param_u64(values, "rounds");
    const int32_t others =
        gb_layout_count_nodes(mpi->node_of_rank, mpi->size) - 1;

    self->rounds = 1;
    if (asked == 1 || others == 0) /* one node has met all others */
        return GB_OK;
    if (self->pairs.kind == GB_PAIR_INTRA)
        return host->fail(host, GB_ERR_INVALID, "set rounds=1 or pairs=inter",
                          "expected rounds=1 where partners are on one node, "
                          "got %s",
                          host->param_text(values, "rounds"));
    self->rounds =
        asked == 0 || asked > (uint64_t)others ? others : (int32_t)asked;
    host->note(host, "rounds", "%d of %d", (int)self->rounds, (int)others);
    return GB_OK;
}

static gb_status pingpong_create(const gb_host *host, const gb_params *values,
                                 gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.net.host = host};
    gb_status status = gb_network_open(host, values, 2.0, 1, &self->net);
    if (status == GB_OK)
        status = gb_pairs_init(&self->net, values, &self->pairs);
    if (status == GB_OK)
        status = read_rounds(values, self);
    if (status != GB_OK) {
        pingpong_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

/** Both ranks of a pair send the same pattern. */
static uint64_t key_of(const gb_instance *self) {
    return (uint64_t)(self->pairs.first ? self->net.mpi->rank
                                        : self->pairs.partner);
}

static gb_status pingpong_prepare(gb_instance *self) {
    const size_t bytes = self->net.message_bytes;

    if (self->pairs.partner < 0 && self->rounds == 1)
        return GB_OK;
    if ((self->message = gb_network_alloc(&self->net, bytes)) == NULL ||
        (self->last = gb_network_alloc(&self->net, bytes)) == NULL)
        return GB_ERR_NO_MEMORY;
    if (self->pairs.partner >= 0)
        gb_message_fill(self->message, bytes, key_of(self));
    return GB_OK;
}

/* The first message to a new partner would pay for the connection. */
static gb_status meet(gb_instance *self) {
    const int code = MPI_Sendrecv(
        NULL, 0, MPI_BYTE, self->pairs.partner, TAG_MEET, NULL, 0, MPI_BYTE,
        self->pairs.partner, TAG_MEET, self->net.mpi->comm, MPI_STATUS_IGNORE);

    return code == MPI_SUCCESS ? GB_OK : gb_network_fail_mpi(&self->net, code);
}

static gb_status pingpong_rearm(gb_instance *self) {
    const size_t bytes = self->net.message_bytes;

    if (self->last != NULL)
        memset(self->last, 0, bytes);
    if (self->rounds == 1)
        return GB_OK;
    gb_pairs_turn(&self->net, (int32_t)(self->calls++ % (uint64_t)self->rounds),
                  &self->pairs);
    if (self->pairs.partner < 0)
        return GB_OK;
    gb_message_fill(self->message, bytes, key_of(self));
    return meet(self);
}

static int send_one(gb_instance *self, uint64_t number) {
    gb_message_number(self->message, self->net.message_bytes, number);
    return MPI_Send(self->message, (int)self->net.message_bytes, MPI_BYTE,
                    self->pairs.partner, TAG, self->net.mpi->comm);
}

static int receive_one(gb_instance *self, unsigned char *into,
                       uint64_t number) {
    const size_t bytes = self->net.message_bytes;
    const int code = MPI_Recv(into, (int)bytes, MPI_BYTE, self->pairs.partner,
                              TAG, self->net.mpi->comm, MPI_STATUS_IGNORE);

    self->mismatches += !gb_message_has_number(into, bytes, number);
    return code;
}

/** There and back. Odd numbers go there, even ones come back. */
static int exchange(gb_instance *self, unsigned char *into) {
    const uint64_t there = self->number + 1, back = self->number + 2;
    int code;

    self->number = back;
    if (self->pairs.first) {
        code = send_one(self, there);
        return code == MPI_SUCCESS ? receive_one(self, into, back) : code;
    }
    code = receive_one(self, into, there);
    return code == MPI_SUCCESS ? send_one(self, back) : code;
}

static gb_status pingpong_run(gb_instance *self, uint64_t iterations,
                              gb_work *work) {
    const double sent = (double)iterations;
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    if (self->pairs.partner >= 0) {
        for (uint64_t k = 1; k < iterations && code == MPI_SUCCESS; k++)
            code = exchange(self, self->message);
        if (code == MPI_SUCCESS)
            code = exchange(self, self->last);
        const size_t middle = self->net.message_bytes / 2;
        work->checksum = self->last[middle];
        GB_WORK_SET(work, messages, sent);
        GB_WORK_SET(work, network_bytes,
                    sent * (double)self->net.message_bytes);
        GB_WORK_SET_PEER(work, self->pairs.partner);
    } else {
        self->number += 2 * iterations; /* as who may be its partner next */
    }
    code = gb_pairs_finish(&self->net, &self->pairs, code);
    if (code != MPI_SUCCESS)
        return gb_network_fail_mpi(&self->net, code);
    /* Each rank's share of all: what it sent itself where nobody waits. */
    work->done =
        2.0 * (double)self->pairs.count * sent / (double)self->net.mpi->size;
    /* One message of each pair is under way at any time. */
    GB_WORK_SET(work, in_flight,
                (double)self->pairs.count / (double)self->net.mpi->size);
    return GB_OK;
}

static gb_status pingpong_verify(gb_instance *self) {
    const gb_network *net = &self->net;
    const int32_t from = self->pairs.partner;
    const uint64_t number = self->number - (self->pairs.first ? 0 : 1);

    if (from < 0)
        return GB_OK;
    const gb_status status = gb_network_check_order(net, self->mismatches);
    if (status != GB_OK)
        return status;
    return gb_network_check(net, self->last, net->message_bytes, key_of(self),
                            number, from);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.pingpong",
    .version = "1.2.0",
    .summary = "messages to and fro between pairs of ranks, across nodes first",
    .work_unit = "message",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = pingpong_create,
    .prepare = pingpong_prepare,
    .rearm = pingpong_rearm,
    .run = pingpong_run,
    .verify = pingpong_verify,
    .destroy = pingpong_destroy,
    .ranks_min = 2,
    .ranks_multiple = 2,
};
