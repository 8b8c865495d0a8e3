/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"

/* --- writing -------------------------------------------------------------- */

static json_t *made(gb_json_out *out, json_t *value) {
    if (value == NULL)
        out->failed = true;
    return value;
}

json_t *gb_json_object(gb_json_out *out) {
    return made(out, json_object());
}

json_t *gb_json_array(gb_json_out *out) {
    return made(out, json_array());
}

void gb_json_put(gb_json_out *out, json_t *object, const char *key,
                 json_t *value) {
    /* Keys are ours, or a plugin's checked names: the UTF-8 check is not
     * needed, and a failure means memory. */
    if (json_object_set_new_nocheck(object, key, value) != 0)
        out->failed = true;
}

void gb_json_append(gb_json_out *out, json_t *array, json_t *value) {
    if (json_array_append_new(array, value) != 0)
        out->failed = true;
}

/* Length of the valid UTF-8 sequence at @p at; 0: none. */
static size_t sequence_length(const unsigned char *at) {
    static const struct {
        unsigned char low, high;         /* of the first byte */
        unsigned char second, second_to; /* of the second: no overlong forms,
                                            surrogates or beyond U+10FFFF */
        size_t length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (at[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (at[0] < forms[i].low || at[0] > forms[i].high)
            continue;
        if (at[1] < forms[i].second || at[1] > forms[i].second_to)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((at[k] & 0xc0u) != 0x80u)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static json_t *repaired_text(const char *text) {
    gb_str clean = {0};
    for (const char *at = text; *at != '\0';) {
        const size_t length = sequence_length((const unsigned char *)at);
        if (length == 0)
            gb_str_add(&clean, "\xef\xbf\xbd");
        else
            gb_str_addn(&clean, at, length);
        at += length == 0 ? 1 : length;
    }
    char *taken = gb_str_take(&clean);
    json_t *value = taken != NULL ? json_string(taken) : NULL;
    free(taken);
    return value;
}

json_t *gb_json_text(gb_json_out *out, const char *text) {
    const char *at = text != NULL ? text : "";
    json_t *value = json_string(at);
    return made(out, value != NULL ? value : repaired_text(at));
}

json_t *gb_json_fact(gb_json_out *out, const char *text) {
    return text == NULL || text[0] == '\0' ? json_null()
                                           : gb_json_text(out, text);
}

json_t *gb_json_real(gb_json_out *out, double value) {
    return isfinite(value) ? made(out, json_real(value)) : json_null();
}

json_t *gb_json_real_if(gb_json_out *out, bool have, double value) {
    return have ? gb_json_real(out, value) : json_null();
}

json_t *gb_json_interval(gb_json_out *out, const double ends[2]) {
    if (!isfinite(ends[0]) || !isfinite(ends[1]))
        return json_null();
    json_t *array = gb_json_array(out);
    gb_json_append(out, array, gb_json_real(out, ends[0]));
    gb_json_append(out, array, gb_json_real(out, ends[1]));
    return array;
}

json_t *gb_json_u64(gb_json_out *out, uint64_t value) {
    char digits[24];
    if (value <= INT64_MAX)
        return made(out, json_integer((json_int_t)value));
    snprintf(digits, sizeof(digits), "%" PRIu64, value);
    return made(out, json_string(digits));
}

json_t *gb_json_count(gb_json_out *out, uint64_t value) {
    return value == 0 ? json_null() : gb_json_u64(out, value);
}

json_t *gb_json_int(gb_json_out *out, int64_t value) {
    return made(out, json_integer(value));
}

json_t *gb_json_bool(gb_json_out *out, bool value) {
    return made(out, json_boolean(value));
}

json_t *gb_json_names(gb_json_out *out, const char *names) {
    json_t *array = gb_json_array(out);
    const char *at = names != NULL ? names : "";
    while (*at != '\0') {
        const size_t length = strcspn(at, ",");
        char *one = strndup(at, length);
        gb_json_append(out, array, one != NULL ? gb_json_text(out, one) : NULL);
        free(one);
        at += length;
        at += *at == ',';
    }
    return array;
}

json_t *gb_json_utc(gb_json_out *out, uint64_t utc_ns) {
    char text[32];
    if (utc_ns == 0)
        return json_null();
    gb_clock_format_utc(utc_ns, text, sizeof(text));
    return gb_json_text(out, text);
}

void gb_json_put_flags(gb_json_out *out, json_t *object,
                       const gb_energy_figure *figure) {
    const double share = 1.0 - figure->unsampled_s / figure->window_s;
    json_t *flags = gb_json_array(out);
    for (int i = 0; i < GB_FLAG_COUNT; i++)
        if ((figure->flags >> i & 1u) != 0)
            gb_json_append(
                out, flags,
                gb_json_text(out, gb_energy_flag_name((gb_energy_flag)i)));
    gb_json_put(out, object, "flags", flags);
    gb_json_put(out, object, "sampled_share",
                gb_json_real_if(out, isfinite(figure->energy_j), share));
}

json_t *gb_json_notes(gb_json_out *out, const gb_note *notes, size_t count) {
    json_t *object = gb_json_object(out);
    for (size_t i = 0; i < count; i++)
        gb_json_put(out, object, notes[i].key,
                    gb_json_text(out, notes[i].value));
    return object;
}

static char *finish(const gb_json_out *out, json_t *root, size_t flags) {
    char *text = NULL;
    if (!out->failed && root != NULL)
        text = json_dumps(root, flags);
    json_decref(root);
    return text;
}

char *gb_json_line(gb_json_out *out, json_t *root) {
    return finish(out, root, JSON_COMPACT | JSON_REAL_PRECISION(17));
}

char *gb_json_pretty(gb_json_out *out, json_t *root) {
    char *text = finish(out, root, GB_JSON_PRETTY);
    if (text == NULL)
        return NULL;
    const size_t length = strlen(text);
    char *longer = realloc(text, length + 2);
    if (longer == NULL) {
        free(text);
        return NULL;
    }
    memcpy(longer + length, "\n", 2);
    return longer;
}

/* --- reading -------------------------------------------------------------- */

static const char *type_name(const json_t *value) {
    if (value == NULL)
        return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

void gb_json_mistake(gb_json_in *in, const char *key, const char *wanted,
                     const json_t *got) {
    if (in->status != GB_OK)
        return;
    const char *text = json_string_value(got);
    if (text != NULL)
        in->status =
            gb_fail(in->err, GB_ERR_INVALID, NULL,
                    "'%s': expected %s, got '%.80s'", key, wanted, text);
    else if (json_is_integer(got))
        in->status = gb_fail(in->err, GB_ERR_INVALID, NULL,
                             "'%s': expected %s, got %" JSON_INTEGER_FORMAT,
                             key, wanted, json_integer_value(got));
    else
        in->status =
            gb_fail(in->err, GB_ERR_INVALID, NULL, "'%s': expected %s, got %s",
                    key, wanted, type_name(got));
}

/* Null if there is nothing to read: missing, null, or after a mistake. */
static const json_t *field(const gb_json_in *in, const json_t *object,
                           const char *key) {
    if (in->status != GB_OK)
        return NULL;
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

bool gb_json_u64_of(const json_t *value, uint64_t *out) {
    if (json_is_integer(value)) {
        const json_int_t number = json_integer_value(value);
        if (number < 0)
            return false;
        *out = (uint64_t)number;
        return true;
    }
    return json_is_string(value) &&
           gb_parse_u64(json_string_value(value), out, NULL) == GB_OK;
}

uint64_t gb_json_get_u64(gb_json_in *in, const json_t *object,
                         const char *key) {
    const json_t *value = field(in, object, key);
    uint64_t number = 0;
    if (value != NULL && !gb_json_u64_of(value, &number))
        gb_json_mistake(in, key, "a whole number from 0", value);
    return number;
}

uint32_t gb_json_get_u32(gb_json_in *in, const json_t *object,
                         const char *key) {
    const uint64_t number = gb_json_get_u64(in, object, key);
    if (number <= UINT32_MAX)
        return (uint32_t)number;
    gb_json_mistake(in, key, "a whole number up to 4294967295",
                    json_object_get(object, key));
    return 0;
}

int32_t gb_json_get_i32(gb_json_in *in, const json_t *object, const char *key,
                        int32_t missing) {
    const json_t *value = field(in, object, key);
    if (value == NULL)
        return missing;
    const json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= INT32_MIN && number <= INT32_MAX)
        return (int32_t)number;
    gb_json_mistake(in, key, "a whole number of 32 bits", value);
    return missing;
}

double gb_json_get_real(gb_json_in *in, const json_t *object, const char *key) {
    const json_t *value = field(in, object, key);
    if (value == NULL)
        return NAN;
    if (json_is_number(value))
        return json_number_value(value);
    gb_json_mistake(in, key, "a number or null", value);
    return NAN;
}

bool gb_json_get_bool(gb_json_in *in, const json_t *object, const char *key) {
    const json_t *value = field(in, object, key);
    if (value != NULL && !json_is_boolean(value))
        gb_json_mistake(in, key, "true or false", value);
    return json_is_true(value);
}

static const char *text_field(gb_json_in *in, const json_t *object,
                              const char *key) {
    const json_t *value = field(in, object, key);
    if (value != NULL && !json_is_string(value))
        gb_json_mistake(in, key, "text", value);
    return json_is_string(value) ? json_string_value(value) : "";
}

void gb_json_get_text(gb_json_in *in, const json_t *object, const char *key,
                      char *text, size_t size) {
    gb_copy(text, size, text_field(in, object, key));
}

void gb_json_require_text(gb_json_in *in, const json_t *object, const char *key,
                          char *text, size_t size) {
    const json_t *value = json_object_get(object, key);

    if (!json_is_string(value))
        gb_json_mistake(in, key, "text", value);
    else if (json_string_length(value) >= size ||
             strlen(json_string_value(value)) != json_string_length(value))
        gb_json_mistake(in, key, "a shorter text, without null characters",
                        value);
    gb_json_get_text(in, object, key, text, size);
}

static char *no_memory(gb_json_in *in) {
    if (in->status == GB_OK)
        in->status = gb_fail_memory(in->err, "a record");
    return NULL;
}

char *gb_json_dup_text(gb_json_in *in, const json_t *object, const char *key) {
    const char *text = text_field(in, object, key);
    if (in->status != GB_OK)
        return NULL;
    char *copy = strdup(text);
    return copy != NULL ? copy : no_memory(in);
}

char *gb_json_dup_names(gb_json_in *in, const json_t *object, const char *key) {
    const json_t *array = gb_json_get_array(in, object, key);
    gb_str names = {0};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *name = json_array_get(array, i);
        if (!json_is_string(name))
            gb_json_mistake(in, key, "texts only", name);
        else
            gb_str_addf(&names, "%s%s", i > 0 ? "," : "",
                        json_string_value(name));
    }
    char *text = gb_str_take(&names);
    if (text == NULL)
        return no_memory(in);
    if (in->status == GB_OK)
        return text;
    free(text);
    return NULL;
}

const json_t *gb_json_get_array(gb_json_in *in, const json_t *object,
                                const char *key) {
    const json_t *value = field(in, object, key);
    if (value == NULL || json_is_array(value))
        return value;
    gb_json_mistake(in, key, "an array", value);
    return NULL;
}

const json_t *gb_json_get_object(gb_json_in *in, const json_t *object,
                                 const char *key) {
    const json_t *value = field(in, object, key);
    if (value == NULL || json_is_object(value))
        return value;
    gb_json_mistake(in, key, "an object", value);
    return NULL;
}

void *gb_json_alloc(gb_json_in *in, size_t count, size_t size) {
    if (in->status != GB_OK)
        return NULL;
    void *block = calloc(count > 0 ? count : 1, size);
    return block != NULL ? block : no_memory(in);
}

json_t *gb_json_parse(const char *text, gb_error *err) {
    json_error_t problem;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        gb_fail(err, GB_ERR_INVALID, NULL, "expected JSON: %s (line %d:%d)",
                problem.text, problem.line, problem.column);
        return NULL;
    }
    if (!json_is_object(root)) {
        gb_fail(err, GB_ERR_INVALID, NULL, "expected a JSON object, got %s",
                type_name(root));
        json_decref(root);
        return NULL;
    }
    return root;
}

/* --- words ---------------------------------------------------------------- */

bool gb_json_status_of(const char *name, gb_status *out) {
    static const struct {
        const char *name;
        gb_status status;
    } statuses[] = {
#define GB_STATUS_ROW(name, value, text) {#name, (value)},
        GB_STATUS_MAP(GB_STATUS_ROW)
#undef GB_STATUS_ROW
    };
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (strcmp(statuses[i].name, name) == 0) {
            *out = statuses[i].status;
            return true;
        }
    return false;
}

const char *gb_json_run_status_name(gb_run_status status) {
    switch (status) {
    case GB_RUN_COMPLETE:
        return "complete";
    case GB_RUN_INTERRUPTED:
        return "interrupted";
    case GB_RUN_FAILED:
        return "failed";
    }
    return "unknown";
}

gb_run_status gb_json_get_run_status(gb_json_in *in, const json_t *object,
                                     const char *key) {
    gb_run_status status = GB_RUN_COMPLETE;
    char word[24] = "";

    gb_json_get_text(in, object, key, word, sizeof(word));
    while (strcmp(gb_json_run_status_name(status), word) != 0 &&
           status < GB_RUN_FAILED)
        status++;
    if (strcmp(gb_json_run_status_name(status), word) != 0)
        gb_json_mistake(in, key, "complete, interrupted or failed",
                        json_object_get(object, key));
    return status;
}

void gb_json_put_budget(gb_json_out *out, json_t *object,
                        const gb_energy_budget *budget) {
    gb_json_put(out, object, "quantisation_j",
                gb_json_real(out, budget->quantisation_j));
    gb_json_put(out, object, "phase_j", gb_json_real(out, budget->phase_j));
    gb_json_put(out, object, "latency_j", gb_json_real(out, budget->latency_j));
    gb_json_put(out, object, "unsampled_j",
                gb_json_real(out, budget->unsampled_j));
    gb_json_put(out, object, "calibration_j",
                gb_json_real(out, budget->calibration_j));
}
