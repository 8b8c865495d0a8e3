/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_TABLE_H
#define GB_PIPELINE_REPORT_TABLE_H

/**
 * @file pipeline/report/table.h
 * A table that is as wide as what is in it and never wider than 80 columns:
 * where it would be, it gives up the blanks between columns, then puts the
 * first column on lines of its own, then shows each row as a list.
 */
#include "pipeline/report/lines.h"

#define GB_TABLE_COLUMNS 8

typedef struct gb_table_column {
    const char *title;
    bool right;  /* aligned to the right */
    bool joined; /* one blank before it, always: belongs to the one before */
} gb_table_column;

typedef struct gb_table_cell {
    char *text; /* owned; null is empty */
    gb_paint paint;
} gb_table_cell;

typedef struct gb_table_row {
    gb_table_cell cells[GB_TABLE_COLUMNS];
    char *text; /* nullable: what follows the row, whole lines */
} gb_table_row;

typedef struct gb_table {
    const gb_table_column *columns; /* [column_count <= GB_TABLE_COLUMNS] */
    size_t column_count;
    gb_table_row *rows; /* [row_count] */
    size_t row_count;
    size_t first_max; /* a first cell wider than this has a line of its own */
    bool failed;      /* out of memory */
} gb_table;

/** Begin a row. */
void gb_table_row_add(gb_table *table);

/** Set a cell of the last row; control characters become blanks. */
void gb_table_set(gb_table *table, size_t column, gb_paint paint,
                  const char *text);

/** Put @p text (whole lines, see gb_lines_wrap()) below the last row, as it is;
 *  takes it over. */
void gb_table_follow(gb_table *table, gb_str *text);

/** Append the table, with a head unless all titles are empty. */
void gb_table_render(const gb_table *table, bool colour, gb_str *out);

void gb_table_fini(gb_table *table);

#endif /* GB_PIPELINE_REPORT_TABLE_H */
