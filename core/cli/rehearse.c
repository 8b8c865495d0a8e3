/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rehearse.h"

#include <string.h>
#include <unistd.h>

#include "cli/load.h"
#include "cli/program.h"
#include "cli/resume.h"
#include "cli/watchdog.h"
#include "cli/wishes.h"
#include "machine/comm/comm.h"

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
        if (plan->cases[i].given_up != NULL &&
            plan->cases[i].given_up[0] != '\0') {
            i++;
            continue;
        }
        gb_status status = gb_stage_try_case(env, plan, (uint32_t)i,
                                             GB_TRY_CREATE, stage, &cause);
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

/* --- alone ---------------------------------------------------------------- */

#define ALONE_BYTES ((uint64_t)1 << 30)

static void lose_late(void *ctx, uint32_t case_index, const char *what) {
    if (case_index == GB_WATCH_NO_CASE)
        gb_isolate_ended(ctx);
    else
        (void)gb_isolate_late(ctx, what);
    _exit(1);
}

static gb_status plan_alone(const gb_args *args, gb_isolation *isolation,
                            gb_plugin_set **set, gb_catalogue *catalogue,
                            gb_plan *plan, gb_error *err) {
    gb_resume resume = {0};
    gb_config config = {0};
    const int ranks = gb_comm_size_from_environment();
    gb_status status =
        gb_load_plugins(args, true, isolation, set, catalogue, err);
    if (status == GB_OK && gb_wishes_resume(args))
        status = gb_resume_open(gb_args_get(args, "resume"), &resume, err);
    if (status == GB_OK)
        status = gb_wishes_plan(args, catalogue, (uint32_t)ranks, &resume,
                                &config, plan, err);
    if (status == GB_OK)
        status = gb_isolate_mark(isolation, plan, err);
    gb_resume_close(&resume);
    gb_config_fini(&config);
    return status;
}

static gb_status try_cases(const gb_run_env *env, const gb_plan *plan,
                           gb_error *err) {
    gb_stage *stage = NULL;
    const gb_status status = gb_stage_open(env, plan, &stage, err);
    for (uint32_t i = 0; status == GB_OK && i < plan->case_count; i++) {
        const gb_plan_case *planned = &plan->cases[i];
        gb_error ignored; /* the ranks will say it */
        if (planned->given_up == NULL && !planned->communicates)
            (void)gb_stage_try_case(env, plan, i, GB_TRY_CALLS, stage,
                                    &ignored);
    }
    gb_stage_close(stage);
    return status;
}

void gb_rehearse_alone(const gb_args *args, gb_isolation *isolation) {
    static const atomic_bool stop;
    const uint64_t usable_bytes = ALONE_BYTES;
    gb_error err = {.rank = -1};
    gb_isolated_watch noting;
    gb_watchdog *watchdog = NULL;
    gb_plugin_set *plugins = NULL;
    gb_catalogue catalogue = {0};
    gb_plan plan = {0};
    gb_run_env env = {.clock = &gb_clock_system,
                      .stop = &stop,
                      .usable_bytes = &usable_bytes};
    gb_sysroot *root = NULL;

    gb_status status = gb_program_sysroot(&root, &err);
    if (status == GB_OK)
        status = gb_comm_open_single(&env.comm, &err);
    if (status == GB_OK)
        status = plan_alone(args, isolation, &plugins, &catalogue, &plan, &err);
    if (status == GB_OK)
        status = gb_watchdog_start(0.0, lose_late, isolation, &watchdog, &err);
    if (status == GB_OK) {
        gb_watchdog_learn_plan(watchdog, &plan);
        env.root = root;
        env.plugins = plugins;
        env.watch = gb_isolate_watch(isolation, &plan,
                                     gb_watchdog_watch(watchdog), &noting);
        env.step_limit_s = gb_watchdog_step_limit_s(watchdog);
        (void)try_cases(&env, &plan, &err);
    }
    /* What is wrong with the launch itself is said by the ranks, not here; the
     * process ends, and takes all with it. */
    gb_isolate_ended(isolation);
    _exit(0);
}
