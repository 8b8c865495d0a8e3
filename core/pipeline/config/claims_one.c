/* SPDX-License-Identifier: Apache-2.0 */
/* One claim of a claims file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/config/claims_parts.h"

/* --- values --------------------------------------------------------------- */

/* One of the names that @p name_of gives for 0 .. count - 1. */
static gb_status read_word(const gb_claims_reader *in,
                           const gb_yaml_node *value, const char *key,
                           const char *(*name_of)(int), int count, int *out) {
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

/* --- keys ----------------------------------------------------------------- */

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

static gb_status set_id(const gb_claims_reader *in, const gb_yaml_node *value,
                        void *into) {
    gb_claim *claim = into;
    const gb_status status = gb_claims_read_text(in, value, "id", &claim->id);

    for (size_t i = 0; status == GB_OK && i + 1 < in->out->count; i++)
        if (strcmp(in->out->claims[i].id, claim->id) == 0)
            return gb_tree_unexpected(&in->at, value, "id",
                                      "each id once in the file", NULL);
    return status;
}

static gb_status set_text(const gb_claims_reader *in, const gb_yaml_node *value,
                          void *into) {
    return gb_claims_read_text(in, value, "text", &((gb_claim *)into)->text);
}

static gb_status set_metric(const gb_claims_reader *in,
                            const gb_yaml_node *value, void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "metric", metric_of, GB_CLAIM_METRICS, &at);
    ((gb_claim *)into)->metric = (gb_claim_metric)at;
    return status;
}

static gb_status set_form(const gb_claims_reader *in, const gb_yaml_node *value,
                          void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "as", form_of, GB_CLAIM_FORMS, &at);
    ((gb_claim *)into)->form = (gb_claim_form)at;
    return status;
}

static gb_status set_relation(const gb_claims_reader *in,
                              const gb_yaml_node *value, void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "relation", relation_of, GB_CLAIM_RELATIONS, &at);
    ((gb_claim *)into)->relation = (gb_claim_relation)at;
    return status;
}

static gb_status set_boundary(const gb_claims_reader *in,
                              const gb_yaml_node *value, void *into) {
    int at = 0;
    const gb_status status =
        read_word(in, value, "boundary", boundary_of, GB_CLAIM_BOUNDARIES, &at);
    ((gb_claim *)into)->boundary = (gb_claim_boundary)at;
    return status;
}

static gb_status set_limit(const gb_claims_reader *in,
                           const gb_yaml_node *value, void *into) {
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

static gb_status set_margin(const gb_claims_reader *in,
                            const gb_yaml_node *value, void *into) {
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

static gb_status set_benchmark(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into) {
    return gb_claims_read_text(in, value, "benchmark",
                               &((gb_claim *)into)->benchmark);
}

static gb_status set_run(const gb_claims_reader *in, const gb_yaml_node *value,
                         void *into) {
    return gb_claims_read_text(in, value, "run", &((gb_claim *)into)->run);
}

static gb_status set_baseline(const gb_claims_reader *in,
                              const gb_yaml_node *value, void *into) {
    return gb_claims_read_text(in, value, "baseline",
                               &((gb_claim *)into)->baseline);
}

static gb_status set_evidence(const gb_claims_reader *in,
                              const gb_yaml_node *value, void *into) {
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

static gb_status set_params(const gb_claims_reader *in,
                            const gb_yaml_node *value, void *into) {
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
            gb_claims_read_text(in, value->keys[i], "params", &param->name);
        if (status == GB_OK)
            status = gb_claims_read_text(in, value->items[i], param->name,
                                         &param->text);
        if (status != GB_OK)
            return status;
    }
    return GB_OK;
}

static gb_status set_category(const gb_claims_reader *in,
                              const gb_yaml_node *value, void *into) {
    if (value->kind != GB_YAML_SCALAR || strlen(value->text) != 1 ||
        value->text[0] < '1' || value->text[0] > '3')
        return gb_tree_unexpected(&in->at, value, "category", "1, 2 or 3",
                                  NULL);
    ((gb_claim *)into)->category = value->text[0] - '0';
    return GB_OK;
}

/* "run", or two times with '/' between them (ISO 8601). */
static gb_status set_period(const gb_claims_reader *in,
                            const gb_yaml_node *value, void *into) {
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

static gb_status set_pue_after(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into) {
    gb_claim *claim = into;

    if (value->kind != GB_YAML_SCALAR ||
        gb_parse_f64(value->text, &claim->pue_after, NULL) != GB_OK ||
        claim->pue_after < 1.0 || claim->pue_after > 10.0)
        return gb_tree_unexpected(&in->at, value, "pue_after",
                                  "a ratio from 1 to 10", NULL);
    return GB_OK;
}

static gb_status set_it_saving(const gb_claims_reader *in,
                               const gb_yaml_node *value, void *into) {
    gb_claim *claim = into;
    double percent = 0.0;

    if (value->kind != GB_YAML_SCALAR || !gb_ends_with(value->text, "%") ||
        gb_parse_percent(value->text, &percent, NULL) != GB_OK ||
        percent >= 100.0)
        return gb_tree_unexpected(&in->at, value, "it_saving",
                                  "a percentage such as 5%", NULL);
    claim->it_saving = percent / 100.0;
    return GB_OK;
}

static const gb_claims_field claim_fields[] = {
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
    {"pue_after", set_pue_after},
    {"it_saving", set_it_saving},
    {"tariff", gb_claims_set_tariff},
    {"baseline_tariff", gb_claims_set_baseline_tariff},
    {"prices", gb_claims_set_prices},
    {"overhead", gb_claims_set_overhead},
    {"carbon", gb_claims_set_carbon},
};
enum { CLAIM_FIELDS = sizeof(claim_fields) / sizeof(claim_fields[0]) };

static gb_status need(const gb_claims_reader *in, const gb_yaml_node *map,
                      const char *key, const char *hint) {
    char wanted[64];

    if (gb_tree_value(map, key) != NULL)
        return GB_OK;
    snprintf(wanted, sizeof(wanted), "the key '%s'", key);
    return gb_tree_unexpected(&in->at, map, "claims", wanted, hint);
}

/* Keys that only make sense together. */
static gb_status check_claim(const gb_claims_reader *in,
                             const gb_yaml_node *map, const gb_claim *claim) {
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
            "what facilities have, and what is of several benchmarks, cannot "
            "be compared with one another");
    if ((gb_claim_metric_kind(claim->metric) == GB_CLAIM_OF_RUN ||
         gb_claim_metric_kind(claim->metric) == GB_CLAIM_OF_SUITE) &&
        (claim->category != 0 || claim->period_ns[0] != 0))
        return gb_tree_unexpected(&in->at, map, "metric",
                                  "a quantity of a facility where a category "
                                  "or period is, such as iPUE",
                                  NULL);
    if (claim->form != GB_CLAIM_SAVING &&
        (!isnan(claim->pue_after) || claim->it_saving > 0.0))
        return gb_tree_unexpected(&in->at, map, "as",
                                  "a saving where pue_after or it_saving is",
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

gb_status gb_claims_read_claim(const gb_claims_reader *in,
                               const gb_yaml_node *map) {
    gb_claim *claim = &in->out->claims[in->out->count++];
    gb_status status = GB_OK;

    claim->rule = in->all.rule;
    claim->margin = claim->pue_after = NAN;
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
        status =
            gb_claims_read_field(in, map->keys[i], map->items[i], &claim->rule,
                                 claim_fields, CLAIM_FIELDS, claim);
    if (status == GB_OK)
        status = gb_claims_one_coverage(in, map);
    if (status == GB_OK)
        status = check_claim(in, map, claim);
    if (status == GB_OK)
        status = gb_claims_check_carbon(in, map, claim);
    return status == GB_OK ? gb_claims_check_cost(in, map, claim) : status;
}
