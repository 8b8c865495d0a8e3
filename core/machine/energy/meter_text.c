/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/meter_text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/units.h"

#define WORDS_MAX    16
#define DECIMALS_MAX 9u
#define FORMAT_WORD  "greenbench-meter"

/* --- bytes into lines ----------------------------------------------------- */

char *gb_line_buffer_room(gb_line_buffer *buffer, size_t *size_out) {
    buffer->length -= buffer->taken;
    memmove(buffer->text, buffer->text + buffer->taken, buffer->length);
    buffer->taken = 0;
    if (buffer->length == sizeof(buffer->text)) {
        /* A line longer than all there is. */
        buffer->dropped += !buffer->skipping;
        buffer->skipping = true;
        buffer->length = 0;
    }
    *size_out = sizeof(buffer->text) - buffer->length;
    return buffer->text + buffer->length;
}

void gb_line_buffer_added(gb_line_buffer *buffer, size_t length) {
    buffer->length += length;
}

const char *gb_line_buffer_next(gb_line_buffer *buffer) {
    while (buffer->taken < buffer->length) {
        char *line = buffer->text + buffer->taken;
        char *end = memchr(line, '\n', buffer->length - buffer->taken);
        if (end == NULL)
            return NULL;
        buffer->taken += (size_t)(end - line) + 1;
        if (end > line && end[-1] == '\r')
            end--;
        *end = '\0';
        if (buffer->skipping) {
            buffer->skipping = false;
            continue;
        }
        if (end - line <= GB_METER_LINE_MAX &&
            strlen(line) == (size_t)(end - line))
            return line;
        buffer->dropped++;
    }
    return NULL;
}

void gb_line_buffer_end(gb_line_buffer *buffer) {
    size_t size;
    char *room = gb_line_buffer_room(buffer, &size);

    if (buffer->length > 0 || buffer->skipping) {
        *room = '\n';
        gb_line_buffer_added(buffer, 1);
    }
}

void gb_line_buffer_restart(gb_line_buffer *buffer, bool within) {
    buffer->length = buffer->taken = 0;
    buffer->skipping = within;
}

/* --- numbers -------------------------------------------------------------- */

static bool push_digit(uint64_t *number, unsigned digit) {
    if (*number > (UINT64_MAX - digit) / 10)
        return false;
    *number = *number * 10 + digit;
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A decimal number in units of 10^-decimals, rounded to the nearest. */
static bool parse_fixed(const char *text, unsigned decimals,
                        uint64_t *number_out) {
    uint64_t number = 0;
    unsigned seen = 0;
    bool up = false;

    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++)
        if (!push_digit(&number, (unsigned)(*text - '0')))
            return false;
    if (*text == '.') {
        text++;
        if (!is_digit(*text))
            return false;
        for (; is_digit(*text); text++, seen++) {
            if (seen < decimals &&
                !push_digit(&number, (unsigned)(*text - '0')))
                return false;
            if (seen == decimals)
                up = *text >= '5';
        }
    }
    if (*text != '\0')
        return false;
    for (; seen < decimals; seen++)
        if (!push_digit(&number, 0))
            return false;
    if (up && number == UINT64_MAX)
        return false;
    *number_out = number + up;
    return true;
}

gb_meter_value gb_meter_value_parse(const char *text, unsigned decimals,
                                    uint64_t *ticks_out) {
    static const char *const none[] = {"N/A",     "NA",  "null",
                                       "unknown", "nan", "none"};
    uint64_t ignored;

    if (parse_fixed(text, decimals, ticks_out))
        return GB_METER_VALUE;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (strcasecmp(text, none[i]) == 0)
            return GB_METER_NO_VALUE;
    if (text[0] == '-' && parse_fixed(text + 1, decimals, &ignored))
        return GB_METER_NO_VALUE;
    return GB_METER_BAD_VALUE;
}

bool gb_meter_time_parse(const char *text, uint64_t *time_ns_out) {
    uint64_t time_ns;

    if (!parse_fixed(text, 9, &time_ns) || time_ns == 0)
        return false;
    *time_ns_out = time_ns;
    return true;
}

/* --- words ---------------------------------------------------------------- */

/* Split in place at blanks; -1: more than WORDS_MAX words. */
static int split(char *text, char **words) {
    int count = 0;
    char *rest = NULL;

    for (char *word = strtok_r(text, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest)) {
        if (count == WORDS_MAX)
            return -1;
        words[count++] = word;
    }
    return count;
}

static bool is_name(const char *text) {
    static const char most[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-";
    const size_t length = strlen(text);

    return length > 0 && length < 64 && strspn(text, most) == length;
}

/* "10W", "kWh", "0.1kWh" -> 10 W, 3.6e6 J, 3.6e5 J. */
static bool parse_quantity(const char *text, gb_reading_kind *kind_out,
                           double *si_out) {
    static const struct {
        const char *symbol;
        gb_reading_kind kind;
        double si;
    } units[] = {
        {"J", GB_READING_ENERGY, 1.0},    {"nJ", GB_READING_ENERGY, 1e-9},
        {"uJ", GB_READING_ENERGY, 1e-6},  {"mJ", GB_READING_ENERGY, 1e-3},
        {"kJ", GB_READING_ENERGY, 1e3},   {"MJ", GB_READING_ENERGY, 1e6},
        {"Wh", GB_READING_ENERGY, 3.6e3}, {"kWh", GB_READING_ENERGY, 3.6e6},
        {"W", GB_READING_POWER, 1.0},     {"uW", GB_READING_POWER, 1e-6},
        {"mW", GB_READING_POWER, 1e-3},   {"kW", GB_READING_POWER, 1e3},
    };
    const size_t digits = strspn(text, "0123456789.");
    char number[32] = "1";
    double factor;

    if (digits >= sizeof(number))
        return false;
    if (digits > 0) {
        memcpy(number, text, digits);
        number[digits] = '\0';
    }
    if (gb_parse_f64(number, &factor, NULL) != GB_OK || !(factor > 0.0))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(text + digits, units[i].symbol) == 0) {
            *kind_out = units[i].kind;
            *si_out = factor * units[i].si;
            return true;
        }
    return false;
}

static bool parse_watts(const char *text, double *watts_out) {
    gb_reading_kind kind;

    return parse_quantity(text, &kind, watts_out) && kind == GB_READING_POWER;
}

static bool parse_yes(const char *text, bool *yes_out) {
    *yes_out = strcmp(text, "yes") == 0;
    return *yes_out || strcmp(text, "no") == 0;
}

static bool parse_time_span(const char *text, uint64_t *span_ns_out) {
    const double day_s = 86400.0;
    double span_s;

    if (gb_parse_duration(text, &span_s, NULL) != GB_OK || span_s < 1e-3 ||
        span_s > day_s)
        return false;
    *span_ns_out = (uint64_t)(span_s * 1e9);
    return true;
}

/* --- a channel ------------------------------------------------------------ */

/* The values of the keys of one `channel` line, before they are made sense of
 * together. */
typedef struct channel_draft {
    gb_meter_channel channel;
    double unit;                     /* J or W of 1 in a value; 0: none yet */
    const char *step, *wrap;         /* as written; null: not stated */
    double range_w, at_w;            /* 0: not stated */
    double reading_part, range_part; /* of the accuracy, in percent */
} channel_draft;

/* "0.1%" of the reading, "0.1%+0.05%" of the reading and of the range. */
static bool parse_accuracy(const char *text, channel_draft *draft) {
    const char *plus = strchr(text, '+');
    const size_t length = plus ? (size_t)(plus - text) : strlen(text);
    char first[32];

    if (length >= sizeof(first))
        return false;
    memcpy(first, text, length);
    first[length] = '\0';
    return gb_parse_percent(first, &draft->reading_part, NULL) == GB_OK &&
           (!plus ||
            gb_parse_percent(plus + 1, &draft->range_part, NULL) == GB_OK) &&
           draft->reading_part + draft->range_part > 0.0;
}

static bool set_key(channel_draft *draft, const char *key, const char *value) {
    gb_meter_channel *channel = &draft->channel;
    uint64_t number;

    if (strcmp(key, "scope") == 0)
        return gb_scope_from_name(value, &channel->scope);
    if (strcmp(key, "unit") == 0)
        return parse_quantity(value, &channel->kind, &draft->unit);
    if (strcmp(key, "update") == 0)
        return parse_time_span(value, &channel->update_ns);
    if (strcmp(key, "average") == 0)
        return parse_time_span(value, &channel->average_ns);
    if (strcmp(key, "step") == 0)
        return (draft->step = value, true);
    if (strcmp(key, "wrap") == 0)
        return (draft->wrap = value, true);
    if (strcmp(key, "range") == 0)
        return parse_watts(value, &draft->range_w);
    if (strcmp(key, "at") == 0)
        return parse_watts(value, &draft->at_w);
    if (strcmp(key, "accuracy") == 0)
        return parse_accuracy(value, draft);
    if (strcmp(key, "time") == 0)
        return parse_yes(value, &channel->stamped);
    if (strcmp(key, "shared") == 0)
        return parse_yes(value, &channel->shared);
    if (strcmp(key, "package") != 0 ||
        gb_parse_u64(value, &number, NULL) != GB_OK || number > 4095)
        return false;
    channel->package = (int32_t)number;
    return true;
}

/* Step and modulus become whole ticks: a tick is one in the last decimal of the
 * step. */
static gb_status settle_ticks(channel_draft *draft, gb_error *err) {
    gb_meter_channel *channel = &draft->channel;
    const char *step = draft->step ? draft->step : "1";
    const char *point = strchr(step, '.');
    uint64_t step_ticks;

    if (point && strlen(point + 1) > DECIMALS_MAX)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "step: expected at most %u decimals, got '%s'",
                       DECIMALS_MAX, step);
    channel->decimals = point ? (unsigned)strlen(point + 1) : 0u;
    if (!parse_fixed(step, channel->decimals, &step_ticks) || step_ticks == 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "step: expected a number above 0, got '%s'", step);
    channel->tick_j = draft->unit * pow(10.0, -(double)channel->decimals);
    channel->step_j = channel->tick_j * (double)step_ticks;
    if (draft->wrap &&
        (channel->kind == GB_READING_POWER ||
         !parse_fixed(draft->wrap, channel->decimals, &channel->wrap_ticks) ||
         channel->wrap_ticks <= step_ticks))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "wrap: expected the value at which an energy counter "
                       "begins again, got '%s'",
                       draft->wrap);
    return GB_OK;
}

/* A part of the range weighs the more the lower the power: it is taken at the
 * lowest power that is to be measured, a tenth of the range unless stated. Both
 * are limits, so divided by the square root of three. */
static gb_status settle_accuracy(channel_draft *draft, gb_error *err) {
    gb_meter_channel *channel = &draft->channel;

    if (draft->range_part > 0.0 && draft->range_w <= 0.0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "accuracy: expected range=.. as well, since a part of "
                       "it is of the range");
    if (draft->at_w > draft->range_w)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "at: expected a power within the range");
    const double at_w = draft->at_w > 0.0 ? draft->at_w : 0.1 * draft->range_w;
    double percent = draft->reading_part;
    if (draft->range_part > 0.0)
        percent += draft->range_part * draft->range_w / at_w;
    channel->u_rel = percent / 100.0 / sqrt(3.0);
    channel->max_power_w = 2.0 * draft->range_w;
    return GB_OK;
}

static gb_status parse_channel(char **words, int count, gb_meter_channel *out,
                               gb_error *err) {
    channel_draft draft = {.channel = {.scope = GB_SCOPE_COUNT, .package = -1}};

    if (count < 2 || !is_name(words[1]))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "channel: expected a name of at most 63 of "
                       "[A-Za-z0-9._:/-], got '%s'",
                       count < 2 ? "" : words[1]);
    gb_copy(draft.channel.name, sizeof(draft.channel.name), words[1]);
    for (int i = 2; i < count; i++) {
        char *equals = strchr(words[i], '=');
        if (equals)
            *equals = '\0';
        if (!equals || !set_key(&draft, words[i], equals + 1))
            return gb_fail(err, GB_ERR_INVALID, NULL,
                           "channel %s: expected scope, unit, update, step, "
                           "wrap, average, range, accuracy, at, package, time "
                           "or shared and a value for it, got '%s%s%s'",
                           draft.channel.name, words[i], equals ? "=" : "",
                           equals ? equals + 1 : "");
    }
    if (draft.channel.scope == GB_SCOPE_COUNT || draft.unit <= 0.0 ||
        draft.channel.update_ns == 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "channel %s: expected scope=, unit= and update=, %s is "
                       "missing",
                       draft.channel.name,
                       draft.channel.scope == GB_SCOPE_COUNT ? "scope"
                       : draft.unit <= 0.0                   ? "unit"
                                                             : "update");
    gb_status status = settle_ticks(&draft, err);
    if (status == GB_OK)
        status = settle_accuracy(&draft, err);
    if (status == GB_OK)
        *out = draft.channel;
    return status;
}

/* --- a line --------------------------------------------------------------- */

static gb_status parse_reading(char **words, int count, gb_meter_line *out,
                               gb_error *err) {
    if (count < 3 || count > 4 || !is_name(words[1]) ||
        strlen(words[2]) >= sizeof(out->value) ||
        (count == 4 && strlen(words[3]) >= sizeof(out->time)))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected 'reading NAME VALUE [SECONDS]', got %d words",
                       count);
    gb_copy(out->name, sizeof(out->name), words[1]);
    gb_copy(out->value, sizeof(out->value), words[2]);
    gb_copy(out->time, sizeof(out->time), count == 4 ? words[3] : "");
    return GB_OK;
}

gb_status gb_meter_line_parse(const char *text, gb_meter_line *out,
                              gb_error *err) {
    char copy[GB_METER_LINE_MAX + 1];
    char *words[WORDS_MAX];

    *out = (gb_meter_line){.kind = GB_METER_BLANK};
    if (strlen(text) >= sizeof(copy))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected at most %d characters in a line",
                       GB_METER_LINE_MAX);
    if (text[0] == '#')
        return GB_OK;
    memcpy(copy, text, strlen(text) + 1);
    const int count = split(copy, words);
    if (count == 0)
        return GB_OK;
    if (count < 0)
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "expected at most %d words in a line", WORDS_MAX);
    if (strcmp(words[0], "reading") == 0) {
        out->kind = GB_METER_READING;
        return parse_reading(words, count, out, err);
    }
    if (strcmp(words[0], "channel") == 0) {
        out->kind = GB_METER_CHANNEL;
        return parse_channel(words, count, &out->channel, err);
    }
    out->kind = GB_METER_FORMAT;
    if (count == 2 && strcmp(words[0], FORMAT_WORD) == 0 &&
        strcmp(words[1], "1") == 0)
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "expected '" FORMAT_WORD " 1', 'channel ..', 'reading ..' "
                   "or '# ..', got '%.60s'",
                   text);
}
