/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_GUPS_STREAM_H
#define MEMORY_GUPS_STREAM_H

/**
 * @file memory/gups_stream.h
 * The numbers of HPCC RandomAccess, and who owns the words that they update.
 * Pure. Rules: https://icl.utk.edu/projectsfiles/hpcc/RandomAccess/
 */
#include <stdint.h>

/* x -> 2 x in GF(2)[x] modulo x^64 + x^2 + x + 1. */
#define GUPS_POLYNOMIAL 7u

static inline uint64_t gups_next(uint64_t x) {
    return (x << 1) ^ ((int64_t)x < 0 ? GUPS_POLYNOMIAL : 0u);
}

/** The value after @p steps steps from 1, in some 60 squarings instead. */
uint64_t gups_jump(uint64_t steps);

/** A table of 2^bits words over @p ranks ranks; in each rank over the threads
 *  of its team. All parts are equal but for one word. */
typedef struct gups_layout {
    unsigned bits;
    uint32_t ranks, rank;
    uint32_t threads;
    uint64_t first; /* of this rank's words */
    uint64_t words; /* this rank's */
    unsigned thread_shift;
    uint64_t thread_scale;
} gups_layout;

/** bits + log2(ranks) may not exceed 63; each rank has a word or more for each
 *  thread. */
gups_layout gups_layout_of(unsigned bits, uint32_t ranks, uint32_t rank,
                           uint32_t threads);

/** The first word of @p rank, for 0 .. ranks. */
uint64_t gups_first_word(unsigned bits, uint32_t ranks, uint32_t rank);

/** The word that @p x updates. */
static inline uint64_t gups_word(const gups_layout *layout, uint64_t x) {
    return x & (((uint64_t)1 << layout->bits) - 1u);
}

static inline uint32_t gups_rank_of(const gups_layout *layout, uint64_t word) {
    return (uint32_t)((word * layout->ranks) >> layout->bits);
}

/** Which thread updates this rank's word number @p local, 0 .. words - 1;
 *  monotonic. */
static inline uint32_t gups_thread_of(const gups_layout *layout,
                                      uint64_t local) {
    return (
        uint32_t)(((local >> layout->thread_shift) * layout->thread_scale) >>
                  32);
}

#endif /* MEMORY_GUPS_STREAM_H */
