/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compute.hpcg: the preconditioned conjugate gradient method on a 27-point
 * stencil, as HPCG specifies it (M. A. Heroux, J. Dongarra, P. Luszczek,
 * SAND2013-8752; https://www.hpcg-benchmark.org): multigrid of four levels with
 * symmetric Gauss-Seidel sweeps, in the order of the rows, sets of 50
 * iterations from x = 0. Values and columns of the matrix are stored and read;
 * its regular form is not used.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hpcg.h"

#define ALIGN_BYTES 4096u
/* A matrix below this many times the caches measures the caches. */
#define CACHES_TO_EXCEED 4.0
#define AUTO_LEAST       32u
#define AUTO_MOST        160u
#define AUTO_UNKNOWN     104u /* HPCG's own default */
/* Indices of points, ghosts included, are 32 bits wide. */
#define POINTS_MOST 1.8e9
#define SIDE_MOST   1024u
/* About, for a size that leaves half of the memory. */
#define BYTES_PER_POINT (8.0 / 7.0 * (sizeof(hpcg_row) + 7.0 * sizeof(double)))
#define VECTORS_MOST    10u /* of a level */

static const gb_param_decl params[] = {
    {"nx", "points of each core along x; auto: from caches and memory", "auto",
     "auto|8..1024"},
    {"ny", "points of each core along y; auto: as nx", "auto", "auto|8..1024"},
    {"nz", "points of each core along z; auto: as nx", "auto", "auto|8..1024"},
    {"levels", "levels of the multigrid", "4", "1..4"},
};

static const char *const needs[] = {GB_EXT_MPI, GB_EXT_TEAM, NULL};

/* --- sizes ------------------------------------------------------------------
 */

typedef struct vector {
    double **start;
    size_t bytes; /* 0: this level has none */
} vector;

/* The vectors of level @p l, by its grid. */
static void list_vectors(gb_instance *self, unsigned l,
                         vector list[VECTORS_MOST]) {
    hpcg_level *level = &self->levels[l];
    const bool finest = l == 0;
    const size_t own = level->grid.points * sizeof(double);
    const size_t all = own + level->grid.ghosts * sizeof(double);
    const vector wanted[VECTORS_MOST] = {
        {&level->x, finest ? 0 : all},
        {&level->r, finest ? 0 : own},
        {&level->ax, own},
        {&level->send, (level->grid.ghosts + 1) * sizeof(double)},
        {&self->b, finest ? own : 0},
        {&self->x, finest ? all : 0},
        {&self->r, finest ? own : 0},
        {&self->z, finest ? all : 0},
        {&self->p, finest ? all : 0},
        {&self->ap, finest ? own : 0},
    };
    memcpy(list, wanted, sizeof(wanted));
}

static size_t rows_bytes(const gb_instance *self, unsigned l) {
    return self->levels[l].grid.points * sizeof(hpcg_row);
}

static size_t sums_bytes(const gb_instance *self) {
    return self->team->thread_count * sizeof(*self->sums);
}

static size_t requests_bytes(const gb_instance *self) {
    return 2 * HPCG_NEIGHBOURS * sizeof(*self->requests);
}

/* All that is asked of the host, for the grids as they are. */
static double bytes_needed(gb_instance *self) {
    double bytes =
        (double)(sizeof(*self) + sums_bytes(self) + requests_bytes(self));

    for (unsigned l = 0; l < self->level_count; l++) {
        vector vectors[VECTORS_MOST];
        list_vectors(self, l, vectors);
        bytes += (double)rows_bytes(self, l);
        for (size_t i = 0; i < VECTORS_MOST; i++)
            bytes += (double)vectors[i].bytes;
    }
    return bytes;
}

static void set_grids(gb_instance *self, hpcg_size local, uint32_t rank) {
    hpcg_grid_init(local, self->team->thread_count,
                   hpcg_shape((uint32_t)self->mpi->size), rank,
                   &self->levels[0].grid);
    for (unsigned l = 1; l < self->level_count; l++)
        hpcg_grid_coarsen(&self->levels[l - 1].grid, &self->levels[l].grid);
}

/* The same answer on every rank that has as much memory: for the rank with the
 * most neighbours, which has the most ghosts. */
static bool fits(gb_instance *self, hpcg_size local, double *bytes_out) {
    const hpcg_size shape = hpcg_shape((uint32_t)self->mpi->size);
    const int64_t x = shape.x > 1, y = shape.y > 1, z = shape.z > 1;
    const uint64_t memory_bytes = self->host->memory_bytes;

    set_grids(self, local, (uint32_t)((z * shape.y + y) * shape.x + x));
    *bytes_out = bytes_needed(self);
    return (memory_bytes == 0 || *bytes_out <= (double)memory_bytes) &&
           (double)local.x * (double)local.y * (double)local.z <= POINTS_MOST;
}

static hpcg_size cube_of(const gb_instance *self, uint64_t side) {
    return (hpcg_size){(int64_t)side, (int64_t)side,
                       (int64_t)(side * self->team->thread_count)};
}

/* The side of the largest cube of points of each core that fits; 0: none. */
static uint64_t largest_side(gb_instance *self, uint64_t unit) {
    double bytes = 0.0;
    uint64_t side = SIDE_MOST / unit * unit;

    while (side > unit && !fits(self, cube_of(self, side), &bytes))
        side -= unit;
    return side > unit ? side : 0;
}

/* The side of the largest cube of points of each core whose rows fill @p bytes
 * of it. */
static uint64_t side_for(double bytes, uint64_t unit) {
    return (uint64_t)cbrt(bytes / BYTES_PER_POINT) / unit * unit;
}

static uint64_t auto_side(const gb_host *host, uint64_t unit) {
    const double cores = (double)host->core_count;
    double side = AUTO_UNKNOWN;

    if (host->cache_bytes > 0) {
        side = cbrt(CACHES_TO_EXCEED * (double)host->cache_bytes / cores /
                    sizeof(hpcg_row));
        side = fmin(fmax(side, AUTO_LEAST), AUTO_MOST);
    }
    uint64_t whole = (uint64_t)ceil(side / (double)unit) * unit;
    if (host->memory_bytes > 0) {
        const uint64_t most =
            side_for((double)host->memory_bytes / cores / 2.0, unit);
        whole = whole > most ? most : whole;
    }
    return whole < 2 * unit ? 2 * unit : whole;
}

static gb_status check_side(const gb_host *host, const char *name,
                            uint64_t value, uint64_t unit) {
    if (value % unit == 0 && value >= 2 * unit)
        return GB_OK;
    const uint64_t near = value < 2 * unit ? 2 * unit : value / unit * unit;
    return host->fail(
        host, GB_ERR_INVALID,
        "halve what the coarsest level is to have as often as there are levels",
        "%s: expected a multiple of %llu from %llu on, so that each level can "
        "be halved, got %llu; %llu would do",
        name, (unsigned long long)unit, 2ULL * unit, (unsigned long long)value,
        (unsigned long long)near);
}

static gb_status choose_size(gb_instance *self, const gb_params *values,
                             hpcg_size *local) {
    const gb_host *host = self->host;
    const uint64_t unit = (uint64_t)1 << (self->level_count - 1);
    const uint64_t usual = auto_side(host, unit);
    const uint64_t nx = host->param_u64(values, "nx");
    const uint64_t ny = host->param_u64(values, "ny");
    const uint64_t nz = host->param_u64(values, "nz");
    const uint64_t x = nx > 0 ? nx : usual, y = ny > 0 ? ny : x;
    const uint64_t z = nz > 0 ? nz : x;
    gb_status status = check_side(host, "nx", x, unit);

    if (status == GB_OK)
        status = check_side(host, "ny", y, unit);
    if (status == GB_OK)
        status = check_side(host, "nz", z, unit);
    if (status != GB_OK)
        return status;
    *local = (hpcg_size){(int64_t)x, (int64_t)y,
                         (int64_t)(z * self->team->thread_count)};
    double bytes = 0.0;
    if (fits(self, *local, &bytes))
        return GB_OK;
    const uint64_t largest = largest_side(self, unit);
    char would_do[64] = "no cube is small enough";
    if (largest > 0)
        snprintf(would_do, sizeof(would_do), "a cube of %llu would do",
                 (unsigned long long)largest);
    return host->fail(
        host, GB_ERR_NO_MEMORY, "set nx, ny and nz smaller",
        "expected a grid of at most %.2g points within %llu MiB, this rank's "
        "share of the memory, got %.0f MiB; %s",
        POINTS_MOST, (unsigned long long)(host->memory_bytes >> 20),
        ceil(bytes / 0x1p20), would_do);
}

/* Every rank has the same part: faces fit each other only then. */
static gb_status agree_size(gb_instance *self, hpcg_size *local) {
    const gb_host *host = self->host;
    int64_t ends[6] = {local->x,  local->y,  local->z,
                       -local->x, -local->y, -local->z};

    if (self->mpi->size > 1 &&
        MPI_Allreduce(MPI_IN_PLACE, ends, 6, MPI_INT64_T, MPI_MIN,
                      self->mpi->comm) != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL,
                          "a minimum over ranks failed");
    if (ends[2] != -ends[5])
        return host->fail(host, GB_ERR_INVALID,
                          "give every rank the same number of cores, or set "
                          "nx, ny and nz",
                          "expected the same grid on every rank, got %lld to "
                          "%lld planes",
                          (long long)ends[2], (long long)-ends[5]);
    if (ends[0] != -ends[3] || ends[1] != -ends[4])
        return host->fail(host, GB_ERR_INVALID, "set nx, ny and nz",
                          "expected the same grid on every rank, got nx from "
                          "%lld to %lld",
                          (long long)ends[0], (long long)-ends[3]);
    return GB_OK;
}

/* --- the ops ----------------------------------------------------------------
 */

static void hpcg_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    for (unsigned l = 0; l < self->level_count; l++) {
        host->free(host, self->levels[l].send);
        host->free(host, self->levels[l].ax);
        host->free(host, self->levels[l].r);
        host->free(host, self->levels[l].x);
        host->free(host, self->levels[l].rows);
    }
    double *const vectors[] = {self->ap, self->p, self->z,
                               self->r,  self->x, self->b};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        host->free(host, vectors[i]);
    host->free(host, self->requests);
    host->free(host, self->sums);
    host->free(host, self);
}

static gb_status set_up(gb_instance *self, const gb_params *values) {
    const gb_host *host = self->host;
    const gb_ext_mpi *mpi = self->mpi;
    hpcg_size local = {0, 0, 0};
    const gb_status status = choose_size(self, values, &local);

    if (status != GB_OK)
        return status;
    const gb_status agreed = agree_size(self, &local);
    if (agreed != GB_OK)
        return agreed;
    const hpcg_size shape = hpcg_shape((uint32_t)mpi->size);
    set_grids(self, local, (uint32_t)mpi->rank);
    host->note(host, "grid", "%lld x %lld x %lld", (long long)local.x * shape.x,
               (long long)local.y * shape.y, (long long)local.z * shape.z);
    host->note(host, "ranks",
               "%lld x %lld x %lld, of %lld x %lld x %lld points",
               (long long)shape.x, (long long)shape.y, (long long)shape.z,
               (long long)local.x, (long long)local.y, (long long)local.z);
    host->note(host, "isa", "%s", hpcg_isa());
    if (host->cache_bytes > 0)
        host->note(host, "matrix_cache_multiple", "%.3g",
                   (double)self->levels[0].grid.points * sizeof(hpcg_row) /
                       (double)host->cache_bytes);
    return GB_OK;
}

static gb_status hpcg_create(const gb_host *host, const gb_params *values,
                             gb_instance **self_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);

    if (mpi == NULL || team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "start it under mpirun",
                          "needs the extensions '%s' and '%s', got not both",
                          GB_EXT_MPI, GB_EXT_TEAM);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host,
        .mpi = mpi,
        .team = team,
        .level_count = (unsigned)host->param_u64(values, "levels"),
        .code = MPI_SUCCESS,
    };
    const gb_status status = set_up(self, values);
    if (status != GB_OK) {
        hpcg_destroy(self);
        return status;
    }
    *self_out = self;
    return GB_OK;
}

static void fill(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;

    (void)thread_count;
    for (unsigned l = 0; l < self->level_count; l++)
        hpcg_fill_rows(&self->levels[l], thread);
    /* The exact solution is 1 everywhere: b is the sum of each row. */
    const hpcg_level *level = &self->levels[0];
    const hpcg_part part = hpcg_part_of(&level->grid, thread);
    for (size_t i = part.begin; i < part.end; i++) {
        self->b[i] = 0.0;
        for (unsigned k = 0; k < HPCG_NEIGHBOURS; k++)
            self->b[i] += level->rows[i].values[k];
        self->x[i] = self->r[i] = self->z[i] = self->p[i] = self->ap[i] = 0.0;
    }
}

static gb_status allocate(gb_instance *self) {
    const gb_host *host = self->host;

    for (unsigned l = 0; l < self->level_count; l++) {
        vector vectors[VECTORS_MOST];
        list_vectors(self, l, vectors);
        self->levels[l].rows =
            host->alloc(host, rows_bytes(self, l), ALIGN_BYTES);
        if (self->levels[l].rows == NULL)
            return GB_ERR_NO_MEMORY;
        for (size_t i = 0; i < VECTORS_MOST; i++)
            if (vectors[i].bytes > 0 &&
                (*vectors[i].start =
                     host->alloc(host, vectors[i].bytes, ALIGN_BYTES)) == NULL)
                return GB_ERR_NO_MEMORY;
    }
    self->sums = host->alloc(host, sums_bytes(self), 64);
    self->requests = host->alloc(host, requests_bytes(self), 64);
    return self->sums != NULL && self->requests != NULL ? GB_OK
                                                        : GB_ERR_NO_MEMORY;
}

static gb_status hpcg_prepare(gb_instance *self) {
    const gb_status status = allocate(self); /* destroy() frees what worked */

    if (status == GB_OK)
        self->team->run(self->team, fill, self);
    return status;
}

static void run_thread(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;

    (void)thread_count;
    for (uint64_t k = 0; k < self->iterations; k++) {
        if (k % HPCG_SET == 0)
            hpcg_restart(self, thread);
        hpcg_iterate(self, thread);
    }
}

/* Rows are read once by a product, and twice by a sweep; what fits in the
 * caches is not counted. A product reads x and writes y; a sweep reads r, and
 * reads and writes x; ghosts and the vector updates of coarse levels are left
 * out. */
static double bytes_of_iteration(const gb_instance *self) {
    const double row = sizeof(hpcg_row), number = sizeof(double);
    double bytes = 0.0;

    for (unsigned l = 0; l < self->level_count; l++) {
        const double points = (double)self->levels[l].grid.points;
        const double products =
            (l == 0 ? 1.0 : 0.0) + (l + 1 < self->level_count ? 1.0 : 0.0);
        const double sweeps = l + 1 < self->level_count ? 4.0 : 2.0;
        if (l > 0 && points * row < (double)self->host->cache_bytes)
            continue;
        bytes += points * (products * (row + 2.0 * number) +
                           sweeps * (row + 3.0 * number));
    }
    /* r'z, p'Ap, r'r; p = z + b p; x += a p; r -= a Ap. */
    return bytes + 13.0 * number * (double)self->levels[0].grid.points;
}

static gb_status hpcg_run(gb_instance *self, uint64_t iterations,
                          gb_work *work) {
    const double times = (double)iterations;

    self->iterations = iterations;
    self->team->run(self->team, run_thread, self);
    if (self->code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "an exchange or sum failed with MPI error %d",
                                self->code);
    hpcg_grid grids[HPCG_LEVELS_MAX];
    for (unsigned l = 0; l < self->level_count; l++)
        grids[l] = self->levels[l].grid;
    work->done = hpcg_flops(grids, self->level_count) * times;
    work->checksum = self->rr;
    GB_WORK_SET(work, flops, work->done);
    GB_WORK_SET(work, memory_bytes, bytes_of_iteration(self) * times);
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.hpcg",
    .version = "1.0.0",
    .summary = "conjugate gradients with multigrid on a 27-point stencil",
    .work_unit = "flop",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = hpcg_create,
    .prepare = hpcg_prepare,
    .run = hpcg_run,
    .verify = hpcg_check,
    .destroy = hpcg_destroy,
};
