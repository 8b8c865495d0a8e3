/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compute.dgemm: C = alpha A B by CBLAS, each core of the rank on its own tile.
 *
 * The tiles are the team's, not the BLAS library's: its own threads are not
 * pinned, their number is limited at its build (64 in Debian's OpenBLAS), and
 * they would not count as this rank's cores. So the library works with one
 * thread per call.
 *
 * verify() is Freivalds' check: with X of random signs, C X must equal
 * alpha A (B X), which costs O(n^2) (R. Freivalds, "Probabilistic machines can
 * use less running time", IFIP Congress 1977). A wrong C passes with
 * probability 2^-SIGNS at most; each row's tolerance is the bound of N. J.
 * Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section
 * 3.5, for the rounding of both sides: n u |A| |B| |x|, four times over.
 */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#define ALIGN_BYTES 4096u
#define SIGNS       16u
/* With this n one core takes some tenths of a second. */
#define AUTO_N_ONE_CORE 1536.0
#define N_UNIT          64u
#define N_MIN           16u

/** What the check found in one thread's rows; row == n: nothing wrong. */
typedef struct finding {
    size_t row, column; /* column: of the inputs, where `input` is set */
    char input;         /* 'A', 'B', or 0: C X is wrong in that row */
    double expected, got, tolerance;
} finding;

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
    size_t n;
    uint32_t tile_rows, tile_columns; /* their product is the thread count */
    double *a, *b, *c;                /* [n][n], column-major */
    double alpha;                     /* changes with every run(): see verify */
    uint64_t iterations;
    double *bx;     /* [n][SIGNS + 1]: B X, and |B| e */
    double *signs;  /* [n][SIGNS]: X */
    double *sides;  /* [n][2 SIGNS + 1]: C X, A B X, and |A| |B| e */
    finding *found; /* [thread_count] */
};

static const gb_param_decl params[] = {
    {"n", "order of the matrices; auto: some tenths of a second per call",
     "auto", "auto|16..200000"},
};

static const char *const needs[] = {GB_EXT_TEAM, NULL};

static void dgemm_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    host->free(host, self->found);
    host->free(host, self->sides);
    host->free(host, self->bx);
    host->free(host, self->signs);
    host->free(host, self->c);
    host->free(host, self->b);
    host->free(host, self->a);
    host->free(host, self);
}

static size_t auto_n(const gb_host *host) {
    double n = AUTO_N_ONE_CORE * cbrt((double)host->core_count);
    const double most =
        sqrt((double)host->memory_bytes / (2.0 * 3.0 * sizeof(double)));

    if (host->memory_bytes > 0 && n > most)
        n = most;
    return n < N_UNIT ? N_UNIT : (size_t)n / N_UNIT * N_UNIT;
}

/** What prepare() takes for order @p n, but for a few bytes per thread. */
static double bytes_of(double n) {
    return sizeof(double) *
           (3.0 * n * n + (double)(SIGNS + (SIGNS + 1) + (2 * SIGNS + 1)) * n);
}

static gb_status refuse_order(const gb_host *host, size_t n) {
    const double memory = (double)host->memory_bytes;
    double fits = floor(sqrt(memory / (3.0 * sizeof(double))));
    char hint[64] = "give the job more memory";

    while (fits >= 1.0 && bytes_of(fits) > memory)
        fits -= 1.0;
    if (fits >= N_MIN)
        snprintf(hint, sizeof(hint), "use n=%.0f", fits);
    return host->fail(host, GB_ERR_NO_MEMORY, hint,
                      "expected three matrices within %.0f MiB, this rank's "
                      "share of the memory, got %.0f MiB for n = %zu",
                      memory / 0x1p20, bytes_of((double)n) / 0x1p20, n);
}

static gb_status dgemm_create(const gb_host *host, const gb_params *values,
                              gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);

    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    size_t n = (size_t)host->param_u64(values, "n");
    if (n == 0)
        n = auto_n(host);
    if (host->memory_bytes > 0 &&
        bytes_of((double)n) > (double)host->memory_bytes)
        return refuse_order(host, n);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host,
        .team = team,
        .n = n,
        .alpha = 1.0,
        .tile_rows = 1,
    };
    for (uint32_t r = 1; r * r <= team->thread_count; r++)
        if (team->thread_count % r == 0)
            self->tile_rows = r; /* as near to square as it divides */
    self->tile_columns = team->thread_count / self->tile_rows;
    openblas_set_num_threads(1);
    host->note(host, "n", "%zu", self->n);
    host->note(host, "blas", "%s", openblas_get_config());
    host->note(host, "blas_core", "%s", openblas_get_corename());
    *self_out = self;
    return GB_OK;
}

/* --- contents --------------------------------------------------------------
 */

/** Uniform in [-1, 1), the same for the same @p key everywhere. */
static double random_value(uint64_t key) {
    /* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
    uint64_t z = key * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(int64_t)z * 0x1p-63;
}

static double a_value(const gb_instance *self, size_t index) {
    (void)self;
    return random_value((uint64_t)index + 1u);
}

static double b_value(const gb_instance *self, size_t index) {
    return random_value((uint64_t)index + 1u +
                        (uint64_t)self->n * (uint64_t)self->n);
}

static size_t share(size_t n, uint32_t part, uint32_t parts) {
    return n * part / parts;
}

typedef struct tile {
    size_t row, rows, column, columns;
} tile;

static tile tile_of(const gb_instance *self, uint32_t thread) {
    const uint32_t r = thread % self->tile_rows;
    const uint32_t c = thread / self->tile_rows;
    tile t = {.row = share(self->n, r, self->tile_rows),
              .column = share(self->n, c, self->tile_columns)};

    t.rows = share(self->n, r + 1, self->tile_rows) - t.row;
    t.columns = share(self->n, c + 1, self->tile_columns) - t.column;
    return t;
}

static void fill_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const size_t n = self->n;
    const size_t end = share(n, thread + 1, thread_count) * n;
    const tile t = tile_of(self, thread);

    for (size_t i = share(n, thread, thread_count) * n; i < end; i++) {
        self->a[i] = a_value(self, i);
        self->b[i] = b_value(self, i);
    }
    for (size_t k = t.column; k < t.column + t.columns; k++)
        memset(self->c + k * n + t.row, 0, t.rows * sizeof(double));
    for (size_t i = share(n, thread, thread_count) * SIGNS;
         i < share(n, thread + 1, thread_count) * SIGNS; i++)
        self->signs[i] =
            random_value(UINT64_MAX - (uint64_t)i) < 0.0 ? -1.0 : 1.0;
}

static gb_status dgemm_prepare(gb_instance *self) {
    const gb_host *host = self->host;
    const size_t n = self->n;
    const struct {
        double **array;
        size_t elements;
    } arrays[] = {
        {&self->a, n * n},
        {&self->b, n * n},
        {&self->c, n * n},
        {&self->signs, n * SIGNS},
        {&self->bx, n * (SIGNS + 1)},
        {&self->sides, n * (2 * SIGNS + 1)},
    };

    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
        *arrays[i].array =
            host->alloc(host, arrays[i].elements * sizeof(double), ALIGN_BYTES);
        if (*arrays[i].array == NULL)
            return GB_ERR_NO_MEMORY; /* destroy() frees the others */
    }
    self->found =
        host->alloc(host, self->team->thread_count * sizeof(*self->found), 64);
    if (self->found == NULL)
        return GB_ERR_NO_MEMORY;
    self->team->run(self->team, fill_part, self);
    return GB_OK;
}

/* --- the work --------------------------------------------------------------
 */

static void run_tile(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const blasint n = (blasint)self->n;
    const tile t = tile_of(self, thread);

    (void)thread_count;
    if (t.rows == 0 || t.columns == 0)
        return;
    for (uint64_t k = 0; k < self->iterations; k++)
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (blasint)t.rows,
                    (blasint)t.columns, n, self->alpha, self->a + t.row, n,
                    self->b + t.column * self->n, n, 0.0,
                    self->c + t.column * self->n + t.row, n);
}

static gb_status dgemm_run(gb_instance *self, uint64_t iterations,
                           gb_work *work) {
    const double n = (double)self->n;

    self->iterations = iterations;
    self->alpha = self->alpha == 1.0 ? 2.0 : 1.0;
    self->team->run(self->team, run_tile, self);

    work->done = 2.0 * n * n * n * (double)iterations;
    work->checksum = self->c[self->n * self->n / 2];
    GB_WORK_SET(work, flops, work->done);
    return GB_OK;
}

/* --- Freivalds' check ------------------------------------------------------
 */

/** out[i][r] += m[i][k] * x[k][r] for the rows [begin, end) of @p m. */
static void multiply_rows(const double *restrict m, size_t n, size_t begin,
                          size_t end, const double *restrict x, size_t x_width,
                          double *restrict out, size_t out_width) {
    for (size_t k = 0; k < n; k++)
        for (size_t i = begin; i < end; i++) {
            const double value = m[k * n + i];
            for (size_t r = 0; r < SIGNS; r++)
                out[i * out_width + r] += value * x[k * x_width + r];
        }
}

static void add_magnitudes(const double *restrict m, size_t n, size_t begin,
                           size_t end, const double *restrict x,
                           size_t x_stride, double *restrict out,
                           size_t out_stride) {
    for (size_t k = 0; k < n; k++)
        for (size_t i = begin; i < end; i++)
            out[i * out_stride] +=
                fabs(m[k * n + i]) * (x != NULL ? x[k * x_stride] : 1.0);
}

static bool inputs_are_right(const gb_instance *self, size_t begin, size_t end,
                             finding *found) {
    const size_t n = self->n;

    for (size_t i = begin * n; i < end * n; i++) {
        const double a = a_value(self, i), b = b_value(self, i);
        if (self->a[i] == a && self->b[i] == b)
            continue;
        const bool a_wrong = self->a[i] != a;
        *found = (finding){.row = i % n,
                           .column = i / n,
                           .input = a_wrong ? 'A' : 'B',
                           .expected = a_wrong ? a : b,
                           .got = a_wrong ? self->a[i] : self->b[i]};
        return false;
    }
    return true;
}

static void compare_rows(const gb_instance *self, size_t begin, size_t end,
                         finding *found) {
    const size_t width = 2 * SIGNS + 1;

    for (size_t i = begin; i < end; i++) {
        const double *row = self->sides + i * width;
        const double tolerance =
            4.0 * (double)self->n * DBL_EPSILON * self->alpha * row[2 * SIGNS];
        for (size_t r = 0; r < SIGNS; r++) {
            const double want = self->alpha * row[SIGNS + r];
            if (fabs(row[r] - want) <= tolerance) /* false for NaN as well */
                continue;
            *found = (finding){.row = i,
                               .expected = want,
                               .got = row[r],
                               .tolerance = tolerance};
            return;
        }
    }
}

static void check_part(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const size_t n = self->n, width = 2 * SIGNS + 1;
    const size_t begin = share(n, thread, thread_count);
    const size_t end = share(n, thread + 1, thread_count);
    finding *found = &self->found[thread];

    *found = (finding){.row = n};
    memset(self->bx + begin * (SIGNS + 1), 0,
           (end - begin) * (SIGNS + 1) * sizeof(double));
    memset(self->sides + begin * width, 0,
           (end - begin) * width * sizeof(double));
    const bool sound = inputs_are_right(self, begin, end, found);
    multiply_rows(self->b, n, begin, end, self->signs, SIGNS, self->bx,
                  SIGNS + 1);
    add_magnitudes(self->b, n, begin, end, NULL, 0, self->bx + SIGNS,
                   SIGNS + 1);
    self->team->barrier(self->team);
    multiply_rows(self->c, n, begin, end, self->signs, SIGNS, self->sides,
                  width);
    multiply_rows(self->a, n, begin, end, self->bx, SIGNS + 1,
                  self->sides + SIGNS, width);
    add_magnitudes(self->a, n, begin, end, self->bx + SIGNS, SIGNS + 1,
                   self->sides + 2 * SIGNS, width);
    if (sound)
        compare_rows(self, begin, end, found);
}

static gb_status dgemm_verify(gb_instance *self) {
    const gb_host *host = self->host;

    self->team->run(self->team, check_part, self);
    for (uint32_t t = 0; t < self->team->thread_count; t++) {
        const finding *f = &self->found[t];
        if (f->row == self->n)
            continue;
        if (f->input != 0)
            return host->fail(host, GB_ERR_VERIFY, NULL,
                              "input %c[%zu][%zu]: expected %.17g, got %.17g",
                              f->input, f->row, f->column, f->expected, f->got);
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "row %zu of C X: expected %.17g within %.2g, got "
                          "%.17g",
                          f->row, f->expected, f->tolerance, f->got);
    }
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.dgemm",
    .version = "1.0.0",
    .summary = "product of two dense matrices by the BLAS library",
    .work_unit = "flop",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = dgemm_create,
    .prepare = dgemm_prepare,
    .run = dgemm_run,
    .verify = dgemm_verify,
    .destroy = dgemm_destroy,
};
