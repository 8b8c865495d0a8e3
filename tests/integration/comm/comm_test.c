/* SPDX-License-Identifier: Apache-2.0 */
/* The MPI side of machine/comm, under mpirun with any number of ranks.
 * usage: gb_comm_test [RANKS_PER_NODE [cyclic]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/comm/comm.h"

static int failures;

#define EXPECT(condition)                                                      \
    do {                                                                       \
        if (!(condition)) {                                                    \
            failures++;                                                        \
            fprintf(stderr, "comm_test: line %d: %s\n", __LINE__, #condition); \
        }                                                                      \
    } while (0)

static void check_gather(gb_comm *comm) {
    int *all = malloc((size_t)comm->size * sizeof(*all));
    int mine = comm->rank * 3;
    EXPECT(comm->ops->gather(comm, &mine, sizeof(mine), all) == GB_OK);
    for (int i = 0; comm->rank == 0 && i < comm->size; i++)
        EXPECT(all[i] == i * 3);
    EXPECT(comm->ops->node_gather(comm, &mine, sizeof(mine), all) == GB_OK);
    for (int i = 0, k = 0; comm->node_rank == 0 && i < comm->size; i++)
        if (comm->node_of_rank[i] == comm->node_index)
            EXPECT(all[k++] == i * 3);
    EXPECT(comm->ops->node_scatter(comm, all, sizeof(mine), &mine) == GB_OK);
    EXPECT(mine == comm->rank * 3);
    free(all);
}

static void check_gatherv(gb_comm *comm) {
    /* Rank r sends r bytes, rank 0 none. */
    char *send = malloc((size_t)comm->size + 1);
    size_t *sizes = calloc((size_t)comm->size, sizeof(*sizes));
    void *all = NULL;
    memset(send, 'a' + comm->rank % 26, (size_t)comm->size);
    EXPECT(comm->ops->gatherv(comm, send, (size_t)comm->rank, &all, sizes) ==
           GB_OK);
    const char *at = all;
    for (int i = 0; comm->rank == 0 && i < comm->size; i++) {
        EXPECT(sizes[i] == (size_t)i);
        for (int k = 0; k < i; k++)
            EXPECT(*at++ == 'a' + i % 26);
    }
    free(all);
    all = NULL;

    /* From leaders alone, and more than goes in one piece. */
    const size_t most = 3u << 20;
    const size_t bytes = comm->node_rank == 0 ? most / (size_t)comm->size : 0;
    send = realloc(send, bytes + 1);
    memset(send, 'a' + comm->rank % 26, bytes);
    EXPECT(comm->ops->gatherv(comm, send, bytes, &all, sizes) == GB_OK);
    at = all;
    for (int i = 0; comm->rank == 0 && i < comm->size; i++) {
        const int node = comm->node_of_rank[i];
        EXPECT(sizes[i] == (comm->leader_of_node[node] == i ? bytes : 0));
        EXPECT(sizes[i] == 0 ||
               (at[0] == 'a' + i % 26 && at[sizes[i] - 1] == 'a' + i % 26));
        at += sizes[i];
    }
    free(all);
    free(sizes);
    free(send);
}

static void check_node_bcast(gb_comm *comm) {
    int64_t value = comm->node_rank == 0 ? 1000 + comm->node_index : -1;
    EXPECT(comm->ops->node_bcast(comm, &value, sizeof(value)) == GB_OK);
    EXPECT(value == 1000 + comm->node_index);
}

/* All ranks are on one machine here: no clock is far from another. */
static void check_clocks(gb_comm *comm) {
    double *offset_s = calloc((size_t)comm->node_count, sizeof(*offset_s));
    double *bound_s = calloc((size_t)comm->node_count, sizeof(*bound_s));
    EXPECT(comm->ops->clock_offsets(comm, 8, offset_s, bound_s) == GB_OK);
    for (int n = 0; comm->rank == 0 && n < comm->node_count; n++) {
        EXPECT(fabs(offset_s[n]) <= bound_s[n]);
        EXPECT((n == 0) == (bound_s[n] == 0.0) && bound_s[n] < 10.0);
    }
    free(offset_s);
    free(bound_s);
}

static void check_reductions(gb_comm *comm) {
    double values[2] = {comm->rank, -comm->rank};
    EXPECT(comm->ops->max_f64(comm, values, 2) == GB_OK);
    EXPECT(values[0] == comm->size - 1 && values[1] == 0);
    double one = 1.0;
    EXPECT(comm->ops->sum_f64(comm, &one, 1) == GB_OK);
    EXPECT(one == comm->size);
    double least = comm->rank + 5;
    EXPECT(comm->ops->min_f64(comm, &least, 1) == GB_OK);
    EXPECT(least == 5);
}

/* The last two ranks fail; all hear of the worst, and of its lowest rank. */
static void check_agree(gb_comm *comm) {
    gb_error err = {0};
    gb_status status = GB_OK;
    EXPECT(gb_comm_agree(comm, GB_OK, &err) == GB_OK);
    if (comm->rank == comm->size - 1)
        status = gb_fail(&err, GB_ERR_VERIFY, "look", "bad %d", comm->rank);
    status = gb_comm_agree(comm, status, &err);
    EXPECT(status == GB_ERR_VERIFY);
    EXPECT(err.rank == comm->size - 1);
    char want[32];
    snprintf(want, sizeof(want), "bad %d", comm->size - 1);
    EXPECT(strcmp(err.what, want) == 0);
    EXPECT(strcmp(err.hint, "look") == 0);
    err = (gb_error){0};
    status = gb_fail(&err, GB_ERR_IO, NULL, "all of rank %d", comm->rank);
    EXPECT(gb_comm_agree(comm, status, &err) == GB_ERR_IO);
    EXPECT(err.rank == 0 && strcmp(err.what, "all of rank 0") == 0);

    int64_t values[2] = {comm->rank, -comm->rank};
    EXPECT(gb_comm_agree_max(comm, GB_OK, values, 2, &err) == GB_OK);
    EXPECT(values[0] == comm->size - 1 && values[1] == 0);
    values[0] = comm->rank;
    status = comm->rank == 0 ? gb_fail(&err, GB_ERR_IO, NULL, "one") : GB_OK;
    EXPECT(gb_comm_agree_max(comm, status, values, 1, &err) == GB_ERR_IO);
    EXPECT(values[0] == comm->size - 1 && strcmp(err.what, "one") == 0);
}

static int node_of(int rank, int size, int per_node, bool cyclic) {
    return cyclic ? rank % ((size + per_node - 1) / per_node) : rank / per_node;
}

static void check_nodes(gb_comm *comm, int per_node, bool cyclic) {
    int before = 0;
    EXPECT(comm->node_count == (comm->size + per_node - 1) / per_node);
    for (int i = 0; i < comm->size; i++) {
        const int node = node_of(i, comm->size, per_node, cyclic);
        EXPECT(comm->node_of_rank[i] == node);
        before += i < comm->rank && node == comm->node_index;
    }
    EXPECT(comm->node_index == comm->node_of_rank[comm->rank]);
    EXPECT(comm->node_rank == before);
    for (int node = 0; node < comm->node_count; node++)
        EXPECT(comm->leader_of_node[node] == (cyclic ? node : node * per_node));
}

int main(int argc, char **argv) {
    gb_comm *comm = NULL;
    gb_error err = {0};
    char key[16];
    const int per_node = argc > 1 ? atoi(argv[1]) : 2;
    const bool cyclic = argc > 2;
    /* Pretend that so many ranks are a node. */
    snprintf(key, sizeof(key), "node-%d",
             node_of(gb_comm_rank_from_environment(),
                     gb_comm_size_from_environment(), per_node, cyclic));
    if (gb_comm_open(&argc, &argv, key, &comm, &err) != GB_OK) {
        fprintf(stderr, "comm_test: %s\n", err.what);
        return 1;
    }
    check_nodes(comm, per_node, cyclic);
    check_gather(comm);
    check_gatherv(comm);
    check_node_bcast(comm);
    check_clocks(comm);
    check_reductions(comm);
    check_agree(comm);
    double all = failures;
    comm->ops->sum_f64(comm, &all, 1);
    gb_comm_close(comm);
    return all > 0.0;
}
