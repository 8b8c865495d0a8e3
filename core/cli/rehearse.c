/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rehearse.h"

#include <string.h>

/* The machine or the launch is broken, which is no matter of one case. */
static bool is_refusal(gb_status status) {
    return status != GB_ERR_MPI && status != GB_ERR_IO &&
           status != GB_ERR_INTERNAL && status != GB_ERR_INTERRUPTED;
}

/* Messages of a plugin begin with its id; the case's label has it already. */
static const char *without_id(const char *what, const char *id) {
    const size_t length = strlen(id);
    return strncmp(what, id, length) == 0 &&
                   strncmp(what + length, ": ", 2) == 0
               ? what + length + 2
               : what;
}

gb_status gb_rehearse(const gb_run_env *env, gb_plan *plan, gb_stage *stage,
                      gb_error *err) {
    for (size_t i = 0; i < plan->case_count;) {
        char label[160];
        gb_error cause = {.rank = -1};
        gb_status status =
            gb_stage_try_case(env, plan, (uint32_t)i, stage, &cause);
        if (status == GB_OK) {
            i++;
            continue;
        }
        gb_plan_case_label(&plan->cases[i], label, sizeof(label));
        const char *what = without_id(cause.what, plan->cases[i].id);
        if (!is_refusal(status) || !plan->cases[i].optional) {
            status = gb_fail(err, is_refusal(status) ? GB_ERR_INVALID : status,
                             cause.hint, "%s: %s", label, what);
            err->rank = cause.rank;
            return status;
        }
        status = gb_plan_drop_case(plan, i, what, cause.hint, err);
        status = gb_comm_agree(env->comm, status, err);
        if (status != GB_OK)
            return status;
    }
    if (plan->case_count > 0)
        return GB_OK;
    return gb_fail(
        err, GB_ERR_INVALID, plan->skip_count > 0 ? plan->skips[0].hint : NULL,
        "expected a benchmark to run, got none: %s",
        plan->skip_count > 0 ? plan->skips[0].reason : "the suite is empty");
}
