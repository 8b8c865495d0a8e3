/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/redfish_value.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define SECOND_NS UINT64_C(1000000000)

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* --- durations ------------------------------------------------------------ */

/* The next "<number><letter>" of a duration; moves *at behind it. */
static bool next_part(const char **at, double *number, char *letter) {
    char text[32];
    size_t length = strspn(*at, "0123456789.");

    if (length == 0 || length >= sizeof(text))
        return false;
    memcpy(text, *at, length);
    text[length] = '\0';
    *letter = (*at)[length];
    *at += length + (*letter != '\0' ? 1 : 0);
    return gb_parse_f64(text, number, NULL) == GB_OK;
}

bool gb_iso_duration(const char *text, uint64_t *ns_out) {
    /* In the order in which they may appear. */
    static const struct {
        char letter;
        bool time;
        double seconds;
    } parts[] = {
        {'D', false, 86400},
        {'H', true, 3600},
        {'M', true, 60},
        {'S', true, 1},
    };
    const size_t count = sizeof(parts) / sizeof(parts[0]);
    size_t from = 0;
    bool time = false, any = false;
    double total_s = 0;

    if (*text++ != 'P')
        return false;
    while (*text != '\0') {
        double number;
        char letter;
        size_t i;

        if (*text == 'T' && !time) {
            time = true;
            text++;
            continue;
        }
        if (!next_part(&text, &number, &letter))
            return false;
        for (i = from; i < count; i++)
            if (parts[i].letter == letter && parts[i].time == time)
                break;
        if (i == count)
            return false;
        total_s += number * parts[i].seconds;
        from = i + 1;
        any = true;
    }
    if (!any || total_s > GB_YEAR_S)
        return false;
    *ns_out = (uint64_t)llround(total_s * 1e9);
    return true;
}

/* --- points in time ------------------------------------------------------- */

/* Digits of @p text at the places of '0' in @p form; other characters must be
 * equal. @return the number of fields, -1: does not match */
static int take_fields(const char *text, const char *form, unsigned *fields,
                       int limit) {
    int count = 0;
    bool inside = false;

    for (; *form != '\0'; form++, text++) {
        const bool digit = *form == '0';
        if (digit ? !is_digit(*text) : *text != *form)
            return -1;
        if (digit && !inside) {
            if (count == limit)
                return -1;
            fields[count++] = 0;
        }
        if (digit)
            fields[count - 1] =
                10 * fields[count - 1] + (unsigned)(*text - '0');
        inside = digit;
    }
    return count;
}

/* Days since 1970-01-01 of a Gregorian date (years from March, so that the leap
 * day is the last of its year). */
static int64_t days_of(unsigned year, unsigned month, unsigned day) {
    const int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    const int64_t m = (int64_t)(month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 +
           (int64_t)day - 1 - 719468;
}

static bool take_zone(const char *text, int64_t *offset_s) {
    unsigned fields[2];

    *offset_s = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if ((text[0] != '+' && text[0] != '-') ||
        take_fields(text + 1, "00:00", fields, 2) != 2 || text[6] != '\0' ||
        fields[0] > 14 || fields[1] > 59)
        return false;
    *offset_s = INT64_C(3600) * fields[0] + INT64_C(60) * fields[1];
    if (text[0] == '-')
        *offset_s = -*offset_s;
    return true;
}

bool gb_iso_time(const char *text, uint64_t *ns_out, uint64_t *step_ns_out) {
    static const char form[] = "0000-00-00T00:00:00";
    unsigned at[6];
    uint64_t fraction_ns = 0, digit_ns = SECOND_NS;
    int64_t offset_s;

    if (take_fields(text, form, at, 6) != 6 || at[1] < 1 || at[1] > 12 ||
        at[2] < 1 || at[2] > 31 || at[3] > 23 || at[4] > 59 || at[5] > 60)
        return false;
    text += sizeof(form) - 1;
    if (*text == '.') {
        if (!is_digit(*++text))
            return false;
        for (; is_digit(*text); text++) {
            if (digit_ns == 1) /* finer than a nanosecond */
                continue;
            digit_ns /= 10;
            fraction_ns += digit_ns * (uint64_t)(*text - '0');
        }
    }
    if (!take_zone(text, &offset_s))
        return false;
    const int64_t seconds = days_of(at[0], at[1], at[2]) * 86400 +
                            INT64_C(3600) * at[3] + INT64_C(60) * at[4] +
                            at[5] - offset_s;
    /* 2554, when unsigned nanoseconds end. */
    if (seconds < 0 || seconds > 18000000000)
        return false;
    *ns_out = (uint64_t)seconds * SECOND_NS + fraction_ns;
    *step_ns_out = digit_ns;
    return true;
}

/* --- numbers -------------------------------------------------------------- */

double gb_decimal_step(double value) {
    double step = 1;

    for (int decimals = 0; decimals < 9; decimals++) {
        char text[400];
        double back;

        snprintf(text, sizeof(text), "%.*f", decimals, value);
        if (gb_parse_f64(text, &back, NULL) == GB_OK && back == value)
            return step;
        step /= 10;
    }
    return step;
}
