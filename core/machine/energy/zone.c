/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/zone.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* A decimal number that fits int32_t; advances *text over it. */
static bool take_number(const char **text, int32_t *number_out) {
    int64_t number = 0;
    const char *at = *text;

    while (*at >= '0' && *at <= '9' && number <= INT32_MAX)
        number = 10 * number + (*at++ - '0');
    if (at == *text || number > INT32_MAX)
        return false;
    *text = at;
    *number_out = (int32_t)number;
    return true;
}

static bool parse_package(const char *name, gb_zone_meaning *meaning) {
    static const char die_word[] = "-die-";

    if (!gb_starts_with(name, "package-"))
        return false;
    name += strlen("package-");
    if (!take_number(&name, &meaning->package))
        return false;
    if (gb_starts_with(name, die_word)) {
        name += strlen(die_word);
        if (!take_number(&name, &meaning->die))
            return false;
    }
    return *name == '\0';
}

/* psys covers the platform whichever package registered it. */
static bool is_psys(const char *name) {
    int32_t number;

    if (strcmp(name, "psys") == 0)
        return true;
    if (!gb_starts_with(name, "psys-"))
        return false;
    name += strlen("psys-");
    return take_number(&name, &number) && *name == '\0';
}

gb_zone_meaning gb_zone_parse_name(const char *name, bool amd) {
    gb_zone_meaning meaning = {GB_SCOPE_OTHER, -1, -1};

    if (parse_package(name, &meaning)) {
        meaning.scope = GB_SCOPE_PACKAGE;
        return meaning;
    }
    meaning.package = meaning.die = -1;
    if (is_psys(name))
        meaning.scope = GB_SCOPE_PLATFORM;
    else if (strcmp(name, "core") == 0)
        /* On AMD the kernel reads the lead core's register only. */
        meaning.scope = amd ? GB_SCOPE_CORE : GB_SCOPE_CORES;
    else if (strcmp(name, "uncore") == 0)
        meaning.scope = GB_SCOPE_UNCORE;
    else if (strcmp(name, "dram") == 0)
        meaning.scope = GB_SCOPE_DRAM;
    return meaning;
}

bool gb_zone_wrap(uint64_t range_uj, uint64_t *wrap_uj_out,
                  double *step_uj_out) {
    const double counter_max = 4294967295.0;
    /* A unit of 4 MJ: no counter is that coarse. */
    const uint64_t range_max_uj = UINT64_C(1) << 62;

    if (range_uj == 0 || range_uj > range_max_uj)
        return false;

    double step_uj = (double)range_uj / counter_max;

    *wrap_uj_out = range_uj + (step_uj < 1.0 ? 1 : (uint64_t)llround(step_uj));
    *step_uj_out = step_uj < 1.0 ? 1.0 : step_uj;
    return true;
}
