/* SPDX-License-Identifier: Apache-2.0 */
/* One document against the same made again. */
#include <math.h>
#include <string.h>

#include "codec/json_large.h"
#include "codec/json_place.h"
#include "codec/json_schema.h"

/* Of the larger one: what another compiler or library may round otherwise. */
#define ROUNDING 1e-9

typedef struct comparer {
    gb_json_large stored, again;
    const gb_mismatch_sink *sink;
    size_t compared;
} comparer;

static void compare(comparer *c, json_t *stored, json_t *again,
                    const gb_json_place *at);

static void tell(const comparer *c, gb_mismatch_kind kind,
                 const gb_json_place *at, json_t *again, json_t *stored) {
    char expected[160];

    gb_json_describe(again, expected, sizeof(expected));
    gb_json_tell(c->sink, kind, at, expected, stored);
}

static void compare_objects(comparer *c, json_t *stored, json_t *again,
                            const gb_json_place *at) {
    const char *key;
    json_t *member;

    /* jansson's iteration wants a mutable object, and changes nothing. */
    json_object_foreach(again, key, member) {
        const gb_json_place inside = {.above = at, .key = key};
        json_t *other = json_object_get(stored, key);
        if (other == NULL)
            tell(c, GB_MISMATCH_MISSING, &inside, member, NULL);
        else
            compare(c, other, member, &inside);
    }
    json_object_foreach(stored, key, member) {
        const gb_json_place inside = {.above = at, .key = key};
        if (json_object_get(again, key) == NULL)
            tell(c, GB_MISMATCH_UNKNOWN, &inside, NULL, member);
    }
}

static void compare_arrays(comparer *c, json_t *stored, json_t *again,
                           const gb_json_place *at) {
    gb_json_place inside = {.above = at};

    if (json_array_size(stored) != json_array_size(again)) {
        tell(c, GB_MISMATCH_WRONG, at, again, stored);
        return;
    }
    gb_json_walk first = gb_json_walk_begin(&c->stored, stored);
    gb_json_walk second = gb_json_walk_begin(&c->again, again);
    for (;; inside.index++) {
        json_t *a = gb_json_walk_next(&first), *b = gb_json_walk_next(&second);
        if (a == NULL || b == NULL)
            break;
        compare(c, a, b, &inside);
    }
    gb_json_walk_end(&first);
    gb_json_walk_end(&second);
}

static bool same_number(json_t *stored, json_t *again) {
    if (json_is_integer(stored) && json_is_integer(again))
        return json_integer_value(stored) == json_integer_value(again);
    const double a = json_number_value(stored), b = json_number_value(again);
    return fabs(a - b) <= ROUNDING * fmax(fabs(a), fabs(b));
}

static void compare(comparer *c, json_t *stored, json_t *again,
                    const gb_json_place *at) {
    if (json_is_object(stored) && json_is_object(again)) {
        compare_objects(c, stored, again, at);
        return;
    }
    if (json_is_array(stored) && json_is_array(again)) {
        compare_arrays(c, stored, again, at);
        return;
    }
    c->compared++;
    if (json_is_number(stored) && json_is_number(again)) {
        if (!same_number(stored, again))
            tell(c, GB_MISMATCH_WRONG, at, again, stored);
        return;
    }
    if (json_equal(stored, again))
        return;
    const bool words = json_is_string(stored) && json_is_string(again);
    tell(c, words ? GB_MISMATCH_WORDS : GB_MISMATCH_WRONG, at, again, stored);
}

gb_status gb_json_compare(const char *stored, const char *again,
                          const gb_mismatch_sink *sink, size_t *compared_out,
                          gb_error *err) {
    comparer c = {.stored = gb_json_large_open(stored, err), .sink = sink};

    if (c.stored.root != NULL)
        c.again = gb_json_large_open(again, err);
    if (c.again.root != NULL)
        compare(&c, c.stored.root, c.again.root, NULL);
    const gb_status first = gb_json_large_close(&c.stored);
    const gb_status second = gb_json_large_close(&c.again);
    *compared_out = c.compared;
    return first != GB_OK ? first : second;
}

/* A key is a text before a colon, and no value. */
static void count_mark(gb_json_counter *counter, char mark) {
    switch (mark) {
    case '"':
        counter->in_text = true;
        counter->count++;
        break;
    case ':':
        counter->count--;
        break;
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
        break;
    default: /* of a number or a word */
        counter->count += !counter->in_word;
        counter->in_word = true;
        return;
    }
    counter->in_word = false;
}

void gb_json_count_values(gb_json_counter *counter, const char *text,
                          size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!counter->in_text)
            count_mark(counter, text[i]);
        else if (counter->escaped)
            counter->escaped = false;
        else if (text[i] == '\\')
            counter->escaped = true;
        else
            counter->in_text = text[i] != '"';
    }
}
