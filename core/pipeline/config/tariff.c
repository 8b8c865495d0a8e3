/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/tariff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/config/tariff_parts.h"

#define HOLIDAYS_MAX 1000
#define PRICE_MOST   1e9
#define NS_IN_S      INT64_C(1000000000)

/* --- prices --------------------------------------------------------------- */

gb_status gb_tariff_read_price(const gb_tariff_reader *in,
                               const gb_yaml_node *map, const char *per,
                               double scale, double *out) {
    const gb_yaml_node *value = gb_tree_value(map, "price");
    const char *currency = in->out->currency, *end = NULL;
    char wanted[96];
    double price = -1.0;
    bool mega = false;

    if (value != NULL && value->kind == GB_YAML_SCALAR &&
        strchr("0123456789", value->text[0]) != NULL)
        price = gb_real_at(value->text, &end);
    if (end != NULL) {
        end += strspn(end, " ");
        const bool same = strncmp(end, currency, 3) == 0 && end[3] == '/';
        mega = same && end[4] == 'M';
        if (!same || (end[4] != 'k' && !mega) || strcmp(end + 5, per + 1) != 0)
            price = -1.0;
    }
    if (price >= 0.0 && price <= PRICE_MOST) {
        *out = price / (mega ? 1e3 * scale : scale);
        return GB_OK;
    }
    snprintf(wanted, sizeof(wanted), "a price >= 0 such as 0.85 %s/%s",
             currency, per);
    return gb_tree_unexpected(
        &in->at, value != NULL ? value : map, "price", wanted,
        "all prices of a file are in its currency: none is converted");
}

static gb_status read_demand(const gb_tariff_reader *in,
                             const gb_yaml_node *map) {
    static const char *const known[] = {"price", "interval"};
    double seconds = 0.0;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "demand",
                                  "a map with 'price' and 'interval'", NULL);
    const gb_yaml_node *interval = gb_tree_value(map, "interval");
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, known[0]) != 0 &&
            strcmp(map->keys[i]->text, known[1]) != 0)
            return gb_tree_unknown_key(&in->at, map->keys[i], known, 2);
    if (interval == NULL || interval->kind != GB_YAML_SCALAR ||
        gb_parse_duration(interval->text, &seconds, NULL) != GB_OK ||
        seconds < 60.0 || fmod(3600.0, seconds) > 0.0)
        return gb_tree_unexpected(&in->at, interval != NULL ? interval : map,
                                  "interval",
                                  "a part of an hour such as 15min, over which "
                                  "the peak is a mean",
                                  NULL);
    in->out->demand_interval_ns = llround(1e9 * seconds);
    return gb_tariff_read_price(in, map, "kW", 1e3, &in->out->demand_per_w);
}

/* --- when it holds -------------------------------------------------------- */

static gb_status read_zone(const gb_tariff_reader *in,
                           const gb_yaml_node *value) {
    if (value != NULL && value->kind == GB_YAML_SCALAR &&
        strlen(value->text) < sizeof(in->out->zone_text) &&
        gb_zone_parse(value->text, &in->out->zone)) {
        gb_copy(in->out->zone_text, sizeof(in->out->zone_text), value->text);
        return GB_OK;
    }
    return gb_tree_unexpected(
        &in->at, value, "time_zone",
        "an offset such as +08:00, or a rule such as "
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "the rule of a named zone is the last line of its file: tail -1 "
        "/usr/share/zoneinfo/Europe/Berlin");
}

static gb_status read_date(const gb_tariff_reader *in,
                           const gb_yaml_node *value, const char *key,
                           int64_t *days_out) {
    return value->kind == GB_YAML_SCALAR &&
                   gb_utc_parse_date(value->text, strlen(value->text), days_out)
               ? GB_OK
               : gb_tree_unexpected(&in->at, value, key,
                                    "a date such as 2026-01-01", NULL);
}

/* "2026-01-01/2026-12-31": both days are in it. */
static gb_status read_valid(const gb_tariff_reader *in,
                            const gb_yaml_node *value) {
    int64_t days[2] = {0};
    const char *slash = value != NULL && value->kind == GB_YAML_SCALAR
                            ? strchr(value->text, '/')
                            : NULL;

    if (slash == NULL ||
        !gb_utc_parse_date(value->text, (size_t)(slash - value->text),
                           &days[0]) ||
        !gb_utc_parse_date(slash + 1, strlen(slash + 1), &days[1]) ||
        days[1] < days[0])
        return gb_tree_unexpected(&in->at, value, "valid",
                                  "its first and last day such as "
                                  "2026-01-01/2026-12-31",
                                  NULL);
    in->out->valid_ns[0] = gb_zone_day_begin(&in->out->zone, days[0]);
    in->out->valid_ns[1] = gb_zone_day_begin(&in->out->zone, days[1] + 1);
    return GB_OK;
}

static int by_day(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static gb_status read_holidays(const gb_tariff_reader *in,
                               const gb_yaml_node *list) {
    gb_tariff *out = in->out;
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > HOLIDAYS_MAX)
        return gb_tree_unexpected(&in->at, list, "holidays",
                                  "a list of 1 to 1000 dates", NULL);
    out->holidays = calloc(list->count, sizeof(*out->holidays));
    if (out->holidays == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_date(in, list->items[i], "holidays",
                           &out->holidays[out->holiday_count++]);
    if (status == GB_OK)
        qsort(out->holidays, out->holiday_count, sizeof(*out->holidays),
              by_day);
    return status;
}

/* --- seasons -------------------------------------------------------------- */

/* "06-01/08-31"; over the end of the year as well. */
static bool parse_range(const char *text, int64_t days[2]) {
    char date[16];

    for (int i = 0; i < 2; i++) {
        snprintf(date, sizeof(date), "2024-%.5s", text + (ptrdiff_t)6 * i);
        if (!gb_utc_parse_date(date, 10, &days[i]))
            return false;
    }
    return text[5] == '/' && strlen(text) == 11;
}

static gb_status add_range(const gb_tariff_reader *in,
                           const gb_yaml_node *value, uint8_t season,
                           uint8_t *of_day) {
    int64_t days[2] = {0};
    const int64_t first = gb_utc_days(2024, 1, 1);

    if (value->kind != GB_YAML_SCALAR || strlen(value->text) != 11 ||
        !parse_range(value->text, days))
        return gb_tree_unexpected(&in->at, value, "dates",
                                  "first and last day such as 06-01/08-31",
                                  NULL);
    for (int64_t day = days[0] - first;; day = (day + 1) % 366) {
        if (of_day[day] != 0)
            return gb_tree_unexpected(&in->at, value, "dates",
                                      "each day in one season", NULL);
        of_day[day] = season;
        if (day == days[1] - first)
            return GB_OK;
    }
}

/* Days of a leap year, which has them all, to months and days. */
static gb_status spread_seasons(const gb_tariff_reader *in,
                                const gb_yaml_node *list,
                                const uint8_t *of_day) {
    char wanted[64];

    for (int64_t day = 0; day < 366; day++) {
        int year = 0, month = 0, date = 0;
        gb_utc_date(gb_utc_days(2024, 1, 1) + day, &year, &month, &date);
        if (of_day[day] == 0) {
            snprintf(wanted, sizeof(wanted),
                     "seasons of the whole year, with %02d-%02d", month, date);
            return gb_tree_unexpected(&in->at, list, "seasons", wanted, NULL);
        }
        in->out->season_of[month - 1][date - 1] = (uint8_t)(of_day[day] - 1);
    }
    return GB_OK;
}

static gb_status read_season(gb_tariff_reader *in, const gb_yaml_node *map,
                             uint8_t *of_day) {
    static const char *const known[] = {"id", "dates"};
    const size_t at = in->out->season_count++;
    const gb_yaml_node *dates =
        map->kind == GB_YAML_MAP ? gb_tree_value(map, "dates") : NULL;

    if (dates == NULL)
        return gb_tree_unexpected(&in->at, map, "seasons",
                                  "a map with 'id' and 'dates'", NULL);
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i]->text, known[0]) != 0 &&
            strcmp(map->keys[i]->text, known[1]) != 0)
            return gb_tree_unknown_key(&in->at, map->keys[i], known, 2);
    gb_status status = gb_tree_copy_text(&in->at, map, "id", true,
                                         in->seasons[at], sizeof(*in->seasons));
    for (size_t i = 0; status == GB_OK && i < at; i++)
        if (strcmp(in->seasons[i], in->seasons[at]) == 0)
            status = gb_tree_unexpected(&in->at, gb_tree_value(map, "id"), "id",
                                        "each season once", NULL);
    const bool several = dates->kind == GB_YAML_LIST;
    for (size_t i = 0; status == GB_OK && i < (several ? dates->count : 1); i++)
        status = add_range(in, several ? dates->items[i] : dates,
                           (uint8_t)(at + 1), of_day);
    return status;
}

static gb_status read_seasons(gb_tariff_reader *in, const gb_yaml_node *list) {
    uint8_t of_day[366] = {0};
    gb_status status = GB_OK;

    if (list == NULL) {
        in->out->season_count = 1;
        return GB_OK;
    }
    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > GB_TARIFF_SEASONS_MAX)
        return gb_tree_unexpected(&in->at, list, "seasons",
                                  "a list of 1 to 12 seasons", NULL);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_season(in, list->items[i], of_day);
    return status == GB_OK ? spread_seasons(in, list, of_day) : status;
}

/* --- the file ------------------------------------------------------------- */

static gb_status read_currency(const gb_tariff_reader *in,
                               const gb_yaml_node *value) {
    if (value != NULL && value->kind == GB_YAML_SCALAR &&
        gb_is_currency(value->text)) {
        gb_copy(in->out->currency, sizeof(in->out->currency), value->text);
        return GB_OK;
    }
    return gb_tree_unexpected(&in->at, value, "currency",
                              "an ISO 4217 code such as CNY, EUR or USD", NULL);
}

static gb_status check_keys(const gb_tariff_reader *in,
                            const gb_yaml_node *root) {
    static const char *const known[] = {
        "name",  "description", "source",  "currency", "time_zone",
        "valid", "holidays",    "seasons", "energy",   "demand"};
    enum { KNOWN = sizeof(known) / sizeof(known[0]) };
    static const char *const needed[] = {"currency", "time_zone", "valid",
                                         "energy"};
    char wanted[48];

    if (root->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, root, "", "a map with 'energy'",
                                  NULL);
    for (size_t i = 0; i < root->count; i++) {
        size_t at = 0;
        while (at < KNOWN && strcmp(root->keys[i]->text, known[at]) != 0)
            at++;
        if (at == KNOWN)
            return gb_tree_unknown_key(&in->at, root->keys[i], known, KNOWN);
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (gb_tree_value(root, needed[i]) == NULL) {
            snprintf(wanted, sizeof(wanted), "the key '%s'", needed[i]);
            return gb_tree_unexpected(&in->at, root, "", wanted, NULL);
        }
    return GB_OK;
}

/* In the order in which one needs the other. */
static gb_status read_file(gb_tariff_reader *in, const gb_yaml_node *root) {
    gb_tariff *out = in->out;
    gb_status status = check_keys(in, root);

    out->demand_per_w = NAN;
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, root, "name", true, out->name,
                                   sizeof(out->name));
    if (status == GB_OK)
        status = gb_tree_copy_text(&in->at, root, "source", true, out->source,
                                   sizeof(out->source));
    if (status == GB_OK)
        status = read_currency(in, gb_tree_value(root, "currency"));
    if (status == GB_OK)
        status = read_zone(in, gb_tree_value(root, "time_zone"));
    if (status == GB_OK)
        status = read_valid(in, gb_tree_value(root, "valid"));
    if (status == GB_OK && gb_tree_value(root, "holidays") != NULL)
        status = read_holidays(in, gb_tree_value(root, "holidays"));
    if (status == GB_OK)
        status = read_seasons(in, gb_tree_value(root, "seasons"));
    if (status == GB_OK)
        status = gb_tariff_read_energy(in, gb_tree_value(root, "energy"));
    if (status == GB_OK && gb_tree_value(root, "demand") != NULL)
        status = read_demand(in, gb_tree_value(root, "demand"));
    return status;
}

gb_status gb_tariff_parse(const char *name, const char *text, size_t length,
                          gb_tariff *out, gb_error *err) {
    gb_tariff made = {0};
    gb_tariff_reader in = {.at = {name, err}, .out = &made};
    gb_yaml_node *root = NULL;
    gb_status status = gb_yaml_parse(name, text, length, &root, err);

    if (status == GB_OK)
        status = read_file(&in, root);
    gb_yaml_free(root);
    if (status == GB_OK)
        status = gb_sha256_bytes(text, length, made.sha256, err);
    if (status == GB_OK)
        *out = made;
    else
        gb_tariff_fini(&made);
    return status;
}
