/* SPDX-License-Identifier: Apache-2.0 */
/* summary.json: the paths of "greenbench.summary/1". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_parts.h"

/* --- what the run's meters cover ------------------------------------------ */

/* The same for every benchmark of a run, so it is put together once. */
typedef struct coverage {
    gb_str sources, holds, leaves_out; /* each distinct text once */
    size_t domains_read, domains;
} coverage;

/* Whole elements only: "DRAM" is not in "2 packages + DRAM". */
static bool lists(const gb_str *list, const char *text) {
    const size_t length = strlen(text);
    const char *at = list->text;
    while (at != NULL && *at != '\0') {
        const char *end = strstr(at, "; ");
        const size_t here = end != NULL ? (size_t)(end - at) : strlen(at);
        if (here == length && memcmp(at, text, length) == 0)
            return true;
        at = end != NULL ? end + 2 : NULL;
    }
    return false;
}

static void add_once(gb_str *list, const char *text) {
    if (text[0] == '\0' || lists(list, text))
        return;
    if (list->length > 0)
        gb_str_add(list, "; ");
    gb_str_add(list, text);
}

static void collect_coverage(const gb_session *session, coverage *all) {
    for (size_t i = 0; i < session->node_count; i++) {
        const gb_node *node = &session->nodes[i];
        all->domains += node->domain_count;
        all->domains_read += node->cover.summed_count;
        add_once(&all->holds, node->cover.holds);
        add_once(&all->leaves_out, node->cover.leaves_out);
        for (size_t k = 0; k < node->domain_count; k++)
            if (node->domains[k].summed)
                add_once(&all->sources, node->domains[k].source);
    }
}

static void coverage_fini(coverage *all) {
    gb_str_fini(&all->sources);
    gb_str_fini(&all->holds);
    gb_str_fini(&all->leaves_out);
}

/* --- statistics ----------------------------------------------------------- */

static json_t *reals(gb_json_out *out, const double *values, size_t count) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < count; i++)
        gb_json_append(out, array, gb_json_real(out, values[i]));
    return array;
}

static json_t *interval(gb_json_out *out, const double *ends, bool valid) {
    return valid && isfinite(ends[0]) && isfinite(ends[1]) ? reals(out, ends, 2)
                                                           : json_null();
}

/* An invalid trial has no statistics, whatever its raw values say. */
static json_t *series_of(gb_json_out *out, const gb_series_stats *stats,
                         bool valid) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "value", gb_json_real_if(out, valid, stats->value));
    gb_json_put(out, o, "n", gb_json_u64(out, stats->n));
    gb_json_put(out, o, "mean", gb_json_real_if(out, valid, stats->mean));
    gb_json_put(out, o, "median", gb_json_real_if(out, valid, stats->median));
    gb_json_put(out, o, "stddev", gb_json_real_if(out, valid, stats->stddev));
    gb_json_put(out, o, "ci95", interval(out, stats->ci95, valid));
    gb_json_put(out, o, "raw", reals(out, stats->raw, stats->n));
    return o;
}

/* --- one benchmark -------------------------------------------------------- */

static void put_params(gb_json_out *out, json_t *o,
                       const gb_plan_case *planned) {
    json_t *texts = gb_json_object(out), *values = gb_json_object(out);
    for (size_t i = 0; i < planned->param_count; i++) {
        const gb_plan_param *param = &planned->params[i];
        gb_json_put(out, texts, param->name, gb_json_text(out, param->text));
        if (param->kind == GB_VALUE_F64)
            gb_json_put(out, values, param->name,
                        gb_json_real(out, param->f64));
        else if (param->kind != GB_VALUE_TEXT)
            gb_json_put(out, values, param->name, gb_json_u64(out, param->u64));
    }
    gb_json_put(out, o, "params", texts);
    gb_json_put(out, o, "param_values", values);
}

static json_t *budget_of(gb_json_out *out, const gb_energy_budget *budget) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "quantisation_j",
                gb_json_real(out, budget->quantisation_j));
    gb_json_put(out, o, "phase_j", gb_json_real(out, budget->phase_j));
    gb_json_put(out, o, "latency_j", gb_json_real(out, budget->latency_j));
    gb_json_put(out, o, "unsampled_j", gb_json_real(out, budget->unsampled_j));
    gb_json_put(out, o, "calibration_j",
                gb_json_real(out, budget->calibration_j));
    return o;
}

static json_t *coverage_of(gb_json_out *out, const gb_result *result,
                           const gb_bench_result *bench, const coverage *all) {
    json_t *o = gb_json_object(out);
    size_t read = 0;
    for (size_t i = 0; i < bench->node_count; i++)
        read += isfinite(bench->nodes[i].energy_j) != 0;
    gb_json_put(out, o, "nodes_read", gb_json_u64(out, read));
    gb_json_put(out, o, "nodes", gb_json_u64(out, result->session->node_count));
    gb_json_put(out, o, "domains_read", gb_json_u64(out, all->domains_read));
    gb_json_put(out, o, "domains", gb_json_u64(out, all->domains));
    gb_json_put(out, o, "holds", gb_json_fact(out, all->holds.text));
    gb_json_put(out, o, "leaves_out", gb_json_fact(out, all->leaves_out.text));
    return o;
}

static json_t *energy_of(gb_json_out *out, const gb_result *result,
                         const gb_bench_result *bench, const coverage *all) {
    const gb_energy_figure *figure = &bench->energy;
    const bool have = isfinite(figure->energy_j) != 0;
    json_t *o = gb_json_object(out);
    const gb_quality quality = have ? figure->quality : GB_QUALITY_UNAVAILABLE;
    gb_json_put(out, o, "value_j", gb_json_real(out, figure->energy_j));
    gb_json_put(out, o, "u_j", gb_json_real_if(out, have, figure->u_j));
    gb_json_put(out, o, "u95_j", gb_json_real_if(out, have, figure->u95_j));
    gb_json_put(out, o, "net_j", gb_json_real(out, bench->net_j));
    gb_json_put(out, o, "net_u_j",
                gb_json_real_if(out, isfinite(bench->net_j), bench->net_u_j));
    gb_json_put(out, o, "net_reason", gb_json_fact(out, bench->net_reason));
    gb_json_put(out, o, "quality", gb_json_text(out, gb_quality_name(quality)));
    gb_json_put(out, o, "source", gb_json_fact(out, all->sources.text));
    gb_json_put(out, o, "coverage", coverage_of(out, result, bench, all));
    gb_json_put(out, o, "reason", gb_json_fact(out, figure->reason));
    gb_json_put(out, o, "raw",
                reals(out, bench->energy_raw,
                      bench->energy_raw != NULL ? bench->performance.n : 0));
    gb_json_put(out, o, "budget_j",
                have ? budget_of(out, &figure->budget) : json_null());
    gb_json_put(out, o, "window_s",
                gb_json_real_if(out, have, figure->window_s));
    gb_json_put(out, o, "wraps", gb_json_u64(out, figure->wraps));
    gb_json_put(out, o, "samples", gb_json_u64(out, figure->samples));
    gb_json_put(out, o, "gaps", gb_json_u64(out, figure->gaps));
    gb_json_put(out, o, "errors", gb_json_u64(out, figure->errors));
    return o;
}

static json_t *efficiency_of(gb_json_out *out, const gb_bench_result *bench) {
    json_t *o = gb_json_object(out);
    char unit[64];
    const bool have = bench->valid && isfinite(bench->efficiency);
    snprintf(unit, sizeof(unit), "%s/s/W", bench->work_unit);
    gb_json_put(out, o, "value", gb_json_real_if(out, have, bench->efficiency));
    gb_json_put(out, o, "unit", gb_json_text(out, unit));
    gb_json_put(out, o, "unit_per_joule",
                gb_json_fact(out, bench->efficiency_unit));
    gb_json_put(out, o, "u", gb_json_real_if(out, have, bench->efficiency_u));
    gb_json_put(out, o, "ci95", interval(out, bench->efficiency_ci95, have));
    gb_json_put(out, o, "reason", gb_json_fact(out, bench->efficiency_reason));
    return o;
}

static json_t *bench_nodes(gb_json_out *out, const gb_session *session,
                           const gb_bench_result *bench) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < bench->node_count; i++) {
        const gb_bench_node *node = &bench->nodes[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "node",
                    gb_json_text(out, session->nodes[node->node].name));
        gb_json_put(out, o, "node_index", gb_json_u64(out, node->node));
        gb_json_put(out, o, "energy_j", gb_json_real(out, node->energy_j));
        gb_json_put(out, o, "u_j", gb_json_real(out, node->u_j));
        gb_json_put(out, o, "power_w", gb_json_real(out, node->power_w));
        gb_json_put(out, o, "performance",
                    gb_json_real_if(out, bench->valid, node->performance));
        gb_json_append(out, array, o);
    }
    return array;
}

/* Counter names come from the session, in the order of the values. */
static json_t *counters_of(gb_json_out *out, const gb_session *session,
                           const gb_bench_result *bench) {
    json_t *o = gb_json_object(out);
    const char *at = session->counters != NULL ? session->counters : "";
    for (size_t i = 0; i < bench->counter_count && *at != '\0'; i++) {
        const size_t length = strcspn(at, ",");
        char name[128];
        snprintf(name, sizeof(name), "%.*s", (int)length, at);
        gb_json_put(out, o, name, gb_json_real(out, bench->counters[i]));
        at += length;
        at += *at == ',';
    }
    return o;
}

static json_t *performance_of(gb_json_out *out, const gb_bench_result *bench) {
    json_t *o = series_of(out, &bench->performance, bench->valid);
    gb_json_put(out, o, "unit", gb_json_text(out, bench->unit));
    gb_json_put(out, o, "better", gb_json_text(out, "higher"));
    return o;
}

static json_t *bench_of(gb_json_out *out, const gb_result *result,
                        const gb_bench_result *bench, const coverage *all) {
    json_t *o = gb_json_object(out), *work = gb_json_object(out);
    json_t *power = gb_json_object(out);
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    gb_json_put(out, o, "id", gb_json_text(out, planned->id));
    gb_json_put(out, o, "version", gb_json_text(out, planned->version));
    put_params(out, o, planned);
    gb_json_put(out, o, "valid", gb_json_bool(out, bench->valid));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_status_name(bench->status)));
    gb_json_put(out, o, "reason", gb_json_fact(out, bench->reason));
    gb_json_put(out, o, "hint", gb_json_fact(out, bench->hint));
    gb_json_put(out, o, "performance", performance_of(out, bench));
    gb_json_put(out, o, "time_s", series_of(out, &bench->time_s, bench->valid));
    gb_json_put(out, work, "value",
                gb_json_real_if(out, bench->valid, bench->work));
    gb_json_put(out, work, "unit", gb_json_text(out, bench->work_unit));
    gb_json_put(out, o, "work", work);
    gb_json_put(out, o, "energy", energy_of(out, result, bench, all));
    gb_json_put(out, power, "value", gb_json_real(out, bench->power_w));
    gb_json_put(
        out, power, "u",
        gb_json_real_if(out, isfinite(bench->power_w), bench->power_u_w));
    gb_json_put(out, o, "power_w", power);
    gb_json_put(out, o, "efficiency", efficiency_of(out, bench));
    gb_json_put(out, o, "edp_js",
                gb_json_real_if(out, bench->valid, bench->edp_js));
    gb_json_put(out, o, "per_node", bench_nodes(out, result->session, bench));
    gb_json_put(out, o, "counters", counters_of(out, result->session, bench));
    gb_json_put(out, o, "notes",
                gb_json_notes(out, bench->notes, bench->note_count));
    gb_json_put(out, o, "iterations", gb_json_u64(out, bench->iterations));
    gb_json_put(out, o, "window_ratio", gb_json_real(out, bench->window_ratio));
    return o;
}

/* --- the run -------------------------------------------------------------- */

static json_t *tool_of(gb_json_out *out, const gb_session *session) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "version", gb_json_text(out, session->tool_version));
    gb_json_put(out, o, "git", gb_json_fact(out, session->tool_git));
    gb_json_put(out, o, "build", gb_json_fact(out, session->tool_build));
    return o;
}

static json_t *run_of(gb_json_out *out, const gb_result *result) {
    const gb_session *session = result->session;
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "id", gb_json_text(out, session->run_id));
    gb_json_put(out, o, "command", gb_json_fact(out, session->command));
    gb_json_put(out, o, "suite", gb_json_text(out, session->suite));
    gb_json_put(out, o, "started_utc",
                gb_json_utc(out, session->started_utc_ns));
    gb_json_put(out, o, "ended_utc", gb_json_utc(out, result->ended_utc_ns));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_json_run_status_name(result->status)));
    gb_json_put(out, o, "ranks", gb_json_u64(out, session->ranks));
    gb_json_put(out, o, "nodes", gb_json_u64(out, session->node_count));
    gb_json_put(out, o, "mpi", gb_json_fact(out, session->mpi));
    gb_json_put(out, o, "scheduler", gb_json_fact(out, session->scheduler));
    gb_json_put(out, o, "sysroot", gb_json_fact(out, session->sysroot));
    gb_json_put(out, o, "require_energy",
                gb_json_bool(out, session->require_energy));
    gb_json_put(out, o, "counters_absent",
                gb_json_fact(out, session->counters_absent));
    return o;
}

static json_t *system_of(gb_json_out *out, const gb_session *session) {
    json_t *o = gb_json_object(out), *nodes = gb_json_array(out);
    for (size_t i = 0; i < session->node_count; i++)
        gb_json_append(out, nodes, gb_json_node(out, &session->nodes[i]));
    gb_json_put(out, o, "nodes", nodes);
    return o;
}

static json_t *seconds_or_null(gb_json_out *out, uint64_t ns) {
    return ns == 0 ? json_null() : gb_json_real(out, (double)ns * 1e-9);
}

/* @p figure null: the domain was never read. */
static json_t *source_of(gb_json_out *out, const gb_node *node,
                         const gb_energy_domain *domain,
                         const gb_source_figure *figure) {
    json_t *o = gb_json_object(out);
    static const gb_source_figure never_read = {0};
    const bool gauge = domain->kind == GB_READING_POWER;
    const bool have = figure != NULL;
    const gb_source_figure *f = have ? figure : &never_read;
    gb_json_put(out, o, "node", gb_json_text(out, node->name));
    gb_json_put(out, o, "source", gb_json_text(out, domain->source));
    gb_json_put(out, o, "domain", gb_json_text(out, domain->name));
    gb_json_put(out, o, "scope",
                gb_json_text(out, gb_scope_name(domain->scope)));
    gb_json_put(out, o, "kind", gb_json_text(out, gauge ? "power" : "energy"));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_domain_status_name(
                                      have ? f->status : domain->status)));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(domain->quality)));
    gb_json_put(out, o, "summed", gb_json_bool(out, domain->summed));
    gb_json_put(out, o, "shared", gb_json_bool(out, domain->shared));
    gb_json_put(
        out, o, "reason",
        gb_json_fact(out, f->reason[0] != '\0' ? f->reason : domain->reason));
    gb_json_put(out, o, "fix", gb_json_fact(out, domain->fix));
    gb_json_put(out, o, "tick_j", gb_json_real_if(out, !gauge, domain->tick_j));
    gb_json_put(out, o, "tick_w", gb_json_real_if(out, gauge, domain->tick_j));
    gb_json_put(out, o, "update_s", seconds_or_null(out, domain->update_ns));
    gb_json_put(out, o, "u_rel", gb_json_real(out, domain->u_rel));
    gb_json_put(out, o, "energy_j", gb_json_real_if(out, have, f->energy_j));
    gb_json_put(out, o, "wraps",
                have ? gb_json_u64(out, f->wraps) : json_null());
    gb_json_put(out, o, "reads",
                have ? gb_json_u64(out, f->reads) : json_null());
    gb_json_put(out, o, "errors",
                have ? gb_json_u64(out, f->errors) : json_null());
    return o;
}

/* Every domain of every node, read or not: what is absent is part of the
 * result. */
static json_t *sources_of(gb_json_out *out, const gb_result *result) {
    const gb_session *session = result->session;
    json_t *array = gb_json_array(out);
    size_t at = 0; /* figures lie in the order of the nodes' domains */
    for (size_t i = 0; i < session->node_count; i++) {
        const gb_node *node = &session->nodes[i];
        for (size_t k = 0; k < node->domain_count; k++) {
            const gb_source_figure *figure = NULL;
            if (at < result->source_count && result->sources[at].node == i &&
                result->sources[at].domain == k)
                figure = &result->sources[at++];
            gb_json_append(out, array,
                           source_of(out, node, &node->domains[k], figure));
        }
    }
    return array;
}

static json_t *idle_of(gb_json_out *out, const gb_idle_figure *idle) {
    json_t *o = gb_json_object(out);
    const char *reason =
        idle->present ? idle->energy.reason : "no idle window was measured";
    const bool have = idle->present && isfinite(idle->power_w);
    gb_json_put(out, o, "power_w", gb_json_real_if(out, have, idle->power_w));
    gb_json_put(out, o, "u_w", gb_json_real_if(out, have, idle->u_w));
    gb_json_put(out, o, "window_s",
                gb_json_real_if(out, have, idle->energy.window_s));
    gb_json_put(
        out, o, "quality",
        gb_json_text(out, gb_quality_name(have ? idle->energy.quality
                                               : GB_QUALITY_UNAVAILABLE)));
    gb_json_put(out, o, "reason", gb_json_fact(out, reason));
    return o;
}

static json_t *overhead_of(gb_json_out *out, const gb_result *result) {
    json_t *o = gb_json_object(out);
    const bool sampled = isfinite(result->sampler_cpu_fraction) != 0;
    gb_json_put(out, o, "sampler_cpu_fraction",
                gb_json_real(out, result->sampler_cpu_fraction));
    gb_json_put(out, o, "sample_cost_s",
                gb_json_real(out, result->sample_cost_s));
    gb_json_put(out, o, "sample_hz",
                gb_json_real(out, result->session->sample_hz));
    gb_json_put(out, o, "sampler_cpu_s",
                gb_json_real_if(out, sampled, result->sampler_total.cpu_s));
    gb_json_put(out, o, "reads",
                sampled ? gb_json_u64(out, result->sampler_total.reads)
                        : json_null());
    gb_json_put(out, o, "wakeups",
                sampled ? gb_json_u64(out, result->sampler_total.wakeups)
                        : json_null());
    gb_json_put(out, o, "late",
                sampled ? gb_json_u64(out, result->sampler_total.late)
                        : json_null());
    gb_json_put(
        out, o, "reason",
        gb_json_fact(
            out, sampled ? "" : "nothing was sampled, or the run was cut off"));
    return o;
}

static json_t *warnings_of(gb_json_out *out, const gb_result *result) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "code", gb_json_text(out, warning->code));
        gb_json_put(out, o, "what", gb_json_text(out, warning->what));
        gb_json_put(out, o, "hint", gb_json_fact(out, warning->hint));
        gb_json_append(out, array, o);
    }
    return array;
}

char *gb_json_summary(const gb_result *result) {
    gb_json_out state = {0}, *out = &state;
    coverage all = {0};
    json_t *o = gb_json_object(out);
    json_t *idle = gb_json_object(out), *benches = gb_json_array(out);
    collect_coverage(result->session, &all);
    if (all.sources.failed || all.holds.failed || all.leaves_out.failed)
        out->failed = true;
    for (size_t i = 0; i < result->bench_count; i++)
        gb_json_append(out, benches,
                       bench_of(out, result, &result->benches[i], &all));
    coverage_fini(&all);
    gb_json_put(out, idle, "before", idle_of(out, &result->idle_before));
    gb_json_put(out, idle, "after", idle_of(out, &result->idle_after));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.summary/1"));
    gb_json_put(out, o, "tool", tool_of(out, result->session));
    gb_json_put(out, o, "run", run_of(out, result));
    gb_json_put(out, o, "system", system_of(out, result->session));
    gb_json_put(out, o, "energy_sources", sources_of(out, result));
    gb_json_put(out, o, "idle", idle);
    gb_json_put(out, o, "overhead", overhead_of(out, result));
    gb_json_put(out, o, "benchmarks", benches);
    gb_json_put(out, o, "warnings", warnings_of(out, result));
    return gb_json_pretty(out, o);
}
