/* SPDX-License-Identifier: Apache-2.0 */
/* Cost in what `claim` decided. */
#include <math.h>

#include "base/units.h"
#include "codec/json_parts.h"

json_t *gb_json_cost_terms(gb_json_out *out, const gb_claim *claim) {
    const gb_cost_terms *terms = &claim->cost;

    if (!gb_claim_is_cost(claim->metric))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "tariff_sha256", gb_json_text(out, terms->tariff));
    gb_json_put(out, o, "baseline_tariff_sha256",
                gb_json_fact(out, terms->baseline_tariff));
    gb_json_put(out, o, "prices",
                gb_json_text(out, terms->own_prices ? "own" : "same"));
    gb_json_put(out, o, "overhead",
                gb_json_text(out, terms->overhead ? "metered" : "excluded"));
    return o;
}

static json_t *side_of(gb_json_out *out, const gb_cost_side *side) {
    if (side->tariff[0] == '\0')
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "tariff", gb_json_text(out, side->tariff));
    gb_json_put(out, o, "source", gb_json_text(out, side->source));
    gb_json_put(out, o, "price_per_kwh",
                gb_json_real(out, GB_J_IN_KWH * side->per_j));
    gb_json_put(out, o, "overhead_metric",
                gb_json_fact(out, side->overhead_metric));
    gb_json_put(
        out, o, "overhead",
        gb_json_real_if(out, side->overhead_metric[0] != '\0', side->overhead));
    return o;
}

json_t *gb_json_cost(gb_json_out *out, const gb_claim_result *result) {
    const gb_cost *cost = &result->cost;

    if (cost->currency[0] == '\0')
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "currency", gb_json_text(out, cost->currency));
    gb_json_put(out, o, "run", side_of(out, &cost->run));
    gb_json_put(out, o, "baseline", side_of(out, &cost->baseline));
    gb_json_put(out, o, "total", gb_json_real(out, cost->total));
    gb_json_put(out, o, "at_equal_prices",
                gb_json_real(out, cost->equal_prices));
    gb_json_put(out, o, "by_prices_alone", gb_json_bool(out, cost->by_prices));
    gb_json_put(out, o, "demand", gb_json_real(out, cost->demand));
    gb_json_put(out, o, "demand_left_out",
                gb_json_bool(out, cost->demand_left_out));
    return o;
}
