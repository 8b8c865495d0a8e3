/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGINS_HPL_H
#define GREENBENCH_PLUGINS_HPL_H

/**
 * @file hpl.h
 * What the parts of compute.hpl share. See docs/benchmarks/compute.hpl.md for
 * the algorithm as a whole.
 *
 * [A|b] has n rows and n + 1 columns in blocks of nb, dealt out to a P x Q grid
 * of processes. A process keeps its part with rows contiguous: interchanging
 * two rows then moves whole cache lines. A panel, nb columns below and with the
 * diagonal, is factored in a copy with columns contiguous.
 *
 * hpl_solve() runs on all threads of the team at once. Functions marked "team"
 * are called by every thread and contain barriers; only thread 0 calls MPI.
 */
#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "greenbench/ext/mpi.h"
#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"
#include "hpl_kernels.h"
#include "hpl_plan.h"
#include "hpl_swap.h"

/* A broadcast travels in so many parts at most, each passed on when it is
 * there. */
#define HPL_PARTS 16

/** Columns [column, column + width) of the matrix, rows from `column` on. */
typedef struct hpl_panel {
    size_t column, width;
    size_t root_row, root_col; /* of the process with the diagonal block */
    size_t row_begin;          /* the first local row in it */
    size_t rows;               /* local ones */
    size_t top;                /* of them in the diagonal block: width or 0 */
    size_t ld;                 /* of `l`; the same in a row of the grid */
    size_t count;              /* doubles of the message */

    /* The message: L below the diagonal block (rows that were in it hold
     * nothing of use), the diagonal block's L and U, the pivots' rows. */
    double *l;      /* [width][ld] */
    double *l1;     /* [width][width] */
    double *pivots; /* [width]; as doubles, exact up to 2^53 */

    MPI_Request receives[HPL_PARTS], sends[2 * HPL_PARTS];
    int parts, missing, send_count;
} hpl_panel;

/** A candidate for a pivot, of one thread. */
typedef struct hpl_candidate {
    double magnitude;
    size_t row;
    char pad[48]; /* a cache line each */
} hpl_candidate;

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    const gb_ext_mpi *mpi;
    const hpl_kernels *kernels;
    hpl_grid grid;
    bool column_major_ranks, look_ahead, armed;

    bool has_comms;
    MPI_Comm row_comm; /* processes of my row of the grid, by column */
    MPI_Comm col_comm;
    MPI_Datatype pivot_type;
    MPI_Op pivot_op;
    int mpi_code; /* the first that was no success; set by thread 0 */
    bool stop;    /* mpi_code as all threads saw it at the same barrier */

    double *vectors, *buffers; /* what x and u and so on point into */
    double *a;                 /* [grid.rows][grid.ld] */
    double *x;                 /* [grid.columns]: the same in each row */
    double *y;                 /* [grid.rows]: right side less what is solved */
    double *block;             /* [nb]: of the right side, added up */
    MPI_Request sum;           /* of that */
    double *panel_block[2];    /* what panels[] point into */
    double *u;                 /* [nb][strip]: the rows of U, if p > 1 */
    double *swap_send, *swap_receive, *swap_out, *swap_in; /* [nb][strip] */
    int *counts, *offsets;                                 /* [p] */
    double *pivot_send, *pivot_receive;                    /* one record each */
    hpl_panel panels[2];
    hpl_swap_plan plan;
    hpl_candidate *candidates; /* [thread_count] */
    size_t *plan_block;
    double *check; /* [2][rows]: residual and magnitudes of each row */
};

static inline size_t hpl_min(size_t a, size_t b) {
    return a < b ? a : b;
}

/** The first of @p n things that @p part of @p parts gets. */
static inline size_t hpl_share(size_t n, size_t part, size_t parts) {
    return n / parts * part + n % parts * part / parts;
}

/** Remember the first MPI error; from then on nothing is sent. */
static inline void hpl_note_code(gb_instance *self, int code) {
    if (self->mpi_code == MPI_SUCCESS)
        self->mpi_code = code;
}

/* hpl_panel.c ---------------------------------------------------------------
 */

/** Lay panel @p column out in buffer @p which. Every thread may call it for
 *  its own reading, thread 0 for all. */
void hpl_panel_init(gb_instance *self, hpl_panel *panel, size_t column,
                    double *block);

/** The MPI_Op of the pivot search: the larger candidate wins. */
void hpl_pivot_merge(void *in, void *in_out, int *count, MPI_Datatype *type);

/** Factor a panel (team; processes of its column only). */
void hpl_panel_factor(gb_instance *self, hpl_panel *panel, uint32_t thread);

/* hpl_broadcast.c: along rows of the grid; thread 0 only ---------------------
 */

void hpl_broadcast_start(gb_instance *self, hpl_panel *panel);
/** Pass on what has arrived. @return true: all is here */
bool hpl_broadcast_poll(gb_instance *self, hpl_panel *panel);
void hpl_broadcast_wait(gb_instance *self, hpl_panel *panel);
/** Wait until what this process sent may be overwritten. */
void hpl_broadcast_end(gb_instance *self, hpl_panel *panel);

/* hpl_update.c --------------------------------------------------------------
 */

/** Apply @p panel to the local columns [begin, end) (team).
 *  @param coming  nullable: a broadcast to pass on meanwhile */
void hpl_update(gb_instance *self, const hpl_panel *panel, size_t begin,
                size_t end, hpl_panel *coming, uint32_t thread);

/* hpl_solve.c ---------------------------------------------------------------
 */

/** Factor the matrix and solve for x (team): what HPL times. */
void hpl_solve(void *self, uint32_t thread, uint32_t thread_count);

/* hpl_check.c ---------------------------------------------------------------
 */

/** Fill [A|b] (team function). */
void hpl_fill(void *self, uint32_t thread, uint32_t thread_count);

/** HPL's scaled residual, from A and b made anew. Collective.
 *  @param[out] residual_out  infinite if anything was no number */
gb_status hpl_residual(gb_instance *self, double *residual_out);

#endif /* GREENBENCH_PLUGINS_HPL_H */
