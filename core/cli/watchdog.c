/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watchdog.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

/* Of steps between benchmarks: before the plan is known, and then. Nothing
 * there takes long, but a file system may. */
#define STEP_LIMIT_S       600.0
#define STEP_LIMIT_LEAST_S 10.0
#define STEP_LIMIT_MOST_S  3600.0

struct gb_watchdog {
    gb_watch watch;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    double patience_s;
    bool ending, armed;
    struct timespec due; /* CLOCK_MONOTONIC */
    bool alarm_set;      /* the thread sleeps until `alarm` at most */
    struct timespec alarm;
    uint32_t case_index;
    const char *step;
    double limit_s;
    void (*expired)(void *ctx, uint32_t case_index, const char *what);
    void *ctx;
    double step_limit_s; /* main thread */
};

static bool is_before(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static void begin(void *ctx, uint32_t case_index, const char *step,
                  double limit_s) {
    gb_watchdog *dog = ctx;
    const double wait_s = limit_s + dog->patience_s;
    struct timespec due;

    clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_sec += (time_t)wait_s;
    due.tv_nsec += (long)((wait_s - (double)(time_t)wait_s) * 1e9);
    if (due.tv_nsec >= 1000000000) {
        due.tv_sec++;
        due.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&dog->lock);
    dog->armed = limit_s > 0.0;
    dog->due = due;
    dog->case_index = case_index;
    dog->step = step;
    dog->limit_s = limit_s;
    /* A thread that wakes takes a core from a benchmark that begins: one that
     * wakes early enough by itself is left asleep. */
    if (dog->armed && !(dog->alarm_set && !is_before(&due, &dog->alarm)))
        pthread_cond_signal(&dog->changed);
    pthread_mutex_unlock(&dog->lock);
}

static bool is_due(const gb_watchdog *dog) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return !is_before(&now, &dog->due);
}

static void *watch(void *arg) {
    gb_watchdog *dog = arg;

    pthread_mutex_lock(&dog->lock);
    while (!dog->ending) {
        if (!dog->armed) {
            pthread_cond_wait(&dog->changed, &dog->lock);
        } else if (is_due(dog)) {
            const uint32_t case_index = dog->case_index;
            char limit[24], what[200];
            gb_format_duration(dog->limit_s, limit, sizeof(limit));
            snprintf(what, sizeof(what),
                     "expected %s to take %s at most, and it goes on",
                     dog->step, limit);
            dog->armed = false;
            pthread_mutex_unlock(&dog->lock);
            dog->expired(dog->ctx, case_index, what);
            pthread_mutex_lock(&dog->lock);
        } else {
            dog->alarm = dog->due;
            dog->alarm_set = true;
            pthread_cond_timedwait(&dog->changed, &dog->lock, &dog->alarm);
            dog->alarm_set = false;
        }
    }
    pthread_mutex_unlock(&dog->lock);
    return NULL;
}

gb_status gb_watchdog_start(double patience_s,
                            void (*expired)(void *ctx, uint32_t case_index,
                                            const char *what),
                            void *ctx, gb_watchdog **watchdog_out,
                            gb_error *err) {
    gb_watchdog *dog = calloc(1, sizeof(*dog));
    pthread_condattr_t monotonic;

    if (dog == NULL)
        return gb_fail_memory(err, "the watchdog");
    dog->watch = (gb_watch){begin, dog};
    dog->patience_s = patience_s;
    dog->step_limit_s = STEP_LIMIT_S;
    dog->expired = expired;
    dog->ctx = ctx;
    pthread_mutex_init(&dog->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&dog->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    const int failed = pthread_create(&dog->thread, NULL, watch, dog);
    if (failed != 0) {
        pthread_cond_destroy(&dog->changed);
        pthread_mutex_destroy(&dog->lock);
        free(dog);
        return gb_fail(
            err, GB_ERR_INTERNAL, "raise the limit on threads (ulimit -u)",
            "cannot start the watchdog's thread: %s", strerror(failed));
    }
    *watchdog_out = dog;
    return GB_OK;
}

void gb_watchdog_learn_limit(gb_watchdog *watchdog, double limit_s) {
    if (watchdog != NULL)
        watchdog->step_limit_s =
            limit_s > 0.0
                ? fmin(fmax(limit_s, STEP_LIMIT_LEAST_S), STEP_LIMIT_MOST_S)
                : 0.0;
}

void gb_watchdog_learn_plan(gb_watchdog *watchdog, const gb_plan *plan) {
    double longest_s = STEP_LIMIT_LEAST_S;
    for (size_t i = 0; i < plan->case_count && longest_s > 0.0; i++)
        longest_s = plan->cases[i].timeout_s > 0.0
                        ? fmax(longest_s, plan->cases[i].timeout_s)
                        : 0.0;
    gb_watchdog_learn_limit(watchdog, longest_s);
}

double gb_watchdog_step_limit_s(const gb_watchdog *watchdog) {
    return watchdog->step_limit_s;
}

void gb_watchdog_step(gb_watchdog *watchdog, const char *step) {
    if (watchdog != NULL)
        begin(watchdog, GB_WATCH_NO_CASE, step, watchdog->step_limit_s);
}

const gb_watch *gb_watchdog_watch(const gb_watchdog *watchdog) {
    return &watchdog->watch;
}

void gb_watchdog_stop(gb_watchdog *watchdog) {
    if (watchdog == NULL)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->ending = true;
    pthread_cond_signal(&watchdog->changed);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->changed);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
}
