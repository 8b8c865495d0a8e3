/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/console.h"

/* mpirun sends SIGKILL one second after SIGTERM (odls_base_sigkill_timeout);
 * other launchers give longer, and then a timed call may end by itself. */
#define GRACE_MPIRUN_MS 300
#define GRACE_ALONE_MS  3000
/* Other ranks outlive rank 0's rescue: the first one to go makes mpirun kill
 * the rest. */
#define GRACE_OTHER_RANKS_MS 600
#define FINISH_MS            20000 /* a run that claimed its end has this long */
#define PARENT_CHECK_MS      500

struct gb_signals {
    atomic_bool stop;
    sigset_t set;
    pthread_mutex_t lock;
    bool claimed;
    pid_t launcher; /* our parent at the start; 0: nobody's matter */
    void (*rescue)(void *ctx);
    void *ctx;
};

static void sleep_ms(long ms) {
    struct timespec left = {.tv_sec = ms / 1000,
                            .tv_nsec = (ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

/* Returns after a signal, or when the launcher is gone. PR_SET_PDEATHSIG would
 * tell of that as well, but also when only the thread that forked us ends. */
static void wait_for_reason(const gb_signals *signals) {
    const struct timespec check = {.tv_nsec = PARENT_CHECK_MS * 1000000};
    while (sigtimedwait(&signals->set, NULL,
                        signals->launcher != 0 ? &check : NULL) < 0)
        if (signals->launcher != 0 && getppid() != signals->launcher) {
            if (signals->rescue != NULL)
                fprintf(stderr, "greenbench: expected the launcher to stay, "
                                "and it is gone\n");
            return;
        }
}

static void *wait_for_signal(void *arg) {
    gb_signals *signals = arg;
    wait_for_reason(signals);
    atomic_store(&signals->stop, true);

    const bool mpirun = getenv("OMPI_COMM_WORLD_RANK") != NULL;
    sleep_ms(mpirun ? GRACE_MPIRUN_MS : GRACE_ALONE_MS);
    pthread_mutex_lock(&signals->lock);
    if (signals->claimed) {
        pthread_mutex_unlock(&signals->lock);
        sleep_ms(FINISH_MS);
        _exit(GB_EXIT_INTERRUPTED);
    }
    /* The lock stays taken: gb_signals_claim() waits on it until _exit(). */
    if (signals->rescue != NULL)
        signals->rescue(signals->ctx);
    else
        sleep_ms(GRACE_OTHER_RANKS_MS);
    _exit(GB_EXIT_INTERRUPTED);
}

void gb_signals_give_up(gb_signals *signals, int code) {
    pthread_mutex_lock(&signals->lock);
    if (signals->claimed) {
        pthread_mutex_unlock(&signals->lock);
        return;
    }
    if (signals->rescue != NULL)
        signals->rescue(signals->ctx);
    _exit(code);
}

gb_status gb_signals_start(void (*rescue)(void *ctx), void *ctx, bool launched,
                           gb_signals **signals_out, gb_error *err) {
    gb_signals *signals = calloc(1, sizeof(*signals));
    if (signals == NULL)
        return gb_fail_memory(err, "the signal handler");
    signals->rescue = rescue;
    signals->ctx = ctx;
    signals->launcher = launched ? getppid() : 0;
    pthread_mutex_init(&signals->lock, NULL);
    sigemptyset(&signals->set);
    sigaddset(&signals->set, SIGINT);
    sigaddset(&signals->set, SIGTERM);
    sigaddset(&signals->set, SIGHUP);
    sigaddset(&signals->set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
    /* A reader of our output that goes away must not end a measurement. */
    signal(SIGPIPE, SIG_IGN);

    pthread_t thread;
    const int failed = pthread_create(&thread, NULL, wait_for_signal, signals);
    if (failed != 0) {
        pthread_sigmask(SIG_UNBLOCK, &signals->set, NULL);
        free(signals);
        return gb_fail(
            err, GB_ERR_INTERNAL, "raise the limit on threads (ulimit -u)",
            "cannot start the thread for signals: %s", strerror(failed));
    }
    pthread_detach(thread);
    *signals_out = signals;
    return GB_OK;
}

const atomic_bool *gb_signals_flag(const gb_signals *signals) {
    return &signals->stop;
}

void gb_signals_claim(gb_signals *signals) {
    pthread_mutex_lock(&signals->lock);
    signals->claimed = true;
    pthread_mutex_unlock(&signals->lock);
}
