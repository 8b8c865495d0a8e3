/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_STREAM_VALUES_H
#define MEMORY_STREAM_VALUES_H

/**
 * @file memory/stream_values.h
 * What the arrays of a stream hold, and which part of them is whose. Pure.
 *
 * The numbers are whole, so that every operation has one exact result, and
 * random over many bits, so that as many toggle as in real work: power depends
 * on it.
 */
#include <stddef.h>
#include <stdint.h>

/** Bits of a number in an array that is only added and multiplied by 3. */
#define STREAM_VALUE_BITS 49u

/** Element @p i of array @p which: whole, random, 1 .. 2^bits - 1. */
double stream_value(unsigned which, size_t i, unsigned bits);

/** Bits that leave the sum of @p n elements below 2^53, and so exact. */
unsigned stream_sum_bits(size_t n);

/* Turn k of update multiplies by 2, for 512 turns, then by 1/2 for as many: the
 * factor that all turns so far make is a power of two, and tells how many there
 * were. */
double stream_turn_factor(uint64_t turn);
double stream_turns_product(uint64_t turns);

/** The part [*begin_out, *end_out) of @p n elements that is @p thread's: whole
 *  pages where there are enough of them, as first-touch places pages, else
 * whole blocks. */
void stream_part(size_t n, uint32_t thread, uint32_t thread_count,
                 size_t *begin_out, size_t *end_out);

#endif /* MEMORY_STREAM_VALUES_H */
