/* SPDX-License-Identifier: Apache-2.0 */
/* One pinned thread per core. Dispatch and barriers spin for a moment, which is
 * as long as a balanced team needs, and then sleep: between calls a team costs
 * no power, which an idle window would see. */
#include "machine/platform/team.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SPINS_OWN    20000 /* some 10 us: longer than a team's own skew */
#define SPINS_SHARED 50    /* somebody else needs this core */

typedef struct team_worker {
    gb_team *team;
    uint32_t index;
    gb_cpu_mask place; /* empty: not bound */
    pthread_t thread;
} team_worker;

struct gb_team {
    gb_ext_team ext;
    uint32_t count;
    unsigned spins;

    gb_team_fn fn; /* set before `call` rises */
    void *arg;
    atomic_uint call;    /* number of the current dispatch */
    atomic_uint working; /* threads that have not returned from it */
    atomic_uint arrived; /* at the barrier */
    atomic_uint passed;  /* barriers that are over */
    atomic_bool ending;

    pthread_mutex_t lock; /* only around sleeping and waking */
    pthread_cond_t changed;
    team_worker *workers; /* [count]; 0 is the caller */
};

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Wait until *word differs from @p old. */
static unsigned wait_change(gb_team *team, atomic_uint *word, unsigned old) {
    unsigned now;
    for (unsigned i = 0; i < team->spins; i++) {
        now = atomic_load_explicit(word, memory_order_acquire);
        if (now != old)
            return now;
        relax();
    }
    pthread_mutex_lock(&team->lock);
    while ((now = atomic_load_explicit(word, memory_order_acquire)) == old)
        pthread_cond_wait(&team->changed, &team->lock);
    pthread_mutex_unlock(&team->lock);
    return now;
}

/* The lock orders this with a thread that is about to sleep. */
static void wake_all(gb_team *team) {
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

static void finish_part(gb_team *team) {
    if (atomic_fetch_sub_explicit(&team->working, 1, memory_order_acq_rel) == 1)
        wake_all(team);
}

static void *work_loop(void *arg) {
    team_worker *worker = arg;
    gb_team *team = worker->team;
    unsigned seen = 0;
    gb_cpu_mask none = {{0}};
    if (memcmp(&worker->place, &none, sizeof(none)) != 0)
        /* A refusal leaves the thread where the kernel puts it. */
        (void)gb_platform_bind_thread(&worker->place, NULL);
    for (;;) {
        seen = wait_change(team, &team->call, seen);
        if (atomic_load(&team->ending))
            return NULL;
        team->fn(team->arg, worker->index, team->count);
        finish_part(team);
    }
}

static void team_run(const gb_ext_team *ext, gb_team_fn fn, void *arg) {
    gb_team *team = ext->team_data;
    if (team->count == 1) {
        fn(arg, 0, 1);
        return;
    }
    team->fn = fn;
    team->arg = arg;
    atomic_store_explicit(&team->working, team->count, memory_order_relaxed);
    atomic_fetch_add_explicit(&team->call, 1, memory_order_release);
    wake_all(team);
    fn(arg, 0, team->count);
    finish_part(team);
    for (unsigned left; (left = atomic_load_explicit(
                             &team->working, memory_order_acquire)) != 0;)
        (void)wait_change(team, &team->working, left);
}

static void team_barrier(const gb_ext_team *ext) {
    gb_team *team = ext->team_data;
    if (team->count == 1)
        return;
    const unsigned passed =
        atomic_load_explicit(&team->passed, memory_order_acquire);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) +
            1 ==
        team->count) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_fetch_add_explicit(&team->passed, 1, memory_order_release);
        wake_all(team);
    } else {
        (void)wait_change(team, &team->passed, passed);
    }
}

/* --- life ----------------------------------------------------------------- */

/* The place of thread t: the t-th PU of the share. */
static void place_of(const gb_rank_share *share, uint32_t t,
                     gb_cpu_mask *place) {
    uint32_t next = 0;
    for (uint32_t pu = 0; pu < GB_MAX_PUS; pu++)
        if (gb_cpu_mask_has(&share->cores, pu) && next++ == t) {
            gb_cpu_mask_set(place, pu);
            return;
        }
}

static gb_status start_workers(gb_team *team, gb_error *err) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    uint32_t started = 1;
    int failed = 0;
    while (started < team->count && failed == 0) {
        team_worker *worker = &team->workers[started];
        failed = pthread_create(&worker->thread, NULL, work_loop, worker);
        started += failed == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        return GB_OK;
    team->count = started; /* those that gb_team_destroy() has to join */
    return gb_fail(err, GB_ERR_INTERNAL,
                   "raise the limit on threads (ulimit -u)",
                   "cannot start a thread for each core: %s", strerror(failed));
}

gb_status gb_team_create(const gb_rank_share *share, bool bind,
                         gb_team **team_out, gb_error *err) {
    gb_team *team = calloc(1, sizeof(*team));
    if (team != NULL)
        team->workers = calloc(share->core_count, sizeof(*team->workers));
    if (team == NULL || team->workers == NULL) {
        free(team);
        return gb_fail_memory(err, "a thread for each core");
    }
    team->count = share->core_count;
    team->spins = bind ? SPINS_OWN : SPINS_SHARED;
    team->ext = (gb_ext_team){
        .struct_size = sizeof(team->ext),
        .thread_count = share->core_count,
        .team_data = team,
        .run = team_run,
        .barrier = team_barrier,
    };
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->changed, NULL);
    for (uint32_t t = 0; t < team->count; t++) {
        team->workers[t] = (team_worker){.team = team, .index = t};
        if (bind)
            place_of(share, t, &team->workers[t].place);
    }
    gb_status status = GB_OK;
    if (bind && team->count > 0)
        status = gb_platform_bind_thread(&team->workers[0].place, err);
    if (status != GB_OK)
        team->count = 1;
    else
        status = start_workers(team, err);
    if (status != GB_OK) {
        gb_team_destroy(team);
        return status;
    }
    *team_out = team;
    return GB_OK;
}

static void tell_place(void *arg, uint32_t thread, uint32_t thread_count) {
    int32_t *pus = arg;

    (void)thread_count;
    pus[thread] = (int32_t)sched_getcpu();
}

void gb_team_places(gb_team *team, int32_t *pus) {
    team_run(&team->ext, tell_place, pus);
}

const gb_ext_team *gb_team_ext(const gb_team *team) {
    return &team->ext;
}

void gb_team_destroy(gb_team *team) {
    if (team == NULL)
        return;
    atomic_store(&team->ending, true);
    atomic_fetch_add_explicit(&team->call, 1, memory_order_release);
    wake_all(team);
    for (uint32_t t = 1; t < team->count; t++)
        pthread_join(team->workers[t].thread, NULL);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->lock);
    free(team->workers);
    free(team);
}
