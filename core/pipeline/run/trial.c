/* SPDX-License-Identifier: Apache-2.0 */
/* One case of the plan: make an instance, calibrate, warm up, repeat. */
#include "pipeline/run/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "stats/sample.h"

#define CI_LEAST_REPEATS 6 /* fewer have no 95 % interval of the median */

/* Copy an agreed failure of a benchmark into its record. */
static void describe(gb_status status, const gb_error *failure,
                     gb_status *status_out, int32_t *rank_out, char *what,
                     size_t what_size, char *hint, size_t hint_size) {
    *status_out = status;
    *rank_out = status != GB_OK ? failure->rank : -1;
    gb_copy(what, what_size, status != GB_OK ? failure->what : "");
    gb_copy(hint, hint_size, status != GB_OK ? failure->hint : "");
}

/* --- making the instance -------------------------------------------------- */

/* create() on all ranks. The agreed status goes into `failure`. */
static gb_status create_instance(gb_trial *t, gb_error *failure) {
    gb_comm *comm = t->env->comm;
    const gb_plugin *plugin =
        gb_plugin_set_get(t->env->plugins, t->planned->plugin);
    const gb_host_setup setup = {
        .core_count = t->stage->share.core_count,
        .memory_bytes = t->stage->share.memory_bytes,
        .cache_bytes = t->stage->share.cache_bytes,
        .ext_mpi = t->planned->communicates
                       ? (t->ext_mpi = comm->ops->plugin_open(comm))
                       : NULL,
        .ext_team = gb_team_ext(t->stage->team),
        .ext_pace = &t->stage->pace.ext,
    };
    const gb_status status =
        gb_plugin_run_create(plugin, t->planned, &setup, &t->instance, failure);
    return gb_comm_agree(comm, status, failure);
}

/* create() and destroy() do nothing large, however long the benchmark may
 * take. */
static void watch_brief(const gb_trial *t, const char *step) {
    const gb_watch *watch = t->env->watch;
    if (watch != NULL)
        watch->begin(watch->ctx, t->case_index, step, t->env->step_limit_s);
}

static void destroy_instance(gb_trial *t) {
    watch_brief(t, "destroy()");
    gb_plugin_run_destroy(t->instance);
    t->env->comm->ops->plugin_close(t->env->comm, t->ext_mpi);
}

/* One iteration, from prepare() to verify(). */
static gb_status try_calls(gb_trial *t, gb_error *err) {
    gb_comm *comm = t->env->comm;
    gb_work work = {.struct_size = sizeof(work)};
    uint64_t elapsed_ns = 0;

    gb_trial_watch(t, "preparing");
    gb_status status = gb_plugin_run_prepare(t->instance, err);
    if (status == GB_OK)
        status = gb_plugin_run_rearm(t->instance, err);
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        return status;
    gb_trial_watch(t, "a call to try it");
    status = gb_plugin_run_call(t->instance, 1, &work, &elapsed_ns, err);
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        return status;
    gb_trial_watch(t, "verifying");
    status = gb_plugin_run_verify(t->instance, err);
    return gb_comm_agree(comm, status, err);
}

gb_status gb_stage_try_case(const gb_run_env *env, const gb_plan *plan,
                            uint32_t case_index, gb_try how, gb_stage *stage,
                            gb_error *err) {
    gb_trial t = {
        .env = env,
        .plan = plan,
        .planned = &plan->cases[case_index],
        .case_index = case_index,
        .stage = stage,
    };
    watch_brief(&t, "create()");
    gb_status status = create_instance(&t, err);
    if (status == GB_OK && how == GB_TRY_CALLS && !t.planned->one_shot)
        status = try_calls(&t, err);
    destroy_instance(&t);
    return status;
}

static bool is_given_up(const gb_plan_case *planned) {
    return planned->given_up != NULL && planned->given_up[0] != '\0';
}

/* GB_OK means all ranks are ready. */
static gb_status make_instance(gb_trial *t, gb_error *failure) {
    gb_comm *comm = t->env->comm;
    gb_trial_watch(t, "preparing");
    gb_status status = create_instance(t, failure);
    if (status == GB_OK) {
        status = gb_plugin_run_prepare(t->instance, failure);
        status = gb_comm_agree(comm, status, failure);
    }
    return status;
}

/* The instance's notes if they are others than were recorded last, and keeps
 * them for the next time; null: the same. */
static const gb_note *changed_notes(gb_trial *t, size_t *count_out) {
    const gb_note *notes = t->instance != NULL
                               ? gb_plugin_run_notes(t->instance, count_out)
                               : NULL;
    const size_t bytes = notes != NULL ? *count_out * sizeof(*notes) : 0;
    if (bytes == 0 ||
        (t->noted_count == *count_out && memcmp(t->noted, notes, bytes) == 0)) {
        *count_out = 0;
        return NULL;
    }
    gb_note *copy = malloc(bytes);
    if (copy == NULL)
        return notes; /* recorded once more next time: no harm */
    free(t->noted);
    t->noted = memcpy(copy, notes, bytes);
    t->noted_count = *count_out;
    return notes;
}

static gb_status record_trial(gb_trial *t, gb_status status,
                              const gb_error *failure, gb_error *err) {
    gb_status sunk = GB_OK;
    gb_run_watch(t->env, "recording", 0.0);
    if (t->env->comm->rank == 0) {
        size_t note_count = 0;
        const gb_note *notes = changed_notes(t, &note_count);
        gb_trial_record record = {
            .case_index = t->case_index,
            .iterations = t->iterations,
            .warmup_s = t->warmup_s,
            .note_count = note_count,
        };
        /* Borrowed for the call: the sink keeps nothing. */
        memcpy(&record.notes, &notes, sizeof(notes));
        describe(status, failure, &record.status, &record.rank, record.what,
                 sizeof(record.what), record.hint, sizeof(record.hint));
        sunk = t->env->sink->trial(t->env->sink->ctx, &record);
    }
    return gb_run_agree_sink(t->env, sunk, "a trial", err);
}

/* --- repetitions ---------------------------------------------------------- */

/* Rank 0 puts the record together and hands it to the sink. */
static gb_status record_rep(gb_trial *t, uint32_t repetition, gb_status status,
                            const gb_error *failure,
                            const gb_window_yield *all) {
    gb_rep_record record = {
        .case_index = t->case_index,
        .repetition = repetition,
        .iterations = t->iterations,
        .begin_utc_ns = t->begin_utc_ns,
        .ranks = all->reps,
        .windows = all->windows,
        .conditions = all->conditions,
        .counters = all->counters,
        .counter_count = t->stage->counter_count,
    };
    const gb_note *notes = changed_notes(t, &record.note_count);
    /* Borrowed for the call: the sink keeps nothing. */
    memcpy(&record.notes, &notes, sizeof(notes));
    double work = 0.0;
    for (int rank = 0; rank < t->env->comm->size; rank++) {
        work += all->reps[rank].work;
        if (all->reps[rank].elapsed_s > record.elapsed_s)
            record.elapsed_s = all->reps[rank].elapsed_s;
    }
    describe(status, failure, &record.status, &record.rank, record.what,
             sizeof(record.what), record.hint, sizeof(record.hint));
    if (status == GB_OK && record.elapsed_s > 0.0)
        t->rates[t->rate_count++] = work / record.elapsed_s;
    return t->env->sink->rep(t->env->sink->ctx, &record);
}

/* One repetition with its verification and its record. `benchmark_out` is how
 * the benchmark fared; the return value is how the run did. */
static gb_status repeat_once(gb_trial *t, uint32_t repetition, bool *again_out,
                             gb_status *benchmark_out, gb_error *failure,
                             gb_error *err) {
    gb_comm *comm = t->env->comm;
    gb_rank_rep rep = {0};
    gb_window_parcel parcel = {.rep = &rep, .counters = t->counts};
    int64_t stop = atomic_load(t->env->stop);
    bool stop_later = false; /* heeded before the next one */

    memset(t->counts, 0, t->stage->counter_count * sizeof(*t->counts));
    gb_trial_watch(t, "a timed call");
    gb_status benchmark = gb_plugin_run_rearm(t->instance, failure);
    benchmark = gb_comm_agree_max(comm, benchmark, &stop, 1, failure);
    if (stop != 0)
        return gb_run_stopped(err);
    if (benchmark == GB_OK) {
        benchmark = gb_trial_timed_call(t, &rep, t->counts, &parcel, failure);
        double shortest_s = rep.elapsed_s;
        benchmark = gb_trial_agree_call(t, benchmark, &shortest_s, &stop_later,
                                        failure);
        t->call_s = rep.elapsed_s;
        *again_out = benchmark == GB_OK && gb_trial_too_short(t, shortest_s);
        if (*again_out)
            return GB_OK;
    }
    if (benchmark == GB_OK) {
        gb_trial_watch(t, "verifying");
        benchmark = gb_plugin_run_verify(t->instance, failure);
        benchmark = gb_comm_agree(comm, benchmark, failure);
    }
    *benchmark_out = benchmark;
    if (benchmark == GB_ERR_MPI) {
        if (err != NULL)
            *err = *failure;
        return benchmark;
    }
    gb_run_watch(t->env, "recording", 0.0);
    gb_status status = gb_collect_window(t->env, t->stage, &parcel, &t->all);
    if (status == GB_OK && comm->rank == 0)
        status = record_rep(t, repetition, benchmark, failure, &t->all);
    return gb_run_agree_sink(t->env, status, "a repetition", err);
}

/* Rank 0 decides whether the interval is narrow enough; all do the same. */
static gb_status narrow_enough(gb_trial *t, bool *enough_out) {
    gb_comm *comm = t->env->comm;
    uint8_t enough = 0;
    double ci[2];
    if (comm->rank == 0 && t->rate_count >= CI_LEAST_REPEATS &&
        gb_median_ci95(t->rates, t->rate_count, ci)) {
        const double median = gb_median(t->rates, t->rate_count);
        const double half_percent = 50.0 * (ci[1] - ci[0]) / median;
        enough = half_percent <= t->planned->ci_percent;
    }
    gb_status status = comm->ops->bcast(comm, &enough, sizeof(enough), 0);
    *enough_out = enough != 0;
    return status;
}

/* Calls longer than the plan assumed make the rest longer, too. */
static void say_progress(const gb_trial *t, uint32_t repetition) {
    const uint32_t rest =
        t->planned->repeats > repetition ? t->planned->repeats - repetition : 0;
    const double call_s = fmax(t->call_s, gb_plan_call_s(t->planned));
    gb_str left = {0};

    gb_run_left(t->plan, t->case_index + 1, call_s * rest,
                t->call_s > 0.0 || !t->planned->one_shot ? 0 : rest, &left);
    gb_log_detail(t->env->log, "[%u/%zu] %s: repetition %u of %u%s",
                  t->case_index + 1, t->plan->case_count, t->planned->id,
                  repetition + 1, t->planned->repeats,
                  left.text != NULL ? left.text : "");
    gb_str_fini(&left);
}

static gb_status repeat(gb_trial *t, gb_status *benchmark_out,
                        gb_error *failure, gb_error *err) {
    for (uint32_t r = t->first; r < t->planned->max_repeats;) {
        bool again = false;
        say_progress(t, r);
        gb_status status =
            repeat_once(t, r, &again, benchmark_out, failure, err);
        if (status != GB_OK || *benchmark_out != GB_OK)
            return status;
        if (again)
            continue;
        r++;
        if (t->planned->ci_percent > 0.0 && r >= t->planned->repeats) {
            bool enough = false;
            status = narrow_enough(t, &enough);
            if (status != GB_OK || enough)
                return status;
        }
    }
    return GB_OK;
}

/* Freed by gb_trial_run(). */
static bool allocate(gb_trial *t) {
    const gb_comm *comm = t->env->comm;
    const size_t counters = t->stage->counter_count;
    const size_t size = comm->rank == 0 ? (size_t)comm->size : 0;
    const size_t nodes = comm->rank == 0 ? (size_t)comm->node_count : 0;
    t->rates = calloc(t->planned->max_repeats, sizeof(*t->rates));
    t->counts = calloc(counters + 1, sizeof(*t->counts));
    t->all = (gb_window_yield){
        .reps = calloc(size + 1, sizeof(*t->all.reps)),
        .counters = calloc(size * counters + 1, sizeof(*t->all.counters)),
        .windows = calloc(nodes + 1, sizeof(*t->all.windows)),
        .conditions = calloc(nodes + 1, sizeof(*t->all.conditions)),
    };
    return t->rates != NULL && t->counts != NULL && t->all.reps != NULL &&
           t->all.counters != NULL && t->all.windows != NULL &&
           t->all.conditions != NULL;
}

/* What earlier launches have is not repeated, and counts as if this one had
 * done it. `done_out`: nothing is left. */
static gb_status take_progress(gb_trial *t, const gb_case_progress *had,
                               bool *done_out) {
    const gb_plan_case *planned = t->planned;

    *done_out = had->done;
    t->first = had->repetitions;
    t->iterations = had->iterations;
    if (t->env->comm->rank == 0) {
        memcpy(t->rates, had->rates, had->repetitions * sizeof(*t->rates));
        t->rate_count = had->repetitions;
    }
    /* It may have been stopped just as it was narrow enough. */
    return !had->done && planned->ci_percent > 0.0 &&
                   had->repetitions >= planned->repeats
               ? narrow_enough(t, done_out)
               : GB_OK;
}

gb_status gb_trial_run(const gb_run_env *env, const gb_plan *plan,
                       uint32_t case_index, const gb_case_progress *had,
                       gb_stage *stage, gb_error *err) {
    gb_trial t = {
        .env = env,
        .plan = plan,
        .planned = &plan->cases[case_index],
        .case_index = case_index,
        .stage = stage,
    };
    gb_error failure = {.rank = -1};
    gb_run_watch(env, "beginning a benchmark", 0.0);
    bool done = false;
    gb_status status =
        allocate(&t) ? GB_OK : gb_fail_memory(err, "the repetitions");
    status = gb_comm_agree(env->comm, status, err);
    if (status == GB_OK && had != NULL)
        status = take_progress(&t, had, &done);
    if (status != GB_OK || done)
        goto done;

    gb_status benchmark = GB_OK;
    if (is_given_up(t.planned)) {
        benchmark = gb_fail(&failure, t.planned->given_up_status,
                            "greenbench plugin check looks for the cause", "%s",
                            t.planned->given_up);
    } else {
        (t.planned->one_shot ? gb_log_progress : gb_log_detail)(
            env->log, "[%u/%zu] %s: preparing", case_index + 1,
            plan->case_count, t.planned->id);
        benchmark = make_instance(&t, &failure);
    }
    if (benchmark == GB_OK)
        benchmark = t.iterations > 0 ? gb_trial_warm_up(&t, &failure)
                                     : gb_trial_calibrate(&t, &failure);
    if (benchmark == GB_ERR_INTERRUPTED || benchmark == GB_ERR_MPI) {
        status = benchmark;
        if (err != NULL)
            *err = failure;
        goto done;
    }
    status = record_trial(&t, benchmark, &failure, err);
    if (status == GB_OK && benchmark == GB_OK)
        status = repeat(&t, &benchmark, &failure, err);
    if (status == GB_OK && env->comm->rank == 0)
        gb_run_say_found(env, plan, case_index,
                         t.rate_count > 0 ? gb_median(t.rates, t.rate_count)
                                          : (double)NAN,
                         benchmark, &failure);
done:
    destroy_instance(&t);
    gb_run_watch(env, "ending a benchmark", 0.0);
    free(t.all.conditions);
    free(t.all.windows);
    free(t.all.counters);
    free(t.all.reps);
    free(t.counts);
    free(t.noted);
    free(t.rates);
    return status;
}
