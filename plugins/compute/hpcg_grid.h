/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_HPCG_GRID_H
#define COMPUTE_HPCG_GRID_H

/**
 * @file compute/hpcg_grid.h
 * The grid of compute.hpcg: which process holds which part, where a point's
 * neighbours are stored, and what is counted. Pure.
 *
 * A rank holds nx x ny x nz points. Its cores divide z into slabs of equal
 * height. A slab treats the points around it as HPCG treats those of another
 * process: their values are copied beside the rank's own ("ghosts") before each
 * step, so that a sweep over a slab sees what its neighbours had before.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HPCG_NEIGHBOURS 27u /* of a point, itself included */
#define HPCG_SELF       13u /* its own place among them */
#define HPCG_DIAGONAL   26.0
#define HPCG_OFF        (-1.0)
#define HPCG_LEVELS_MAX 4u
#define HPCG_SET        50u /* iterations of a set: then from x = 0 again */

typedef struct hpcg_size {
    int64_t x, y, z;
} hpcg_size;

/** A rank's part of one level. */
typedef struct hpcg_grid {
    hpcg_size local;     /* points of the rank */
    int64_t slab_z;      /* planes of a slab */
    hpcg_size processes; /* of the whole grid */
    hpcg_size place;     /* of this process in it */
    size_t points;       /* local.x * local.y * local.z */
    size_t ghosts;       /* behind them: of other ranks, then of slabs */
    size_t slab_ghosts;  /* index of the first ghost of the slabs */
} hpcg_grid;

/** One of 26 directions, 0 .. 26 without HPCG_SELF; -1, 0 or 1 along each. */
hpcg_size hpcg_direction(unsigned direction);

/** x * y * z == @p ranks, as near to a cube as possible. */
hpcg_size hpcg_shape(uint32_t ranks);

/** @param rank  x fastest */
void hpcg_grid_init(hpcg_size local, int64_t slabs, hpcg_size processes,
                    uint32_t rank, hpcg_grid *grid);

/** Every other point of each axis. */
void hpcg_grid_coarsen(const hpcg_grid *fine, hpcg_grid *coarse);

/** The rank in @p direction; -1: the grid ends there. */
int32_t hpcg_neighbour(const hpcg_grid *grid, unsigned direction);

/** Points exchanged with the rank in @p direction. */
size_t hpcg_face_points(const hpcg_grid *grid, unsigned direction);

/** Where the ghosts of @p direction begin. */
size_t hpcg_face_first(const hpcg_grid *grid, unsigned direction);

/** The local points that the rank in @p direction needs, in its order.
 *  @param[out] out  [hpcg_face_points()] of @p x at those points */
void hpcg_face_pack(const hpcg_grid *grid, unsigned direction, const double *x,
                    double *out);

/** Where the value of point (x, y, z), shifted by neighbour @p k of 27, is
 *  found by the slab that holds (x, y, z); false: outside the whole grid. */
bool hpcg_find(const hpcg_grid *grid, hpcg_size point, unsigned k,
               size_t *index_out);

/** Copy what the slabs next to @p slab hold at its borders into its ghosts.
 *  @param x  [points + ghosts] */
void hpcg_copy_slab_ghosts(const hpcg_grid *grid, int64_t slab, double *x);

/** Non-zeros of the rows of this rank. */
double hpcg_nonzeros(const hpcg_grid *grid);

/** Operations of an iteration on @p level_count levels, this rank's share, as
 *  HPCG's own report counts them: three dot products, three vector updates, a
 *  product, and for the preconditioner on each level two symmetric sweeps and a
 *  product, on the coarsest one sweep. */
double hpcg_flops(const hpcg_grid *levels, unsigned level_count);

#endif /* COMPUTE_HPCG_GRID_H */
