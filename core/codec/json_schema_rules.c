/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schema (2020-12), as far as the schemas of results/schema/ use it. */
#include "codec/json_schema_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_place.h"

/* Making them: the first failure is kept, and later steps do nothing. */
typedef struct maker {
    gb_json_rules *rules;
    gb_status status;
    gb_error *err;
} maker;

static gb_json_rule *rule_of(maker *m, json_t *source);

static void fail_memory(maker *m) {
    if (m->status == GB_OK)
        m->status = gb_fail_memory(m->err, "a schema");
}

static void meaningless(maker *m, const char *keyword, const char *text) {
    if (m->status == GB_OK)
        m->status = gb_fail(m->err, GB_ERR_INTERNAL, NULL,
                            "expected a schema, got %s '%s'", keyword, text);
}

static void *list_of(maker *m, size_t count, size_t size) {
    void *list = count > 0 ? calloc(count, size) : NULL;

    if (count > 0 && list == NULL)
        fail_memory(m);
    return list;
}

/* --- types ---------------------------------------------------------------- */

static unsigned type_of_name(const char *name) {
    static const struct {
        const char *name;
        unsigned type;
    } types[] = {
        {"object", GB_JSON_OBJECT}, {"array", GB_JSON_ARRAY},
        {"string", GB_JSON_STRING}, {"integer", GB_JSON_INTEGER},
        {"number", GB_JSON_NUMBER}, {"boolean", GB_JSON_BOOLEAN},
        {"null", GB_JSON_NULL},
    };

    for (size_t i = 0; name != NULL && i < sizeof(types) / sizeof(types[0]);
         i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return 0;
}

/* A name or an array of names. */
static unsigned read_types(maker *m, const json_t *types) {
    const size_t count = json_is_array(types) ? json_array_size(types) : 1;
    unsigned found = 0;

    for (size_t i = 0; types != NULL && i < count; i++) {
        const json_t *one =
            json_is_array(types) ? json_array_get(types, i) : types;
        const unsigned type = type_of_name(json_string_value(one));
        if (type == 0)
            meaningless(m, "type", json_string_value(one));
        found |= type;
    }
    return found;
}

bool gb_json_has_type(unsigned types, const json_t *value) {
    static const unsigned bits[] = {
        [JSON_OBJECT] = GB_JSON_OBJECT,
        [JSON_ARRAY] = GB_JSON_ARRAY,
        [JSON_STRING] = GB_JSON_STRING,
        [JSON_INTEGER] = GB_JSON_INTEGER | GB_JSON_NUMBER,
        [JSON_REAL] = GB_JSON_NUMBER,
        [JSON_TRUE] = GB_JSON_BOOLEAN,
        [JSON_FALSE] = GB_JSON_BOOLEAN,
        [JSON_NULL] = GB_JSON_NULL,
    };

    if ((bits[json_typeof(value)] & types) != 0)
        return true;
    const double real = json_real_value(value);
    return (types & GB_JSON_INTEGER) != 0 && json_is_real(value) &&
           floor(real) == real;
}

/* --- rules ---------------------------------------------------------------- */

static gb_json_rule *new_rule(maker *m, const json_t *source) {
    gb_json_rules *rules = m->rules;
    gb_json_rule **longer =
        realloc(rules->list, (rules->count + 1) * sizeof(*rules->list));
    gb_json_rule *rule = calloc(1, sizeof(*rule));

    if (longer != NULL)
        rules->list = longer;
    if (longer == NULL || rule == NULL) {
        free(rule);
        fail_memory(m);
        return NULL;
    }
    *rule = (gb_json_rule){.source = source, .least = NAN, .above = NAN};
    rules->list[rules->count++] = rule;
    return rule;
}

/* "#/$defs/whole"; null: it refers to nothing. */
static const gb_json_rule *target_of(maker *m, const json_t *source) {
    static const char prefix[] = "#/$defs/";
    const char *ref = json_string_value(json_object_get(source, "$ref"));
    json_t *target = NULL;

    if (ref == NULL)
        return NULL;
    if (gb_starts_with(ref, prefix))
        target = json_object_get(json_object_get(m->rules->root, "$defs"),
                                 ref + sizeof(prefix) - 1);
    if (target == NULL) {
        meaningless(m, "$ref", ref);
        return NULL;
    }
    for (size_t i = 0; i < m->rules->count; i++)
        if (m->rules->list[i]->source == target)
            return m->rules->list[i];
    return rule_of(m, target);
}

static gb_json_options options_of(maker *m, const json_t *array) {
    gb_json_options out = {0};

    out.list = list_of(m, json_array_size(array), sizeof(gb_json_rule *));
    if (out.list != NULL)
        out.count = json_array_size(array);
    for (size_t i = 0; i < out.count; i++)
        out.list[i] = rule_of(m, json_array_get(array, i));
    return out;
}

static void read_pattern(maker *m, const json_t *source, gb_json_rule *rule) {
    const char *text = json_string_value(json_object_get(source, "pattern"));

    if (text == NULL)
        return;
    if (regcomp(&rule->compiled, text, REG_EXTENDED | REG_NOSUB) == 0)
        rule->pattern = text;
    else
        meaningless(m, "pattern", text);
}

static bool is_named(const json_t *names, const char *name) {
    for (size_t i = 0; i < json_array_size(names); i++)
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
            return true;
    return false;
}

static void read_members(maker *m, const json_t *source, gb_json_rule *rule) {
    json_t *properties = json_object_get(source, "properties");
    json_t *others = json_object_get(source, "additionalProperties");
    const char *key;
    json_t *inner;

    rule->has_members = properties != NULL;
    rule->closed = json_is_false(others);
    rule->required = json_object_get(source, "required");
    if (json_is_object(others))
        rule->others = rule_of(m, others);
    rule->members =
        list_of(m, json_object_size(properties), sizeof(*rule->members));
    if (rule->members == NULL)
        return;
    json_object_foreach(properties, key, inner)
        rule->members[rule->member_count++] =
        (gb_json_known){.name = key,
                        .rule = rule_of(m, inner),
                        .required = is_named(rule->required, key)};
}

static double number_of(const json_t *value) {
    return value != NULL ? json_number_value(value) : (double)NAN;
}

/* Null after a failure. */
static gb_json_rule *rule_of(maker *m, json_t *source) {
    gb_json_rule *rule = m->status == GB_OK ? new_rule(m, source) : NULL;

    if (rule == NULL)
        return NULL;
    json_t *items = json_object_get(source, "items");
    rule->target = target_of(m, source);
    rule->types = read_types(m, json_object_get(source, "type"));
    rule->constant = json_object_get(source, "const");
    rule->words = json_object_get(source, "enum");
    rule->least = number_of(json_object_get(source, "minimum"));
    rule->above = number_of(json_object_get(source, "exclusiveMinimum"));
    read_pattern(m, source, rule);
    rule->any = options_of(m, json_object_get(source, "anyOf"));
    rule->one = options_of(m, json_object_get(source, "oneOf"));
    if (items != NULL)
        rule->items = rule_of(m, items);
    rule->items_least = json_object_get(source, "minItems");
    rule->items_most = json_object_get(source, "maxItems");
    read_members(m, source, rule);
    return rule;
}

gb_status gb_json_rules_make(json_t *root, gb_json_rules *out, gb_error *err) {
    maker m = {.rules = out, .status = GB_OK, .err = err};

    *out = (gb_json_rules){.root = root};
    (void)rule_of(&m, root);
    return m.status;
}

void gb_json_rules_fini(gb_json_rules *rules) {
    for (size_t i = 0; i < rules->count; i++) {
        gb_json_rule *rule = rules->list[i];
        if (rule->pattern != NULL)
            regfree(&rule->compiled);
        free(rule->any.list);
        free(rule->one.list);
        free(rule->members);
        free(rule);
    }
    free(rules->list);
    *rules = (gb_json_rules){0};
}

/* --- words ---------------------------------------------------------------- */

static void add_word(gb_str *out, const char *word) {
    gb_str_addf(out, "%s%s", out->length > 0 ? " or " : "", word);
}

static void add_value(gb_str *out, const json_t *value) {
    char text[80];

    gb_json_describe(value, text, sizeof(text));
    add_word(out, text);
}

void gb_json_rule_describe(const gb_json_rule *rule, gb_str *out) {
    const json_t *types = json_object_get(rule->source, "type");

    if (rule->target != NULL)
        gb_json_rule_describe(rule->target, out);
    if (rule->constant != NULL)
        add_value(out, rule->constant);
    if (json_is_string(types))
        add_word(out, json_string_value(types));
    for (size_t i = 0; i < json_array_size(types); i++)
        add_word(out, json_string_value(json_array_get(types, i)));
    for (size_t i = 0; i < json_array_size(rule->words); i++)
        add_value(out, json_array_get(rule->words, i));
    for (size_t i = 0; i < rule->any.count; i++)
        gb_json_rule_describe(rule->any.list[i], out);
    for (size_t i = 0; i < rule->one.count; i++)
        gb_json_rule_describe(rule->one.list[i], out);
}
