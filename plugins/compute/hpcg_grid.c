/* SPDX-License-Identifier: Apache-2.0 */
#include "hpcg_grid.h"

#include <string.h>

hpcg_size hpcg_direction(unsigned direction) {
    return (hpcg_size){(int64_t)(direction % 3) - 1,
                       (int64_t)(direction / 3 % 3) - 1,
                       (int64_t)(direction / 9) - 1};
}

hpcg_size hpcg_shape(uint32_t ranks) {
    hpcg_size best = {1, 1, ranks};

    for (int64_t x = 1; x <= ranks; x++) {
        if (ranks % x != 0)
            continue;
        for (int64_t y = 1; y <= ranks / x; y++) {
            const int64_t z = ranks / x / y;
            if (ranks / x % y == 0 && x <= y && y <= z &&
                x + y + z < best.x + best.y + best.z)
                best = (hpcg_size){x, y, z};
        }
    }
    return best;
}

/* Points along one axis that lie in direction `d` of the border. */
static int64_t span(int64_t count, int64_t d) {
    return d == 0 ? count : 1;
}

size_t hpcg_face_points(const hpcg_grid *grid, unsigned direction) {
    const hpcg_size d = hpcg_direction(direction);

    return (size_t)(span(grid->local.x, d.x) * span(grid->local.y, d.y) *
                    span(grid->local.z, d.z));
}

int32_t hpcg_neighbour(const hpcg_grid *grid, unsigned direction) {
    const hpcg_size d = hpcg_direction(direction), n = grid->processes;
    const hpcg_size at = {grid->place.x + d.x, grid->place.y + d.y,
                          grid->place.z + d.z};

    if (direction == HPCG_SELF || at.x < 0 || at.y < 0 || at.z < 0 ||
        at.x >= n.x || at.y >= n.y || at.z >= n.z)
        return -1;
    return (int32_t)((at.z * n.y + at.y) * n.x + at.x);
}

size_t hpcg_face_first(const hpcg_grid *grid, unsigned direction) {
    size_t first = grid->points;

    for (unsigned k = 0; k < direction; k++)
        if (hpcg_neighbour(grid, k) >= 0)
            first += hpcg_face_points(grid, k);
    return first;
}

static void finish(hpcg_grid *grid) {
    const int64_t slabs = grid->local.z / grid->slab_z;

    grid->points = (size_t)(grid->local.x * grid->local.y * grid->local.z);
    grid->slab_ghosts = hpcg_face_first(grid, HPCG_NEIGHBOURS);
    grid->ghosts = grid->slab_ghosts - grid->points +
                   (size_t)(2 * (slabs - 1) * grid->local.x * grid->local.y);
}

void hpcg_grid_init(hpcg_size local, int64_t slabs, hpcg_size processes,
                    uint32_t rank, hpcg_grid *grid) {
    *grid = (hpcg_grid){
        .local = local,
        .slab_z = local.z / slabs,
        .processes = processes,
        .place = {rank % processes.x, rank / processes.x % processes.y,
                  rank / processes.x / processes.y},
    };
    finish(grid);
}

void hpcg_grid_coarsen(const hpcg_grid *fine, hpcg_grid *coarse) {
    *coarse = *fine;
    coarse->local =
        (hpcg_size){fine->local.x / 2, fine->local.y / 2, fine->local.z / 2};
    coarse->slab_z = fine->slab_z / 2;
    finish(coarse);
}

/* --- faces ------------------------------------------------------------------
 */

/* The first and one past the last point along an axis that a neighbour in
 * direction `d` needs. */
static void range(int64_t count, int64_t d, int64_t *begin, int64_t *end) {
    *begin = d > 0 ? count - 1 : 0;
    *end = d < 0 ? 1 : count;
}

void hpcg_face_pack(const hpcg_grid *grid, unsigned direction, const double *x,
                    double *out) {
    const hpcg_size d = hpcg_direction(direction), n = grid->local;
    int64_t x0, x1, y0, y1, z0, z1;

    range(n.x, d.x, &x0, &x1);
    range(n.y, d.y, &y0, &y1);
    range(n.z, d.z, &z0, &z1);
    for (int64_t z = z0; z < z1; z++)
        for (int64_t y = y0; y < y1; y++)
            for (int64_t i = x0; i < x1; i++)
                *out++ = x[(z * n.y + y) * n.x + i];
}

/* -1, 0 or 1: below, within or above 0 .. count - 1. */
static int64_t side(int64_t at, int64_t count) {
    return at < 0 ? -1 : at >= count ? 1 : 0;
}

/* A ghost of another rank: its place in the order of hpcg_face_pack() there,
 * which runs over the axes that the direction leaves free. */
static bool find_ghost(const hpcg_grid *grid, hpcg_size at, hpcg_size d,
                       size_t *index_out) {
    const unsigned direction =
        (unsigned)((d.z + 1) * 9 + (d.y + 1) * 3 + d.x + 1);

    if (hpcg_neighbour(grid, direction) < 0)
        return false;
    const int64_t x = d.x == 0 ? at.x : 0, y = d.y == 0 ? at.y : 0;
    const int64_t z = d.z == 0 ? at.z : 0;
    *index_out =
        hpcg_face_first(grid, direction) +
        (size_t)((z * span(grid->local.y, d.y) + y) * span(grid->local.x, d.x) +
                 x);
    return true;
}

/* Slab t > 0 has the plane below it at 2 (t - 1), and slab t the one above it
 * at 2 t + 1, in planes from the first ghost of the slabs. */
static size_t slab_ghost(const hpcg_grid *grid, int64_t slab, bool above) {
    const int64_t plane = above ? 2 * slab + 1 : 2 * (slab - 1);

    return grid->slab_ghosts + (size_t)(plane * grid->local.x * grid->local.y);
}

bool hpcg_find(const hpcg_grid *grid, hpcg_size point, unsigned k,
               size_t *index_out) {
    const hpcg_size d = hpcg_direction(k), n = grid->local;
    const hpcg_size at = {point.x + d.x, point.y + d.y, point.z + d.z};
    const hpcg_size out = {side(at.x, n.x), side(at.y, n.y), side(at.z, n.z)};
    const int64_t slab = point.z / grid->slab_z;

    if (out.x != 0 || out.y != 0 || out.z != 0)
        return find_ghost(grid, at, out, index_out);
    if (at.z / grid->slab_z != slab)
        *index_out = slab_ghost(grid, slab, at.z > point.z) +
                     (size_t)(at.y * n.x + at.x);
    else
        *index_out = (size_t)((at.z * n.y + at.y) * n.x + at.x);
    return true;
}

void hpcg_copy_slab_ghosts(const hpcg_grid *grid, int64_t slab, double *x) {
    const size_t plane = (size_t)(grid->local.x * grid->local.y);
    const size_t first = (size_t)(slab * grid->slab_z) * plane;

    if (slab > 0)
        memcpy(x + slab_ghost(grid, slab, false), x + first - plane,
               plane * sizeof(*x));
    if ((slab + 1) * grid->slab_z < grid->local.z)
        memcpy(x + slab_ghost(grid, slab, true),
               x + first + (size_t)grid->slab_z * plane, plane * sizeof(*x));
}

/* --- counts -----------------------------------------------------------------
 */

/* Neighbours along one axis, itself included, summed over the points. */
static double axis_neighbours(int64_t count, int64_t place, int64_t places) {
    return 3.0 * (double)count - (place == 0 ? 1.0 : 0.0) -
           (place == places - 1 ? 1.0 : 0.0);
}

double hpcg_nonzeros(const hpcg_grid *grid) {
    return axis_neighbours(grid->local.x, grid->place.x, grid->processes.x) *
           axis_neighbours(grid->local.y, grid->place.y, grid->processes.y) *
           axis_neighbours(grid->local.z, grid->place.z, grid->processes.z);
}

double hpcg_flops(const hpcg_grid *levels, unsigned level_count) {
    const double rows = (double)levels[0].points;
    double flops =
        3.0 * 2.0 * rows + 3.0 * 2.0 * rows + 2.0 * hpcg_nonzeros(&levels[0]);

    for (unsigned l = 0; l < level_count; l++)
        flops += (l + 1 < level_count ? 2.0 * 4.0 + 2.0 : 4.0) *
                 hpcg_nonzeros(&levels[l]);
    return flops;
}
