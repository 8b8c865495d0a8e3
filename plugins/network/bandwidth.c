/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.bandwidth: windows of messages that are under way together, from one
 * rank of a pair to the other or both ways, all pairs at once or one alone.
 *
 * The windows are those of the OSU micro-benchmarks' osu_bw and osu_bibw: so
 * many non-blocking messages, then the wait for all of them. Each message of a
 * window is received into a place of its own, for MPI forbids receives under
 * way to overlap; those that leave share one buffer. One way, the receiver
 * answers each window with an empty message; both ways, each side's own window
 * is the answer.
 */
#include <stdbool.h>

#include "network.h"
#include "pairs.h"

/* OSU's. */
#define WINDOW_USUAL 64u

#define TAG_DATA   1
#define TAG_ANSWER 2

struct gb_instance {
    gb_network net;
    gb_pairs pairs;
    bool sends, receives;
    uint32_t window;
    double share_bytes;    /* of a window of all pairs, this rank's share */
    size_t stride;         /* from one message received to the next */
    unsigned char *out;    /* [message_bytes] */
    unsigned char *in;     /* [window * stride] */
    MPI_Request *requests; /* [2 * window] */
    uint64_t number;       /* of the last window, since prepare() */
    uint64_t mismatches;
};

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of each message", "1MiB"),
    {"window", "messages under way together; auto: 64, or what memory holds",
     "auto", "auto|1..1024"},
    {"direction", "one way, or both ways at once", "uni", "uni|bi"},
    GB_PAIRS_PARAMS,
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static void bandwidth_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->net.host;
    host->free(host, self->in);
    host->free(host, self->out);
    host->free(host, self->requests);
    gb_pairs_fini(&self->net, &self->pairs);
    host->free(host, self);
}

/** The least that any rank has room for: partners must agree. */
static gb_status choose_window(const gb_host *host, const gb_params *values,
                               uint32_t *window_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const double bytes = (double)host->param_u64(values, "message_bytes");
    uint64_t window = host->param_u64(values, "window");

    if (window == 0 && mpi != NULL && bytes > 0.0) {
        const double room = gb_network_room_bytes(host) / bytes - 1.0;
        window = room < 1.0 ? 1 : WINDOW_USUAL;
        if (room >= 1.0 && room < WINDOW_USUAL)
            window = (uint64_t)room;
        const int code = MPI_Allreduce(MPI_IN_PLACE, &window, 1, MPI_UINT64_T,
                                       MPI_MIN, mpi->comm);
        if (code != MPI_SUCCESS)
            return host->fail(host, GB_ERR_MPI, NULL,
                              "the ranks cannot agree on a window: MPI error "
                              "%d",
                              code);
    }
    host->note(host, "window", "%llu", (unsigned long long)window);
    *window_out = (uint32_t)window;
    return GB_OK;
}

static gb_status bandwidth_create(const gb_host *host, const gb_params *values,
                                  gb_instance **self_out) {
    uint32_t window = 0;
    gb_status status = choose_window(host, values, &window);

    if (status != GB_OK)
        return status;
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.net.host = host, .window = window};
    status = gb_network_open(host, values, (double)window + 1.0, 1, &self->net);
    if (status == GB_OK)
        status = gb_pairs_init(&self->net, values, &self->pairs);
    if (status == GB_OK) {
        self->requests = host->alloc(
            host, 2 * (size_t)window * sizeof(*self->requests), sizeof(void *));
        status = self->requests != NULL ? GB_OK : GB_ERR_NO_MEMORY;
    }
    if (status != GB_OK) {
        bandwidth_destroy(self);
        return status;
    }
    const bool both = strcmp(host->param_text(values, "direction"), "bi") == 0;
    const bool active = self->pairs.partner >= 0;
    self->sends = active && (both || self->pairs.first);
    self->receives = active && (both || !self->pairs.first);
    self->stride = gb_network_stride(self->net.message_bytes);
    self->share_bytes = (both ? 2.0 : 1.0) * (double)self->pairs.count *
                        (double)window * (double)self->net.message_bytes /
                        (double)self->net.mpi->size;
    *self_out = self;
    return GB_OK;
}

static gb_status bandwidth_prepare(gb_instance *self) {
    const gb_network *net = &self->net;

    if (self->sends) {
        self->out = gb_network_alloc(net, net->message_bytes);
        if (self->out == NULL)
            return GB_ERR_NO_MEMORY;
        gb_message_fill(self->out, net->message_bytes,
                        (uint64_t)net->mpi->rank);
    }
    if (self->receives) {
        self->in = gb_network_alloc(net, self->window * self->stride);
        if (self->in == NULL)
            return GB_ERR_NO_MEMORY;
    }
    return GB_OK;
}

static gb_status bandwidth_rearm(gb_instance *self) {
    if (self->receives)
        memset(self->in, 0, self->window * self->stride);
    return GB_OK;
}

static int post_receives(gb_instance *self, int *count) {
    int code = MPI_SUCCESS;

    for (uint32_t w = 0; w < self->window && code == MPI_SUCCESS; w++)
        code =
            MPI_Irecv(self->in + w * self->stride, (int)self->net.message_bytes,
                      MPI_BYTE, self->pairs.partner, TAG_DATA,
                      self->net.mpi->comm, &self->requests[(*count)++]);
    return code;
}

static int post_sends(gb_instance *self, int *count) {
    int code = MPI_SUCCESS;

    gb_message_number(self->out, self->net.message_bytes, self->number);
    for (uint32_t w = 0; w < self->window && code == MPI_SUCCESS; w++)
        code = MPI_Isend(self->out, (int)self->net.message_bytes, MPI_BYTE,
                         self->pairs.partner, TAG_DATA, self->net.mpi->comm,
                         &self->requests[(*count)++]);
    return code;
}

/** One window in the directions that this rank has. */
static int transfer(gb_instance *self) {
    int code = MPI_SUCCESS, count = 0;

    self->number++;
    if (self->receives)
        code = post_receives(self, &count);
    if (self->sends && code == MPI_SUCCESS)
        code = post_sends(self, &count);
    if (code == MPI_SUCCESS)
        code = MPI_Waitall(count, self->requests, MPI_STATUSES_IGNORE);
    if (self->receives) /* one of them, another each time */
        self->mismatches += !gb_message_has_number(
            self->in + self->number % self->window * self->stride,
            self->net.message_bytes, self->number);
    return code;
}

static int answer(gb_instance *self) {
    const gb_ext_mpi *mpi = self->net.mpi;

    if (self->sends)
        return MPI_Recv(NULL, 0, MPI_BYTE, self->pairs.partner, TAG_ANSWER,
                        mpi->comm, MPI_STATUS_IGNORE);
    return MPI_Send(NULL, 0, MPI_BYTE, self->pairs.partner, TAG_ANSWER,
                    mpi->comm);
}

static void count_work(const gb_instance *self, uint64_t iterations,
                       gb_work *work) {
    const bool both = self->sends && self->receives;
    const double windows = (double)iterations;
    const double sent = self->sends ? windows * self->window : 0.0;

    GB_WORK_SET(work, network_bytes, sent * (double)self->net.message_bytes);
    GB_WORK_SET(work, messages,
                sent + (self->receives && !both ? windows : 0.0));
    if (self->pairs.partner >= 0)
        GB_WORK_SET_PEER(work, self->pairs.partner);
    const size_t middle = self->net.message_bytes / 2;
    if (self->receives)
        work->checksum = self->in[middle];
}

static gb_status bandwidth_run(gb_instance *self, uint64_t iterations,
                               gb_work *work) {
    const bool one_way = self->sends != self->receives;
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    for (uint64_t k = 0;
         self->pairs.partner >= 0 && k < iterations && code == MPI_SUCCESS;
         k++) {
        code = transfer(self);
        if (code == MPI_SUCCESS && one_way)
            code = answer(self);
    }
    code = gb_pairs_finish(&self->net, &self->pairs, code);
    if (code != MPI_SUCCESS)
        return gb_network_fail_mpi(&self->net, code);
    count_work(self, iterations, work);
    work->done = self->share_bytes * (double)iterations;
    return GB_OK;
}

static gb_status bandwidth_verify(gb_instance *self) {
    const gb_network *net = &self->net;
    gb_status status = gb_network_check_order(net, self->mismatches);

    for (uint32_t w = 0; self->receives && w < self->window && status == GB_OK;
         w++)
        status = gb_network_check(
            net, self->in + w * self->stride, net->message_bytes,
            (uint64_t)self->pairs.partner, self->number, self->pairs.partner);
    return status;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.bandwidth",
    .version = "1.0.0",
    .summary = "windows of messages between pairs of ranks, across nodes first",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = bandwidth_create,
    .prepare = bandwidth_prepare,
    .rearm = bandwidth_rearm,
    .run = bandwidth_run,
    .verify = bandwidth_verify,
    .destroy = bandwidth_destroy,
    .ranks_min = 2,
    .ranks_multiple = 2,
};
