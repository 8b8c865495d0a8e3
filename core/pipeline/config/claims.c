/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/config/tree.h"

/* ILAC-G8's guard band is the expanded uncertainty with k = 2. */
#define COVERAGE_DEFAULT 2.0
#define COVERAGE_MOST    10.0
#define GUARD_MOST       10.0
#define CLAIMS_MOST      1000

/* What the claims of a file take where they say nothing themselves. */
typedef struct defaults {
    gb_claim_rule rule;
    bool joint;
} defaults;

typedef struct reader {
    gb_tree at;
    defaults all;
    gb_claims *out;
} reader;

typedef struct field {
    const char *key;
    gb_status (*read)(const reader *in, const gb_yaml_node *value, void *into);
} field;

/* --- values --------------------------------------------------------------- */

static gb_status read_text(const reader *in, const gb_yaml_node *value,
                           const char *key, char **out) {
    if (value->kind != GB_YAML_SCALAR || value->text[0] == '\0')
        return gb_tree_unexpected(&in->at, value, key, "text", NULL);
    free(*out);
    *out = strdup(value->text);
    return *out != NULL ? GB_OK : gb_fail_memory(in->at.err, in->at.name);
}

/* One of the names that @p name_of gives for 0 .. count - 1. */
static gb_status read_word(const reader *in, const gb_yaml_node *value,
                           const char *key, const char *(*name_of)(int),
                           int count, int *out) {
    const char *known[GB_CLAIM_METRICS + GB_CLAIM_RELATIONS];
    char list[240], wanted[264], hint[96] = "";

    for (int i = 0; i < count; i++) {
        known[i] = name_of(i);
        if (value->kind == GB_YAML_SCALAR &&
            strcmp(value->text, known[i]) == 0) {
            *out = i;
            return GB_OK;
        }
    }
    snprintf(wanted, sizeof(wanted), "one of %s",
             gb_join(known, (size_t)count, list, sizeof(list)));
    const char *near = value->kind == GB_YAML_SCALAR
                           ? gb_closest(value->text, known, (size_t)count)
                           : NULL;
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    return gb_tree_unexpected(&in->at, value, key, wanted,
                              hint[0] != '\0' ? hint : NULL);
}

/* "3.5 Gflop/s/W": a number and what stands behind it. */
static bool number_with_unit(const char *text, double *value_out,
                             const char **unit_out) {
    const char *end = NULL;

    if (strchr("+-.0123456789", text[0]) == NULL || text[0] == '\0')
        return false;
    *value_out = gb_real_at(text, &end);
    if (end == text || !isfinite(*value_out))
        return false;
    for (const char *c = text; c < end; c++)
        if (strchr("+-.0123456789eE", *c) == NULL)
            return false;
    *unit_out = end + strspn(end, " ");
    return true;
}

static gb_status read_number(const reader *in, const gb_yaml_node *value,
                             const char *key, const char *wanted, double least,
                             double most, double *out) {
    double number = 0.0;

    if (value->kind != GB_YAML_SCALAR ||
        gb_parse_f64(value->text, &number, NULL) != GB_OK || number <= least ||
        number > most)
        return gb_tree_unexpected(&in->at, value, key, wanted, NULL);
    *out = number;
    return GB_OK;
}

/* --- the rule ------------------------------------------------------------- */

static gb_status set_rule(const reader *in, const gb_yaml_node *value,
                          void *into) {
    gb_claim_rule *rule = into;

    if (value->kind != GB_YAML_SCALAR || (strcmp(value->text, "guarded") != 0 &&
                                          strcmp(value->text, "simple") != 0))
        return gb_tree_unexpected(&in->at, value, "rule", "guarded or simple",
                                  NULL);
    rule->guarded = strcmp(value->text, "guarded") == 0;
    return GB_OK;
}

static gb_status set_confidence(const reader *in, const gb_yaml_node *value,
                                void *into) {
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

static gb_status set_coverage(const reader *in, const gb_yaml_node *value,
                              void *into) {
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

static gb_status set_guard(const reader *in, const gb_yaml_node *value,
                           void *into) {
    gb_claim_rule *rule = into;

    return read_number(in, value, "guard_factor", "a factor such as 1", 0.0,
                       GUARD_MOST, &rule->guard_factor);
}

static const field rule_fields[] = {
    {"rule", set_rule},
    {"confidence", set_confidence},
    {"coverage_factor", set_coverage},
    {"guard_factor", set_guard},
};
enum { RULE_FIELDS = sizeof(rule_fields) / sizeof(rule_fields[0]) };

static gb_status one_coverage(const reader *in, const gb_yaml_node *map) {
    const gb_yaml_node *factor = gb_tree_value(map, "coverage_factor");

    return factor == NULL || gb_tree_value(map, "confidence") == NULL
               ? GB_OK
               : gb_tree_unexpected(&in->at, factor, "coverage_factor",
                                    "confidence or coverage_factor, one of "
                                    "them",
                                    NULL);
}

/* @param others  [other_count], of the same map */
static gb_status read_field(const reader *in, const gb_yaml_node *key,
                            const gb_yaml_node *value, gb_claim_rule *rule,
                            const field *others, size_t other_count,
                            void *into) {
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

/* --- one claim ------------------------------------------------------------ */

static const char *metric_of(int i) {
    return gb_claim_metric_name((gb_claim_metric)i);
}

static const char *form_of(int i) {
    return gb_claim_form_name((gb_claim_form)i);
}

static const char *relation_of(int i) {
    return gb_claim_relation_name((gb_claim_relation)i);
}

static const char *boundary_of(int i) {
    return gb_claim_boundary_name((gb_claim_boundary)i);
}

static gb_status set_id(const reader *in, const gb_yaml_node *value,
                        void *into) {
    gb_claim *claim = into;
    const gb_status status = read_text(in, value, "id", &claim->id);

    for (size_t i = 0; status == GB_OK && i + 1 < in->out->count; i++)
        if (strcmp(in->out->claims[i].id, claim->id) == 0)
            return gb_tree_unexpected(&in->at, value, "id",
                                      "each id once in the file", NULL);
    return status;
}

static gb_status set_text(const reader *in, const gb_yaml_node *value,
                          void *into) {
    return read_text(in, value, "text", &((gb_claim *)into)->text);
}

static gb_status set_metric(const reader *in, const gb_yaml_node *value,
                            void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "metric", metric_of, GB_CLAIM_METRICS, &at);
    ((gb_claim *)into)->metric = (gb_claim_metric)at;
    return status;
}

static gb_status set_form(const reader *in, const gb_yaml_node *value,
                          void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "as", form_of, GB_CLAIM_FORMS, &at);
    ((gb_claim *)into)->form = (gb_claim_form)at;
    return status;
}

static gb_status set_relation(const reader *in, const gb_yaml_node *value,
                              void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "relation", relation_of, GB_CLAIM_RELATIONS, &at);
    ((gb_claim *)into)->relation = (gb_claim_relation)at;
    return status;
}

static gb_status set_boundary(const reader *in, const gb_yaml_node *value,
                              void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "boundary", boundary_of, GB_CLAIM_BOUNDARIES, &at);
    ((gb_claim *)into)->boundary = (gb_claim_boundary)at;
    return status;
}

static gb_status set_limit(const reader *in, const gb_yaml_node *value,
                           void *into) {
    gb_claim *claim = into;
    const char *unit = "";

    if (value->kind != GB_YAML_SCALAR ||
        !number_with_unit(value->text, &claim->limit, &unit) ||
        strlen(unit) >= sizeof(claim->limit_unit))
        return gb_tree_unexpected(&in->at, value, "limit",
                                  "a number with its unit such as 3.5 Gflop/J, "
                                  "40% or 200 W",
                                  NULL);
    gb_copy(claim->limit_unit, sizeof(claim->limit_unit), unit);
    return GB_OK;
}

static gb_status set_margin(const reader *in, const gb_yaml_node *value,
                            void *into) {
    gb_claim *claim = into;
    double percent = 0.0;

    if (value->kind != GB_YAML_SCALAR || !gb_ends_with(value->text, "%") ||
        gb_parse_percent(value->text, &percent, NULL) != GB_OK ||
        percent <= 0.0 || percent >= 100.0)
        return gb_tree_unexpected(&in->at, value, "margin",
                                  "a percentage such as 2%", NULL);
    claim->margin = percent / 100.0;
    return GB_OK;
}

static gb_status set_benchmark(const reader *in, const gb_yaml_node *value,
                               void *into) {
    return read_text(in, value, "benchmark", &((gb_claim *)into)->benchmark);
}

static gb_status set_run(const reader *in, const gb_yaml_node *value,
                         void *into) {
    return read_text(in, value, "run", &((gb_claim *)into)->run);
}

static gb_status set_baseline(const reader *in, const gb_yaml_node *value,
                              void *into) {
    return read_text(in, value, "baseline", &((gb_claim *)into)->baseline);
}

static gb_status set_evidence(const reader *in, const gb_yaml_node *value,
                              void *into) {
    gb_claim *claim = into;

    if (value->kind != GB_YAML_SCALAR ||
        (strcmp(value->text, "measured") != 0 &&
         strcmp(value->text, "simulated") != 0))
        return gb_tree_unexpected(
            &in->at, value, "evidence", "measured or simulated",
            "an estimate or a replay never supports a claim");
    claim->evidence = strcmp(value->text, "measured") == 0
                          ? GB_QUALITY_MEASURED
                          : GB_QUALITY_SIMULATED;
    return GB_OK;
}

static gb_status set_params(const reader *in, const gb_yaml_node *value,
                            void *into) {
    gb_claim *claim = into;

    if (value->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, value, "params",
                                  "a map of names and values", NULL);
    claim->params = calloc(value->count + 1, sizeof(*claim->params));
    if (claim->params == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    for (size_t i = 0; i < value->count; i++) {
        gb_claim_param *param = &claim->params[claim->param_count++];
        gb_status status =
            read_text(in, value->keys[i], "params", &param->name);
        if (status == GB_OK)
            status = read_text(in, value->items[i], param->name, &param->text);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

static gb_status set_category(const reader *in, const gb_yaml_node *value,
                              void *into) {
    if (value->kind != GB_YAML_SCALAR || strlen(value->text) != 1 ||
        value->text[0] < '1' || value->text[0] > '3')
        return gb_tree_unexpected(&in->at, value, "category", "1, 2 or 3",
                                  NULL);
    ((gb_claim *)into)->category = value->text[0] - '0';
    return GB_OK;
}

/* "run", or two times with '/' between them (ISO 8601). */
static gb_status set_period(const reader *in, const gb_yaml_node *value,
                            void *into) {
    gb_claim *claim = into;
    const char *slash =
        value->kind == GB_YAML_SCALAR ? strchr(value->text, '/') : NULL;

    if (value->kind == GB_YAML_SCALAR && strcmp(value->text, "run") == 0)
        return GB_OK;
    if (slash == NULL ||
        !gb_utc_parse(value->text, (size_t)(slash - value->text),
                      GB_UTC_NO_OFFSET, &claim->period_ns[0]) ||
        !gb_utc_parse(slash + 1, strlen(slash + 1), GB_UTC_NO_OFFSET,
                      &claim->period_ns[1]) ||
        claim->period_ns[1] <= claim->period_ns[0])
        return gb_tree_unexpected(
            &in->at, value, "period",
            "run, or 2026-01-01T00:00:00Z/2027-01-01T00:00:00Z", NULL);
    return GB_OK;
}

static const field claim_fields[] = {
    {"id", set_id},
    {"text", set_text},
    {"metric", set_metric},
    {"as", set_form},
    {"relation", set_relation},
    {"limit", set_limit},
    {"margin", set_margin},
    {"benchmark", set_benchmark},
    {"params", set_params},
    {"run", set_run},
    {"baseline", set_baseline},
    {"boundary", set_boundary},
    {"evidence", set_evidence},
    {"category", set_category},
    {"period", set_period},
};
enum { CLAIM_FIELDS = sizeof(claim_fields) / sizeof(claim_fields[0]) };

static gb_status need(const reader *in, const gb_yaml_node *map,
                      const char *key, const char *hint) {
    char wanted[64];

    if (gb_tree_value(map, key) != NULL)
        return GB_OK;
    snprintf(wanted, sizeof(wanted), "the key '%s'", key);
    return gb_tree_unexpected(&in->at, map, "claims", wanted, hint);
}

/* Keys that only make sense together. */
static gb_status check_claim(const reader *in, const gb_yaml_node *map,
                             const gb_claim *claim) {
    const bool measurable =
        gb_claim_metric_kind(claim->metric) != GB_CLAIM_OF_NOTHING;
    const bool compared = claim->form != GB_CLAIM_VALUE;
    gb_status status = GB_OK;

    if (measurable)
        status = need(in, map, "relation", "relation: at_least, for example");
    if (status == GB_OK && measurable && claim->relation != GB_CLAIM_EQUAL)
        status = need(in, map, "limit", "what it is tested against");
    if (status == GB_OK &&
        gb_claim_metric_kind(claim->metric) == GB_CLAIM_OF_RUN)
        status = need(in, map, "benchmark", "for example compute.hpl");
    if (status == GB_OK && compared)
        status = need(in, map, "baseline",
                      "a saving or ratio names the run it is taken from");
    if (status != GB_OK)
        return status;
    if (gb_claim_metric_kind(claim->metric) != GB_CLAIM_OF_RUN &&
        (compared || claim->baseline != NULL))
        return gb_tree_unexpected(
            &in->at, map, "metric",
            "a quantity of a run where a baseline is, such as energy",
            "what facilities have cannot be compared with one another");
    if (gb_claim_metric_kind(claim->metric) == GB_CLAIM_OF_RUN &&
        (claim->category != 0 || claim->period_ns[0] != 0))
        return gb_tree_unexpected(&in->at, map, "metric",
                                  "a quantity of a facility where a category "
                                  "or period is, such as iPUE",
                                  NULL);
    if (claim->relation == GB_CLAIM_EQUAL &&
        (claim->form != GB_CLAIM_RATIO || isnan(claim->margin) ||
         gb_tree_value(map, "limit") != NULL))
        return gb_tree_unexpected(&in->at, map, "relation",
                                  "as: ratio with a margin and without a limit "
                                  "where two runs are to be equal",
                                  NULL);
    if (!isnan(claim->margin) && !compared)
        return gb_tree_unexpected(&in->at, gb_tree_value(map, "margin"),
                                  "margin",
                                  "no margin where a value has a limit of its "
                                  "own",
                                  "write the limit that is meant");
    return GB_OK;
}

static gb_status read_claim(const reader *in, const gb_yaml_node *map) {
    gb_claim *claim = &in->out->claims[in->out->count++];
    gb_status status = GB_OK;

    claim->rule = in->all.rule;
    claim->margin = NAN;
    claim->evidence = GB_QUALITY_MEASURED;
    claim->limit = 1.0;
    gb_tree_origin(&in->at, map, &claim->origin);
    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "claims",
                                  "a map with 'id' and 'metric'", NULL);
    status = need(in, map, "id", NULL);
    if (status == GB_OK)
        status = need(in, map, "text", "the sentence as it was claimed");
    if (status == GB_OK)
        status = need(in, map, "metric", NULL);
    if (status == GB_OK && gb_tree_value(map, "baseline") != NULL)
        claim->form = GB_CLAIM_RATIO;
    for (size_t i = 0; i < map->count && status == GB_OK; i++)
        status = read_field(in, map->keys[i], map->items[i], &claim->rule,
                            claim_fields, CLAIM_FIELDS, claim);
    if (status == GB_OK)
        status = one_coverage(in, map);
    return status == GB_OK ? check_claim(in, map, claim) : status;
}

/* --- the whole file ------------------------------------------------------- */

static gb_status set_family(const reader *in, const gb_yaml_node *value,
                            void *into) {
    if (value->kind != GB_YAML_SCALAR ||
        (strcmp(value->text, "joint") != 0 && strcmp(value->text, "each") != 0))
        return gb_tree_unexpected(&in->at, value, "family", "joint or each",
                                  NULL);
    ((defaults *)into)->joint = strcmp(value->text, "joint") == 0;
    return GB_OK;
}

static const field decision_fields[] = {{"family", set_family}};

static gb_status read_decision(reader *in, const gb_yaml_node *map) {
    gb_status status = GB_OK;

    if (map->kind != GB_YAML_MAP)
        return gb_tree_unexpected(&in->at, map, "decision", "a map with 'rule'",
                                  NULL);
    for (size_t i = 0; i < map->count && status == GB_OK; i++)
        status = read_field(in, map->keys[i], map->items[i], &in->all.rule,
                            decision_fields, 1, &in->all);
    return status == GB_OK ? one_coverage(in, map) : status;
}

static gb_status read_claims(const reader *in, const gb_yaml_node *list) {
    gb_status status = GB_OK;

    if (list->kind != GB_YAML_LIST || list->count == 0 ||
        list->count > CLAIMS_MOST)
        return gb_tree_unexpected(&in->at, list, "claims",
                                  "a list of 1 to 1000 claims", NULL);
    in->out->claims = calloc(list->count, sizeof(*in->out->claims));
    if (in->out->claims == NULL)
        return gb_fail_memory(in->at.err, in->at.name);
    for (size_t i = 0; i < list->count && status == GB_OK; i++)
        status = read_claim(in, list->items[i]);
    return status;
}

static gb_status read_file(reader *in, const gb_yaml_node *root) {
    static const char *const known[] = {"name", "description", "decision",
                                        "claims"};
    gb_status status = GB_OK;

    if (root->kind != GB_YAML_MAP || gb_tree_value(root, "claims") == NULL)
        return gb_tree_unexpected(&in->at, root, "", "a map with 'claims'",
                                  NULL);
    for (size_t i = 0; i < root->count && status == GB_OK; i++) {
        const gb_yaml_node *key = root->keys[i], *value = root->items[i];
        if (strcmp(key->text, "name") == 0)
            status = read_text(in, value, "name", &in->out->name);
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
    reader in = {.at = {name, err},
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
