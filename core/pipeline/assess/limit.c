/* SPDX-License-Identifier: Apache-2.0 */
/* Units as people write them. */
#include <stdio.h>
#include <string.h>

#include "pipeline/assess/parts.h"

typedef struct spelling {
    const char *unit;    /* as figures have it */
    const char *written; /* another way to write it, behind an SI prefix */
    double scale;
} spelling;

static const spelling spellings[] = {
    {"flop/s", "FLOPS", 1.0},
    {"flop/s", "FLOP/s", 1.0},
    {"flop/J", "flop/s/W", 1.0},
    {"flop/J", "FLOPS/W", 1.0},
    {"flop/J", "FLOP/s/W", 1.0},
    {"flop/J", "FLOP/J", 1.0},
    {"byte/s", "B/s", 1.0},
    {"byte/J", "B/J", 1.0},
    {"byte/J", "byte/s/W", 1.0},
    {"byte/J", "B/s/W", 1.0},
    {"J", "Wh", 3600.0},
    {"J s", "Js", 1.0},
    {"J s", "J*s", 1.0},
    {"s", "min", 60.0},
    {"s", "h", 3600.0},
    {"flop", "FLOP", 1.0},
    {"byte", "B", 1.0},
    {"1", "%", 0.01},
    {"1", "", 1.0},
    {"L/kWh", "l/kWh", 1.0},
};

static const struct {
    const char *text;
    double scale;
} prefixes[] = {{"", 1.0},   {"k", 1e3},  {"M", 1e6},  {"G", 1e9},
                {"T", 1e12}, {"P", 1e15}, {"E", 1e18}, {"m", 1e-3},
                {"u", 1e-6}, {"µ", 1e-6}, {"n", 1e-9}};

static bool spelt(const char *written, const char *unit, double *scale_out) {
    *scale_out = 1.0;
    if (strcmp(written, unit) == 0)
        return true;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        if (strcmp(spellings[i].unit, unit) == 0 &&
            strcmp(spellings[i].written, written) == 0) {
            *scale_out = spellings[i].scale;
            return true;
        }
    /* "row/s/W" is "row/J" whatever is counted. */
    const size_t length = strlen(unit);
    return length > 2 && strcmp(unit + length - 2, "/J") == 0 &&
           strncmp(written, unit, length - 2) == 0 &&
           strcmp(written + length - 2, "/s/W") == 0;
}

static bool prefixed(const char *written, const char *unit, double *scale_out) {
    for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
        const size_t length = strlen(prefixes[p].text);
        double scale = 1.0;
        if (length > 0 && strcmp(unit, "1") == 0)
            break;
        if (strncmp(written, prefixes[p].text, length) == 0 &&
            spelt(written + length, unit, &scale)) {
            *scale_out = prefixes[p].scale * scale;
            return true;
        }
    }
    return false;
}

/* Money for work has a prefix on both sides: "kCNY/Pflop". */
static bool per_work(const char *written, const char *unit, double *scale_out) {
    const char *left = strchr(written, '/'), *right = strchr(unit, '/');
    char money[16], currency[16];
    double above = 1.0, below = 1.0;

    if (left == NULL || right == NULL || right - unit != 3 ||
        (size_t)(left - written) >= sizeof(money))
        return false;
    snprintf(money, sizeof(money), "%.*s", (int)(left - written), written);
    snprintf(currency, sizeof(currency), "%.3s", unit);
    if (!prefixed(money, currency, &above) ||
        !prefixed(left + 1, right + 1, &below))
        return false;
    *scale_out = above / below;
    return true;
}

bool gb_limit_scale(const char *written, const char *unit, double *scale_out) {
    return prefixed(written, unit, scale_out) ||
           per_work(written, unit, scale_out);
}
