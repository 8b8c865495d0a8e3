/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_CSV_H
#define GB_PIPELINE_REPORT_CSV_H

/**
 * @file pipeline/report/csv.h
 * Cells of a table by RFC 4180: quoted where they must be, lines end in CR LF.
 * A missing number is an empty cell.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/** A row under construction. */
typedef struct gb_csv {
    gb_str *out;
    bool begun; /* the row has a cell */
} gb_csv;

/** Append a cell. Text that a spreadsheet would take for a formula (it begins
 *  with = + - @, a tab or a carriage return) gets an apostrophe in front;
 *  control characters other than line ends become blanks. */
void gb_csv_text(gb_csv *csv, const char *text);
/** Digits that read back equal; empty unless finite. */
void gb_csv_real(gb_csv *csv, double value);
void gb_csv_whole(gb_csv *csv, uint64_t value);
/** "true" or "false". */
void gb_csv_bool(gb_csv *csv, bool value);
void gb_csv_empty(gb_csv *csv);
void gb_csv_end_row(gb_csv *csv);

/** A row of names. @param names  [count] */
void gb_csv_head(gb_csv *csv, const char *const *names, size_t count);

#endif /* GB_PIPELINE_REPORT_CSV_H */
