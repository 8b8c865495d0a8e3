/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_LINES_H
#define GB_PIPELINE_REPORT_LINES_H

/**
 * @file pipeline/report/lines.h
 * Text for a terminal of 80 columns: wrapping, padding, colours. Widths are
 * display columns, not bytes. Texts from plugins, kernels and files pass
 * through gb_lines_clean(), so that none of them can move the cursor.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define GB_LINE_COLUMNS 80

typedef enum gb_paint {
    GB_PAINT_NONE,
    GB_PAINT_BOLD,
    GB_PAINT_DIM,
    GB_PAINT_GOOD,
    GB_PAINT_CAUTION,
    GB_PAINT_BAD,
} gb_paint;

/** Append @p text in @p paint, plain unless @p colour. */
void gb_lines_paint(gb_str *out, bool colour, gb_paint paint, const char *text);

/** Append @p unit @p count times. */
void gb_lines_repeat(gb_str *out, const char *unit, size_t count);

/** Append @p text with every control character as a space. */
void gb_lines_clean(gb_str *out, const char *text);

/**
 * Append @p label and, from column @p indent on, @p text broken into lines of
 * at most 80 columns. A word longer than a line is split. Ends in a newline;
 * an empty text leaves the label alone.
 * @param label   may hold blanks in front, which count as part of it
 * @param indent  < 60; a label with words that reaches it is followed by one
 *                blank
 */
void gb_lines_wrap(gb_str *out, bool colour, gb_paint paint, const char *label,
                   size_t indent, const char *text);

/** As gb_lines_wrap() for a text that was put together, which is freed; if that
 *  failed, so has @p out. */
void gb_lines_take(gb_str *out, bool colour, gb_paint paint, const char *label,
                   size_t indent, gb_str *text);

/** The same; nothing at all where there is no text. */
void gb_lines_take_any(gb_str *out, bool colour, gb_paint paint,
                       const char *label, size_t indent, gb_str *text);

#endif /* GB_PIPELINE_REPORT_LINES_H */
