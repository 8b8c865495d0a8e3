/* SPDX-License-Identifier: Apache-2.0 */
/* What a comparison takes of a run beside its plan and its session:
 * "greenbench.figures/1", kept in the history (docs/decisions/0031). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_parts.h"

#define SCHEMA "greenbench.figures/1"

/* --- writing -------------------------------------------------------------- */

static json_t *rep_of(gb_json_out *out, const gb_reduced_rep *rep) {
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "valid", gb_json_bool(out, rep->valid));
    gb_json_put(out, o, "time_s", gb_json_real(out, rep->time_s));
    gb_json_put(out, o, "work", gb_json_real(out, rep->work));
    gb_json_put(out, o, "energy_j", gb_json_real(out, rep->energy.energy_j));
    gb_json_put(out, o, "window_s", gb_json_real(out, rep->energy.window_s));
    return o;
}

static json_t *kinds_of(gb_json_out *out, const gb_energy_budget *budget) {
    json_t *array = gb_json_array(out);

    for (size_t i = 0; i < budget->kind_count; i++) {
        json_t *o = gb_json_object(out);
        gb_json_put(out, o, "kind", gb_json_u64(out, budget->kinds[i].kind));
        gb_json_put(out, o, "u_j", gb_json_real(out, budget->kinds[i].u_j));
        gb_json_append(out, array, o);
    }
    return array;
}

static json_t *energy_of(gb_json_out *out, const gb_energy_figure *energy) {
    const gb_energy_budget *budget = &energy->budget;
    json_t *o = gb_json_object(out);

    gb_json_put(out, o, "value_j", gb_json_real(out, energy->energy_j));
    gb_json_put(out, o, "quality",
                gb_json_text(out, gb_quality_name(energy->quality)));
    gb_json_put(out, o, "flags", gb_json_u64(out, energy->flags));
    gb_json_put(out, o, "reason", gb_json_text(out, energy->reason));
    gb_json_put_budget(out, o, budget);
    gb_json_put(out, o, "kinds", kinds_of(out, budget));
    return o;
}

static json_t *case_of(gb_json_out *out, const gb_reduced_case *one,
                       const gb_bench_result *bench) {
    json_t *o = gb_json_object(out), *reps = gb_json_array(out);

    for (size_t i = 0; i < one->rep_count; i++)
        gb_json_append(out, reps, rep_of(out, &one->reps[i]));
    gb_json_put(out, o, "case", gb_json_u64(out, one->case_index));
    gb_json_put(out, o, "valid", gb_json_bool(out, bench->valid));
    gb_json_put(out, o, "reason", gb_json_text(out, bench->reason));
    gb_json_put(out, o, "work", gb_json_real(out, bench->work));
    gb_json_put(out, o, "energy", energy_of(out, &bench->energy));
    gb_json_put(out, o, "repetitions", reps);
    return o;
}

char *gb_json_figures(const gb_reduced *reduced, const gb_result *result) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out), *cases = gb_json_array(out);

    for (size_t i = 0; i < reduced->case_count; i++)
        gb_json_append(out, cases,
                       case_of(out, &reduced->cases[i], &result->benches[i]));
    gb_json_put(out, o, "schema", gb_json_text(out, SCHEMA));
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_json_run_status_name(result->status)));
    gb_json_put(out, o, "cases", cases);
    return gb_json_line(out, o);
}

/* --- reading -------------------------------------------------------------- */

static void read_rep(gb_json_in *in, const json_t *o, gb_reduced_rep *rep) {
    rep->valid = gb_json_get_bool(in, o, "valid");
    rep->time_s = gb_json_get_real(in, o, "time_s");
    rep->work = gb_json_get_real(in, o, "work");
    rep->energy.energy_j = gb_json_get_real(in, o, "energy_j");
    rep->energy.window_s = gb_json_get_real(in, o, "window_s");
}

static void read_kinds(gb_json_in *in, const json_t *o,
                       gb_energy_budget *budget) {
    const json_t *kinds = gb_json_get_array(in, o, "kinds");
    const size_t count = json_array_size(kinds);

    if (count > GB_CALIBRATION_KINDS) {
        gb_json_mistake(in, "kinds", "6 kinds of meters at most", kinds);
        return;
    }
    budget->kind_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *kind = json_array_get(kinds, i);
        budget->kinds[i].kind = gb_json_get_u32(in, kind, "kind");
        budget->kinds[i].u_j = gb_json_get_real(in, kind, "u_j");
    }
}

static void read_energy(gb_json_in *in, const json_t *o,
                        gb_energy_figure *energy) {
    gb_energy_budget *budget = &energy->budget;
    char quality[24] = "";

    energy->energy_j = gb_json_get_real(in, o, "value_j");
    gb_json_get_text(in, o, "quality", quality, sizeof(quality));
    if (!gb_quality_from_name(quality, &energy->quality))
        gb_json_mistake(in, "quality", "the name of one",
                        json_object_get(o, "quality"));
    energy->flags = gb_json_get_u32(in, o, "flags");
    gb_json_get_text(in, o, "reason", energy->reason, sizeof(energy->reason));
    budget->quantisation_j = gb_json_get_real(in, o, "quantisation_j");
    budget->phase_j = gb_json_get_real(in, o, "phase_j");
    budget->latency_j = gb_json_get_real(in, o, "latency_j");
    budget->unsampled_j = gb_json_get_real(in, o, "unsampled_j");
    budget->calibration_j = gb_json_get_real(in, o, "calibration_j");
    read_kinds(in, o, budget);
}

static void read_case(gb_json_in *in, const json_t *o, size_t planned,
                      gb_reduced_case *one, gb_bench_result *bench) {
    const json_t *reps = gb_json_get_array(in, o, "repetitions");
    const json_t *energy = gb_json_get_object(in, o, "energy");

    one->case_index = gb_json_get_u32(in, o, "case");
    if (one->case_index >= planned)
        gb_json_mistake(in, "case", "one of the plan",
                        json_object_get(o, "case"));
    bench->case_index = one->case_index;
    bench->valid = gb_json_get_bool(in, o, "valid");
    gb_json_get_text(in, o, "reason", bench->reason, sizeof(bench->reason));
    bench->work = gb_json_get_real(in, o, "work");
    if (energy == NULL)
        gb_json_mistake(in, "energy", "an object",
                        json_object_get(o, "energy"));
    else
        read_energy(in, energy, &bench->energy);
    one->reps = gb_json_alloc(in, json_array_size(reps), sizeof(*one->reps));
    one->rep_count = one->reps != NULL ? json_array_size(reps) : 0;
    for (size_t i = 0; i < one->rep_count; i++) {
        read_rep(in, json_array_get(reps, i), &one->reps[i]);
        one->reps[i].repetition = (uint32_t)i;
        bench->time_s.n += one->reps[i].valid;
    }
}

static void read_run(gb_json_in *in, const json_t *root, size_t planned,
                     gb_reduced *reduced, gb_result *result) {
    const json_t *cases = gb_json_get_array(in, root, "cases");
    const size_t count = json_array_size(cases);

    result->status = gb_json_get_run_status(in, root, "status");
    reduced->cases = gb_json_alloc(in, count, sizeof(*reduced->cases));
    result->benches = gb_json_alloc(in, count, sizeof(*result->benches));
    if (reduced->cases == NULL || result->benches == NULL)
        return;
    reduced->case_count = result->bench_count = count;
    for (size_t i = 0; i < count && in->status == GB_OK; i++)
        read_case(in, json_array_get(cases, i), planned, &reduced->cases[i],
                  &result->benches[i]);
}

gb_status gb_json_read_figures(const char *text, size_t planned,
                               gb_reduced *reduced_out, gb_result *result_out,
                               gb_error *err) {
    json_t *root = gb_json_parse(text, err);
    gb_json_in in = {.err = err};
    gb_reduced reduced = {0};
    gb_result result = {0};

    if (root == NULL)
        return GB_ERR_INVALID;
    read_run(&in, root, planned, &reduced, &result);
    json_decref(root);
    if (in.status != GB_OK) {
        gb_reduced_fini(&reduced);
        gb_result_fini(&result);
        return in.status;
    }
    *reduced_out = reduced;
    *result_out = result;
    return GB_OK;
}
