/* SPDX-License-Identifier: Apache-2.0 */
/* benchmarks[].variability of summary.json. */
#include <math.h>

#include "codec/json_parts.h"

static const char *const keys[GB_NODE_QUANTITIES] = {
    [GB_NODE_PERFORMANCE] = "performance",
    [GB_NODE_POWER] = "power_w",
    [GB_NODE_EFFICIENCY] = "efficiency",
};

static json_t *fences_of(gb_json_out *out, const double *fences) {
    if (!isfinite(fences[0]) || !isfinite(fences[1]))
        return json_null();
    json_t *array = gb_json_array(out);
    gb_json_append(out, array, gb_json_real(out, fences[0]));
    gb_json_append(out, array, gb_json_real(out, fences[1]));
    return array;
}

static json_t *spread_of(gb_json_out *out, const gb_node_spread *spread) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "n", gb_json_u64(out, spread->n));
    gb_json_put(out, o, "least", gb_json_real(out, spread->least));
    gb_json_put(out, o, "q1", gb_json_real(out, spread->q1));
    gb_json_put(out, o, "median", gb_json_real(out, spread->median));
    gb_json_put(out, o, "q3", gb_json_real(out, spread->q3));
    gb_json_put(out, o, "most", gb_json_real(out, spread->most));
    gb_json_put(out, o, "mean", gb_json_real(out, spread->mean));
    gb_json_put(out, o, "stddev", gb_json_real(out, spread->stddev));
    gb_json_put(out, o, "cv", gb_json_real(out, spread->cv));
    gb_json_put(out, o, "fences", fences_of(out, spread->fences));
    gb_json_put(out, o, "far_fences", fences_of(out, spread->far_fences));
    gb_json_put(out, o, "unjudged", gb_json_fact(out, spread->unjudged));
    return o;
}

static json_t *outlier_of(gb_json_out *out, const gb_session *session,
                          const gb_node_outlier *one) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "node",
                gb_json_text(out, session->nodes[one->node].name));
    gb_json_put(out, o, "node_index", gb_json_u64(out, one->node));
    gb_json_put(out, o, "quantity", gb_json_text(out, keys[one->quantity]));
    gb_json_put(out, o, "value", gb_json_real(out, one->value));
    gb_json_put(out, o, "u", gb_json_real(out, one->u));
    gb_json_put(out, o, "relative", gb_json_real(out, one->relative));
    gb_json_put(out, o, "far_out", gb_json_bool(out, one->far_out));
    return o;
}

/* The slowest are enough to know where to look; all could be as many as there
 * are pairs. */
#define SLOW_LISTED 100

static json_t *slow_of(gb_json_out *out, const gb_session *session,
                       const gb_slow_pair *one) {
    json_t *o = gb_json_object(out);
    json_t *names = gb_json_array(out), *indices = gb_json_array(out);
    for (size_t i = 0; i < 2; i++) {
        gb_json_append(out, names,
                       gb_json_text(out, session->nodes[one->nodes[i]].name));
        gb_json_append(out, indices, gb_json_u64(out, one->nodes[i]));
    }
    gb_json_put(out, o, "nodes", names);
    gb_json_put(out, o, "node_indices", indices);
    gb_json_put(out, o, "repetitions", gb_json_u64(out, one->repetitions));
    gb_json_put(out, o, "time_s", gb_json_real(out, one->time_s));
    gb_json_put(out, o, "relative", gb_json_real(out, one->relative));
    gb_json_put(out, o, "far_out", gb_json_bool(out, one->far_out));
    return o;
}

static json_t *pairs_of(gb_json_out *out, const gb_session *session,
                        const gb_pair_variability *pairs) {
    if (pairs->spread.n == 0)
        return json_null();
    json_t *o = gb_json_object(out);
    json_t *slow = gb_json_array(out);
    gb_json_put(out, o, "time_s", spread_of(out, &pairs->spread));
    for (size_t i = 0; i < pairs->slow_count && i < SLOW_LISTED; i++)
        gb_json_append(out, slow, slow_of(out, session, &pairs->slow[i]));
    gb_json_put(out, o, "slow_count", gb_json_u64(out, pairs->slow_count));
    gb_json_put(out, o, "slow", slow);
    gb_json_put(out, o, "common_node",
                pairs->common >= 0
                    ? gb_json_text(out, session->nodes[pairs->common].name)
                    : json_null());
    return o;
}

static json_t *need_of(gb_json_out *out, const gb_meter_need *need) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "accuracy", gb_json_real(out, need->accuracy));
    gb_json_put(out, o, "nodes", gb_json_u64(out, (uint64_t)need->nodes));
    gb_json_put(out, o, "nodes_student",
                gb_json_u64(out, (uint64_t)need->nodes_student));
    return o;
}

json_t *gb_json_variability(gb_json_out *out, const gb_session *session,
                            const gb_variability *variability) {
    if (!variability->present)
        return json_null();
    json_t *o = gb_json_object(out);
    json_t *outliers = gb_json_array(out), *meter = gb_json_array(out);
    for (int q = 0; q < GB_NODE_QUANTITIES; q++)
        gb_json_put(out, o, keys[q], spread_of(out, &variability->spreads[q]));
    for (size_t i = 0; i < variability->outlier_count; i++)
        gb_json_append(out, outliers,
                       outlier_of(out, session, &variability->outliers[i]));
    for (size_t i = 0; i < GB_METER_NEEDS; i++)
        if (isfinite(variability->meter[i].nodes))
            gb_json_append(out, meter, need_of(out, &variability->meter[i]));
    gb_json_put(out, o, "outliers", outliers);
    gb_json_put(out, o, "pairs", pairs_of(out, session, &variability->pairs));
    gb_json_put(out, o, "nodes_to_meter", meter);
    return o;
}
