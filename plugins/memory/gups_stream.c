/* SPDX-License-Identifier: Apache-2.0 */
#include "gups_stream.h"

/** The product of two polynomials over GF(2) modulo the one of the stream. */
static uint64_t multiply(uint64_t a, uint64_t b) {
    uint64_t product = 0;

    for (; b != 0; b >>= 1) {
        if ((b & 1u) != 0)
            product ^= a;
        a = gups_next(a);
    }
    return product;
}

uint64_t gups_jump(uint64_t steps) {
    uint64_t power = 2u, product = 1u; /* x^(2^k), and x^(bits so far) */

    for (; steps != 0; steps >>= 1) {
        if ((steps & 1u) != 0)
            product = multiply(product, power);
        power = multiply(power, power);
    }
    return product;
}

uint64_t gups_first_word(unsigned bits, uint32_t ranks, uint32_t rank) {
    /* The least w with w * ranks >> bits == rank, without overflow. */
    const uint64_t size = (uint64_t)1 << bits;
    const uint64_t whole = size / ranks, rest = size % ranks;

    return whole * rank + (rest * rank + ranks - 1u) / ranks;
}

gups_layout gups_layout_of(unsigned bits, uint32_t ranks, uint32_t rank,
                           uint32_t threads) {
    gups_layout layout = {
        .bits = bits, .ranks = ranks, .rank = rank, .threads = threads};

    layout.first = gups_first_word(bits, ranks, rank);
    layout.words = gups_first_word(bits, ranks, rank + 1u) - layout.first;
    /* A product of 32 by 32 bits takes the place of a division. */
    while (((layout.words - 1u) >> layout.thread_shift) >> 31 != 0)
        layout.thread_shift++;
    layout.thread_scale = ((uint64_t)threads << 32) /
                          (((layout.words - 1u) >> layout.thread_shift) + 1u);
    return layout;
}
