/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <stdio.h>

/* What a case takes besides its timed calls: starting and verifying, s;
 * calibration and warm-up, in timed calls; how much longer a calibrated call is
 * than its minimum. */
#define CASE_EXTRA_S  0.3
#define WARMUP_CALLS  2.0
#define CALL_OVERSHOT 1.15

double gb_plan_call_s(const gb_plan_case *planned) {
    return planned->one_shot ? 0.0 : planned->min_time_s * CALL_OVERSHOT;
}

double gb_plan_left_s(const gb_plan *plan, size_t first) {
    double left_s = plan->idle_s;
    for (size_t i = first; i < plan->case_count; i++)
        left_s += CASE_EXTRA_S + gb_plan_call_s(&plan->cases[i]) *
                                     (plan->cases[i].repeats + WARMUP_CALLS);
    return left_s;
}

double gb_plan_estimate_s(const gb_plan *plan) {
    return plan->idle_s + gb_plan_left_s(plan, 0);
}

size_t gb_plan_solves(const gb_plan *plan, size_t first) {
    size_t count = 0;
    for (size_t i = first; i < plan->case_count; i++)
        count += plan->cases[i].one_shot ? plan->cases[i].repeats : 0;
    return count;
}

void gb_plan_add_params(const gb_plan_case *planned, bool defaults,
                        gb_str *out) {
    for (size_t i = 0; i < planned->param_count; i++) {
        const gb_plan_param *param = &planned->params[i];
        if (defaults || !param->is_default)
            gb_str_addf(out, "%s%s=%s", out->length > 0 ? " " : "", param->name,
                        param->text);
    }
}

char *gb_plan_case_params(const gb_plan_case *planned) {
    gb_str out = {0};

    gb_plan_add_params(planned, false, &out);
    return gb_str_take(&out);
}

void gb_plan_say_ranks(uint32_t least, uint32_t multiple, uint32_t ranks,
                       gb_language language, char *what, size_t what_size,
                       char *hint, size_t hint_size) {
    const uint64_t below = (uint64_t)ranks / multiple * multiple;
    const uint64_t from =
        (uint64_t)ranks + 1 > least ? (uint64_t)ranks + 1 : least;
    const uint64_t above = (from + multiple - 1) / multiple * multiple;

    if (multiple == 1)
        snprintf(what, what_size,
                 gb_phrase(language, "expected at least %u ranks, got %u"),
                 least, ranks);
    else if (least > multiple)
        snprintf(what, what_size,
                 gb_phrase(language,
                           "expected a number of ranks that is a multiple of "
                           "%u and at least %u, got %u"),
                 multiple, least, ranks);
    else
        snprintf(what, what_size,
                 gb_phrase(language,
                           "expected a number of ranks that is a multiple of "
                           "%u, got %u"),
                 multiple, ranks);
    if (below >= least && below > 0)
        snprintf(hint, hint_size,
                 gb_phrase(language, "start with mpirun -n %llu or -n %llu"),
                 (unsigned long long)below, (unsigned long long)above);
    else
        snprintf(hint, hint_size,
                 gb_phrase(language, "start with mpirun -n %llu"),
                 (unsigned long long)above);
}
