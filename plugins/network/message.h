/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PLUGINS_NETWORK_MESSAGE_H
#define GB_PLUGINS_NETWORK_MESSAGE_H

/**
 * @file message.h
 * What is in a message, so that what arrives can be checked: a number at both
 * ends, which changes while the clock runs, and between them a pattern that
 * tells who sent it. No MPI.
 *
 * The number is at both ends from 16 bytes on, at the start alone below, and as
 * much of it as fits below 8.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** For messages of less than 8 bytes. */
void gb_message_number_short(unsigned char *message, size_t bytes,
                             uint64_t number);
bool gb_message_has_number_short(const unsigned char *message, size_t bytes,
                                 uint64_t number);

/* Inline, and copies of constant size: a nanosecond, where a message of 8 bytes
 * between two cores takes some hundred. */
static inline void gb_message_number(unsigned char *message, size_t bytes,
                                     uint64_t number) {
    if (bytes < sizeof(number)) {
        gb_message_number_short(message, bytes, number);
        return;
    }
    memcpy(message, &number, sizeof(number));
    if (bytes >= 2 * sizeof(number))
        memcpy(message + bytes - sizeof(number), &number, sizeof(number));
}

static inline bool gb_message_has_number(const unsigned char *message,
                                         size_t bytes, uint64_t number) {
    uint64_t head, tail;

    if (bytes < sizeof(number))
        return gb_message_has_number_short(message, bytes, number);
    memcpy(&head, message, sizeof(head));
    if (bytes < 2 * sizeof(number))
        return head == number;
    memcpy(&tail, message + bytes - sizeof(tail), sizeof(tail));
    return head == number && tail == number;
}

/** Write the pattern of @p key and the number 0. */
void gb_message_fill(unsigned char *message, size_t bytes, uint64_t key);

/** The first byte that is not what gb_message_fill() wrote, numbers left aside.
 *  @return its index; @p bytes if there is none */
size_t gb_message_find_wrong(const unsigned char *message, size_t bytes,
                             uint64_t key);

/** The byte at @p index of the pattern of @p key. */
unsigned char gb_message_byte(uint64_t key, size_t index);

#endif /* GB_PLUGINS_NETWORK_MESSAGE_H */
