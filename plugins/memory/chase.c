/* SPDX-License-Identifier: Apache-2.0 */
#include "chase.h"

/* xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled", ACM TOMS 42(4), 2016); the multiplication maps its
 * upper half onto 0 .. below - 1. */
static size_t random_below(uint64_t *state, size_t below) {
    uint64_t x = *state;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    const uint64_t mixed = x * 0x2545f4914f6cdd1du;
    if (below <= UINT32_MAX)
        return (size_t)(((mixed >> 32) * below) >> 32);
    return (size_t)(mixed % below);
}

void chase_link(chase_line *lines, size_t count, uint64_t origin,
                uint64_t seed) {
    uint64_t state = seed * 2u + 1u; /* never 0 */
    size_t at = 0;

    for (size_t i = 0; i < count; i++)
        lines[i].next = origin + i * CHASE_LINE_BYTES;
    for (size_t i = count; i-- > 1;) {
        const size_t j = random_below(&state, i);
        const uint64_t next = lines[i].next;
        lines[i].next = lines[j].next;
        lines[j].next = next;
    }
    for (size_t k = 0; k < count; k++) {
        lines[at].position = k;
        at = (size_t)((lines[at].next - origin) / CHASE_LINE_BYTES);
    }
}

/** The line at that place; null if there is none. */
static const chase_line *line_at(const chase_line *lines, size_t count,
                                 uint64_t origin, uint64_t at) {
    const uint64_t bytes = at - origin; /* wraps where at < origin */

    if (bytes % CHASE_LINE_BYTES != 0 || bytes / CHASE_LINE_BYTES >= count)
        return NULL;
    return &lines[bytes / CHASE_LINE_BYTES];
}

/* Each line's successor bears the next number. So from the first line, which
 * bears 0, the numbers run up to count - 1 before one comes back, and no line
 * is left out. The loads do not wait for each other, which makes this far
 * faster than to follow the cycle. */
bool chase_is_cycle(const chase_line *lines, size_t count, uint64_t origin,
                    size_t *wrong_out) {
    size_t i = 0;

    if (lines[0].position == 0)
        for (; i < count; i++) {
            const chase_line *next =
                line_at(lines, count, origin, lines[i].next);
            const uint64_t after = lines[i].position + 1u;
            if (next == NULL || next->position != (after == count ? 0 : after))
                break;
        }
    *wrong_out = i;
    return i == count;
}

bool chase_is_at(const chase_line *lines, size_t count, uint64_t origin,
                 uint64_t at, uint64_t position) {
    const chase_line *line = line_at(lines, count, origin, at);

    return line != NULL && line->position == position;
}

#if defined(__clang__)
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 32")
#endif

/* One instruction for each load of each chain. Unrolled, so that the offsets
 * stay in registers, as far as there are enough; from about 12 chains on some
 * are on the stack, which adds a few cycles to a load. */
#define CHASE_LOOP(name, chains)                                               \
    static void name(const char *block, uint64_t *at, uint64_t loads) {        \
        uint64_t here[chains];                                                 \
        UNROLLED                                                               \
        for (unsigned c = 0; c < (chains); c++)                                \
            here[c] = at[c];                                                   \
        for (uint64_t k = 0; k < loads; k++) {                                 \
            UNROLLED                                                           \
            for (unsigned c = 0; c < (chains); c++)                            \
                here[c] = *(const uint64_t *)(const void *)(block + here[c]);  \
        }                                                                      \
        UNROLLED                                                               \
        for (unsigned c = 0; c < (chains); c++)                                \
            at[c] = here[c];                                                   \
    }

CHASE_LOOP(chase_1, 1u)
CHASE_LOOP(chase_2, 2u)
CHASE_LOOP(chase_4, 4u)
CHASE_LOOP(chase_8, 8u)
CHASE_LOOP(chase_16, 16u)
CHASE_LOOP(chase_32, 32u)

chase_fn chase_loop(uint64_t chains) {
    switch (chains) {
    case 1:
        return chase_1;
    case 2:
        return chase_2;
    case 4:
        return chase_4;
    case 8:
        return chase_8;
    case 16:
        return chase_16;
    case 32:
        return chase_32;
    default:
        return NULL;
    }
}
