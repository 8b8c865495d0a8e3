/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- growing strings ------------------------------------------------------ */

static bool reserve(gb_str *str, size_t more) {
    if (str->failed)
        return false;
    const size_t need = str->length + more + 1;
    if (need <= str->capacity)
        return true;
    size_t capacity = str->capacity > 0 ? str->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    char *text = realloc(str->text, capacity);
    if (text == NULL) {
        str->failed = true;
        return false;
    }
    str->text = text;
    str->capacity = capacity;
    return true;
}

void gb_str_addn(gb_str *str, const char *text, size_t length) {
    if (!reserve(str, length))
        return;
    memcpy(str->text + str->length, text, length);
    str->length += length;
    str->text[str->length] = '\0';
}

void gb_str_add(gb_str *str, const char *text) {
    gb_str_addn(str, text, strlen(text));
}

void gb_str_addf(gb_str *str, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0) {
        str->failed = true;
    } else if (reserve(str, (size_t)length)) {
        vsnprintf(str->text + str->length, (size_t)length + 1, fmt, again);
        str->length += (size_t)length;
    }
    va_end(again);
}

char *gb_str_take(gb_str *str) {
    char *text = NULL;
    if (reserve(str, 0)) {
        str->text[str->length] = '\0';
        text = str->text;
        str->text = NULL;
    }
    gb_str_fini(str);
    return text;
}

static gb_status put_into(void *ctx, const char *text, size_t length,
                          gb_error *err) {
    gb_str *str = ctx;
    gb_str_addn(str, text, length);
    return str->failed ? gb_fail_memory(err, "a text") : GB_OK;
}

gb_text_sink gb_str_sink(gb_str *str) {
    return (gb_text_sink){.put = put_into, .ctx = str};
}

void gb_str_fini(gb_str *str) {
    free(str->text);
    *str = (gb_str){0};
}

void gb_str_add_wrapped(gb_str *str, const char *text, size_t column,
                        size_t indent, size_t width) {
    bool first = true;
    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        char word[512];
        snprintf(word, sizeof(word), "%.*s", (int)length, text);
        const size_t columns = gb_columns(word);
        if (!first && column + 1 + columns > width) {
            gb_str_addf(str, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            gb_str_add(str, " ");
            column++;
        }
        gb_str_addn(str, text, length);
        column += columns;
        first = false;
        text += length;
        text += strspn(text, " ");
    }
    gb_str_add(str, "\n");
}

void gb_copy(char *out, size_t size, const char *text) {
    if (size == 0)
        return;
    const size_t length = strlen(text);
    if (length < size) {
        memcpy(out, text, length + 1);
        return;
    }
    memcpy(out, text, size - 1);
    out[size - 1] = '\0';
    if (size <= 4)
        return;
    /* What is left of a character that was cut would be no UTF-8. */
    size_t at = size - 4;
    while (at > 0 && ((unsigned char)out[at] & 0xc0) == 0x80)
        at--;
    memcpy(out + at, "...", 4);
}

/* --- matching ------------------------------------------------------------- */

bool gb_starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool gb_ends_with(const char *text, const char *suffix) {
    const size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

bool gb_glob_match(const char *pattern, const char *text) {
    const char *star = NULL, *resume = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool gb_is_id(const char *text) {
    size_t in_part = 0;
    if (strlen(text) > 63)
        return false;
    for (;; text++) {
        if ((*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') ||
            *text == '_') {
            in_part++;
            continue;
        }
        if ((*text != '.' && *text != '\0') || in_part == 0)
            return false;
        in_part = 0;
        if (*text == '\0')
            return true;
    }
}

/* --- suggestions ---------------------------------------------------------- */

#define WORD_MAX 96

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][WORD_MAX + 1];
    const size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a > WORD_MAX || length_b > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= length_b; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            const size_t cost = a[i - 1] != b[j - 1];
            row[j] =
                least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[length_a % 3][length_b];
}

const char *gb_closest(const char *word, const char *const *candidates,
                       size_t count) {
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        const size_t d = distance(word, candidates[i]);
        if (d < best_distance) {
            best_distance = d;
            best = candidates[i];
        }
    }
    const size_t length = strlen(word);
    return best_distance != SIZE_MAX && best_distance * 3 <= length + 2 ? best
                                                                        : NULL;
}

const char *gb_join(const char *const *names, size_t count, char *out,
                    size_t size) {
    size_t used = 0;
    if (size > 0)
        out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *separator = i > 0 ? ", " : "";
        const size_t length = strlen(separator) + strlen(names[i]);
        /* Unless it is the last, room for ", ..." must remain. */
        const size_t spare = i + 1 < count ? sizeof(", ...") : 1;
        if (used + length + spare > size) {
            if (used + sizeof(", ...") <= size)
                snprintf(out + used, size - used, "%s...", separator);
            break;
        }
        snprintf(out + used, size - used, "%s%s", separator, names[i]);
        used += length;
    }
    return out;
}

/* --- columns -------------------------------------------------------------- */

static bool is_wide(uint32_t c) {
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
           (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
           (c >= 0x20000 && c <= 0x3fffd);
}

size_t gb_columns(const char *text) {
    size_t columns = 0;
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        uint32_t c = *at++;
        const unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        if (more > 0)
            c &= 0x3fu >> more;
        for (unsigned i = 0; i < more && (*at & 0xc0u) == 0x80u; i++)
            c = (c << 6) | (*at++ & 0x3fu);
        columns += is_wide(c) ? 2 : 1;
    }
    return columns;
}
