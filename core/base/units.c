/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef struct unit_scale {
    const char *suffix;
    double scale;
} unit_scale;

/* strtod follows the locale, so it is given the "C" one. */
double gb_real_at(const char *text, const char **end_out) {
    static locale_t c_locale;
    char *end = NULL;

    if (c_locale == (locale_t)0)
        c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const double value = strtod_l(text, &end, c_locale);
    *end_out = end;
    return value;
}

/* Digits, one '.', and an exponent: what JSON and C agree on. */
static bool parse_number(const char *text, double *value_out,
                         const char **rest) {
    if (strspn(text, "+-.0123456789") == 0 || text[0] == '+')
        return false;
    const char *end = NULL;
    const double value = gb_real_at(text, &end);
    if (end == text || !isfinite(value))
        return false;
    /* "0x1p3" is a number to strtod, not to us. */
    for (const char *at = text; at < end; at++)
        if (strchr("+-.0123456789eE", *at) == NULL)
            return false;
    *value_out = value;
    *rest = end;
    return true;
}

static bool find_scale(const unit_scale *units, size_t count,
                       const char *suffix, double *scale_out) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(units[i].suffix, suffix) == 0) {
            *scale_out = units[i].scale;
            return true;
        }
    return false;
}

gb_status gb_parse_u64(const char *text, uint64_t *value_out, gb_error *err) {
    const size_t digits = strspn(text, "0123456789");
    if (digits > 0 && text[digits] == '\0') {
        errno = 0;
        const unsigned long long value = strtoull(text, NULL, 10);
        if (errno == 0) {
            *value_out = value;
            return GB_OK;
        }
    }
    return gb_fail(err, GB_ERR_RANGE, NULL, "expected a whole number, got '%s'",
                   text);
}

gb_status gb_parse_f64(const char *text, double *value_out, gb_error *err) {
    double value = 0.0;
    const char *rest = NULL;
    if (!parse_number(text, &value, &rest) || *rest != '\0')
        return gb_fail(err, GB_ERR_RANGE, NULL, "expected a number, got '%s'",
                       text);
    *value_out = value;
    return GB_OK;
}

gb_status gb_parse_bytes(const char *text, uint64_t *bytes_out, gb_error *err) {
    static const unit_scale units[] = {
        {"", 1},         {"B", 1},        {"KiB", 0x1p10}, {"MiB", 0x1p20},
        {"GiB", 0x1p30}, {"TiB", 0x1p40}, {"kB", 1e3},     {"MB", 1e6},
        {"GB", 1e9},     {"TB", 1e12},
    };
    double value = 0.0, scale = 0.0;
    const char *rest = NULL;
    const size_t count = sizeof(units) / sizeof(units[0]);
    if (parse_number(text, &value, &rest) && value >= 0.0 && text[0] != '-' &&
        find_scale(units, count, rest, &scale)) {
        const double bytes = value * scale;
        if (scale == 1.0)
            /* Whole bytes keep all their digits. */
            if (strspn(text, "0123456789") == (size_t)(rest - text)) {
                errno = 0;
                const unsigned long long whole = strtoull(text, NULL, 10);
                if (errno == 0) {
                    *bytes_out = whole;
                    return GB_OK;
                }
            }
        if (scale > 1.0 && bytes < 0x1p63 && bytes == floor(bytes)) {
            *bytes_out = (uint64_t)bytes;
            return GB_OK;
        }
    }
    return gb_fail(err, GB_ERR_RANGE,
                   "write it with B, KiB, MiB, GiB, TiB, kB, MB, GB or TB",
                   "expected a size such as 64MiB, got '%s'", text);
}

gb_status gb_parse_duration(const char *text, double *seconds_out,
                            gb_error *err) {
    static const unit_scale units[] = {
        {"", 1},      {"s", 1},    {"ms", 1e-3}, {"us", 1e-6},
        {"ns", 1e-9}, {"min", 60}, {"h", 3600},
    };
    double value = 0.0, scale = 0.0;
    const char *rest = NULL;
    if (!parse_number(text, &value, &rest) || value < 0.0 || text[0] == '-' ||
        !find_scale(units, sizeof(units) / sizeof(units[0]), rest, &scale))
        return gb_fail(err, GB_ERR_RANGE,
                       "write it with ns, us, ms, s, min or h",
                       "expected a duration such as 500ms, got '%s'", text);
    *seconds_out = value * scale;
    return GB_OK;
}

gb_status gb_parse_percent(const char *text, double *percent_out,
                           gb_error *err) {
    double value = 0.0;
    const char *rest = NULL;
    if (!parse_number(text, &value, &rest) || value < 0.0 ||
        (*rest != '\0' && strcmp(rest, "%") != 0))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "expected a percentage such as 5%%, got '%s'", text);
    *percent_out = value;
    return GB_OK;
}

/* --- formatting ----------------------------------------------------------- */

/* @p digits significant digits, without exponent for sizes near 1. */
static void format_significant(double value, int digits, char *out,
                               size_t size) {
    const double magnitude = fabs(value);
    int before = magnitude >= 1.0 ? (int)floor(log10(magnitude)) + 1 : 1;
    /* 999.96 has four digits before the point once it is rounded. */
    if (magnitude >= 1.0 &&
        magnitude * pow(10.0, digits - before) >= pow(10.0, digits) - 0.5)
        before++;
    const int decimals = digits > before ? digits - before : 0;
    snprintf(out, size, "%.*f", decimals, value);
}

const char *gb_format_si(double value, const char *unit, char *out,
                         size_t size) {
    static const struct {
        double scale;
        const char *prefix;
    } prefixes[] = {{1e18, "E"}, {1e15, "P"}, {1e12, "T"}, {1e9, "G"},
                    {1e6, "M"},  {1e3, "k"},  {1.0, ""},   {1e-3, "m"},
                    {1e-6, "u"}, {1e-9, "n"}};
    const size_t count = sizeof(prefixes) / sizeof(prefixes[0]);
    char number[48];
    const double magnitude = fabs(value);
    size_t i = 0;
    if (magnitude == 0.0)
        i = 6;
    else
        while (i + 1 < count && magnitude < prefixes[i].scale * 0.99995)
            i++;
    format_significant(value / prefixes[i].scale, 4, number, sizeof(number));
    const bool bytes = gb_starts_with(unit, "byte");
    snprintf(out, size, "%s %s%s%s", number, prefixes[i].prefix,
             bytes ? "B" : unit, bytes ? unit + strlen("byte") : "");
    return out;
}

const char *gb_format_bytes(uint64_t bytes, char *out, size_t size) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    while (bytes > 0 && i < 4 && bytes % 1024 == 0) {
        bytes /= 1024;
        i++;
    }
    snprintf(out, size, "%" PRIu64 "%s", bytes, units[i]);
    return out;
}

const char *gb_format_duration(double seconds, char *out, size_t size) {
    char number[48];
    if (seconds >= 3600.0) {
        const unsigned long minutes = (unsigned long)llround(seconds / 60.0);
        snprintf(out, size, "%lu h %02lu min", minutes / 60, minutes % 60);
    } else if (seconds >= 99.95) {
        const unsigned long whole = (unsigned long)llround(seconds);
        snprintf(out, size, "%lu min %02lu s", whole / 60, whole % 60);
    } else {
        const double scale = seconds >= 1.0 || seconds == 0.0 ? 1.0
                             : seconds >= 1e-3                ? 1e3
                             : seconds >= 1e-6                ? 1e6
                                                              : 1e9;
        format_significant(seconds * scale, 3, number, sizeof(number));
        if (strchr(number, '.') != NULL) {
            size_t end = strlen(number);
            while (number[end - 1] == '0')
                number[--end] = '\0';
            if (number[end - 1] == '.')
                number[end - 1] = '\0';
        }
        snprintf(out, size, "%s %s", number,
                 scale == 1.0   ? "s"
                 : scale == 1e3 ? "ms"
                 : scale == 1e6 ? "us"
                                : "ns");
    }
    return out;
}

const char *gb_format_exact(double value, char *out, size_t size) {
    const char *end;

    snprintf(out, size, "%.15g", value);
    if (gb_real_at(out, &end) != value)
        snprintf(out, size, "%.17g", value);
    return out;
}

/* Of what was rounded to zero the sign says nothing. */
static const char *drop_sign_of_zero(char *text) {
    if (text[0] == '-' && text[strspn(text, "-0.")] == '\0')
        memmove(text, text + 1, strlen(text));
    return text;
}

const char *gb_format_rounded(double value, double u, char *out, size_t size) {
    if (!(u > 0.0)) {
        format_significant(value, 4, out, size);
        return drop_sign_of_zero(out);
    }
    /* Two significant digits of u: decimals of its second digit. */
    const int exponent = (int)floor(log10(u));
    const int decimals = 1 - exponent;
    if (decimals >= 0) {
        snprintf(out, size, "%.*f", decimals < 12 ? decimals : 12, value);
    } else {
        const double step = pow(10.0, -decimals);
        snprintf(out, size, "%.0f", round(value / step) * step);
    }
    return drop_sign_of_zero(out);
}
