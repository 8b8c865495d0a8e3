/* SPDX-License-Identifier: Apache-2.0 */
/* The preconditioned conjugate gradient method with HPCG's multigrid: M. A.
 * Heroux, J. Dongarra, P. Luszczek, "HPCG Benchmark Technical Specification",
 * SAND2013-8752, and its revision of 2015 (multigrid). */
#include <string.h>

#include "hpcg.h"

/* The fine point behind a coarse one, row by row of the slab. */
static size_t fine_row(const hpcg_grid *fine, const hpcg_grid *coarse,
                       size_t row) {
    const size_t y = row % (size_t)coarse->local.y;
    const size_t z = row / (size_t)coarse->local.y;

    return (2 * z * (size_t)fine->local.y + 2 * y) * (size_t)fine->local.x;
}

/* Injection: the residual at the points that the coarse grid keeps. */
static void restrict_residual(const hpcg_level *fine, const hpcg_level *coarse,
                              const double *r, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&coarse->grid, thread);
    const size_t nx = (size_t)coarse->grid.local.x;

    for (size_t row = part.begin / nx; row < part.end / nx; row++) {
        const size_t from = fine_row(&fine->grid, &coarse->grid, row);
        for (size_t x = 0; x < nx; x++) {
            coarse->r[row * nx + x] = r[from + 2 * x] - fine->ax[from + 2 * x];
            coarse->x[row * nx + x] = 0.0;
        }
    }
}

static void prolong(const hpcg_level *fine, const hpcg_level *coarse, double *z,
                    uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&coarse->grid, thread);
    const size_t nx = (size_t)coarse->grid.local.x;

    for (size_t row = part.begin / nx; row < part.end / nx; row++) {
        const size_t to = fine_row(&fine->grid, &coarse->grid, row);
        for (size_t x = 0; x < nx; x++)
            z[to + 2 * x] += coarse->x[row * nx + x];
    }
}

static void clear(const hpcg_grid *grid, double *x, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(grid, thread);

    memset(x + part.begin, 0, (part.end - part.begin) * sizeof(*x));
}

void hpcg_precondition(gb_instance *self, unsigned level, const double *r,
                       double *z, uint32_t thread) {
    const hpcg_level *fine = &self->levels[level];

    if (level == 0)
        clear(&fine->grid, z, thread);
    hpcg_sweep(self, fine, r, z, thread);
    if (level + 1 >= self->level_count || level + 1 >= HPCG_LEVELS_MAX)
        return;
    const hpcg_level *coarse = &self->levels[level + 1];
    hpcg_product(self, fine, z, fine->ax, thread);
    restrict_residual(fine, coarse, r, thread);
    hpcg_precondition(self, level + 1, coarse->r, coarse->x, thread);
    prolong(fine, coarse, z, thread);
    hpcg_sweep(self, fine, r, z, thread);
}

void hpcg_restart(gb_instance *self, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&self->levels[0].grid, thread);

    clear(&self->levels[0].grid, self->x, thread);
    memcpy(self->r + part.begin, self->b + part.begin,
           (part.end - part.begin) * sizeof(*self->r));
    const double rr = hpcg_dot(self, self->r, self->r, thread);
    if (thread == 0) {
        self->done = 0;
        self->rr = self->first_rr = rr;
    }
    if (self->team->thread_count > 1)
        self->team->barrier(self->team);
}

void hpcg_iterate(gb_instance *self, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&self->levels[0].grid, thread);
    const bool first = self->done == 0;
    const double old_rz = self->rz;

    hpcg_precondition(self, 0, self->r, self->z, thread);
    const double rz = hpcg_dot(self, self->r, self->z, thread);
    const double beta = first ? 0.0 : rz / old_rz;
    for (size_t i = part.begin; i < part.end; i++)
        self->p[i] = first ? self->z[i] : self->z[i] + beta * self->p[i];
    hpcg_product(self, &self->levels[0], self->p, self->ap, thread);
    const double alpha = rz / hpcg_dot(self, self->p, self->ap, thread);
    for (size_t i = part.begin; i < part.end; i++) {
        self->x[i] += alpha * self->p[i];
        self->r[i] -= alpha * self->ap[i];
    }
    const double rr = hpcg_dot(self, self->r, self->r, thread);
    if (thread == 0) {
        self->rz = rz;
        self->rr = rr;
        self->done++;
    }
    if (self->team->thread_count > 1)
        self->team->barrier(self->team);
}
