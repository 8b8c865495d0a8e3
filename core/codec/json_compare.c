/* SPDX-License-Identifier: Apache-2.0 */
/* One document against the same made again. */
#include <math.h>
#include <string.h>

#include "codec/json_place.h"
#include "codec/json_schema.h"

/* Of the larger one: what another compiler or library may round otherwise. */
#define ROUNDING 1e-9

typedef struct comparer {
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
    const size_t count = json_array_size(stored);

    if (count != json_array_size(again)) {
        tell(c, GB_MISMATCH_WRONG, at, again, stored);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const gb_json_place inside = {.above = at, .index = i};
        compare(c, json_array_get(stored, i), json_array_get(again, i),
                &inside);
    }
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
    comparer c = {.sink = sink};
    json_t *first = gb_json_parse(stored, err);
    json_t *second = first != NULL ? gb_json_parse(again, err) : NULL;

    if (second != NULL)
        compare(&c, first, second, NULL);
    json_decref(first);
    json_decref(second);
    *compared_out = c.compared;
    return second != NULL ? GB_OK : GB_ERR_INVALID;
}
