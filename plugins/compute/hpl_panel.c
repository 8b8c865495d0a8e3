/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The factorisation of one panel by the processes of one column of the grid and
 * all their threads, each on rows of its own: recursive in the columns (F. G.
 * Gustavson, "Recursion leads to automatic variable blocking for dense
 * linear-algebra algorithms", IBM J. Res. Dev. 41, 1997), so that most of it is
 * dgemm; the diagonal block lies with every process and thread, so that each
 * updates its own rows without asking (as in HPL; for threads: J. Dongarra et
 * al., "Achieving numerical accuracy and high performance using recursive tile
 * LU factorization", CCPE 26, 2014).
 */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "hpl.h"
#include "hpl_layout.h"

/* Up to this inner dimension our own kernel is faster than dgemm. */
#define NARROW 32u
/* Rows are dealt out to threads in units of a cache line. */
#define ROW_UNIT 8u

/* A record of the pivot search: these doubles, then the pivot's row, then the
 * row whose place it takes. */
enum {
    PIVOT_MAGNITUDE,
    PIVOT_ROW,     /* global */
    PIVOT_WIDTH,   /* of the panel */
    PIVOT_HAS_TOP, /* the second row is there */
};

/** One thread's rows [begin, end) of a panel. */
typedef struct span {
    size_t begin, end;
} span;

void hpl_panel_init(gb_instance *self, hpl_panel *panel, size_t column,
                    double *block) {
    const hpl_grid *grid = &self->grid;
    const size_t row_begin =
        hpl_local_count(column, grid->nb, grid->my_row, grid->p);

    *panel = (hpl_panel){
        .column = column,
        .width = hpl_min(grid->nb, grid->n - column),
        .root_row = hpl_owner(column, grid->nb, grid->p),
        .root_col = hpl_owner(column, grid->nb, grid->q),
        .row_begin = row_begin,
        .rows = grid->rows - row_begin,
        .l = block,
    };
    panel->top = grid->my_row == panel->root_row ? panel->width : 0;
    panel->ld = hpl_padded(panel->rows);
    panel->l1 = block + panel->ld * panel->width;
    panel->pivots = panel->l1 + panel->width * panel->width;
    panel->count = (panel->ld + panel->width + 1) * panel->width;
}

/* --- between the matrix, rows contiguous, and the panel ---------------------
 */

static void copy_in(const gb_instance *self, const hpl_panel *panel,
                    span rows) {
    const hpl_grid *grid = &self->grid;
    const size_t column = hpl_to_local(panel->column, grid->nb, grid->q);
    const double *from = self->a + panel->row_begin * grid->ld + column;

    /* Eight rows at a time: what is written are whole cache lines. */
    for (size_t i = rows.begin; i < rows.end; i += ROW_UNIT) {
        const size_t count = hpl_min(ROW_UNIT, rows.end - i);
        for (size_t j = 0; j < panel->width; j++)
            for (size_t k = 0; k < count; k++)
                panel->l[j * panel->ld + i + k] = from[(i + k) * grid->ld + j];
    }
}

/** U of the diagonal block goes back to the matrix, where the solve with it
 *  looks for it; L is not needed again. */
static void copy_out(const gb_instance *self, const hpl_panel *panel) {
    const hpl_grid *grid = &self->grid;
    const size_t column = hpl_to_local(panel->column, grid->nb, grid->q);
    double *to = self->a + panel->row_begin * grid->ld + column;

    for (size_t i = 0; i < panel->top; i++)
        for (size_t j = i; j < panel->width; j++)
            to[i * grid->ld + j] = panel->l1[j * panel->width + i];
}

/* --- the search for a pivot -------------------------------------------------
 */

void hpl_pivot_merge(void *in, void *in_out, int *count, MPI_Datatype *type) {
    const double *a = in;
    double *b = in_out;

    (void)type;
    for (int i = 0; i < *count; i++) {
        const size_t width = (size_t)b[PIVOT_WIDTH];
        const size_t bytes = width * sizeof(double);
        if (a[PIVOT_MAGNITUDE] > b[PIVOT_MAGNITUDE] ||
            (a[PIVOT_MAGNITUDE] == b[PIVOT_MAGNITUDE] &&
             a[PIVOT_ROW] < b[PIVOT_ROW])) {
            b[PIVOT_MAGNITUDE] = a[PIVOT_MAGNITUDE];
            b[PIVOT_ROW] = a[PIVOT_ROW];
            memcpy(b + HPL_PIVOT_HEADER, a + HPL_PIVOT_HEADER, bytes);
        }
        if (a[PIVOT_HAS_TOP] > 0.0) {
            b[PIVOT_HAS_TOP] = 1.0;
            memcpy(b + HPL_PIVOT_HEADER + width, a + HPL_PIVOT_HEADER + width,
                   bytes);
        }
        a += HPL_PIVOT_HEADER + 2 * width;
        b += HPL_PIVOT_HEADER + 2 * width;
    }
}

static void copy_row(const hpl_panel *panel, size_t row, double *to) {
    for (size_t j = 0; j < panel->width; j++)
        to[j] = panel->l[j * panel->ld + row];
}

static void set_row(const hpl_panel *panel, size_t row, const double *from) {
    for (size_t j = 0; j < panel->width; j++)
        panel->l[j * panel->ld + row] = from[j];
}

/** This process's best candidate of all its threads. */
static hpl_candidate best_candidate(const gb_instance *self) {
    hpl_candidate best = self->candidates[0];

    for (uint32_t t = 1; t < self->team->thread_count; t++) {
        const hpl_candidate *c = &self->candidates[t];
        if (c->magnitude > best.magnitude)
            best = *c;
    }
    return best;
}

/** Without other processes in the column: rows change places here. */
static void exchange_alone(gb_instance *self, hpl_panel *panel, size_t step) {
    const hpl_candidate best = best_candidate(self);
    const size_t row = best.magnitude >= 0.0 ? best.row : step;
    double *l1_row = panel->l1 + step;

    panel->pivots[step] = (double)(panel->column + row);
    for (size_t j = 0; j < panel->width; j++) {
        double *column = panel->l + j * panel->ld;
        l1_row[j * panel->width] = column[row];
        column[row] = column[step];
    }
}

/** The largest candidate of all processes, its row, and the row whose place it
 *  takes: all in one exchange. */
static void exchange(gb_instance *self, hpl_panel *panel, size_t step) {
    const hpl_grid *grid = &self->grid;
    const size_t width = panel->width;
    const hpl_candidate best = best_candidate(self);
    double *mine = self->pivot_send, *all = self->pivot_receive;

    memset(mine, 0, hpl_pivot_doubles(width) * sizeof(double));
    mine[PIVOT_MAGNITUDE] = best.magnitude;
    mine[PIVOT_ROW] = DBL_MAX;
    mine[PIVOT_WIDTH] = (double)width;
    if (panel->top > 0) {
        mine[PIVOT_HAS_TOP] = 1.0;
        copy_row(panel, step, mine + HPL_PIVOT_HEADER + width);
    }
    if (best.magnitude >= 0.0) {
        mine[PIVOT_ROW] = (double)hpl_to_global(
            panel->row_begin + best.row, grid->nb, grid->my_row, grid->p);
        copy_row(panel, best.row, mine + HPL_PIVOT_HEADER);
    } else if (panel->top > 0) { /* nothing but NaN: any row will do */
        mine[PIVOT_ROW] = (double)(panel->column + step);
        copy_row(panel, step, mine + HPL_PIVOT_HEADER);
    }
    if (self->mpi_code == MPI_SUCCESS)
        hpl_note_code(self, MPI_Allreduce(mine, all, 1, self->pivot_type,
                                          self->pivot_op, self->col_comm));
    if (self->mpi_code != MPI_SUCCESS || !(all[PIVOT_ROW] < (double)grid->n)) {
        panel->pivots[step] = (double)(panel->column + step);
        return; /* run() fails; until then indices stay within bounds */
    }
    const size_t row = (size_t)all[PIVOT_ROW];
    panel->pivots[step] = all[PIVOT_ROW];
    for (size_t j = 0; j < width; j++)
        panel->l1[j * width + step] = all[HPL_PIVOT_HEADER + j];
    if (hpl_owner(row, grid->nb, grid->p) == grid->my_row)
        set_row(panel, hpl_to_local(row, grid->nb, grid->p) - panel->row_begin,
                all + HPL_PIVOT_HEADER + width);
}

/* --- recursion --------------------------------------------------------------
 */

/** What is left of a thread's rows when @p done of the block's are finished. */
static span remaining(const hpl_panel *panel, span rows, size_t done) {
    if (panel->top > 0 && rows.begin < done)
        rows.begin = done;
    if (rows.end < rows.begin)
        rows.end = rows.begin;
    return rows;
}

static double reciprocal(double pivot) {
    /* A pivot of zero leaves a column of zeros, which need no scaling. */
    return fabs(pivot) >= DBL_MIN ? 1.0 / pivot : 1.0;
}

/** U's part of column @p step from the rows that are pivots already. */
static void solve_column(const hpl_panel *panel, size_t begin, size_t step,
                         double *u) {
    const double *l1 = panel->l1;
    const size_t ld = panel->width;

    for (size_t i = begin; i < step; i++) {
        double sum = l1[step * ld + i];
        for (size_t k = begin; k < i; k++)
            sum -= l1[k * ld + i] * u[k - begin];
        u[i - begin] = sum;
    }
}

static void factor_base(gb_instance *self, hpl_panel *panel, size_t begin,
                        size_t end, span rows, uint32_t thread) {
    const gb_ext_team *team = self->team;
    hpl_candidate *mine = &self->candidates[thread];
    double scale = 1.0;

    for (size_t step = begin; step < end; step++) {
        double u[HPL_BASE];
        const span left = remaining(panel, rows, step);
        double *block = panel->l + begin * panel->ld + left.begin;
        solve_column(panel, begin, step, u);
        mine->magnitude = -1.0;
        mine->row = left.begin;
        if (left.end > left.begin)
            mine->row +=
                self->kernels->column(block, panel->ld, left.end - left.begin,
                                      step - begin, u, scale, &mine->magnitude);
        team->barrier(team);
        if (thread == 0) {
            memcpy(panel->l1 + step * panel->width + begin, u,
                   (step - begin) * sizeof(double));
            if (self->grid.p == 1)
                exchange_alone(self, panel, step);
            else
                exchange(self, panel, step);
        }
        team->barrier(team);
        scale = reciprocal(panel->l1[step * panel->width + step]);
    }
    const span left = remaining(panel, rows, end);
    double *last = panel->l + (end - 1) * panel->ld;
    for (size_t i = left.begin; i < left.end; i++)
        last[i] *= scale;
}

/** Columns [middle, end) after [begin, middle) are finished. */
static void update_right(gb_instance *self, hpl_panel *panel, size_t begin,
                         size_t middle, size_t end, span rows,
                         uint32_t thread) {
    const gb_ext_team *team = self->team;
    const size_t width = panel->width, k = middle - begin, n = end - middle;
    const double *l11 = panel->l1 + begin * width + begin;
    double *u = panel->l1 + middle * width + begin;
    const size_t first = hpl_share(n, thread, team->thread_count);
    const size_t next = hpl_share(n, thread + 1, team->thread_count);

    if (next > first)
        cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans,
                    CblasUnit, (blasint)k, (blasint)(next - first), 1.0, l11,
                    (blasint)width, u + first * width, (blasint)width);
    team->barrier(team);
    const span left = remaining(panel, rows, middle);
    const size_t m = left.end - left.begin;
    const double *a = panel->l + begin * panel->ld + left.begin;
    double *c = panel->l + middle * panel->ld + left.begin;
    if (m == 0)
        return;
    if (k <= NARROW)
        self->kernels->update(c, a, panel->ld, m, n, k, u, width);
    else
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (blasint)m,
                    (blasint)n, (blasint)k, -1.0, a, (blasint)panel->ld, u,
                    (blasint)width, 1.0, c, (blasint)panel->ld);
}

/* The depth is log2(nb / HPL_BASE). */
// NOLINTNEXTLINE(misc-no-recursion)
static void factor_columns(gb_instance *self, hpl_panel *panel, size_t begin,
                           size_t end, span rows, uint32_t thread) {
    const size_t width = end - begin;

    if (width <= HPL_BASE) {
        factor_base(self, panel, begin, end, rows, thread);
        return;
    }
    const size_t middle =
        begin + (width / 2 + HPL_BASE - 1) / HPL_BASE * HPL_BASE;
    factor_columns(self, panel, begin, middle, rows, thread);
    update_right(self, panel, begin, middle, end, rows, thread);
    factor_columns(self, panel, middle, end, rows, thread);
}

void hpl_panel_factor(gb_instance *self, hpl_panel *panel, uint32_t thread) {
    const gb_ext_team *team = self->team;
    const size_t units = (panel->rows + ROW_UNIT - 1) / ROW_UNIT;
    const span rows = {
        hpl_min(panel->rows,
                hpl_share(units, thread, team->thread_count) * ROW_UNIT),
        hpl_min(panel->rows,
                hpl_share(units, thread + 1, team->thread_count) * ROW_UNIT),
    };

    copy_in(self, panel, rows);
    factor_columns(self, panel, 0, panel->width, rows, thread);
    team->barrier(team);
    if (thread == 0)
        copy_out(self, panel);
    team->barrier(team);
}
