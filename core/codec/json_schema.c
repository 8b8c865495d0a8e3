/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schema (2020-12), as far as the schemas of results/schema/ use it. */
#include "codec/json_schema.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_place.h"
#include "codec/schemas.h"

struct gb_json_schema {
    json_t *root;
};

/* What one call looks with. */
typedef struct checker {
    const json_t *root;
    const gb_mismatch_sink *sink; /* null: only whether it fits */
} checker;

static bool check(const checker *c, const json_t *schema, json_t *value,
                  const gb_json_place *at);

/* --- words about a schema ------------------------------------------------- */

/* What @p schema says by reference: "#/$defs/whole". */
static const json_t *resolve(const checker *c, const json_t *schema) {
    static const char prefix[] = "#/$defs/";
    const char *ref = json_string_value(json_object_get(schema, "$ref"));

    if (ref == NULL || !gb_starts_with(ref, prefix))
        return NULL;
    return json_object_get(json_object_get(c->root, "$defs"),
                           ref + sizeof(prefix) - 1);
}

static const char *type_of(json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "object";
    case JSON_ARRAY:
        return "array";
    case JSON_STRING:
        return "string";
    case JSON_INTEGER:
        return "integer";
    case JSON_REAL:
        return "number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "boolean";
    case JSON_NULL:
        return "null";
    }
    return "";
}

static bool is_type(const char *name, json_t *value) {
    if (strcmp(name, type_of(value)) == 0)
        return true;
    if (strcmp(name, "number") == 0)
        return json_is_integer(value);
    const double real = json_real_value(value);
    return strcmp(name, "integer") == 0 && json_is_real(value) &&
           floor(real) == real;
}

/* @p types is a name or an array of names. */
static bool is_one_of_types(const json_t *types, json_t *value) {
    if (json_is_string(types))
        return is_type(json_string_value(types), value);
    for (size_t i = 0; i < json_array_size(types); i++)
        if (is_type(json_string_value(json_array_get(types, i)), value))
            return true;
    return false;
}

static void add_word(gb_str *out, const char *word) {
    gb_str_addf(out, "%s%s", out->length > 0 ? " or " : "", word);
}

/* "number or null", "\"complete\" or \"failed\"". */
static void add_expectation(const checker *c, const json_t *schema,
                            gb_str *out) {
    static const char *const lists[] = {"enum", "anyOf", "oneOf"};
    const json_t *target = resolve(c, schema);
    const json_t *types = json_object_get(schema, "type");
    const json_t *constant = json_object_get(schema, "const");
    char text[80];

    if (target != NULL)
        add_expectation(c, target, out);
    if (constant != NULL) {
        gb_json_describe(constant, text, sizeof(text));
        add_word(out, text);
    }
    if (json_is_string(types))
        add_word(out, json_string_value(types));
    for (size_t i = 0; i < json_array_size(types); i++)
        add_word(out, json_string_value(json_array_get(types, i)));
    for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
        const json_t *list = json_object_get(schema, lists[k]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            if (k > 0) {
                add_expectation(c, json_array_get(list, i), out);
                continue;
            }
            gb_json_describe(json_array_get(list, i), text, sizeof(text));
            add_word(out, text);
        }
    }
}

/* Always false: what is told does not fit. */
static bool refuse(const checker *c, const json_t *schema, json_t *value,
                   const gb_json_place *at) {
    gb_str expected = {0};

    if (c->sink == NULL)
        return false;
    add_expectation(c, schema, &expected);
    gb_json_tell(c->sink, GB_MISMATCH_WRONG, at,
                 expected.text != NULL ? expected.text : "another form", value);
    gb_str_fini(&expected);
    return false;
}

static bool refuse_for(const checker *c, const char *expected, json_t *value,
                       const gb_json_place *at) {
    gb_json_tell(c->sink, GB_MISMATCH_WRONG, at, expected, value);
    return false;
}

/* --- options -------------------------------------------------------------- */

/* False only where @p schema cannot fit: another type, or another constant in a
 * member, such as the kind of a record. */
static bool is_likely(const checker *c, const json_t *schema, json_t *value) {
    const json_t *target = resolve(c, schema);
    const json_t *types = json_object_get(schema, "type");
    const char *key;
    json_t *inner;

    if (target != NULL && !is_likely(c, target, value))
        return false;
    if (types != NULL && !is_one_of_types(types, value))
        return false;
    /* jansson's iteration wants a mutable object, and changes nothing. */
    json_t *properties = json_object_get(schema, "properties");
    json_object_foreach(properties, key, inner) {
        const json_t *constant = json_object_get(inner, "const");
        const json_t *member = json_object_get(value, key);
        if (constant != NULL && member != NULL && !json_equal(constant, member))
            return false;
    }
    return true;
}

/* @param exactly  one of them must fit, and no other */
static bool check_options(const checker *c, const json_t *schema,
                          const json_t *options, bool exactly, json_t *value,
                          const gb_json_place *at) {
    const checker silent = {.root = c->root};
    const json_t *likely = NULL;
    size_t likely_count = 0, fits = 0;

    for (size_t i = 0; i < json_array_size(options); i++)
        if (is_likely(c, json_array_get(options, i), value)) {
            likely = json_array_get(options, i);
            likely_count++;
        }
    if (likely_count == 1)
        return check(c, likely, value, at);
    for (size_t i = 0; likely_count > 0 && i < json_array_size(options); i++)
        fits += check(&silent, json_array_get(options, i), value, at);
    if (fits == 1 || (fits > 1 && !exactly))
        return true;
    return refuse(c, schema, value, at);
}

/* --- keywords ------------------------------------------------------------- */

static bool matches(const char *pattern, const char *text) {
    regex_t compiled;

    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    const bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static bool check_scalar(const checker *c, const json_t *schema, json_t *value,
                         const gb_json_place *at) {
    const json_t *types = json_object_get(schema, "type");
    const json_t *constant = json_object_get(schema, "const");
    const json_t *words = json_object_get(schema, "enum");
    const json_t *least = json_object_get(schema, "minimum");
    const json_t *above = json_object_get(schema, "exclusiveMinimum");
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));
    char text[160];
    bool listed = words == NULL;

    if (types != NULL && !is_one_of_types(types, value))
        return refuse(c, schema, value, at);
    for (size_t i = 0; !listed && i < json_array_size(words); i++)
        listed = json_equal(json_array_get(words, i), value);
    if (!listed || (constant != NULL && !json_equal(constant, value)))
        return refuse(c, schema, value, at);
    if (least != NULL && json_is_number(value) &&
        json_number_value(value) < json_number_value(least)) {
        snprintf(text, sizeof(text), "%g or more", json_number_value(least));
        return refuse_for(c, text, value, at);
    }
    if (above != NULL && json_is_number(value) &&
        json_number_value(value) <= json_number_value(above)) {
        snprintf(text, sizeof(text), "more than %g", json_number_value(above));
        return refuse_for(c, text, value, at);
    }
    if (pattern != NULL && json_is_string(value) &&
        !matches(pattern, json_string_value(value))) {
        snprintf(text, sizeof(text), "text like %s", pattern);
        return refuse_for(c, text, value, at);
    }
    return true;
}

static bool check_array(const checker *c, const json_t *schema, json_t *value,
                        const gb_json_place *at) {
    const json_t *items = json_object_get(schema, "items");
    const json_t *least = json_object_get(schema, "minItems");
    const json_t *most = json_object_get(schema, "maxItems");
    const size_t count = json_array_size(value);
    char text[80];
    bool fits = true;

    if ((least != NULL && count < (size_t)json_integer_value(least)) ||
        (most != NULL && count > (size_t)json_integer_value(most))) {
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT " elements",
                 json_integer_value(least != NULL ? least : most));
        fits = refuse_for(c, text, value, at);
    }
    for (size_t i = 0; items != NULL && i < count && (fits || c->sink); i++) {
        const gb_json_place inside = {.above = at, .index = i};
        fits &= check(c, items, json_array_get(value, i), &inside);
    }
    return fits;
}

static bool check_member(const checker *c, const json_t *schema,
                         const json_t *properties, json_t *value,
                         const gb_json_place *at) {
    const json_t *rest = json_object_get(schema, "additionalProperties");
    const json_t *inner = json_object_get(properties, at->key);

    if (inner != NULL)
        return check(c, inner, value, at);
    if (json_is_object(rest))
        return check(c, rest, value, at);
    if (json_is_false(rest))
        return refuse_for(c, "no such member", value, at);
    if (properties != NULL)
        gb_json_tell(c->sink, GB_MISMATCH_UNKNOWN, at, "no such member", value);
    return true;
}

static bool check_object(const checker *c, const json_t *schema, json_t *value,
                         const gb_json_place *at) {
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *required = json_object_get(schema, "required");
    const char *key;
    json_t *member;
    bool fits = true;

    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));
        const gb_json_place inside = {.above = at, .key = name};
        if (json_object_get(value, name) == NULL)
            fits = refuse_for(c, "a member of this name", NULL, &inside);
    }
    if (properties == NULL &&
        json_object_get(schema, "additionalProperties") == NULL)
        return fits;
    json_object_foreach(value, key, member) {
        const gb_json_place inside = {.above = at, .key = key};
        if (!fits && c->sink == NULL)
            return false;
        fits &= check_member(c, schema, properties, member, &inside);
    }
    return fits;
}

static bool check(const checker *c, const json_t *schema, json_t *value,
                  const gb_json_place *at) {
    const json_t *target = resolve(c, schema);
    const json_t *any = json_object_get(schema, "anyOf");
    const json_t *one = json_object_get(schema, "oneOf");

    if (target != NULL && !check(c, target, value, at))
        return false;
    if (!check_scalar(c, schema, value, at))
        return false;
    if (any != NULL && !check_options(c, schema, any, false, value, at))
        return false;
    if (one != NULL && !check_options(c, schema, one, true, value, at))
        return false;
    if (json_is_array(value))
        return check_array(c, schema, value, at);
    return !json_is_object(value) || check_object(c, schema, value, at);
}

/* --- together ------------------------------------------------------------- */

gb_status gb_json_schema_open(const char *name, gb_json_schema **schema_out,
                              gb_error *err) {
    const char *text = NULL;
    gb_error inner = {.rank = -1};

    for (size_t i = 0; i < gb_builtin_schema_count; i++)
        if (strcmp(gb_builtin_schemas[i].name, name) == 0)
            text = gb_builtin_schemas[i].text;
    if (text == NULL)
        return gb_fail(err, GB_ERR_NOT_FOUND, NULL,
                       "expected the name of a schema, got '%s'", name);
    gb_json_schema *schema = calloc(1, sizeof(*schema));
    if (schema == NULL)
        return gb_fail_memory(err, "a schema");
    schema->root = gb_json_parse(text, &inner);
    if (schema->root == NULL) {
        free(schema);
        return gb_fail(err, GB_ERR_INTERNAL, NULL, "schema '%s': %s", name,
                       inner.what);
    }
    *schema_out = schema;
    return GB_OK;
}

void gb_json_schema_close(gb_json_schema *schema) {
    if (schema == NULL)
        return;
    json_decref(schema->root);
    free(schema);
}

gb_status gb_json_schema_check(const gb_json_schema *schema, const char *text,
                               const gb_mismatch_sink *sink, gb_error *err) {
    const checker c = {.root = schema->root, .sink = sink};
    json_t *document = gb_json_parse(text, err);

    if (document == NULL)
        return GB_ERR_INVALID;
    check(&c, schema->root, document, NULL);
    json_decref(document);
    return GB_OK;
}
