/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compute.hpl: a dense system of linear equations by LU factorisation with
 * partial pivoting, as High Performance Linpack (HPL) poses, counts and checks
 * it. hpl.h says how the parts hang together; all of them are our own.
 */
#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "hpl.h"
#include "hpl_layout.h"
#include "hpl_plan.h"

#define ALIGN_BYTES  4096u
#define RESIDUAL_MAX 16.0

static const gb_param_decl params[] = {
    {"n", "order of the matrix; auto: from `fill`, or else for some seconds",
     "auto", "auto|1..20000000"},
    {"fill", "share of all ranks' memory that the matrix takes", "auto",
     "auto|1%..95%"},
    {"nb", "rows and columns of a block; auto: 192, n if that is less", "auto",
     "auto|8..1024"},
    {"p", "rows of the grid of ranks; auto: as square as can be, p <= q",
     "auto", "auto|1..1000000"},
    {"q", "columns of the grid of ranks", "auto", "auto|1..1000000"},
    {"order", "ranks go into the grid by row or by column", "row",
     "row|column"},
    {"depth", "look-ahead: panels made before the update behind is over", "1",
     "0..1"},
};

static const char *const needs[] = {GB_EXT_MPI, GB_EXT_TEAM, NULL};

static void hpl_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    if (self->has_comms) {
        MPI_Comm_free(&self->row_comm);
        MPI_Comm_free(&self->col_comm);
        MPI_Type_free(&self->pivot_type);
        MPI_Op_free(&self->pivot_op);
    }
    host->free(host, self->check);
    host->free(host, self->vectors);
    host->free(host, self->buffers);
    host->free(host, self->panel_block[1]);
    host->free(host, self->panel_block[0]);
    host->free(host, self->a);
    host->free(host, self->counts);
    host->free(host, self->plan_block);
    host->free(host, self->candidates);
    host->free(host, self);
}

/** What the ranks have between them. Collective; the same on all. */
static gb_status ask_all(const gb_host *host, const gb_ext_mpi *mpi,
                         hpl_machine *machine_out) {
    uint64_t least = host->memory_bytes, cores = host->core_count;
    int code = MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_UINT64_T, MPI_MIN,
                             mpi->comm);

    if (code == MPI_SUCCESS)
        code = MPI_Allreduce(MPI_IN_PLACE, &cores, 1, MPI_UINT64_T, MPI_SUM,
                             mpi->comm);
    if (code != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL,
                          "asking all ranks for their memory failed with MPI "
                          "error %d",
                          code);
    *machine_out = (hpl_machine){
        .ranks = (size_t)mpi->size, .memory_bytes = least, .core_count = cores};
    return GB_OK;
}

static void note_choices(const gb_host *host, const gb_instance *self) {
    const hpl_grid *grid = &self->grid;

    host->note(host, "n", "%zu", grid->n);
    host->note(host, "nb", "%zu", grid->nb);
    host->note(host, "grid", "%zux%zu, %s-major", grid->p, grid->q,
               self->column_major_ranks ? "column" : "row");
    host->note(host, "matrix_bytes", "%.0f",
               (double)grid->n * (double)grid->n * sizeof(double));
    host->note(host, "panel_isa", "%s", self->kernels->isa);
    host->note(host, "blas", "%s", openblas_get_config());
    host->note(host, "blas_core", "%s", openblas_get_corename());
}

static gb_status hpl_create(const gb_host *host, const gb_params *values,
                            gb_instance **self_out) {
    const gb_ext_mpi *mpi = host->extension(host, GB_EXT_MPI);
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    const hpl_wish wish = {
        .n = (size_t)host->param_u64(values, "n"),
        .nb = (size_t)host->param_u64(values, "nb"),
        .p = (size_t)host->param_u64(values, "p"),
        .q = (size_t)host->param_u64(values, "q"),
        .fill = host->param_f64(values, "fill") / 100.0,
    };
    hpl_machine machine;
    hpl_shape shape;
    hpl_refusal refusal;

    if (mpi == NULL || team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, "start it under mpirun",
                          "needs the extensions '%s' and '%s'", GB_EXT_MPI,
                          GB_EXT_TEAM);
    const gb_status status = ask_all(host, mpi, &machine);
    if (status != GB_OK)
        return status;
    if (!hpl_plan_shape(&wish, &machine, &shape, &refusal))
        return host->fail(host, GB_ERR_INVALID,
                          refusal.hint[0] != '\0' ? refusal.hint : NULL, "%s",
                          refusal.what);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host,
        .team = team,
        .mpi = mpi,
        .kernels = hpl_kernels_best(),
        .column_major_ranks =
            strcmp(host->param_text(values, "order"), "column") == 0,
        .look_ahead = host->param_u64(values, "depth") > 0,
        .sum = MPI_REQUEST_NULL,
    };
    const size_t rank = (size_t)mpi->rank;
    self->grid = hpl_plan_grid(
        &shape, self->column_major_ranks ? rank % shape.p : rank / shape.q,
        self->column_major_ranks ? rank / shape.p : rank % shape.q);
    openblas_set_num_threads(1);
    note_choices(host, self);
    *self_out = self;
    return GB_OK;
}

/* --- memory and communicators ----------------------------------------------
 */

static gb_status connect_ranks(gb_instance *self) {
    const hpl_grid *grid = &self->grid;
    const MPI_Comm comm = self->mpi->comm;
    int code = MPI_Comm_split(comm, (int)grid->my_row, (int)grid->my_col,
                              &self->row_comm);

    if (code == MPI_SUCCESS)
        code = MPI_Comm_split(comm, (int)grid->my_col, (int)grid->my_row,
                              &self->col_comm);
    if (code == MPI_SUCCESS)
        code = MPI_Type_contiguous((int)hpl_pivot_doubles(grid->nb), MPI_DOUBLE,
                                   &self->pivot_type);
    if (code == MPI_SUCCESS)
        code = MPI_Type_commit(&self->pivot_type);
    if (code == MPI_SUCCESS)
        code = MPI_Op_create(hpl_pivot_merge, 1, &self->pivot_op);
    self->has_comms = code == MPI_SUCCESS;
    if (code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "communicators for a grid of %zux%zu ranks "
                                "failed with MPI error %d",
                                grid->p, grid->q, code);
    return GB_OK;
}

static bool take(gb_instance *self, void *block_out, size_t bytes) {
    void *block = self->host->alloc(self->host, bytes, ALIGN_BYTES);

    memcpy(block_out, &block, sizeof(block));
    return block != NULL;
}

/** Indices that a fault must not reach: the program, not its numbers. */
static bool take_indices(gb_instance *self) {
    const hpl_grid *grid = &self->grid;

    if (!take(self, &self->plan_block,
              hpl_swap_plan_size(grid->nb, grid->p) * sizeof(size_t)) ||
        !take(self, &self->counts, 2 * grid->p * sizeof(int)) ||
        !take(self, &self->candidates,
              self->team->thread_count * sizeof(hpl_candidate)))
        return false;
    hpl_swap_plan_init(&self->plan, self->plan_block, grid->nb, grid->p);
    self->offsets = self->counts + grid->p;
    return true;
}

/** Page by page to the threads, or run() would pay for the pages. */
static void touch(void *arg, uint32_t thread, uint32_t thread_count) {
    gb_instance *self = arg;
    const hpl_footprint sizes = hpl_plan_footprint(&self->grid);
    const struct {
        double *block;
        size_t doubles;
    } blocks[] = {
        {self->a, sizes.matrix},
        {self->panel_block[0], sizes.panel},
        {self->panel_block[1], sizes.panel},
        {self->buffers, sizes.buffers},
        {self->vectors, sizes.vectors},
        {self->check, sizes.check},
    };

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const size_t begin = hpl_share(blocks[i].doubles, thread, thread_count);
        const size_t end =
            hpl_share(blocks[i].doubles, thread + 1, thread_count);
        memset(blocks[i].block + begin, 0, (end - begin) * sizeof(double));
    }
}

static gb_status hpl_prepare(gb_instance *self) {
    const hpl_grid *grid = &self->grid;
    const hpl_footprint sizes = hpl_plan_footprint(grid);
    const gb_status status = connect_ranks(self);

    if (status != GB_OK)
        return status;
    if (!take_indices(self) ||
        !take(self, &self->a, sizes.matrix * sizeof(double)) ||
        !take(self, &self->panel_block[0], sizes.panel * sizeof(double)) ||
        !take(self, &self->panel_block[1], sizes.panel * sizeof(double)) ||
        !take(self, &self->buffers, sizes.buffers * sizeof(double)) ||
        !take(self, &self->vectors, sizes.vectors * sizeof(double)) ||
        !take(self, &self->check, sizes.check * sizeof(double)))
        return GB_ERR_NO_MEMORY; /* destroy() frees the others */
    const size_t strip_doubles = grid->p > 1 ? grid->nb * grid->strip : 0;
    self->u = self->buffers;
    self->swap_send = self->u + strip_doubles;
    self->swap_receive = self->swap_send + strip_doubles;
    self->swap_out = self->swap_receive + strip_doubles;
    self->swap_in = self->swap_out + strip_doubles;
    self->pivot_send = self->swap_in + strip_doubles;
    self->pivot_receive = self->pivot_send + hpl_pivot_doubles(grid->nb);
    self->x = self->vectors;
    self->y = self->x + grid->columns;
    self->block = self->y + grid->rows;
    self->team->run(self->team, touch, self);
    return GB_OK;
}

static gb_status hpl_rearm(gb_instance *self) {
    self->team->run(self->team, hpl_fill, self);
    for (size_t j = 0; j < self->grid.columns; j++)
        self->x[j] = NAN; /* an old solution must not pass for a new one */
    self->armed = true;
    return GB_OK;
}

/* --- the work --------------------------------------------------------------
 */

static gb_status hpl_run(gb_instance *self, uint64_t iterations,
                         gb_work *work) {
    const gb_host *host = self->host;
    const double share =
        hpl_operations((double)self->grid.n) / (double)self->mpi->size;

    if (!self->armed || iterations != 1)
        return host->fail(
            host, GB_ERR_INTERNAL, "this host is too old: it must call rearm()",
            "expected one solve of a fresh matrix in each call, "
            "got %llu of %s matrix",
            (unsigned long long)iterations, self->armed ? "a fresh" : "a used");
    self->armed = false;
    self->mpi_code = MPI_SUCCESS;
    self->team->run(self->team, hpl_solve, self);
    if (self->mpi_code != MPI_SUCCESS)
        return host->fail(host, GB_ERR_MPI, NULL,
                          "the solve failed with MPI error %d", self->mpi_code);
    work->done = share;
    work->checksum = self->grid.columns > 0 ? self->x[0] : 0.0;
    GB_WORK_SET(work, flops, share);
    return GB_OK;
}

static gb_status hpl_verify(gb_instance *self) {
    const gb_host *host = self->host;
    double residual = INFINITY;
    const gb_status status = hpl_residual(self, &residual);

    if (status != GB_OK)
        return status;
    host->note(host, "residual", "%.7g", residual);
    if (!(residual < RESIDUAL_MAX))
        return host->fail(host, GB_ERR_VERIFY, NULL,
                          "scaled residual: expected below %g, got %g",
                          RESIDUAL_MAX, residual);
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.hpl",
    .version = "1.0.0",
    .summary = "dense linear system by LU with partial pivoting, as HPL's",
    .work_unit = "flop",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = hpl_create,
    .prepare = hpl_prepare,
    .run = hpl_run,
    .verify = hpl_verify,
    .destroy = hpl_destroy,
    .flags = GB_PLUGIN_ONE_SHOT,
    .rearm = hpl_rearm,
};
