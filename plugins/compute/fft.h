/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_FFT_H
#define COMPUTE_FFT_H

/**
 * @file compute/fft.h
 * One instance of compute.fft, shared by its three parts: the benchmark
 * (fft.c), the FFTW library (fft_library.c), and the numbers that go in and
 * must come out (fft_check.c).
 */
#include <fftw3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#ifdef FFT_WITH_MPI
#include "greenbench/ext/mpi.h"
#endif

#define FFT_BINS 2u /* of the result, compared with the definition */

/** What one thread found in its part of the input: the definition's sums over
 *  it, and whether it is the input at all. */
typedef struct fft_sum {
    double bins[FFT_BINS][2];
    double squares;
    size_t wrong; /* local index of the first wrong number; count: none */
} fft_sum;

struct gb_instance {
    const gb_host *host;
    const gb_ext_team *team;
#ifdef FFT_WITH_MPI
    const gb_ext_mpi *mpi;
#endif
    int32_t rank, ranks;
    bool three_d;
    uint64_t n;      /* points, or points along each side */
    uint64_t points; /* in all */
    uint64_t first;  /* this rank's part starts here, before and after */
    size_t count;    /* and is so long */
    size_t room;     /* numbers per array: the library may want more */
    unsigned effort; /* FFTW_ESTIMATE, FFTW_MEASURE or FFTW_PATIENT */
    fftw_complex *in, *out;
    fftw_plan forward, backward;
    double flops;  /* of one forward transform on this rank, as planned */
    uint64_t seed; /* of the input; changes with every verify() */
    fft_sum *sums; /* [thread_count] */
};

/** @p part of @p parts of the local numbers. */
static inline size_t fft_share(size_t count, uint32_t part, uint32_t parts) {
    return count / parts * part + count % parts * part / parts;
}

/* --- fft_library.c -------------------------------------------------------- */

/** Start the library, and ask it how many numbers each array must hold. */
void fft_library_open(gb_instance *self);
/** Plan both directions; overwrites the arrays. */
gb_status fft_library_plan(gb_instance *self);
void fft_library_forward(const gb_instance *self, uint64_t times);
/** From out to in, unnormalised. */
void fft_library_backward(const gb_instance *self);
void fft_library_close(gb_instance *self);
/** Sum over the ranks. */
gb_status fft_sum_ranks(const gb_instance *self, double *values, int count);

/* --- fft_check.c ---------------------------------------------------------- */

/** Write the input of self->seed, each thread its part. */
void fft_fill(gb_instance *self);
gb_status fft_verify(gb_instance *self);

#endif /* COMPUTE_FFT_H */
