/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COMM_MPI_COMM_H
#define GB_MACHINE_COMM_MPI_COMM_H

/**
 * @file machine/comm/mpi_comm.h
 * Shared by the mpi*.c files of this folder.
 */
#include <mpi.h>

#include "machine/comm/comm.h"

typedef struct gb_mpi_comm {
    gb_comm base;
    MPI_Comm world, node;
    MPI_Comm leaders; /* the nodes' leaders by node; null on other ranks */
    int32_t *node_of_rank;
    int *leader_of_node;
    int *size_of_node; /* [node_count], ranks */
    bool ends_mpi;     /* when it is closed */
} gb_mpi_comm;

static inline gb_mpi_comm *gb_mpi_self(gb_comm *comm) {
    return comm->impl;
}

static inline gb_status gb_mpi_checked(int code) {
    return code == MPI_SUCCESS ? GB_OK : GB_ERR_MPI;
}

/** Find out which ranks share a node, and make the communicators of nodes and
 *  leaders. Collective over `world`. */
gb_status gb_mpi_find_nodes(gb_mpi_comm *self, const char *node_key);

/** Null communicators and arrays are allowed. MPI goes on. */
void gb_mpi_free(gb_mpi_comm *self);

/** See gb_comm_ops.leaders and .open_together. */
gb_status gb_mpi_leaders(gb_comm *comm, gb_comm **leaders_out);
gb_status gb_mpi_open_together(gb_comm *comm, gb_any_function *set,
                               int64_t access);

/** See gb_comm_ops.gather and .gatherv. */
gb_status gb_mpi_gather(gb_comm *comm, const void *send, size_t bytes,
                        void *recv);
gb_status gb_mpi_gatherv(gb_comm *comm, const void *send, size_t bytes,
                         void **recv_out, size_t *sizes);

/** See gb_comm_ops.clock_offsets. */
gb_status gb_mpi_clock_offsets(gb_comm *comm, int round_trips, double *offset_s,
                               double *bound_s);

/* The plugin_*() of gb_comm_ops. */
const void *gb_mpi_lend(gb_comm *comm);
void gb_mpi_take_back(gb_comm *comm, const void *ext);
gb_status gb_mpi_intact(gb_comm *comm, const void *ext, gb_error *err);
gb_status gb_mpi_drained(gb_comm *comm, const void *ext, gb_error *err);

#endif /* GB_MACHINE_COMM_MPI_COMM_H */
