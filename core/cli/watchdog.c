/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct gb_watchdog {
    gb_watch watch;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool ending, armed;
    struct timespec due; /* CLOCK_MONOTONIC */
    uint32_t case_index;
    const char *step;
    double limit_s;
    void (*expired)(void *ctx, uint32_t case_index, const char *step,
                    double limit_s);
    void *ctx;
};

static void begin(void *ctx, uint32_t case_index, const char *step,
                  double limit_s) {
    gb_watchdog *dog = ctx;
    struct timespec due;

    clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_sec += (time_t)limit_s;
    due.tv_nsec += (long)((limit_s - (double)(time_t)limit_s) * 1e9);
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
    pthread_cond_signal(&dog->changed);
    pthread_mutex_unlock(&dog->lock);
}

static void end(void *ctx) {
    gb_watchdog *dog = ctx;

    pthread_mutex_lock(&dog->lock);
    dog->armed = false;
    pthread_mutex_unlock(&dog->lock);
}

static bool is_due(const gb_watchdog *dog) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > dog->due.tv_sec ||
           (now.tv_sec == dog->due.tv_sec && now.tv_nsec >= dog->due.tv_nsec);
}

static void *watch(void *arg) {
    gb_watchdog *dog = arg;

    pthread_mutex_lock(&dog->lock);
    while (!dog->ending) {
        if (!dog->armed) {
            pthread_cond_wait(&dog->changed, &dog->lock);
        } else if (is_due(dog)) {
            const uint32_t case_index = dog->case_index;
            const char *step = dog->step;
            const double limit_s = dog->limit_s;
            dog->armed = false;
            pthread_mutex_unlock(&dog->lock);
            dog->expired(dog->ctx, case_index, step, limit_s);
            pthread_mutex_lock(&dog->lock);
        } else {
            const struct timespec due = dog->due;
            pthread_cond_timedwait(&dog->changed, &dog->lock, &due);
        }
    }
    pthread_mutex_unlock(&dog->lock);
    return NULL;
}

gb_status gb_watchdog_start(void (*expired)(void *ctx, uint32_t case_index,
                                            const char *step, double limit_s),
                            void *ctx, gb_watchdog **watchdog_out,
                            gb_error *err) {
    gb_watchdog *dog = calloc(1, sizeof(*dog));
    pthread_condattr_t monotonic;

    if (dog == NULL)
        return gb_fail_memory(err, "the watchdog");
    dog->watch = (gb_watch){begin, end, dog};
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
