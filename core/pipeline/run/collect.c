/* SPDX-License-Identifier: Apache-2.0 */
/* What the ranks know, brought to rank 0 as raw bytes: all ranks run the same
 * binary, so structs travel as they lie in memory. */
#include "pipeline/run/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

gb_status gb_run_agree_sink(const gb_run_env *env, gb_status status,
                            const char *what, gb_error *err) {
    gb_error local = {.rank = -1};
    if (status != GB_OK)
        gb_fail(&local, status, NULL, "cannot record %s", what);
    status = gb_comm_agree(env->comm, status, &local);
    if (status != GB_OK && err != NULL)
        *err = local;
    return status;
}

/* --- the session ---------------------------------------------------------- */

static gb_status unpack_node(const unsigned char *bytes, size_t size,
                             gb_node *node, gb_error *err) {
    if (size < sizeof(*node))
        return gb_fail(err, GB_ERR_INTERNAL, NULL,
                       "expected a node's facts, got %zu bytes", size);
    memcpy(node, bytes, sizeof(*node));
    const size_t domain_bytes = node->domain_count * sizeof(*node->domains);
    node->domains = NULL;
    if (size != sizeof(*node) + domain_bytes)
        return gb_fail(err, GB_ERR_INTERNAL, NULL,
                       "expected %zu energy domains in %zu bytes",
                       node->domain_count, size);
    node->domains = malloc(domain_bytes + 1);
    if (node->domains == NULL)
        return gb_fail_memory(err, "a node's energy domains");
    if (domain_bytes > 0)
        memcpy(node->domains, bytes + sizeof(*node), domain_bytes);
    return GB_OK;
}

static gb_status gather_nodes(const gb_run_env *env, const gb_stage *stage,
                              gb_session *session, gb_error *err) {
    gb_comm *comm = env->comm;
    unsigned char *packed = NULL;
    size_t packed_size = 0;
    void *all = NULL;
    size_t *sizes = NULL;
    gb_status status = GB_OK;

    if (comm->node_rank == 0) {
        const size_t domain_bytes =
            stage->node.domain_count * sizeof(*stage->node.domains);
        packed_size = sizeof(stage->node) + domain_bytes;
        packed = malloc(packed_size);
        if (packed == NULL) {
            status = gb_fail_memory(err, "this node's facts");
        } else {
            memcpy(packed, &stage->node, sizeof(stage->node));
            if (domain_bytes > 0)
                memcpy(packed + sizeof(stage->node), stage->node.domains,
                       domain_bytes);
        }
    }
    if (comm->rank == 0) {
        sizes = calloc((size_t)comm->size, sizeof(*sizes));
        session->nodes =
            calloc((size_t)comm->node_count, sizeof(*session->nodes));
        if (sizes == NULL || session->nodes == NULL)
            status = gb_fail_memory(err, "the table of nodes");
    }
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        goto done;
    status = comm->ops->gatherv(comm, packed, packed_size, &all, sizes);
    if (comm->rank != 0 || status != GB_OK)
        goto done;

    session->node_count = (size_t)comm->node_count;
    const unsigned char *at = all;
    for (int rank = 0; rank < comm->size && status == GB_OK; rank++) {
        if (sizes[rank] > 0)
            status =
                unpack_node(at, sizes[rank],
                            &session->nodes[comm->node_of_rank[rank]], err);
        at += sizes[rank];
    }
done:
    free(all);
    free(sizes);
    free(packed);
    return status;
}

/* No figure needs it, since windows are each node's own; but who lays time
 * stamps of several nodes side by side must know. */
static gb_status compare_clocks(gb_comm *comm, gb_session *session,
                                gb_error *err) {
    const size_t count = (size_t)comm->node_count;
    if (count < 2)
        return GB_OK;
    double *offset_s = calloc(2 * count, sizeof(*offset_s));
    gb_status status =
        offset_s != NULL ? GB_OK : gb_fail_memory(err, "the clocks");
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->clock_offsets(comm, GB_CLOCK_ROUND_TRIPS, offset_s,
                                          offset_s + count);
    for (size_t n = 0; status == GB_OK && comm->rank == 0 && n < count; n++) {
        session->nodes[n].clock_offset_s = offset_s[n];
        session->nodes[n].clock_offset_bound_s = offset_s[count + n];
    }
    free(offset_s);
    return status;
}

gb_status gb_collect_session(const gb_run_env *env, const gb_stage *stage,
                             gb_session *session, gb_error *err) {
    gb_comm *comm = env->comm;
    gb_status status = gather_nodes(env, stage, session, err);
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = compare_clocks(comm, session, err);
    if (status != GB_OK)
        return status;

    gb_rank_place place = {
        .node = (uint32_t)comm->node_index,
        .core_count = stage->share.core_count,
    };
    gb_cpu_mask_text(&stage->share.cores, place.cpus, sizeof(place.cpus));
    if (comm->rank == 0) {
        session->ranks = (uint32_t)comm->size;
        session->places = calloc((size_t)comm->size, sizeof(*session->places));
        if (session->places == NULL)
            status = gb_fail_memory(err, "the table of ranks");
        gb_copy(session->mpi, sizeof(session->mpi), comm->library);
    }
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        return status;
    return comm->ops->gather(comm, &place, sizeof(place),
                             comm->rank == 0 ? session->places : NULL, 0);
}

/* --- one window ----------------------------------------------------------- */

/* rep, counters, window, then the rows. */
static size_t parcel_size(const gb_stage *stage, size_t row_count) {
    return sizeof(gb_rank_rep) + stage->counter_count * sizeof(uint64_t) +
           sizeof(gb_node_window) + sizeof(gb_node_condition) +
           row_count * sizeof(gb_sample);
}

static void put(unsigned char **at, const void *from, size_t bytes) {
    if (bytes > 0 && from != NULL)
        memcpy(*at, from, bytes);
    *at += bytes;
}

static unsigned char *pack_parcel(const gb_stage *stage,
                                  const gb_window_parcel *parcel,
                                  const gb_sample *rows, size_t row_count) {
    unsigned char *packed = calloc(1, parcel_size(stage, row_count));
    if (packed == NULL)
        return NULL;
    unsigned char *at = packed;
    put(&at, parcel->rep, sizeof(gb_rank_rep));
    put(&at, parcel->counters, stage->counter_count * sizeof(uint64_t));
    put(&at, &parcel->window, sizeof(parcel->window));
    put(&at, &parcel->condition, sizeof(parcel->condition));
    put(&at, rows, row_count * sizeof(*rows));
    return packed;
}

static gb_status unpack_parcels(const gb_run_env *env, const gb_stage *stage,
                                const unsigned char *all, const size_t *sizes,
                                const gb_window_yield *yield) {
    const gb_comm *comm = env->comm;
    const size_t counter_bytes = stage->counter_count * sizeof(uint64_t);
    const size_t fixed = parcel_size(stage, 0);
    gb_status status = GB_OK;

    for (int rank = 0; rank < comm->size && status == GB_OK; rank++) {
        const unsigned char *at = all;
        const size_t row_count = (sizes[rank] - fixed) / sizeof(gb_sample);
        if (yield->reps != NULL)
            memcpy(&yield->reps[rank], at, sizeof(yield->reps[rank]));
        at += sizeof(gb_rank_rep);
        if (yield->counters != NULL && counter_bytes > 0)
            memcpy(yield->counters + (size_t)rank * stage->counter_count, at,
                   counter_bytes);
        at += counter_bytes;
        const int node = comm->node_of_rank[rank];
        const bool leader = comm->leader_of_node[node] == rank;
        if (leader && yield->windows != NULL)
            memcpy(&yield->windows[node], at, sizeof(gb_node_window));
        at += sizeof(gb_node_window);
        if (leader && yield->conditions != NULL)
            memcpy(&yield->conditions[node], at, sizeof(gb_node_condition));
        at += sizeof(gb_node_condition);
        if (row_count > 0) {
            /* Copied out: rows in the buffer need not be aligned. */
            gb_sample *rows = malloc(row_count * sizeof(*rows));
            if (rows == NULL)
                return GB_ERR_NO_MEMORY;
            memcpy(rows, at, row_count * sizeof(*rows));
            status = env->sink->samples(env->sink->ctx, rows, row_count);
            free(rows);
        }
        all += sizes[rank];
    }
    return status;
}

gb_status gb_collect_window(const gb_run_env *env, gb_stage *stage,
                            const gb_window_parcel *parcel,
                            const gb_window_yield *yield, gb_error *err) {
    gb_comm *comm = env->comm;
    size_t row_count = 0;
    gb_sample *rows = stage->sampler != NULL
                          ? gb_sampler_drain(stage->sampler, &row_count)
                          : NULL;
    unsigned char *packed = pack_parcel(stage, parcel, rows, row_count);
    void *all = NULL;
    size_t *sizes = NULL;
    gb_status status =
        packed != NULL ? GB_OK : gb_fail_memory(err, "a window's results");

    free(rows);
    if (comm->rank == 0) {
        sizes = calloc((size_t)comm->size, sizeof(*sizes));
        if (sizes == NULL)
            status = gb_fail_memory(err, "a window's results");
    }
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->gatherv(comm, packed, parcel_size(stage, row_count),
                                    &all, sizes);
    gb_status sunk = GB_OK;
    if (status == GB_OK && comm->rank == 0)
        sunk = unpack_parcels(env, stage, all, sizes, yield);
    free(all);
    free(sizes);
    free(packed);
    if (status != GB_OK)
        return status;
    return gb_run_agree_sink(env, sunk, "the samples", err);
}
