/* SPDX-License-Identifier: Apache-2.0 */
/* Which ranks share a node. What a rank receives does not grow with their
 * number: rank 0 gets a key of each and sends back who is where as runs. */
#include <stdlib.h>

#include "machine/comm/mpi_comm.h"
#include "machine/comm/node_map.h"

/* FNV-1a, 64 bits: 4,096 nodes collide with a chance of 5e-13. */
static uint64_t hash_key(const char *key) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return hash;
}

/* Rank 0: the runs of all ranks; *count_out 0: out of memory. */
static gb_node_run *number_on_root(const gb_mpi_comm *self,
                                   const uint64_t *hashes,
                                   uint64_t *count_out) {
    const int size = self->base.size;
    gb_node_run *runs = malloc((size_t)size * sizeof(*runs));
    *count_out = 0;
    if (runs != NULL && hashes != NULL &&
        gb_node_number(hashes, size, self->node_of_rank) > 0)
        *count_out = gb_node_runs(self->node_of_rank, size, runs);
    return runs;
}

/* Fill in node_of_rank on all ranks, and how many nodes there are. */
static gb_status share_nodes(gb_mpi_comm *self, const char *node_key) {
    gb_comm *base = &self->base;
    const uint64_t mine = hash_key(node_key);
    uint64_t *hashes = NULL, count = 0;
    gb_node_run *runs = NULL;
    if (base->rank == 0)
        hashes = malloc((size_t)base->size * sizeof(*hashes));
    if (base->rank == 0 && hashes == NULL)
        MPI_Abort(self->world, 5); /* the others are already in the call */
    gb_status status = gb_mpi_checked(MPI_Gather(
        &mine, 1, MPI_UINT64_T, hashes, 1, MPI_UINT64_T, 0, self->world));
    if (base->rank == 0 && status == GB_OK)
        runs = number_on_root(self, hashes, &count);
    free(hashes);
    if (status == GB_OK)
        status =
            gb_mpi_checked(MPI_Bcast(&count, 1, MPI_UINT64_T, 0, self->world));
    if (status == GB_OK && count == 0)
        status = GB_ERR_NO_MEMORY;
    if (status == GB_OK && base->rank != 0) {
        runs = malloc(count * sizeof(*runs));
        if (runs == NULL)
            MPI_Abort(self->world, 5);
    }
    if (status == GB_OK)
        status = gb_mpi_checked(
            MPI_Bcast(runs, (int)count * 4, MPI_INT32_T, 0, self->world));
    if (status == GB_OK)
        base->node_count =
            gb_node_expand(runs, count, base->size, self->node_of_rank);
    free(runs);
    return status != GB_OK || base->node_count > 0 ? status : GB_ERR_INTERNAL;
}

/* Only its members take part, unlike in MPI_Comm_split(), which tells every
 * rank about every other. */
static gb_status make_group(const gb_mpi_comm *self, const int *ranks,
                            int count, int tag, MPI_Comm *comm_out) {
    MPI_Group world = MPI_GROUP_NULL, group = MPI_GROUP_NULL;
    int code = MPI_Comm_group(self->world, &world);
    if (code == MPI_SUCCESS)
        code = MPI_Group_incl(world, count, ranks, &group);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_create_group(self->world, group, tag, comm_out);
    if (group != MPI_GROUP_NULL)
        MPI_Group_free(&group);
    if (world != MPI_GROUP_NULL)
        MPI_Group_free(&world);
    return gb_mpi_checked(code);
}

static gb_status make_communicators(gb_mpi_comm *self) {
    gb_comm *base = &self->base;
    int *members =
        malloc((size_t)self->size_of_node[base->node_index] * sizeof(*members));
    int count = 0;
    if (members == NULL)
        MPI_Abort(self->world, 5); /* the others cannot do without this one */
    for (int rank = 0; rank < base->size; rank++)
        if (self->node_of_rank[rank] == base->node_index)
            members[count++] = rank;
    gb_status status = make_group(self, members, count, 0, &self->node);
    free(members);
    if (status != GB_OK)
        return status;
    MPI_Comm_rank(self->node, &base->node_rank);
    MPI_Comm_size(self->node, &base->node_size);
    return base->node_rank == 0
               ? make_group(self, self->leader_of_node, base->node_count, 1,
                            &self->leaders)
               : GB_OK;
}

gb_status gb_mpi_find_nodes(gb_mpi_comm *self, const char *node_key) {
    gb_comm *base = &self->base;
    self->node_of_rank = malloc((size_t)base->size * sizeof(int32_t));
    if (self->node_of_rank == NULL)
        MPI_Abort(self->world, 5);
    gb_status status = share_nodes(self, node_key);
    if (status != GB_OK)
        return status;
    const size_t nodes = (size_t)base->node_count;
    self->leader_of_node = malloc(nodes * sizeof(int));
    self->size_of_node = calloc(nodes, sizeof(int));
    if (self->leader_of_node == NULL || self->size_of_node == NULL)
        MPI_Abort(self->world, 5);
    for (int rank = 0; rank < base->size; rank++) {
        const int32_t node = self->node_of_rank[rank];
        if (self->size_of_node[node]++ == 0)
            self->leader_of_node[node] = rank;
    }
    base->node_of_rank = self->node_of_rank;
    base->leader_of_node = self->leader_of_node;
    base->node_index = self->node_of_rank[base->rank];
    return make_communicators(self);
}
