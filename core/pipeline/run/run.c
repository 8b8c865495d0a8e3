/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/run/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/run/stage.h"

/* Time for ranks to fall asleep before an idle window begins, and to stay
 * asleep after it ends: a rank that waits inside MPI spins. */
#define IDLE_GUARD_NS  50000000u
#define SLEEP_SLICE_NS 50000000u

void gb_run_watch(const gb_run_env *env, const char *step, double wait_s) {
    const gb_watch *watch = env->watch;
    if (watch != NULL)
        watch->begin(watch->ctx, GB_WATCH_NO_CASE, step,
                     env->step_limit_s > 0.0 ? env->step_limit_s + wait_s
                                             : 0.0);
}

gb_status gb_run_stopped(gb_error *err) {
    return gb_fail(err, GB_ERR_INTERRUPTED, NULL, "stopped by a signal");
}

gb_status gb_run_check_stop(const gb_run_env *env, gb_error *err) {
    gb_error local = {.rank = -1};
    gb_status status = GB_OK;
    if (atomic_load(env->stop))
        status = gb_run_stopped(&local);
    status = gb_comm_agree(env->comm, status, &local);
    if (status != GB_OK && err != NULL)
        *err = local;
    return status;
}

/* --- idle ----------------------------------------------------------------- */

/* All ranks sleep; returns early when told to stop. */
static void sleep_through(const gb_run_env *env, uint64_t deadline_ns) {
    while (!atomic_load(env->stop)) {
        const uint64_t now_ns = gb_clock_now_ns(env->clock);
        if (now_ns >= deadline_ns)
            return;
        const uint64_t slice_ns = now_ns + SLEEP_SLICE_NS;
        env->clock->sleep_until(
            env->clock->ctx, slice_ns < deadline_ns ? slice_ns : deadline_ns);
    }
}

static gb_status measure_idle(const gb_run_env *env, const gb_plan *plan,
                              gb_stage *stage, bool after, gb_error *err) {
    gb_comm *comm = env->comm;
    gb_node_window *windows =
        comm->rank == 0 ? calloc((size_t)comm->node_count, sizeof(*windows))
                        : NULL;
    gb_window_parcel parcel = {0};
    gb_run_watch(env, "an idle window", plan->idle_s);
    gb_status status = windows != NULL || comm->rank != 0
                           ? GB_OK
                           : gb_fail_memory(err, "the idle window");

    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        goto done;
    gb_log_progress(env->log, "idle power, %s the suite",
                    after ? "after" : "before");
    status = comm->ops->barrier(comm);
    if (status != GB_OK)
        goto done;
    const uint64_t begin_ns = gb_clock_now_ns(env->clock) + IDLE_GUARD_NS;
    const uint64_t end_ns = begin_ns + (uint64_t)(plan->idle_s * 1e9);
    if (stage->first_ns == 0)
        stage->first_ns = begin_ns;
    sleep_through(env, begin_ns);
    if (stage->sampler != NULL)
        parcel.window.begin_ns = gb_sampler_mark(stage->sampler);
    sleep_through(env, end_ns);
    if (stage->sampler != NULL)
        parcel.window.end_ns = gb_sampler_mark(stage->sampler);
    sleep_through(env, end_ns + IDLE_GUARD_NS);

    status = gb_run_check_stop(env, err);
    if (status != GB_OK)
        goto done;
    const gb_window_yield yield = {.windows = windows};
    status = gb_collect_window(env, stage, &parcel, &yield);
    if (status == GB_OK && comm->rank == 0) {
        gb_idle_record record = {.after = after, .windows = windows};
        status = env->sink->idle(env->sink->ctx, &record);
    }
    status = gb_run_agree_sink(env, status, "the idle window", err);
done:
    free(windows);
    return status;
}

/* --- the suite ------------------------------------------------------------ */

/* Stop the samplers, bring the last rows and what they cost to rank 0. */
static gb_status finish(const gb_run_env *env, gb_stage *stage,
                        gb_run_status how, gb_error *err) {
    gb_comm *comm = env->comm;
    const gb_window_parcel parcel = {0};
    gb_sampler_cost cost = {0};
    gb_sampler_cost *costs = NULL;
    gb_status status = GB_OK;

    gb_run_watch(env, "the end of the run", 0.0);
    if (comm->rank == 0) {
        costs = calloc((size_t)comm->node_count, sizeof(*costs));
        if (costs == NULL)
            status = gb_fail_memory(err, "the samplers' cost");
    }
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        goto done;
    const gb_window_yield yield = {0};
    status = gb_collect_window(env, stage, &parcel, &yield);
    stage->lost = !gb_sampler_stop(stage->sampler, &cost);
    stage->sampler = NULL;
    if (status != GB_ERR_MPI) {
        const gb_status gathered = gb_collect_costs(env, stage, &cost, costs);
        if (status == GB_OK)
            status = gathered;
    }
    if (status == GB_OK && comm->rank == 0) {
        const gb_end_record record = {
            .status = how,
            .ended_utc_ns = gb_clock_utc_ns(),
            .init_s = stage->first_ns != 0
                          ? (double)(stage->first_ns - env->ready_ns) * 1e-9
                          : 0.0,
            .costs = costs,
        };
        status = env->sink->end(env->sink->ctx, &record);
    }
    status = gb_run_agree_sink(env, status, "the end of the run", err);
done:
    free(costs);
    return status;
}

static gb_status start_sampler(const gb_run_env *env, const gb_plan *plan,
                               gb_stage *stage, gb_error *err) {
    gb_status status = GB_OK;
    gb_run_watch(env, "starting the energy sampler", 0.0);
    if (stage->energy != NULL &&
        gb_energy_set_cover(stage->energy)->summed_count > 0)
        status = gb_sampler_start(
            stage->energy, env->clock, plan->sample_hz, stage->node.sampler_pu,
            (uint32_t)env->comm->node_index, &stage->sampler, err);
    return gb_comm_agree(env->comm, status, err);
}

/* Idle power before the suite is that of what it does; after it, a window may
 * be all that is missing. */
static bool any_left(const gb_plan *plan, const gb_case_progress *had) {
    for (size_t i = 0; had != NULL && i < plan->case_count; i++)
        if (!had[i].done)
            return true;
    return had == NULL;
}

gb_status gb_run_suite(const gb_run_env *env, const gb_plan *plan,
                       const gb_case_progress *had, gb_stage *stage,
                       gb_error *err) {
    gb_status status = start_sampler(env, plan, stage, err);
    if (status != GB_OK)
        return status;

    if (had == NULL)
        gb_run_say_begin(env, plan);
    const bool with_idle = plan->idle_s > 0.0;
    if (with_idle && any_left(plan, had))
        status = measure_idle(env, plan, stage, false, err);
    for (uint32_t i = 0; i < plan->case_count && status == GB_OK; i++)
        status = gb_trial_run(env, plan, i, had != NULL ? &had[i] : NULL, stage,
                              err);
    if (with_idle && status == GB_OK)
        status = measure_idle(env, plan, stage, true, err);

    /* After an MPI failure no collective call can be trusted any more. */
    if (status == GB_ERR_MPI)
        return status;
    const gb_run_status how = status == GB_OK ? GB_RUN_COMPLETE
                              : status == GB_ERR_INTERRUPTED
                                  ? GB_RUN_INTERRUPTED
                                  : GB_RUN_FAILED;
    gb_error ending = {.rank = -1};
    const gb_status ended = finish(env, stage, how, &ending);
    if (status == GB_OK && ended != GB_OK) {
        if (err != NULL)
            *err = ending;
        return ended;
    }
    return status;
}
