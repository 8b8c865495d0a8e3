/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CODEC_JSON_SCHEMA_RULES_H
#define GB_CODEC_JSON_SCHEMA_RULES_H

/**
 * @file codec/json_schema_rules.h
 * A JSON Schema made ready for many values: of the four million of a large
 * summary none asks the schema's tree for its keywords again. Private to codec.
 */
#include <regex.h>

#include "base/text.h"
#include "codec/json_parts.h"

/** Types as bits; a whole number is a number, too. */
typedef enum gb_json_type {
    GB_JSON_OBJECT = 1,
    GB_JSON_ARRAY = 2,
    GB_JSON_STRING = 4,
    GB_JSON_INTEGER = 8,
    GB_JSON_NUMBER = 16,
    GB_JSON_BOOLEAN = 32,
    GB_JSON_NULL = 64,
} gb_json_type;

typedef struct gb_json_rule gb_json_rule;

typedef struct gb_json_options {
    gb_json_rule **list; /* [count] */
    size_t count;
} gb_json_options;

/** A member that has a rule. */
typedef struct gb_json_known {
    const char *name;
    const gb_json_rule *rule;
    bool required;
} gb_json_known;

/** One schema within a schema. What is null or 0 it does not ask for. */
struct gb_json_rule {
    const json_t *source; /* the words for what was expected come from it */
    const gb_json_rule *target;     /* what it refers to */
    unsigned types;                 /* of gb_json_type */
    const json_t *constant, *words; /* "const"; "enum" */
    double least, above;            /* NAN: none */
    const char *pattern;
    regex_t compiled; /* if there is a pattern */
    gb_json_options any, one;
    const gb_json_rule *items;
    const json_t *items_least, *items_most;
    bool has_members;       /* others than these are unknown */
    gb_json_known *members; /* [member_count] */
    size_t member_count;
    const gb_json_rule *others; /* of other members */
    bool closed;                /* there may be none */
    const json_t *required;     /* names */
};

/** All rules of a schema, which own one another. */
typedef struct gb_json_rules {
    json_t *root;        /* borrowed */
    gb_json_rule **list; /* [count]; the first is that of the whole */
    size_t count;
} gb_json_rules;

/** @retval GB_ERR_NO_MEMORY
 *  @retval GB_ERR_INTERNAL  a reference or a pattern that means nothing
 *  @param[out] out  gb_json_rules_fini() it, after a failure as well */
gb_status gb_json_rules_make(json_t *root, gb_json_rules *out, gb_error *err);
void gb_json_rules_fini(gb_json_rules *rules);

/** Does @p value have one of @p types? */
bool gb_json_has_type(unsigned types, const json_t *value);

/** "number or null", "\"complete\" or \"failed\"": what @p rule expects. */
void gb_json_rule_describe(const gb_json_rule *rule, gb_str *out);

#endif /* GB_CODEC_JSON_SCHEMA_RULES_H */
