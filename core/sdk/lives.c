/* SPDX-License-Identifier: Apache-2.0 */
/* Whole lives of an instance: with one thread and with three, on numbers that
 * are spoilt under it, and against the clock. */
#include <math.h>
#include <time.h>

#include "sdk/checker.h"
#include "sdk/trial.h"

/* More than one thread and not a power of two: parts come out uneven. */
static const uint32_t team_sizes[] = {1, 3};
enum { TEAM_MAX = 3 };

#define LITTLE_MEMORY_BYTES ((uint64_t)32 << 20)

/* --- what each thread of the team is set to ------------------------------- */

typedef struct threads {
    gb_float_modes floats[TEAM_MAX];
    gb_affinity affinity[TEAM_MAX];
} threads;

static void record_thread(void *arg, uint32_t thread, uint32_t thread_count) {
    threads *all = arg;
    (void)thread_count;
    all->floats[thread] = gb_float_modes_now();
    all->affinity[thread] = gb_affinity_now();
}

static void record_threads(const gb_trial *trial, threads *out) {
    const gb_ext_team *team = gb_team_ext(trial->team);

    team->run(team, record_thread, out);
}

static void compare_threads(gb_checker *c, const threads *before,
                            const threads *after, uint32_t count) {
    gb_process was = c->before, is = c->before;

    for (uint32_t i = 1; i < count; i++) {
        gb_error err = {.rank = -1};
        was.floats = before->floats[i];
        is.floats = after->floats[i];
        was.affinity = before->affinity[i];
        is.affinity = after->affinity[i];
        if (gb_process_same(&was, &is, GB_RULE_FLOATS, &err) != GB_OK)
            gb_check_break(c, GB_RULE_FLOATS, &err);
        if (gb_process_same(&was, &is, GB_RULE_AFFINITY, &err) != GB_OK)
            gb_check_break(c, GB_RULE_AFFINITY, &err);
    }
}

/* --- steps ---------------------------------------------------------------- */

static gb_status create(gb_checker *c, uint32_t thread_count, gb_trial *trial,
                        gb_error *err) {
    const gb_trial_setup setup = {.thread_count = thread_count,
                                  .memory_bytes = c->memory_bytes};

    return gb_trial_create(c->plugin, c->comm, &setup, trial, err);
}

static gb_status prepare(gb_checker *c, gb_trial *trial, gb_error *err) {
    gb_check_begin(c, "in prepare()");
    const gb_status status = gb_trial_prepare(trial, err);
    gb_check_observe(c, false);
    return status;
}

static gb_status call(gb_checker *c, gb_trial *trial, uint64_t iterations,
                      double *done_out, gb_error *err) {
    gb_check_begin(c, "in run()");
    const gb_status status = gb_trial_call(trial, iterations, done_out, err);
    gb_check_observe(c, false);
    return status;
}

static gb_status verify(gb_checker *c, gb_trial *trial, gb_error *err) {
    gb_check_begin(c, "in verify()");
    const gb_status status = gb_trial_verify(trial, err);
    gb_check_observe(c, false);
    return status;
}

/** destroy(), and what it leaves. */
static void end(gb_checker *c, gb_trial *trial) {
    gb_comm *comm = c->comm;
    uint64_t kept_bytes = 0;
    gb_error err = {.rank = -1};

    if (trial->run != NULL) {
        gb_check_begin(c, "in destroy()");
        gb_status status = gb_trial_end(trial, &kept_bytes, &err);
        if (status == GB_OK && kept_bytes > 0)
            status = gb_fail(&err, GB_ERR_INVALID,
                             "free in destroy() all that was taken",
                             "%llu bytes were not given back",
                             (unsigned long long)kept_bytes);
        gb_check_status(c, GB_RULE_MEMORY, status, &err);
    }
    if (trial->ext_mpi != NULL) {
        gb_check_status(c, GB_RULE_COMMUNICATOR,
                        comm->ops->plugin_intact(comm, trial->ext_mpi, &err),
                        &err);
        gb_check_status(c, GB_RULE_MESSAGES,
                        comm->ops->plugin_drained(comm, trial->ext_mpi, &err),
                        &err);
    }
    gb_trial_fini(trial);
    gb_check_observe(c, true);
}

/* --- a life --------------------------------------------------------------- */

static gb_status check_work(const gb_trial *trial, double once, double again,
                            gb_error *err) {
    const bool one_shot = (trial->flags & GB_PLUGIN_ONE_SHOT) != 0;
    const double times = one_shot ? 1.0 : 3.0;

    if (again > 0.999 * times * once && again < 1.001 * times * once)
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, "count the work of all iterations",
                   "expected the second call to do %g times the work of the "
                   "first, got %g and %g",
                   times, again, once);
}

static gb_status live(gb_checker *c, gb_trial *trial, gb_error *err) {
    const bool one_shot = (trial->flags & GB_PLUGIN_ONE_SHOT) != 0;
    double once = 0.0, again = 0.0;

    gb_status status = prepare(c, trial, err);
    if (status == GB_OK)
        status = call(c, trial, 1, &once, err);
    if (status == GB_OK)
        status = verify(c, trial, err);
    if (status == GB_OK)
        status = call(c, trial, one_shot ? 1 : 3, &again, err);
    if (status == GB_OK)
        status = verify(c, trial, err);
    if (status == GB_OK) {
        gb_error why = {.rank = -1};
        gb_check_status(c, GB_RULE_WORK, check_work(trial, once, again, &why),
                        &why);
    }
    return status;
}

static gb_status check_life(gb_checker *c, uint32_t thread_count) {
    gb_trial trial;
    threads before = {0}, after = {0};
    gb_error err = {.rank = -1};

    gb_check_begin(c, "in create()");
    gb_status status = create(c, thread_count, &trial, &err);
    gb_check_observe(c, false);
    if (status == GB_OK) {
        record_threads(&trial, &before);
        status = live(c, &trial, &err);
        record_threads(&trial, &after);
        compare_threads(c, &before, &after, thread_count);
    }
    if (status != GB_OK) {
        gb_error said = {.rank = -1};
        gb_fail(&said, status, err.hint, "with %u thread%s: %s",
                (unsigned)thread_count, thread_count == 1 ? "" : "s", err.what);
        gb_check_break(c, GB_RULE_LIVES, &said);
    }
    end(c, &trial);
    return status;
}

/* --- spoilt numbers ------------------------------------------------------- */

/* Enough to hit the result where a block holds scratch, too. */
enum { WORD_TRIES = 8 };

static gb_status judge_spoilt(gb_checker *c, gb_status status, gb_error *err) {
    if (status == GB_OK)
        status = gb_fail(err, GB_ERR_INVALID,
                         "compare every result with what it must be",
                         "it found them right");
    else if (status != GB_ERR_VERIFY)
        gb_fail(err, status, "return GB_ERR_VERIFY", "it returned %s",
                gb_status_name(status));
    else
        status = GB_OK;
    gb_check_status(c, GB_RULE_VERIFIES, status, err);
    return status;
}

/** A new instance, up to the end of its first run(). */
static gb_status live_shortly(gb_checker *c, gb_trial *trial) {
    gb_error err = {.rank = -1};
    double done = 0.0;

    gb_status status = create(c, 1, trial, &err);
    if (status == GB_OK)
        status = prepare(c, trial, &err);
    if (status == GB_OK)
        status = call(c, trial, 1, &done, &err);
    if (status != GB_OK)
        gb_check_break(c, GB_RULE_LIVES, &err);
    return status;
}

/** One wrong word in each block, in another place each time. */
static void check_word(gb_checker *c) {
    gb_status status = GB_OK;
    gb_error err = {.rank = -1};

    for (uint64_t i = 0; i < WORD_TRIES && status == GB_OK; i++) {
        gb_trial trial;
        if (live_shortly(c, &trial) != GB_OK) {
            end(c, &trial);
            gb_check_skip(c, GB_RULE_WORD, "it did not live so long");
            return;
        }
        (void)gb_trial_spoil_words(&trial, i);
        gb_check_begin(c, "in verify() with one word of each array wrong");
        status = gb_trial_verify(&trial, &err);
        end(c, &trial);
    }
    if (status == GB_OK)
        status = gb_fail(&err, GB_ERR_INVALID,
                         "compare every result, and no more loosely than "
                         "rounding makes necessary",
                         "it found them right, %d times", WORD_TRIES);
    else if (status == GB_ERR_VERIFY)
        status = GB_OK;
    gb_check_status(c, GB_RULE_WORD, status, &err);
}

/** Is there something on any rank to be spoilt? */
static bool spoil(gb_checker *c, gb_trial *trial) {
    double bytes = (double)gb_trial_spoil(trial);

    return c->comm->ops->sum_f64(c->comm, &bytes, 1) == GB_OK && bytes > 0.0;
}

static void check_spoilt(gb_checker *c) {
    gb_trial trial;
    gb_error err = {.rank = -1};
    gb_status status = GB_ERR_INVALID;

    if (c->plugin->verify == NULL) {
        gb_check_skip(c, GB_RULE_VERIFIES, "it has no verify()");
        gb_check_skip(c, GB_RULE_WORD, "it has no verify()");
        return;
    }
    if (live_shortly(c, &trial) != GB_OK) {
        gb_check_skip(c, GB_RULE_VERIFIES, "it did not live so long");
    } else if (!spoil(c, &trial)) {
        gb_check_skip(c, GB_RULE_VERIFIES,
                      "prepare() took no memory from the host");
    } else {
        gb_check_begin(c, "in verify() on spoilt numbers: keep pointers out of "
                          "what prepare() allocates");
        status = judge_spoilt(c, gb_trial_verify(&trial, &err), &err);
    }
    end(c, &trial);
    if (status == GB_OK)
        check_word(c);
    else
        gb_check_skip(c, GB_RULE_WORD, "P305 was not kept");
}

/* --- time ----------------------------------------------------------------- */

/* Of four times the iterations against one, of late calls against early ones:
 * machines are noisy, and what this rule is after is no matter of per cent. */
#define TIME_FACTOR   3.0
#define TIME_SHORT_S  20e-3 /* some time slices: ranks take turns on cores */
#define TIME_ASLEEP_S 0.1
enum { TIME_CALLS = 2, TIME_ATTEMPTS = 5 };

/** Seconds of the CPU, which other processes do not lengthen, and seconds that
 *  went by, for plugins that sleep. */
typedef struct took {
    double cpu_s, wall_s;
} took;

static double seconds(const struct timespec *from, const struct timespec *to) {
    return (double)(to->tv_sec - from->tv_sec) +
           1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

static gb_status time_call(gb_checker *c, gb_trial *trial, uint64_t iterations,
                           took *out, gb_error *err) {
    struct timespec cpu[2], wall[2];
    double done = 0.0;

    gb_check_begin(c, "in run()");
    clock_gettime(CLOCK_MONOTONIC, &wall[0]);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu[0]);
    const gb_status status = gb_trial_call(trial, iterations, &done, err);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu[1]);
    clock_gettime(CLOCK_MONOTONIC, &wall[1]);
    double both[] = {seconds(&cpu[0], &cpu[1]), seconds(&wall[0], &wall[1])};
    if (status != GB_OK)
        return status;
    /* All ranks do the same number of iterations. */
    if (c->comm->ops->max_f64(c->comm, both, 2) != GB_OK)
        return gb_fail(err, GB_ERR_MPI, NULL, "the ranks cannot talk");
    *out = (took){both[0], both[1]};
    return GB_OK;
}

/** The least of some calls with @p iterations each. */
static gb_status time_calls(gb_checker *c, gb_trial *trial, uint64_t iterations,
                            took *least, gb_error *err) {
    gb_status status = GB_OK;

    *least = (took){INFINITY, INFINITY};
    for (int i = 0; i < TIME_CALLS && status == GB_OK; i++) {
        took one = {0};
        status = time_call(c, trial, iterations, &one, err);
        least->cpu_s = fmin(least->cpu_s, one.cpu_s);
        least->wall_s = fmin(least->wall_s, one.wall_s);
    }
    return status;
}

static gb_status judge_times(uint64_t iterations, double early_s, double more_s,
                             double late_s, gb_error *err) {
    if (late_s > TIME_FACTOR * early_s || early_s > TIME_FACTOR * late_s)
        return gb_fail(err, GB_ERR_RANGE,
                       "leave the instance as each run() found it; what is "
                       "used up goes into rearm()",
                       "%llu iterations took %.3g s at first and %.3g s later",
                       (unsigned long long)iterations, early_s, late_s);
    if (more_s < 2.0 * early_s || more_s > 4.0 * TIME_FACTOR * early_s)
        return gb_fail(err, GB_ERR_RANGE,
                       "do `iterations` times the same work; keep the compiler "
                       "from merging them with GB_KEEP_WORK()",
                       "%llu iterations took %.3g s, and four times as many "
                       "%.3g s",
                       (unsigned long long)iterations, early_s, more_s);
    return GB_OK;
}

/** Early calls, then some with four times the iterations, then late ones. */
static gb_status compare_times(gb_checker *c, gb_trial *trial, gb_error *err) {
    const bool one_shot = (trial->flags & GB_PLUGIN_ONE_SHOT) != 0;
    uint64_t iterations = 1;
    took early, more, late;

    gb_status status = time_calls(c, trial, iterations, &early, err);
    while (status == GB_OK && !one_shot && early.cpu_s < TIME_SHORT_S &&
           early.wall_s < TIME_ASLEEP_S && iterations < (uint64_t)1 << 40) {
        iterations *= 2;
        status = time_calls(c, trial, iterations, &early, err);
    }
    if (status == GB_OK && !one_shot)
        status = time_calls(c, trial, 4 * iterations, &more, err);
    if (status == GB_OK)
        status = time_calls(c, trial, iterations, &late, err);
    if (status != GB_OK)
        return status;
    const bool asleep = early.cpu_s < 0.02 * early.wall_s;
    const double early_s = asleep ? early.wall_s : early.cpu_s;
    const double late_s = asleep ? late.wall_s : late.cpu_s;
    if (one_shot) /* never asked for more than one iteration */
        return judge_times(iterations, early_s, 4.0 * early_s, late_s, err);
    return judge_times(iterations, early_s, asleep ? more.wall_s : more.cpu_s,
                       late_s, err);
}

/** One attempt, on an instance of its own. */
static gb_status try_time(gb_checker *c, gb_error *err) {
    gb_trial trial;

    gb_status status = create(c, 1, &trial, err);
    if (status == GB_OK)
        status = prepare(c, &trial, err);
    if (status == GB_OK)
        status = compare_times(c, &trial, err);
    end(c, &trial);
    return status;
}

static void check_time(gb_checker *c) {
    gb_error err = {.rank = -1};
    gb_status status = GB_ERR_RANGE;

    /* Another process may have come in between: only what is so each time
     * counts. */
    for (int i = 0; i < TIME_ATTEMPTS && status == GB_ERR_RANGE; i++)
        status = try_time(c, &err);
    if (status == GB_OK || status == GB_ERR_RANGE)
        gb_check_status(c, GB_RULE_TIME, status, &err);
    else
        gb_check_break(c, GB_RULE_LIVES, &err);
}

/** A plugin that sizes itself by the memory is quick with little. One that
 *  does not may need more. */
static void choose_memory(gb_checker *c) {
    gb_trial trial;
    gb_error ignored = {.rank = -1};

    c->memory_bytes = LITTLE_MEMORY_BYTES;
    gb_check_begin(c, "in create()");
    gb_status status = create(c, TEAM_MAX, &trial, &ignored);
    gb_check_observe(c, false);
    if (status == GB_OK)
        status = prepare(c, &trial, &ignored);
    end(c, &trial);
    if (status != GB_OK)
        c->memory_bytes = GB_CHECK_MEMORY_BYTES;
}

void gb_check_lives(gb_checker *c) {
    gb_status status = GB_OK;

    choose_memory(c);

    for (size_t i = 0; i < sizeof(team_sizes) / sizeof(team_sizes[0]); i++)
        if (status == GB_OK)
            status = check_life(c, team_sizes[i]);
    if (status == GB_OK) {
        gb_check_keep(c, GB_RULE_LIVES);
        check_spoilt(c);
        check_time(c);
        return;
    }
    gb_check_skip(c, GB_RULE_WORK, "P302 was broken first");
    gb_check_skip(c, GB_RULE_VERIFIES, "P302 was broken first");
    gb_check_skip(c, GB_RULE_TIME, "P302 was broken first");
    gb_check_skip(c, GB_RULE_WORD, "P302 was broken first");
}
