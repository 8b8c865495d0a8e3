/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/live.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define STAT_PATH "/proc/stat"
#define PERIOD_NS 10000000

struct gb_live {
    gb_history *history;
    uint64_t start_ns;
    int fd;
    pthread_t thread;
    pthread_rwlock_t lock; /* of the history and the ticks */
    atomic_bool stop;
    uint64_t busy, total; /* ticks of the last record */
};

bool gb_live_parse_stat(const char *text, uint64_t *busy_out,
                        uint64_t *total_out) {
    uint64_t ticks[8] = {
        0}; /* user nice system idle iowait irq softirq steal */
    if (strncmp(text, "cpu ", 4) != 0)
        return false;
    const char *at = text + 4;
    size_t count = 0;
    for (; count < 8; count++) {
        char *end = NULL;
        at += strspn(at, " ");
        if (*at < '0' || *at > '9')
            break;
        ticks[count] = strtoull(at, &end, 10);
        at = end;
    }
    if (count < 4)
        return false;
    *total_out = 0;
    for (size_t i = 0; i < 8; i++)
        *total_out += ticks[i];
    *busy_out = *total_out - ticks[3] - ticks[4];
    return true;
}

/* With the lock held for writing. Where no tick has passed nothing is said, and
 * the next record covers this time too. */
static void record(gb_live *live) {
    char text[512];
    uint64_t busy = 0, total = 0;
    const ssize_t got = pread(live->fd, text, sizeof(text) - 1, 0);
    const double t_s =
        (double)(gb_clock_now_ns(&gb_clock_system) - live->start_ns) * 1e-9;
    if (got <= 0)
        return;
    text[got] = '\0';
    if (!gb_live_parse_stat(text, &busy, &total) || total <= live->total)
        return;
    const double utilisation =
        busy > live->busy
            ? (double)(busy - live->busy) / (double)(total - live->total)
            : 0.0;
    if (gb_history_append(live->history, t_s, utilisation, NULL) == GB_OK) {
        live->busy = busy;
        live->total = total;
    }
}

static void *keep_recording(void *arg) {
    gb_live *live = arg;
    uint64_t deadline_ns = gb_clock_now_ns(&gb_clock_system);
    while (!atomic_load(&live->stop)) {
        deadline_ns += PERIOD_NS;
        gb_clock_system.sleep_until(gb_clock_system.ctx, deadline_ns);
        pthread_rwlock_wrlock(&live->lock);
        record(live);
        pthread_rwlock_unlock(&live->lock);
    }
    return NULL;
}

gb_status gb_live_start(const gb_sysroot *root, gb_history *history,
                        uint64_t start_ns, gb_live **live_out, gb_error *err) {
    gb_live *live = calloc(1, sizeof(*live));
    if (live == NULL)
        return gb_fail_memory(err, "the recorder of the processors");
    *live = (gb_live){.history = history, .start_ns = start_ns, .fd = -1};
    pthread_rwlock_init(&live->lock, NULL);
    gb_status status = gb_sysroot_open_file(root, STAT_PATH, &live->fd, err);
    if (status == GB_OK) {
        record(live);
        /* Signals are for the thread that serves. */
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        const int failed =
            pthread_create(&live->thread, NULL, keep_recording, live);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (failed != 0)
            status = gb_fail(err, GB_ERR_INTERNAL,
                             "raise the limit on threads (ulimit -u)",
                             "cannot start the recorder of the processors: %s",
                             strerror(failed));
    }
    if (status != GB_OK) {
        if (live->fd >= 0)
            close(live->fd);
        pthread_rwlock_destroy(&live->lock);
        free(live);
        return status;
    }
    *live_out = live;
    return GB_OK;
}

void gb_live_stop(gb_live *live) {
    if (live == NULL)
        return;
    atomic_store(&live->stop, true);
    pthread_join(live->thread, NULL);
    close(live->fd);
    pthread_rwlock_destroy(&live->lock);
    free(live);
}

void gb_live_lock(gb_live *live, double t_s) {
    double begin_s = 0.0, end_s = 0.0;
    pthread_rwlock_rdlock(&live->lock);
    if (gb_history_span(live->history, &begin_s, &end_s) && end_s >= t_s)
        return;
    /* The recorder is late: record on its behalf. */
    pthread_rwlock_unlock(&live->lock);
    pthread_rwlock_wrlock(&live->lock);
    record(live);
    pthread_rwlock_unlock(&live->lock);
    pthread_rwlock_rdlock(&live->lock);
}

void gb_live_unlock(gb_live *live) {
    pthread_rwlock_unlock(&live->lock);
}
