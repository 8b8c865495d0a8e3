/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/config/claims_parts.h"

/* ILAC-G8's guard band is the expanded uncertainty with k = 2. */
#define COVERAGE_DEFAULT 2.0
#define COVERAGE_MOST    10.0
#define GUARD_MOST       10.0
#define CLAIMS_MOST      1000

gb_status gb_claims_read_text(const gb_claims_reader *in,
                              const gb_yaml_node *value, const char *key,
                              char **out) {
    if (value->kind != GB_YAML_SCALAR || value->text[0] == '\0')
        return gb_tree_unexpected(&in->at, value, key, "text", NULL);
    free(*out);
    *out = strdup(value->text);
    return *out != NULL ? GB_OK : gb_fail_memory(in->at.err, in->at.name);
}

static gb_status read_number(const gb_claims_reader *in,
                             const gb_yaml_node *value, const char *key,
                             const char *wanted, double least, double most,
                             double *out) {
    double number = 0.0;

    if (value->kind != GB_YAML_SCALAR ||
        gb_parse_f64(value->text, &number, NULL) != GB_OK || number <= least ||
        number > most)
        return gb_tree_unexpected(&in->at, value, key, wanted, NULL);
    *out = number;
    return GB_OK;
}

/* --- the rule ------------------------------------------------------------- */

static gb_status set_rule(const gb_claims_reader *in, const gb_yaml_node *value,
                          void *into) {
    gb_claim_rule *rule = into;

    if (value->kind != GB_YAML_SCALAR || (strcmp(value->text, "guarded") != 0 &&
                                          strcmp(value->text, "simple") != 0))
        return gb_tree_unexpected(&in->at, value, "rule", "guarded or simple",
                                  NULL);
    rule->guarded = strcmp(value->text, "guarded") == 0;
    return GB_OK;
}

static gb_status set_confidence(const gb_claims_reader *in,
                                const gb_yaml_node *value, void *into) {
    gb_claim_rule *rule = into;
    double percent = 0.0;

    if (value->kind != GB_YAML_SCALAR || !gb_ends_with(value->text, "%") ||
        gb_parse_percent(value->text, &percent, NULL) != GB_OK ||
        percent <= 50.0 || percent >= 100.0)
        return gb_tree_unexpected(
            &in->at, value, "confidence",
            "a one-sided probability such as 95%, above 50% and below 100%",
            NULL);
    rule->confidence = percent / 100.0;
    rule->coverage_factor = NAN;
    return GB_OK;
}

static gb_status set_coverage(const gb_claims_reader *in,
                              const gb_yaml_node *value, void *into) {
    gb_claim_rule *rule = into;
    double k = 0.0;
    const gb_status status =
        read_number(in, value, "coverage_factor", "a factor k such as 2", 0.0,
                    COVERAGE_MOST, &k);
    if (status == GB_OK) {
        rule->coverage_factor = k;
        rule->confidence = NAN;
    }
    return status;
}

static gb_status set_guard(const gb_claims_reader *in,
                           const gb_yaml_node *value, void *into) {
    gb_claim_rule *rule = into;

    return read_number(in, value, "guard_factor", "a factor such as 1", 0.0,
                       GUARD_MOST, &rule->guard_factor);
}

static const gb_claims_field rule_fields[] = {
    {"rule", set_rule},
    {"confidence", set_confidence},
    {"coverage_factor", set_coverage},
    {"guard_factor", set_guard},
};
enum { RULE_FIELDS = sizeof(rule_fields) / sizeof(rule_fields[0]) };

gb_status gb_claims_one_coverage(const gb_claims_reader *in,
                                 const gb_yaml_node *map) {
    const gb_yaml_node *factor = gb_tree_value(map, "coverage_factor");

    return factor == NULL || gb_tree_value(map, "confidence") == NULL
               ? GB_OK
               : gb_tree_unexpected(&in->at, factor, "coverage_factor",
                                    "confidence or coverage_factor, one of "
                                    "them",
                                    NULL);
}

gb_status gb_claims_read_field(const gb_claims_reader *in,
                               const gb_yaml_node *key,
                               const gb_yaml_node *value, gb_claim_rule *rule,
                               const gb_claims_field *others,
                               size_t other_count, void *into) {
    const char *known[40];
    size_t count = 0;

    for (size_t i = 0; i < other_count; i++) {
        known[count++] = others[i].key;
        if (strcmp(key->text, others[i].key) == 0)
            return others[i].read(in, value, into);
    }
    for (size_t i = 0; i < RULE_FIELDS; i++) {
        known[count++] = rule_fields[i].key;
        if (strcmp(key->text, rule_fields[i].key) == 0)
            return rule_fields[i].read(in, value, rule);
    }
    return gb_tree_unknown_key(&in->at, key, known, count);
}

/* --- the whole file ------------------------------------------------------- */

static gb_status set_family(const gb_claims_reader *in,
                            const gb_yaml_node *value, void *into) {
    if (value->kind != GB_YAML_SCALAR ||
        (strcmp(value->text, "joint") != 0 && strcmp(value->text, "each") != 0))
        return gb_tree_unexpected(&in->at, value, "family", "joint or each",
                                  NULL);
    ((gb_claims_defaults *)into)->joint = strcmp(value->text, "joint") == 0;
    return GB_OK;
}

static const gb_claims_field decision_fields[] = {{"family", set_family}};

static gb_status read_decision(gb_claims_reader *in, const gb_yaml_node *map) {
    gb_status status = GB_OK;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "decision", "a map with 'rule'",
                                  NULL);
    for (size_t i = 0; i < map->count && status == GB_OK; i++)
        status =
            gb_claims_read_field(in, map->keys[i], map->items[i], &in->all.rule,
                                 decision_fields, 1, &in->all);
    return status == GB_OK ? gb_claims_one_coverage(in, map) : status;
}

static gb_status read_claims(const gb_claims_reader *in,
                             const gb_yaml_node *list) {
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > CLAIMS_MOST)
        return gb_tree_unexpected(&in->at, list, "claims",
                                  "a list of 1 to 1000 claims", NULL);
    in->out->claims = calloc(list->count, sizeof(*in->out->claims));
    if (in->out->claims == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = gb_claims_read_claim(in, list->items[i]);
    return status;
}

static gb_status read_file(gb_claims_reader *in, const gb_yaml_node *root) {
    static const char *const known[] = {"name", "description", "decision",
                                        "claims"};
    gb_status status = GB_OK;

    if (root->kind != GB_YAML_MAP || gb_tree_value(root, "claims") == NULL)
        return gb_tree_unexpected(&in->at, root, "", "a map with 'claims'",
                                  NULL);
    for (size_t i = 0; i < root->count && status == GB_OK; i++) {
        const gb_yaml_node *key = root->keys[i], *value = root->items[i];
        if (strcmp(key->text, "name") == 0)
            status = gb_claims_read_text(in, value, "name", &in->out->name);
        else if (strcmp(key->text, "decision") == 0)
            status = read_decision(in, value);
        else if (strcmp(key->text, "description") == 0 &&
                 value->kind != GB_YAML_SCALAR)
            status =
                gb_tree_unexpected(&in->at, value, "description", "text", NULL);
        else if (strcmp(key->text, "description") != 0 &&
                 strcmp(key->text, "claims") != 0)
            status = gb_tree_unknown_key(&in->at, key, known,
                                         sizeof(known) / sizeof(known[0]));
    }
    /* Last, for `decision` may stand behind them. */
    return status == GB_OK ? read_claims(in, gb_tree_value(root, "claims"))
                           : status;
}

gb_status gb_claims_parse(const char *name, const char *text, size_t length,
                          gb_claims *out, gb_error *err) {
    gb_claims claims = {0};
    gb_yaml_node *root = NULL;
    gb_claims_reader in = {.at = {name, err},
                           .all = {.rule = {.guarded = true,
                                            .confidence = NAN,
                                            .coverage_factor = COVERAGE_DEFAULT,
                                            .guard_factor = 1.0},
                                   .joint = true},
                           .out = &claims};
    gb_status status = gb_yaml_parse(name, text, length, &root, err);

    if (status == GB_OK)
        status = read_file(&in, root);
    gb_yaml_free(root);
    claims.joint = in.all.joint;
    if (status == GB_OK && claims.name == NULL) {
        claims.name = strdup("");
        if (claims.name == NULL)
            status = gb_fail_memory(err, name);
    }
    if (status == GB_OK)
        status = gb_sha256_bytes(text, length, claims.sha256, err);
    if (status == GB_OK)
        *out = claims;
    else
        gb_claims_fini(&claims);
    return status;
}
