/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utc.h"
#include "pipeline/config/trace_parts.h"

#define MINUTE_NS INT64_C(60000000000)
#define HOUR_NS   (60 * MINUTE_NS)
#define ROWS_MAX  ((size_t)4000000)

const char *gb_trace_format_name(gb_trace_format format) {
    static const char *const names[] = {
#define NAME(name, text) text,
        GB_TRACE_FORMAT_MAP(NAME)
#undef NAME
    };
    return names[format];
}

bool gb_trace_unit(const char *text, double *scale_out) {
    static const struct {
        const char *text;
        double scale;
    } units[] = {{"g/kWh", 1.0},       {"kg/MWh", 1.0}, {"kg/kWh", 1e3},
                 {"t/MWh", 1e3},       {"g/MJ", 3.6},   {"lb/MWh", 0.45359237},
                 {"lb/kWh", 453.59237}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(units[i].text, text) == 0) {
            *scale_out = units[i].scale;
            return true;
        }
    return false;
}

/* --- what it is ----------------------------------------------------------- */

gb_status gb_trace_set_type(gb_trace_reader *in, size_t line,
                            const gb_carbon_type *type) {
    const gb_trace_file *how = in->how;
    char is[64], was[64];

    gb_carbon_type_text(type, is, sizeof(is));
    if (in->typed && !gb_carbon_same_type(type, &in->out->type)) {
        gb_carbon_type_text(&in->out->type, was, sizeof(was));
        return gb_fail(in->err, GB_ERR_INVALID,
                       "intensities of different kinds cannot be added up",
                       "%s:%zu: expected %s as before, got %s", in->name, line,
                       was, is);
    }
    if ((how->gas >= 0 && how->gas != (int)type->gas) ||
        (how->kind >= 0 && how->kind != (int)type->kind) ||
        (how->scope >= 0 && how->scope != (int)type->scope))
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:%zu: expected what is named as its gas, kind and "
                       "scope, got %s",
                       in->name, line, is);
    in->out->type = *type;
    in->typed = true;
    return GB_OK;
}

gb_status gb_trace_take_zone(gb_trace_reader *in, size_t line, const char *zone,
                             bool *mine) {
    gb_intensity_trace *out = in->out;

    *mine = in->how->zone[0] == '\0' || strcmp(in->how->zone, zone) == 0;
    if (!*mine || zone[0] == '\0')
        return GB_OK;
    if (out->zone[0] != '\0' &&
        strncmp(out->zone, zone, sizeof(out->zone) - 1) != 0)
        return gb_fail(in->err, GB_ERR_INVALID, "name one with 'zone'",
                       "%s:%zu: expected the zone '%s' as before, got '%.60s'",
                       in->name, line, out->zone, zone);
    snprintf(out->zone, sizeof(out->zone), "%s", zone);
    return GB_OK;
}

/* --- rows ----------------------------------------------------------------- */

gb_status gb_trace_add(gb_trace_reader *in, size_t line, int64_t begin_ns,
                       int64_t end_ns, double g_per_kwh,
                       gb_intensity_status status) {
    gb_intensity_trace *out = in->out;

    if (!isnan(g_per_kwh) &&
        (g_per_kwh < 0.0 || g_per_kwh > GB_CARBON_MOST_G_PER_KWH))
        return gb_fail(in->err, GB_ERR_INVALID, "is it in another unit?",
                       "%s:%zu: expected an intensity from 0 to %.0f g/kWh, "
                       "got %.6g",
                       in->name, line, GB_CARBON_MOST_G_PER_KWH, g_per_kwh);
    if (end_ns != 0 && end_ns <= begin_ns)
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:%zu: expected an interval that ends after it "
                       "begins, got none",
                       in->name, line);
    if (out->row_count == in->room) {
        const size_t wanted = 2 * in->room + 256;
        const size_t room = wanted < ROWS_MAX ? wanted : ROWS_MAX;
        if (out->row_count == ROWS_MAX)
            return gb_fail(in->err, GB_ERR_INVALID,
                           "split it: one trace for each period",
                           "%s:%zu: expected at most %zu intervals, got more",
                           in->name, line, ROWS_MAX);
        gb_intensity_row *longer = realloc(out->rows, room * sizeof(*longer));
        if (longer == NULL)
            return gb_fail_memory(in->err, in->name);
        out->rows = longer;
        in->room = room;
    }
    out->rows[out->row_count++] =
        (gb_intensity_row){begin_ns, end_ns, g_per_kwh, status, (uint32_t)line};
    return GB_OK;
}

static int by_begin(const void *a, const void *b) {
    const gb_intensity_row *x = a, *y = b;

    if (x->begin_ns != y->begin_ns)
        return x->begin_ns < y->begin_ns ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Ends of rows that say none. */
static gb_status set_ends(gb_trace_reader *in) {
    gb_intensity_trace *out = in->out;
    int64_t interval_ns = in->interval_ns;

    for (size_t i = 1; i < out->row_count && in->interval_ns == 0; i++) {
        const int64_t apart = out->rows[i].begin_ns - out->rows[i - 1].begin_ns;
        if (apart > 0 && (interval_ns == 0 || apart < interval_ns))
            interval_ns = apart;
    }
    for (size_t i = 0; i < out->row_count; i++) {
        if (out->rows[i].end_ns != 0)
            continue;
        if (interval_ns < MINUTE_NS)
            return gb_fail(in->err, GB_ERR_INVALID, "name it with 'interval'",
                           "%s:%u: expected rows whose distance is their "
                           "interval, a minute or more, got none",
                           in->name, out->rows[i].line);
        out->rows[i].end_ns = out->rows[i].begin_ns + interval_ns;
    }
    return GB_OK;
}

static gb_status fail_overlap(const gb_trace_reader *in,
                              const gb_intensity_row *before,
                              const gb_intensity_row *row) {
    const bool local = in->how->offset_s != GB_UTC_NO_OFFSET;

    return gb_fail(in->err, GB_ERR_INVALID,
                   local ? "daylight saving makes one hour twice: export in "
                           "UTC, or with an offset at each stamp"
                         : NULL,
                   "%s:%u: expected intervals that do not overlap, got one "
                   "that begins %.0f s before that of line %u has ended",
                   in->name, row->line,
                   (double)(before->end_ns - row->begin_ns) / 1e9,
                   before->line);
}

static void note_hole(gb_trace_reader *in, const gb_intensity_row *before,
                      const gb_intensity_row *row) {
    in->out->gaps++;
    if (row->begin_ns - before->end_ns == HOUR_NS &&
        in->how->offset_s != GB_UTC_NO_OFFSET && in->out->note[0] == '\0')
        snprintf(in->out->note, sizeof(in->out->note),
                 "%.60s:%u: a hole of exactly one hour, as daylight saving "
                 "leaves in stamps without an offset",
                 in->name, row->line);
}

gb_status gb_trace_finish(gb_trace_reader *in) {
    gb_intensity_trace *out = in->out;

    if (out->row_count == 0)
        return gb_fail(in->err, GB_ERR_INVALID, NULL,
                       "%s:1: expected intensities, got none%s%s", in->name,
                       in->how->zone[0] != '\0' ? " of zone " : "",
                       in->how->zone);
    qsort(out->rows, out->row_count, sizeof(*out->rows), by_begin);
    const gb_status status = set_ends(in);
    for (size_t i = 0; status == GB_OK && i < out->row_count; i++) {
        const gb_intensity_row *row = &out->rows[i];
        out->nulls += isnan(row->g_per_kwh);
        if (i > 0 && row->begin_ns < row[-1].end_ns)
            return fail_overlap(in, &row[-1], row);
        if (i > 0 && row->begin_ns > row[-1].end_ns)
            note_hole(in, &row[-1], row);
    }
    return status;
}

/* --- together ------------------------------------------------------------- */

static bool is_csv(gb_trace_format format) {
    return format == GB_TRACE_CSV || format == GB_TRACE_ELECTRICITYMAPS_CSV;
}

static gb_status read_opened(const gb_trace_file *how, const char *name,
                             gb_csv *csv, gb_json_table *table,
                             gb_intensity_trace *out, gb_error *err) {
    gb_trace_reader in = {.how = how,
                          .name = name,
                          .out = out,
                          .err = err,
                          .interval_ns = how->interval_ns};

    gb_copy(out->file, sizeof(out->file), name);
    gb_copy(out->format, sizeof(out->format),
            gb_trace_format_name(how->format));
    gb_status status = csv != NULL ? gb_trace_read_csv(&in, csv)
                                   : gb_trace_read_json(&in, table);
    if (status == GB_OK)
        status = gb_trace_finish(&in);
    gb_csv_close(csv);
    gb_json_table_close(table);
    if (status != GB_OK)
        gb_intensity_trace_fini(out);
    return status;
}

gb_status gb_trace_load(const gb_trace_file *how, const char *path,
                        const char *name, gb_intensity_trace *out,
                        gb_error *err) {
    gb_csv *csv = NULL;
    gb_json_table *table = NULL;
    char sha256[GB_SHA256_SIZE];
    uint64_t bytes = 0;
    size_t count = 0;

    *out = (gb_intensity_trace){0};
    gb_status status = gb_sha256_file(path, sha256, &bytes, err);
    if (status == GB_OK && is_csv(how->format)) {
        status = gb_csv_open(path, name, &csv, err);
    } else if (status == GB_OK) {
        const char *const *lists = gb_trace_lists(how->format, &count);
        status = gb_json_table_open(path, name, lists, count, &table, err);
    }
    if (status == GB_OK)
        status = read_opened(how, name, csv, table, out, err);
    if (status == GB_OK)
        gb_copy(out->sha256, sizeof(out->sha256), sha256);
    return status;
}

gb_status gb_trace_parse(const gb_trace_file *how, const char *name,
                         const char *text, size_t length,
                         gb_intensity_trace *out, gb_error *err) {
    gb_csv *csv = NULL;
    gb_json_table *table = NULL;
    gb_status status = GB_OK;
    size_t count = 0;

    *out = (gb_intensity_trace){0};
    if (is_csv(how->format)) {
        status = gb_csv_open_text(name, text, length, &csv, err);
    } else {
        const char *const *lists = gb_trace_lists(how->format, &count);
        status = gb_json_table_open_text(name, text, length, lists, count,
                                         &table, err);
    }
    return status == GB_OK ? read_opened(how, name, csv, table, out, err)
                           : status;
}
