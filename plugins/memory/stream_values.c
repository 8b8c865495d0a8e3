/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_values.h"

#include "stream_kernels.h"

#define PAGE_ELEMENTS ((size_t)4096 / sizeof(double))
#define TURNS_UP      512u /* 2^49 times 2^512 is far from overflow */

double stream_value(unsigned which, size_t i, unsigned bits) {
    /* The finaliser of splitmix64: https://prng.di.unimi.it/splitmix64.c
     * (public domain) */
    uint64_t z = ((uint64_t)i + 1u) * 0x9e3779b97f4a7c15u + which;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return (double)(int64_t)((z >> (64u - bits)) | 1u);
}

unsigned stream_sum_bits(size_t n) {
    unsigned bits = 53;

    while (bits > 1 && n > 1) {
        n = (n + 1) / 2;
        bits--;
    }
    return bits < STREAM_VALUE_BITS ? bits : STREAM_VALUE_BITS;
}

double stream_turn_factor(uint64_t turn) {
    return turn / TURNS_UP % 2u == 0 ? 2.0 : 0.5;
}

double stream_turns_product(uint64_t turns) {
    const uint64_t place = turns % (2u * TURNS_UP);
    uint64_t power = place <= TURNS_UP ? place : 2u * TURNS_UP - place;
    double product = 1.0;

    for (; power > 0; power--)
        product *= 2.0;
    return product;
}

void stream_part(size_t n, uint32_t thread, uint32_t thread_count,
                 size_t *begin_out, size_t *end_out) {
    const size_t unit =
        n >= PAGE_ELEMENTS * thread_count ? PAGE_ELEMENTS : STREAM_BLOCK;
    const size_t units = (n + unit - 1) / unit;
    const size_t begin = unit * (units * thread / thread_count);
    const size_t end = unit * (units * (thread + 1) / thread_count);

    *begin_out = begin < n ? begin : n;
    *end_out = end < n ? end : n;
}
