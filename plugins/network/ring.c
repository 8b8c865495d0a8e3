/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.ring: every rank sends a message to its left and to its right
 * neighbour on a ring and receives one from each, all ranks at once.
 *
 * The pattern of the effective bandwidth benchmark b_eff, which HPCC took over
 * as its naturally and randomly ordered ring. In natural order most neighbours
 * share a node; in random order most messages of a large run leave theirs.
 */
#include <stdbool.h>

#include "exchange.h"
#include "layout.h"

enum { TO_LEFT, TO_RIGHT };

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of each message", "1MiB"),
    {"order", "of the ranks around the ring", "natural", "natural|random"},
    {"seed", "which of the random orders", "1", "1..1000000"},
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static gb_status connect_ring(gb_instance *self, const gb_params *values) {
    const gb_host *host = self->net.host;
    const gb_ext_mpi *mpi = self->net.mpi;
    const int32_t size = mpi->size;
    const bool random =
        strcmp(host->param_text(values, "order"), "random") == 0;
    int32_t crossing = 0;
    int32_t *order =
        host->alloc(host, (size_t)size * sizeof(*order), sizeof(void *));

    if (order == NULL)
        return GB_ERR_NO_MEMORY;
    gb_layout_ring(size, random, host->param_u64(values, "seed"), order);
    const int32_t at = gb_layout_place(order, size, mpi->rank);
    self->link_count = 2;
    self->links[TO_LEFT] =
        (gb_link){.peer = order[(at + size - 1) % size], .opposite = TO_RIGHT};
    self->links[TO_RIGHT] =
        (gb_link){.peer = order[(at + 1) % size], .opposite = TO_LEFT};
    for (int32_t i = 0; i < size; i++)
        crossing += mpi->node_of_rank[order[i]] !=
                    mpi->node_of_rank[order[(i + 1) % size]];
    host->note(host, "neighbours", "%d of %d inter-node", (int)crossing,
               (int)size);
    host->free(host, order);
    return GB_OK;
}

static gb_status ring_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    return gb_exchange_create(host, values, 4.0, connect_ring, self_out);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.ring",
    .version = "1.0.0",
    .summary = "every rank to both neighbours on a ring of natural or random "
               "order",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = ring_create,
    .prepare = gb_exchange_prepare,
    .rearm = gb_exchange_rearm,
    .run = gb_exchange_run,
    .verify = gb_exchange_verify,
    .destroy = gb_exchange_destroy,
    .ranks_min = 2,
};
