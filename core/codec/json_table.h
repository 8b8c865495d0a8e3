/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_TABLE_H
#define GB_CODEC_JSON_TABLE_H

/**
 * @file codec/json_table.h
 * A JSON document that is a list of objects with a few members beside it, row
 * by row and each with its line, as services hand out series.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef enum gb_json_kind {
    GB_JSON_ABSENT,
    GB_JSON_NULL,
    GB_JSON_NUMBER,
    GB_JSON_TEXT,
    GB_JSON_BOOL,
    GB_JSON_OTHER, /* an object or array */
} gb_json_kind;

/** A value. */
typedef struct gb_json_cell {
    gb_json_kind kind;
    double number;
    const char *text; /* valid until the next row; "" unless TEXT */
    bool truth;
} gb_json_cell;

typedef struct gb_json_table gb_json_table;

/**
 * Read a file.
 * @param name   for messages
 * @param lists  [count]: names that the list may have
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_NO_MEMORY
 * @retval GB_ERR_INVALID  err->what is "name:line: ..."
 */
gb_status gb_json_table_open(const char *path, const char *name,
                             const char *const *lists, size_t count,
                             gb_json_table **out, gb_error *err);
/** The same of a text [length], which is copied. */
gb_status gb_json_table_open_text(const char *name, const char *text,
                                  size_t length, const char *const *lists,
                                  size_t count, gb_json_table **out,
                                  gb_error *err);
void gb_json_table_close(gb_json_table *table); /* null is allowed */

/** The next object. @param[out] there  false: there is none
 *  @retval GB_ERR_INVALID  no JSON, or no object */
gb_status gb_json_table_row(gb_json_table *table, bool *there, gb_error *err);

/** 1-based, where the last row begins. */
size_t gb_json_table_line(const gb_json_table *table);

/** Of the last row: "intensity.actual" is in an object within it. */
gb_json_cell gb_json_table_cell(const gb_json_table *table, const char *path);
/** Of the document, beside the list. */
gb_json_cell gb_json_table_head(const gb_json_table *table, const char *path);

/** "null", "text 'x'": what a cell is, for messages. @return @p out */
const char *gb_json_cell_words(const gb_json_cell *cell, char *out,
                               size_t size);

#endif /* GB_CODEC_JSON_TABLE_H */
