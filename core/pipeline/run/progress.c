/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/run/stage.h"

void gb_run_say_found(const gb_run_env *env, const gb_plan *plan,
                      uint32_t case_index, double rate, gb_status status,
                      const gb_error *failure) {
    const gb_plan_case *planned = &plan->cases[case_index];
    char text[64] = "done", unit[64];
    gb_str label = {0};

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
    else if (label.text != NULL)
        gb_log_finding(env->log, "%s: %s", label.text, text);
    gb_str_fini(&label);
}
