/* SPDX-License-Identifier: Apache-2.0 */
/* What single commands show with --json, and the manifest. */
#include "codec/json_parts.h"

/* --- list ----------------------------------------------------------------- */

/* @param params  [count] */
static json_t *params_of(gb_json_out *out, const gb_catalogue_param *params,
                         size_t count) {
    json_t *list = gb_json_array(out);
    for (size_t i = 0; i < count; i++) {
        const gb_catalogue_param *param = &params[i];
        json_t *one = gb_json_object(out);
        json_t *text = param->default_text != NULL
                           ? gb_json_text(out, param->default_text)
                           : json_null();
        gb_json_put(out, one, "name", gb_json_text(out, param->name));
        gb_json_put(out, one, "default", text);
        gb_json_put(out, one, "accepts", gb_json_fact(out, param->accepts));
        gb_json_put(out, one, "help", gb_json_text(out, param->help));
        gb_json_append(out, list, one);
    }
    return list;
}

static json_t *meter_of(gb_json_out *out, const gb_catalogue_meter *meter) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "id", gb_json_text(out, meter->id));
    gb_json_put(out, o, "version", gb_json_text(out, meter->version));
    gb_json_put(out, o, "summary", gb_json_text(out, meter->summary));
    gb_json_put(out, o, "path", gb_json_text(out, meter->path));
    gb_json_put(out, o, "sha256", gb_json_fact(out, meter->sha256));
    gb_json_put(out, o, "insecure", gb_json_fact(out, meter->insecure));
    gb_json_put(out, o, "slow", gb_json_bool(out, meter->slow));
    gb_json_put(out, o, "params",
                params_of(out, meter->params, meter->param_count));
    return o;
}

static json_t *entry_of(gb_json_out *out, const gb_catalogue_entry *entry) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "id", gb_json_text(out, entry->id));
    gb_json_put(out, o, "version", gb_json_text(out, entry->version));
    gb_json_put(out, o, "summary", gb_json_text(out, entry->summary));
    gb_json_put(out, o, "work_unit", gb_json_text(out, entry->work_unit));
    gb_json_put(out, o, "path", gb_json_text(out, entry->path));
    gb_json_put(out, o, "sha256", gb_json_fact(out, entry->sha256));
    gb_json_put(out, o, "insecure", gb_json_fact(out, entry->insecure));
    gb_json_put(out, o, "ranks_min", gb_json_u64(out, entry->ranks_min));
    gb_json_put(out, o, "ranks_multiple",
                gb_json_u64(out, entry->ranks_multiple));
    gb_json_put(out, o, "params",
                params_of(out, entry->params, entry->param_count));
    return o;
}

char *gb_json_list(const gb_catalogue *catalogue) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out);
    json_t *entries = gb_json_array(out), *refused = gb_json_array(out);
    json_t *meters = gb_json_array(out);
    for (size_t i = 0; i < catalogue->meter_count; i++)
        gb_json_append(out, meters, meter_of(out, &catalogue->meters[i]));
    for (size_t i = 0; i < catalogue->count; i++)
        gb_json_append(out, entries, entry_of(out, &catalogue->entries[i]));
    for (size_t i = 0; i < catalogue->refusal_count; i++) {
        const gb_catalogue_refusal *refusal = &catalogue->refusals[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "path", gb_json_text(out, refusal->path));
        gb_json_put(out, one, "what", gb_json_text(out, refusal->what));
        gb_json_put(out, one, "hint", gb_json_fact(out, refusal->hint));
        gb_json_append(out, refused, one);
    }
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.list/1"));
    gb_json_put(out, o, "benchmarks", entries);
    gb_json_put(out, o, "meters", meters);
    gb_json_put(out, o, "refused", refused);
    return gb_json_pretty(out, o);
}

/* --- doctor --------------------------------------------------------------- */

static json_t *findings_of(gb_json_out *out, const gb_findings *findings,
                           gb_severity *worst) {
    json_t *list = gb_json_array(out);
    for (size_t i = 0; i < findings->count; i++) {
        const gb_finding *finding = &findings->list[i];
        json_t *one = gb_json_object(out);
        if (finding->severity > *worst)
            *worst = finding->severity;
        gb_json_put(out, one, "severity",
                    gb_json_text(out, gb_severity_name(finding->severity)));
        gb_json_put(out, one, "code", gb_json_text(out, finding->code));
        gb_json_put(out, one, "title", gb_json_text(out, finding->title));
        gb_json_put(out, one, "evidence", gb_json_fact(out, finding->evidence));
        gb_json_put(out, one, "fix", gb_json_fact(out, finding->fix));
        gb_json_append(out, list, one);
    }
    return list;
}

char *gb_json_findings(const gb_node_findings *nodes, size_t count) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *others = gb_json_array(out);
    gb_severity worst = GB_SEVERITY_OK;
    json_t *first = findings_of(out, &nodes[0].findings, &worst);
    for (size_t i = 1; i < count; i++) {
        gb_severity own = GB_SEVERITY_OK;
        json_t *one = gb_json_object(out);
        json_t *list = findings_of(out, &nodes[i].findings, &own);
        gb_json_put(out, one, "node", gb_json_fact(out, nodes[i].node));
        gb_json_put(out, one, "worst",
                    gb_json_text(out, gb_severity_name(own)));
        gb_json_put(out, one, "findings", list);
        gb_json_append(out, others, one);
        worst = own > worst ? own : worst;
    }
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.doctor/1"));
    gb_json_put(out, o, "node", gb_json_fact(out, nodes[0].node));
    gb_json_put(out, o, "worst", gb_json_text(out, gb_severity_name(worst)));
    gb_json_put(out, o, "findings", first);
    gb_json_put(out, o, "other_nodes", others);
    return gb_json_pretty(out, o);
}

/* --- sensors -------------------------------------------------------------- */

static const gb_energy_figure not_measured = {0};

/* @p figure null: nothing was measured. */
static void put_figure(gb_json_out *out, json_t *o,
                       const gb_energy_figure *figure) {
    const bool have = figure != NULL;
    const gb_energy_figure *f = have ? figure : &not_measured;
    /* A window without length gives no power; null follows from the NaN. */
    gb_json_put(out, o, "energy_j", gb_json_real_if(out, have, f->energy_j));
    gb_json_put(out, o, "u_j", gb_json_real_if(out, have, f->u_j));
    gb_json_put(out, o, "u95_j", gb_json_real_if(out, have, f->u95_j));
    gb_json_put(out, o, "power_w",
                gb_json_real_if(out, have, f->energy_j / f->window_s));
    gb_json_put(out, o, "power_u_w",
                gb_json_real_if(out, have, f->u_j / f->window_s));
    gb_json_put(out, o, "window_s", gb_json_real_if(out, have, f->window_s));
    gb_json_put_flags(out, o, f);
    gb_json_put(out, o, "wraps",
                have ? gb_json_u64(out, f->wraps) : json_null());
    gb_json_put(out, o, "samples",
                have ? gb_json_u64(out, f->samples) : json_null());
    gb_json_put(out, o, "gaps", have ? gb_json_u64(out, f->gaps) : json_null());
}

static json_t *sensor_of(gb_json_out *out, const gb_energy_domain *domain,
                         const gb_energy_figure *figure) {
    json_t *o = gb_json_domain(out, domain);
    put_figure(out, o, figure);
    /* A domain that is fine may still have given no figure. */
    if (domain->reason[0] == '\0' && figure != NULL)
        gb_json_put(out, o, "reason", gb_json_fact(out, figure->reason));
    return o;
}

static json_t *sensors_node(gb_json_out *out, const gb_node *node,
                            const gb_node_figures *measured) {
    const gb_energy_figure *total = measured != NULL ? &measured->total : NULL;
    json_t *o = gb_json_object(out);
    const gb_quality quality =
        total != NULL ? total->quality : node->cover.quality;
    const char *reason =
        total == NULL ? "not measured: give --measure DUR" : total->reason;
    gb_json_put(out, o, "name", gb_json_fact(out, node->name));
    put_figure(out, o, total);
    gb_json_put(out, o, "quality", gb_json_text(out, gb_quality_name(quality)));
    json_t *window = measured != NULL ? gb_json_array(out) : json_null();
    if (measured != NULL) {
        gb_json_append(out, window,
                       gb_json_u64(out, measured->window.begin_ns));
        gb_json_append(out, window, gb_json_u64(out, measured->window.end_ns));
    }
    gb_json_put(out, o, "window_ns", window);
    gb_json_put(out, o, "coverage", gb_json_cover(out, node));
    gb_json_put(out, o, "reason", gb_json_fact(out, reason));
    return o;
}

static json_t *contradictions_of(gb_json_out *out,
                                 const gb_node_figures *measured) {
    json_t *list = gb_json_array(out);
    for (size_t i = 0; measured != NULL && i < measured->contradiction_count;
         i++) {
        const gb_contradiction *found = &measured->contradictions[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "code", gb_json_text(out, found->code));
        gb_json_put(out, one, "what", gb_json_text(out, found->what));
        gb_json_append(out, list, one);
    }
    return list;
}

char *gb_json_sensors(const gb_node *node, const gb_node_figures *measured) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *domains = gb_json_array(out);
    for (size_t i = 0; i < node->domain_count; i++) {
        const gb_energy_domain *domain = &node->domains[i];
        const bool read = measured != NULL && domain->status == GB_DOMAIN_OK;
        gb_json_append(
            out, domains,
            sensor_of(out, domain, read ? &measured->figures[i] : NULL));
    }
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.sensors/1"));
    gb_json_put(out, o, "node", sensors_node(out, node, measured));
    gb_json_put(out, o, "domains", domains);
    gb_json_put(out, o, "contradictions", contradictions_of(out, measured));
    return gb_json_pretty(out, o);
}
