/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/pm_counter.h"

#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* What is left of a text that is taken apart from the left. */
typedef struct cursor {
    const char *at, *end;
} cursor;

/* Digits that fit 64 bits. */
static bool take_number(cursor *text, uint64_t *number_out) {
    const char *start = text->at;
    uint64_t number = 0;

    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9';
         text->at++) {
        const unsigned digit = (unsigned)(*text->at - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *number_out = number;
    return text->at > start;
}

static bool take_word(cursor *text, const char *word) {
    const size_t length = strlen(word);

    if ((size_t)(text->end - text->at) < length ||
        memcmp(text->at, word, length) != 0)
        return false;
    text->at += length;
    return true;
}

/* Nothing but white space is left. */
static bool at_end(cursor text) {
    while (text.at < text.end &&
           (*text.at == ' ' || *text.at == '\n' || *text.at == '\r'))
        text.at++;
    return text.at == text.end;
}

bool gb_pm_value_parse(const char *text, size_t length, const char *unit,
                       gb_pm_value *out) {
    cursor rest = {text, text + length};
    gb_pm_value value = {0};
    uint64_t stamp_us;

    if (!take_number(&rest, &value.value))
        return false;
    if (unit[0] != '\0' && (!take_word(&rest, " ") || !take_word(&rest, unit)))
        return false;
    if (!at_end(rest)) {
        if (unit[0] == '\0' || !take_word(&rest, " ") ||
            !take_number(&rest, &stamp_us) || !take_word(&rest, " us") ||
            !at_end(rest))
            return false;
        if (stamp_us == 0 || stamp_us > UINT64_MAX / 1000)
            return false;
        value.stamp_ns = stamp_us * 1000;
    }
    *out = value;
    return true;
}

/* "cpu" and "cpu12" match @p prefix; other text does not. */
static bool is_numbered(const char *part, const char *prefix,
                        int32_t *number_out) {
    uint64_t number;

    *number_out = -1;
    if (!gb_starts_with(part, prefix))
        return false;
    const char *tail = part + strlen(prefix);
    if (*tail == '\0')
        return true;
    if (gb_parse_u64(tail, &number, NULL) != GB_OK || number > 4095)
        return false;
    *number_out = (int32_t)number;
    return true;
}

/* "cpu0" of "cpu0_energy", "" of "energy"; false for another ending. */
static bool part_of(const char *file, const char *ending, char *part,
                    size_t size) {
    const size_t length = strlen(file), tail = strlen(ending);

    if (strcmp(file, ending) == 0) {
        part[0] = '\0';
        return true;
    }
    if (length < tail + 2 || length - tail > size ||
        !gb_ends_with(file, ending) || file[length - tail - 1] != '_')
        return false;
    memcpy(part, file, length - tail - 1);
    part[length - tail - 1] = '\0';
    return true;
}

bool gb_pm_file_parse(const char *file, gb_pm_meaning *out) {
    gb_pm_meaning meaning = {.scope = GB_SCOPE_OTHER, .number = -1};
    char part[64];

    if (part_of(file, "energy", part, sizeof(part)))
        meaning.kind = GB_READING_ENERGY;
    else if (part_of(file, "power", part, sizeof(part)))
        meaning.kind = GB_READING_POWER;
    else
        return false;

    gb_copy(meaning.name, sizeof(meaning.name), part[0] ? part : "node");
    if (part[0] == '\0')
        meaning.scope = GB_SCOPE_NODE_DC;
    else if (strcmp(part, "memory") == 0)
        meaning.scope = GB_SCOPE_DRAM;
    else if (is_numbered(part, "cpu", &meaning.number))
        meaning.scope = GB_SCOPE_PACKAGE;
    else if (is_numbered(part, "accel", &meaning.number) && meaning.number >= 0)
        meaning.scope = GB_SCOPE_ACCEL;
    *out = meaning;
    return true;
}
