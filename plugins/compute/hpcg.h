/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_HPCG_H
#define COMPUTE_HPCG_H

/**
 * @file compute/hpcg.h
 * What the files of compute.hpcg share: the matrices of all levels, the vectors
 * and the steps of an iteration. Threads of the team call the steps together;
 * each works on its own slab.
 */
#include "greenbench/ext/mpi.h"
#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "hpcg_grid.h"

/** A row as it is stored: every value and every column, the padding of rows at
 *  the border included (value 0, the row's own column), in one piece, so that
 *  a sweep is one stream through memory. */
typedef struct hpcg_row {
    double values[HPCG_NEIGHBOURS];
    int32_t columns[HPCG_NEIGHBOURS];
    int32_t padding;
} hpcg_row;

typedef struct hpcg_level {
    hpcg_grid grid;
    hpcg_row *rows;     /* [points] */
    double *x, *r, *ax; /* [points + ghosts], [points], [points]; of the level
                           below the finest; null on it */
    double *send;       /* the faces of all directions */
} hpcg_level;

/** Sums of the threads, each on a cache line of its own. */
typedef struct hpcg_sum {
    double value;
    char padding[56];
} hpcg_sum;

struct gb_instance {
    const gb_host *host;
    const gb_ext_mpi *mpi;
    const gb_ext_team *team;
    hpcg_level levels[HPCG_LEVELS_MAX];
    unsigned level_count;
    double *b, *x, *r, *z, *p, *ap; /* x, z, p: [points + ghosts] */
    hpcg_sum *sums;                 /* [thread_count] */
    MPI_Request *requests;          /* [2 * 26] */
    uint64_t iterations;            /* of the run() in progress */
    uint64_t done;                  /* iterations since x = 0 */
    double rz, rr, first_rr;        /* r'z, r'r now and at x = 0 */
    double scalar;                  /* what thread 0 tells the others */
    int code;                       /* MPI's, of thread 0 */
    bool tested;                    /* symmetry and convergence, once */
};

/** The part of a level that a thread works on. */
typedef struct hpcg_part {
    size_t begin, end;
} hpcg_part;

hpcg_part hpcg_part_of(const hpcg_grid *grid, uint32_t thread);

/* --- hpcg_steps.c ----------------------------------------------------------
 */

/** Ghosts of @p x on @p level, from the other ranks and slabs. */
void hpcg_exchange(gb_instance *self, const hpcg_level *level, double *x,
                   uint32_t thread);
/** y = A x; the ghosts of @p x are fetched first. */
void hpcg_product(gb_instance *self, const hpcg_level *level, double *x,
                  double *y, uint32_t thread);
/** A forward and a backward Gauss-Seidel sweep of A x = r. */
void hpcg_sweep(gb_instance *self, const hpcg_level *level, const double *r,
                double *x, uint32_t thread);
/** The instructions that the sweeps use here. */
const char *hpcg_isa(void);
/** Sum over all ranks; the same on every thread. */
double hpcg_dot(gb_instance *self, const double *a, const double *b,
                uint32_t thread);

/* --- hpcg_solve.c ----------------------------------------------------------
 */

/** z = M r: a V-cycle of the levels from @p level on. */
void hpcg_precondition(gb_instance *self, unsigned level, const double *r,
                       double *z, uint32_t thread);
/** x = 0, r = b. */
void hpcg_restart(gb_instance *self, uint32_t thread);
/** One iteration of the preconditioned conjugate gradient method. */
void hpcg_iterate(gb_instance *self, uint32_t thread);

/* --- hpcg_verify.c ---------------------------------------------------------
 */

/** Fill in the rows of a level's slab. */
void hpcg_fill_rows(const hpcg_level *level, uint32_t thread);
gb_status hpcg_check(gb_instance *self);

#endif /* COMPUTE_HPCG_H */
