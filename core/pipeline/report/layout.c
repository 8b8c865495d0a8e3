/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define LABEL_WIDTH 10

void gb_add_ink(gb_str *out, const gb_report_style *style, gb_ink ink,
                const char *text) {
    static const char *const codes[] = {
        [GB_INK_PLAIN] = "",           [GB_INK_BOLD] = "\033[1m",
        [GB_INK_DIM] = "\033[2m",      [GB_INK_GOOD] = "\033[32m",
        [GB_INK_CAUTION] = "\033[33m", [GB_INK_BAD] = "\033[31m",
    };
    const bool coloured = style->colour && ink != GB_INK_PLAIN;
    gb_str_add(out, coloured ? codes[ink] : "");
    gb_str_add(out, text);
    gb_str_add(out, coloured ? "\033[0m" : "");
}

void gb_add_cell(gb_str *out, const gb_report_style *style, gb_ink ink,
                 int width, const char *text) {
    const bool left = width < 0;
    const int columns = (int)gb_columns(text);
    const int pad = (left ? -width : width) - columns;
    if (!left && pad > 0)
        gb_str_addf(out, "%*s", pad, "");
    gb_add_ink(out, style, ink, text);
    if (left && pad > 0)
        gb_str_addf(out, "%*s", pad, "");
}

/* "message/s" -> "msg/s" */
static void shorten_unit(const char *unit, char *out, size_t size) {
    static const char *const words[][2] = {
        {"message", "msg"}, {"operation", "op"}, {"byte", "B"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gb_starts_with(unit, words[i][0])) {
            snprintf(out, size, "%s%s", words[i][1],
                     unit + strlen(words[i][0]));
            return;
        }
    gb_copy(out, size, unit);
}

const char *gb_format_quantity(double value, double u, const char *unit,
                               char *out, size_t size) {
    static const char *const prefixes[] = {"n", "u", "m", "",  "k",
                                           "M", "G", "T", "P", "E"};
    char number[64], short_unit[64];
    if (!isfinite(value)) {
        gb_copy(out, size, "-");
        return out;
    }
    int step = 0;
    if (value != 0.0)
        step = (int)floor(log10(fabs(value)) / 3.0 + 1e-9);
    step = step < -3 ? -3 : step > 6 ? 6 : step;
    const double scale = pow(1000.0, step);
    /* Never more than four digits: the fifth is no information. */
    const double least = fabs(value) * 3e-4;
    const double shown = isfinite(u) && u > least ? u : 0.0;
    gb_format_rounded(value / scale, shown / scale, number, sizeof(number));
    shorten_unit(unit, short_unit, sizeof(short_unit));
    snprintf(out, size, "%s %s%s", number, prefixes[step + 3], short_unit);
    return out;
}

const char *gb_format_per_watt_unit(const char *work_unit, char *out,
                                    size_t size) {
    snprintf(out, size, "%s/s/W", work_unit);
    return out;
}

const char *gb_format_half_width(double value, const double ci[2], char *out,
                                 size_t size) {
    if (!isfinite(value) || !isfinite(ci[0]) || !isfinite(ci[1]) ||
        value == 0.0) {
        gb_copy(out, size, "-");
        return out;
    }
    const double above = ci[1] - value, below = value - ci[0];
    const double percent = 100.0 * fmax(above, below) / fabs(value);
    snprintf(out, size, percent < 9.95 ? "%.2g %%" : "%.0f %%", percent);
    return out;
}

void gb_format_params(const gb_plan_case *planned, bool all, char *out,
                      size_t size) {
    size_t length = 0;
    if (size > 0)
        out[0] = '\0';
    for (size_t i = 0; i < planned->param_count; i++) {
        const gb_plan_param *param = &planned->params[i];
        if ((param->is_default && !all) || length >= size)
            continue;
        const int added =
            snprintf(out + length, size - length, "%s%s=%s",
                     length > 0 ? " " : "", param->name, param->text);
        length += added > 0 ? (size_t)added : 0;
    }
}

gb_ink gb_ink_of_quality(gb_quality quality) {
    switch (quality) {
    case GB_QUALITY_MEASURED:
        return GB_INK_GOOD;
    case GB_QUALITY_UNAVAILABLE:
        return GB_INK_BAD;
    case GB_QUALITY_MODELLED:
    case GB_QUALITY_REPLAYED:
    case GB_QUALITY_SIMULATED:
        break;
    }
    return GB_INK_CAUTION;
}

void gb_add_item(gb_str *out, const gb_report_style *style, const char *label,
                 const char *text) {
    gb_add_cell(out, style, GB_INK_DIM, -LABEL_WIDTH, label);
    gb_str_add_wrapped(out, text, LABEL_WIDTH, LABEL_WIDTH, style->columns);
}
