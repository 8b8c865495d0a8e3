/* SPDX-License-Identifier: Apache-2.0 */
/* What `claim` decided: "greenbench.claim/1". */
#include <math.h>

#include "codec/json_parts.h"

static json_t *rule_of(gb_json_out *out, const gb_claim_rule *rule) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "kind",
                gb_json_text(out, rule->guarded ? "guarded" : "simple"));
    gb_json_put(out, o, "confidence", gb_json_real(out, rule->confidence));
    gb_json_put(out, o, "coverage_factor",
                gb_json_real(out, rule->coverage_factor));
    gb_json_put(out, o, "guard_factor", gb_json_real(out, rule->guard_factor));
    return o;
}

static json_t *params_of(gb_json_out *out, const gb_claim *claim) {
    json_t *o = gb_json_object(out);

    for (size_t i = 0; i < claim->param_count; i++)
        gb_json_put(out, o, claim->params[i].name,
                    gb_json_text(out, claim->params[i].text));
    return o;
}

static const char *or_none(const char *text) {
    return text != NULL ? text : "";
}

static json_t *period_of(gb_json_out *out, const gb_claim *claim) {
    if (claim->period_ns[0] == 0)
        return json_null();
    json_t *array = gb_json_array(out);
    for (int i = 0; i < 2; i++)
        gb_json_append(out, array,
                       gb_json_utc(out, (uint64_t)claim->period_ns[i]));
    return array;
}

static json_t *claim_of(gb_json_out *out, const gb_claim *claim) {
    json_t *o = gb_json_object(out);
    const bool tested =
        gb_claim_metric_kind(claim->metric) != GB_CLAIM_OF_NOTHING;

    gb_json_put(out, o, "id", gb_json_text(out, claim->id));
    gb_json_put(out, o, "text", gb_json_text(out, claim->text));
    gb_json_put(out, o, "metric",
                gb_json_text(out, gb_claim_metric_name(claim->metric)));
    gb_json_put(out, o, "as",
                gb_json_text(out, gb_claim_form_name(claim->form)));
    gb_json_put(out, o, "relation",
                gb_json_fact(out, tested
                                      ? gb_claim_relation_name(claim->relation)
                                      : ""));
    gb_json_put(out, o, "limit", gb_json_real_if(out, tested, claim->limit));
    gb_json_put(out, o, "limit_unit", gb_json_text(out, claim->limit_unit));
    gb_json_put(out, o, "margin", gb_json_real(out, claim->margin));
    gb_json_put(out, o, "rule", rule_of(out, &claim->rule));
    gb_json_put(out, o, "benchmark",
                gb_json_fact(out, or_none(claim->benchmark)));
    gb_json_put(out, o, "params", params_of(out, claim));
    gb_json_put(out, o, "run", gb_json_fact(out, or_none(claim->run)));
    gb_json_put(out, o, "baseline",
                gb_json_fact(out, or_none(claim->baseline)));
    gb_json_put(out, o, "boundary",
                gb_json_text(out, gb_claim_boundary_name(claim->boundary)));
    gb_json_put(out, o, "evidence",
                gb_json_text(out, gb_quality_name(claim->evidence)));
    gb_json_put(out, o, "pue_after", gb_json_real(out, claim->pue_after));
    gb_json_put(out, o, "it_saving", gb_json_real(out, claim->it_saving));
    gb_json_put(out, o, "implied_pue_before",
                gb_json_real(out, gb_claim_implied_baseline(claim)));
    gb_json_put(out, o, "category",
                gb_json_count(out, (uint64_t)claim->category));
    gb_json_put(out, o, "period", period_of(out, claim));
    gb_json_put(out, o, "cost", gb_json_cost_terms(out, claim));
    gb_json_put(out, o, "carbon_sha256",
                gb_json_fact(out, claim->carbon_sha256));
    return o;
}

static json_t *budget_of(gb_json_out *out, const gb_estimate *estimate) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < estimate->term_count; i++) {
        const gb_claim_term *term = &estimate->terms[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "name", gb_json_text(out, term->name));
        gb_json_put(out, o, "type",
                    gb_json_text(out, term->type == 'A' ? "A" : "B"));
        gb_json_put(out, o, "u", gb_json_real(out, term->u));
        gb_json_put(out, o, "how", gb_json_text(out, term->how));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *sides_of(gb_json_out *out, const gb_estimate *estimate) {
    if (!isfinite(estimate->base) || !isfinite(estimate->next))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "baseline", gb_json_real(out, estimate->base));
    gb_json_put(out, o, "run", gb_json_real(out, estimate->next));
    gb_json_put(out, o, "unit", gb_json_text(out, estimate->side_unit));
    return o;
}

static json_t *value_of(gb_json_out *out, const gb_claim_result *result) {
    const gb_estimate *estimate = &result->estimate;
    if (!isfinite(estimate->value))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "value", gb_json_real(out, estimate->value));
    gb_json_put(out, o, "unit", gb_json_text(out, estimate->unit));
    gb_json_put(out, o, "u", gb_json_real(out, estimate->u));
    gb_json_put(out, o, "k", gb_json_real(out, result->k));
    gb_json_put(out, o, "expanded_u", gb_json_real(out, result->expanded_u));
    gb_json_put(out, o, "dof", gb_json_real(out, estimate->dof));
    gb_json_put(out, o, "n", gb_json_u64(out, estimate->n));
    gb_json_put(out, o, "replicate", gb_json_text(out, estimate->replicate));
    gb_json_put(out, o, "sides", sides_of(out, estimate));
    gb_json_put(out, o, "budget", budget_of(out, estimate));
    return o;
}

static json_t *decision_of(gb_json_out *out, const gb_claim_result *result) {
    if (!isfinite(result->distance))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "limit", gb_json_real(out, result->limit));
    gb_json_put(out, o, "margin", gb_json_real(out, result->margin));
    gb_json_put(out, o, "distance", gb_json_real(out, result->distance));
    gb_json_put(out, o, "guard", gb_json_real(out, result->guard));
    gb_json_put(out, o, "p", gb_json_real(out, result->p));
    gb_json_put(out, o, "p_joint", gb_json_real(out, result->p_joint));
    return o;
}

static json_t *need_of(gb_json_out *out, const gb_claim_result *result) {
    if (result->reason != GB_CLAIM_REASON_BAND)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "replicates",
                isfinite(result->need.replicates)
                    ? gb_json_u64(out, (uint64_t)result->need.replicates)
                    : json_null());
    gb_json_put(out, o, "meter_bound_rel",
                gb_json_real(out, result->need.meter_rel));
    return o;
}

static json_t *energy_of(gb_json_out *out, const gb_claim_result *result) {
    if (result->quality == GB_QUALITY_UNAVAILABLE)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(result->quality)));
    gb_json_put(out, o, "holds", gb_json_fact(out, result->holds));
    gb_json_put(out, o, "leaves_out", gb_json_fact(out, result->leaves_out));
    return o;
}

static json_t *result_of(gb_json_out *out, const gb_claim_result *result,
                         const gb_claim_words *words) {
    json_t *o = gb_json_object(out), *means = gb_json_object(out);

    gb_json_put(out, means, "en", gb_json_text(out, or_none(words->english)));
    gb_json_put(out, means, "zh", gb_json_text(out, or_none(words->chinese)));
    gb_json_put(out, o, "claim", claim_of(out, result->claim));
    gb_json_put(out, o, "verdict",
                gb_json_text(out, gb_claim_verdict_name(result->verdict)));
    gb_json_put(out, o, "reason",
                gb_json_fact(out, gb_claim_reason_code(result->reason)));
    gb_json_put(out, o, "detail", gb_json_fact(out, result->detail));
    gb_json_put(out, o, "means", means);
    gb_json_put(out, o, "run", gb_json_fact(out, result->subject));
    gb_json_put(out, o, "baseline", gb_json_fact(out, result->baseline));
    gb_json_put(out, o, "benchmark", gb_json_fact(out, result->benchmark));
    gb_json_put(out, o, "estimate", value_of(out, result));
    gb_json_put(out, o, "decision", decision_of(out, result));
    gb_json_put(out, o, "would_decide", need_of(out, result));
    gb_json_put(out, o, "energy", energy_of(out, result));
    gb_json_put(out, o, "cost", gb_json_cost(out, result));
    gb_json_put(out, o, "conditions", gb_json_fact(out, result->conditions));
    gb_json_put(out, o, "differs", gb_json_fact(out, result->differs));
    return o;
}

static json_t *counts_of(gb_json_out *out, const gb_assessment *assessment) {
    size_t counts[GB_CLAIM_VERDICTS] = {0};
    json_t *o = gb_json_object(out);

    for (size_t i = 0; i < assessment->count; i++)
        counts[assessment->results[i].verdict]++;
    for (int v = 0; v < GB_CLAIM_VERDICTS; v++)
        gb_json_put(out, o, gb_claim_verdict_name((gb_claim_verdict)v),
                    gb_json_u64(out, counts[v]));
    return o;
}

char *gb_json_assessment(const gb_assessment *assessment,
                         const gb_claim_words *words) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *results = gb_json_array(out);
    const gb_claims *claims = assessment->claims;

    for (size_t i = 0; i < assessment->count; i++)
        gb_json_append(out, results,
                       result_of(out, &assessment->results[i], &words[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.claim/1"));
    gb_json_put(out, o, "name", gb_json_fact(out, claims->name));
    gb_json_put(out, o, "claims_sha256", gb_json_text(out, claims->sha256));
    gb_json_put(out, o, "family",
                gb_json_text(out, claims->joint ? "joint" : "each"));
    gb_json_put(out, o, "tests", gb_json_u64(out, assessment->tests));
    gb_json_put(out, o, "verdicts", counts_of(out, assessment));
    gb_json_put(out, o, "claims", results);
    return gb_json_pretty(out, o);
}
