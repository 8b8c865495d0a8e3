/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compute.fft: one forward transform of complex numbers in double precision,
 * out of place, through FFTW; over all ranks through FFTW-MPI.
 *
 * Counted as 5 n log2(n) operations, n being the points in all: what HPC
 * Challenge's MPIFFT and FFTW's own benchFFT count for any algorithm, so that
 * rates compare as times do (http://www.fftw.org/speed/method.html).
 * Split-radix algorithms need fewer; gb_work.flops has what the plan really
 * does.
 */
#include "fft.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fft_size.h"

#define ALIGN_BYTES 4096u
/* Points of a rank up to which `auto` searches: some seconds. 172,800 on one
 * core take a quarter of a minute. */
#define SEARCHED_COUNT_MAX 65536u

static const gb_param_decl params[] = {
    {"shape", "1d: one transform of n points; 3d: of a cube with sides n", "1d",
     "1d|3d"},
    {"n", "points, or points along a side; auto: 4 times the caches", "auto",
     "auto|2..1099511627776"},
    {"effort",
     "how hard FFTW searches for a fast plan, before the timed call; auto: "
     "measure up to 65,536 points a rank, else estimate",
     "auto", "auto|estimate|measure|patient"},
};

static const char *const needs[] = {GB_EXT_TEAM,
#ifdef FFT_WITH_MPI
                                    GB_EXT_MPI,
#endif
                                    NULL};

static void fft_destroy(gb_instance *self) {
    if (self == NULL)
        return;
    const gb_host *host = self->host;
    fft_library_close(self);
    host->free(host, self->sums);
    host->free(host, self->out);
    host->free(host, self->in);
    host->free(host, self);
}

/* --- parameters ------------------------------------------------------------
 */

/** Refuse @p n with the reason and the nearest that would do. */
static gb_status refuse_size(const gb_host *host, const fft_limits *limits,
                             uint64_t n, fft_fit fit) {
    const unsigned long long near = fft_nearest(limits, n);
    const unsigned long long got = n;
    char hint[64] = "start fewer ranks, or give the job more memory";

    if (near > 0)
        snprintf(hint, sizeof(hint), "use n=%llu", near);
    if (fit == FFT_UNEVEN)
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected n to be a multiple of %s, %llu, so that "
                          "all have as much to do, got %llu",
                          limits->three_d ? "the ranks" : "the ranks squared",
                          (unsigned long long)fft_unit(limits), got);
    if (fit == FFT_BLOCK_LARGE)
        return host->fail(host, GB_ERR_INVALID, hint,
                          "expected blocks that MPI can count with an int, "
                          "got n = %llu on %u ranks",
                          got, (unsigned)limits->ranks);
    return host->fail(host, GB_ERR_NO_MEMORY, hint,
                      "expected arrays within %llu MiB, this rank's share of "
                      "the memory, got %.0f MiB for n = %llu",
                      (unsigned long long)(limits->rank_bytes >> 20),
                      fft_rank_bytes(limits, n) / 0x1p20, got);
}

static gb_status choose_size(gb_instance *self, uint64_t n) {
    const gb_host *host = self->host;
    const fft_limits limits = {
        .three_d = self->three_d,
        .ranks = (uint32_t)self->ranks,
        .cores = host->core_count,
        .cache_bytes = host->cache_bytes,
        .rank_bytes = host->memory_bytes,
    };

    if (n == 0)
        n = fft_auto(&limits);
    if (n == 0) /* not even the shortest: say so with its numbers */
        n = fft_unit(&limits) < 2 ? 2 : fft_unit(&limits);
    const fft_fit fit = fft_check_size(&limits, n);
    if (fit != FFT_FITS)
        return refuse_size(host, &limits, n, fit);
    self->n = n;
    self->points = fft_points(&limits, n);
    self->count = (size_t)(self->points / limits.ranks);
    self->first = self->count * (uint64_t)self->rank;
    return GB_OK;
}

/* Returns the effort taken, in the words of the parameter. It is decided by the
 * size, the same everywhere, and not by FFTW's time limit: a search whose time
 * is up leaves the plan that `estimate` gives, without a word, and between
 * ranks it hangs, as one that gave up leaves out collective steps of the
 * others. */
static const char *choose_effort(gb_instance *self, const char *effort) {
    if (strcmp(effort, "auto") == 0)
        effort = self->count > SEARCHED_COUNT_MAX ? "estimate" : "measure";
    self->effort = strcmp(effort, "estimate") == 0  ? FFTW_ESTIMATE
                   : strcmp(effort, "measure") == 0 ? FFTW_MEASURE
                                                    : FFTW_PATIENT;
    return effort;
}

static void note_choices(const gb_instance *self, const char *effort) {
    const gb_host *host = self->host;

    host->note(host, "n", "%llu", (unsigned long long)self->n);
    host->note(host, "points", "%llu", (unsigned long long)self->points);
    host->note(host, "effort", "%s", effort);
    host->note(host, "threads", "%u", (unsigned)self->team->thread_count);
    host->note(host, "fftw", "%s", fftw_version);
}

static gb_status fft_create(const gb_host *host, const gb_params *values,
                            gb_instance **self_out) {
    const gb_ext_team *team = host->extension(host, GB_EXT_TEAM);
    const char *effort = host->param_text(values, "effort");

    if (team == NULL)
        return host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                          "needs the extension '%s', got none", GB_EXT_TEAM);
    gb_instance *self = host->alloc(host, sizeof(*self), sizeof(void *));
    if (self == NULL)
        return GB_ERR_NO_MEMORY;
    *self = (gb_instance){
        .host = host,
        .team = team,
        .ranks = 1,
        .three_d = strcmp(host->param_text(values, "shape"), "3d") == 0,
    };
    gb_status status = GB_OK;
#ifdef FFT_WITH_MPI
    self->mpi = host->extension(host, GB_EXT_MPI);
    if (self->mpi == NULL) {
        status = host->fail(host, GB_ERR_UNSUPPORTED, NULL,
                            "needs the extension '%s', got none", GB_EXT_MPI);
    } else {
        self->rank = self->mpi->rank;
        self->ranks = self->mpi->size;
    }
#endif
    if (status == GB_OK)
        status = choose_size(self, host->param_u64(values, "n"));
    if (status != GB_OK) {
        fft_destroy(self);
        return status;
    }
    note_choices(self, choose_effort(self, effort));
    *self_out = self;
    return GB_OK;
}

/* --- the ops ---------------------------------------------------------------
 */

static void touch_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const gb_instance *self = arg;
    const size_t begin = fft_share(self->room, thread, thread_count);
    const size_t end = fft_share(self->room, thread + 1, thread_count);

    memset(self->in + begin, 0, (end - begin) * FFT_POINT_BYTES);
    memset(self->out + begin, 0, (end - begin) * FFT_POINT_BYTES);
}

static gb_status fft_prepare(gb_instance *self) {
    const gb_host *host = self->host;

    fft_library_open(self);
    const size_t bytes = self->room * FFT_POINT_BYTES;
    if ((self->in = host->alloc(host, bytes, ALIGN_BYTES)) == NULL ||
        (self->out = host->alloc(host, bytes, ALIGN_BYTES)) == NULL ||
        (self->sums =
             host->alloc(host, self->team->thread_count * sizeof(*self->sums),
                         ALIGN_BYTES)) == NULL)
        return GB_ERR_NO_MEMORY; /* destroy() frees the ones that worked */
    self->team->run(self->team, touch_part, self);
    const gb_status status = fft_library_plan(self);
    if (status == GB_OK)
        fft_fill(self);
    return status;
}

static gb_status fft_run(gb_instance *self, uint64_t iterations,
                         gb_work *work) {
    const double times = (double)iterations, ranks = (double)self->ranks;
    const double points = (double)self->points;
    /* Each number goes to its place in the transposed order: for a cube there
     * and back, in one dimension once more, as the result is in order. */
    const double exchanges = self->three_d ? 2.0 : 3.0;

    fft_library_forward(self, iterations);

    work->done = 5.0 * points * log2(points) / ranks * times;
    work->checksum = self->out[0][0];
    GB_WORK_SET(work, flops, self->flops * times);
    GB_WORK_SET(work, network_bytes,
                exchanges * FFT_POINT_BYTES * (double)self->count *
                    (ranks - 1.0) / ranks * times);
    return GB_OK;
}

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "compute.fft",
    .version = "1.0.0",
    .summary = "fast Fourier transform over all ranks by FFTW",
    .work_unit = "flop",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = needs,
    .create = fft_create,
    .prepare = fft_prepare,
    .run = fft_run,
    .verify = fft_verify,
    .destroy = fft_destroy,
};
