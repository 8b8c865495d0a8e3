/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGINS_HPL_RANDOM_H
#define GREENBENCH_PLUGINS_HPL_RANDOM_H

/**
 * @file hpl_random.h
 * HPL's random matrix, any part of it by itself.
 *
 * The sequence is X(k+1) = 6364136223846793005 X(k) + 1 modulo 2^64 with
 * X(0) = 100, HPL's seed. The n x (n+1) matrix [A|b] takes its numbers from
 * X(1) on, column after column; the value of X is 1/2 - X / 2^64, so that all
 * lie in [-0.5, 0.5]. k steps at once are again one multiplication and one
 * addition, with constants that take log2(k) steps to find.
 */
#include <stddef.h>
#include <stdint.h>

/** X -> multiplier X + increment modulo 2^64. */
typedef struct hpl_step {
    uint64_t multiplier, increment;
} hpl_step;

/** @p count steps of the sequence as one. */
hpl_step hpl_step_by(uint64_t count);

static inline uint64_t hpl_step_apply(hpl_step step, uint64_t x) {
    return step.multiplier * x + step.increment;
}

static inline double hpl_random_value(uint64_t x) {
    return 0.5 - (double)x * 0x1p-64;
}

/** The number behind row @p i, column @p j of [A|b] of order @p n. */
uint64_t hpl_random_at(uint64_t n, uint64_t i, uint64_t j);

/** What walks along one row of the matrix, over a process's own columns. */
typedef struct hpl_row_walk {
    hpl_step column; /* to the next column */
    hpl_step gap; /* from one block's last column to the next block's first */
} hpl_row_walk;

hpl_row_walk hpl_row_walk_init(uint64_t n, uint64_t nb, uint64_t procs);

#endif /* GREENBENCH_PLUGINS_HPL_RANDOM_H */
