/* SPDX-License-Identifier: Apache-2.0 */
/* What `carbon` shows: "greenbench.carbon/1". */
#include <math.h>
#include <stdlib.h>

#include "codec/json_parts.h"

/* --- what electricity is charged with ------------------------------------- */

static json_t *trace_of(gb_json_out *out, const gb_intensity_trace *trace) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "file", gb_json_text(out, trace->file));
    gb_json_put(out, o, "format", gb_json_text(out, trace->format));
    gb_json_put(out, o, "zone", gb_json_fact(out, trace->zone));
    gb_json_put(out, o, "rows", gb_json_u64(out, trace->row_count));
    gb_json_put(out, o, "without_value", gb_json_u64(out, trace->nulls));
    gb_json_put(out, o, "holes", gb_json_u64(out, trace->gaps));
    gb_json_put(out, o, "note", gb_json_fact(out, trace->note));
    return o;
}

static json_t *rate_of(gb_json_out *out, const gb_carbon_rate *rate) {
    const gb_factor *factor = &rate->factor;
    const bool traced = rate->traced;

    if (!rate->present)
        return json_null();
    const gb_carbon_type *type = gb_carbon_rate_type(rate);
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "gas",
                gb_json_text(out, gb_carbon_gas_name(type->gas)));
    gb_json_put(out, o, "kind",
                gb_json_text(out, gb_carbon_kind_name(type->kind)));
    gb_json_put(out, o, "scope",
                gb_json_text(out, gb_carbon_scope_name(type->scope)));
    gb_json_put(out, o, "g_per_kwh",
                gb_json_real_if(out, !traced, factor->g_per_kwh));
    gb_json_put(out, o, "u_rel", gb_json_real_if(out, !traced, factor->u_rel));
    gb_json_put(out, o, "accuracy", gb_json_fact(out, factor->accuracy));
    gb_json_put(out, o, "region", gb_json_fact(out, factor->region));
    gb_json_put(out, o, "region_name", gb_json_fact(out, factor->name));
    gb_json_put(out, o, "year", gb_json_count(out, (uint64_t)factor->year));
    gb_json_put(out, o, "series", gb_json_fact(out, factor->series));
    gb_json_put(out, o, "publication", gb_json_fact(out, factor->publication));
    gb_json_put(
        out, o, "source",
        gb_json_text(out, traced ? rate->trace.source : factor->source));
    gb_json_put(out, o, "stands_at", gb_json_fact(out, factor->origin.where));
    gb_json_put(
        out, o, "sha256",
        gb_json_fact(out, traced ? rate->trace.sha256 : factor->sha256));
    gb_json_put(out, o, "trace",
                traced ? trace_of(out, &rate->trace) : json_null());
    return o;
}

static json_t *supply_of(gb_json_out *out, const gb_carbon_supply *supply) {
    if (supply == NULL)
        return json_null();
    json_t *o = gb_json_object(out);
    for (int b = 0; b < GB_CARBON_BASES; b++)
        gb_json_put(out, o, gb_carbon_basis_name((gb_carbon_basis)b),
                    rate_of(out, &supply->rates[b]));
    gb_json_put(out, o, "instruments", gb_json_fact(out, supply->instruments));
    return o;
}

/* --- amounts -------------------------------------------------------------- */

static json_t *pers_of(gb_json_out *out, const gb_carbon_amount *amount,
                       const gb_carbon_per *pers, size_t count) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < count; i++) {
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "unit", gb_json_text(out, pers[i].unit));
        gb_json_put(out, o, "what", gb_json_fact(out, pers[i].what));
        gb_json_put(out, o, "amount", gb_json_real(out, pers[i].amount));
        gb_json_put(out, o, "g", gb_json_real(out, amount->g / pers[i].amount));
        gb_json_put(out, o, "u_g",
                    gb_json_real(out, amount->u_g / pers[i].amount));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *amount_of(gb_json_out *out, const gb_carbon_rate *rate,
                         const gb_carbon_amount *amount,
                         const gb_carbon_per *pers, size_t per_count) {
    if (!rate->present)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(
        out, o, "gas",
        gb_json_text(out, gb_carbon_gas_name(gb_carbon_rate_type(rate)->gas)));
    gb_json_put(out, o, "g", gb_json_real(out, amount->g));
    gb_json_put(out, o, "u_g", gb_json_real(out, amount->u_g));
    gb_json_put(out, o, "g_per_kwh", gb_json_real(out, amount->g_per_kwh));
    gb_json_put(out, o, "energy_u_rel",
                gb_json_real(out, amount->energy_u_rel));
    gb_json_put(out, o, "factor_u_rel",
                gb_json_real(out, amount->factor_u_rel));
    gb_json_put(out, o, "filled_u_rel",
                gb_json_real(out, amount->filled_u_rel));
    gb_json_put(out, o, "missing_share", gb_json_real(out, amount->missing));
    gb_json_put(out, o, "estimated_share",
                gb_json_real(out, amount->estimated));
    gb_json_put(out, o, "forecast_share", gb_json_real(out, amount->forecast));
    gb_json_put(out, o, "reason", gb_json_fact(out, amount->reason));
    gb_json_put(out, o, "per", pers_of(out, amount, pers, per_count));
    return o;
}

/* --- hardware ------------------------------------------------------------- */

static json_t *embodied_of(gb_json_out *out, const gb_embodied *embodied) {
    if (!embodied->present)
        return json_null();
    json_t *o = gb_json_object(out), *parts = gb_json_array(out);
    for (size_t i = 0; i < embodied->part_count; i++) {
        const gb_embodied_part *part = &embodied->parts[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "name", gb_json_text(out, part->name));
        gb_json_put(out, one, "count", gb_json_real(out, part->count));
        gb_json_put(out, one, "low_kg", gb_json_real(out, part->low_kg));
        gb_json_put(out, one, "high_kg", gb_json_real(out, part->high_kg));
        gb_json_put(out, one, "how", gb_json_text(out, part->how));
        gb_json_append(out, parts, one);
    }
    gb_json_put(out, o, "kg", gb_json_real(out, embodied->kg));
    gb_json_put(out, o, "low_kg", gb_json_real(out, embodied->low_kg));
    gb_json_put(out, o, "high_kg", gb_json_real(out, embodied->high_kg));
    gb_json_put(out, o, "lifetime_s", gb_json_real(out, embodied->lifetime_s));
    gb_json_put(out, o, "share", gb_json_real(out, embodied->share));
    gb_json_put(out, o, "source", gb_json_text(out, embodied->source));
    gb_json_put(out, o, "parts", parts);
    return o;
}

static json_t *sci_setting_of(gb_json_out *out, const gb_sci_setting *sci) {
    if (!sci->present)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "per", gb_json_text(out, gb_sci_per_name(sci->per)));
    gb_json_put(out, o, "intensity",
                gb_json_text(out, gb_carbon_basis_name(sci->basis)));
    gb_json_put(out, o, "overhead", gb_json_real(out, sci->overhead));
    gb_json_put(out, o, "overhead_source",
                gb_json_fact(out, sci->overhead_source));
    return o;
}

static json_t *sci_of(gb_json_out *out, const gb_sci *sci) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "energy_kwh", gb_json_real(out, sci->energy_kwh));
    gb_json_put(out, o, "g_per_kwh", gb_json_real(out, sci->g_per_kwh));
    gb_json_put(out, o, "operational_g", gb_json_real(out, sci->operational_g));
    gb_json_put(out, o, "embodied_g", gb_json_real(out, sci->embodied_g));
    gb_json_put(out, o, "embodied_low_g",
                gb_json_real(out, sci->embodied_low_g));
    gb_json_put(out, o, "embodied_high_g",
                gb_json_real(out, sci->embodied_high_g));
    gb_json_put(out, o, "time_s", gb_json_real(out, sci->time_s));
    gb_json_put(out, o, "nodes", gb_json_u64(out, sci->nodes));
    gb_json_put(out, o, "amount",
                gb_json_real_if(out, sci->amount > 0.0, sci->amount));
    gb_json_put(out, o, "unit", gb_json_fact(out, sci->unit));
    gb_json_put(out, o, "g_per_r", gb_json_real(out, sci->g_per_r));
    gb_json_put(out, o, "u_g_per_r", gb_json_real(out, sci->u_g_per_r));
    gb_json_put(out, o, "reason", gb_json_fact(out, sci->reason));
    return o;
}

/* --- runs and a site ------------------------------------------------------ */

static json_t *bench_of(gb_json_out *out, const gb_footprint *footprint,
                        const gb_carbon_run *run,
                        const gb_carbon_bench *bench) {
    const gb_energy_figure *energy = &bench->result->energy;
    const gb_node *node = &run->result->session->nodes[0];
    json_t *o = gb_json_object(out);
    char *params = gb_plan_case_params(bench->planned);

    out->failed = out->failed || params == NULL;
    gb_json_put(out, o, "benchmark", gb_json_text(out, bench->planned->id));
    gb_json_put(out, o, "params",
                gb_json_text(out, params != NULL ? params : ""));
    free(params);
    gb_json_put(out, o, "energy_j", gb_json_real(out, energy->energy_j));
    gb_json_put(out, o, "energy_u_j", gb_json_real(out, energy->u_j));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(energy->quality)));
    gb_json_put(out, o, "holds", gb_json_fact(out, node->cover.holds));
    gb_json_put(out, o, "leaves_out",
                gb_json_fact(out, node->cover.leaves_out));
    for (int b = 0; b < GB_CARBON_BASES; b++)
        gb_json_put(out, o, gb_carbon_basis_name((gb_carbon_basis)b),
                    amount_of(out, &run->supply->rates[b], &bench->amounts[b],
                              bench->pers, bench->per_count));
    gb_json_put(out, o, "sci",
                footprint->setting->sci.present ? sci_of(out, &bench->sci)
                                                : json_null());
    return o;
}

static json_t *run_of(gb_json_out *out, const gb_footprint *footprint,
                      const gb_carbon_run *run) {
    json_t *o = gb_json_object(out), *benches = gb_json_array(out);

    for (size_t i = 0; i < run->bench_count; i++)
        gb_json_append(out, benches,
                       bench_of(out, footprint, run, &run->benches[i]));
    gb_json_put(out, o, "run", gb_json_text(out, run->result->session->run_id));
    gb_json_put(out, o, "name", gb_json_text(out, run->name));
    gb_json_put(out, o, "supply", supply_of(out, run->supply));
    gb_json_put(out, o, "benchmarks", benches);
    return o;
}

static json_t *site_of(gb_json_out *out, const gb_carbon_site *site) {
    if (!site->present)
        return json_null();
    const bool had = site->reason[0] == '\0';
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "name", gb_json_text(out, site->name));
    gb_json_put(out, o, "boundary", gb_json_text(out, site->boundary));
    gb_json_put(out, o, "from", gb_json_utc(out, (uint64_t)site->from_ns));
    gb_json_put(out, o, "to", gb_json_utc(out, (uint64_t)site->to_ns));
    gb_json_put(out, o, "facility_j",
                gb_json_real_if(out, had, site->facility_j));
    gb_json_put(out, o, "it_j", gb_json_real_if(out, had, site->it_j));
    gb_json_put(out, o, "missing_share", gb_json_real(out, site->missing));
    gb_json_put(out, o, "reason", gb_json_fact(out, site->reason));
    gb_json_put(out, o, "supply", supply_of(out, site->supply));
    for (int b = 0; b < GB_CARBON_BASES; b++)
        gb_json_put(out, o, gb_carbon_basis_name((gb_carbon_basis)b),
                    had ? amount_of(out, &site->supply->rates[b],
                                    &site->amounts[b], NULL, 0)
                        : json_null());
    return o;
}

char *gb_json_footprint(const gb_footprint *footprint) {
    const gb_carbon_setting *setting = footprint->setting;
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *runs = gb_json_array(out);

    for (size_t i = 0; i < footprint->run_count; i++)
        gb_json_append(out, runs, run_of(out, footprint, &footprint->runs[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.carbon/1"));
    gb_json_put(out, o, "name", gb_json_text(out, setting->name));
    gb_json_put(out, o, "boundary", gb_json_text(out, setting->boundary));
    gb_json_put(out, o, "carbon_sha256", gb_json_fact(out, setting->sha256));
    gb_json_put(out, o, "max_missing_share",
                gb_json_real(out, setting->missing_max));
    gb_json_put(out, o, "embodied", embodied_of(out, &setting->embodied));
    gb_json_put(out, o, "sci", sci_setting_of(out, &setting->sci));
    gb_json_put(out, o, "runs", runs);
    gb_json_put(out, o, "site", site_of(out, &footprint->site));
    return gb_json_pretty(out, o);
}

/* --- the tables ----------------------------------------------------------- */

char *gb_json_factors(const gb_factors *factors) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *array = gb_json_array(out);

    for (size_t i = 0; i < factors->count; i++) {
        const gb_carbon_rate rate = {.present = true,
                                     .factor = factors->rows[i]};
        gb_json_append(out, array, rate_of(out, &rate));
    }
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.factors/1"));
    gb_json_put(out, o, "factors", array);
    return gb_json_pretty(out, o);
}
