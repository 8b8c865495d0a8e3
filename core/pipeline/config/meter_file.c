/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/meter_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utc.h"

#define HOUR_NS INT64_C(3600000000000)

typedef struct reader {
    const gb_meter_file *how;
    gb_csv *csv;
    const char *name;
    gb_facility_meter *out;
    size_t room;
    size_t time_at;
    size_t *columns; /* [column_count]: where they are */
    size_t column_count;
    char **titles;   /* [column_count] */
    bool started;    /* a register has been read */
    int64_t last_ns; /* its stamp, or the last row's */
    double register_value;
    gb_error *err;
} reader;

/* --- the first line ------------------------------------------------------- */

static bool matches(const gb_meter_file *how, const char *title) {
    for (size_t i = 0; i < how->column_count; i++)
        if (gb_glob_match(how->columns[i], title))
            return true;
    return false;
}

static gb_status take_column(reader *in, size_t at, const char *title) {
    const size_t count = in->column_count + 1;
    size_t *columns = realloc(in->columns, count * sizeof(*columns));
    char **titles = realloc(in->titles, count * sizeof(*titles));

    if (columns != NULL)
        in->columns = columns;
    if (titles != NULL)
        in->titles = titles;
    if (columns == NULL || titles == NULL)
        return gb_fail_memory(in->err, in->name);
    titles[in->column_count] = strdup(title);
    if (titles[in->column_count] == NULL)
        return gb_fail_memory(in->err, in->name);
    columns[in->column_count++] = at;
    return GB_OK;
}

static gb_status find_columns(reader *in, const gb_csv_cell *cells,
                              size_t count) {
    bool timed = false;

    for (size_t i = 0; i < count; i++) {
        char title[256];
        snprintf(title, sizeof(title), "%.*s", (int)cells[i].length,
                 cells[i].text);
        if (strcmp(title, in->how->time_column) == 0) {
            if (timed)
                return gb_fail(in->err, GB_ERR_INVALID, NULL,
                               "%s:1: expected one column '%s', got several",
                               in->name, title);
            in->time_at = i;
            timed = true;
        } else if (matches(in->how, title)) {
            const gb_status status = take_column(in, i, title);
            if (status != GB_OK)
                return status;
        }
    }
    if (!timed)
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected the column '%s', got none of that name",
                       in->name, in->how->time_column);
    return in->column_count > 0
               ? GB_OK
               : gb_fail(in->err, GB_ERR_INVALID, NULL,
                         "%s:1: expected a column '%s', got none that fits",
                         in->name, in->how->columns[0]);
}

/* --- rows ----------------------------------------------------------------- */

static gb_status add_row(reader *in, int64_t begin_ns, int64_t end_ns,
                         double value) {
    gb_facility_meter *out = in->out;

    if (out->row_count == in->room) {
        const size_t room = 2 * in->room + 256;
        gb_facility_row *longer = realloc(out->rows, room * sizeof(*longer));
        if (longer == NULL)
            return gb_fail_memory(in->err, in->name);
        out->rows = longer;
        in->room = room;
    }
    out->rows[out->row_count++] = (gb_facility_row){begin_ns, end_ns, value};
    return GB_OK;
}

/* Summed over the columns; NAN: one of them gave none. */
static gb_status read_value(reader *in, const gb_csv_cell *cells,
                            double *value_out) {
    double sum = 0.0;

    for (size_t i = 0; i < in->column_count; i++) {
        const gb_csv_cell *cell = &cells[in->columns[i]];
        double value = 0.0;
        if (gb_csv_number(cell, &value) &&
            (value >= 0.0 || in->how->may_be_negative))
            sum += value;
        else if (gb_csv_is_missing(cell))
            sum = NAN;
        else
            return gb_fail(
                in->err, GB_ERR_INVALID, NULL,
                "%s:%zu: %s: expected %s, got '%.*s'", in->name,
                gb_csv_line(in->csv), in->titles[i],
                in->how->may_be_negative ? "a number" : "a number >= 0",
                (int)(cell->length < 40 ? cell->length : 40), cell->text);
    }
    *value_out = in->how->scale * sum;
    return GB_OK;
}

static gb_status read_time(reader *in, const gb_csv_cell *cell,
                           int64_t *ns_out) {
    if (gb_utc_parse(cell->text, cell->length, in->how->offset_s, ns_out))
        return GB_OK;
    return gb_fail(
        in->err, GB_ERR_INVALID,
        "time zones with daylight saving are told by an offset at each stamp",
        "%s:%zu: %s: expected a time such as 2026-11-23T17:18:10%s, got '%.*s'",
        in->name, gb_csv_line(in->csv), in->how->time_column,
        in->how->offset_s == GB_UTC_NO_OFFSET ? "+08:00" : "",
        (int)(cell->length < 40 ? cell->length : 40), cell->text);
}

/* @p from the end of what is there, @p to where this row begins. */
static gb_status check_order(reader *in, int64_t from, int64_t to,
                             bool overlap_is_equal) {
    const size_t line = gb_csv_line(in->csv);

    if (to > from || (to == from && !overlap_is_equal)) {
        if (to - from == HOUR_NS && in->how->interval_ns < HOUR_NS &&
            in->out->note[0] == '\0')
            snprintf(
                in->out->note, sizeof(in->out->note),
                "%.60s:%zu: a hole of exactly one hour, as daylight saving "
                "leaves in stamps without an offset",
                in->name, line);
        return GB_OK;
    }
    if (from - to == HOUR_NS)
        return gb_fail(in->err, GB_ERR_INVALID,
                       "export it in UTC, or with an offset at each stamp",
                       "%s:%zu: expected times that go on, got one hour "
                       "twice, as daylight saving makes it",
                       in->name, line);
    return gb_fail(in->err, GB_ERR_INVALID, NULL,
                   "%s:%zu: expected intervals one after the other, got one "
                   "that begins %.0f s before the last has ended",
                   in->name, line, (double)(from - to) / 1e9);
}

static gb_status read_interval(reader *in, int64_t stamp_ns, double value) {
    const int64_t interval_ns = in->how->interval_ns;
    const int64_t begin_ns =
        in->how->stamp_end ? stamp_ns - interval_ns : stamp_ns;
    gb_status status = GB_OK;

    if (in->started)
        status = check_order(in, in->last_ns, begin_ns, false);
    in->started = true;
    in->last_ns = begin_ns + interval_ns;
    return status == GB_OK ? add_row(in, begin_ns, in->last_ns, value) : status;
}

/* A reading that is missing costs resolution and no energy: the next one holds
 * it. */
static gb_status read_register(reader *in, int64_t stamp_ns, double value) {
    gb_status status = GB_OK;

    if (isnan(value))
        return GB_OK;
    if (in->started) {
        status = check_order(in, in->last_ns, stamp_ns, true);
        if (status == GB_OK && value < in->register_value)
            status = gb_fail(in->err, GB_ERR_INVALID,
                             "a meter that was replaced or began anew is two "
                             "files",
                             "%s:%zu: expected a register that never goes "
                             "back, got a smaller value than before",
                             in->name, gb_csv_line(in->csv));
        if (status == GB_OK)
            status =
                add_row(in, in->last_ns, stamp_ns, value - in->register_value);
    }
    in->started = true;
    in->last_ns = stamp_ns;
    in->register_value = value;
    return status;
}

static gb_status read_rows(reader *in) {
    const gb_csv_cell *cells = NULL;
    size_t count = 0;
    gb_status status = gb_csv_row(in->csv, &cells, &count, in->err);

    if (status == GB_OK && count == 0)
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected a line of titles, got nothing",
                       in->name);
    if (status == GB_OK)
        status = find_columns(in, cells, count);
    while (status == GB_OK) {
        int64_t stamp_ns = 0;
        double value = 0.0;
        status = gb_csv_row(in->csv, &cells, &count, in->err);
        if (status != GB_OK || count == 0)
            break;
        status = read_time(in, &cells[in->time_at], &stamp_ns);
        if (status == GB_OK)
            status = read_value(in, cells, &value);
        if (status == GB_OK)
            status = in->how->cumulative ? read_register(in, stamp_ns, value)
                                         : read_interval(in, stamp_ns, value);
    }
    return status;
}

gb_status gb_meter_file_read(const gb_meter_file *how, gb_csv *csv,
                             const char *name, gb_facility_meter *out,
                             gb_error *err) {
    reader in = {.how = how, .csv = csv, .name = name, .out = out, .err = err};
    gb_status status = read_rows(&in);

    if (status == GB_OK && out->row_count == 0)
        status = gb_fail(err, GB_ERR_INVALID, NULL,
                         "%s: expected readings, got none", name);
    out->columns = in.column_count;
    for (size_t i = 0; i < in.column_count; i++)
        free(in.titles[i]);
    free(in.titles);
    free(in.columns);
    return status;
}
