/* SPDX-License-Identifier: Apache-2.0 */
/* What an HTML page draws: "greenbench.page/1". Numbers have six digits, which
 * no drawing can tell from all of them; the tables of the page are made from
 * the result itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_parts.h"
#include "model/page.h"

#define DIGITS 6

static json_t *label_of(gb_json_out *out, const gb_plan_case *planned) {
    gb_str text = {0};
    char label[GB_PAGE_NAME_BYTES];

    gb_str_add(&text, planned->id);
    for (size_t i = 0; i < planned->param_count; i++)
        if (!planned->params[i].is_default)
            gb_str_addf(&text, " %s=%s", planned->params[i].name,
                        planned->params[i].text);
    gb_copy(label, sizeof(label), text.text != NULL ? text.text : "");
    out->failed = out->failed || text.failed;
    gb_str_fini(&text);
    return gb_json_text(out, label);
}

/* --- one benchmark -------------------------------------------------------- */

static json_t *budget_of(gb_json_out *out, const gb_energy_figure *figure) {
    if (!isfinite(figure->energy_j))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put_budget(out, o, &figure->budget);
    return o;
}

static json_t *box_of(gb_json_out *out, const gb_node_spread *spread) {
    const double values[] = {spread->least, spread->q1, spread->median,
                             spread->q3, spread->most};
    if (spread->n == 0 || !isfinite(spread->median))
        return json_null();
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        gb_json_append(out, array, gb_json_real(out, values[i]));
    return array;
}

static json_t *outliers_of(gb_json_out *out, const gb_result *result,
                           const gb_variability *all) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < all->outlier_count && i < GB_PAGE_OUTLIERS; i++) {
        const gb_node_outlier *one = &all->outliers[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "node",
                    gb_json_text(out, result->session->nodes[one->node].name));
        gb_json_put(out, o, "quantity", gb_json_int(out, one->quantity));
        gb_json_put(out, o, "value", gb_json_real(out, one->value));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *nodes_of(gb_json_out *out, const gb_result *result,
                        const gb_bench_result *bench) {
    const gb_variability *all = &bench->variability;
    if (!bench->valid || !all->present)
        return json_null();
    json_t *o = gb_json_object(out), *boxes = gb_json_array(out);
    for (int q = 0; q < GB_NODE_QUANTITIES; q++)
        gb_json_append(out, boxes, box_of(out, &all->spreads[q]));
    gb_json_put(out, o, "boxes", boxes);
    gb_json_put(out, o, "outliers", outliers_of(out, result, all));
    gb_json_put(out, o, "outlier_count", gb_json_u64(out, all->outlier_count));
    return o;
}

/* What a figure of the benchmark costs for each of @p count. */
static double each(const gb_bench_result *bench, double count) {
    return count > 0.0 ? bench->energy.energy_j / count : NAN;
}

static void put_messages(gb_json_out *out, json_t *o,
                         const gb_plan_case *planned,
                         const gb_bench_result *bench) {
    const gb_work_counts *counts = &bench->counts;
    const double time_s = bench->time_s.mean * (double)bench->time_s.n;
    const uint64_t bytes = gb_page_message_bytes(planned);
    if (bytes == 0 || !bench->valid)
        return;
    const double seconds = isfinite(bench->latency_s) ? bench->latency_s
                           : counts->messages > 0.0 ? time_s / counts->messages
                                                    : NAN;
    gb_json_put(out, o, "message_bytes", gb_json_u64(out, bytes));
    gb_json_put(out, o, "message_s", gb_json_real(out, seconds));
    gb_json_put(out, o, "message_byte_per_s",
                gb_json_real_if(out, counts->network_bytes > 0.0,
                                counts->network_bytes / time_s));
    gb_json_put(out, o, "byte_j",
                gb_json_real(out, each(bench, counts->network_bytes)));
}

static json_t *bench_of(gb_json_out *out, const gb_result *result,
                        const gb_bench_result *bench) {
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    const bool valid = bench->valid;
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "label", label_of(out, planned));
    gb_json_put(out, o, "case", gb_json_u64(out, bench->case_index));
    gb_json_put(out, o, "work_unit", gb_json_text(out, bench->work_unit));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(bench->energy.quality)));
    gb_json_put(out, o, "performance",
                gb_json_real_if(out, valid, bench->performance.value));
    gb_json_put(out, o, "performance_ci95",
                valid ? gb_json_interval(out, bench->performance.ci95)
                      : json_null());
    gb_json_put(out, o, "power_w", gb_json_real_if(out, valid, bench->power_w));
    gb_json_put(out, o, "power_u_w",
                gb_json_real_if(out, valid, bench->power_u_w));
    gb_json_put(out, o, "efficiency",
                gb_json_real_if(out, valid, bench->efficiency));
    gb_json_put(out, o, "efficiency_ci95",
                valid ? gb_json_interval(out, bench->efficiency_ci95)
                      : json_null());
    gb_json_put(out, o, "flop_per_byte",
                gb_json_real_if(out, valid, bench->roofline.intensity));
    gb_json_put(out, o, "flop_j",
                gb_json_real_if(out, valid, each(bench, bench->counts.flops)));
    gb_json_put(
        out, o, "memory_byte_j",
        gb_json_real_if(out, valid, each(bench, bench->counts.memory_bytes)));
    put_messages(out, o, planned, bench);
    gb_json_put(out, o, "budget_j",
                valid ? budget_of(out, &bench->energy) : json_null());
    gb_json_put(out, o, "nodes", nodes_of(out, result, bench));
    return o;
}

static json_t *load_of(gb_json_out *out, const gb_proportionality *all) {
    json_t *o = gb_json_object(out), *levels = gb_json_array(out);
    for (size_t i = 0; i < all->level_count; i++) {
        const gb_load_level *level = &all->levels[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "level", gb_json_real(out, level->level));
        gb_json_put(out, one, "performance",
                    gb_json_real(out, level->performance));
        gb_json_put(out, one, "power_w", gb_json_real(out, level->power_w));
        gb_json_put(out, one, "u_w", gb_json_real(out, level->power_u_w));
        gb_json_append(out, levels, one);
    }
    gb_json_put(out, o, "levels", levels);
    gb_json_put(out, o, "idle_w", gb_json_real(out, all->idle_w));
    return o;
}

/* --- power over time ------------------------------------------------------ */

static json_t *floats_of(gb_json_out *out, const float *values, size_t count) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < count; i++)
        gb_json_append(out, array, gb_json_real(out, (double)values[i]));
    return array;
}

static json_t *series_of(gb_json_out *out, const gb_timeline *timeline,
                         const gb_session *session,
                         const gb_power_series *series) {
    const size_t count = timeline->bucket_count;
    const gb_node *node = &session->nodes[series->node];
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "node", gb_json_text(out, node->name));
    gb_json_put(out, o, "node_index", gb_json_u64(out, series->node));
    gb_json_put(out, o, "mean_w", floats_of(out, series->mean_w, count));
    if (series->domain < 0)
        return o;
    const gb_energy_domain *domain = &node->domains[series->domain];
    gb_json_put(out, o, "domain", gb_json_text(out, domain->name));
    gb_json_put(out, o, "source", gb_json_text(out, domain->source));
    gb_json_put(out, o, "summed", gb_json_bool(out, domain->summed));
    gb_json_put(out, o, "least_w", floats_of(out, series->least_w, count));
    gb_json_put(out, o, "most_w", floats_of(out, series->most_w, count));
    return o;
}

static json_t *phases_of(gb_json_out *out, const gb_timeline *timeline) {
    json_t *array = gb_json_array(out);
    for (size_t i = 0; i < timeline->phase_count; i++) {
        const gb_timeline_phase *phase = &timeline->phases[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "case", gb_json_int(out, phase->case_index));
        gb_json_put(out, o, "begin_s", gb_json_real(out, phase->begin_s));
        gb_json_put(out, o, "end_s", gb_json_real(out, phase->end_s));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *timeline_of(gb_json_out *out, const gb_timeline *timeline,
                           const gb_session *session) {
    static const char *const names[GB_TIMELINE_QUANTILES] = {
        "least_w", "q1_w", "median_w", "q3_w", "most_w"};
    const size_t count = timeline->bucket_count;
    json_t *o = gb_json_object(out), *series = gb_json_array(out);

    gb_json_put(out, o, "launch", gb_json_u64(out, timeline->launch));
    gb_json_put(out, o, "span_s", gb_json_real(out, timeline->span_s));
    gb_json_put(out, o, "buckets", gb_json_u64(out, count));
    gb_json_put(out, o, "nodes", gb_json_u64(out, timeline->node_count));
    for (size_t i = 0; i < timeline->series_count && count > 0; i++)
        gb_json_append(out, series,
                       series_of(out, timeline, session, &timeline->series[i]));
    gb_json_put(out, o, "series", series);
    if (count > 0 && timeline->node_count > 1) {
        json_t *all = gb_json_object(out);
        for (int q = 0; q < GB_TIMELINE_QUANTILES; q++)
            gb_json_put(out, all, names[q],
                        floats_of(out, timeline->quantiles_w[q], count));
        gb_json_put(out, all, "total_w",
                    floats_of(out, timeline->total_w, count));
        gb_json_put(out, o, "all", all);
    }
    gb_json_put(out, o, "phases", phases_of(out, timeline));
    return o;
}

/* --- documents ------------------------------------------------------------ */

static char *compact(gb_json_out *out, json_t *root) {
    char *text = NULL;
    if (!out->failed && root != NULL)
        text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    json_decref(root);
    return text;
}

char *gb_json_page(const gb_page *page) {
    gb_json_out state = {0}, *out = &state;
    const gb_result *result = page->result;
    json_t *o = gb_json_object(out), *benches = gb_json_array(out);
    json_t *labels = gb_json_array(out), *timelines = gb_json_array(out);

    for (size_t i = 0; i < result->bench_count && i < GB_PAGE_BENCHES; i++)
        gb_json_append(out, benches,
                       bench_of(out, result, &result->benches[i]));
    for (size_t i = 0; i < result->plan->case_count && i < GB_PAGE_BENCHES; i++)
        gb_json_append(out, labels, label_of(out, &result->plan->cases[i]));
    for (size_t i = 0; i < page->timelines->count; i++)
        gb_json_append(out, timelines,
                       timeline_of(out, &page->timelines->list[i],
                                   result->launches[i].session));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.page/1"));
    gb_json_put(out, o, "benchmarks", benches);
    gb_json_put(out, o, "cases", labels);
    gb_json_put(out, o, "load", load_of(out, &result->proportionality));
    gb_json_put(out, o, "timelines", timelines);
    return compact(out, o);
}

static json_t *row_of(gb_json_out *out, const gb_page_row *row) {
    const gb_compared_metric *metric = &row->bench->metrics[row->metric];
    char label[GB_PAGE_NAME_BYTES];
    json_t *o = gb_json_object(out);
    gb_str text = {0};

    gb_str_addf(&text, "%s%s%s", row->bench->id,
                row->bench->params[0] != '\0' ? " " : "", row->bench->params);
    gb_copy(label, sizeof(label), text.text != NULL ? text.text : "");
    out->failed = out->failed || text.failed;
    gb_str_fini(&text);
    gb_json_put(out, o, "label", gb_json_text(out, label));
    gb_json_put(out, o, "metric",
                gb_json_text(out, gb_compare_metric_name(row->metric)));
    gb_json_put(out, o, "ratio", gb_json_real(out, metric->ratio));
    gb_json_put(out, o, "ci95", gb_json_interval(out, metric->ci95));
    gb_json_put(out, o, "verdict",
                gb_json_text(out, gb_compare_verdict_name(metric->verdict)));
    return o;
}

char *gb_json_page_comparison(const gb_comparison *comparison) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *pairs = gb_json_array(out);
    gb_page_row *rows = calloc(GB_PAGE_METRICS, sizeof(*rows));
    size_t left = GB_PAGE_METRICS;

    out->failed = rows == NULL;
    for (size_t p = 0; !out->failed && p < comparison->pair_count; p++) {
        const size_t count = gb_page_rows(&comparison->pairs[p], rows, left);
        json_t *array = gb_json_array(out);
        for (size_t i = 0; i < count; i++)
            gb_json_append(out, array, row_of(out, &rows[i]));
        left -= count;
        gb_json_append(out, pairs, array);
    }
    free(rows);
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.page/1"));
    gb_json_put(out, o, "margin", gb_json_real(out, comparison->margin));
    gb_json_put(out, o, "pairs", pairs);
    return compact(out, o);
}
