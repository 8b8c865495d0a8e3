/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/background.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An answer older than this many periods is no answer. */
#define STALE_PERIODS 3
/* Longer than any source of ours waits for an answer: a read that has not ended
 * then has no time limit of its own. */
#define LEAVE_NS UINT64_C(10000000000)

struct gb_background {
    const gb_energy_source_ops *ops;
    gb_energy_source *source;
    const gb_clock *clock;
    size_t count;
    uint64_t period_ns;
    gb_energy_reading *scratch; /* [count], of the thread alone */

    pthread_mutex_t lock; /* everything below */
    pthread_cond_t wake;  /* `stopping` or `ended` has changed */
    bool stopping, ended;
    bool left; /* by its owner: the thread frees it */
    uint64_t rounds;
    uint64_t taken_ns;         /* when `latest` was taken; 0: never */
    gb_energy_reading *latest; /* [count] */
    pthread_t thread;
};

/* Wait for the deadline or for stop; true: go on. Lock held. */
static bool wait_until(gb_background *background, uint64_t deadline_ns) {
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    int late = 0;

    while (!background->stopping && late == 0)
        late = pthread_cond_timedwait(&background->wake, &background->lock,
                                      &deadline);
    return !background->stopping;
}

static uint64_t monotonic_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void read_once(gb_background *background) {
    const size_t bytes = background->count * sizeof(*background->latest);

    pthread_mutex_unlock(&background->lock);
    background->ops->read(background->source, background->scratch);
    const uint64_t now_ns = gb_clock_now_ns(background->clock);
    pthread_mutex_lock(&background->lock);
    if (bytes > 0)
        memcpy(background->latest, background->scratch, bytes);
    background->taken_ns = now_ns;
    background->rounds++;
}

static void free_background(gb_background *background) {
    pthread_cond_destroy(&background->wake);
    pthread_mutex_destroy(&background->lock);
    free(background->scratch);
    free(background->latest);
    free(background);
}

static void *read_loop(void *arg) {
    gb_background *background = arg;
    uint64_t deadline_ns = monotonic_ns();

    pthread_mutex_lock(&background->lock);
    do {
        read_once(background);
        deadline_ns += background->period_ns;
        /* A read that took longer than its period is not made up for. */
        if (deadline_ns < monotonic_ns())
            deadline_ns = monotonic_ns();
    } while (wait_until(background, deadline_ns));
    background->ended = true;
    pthread_cond_signal(&background->wake);
    const bool left = background->left;
    pthread_mutex_unlock(&background->lock);
    if (left)
        free_background(background);
    return NULL;
}

gb_status gb_background_start(const gb_energy_source_ops *ops,
                              gb_energy_source *source, size_t count,
                              uint64_t period_ns, const gb_clock *clock,
                              gb_background **background_out, gb_error *err) {
    gb_background *background = calloc(1, sizeof(*background));
    pthread_condattr_t attr;
    sigset_t all, before;

    if (!background)
        return gb_fail_memory(err, "a reader in the background");
    *background = (gb_background){
        .ops = ops,
        .source = source,
        .clock = clock,
        .count = count,
        .period_ns = period_ns,
        .scratch = calloc(count + 1, sizeof(*background->scratch)),
        .latest = calloc(count + 1, sizeof(*background->latest)),
    };
    pthread_mutex_init(&background->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&background->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (!background->scratch || !background->latest) {
        free_background(background);
        return gb_fail_memory(err, "a reader in the background");
    }
    /* Signals are for the thread that waits for them, never for this one. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed =
        pthread_create(&background->thread, NULL, read_loop, background);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free_background(background);
        return gb_fail(err, GB_ERR_INTERNAL,
                       "raise the limit on threads (ulimit -u)",
                       "cannot start a thread to read '%s': %s", ops->name,
                       strerror(failed));
    }
    *background_out = background;
    return GB_OK;
}

void gb_background_offer(gb_background *background,
                         const gb_energy_reading *readings) {
    pthread_mutex_lock(&background->lock);
    if (background->rounds == 0) {
        for (size_t i = 0; i < background->count; i++)
            background->latest[i] = readings[i];
        background->taken_ns = gb_clock_now_ns(background->clock);
    }
    pthread_mutex_unlock(&background->lock);
}

void gb_background_latest(gb_background *background,
                          gb_energy_reading *readings) {
    const uint64_t now_ns = gb_clock_now_ns(background->clock);

    pthread_mutex_lock(&background->lock);
    const uint64_t age_ns =
        now_ns > background->taken_ns ? now_ns - background->taken_ns : 0;
    const bool fresh = background->taken_ns > 0 &&
                       age_ns <= STALE_PERIODS * background->period_ns;
    for (size_t i = 0; i < background->count; i++) {
        readings[i] = background->latest[i];
        if (readings[i].stamp_ns == 0)
            readings[i].stamp_ns = readings[i].time_ns;
        readings[i].time_ns = now_ns;
        readings[i].ok = readings[i].ok && fresh;
    }
    pthread_mutex_unlock(&background->lock);
}

uint64_t gb_background_rounds(gb_background *background) {
    pthread_mutex_lock(&background->lock);
    const uint64_t rounds = background->rounds;
    pthread_mutex_unlock(&background->lock);
    return rounds;
}

bool gb_background_stop(gb_background *background) {
    if (!background)
        return true;
    const uint64_t limit_ns = monotonic_ns() + LEAVE_NS;
    const struct timespec limit = {
        .tv_sec = (time_t)(limit_ns / 1000000000u),
        .tv_nsec = (long)(limit_ns % 1000000000u),
    };
    int late = 0;

    pthread_mutex_lock(&background->lock);
    background->stopping = true;
    pthread_cond_signal(&background->wake);
    while (!background->ended && late == 0)
        late = pthread_cond_timedwait(&background->wake, &background->lock,
                                      &limit);
    const bool ended = background->ended;
    background->left = !ended;
    if (!ended)
        pthread_detach(background->thread);
    pthread_mutex_unlock(&background->lock);
    if (!ended)
        return false;
    pthread_join(background->thread, NULL);
    free_background(background);
    return true;
}
