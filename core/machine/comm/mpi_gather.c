/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of different size to rank 0, through each node's leader and a tree of
 * leaders. MPI_Gatherv is not used: libraries let every rank send to the root
 * itself, and none of them can tell beforehand that a root has no memory.
 *
 * A message up the tree is two: status and the size of every block below, then
 * the blocks. Who has no memory for the latter takes them in nevertheless, so
 * that nobody waits, and passes that on. */
#include <stdlib.h>
#include <string.h>

#include "machine/comm/mpi_comm.h"
#include "machine/comm/tree.h"

#define PIECE_BYTES ((size_t)1 << 20) /* longer blocks go in pieces */

/* With 16, a thousand nodes are three levels, and a block is sent on less than
 * three times; with 2 it would be five times on average. */
#define LEADER_RADIX 16

enum { TAG_SIZES = 0, TAG_BLOCKS = 1 };

/* The blocks of some ranks: a leader and what is below it, in order of node
 * and rank. */
typedef struct bundle {
    uint64_t *head;      /* status, then sizes [count] */
    size_t count;        /* so far */
    unsigned char *data; /* null: none, or no memory */
    size_t bytes;
} bundle;

static gb_status send_blocks(MPI_Comm world, int to, const unsigned char *data,
                             size_t bytes) {
    gb_status status = GB_OK;
    while (bytes > 0 && status == GB_OK) {
        const size_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
        status = gb_mpi_checked(
            MPI_Send(data, (int)piece, MPI_BYTE, to, TAG_BLOCKS, world));
        data += piece;
        bytes -= piece;
    }
    return status;
}

/* @param data  null: to be thrown away */
static gb_status receive_blocks(MPI_Comm world, int from, unsigned char *data,
                                size_t bytes) {
    static unsigned char thrown_away[PIECE_BYTES];
    gb_status status = GB_OK;
    while (bytes > 0 && status == GB_OK) {
        const size_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
        status = gb_mpi_checked(MPI_Recv(data != NULL ? data : thrown_away,
                                         (int)piece, MPI_BYTE, from, TAG_BLOCKS,
                                         world, MPI_STATUS_IGNORE));
        if (data != NULL)
            data += piece;
        bytes -= piece;
    }
    return status;
}

/* Room for @p bytes more; null: out of memory, and what there was is gone. */
static unsigned char *grow(bundle *all, size_t bytes) {
    unsigned char *data = all->head[0] == GB_OK
                              ? realloc(all->data, all->bytes + bytes + 1)
                              : NULL;
    if (data == NULL) {
        all->head[0] = GB_ERR_NO_MEMORY;
        free(all->data);
        all->data = NULL;
        return NULL;
    }
    all->data = data;
    data += all->bytes;
    all->bytes += bytes;
    return data;
}

/* Append what rank @p from has of @p ranks ranks. */
static gb_status receive(MPI_Comm world, int from, size_t ranks, bundle *all) {
    /* Its status lies where the last size of those before it is. */
    uint64_t *head = all->head + all->count;
    const uint64_t kept = head[0];
    size_t bytes = 0;
    gb_status status =
        gb_mpi_checked(MPI_Recv(head, (int)ranks + 1, MPI_UINT64_T, from,
                                TAG_SIZES, world, MPI_STATUS_IGNORE));
    if (status != GB_OK)
        return status;
    const uint64_t theirs = head[0];
    head[0] = kept;
    for (size_t i = 1; i <= ranks; i++)
        bytes += head[i];
    all->count += ranks;
    if (theirs != GB_OK) {
        all->head[0] = theirs;
        return GB_OK; /* without blocks */
    }
    return receive_blocks(world, from, grow(all, bytes), bytes);
}

static size_t ranks_of_nodes(const gb_mpi_comm *self, int first, int end) {
    size_t ranks = 0;
    for (int node = first; node < end; node++)
        ranks += (size_t)self->size_of_node[node];
    return ranks;
}

/* Own block, those of the node's other ranks, those of leaders below. */
static gb_status receive_all(const gb_mpi_comm *self, const void *send,
                             size_t bytes, bundle *all) {
    const gb_comm *base = &self->base;
    const int nodes = base->node_count, me = base->node_index;
    gb_status status = GB_OK;

    all->head[0] = GB_OK;
    all->head[1] = bytes;
    all->count = 1;
    unsigned char *own = grow(all, bytes);
    if (own != NULL && bytes > 0)
        memcpy(own, send, bytes);
    for (int rank = base->rank + 1, left = base->node_size - 1;
         left > 0 && status == GB_OK; rank++)
        if (base->node_of_rank[rank] == me) {
            status = receive(self->world, rank, 1, all);
            left--;
        }
    for (int child = gb_tree_next_child(me, me, LEADER_RADIX, nodes);
         child >= 0 && status == GB_OK;
         child = gb_tree_next_child(me, child, LEADER_RADIX, nodes))
        status =
            receive(self->world, base->leader_of_node[child],
                    ranks_of_nodes(self, child,
                                   gb_tree_end(child, LEADER_RADIX, nodes)),
                    all);
    return status;
}

static gb_status pass_on(const gb_mpi_comm *self, const bundle *all) {
    const gb_comm *base = &self->base;
    const int to = base->node_rank != 0 ? base->leader_of_node[base->node_index]
                                        : base->leader_of_node[gb_tree_parent(
                                              base->node_index, LEADER_RADIX)];
    gb_status status =
        gb_mpi_checked(MPI_Send(all->head, (int)all->count + 1, MPI_UINT64_T,
                                to, TAG_SIZES, self->world));
    if (status == GB_OK && all->head[0] == GB_OK)
        status = send_blocks(self->world, to, all->data, all->bytes);
    return status;
}

/* Rank 0: blocks in order of node into blocks in order of rank. */
static gb_status sort_blocks(const gb_mpi_comm *self, bundle *all,
                             size_t *sizes) {
    const gb_comm *base = &self->base;
    const size_t size = (size_t)base->size, nodes = (size_t)base->node_count;
    size_t *at = calloc(size + nodes, sizeof(*at)); /* of blocks; of nodes */
    unsigned char *sorted = malloc(all->bytes + 1), *to = sorted;
    if (at == NULL || sorted == NULL) {
        free(at);
        free(sorted);
        return GB_ERR_NO_MEMORY;
    }
    size_t *next = at + size;
    for (size_t i = 1; i < size; i++)
        at[i] = at[i - 1] + all->head[i];
    for (size_t node = 1; node < nodes; node++)
        next[node] = next[node - 1] + (size_t)self->size_of_node[node - 1];
    for (size_t rank = 0; rank < size; rank++) {
        const size_t place = next[base->node_of_rank[rank]]++;
        sizes[rank] = all->head[1 + place];
        memcpy(to, all->data + at[place], sizes[rank]);
        to += sizes[rank];
    }
    free(at);
    free(all->data);
    all->data = sorted;
    return GB_OK;
}

gb_status gb_mpi_gatherv(gb_comm *comm, const void *send, size_t bytes,
                         void **recv_out, size_t *sizes) {
    const gb_mpi_comm *self = gb_mpi_self(comm);
    if (comm->node_rank != 0) {
        uint64_t head[2] = {GB_OK, bytes};
        bundle own = {.head = head, .count = 1, .bytes = bytes};
        memcpy(&own.data, &send, sizeof(send)); /* is only read */
        return pass_on(self, &own);
    }
    const size_t most = ranks_of_nodes(
        self, comm->node_index,
        gb_tree_end(comm->node_index, LEADER_RADIX, comm->node_count));
    bundle all = {.head = calloc(most + 1, sizeof(*all.head))};
    if (all.head == NULL)
        MPI_Abort(self->world, 5); /* the others are already in the call */
    gb_status status = receive_all(self, send, bytes, &all);
    if (status == GB_OK && comm->rank != 0)
        status = pass_on(self, &all);
    if (status == GB_OK)
        status = (gb_status)all.head[0];
    if (status == GB_OK && comm->rank == 0)
        status = sort_blocks(self, &all, sizes);
    free(all.head);
    if (status == GB_OK && comm->rank == 0)
        *recv_out = all.data;
    else
        free(all.data);
    return status;
}

gb_status gb_mpi_gather(gb_comm *comm, const void *send, size_t bytes,
                        void *recv) {
    const bool root = comm->rank == 0;
    size_t *sizes = root ? malloc((size_t)comm->size * sizeof(*sizes)) : NULL;
    void *all = NULL;
    if (root && sizes == NULL)
        MPI_Abort(gb_mpi_self(comm)->world, 5); /* the others are in the call */
    const gb_status status = gb_mpi_gatherv(comm, send, bytes, &all, sizes);
    if (root && status == GB_OK)
        memcpy(recv, all, bytes * (size_t)comm->size);
    free(all);
    free(sizes);
    return status;
}
