/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix, and how well x solves it: A and b are made anew for the check, so
 * that nothing which the solve or a fault left in memory can hide an error. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "hpl.h"
#include "hpl_layout.h"
#include "hpl_random.h"

void hpl_fill(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const hpl_grid *grid = &self->grid;
    const hpl_row_walk walk = hpl_row_walk_init(grid->n, grid->nb, grid->q);
    const size_t end = hpl_share(grid->rows, thread + 1, thread_count);

    for (size_t i = hpl_share(grid->rows, thread, thread_count); i < end; i++) {
        double *row = self->a + i * grid->ld;
        uint64_t state = hpl_random_at(
            grid->n, hpl_to_global(i, grid->nb, grid->my_row, grid->p),
            grid->my_col * grid->nb);
        for (size_t j = 0; j < grid->columns; j++) {
            row[j] = hpl_random_value(state);
            state = hpl_step_apply(
                (j + 1) % grid->nb == 0 ? walk.gap : walk.column, state);
        }
    }
}

/** Columns of A, without b. */
static size_t columns_of_a(const hpl_grid *grid) {
    return hpl_local_count(grid->n, grid->nb, grid->my_col, grid->q);
}

/** This process's columns in b - A x and in the rows' sums of magnitudes. */
static void multiply_rows(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const hpl_grid *grid = &self->grid;
    const hpl_row_walk walk = hpl_row_walk_init(grid->n, grid->nb, grid->q);
    const size_t columns = columns_of_a(grid);
    const size_t end = hpl_share(grid->rows, thread + 1, thread_count);

    for (size_t i = hpl_share(grid->rows, thread, thread_count); i < end; i++) {
        uint64_t state = hpl_random_at(
            grid->n, hpl_to_global(i, grid->nb, grid->my_row, grid->p),
            grid->my_col * grid->nb);
        double residual = 0.0, magnitude = 0.0;
        for (size_t j = 0; j < columns; j++) {
            const double value = hpl_random_value(state);
            residual -= value * self->x[j];
            magnitude += fabs(value);
            state = hpl_step_apply(
                (j + 1) % grid->nb == 0 ? walk.gap : walk.column, state);
        }
        self->check[i] =
            residual +
            (grid->columns > columns ? hpl_random_value(state) : 0.0);
        self->check[grid->rows + i] = magnitude;
    }
}

/** The larger magnitude; infinite where one is no number, for MPI_MAX may lose
 *  that. */
static double larger(double most, double value) {
    if (isnan(value))
        return INFINITY;
    return fabs(value) > most ? fabs(value) : most;
}

static double largest_b(const hpl_grid *grid) {
    double most = 0.0;

    for (size_t i = 0; i < grid->rows; i++)
        most =
            larger(most, hpl_random_value(hpl_random_at(
                             grid->n,
                             hpl_to_global(i, grid->nb, grid->my_row, grid->p),
                             grid->n)));
    return most;
}

gb_status hpl_residual(gb_instance *self, double *residual_out) {
    const hpl_grid *grid = &self->grid;
    double *magnitude = self->check + grid->rows;
    double most[4] = {0}; /* residual, A, x, b */

    self->team->run(self->team, multiply_rows, self);
    /* 2 rows doubles, in parts that an int can count. */
    for (size_t at = 0; at < 2 * grid->rows;) {
        const size_t part = hpl_min(2 * grid->rows - at, (size_t)1 << 28);
        hpl_note_code(self,
                      MPI_Allreduce(MPI_IN_PLACE, self->check + at, (int)part,
                                    MPI_DOUBLE, MPI_SUM, self->row_comm));
        at += part;
    }
    for (size_t i = 0; i < grid->rows; i++) {
        most[0] = larger(most[0], self->check[i]);
        most[1] = larger(most[1], magnitude[i]);
    }
    for (size_t j = 0; j < columns_of_a(grid); j++)
        most[2] = larger(most[2], self->x[j]);
    most[3] = largest_b(grid);
    hpl_note_code(self, MPI_Allreduce(MPI_IN_PLACE, most, 4, MPI_DOUBLE,
                                      MPI_MAX, self->mpi->comm));
    if (self->mpi_code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "the check of the solution failed with MPI "
                                "error %d",
                                self->mpi_code);
    const double scale =
        DBL_EPSILON / 2.0 * (double)grid->n * (most[1] * most[2] + most[3]);
    *residual_out = isfinite(most[0]) && isfinite(scale) && scale > 0.0
                        ? most[0] / scale
                        : INFINITY;
    return GB_OK;
}
