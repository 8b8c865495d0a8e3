/* SPDX-License-Identifier: Apache-2.0 */
/* `history list`, `trend` and `gate`: "greenbench.history_list/1",
 * "greenbench.trend/1", "greenbench.gate/1". */
#include <math.h>

#include "codec/json_parts.h"

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

static json_t *point_of(gb_json_out *out, const gb_trend *trend, size_t at) {
    const gb_history_point *point = trend->points[at];
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "run", gb_json_text(out, point->run_id));
    gb_json_put(out, o, "started_utc", gb_json_utc(out, point->started_utc_ns));
    gb_json_put(out, o, "value",
                gb_json_real(out, point->values[trend->metric]));
    gb_json_put(out, o, "tool_version", gb_json_text(out, point->tool_version));
    gb_json_put(out, o, "plugin_version",
                gb_json_text(out, point->plugin_version));
    return o;
}

static json_t *change_of(gb_json_out *out, const gb_trend *trend,
                         const gb_trend_change *change) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "run",
                gb_json_text(out, trend->points[change->at]->run_id));
    gb_json_put(out, o, "point", gb_json_u64(out, change->at));
    gb_json_put(out, o, "before", gb_json_real(out, change->before));
    gb_json_put(out, o, "after", gb_json_real(out, change->after));
    gb_json_put(out, o, "relative", gb_json_real(out, change->relative));
    gb_json_put(out, o, "p", gb_json_real(out, change->p));
    gb_json_put(out, o, "verdict",
                gb_json_text(out, change->worse ? "worse" : "better"));
    return o;
}

static json_t *trend_of(gb_json_out *out, const gb_trend *trend) {
    const gb_history_series *series = trend->series;
    const size_t last = trend->point_count - 1;
    json_t *o = gb_json_object(out), *points = gb_json_array(out);
    json_t *changes = gb_json_array(out);

    for (size_t i = 0; i < trend->point_count; i++)
        gb_json_append(out, points, point_of(out, trend, i));
    for (size_t i = 0; i < trend->change_count; i++)
        gb_json_append(out, changes, change_of(out, trend, &trend->changes[i]));
    gb_json_put(out, o, "benchmark", gb_json_text(out, series->benchmark));
    gb_json_put(out, o, "params", gb_json_text(out, series->params));
    gb_json_put(out, o, "system", gb_json_text(out, series->system));
    gb_json_put(out, o, "ranks", gb_json_u64(out, series->ranks));
    gb_json_put(out, o, "nodes", gb_json_u64(out, series->nodes));
    gb_json_put(out, o, "metric",
                gb_json_text(out, gb_trend_metric_name(trend->metric)));
    gb_json_put(out, o, "unit", gb_json_text(out, trend->unit));
    gb_json_put(
        out, o, "better",
        gb_json_text(out, gb_trend_metric_higher_is_better(trend->metric)
                              ? "higher"
                              : "lower"));
    gb_json_put(out, o, "meters",
                gb_json_fact(out, trend->metric == GB_TREND_PERFORMANCE
                                      ? ""
                                      : trend->points[last]->meters));
    gb_json_put(out, o, "left_out", gb_json_u64(out, trend->left_out));
    gb_json_put(out, o, "median", gb_json_real(out, trend->median));
    gb_json_put(out, o, "changes", changes);
    gb_json_put(out, o, "points", points);
    return o;
}

char *gb_json_trends(const gb_trends *trends) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *array = gb_json_array(out);

    for (size_t i = 0; i < trends->count; i++)
        gb_json_append(out, array, trend_of(out, &trends->list[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.trend/1"));
    gb_json_put(out, o, "alpha", gb_json_real(out, trends->alpha));
    gb_json_put(out, o, "trends", array);
    return gb_json_pretty(out, o);
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
