/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/opening.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct opening {
    const gb_energy_source_ops *ops;
    gb_energy_env env;
    pthread_t thread;

    gb_energy_source *source; /* the thread's until `ended` */
    gb_error why;
    gb_status status;

    pthread_mutex_t lock; /* the two below */
    pthread_cond_t end;
    bool ended;
    bool left; /* by its owner: the thread frees it */
} opening;

static void free_opening(opening *self) {
    pthread_cond_destroy(&self->end);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static void read_once(opening *self) {
    size_t count = 0;

    if (self->status != GB_OK ||
        (self->ops->slow_ns && self->ops->slow_ns(self->source) > 0))
        return;
    (void)self->ops->domains(self->source, &count);
    gb_energy_reading *readings = calloc(count + 1, sizeof(*readings));
    if (readings)
        self->ops->read(self->source, readings);
    free(readings);
}

static void *open_it(void *arg) {
    opening *self = arg;

    self->status = self->ops->open(&self->env, &self->source, &self->why);
    read_once(self);
    pthread_mutex_lock(&self->lock);
    self->ended = true;
    pthread_cond_signal(&self->end);
    const bool left = self->left;
    pthread_mutex_unlock(&self->lock);
    if (!left)
        return NULL;
    if (self->status == GB_OK)
        self->ops->close(self->source);
    free_opening(self);
    return NULL;
}

/* @return 0, or the error of pthread_create() */
static int start(opening *self) {
    sigset_t all, before;

    /* Signals are for the thread that waits for them, never for this one. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&self->thread, NULL, open_it, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static bool wait_for(opening *self, uint64_t patience_ns) {
    struct timespec limit;
    int late = 0;

    clock_gettime(CLOCK_MONOTONIC, &limit);
    const uint64_t end_ns = (uint64_t)limit.tv_sec * 1000000000u +
                            (uint64_t)limit.tv_nsec + patience_ns;
    limit.tv_sec = (time_t)(end_ns / 1000000000u);
    limit.tv_nsec = (long)(end_ns % 1000000000u);
    pthread_mutex_lock(&self->lock);
    while (!self->ended && late == 0)
        late = pthread_cond_timedwait(&self->end, &self->lock, &limit);
    const bool ended = self->ended;
    self->left = !ended;
    if (!ended)
        pthread_detach(self->thread);
    pthread_mutex_unlock(&self->lock);
    return ended;
}

static opening *new_opening(const gb_energy_source_ops *ops,
                            const gb_energy_env *env) {
    opening *self = calloc(1, sizeof(*self));
    pthread_condattr_t attr;

    if (!self)
        return NULL;
    self->ops = ops;
    self->env = *env;
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&self->end, &attr);
    pthread_condattr_destroy(&attr);
    return self;
}

gb_status gb_opening_run(const gb_energy_source_ops *ops,
                         const gb_energy_env *env, uint64_t patience_ns,
                         gb_energy_source **source_out, bool *lost_out,
                         gb_error *err) {
    *lost_out = false;
    if (ops->bound)
        return ops->open(env, source_out, err);

    opening *self = new_opening(ops, env);
    if (!self)
        return gb_fail_memory(err, "an energy source");
    const int failed = start(self);
    if (failed) {
        free_opening(self);
        return gb_fail(err, GB_ERR_INTERNAL,
                       "raise the limit on threads (ulimit -u)",
                       "cannot start a thread to open '%s': %s", ops->name,
                       strerror(failed));
    }
    if (!wait_for(self, patience_ns)) {
        *lost_out = true;
        return gb_fail(err, GB_ERR_TIMEOUT,
                       "restart what it reads (a driver, a controller, a "
                       "server of files), or leave it out with --energy",
                       "no answer within %.3g s of being opened",
                       1e-9 * (double)patience_ns);
    }
    pthread_join(self->thread, NULL);
    const gb_status status = self->status;
    *source_out = self->source;
    if (status != GB_OK && err)
        *err = self->why;
    free_opening(self);
    return status;
}
