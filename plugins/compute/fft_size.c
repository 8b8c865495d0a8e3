/* SPDX-License-Identifier: Apache-2.0 */
#include "fft_size.h"

#include <limits.h>
#include <math.h>

#define CORE_BYTES ((uint64_t)4 << 20)

uint64_t fft_points(const fft_limits *limits, uint64_t n) {
    const uint64_t over = FFT_POINTS_MAX + 1u;

    if (!limits->three_d)
        return n < over ? n : over;
    /* 2^14 cubed is 2^42, so the product cannot wrap. */
    if (n > ((uint64_t)1 << 14))
        return over;
    return n * n * n < over ? n * n * n : over;
}

uint64_t fft_unit(const fft_limits *limits) {
    const uint64_t ranks = limits->ranks;

    return limits->three_d ? ranks : ranks * ranks;
}

static double arrays(const fft_limits *limits) {
    return limits->ranks > 1 ? 3.0 : 2.0;
}

double fft_rank_bytes(const fft_limits *limits, uint64_t n) {
    const double side = (double)n;
    const double points = limits->three_d ? side * side * side : side;

    return arrays(limits) * FFT_POINT_BYTES * points / (double)limits->ranks;
}

fft_fit fft_check_size(const fft_limits *limits, uint64_t n) {
    const uint64_t points = fft_points(limits, n);
    const double ranks = (double)limits->ranks;

    if (n < 2 || n % fft_unit(limits) != 0)
        return FFT_UNEVEN;
    if (points > FFT_POINTS_MAX ||
        (limits->rank_bytes > 0 &&
         fft_rank_bytes(limits, n) > (double)limits->rank_bytes))
        return FFT_TOO_LARGE;
    if (limits->ranks > 1 && 2.0 * (double)points / (ranks * ranks) > INT_MAX)
        return FFT_BLOCK_LARGE;
    return FFT_FITS;
}

/** The greatest n <= @p most that is @p unit times powers of 2, 3 and 5, which
 *  are the factors that fast algorithms are made for; 0 if there is none. */
static uint64_t smooth_below(uint64_t unit, uint64_t most) {
    uint64_t best = 0;

    for (uint64_t five = unit; five <= most; five *= 5u)
        for (uint64_t three = five; three <= most; three *= 3u) {
            uint64_t two = three;
            while (two <= most / 2u)
                two *= 2u;
            if (two > best)
                best = two;
        }
    return best;
}

/** The greatest n, divisible or not, that passes the other checks. */
static uint64_t greatest(const fft_limits *limits) {
    const double ranks = (double)limits->ranks;
    double points = (double)FFT_POINTS_MAX;

    if (limits->rank_bytes > 0)
        points = fmin(points, (double)limits->rank_bytes * ranks /
                                  (arrays(limits) * FFT_POINT_BYTES));
    if (limits->ranks > 1)
        points = fmin(points, floor(INT_MAX / 2.0) * ranks * ranks);
    /* A cube root may be rounded to a whole number that it does not reach. */
    return (uint64_t)(limits->three_d ? cbrt(points) * (1.0 - 0x1p-50)
                                      : points);
}

uint64_t fft_nearest(const fft_limits *limits, uint64_t n) {
    const uint64_t unit = fft_unit(limits);
    const uint64_t least = unit < 2 ? 2 : unit;
    const uint64_t most = unit > 0 ? greatest(limits) / unit * unit : 0;

    if (most < least)
        return 0;
    if (n >= most) /* the greatest that is also fast */
        return smooth_below(unit, most) >= least ? smooth_below(unit, most)
                                                 : most;
    const uint64_t below = n / unit * unit;
    const uint64_t near = n - below < below + unit - n ? below : below + unit;
    return near < least ? least : near;
}

uint64_t fft_auto(const fft_limits *limits) {
    const uint64_t unit = fft_unit(limits);
    uint64_t bytes = limits->cores * CORE_BYTES;

    if (bytes < 2u * limits->cache_bytes)
        bytes = 2u * limits->cache_bytes;
    if (limits->rank_bytes > 0 && bytes > limits->rank_bytes / 12u)
        bytes = limits->rank_bytes / 12u;
    const double points =
        (double)bytes * (double)limits->ranks / FFT_POINT_BYTES;
    const double n = limits->three_d ? cbrt(points) + 1e-6 : points;
    const uint64_t chosen = smooth_below(unit, (uint64_t)n);
    return fft_nearest(limits, chosen < 2 ? unit : chosen);
}
