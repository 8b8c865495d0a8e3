/* SPDX-License-Identifier: Apache-2.0 */
/* The sequence: A. Petitet, R. C. Whaley, J. Dongarra, A. Cleary, "HPL", 2.0
 * and later, testing/matgen (netlib.org/benchmark/hpl). The jump: F. Brown,
 * "Random number generation with arbitrary strides", Trans. Am. Nucl. Soc. 71,
 * 1994. */
#include "hpl_random.h"

#define MULTIPLIER 6364136223846793005u
#define INCREMENT  1u
#define SEED       100u

hpl_step hpl_step_by(uint64_t count) {
    hpl_step power = {MULTIPLIER, INCREMENT}; /* 2^bit steps */
    hpl_step total = {1, 0};

    for (; count > 0; count >>= 1) {
        if (count & 1)
            total = (hpl_step){power.multiplier * total.multiplier,
                               hpl_step_apply(power, total.increment)};
        power = (hpl_step){power.multiplier * power.multiplier,
                           hpl_step_apply(power, power.increment)};
    }
    return total;
}

uint64_t hpl_random_at(uint64_t n, uint64_t i, uint64_t j) {
    /* The sequence repeats after 2^64 numbers, so that a position may wrap. */
    return hpl_step_apply(hpl_step_by(1 + j * n + i), SEED);
}

hpl_row_walk hpl_row_walk_init(uint64_t n, uint64_t nb, uint64_t procs) {
    return (hpl_row_walk){
        .column = hpl_step_by(n),
        .gap = hpl_step_by(((procs - 1) * nb + 1) * n),
    };
}
