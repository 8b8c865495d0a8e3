/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.bisection: the ranks in two halves, each rank with a partner in the
 * other half, a message each way between all partners at once.
 *
 * The ranks are cut in the order of their nodes, so that the cut goes between
 * nodes, or through one where a half of them does not fill whole nodes.
 */
#include "exchange.h"
#include "layout.h"

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of each message", "1MiB"),
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static gb_status connect_halves(gb_instance *self, const gb_params *values) {
    const gb_host *host = self->net.host;
    const gb_ext_mpi *mpi = self->net.mpi;
    const int32_t half = mpi->size / 2;
    int32_t crossing = 0;
    int32_t *order = gb_network_sort_ranks(&self->net);

    (void)values;
    if (order == NULL)
        return GB_ERR_NO_MEMORY;
    const int32_t at = gb_layout_place(order, mpi->size, mpi->rank);
    self->link_count = 1;
    self->links[0].peer = order[(at + half) % mpi->size];
    for (int32_t i = 0; i < half; i++)
        crossing +=
            mpi->node_of_rank[order[i]] != mpi->node_of_rank[order[i + half]];
    host->note(host, "pairs", "%d of %d inter-node", (int)crossing, (int)half);
    host->free(host, order);
    return GB_OK;
}

static gb_status bisection_create(const gb_host *host, const gb_params *values,
                                  gb_instance **self_out) {
    return gb_exchange_create(host, values, 2.0, connect_halves, self_out);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.bisection",
    .version = "1.0.0",
    .summary = "all ranks of one half of the nodes with those of the other",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = bisection_create,
    .prepare = gb_exchange_prepare,
    .rearm = gb_exchange_rearm,
    .run = gb_exchange_run,
    .verify = gb_exchange_verify,
    .destroy = gb_exchange_destroy,
    .ranks_min = 2,
    .ranks_multiple = 2,
};
