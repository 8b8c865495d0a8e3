/* SPDX-License-Identifier: Apache-2.0 */
/* The MPI side of machine/comm, under mpirun with any number of ranks. */
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
    EXPECT(comm->ops->gather(comm, &mine, sizeof(mine), all, 0) == GB_OK);
    for (int i = 0; comm->rank == 0 && i < comm->size; i++)
        EXPECT(all[i] == i * 3);
    EXPECT(comm->ops->node_gather(comm, &mine, sizeof(mine), all) == GB_OK);
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
    free(sizes);
    free(send);
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
}

static void check_nodes(gb_comm *comm, int per_node) {
    EXPECT(comm->node_count == (comm->size + per_node - 1) / per_node);
    EXPECT(comm->node_index == comm->rank / per_node);
    EXPECT(comm->node_rank == comm->rank % per_node);
    for (int node = 0; node < comm->node_count; node++)
        EXPECT(comm->leader_of_node[node] == node * per_node);
}

int main(int argc, char **argv) {
    gb_comm *comm = NULL;
    gb_error err = {0};
    char key[16];
    /* Pretend that every two ranks are a node. */
    snprintf(key, sizeof(key), "node-%d", gb_comm_rank_from_environment() / 2);
    if (gb_comm_open(&argc, &argv, key, &comm, &err) != GB_OK) {
        fprintf(stderr, "comm_test: %s\n", err.what);
        return 1;
    }
    check_nodes(comm, 2);
    check_gather(comm);
    check_gatherv(comm);
    check_reductions(comm);
    check_agree(comm);
    double all = failures;
    comm->ops->sum_f64(comm, &all, 1);
    gb_comm_close(comm);
    return all > 0.0;
}
