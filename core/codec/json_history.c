/* SPDX-License-Identifier: Apache-2.0 */
/* `history list`, `trend` and `gate`: "greenbench.history_list/1",
 * "greenbench.trend/1", "greenbench.gate/1". */
#include "codec/json_stream.h"

/* --- list ----------------------------------------------------------------- */

static json_t *run_of(gb_json_out *out, const gb_history_run *run) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "id", gb_json_text(out, run->run_id));
    gb_json_put(out, o, "path", gb_json_text(out, run->path));
    gb_json_put(out, o, "started_utc", gb_json_utc(out, run->started_utc_ns));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_json_run_status_name(run->status)));
    gb_json_put(out, o, "suite", gb_json_fact(out, run->suite));
    gb_json_put(out, o, "tool_version", gb_json_text(out, run->tool_version));
    gb_json_put(out, o, "system", gb_json_text(out, run->system));
    gb_json_put(out, o, "ranks", gb_json_u64(out, run->ranks));
    gb_json_put(out, o, "nodes", gb_json_u64(out, run->nodes));
    gb_json_put(out, o, "benchmarks", gb_json_u64(out, run->benchmarks));
    gb_json_put(out, o, "failed", gb_json_u64(out, run->failed));
    return o;
}

char *gb_json_history_runs(const gb_history_runs *runs) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *array = gb_json_array(out);

    for (size_t i = 0; i < runs->count; i++)
        gb_json_append(out, array, run_of(out, &runs->list[i]));
    gb_json_put(out, o, "schema",
                gb_json_text(out, "greenbench.history_list/1"));
    gb_json_put(out, o, "runs", array);
    return gb_json_pretty(out, o);
}

/* --- trend ---------------------------------------------------------------- */

static void put_point(gb_json_stream *s, const gb_trend *trend, size_t at) {
    const gb_history_point *point = trend->points[at];

    gb_json_stream_open(s, NULL, '{');
    gb_json_stream_text(s, "run", point->run_id);
    gb_json_stream_utc(s, "started_utc", point->started_utc_ns);
    gb_json_stream_real(s, "value", point->values[trend->metric]);
    gb_json_stream_text(s, "tool_version", point->tool_version);
    gb_json_stream_text(s, "plugin_version", point->plugin_version);
    gb_json_stream_close(s, '}');
}

static void put_change(gb_json_stream *s, const gb_trend *trend,
                       const gb_trend_change *change) {
    gb_json_stream_open(s, NULL, '{');
    gb_json_stream_text(s, "run", trend->points[change->at]->run_id);
    gb_json_stream_put(s, "point", gb_json_u64(&s->out, change->at));
    gb_json_stream_real(s, "before", change->before);
    gb_json_stream_real(s, "after", change->after);
    gb_json_stream_real(s, "relative", change->relative);
    gb_json_stream_real(s, "p", change->p);
    gb_json_stream_text(s, "verdict", change->worse ? "worse" : "better");
    gb_json_stream_close(s, '}');
}

static void put_series(gb_json_stream *s, const gb_trend *trend) {
    const gb_history_series *series = trend->series;
    const char *meters = trend->metric == GB_TREND_PERFORMANCE
                             ? ""
                             : trend->points[trend->point_count - 1]->meters;

    gb_json_stream_text(s, "benchmark", series->benchmark);
    gb_json_stream_text(s, "params", series->params);
    gb_json_stream_text(s, "system", series->system);
    gb_json_stream_put(s, "ranks", gb_json_u64(&s->out, series->ranks));
    gb_json_stream_put(s, "nodes", gb_json_u64(&s->out, series->nodes));
    gb_json_stream_text(s, "metric", gb_trend_metric_name(trend->metric));
    gb_json_stream_text(s, "unit", trend->unit);
    gb_json_stream_text(
        s, "better",
        gb_trend_metric_higher_is_better(trend->metric) ? "higher" : "lower");
    gb_json_stream_put(s, "meters", gb_json_fact(&s->out, meters));
    gb_json_stream_put(s, "left_out", gb_json_u64(&s->out, trend->left_out));
    gb_json_stream_real(s, "median", trend->median);
}

static void put_trend(gb_json_stream *s, const gb_trend *trend) {
    gb_json_stream_open(s, NULL, '{');
    put_series(s, trend);
    gb_json_stream_open(s, "changes", '[');
    for (size_t i = 0; i < trend->change_count; i++)
        put_change(s, trend, &trend->changes[i]);
    gb_json_stream_close(s, ']');
    gb_json_stream_open(s, "points", '[');
    for (size_t i = 0; i < trend->point_count; i++)
        put_point(s, trend, i);
    gb_json_stream_close(s, ']');
    gb_json_stream_close(s, '}');
}

gb_status gb_json_trends(const gb_trends *trends, const gb_text_sink *sink,
                         gb_error *err) {
    gb_json_stream stream = gb_json_stream_begin(sink, err), *s = &stream;

    gb_json_stream_text(s, "schema", "greenbench.trend/1");
    gb_json_stream_real(s, "alpha", trends->alpha);
    gb_json_stream_open(s, "trends", '[');
    for (size_t i = 0; i < trends->count; i++)
        put_trend(s, &trends->list[i]);
    gb_json_stream_close(s, ']');
    return gb_json_stream_end(s);
}

/* --- gate ----------------------------------------------------------------- */

static json_t *finding_of(gb_json_out *out, const gb_gate_finding *found) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "benchmark", gb_json_text(out, found->benchmark));
    gb_json_put(out, o, "params", gb_json_text(out, found->params));
    gb_json_put(out, o, "failed", gb_json_bool(out, found->failed));
    gb_json_put(out, o, "metric",
                found->failed
                    ? json_null()
                    : gb_json_text(out, gb_compare_metric_name(found->metric)));
    gb_json_put(out, o, "ratio_least", gb_json_real(out, found->least));
    gb_json_put(out, o, "ratio_most", gb_json_real(out, found->most));
    return o;
}

static json_t *reference_of(gb_json_out *out, const gb_comparison *one) {
    const gb_compared_pair *pair = &one->pairs[0];
    const gb_session *session = pair->base.session;
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "run", gb_json_text(out, session->run_id));
    gb_json_put(out, o, "started_utc",
                gb_json_utc(out, session->started_utc_ns));
    gb_json_put(out, o, "comparable", gb_json_bool(out, !one->refused));
    gb_json_put(out, o, "verdicts", gb_json_verdicts(out, pair));
    return o;
}

char *gb_json_gate(const gb_gate *gate) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *found = gb_json_array(out);
    json_t *references = gb_json_array(out);

    for (size_t i = 0; i < gate->found_count; i++)
        gb_json_append(out, found, finding_of(out, &gate->found[i]));
    for (size_t i = 0; i < gate->count; i++)
        gb_json_append(out, references,
                       reference_of(out, &gate->comparisons[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.gate/1"));
    gb_json_put(out, o, "regression", gb_json_bool(out, gate->found_count > 0));
    gb_json_put(out, o, "comparable", gb_json_u64(out, gate->comparable));
    gb_json_put(out, o, "worse", found);
    gb_json_put(out, o, "references", references);
    return gb_json_pretty(out, o);
}
