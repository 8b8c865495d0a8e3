/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "greenbench/ext/mpi.h"
#include "machine/comm/comm.h"

typedef struct mpi_comm {
    gb_comm base;
    MPI_Comm world, node;
    int32_t *node_of_rank;
    int *leader_of_node;
} mpi_comm;

static mpi_comm *self_of(gb_comm *comm) {
    return comm->impl;
}

static gb_status checked(int code) {
    return code == MPI_SUCCESS ? GB_OK : GB_ERR_MPI;
}

/* --- collective calls ----------------------------------------------------- */

static gb_status mpi_barrier(gb_comm *comm) {
    return checked(MPI_Barrier(self_of(comm)->world));
}

static gb_status mpi_node_barrier(gb_comm *comm) {
    return checked(MPI_Barrier(self_of(comm)->node));
}

/* MPI counts are ints: longer blocks go in pieces. */
static gb_status bcast_in(MPI_Comm where, void *data, size_t bytes, int root) {
    char *at = data;
    gb_status status = GB_OK;
    while (bytes > 0 && status == GB_OK) {
        const int piece = bytes < INT_MAX ? (int)bytes : INT_MAX;
        status = checked(MPI_Bcast(at, piece, MPI_BYTE, root, where));
        at += piece;
        bytes -= (size_t)piece;
    }
    return status;
}

static gb_status mpi_bcast(gb_comm *comm, void *data, size_t bytes, int root) {
    return bcast_in(self_of(comm)->world, data, bytes, root);
}

static gb_status mpi_node_bcast(gb_comm *comm, void *data, size_t bytes) {
    return bcast_in(self_of(comm)->node, data, bytes, 0);
}

static gb_status gather_in(MPI_Comm where, const void *send, size_t bytes,
                           void *recv, int root) {
    if (bytes > INT_MAX)
        return GB_ERR_INTERNAL;
    return checked(MPI_Gather(send, (int)bytes, MPI_BYTE, recv, (int)bytes,
                              MPI_BYTE, root, where));
}

static gb_status mpi_gather(gb_comm *comm, const void *send, size_t bytes,
                            void *recv, int root) {
    return gather_in(self_of(comm)->world, send, bytes, recv, root);
}

static gb_status mpi_node_gather(gb_comm *comm, const void *send, size_t bytes,
                                 void *recv) {
    return gather_in(self_of(comm)->node, send, bytes, recv, 0);
}

static gb_status mpi_node_scatter(gb_comm *comm, const void *send, size_t bytes,
                                  void *recv) {
    if (bytes > INT_MAX)
        return GB_ERR_INTERNAL;
    return checked(MPI_Scatter(send, (int)bytes, MPI_BYTE, recv, (int)bytes,
                               MPI_BYTE, 0, self_of(comm)->node));
}

/* Rank 0's part when everything together fits into int counts. */
static gb_status gatherv_small(mpi_comm *self, const void *send, size_t bytes,
                               unsigned char *all, const uint64_t *sizes) {
    const int size = self->base.size;
    int *counts = NULL, *at = NULL;
    if (self->base.rank == 0) {
        counts = malloc((size_t)size * sizeof(*counts));
        at = malloc((size_t)size * sizeof(*at));
        int next = 0;
        for (int i = 0; i < size && counts != NULL && at != NULL; i++) {
            counts[i] = (int)sizes[i];
            at[i] = next;
            next += counts[i];
        }
    }
    const bool ready = self->base.rank != 0 || (counts != NULL && at != NULL);
    gb_status status = GB_ERR_NO_MEMORY;
    if (ready)
        status = checked(MPI_Gatherv(send, (int)bytes, MPI_BYTE, all, counts,
                                     at, MPI_BYTE, 0, self->world));
    else
        MPI_Abort(self->world, 5); /* the others are already in the call */
    free(at);
    free(counts);
    return status;
}

/* Beyond 2 GiB: one message after the other, in pieces. */
static gb_status gatherv_large(mpi_comm *self, const void *send, size_t bytes,
                               unsigned char *all, const uint64_t *sizes) {
    gb_status status = GB_OK;
    if (self->base.rank != 0) {
        const char *at = send;
        while (bytes > 0 && status == GB_OK) {
            const int piece = bytes < INT_MAX ? (int)bytes : INT_MAX;
            status = checked(MPI_Send(at, piece, MPI_BYTE, 0, 0, self->world));
            at += piece;
            bytes -= (size_t)piece;
        }
        return status;
    }
    if (bytes > 0)
        memcpy(all, send, bytes);
    all += bytes;
    for (int rank = 1; rank < self->base.size; rank++)
        for (uint64_t left = sizes[rank]; left > 0 && status == GB_OK;) {
            const int piece = left < INT_MAX ? (int)left : INT_MAX;
            status = checked(MPI_Recv(all, piece, MPI_BYTE, rank, 0,
                                      self->world, MPI_STATUS_IGNORE));
            all += piece;
            left -= (uint64_t)piece;
        }
    return status;
}

static gb_status mpi_gatherv(gb_comm *comm, const void *send, size_t bytes,
                             void **recv_out, size_t *sizes) {
    mpi_comm *self = self_of(comm);
    uint64_t mine = bytes, total = 0;
    uint64_t *each = NULL;
    unsigned char *all = NULL;
    if (comm->rank == 0)
        each = malloc((size_t)comm->size * sizeof(*each));

    gb_status status = gather_in(self->world, &mine, sizeof(mine), each, 0);
    if (comm->rank == 0 && each == NULL)
        status = GB_ERR_NO_MEMORY;
    if (comm->rank == 0 && status == GB_OK) {
        for (int i = 0; i < comm->size; i++) {
            sizes[i] = each[i];
            total += each[i];
        }
        all = malloc(total + 1);
        if (all == NULL)
            total = UINT64_MAX; /* tells the others to give up */
    }
    if (status == GB_OK)
        status = mpi_bcast(comm, &total, sizeof(total), 0);
    if (status == GB_OK && total == UINT64_MAX)
        status = GB_ERR_NO_MEMORY;
    if (status == GB_OK)
        status = total <= INT_MAX ? gatherv_small(self, send, bytes, all, each)
                                  : gatherv_large(self, send, bytes, all, each);
    free(each);
    if (status != GB_OK) {
        free(all);
        return status;
    }
    if (comm->rank == 0)
        *recv_out = all;
    return GB_OK;
}

static gb_status reduce(gb_comm *comm, void *values, size_t count,
                        MPI_Datatype type, MPI_Op op) {
    if (count > INT_MAX)
        return GB_ERR_INTERNAL;
    return checked(MPI_Allreduce(MPI_IN_PLACE, values, (int)count, type, op,
                                 self_of(comm)->world));
}

static gb_status mpi_max_f64(gb_comm *comm, double *values, size_t count) {
    return reduce(comm, values, count, MPI_DOUBLE, MPI_MAX);
}

static gb_status mpi_min_f64(gb_comm *comm, double *values, size_t count) {
    return reduce(comm, values, count, MPI_DOUBLE, MPI_MIN);
}

static gb_status mpi_sum_f64(gb_comm *comm, double *values, size_t count) {
    return reduce(comm, values, count, MPI_DOUBLE, MPI_SUM);
}

static gb_status mpi_max_i64(gb_comm *comm, int64_t *values, size_t count) {
    return reduce(comm, values, count, MPI_INT64_T, MPI_MAX);
}

/* --- lending MPI to plugins ----------------------------------------------- */

static const void *mpi_plugin_open(gb_comm *comm) {
    gb_ext_mpi *ext = calloc(1, sizeof(*ext));
    if (ext == NULL)
        return NULL;
    *ext = (gb_ext_mpi){
        .struct_size = sizeof(*ext),
        .rank = comm->rank,
        .size = comm->size,
        .node_of_rank = comm->node_of_rank,
    };
    if (MPI_Comm_dup(self_of(comm)->world, &ext->comm) == MPI_SUCCESS)
        return ext;
    free(ext);
    return NULL;
}

static void mpi_plugin_close(gb_comm *comm, const void *ext) {
    (void)comm;
    gb_ext_mpi *own = NULL;
    if (ext == NULL)
        return;
    memcpy(&own, &ext, sizeof(ext)); /* ours since mpi_plugin_open() */
    MPI_Comm_free(&own->comm);
    free(own);
}

/* --- clocks --------------------------------------------------------------- */

static double realtime_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Rank 0's side: the reply of the shortest round trip is the least doubtful. */
static int compare_clock(MPI_Comm world, int leader, int round_trips,
                         double *offset_s, double *bound_s) {
    *offset_s = *bound_s = INFINITY;
    for (int i = 0; i < round_trips; i++) {
        double theirs_s = 0.0;
        const double begin_s = realtime_s();
        int code = MPI_Send(NULL, 0, MPI_DOUBLE, leader, 0, world);
        if (code == MPI_SUCCESS)
            code = MPI_Recv(&theirs_s, 1, MPI_DOUBLE, leader, 0, world,
                            MPI_STATUS_IGNORE);
        if (code != MPI_SUCCESS)
            return code;
        const double end_s = realtime_s();
        if (0.5 * (end_s - begin_s) < *bound_s) {
            *bound_s = 0.5 * (end_s - begin_s);
            *offset_s = theirs_s - 0.5 * (begin_s + end_s);
        }
    }
    return MPI_SUCCESS;
}

static gb_status mpi_clock_offsets(gb_comm *comm, int round_trips,
                                   double *offset_s, double *bound_s) {
    const MPI_Comm world = self_of(comm)->world;
    int code = MPI_SUCCESS;

    if (comm->rank == 0) {
        offset_s[0] = bound_s[0] = 0.0;
        for (int n = 1; n < comm->node_count && code == MPI_SUCCESS; n++)
            code = compare_clock(world, comm->leader_of_node[n], round_trips,
                                 &offset_s[n], &bound_s[n]);
    } else if (comm->node_rank == 0) {
        for (int i = 0; i < round_trips && code == MPI_SUCCESS; i++) {
            code =
                MPI_Recv(NULL, 0, MPI_DOUBLE, 0, 0, world, MPI_STATUS_IGNORE);
            const double now_s = realtime_s();
            if (code == MPI_SUCCESS)
                code = MPI_Send(&now_s, 1, MPI_DOUBLE, 0, 0, world);
        }
    }
    return checked(code);
}

/* --- life ----------------------------------------------------------------- */

static void mpi_abort(gb_comm *comm, int code) {
    MPI_Abort(self_of(comm)->world, code);
}

static void free_comm(mpi_comm *self) {
    if (self->node != MPI_COMM_NULL)
        MPI_Comm_free(&self->node);
    if (self->world != MPI_COMM_NULL)
        MPI_Comm_free(&self->world);
    free(self->node_of_rank);
    free(self->leader_of_node);
    free(self);
}

static void mpi_close(gb_comm *comm) {
    free_comm(self_of(comm));
    MPI_Finalize();
}

static const gb_comm_ops mpi_ops = {
    .name = "mpi",
    .barrier = mpi_barrier,
    .node_barrier = mpi_node_barrier,
    .bcast = mpi_bcast,
    .gather = mpi_gather,
    .gatherv = mpi_gatherv,
    .node_gather = mpi_node_gather,
    .node_scatter = mpi_node_scatter,
    .node_bcast = mpi_node_bcast,
    .max_f64 = mpi_max_f64,
    .min_f64 = mpi_min_f64,
    .sum_f64 = mpi_sum_f64,
    .max_i64 = mpi_max_i64,
    .clock_offsets = mpi_clock_offsets,
    .plugin_open = mpi_plugin_open,
    .plugin_close = mpi_plugin_close,
    .abort = mpi_abort,
    .close = mpi_close,
};

/* FNV-1a, 64 bits: 4,096 nodes collide with a chance of 5e-13. */
static uint64_t hash_key(const char *key) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return hash;
}

typedef struct hashed_rank {
    uint64_t hash;
    int rank;
} hashed_rank;

static int by_hash_then_rank(const void *a, const void *b) {
    const hashed_rank *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->rank - y->rank;
}

/* Number the nodes in the order of their first rank. */
static gb_status number_nodes(mpi_comm *self, const uint64_t *hashes) {
    const int size = self->base.size;
    hashed_rank *sorted = malloc((size_t)size * sizeof(*sorted));
    int *first_of = malloc((size_t)size * sizeof(*first_of));
    self->node_of_rank = malloc((size_t)size * sizeof(int32_t));
    self->leader_of_node = malloc((size_t)size * sizeof(int));
    gb_status status = GB_ERR_NO_MEMORY;
    if (sorted != NULL && first_of != NULL && self->node_of_rank != NULL &&
        self->leader_of_node != NULL) {
        for (int i = 0; i < size; i++)
            sorted[i] = (hashed_rank){hashes[i], i};
        qsort(sorted, (size_t)size, sizeof(*sorted), by_hash_then_rank);
        for (int i = 0, first = 0; i < size; i++) {
            if (i == 0 || sorted[i].hash != sorted[i - 1].hash)
                first = sorted[i].rank;
            first_of[sorted[i].rank] = first;
        }
        int count = 0;
        for (int rank = 0; rank < size; rank++) {
            if (first_of[rank] == rank) {
                self->leader_of_node[count] = rank;
                self->node_of_rank[rank] = count++;
            } else {
                self->node_of_rank[rank] = self->node_of_rank[first_of[rank]];
            }
        }
        self->base.node_count = count;
        status = GB_OK;
    }
    free(first_of);
    free(sorted);
    return status;
}

static gb_status find_nodes(mpi_comm *self, const char *node_key) {
    gb_comm *base = &self->base;
    const uint64_t mine = hash_key(node_key);
    uint64_t *all = malloc((size_t)base->size * sizeof(*all));
    if (all == NULL)
        return GB_ERR_NO_MEMORY;
    gb_status status = checked(MPI_Allgather(&mine, 1, MPI_UINT64_T, all, 1,
                                             MPI_UINT64_T, self->world));
    if (status == GB_OK)
        status = number_nodes(self, all);
    free(all);
    if (status != GB_OK)
        return status;
    base->node_of_rank = self->node_of_rank;
    base->leader_of_node = self->leader_of_node;
    base->node_index = self->node_of_rank[base->rank];
    status = checked(
        MPI_Comm_split(self->world, base->node_index, base->rank, &self->node));
    if (status != GB_OK)
        return status;
    MPI_Comm_rank(self->node, &base->node_rank);
    MPI_Comm_size(self->node, &base->node_size);
    return GB_OK;
}

/* "Open MPI v4.1.4, package: Debian ..." -> "Open MPI v4.1.4" */
static void name_library(gb_comm *comm) {
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, ",\n")] = '\0';
    gb_copy(comm->library, sizeof(comm->library), text);
}

gb_status gb_comm_open_mpi(int *argc, char ***argv, const char *node_key,
                           gb_comm **comm_out, gb_error *err) {
    int provided = 0;
    mpi_comm *self = calloc(1, sizeof(*self));
    if (self == NULL)
        return gb_fail_memory(err, "the communicator");
    self->world = MPI_COMM_NULL;
    self->node = MPI_COMM_NULL;
    self->base.impl = self;
    self->base.ops = &mpi_ops;

    /* One thread alone ever calls MPI, and the others know nothing of it. A
     * library that is told of threads pays for them in every message: 8 bytes
     * took 161 ns instead of 137 (decision 0012). */
    gb_status status =
        checked(MPI_Init_thread(argc, argv, MPI_THREAD_SINGLE, &provided));
    if (status != GB_OK) {
        free(self);
        return gb_fail(err, GB_ERR_MPI, "does 'mpirun hostname' work?",
                       "MPI_Init_thread failed");
    }
    /* A communicator of our own: errors come back as values on it. */
    if (status == GB_OK)
        status = checked(MPI_Comm_dup(MPI_COMM_WORLD, &self->world));
    if (status == GB_OK) {
        MPI_Comm_set_errhandler(self->world, MPI_ERRORS_RETURN);
        MPI_Comm_rank(self->world, &self->base.rank);
        MPI_Comm_size(self->world, &self->base.size);
        name_library(&self->base);
        status = find_nodes(self, node_key);
    }
    if (status != GB_OK) {
        free_comm(self);
        MPI_Finalize();
        return gb_fail(err, status, NULL,
                       "cannot set up communication between the ranks");
    }
    *comm_out = &self->base;
    return GB_OK;
}
