/* SPDX-License-Identifier: Apache-2.0 */
/* What `compare` found: "greenbench.compare/1". */
#include <math.h>

#include "codec/json_parts.h"

static json_t *run_of(gb_json_out *out, const gb_compared_run *run) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "path", gb_json_text(out, run->path));
    gb_json_put(out, o, "id", gb_json_text(out, run->session->run_id));
    gb_json_put(out, o, "tool_version",
                gb_json_text(out, run->session->tool_version));
    gb_json_put(out, o, "started_utc",
                gb_json_utc(out, run->session->started_utc_ns));
    gb_json_put(out, o, "ranks", gb_json_u64(out, run->session->ranks));
    gb_json_put(out, o, "nodes", gb_json_u64(out, run->session->node_count));
    return o;
}

static json_t *differences_of(gb_json_out *out, const gb_compared_pair *pair) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < pair->difference_count; i++) {
        const gb_warning *found = &pair->differences[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "code", gb_json_text(out, found->code));
        gb_json_put(out, o, "what", gb_json_text(out, found->what));
        gb_json_put(out, o, "hint", gb_json_fact(out, found->hint));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *side_of(gb_json_out *out, double value, size_t n) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "value", gb_json_real(out, value));
    gb_json_put(out, o, "n", gb_json_u64(out, n));
    return o;
}

static json_t *metric_of(gb_json_out *out, gb_compare_metric at,
                         const gb_compared_metric *metric) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "metric",
                gb_json_text(out, gb_compare_metric_name(at)));
    gb_json_put(out, o, "unit", gb_json_text(out, metric->unit));
    gb_json_put(out, o, "better",
                gb_json_text(out, gb_compare_metric_better(at)));
    gb_json_put(out, o, "base", side_of(out, metric->base, metric->base_n));
    gb_json_put(out, o, "new", side_of(out, metric->next, metric->next_n));
    gb_json_put(out, o, "ratio", gb_json_real(out, metric->ratio));
    gb_json_put(out, o, "ci95", gb_json_interval(out, metric->ci95));
    gb_json_put(out, o, "u_rel", gb_json_real(out, metric->u_rel));
    gb_json_put(out, o, "meters_u_rel",
                gb_json_real(out, metric->meters_u_rel));
    gb_json_put(out, o, "dof", gb_json_real(out, metric->dof));
    gb_json_put(out, o, "method", gb_json_fact(out, metric->method));
    gb_json_put(out, o, "p_differs", gb_json_real(out, metric->p_differs));
    gb_json_put(out, o, "p_outside", gb_json_real(out, metric->p_outside));
    gb_json_put(out, o, "holm_differs",
                gb_json_real(out, metric->holm_differs));
    gb_json_put(out, o, "holm_outside",
                gb_json_real(out, metric->holm_outside));
    gb_json_put(out, o, "verdict",
                gb_json_text(out, gb_compare_verdict_name(metric->verdict)));
    gb_json_put(out, o, "decides", gb_json_bool(out, metric->decides));
    gb_json_put(out, o, "repetitions_to_decide",
                isfinite(metric->repetitions)
                    ? gb_json_u64(out, (uint64_t)metric->repetitions)
                    : json_null());
    gb_json_put(out, o, "reason", gb_json_fact(out, metric->reason));
    return o;
}

static json_t *benches_of(gb_json_out *out, const gb_compared_pair *pair) {
    json_t *array = gb_json_array(out);

    for (size_t b = 0; b < pair->bench_count; b++) {
        const gb_compared_bench *bench = &pair->benches[b];
        json_t *o = gb_json_object(out), *metrics = gb_json_array(out);
        json_t *work = gb_json_object(out);
        for (int m = 0; m < GB_COMPARE_METRICS; m++)
            if (bench->metrics[m].present)
                gb_json_append(
                    out, metrics,
                    metric_of(out, (gb_compare_metric)m, &bench->metrics[m]));
        gb_json_put(out, work, "value", gb_json_real(out, bench->work));
        gb_json_put(out, work, "unit", gb_json_text(out, bench->work_unit));
        gb_json_put(out, o, "id", gb_json_text(out, bench->id));
        gb_json_put(out, o, "params", gb_json_text(out, bench->params));
        gb_json_put(out, o, "failed", gb_json_bool(out, bench->failed));
        gb_json_put(out, o, "reason", gb_json_fact(out, bench->reason));
        gb_json_put(out, o, "no_energy", gb_json_fact(out, bench->no_energy));
        gb_json_put(out, o, "work", work);
        gb_json_put(out, o, "metrics", metrics);
        gb_json_append(out, array, o);
    }
    return array;
}

json_t *gb_json_verdicts(gb_json_out *out, const gb_compared_pair *pair) {
    json_t *o = gb_json_object(out);

    for (int v = 0; v < GB_COMPARE_VERDICTS; v++)
        gb_json_put(out, o, gb_compare_verdict_name((gb_compare_verdict)v),
                    gb_json_u64(out, pair->verdicts[v]));
    gb_json_put(out, o, "failed", gb_json_u64(out, pair->failed));
    return o;
}

static json_t *pair_of(gb_json_out *out, const gb_compared_pair *pair) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "base", run_of(out, &pair->base));
    gb_json_put(out, o, "new", run_of(out, &pair->next));
    gb_json_put(out, o, "verdicts", gb_json_verdicts(out, pair));
    gb_json_put(out, o, "differences", differences_of(out, pair));
    gb_json_put(out, o, "benchmarks", benches_of(out, pair));
    return o;
}

char *gb_json_comparison(const gb_comparison *comparison) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *pairs = gb_json_array(out);

    for (size_t p = 0; p < comparison->pair_count; p++)
        gb_json_append(out, pairs, pair_of(out, &comparison->pairs[p]));
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.compare/1"));
    gb_json_put(out, o, "alpha", gb_json_real(out, comparison->alpha));
    gb_json_put(out, o, "margin", gb_json_real(out, comparison->margin));
    gb_json_put(out, o, "tests", gb_json_u64(out, comparison->tests));
    gb_json_put(out, o, "interleaved",
                gb_json_u64(out, comparison->interleaved));
    gb_json_put(out, o, "regression",
                gb_json_bool(out, comparison->regression));
    gb_json_put(out, o, "comparable", gb_json_bool(out, !comparison->refused));
    gb_json_put(out, o, "comparisons", pairs);
    return gb_json_pretty(out, o);
}
