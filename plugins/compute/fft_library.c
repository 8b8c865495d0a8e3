/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compute.fft asks of FFTW (M. Frigo, S. G. Johnson, "The design and
 * implementation of FFTW3", Proceedings of the IEEE 93(2), 2005;
 * https://www.fftw.org/fftw3_doc/).
 *
 * On one rank plain FFTW, between ranks FFTW-MPI. In both its parallel loops
 * run on the rank's own team (fftw_threads_set_callback(), FFTW 3.3.9): threads
 * of its own would not be pinned and would not count as this rank's cores.
 */
#include "fft.h"

#ifdef FFT_WITH_MPI
#include <fftw3-mpi.h>
#endif

typedef struct fft_loop {
    void *(*work)(char *);
    char *jobs;
    size_t job_bytes;
    uint32_t count;
} fft_loop;

/* Set while this thread runs a job: FFTW splits jobs further where it has
 * threads left, and those run at once rather than on a team that is busy. */
static _Thread_local bool in_job;

static void loop_part(void *arg, uint32_t thread, uint32_t thread_count) {
    const fft_loop *loop = arg;

    in_job = true;
    for (uint32_t i = thread; i < loop->count; i += thread_count)
        loop->work(loop->jobs + i * loop->job_bytes);
    in_job = false;
}

static void run_loop(void *(*work)(char *), char *jobs, size_t job_bytes,
                     int count, void *data) {
    const gb_ext_team *team = data;
    fft_loop loop = {work, jobs, job_bytes, (uint32_t)count};

    if (!in_job) {
        team->run(team, loop_part, &loop);
        return;
    }
    for (uint32_t i = 0; i < loop.count; i++)
        work(jobs + i * job_bytes);
}

/* The library has one callback for the whole process, and another instance may
 * have had it in between. */
static void lend_team(const gb_instance *self) {
    void *team = NULL;

    /* The callback's argument is not const, though it is only handed back. */
    *(const gb_ext_team **)(void *)&team = self->team;
    fftw_threads_set_callback(run_loop, team);
}

static unsigned sides(const gb_instance *self, ptrdiff_t n[3]) {
    n[0] = n[1] = n[2] = (ptrdiff_t)self->n;
    return self->three_d ? 3u : 1u;
}

void fft_library_open(gb_instance *self) {
    /* Before fftw_mpi_init(), says FFTW's manual, section 6.11. */
    (void)fftw_init_threads();
    self->room = self->count;
#ifdef FFT_WITH_MPI
    if (self->ranks == 1)
        return;
    ptrdiff_t n[3], local[4];
    const MPI_Comm comm = self->mpi->comm;
    fftw_mpi_init();
    (void)sides(self, n);
    for (int sign = FFTW_FORWARD; sign <= FFTW_BACKWARD;
         sign += FFTW_BACKWARD - FFTW_FORWARD) {
        const ptrdiff_t room =
            self->three_d
                ? fftw_mpi_local_size_3d(n[0], n[1], n[2], comm, &local[0],
                                         &local[1])
                : fftw_mpi_local_size_1d(n[0], comm, sign, 0, &local[0],
                                         &local[1], &local[2], &local[3]);
        if (room > (ptrdiff_t)self->room)
            self->room = (size_t)room;
    }
#endif
}

static fftw_plan make_plan(const gb_instance *self, int sign, unsigned flags) {
    fftw_complex *from = sign == FFTW_FORWARD ? self->in : self->out;
    fftw_complex *to = sign == FFTW_FORWARD ? self->out : self->in;
    ptrdiff_t n[3];
    const unsigned rank = sides(self, n);

#ifdef FFT_WITH_MPI
    if (self->ranks > 1)
        return fftw_mpi_plan_dft((int)rank, n, from, to, self->mpi->comm, sign,
                                 flags);
#endif
    fftw_iodim64 dims[3];
    ptrdiff_t stride = 1;
    for (unsigned i = rank; i-- > 0; stride *= n[i])
        dims[i] = (fftw_iodim64){.n = n[i], .is = stride, .os = stride};
    return fftw_plan_guru64_dft((int)rank, dims, 0, NULL, from, to, sign,
                                flags);
}

gb_status fft_library_plan(gb_instance *self) {
    double add = 0.0, mul = 0.0, fused = 0.0;

    lend_team(self);
    fftw_plan_with_nthreads((int)self->team->thread_count);
    self->forward = make_plan(self, FFTW_FORWARD, self->effort);
    /* Not timed, so not worth the search. */
    self->backward = make_plan(self, FFTW_BACKWARD, FFTW_ESTIMATE);
    if (self->forward == NULL || self->backward == NULL)
        return self->host->fail(self->host, GB_ERR_UNSUPPORTED,
                                "use another n, such as a power of 2",
                                "FFTW has no plan for n = %llu on %d ranks",
                                (unsigned long long)self->n, (int)self->ranks);
    fftw_flops(self->forward, &add, &mul, &fused);
    self->flops = add + mul + 2.0 * fused;
    return GB_OK;
}

/* MPI errors inside the library have no way out: FFTW ignores what its calls
 * return. A lost message leaves wrong numbers, which verify() finds. */
void fft_library_forward(const gb_instance *self, uint64_t times) {
    lend_team(self);
    for (uint64_t k = 0; k < times; k++)
        fftw_execute(self->forward);
}

void fft_library_backward(const gb_instance *self) {
    lend_team(self);
    fftw_execute(self->backward);
}

void fft_library_close(gb_instance *self) {
    if (self->backward != NULL)
        fftw_destroy_plan(self->backward);
    if (self->forward != NULL)
        fftw_destroy_plan(self->forward);
}

gb_status fft_sum_ranks(const gb_instance *self, double *values, int count) {
#ifdef FFT_WITH_MPI
    const int code = MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE,
                                   MPI_SUM, self->mpi->comm);
    if (code != MPI_SUCCESS)
        return self->host->fail(self->host, GB_ERR_MPI, NULL,
                                "MPI_Allreduce failed with code %d", code);
#else
    (void)self, (void)values, (void)count;
#endif
    return GB_OK;
}
