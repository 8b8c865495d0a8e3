/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include <string.h>

#define NS_IN_S INT64_C(1000000000)
#define DAY_S   INT64_C(86400)
/* 64 bits of nanoseconds end in 2262, and readers add intervals. */
#define LAST_YEAR 2250

static bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

int64_t gb_utc_days(int year, int month, int day) {
    const int64_t past = year - 1;
    int64_t days = 365 * (past - 1969) + (past / 4 - past / 100 + past / 400) -
                   (1969 / 4 - 1969 / 100 + 1969 / 400);

    for (int m = 1; m < month; m++)
        days += days_in(year, m);
    return days + day - 1;
}

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool number(cursor *in, int digits, int *out) {
    int value = 0;

    if (in->end - in->at < digits)
        return false;
    for (int i = 0; i < digits; i++, in->at++) {
        if (*in->at < '0' || *in->at > '9')
            return false;
        value = 10 * value + (*in->at - '0');
    }
    *out = value;
    return true;
}

static bool mark(cursor *in, const char *any_of) {
    if (in->at == in->end || *in->at == '\0' || strchr(any_of, *in->at) == NULL)
        return false;
    in->at++;
    return true;
}

/* "Z", "+08:00", "+0800", "+08"; all of what is left. */
static bool offset(cursor *in, int32_t *out) {
    int hours = 0, minutes = 0;

    if (mark(in, "Zz")) {
        *out = 0;
        return in->at == in->end;
    }
    const bool west = in->at < in->end && *in->at == '-';
    if (!mark(in, "+-") || !number(in, 2, &hours))
        return false;
    if (in->at < in->end) {
        (void)mark(in, ":");
        if (!number(in, 2, &minutes))
            return false;
    }
    *out = (west ? -60 : 60) * (60 * hours + minutes);
    return in->at == in->end && hours <= 14 && minutes < 60;
}

static bool date(cursor *in, int64_t *days_out) {
    int year = 0, month = 0, day = 0;

    if (!number(in, 4, &year) || !mark(in, "-/") || !number(in, 2, &month) ||
        !mark(in, "-/") || !number(in, 2, &day) || year < 1970 ||
        year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month))
        return false;
    *days_out = gb_utc_days(year, month, day);
    return true;
}

static bool time_of_day(cursor *in, int64_t *ns_out) {
    int hour = 0, minute = 0, second = 0;
    int64_t ns = 0;

    if (!number(in, 2, &hour) || !mark(in, ":") || !number(in, 2, &minute) ||
        hour > 23 || minute > 59)
        return false;
    if (mark(in, ":") && (!number(in, 2, &second) || second > 59))
        return false;
    if (mark(in, ".")) {
        const char *from = in->at;
        int64_t digit = NS_IN_S / 10;
        for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
            ns += digit * (*in->at - '0');
            digit /= 10;
        }
        if (in->at == from)
            return false;
    }
    *ns_out = ns + NS_IN_S * (3600 * hour + 60 * minute + second);
    return true;
}

bool gb_utc_parse(const char *text, size_t length, int32_t offset_s,
                  int64_t *ns_out) {
    cursor in = {text, text + length};
    int64_t days = 0, ns = 0;

    if (!date(&in, &days) || !mark(&in, "T ") || !time_of_day(&in, &ns) ||
        (in.at < in.end && !offset(&in, &offset_s)) ||
        offset_s == GB_UTC_NO_OFFSET)
        return false;
    *ns_out = NS_IN_S * (DAY_S * days - offset_s) + ns;
    return true;
}

bool gb_utc_parse_offset(const char *text, int32_t *offset_s_out) {
    cursor in = {text, text + strlen(text)};

    if (strcmp(text, "UTC") == 0) {
        *offset_s_out = 0;
        return true;
    }
    return offset(&in, offset_s_out);
}

bool gb_utc_parse_date(const char *text, size_t length, int64_t *days_out) {
    cursor in = {text, text + length};

    return date(&in, days_out) && in.at == in.end;
}

/* Counted from March on, so that the day of a leap year is the last one of its
 * year: H. Hinnant, "chrono-compatible low-level date algorithms" (2021). */
void gb_utc_date(int64_t days, int *year_out, int *month_out, int *day_out) {
    const int64_t shifted = days + 719468; /* since 1 March of the year 0 */
    const int64_t era =
        (shifted >= 0 ? shifted : shifted - 146096) / 146097; /* 400 years */
    const int64_t of_era = shifted - era * 146097;
    const int64_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year =
        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t from_march = (5 * of_year + 2) / 153;

    *day_out = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    *month_out = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year_out = (int)(year_of_era + 400 * era) + (*month_out <= 2);
}

int64_t gb_utc_years_later(int64_t ns, int years) {
    const int64_t days = ns / (NS_IN_S * DAY_S);
    const int64_t rest = ns - days * NS_IN_S * DAY_S;
    int year = 0, month = 0, day = 0;

    gb_utc_date(days, &year, &month, &day);
    year += years;
    if (day > days_in(year, month))
        day = days_in(year, month);
    return NS_IN_S * DAY_S * gb_utc_days(year, month, day) + rest;
}
