/* SPDX-License-Identifier: Apache-2.0 */
/* Electricity Maps, NESO's Carbon Intensity API, WattTime, and the Green
 * Software Foundation's Carbon Aware SDK. docs/carbon.md has where each shape
 * is documented. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "base/utc.h"
#include "pipeline/config/trace_parts.h"

#define SECOND_NS   INT64_C(1000000000)
#define SPAN_MOST_S INT64_C(31622400) /* 366 days */
/* A pound is 453.59237 g exactly. */
#define G_PER_KWH_OF_LB_PER_MWH 0.45359237

const char *const *gb_trace_lists(gb_trace_format format, size_t *count) {
    static const char *const maps[] = {"history", "data"};
    static const char *const data[] = {"data"};
    static const char *const emissions[] = {"Emissions", "emissions"};

    *count = format == GB_TRACE_NESO || format == GB_TRACE_WATTTIME ? 1 : 2;
    return format == GB_TRACE_ELECTRICITYMAPS_JSON ? maps
           : format == GB_TRACE_GSF                ? emissions
                                                   : data;
}

/* --- values --------------------------------------------------------------- */

static gb_status unexpected(const gb_trace_reader *in, size_t line,
                            const char *key, const char *wanted,
                            const gb_json_cell *cell) {
    char words[64];

    return gb_fail(in->err, GB_ERR_INVALID, NULL,
                   "%s:%zu: %s: expected %s, got %s", in->name, line, key,
                   wanted, gb_json_cell_words(cell, words, sizeof(words)));
}

static gb_status read_time(const gb_trace_reader *in,
                           const gb_json_table *table, const char *key,
                           int64_t *ns_out) {
    const gb_json_cell cell = gb_json_table_cell(table, key);

    if (cell.kind == GB_JSON_TEXT &&
        gb_utc_parse(cell.text, strlen(cell.text), in->how->offset_s, ns_out))
        return GB_OK;
    return unexpected(in, gb_json_table_line(table), key,
                      "a time such as 2026-11-23T17:00:00Z", &cell);
}

/* Null is no value, and never 0. */
static gb_status read_number(const gb_trace_reader *in,
                             const gb_json_table *table, const char *key,
                             double *out) {
    const gb_json_cell cell = gb_json_table_cell(table, key);

    *out = cell.kind == GB_JSON_NUMBER ? cell.number : (double)NAN;
    return cell.kind == GB_JSON_NUMBER || cell.kind == GB_JSON_NULL
               ? GB_OK
               : unexpected(in, gb_json_table_line(table), key,
                            "a number or null", &cell);
}

/* --- Electricity Maps ----------------------------------------------------- */

static gb_status read_maps_type(gb_trace_reader *in,
                                const gb_json_table *table) {
    static const char key[] = "emissionFactorType";
    const size_t line = gb_json_table_line(table);
    gb_json_cell cell = gb_json_table_cell(table, key);
    gb_carbon_type type = {GB_CARBON_CO2E, GB_CARBON_OF_AVERAGE,
                           GB_CARBON_LIFECYCLE};

    if (cell.kind == GB_JSON_ABSENT)
        cell = gb_json_table_head(table, key);
    if (cell.kind == GB_JSON_TEXT && strcmp(cell.text, "direct") == 0)
        type.scope = GB_CARBON_DIRECT;
    else if (cell.kind != GB_JSON_ABSENT &&
             (cell.kind != GB_JSON_TEXT || strcmp(cell.text, "lifecycle") != 0))
        return unexpected(in, line, key, "lifecycle or direct", &cell);
    return gb_trace_set_type(in, line, &type);
}

static gb_status read_maps(gb_trace_reader *in, const gb_json_table *table) {
    const size_t line = gb_json_table_line(table);
    const gb_json_cell estimated = gb_json_table_cell(table, "isEstimated");
    gb_json_cell zone = gb_json_table_cell(table, "zone");
    int64_t begin_ns = 0;
    double value = NAN;
    bool mine = false;

    if (zone.kind == GB_JSON_ABSENT)
        zone = gb_json_table_head(table, "zone");
    gb_status status = gb_trace_take_zone(in, line, zone.text, &mine);
    if (status != GB_OK || !mine)
        return status;
    status = read_maps_type(in, table);
    if (status == GB_OK)
        status = read_time(in, table, "datetime", &begin_ns);
    if (status == GB_OK)
        status = read_number(in, table, "carbonIntensity", &value);
    if (status == GB_OK && estimated.kind != GB_JSON_BOOL &&
        estimated.kind != GB_JSON_ABSENT && estimated.kind != GB_JSON_NULL)
        status =
            unexpected(in, line, "isEstimated", "true or false", &estimated);
    return status == GB_OK
               ? gb_trace_add(in, line, begin_ns, 0, value,
                              estimated.truth ? GB_INTENSITY_ESTIMATED
                                              : GB_INTENSITY_ACTUAL)
               : status;
}

/* --- NESO, Great Britain -------------------------------------------------- */

static gb_status read_neso(gb_trace_reader *in, const gb_json_table *table) {
    static const gb_carbon_type type = {GB_CARBON_CO2, GB_CARBON_OF_AVERAGE,
                                        GB_CARBON_DIRECT};
    const size_t line = gb_json_table_line(table);
    int64_t begin_ns = 0, end_ns = 0;
    double value = NAN;
    bool mine = false;

    gb_status status = gb_trace_set_type(in, line, &type);
    if (status == GB_OK)
        status = gb_trace_take_zone(in, line, "GB", &mine);
    if (status == GB_OK)
        status = read_time(in, table, "from", &begin_ns);
    if (status == GB_OK)
        status = read_time(in, table, "to", &end_ns);
    if (status == GB_OK)
        status = read_number(in, table,
                             in->how->forecast ? "intensity.forecast"
                                               : "intensity.actual",
                             &value);
    return status == GB_OK && mine
               ? gb_trace_add(in, line, begin_ns, end_ns, value,
                              in->how->forecast ? GB_INTENSITY_FORECAST
                                                : GB_INTENSITY_ACTUAL)
               : status;
}

/* --- WattTime ------------------------------------------------------------- */

static gb_status expect_text(const gb_trace_reader *in,
                             const gb_json_table *table, const char *key,
                             const char *text) {
    const gb_json_cell cell = gb_json_table_head(table, key);

    return cell.kind == GB_JSON_TEXT && strcmp(cell.text, text) == 0
               ? GB_OK
               : unexpected(in, 1, key, text, &cell);
}

static gb_status read_watttime_head(gb_trace_reader *in,
                                    const gb_json_table *table) {
    gb_carbon_type type = {GB_CARBON_CO2, GB_CARBON_OF_MARGINAL,
                           GB_CARBON_DIRECT};
    const gb_json_cell signal = gb_json_table_head(table, "meta.signal_type");
    const gb_json_cell period =
        gb_json_table_head(table, "meta.data_point_period_seconds");
    const gb_json_cell region = gb_json_table_head(table, "meta.region");
    bool mine = false;

    if (signal.kind != GB_JSON_TEXT || (strcmp(signal.text, "co2_moer") != 0 &&
                                        strcmp(signal.text, "co2_aoer") != 0))
        return unexpected(in, 1, "meta.signal_type", "co2_moer or co2_aoer",
                          &signal);
    if (strcmp(signal.text, "co2_aoer") == 0)
        type.kind = GB_CARBON_OF_AVERAGE;
    gb_status status = gb_trace_set_type(in, 1, &type);
    if (status == GB_OK)
        status = expect_text(in, table, "meta.units", "lbs_co2_per_mwh");
    if (status == GB_OK &&
        (period.kind != GB_JSON_NUMBER || !(period.number >= 60.0) ||
         period.number > 86400.0))
        status = unexpected(in, 1, "meta.data_point_period_seconds",
                            "60 to 86400", &period);
    if (status == GB_OK)
        status = gb_trace_take_zone(in, 1, region.text, &mine);
    if (status == GB_OK && !mine)
        status = unexpected(in, 1, "meta.region", in->how->zone, &region);
    in->interval_ns = llround(period.number) * SECOND_NS;
    return status;
}

static gb_status read_watttime(gb_trace_reader *in,
                               const gb_json_table *table) {
    const size_t line = gb_json_table_line(table);
    /* A forecast says when it was made. */
    const bool forecast =
        gb_json_table_head(table, "meta.generated_at").kind != GB_JSON_ABSENT;
    int64_t begin_ns = 0;
    double value = NAN;

    gb_status status =
        in->out->row_count == 0 ? read_watttime_head(in, table) : GB_OK;
    if (status == GB_OK)
        status = read_time(in, table, "point_time", &begin_ns);
    if (status == GB_OK)
        status = read_number(in, table, "value", &value);
    return status == GB_OK
               ? gb_trace_add(
                     in, line, begin_ns, 0, G_PER_KWH_OF_LB_PER_MWH * value,
                     forecast ? GB_INTENSITY_FORECAST : GB_INTENSITY_ACTUAL)
               : status;
}

/* --- Green Software Foundation -------------------------------------------- */

/* "Time" or "time": both spellings are about. */
static const char *spelt(const gb_json_table *table, const char *upper,
                         const char *lower) {
    return gb_json_table_cell(table, upper).kind != GB_JSON_ABSENT ? upper
                                                                   : lower;
}

/* .NET's TimeSpan: "08:00:00", "1.00:00:00". */
static bool parse_span(const char *text, int64_t *ns_out) {
    int64_t parts[4] = {0};
    char marks[5] = "";

    for (int i = 0; i < 4; i++) {
        const size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 4)
            return false;
        for (; *text >= '0' && *text <= '9'; text++)
            parts[i] = 10 * parts[i] + (*text - '0');
        if (*text == '\0')
            break;
        marks[i] = *text++;
    }
    int64_t seconds = 0;
    if (strcmp(marks, ".::") == 0)
        seconds = ((24 * parts[0] + parts[1]) * 60 + parts[2]) * 60 + parts[3];
    else if (strcmp(marks, "::") == 0)
        seconds = (60 * parts[0] + parts[1]) * 60 + parts[2];
    *ns_out = seconds * SECOND_NS;
    return seconds > 0 && seconds <= SPAN_MOST_S;
}

static gb_status read_rating(const gb_trace_reader *in,
                             const gb_json_table *table, double *out) {
    const char *key = spelt(table, "Rating", "rating");
    const gb_json_cell cell = gb_json_table_cell(table, key);

    /* Older files have it as a text. */
    if (cell.kind == GB_JSON_TEXT &&
        gb_parse_f64(cell.text, out, NULL) == GB_OK)
        return GB_OK;
    return read_number(in, table, key, out);
}

static gb_status read_gsf(gb_trace_reader *in, const gb_json_table *table) {
    const size_t line = gb_json_table_line(table);
    const gb_carbon_type type = {(gb_carbon_gas)in->how->gas,
                                 (gb_carbon_kind)in->how->kind,
                                 (gb_carbon_scope)in->how->scope};
    const gb_json_cell zone =
        gb_json_table_cell(table, spelt(table, "Location", "location"));
    const char *span = spelt(table, "Duration", "duration");
    const gb_json_cell duration = gb_json_table_cell(table, span);
    int64_t begin_ns = 0, span_ns = 0;
    double value = NAN;
    bool mine = false;

    gb_status status = gb_trace_set_type(in, line, &type);
    if (status == GB_OK)
        status = gb_trace_take_zone(in, line, zone.text, &mine);
    if (status != GB_OK || !mine)
        return status;
    status = read_time(in, table, spelt(table, "Time", "time"), &begin_ns);
    if (status == GB_OK)
        status = read_rating(in, table, &value);
    if (status == GB_OK &&
        (duration.kind != GB_JSON_TEXT || !parse_span(duration.text, &span_ns)))
        status = unexpected(in, line, span, "a time span such as 08:00:00",
                            &duration);
    return status == GB_OK
               ? gb_trace_add(in, line, begin_ns, begin_ns + span_ns, value,
                              GB_INTENSITY_ACTUAL)
               : status;
}

/* --- all of them ---------------------------------------------------------- */

gb_status gb_trace_read_json(gb_trace_reader *in, gb_json_table *table) {
    bool there = false;
    gb_status status = gb_json_table_row(table, &there, in->err);

    while (status == GB_OK && there) {
        switch (in->how->format) {
        case GB_TRACE_ELECTRICITYMAPS_JSON:
            status = read_maps(in, table);
            break;
        case GB_TRACE_NESO:
            status = read_neso(in, table);
            break;
        case GB_TRACE_WATTTIME:
            status = read_watttime(in, table);
            break;
        default:
            status = read_gsf(in, table);
        }
        if (status == GB_OK)
            status = gb_json_table_row(table, &there, in->err);
    }
    return status;
}
