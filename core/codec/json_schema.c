/* SPDX-License-Identifier: Apache-2.0 */
/* Values against the rules of a schema. */
#include "codec/json_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_large.h"
#include "codec/json_place.h"
#include "codec/json_schema_rules.h"
#include "codec/schemas.h"

struct gb_json_schema {
    json_t *root;
    gb_json_rules rules;
};

/* What one call looks with. */
typedef struct checker {
    gb_json_large *doc;
    const gb_mismatch_sink *sink; /* null: only whether it fits */
} checker;

static bool check(const checker *c, const gb_json_rule *rule, json_t *value,
                  const gb_json_place *at);

/* Always false: what is told does not fit. */
static bool refuse(const checker *c, const gb_json_rule *rule, json_t *value,
                   const gb_json_place *at) {
    gb_str expected = {0};

    if (c->sink == NULL)
        return false;
    gb_json_rule_describe(rule, &expected);
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

/* False only where @p rule cannot fit: another type, or another constant in a
 * member, such as the kind of a record. */
static bool is_likely(const gb_json_rule *rule, const json_t *value) {
    if (rule->target != NULL && !is_likely(rule->target, value))
        return false;
    if (rule->types != 0 && !gb_json_has_type(rule->types, value))
        return false;
    for (size_t i = 0; i < rule->member_count && json_is_object(value); i++) {
        const json_t *constant = rule->members[i].rule->constant;
        const json_t *member =
            constant != NULL ? json_object_get(value, rule->members[i].name)
                             : NULL;
        if (member != NULL && !json_equal(constant, member))
            return false;
    }
    return true;
}

/* @param exactly  one of them must fit, and no other */
static bool check_options(const checker *c, const gb_json_rule *rule,
                          const gb_json_options *options, bool exactly,
                          json_t *value, const gb_json_place *at) {
    const checker silent = {.doc = c->doc};
    const gb_json_rule *likely = NULL;
    size_t likely_count = 0, fits = 0;

    for (size_t i = 0; i < options->count; i++)
        if (is_likely(options->list[i], value)) {
            likely = options->list[i];
            likely_count++;
        }
    if (likely_count == 1)
        return check(c, likely, value, at);
    for (size_t i = 0; likely_count > 0 && i < options->count; i++)
        fits += check(&silent, options->list[i], value, at);
    if (fits == 1 || (fits > 1 && !exactly))
        return true;
    return refuse(c, rule, value, at);
}

/* --- keywords ------------------------------------------------------------- */

static bool is_listed(const json_t *words, const json_t *value) {
    for (size_t i = 0; i < json_array_size(words); i++)
        if (json_equal(json_array_get(words, i), value))
            return true;
    return words == NULL;
}

static bool check_scalar(const checker *c, const gb_json_rule *rule,
                         json_t *value, const gb_json_place *at) {
    char text[160];

    if ((rule->types != 0 && !gb_json_has_type(rule->types, value)) ||
        !is_listed(rule->words, value) ||
        (rule->constant != NULL && !json_equal(rule->constant, value)))
        return refuse(c, rule, value, at);
    if (json_is_number(value) && json_number_value(value) < rule->least) {
        snprintf(text, sizeof(text), "%g or more", rule->least);
        return refuse_for(c, text, value, at);
    }
    if (json_is_number(value) && json_number_value(value) <= rule->above) {
        snprintf(text, sizeof(text), "more than %g", rule->above);
        return refuse_for(c, text, value, at);
    }
    if (rule->pattern != NULL && json_is_string(value) &&
        regexec(&rule->compiled, json_string_value(value), 0, NULL, 0) != 0) {
        snprintf(text, sizeof(text), "text like %s", rule->pattern);
        return refuse_for(c, text, value, at);
    }
    return true;
}

static bool check_array(const checker *c, const gb_json_rule *rule,
                        json_t *value, const gb_json_place *at) {
    const json_t *least = rule->items_least, *most = rule->items_most;
    const size_t count = json_array_size(value);
    char text[80];
    bool fits = true;

    if ((least != NULL && count < (size_t)json_integer_value(least)) ||
        (most != NULL && count > (size_t)json_integer_value(most))) {
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT " elements",
                 json_integer_value(least != NULL ? least : most));
        fits = refuse_for(c, text, value, at);
    }
    if (rule->items == NULL)
        return fits;
    gb_json_walk walk = gb_json_walk_begin(c->doc, value);
    gb_json_place inside = {.above = at};
    json_t *element;
    while ((fits || c->sink != NULL) &&
           (element = gb_json_walk_next(&walk)) != NULL) {
        fits &= check(c, rule->items, element, &inside);
        inside.index++;
    }
    gb_json_walk_end(&walk);
    return fits;
}

/* Members mostly come in the order of the schema.
 * @param[in,out] next  where the search begins, and behind what it found */
static const gb_json_known *find_member(const gb_json_rule *rule,
                                        const char *name, size_t *next) {
    for (size_t i = 0; i < rule->member_count; i++) {
        const size_t at = (*next + i) % rule->member_count;
        if (strcmp(rule->members[at].name, name) == 0) {
            *next = at + 1;
            return &rule->members[at];
        }
    }
    return NULL;
}

static bool check_other(const checker *c, const gb_json_rule *rule,
                        json_t *value, const gb_json_place *at) {
    if (rule->others != NULL)
        return check(c, rule->others, value, at);
    if (rule->closed)
        return refuse_for(c, "no such member", value, at);
    if (rule->has_members)
        gb_json_tell(c->sink, GB_MISMATCH_UNKNOWN, at, "no such member", value);
    return true;
}

static bool check_required(const checker *c, const gb_json_rule *rule,
                           const json_t *value, const gb_json_place *at) {
    bool fits = true;

    for (size_t i = 0; i < json_array_size(rule->required); i++) {
        const char *name = json_string_value(json_array_get(rule->required, i));
        const gb_json_place inside = {.above = at, .key = name};
        if (json_object_get(value, name) == NULL)
            fits = refuse_for(c, "a member of this name", NULL, &inside);
    }
    return fits;
}

static bool check_object(const checker *c, const gb_json_rule *rule,
                         json_t *value, const gb_json_place *at) {
    size_t next = 0, required = 0;
    const char *key;
    json_t *member;
    bool fits = true;

    json_object_foreach(value, key, member) {
        const gb_json_place inside = {.above = at, .key = key};
        const gb_json_known *known = find_member(rule, key, &next);
        if (!fits && c->sink == NULL)
            return false;
        required += known != NULL && known->required;
        fits &= known != NULL ? check(c, known->rule, member, &inside)
                              : check_other(c, rule, member, &inside);
    }
    if (required < json_array_size(rule->required))
        fits &= check_required(c, rule, value, at);
    return fits;
}

static bool check(const checker *c, const gb_json_rule *rule, json_t *value,
                  const gb_json_place *at) {
    if (rule->target != NULL && !check(c, rule->target, value, at))
        return false;
    if (!check_scalar(c, rule, value, at))
        return false;
    if (rule->any.count > 0 &&
        !check_options(c, rule, &rule->any, false, value, at))
        return false;
    if (rule->one.count > 0 &&
        !check_options(c, rule, &rule->one, true, value, at))
        return false;
    if (json_is_array(value))
        return check_array(c, rule, value, at);
    return !json_is_object(value) || check_object(c, rule, value, at);
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
    const gb_status status =
        gb_json_rules_make(schema->root, &schema->rules, err);
    if (status != GB_OK)
        gb_json_schema_close(schema);
    else
        *schema_out = schema;
    return status;
}

void gb_json_schema_close(gb_json_schema *schema) {
    if (schema == NULL)
        return;
    gb_json_rules_fini(&schema->rules);
    json_decref(schema->root);
    free(schema);
}

gb_status gb_json_schema_check(const gb_json_schema *schema, const char *text,
                               const gb_mismatch_sink *sink, gb_error *err) {
    gb_json_large doc = gb_json_large_open(text, err);
    const checker c = {.doc = &doc, .sink = sink};

    if (doc.root != NULL)
        check(&c, schema->rules.list[0], doc.root, NULL);
    return gb_json_large_close(&doc);
}
