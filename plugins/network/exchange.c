/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

/** What @p rank sends on its link @p link. */
static uint64_t key_of(const gb_instance *self, int32_t rank, int32_t link) {
    return (uint64_t)rank * (uint64_t)self->link_count + (uint64_t)link;
}

/** The link whose messages carry the number of exchange @p number. */
static int32_t numbered_link(const gb_instance *self, uint64_t number) {
    return (int32_t)(number % (uint64_t)self->link_count);
}

/** The last number that messages of @p link have carried; 0: none yet. */
static uint64_t last_number(const gb_instance *self, int32_t link) {
    const uint64_t count = (uint64_t)self->link_count;
    const uint64_t ago = (self->number + count - (uint64_t)link) % count;

    return self->number > ago ? self->number - ago : 0;
}

void gb_exchange_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->net.host;
    host->free(host, self->in);
    host->free(host, self->out);
    host->free(host, self->requests);
    host->free(host, self);
}

gb_status gb_exchange_create(const gb_host *host, const gb_params *values,
                             double held, gb_exchange_connect connect,
                             gb_instance **self_out) {
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));

    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){.net.host = host};
    gb_status status = gb_network_open(host, values, held, 1, &self->net);
    if (status == GB_OK)
        status = connect(self, values);
    if (status == GB_OK) {
        self->requests = host->alloc(
            host, 2 * (size_t)self->link_count * sizeof(*self->requests),
            sizeof(void *));
        status = self->requests != NULL ? GB_OK : GB_ERR_NO_MEMORY;
    }
    if (status != GB_OK) {
        gb_exchange_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

gb_status gb_exchange_prepare(gb_instance *self) {
    const gb_network *net = &self->net;

    for (int32_t i = 0; i < self->link_count; i++) {
        gb_link *link = &self->links[i];
        if (link->bytes == 0)
            link->bytes = net->message_bytes;
        link->offset = self->buffer_bytes;
        self->buffer_bytes += gb_network_stride(link->bytes);
        self->sent_bytes += (double)link->bytes;
    }
    if ((self->out = gb_network_alloc(net, self->buffer_bytes)) == NULL ||
        (self->in = gb_network_alloc(net, self->buffer_bytes)) == NULL)
        return GB_ERR_NO_MEMORY;
    for (int32_t i = 0; i < self->link_count; i++)
        gb_message_fill(self->out + self->links[i].offset, self->links[i].bytes,
                        key_of(self, net->mpi->rank, i));
    return GB_OK;
}

gb_status gb_exchange_rearm(gb_instance *self) {
    memset(self->in, 0, self->buffer_bytes);
    return GB_OK;
}

/* The tag is the sender's link: a rank may be a neighbour on several. */
static int post_receives(gb_instance *self) {
    int code = MPI_SUCCESS;

    for (int32_t i = 0; i < self->link_count && code == MPI_SUCCESS; i++) {
        const gb_link *link = &self->links[i];
        code = MPI_Irecv(self->in + link->offset, (int)link->bytes, MPI_BYTE,
                         link->peer, link->opposite, self->net.mpi->comm,
                         &self->requests[i]);
    }
    return code;
}

static int post_sends(gb_instance *self) {
    const int32_t numbered = numbered_link(self, self->number);
    int code = MPI_SUCCESS;

    gb_message_number(self->out + self->links[numbered].offset,
                      self->links[numbered].bytes, self->number);
    for (int32_t i = 0; i < self->link_count && code == MPI_SUCCESS; i++) {
        const gb_link *link = &self->links[i];
        code = MPI_Isend(self->out + link->offset, (int)link->bytes, MPI_BYTE,
                         link->peer, i, self->net.mpi->comm,
                         &self->requests[self->link_count + i]);
    }
    return code;
}

static int exchange_once(gb_instance *self) {
    self->number++;
    int code = post_receives(self);
    if (code == MPI_SUCCESS)
        code = post_sends(self);
    if (code == MPI_SUCCESS)
        code = MPI_Waitall(2 * self->link_count, self->requests,
                           MPI_STATUSES_IGNORE);
    const int32_t numbered = numbered_link(self, self->number);
    const gb_link *from = &self->links[self->links[numbered].opposite];
    self->mismatches += !gb_message_has_number(self->in + from->offset,
                                               from->bytes, self->number);
    return code;
}

gb_status gb_exchange_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    int code = MPI_SUCCESS;

    self->mismatches = 0;
    for (uint64_t k = 0; k < iterations && code == MPI_SUCCESS; k++)
        code = exchange_once(self);
    if (code != MPI_SUCCESS)
        return gb_network_fail_mpi(&self->net, code);
    work->done = (double)iterations * self->sent_bytes;
    const size_t middle = self->links[0].bytes / 2;
    work->checksum = self->in[middle];
    GB_WORK_SET(work, network_bytes, work->done);
    GB_WORK_SET(work, messages, (double)iterations * self->link_count);
    if (self->link_count == 1)
        GB_WORK_SET_PEER(work, self->links[0].peer);
    return GB_OK;
}

gb_status gb_exchange_verify(gb_instance *self) {
    gb_status status = gb_network_check_order(&self->net, self->mismatches);

    for (int32_t i = 0; i < self->link_count && status == GB_OK; i++) {
        const gb_link *link = &self->links[i];
        status =
            gb_network_check(&self->net, self->in + link->offset, link->bytes,
                             key_of(self, link->peer, link->opposite),
                             last_number(self, link->opposite), link->peer);
    }
    return status;
}
