/* SPDX-License-Identifier: Apache-2.0 */
/* How far the nodes' clocks are apart: each leader asks one other, in a
 * binomial tree whose pairs work at the same time, and the differences are
 * added along the way to rank 0. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "machine/comm/mpi_comm.h"

/* Whole: a double of today's seconds steps by 0.24 us, which is as long as a
 * message within a node takes. */
static int64_t now_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

typedef struct difference {
    double offset_s, bound_s;
} difference;

/* Own clock less that of @p other: the answer of the shortest round trip is the
 * least doubtful. How short it is, the other clock says: one that is set
 * meanwhile would make it negative. */
static int ask(MPI_Comm leaders, int other, int round_trips,
               difference *found) {
    *found = (difference){INFINITY, INFINITY};
    for (int i = 0; i < round_trips; i++) {
        int64_t theirs_ns = 0;
        const int64_t left_ns = now_ns(CLOCK_MONOTONIC);
        const int64_t begin_ns = now_ns(CLOCK_REALTIME);
        int code = MPI_Send(NULL, 0, MPI_INT64_T, other, 0, leaders);
        if (code == MPI_SUCCESS)
            code = MPI_Recv(&theirs_ns, 1, MPI_INT64_T, other, 0, leaders,
                            MPI_STATUS_IGNORE);
        if (code != MPI_SUCCESS)
            return code;
        const int64_t end_ns = now_ns(CLOCK_REALTIME);
        const int64_t took_ns = now_ns(CLOCK_MONOTONIC) - left_ns;
        if (0.5e-9 * (double)took_ns < found->bound_s) {
            found->bound_s = 0.5e-9 * (double)took_ns;
            found->offset_s = 0.5e-9 * (double)((begin_ns - theirs_ns) +
                                                (end_ns - theirs_ns));
        }
    }
    return MPI_SUCCESS;
}

static int answer(MPI_Comm leaders, int other, int round_trips) {
    int code = MPI_SUCCESS;
    for (int i = 0; i < round_trips && code == MPI_SUCCESS; i++) {
        code = MPI_Recv(NULL, 0, MPI_INT64_T, other, 0, leaders,
                        MPI_STATUS_IGNORE);
        const int64_t mine_ns = now_ns(CLOCK_REALTIME);
        if (code == MPI_SUCCESS)
            code = MPI_Send(&mine_ns, 1, MPI_INT64_T, other, 0, leaders);
    }
    return code;
}

/* The leader that node @p n asks: without n's highest bit. */
static int asked_by(int n) {
    int bit = 1;
    while (bit <= n / 2)
        bit *= 2;
    return n - bit;
}

static int compare(const gb_comm *comm, MPI_Comm leaders, int round_trips,
                   difference *own) {
    int code = MPI_SUCCESS, step = 1;
    if (comm->node_index > 0) {
        code = ask(leaders, asked_by(comm->node_index), round_trips, own);
        while (step <= comm->node_index)
            step *= 2;
    }
    for (; code == MPI_SUCCESS && step < comm->node_count - comm->node_index;
         step *= 2)
        code = answer(leaders, comm->node_index + step, round_trips);
    return code;
}

gb_status gb_mpi_clock_offsets(gb_comm *comm, int round_trips, double *offset_s,
                               double *bound_s) {
    const MPI_Comm leaders = gb_mpi_self(comm)->leaders;
    difference own = {0.0, 0.0};
    difference *all = NULL;
    if (comm->node_rank != 0)
        return GB_OK;
    if (comm->rank == 0)
        all = calloc((size_t)comm->node_count, sizeof(*all));
    if (comm->rank == 0 && all == NULL)
        MPI_Abort(leaders, 5); /* the others are already in the call */
    int code = compare(comm, leaders, round_trips, &own);
    if (code == MPI_SUCCESS)
        code = MPI_Gather(&own, 2, MPI_DOUBLE, all, 2, MPI_DOUBLE, 0, leaders);
    for (int n = 0; all != NULL && code == MPI_SUCCESS && n < comm->node_count;
         n++) {
        const int other = n > 0 ? asked_by(n) : 0;
        offset_s[n] = all[n].offset_s + (n > 0 ? offset_s[other] : 0.0);
        bound_s[n] = all[n].bound_s + (n > 0 ? bound_s[other] : 0.0);
    }
    free(all);
    return gb_mpi_checked(code);
}
