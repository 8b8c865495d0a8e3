/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/plan/parts.h"

static gb_status copy_settings(const gb_config *config, uint32_t ranks,
                               gb_plan *plan, gb_error *err) {
    plan->suite_name = strdup(config->suite_name);
    plan->energy = strdup(config->energy);
    plan->counters = strdup(config->counters);
    plan->require_energy = config->require_energy;
    plan->partial_energy = config->partial_energy;
    plan->sample_hz = config->sample_hz;
    plan->idle_s = config->idle_s;
    plan->ranks = ranks;
    return plan->suite_name != NULL && plan->energy != NULL &&
                   plan->counters != NULL
               ? GB_OK
               : gb_fail_memory(err, "the plan");
}

gb_status gb_plan_build(const gb_config *config, const gb_catalogue *catalogue,
                        uint32_t ranks, gb_plan *plan_out, gb_error *err) {
    gb_plan_draft draft = {
        .config = config, .catalogue = catalogue, .ranks = ranks, .err = err};
    gb_status status = copy_settings(config, ranks, &draft.plan, err);
    if (status == GB_OK)
        status = gb_plan_pick_all(&draft);
    if (status == GB_OK)
        status = gb_plan_check_overrides(&draft);
    for (size_t i = 0; i < draft.pick_count && status == GB_OK; i++)
        status = gb_plan_expand(&draft, &draft.picks[i]);
    free(draft.picks);
    if (status != GB_OK) {
        gb_plan_fini(&draft.plan);
        return status;
    }
    draft.plan.estimate_s = gb_plan_estimate_s(&draft.plan);
    *plan_out = draft.plan;
    return GB_OK;
}

gb_status gb_plan_drop_case(gb_plan *plan, size_t index, const char *reason,
                            const char *hint, gb_error *err) {
    char label[160];
    gb_plan_case_label(&plan->cases[index], label, sizeof(label));
    const gb_status status = gb_plan_add_skip(plan, label, reason, hint, err);
    if (status != GB_OK)
        return status;
    gb_plan_case_fini(&plan->cases[index]);
    plan->case_count--;
    memmove(&plan->cases[index], &plan->cases[index + 1],
            (plan->case_count - index) * sizeof(*plan->cases));
    plan->estimate_s = gb_plan_estimate_s(plan);
    return GB_OK;
}

const char *gb_plan_case_label(const gb_plan_case *planned, char *out,
                               size_t size) {
    char label[1024];
    size_t used = (size_t)snprintf(label, sizeof(label), "%s", planned->id);
    for (size_t i = 0; i < planned->param_count && used < sizeof(label); i++) {
        const gb_plan_param *param = &planned->params[i];
        if (!param->is_default)
            used += (size_t)snprintf(label + used, sizeof(label) - used,
                                     " %s=%s", param->name, param->text);
    }
    gb_copy(out, size, label);
    return out;
}
