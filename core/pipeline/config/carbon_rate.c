/* SPDX-License-Identifier: Apache-2.0 */
/* A factor that is looked up, one of the user's own, or a trace. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/config/carbon_parts.h"
#include "pipeline/config/trace.h"

#define COUNT(list)  (sizeof(list) / sizeof((list)[0]))
#define WORDS_MAX    8
#define MOST_S       (366.0 * 86400.0)
#define NO_SUCH_WORD (-1)

/* --- words ---------------------------------------------------------------- */

static const char *format_of(int i) {
    return gb_trace_format_name((gb_trace_format)i);
}

/* @param[out] found  NO_SUCH_WORD: there is no key, and none is needed */
static gb_status pick(const gb_carbon_reader *in, const gb_yaml_node *map,
                      const char *key, const char *(*name_of)(int), int count,
                      bool needed, int *found) {
    const char *words[WORDS_MAX];
    size_t at = 0;

    *found = NO_SUCH_WORD;
    if (gb_tree_value(map, key) == NULL && !needed)
        return GB_OK;
    for (int i = 0; i < count; i++)
        words[i] = name_of(i);
    const gb_status status = gb_tree_pick_word(&in->words.at, map, key, words,
                                               (size_t)count, needed, &at);
    *found = (int)at;
    return status;
}

/* What a rate says of its kind; -1: nothing. */
typedef struct stated {
    int gas, kind, scope;
} stated;

static gb_status read_stated(const gb_carbon_reader *in,
                             const gb_yaml_node *map, bool needed,
                             stated *out) {
    gb_status status = pick(in, map, "gas", gb_factor_gas_word, GB_CARBON_GASES,
                            needed, &out->gas);

    if (status == GB_OK)
        status = pick(in, map, "kind", gb_factor_kind_word, GB_CARBON_KINDS,
                      needed, &out->kind);
    return status == GB_OK ? pick(in, map, "scope", gb_factor_scope_word,
                                  GB_CARBON_SCOPES, needed, &out->scope)
                           : status;
}

/* Averages are no marginal numbers, and these no inventory: standards.md §11,
 * items 37 to 39. */
static gb_status check_basis(const gb_carbon_reader *in,
                             const gb_yaml_node *map, gb_carbon_basis basis,
                             const gb_carbon_rate *rate) {
    static const char *const wanted[GB_CARBON_BASES] = {
        [GB_CARBON_BY_LOCATION] = "an average of the grid",
        [GB_CARBON_BY_MARKET] = "a residual mix, a contract or fossil power",
        [GB_CARBON_BY_MARGINAL] = "a marginal intensity",
    };
    const gb_carbon_kind kind = gb_carbon_rate_type(rate)->kind;
    gb_origin origin;

    if (gb_carbon_kind_basis(kind) == basis)
        return GB_OK;
    gb_tree_origin(&in->words.at, map, &origin);
    return gb_fail(in->words.at.err, GB_ERR_INVALID,
                   basis == GB_CARBON_BY_MARGINAL
                       ? "an average does not say what one more kWh causes"
                       : "a marginal intensity makes no inventory, and what a "
                         "contract says is no average of the grid",
                   "%s: %s: expected %s, got one of kind %s", origin.where,
                   gb_carbon_basis_name(basis), wanted[basis],
                   gb_carbon_kind_name(kind));
}

/* --- factors -------------------------------------------------------------- */

static gb_status look_up(const gb_carbon_reader *in, const gb_yaml_node *map,
                         gb_carbon_basis basis, gb_factor *out) {
    static const gb_carbon_kind usual[GB_CARBON_BASES] = {
        GB_CARBON_OF_AVERAGE, GB_CARBON_OF_RESIDUAL, GB_CARBON_OF_MARGINAL};
    char region[64] = "", series[32] = "";
    double year = 0.0;
    stated said;
    const gb_factor *found = NULL;
    gb_status status = gb_tree_copy_text(&in->words.at, map, "region", true,
                                         region, sizeof(region));

    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "series", false, series,
                                   sizeof(series));
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "year", true, 1970, 2100, &year);
    if (status == GB_OK)
        status = read_stated(in, map, false, &said);
    if (status != GB_OK)
        return status;
    const gb_factor_query query = {.region = region,
                                   .series = series,
                                   .year = (int)year,
                                   .kind = said.kind != NO_SUCH_WORD
                                               ? (gb_carbon_kind)said.kind
                                               : usual[basis],
                                   .gas = said.gas,
                                   .scope = said.scope};
    gb_error why = {.rank = -1};
    status = gb_factors_find(in->factors, &query, &found, &why);
    if (status == GB_OK) {
        *out = *found;
        return GB_OK;
    }
    gb_origin origin;
    gb_tree_origin(&in->words.at, map, &origin);
    return gb_fail(in->words.at.err, GB_ERR_INVALID, why.hint, "%s: %s",
                   origin.where, why.what);
}

static gb_status read_accuracy(const gb_carbon_reader *in,
                               const gb_yaml_node *map, gb_factor *out) {
    static const char *const forms[] = {"bound", "sigma", "k2"};
    const gb_yaml_node *value = gb_tree_value(map, "accuracy");
    double share = 0.0;
    size_t form = 0;

    out->u_rel = NAN;
    if (value == NULL)
        return GB_OK;
    gb_status status =
        gb_facility_read_percent(&in->words, value, "accuracy", 100.0, &share);
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->words.at, map, "form", forms,
                                   COUNT(forms), true, &form);
    if (status != GB_OK)
        return status;
    (void)gb_factor_u_rel(100.0 * share, forms[form], &out->u_rel);
    snprintf(out->accuracy, sizeof(out->accuracy), "%.3g%%, %s", 100.0 * share,
             forms[form]);
    return GB_OK;
}

static gb_status read_own(const gb_carbon_reader *in, const gb_yaml_node *map,
                          gb_factor *out) {
    double year = 0.0;
    stated said;

    *out = (gb_factor){0};
    gb_tree_origin(&in->words.at, map, &out->origin);
    gb_status status =
        gb_carbon_number(in, map, "g_per_kwh", true, 0.0,
                         GB_CARBON_MOST_G_PER_KWH, &out->g_per_kwh);
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "region", true,
                                   out->region, sizeof(out->region));
    if (status == GB_OK)
        status = gb_carbon_number(in, map, "year", true, 1970, 2100, &year);
    if (status == GB_OK)
        status = gb_carbon_claimless(in, map, "publication", out->publication,
                                     sizeof(out->publication));
    if (status == GB_OK)
        status = gb_carbon_claimless(in, map, "source", out->source,
                                     sizeof(out->source));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "series", false,
                                   out->series, sizeof(out->series));
    if (status == GB_OK)
        status = read_stated(in, map, true, &said);
    if (status == GB_OK)
        status = read_accuracy(in, map, out);
    if (status != GB_OK)
        return status;
    out->year = (int)year;
    out->type =
        (gb_carbon_type){(gb_carbon_gas)said.gas, (gb_carbon_kind)said.kind,
                         (gb_carbon_scope)said.scope};
    return gb_factors_check(in->factors, out, in->words.at.err);
}

/* --- traces --------------------------------------------------------------- */

static gb_status read_interval(const gb_carbon_reader *in,
                               const gb_yaml_node *map, bool needed,
                               int64_t *out) {
    const gb_yaml_node *value = gb_tree_value(map, "interval");
    double seconds = 0.0;

    if (value == NULL && !needed)
        return GB_OK;
    if (value == NULL || value->kind != GB_YAML_SCALAR ||
        gb_parse_duration(value->text, &seconds, NULL) != GB_OK ||
        seconds < 60.0 || seconds > MOST_S)
        return gb_tree_unexpected(
            &in->words.at, value != NULL ? value : map, "interval",
            "the length of a row, a minute or more, such as 1h", NULL);
    *out = llround(seconds) * INT64_C(1000000000);
    return GB_OK;
}

static gb_status read_zone(const gb_carbon_reader *in, const gb_yaml_node *map,
                           int32_t *offset_s_out) {
    const gb_yaml_node *value = gb_tree_value(map, "time_zone");

    *offset_s_out = GB_UTC_NO_OFFSET;
    if (value == NULL || (value->kind == GB_YAML_SCALAR &&
                          gb_utc_parse_offset(value->text, offset_s_out)))
        return GB_OK;
    return gb_tree_unexpected(
        &in->words.at, value, "time_zone", "UTC or an offset such as +08:00",
        "a zone with daylight saving has one hour twice: export in UTC, or with "
        "an offset at each stamp");
}

/* Of a plain CSV: which columns, and in which unit. */
typedef struct plain_texts {
    char time[128], column[128], unit[16];
} plain_texts;

static gb_status read_plain(const gb_carbon_reader *in, const gb_yaml_node *map,
                            plain_texts *texts, gb_trace_file *how) {
    static const char *const stamps[] = {"begin", "end"};
    size_t stamp = 0;
    gb_status status = gb_tree_copy_text(&in->words.at, map, "column", true,
                                         texts->column, sizeof(texts->column));

    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "time", false,
                                   texts->time, sizeof(texts->time));
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->words.at, map, "stamp", stamps, 2, true,
                                   &stamp);
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "unit", true,
                                   texts->unit, sizeof(texts->unit));
    if (status == GB_OK && !gb_trace_unit(texts->unit, &how->scale))
        status = gb_tree_unexpected(
            &in->words.at, gb_tree_value(map, "unit"), "unit",
            "one of g/kWh, kg/MWh, kg/kWh, t/MWh, g/MJ, lb/MWh, lb/kWh", NULL);
    how->time_column = texts->time;
    how->value_column = texts->column;
    how->stamp_end = stamp == 1;
    return status;
}

static gb_status read_how(const gb_carbon_reader *in, const gb_yaml_node *map,
                          plain_texts *texts, gb_trace_file *how) {
    static const char *const values[] = {"actual", "forecast"};
    static const char *const of_csv[] = {"time", "column", "stamp", "unit"};
    int format = 0;
    size_t value = 0;
    stated said = {NO_SUCH_WORD, NO_SUCH_WORD, NO_SUCH_WORD};
    gb_status status =
        pick(in, map, "format", format_of, GB_TRACE_FORMATS, true, &format);

    if (status != GB_OK)
        return status;
    how->format = (gb_trace_format)format;
    const bool plain = how->format == GB_TRACE_CSV;
    if (!plain)
        status = gb_carbon_no_keys(in, map, of_csv, COUNT(of_csv),
                                   "no such key but in format csv");
    if (status == GB_OK)
        status =
            read_stated(in, map, plain || how->format == GB_TRACE_GSF, &said);
    if (status == GB_OK && how->format == GB_TRACE_ELECTRICITYMAPS_CSV)
        status = pick(in, map, "scope", gb_factor_scope_word, GB_CARBON_SCOPES,
                      true, &said.scope);
    how->gas = said.gas;
    how->kind = said.kind;
    how->scope = said.scope;
    if (status == GB_OK)
        status = gb_tree_pick_word(&in->words.at, map, "value", values, 2,
                                   false, &value);
    how->forecast = value == 1;
    if (status == GB_OK && how->forecast && how->format != GB_TRACE_NESO)
        status = gb_tree_unexpected(&in->words.at, gb_tree_value(map, "value"),
                                    "value", "actual but in format neso", NULL);
    if (status == GB_OK)
        status = read_interval(in, map, plain, &how->interval_ns);
    if (status == GB_OK)
        status = read_zone(in, map, &how->offset_s);
    return status == GB_OK && plain ? read_plain(in, map, texts, how) : status;
}

static gb_status read_trace(const gb_carbon_reader *in, const gb_yaml_node *map,
                            gb_intensity_trace *out) {
    char file[256] = "", zone[64] = "", source[200] = "", path[4096];
    plain_texts texts = {.time = "time"};
    gb_trace_file how = {.zone = zone};
    gb_status status =
        gb_tree_copy_text(&in->words.at, map, "file", true, file, sizeof(file));

    if (status == GB_OK)
        status = gb_tree_copy_text(&in->words.at, map, "zone", false, zone,
                                   sizeof(zone));
    if (status == GB_OK)
        status = gb_carbon_claimless(in, map, "source", source, sizeof(source));
    if (status == GB_OK)
        status = read_how(in, map, &texts, &how);
    if (status == GB_OK && in->words.folder == NULL)
        status = gb_tree_unexpected(&in->words.at, gb_tree_value(map, "file"),
                                    "file", "no other file", NULL);
    if (status != GB_OK)
        return status;
    snprintf(path, sizeof(path), "%s%s", file[0] == '/' ? "" : in->words.folder,
             file);
    status = gb_trace_load(&how, path, file, out, in->words.at.err);
    gb_copy(out->source, sizeof(out->source), source);
    return status;
}

/* --- all of them ---------------------------------------------------------- */

gb_status gb_carbon_read_rate(const gb_carbon_reader *in,
                              const gb_yaml_node *map, gb_carbon_basis basis,
                              gb_carbon_rate *out) {
    static const char *const own_keys[] = {
        "region",      "year",     "kind",      "gas",
        "scope",       "series",   "g_per_kwh", "source",
        "publication", "accuracy", "form",      "instruments"};
    static const char *const looked_up_keys[] = {
        "region", "year", "kind", "gas", "scope", "series", "instruments"};
    static const char *const trace_keys[] = {
        "file",      "format", "zone",  "source", "gas",
        "kind",      "scope",  "value", "time",   "interval",
        "time_zone", "column", "stamp", "unit",   "instruments"};
    static const char *const of_market[] = {"instruments"};
    gb_status status = GB_OK;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->words.at, map,
                                  gb_carbon_basis_name(basis),
                                  "a map with 'region' or 'file'", NULL);
    out->traced = gb_tree_value(map, "file") != NULL;
    const bool own = gb_tree_value(map, "g_per_kwh") != NULL;
    if (out->traced)
        status = gb_carbon_known_keys(in, map, trace_keys, COUNT(trace_keys));
    else if (own)
        status = gb_carbon_known_keys(in, map, own_keys, COUNT(own_keys));
    else
        status = gb_carbon_known_keys(in, map, looked_up_keys,
                                      COUNT(looked_up_keys));
    if (status == GB_OK && basis != GB_CARBON_BY_MARKET)
        status = gb_carbon_no_keys(in, map, of_market, COUNT(of_market),
                                   "no such key but in 'market'");
    if (status != GB_OK)
        return status;
    if (out->traced)
        status = read_trace(in, map, &out->trace);
    else if (own)
        status = read_own(in, map, &out->factor);
    else
        status = look_up(in, map, basis, &out->factor);
    out->present = status == GB_OK;
    return status == GB_OK ? check_basis(in, map, basis, out) : status;
}
