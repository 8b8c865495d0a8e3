/* SPDX-License-Identifier: Apache-2.0 */
/* One process alone: every collective call is its own answer. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/comm/comm.h"

static const int32_t only_node[1] = {0};
static const int only_leader[1] = {0};

static gb_status single_barrier(gb_comm *comm) {
    (void)comm;
    return GB_OK;
}

static gb_status single_bcast(gb_comm *comm, void *data, size_t bytes,
                              int root) {
    (void)comm;
    (void)data;
    (void)bytes;
    (void)root;
    return GB_OK;
}

static gb_status copy_own(const void *send, size_t bytes, void *recv) {
    if (bytes > 0 && recv != NULL)
        memcpy(recv, send, bytes);
    return GB_OK;
}

static gb_status single_gather(gb_comm *comm, const void *send, size_t bytes,
                               void *recv) {
    (void)comm;
    return copy_own(send, bytes, recv);
}

static gb_status single_gatherv(gb_comm *comm, const void *send, size_t bytes,
                                void **recv_out, size_t *sizes) {
    (void)comm;
    void *copy = malloc(bytes + 1);
    if (copy == NULL)
        return GB_ERR_NO_MEMORY;
    *recv_out = copy;
    sizes[0] = bytes;
    return copy_own(send, bytes, copy);
}

static gb_status single_node(gb_comm *comm, const void *send, size_t bytes,
                             void *recv) {
    (void)comm;
    return copy_own(send, bytes, recv);
}

static gb_status single_node_bcast(gb_comm *comm, void *data, size_t bytes) {
    return single_bcast(comm, data, bytes, 0);
}

static gb_status single_f64(gb_comm *comm, double *values, size_t count) {
    (void)comm;
    (void)values;
    (void)count;
    return GB_OK;
}

static gb_status single_i64(gb_comm *comm, int64_t *values, size_t count) {
    (void)comm;
    (void)values;
    (void)count;
    return GB_OK;
}

static const void *single_plugin_open(gb_comm *comm) {
    (void)comm;
    return NULL;
}

static void single_plugin_close(gb_comm *comm, const void *ext) {
    (void)comm;
    (void)ext;
}

static gb_status single_plugin_fine(gb_comm *comm, const void *ext,
                                    gb_error *err) {
    (void)comm;
    (void)ext;
    (void)err;
    return GB_OK;
}

static void single_abort(gb_comm *comm, int code) {
    (void)comm;
    exit(code);
}

static void single_close(gb_comm *comm) {
    free(comm);
}

static gb_status single_clock_offsets(gb_comm *comm, int round_trips,
                                      double *offset_s, double *bound_s) {
    (void)comm;
    (void)round_trips;
    offset_s[0] = bound_s[0] = 0.0;
    return GB_OK;
}

static gb_status single_leaders(gb_comm *comm, gb_comm **leaders_out) {
    (void)comm;
    return gb_comm_open_single(leaders_out, NULL);
}

static gb_status single_open_together(gb_comm *comm, gb_any_function *set,
                                      int64_t access) {
    (void)comm;
    (void)set;
    (void)access;
    return GB_ERR_UNSUPPORTED;
}

static const gb_comm_ops single_ops = {
    .name = "single",
    .barrier = single_barrier,
    .node_barrier = single_barrier,
    .bcast = single_bcast,
    .gather = single_gather,
    .gatherv = single_gatherv,
    .node_gather = single_node,
    .node_scatter = single_node,
    .node_bcast = single_node_bcast,
    .max_f64 = single_f64,
    .min_f64 = single_f64,
    .sum_f64 = single_f64,
    .max_i64 = single_i64,
    .clock_offsets = single_clock_offsets,
    .leaders = single_leaders,
    .open_together = single_open_together,
    .plugin_open = single_plugin_open,
    .plugin_close = single_plugin_close,
    .plugin_intact = single_plugin_fine,
    .plugin_drained = single_plugin_fine,
    .abort = single_abort,
    .close = single_close,
};

gb_status gb_comm_open_single(gb_comm **comm_out, gb_error *err) {
    gb_comm *comm = calloc(1, sizeof(*comm));
    if (comm == NULL)
        return gb_fail_memory(err, "the communicator");
    *comm = (gb_comm){
        .ops = &single_ops,
        .size = 1,
        .node_count = 1,
        .node_size = 1,
        .node_of_rank = only_node,
        .leader_of_node = only_leader,
    };
    gb_copy(comm->library, sizeof(comm->library), "none");
    *comm_out = comm;
    return GB_OK;
}
