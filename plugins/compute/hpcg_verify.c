/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three questions: is the matrix still what it has to be, is the residual of
 * the recurrence that of the solution and has it fallen, and are product and
 * preconditioner symmetric? The last is HPCG's own test, once for each
 * instance.
 */
#include <float.h>
#include <math.h>

#include "hpcg.h"

/* Rounding of 50 iterations is some 1e-14; a wrong number is far above. */
#define RESIDUAL_TOLERANCE 1e-9
/* Slower than this per iteration is no convergence. HPCG's problem needs about
 * 0.5 on small grids and below 0.9 on the largest. */
#define CONVERGENCE_LEAST 0.97
/* In roundings of the norms, as HPCG's TestSymmetry counts them. */
#define SYMMETRY_MOST 1.0
#define NORM_OF_A     (2.0 * HPCG_DIAGONAL)

/* --- the matrix -------------------------------------------------------------
 */

static hpcg_size point_of(const hpcg_grid *grid, size_t row) {
    const int64_t i = (int64_t)row, nx = grid->local.x, ny = grid->local.y;

    return (hpcg_size){i % nx, i / nx % ny, i / nx / ny};
}

static hpcg_row make_row(const hpcg_grid *grid, size_t i) {
    const hpcg_size point = point_of(grid, i);
    hpcg_row row = {.padding = 0};

    for (unsigned k = 0; k < HPCG_NEIGHBOURS; k++) {
        size_t column = i;
        const bool inside = hpcg_find(grid, point, k, &column);
        row.columns[k] = (int32_t)column;
        row.values[k] = k == HPCG_SELF ? HPCG_DIAGONAL
                        : inside       ? HPCG_OFF
                                       : 0.0;
    }
    return row;
}

void hpcg_fill_rows(const hpcg_level *level, uint32_t thread) {
    const hpcg_part part = hpcg_part_of(&level->grid, thread);

    for (size_t i = part.begin; i < part.end; i++)
        level->rows[i] = make_row(&level->grid, i);
}

static bool same_row(const hpcg_row *a, const hpcg_row *b) {
    bool same = true;

    for (unsigned k = 0; k < HPCG_NEIGHBOURS; k++)
        same = same && a->columns[k] == b->columns[k] &&
               a->values[k] == b->values[k];
    return same;
}

/* Rows of this thread that are not what they have to be, on all levels. */
static void count_wrong(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    double wrong = 0.0;

    (void)thread_count;
    for (unsigned l = 0; l < self->level_count; l++) {
        const hpcg_level *level = &self->levels[l];
        const hpcg_part part = hpcg_part_of(&level->grid, thread);
        for (size_t i = part.begin; i < part.end; i++) {
            const hpcg_row right = make_row(&level->grid, i);
            wrong += !same_row(&level->rows[i], &right);
        }
    }
    self->sums[thread].value = wrong;
}

/* Before anything else: a column that is wrong may lie outside memory. All
 * ranks learn of it, for those that are right would wait for the others. */
static gb_status check_matrix(gb_instance *self) {
    const gb_host *host = self->host;
    double wrong = 0.0;

    self->team->run(self->team, count_wrong, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++)
        wrong += self->sums[t].value;
    if (self->mpi->size > 1 &&
        MPI_Allreduce(MPI_IN_PLACE, &wrong, 1, MPI_DOUBLE, MPI_SUM,
                      self->mpi->comm) != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL, "a sum over ranks failed");
    if (wrong != 0.0)
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "expected the matrix unchanged, got %.0f wrong rows",
                          wrong);
    return GB_OK;
}

/* --- the solution -----------------------------------------------------------
 */

typedef struct question {
    gb_instance *self;
    double away, spmv, precondition; /* answers */
} question;

/* || (b - A x) - r || / || b ||, on every thread alike. */
static void compare_residual(void *arg, uint32_t thread,
                             uint32_t thread_count) {
    question *ask = arg;
    gb_instance *self = ask->self;
    const hpcg_part part = hpcg_part_of(&self->levels[0].grid, thread);

    (void)thread_count;
    hpcg_product(self, &self->levels[0], self->x, self->ap, thread);
    for (size_t i = part.begin; i < part.end; i++)
        self->ap[i] = self->b[i] - self->ap[i] - self->r[i];
    const double away = hpcg_dot(self, self->ap, self->ap, thread);
    if (thread == 0)
        ask->away = sqrt(away / self->first_rr);
}

static gb_status check_solution(gb_instance *self) {
    const gb_host *host = self->host;
    question ask = {.self = self};
    const double fallen = sqrt(self->rr / self->first_rr);

    self->team->run(self->team, compare_residual, &ask);
    if (self->code != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL, "an exchange failed");
    host->note(host, "residual", "%.3e of the first after %llu iterations",
               fallen, (unsigned long long)self->done);
    /* Negated, so that NaN fails. */
    if (!(ask.away <= RESIDUAL_TOLERANCE))
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "b - A x: expected the residual of the recurrence to "
                          "%g, got it %.3g away",
                          RESIDUAL_TOLERANCE, ask.away);
    const double most = pow(CONVERGENCE_LEAST, (double)self->done);
    if (!(fallen <= most))
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "residual after %llu iterations: expected %.3g of "
                          "the first or less, got %.3g",
                          (unsigned long long)self->done, most, fallen);
    return GB_OK;
}

/* --- symmetry ---------------------------------------------------------------
 */

/* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
static double random_value(uint64_t seed) {
    uint64_t z = seed * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void test_symmetry(void *arg, uint32_t thread, uint32_t thread_count) {
    question *ask = arg;
    gb_instance *self = ask->self;
    const hpcg_level *level = &self->levels[0];
    const hpcg_part part = hpcg_part_of(&level->grid, thread);
    const uint64_t seed = (uint64_t)self->mpi->rank << 40;
    double *u = self->x, *v = self->p;

    (void)thread_count;
    for (size_t i = part.begin; i < part.end; i++) {
        u[i] = random_value(seed + 2 * i);
        v[i] = random_value(seed + 2 * i + 1);
    }
    const double scale =
        2.0 * NORM_OF_A * DBL_EPSILON *
        sqrt(hpcg_dot(self, u, u, thread) * hpcg_dot(self, v, v, thread));
    hpcg_product(self, level, v, self->ap, thread);
    const double uav = hpcg_dot(self, u, self->ap, thread);
    hpcg_product(self, level, u, self->ap, thread);
    const double vau = hpcg_dot(self, v, self->ap, thread);
    hpcg_precondition(self, 0, v, self->z, thread);
    const double umv = hpcg_dot(self, u, self->z, thread);
    hpcg_precondition(self, 0, u, self->z, thread);
    const double vmu = hpcg_dot(self, v, self->z, thread);
    if (thread == 0) {
        ask->spmv = fabs(uav - vau) / scale;
        ask->precondition = fabs(umv - vmu) / scale;
    }
}

static gb_status check_symmetry(gb_instance *self) {
    const gb_host *host = self->host;
    question ask = {.self = self};

    self->team->run(self->team, test_symmetry, &ask);
    if (self->code != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL, "an exchange failed");
    host->note(host, "symmetry", "product %.2g, preconditioner %.2g roundings",
               ask.spmv, ask.precondition);
    if (!(ask.spmv <= SYMMETRY_MOST) || !(ask.precondition <= SYMMETRY_MOST))
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "expected product and preconditioner symmetric to "
                          "%g roundings, got %.3g and %.3g",
                          SYMMETRY_MOST, ask.spmv, ask.precondition);
    self->tested = true;
    return GB_OK;
}

gb_status hpcg_check(gb_instance *self) {
    gb_status status = check_matrix(self);

    if (status == GB_OK)
        status = check_solution(self);
    if (status == GB_OK && !self->tested)
        status = check_symmetry(self);
    return status;
}
