/* SPDX-License-Identifier: Apache-2.0 */
/* Which price holds in which minute of which day. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/config/tariff_parts.h"

static const char *const day_names[GB_TARIFF_DAYS] = {
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays"};

/* Words for several of them: bits by index. */
static const struct {
    const char *word;
    unsigned days;
} day_groups[] = {{"weekdays", 0x1f}, {"weekends", 0x60}, {"all", 0xff}};

/* Minutes, kinds of day and seasons of one price. */
typedef struct span {
    bool minutes[GB_DAY_MINUTES];
    unsigned days, seasons;
} span;

/* --- one price ------------------------------------------------------------ */

typedef gb_status (*read_one)(const gb_tariff_reader *in,
                              const gb_yaml_node *value, span *out);

/* A scalar, or a list of them. */
static gb_status read_each(const gb_tariff_reader *in,
                           const gb_yaml_node *value, const char *key,
                           read_one read, span *out) {
    gb_status status = GB_OK;

    if (value->kind == GB_YAML_SCALAR)
        return read(in, value, out);
    if (value->kind != GB_YAML_LIST || value->count == 0)
        return gb_tree_unexpected(&in->at, value, key, "a word or a list",
                                  NULL);
    for (size_t i = 0; i < value->count && status == GB_OK; i++)
        status = read(in, value->items[i], out);
    return status;
}

static gb_status read_day(const gb_tariff_reader *in, const gb_yaml_node *value,
                          span *out) {
    unsigned days = 0;

    for (size_t i = 0; value->kind == GB_YAML_SCALAR && i < 3; i++)
        if (strcmp(value->text, day_groups[i].word) == 0)
            days = day_groups[i].days;
    for (int d = 0; value->kind == GB_YAML_SCALAR && d < GB_TARIFF_DAYS; d++)
        if (strcmp(value->text, day_names[d]) == 0)
            days = 1u << d;
    if (days == 0)
        return gb_tree_unexpected(&in->at, value, "days",
                                  "weekdays, weekends, holidays, all, or mon, "
                                  "tue, wed, thu, fri, sat, sun",
                                  NULL);
    if (days == 1u << GB_TARIFF_HOLIDAY && in->out->holiday_count == 0)
        return gb_tree_unexpected(&in->at, value, "days",
                                  "the dates of 'holidays' in this file", NULL);
    out->days |= days;
    return GB_OK;
}

static gb_status read_season(const gb_tariff_reader *in,
                             const gb_yaml_node *value, span *out) {
    for (size_t s = 0; s < in->out->season_count; s++)
        if (value->kind == GB_YAML_SCALAR && in->seasons[s][0] != '\0' &&
            strcmp(value->text, in->seasons[s]) == 0) {
            out->seasons |= 1u << s;
            return GB_OK;
        }
    return gb_tree_unexpected(&in->at, value, "seasons",
                              "the id of one of 'seasons' in this file", NULL);
}

/* "08:30" -> 510; up to "24:00". @return -1: it is none */
static int minute_of(const char *text) {
    if (strspn(text, "0123456789") != 2 || text[2] != ':' ||
        strspn(text + 3, "0123456789") < 2)
        return -1;
    const int hour = 10 * (text[0] - '0') + text[1] - '0';
    const int minute = 10 * (text[3] - '0') + text[4] - '0';
    return minute < 60 && 60 * hour + minute <= GB_DAY_MINUTES
               ? 60 * hour + minute
               : -1;
}

/* "08:00-11:00"; "22:00-06:00" has both ends of the same day. */
static gb_status read_hours(const gb_tariff_reader *in,
                            const gb_yaml_node *value, span *out) {
    const bool whole = value->kind == GB_YAML_SCALAR &&
                       strlen(value->text) == 11 && value->text[5] == '-';
    const int from = whole ? minute_of(value->text) : -1;
    const int to = whole ? minute_of(value->text + 6) : -1;

    if (from < 0 || to < 0 || from == to || from == GB_DAY_MINUTES)
        return gb_tree_unexpected(&in->at, value, "hours",
                                  "hours such as 08:00-11:00, up to 24:00",
                                  NULL);
    for (int m = from; m != to;
         m = m + 1 == GB_DAY_MINUTES && to < from ? 0 : m + 1)
        out->minutes[m] = true;
    return GB_OK;
}

/* What is not said holds for all. */
static gb_status read_span(const gb_tariff_reader *in, const gb_yaml_node *map,
                           span *out) {
    const gb_yaml_node *days = gb_tree_value(map, "days");
    const gb_yaml_node *seasons = gb_tree_value(map, "seasons");
    const gb_yaml_node *hours = gb_tree_value(map, "hours");
    gb_status status = GB_OK;

    *out = (span){.days = days == NULL ? 0xff : 0,
                  .seasons = seasons == NULL ? ~0u : 0};
    for (int m = 0; hours == NULL && m < GB_DAY_MINUTES; m++)
        out->minutes[m] = true;
    if (days != NULL)
        status = read_each(in, days, "days", read_day, out);
    if (status == GB_OK && seasons != NULL)
        status = read_each(in, seasons, "seasons", read_season, out);
    if (status == GB_OK && hours != NULL)
        status = read_each(in, hours, "hours", read_hours, out);
    return status;
}

/* --- all of them ---------------------------------------------------------- */

/* "in summer, sat at 08:00" */
static void name_place(const gb_tariff_reader *in, size_t season, int day,
                       int minute, char *out, size_t size) {
    snprintf(out, size, "%s%s%s%s at %02d:%02d",
             in->seasons[season][0] != '\0' ? "in " : "", in->seasons[season],
             in->seasons[season][0] != '\0' ? ", " : "", day_names[day],
             minute / 60, minute % 60);
}

/* The grid holds indices from 1 on while it is filled; 0: no price yet. */
static gb_status fill(const gb_tariff_reader *in, const gb_yaml_node *map,
                      const span *where) {
    gb_tariff *out = in->out;
    char place[80], wanted[160];

    for (size_t s = 0; s < out->season_count; s++)
        for (int d = 0; d < GB_TARIFF_DAYS; d++)
            for (int m = 0; m < GB_DAY_MINUTES; m++) {
                uint8_t *cell = &out->grid[s][d][m];
                if (!where->minutes[m] || (where->days >> d & 1u) == 0 ||
                    (where->seasons >> s & 1u) == 0)
                    continue;
                if (*cell != 0) {
                    name_place(in, s, d, m, place, sizeof(place));
                    snprintf(wanted, sizeof(wanted),
                             "one price for each hour, without '%s' %s",
                             out->prices[*cell - 1].id, place);
                    return gb_tree_unexpected(&in->at, map, "energy", wanted,
                                              NULL);
                }
                *cell = (uint8_t)out->price_count;
            }
    return GB_OK;
}

static gb_status read_price(const gb_tariff_reader *in,
                            const gb_yaml_node *map) {
    static const char *const known[] = {"id", "price", "seasons", "days",
                                        "hours"};
    gb_tariff_price *price = &in->out->prices[in->out->price_count++];
    span where;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "energy",
                                  "a map with 'price' and when it holds", NULL);
    for (size_t i = 0; i < map->count; i++) {
        size_t at = 0;
        while (at < 5 && strcmp(map->keys[i]->text, known[at]) != 0)
            at++;
        if (at == 5)
            return gb_tree_unknown_key(&in->at, map->keys[i], known, 5);
    }
    snprintf(price->id, sizeof(price->id), "price %zu", in->out->price_count);
    gb_status status = gb_tree_copy_text(&in->at, map, "id", false, price->id,
                                         sizeof(price->id));
    if (status == GB_OK)
        status = gb_tariff_read_price(in, map, "kWh", 3.6e6, &price->per_j);
    if (status == GB_OK)
        status = read_span(in, map, &where);
    return status == GB_OK ? fill(in, map, &where) : status;
}

/* Holidays need prices only where there are some. */
static gb_status close_grid(const gb_tariff_reader *in,
                            const gb_yaml_node *list) {
    gb_tariff *out = in->out;
    const int days =
        out->holiday_count > 0 ? GB_TARIFF_DAYS : GB_TARIFF_HOLIDAY;
    char place[80], wanted[128];

    for (size_t s = 0; s < out->season_count; s++)
        for (int d = 0; d < days; d++)
            for (int m = 0; m < GB_DAY_MINUTES; m++) {
                if (out->grid[s][d][m]-- > 0)
                    continue;
                name_place(in, s, d, m, place, sizeof(place));
                snprintf(wanted, sizeof(wanted),
                         "a price for each hour, with one %s", place);
                return gb_tree_unexpected(&in->at, list, "energy", wanted,
                                          NULL);
            }
    return GB_OK;
}

gb_status gb_tariff_read_energy(const gb_tariff_reader *in,
                                const gb_yaml_node *list) {
    gb_tariff *out = in->out;
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > GB_TARIFF_PRICES_MAX)
        return gb_tree_unexpected(&in->at, list, "energy",
                                  "a list of 1 to 100 prices", NULL);
    out->prices = calloc(list->count, sizeof(*out->prices));
    out->grid = calloc(out->season_count, sizeof(*out->grid));
    if (out->prices == NULL || out->grid == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_price(in, list->items[i]);
    return status == GB_OK ? close_grid(in, list) : status;
}
