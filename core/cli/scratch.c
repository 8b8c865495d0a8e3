/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scratch.h"

#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[PATH_MAX]; /* "": none */
static sigset_t signals;
static atomic_bool ending; /* a signal came: the folder is going */

static int remove_one(const char *path, const struct stat *seen, int kind,
                      struct FTW *place) {
    (void)seen;
    (void)kind;
    (void)place;
    return remove(path);
}

void gb_scratch_remove(void) {
    if (scratch[0] == '\0')
        return;
    /* What failed for want of the folder is not to be told. */
    while (atomic_load(&ending))
        pause();
    (void)nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    scratch[0] = '\0';
}

/* The main thread may be writing there: what it writes now is in a folder that
 * is going, so once more. */
static void *wait_for_signal(void *ctx) {
    int number = 0;

    (void)ctx;
    if (sigwait(&signals, &number) != 0)
        return NULL;
    atomic_store(&ending, true);
    for (int i = 0; i < 3 && access(scratch, F_OK) == 0; i++)
        (void)nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    raise(number);
    return NULL;
}

static gb_status watch_signals(gb_error *err) {
    pthread_t thread;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    const int failed = pthread_create(&thread, NULL, wait_for_signal, NULL);
    if (failed != 0)
        return gb_fail(err, GB_ERR_IO, "raise the limit on threads (ulimit -u)",
                       "cannot start the thread for signals: %s",
                       strerror(failed));
    pthread_detach(thread);
    return GB_OK;
}

gb_status gb_scratch_make(const char **path_out, gb_error *err) {
    const char *base = getenv("TMPDIR");
    char path[PATH_MAX];

    if (base == NULL || base[0] == '\0')
        base = "/tmp";
    const int length =
        snprintf(path, sizeof(path), "%s/greenbench-XXXXXX", base);
    if (length < 0 || (size_t)length >= sizeof(path))
        return gb_fail(err, GB_ERR_IO, NULL,
                       "expected a shorter path in TMPDIR, got '%s'", base);
    const gb_status status = watch_signals(err);
    if (status != GB_OK)
        return status;
    if (mkdtemp(path) == NULL)
        return gb_fail_os(err, GB_ERR_IO,
                          "set TMPDIR to a folder that can be written",
                          "cannot make a folder in '%s'", base);
    memcpy(scratch, path, sizeof(path));
    *path_out = scratch;
    return GB_OK;
}
