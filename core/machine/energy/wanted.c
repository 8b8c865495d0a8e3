/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/wanted.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz_0123456789"
#define BLANKS          " \t\n"

/* In the order of preference for equal scopes. A meter that the site has named
 * comes first. powercap before perf: both read the same counters, but powercap
 * needs no system-wide perf event. */
static const gb_energy_source_ops *const sources[] = {
    &gb_energy_meter,   &gb_energy_external, &gb_energy_powercap,
    &gb_energy_perf,    &gb_energy_hwmon,    &gb_energy_cray_pm,
    &gb_energy_nvml,    &gb_energy_rocm,     &gb_energy_papi,
    &gb_energy_redfish, &gb_energy_ipmi,     &gb_energy_replay,
    &gb_energy_model,
};
#define SOURCE_COUNT (sizeof(sources) / sizeof(sources[0]))

const gb_energy_source_ops *const *gb_energy_sources(size_t *count_out) {
    *count_out = SOURCE_COUNT;
    return sources;
}

static gb_status refuse_name(const char *name, gb_error *err) {
    const char *names[SOURCE_COUNT + 2];
    char listed[128] = "", hint[80] = "";

    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        size_t length = strlen(listed);
        names[i] = sources[i]->name;
        snprintf(listed + length, sizeof(listed) - length, ", %s", names[i]);
    }
    names[SOURCE_COUNT] = "auto";
    names[SOURCE_COUNT + 1] = "none";

    const char *near = gb_closest(name, names, SOURCE_COUNT + 2);
    if (near)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    return gb_fail(err, GB_ERR_INVALID,
                   near ? hint : "see 'greenbench sensors' for what is here",
                   "energy: expected auto, none or a list of %s, got '%s'",
                   listed + 2, name);
}

static const gb_energy_source_ops *source_named(const char *name) {
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        if (strcmp(sources[i]->name, name) == 0)
            return sources[i];
    return NULL;
}

const char *gb_wanted_setting(const gb_energy_source_ops *ops, const char *at,
                              size_t *length_out) {
    if (ops->many)
        at += strspn(at, BLANKS);
    *length_out = ops->many ? strcspn(at, BLANKS) : strlen(at);
    return *length_out > 0 ? at : NULL;
}

static gb_status check_setting(const gb_energy_source_ops *ops,
                               const char *setting, gb_error *err) {
    gb_status status = GB_OK;
    size_t length = 0;
    char one[GB_SETTING_SIZE];

    if (!ops->check)
        return GB_OK;
    if (!ops->many)
        return ops->check(setting, err);
    for (const char *at = setting;
         status == GB_OK && (at = gb_wanted_setting(ops, at, &length)) != NULL;
         at += length) {
        snprintf(one, sizeof(one), "%.*s", (int)length, at);
        status = ops->check(one, err);
    }
    return status;
}

/* One "SOURCE" or "SOURCE=SETTING" of @p length characters. */
static gb_status parse_one(const char *text, size_t length,
                           gb_wanted_source *one_out, gb_error *err) {
    const char *equals = memchr(text, '=', length);
    const size_t name_length = equals ? (size_t)(equals - text) : length;
    const size_t setting_length = equals ? length - name_length - 1 : 0;
    char name[64];

    snprintf(name, sizeof(name), "%.*s",
             name_length < 64 ? (int)name_length : 63, text);
    *one_out = (gb_wanted_source){.ops = source_named(name)};
    /* Names are shown. What follows a ',' in a setting is no name, but may be
     * the end of a password. */
    if (!one_out->ops)
        return refuse_name(name[strspn(name, NAME_CHARACTERS)] == '\0'
                               ? name
                               : "something else",
                           err);
    if (setting_length >= sizeof(one_out->setting))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "energy: expected %s=SETTING of at most %zu characters, "
                       "got %zu",
                       name, sizeof(one_out->setting) - 1, setting_length);
    if (equals)
        memcpy(one_out->setting, equals + 1, setting_length);
    return equals ? check_setting(one_out->ops, one_out->setting, err) : GB_OK;
}

gb_status gb_wanted_too_many(gb_error *err) {
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "energy: expected at most %u sources, got more",
                   GB_MEMBERS_MAX);
}

gb_status gb_wanted_parse(const char *wanted, gb_wanted_source *list_out,
                          size_t *count_out, gb_error *err) {
    *count_out = 0;
    if (strcmp(wanted, "none") == 0)
        return GB_OK;
    /* Before it is split at commas, which a password may have. */
    const char *address = strstr(wanted, "://");
    if (address && strchr(address, '@'))
        return gb_fail(err, GB_ERR_INVALID,
                       "redfish takes credentials=FILE, or "
                       "GREENBENCH_REDFISH_USER and "
                       "GREENBENCH_REDFISH_PASSWORD in the environment",
                       "energy: expected an address without '@': settings are "
                       "stored with the results, credentials must not be");
    if (strcmp(wanted, "auto") == 0) {
        for (size_t i = 0; i < SOURCE_COUNT; i++)
            list_out[i] = (gb_wanted_source){.ops = sources[i]};
        *count_out = SOURCE_COUNT;
        return GB_OK;
    }
    for (const char *at = wanted;; at++) {
        const size_t length = strcspn(at, ",");
        gb_wanted_source one;
        bool again = false;

        gb_status status = parse_one(at, length, &one, err);
        if (status != GB_OK)
            return status;
        for (size_t i = 0; i < *count_out; i++)
            again = again || (list_out[i].ops == one.ops && !one.ops->many);
        if (!again && *count_out == GB_MEMBERS_MAX)
            return gb_wanted_too_many(err);
        if (!again)
            list_out[(*count_out)++] = one;
        at += length;
        if (*at == '\0')
            return GB_OK;
    }
}
