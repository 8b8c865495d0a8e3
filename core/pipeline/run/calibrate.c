/* SPDX-License-Identifier: Apache-2.0 */
/* How many iterations fill a timed call. */
#include <math.h>

#include "pipeline/run/trial.h"

/* Calibration aims a little beyond the wanted time, so that a slightly faster
 * repetition is still long enough. */
#define CALIBRATION_MARGIN     1.08
#define CALIBRATION_GROWTH_MAX 100.0
/* Calibration on a machine that was busy finds too few iterations. Such calls
 * are repeated with more, but not for ever on one whose speed keeps changing.
 */
#define RECALIBRATIONS_MAX 8

#define TIMER_STEPS_LEAST 1000.0

double gb_trial_least_call_s(double min_time_s, double timer_step_s) {
    return fmax(min_time_s, TIMER_STEPS_LEAST * timer_step_s);
}

static double least_call_s(const gb_trial *t) {
    return gb_trial_least_call_s(t->planned->min_time_s,
                                 t->stage->timer_step_s);
}

void gb_trial_watch(const gb_trial *t, const char *step) {
    const gb_watch *watch = t->env->watch;
    if (watch != NULL)
        watch->begin(watch->ctx, t->case_index, step, t->planned->timeout_s);
}

/* --- calibration ---------------------------------------------------------- */

gb_status gb_trial_agree_call(gb_trial *t, gb_status status, double *shortest_s,
                              bool *stop, gb_error *failure) {
    int64_t largest[2] = {-(int64_t)llround(*shortest_s * 1e9),
                          atomic_load(t->env->stop)};
    status = gb_comm_agree_max(t->env->comm, status, largest, 2, failure);
    *shortest_s = (double)-largest[0] * 1e-9;
    *stop = largest[1] != 0;
    return status;
}

/* One untimed-by-energy call on all ranks. */
static gb_status timed_call(gb_trial *t, double *shortest_s, bool *stop,
                            gb_error *failure) {
    gb_comm *comm = t->env->comm;
    gb_work work = {.struct_size = sizeof(work)};
    uint64_t elapsed_ns = 0;

    gb_trial_watch(t, "a call to warm up");
    gb_status status = gb_plugin_run_rearm(t->instance, failure);
    status = gb_comm_agree(comm, status, failure);
    if (status == GB_OK)
        status = comm->ops->barrier(comm);
    if (status == GB_OK && t->stage->first_ns == 0)
        t->stage->first_ns = gb_clock_now_ns(t->env->clock);
    if (status == GB_OK)
        status = gb_plugin_run_call(t->instance, t->iterations, &work,
                                    &elapsed_ns, failure);
    const double elapsed_s = (double)elapsed_ns * 1e-9;
    *shortest_s = elapsed_s;
    status = gb_trial_agree_call(t, status, shortest_s, stop, failure);
    if (status == GB_OK) {
        t->call_s = elapsed_s;
        t->warmup_s += elapsed_s;
    }
    return status;
}

/* Find how many iterations fill min_time_s. The last call is the warm-up: as
 * long as a repetition, with caches, pages and frequency as they will be. */
gb_status gb_trial_calibrate(gb_trial *t, gb_error *failure) {
    const double target_s = least_call_s(t);
    t->iterations = 1;
    if (t->planned->one_shot)
        return GB_OK;
    for (;;) {
        double shortest_s = 0.0;
        bool stop = false;
        const gb_status status = timed_call(t, &shortest_s, &stop, failure);
        if (status != GB_OK)
            return status;
        if (shortest_s >= target_s)
            return GB_OK;
        if (stop)
            return gb_run_stopped(failure);

        double growth = CALIBRATION_GROWTH_MAX;
        if (shortest_s * growth > target_s)
            growth = target_s * CALIBRATION_MARGIN / shortest_s;
        const double wanted = ceil((double)t->iterations * growth);
        if (wanted >= 9e18)
            return gb_fail(failure, GB_ERR_RANGE,
                           "choose parameters that give it more to do",
                           "%s: expected a call that takes time, got %.3g s "
                           "for %.0f iterations",
                           t->planned->id, shortest_s, (double)t->iterations);
        t->iterations = (uint64_t)wanted > t->iterations ? (uint64_t)wanted
                                                         : t->iterations + 1;
    }
}

gb_status gb_trial_warm_up(gb_trial *t, gb_error *failure) {
    double shortest_s = 0.0;
    bool stop = false; /* looked at again before the first repetition */
    return t->planned->one_shot ? GB_OK
                                : timed_call(t, &shortest_s, &stop, failure);
}

bool gb_trial_too_short(gb_trial *t, double shortest_s) {
    if (t->planned->one_shot || shortest_s >= least_call_s(t) ||
        shortest_s <= 0.0 || t->recalibrations == RECALIBRATIONS_MAX)
        return false;
    t->recalibrations++;
    t->warmup_s += shortest_s;
    t->iterations = (uint64_t)ceil((double)t->iterations * least_call_s(t) *
                                   CALIBRATION_MARGIN / shortest_s);
    return true;
}
