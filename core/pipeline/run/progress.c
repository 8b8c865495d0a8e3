/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/run/stage.h"

static void add_solves(gb_str *out, size_t solves) {
    if (solves > 0)
        gb_str_addf(out, " and %zu solve%s", solves, solves == 1 ? "" : "s");
}

void gb_run_say_begin(const gb_run_env *env, const gb_plan *plan) {
    char about[24];
    gb_str text = {0};

    gb_str_addf(&text, "%s suite on %u rank%s, %zu case%s, about %s",
                plan->suite_name, plan->ranks, plan->ranks == 1 ? "" : "s",
                plan->case_count, plan->case_count == 1 ? "" : "s",
                gb_format_duration(ceil(gb_plan_estimate_s(plan)), about,
                                   sizeof(about)));
    add_solves(&text, gb_plan_solves(plan, 0));
    if (text.text != NULL)
        gb_log_finding(env->log, "%s", text.text);
    gb_str_fini(&text);
}

void gb_run_left(const gb_plan *plan, size_t first, double own_s,
                 size_t own_solves, gb_str *out) {
    char about[24];
    const double left_s = own_s + gb_plan_left_s(plan, first);
    const size_t solves = own_solves + gb_plan_solves(plan, first);

    if (left_s < 1.0 && solves == 0)
        return;
    gb_str_addf(out, ", about %s",
                gb_format_duration(ceil(left_s), about, sizeof(about)));
    add_solves(out, solves);
    gb_str_add(out, " left");
}

void gb_run_say_found(const gb_run_env *env, const gb_plan *plan,
                      uint32_t case_index, double rate, gb_status status,
                      const gb_error *failure) {
    const gb_plan_case *planned = &plan->cases[case_index];
    char text[64] = "done", unit[64];
    gb_str label = {0}, left = {0};

    gb_str_addf(&label, "[%u/%zu] %s", case_index + 1, plan->case_count,
                planned->id);
    for (size_t i = 0; i < planned->param_count; i++)
        if (!planned->params[i].is_default)
            gb_str_addf(&label, " %s=%s", planned->params[i].name,
                        planned->params[i].text);
    snprintf(unit, sizeof(unit), "%s/s", planned->work_unit);
    if (!planned->no_work && isfinite(rate))
        gb_format_si(rate, unit, text, sizeof(text));
    if (label.text != NULL && status != GB_OK)
        gb_log_finding(env->log, "%s: FAILED: %s", label.text, failure->what);
    gb_run_left(plan, case_index + 1, 0.0, 0, &left);
    if (status == GB_OK && label.text != NULL)
        gb_log_finding(env->log, "%s: %s%s", label.text, text,
                       left.text != NULL ? left.text : "");
    gb_str_fini(&left);
    gb_str_fini(&label);
}
