/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_CSV_H
#define GB_CODEC_CSV_H

/**
 * @file codec/csv.h
 * Comma-separated values (RFC 4180) row by row: a file larger than the memory
 * is read as well. ';' and tab separate too, if the first line has no comma
 * outside quotes. A quoted cell ends in its line. A byte order mark is skipped.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Within the row, until the next one is read. Not terminated. */
typedef struct gb_csv_cell {
    const char *text; /* [length] */
    size_t length;
} gb_csv_cell;

typedef struct gb_csv gb_csv;

/** @param name  for messages
 *  @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_NO_MEMORY */
gb_status gb_csv_open(const char *path, const char *name, gb_csv **csv_out,
                      gb_error *err);
/** The same of a text, which is borrowed. */
gb_status gb_csv_open_text(const char *name, const char *text, size_t length,
                           gb_csv **csv_out, gb_error *err);
void gb_csv_close(gb_csv *csv); /* null is allowed */

/**
 * The next row; empty lines are skipped. All have as many cells as the first.
 *
 * @param[out] cells_out  [*count_out]; count 0: there is none
 * @retval GB_ERR_INVALID  err->what is "name:line: ..."
 * @retval GB_ERR_IO, GB_ERR_NO_MEMORY
 */
gb_status gb_csv_row(gb_csv *csv, const gb_csv_cell **cells_out,
                     size_t *count_out, gb_error *err);

/** 1-based, of the last row. */
size_t gb_csv_line(const gb_csv *csv);

/** A decimal number, blanks around it allowed, independent of locale.
 *  @return false: it is none */
bool gb_csv_number(const gb_csv_cell *cell, double *value_out);

/** "", "null", "NA", "NaN", "-": no value. */
bool gb_csv_is_missing(const gb_csv_cell *cell);

#endif /* GB_CODEC_CSV_H */
