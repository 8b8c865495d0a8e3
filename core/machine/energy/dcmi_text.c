/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/dcmi_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/units.h"
#include "machine/energy/domains.h"

/* The words of one program for the three things that are read. */
typedef struct dialect {
    const char *power, *state, *period;
    const char *active; /* the state in which `power` means something */
} dialect;

static const dialect dialects[] = {
    {"Instantaneous power reading", "Power reading state is", "Sampling period",
     "activated"},
    {"Current Power", "Power Measurement", "Statistics reporting time period",
     "Active"},
};

/* The value behind "<label> : <value>", to the end of its line, without the
 * space around it. The label may stand behind other text: ipmitool forgets to
 * end the line of a time stamp near zero. False: no such label. The first one
 * counts. */
static bool value_of(const char *text, const char *label, char *value,
                     size_t size) {
    const size_t label_length = strlen(label);

    for (const char *at = strstr(text, label); at; at = strstr(at, label)) {
        const bool word = at == text || isspace((unsigned char)at[-1]);

        at += label_length;
        const char *colon = at + strspn(at, " \t");
        if (!word || *colon != ':')
            continue;
        const char *from = colon + 1 + strspn(colon + 1, " \t");
        size_t length = strcspn(from, "\r\n");
        while (length > 0 && isspace((unsigned char)from[length - 1]))
            length--;
        if (length >= size)
            length = size - 1;
        memcpy(value, from, length);
        value[length] = '\0';
        return true;
    }
    return false;
}

/* "<number> <unit>[.]", as both programs write it. */
static bool number_and_unit(char *value, uint64_t *number, const char **unit) {
    const size_t digits = strspn(value, "0123456789");
    char *rest = value + digits;
    char *word = rest + strspn(rest, " \t");
    const size_t length = strlen(word);

    if (digits == 0 || word == rest || length == 0)
        return false;
    if (word[length - 1] == '.')
        word[length - 1] = '\0';
    *rest = '\0';
    *unit = word;
    return gb_parse_u64(value, number, NULL) == GB_OK;
}

/* The period says how much the statistics cover; an unreadable one says
 * nothing. */
static uint64_t parse_period_ns(char *value) {
    static const struct {
        const char *unit;
        uint64_t ns;
    } units[] = {
        {"milliseconds", UINT64_C(1000000)}, {"seconds", UINT64_C(1000000000)},
        {"minutes", UINT64_C(60000000000)},  {"hours", UINT64_C(3600000000000)},
        {"days", UINT64_C(86400000000000)},
    };
    const char *unit;
    uint64_t number;

    if (!number_and_unit(value, &number, &unit) || number > 100000000)
        return 0;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcasecmp(unit, units[i].unit) == 0)
            return number > UINT64_MAX / units[i].ns ? 0 : number * units[i].ns;
    return 0;
}

static gb_status parse_power(char *value, uint32_t *power_w, gb_error *err) {
    char shown[48];
    const char *unit;
    uint64_t number;

    gb_copy(shown, sizeof(shown), value);
    for (char *at = shown; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?';
    if (!number_and_unit(value, &number, &unit) ||
        strcasecmp(unit, "watts") != 0)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "dcmi: expected a power in watts, got '%s'", shown);
    /* 65535 is a sentinel; no node that runs this draws nothing. */
    if (number == 0 || (double)number >= GB_MAX_NODE_W)
        return gb_fail(err, GB_ERR_RANGE,
                       "the firmware answers, but does not measure",
                       "dcmi: expected more than 0 W and less than %.0f W, got "
                       "'%s'",
                       GB_MAX_NODE_W, shown);
    *power_w = (uint32_t)number;
    return GB_OK;
}

gb_status gb_dcmi_parse(const char *text, gb_dcmi_reading *out, gb_error *err) {
    char power[64], state[64], period[64];
    const dialect *words = NULL;

    *out = (gb_dcmi_reading){0};
    for (size_t i = 0; !words && i < sizeof(dialects) / sizeof(dialects[0]);
         i++)
        if (value_of(text, dialects[i].power, power, sizeof(power)))
            words = &dialects[i];
    if (!words || !value_of(text, words->state, state, sizeof(state)))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "dcmi: expected a power reading and its state, got "
                       "other text of %zu bytes",
                       strlen(text));
    if (strcmp(state, words->active) != 0) {
        for (char *at = state; *at != '\0'; at++)
            if (iscntrl((unsigned char)*at))
                *at = '?';
        return gb_fail(err, GB_ERR_UNSUPPORTED,
                       "turn power measurement on in the BMC's own settings",
                       "dcmi: '%s': expected '%s', got '%s'", words->state,
                       words->active, state);
    }
    if (value_of(text, words->period, period, sizeof(period)))
        out->period_ns = parse_period_ns(period);
    return parse_power(power, &out->power_w, err);
}
