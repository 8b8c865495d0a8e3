/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#define WORD sizeof(uint64_t)

void gb_message_number_short(unsigned char *message, size_t bytes,
                             uint64_t number) {
    for (size_t i = 0; i < bytes; i++)
        message[i] = (unsigned char)(number >> (8 * i));
}

bool gb_message_has_number_short(const unsigned char *message, size_t bytes,
                                 uint64_t number) {
    for (size_t i = 0; i < bytes; i++)
        if (message[i] != (unsigned char)(number >> (8 * i)))
            return false;
    return true;
}

/** Eight bytes of the pattern: as random as real data, for the power that a
 *  transfer draws depends on how many bits change. */
static uint64_t pattern(uint64_t key, size_t word) {
    /* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
    uint64_t z = (key << 40) + (uint64_t)word;

    z = (z + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned char gb_message_byte(uint64_t key, size_t index) {
    const uint64_t word = pattern(key, index / WORD);
    unsigned char bytes[WORD];

    memcpy(bytes, &word, WORD);
    return bytes[index % WORD];
}

void gb_message_fill(unsigned char *message, size_t bytes, uint64_t key) {
    size_t i = 0;

    for (; i + WORD <= bytes; i += WORD) {
        const uint64_t word = pattern(key, i / WORD);
        memcpy(message + i, &word, WORD);
    }
    for (; i < bytes; i++)
        message[i] = gb_message_byte(key, i);
    gb_message_number(message, bytes, 0);
}

size_t gb_message_find_wrong(const unsigned char *message, size_t bytes,
                             uint64_t key) {
    const size_t end = bytes >= 2 * WORD ? bytes - WORD : bytes;
    size_t i = WORD;

    for (; i + WORD <= end; i += WORD) {
        const uint64_t want = pattern(key, i / WORD);
        uint64_t got;
        memcpy(&got, message + i, WORD);
        if (got != want)
            break;
    }
    for (; i < end; i++)
        if (message[i] != gb_message_byte(key, i))
            return i;
    return bytes;
}
