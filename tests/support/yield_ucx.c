/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded with LD_PRELOAD under an MPICH over UCX, as Debian's: a rank that
 * finds no message lets others have its core. That library asks without end and
 * never yields: with more ranks than cores each message waits for the kernel to
 * take a core away, some milliseconds, and a ring of 4 on 2 cores is 200 times
 * slower. (MPIR_CVAR_POLLS_BEFORE_YIELD has nothing to call there.)
 */
#include <dlfcn.h>
#include <sched.h>
#include <string.h>

typedef unsigned progress_fn(void *worker);

/* Stands before UCX's own: MPICH calls it wherever it waits.
 * @return how many things happened */
__attribute__((visibility("default"))) unsigned ucp_worker_progress(
    void *worker);

unsigned ucp_worker_progress(void *worker) {
    static progress_fn *next;

    if (next == NULL) {
        void *found = dlsym(RTLD_NEXT, "ucp_worker_progress");
        memcpy(&next, &found, sizeof(next));
    }
    const unsigned happened = next(worker);
    if (happened == 0)
        sched_yield();
    return happened;
}
