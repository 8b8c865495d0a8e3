/* SPDX-License-Identifier: Apache-2.0 */
/* What the ranks know, brought to rank 0 as raw bytes: all ranks run the same
 * binary, so structs travel as they lie in memory. */
#include "pipeline/run/stage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

gb_status gb_run_agree_sink(const gb_run_env *env, gb_status status,
                            const char *what, gb_error *err) {
    gb_error local = {.rank = -1};
    if (status == GB_ERR_MPI) /* nobody can be asked any more */
        return gb_fail(err, status, NULL,
                       "cannot gather %s: an MPI call failed", what);
    if (status == GB_ERR_NO_MEMORY)
        gb_fail_memory(&local, what);
    else if (status != GB_OK)
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
    status = comm->ops->gather(comm, &place, sizeof(place),
                               comm->rank == 0 ? session->places : NULL);
    if (status == GB_ERR_NO_MEMORY)
        gb_fail_memory(err, "the table of ranks");
    return gb_comm_agree(comm, status, err);
}

/* --- one window ----------------------------------------------------------- */

/* What each rank did: result and counts. What its node did, from the leader:
 * window, condition, then the rows.
 *
 * Rank 0 takes in what every rank did, and most of what a rank could tell is 0.
 * So words of 8 bytes travel without those that are: before them, a bit for
 * each says which are there. */
#define WORD_BYTES sizeof(uint64_t)
#define REP_WORDS  (sizeof(gb_rank_rep) / WORD_BYTES)
#define ROW_WORDS  (sizeof(gb_sample) / WORD_BYTES)

static_assert(sizeof(gb_rank_rep) % WORD_BYTES == 0,
              "a rank's result is made of words");
static_assert(sizeof(gb_sample) % WORD_BYTES == 0, "and so is a sample");

static size_t mask_bytes(size_t words) {
    return (words + 7) / 8;
}

/* The least and the most that a rank's part may take. */
static size_t least_rank_bytes(const gb_stage *stage, bool with_rep) {
    return with_rep ? mask_bytes(REP_WORDS) + mask_bytes(stage->counter_count)
                    : 0;
}

static size_t most_rank_bytes(const gb_stage *stage, bool with_rep) {
    return least_rank_bytes(stage, with_rep) +
           (with_rep ? (REP_WORDS + stage->counter_count) * WORD_BYTES : 0);
}

#define NODE_BYTES                                                             \
    (sizeof(gb_node_window) + sizeof(gb_node_condition) + sizeof(uint64_t))

static size_t most_row_bytes(size_t row_count) {
    return mask_bytes(row_count * ROW_WORDS) + row_count * sizeof(gb_sample);
}

static void put(unsigned char **at, const void *from, size_t bytes) {
    if (bytes > 0)
        memcpy(*at, from, bytes);
    *at += bytes;
}

static void take(const unsigned char **at, void *to, size_t bytes) {
    if (bytes > 0 && to != NULL)
        memcpy(to, *at, bytes);
    *at += bytes;
}

static void put_words(unsigned char **at, const void *from, size_t words) {
    unsigned char *mask = *at;
    memset(mask, 0, mask_bytes(words));
    *at += mask_bytes(words);
    for (size_t i = 0; i < words; i++) {
        uint64_t word = 0;
        memcpy(&word, (const char *)from + i * WORD_BYTES, WORD_BYTES);
        if (word == 0)
            continue;
        mask[i / 8] |= (unsigned char)(1u << i % 8);
        put(at, &word, WORD_BYTES);
    }
}

static void take_words(const unsigned char **at, void *to, size_t words) {
    const unsigned char *mask = *at;
    *at += mask_bytes(words);
    for (size_t i = 0; i < words; i++) {
        uint64_t word = 0;
        if ((mask[i / 8] >> i % 8 & 1u) != 0)
            take(at, &word, WORD_BYTES);
        memcpy((char *)to + i * WORD_BYTES, &word, WORD_BYTES);
    }
}

static unsigned char *pack_parcel(const gb_run_env *env, const gb_stage *stage,
                                  const gb_window_parcel *parcel,
                                  const gb_sample *rows, size_t row_count,
                                  size_t *size_out) {
    const bool leader = env->comm->node_rank == 0;
    unsigned char *packed =
        malloc(most_rank_bytes(stage, parcel->rep != NULL) +
               (leader ? NODE_BYTES + most_row_bytes(row_count) : 0) + 1);
    if (packed == NULL)
        return NULL;
    unsigned char *at = packed;
    if (parcel->rep != NULL) {
        put_words(&at, parcel->rep, REP_WORDS);
        put_words(&at, parcel->counters, stage->counter_count);
    }
    if (leader) {
        put(&at, &parcel->window, sizeof(parcel->window));
        put(&at, &parcel->condition, sizeof(parcel->condition));
        const uint64_t count = row_count;
        put(&at, &count, sizeof(count));
        put_words(&at, rows, row_count * ROW_WORDS);
    }
    *size_out = (size_t)(at - packed);
    return packed;
}

static gb_status unpack_node_part(const gb_run_env *env,
                                  const unsigned char *at, int node,
                                  const gb_window_yield *yield) {
    uint64_t row_count = 0;
    gb_status status = GB_OK;
    take(&at, yield->windows != NULL ? &yield->windows[node] : NULL,
         sizeof(*yield->windows));
    take(&at, yield->conditions != NULL ? &yield->conditions[node] : NULL,
         sizeof(*yield->conditions));
    take(&at, &row_count, sizeof(row_count));
    if (row_count == 0)
        return GB_OK;
    gb_sample *rows = malloc(row_count * sizeof(*rows));
    if (rows == NULL)
        return GB_ERR_NO_MEMORY;
    take_words(&at, rows, row_count * ROW_WORDS);
    status = env->sink->samples(env->sink->ctx, rows, row_count);
    free(rows);
    return status;
}

static gb_status unpack_parcels(const gb_run_env *env, const gb_stage *stage,
                                const unsigned char *all, const size_t *sizes,
                                const gb_window_yield *yield) {
    const gb_comm *comm = env->comm;
    const size_t counts = stage->counter_count;
    gb_status status = GB_OK;

    for (int rank = 0; rank < comm->size && status == GB_OK; rank++) {
        const unsigned char *at = all;
        if (yield->reps != NULL) {
            take_words(&at, &yield->reps[rank], REP_WORDS);
            take_words(&at, yield->counters + (size_t)rank * counts, counts);
        }
        const int node = comm->node_of_rank[rank];
        if (comm->leader_of_node[node] == rank)
            status = unpack_node_part(env, at, node, yield);
        all += sizes[rank];
    }
    return status;
}

/* A rank that had no memory for its parcel has sent an empty one. */
static bool whole(const gb_run_env *env, const gb_stage *stage,
                  const gb_window_parcel *parcel, const size_t *sizes) {
    const gb_comm *comm = env->comm;
    const size_t own_bytes = least_rank_bytes(stage, parcel->rep != NULL);
    for (int rank = 0; rank < comm->size; rank++) {
        const bool leader =
            comm->leader_of_node[comm->node_of_rank[rank]] == rank;
        if (sizes[rank] < own_bytes + (leader ? NODE_BYTES : 0))
            return false;
    }
    return true;
}

/* What rank 0 gets of them, this node may be asked for once more. */
static void keep_rows(const gb_run_env *env, gb_stage *stage,
                      const gb_sample *rows, size_t count) {
    if (env->rows_kept == 0 || count == 0)
        return;
    const size_t needed = stage->row_count + count;
    gb_sample *more = stage->rows;
    if (needed > stage->row_capacity && !stage->rows_lost) {
        stage->row_capacity = 2 * needed;
        more = needed <= env->rows_kept
                   ? realloc(stage->rows, stage->row_capacity * sizeof(*more))
                   : NULL;
    }
    stage->rows_lost = stage->rows_lost || more == NULL;
    if (stage->rows_lost) {
        free(stage->rows);
        more = NULL;
    } else {
        memcpy(more + stage->row_count, rows, count * sizeof(*rows));
    }
    stage->rows = more;
    stage->row_count = needed;
}

gb_status gb_collect_window(const gb_run_env *env, gb_stage *stage,
                            const gb_window_parcel *parcel,
                            const gb_window_yield *yield) {
    gb_comm *comm = env->comm;
    size_t row_count = 0, size = 0;
    gb_sample *rows = stage->sampler != NULL
                          ? gb_sampler_drain(stage->sampler, &row_count)
                          : NULL;
    unsigned char *packed =
        pack_parcel(env, stage, parcel, rows, row_count, &size);
    void *all = NULL;

    keep_rows(env, stage, rows, row_count);
    free(rows);
    /* A rank without memory sends nothing, and all hear of it when they agree
     * on what the caller made of this. */
    const bool ready = packed != NULL;
    gb_status status = comm->ops->gatherv(comm, packed, ready ? size : 0, &all,
                                          stage->parcel_sizes);
    if (status == GB_OK && !ready)
        status = GB_ERR_NO_MEMORY;
    if (status == GB_OK && comm->rank == 0)
        status =
            whole(env, stage, parcel, stage->parcel_sizes)
                ? unpack_parcels(env, stage, all, stage->parcel_sizes, yield)
                : GB_ERR_NO_MEMORY;
    free(all);
    free(packed);
    return status;
}

gb_status gb_collect_costs(const gb_run_env *env, gb_stage *stage,
                           const gb_sampler_cost *cost,
                           gb_sampler_cost *costs) {
    gb_comm *comm = env->comm;
    void *all = NULL;
    const gb_status status =
        comm->ops->gatherv(comm, cost, comm->node_rank == 0 ? sizeof(*cost) : 0,
                           &all, stage->parcel_sizes);
    const unsigned char *at = all;
    for (int rank = 0; rank < comm->size && all != NULL; rank++)
        if (stage->parcel_sizes[rank] > 0)
            take(&at, &costs[comm->node_of_rank[rank]], sizeof(*costs));
    free(all);
    return status;
}
