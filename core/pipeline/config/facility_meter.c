/* SPDX-License-Identifier: Apache-2.0 */
/* One meter of a facility file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/config/facility_parts.h"
#include "pipeline/config/meter_file.h"

#define COLUMNS_MAX 1000
#define UNITS_MAX   32

/* --- accuracy ------------------------------------------------------------- */

/* A hard bound a is u = a / sqrt(3), a value with k = 2 is 2 u (JCGM 100). */
static const char *const forms[] = {"bound", "sigma", "k2"};
static const double form_scale[] = {0.57735026918962576, 1.0, 0.5};

static gb_status read_accuracy(const gb_facility_reader *in,
                               const gb_yaml_node *map,
                               gb_facility_meter *meter) {
    static const char *const ofs[] = {"reading", "range"};
    static const char *const yes[] = {"no", "yes"};
    const gb_yaml_node *value = gb_tree_value(map, "accuracy");
    const gb_yaml_node *range = gb_tree_value(map, "range");
    size_t form = 0, of = 0, independent = 0;
    const gb_facility_unit *range_unit = NULL;
    double share = 0.0, most = 0.0;

    meter->u_rel = meter->u_abs = NAN;
    if (gb_facility_quantity_kind(meter->quantity) ==
        GB_FACILITY_OF_TEMPERATURE)
        return GB_OK;
    if (value == NULL)
        return gb_tree_unexpected(&in->at, map, "accuracy",
                                  "a percentage, or the word undocumented",
                                  NULL);
    gb_copy(meter->accuracy, sizeof(meter->accuracy), "undocumented");
    if (value->kind == GB_YAML_SCALAR &&
        strcmp(value->text, "undocumented") == 0)
        return GB_OK;
    gb_status status =
        gb_facility_read_percent(in, value, "accuracy", 50.0, &share);
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "form", forms, 3, true, &form);
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "of", ofs, 2, false, &of);
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "independent", yes, 2, false,
                                   &independent);
    if (status == GB_OK && of == 1 &&
        (range == NULL || range->kind != GB_YAML_SCALAR ||
         !gb_facility_parse_quantity(range->text, &most, &range_unit) ||
         !range_unit->rate))
        status = gb_tree_unexpected(&in->at, range != NULL ? range : map,
                                    "range", "a power such as 400 kW", NULL);
    if (status != GB_OK)
        return status;
    const double u = form_scale[form] * share /
                     (independent ? sqrt((double)meter->columns) : 1.0);
    meter->u_rel = of == 0 ? u : 0.0;
    meter->u_abs = of == 0 ? 0.0 : u * most * range_unit->scale;
    snprintf(meter->accuracy, sizeof(meter->accuracy), "%.6g %% of %s, %s%s",
             100.0 * share, ofs[of], forms[form],
             independent ? ", independent" : "");
    return GB_OK;
}

/* --- a total -------------------------------------------------------------- */

static gb_status read_stamp(const gb_facility_reader *in,
                            const gb_yaml_node *map, const char *key,
                            int64_t *ns_out) {
    const gb_yaml_node *value = gb_tree_value(map, key);

    return value != NULL && value->kind == GB_YAML_SCALAR &&
                   gb_utc_parse(value->text, strlen(value->text),
                                GB_UTC_NO_OFFSET, ns_out)
               ? GB_OK
               : gb_tree_unexpected(&in->at, value != NULL ? value : map, key,
                                    "a time with its offset such as "
                                    "2026-01-01T00:00:00+08:00",
                                    NULL);
}

static gb_status read_total(const gb_facility_reader *in,
                            const gb_yaml_node *map, gb_facility_meter *meter) {
    const gb_yaml_node *value = gb_tree_value(map, "total");
    const gb_facility_unit *of = NULL;
    gb_facility_row row = {0};

    if (value->kind != GB_YAML_SCALAR ||
        !gb_facility_parse_quantity(value->text, &row.value, &of) || of->rate ||
        of->kind != gb_facility_quantity_kind(meter->quantity))
        return gb_tree_unexpected(&in->at, value, "total",
                                  "an amount with its unit such as 1080 kWh "
                                  "or 12 m3",
                                  NULL);
    gb_status status = read_stamp(in, map, "from", &row.begin_ns);
    if (status == GB_OK)
        status = read_stamp(in, map, "to", &row.end_ns);
    if (status != GB_OK)
        return status;
    if (row.end_ns <= row.begin_ns)
        return gb_tree_unexpected(&in->at, gb_tree_value(map, "to"), "to",
                                  "a time after 'from'", NULL);
    row.value *= of->scale;
    meter->rows = malloc(sizeof(*meter->rows));
    if (meter->rows == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    meter->rows[0] = row;
    meter->row_count = meter->columns = 1;
    return GB_OK;
}

/* --- a file --------------------------------------------------------------- */

static gb_status read_columns(const gb_facility_reader *in,
                              const gb_yaml_node *map, const char **names,
                              size_t *count_out) {
    const gb_yaml_node *value = gb_tree_value(map, "columns");

    *count_out = 0;
    if (value == NULL || value->kind == GB_YAML_MAP ||
        (value->kind == GB_YAML_LIST && value->count > COLUMNS_MAX))
        return gb_tree_unexpected(&in->at, value != NULL ? value : map,
                                  "columns", "a title, a glob, or a list",
                                  NULL);
    const size_t count = value->kind == GB_YAML_LIST ? value->count : 1;
    for (size_t i = 0; i < count; i++) {
        const gb_yaml_node *one =
            value->kind == GB_YAML_LIST ? value->items[i] : value;
        if (one->kind != GB_YAML_SCALAR || one->text[0] == '\0')
            return gb_tree_unexpected(&in->at, one, "columns", "a title", NULL);
        names[(*count_out)++] = one->text;
    }
    return *count_out > 0
               ? GB_OK
               : gb_tree_unexpected(&in->at, value, "columns", "a title", NULL);
}

static gb_status read_unit(const gb_facility_reader *in,
                           const gb_yaml_node *map,
                           const gb_facility_meter *meter, gb_meter_file *how) {
    const gb_yaml_node *value = gb_tree_value(map, "unit");
    const gb_facility_unit *found =
        value != NULL && value->kind == GB_YAML_SCALAR
            ? gb_facility_find_unit(value->text)
            : NULL;
    const char *fitting[UNITS_MAX];
    char list[120], wanted[200];
    size_t count = 0;

    if (found != NULL &&
        found->kind == gb_facility_quantity_kind(meter->quantity) &&
        !(found->rate && how->cumulative)) {
        how->scale =
            found->scale * (found->rate ? (double)how->interval_ns / 1e9 : 1.0);
        return GB_OK;
    }
    for (size_t i = 0; i < gb_facility_unit_count; i++)
        if (gb_facility_units[i].kind ==
                gb_facility_quantity_kind(meter->quantity) &&
            !(gb_facility_units[i].rate && how->cumulative))
            fitting[count++] = gb_facility_units[i].text;
    snprintf(wanted, sizeof(wanted), "one of %s for '%s'",
             gb_join(fitting, count, list, sizeof(list)),
             gb_facility_quantity_name(meter->quantity));
    return gb_tree_unexpected(&in->at, value != NULL ? value : map, "unit",
                              wanted, NULL);
}

static gb_status read_zone(const gb_facility_reader *in,
                           const gb_yaml_node *map, int32_t *offset_s_out) {
    const gb_yaml_node *value = gb_tree_value(map, "time_zone");

    *offset_s_out = GB_UTC_NO_OFFSET;
    if (value == NULL || (value->kind == GB_YAML_SCALAR &&
                          gb_utc_parse_offset(value->text, offset_s_out)))
        return GB_OK;
    return gb_tree_unexpected(
        &in->at, value, "time_zone", "UTC or an offset such as +08:00",
        "a zone with daylight saving has one hour twice: export in UTC, or with "
        "an offset at each stamp");
}

static gb_status read_timing(const gb_facility_reader *in,
                             const gb_yaml_node *map, gb_meter_file *how) {
    static const char *const yes[] = {"no", "yes"};
    static const char *const stamps[] = {"begin", "end"};
    const gb_yaml_node *interval = gb_tree_value(map, "interval");
    size_t cumulative = 0, stamp = 0;
    double seconds = 0.0;
    gb_status status = gb_tree_pick_word(&in->at, map, "cumulative", yes, 2,
                                         false, &cumulative);

    how->cumulative = cumulative == 1;
    if (status == GB_OK)
        status = read_zone(in, map, &how->offset_s);
    if (status != GB_OK || how->cumulative)
        return status;
    status = gb_tree_pick_word(&in->at, map, "stamp", stamps, 2, true, &stamp);
    if (status == GB_OK &&
        (interval == NULL || interval->kind != GB_YAML_SCALAR ||
         gb_parse_duration(interval->text, &seconds, NULL) != GB_OK ||
         seconds < 1e-3 || seconds > 86400.0 * 366.0))
        status = gb_tree_unexpected(&in->at, interval != NULL ? interval : map,
                                    "interval",
                                    "the length of a row such as 15min", NULL);
    how->interval_ns = llround(1e9 * seconds);
    how->stamp_end = stamp == 1;
    return status;
}

static gb_status read_file(const gb_facility_reader *in,
                           const gb_yaml_node *map, gb_facility_meter *meter) {
    char file[256], path[4096], time_column[128] = "time";
    const char **names = calloc(COLUMNS_MAX, sizeof(*names));
    gb_meter_file how = {.columns = names,
                         .time_column = time_column,
                         .may_be_negative =
                             gb_facility_quantity_kind(meter->quantity) ==
                             GB_FACILITY_OF_TEMPERATURE};
    gb_csv *csv = NULL;
    gb_status status =
        names != NULL ? GB_OK : gb_fail_memory(in->at.err, in->at.name);

    if (status == GB_OK)
        status =
            gb_tree_copy_text(&in->at, map, "file", true, file, sizeof(file));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, map, "time", false, time_column,
                                   sizeof(time_column));
    if (status == GB_OK)
        status = read_columns(in, map, names, &how.column_count);
    if (status == GB_OK)
        status = read_timing(in, map, &how);
    if (status == GB_OK)
        status = read_unit(in, map, meter, &how);
    if (status == GB_OK && in->folder == NULL)
        status = gb_tree_unexpected(&in->at, gb_tree_value(map, "file"), "file",
                                    "a total", NULL);
    if (status == GB_OK) {
        snprintf(path, sizeof(path), "%s%s", file[0] == '/' ? "" : in->folder,
                 file);
        status = gb_csv_open(path, file, &csv, in->at.err);
    }
    if (status == GB_OK)
        status = gb_meter_file_read(&how, csv, file, meter, in->at.err);
    gb_csv_close(csv);
    free(names);
    return status;
}

/* --- a meter -------------------------------------------------------------- */

/* Heat counts where it was metered as heat and used by others: standards.md
 * §11, item 36. */
static gb_status check_reuse(const gb_facility_reader *in,
                             const gb_yaml_node *map) {
    static const char *const reuses[] = {"outside"};
    static const char *const methods[] = {"heat_meter"};
    const gb_yaml_node *reuse = gb_tree_value(map, "reuse");
    size_t found = 0;

    if (reuse == NULL || reuse->kind != GB_YAML_SCALAR ||
        strcmp(reuse->text, reuses[0]) != 0)
        return gb_tree_unexpected(
            &in->at, reuse != NULL ? reuse : map, "reuse",
            "outside: heat that others use beyond the boundary",
            "what is used inside lowers the overhead already, and what is "
            "rejected is not reused");
    const gb_status status =
        gb_tree_pick_word(&in->at, map, "method", methods, 1, true, &found);
    if (status != GB_OK && in->at.err != NULL)
        gb_copy(in->at.err->hint, sizeof(in->at.err->hint),
                "a temperature without flow is no energy");
    return status;
}

static bool is_one_of(const char *word, const char *const *words,
                      size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

gb_status gb_facility_meter_read(const gb_facility_reader *in,
                                 const gb_yaml_node *map,
                                 gb_facility_meter *meter) {
    static const char *const known[] = {
        "id",    "measures",  "file",     "columns",    "unit",
        "time",  "stamp",     "interval", "total",      "from",
        "to",    "time_zone", "form",     "accuracy",   "of",
        "range", "reuse",     "method",   "cumulative", "independent"};
    enum { KNOWN = sizeof(known) / sizeof(known[0]) };
    const char *words[GB_FACILITY_QUANTITIES];
    size_t quantity = 0;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "meters",
                                  "a map with 'id' and 'measures'", NULL);
    for (size_t i = 0; i < map->count; i++)
        if (!is_one_of(map->keys[i]->text, known, KNOWN))
            return gb_tree_unknown_key(&in->at, map->keys[i], known, KNOWN);
    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++)
        words[q] = gb_facility_quantity_name((gb_facility_quantity)q);
    gb_tree_origin(&in->at, map, &meter->origin);
    gb_status status = gb_tree_copy_text(&in->at, map, "id", true, meter->id,
                                         sizeof(meter->id));
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->at, map, "measures", words,
                                   GB_FACILITY_QUANTITIES, true, &quantity);
    meter->quantity = (gb_facility_quantity)quantity;
    if (status == GB_OK && meter->quantity == GB_FACILITY_REUSED_HEAT)
        status = check_reuse(in, map);
    if (status == GB_OK)
        status = gb_tree_value(map, "total") != NULL
                     ? read_total(in, map, meter)
                     : read_file(in, map, meter);
    return status == GB_OK ? read_accuracy(in, map, meter) : status;
}
