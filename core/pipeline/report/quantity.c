/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* Four digits say as much as a table needs; report.md's raw values and
 * summary.json have the rest. */
#define DIGITS_MAX 4

typedef struct si_prefix {
    double scale;
    const char *text;
} si_prefix;

/* A kilogram has its prefix already. */
static const si_prefix *prefix_for(double value, const char *unit) {
    static const si_prefix prefixes[] = {
        {1e18, "E"}, {1e15, "P"}, {1e12, "T"}, {1e9, "G"},  {1e6, "M"},
        {1e3, "k"},  {1.0, ""},   {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}};
    static const si_prefix none = {1.0, ""};
    const size_t count = sizeof(prefixes) / sizeof(prefixes[0]);
    const double magnitude = fabs(value);
    size_t i = 0;

    if (magnitude == 0.0 || gb_starts_with(unit, "kg"))
        return &none;
    /* 999.96 would be shown as 1000. */
    while (i + 1 < count && magnitude < prefixes[i].scale * 0.99995)
        i++;
    return &prefixes[i];
}

/* The uncertainty that decides how many digits are shown; 0: four of them. */
static double rounding_u(double value, double u) {
    const double magnitude = fabs(value);
    if (!isfinite(u) || u <= 0.0 || magnitude == 0.0)
        return 0.0;
    /* Never rounded away to nothing. */
    if (u > magnitude)
        return magnitude;
    const int decimals = 1 - (int)floor(log10(u));
    const int allowed = DIGITS_MAX - 1 - (int)floor(log10(magnitude));
    return decimals > allowed ? 0.0 : u;
}

static void write_unit(const char *prefix, const char *unit, char *out,
                       size_t size) {
    const bool bytes = gb_starts_with(unit, "byte");
    snprintf(out, size, "%s%s%s", prefix, bytes ? "B" : unit,
             bytes ? unit + strlen("byte") : "");
}

const char *gb_quantity(double value, double u, const char *unit, char *out,
                        size_t size) {
    char number[40], unit_text[72];
    if (!isfinite(value)) {
        gb_copy(out, size, "-");
        return out;
    }
    const si_prefix *prefix = prefix_for(value, unit);
    const double scaled = value / prefix->scale;
    if (value == 0.0)
        gb_copy(number, sizeof(number), "0");
    else
        gb_format_rounded(scaled, rounding_u(scaled, u / prefix->scale), number,
                          sizeof(number));
    write_unit(prefix->text, unit, unit_text, sizeof(unit_text));
    snprintf(out, size, "%s%s%s", number, unit_text[0] != '\0' ? " " : "",
             unit_text);
    return out;
}

const char *gb_quantity_pm(double value, double u, const char *unit, char *out,
                           size_t size) {
    char number[40], u_number[40], unit_text[72];
    if (!isfinite(value) || !isfinite(u) || u <= 0.0)
        return gb_quantity(value, u, unit, out, size);
    const si_prefix *prefix = prefix_for(fabs(value) > u ? value : u, unit);
    const double scaled_u = u / prefix->scale;
    gb_format_rounded(value / prefix->scale, scaled_u, number, sizeof(number));
    gb_format_rounded(scaled_u, scaled_u, u_number, sizeof(u_number));
    write_unit(prefix->text, unit, unit_text, sizeof(unit_text));
    snprintf(out, size, "%s ± %s %s", number, u_number, unit_text);
    return out;
}

const char *gb_quantity_half_width(double value, const double ci95[2],
                                   char *out, size_t size) {
    const double percent = 50.0 * (ci95[1] - ci95[0]) / fabs(value);
    if (!isfinite(percent))
        gb_copy(out, size, "-");
    else if (percent < 0.05)
        gb_copy(out, size, "<0.1%");
    else
        snprintf(out, size, "%.*f%%", percent < 9.95 ? 1 : 0, percent);
    return out;
}

const char *gb_quantity_percent(double fraction, char *out, size_t size) {
    if (!isfinite(fraction)) {
        gb_copy(out, size, "-");
        return out;
    }
    const double percent = 100.0 * fraction;
    const int decimals = percent >= 9.95                     ? 0
                         : percent >= 0.1                    ? 1
                         : percent >= 1e-3 || percent <= 0.0 ? 3
                                                             : 6;
    snprintf(out, size, "%.*f %%", decimals, percent);
    return out;
}

const char *gb_quantity_short_unit(const char *unit, char *out, size_t size) {
    static const struct {
        const char *word, *abbreviation;
    } known[] = {{"message", "msg"}, {"operation", "op"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const size_t length = strlen(known[i].word);
        if (gb_starts_with(unit, known[i].word) &&
            (unit[length] == '\0' || unit[length] == '/')) {
            snprintf(out, size, "%s%s", known[i].abbreviation, unit + length);
            return out;
        }
    }
    gb_copy(out, size, unit);
    return out;
}
