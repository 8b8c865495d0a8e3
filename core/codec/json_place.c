/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer values and keys end in "...". */
enum { DESCRIPTION_MAX = 160 };

static bool is_plain(const char *key) {
    const char *at = key;

    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
           (*at >= '0' && *at <= '9') || *at == '_' || *at == '-' || *at == ':')
        at++;
    return *at == '\0' && at != key && at - key < DESCRIPTION_MAX;
}

/* A key that is not one of ours may hold anything. */
static void add_quoted(const char *key, gb_str *out) {
    char text[DESCRIPTION_MAX];
    json_t *value = json_string(key);

    gb_json_describe(value, text, sizeof(text));
    gb_str_addf(out, "[%s]", text);
    json_decref(value);
}

void gb_json_place_add(const gb_json_place *place, gb_str *out) {
    if (place == NULL)
        return;
    gb_json_place_add(place->above, out);
    if (place->key == NULL) {
        gb_str_addf(out, "[%zu]", place->index);
    } else if (is_plain(place->key)) {
        gb_str_add(out, out->length > 0 ? "." : "");
        gb_str_add(out, place->key);
    } else {
        add_quoted(place->key, out);
    }
}

void gb_json_describe(const json_t *value, char *out, size_t size) {
    if (value == NULL) {
        gb_copy(out, size, "nothing");
    } else if (json_is_object(value)) {
        snprintf(out, size, "an object with %zu members",
                 json_object_size(value));
    } else if (json_is_array(value)) {
        snprintf(out, size, "an array of %zu", json_array_size(value));
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII |
                                           JSON_REAL_PRECISION(17));
        gb_copy(out, size, text != NULL ? text : "something");
        free(text);
    }
}

void gb_json_tell(const gb_mismatch_sink *sink, gb_mismatch_kind kind,
                  const gb_json_place *place, const char *expected,
                  const json_t *found) {
    char text[DESCRIPTION_MAX];
    gb_str path = {0};

    if (sink == NULL)
        return;
    gb_json_place_add(place, &path);
    gb_json_describe(found, text, sizeof(text));
    const gb_mismatch mismatch = {.kind = kind,
                                  .path = path.text != NULL ? path.text : "",
                                  .expected = expected,
                                  .found = text};
    sink->tell(sink->ctx, &mismatch);
    gb_str_fini(&path);
}
