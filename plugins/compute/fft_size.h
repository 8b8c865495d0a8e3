/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_FFT_SIZE_H
#define COMPUTE_FFT_SIZE_H

/**
 * @file compute/fft_size.h
 * Which lengths a transform may have on so many ranks, and how much memory it
 * takes. Arithmetic alone: no library, no machine.
 */
#include <stdbool.h>
#include <stdint.h>

#define FFT_POINT_BYTES 16u /* a complex number in double precision */
/** 16 TiB of numbers; n^3 and all products with it stay within 64 bits. */
#define FFT_POINTS_MAX ((uint64_t)1 << 40)

/** What limits the length. */
typedef struct fft_limits {
    bool three_d;         /* n is a side, n^3 points in all */
    uint32_t ranks;       /* >= 1 */
    uint64_t cores;       /* of each rank */
    uint64_t cache_bytes; /* of each rank; 0: unknown */
    uint64_t rank_bytes;  /* memory of each rank; 0: unknown */
} fft_limits;

/** Why a length will not do. */
typedef enum fft_fit {
    FFT_FITS,
    FFT_UNEVEN,     /* does not divide among the ranks */
    FFT_TOO_LARGE,  /* for the memory */
    FFT_BLOCK_LARGE /* what one rank sends another: MPI counts with an int */
} fft_fit;

/** Points in all; FFT_POINTS_MAX + 1 for more than that. */
uint64_t fft_points(const fft_limits *limits, uint64_t n);

/** n must be a multiple of this: of ranks^2 for one dimension (rows and columns
 *  of the six-step algorithm are both dealt out), of ranks for three. */
uint64_t fft_unit(const fft_limits *limits);

/** What each rank takes: input, output and, between ranks, one array more for
 *  the library's exchange. In bytes, as a double for it may be any number. */
double fft_rank_bytes(const fft_limits *limits, uint64_t n);

fft_fit fft_check_size(const fft_limits *limits, uint64_t n);

/** The length nearest to @p n that passes fft_check_size(); 0 if there is
 *  none. */
uint64_t fft_nearest(const fft_limits *limits, uint64_t n);

/** The default: input and output together 4 times the caches, at least
 *  4 MiB of input for each core, at most a quarter of the memory; 0 if not
 * even the shortest fits. */
uint64_t fft_auto(const fft_limits *limits);

#endif /* COMPUTE_FFT_SIZE_H */
