/* SPDX-License-Identifier: Apache-2.0 */
/* Electricity Maps' yearly files, and any CSV with a time and a value. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/utc.h"
#include "pipeline/config/trace_parts.h"

enum { NONE = -1 };

/* Where things are in a row; NONE: nowhere. */
typedef struct columns {
    int time, value, zone, estimated;
    double scale; /* a cell -> g/kWh */
} columns;

/* --- titles --------------------------------------------------------------- */

/* Lower case, and '2' for the subscript two: both changed between years. */
static void plain_title(const gb_csv_cell *cell, char *out, size_t size) {
    static const char subscript[] = "\xe2\x82\x82";
    size_t to = 0;

    for (size_t i = 0; i < cell->length && to + 1 < size; i++) {
        if (cell->length - i >= 3 &&
            memcmp(cell->text + i, subscript, 3) == 0) {
            out[to++] = '2';
            i += 2;
        } else {
            out[to++] = (char)tolower((unsigned char)cell->text[i]);
        }
    }
    out[to] = '\0';
}

static gb_status take(const gb_trace_reader *in, const char *title, int at,
                      int *out) {
    if (*out != NONE)
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected one column '%s', got several", in->name,
                       title);
    *out = at;
    return GB_OK;
}

/* "Carbon intensity gCO2eq/kWh (Life cycle)"; until 2023 "(LCA)". */
static bool is_intensity(const char *title, gb_carbon_scope scope) {
    return gb_starts_with(title, "carbon intensity gco2eq/kwh") &&
           (scope == GB_CARBON_DIRECT ? strstr(title, "(direct)") != NULL
                                      : strstr(title, "(life cycle)") != NULL ||
                                            strstr(title, "(lca)") != NULL);
}

static gb_status find_maps(const gb_trace_reader *in, const gb_csv_cell *cells,
                           size_t count, columns *out) {
    const gb_carbon_scope scope = (gb_carbon_scope)in->how->scope;
    gb_status status = GB_OK;

    for (int i = 0; i < (int)count && status == GB_OK; i++) {
        char title[128];
        plain_title(&cells[i], title, sizeof(title));
        if (strcmp(title, "datetime (utc)") == 0)
            status = take(in, title, i, &out->time);
        else if (is_intensity(title, scope))
            status = take(in, title, i, &out->value);
        else if (strcmp(title, "zone id") == 0)
            status = take(in, title, i, &out->zone);
        else if (strcmp(title, "data estimated") == 0)
            status = take(in, title, i, &out->estimated);
    }
    if (status == GB_OK && (out->time == NONE || out->value == NONE))
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected the columns 'Datetime (UTC)' and "
                       "'Carbon intensity gCO2eq/kWh (%s)', got none such",
                       in->name,
                       scope == GB_CARBON_DIRECT ? "direct" : "Life cycle");
    out->scale = 1.0;
    return status;
}

static gb_status find_plain(const gb_trace_reader *in, const gb_csv_cell *cells,
                            size_t count, columns *out) {
    const gb_trace_file *how = in->how;
    gb_status status = GB_OK;

    for (int i = 0; i < (int)count && status == GB_OK; i++) {
        char title[128];
        snprintf(title, sizeof(title), "%.*s", (int)cells[i].length,
                 cells[i].text);
        if (strcmp(title, how->time_column) == 0)
            status = take(in, title, i, &out->time);
        else if (strcmp(title, how->value_column) == 0)
            status = take(in, title, i, &out->value);
    }
    if (status == GB_OK && (out->time == NONE || out->value == NONE))
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected the columns '%s' and '%s', got none of "
                       "such a name",
                       in->name, how->time_column, how->value_column);
    out->scale = how->scale;
    return status;
}

/* --- rows ----------------------------------------------------------------- */

static gb_status unexpected(const gb_trace_reader *in, size_t line,
                            const char *wanted, const gb_csv_cell *cell) {
    return gb_fail(in->err, GB_ERR_INVALID, NULL,
                   "%s:%zu: expected %s, got '%.*s'", in->name, line, wanted,
                   (int)(cell->length < 40 ? cell->length : 40), cell->text);
}

static bool is_word(const gb_csv_cell *cell, const char *word) {
    char text[16];

    plain_title(cell, text, sizeof(text));
    return strcmp(text, word) == 0;
}

static gb_status read_status(const gb_trace_reader *in, size_t line,
                             const columns *at, const gb_csv_cell *cells,
                             gb_intensity_status *out) {
    *out = GB_INTENSITY_ACTUAL;
    if (at->estimated == NONE)
        return GB_OK;
    const gb_csv_cell *cell = &cells[at->estimated];
    if (is_word(cell, "true"))
        *out = GB_INTENSITY_ESTIMATED;
    return *out == GB_INTENSITY_ESTIMATED || is_word(cell, "false") ||
                   gb_csv_is_missing(cell)
               ? GB_OK
               : unexpected(in, line, "true or false", cell);
}

static gb_status read_row(gb_trace_reader *in, size_t line, const columns *at,
                          const gb_csv_cell *cells) {
    const gb_csv_cell *value_at = &cells[at->value];
    const bool maps = in->how->format == GB_TRACE_ELECTRICITYMAPS_CSV;
    gb_intensity_status of = GB_INTENSITY_ACTUAL;
    char zone[64] = "";
    int64_t stamp_ns = 0;
    double value = NAN;
    bool mine = true;
    gb_status status = GB_OK;

    if (at->zone != NONE) {
        const gb_csv_cell *cell = &cells[at->zone];
        snprintf(zone, sizeof(zone), "%.*s", (int)cell->length, cell->text);
        status = gb_trace_take_zone(in, line, zone, &mine);
    }
    if (status != GB_OK || !mine)
        return status;
    if (!gb_utc_parse(cells[at->time].text, cells[at->time].length,
                      maps ? 0 : in->how->offset_s, &stamp_ns))
        return unexpected(in, line,
                          in->how->offset_s == GB_UTC_NO_OFFSET && !maps
                              ? "a time such as 2026-11-23T17:00:00+08:00"
                              : "a time such as 2026-11-23 17:00:00",
                          &cells[at->time]);
    if (gb_csv_is_missing(value_at))
        value = NAN;
    else if (!gb_csv_number(value_at, &value))
        return unexpected(in, line, "a number, or nothing", value_at);
    status = read_status(in, line, at, cells, &of);
    if (in->how->stamp_end)
        stamp_ns -= in->how->interval_ns;
    return status == GB_OK
               ? gb_trace_add(in, line, stamp_ns, 0, at->scale * value, of)
               : status;
}

gb_status gb_trace_read_csv(gb_trace_reader *in, gb_csv *csv) {
    const bool maps = in->how->format == GB_TRACE_ELECTRICITYMAPS_CSV;
    const gb_carbon_type type = {
        maps ? GB_CARBON_CO2E : (gb_carbon_gas)in->how->gas,
        maps ? GB_CARBON_OF_AVERAGE : (gb_carbon_kind)in->how->kind,
        (gb_carbon_scope)in->how->scope};
    columns at = {NONE, NONE, NONE, NONE, 1.0};
    const gb_csv_cell *cells = NULL;
    size_t count = 0;
    gb_status status = gb_csv_row(csv, &cells, &count, in->err);

    if (status == GB_OK && count == 0)
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected a line of titles, got nothing",
                       in->name);
    if (status == GB_OK)
        status = gb_trace_set_type(in, 1, &type);
    if (status == GB_OK)
        status = maps ? find_maps(in, cells, count, &at)
                      : find_plain(in, cells, count, &at);
    while (status == GB_OK) {
        status = gb_csv_row(csv, &cells, &count, in->err);
        if (status != GB_OK || count == 0)
            break;
        status = read_row(in, gb_csv_line(csv), &at, cells);
    }
    return status;
}
