/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_MARKDOWN_H
#define GB_PIPELINE_REPORT_MARKDOWN_H

/**
 * @file pipeline/report/markdown.h
 * Tables of report.md. Texts are escaped, so that none of them is markup.
 */
#include <stddef.h>

#include "base/text.h"

/** Append @p text with what Markdown and HTML would take for markup escaped. */
void gb_markdown_text(gb_str *out, const char *text);

/** Append a heading of the second level. */
void gb_markdown_heading(gb_str *out, const char *title);

/** Append head and rule of a table. @p align has one of 'l' and 'r' for each
 *  of @p titles. */
void gb_markdown_head(gb_str *out, const char *align,
                      const char *const *titles);

/** Append "| text " and the row's end. */
void gb_markdown_cell(gb_str *out, const char *text);
void gb_markdown_end_row(gb_str *out);

/** As gb_markdown_text() for a text that was put together, which is freed; if
 *  that failed, so has @p out. */
void gb_markdown_take(gb_str *out, gb_str *text);

/** The same as a cell, and as "- label: text"; no item where there is no
 *  text. */
void gb_markdown_take_cell(gb_str *out, gb_str *text);
void gb_markdown_take_item(gb_str *out, const char *label, gb_str *text);

#endif /* GB_PIPELINE_REPORT_MARKDOWN_H */
