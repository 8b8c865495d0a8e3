/* SPDX-License-Identifier: Apache-2.0 */
/* What is timed: the factorisation of [A|b] and the solve with U. */
#include <cblas.h>
#include <string.h>

#include "hpl.h"
#include "hpl_layout.h"

/** All threads learn of an MPI error at the same point. Contains barriers. */
static bool stopped(gb_instance *self, uint32_t thread) {
    if (thread == 0)
        self->stop = self->mpi_code != MPI_SUCCESS;
    self->team->barrier(self->team);
    return self->stop;
}

/** Factor a panel where it lies, and send it off. */
static void make_panel(gb_instance *self, hpl_panel *panel, uint32_t thread) {
    if (self->grid.my_col == panel->root_col)
        hpl_panel_factor(self, panel, thread);
    if (thread == 0)
        hpl_broadcast_start(self, panel);
}

static void lay_out(gb_instance *self, size_t column, uint32_t thread) {
    const size_t which = column / self->grid.nb % 2;

    if (thread == 0) {
        hpl_broadcast_end(self, &self->panels[which]);
        hpl_panel_init(self, &self->panels[which], column,
                       self->panel_block[which]);
    }
    self->team->barrier(self->team);
}

/** Update behind @p panel, and make the next one as early as may be. */
static void advance(gb_instance *self, const hpl_panel *panel, hpl_panel *next,
                    uint32_t thread) {
    const hpl_grid *grid = &self->grid;
    size_t begin = hpl_local_count(panel->column + panel->width, grid->nb,
                                   grid->my_col, grid->q);

    if (next != NULL && self->look_ahead) {
        if (grid->my_col == next->root_col) {
            hpl_update(self, panel, begin, begin + next->width, NULL, thread);
            begin += next->width;
        }
        make_panel(self, next, thread);
    }
    hpl_update(self, panel, begin, grid->columns,
               self->look_ahead ? next : NULL, thread);
    if (next != NULL && !self->look_ahead)
        make_panel(self, next, thread);
    if (next != NULL && thread == 0)
        hpl_broadcast_wait(self, next);
}

static void factor(gb_instance *self, uint32_t thread) {
    const hpl_grid *grid = &self->grid;

    lay_out(self, 0, thread);
    make_panel(self, &self->panels[0], thread);
    if (thread == 0)
        hpl_broadcast_wait(self, &self->panels[0]);
    for (size_t column = 0; column < grid->n; column += grid->nb) {
        const size_t which = column / grid->nb % 2;
        const hpl_panel *panel = &self->panels[which];
        const bool last = column + grid->nb >= grid->n;
        if (stopped(self, thread))
            return;
        if (!last)
            lay_out(self, column + grid->nb, thread);
        if (grid->p > 1) {
            if (thread == 0)
                hpl_swap_plan_make(&self->plan, panel->column, panel->width,
                                   panel->pivots, grid->nb, grid->p);
            self->team->barrier(self->team);
        }
        advance(self, panel, last ? NULL : &self->panels[1 - which], thread);
    }
    if (thread == 0) {
        hpl_broadcast_end(self, &self->panels[0]);
        hpl_broadcast_end(self, &self->panels[1]);
    }
}

/* --- U x = y ----------------------------------------------------------------
 * From the last block to the first. Every process keeps in y what its columns
 * take from the right side; a row of the grid adds that up for one block when
 * its turn comes. The rows of the block that is next are updated first, so that
 * its owner goes on while the others are still at the rest.
 */

/** y -= U x for the local rows [begin, end) and the block of x at @p column. */
static void subtract(gb_instance *self, size_t begin, size_t end, size_t column,
                     size_t width, uint32_t thread, uint32_t thread_count) {
    const hpl_grid *grid = &self->grid;
    const size_t first = begin + hpl_share(end - begin, thread, thread_count);
    const size_t next =
        begin + hpl_share(end - begin, thread + 1, thread_count);
    const size_t local = hpl_to_local(column, grid->nb, grid->q);

    if (next > first)
        cblas_dgemv(CblasColMajor, CblasTrans, (blasint)width,
                    (blasint)(next - first), -1.0,
                    self->a + first * grid->ld + local, (blasint)grid->ld,
                    self->x + local, 1, 1.0, self->y + first, 1);
}

/** A row of the grid starts to add up what is left of the right side for the
 *  block at @p column; its rows of y are final. Thread 0. */
static void start_sum(gb_instance *self, size_t column) {
    const hpl_grid *grid = &self->grid;
    const size_t width = hpl_min(grid->nb, grid->n - column);
    const double *y = self->y + hpl_to_local(column, grid->nb, grid->p);

    if (self->mpi_code != MPI_SUCCESS ||
        grid->my_row != hpl_owner(column, grid->nb, grid->p))
        return;
    if (grid->q > 1)
        hpl_note_code(
            self, MPI_Ireduce(y, self->block, (int)width, MPI_DOUBLE, MPI_SUM,
                              (int)hpl_owner(column, grid->nb, grid->q),
                              self->row_comm, &self->sum));
    else
        memcpy(self->block, y, width * sizeof(double));
}

/** The block of x at @p column, to all that hold its columns. Thread 0. */
static void solve_block(gb_instance *self, size_t column, size_t width) {
    const hpl_grid *grid = &self->grid;
    const size_t root_row = hpl_owner(column, grid->nb, grid->p);
    const size_t row = hpl_to_local(column, grid->nb, grid->p);
    const size_t local = hpl_to_local(column, grid->nb, grid->q);

    if (self->sum != MPI_REQUEST_NULL && self->mpi_code == MPI_SUCCESS)
        hpl_note_code(self, MPI_Wait(&self->sum, MPI_STATUS_IGNORE));
    if (grid->my_col != hpl_owner(column, grid->nb, grid->q) ||
        self->mpi_code != MPI_SUCCESS)
        return;
    if (grid->my_row == root_row) {
        memcpy(self->x + local, self->block, width * sizeof(double));
        cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit,
                    (blasint)width, self->a + row * grid->ld + local,
                    (blasint)grid->ld, self->x + local, 1);
    }
    if (grid->p > 1)
        hpl_note_code(self, MPI_Bcast(self->x + local, (int)width, MPI_DOUBLE,
                                      (int)root_row, self->col_comm));
}

static void start_right_side(gb_instance *self) {
    const hpl_grid *grid = &self->grid;
    const bool mine = hpl_owner(grid->n, grid->nb, grid->q) == grid->my_col;
    const double *b =
        self->a + hpl_local_count(grid->n, grid->nb, grid->my_col, grid->q);

    for (size_t i = 0; i < grid->rows; i++)
        self->y[i] = mine ? b[i * grid->ld] : 0.0;
}

static void solve(gb_instance *self, uint32_t thread, uint32_t thread_count) {
    const hpl_grid *grid = &self->grid;
    const gb_ext_team *team = self->team;
    size_t column = (grid->n - 1) / grid->nb * grid->nb;

    if (thread == 0) {
        start_right_side(self);
        start_sum(self, column);
    }
    for (size_t end = grid->n;; end = column, column -= grid->nb) {
        const size_t width = end - column;
        const size_t above = column < grid->nb ? 0 : column - grid->nb;
        const size_t rows =
            hpl_local_count(column, grid->nb, grid->my_row, grid->p);
        const size_t soon =
            hpl_local_count(above, grid->nb, grid->my_row, grid->p);
        if (thread == 0)
            solve_block(self, column, width);
        if (stopped(self, thread) || column == 0)
            return;
        const bool mine = hpl_owner(column, grid->nb, grid->q) == grid->my_col;
        if (mine)
            subtract(self, soon, rows, column, width, thread, thread_count);
        team->barrier(team);
        if (thread == 0)
            start_sum(self, above);
        if (mine)
            subtract(self, 0, soon, column, width, thread, thread_count);
        team->barrier(team);
    }
}

void hpl_solve(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;

    factor(self, thread);
    if (stopped(self, thread))
        return;
    solve(self, thread, thread_count);
}
