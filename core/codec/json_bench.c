/* SPDX-License-Identifier: Apache-2.0 */
/* benchmarks[] of summary.json. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_stream.h"
#include "model/coverage.h"

/* --- statistics ----------------------------------------------------------- */

static json_t *reals(gb_json_out *out, const double *values, size_t count) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < count; i++)
        gb_json_append(out, array, gb_json_real(out, values[i]));
    return array;
}

static json_t *interval(gb_json_out *out, const double *ends, bool valid) {
    return valid ? gb_json_interval(out, ends) : json_null();
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
    gb_json_put_budget(out, o, budget);
    return o;
}

static json_t *coverage_of(gb_json_out *out, const gb_result *result,
                           const gb_bench_result *bench,
                           const gb_coverage *all) {
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
    gb_json_put(out, o, "missing", gb_json_fact(out, all->missing.text));
    return o;
}

/* Null where all nodes have energy, or none has. */
static json_t *partial_of(gb_json_out *out, const gb_bench_result *bench) {
    const gb_partial *partial = &bench->partial;
    if (partial->node_count == 0)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "nodes_read", gb_json_u64(out, partial->node_count));
    gb_json_put(out, o, "value_j", gb_json_real(out, partial->energy.energy_j));
    gb_json_put(out, o, "u_j", gb_json_real(out, partial->energy.u_j));
    gb_json_put(out, o, "power_w", gb_json_real(out, partial->power_w));
    gb_json_put(out, o, "power_u_w", gb_json_real(out, partial->power_u_w));
    gb_json_put(out, o, "work", gb_json_real(out, partial->work));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(partial->energy.quality)));
    return o;
}

static json_t *energy_of(gb_json_out *out, const gb_result *result,
                         const gb_bench_result *bench, const gb_coverage *all) {
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
    gb_json_put(out, o, "partial", partial_of(out, bench));
    gb_json_put(out, o, "reason", gb_json_fact(out, figure->reason));
    gb_json_put(out, o, "raw",
                reals(out, bench->energy_raw,
                      bench->energy_raw != NULL ? bench->time_s.n : 0));
    gb_json_put(out, o, "budget_j",
                have ? budget_of(out, &figure->budget) : json_null());
    gb_json_put(out, o, "window_s",
                gb_json_real_if(out, have, figure->window_s));
    gb_json_put_flags(out, o, figure);
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
    gb_json_put(out, o, "partial",
                gb_json_bool(out, bench->efficiency_partial));
    gb_json_put(out, o, "reason", gb_json_fact(out, bench->efficiency_reason));
    return o;
}

static json_t *bench_node(gb_json_out *out, const gb_session *session,
                          const gb_bench_result *bench,
                          const gb_bench_node *node) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "node",
                gb_json_text(out, session->nodes[node->node].name));
    gb_json_put(out, o, "node_index", gb_json_u64(out, node->node));
    gb_json_put(out, o, "energy_j", gb_json_real(out, node->energy_j));
    gb_json_put(out, o, "u_j", gb_json_real(out, node->u_j));
    gb_json_put(out, o, "power_w", gb_json_real(out, node->power_w));
    gb_json_put(out, o, "performance",
                gb_json_real_if(out, bench->valid, node->performance));
    return o;
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

/* Null but for a benchmark that hung or died after some repetitions. */
static json_t *finished_before_of(gb_json_out *out,
                                  const gb_bench_result *bench) {
    const gb_series_stats *before = &bench->finished_before;
    if (bench->valid || before->n == 0)
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "n", gb_json_u64(out, before->n));
    gb_json_put(out, o, "median", gb_json_real(out, before->median));
    gb_json_put(out, o, "raw", reals(out, before->raw, before->n));
    return o;
}

/* One kind of work beside the unit that is reported; null: not told. */
static json_t *one_moved(gb_json_out *out, const gb_bench_result *bench,
                         double count) {
    const double time_s = bench->time_s.mean * (double)bench->time_s.n;
    if (!bench->valid || !(count > 0.0))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "count", gb_json_real(out, count));
    gb_json_put(out, o, "per_s", gb_json_real(out, count / time_s));
    gb_json_put(out, o, "energy_j_each",
                gb_json_real_if(out, isfinite(bench->efficiency),
                                bench->energy.energy_j / count));
    return o;
}

static json_t *moved_of(gb_json_out *out, const gb_bench_result *bench) {
    json_t *o = gb_json_object(out);
    const gb_work_counts *counts = &bench->counts;
    gb_json_put(out, o, "work", one_moved(out, bench, bench->work));
    gb_json_put(out, o, "flop", one_moved(out, bench, counts->flops));
    gb_json_put(out, o, "memory_byte",
                one_moved(out, bench, counts->memory_bytes));
    gb_json_put(out, o, "network_byte",
                one_moved(out, bench, counts->network_bytes));
    gb_json_put(out, o, "message", one_moved(out, bench, counts->messages));
    return o;
}

static json_t *roofline_of(gb_json_out *out, const gb_bench_result *bench) {
    const gb_roofline *roofline = &bench->roofline;
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "flop_per_s", gb_json_real(out, roofline->flop_per_s));
    gb_json_put(out, o, "memory_byte_per_s",
                gb_json_real(out, roofline->memory_byte_per_s));
    gb_json_put(out, o, "network_byte_per_s",
                gb_json_real(out, roofline->network_byte_per_s));
    gb_json_put(out, o, "flop_per_byte",
                gb_json_real(out, roofline->intensity));
    gb_json_put(out, o, "peak_flop_per_s",
                gb_json_real(out, roofline->peak_flop_per_s));
    gb_json_put(out, o, "peak_memory_byte_per_s",
                gb_json_real(out, roofline->peak_byte_per_s));
    gb_json_put(out, o, "peak_network_byte_per_s",
                gb_json_real(out, roofline->peak_network_byte_per_s));
    gb_json_put(out, o, "bound", gb_json_fact(out, roofline->bound));
    gb_json_put(out, o, "fraction",
                gb_json_real(out, roofline->bound_fraction));
    gb_json_put(out, o, "reason", gb_json_fact(out, roofline->reason));
    gb_json_put(out, o, "theoretical_flop_per_s",
                gb_json_real(out, roofline->theoretical_flop_per_s));
    gb_json_put(out, o, "theoretical",
                gb_json_fact(out, roofline->theoretical));
    return o;
}

static json_t *disturbed_of(gb_json_out *out, const gb_bench_result *bench) {
    json_t *o = gb_json_object(out), *raw = gb_json_array(out);
    for (size_t i = 0; bench->disturbed != NULL && i < bench->time_s.n; i++)
        gb_json_append(out, raw, gb_json_bool(out, bench->disturbed[i]));
    gb_json_put(out, o, "count", gb_json_u64(out, bench->disturbed_count));
    gb_json_put(out, o, "worst", gb_json_fact(out, bench->disturbance));
    gb_json_put(out, o, "others_median", gb_json_real(out, bench->calm_median));
    gb_json_put(out, o, "raw", raw);
    return o;
}

/* Which launch each repetition is of, in the order of the raw values. */
static json_t *launch_raw_of(gb_json_out *out, const gb_result *result,
                             const gb_bench_result *bench) {
    json_t *array = gb_json_array(out);
    const size_t count = bench->launch_raw != NULL ? bench->time_s.n : 0;
    for (size_t i = 0; i < count; i++)
        gb_json_append(
            out, array,
            gb_json_u64(
                out, result->launches[bench->launch_raw[i]].session->launch));
    return array;
}

/* Of a solve: what the timed call was, on rank 0's clock. Its end follows from
 * its duration, which no clock that can be set measures. */
static json_t *core_phases_of(gb_json_out *out, const gb_plan_case *planned,
                              const gb_bench_result *bench) {
    json_t *array = gb_json_array(out);
    const bool told = planned->one_shot && bench->begin_utc_ns != NULL;
    for (size_t i = 0; told && i < bench->time_s.n; i++) {
        const uint64_t begin_ns = bench->begin_utc_ns[i];
        const double duration_s = bench->time_s.raw[i];
        const uint64_t end_ns = begin_ns + (uint64_t)(duration_s * 1e9);
        const bool known = begin_ns > 0;
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "begin_utc",
                    known ? gb_json_utc(out, begin_ns) : json_null());
        gb_json_put(out, o, "end_utc",
                    known ? gb_json_utc(out, end_ns) : json_null());
        gb_json_put(out, o, "begin_utc_ns",
                    known ? gb_json_u64(out, begin_ns) : json_null());
        gb_json_put(out, o, "duration_s", gb_json_real(out, duration_s));
        gb_json_put(out, o, "energy_j",
                    gb_json_real(out, bench->energy_raw != NULL
                                          ? bench->energy_raw[i]
                                          : (double)NAN));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *figures_of(gb_json_out *out, const gb_result *result,
                          const gb_bench_result *bench,
                          const gb_coverage *all) {
    json_t *o = gb_json_object(out), *work = gb_json_object(out);
    json_t *power = gb_json_object(out), *plugin = gb_json_object(out);
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    gb_json_put(out, o, "id", gb_json_text(out, planned->id));
    gb_json_put(out, o, "version", gb_json_text(out, planned->version));
    gb_json_put(out, plugin, "sha256", gb_json_fact(out, planned->sha256));
    gb_json_put(out, plugin, "insecure", gb_json_fact(out, planned->insecure));
    gb_json_put(out, o, "plugin", plugin);
    put_params(out, o, planned);
    gb_json_put(out, o, "valid", gb_json_bool(out, bench->valid));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_status_name(bench->status)));
    gb_json_put(out, o, "reason", gb_json_fact(out, bench->reason));
    gb_json_put(out, o, "hint", gb_json_fact(out, bench->hint));
    gb_json_put(out, o, "performance", performance_of(out, bench));
    gb_json_put(out, o, "finished_before", finished_before_of(out, bench));
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
    gb_json_put(out, power, "drift",
                gb_json_real_if(out, bench->valid, bench->drift_w));
    gb_json_put(out, power, "drift_u95",
                gb_json_real_if(out, bench->valid, bench->drift_u95_w));
    gb_json_put(out, o, "power_w", power);
    gb_json_put(out, o, "efficiency", efficiency_of(out, bench));
    gb_json_put(out, o, "edp_js",
                gb_json_real_if(out, bench->valid, bench->edp_js));
    return o;
}

/* What stands behind the nodes. */
static json_t *details_of(gb_json_out *out, const gb_result *result,
                          const gb_bench_result *bench) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "variability",
                gb_json_variability(out, result->session, &bench->variability));
    gb_json_put(out, o, "counters", counters_of(out, result->session, bench));
    gb_json_put(out, o, "notes",
                gb_json_notes(out, bench->notes, bench->note_count));
    gb_json_put(out, o, "iterations", gb_json_u64(out, bench->iterations));
    gb_json_put(out, o, "window_ratio", gb_json_real(out, bench->window_ratio));
    gb_json_put(out, o, "latency_s", gb_json_real(out, bench->latency_s));
    gb_json_put(out, o, "moved", moved_of(out, bench));
    gb_json_put(out, o, "roofline", roofline_of(out, bench));
    gb_json_put(out, o, "disturbed", disturbed_of(out, bench));
    gb_json_put(out, o, "launch_raw", launch_raw_of(out, result, bench));
    gb_json_put(
        out, o, "core_phases",
        core_phases_of(out, &result->plan->cases[bench->case_index], bench));
    return o;
}

static void put_bench(gb_json_stream *stream, const gb_result *result,
                      const gb_bench_result *bench, const gb_coverage *all) {
    gb_json_out *out = &stream->out;
    gb_json_stream_open(stream, NULL, '{');
    gb_json_stream_put_all(stream, figures_of(out, result, bench, all));
    gb_json_stream_open(stream, "per_node", '[');
    for (size_t i = 0; i < bench->node_count; i++)
        gb_json_stream_put(
            stream, NULL,
            bench_node(out, result->session, bench, &bench->nodes[i]));
    gb_json_stream_close(stream, ']');
    gb_json_stream_put_all(stream, details_of(out, result, bench));
    gb_json_stream_close(stream, '}');
}

void gb_json_stream_benches(gb_json_stream *stream, const gb_result *result) {
    gb_coverage all;
    gb_coverage_collect(result->session, &all);
    if (all.failed)
        stream->out.failed = true;
    for (size_t i = 0; i < result->bench_count; i++)
        put_bench(stream, result, &result->benches[i], &all);
    gb_coverage_fini(&all);
}
