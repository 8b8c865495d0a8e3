/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/lines.h"

#include <string.h>

void gb_lines_paint(gb_str *out, bool colour, gb_paint paint,
                    const char *text) {
    static const char *const codes[] = {
        [GB_PAINT_NONE] = "",      [GB_PAINT_BOLD] = "1",
        [GB_PAINT_DIM] = "2",      [GB_PAINT_GOOD] = "32",
        [GB_PAINT_CAUTION] = "33", [GB_PAINT_BAD] = "1;31",
    };
    if (!colour || paint == GB_PAINT_NONE || text[0] == '\0') {
        gb_str_add(out, text);
        return;
    }
    gb_str_addf(out, "\x1b[%sm%s\x1b[0m", codes[paint], text);
}

void gb_lines_repeat(gb_str *out, const char *unit, size_t count) {
    for (size_t i = 0; i < count; i++)
        gb_str_add(out, unit);
}

void gb_lines_clean(gb_str *out, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char c = (unsigned char)*at;
        gb_str_addn(out, c < 0x20 || c == 0x7f ? " " : at, 1);
    }
}

/* Bytes of the first code point of @p text. */
static size_t point_bytes(const char *text) {
    size_t bytes = 1;
    while (((unsigned char)text[bytes] & 0xc0u) == 0x80u)
        bytes++;
    return bytes;
}

/* Counted until it is more than a line holds: a word of a file may be as long
 * as that, and is asked about at each of its lines. */
static size_t columns_of(const char *text, size_t bytes) {
    char point[8];
    size_t columns = 0;
    for (size_t at = 0; at < bytes && columns <= GB_LINE_COLUMNS;) {
        size_t length = point_bytes(text + at);
        if (length >= sizeof(point))
            length = sizeof(point) - 1;
        memcpy(point, text + at, length);
        point[length] = '\0';
        columns += gb_columns(point);
        at += length;
    }
    return columns;
}

/* Bytes of @p word that fit into @p room columns, at least one code point. */
static size_t fitting(const char *word, size_t bytes, size_t room) {
    size_t at = 0;
    while (at < bytes) {
        const size_t next = at + point_bytes(word + at);
        if (at > 0 && columns_of(word, next) > room)
            break;
        at = next;
    }
    return at < bytes ? at : bytes;
}

static void new_line(gb_str *out, size_t indent, size_t *column) {
    gb_str_add(out, "\n");
    gb_lines_repeat(out, " ", indent);
    *column = indent;
}

void gb_lines_wrap(gb_str *out, bool colour, gb_paint paint, const char *label,
                   size_t indent, const char *text) {
    const size_t blanks = strspn(label, " ");
    size_t column = gb_columns(label);
    gb_str cleaned = {0};

    gb_str_addn(out, label, blanks);
    gb_lines_paint(out, colour, paint, label + blanks);
    gb_lines_clean(&cleaned, text);
    if (cleaned.failed)
        out->failed = true;
    const char *at = cleaned.text != NULL ? cleaned.text : "";
    at += strspn(at, " ");
    if (*at != '\0') {
        const size_t pad = column < indent   ? indent - column
                           : column > blanks ? 1
                                             : 0;
        gb_lines_repeat(out, " ", pad);
        column += pad;
    }
    for (bool first = true; *at != '\0'; first = false) {
        size_t bytes = strcspn(at, " ");
        const size_t width = columns_of(at, bytes);
        if (!first && column + 1 + width > GB_LINE_COLUMNS) {
            new_line(out, indent, &column);
        } else if (!first) {
            gb_str_add(out, " ");
            column++;
        }
        while (column + columns_of(at, bytes) > GB_LINE_COLUMNS) {
            const size_t part = fitting(at, bytes, GB_LINE_COLUMNS - column);
            gb_str_addn(out, at, part);
            at += part;
            bytes -= part;
            new_line(out, indent, &column);
        }
        gb_str_addn(out, at, bytes);
        column += columns_of(at, bytes);
        at += bytes;
        at += strspn(at, " ");
    }
    gb_str_add(out, "\n");
    gb_str_fini(&cleaned);
}

void gb_lines_take(gb_str *out, bool colour, gb_paint paint, const char *label,
                   size_t indent, gb_str *text) {
    if (text->failed)
        out->failed = true;
    gb_lines_wrap(out, colour, paint, label, indent,
                  text->text != NULL ? text->text : "");
    gb_str_fini(text);
}

void gb_lines_take_any(gb_str *out, bool colour, gb_paint paint,
                       const char *label, size_t indent, gb_str *text) {
    if (text->length > 0 || text->failed)
        gb_lines_take(out, colour, paint, label, indent, text);
    else
        gb_str_fini(text);
}
