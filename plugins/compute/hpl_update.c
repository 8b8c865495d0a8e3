/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The update behind a panel: interchange rows, solve for the rows of U,
 * subtract L U. The matrix has its rows contiguous, which a BLAS library with
 * columns contiguous sees transposed: C' -= U' L'.
 */
#include <cblas.h>
#include <string.h>

#include "hpl.h"
#include "hpl_layout.h"

/* dtrsm by the library is slower than dgemm: only blocks this wide are its. */
#define SOLVE_WIDTH 48u
/* While a broadcast is under way it is looked after so many times. */
#define POLLS 4u

typedef struct columns {
    size_t begin, end;
} columns;

static columns columns_of(size_t begin, size_t end, uint32_t thread,
                          uint32_t thread_count) {
    /* Whole cache lines, but for the last thread. */
    const size_t units = (end - begin + 7) / 8;
    return (columns){
        hpl_min(end, begin + hpl_share(units, thread, thread_count) * 8),
        hpl_min(end, begin + hpl_share(units, thread + 1, thread_count) * 8)};
}

/* --- row interchanges within one process ------------------------------------
 */

static void swap_rows(double *restrict a, double *restrict b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const double value = a[i];
        a[i] = b[i];
        b[i] = value;
    }
}

static void swap_here(const gb_instance *self, const hpl_panel *panel,
                      columns part) {
    const size_t ld = self->grid.ld;

    for (size_t j = 0; j < panel->width; j++) {
        const size_t row = (size_t)panel->pivots[j];
        if (row != panel->column + j)
            swap_rows(self->a + (panel->column + j) * ld + part.begin,
                      self->a + row * ld + part.begin, part.end - part.begin);
    }
}

/* --- row interchanges within a column of the grid ---------------------------
 * U's rows are gathered by everybody; the rows that they displace are all with
 * the root, which sends them to where the former came from. Buffers hold rows
 * of `strip` doubles, of which a call uses the first end - begin.
 */

static void pack(gb_instance *self, const hpl_panel *panel, columns all,
                 columns part) {
    const hpl_grid *grid = &self->grid;
    const hpl_swap_plan *plan = &self->plan;
    const size_t width = all.end - all.begin;
    const size_t bytes = (part.end - part.begin) * sizeof(double);
    const size_t first = plan->u_start[grid->my_row];
    const size_t offset = part.begin - all.begin;

    for (size_t e = first; e < plan->u_start[grid->my_row + 1]; e++) {
        const size_t row = hpl_to_local(plan->u_source[e], grid->nb, grid->p);
        memcpy(self->swap_send + (e - first) * width + offset,
               self->a + row * grid->ld + part.begin, bytes);
    }
    for (size_t e = 0; panel->top > 0 && e < plan->out_start[grid->p]; e++) {
        const size_t row = panel->row_begin + plan->out_row[e];
        memcpy(self->swap_out + e * width + offset,
               self->a + row * grid->ld + part.begin, bytes);
    }
}

static void set_counts(const gb_instance *self, const size_t *start,
                       size_t width) {
    for (size_t p = 0; p < self->grid.p; p++) {
        self->counts[p] = (int)((start[p + 1] - start[p]) * width);
        self->offsets[p] = (int)(start[p] * width);
    }
}

static void communicate(gb_instance *self, const hpl_panel *panel,
                        size_t width) {
    const hpl_swap_plan *plan = &self->plan;
    const size_t me = self->grid.my_row;

    if (self->mpi_code != MPI_SUCCESS)
        return;
    set_counts(self, plan->u_start, width);
    hpl_note_code(self,
                  MPI_Allgatherv(self->swap_send, self->counts[me], MPI_DOUBLE,
                                 self->swap_receive, self->counts,
                                 self->offsets, MPI_DOUBLE, self->col_comm));
    set_counts(self, plan->out_start, width);
    if (self->mpi_code == MPI_SUCCESS)
        hpl_note_code(self,
                      MPI_Scatterv(self->swap_out, self->counts, self->offsets,
                                   MPI_DOUBLE, self->swap_in, self->counts[me],
                                   MPI_DOUBLE, (int)panel->root_row,
                                   self->col_comm));
}

static void unpack(gb_instance *self, columns all, columns part) {
    const hpl_grid *grid = &self->grid;
    const hpl_swap_plan *plan = &self->plan;
    const size_t width = all.end - all.begin;
    const size_t bytes = (part.end - part.begin) * sizeof(double);
    const size_t first = plan->out_start[grid->my_row];
    const size_t offset = part.begin - all.begin;

    for (size_t e = 0; e < plan->u_start[grid->p]; e++)
        memcpy(self->u + plan->u_row[e] * self->grid.strip + offset,
               self->swap_receive + e * width + offset, bytes);
    for (size_t e = first; e < plan->out_start[grid->my_row + 1]; e++) {
        const size_t row = hpl_to_local(plan->out_target[e], grid->nb, grid->p);
        memcpy(self->a + row * grid->ld + part.begin,
               self->swap_in + (e - first) * width + offset, bytes);
    }
}

/* --- U and the rest ---------------------------------------------------------
 */

/** U := L^-1 U for @p n columns of @p u, whose rows are @p ldu apart. */
static void solve_u(const hpl_panel *panel, double *u, size_t ldu, size_t n) {
    const size_t width = panel->width;
    const double *l1 = panel->l1;

    for (size_t k = 0; k < width; k += SOLVE_WIDTH) {
        const size_t w = hpl_min(SOLVE_WIDTH, width - k);
        cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans,
                    CblasUnit, (blasint)n, (blasint)w, 1.0, l1 + k * width + k,
                    (blasint)width, u + k * ldu, (blasint)ldu);
        if (k + w < width)
            cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (blasint)n,
                        (blasint)(width - k - w), (blasint)w, -1.0, u + k * ldu,
                        (blasint)ldu, l1 + k * width + k + w, (blasint)width,
                        1.0, u + (k + w) * ldu, (blasint)ldu);
    }
}

/** This thread's tile of the local matrix below the panel's top. */
static void multiply(const gb_instance *self, const hpl_panel *panel,
                     const double *u, size_t ldu, columns all,
                     uint32_t thread) {
    const hpl_grid *grid = &self->grid;
    const size_t threads = self->team->thread_count;
    const size_t tile_rows = hpl_square_rows(threads);
    const size_t tile_row = thread % tile_rows, tile_col = thread / tile_rows;
    const size_t m = panel->rows - panel->top;
    const size_t first = hpl_share(m, tile_row, tile_rows);
    const size_t rows = hpl_share(m, tile_row + 1, tile_rows) - first;
    const columns part = columns_of(all.begin, all.end, (uint32_t)tile_col,
                                    (uint32_t)(threads / tile_rows));
    const size_t row = panel->row_begin + panel->top + first;

    if (rows == 0 || part.end == part.begin)
        return;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans,
                (blasint)(part.end - part.begin), (blasint)rows,
                (blasint)panel->width, -1.0, u + (part.begin - all.begin),
                (blasint)ldu, panel->l + panel->top + first, (blasint)panel->ld,
                1.0, self->a + row * grid->ld + part.begin, (blasint)grid->ld);
}

static void update_strip(gb_instance *self, const hpl_panel *panel, columns all,
                         uint32_t thread) {
    const hpl_grid *grid = &self->grid;
    const gb_ext_team *team = self->team;
    const columns part =
        columns_of(all.begin, all.end, thread, team->thread_count);
    const size_t bytes = (part.end - part.begin) * sizeof(double);
    double *top = self->a + panel->row_begin * grid->ld;
    double *u = top + all.begin;
    size_t ldu = grid->ld;

    if (grid->p == 1) {
        swap_here(self, panel, part);
    } else {
        pack(self, panel, all, part);
        team->barrier(team);
        if (thread == 0)
            communicate(self, panel, all.end - all.begin);
        team->barrier(team);
        unpack(self, all, part);
        u = self->u;
        ldu = self->grid.strip;
    }
    if (part.end > part.begin)
        solve_u(panel, u + (part.begin - all.begin), ldu,
                part.end - part.begin);
    for (size_t j = 0; grid->p > 1 && j < panel->top; j++)
        memcpy(top + j * grid->ld + part.begin,
               u + j * ldu + (part.begin - all.begin), bytes);
    team->barrier(team);
    multiply(self, panel, u, ldu, all, thread);
    team->barrier(team);
}

void hpl_update(gb_instance *self, const hpl_panel *panel, size_t begin,
                size_t end, hpl_panel *coming, uint32_t thread) {
    size_t strip = self->grid.p > 1 ? self->grid.strip : end - begin;

    if (coming != NULL && self->grid.q > 1)
        strip = hpl_min(strip, (end - begin) / POLLS + self->grid.nb);
    for (size_t at = begin; at < end; at += strip) {
        update_strip(self, panel, (columns){at, hpl_min(end, at + strip)},
                     thread);
        if (thread == 0 && coming != NULL)
            (void)hpl_broadcast_poll(self, coming);
    }
}
