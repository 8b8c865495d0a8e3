/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_ZONE_H
#define GB_BASE_ZONE_H

/**
 * @file base/zone.h
 * Local time from a rule that is written down where it is used: the same answer
 * on every machine, whatever its time zone data are.
 */
#include <stdbool.h>
#include <stdint.h>

/** When local time changes in a year: "M3.5.0/2" is the last (5) Sunday (0) of
 *  March at 02:00, of the local time until then. */
typedef struct gb_zone_change {
    int month, week, weekday; /* 1 .. 12, 1 .. 5, 0: Sunday .. 6 */
    int32_t time_s;           /* after midnight; may be below 0, or past it */
} gb_zone_change;

typedef struct gb_zone {
    int32_t standard_s, summer_s; /* east of UTC */
    bool has_summer;
    gb_zone_change begin, end; /* of summer time */
} gb_zone;

/** A point in time as clocks on the wall have it. */
typedef struct gb_local_time {
    int year, month, day; /* month and day from 1 */
    int64_t days;         /* of that day since 1970-01-01 */
    int weekday;          /* 0: Monday .. 6: Sunday */
    int minute;           /* since midnight, 0 .. 1439 */
} gb_local_time;

/**
 * "UTC", "+08:00", or a rule as POSIX writes it (IEEE Std 1003.1, 8.3, TZ) with
 * changes of the form Mm.w.d: "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 * @return false: it is none of these, or its offsets are no whole minutes
 */
bool gb_zone_parse(const char *text, gb_zone *out);

/** Seconds east of UTC at @p utc_ns, from 1970 on. */
int32_t gb_zone_offset(const gb_zone *zone, int64_t utc_ns);

gb_local_time gb_zone_local(const gb_zone *zone, int64_t utc_ns);

/** When the local day @p days begins, ns since 1970 UTC. Where its midnight is
 *  skipped, that is the moment of the jump; where it comes twice, the first. */
int64_t gb_zone_day_begin(const gb_zone *zone, int64_t days);

#endif /* GB_BASE_ZONE_H */
