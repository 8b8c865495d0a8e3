/* SPDX-License-Identifier: Apache-2.0 */
/* plan.json, and the plan on its way from rank 0 to the others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_parts.h"

static const char *const kind_names[] = {
    [GB_VALUE_TEXT] = "text",
    [GB_VALUE_U64] = "integer",
    [GB_VALUE_BYTES] = "bytes",
    [GB_VALUE_F64] = "real",
};
#define KIND_COUNT (sizeof(kind_names) / sizeof(kind_names[0]))

/* --- writing -------------------------------------------------------------- */

static json_t *param_of(gb_json_out *out, const gb_plan_param *param) {
    json_t *o = gb_json_object(out);
    json_t *value = param->kind == GB_VALUE_TEXT ? json_null()
                    : param->kind == GB_VALUE_F64
                        ? gb_json_real(out, param->f64)
                        : gb_json_u64(out, param->u64);
    gb_json_put(out, o, "name", gb_json_text(out, param->name));
    gb_json_put(out, o, "text", gb_json_text(out, param->text));
    gb_json_put(out, o, "kind", gb_json_text(out, kind_names[param->kind]));
    gb_json_put(out, o, "value", value);
    gb_json_put(out, o, "is_default", gb_json_bool(out, param->is_default));
    return o;
}

static json_t *given_up_of(gb_json_out *out, const gb_plan_case *planned) {
    if (planned->given_up == NULL || planned->given_up[0] == '\0')
        return json_null();
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "status",
                gb_json_text(out, gb_status_name(planned->given_up_status)));
    gb_json_put(out, o, "reason", gb_json_text(out, planned->given_up));
    return o;
}

static json_t *case_of(gb_json_out *out, const gb_plan_case *planned) {
    json_t *o = gb_json_object(out), *params = gb_json_array(out);
    for (size_t i = 0; i < planned->param_count; i++)
        gb_json_append(out, params, param_of(out, &planned->params[i]));
    gb_json_put(out, o, "id", gb_json_text(out, planned->id));
    gb_json_put(out, o, "version", gb_json_text(out, planned->version));
    gb_json_put(out, o, "sha256", gb_json_fact(out, planned->sha256));
    gb_json_put(out, o, "insecure", gb_json_fact(out, planned->insecure));
    gb_json_put(out, o, "work_unit", gb_json_text(out, planned->work_unit));
    gb_json_put(out, o, "params", params);
    gb_json_put(out, o, "repeats", gb_json_u64(out, planned->repeats));
    gb_json_put(out, o, "max_repeats", gb_json_u64(out, planned->max_repeats));
    gb_json_put(out, o, "ci_percent", gb_json_real(out, planned->ci_percent));
    gb_json_put(out, o, "min_time_s", gb_json_real(out, planned->min_time_s));
    gb_json_put(out, o, "timeout_s", gb_json_real(out, planned->timeout_s));
    gb_json_put(out, o, "one_shot", gb_json_bool(out, planned->one_shot));
    gb_json_put(out, o, "no_work", gb_json_bool(out, planned->no_work));
    gb_json_put(out, o, "communicates",
                gb_json_bool(out, planned->communicates));
    gb_json_put(out, o, "optional", gb_json_bool(out, planned->optional));
    gb_json_put(out, o, "given_up", given_up_of(out, planned));
    return o;
}

static json_t *ranks_of(gb_json_out *out, const gb_plan_skip *skip) {
    json_t *o = gb_json_object(out);
    gb_json_put(out, o, "at_least", gb_json_count(out, skip->ranks_least));
    gb_json_put(out, o, "multiple_of",
                gb_json_count(out, skip->ranks_multiple));
    return o;
}

char *gb_json_plan(const gb_plan *plan) {
    gb_json_out state = {0}, *out = &state;
    json_t *o = gb_json_object(out);
    json_t *cases = gb_json_array(out), *skips = gb_json_array(out);
    for (size_t i = 0; i < plan->case_count; i++)
        gb_json_append(out, cases, case_of(out, &plan->cases[i]));
    for (size_t i = 0; i < plan->skip_count; i++) {
        const gb_plan_skip *skip = &plan->skips[i];
        json_t *one = gb_json_object(out);
        gb_json_put(out, one, "id", gb_json_text(out, skip->id));
        gb_json_put(out, one, "reason", gb_json_text(out, skip->reason));
        gb_json_put(out, one, "hint", gb_json_fact(out, skip->hint));
        if (skip->ranks_multiple > 0)
            gb_json_put(out, one, "ranks", ranks_of(out, skip));
        gb_json_append(out, skips, one);
    }
    gb_json_put(out, o, "schema", gb_json_text(out, "greenbench.plan/1"));
    gb_json_put(out, o, "suite", gb_json_text(out, plan->suite_name));
    gb_json_put(out, o, "ranks", gb_json_u64(out, plan->ranks));
    gb_json_put(out, o, "energy", gb_json_text(out, plan->energy));
    gb_json_put(out, o, "require_energy",
                gb_json_bool(out, plan->require_energy));
    gb_json_put(out, o, "partial_energy",
                gb_json_bool(out, plan->partial_energy));
    gb_json_put(out, o, "sample_hz", gb_json_real(out, plan->sample_hz));
    gb_json_put(out, o, "idle_s", gb_json_real(out, plan->idle_s));
    gb_json_put(out, o, "counters", gb_json_names(out, plan->counters));
    gb_json_put(out, o, "claims_sha256",
                gb_json_fact(out, plan->claims_sha256));
    gb_json_put(out, o, "estimate_s", gb_json_real(out, plan->estimate_s));
    gb_json_put(out, o, "cases", cases);
    gb_json_put(out, o, "skips", skips);
    return gb_json_pretty(out, o);
}

/* --- reading -------------------------------------------------------------- */

static void read_param(gb_json_in *in, const json_t *object,
                       gb_plan_param *param) {
    char word[16];
    size_t kind = 0;
    param->name = gb_json_dup_text(in, object, "name");
    param->text = gb_json_dup_text(in, object, "text");
    gb_json_get_text(in, object, "kind", word, sizeof(word));
    while (kind < KIND_COUNT && strcmp(kind_names[kind], word) != 0)
        kind++;
    if (kind == KIND_COUNT) {
        gb_json_mistake(in, "kind", "text, integer, bytes or real",
                        json_object_get(object, "kind"));
        return;
    }
    param->kind = (gb_value_kind)kind;
    param->is_default = gb_json_get_bool(in, object, "is_default");
    if (param->kind == GB_VALUE_F64) {
        param->f64 = gb_json_get_real(in, object, "value");
    } else if (param->kind != GB_VALUE_TEXT) {
        param->u64 = gb_json_get_u64(in, object, "value");
        param->f64 = (double)param->u64;
    }
}

/* False where it is absent: plans of version 0.1 did not have it. */
static bool later_bool(gb_json_in *in, const json_t *object, const char *key) {
    return json_object_get(object, key) != NULL &&
           gb_json_get_bool(in, object, key);
}

static void read_given_up(gb_json_in *in, const json_t *object,
                          gb_plan_case *planned) {
    char word[32];
    if (object == NULL || json_is_null(object))
        return;
    gb_json_get_text(in, object, "status", word, sizeof(word));
    if (!gb_json_status_of(word, &planned->given_up_status))
        gb_json_mistake(in, "status", "the name of an error",
                        json_object_get(object, "status"));
    planned->given_up = gb_json_dup_text(in, object, "reason");
}

static void read_case(gb_json_in *in, const json_t *object,
                      gb_plan_case *planned) {
    const json_t *params = gb_json_get_array(in, object, "params");
    planned->id = gb_json_dup_text(in, object, "id");
    planned->version = gb_json_dup_text(in, object, "version");
    planned->sha256 = gb_json_dup_text(in, object, "sha256");
    planned->insecure = gb_json_dup_text(in, object, "insecure");
    planned->work_unit = gb_json_dup_text(in, object, "work_unit");
    planned->repeats = gb_json_get_u32(in, object, "repeats");
    planned->max_repeats = gb_json_get_u32(in, object, "max_repeats");
    planned->ci_percent = gb_json_get_real(in, object, "ci_percent");
    planned->min_time_s = gb_json_get_real(in, object, "min_time_s");
    if (json_object_get(object, "timeout_s") != NULL)
        planned->timeout_s = gb_json_get_real(in, object, "timeout_s");
    planned->one_shot = later_bool(in, object, "one_shot");
    planned->no_work = later_bool(in, object, "no_work");
    /* Where it is not told it may be so: no node is called slow then. */
    planned->communicates = json_object_get(object, "communicates") == NULL ||
                            gb_json_get_bool(in, object, "communicates");
    planned->optional = later_bool(in, object, "optional");
    read_given_up(in, json_object_get(object, "given_up"), planned);
    planned->params =
        gb_json_alloc(in, json_array_size(params), sizeof(*planned->params));
    if (planned->params == NULL)
        return;
    planned->param_count = json_array_size(params);
    for (size_t i = 0; i < planned->param_count; i++)
        read_param(in, json_array_get(params, i), &planned->params[i]);
}

static void read_lists(gb_json_in *in, const json_t *root, gb_plan *plan) {
    const json_t *cases = gb_json_get_array(in, root, "cases");
    const json_t *skips = gb_json_get_array(in, root, "skips");
    plan->cases =
        gb_json_alloc(in, json_array_size(cases), sizeof(*plan->cases));
    if (plan->cases == NULL)
        return;
    plan->case_count = json_array_size(cases);
    for (size_t i = 0; i < plan->case_count; i++)
        read_case(in, json_array_get(cases, i), &plan->cases[i]);
    plan->skips =
        gb_json_alloc(in, json_array_size(skips), sizeof(*plan->skips));
    if (plan->skips == NULL)
        return;
    plan->skip_count = json_array_size(skips);
    for (size_t i = 0; i < plan->skip_count; i++) {
        const json_t *one = json_array_get(skips, i);
        plan->skips[i].id = gb_json_dup_text(in, one, "id");
        plan->skips[i].reason = gb_json_dup_text(in, one, "reason");
        plan->skips[i].hint = gb_json_dup_text(in, one, "hint");
        const json_t *ranks = json_object_get(one, "ranks");
        if (!json_is_object(ranks))
            continue; /* something else is why, or an earlier version */
        plan->skips[i].ranks_least = gb_json_get_u32(in, ranks, "at_least");
        plan->skips[i].ranks_multiple =
            gb_json_get_u32(in, ranks, "multiple_of");
    }
}

gb_status gb_json_read_plan(const char *text, gb_plan *plan_out,
                            gb_error *err) {
    gb_plan plan = {0};
    gb_json_in in = {.status = GB_OK, .err = err};
    char schema[32];
    json_t *root = gb_json_parse(text, err);
    if (root == NULL)
        return GB_ERR_INVALID;
    gb_json_get_text(&in, root, "schema", schema, sizeof(schema));
    if (strcmp(schema, "greenbench.plan/1") != 0)
        gb_json_mistake(&in, "schema", "greenbench.plan/1",
                        json_object_get(root, "schema"));
    plan.suite_name = gb_json_dup_text(&in, root, "suite");
    plan.ranks = gb_json_get_u32(&in, root, "ranks");
    plan.energy = gb_json_dup_text(&in, root, "energy");
    plan.require_energy = gb_json_get_bool(&in, root, "require_energy");
    plan.partial_energy = gb_json_get_bool(&in, root, "partial_energy");
    plan.sample_hz = gb_json_get_real(&in, root, "sample_hz");
    plan.idle_s = gb_json_get_real(&in, root, "idle_s");
    plan.counters = gb_json_dup_names(&in, root, "counters");
    gb_json_get_text(&in, root, "claims_sha256", plan.claims_sha256,
                     sizeof(plan.claims_sha256));
    plan.estimate_s = gb_json_get_real(&in, root, "estimate_s");
    read_lists(&in, root, &plan);
    json_decref(root);
    if (in.status != GB_OK)
        gb_plan_fini(&plan);
    else
        *plan_out = plan;
    return in.status;
}
