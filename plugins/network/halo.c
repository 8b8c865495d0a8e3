/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.halo: the exchange of a stencil code's halo on a periodic grid of
 * ranks in three dimensions, as near to a cube as their number allows.
 *
 * Along an extent of 1 a rank would be its own neighbour: nothing is sent
 * there. With 26 neighbours an edge holds the square root of a face's numbers,
 * and a corner one number, of 8 bytes each.
 */
#include <math.h>

#include "exchange.h"
#include "layout.h"

_Static_assert(GB_DIRECTIONS_MAX <= GB_LINKS_MAX, "a link for each direction");

/* Six faces each way; from 16 KiB on all edges and corners are less than one
 * more, and below the memory is not in question. */
#define HELD 14.0

static const gb_param_decl params[] = {
    GB_NETWORK_MESSAGE_BYTES("size of the message for a face", "64KiB"),
    {"neighbours", "faces alone, or edges and corners too", "6", "6|26"},
};

static const char *const needs[] = {GB_EXT_MPI, NULL};

static size_t bytes_of(size_t face_bytes, int32_t moves) {
    const size_t number = sizeof(double);
    size_t bytes = face_bytes;

    if (moves == 2)
        bytes = number * (size_t)sqrt((double)face_bytes / (double)number);
    if (moves == 3)
        bytes = number;
    return bytes < number || bytes > face_bytes ? face_bytes : bytes;
}

static gb_status connect_grid(gb_instance *self, const gb_params *values) {
    const gb_host *host = self->net.host;
    const gb_ext_mpi *mpi = self->net.mpi;
    const int32_t moves_max =
        host->param_u64(values, "neighbours") == 26 ? 3 : 1;
    gb_direction directions[GB_DIRECTIONS_MAX];
    int32_t extent[3] = {1, 1, 1};
    double crossing_bytes = 0.0, sent_bytes = 0.0;

    gb_layout_grid(mpi->size, extent);
    self->link_count = gb_layout_directions(extent, moves_max, directions);
    for (int32_t i = 0; i < self->link_count; i++) {
        const gb_direction *d = &directions[i];
        const size_t bytes = bytes_of(self->net.message_bytes, d->moves);
        self->links[i] = (gb_link){
            .peer = gb_layout_neighbour(extent, mpi->rank, d),
            .opposite = d->opposite,
            .bytes = bytes,
        };
        for (int32_t r = 0; r < mpi->size; r++) {
            const int32_t to = gb_layout_neighbour(extent, r, d);
            sent_bytes += (double)bytes;
            if (mpi->node_of_rank[r] != mpi->node_of_rank[to])
                crossing_bytes += (double)bytes;
        }
    }
    host->note(host, "grid", "%dx%dx%d", (int)extent[0], (int)extent[1],
               (int)extent[2]);
    host->note(host, "messages", "%d for each rank", (int)self->link_count);
    host->note(host, "inter_node", "%.1f %% of the bytes",
               100.0 * crossing_bytes / sent_bytes);
    return GB_OK;
}

static gb_status halo_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    return gb_exchange_create(host, values, HELD, connect_grid, self_out);
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "network.halo",
    .version = "1.0.0",
    .summary = "halo exchange with the neighbours on a periodic grid in 3-D",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = halo_create,
    .prepare = gb_exchange_prepare,
    .rearm = gb_exchange_rearm,
    .run = gb_exchange_run,
    .verify = gb_exchange_verify,
    .destroy = gb_exchange_destroy,
    .ranks_min = 2,
};
