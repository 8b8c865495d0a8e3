/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_CHASE_H
#define MEMORY_CHASE_H

/**
 * @file memory/chase.h
 * A random cycle through all lines of a block: each holds where the next is, so
 * that a load cannot begin before the one before it has ended. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHASE_LINE_BYTES 64u
#define CHASE_CHAINS_MAX 32u

/** What stands at the start of each line. Offsets, not addresses: what a fault
 *  in memory made of one is checked before it is followed. */
typedef struct chase_line {
    uint64_t next;     /* bytes from the start of the block */
    uint64_t position; /* in the cycle, from 0 */
    char rest[CHASE_LINE_BYTES - 2 * sizeof(uint64_t)];
} chase_line;

/** Link @p count >= 1 lines, which begin @p origin bytes into their block, to
 * one cycle, each of all (count - 1)! cycles as likely as the next (S. Sattolo,
 * "An algorithm to generate a random cyclic permutation", Information
 * Processing Letters 22, 1986). */
void chase_link(chase_line *lines, size_t count, uint64_t origin,
                uint64_t seed);

/** True if @p lines are one cycle through all @p count of them, numbered from
 *  the first on. Follows no offset that it has not checked.
 *  @param[out] wrong_out  the first line that is wrong; set if false */
bool chase_is_cycle(const chase_line *lines, size_t count, uint64_t origin,
                    size_t *wrong_out);

/** True if @p at is the place of the line with that number. */
bool chase_is_at(const chase_line *lines, size_t count, uint64_t origin,
                 uint64_t at, uint64_t position);

/**
 * Follow @p chains chains, each in a cycle of its own, @p loads times.
 * @param block  the cycles of all chains
 * @param at     [chains] where each stands, in bytes from @p block; moved on
 */
typedef void (*chase_fn)(const char *block, uint64_t *at, uint64_t loads);

/** The loop for that many chains; null if there is none. */
chase_fn chase_loop(uint64_t chains);

#endif /* MEMORY_CHASE_H */
