/* SPDX-License-Identifier: Apache-2.0 */
/* How a cost was made, in English and Chinese. */
#include <math.h>

#include "base/units.h"
#include "pipeline/report/assessment.h"

static void add_price(const gb_cost *cost, const gb_cost_side *side,
                      gb_str *out) {
    gb_str_addf(out, "%.4g %s/kWh", GB_J_IN_KWH * side->per_j, cost->currency);
}

/* A percentage of a saving, a number of a ratio; its uncertainty is that of the
 * ratio of costs, less what the prices make of it. */
static void add_equal(const gb_claim_result *result, gb_str *out) {
    const bool saving = result->claim->form == GB_CLAIM_SAVING;
    const double scale = saving ? 100.0 : 1.0;
    const double equal = result->cost.equal_prices;
    const double value = result->estimate.value;
    const double share = saving ? (1.0 - equal) / (1.0 - value) : equal / value;
    char text[32];

    gb_str_addf(out, "%s%s",
                gb_format_rounded(scale * equal,
                                  scale * share * result->expanded_u, text,
                                  sizeof(text)),
                saving ? " %" : "");
}

/* --- English -------------------------------------------------------------- */

static void say_sides(const gb_claim_result *result, gb_str *out) {
    const gb_cost *cost = &result->cost;

    if (!result->claim->cost.own_prices) {
        gb_str_add(out, ", the same prices on both sides: what is saved of "
                        "cost is saved of energy");
        return;
    }
    gb_str_addf(out, "; baseline by %s (%s) at ", cost->baseline.tariff,
                cost->baseline.source);
    add_price(cost, &cost->baseline, out);
    gb_str_add(out, cost->by_prices
                        ? "; THE PRICES MAKE THE DIFFERENCE, not the energy: "
                          "at equal prices it is "
                        : "; at equal prices it is ");
    add_equal(result, out);
}

static void say_overhead(const gb_claim_result *result, gb_str *out) {
    const gb_cost *cost = &result->cost;

    if (!result->claim->cost.overhead) {
        gb_str_add(out, "; without the overhead of the facility");
        return;
    }
    gb_str_addf(out, "; with the overhead of the facility, %s %.4g",
                cost->run.overhead_metric, cost->run.overhead);
    if (isfinite(cost->baseline.overhead))
        gb_str_addf(out, " and %.4g at the baseline", cost->baseline.overhead);
}

static void say_cost(const gb_claim_result *result, gb_str *out) {
    const gb_cost *cost = &result->cost;

    gb_str_addf(out, "cost model by %s (%s) at ", cost->run.tariff,
                cost->run.source);
    add_price(cost, &cost->run, out);
    if (result->claim->form != GB_CLAIM_VALUE)
        say_sides(result, out);
    if (result->claim->metric == GB_CLAIM_PERIOD_COST) {
        if (isfinite(cost->demand))
            gb_str_addf(out, "; %.6g %s of it for the peaks of its months",
                        cost->demand, cost->currency);
        return;
    }
    say_overhead(result, out);
    if (cost->demand_left_out)
        gb_str_add(out, "; without the demand charge, for no run makes the "
                        "peak of a month");
    if (isfinite(cost->total))
        gb_str_addf(out, "; all repetitions of the run %.4g %s", cost->total,
                    cost->currency);
}

/* --- Chinese -------------------------------------------------------------- */

static void say_sides_chinese(const gb_claim_result *result, gb_str *out) {
    const gb_cost *cost = &result->cost;

    if (!result->claim->cost.own_prices) {
        gb_str_add(out, "，两边电价相同：节省的成本即节省的能耗");
        return;
    }
    gb_str_addf(out, "；基准按 %s（%s），均价 ", cost->baseline.tariff,
                cost->baseline.source);
    add_price(cost, &cost->baseline, out);
    gb_str_add(out, cost->by_prices ? "；差别来自电价而非能耗：电价相同时为 "
                                    : "；电价相同时为 ");
    add_equal(result, out);
}

static void say_overhead_chinese(const gb_claim_result *result, gb_str *out) {
    const gb_cost *cost = &result->cost;

    if (!result->claim->cost.overhead) {
        gb_str_add(out, "；不含设施的额外能耗");
        return;
    }
    gb_str_addf(out, "；含设施的额外能耗，%s %.4g", cost->run.overhead_metric,
                cost->run.overhead);
    if (isfinite(cost->baseline.overhead))
        gb_str_addf(out, "，基准 %.4g", cost->baseline.overhead);
}

static void say_cost_chinese(const gb_claim_result *result, gb_str *out) {
    const gb_cost *cost = &result->cost;

    gb_str_addf(out, "成本模型：按 %s（%s），均价 ", cost->run.tariff,
                cost->run.source);
    add_price(cost, &cost->run, out);
    if (result->claim->form != GB_CLAIM_VALUE)
        say_sides_chinese(result, out);
    if (result->claim->metric == GB_CLAIM_PERIOD_COST) {
        if (isfinite(cost->demand))
            gb_str_addf(out, "；其中 %.6g %s 为各月最大需量的电费",
                        cost->demand, cost->currency);
        return;
    }
    say_overhead_chinese(result, out);
    if (cost->demand_left_out)
        gb_str_add(out, "；不含需量电费，单次运行不构成月最大需量");
    if (isfinite(cost->total))
        gb_str_addf(out, "；该运行的全部重复共 %.4g %s", cost->total,
                    cost->currency);
}

void gb_claim_say_cost(const gb_claim_result *result, bool chinese,
                       gb_str *out) {
    if (result->cost.currency[0] == '\0' || !isfinite(result->estimate.value))
        return;
    if (chinese)
        say_cost_chinese(result, out);
    else
        say_cost(result, out);
}
