/* SPDX-License-Identifier: Apache-2.0 */
/* Products, sweeps, sums and the exchange between ranks and slabs. */
#include "hpcg.h"

#define TAG 1

hpcg_part hpcg_part_of(const hpcg_grid *grid, uint32_t thread) {
    const size_t slab = (size_t)(grid->slab_z * grid->local.x * grid->local.y);

    return (hpcg_part){thread * slab, (thread + 1) * slab};
}

/* --- exchange ---------------------------------------------------------------
 */

static int exchange_ranks(gb_instance *self, const hpcg_level *level,
                          double *x) {
    const hpcg_grid *grid = &level->grid;
    double *send = level->send;
    int count = 0, code = MPI_SUCCESS;

    for (unsigned k = 0; k < HPCG_NEIGHBOURS && code == MPI_SUCCESS; k++) {
        const int32_t rank = hpcg_neighbour(grid, k);
        if (rank < 0)
            continue;
        code =
            MPI_Irecv(x + hpcg_face_first(grid, k),
                      (int)hpcg_face_points(grid, k), MPI_DOUBLE, rank,
                      TAG + (int)k, self->mpi->comm, &self->requests[count++]);
    }
    for (unsigned k = 0; k < HPCG_NEIGHBOURS && code == MPI_SUCCESS; k++) {
        const int32_t rank = hpcg_neighbour(grid, k);
        if (rank < 0)
            continue;
        const size_t points = hpcg_face_points(grid, k);
        hpcg_face_pack(grid, k, x, send);
        /* To the receiver this rank lies in the opposite direction. */
        code = MPI_Isend(send, (int)points, MPI_DOUBLE, rank,
                         TAG + (int)(HPCG_NEIGHBOURS - 1 - k), self->mpi->comm,
                         &self->requests[count++]);
        send += points;
    }
    if (code == MPI_SUCCESS)
        code = MPI_Waitall(count, self->requests, MPI_STATUSES_IGNORE);
    return code;
}

/* One thread and one rank have nobody to wait for. */
static void meet(const gb_instance *self) {
    if (self->team->thread_count > 1)
        self->team->barrier(self->team);
}

void hpcg_exchange(gb_instance *self, const hpcg_level *level, double *x,
                   uint32_t thread) {
    meet(self);
    hpcg_copy_slab_ghosts(&level->grid, thread, x);
    if (thread == 0 && self->mpi->size > 1 && self->code == MPI_SUCCESS)
        self->code = exchange_ranks(self, level, x);
    meet(self);
}

double hpcg_dot(gb_instance *self, const double *a, const double *b,
                uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&self->levels[0].grid, thread);
    double sums[4] = {0.0};
    size_t i = part.begin;

    for (; i + 4 <= part.end; i += 4)
        for (size_t k = 0; k < 4; k++)
            sums[k] += a[i + k] * b[i + k];
    for (; i < part.end; i++)
        sums[0] += a[i] * b[i];
    self->sums[thread].value = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    meet(self);
    if (thread == 0) {
        double sum = 0.0;
        for (uint32_t t = 0; t < self->team->thread_count; t++)
            sum += self->sums[t].value;
        if (self->mpi->size > 1 && self->code == MPI_SUCCESS)
            self->code = MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE,
                                       MPI_SUM, self->mpi->comm);
        self->scalar = sum;
    }
    meet(self);
    return self->scalar;
}

/* --- rows -------------------------------------------------------------------
 *
 * Written once, compiled for CPUs with and without a fused multiply-add.
 */

/* Places in a row. The one before and the one after come last in a sweep, for
 * one of them waits for the row before; four sums run side by side. */
#define BEFORE  12
#define AFTER   14
#define TERM(k) (v[k] * x[c[k]])

#define ROW_KERNELS(name, cpu)                                                 \
    cpu __attribute__((always_inline)) static inline double others_##name(     \
        const hpcg_row *row, const double *x) {                                \
        const double *v = row->values;                                         \
        const int32_t *c = row->columns;                                       \
        double s0 = TERM(0), s1 = TERM(1), s2 = TERM(2), s3 = TERM(3);         \
        s0 += TERM(4), s1 += TERM(5), s2 += TERM(6), s3 += TERM(7);            \
        s0 += TERM(8), s1 += TERM(9), s2 += TERM(10), s3 += TERM(11);          \
        s0 += TERM(15), s1 += TERM(16), s2 += TERM(17), s3 += TERM(18);        \
        s0 += TERM(19), s1 += TERM(20), s2 += TERM(21), s3 += TERM(22);        \
        s0 += TERM(23), s1 += TERM(24), s2 += TERM(25), s3 += TERM(26);        \
        return (s0 + s1) + (s2 + s3);                                          \
    }                                                                          \
                                                                               \
    cpu static void product_##name(const hpcg_row *rows, hpcg_part part,       \
                                   const double *x, double *y) {               \
        for (size_t i = part.begin; i < part.end; i++) {                       \
            const double *v = rows[i].values;                                  \
            const int32_t *c = rows[i].columns;                                \
            y[i] = others_##name(&rows[i], x) + (TERM(BEFORE) + TERM(AFTER)) + \
                   TERM(HPCG_SELF);                                            \
        }                                                                      \
    }                                                                          \
                                                                               \
    /* The new value of a row from the one that was made last: all else is     \
     * known beforehand, so the chain from row to row is one multiply-add and  \
     * the division lies beside it. The last value is handed on in a register; \
     * a row whose neighbour is not the last row, at a border, reads it. */    \
    cpu __attribute__((always_inline)) static inline double relax_##name(      \
        const hpcg_row *row, const double *x, double right, int waits,         \
        int known, int32_t last, double value) {                               \
        const double *v = row->values;                                         \
        const int32_t *c = row->columns;                                       \
        const double inverse = 1.0 / v[HPCG_SELF];                             \
        const double rest = right - others_##name(row, x) - TERM(known);       \
        const double from = c[waits] == last ? value : x[c[waits]];            \
        return rest * inverse - v[waits] * inverse * from;                     \
    }                                                                          \
                                                                               \
    cpu static void sweep_##name(const hpcg_row *rows, hpcg_part part,         \
                                 const double *r, double *x) {                 \
        double value = 0.0;                                                    \
        int32_t last = -1;                                                     \
        for (size_t i = part.begin; i < part.end; i++) {                       \
            value =                                                            \
                relax_##name(&rows[i], x, r[i], BEFORE, AFTER, last, value);   \
            x[i] = value;                                                      \
            last = (int32_t)i;                                                 \
        }                                                                      \
        for (size_t i = part.end; i-- > part.begin;) {                         \
            value =                                                            \
                relax_##name(&rows[i], x, r[i], AFTER, BEFORE, last, value);   \
            x[i] = value;                                                      \
            last = (int32_t)i;                                                 \
        }                                                                      \
    }

ROW_KERNELS(plain, )
#if defined(__x86_64__)
ROW_KERNELS(fma, __attribute__((target("avx2,fma"))))
#endif

static bool has_fma(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

void hpcg_product(gb_instance *self, const hpcg_level *level, double *x,
                  double *y, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&level->grid, thread);

    hpcg_exchange(self, level, x, thread);
#if defined(__x86_64__)
    if (has_fma()) {
        product_fma(level->rows, part, x, y);
        return;
    }
#endif
    product_plain(level->rows, part, x, y);
}

/* x[i] = (r[i] - all others) / diagonal, in the order of the rows and back:
 * each sees the new values of those before it, as in HPCG's reference. */
void hpcg_sweep(gb_instance *self, const hpcg_level *level, const double *r,
                double *x, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&level->grid, thread);

    hpcg_exchange(self, level, x, thread);
#if defined(__x86_64__)
    if (has_fma()) {
        sweep_fma(level->rows, part, r, x);
        return;
    }
#endif
    sweep_plain(level->rows, part, r, x);
}

const char *hpcg_isa(void) {
    return has_fma() ? "avx2+fma" : "compiler";
}
