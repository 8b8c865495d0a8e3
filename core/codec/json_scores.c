/* SPDX-License-Identifier: Apache-2.0 */
/* What `score` found: "greenbench.score/1". */
#include <math.h>

#include "codec/json_parts.h"

static json_t *score_of(gb_json_out *out, const gb_score *score) {
    if (!isfinite(score->value))
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "value", gb_json_real(out, score->value));
    gb_json_put(out, o, "u", gb_json_real(out, score->u));
    gb_json_put(out, o, "ci95", gb_json_interval(out, score->ci95));
    return o;
}

static json_t *left_out_of(gb_json_out *out, const gb_left_outs *outs) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < outs->count; i++) {
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "benchmark",
                    gb_json_text(out, outs->list[i].bench));
        gb_json_put(out, o, "reason", gb_json_text(out, outs->list[i].reason));
        gb_json_append(out, array, o);
    }
    return array;
}

/* --- the index ------------------------------------------------------------ */

static json_t *components_of(gb_json_out *out, const gb_green_index *index) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < index->component_count; i++) {
        const gb_index_component *one = &index->components[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "benchmark", gb_json_text(out, one->bench));
        gb_json_put(out, o, "efficiency", gb_json_real(out, one->value));
        gb_json_put(out, o, "efficiency_u", gb_json_real(out, one->value_u));
        gb_json_put(out, o, "reference", gb_json_real(out, one->reference));
        gb_json_put(out, o, "reference_u", gb_json_real(out, one->reference_u));
        gb_json_put(out, o, "unit", gb_json_text(out, one->unit));
        gb_json_put(out, o, "ratio", gb_json_real(out, one->ratio));
        gb_json_put(out, o, "ci95", gb_json_interval(out, one->ci95));
        gb_json_put(out, o, "u_rel", gb_json_real(out, one->u_rel));
        gb_json_put(out, o, "meters_u_rel",
                    gb_json_real(out, one->meters_u_rel));
        gb_json_put(out, o, "dof", gb_json_real(out, one->dof));
        gb_json_put(out, o, "time_s", gb_json_real(out, one->time_s));
        gb_json_put(out, o, "energy_j", gb_json_real(out, one->energy_j));
        gb_json_put(out, o, "power_w", gb_json_real(out, one->power_w));
        gb_json_put(out, o, "weight", gb_json_real(out, one->weight));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *index_of(gb_json_out *out, const gb_green_index *index) {
    json_t *o = gb_json_object(out), *reference = json_null();

    if (index->asked) {
        reference = gb_json_object(out);
        gb_json_put(out, reference, "id",
                    gb_json_text(out, index->reference->run_id));
        gb_json_put(out, reference, "records_sha256",
                    gb_json_text(out, index->sha256));
    }
    gb_json_put(out, o, "reference", reference);
    gb_json_put(out, o, "weights",
                gb_json_text(out, gb_weighting_name(index->weighting)));
    gb_json_put(out, o, "tgi_arith", score_of(out, &index->arithmetic));
    gb_json_put(out, o, "tgi_geo", score_of(out, &index->geometric));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(index->quality)));
    gb_json_put(out, o, "reason", gb_json_fact(out, index->reason));
    gb_json_put(out, o, "components", components_of(out, index));
    gb_json_put(out, o, "left_out", left_out_of(out, &index->left_out));
    return o;
}

/* --- the others ----------------------------------------------------------- */

static json_t *products_of(gb_json_out *out, const gb_scores *scores) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < scores->product_count; i++) {
        const gb_delay_products *one = &scores->products[i];
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "benchmark", gb_json_text(out, one->bench));
        gb_json_put(out, o, "work", gb_json_real(out, one->work));
        gb_json_put(out, o, "work_unit", gb_json_text(out, one->work_unit));
        gb_json_put(out, o, "n", gb_json_u64(out, one->n));
        gb_json_put(out, o, "edp_js", score_of(out, &one->edp_js));
        gb_json_put(out, o, "ed2p_js2", score_of(out, &one->ed2p_js2));
        gb_json_put(out, o, "quality",
                    gb_json_text(out, gb_quality_name(one->quality)));
        gb_json_put(out, o, "reason", gb_json_fact(out, one->reason));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *load_of(gb_json_out *out, const gb_load_curve *load) {
    json_t *o = gb_json_object(out), *points = gb_json_array(out);

    for (size_t i = 0; i < load->count; i++) {
        const gb_load_point *point = &load->points[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "load", gb_json_real(out, point->load));
        gb_json_put(out, one, "share", gb_json_real(out, point->share));
        gb_json_put(out, one, "power_w", gb_json_real(out, point->power_w));
        gb_json_put(out, one, "power_u_w", gb_json_real(out, point->power_u_w));
        gb_json_append(out, points, one);
    }
    gb_json_put(out, o, "ep", score_of(out, &load->proportionality));
    gb_json_put(out, o, "idle_to_peak", score_of(out, &load->idle_share));
    gb_json_put(out, o, "dynamic_range", score_of(out, &load->dynamic_range));
    gb_json_put(out, o, "deviation", score_of(out, &load->deviation));
    gb_json_put(out, o, "deviation_load",
                gb_json_real_if(out, load->count > 0, load->deviation_load));
    gb_json_put(out, o, "reason", gb_json_fact(out, load->reason));
    gb_json_put(out, o, "points", points);
    return o;
}

static json_t *roofline_of(gb_json_out *out, const gb_energy_roofline *fit) {
    json_t *o = gb_json_object(out), *points = gb_json_array(out);
    const bool fitted = isfinite(fit->constant_w.value);

    for (size_t i = 0; i < fit->count; i++) {
        const gb_energy_point *point = &fit->points[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "benchmark", gb_json_text(out, point->bench));
        gb_json_put(out, one, "flop_per_s",
                    gb_json_real(out, point->flop_per_s));
        gb_json_put(out, one, "byte_per_s",
                    gb_json_real(out, point->byte_per_s));
        gb_json_put(out, one, "intensity", gb_json_real(out, point->intensity));
        gb_json_put(out, one, "power_w", gb_json_real(out, point->power_w));
        gb_json_put(out, one, "off_rel",
                    gb_json_real_if(out, fitted, point->off));
        gb_json_append(out, points, one);
    }
    gb_json_put(out, o, "flop_j", score_of(out, &fit->flop_j));
    gb_json_put(out, o, "byte_j", score_of(out, &fit->byte_j));
    gb_json_put(out, o, "constant_w", score_of(out, &fit->constant_w));
    gb_json_put(out, o, "balance", score_of(out, &fit->balance));
    gb_json_put(out, o, "residual_rel", gb_json_real(out, fit->residual));
    gb_json_put(out, o, "worst_rel", gb_json_real(out, fit->worst));
    gb_json_put(out, o, "dof",
                fitted ? gb_json_u64(out, fit->dof) : json_null());
    gb_json_put(out, o, "meters_u_rel", gb_json_real(out, fit->meters_u_rel));
    gb_json_put(out, o, "idle_w", gb_json_real(out, fit->idle_w));
    gb_json_put(out, o, "reason", gb_json_fact(out, fit->reason));
    gb_json_put(out, o, "points", points);
    gb_json_put(out, o, "left_out", left_out_of(out, &fit->left_out));
    return o;
}

static json_t *words_of(gb_json_out *out, const gb_claim_words *words) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "en", gb_json_fact(out, words->english));
    gb_json_put(out, o, "zh", gb_json_fact(out, words->chinese));
    return o;
}

char *gb_json_scores(const gb_scores *scores, const gb_claim_words *words) {
    const gb_energy_cover *cover = &scores->session->nodes[0].cover;
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.score/1"));
    gb_json_put(out, o, "run", gb_json_text(out, scores->session->run_id));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_json_run_status_name(scores->status)));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(scores->quality)));
    gb_json_put(out, o, "holds", gb_json_fact(out, cover->holds));
    gb_json_put(out, o, "leaves_out", gb_json_fact(out, cover->leaves_out));
    gb_json_put(out, o, "means", words_of(out, words));
    gb_json_put(out, o, "green_index", index_of(out, &scores->index));
    gb_json_put(out, o, "delay_products", products_of(out, scores));
    gb_json_put(out, o, "proportionality", load_of(out, &scores->load));
    gb_json_put(out, o, "energy_roofline", roofline_of(out, &scores->roofline));
    return gb_json_pretty(out, o);
}
