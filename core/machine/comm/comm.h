/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MACHINE_COMM_H
#define GB_MACHINE_COMM_H

/**
 * @file machine/comm/comm.h
 * The ranks of a run, behind an ops table: MPI, or one process alone. Counts
 * are in bytes. Collective calls are made by all ranks in the same order.
 * Never called from the sampler's thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/shared_object.h"

/** Id of the extension plugin_open() lends: GB_EXT_MPI, for those who may not
 *  include <mpi.h>. */
#define GB_COMM_PLUGIN_EXTENSION "greenbench.mpi/1"

typedef struct gb_comm gb_comm;

typedef struct gb_comm_ops {
    const char *name; /* "mpi", "single" */
    gb_status (*barrier)(gb_comm *comm);
    gb_status (*node_barrier)(gb_comm *comm);
    gb_status (*bcast)(gb_comm *comm, void *data, size_t bytes, int root);
    /** To rank 0, where rank i's @p bytes land at recv + i * bytes; recv is
     *  nullable elsewhere. By way of each node's leader and a tree of leaders.
     *  May fail on some ranks alone (GB_ERR_NO_MEMORY): agree afterwards. */
    gb_status (*gather)(gb_comm *comm, const void *send, size_t bytes,
                        void *recv);
    /** As gather(), blocks of different size, in order of rank; on rank 0
     *  *recv_out is malloc'ed and sizes [size] is filled in; elsewhere both
     *  nullable. */
    gb_status (*gatherv)(gb_comm *comm, const void *send, size_t bytes,
                         void **recv_out, size_t *sizes);
    gb_status (*node_gather)(gb_comm *comm, const void *send, size_t bytes,
                             void *recv); /* to the node's leader */
    gb_status (*node_scatter)(gb_comm *comm, const void *send, size_t bytes,
                              void *recv); /* from the node's leader */
    gb_status (*node_bcast)(gb_comm *comm, void *data, size_t bytes); /* too */
    gb_status (*max_f64)(gb_comm *comm, double *values, size_t count);
    gb_status (*min_f64)(gb_comm *comm, double *values, size_t count);
    gb_status (*sum_f64)(gb_comm *comm, double *values, size_t count);
    gb_status (*max_i64)(gb_comm *comm, int64_t *values, size_t count);
    /** How far CLOCK_REALTIME of each node's leader is from rank 0's. Each
     *  leader asks one other, by the shortest of @p round_trips messages to and
     *  fro and half of that one; differences and bounds are added on the way
     *  to rank 0, log2(nodes) of them at most.
     *  @param[out] offset_s, bound_s  [node_count] on rank 0; nullable
     * elsewhere
     */
    gb_status (*clock_offsets)(gb_comm *comm, int round_trips, double *offset_s,
                               double *bound_s);
    /** The nodes' leaders as ranks of their own, by node, each alone on its
     *  node. Collective over them; the other ranks do not call it. close() it
     *  before this one. */
    gb_status (*leaders)(gb_comm *comm, gb_comm **leaders_out);
    /** Let the HDF5 property list @p access open a file on all ranks together.
     *  @param set  H5Pset_fapl_mpio() of an HDF5 for this MPI, of a type that
     *              only MPI's header has
     *  @retval GB_ERR_UNSUPPORTED  HDF5 refused, or there is no MPI */
    gb_status (*open_together)(gb_comm *comm, gb_any_function *set,
                               int64_t access);
    /** What the plugin extension "greenbench.mpi/1" hands out: a gb_ext_mpi
     *  with a fresh duplicate, or null. Collective. */
    const void *(*plugin_open)(gb_comm *comm);
    void (*plugin_close)(gb_comm *comm, const void *ext); /* null: nothing */
    /** Is @p ext as it was lent: its communicator neither freed nor changed?
     *  Of this rank alone. */
    gb_status (*plugin_intact)(gb_comm *comm, const void *ext, gb_error *err);
    /** Has this rank received all that was sent to it through @p ext?
     *  Collective. */
    gb_status (*plugin_drained)(gb_comm *comm, const void *ext, gb_error *err);
    /** End all ranks with @p code at once; does not return. */
    void (*abort)(gb_comm *comm, int code);
    void (*close)(gb_comm *comm);
} gb_comm_ops;

struct gb_comm {
    const gb_comm_ops *ops;
    int rank, size;
    int node_index, node_count; /* nodes numbered in order of their first rank*/
    int node_rank, node_size;   /* node_rank 0 is the node's leader */
    const int32_t *node_of_rank; /* [size] */
    const int *leader_of_node;   /* [node_count], as ranks */
    char library[96];            /* "Open MPI v4.1.4"; "none" */
    void *impl;
};

/**
 * @param node_key  what tells nodes apart: the boot id (the same in all
 *                  containers of a node), else the host name; compared as text
 */
gb_status gb_comm_open_mpi(int *argc, char ***argv, const char *node_key,
                           gb_comm **comm_out, gb_error *err);
gb_status gb_comm_open_single(gb_comm **comm_out, gb_error *err);
/** MPI where this build has it, else single. */
gb_status gb_comm_open(int *argc, char ***argv, const char *node_key,
                       gb_comm **comm_out, gb_error *err);
void gb_comm_close(gb_comm *comm); /* null is allowed; ends MPI */

/** The rank this process will have, from the launcher's environment (Open MPI,
 *  PMIx, PMI, Slurm); 0 if it was not launched by one. No MPI call. */
int gb_comm_rank_from_environment(void);

/** True if the environment is that of a rank which a launcher started. */
bool gb_comm_was_launched(void);

/** How many ranks the launcher says it started; 1 if none did. No MPI call. */
int gb_comm_size_from_environment(void);

/**
 * Make all ranks agree: each gets the worst status of all (the largest value),
 * and the error of the lowest rank that has it, with err->rank filled in.
 * A rank that passes GB_OK gets somebody else's failure here.
 * @return the agreed status; GB_ERR_MPI if agreeing itself failed
 */
gb_status gb_comm_agree(gb_comm *comm, gb_status status, gb_error *err);

/**
 * As gb_comm_agree(), and in the same reduction the largest of each of
 * @p values over all ranks: a step that has both to find out asks once.
 * @param[in,out] values  [count], at most GB_COMM_AGREE_VALUES; also set where
 *                        a failure is agreed on
 */
gb_status gb_comm_agree_max(gb_comm *comm, gb_status status, int64_t *values,
                            size_t count, gb_error *err);
#define GB_COMM_AGREE_VALUES 4
#ifdef __clang_analyzer__
/* The analyser sees one file at a time: own failures stay failures. */
#define gb_comm_agree(comm, status, err)                                       \
    ((status) != GB_OK ? (status) : gb_comm_agree(comm, status, err))
#define gb_comm_agree_max(comm, status, values, count, err)                    \
    ((status) != GB_OK ? (status)                                              \
                       : gb_comm_agree_max(comm, status, values, count, err))
#endif

#endif /* GB_MACHINE_COMM_H */
