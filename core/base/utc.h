/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_UTC_H
#define GB_BASE_UTC_H

/**
 * @file base/utc.h
 * Points in time as text (ISO 8601), without time zone data: the same answer on
 * every machine.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A stamp that says no offset cannot be read without one. */
#define GB_UTC_NO_OFFSET INT32_MIN

/**
 * "2026-11-23T17:18:10Z", "2026-11-23 17:18+08:00", "2026-11-23 17:18:10.250".
 *
 * @param text      [length]
 * @param offset_s  of stamps that say none, east of UTC; GB_UTC_NO_OFFSET:
 *                  these are refused
 * @param[out] ns_out  since 1970 UTC
 * @return false: it is no such text, no such day, or none from 1970 to 2250
 */
bool gb_utc_parse(const char *text, size_t length, int32_t offset_s,
                  int64_t *ns_out);

/** "Z", "UTC", "+08:00", "-0330". */
bool gb_utc_parse_offset(const char *text, int32_t *offset_s_out);

/** "2026-11-23" -> days since 1970. @return false: it is no such text or day */
bool gb_utc_parse_date(const char *text, size_t length, int64_t *days_out);

/** A day of the Gregorian calendar, 1970 to 9999, as days since 1970. */
int64_t gb_utc_days(int year, int month, int day);
/** And back; month and day count from 1. */
void gb_utc_date(int64_t days, int *year_out, int *month_out, int *day_out);

/** The same day and time @p years later; of 29 February the 28th. */
int64_t gb_utc_years_later(int64_t ns, int years);

#endif /* GB_BASE_UTC_H */
