/* SPDX-License-Identifier: Apache-2.0 */
#include "model/meter_setting.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

bool gb_meter_is_secret(const char *name) {
    static const char *const words[] = {"password", "passwd",    "pass",
                                        "secret",   "token",     "api_key",
                                        "apikey",   "community", "passphrase"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

/* Copy [length] characters of @p text with every "%h" replaced. */
static bool expand(const char *text, size_t length, const char *node_name,
                   char *out, size_t size) {
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        const bool name =
            text[i] == '%' && i + 1 < length && text[i + 1] == 'h';
        const char *piece = name ? node_name : &text[i];
        const size_t piece_length = name ? strlen(node_name) : 1;
        if (used + piece_length >= size)
            return false;
        memcpy(out + used, piece, piece_length);
        used += piece_length;
        i += name;
    }
    out[used] = '\0';
    return true;
}

static gb_status take_option(const char *text, size_t length,
                             const char *node_name, gb_meter_setting *setting,
                             gb_error *err) {
    const char *equals = memchr(text, '=', length);
    const size_t name_length =
        equals != NULL ? (size_t)(equals - text) : length;
    gb_meter_option *option = &setting->options[setting->option_count];

    /* What is no option's name may be half a password: it is not shown. */
    if (equals == NULL || name_length == 0 ||
        name_length >= sizeof(option->name) ||
        strspn(text, NAME_CHARACTERS) != name_length)
        return gb_fail(err, GB_ERR_INVALID,
                       "options are separated by ';', or by '+' where there is "
                       "no ';'",
                       "meter: expected KEY=VALUE, got something else of %zu "
                       "characters",
                       length);
    if (setting->option_count == GB_METER_OPTIONS_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "meter: expected at most %u options, got more",
                       GB_METER_OPTIONS_MAX);
    memcpy(option->name, text, name_length);
    option->name[name_length] = '\0';
    if (gb_meter_is_secret(option->name))
        return gb_fail(
            err, GB_ERR_INVALID,
            "settings are stored with the results: name a file "
            "that only you can read",
            "meter: expected no secrets in a setting, got %s=", option->name);
    for (size_t i = 0; i < setting->option_count; i++)
        if (strcmp(setting->options[i].name, option->name) == 0)
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "meter: expected each option once, got %s= twice",
                           option->name);
    if (!expand(equals + 1, length - name_length - 1, node_name, option->value,
                sizeof(option->value)))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "meter: expected %s= of at most %zu characters, got "
                       "more",
                       option->name, sizeof(option->value) - 1);
    setting->option_count++;
    return GB_OK;
}

static gb_status take_options(const char *text, size_t length, char separator,
                              const char *node_name, gb_meter_setting *setting,
                              gb_error *err) {
    const char *const end = text + length;
    gb_status status = GB_OK;

    while (text < end && status == GB_OK) {
        const char *stop = memchr(text, separator, (size_t)(end - text));
        const size_t part = (size_t)((stop != NULL ? stop : end) - text);
        if (part > 0)
            status = take_option(text, part, node_name, setting, err);
        text += part + 1;
    }
    return status;
}

static char separator_of(const char *text, size_t length) {
    return memchr(text, ';', length) != NULL ? ';' : '+';
}

gb_status gb_meter_options_parse(const char *text, const char *node_name,
                                 gb_meter_setting *setting_out, gb_error *err) {
    const size_t length = strlen(text);

    *setting_out = (gb_meter_setting){0};
    return take_options(text, length, separator_of(text, length), node_name,
                        setting_out, err);
}

gb_status gb_meter_setting_parse(const char *text, size_t length,
                                 const char *node_name,
                                 gb_meter_setting *setting_out, gb_error *err) {
    const char separator = separator_of(text, length);
    const char *stop = memchr(text, separator, length);
    const size_t id_length = stop != NULL ? (size_t)(stop - text) : length;
    gb_meter_setting *setting = setting_out;

    *setting = (gb_meter_setting){0};
    if (id_length < sizeof(setting->id)) {
        memcpy(setting->id, text, id_length);
        setting->id[id_length] = '\0';
    }
    if (!gb_is_id(setting->id))
        return gb_fail(err, GB_ERR_INVALID,
                       "for example --energy 'meter=acme.pdu;host=pdu7'; "
                       "'greenbench list' shows the meters there are",
                       "meter: expected the id of a meter plugin first, got "
                       "something else of %zu characters",
                       id_length);
    if (stop == NULL)
        return GB_OK;
    return take_options(stop + 1, length - id_length - 1, separator, node_name,
                        setting, err);
}
