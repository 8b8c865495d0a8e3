/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_stored.h"

#include <math.h>
#include <stdlib.h>

#include "codec/json_large.h"

static double real_or_nan(const json_t *value) {
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* @param member  of each element, where these are objects; nullable */
static void read_list(gb_json_large *doc, const json_t *object, const char *key,
                      const char *member, gb_stored_list *out) {
    const json_t *array = gb_json_get_array(&doc->in, object, key);
    const size_t count = json_array_size(array);

    out->values = gb_json_alloc(&doc->in, count, sizeof(*out->values));
    if (out->values == NULL)
        return;
    gb_json_walk walk = gb_json_walk_begin(doc, array);
    for (const json_t *one; (one = gb_json_walk_next(&walk)) != NULL;)
        out->values[out->count++] =
            real_or_nan(member != NULL ? json_object_get(one, member) : one);
    gb_json_walk_end(&walk);
}

static void read_pair(gb_json_in *in, const json_t *object, const char *key,
                      double *out) {
    const json_t *array = gb_json_get_array(in, object, key);

    out[0] = real_or_nan(json_array_get(array, 0));
    out[1] = real_or_nan(json_array_get(array, 1));
}

static void read_series(gb_json_large *doc, const json_t *bench,
                        const char *key, gb_stored_series *out) {
    gb_json_in *in = &doc->in;
    const json_t *o = gb_json_get_object(in, bench, key);

    out->value = gb_json_get_real(in, o, "value");
    out->mean = gb_json_get_real(in, o, "mean");
    out->median = gb_json_get_real(in, o, "median");
    out->stddev = gb_json_get_real(in, o, "stddev");
    out->n = gb_json_get_u64(in, o, "n");
    read_pair(in, o, "ci95", out->ci95);
    read_list(doc, o, "raw", NULL, &out->raw);
}

static void read_energy(gb_json_large *doc, const json_t *bench,
                        gb_stored_bench *out) {
    gb_json_in *in = &doc->in;
    static const char *const names[GB_STORED_BUDGET] = {
        "quantisation_j", "phase_j", "latency_j", "unsampled_j",
        "calibration_j"};
    const json_t *o = gb_json_get_object(in, bench, "energy");
    const json_t *budget = gb_json_get_object(in, o, "budget_j");

    out->energy_j = gb_json_get_real(in, o, "value_j");
    out->u_j = gb_json_get_real(in, o, "u_j");
    out->window_s = gb_json_get_real(in, o, "window_s");
    for (size_t i = 0; i < GB_STORED_BUDGET; i++)
        out->budget_j[i] = gb_json_get_real(in, budget, names[i]);
    read_list(doc, o, "raw", NULL, &out->energy_raw_j);
    read_list(doc, bench, "per_node", "energy_j", &out->node_energy_j);
}

static void read_efficiency(gb_json_in *in, const json_t *bench,
                            gb_stored_bench *out) {
    const json_t *o = gb_json_get_object(in, bench, "efficiency");

    out->efficiency = gb_json_get_real(in, o, "value");
    read_pair(in, o, "ci95", out->efficiency_ci95);
    out->efficiency_partial = gb_json_get_bool(in, o, "partial");
    gb_json_get_text(in, o, "unit", out->efficiency_unit,
                     sizeof(out->efficiency_unit));
    gb_json_get_text(in, o, "unit_per_joule", out->efficiency_unit_per_joule,
                     sizeof(out->efficiency_unit_per_joule));
}

static void read_bench(gb_json_large *doc, const json_t *bench,
                       gb_stored_bench *out) {
    gb_json_in *in = &doc->in;
    const json_t *work = gb_json_get_object(in, bench, "work");

    gb_json_get_text(in, bench, "id", out->id, sizeof(out->id));
    out->valid = gb_json_get_bool(in, bench, "valid");
    read_series(doc, bench, "performance", &out->performance);
    gb_json_get_text(in, gb_json_get_object(in, bench, "performance"), "unit",
                     out->performance_unit, sizeof(out->performance_unit));
    read_series(doc, bench, "time_s", &out->time_s);
    out->work = gb_json_get_real(in, work, "value");
    gb_json_get_text(in, work, "unit", out->work_unit, sizeof(out->work_unit));
    read_energy(doc, bench, out);
    out->power_w =
        gb_json_get_real(in, gb_json_get_object(in, bench, "power_w"), "value");
    read_efficiency(in, bench, out);
    out->edp_js = gb_json_get_real(in, bench, "edp_js");
}

gb_status gb_json_read_stored(const char *text, gb_stored_summary *summary_out,
                              gb_error *err) {
    gb_json_large doc = gb_json_large_open(text, err);
    gb_json_in *in = &doc.in;
    gb_stored_summary summary = {0};

    gb_json_get_text(in, gb_json_get_object(in, doc.root, "run"), "id",
                     summary.run_id, sizeof(summary.run_id));
    const json_t *benches = gb_json_get_array(in, doc.root, "benchmarks");
    summary.benches =
        gb_json_alloc(in, json_array_size(benches), sizeof(*summary.benches));
    gb_json_walk walk = gb_json_walk_begin(&doc, benches);
    for (const json_t *one;
         summary.benches != NULL && (one = gb_json_walk_next(&walk)) != NULL;)
        read_bench(&doc, one, &summary.benches[summary.count++]);
    gb_json_walk_end(&walk);
    const gb_status status = gb_json_large_close(&doc);
    if (status != GB_OK)
        gb_stored_summary_fini(&summary);
    else
        *summary_out = summary;
    return status;
}

void gb_stored_summary_fini(gb_stored_summary *summary) {
    for (size_t i = 0; i < summary->count; i++) {
        gb_stored_bench *bench = &summary->benches[i];
        free(bench->performance.raw.values);
        free(bench->time_s.raw.values);
        free(bench->energy_raw_j.values);
        free(bench->node_energy_j.values);
    }
    free(summary->benches);
    *summary = (gb_stored_summary){0};
}
