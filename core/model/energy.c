/* SPDX-License-Identifier: Apache-2.0 */
#include "model/energy.h"

#include <string.h>

static const char *const quality_names[] = {
#define NAME(name, text) [GB_QUALITY_##name] = text,
    GB_QUALITY_MAP(NAME)
#undef NAME
};

static const char *const flag_names[] = {
#define NAME(name, word, text) [GB_FLAG_##name] = word,
    GB_FLAG_MAP(NAME)
#undef NAME
};

static const char *const flag_texts[] = {
#define NAME(name, word, text) [GB_FLAG_##name] = text,
    GB_FLAG_MAP(NAME)
#undef NAME
};

static const char *const scope_names[] = {
#define NAME(name, word, text) [GB_SCOPE_##name] = word,
    GB_SCOPE_MAP(NAME)
#undef NAME
};

static const char *const scope_texts[] = {
#define NAME(name, word, text) [GB_SCOPE_##name] = text,
    GB_SCOPE_MAP(NAME)
#undef NAME
};

static const char *const status_names[] = {
#define NAME(name, text) [GB_DOMAIN_##name] = text,
    GB_DOMAIN_STATUS_MAP(NAME)
#undef NAME
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *name_at(const char *const *names, size_t count, size_t i) {
    return i < count ? names[i] : "unknown";
}

static bool find(const char *const *names, size_t count, const char *name,
                 size_t *out) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return true;
        }
    return false;
}

const char *gb_quality_name(gb_quality quality) {
    return name_at(quality_names, COUNT(quality_names), (size_t)quality);
}

const char *gb_energy_flag_name(gb_energy_flag flag) {
    return name_at(flag_names, COUNT(flag_names), (size_t)flag);
}

const char *gb_energy_flag_text(gb_energy_flag flag) {
    return name_at(flag_texts, COUNT(flag_texts), (size_t)flag);
}

const char *gb_scope_name(gb_energy_scope scope) {
    return name_at(scope_names, COUNT(scope_names), (size_t)scope);
}

const char *gb_scope_text(gb_energy_scope scope) {
    return name_at(scope_texts, COUNT(scope_texts), (size_t)scope);
}

const char *gb_domain_status_name(gb_domain_status status) {
    return name_at(status_names, COUNT(status_names), (size_t)status);
}

bool gb_quality_from_name(const char *name, gb_quality *out) {
    size_t i;
    const bool found = find(quality_names, COUNT(quality_names), name, &i);
    if (found)
        *out = (gb_quality)i;
    return found;
}

bool gb_scope_from_name(const char *name, gb_energy_scope *out) {
    size_t i;
    const bool found = find(scope_names, COUNT(scope_names), name, &i);
    if (found)
        *out = (gb_energy_scope)i;
    return found;
}

bool gb_domain_status_from_name(const char *name, gb_domain_status *out) {
    size_t i;
    const bool found = find(status_names, COUNT(status_names), name, &i);
    if (found)
        *out = (gb_domain_status)i;
    return found;
}
