/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/table.h"

#include <stdlib.h>
#include <string.h>

#define GAP_MAX      3
#define STACK_INDENT 2

typedef struct shape {
    size_t widths[GB_TABLE_COLUMNS];
    size_t gap;   /* before each column that is not joined */
    size_t total; /* of the cells and gaps */
    bool list;    /* no table fits */
} shape;

/* --- filling -------------------------------------------------------------- */

void gb_table_row_add(gb_table *table) {
    gb_table_row *rows =
        realloc(table->rows, (table->row_count + 1) * sizeof(*rows));
    if (rows == NULL) {
        table->failed = true;
        return;
    }
    table->rows = rows;
    memset(&rows[table->row_count++], 0, sizeof(*rows));
}

void gb_table_set(gb_table *table, size_t column, gb_paint paint,
                  const char *text) {
    if (table->failed || table->row_count == 0)
        return;
    gb_table_cell *cell = &table->rows[table->row_count - 1].cells[column];
    gb_str cleaned = {0};
    gb_lines_clean(&cleaned, text);
    free(cell->text);
    cell->text = gb_str_take(&cleaned);
    cell->paint = paint;
    if (cell->text == NULL)
        table->failed = true;
}

void gb_table_follow(gb_table *table, gb_str *text) {
    if (table->failed || table->row_count == 0) {
        gb_str_fini(text);
        return;
    }
    gb_table_row *row = &table->rows[table->row_count - 1];
    free(row->text);
    row->text = gb_str_take(text);
    if (row->text == NULL)
        table->failed = true;
}

void gb_table_fini(gb_table *table) {
    for (size_t i = 0; i < table->row_count; i++) {
        for (size_t k = 0; k < GB_TABLE_COLUMNS; k++)
            free(table->rows[i].cells[k].text);
        free(table->rows[i].text);
    }
    free(table->rows);
    table->rows = NULL;
    table->row_count = 0;
}

/* --- shape ---------------------------------------------------------------- */

static const char *text_of(const gb_table_row *row, size_t column) {
    const char *text = row->cells[column].text;
    return text != NULL ? text : "";
}

static size_t gap_before(const gb_table *table, size_t column, size_t gap) {
    if (column == 0)
        return 0;
    return table->columns[column].joined ? 1 : gap;
}

static size_t total_columns(const gb_table *table, const shape *s, size_t gap) {
    size_t total = 0;
    for (size_t k = 0; k < table->column_count; k++)
        total += gap_before(table, k, gap) + s->widths[k];
    return total;
}

static shape shape_of(const gb_table *table) {
    shape s = {.gap = GAP_MAX};
    for (size_t k = 0; k < table->column_count; k++) {
        s.widths[k] = gb_columns(table->columns[k].title);
        for (size_t i = 0; i < table->row_count; i++) {
            const size_t width = gb_columns(text_of(&table->rows[i], k));
            if (width > s.widths[k] && (k > 0 || width <= table->first_max))
                s.widths[k] = width;
        }
    }
    while (s.gap > 1 && total_columns(table, &s, s.gap) > GB_LINE_COLUMNS)
        s.gap--;
    if (total_columns(table, &s, s.gap) > GB_LINE_COLUMNS) {
        s.widths[0] = STACK_INDENT;
        s.gap = 2;
        while (s.gap > 1 && total_columns(table, &s, s.gap) > GB_LINE_COLUMNS)
            s.gap--;
    }
    s.total = total_columns(table, &s, s.gap);
    s.list = s.total > GB_LINE_COLUMNS;
    return s;
}

/* --- rendering ------------------------------------------------------------ */

/* No blanks at the end of a line. */
static void finish_line(gb_str *out) {
    while (out->length > 0 && out->text[out->length - 1] == ' ')
        out->text[--out->length] = '\0';
    gb_str_add(out, "\n");
}

static void add_cell(const gb_table *table, const shape *s, size_t column,
                     gb_paint paint, const char *text, bool colour,
                     gb_str *out) {
    const size_t width = gb_columns(text);
    const size_t pad =
        s->widths[column] > width ? s->widths[column] - width : 0;
    const bool right = table->columns[column].right;
    gb_lines_repeat(out, " ", gap_before(table, column, s->gap));
    if (right)
        gb_lines_repeat(out, " ", pad);
    gb_lines_paint(out, colour, paint, text);
    if (!right)
        gb_lines_repeat(out, " ", pad);
}

static void add_row(const gb_table *table, const shape *s,
                    const gb_table_row *row, bool colour, gb_str *out) {
    bool rest = false;
    for (size_t k = 1; k < table->column_count; k++)
        rest = rest || text_of(row, k)[0] != '\0';
    const char *first = text_of(row, 0);
    const bool alone = gb_columns(first) > s->widths[0];
    if (alone) {
        gb_lines_wrap(out, colour, row->cells[0].paint, "", 0, first);
        first = "";
    }
    if (!rest && alone)
        return;
    add_cell(table, s, 0, row->cells[0].paint, first, colour, out);
    for (size_t k = 1; k < table->column_count; k++)
        add_cell(table, s, k, row->cells[k].paint, text_of(row, k), colour,
                 out);
    finish_line(out);
}

static void add_list(const gb_table *table, const gb_table_row *row,
                     bool colour, gb_str *out) {
    gb_lines_wrap(out, colour, GB_PAINT_BOLD, "", 0, text_of(row, 0));
    for (size_t k = 1; k < table->column_count; k++) {
        char label[64] = "  ";
        gb_copy(label + 2, sizeof(label) - 2, table->columns[k].title);
        if (text_of(row, k)[0] != '\0')
            gb_lines_wrap(out, colour, GB_PAINT_DIM, label, 16,
                          text_of(row, k));
    }
}

static void add_head(const gb_table *table, const shape *s, bool colour,
                     gb_str *out) {
    bool any = false;
    for (size_t k = 0; k < table->column_count; k++)
        any = any || table->columns[k].title[0] != '\0';
    if (!any)
        return;
    for (size_t k = 0; k < table->column_count; k++) {
        /* Stacked: the title of the first column would not fit above it. */
        const char *title = table->columns[k].title;
        const bool fits = gb_columns(title) <= s->widths[k];
        add_cell(table, s, k, GB_PAINT_BOLD, fits ? title : "", colour, out);
    }
    finish_line(out);
    gb_str line = {0};
    gb_lines_repeat(&line, "─", s->total);
    if (line.text != NULL)
        gb_lines_paint(out, colour, GB_PAINT_DIM, line.text);
    gb_str_fini(&line);
    gb_str_add(out, "\n");
}

void gb_table_render(const gb_table *table, bool colour, gb_str *out) {
    if (table->failed) {
        out->failed = true;
        return;
    }
    const shape s = shape_of(table);
    if (!s.list)
        add_head(table, &s, colour, out);
    for (size_t i = 0; i < table->row_count; i++) {
        if (s.list)
            add_list(table, &table->rows[i], colour, out);
        else
            add_row(table, &s, &table->rows[i], colour, out);
        if (table->rows[i].text != NULL)
            gb_str_add(out, table->rows[i].text);
    }
}
