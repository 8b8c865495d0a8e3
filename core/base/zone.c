/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <stddef.h>
#include <string.h>

#include "base/utc.h"

#define NS_IN_S  INT64_C(1000000000)
#define DAY_S    INT64_C(86400)
#define HOUR_MAX 167 /* of a change: a week away (RFC 8536, 3.3.1) */

/* --- parsing -------------------------------------------------------------- */

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "CEST" or "<+08>". */
static bool skip_name(const char **at) {
    const char *from = *at;

    if (*from == '<') {
        const char *end = strchr(from, '>');
        *at = end != NULL ? end + 1 : from;
        return end != NULL && end - from >= 4;
    }
    while (letter(**at))
        (*at)++;
    return *at - from >= 3;
}

static bool whole(const char **at, int most, int *out) {
    int value = 0;

    if (**at < '0' || **at > '9')
        return false;
    while (**at >= '0' && **at <= '9' && value <= most)
        value = 10 * value + (*(*at)++ - '0');
    *out = value;
    return value <= most;
}

/* "[+-]hh[:mm[:ss]]" -> seconds. */
static bool duration(const char **at, int hours_most, int32_t *out) {
    int parts[3] = {0};
    const bool negative = **at == '-';

    if (negative || **at == '+')
        (*at)++;
    for (int i = 0; i < 3; i++) {
        if (i > 0 && **at != ':')
            break;
        if (i > 0)
            (*at)++;
        if (!whole(at, i == 0 ? hours_most : 59, &parts[i]))
            return false;
    }
    *out = (negative ? -1 : 1) * (3600 * parts[0] + 60 * parts[1] + parts[2]);
    return true;
}

/* What is written is what has to be added to get UTC. */
static bool offset(const char **at, int32_t *east_s_out) {
    int32_t west = 0;

    if (!duration(at, 24, &west) || west % 60 != 0)
        return false;
    *east_s_out = -west;
    return true;
}

/* ",Mm.w.d[/time]" */
static bool change(const char **at, gb_zone_change *out) {
    *out = (gb_zone_change){.time_s = 7200};
    if (strncmp(*at, ",M", 2) != 0)
        return false;
    *at += 2;
    if (!whole(at, 12, &out->month) || *(*at)++ != '.' ||
        !whole(at, 5, &out->week) || *(*at)++ != '.' ||
        !whole(at, 6, &out->weekday) || out->month < 1 || out->week < 1)
        return false;
    if (**at != '/')
        return true;
    (*at)++;
    return duration(at, HOUR_MAX, &out->time_s);
}

bool gb_zone_parse(const char *text, gb_zone *out) {
    const char *at = text;
    int32_t east = 0;
    gb_zone zone = {0};

    if (gb_utc_parse_offset(text, &east)) {
        *out = (gb_zone){.standard_s = east, .summer_s = east};
        return true;
    }
    if (!skip_name(&at) || !offset(&at, &zone.standard_s))
        return false;
    zone.summer_s = zone.standard_s;
    if (*at != '\0') {
        if (!skip_name(&at))
            return false;
        zone.has_summer = true;
        zone.summer_s = zone.standard_s + 3600;
        if (*at != ',' && !offset(&at, &zone.summer_s))
            return false;
        if (!change(&at, &zone.begin) || !change(&at, &zone.end))
            return false;
    }
    *out = zone;
    return *at == '\0';
}

/* --- looking up ----------------------------------------------------------- */

/* Day of a change: of the week's day @p week, or the last one of the month. */
static int64_t day_of(const gb_zone_change *when, int year) {
    const int64_t first = gb_utc_days(year, when->month, 1);
    const int64_t next = when->month == 12
                             ? gb_utc_days(year + 1, 1, 1)
                             : gb_utc_days(year, when->month + 1, 1);
    /* 1970-01-01 was a Thursday. */
    const int64_t weekday = (first + 4) % 7;
    int64_t day =
        first + (when->weekday - weekday + 7) % 7 + 7 * (when->week - 1);

    if (day >= next)
        day -= 7;
    return day;
}

int32_t gb_zone_offset(const gb_zone *zone, int64_t utc_ns) {
    if (!zone->has_summer)
        return zone->standard_s;
    const int64_t now = utc_ns / NS_IN_S;
    int year = 0, month = 0, day = 0;
    gb_utc_date((now + zone->standard_s) / DAY_S, &year, &month, &day);
    const int64_t begin = DAY_S * day_of(&zone->begin, year) +
                          zone->begin.time_s - zone->standard_s;
    const int64_t end =
        DAY_S * day_of(&zone->end, year) + zone->end.time_s - zone->summer_s;
    /* South of the equator summer lies across the end of the year. */
    const bool summer =
        begin < end ? now >= begin && now < end : now >= begin || now < end;
    return summer ? zone->summer_s : zone->standard_s;
}

gb_local_time gb_zone_local(const gb_zone *zone, int64_t utc_ns) {
    const int64_t local_s = utc_ns / NS_IN_S + gb_zone_offset(zone, utc_ns);
    gb_local_time out = {.days = local_s / DAY_S};

    gb_utc_date(out.days, &out.year, &out.month, &out.day);
    out.weekday = (int)((out.days + 3) % 7);
    out.minute = (int)(local_s % DAY_S / 60);
    return out;
}

int64_t gb_zone_day_begin(const gb_zone *zone, int64_t days) {
    const int32_t larger =
        zone->summer_s > zone->standard_s ? zone->summer_s : zone->standard_s;
    const int32_t smaller =
        zone->summer_s > zone->standard_s ? zone->standard_s : zone->summer_s;
    int64_t at = DAY_S * days - larger;

    /* The first minute that is on that day. */
    while (at < DAY_S * days - smaller &&
           gb_zone_local(zone, NS_IN_S * at).days < days)
        at += 60;
    return NS_IN_S * at;
}
