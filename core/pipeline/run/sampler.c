/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/run/sampler.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MARK_ATTEMPTS 3
/* To end the threads where a read is known not to return. */
#define LEAVE_S 0.1

/* Two threads read: one at a fixed rate, where it disturbs least, and one at
 * the edges of windows, on the cores of the caller, which waits meanwhile. The
 * caller does not read itself, since nothing ends a read that never returns. */
enum { TICKER, MARKER, THREADS };

struct gb_sampler {
    gb_energy_set *set;
    const gb_clock *clock;
    uint64_t period_ns;
    int32_t pu;
    uint32_t node;
    size_t domain_count;
    const gb_energy_domain *domains;
    gb_energy_reading *readings; /* [domain_count], of the thread that reads */

    pthread_mutex_t lock; /* everything below; not held while reading */
    pthread_cond_t tick, mark, answer, end; /* what each waits for, see there */
    sem_t stop;                             /* posted when `stopping` is set */
    bool stopping;
    bool left;                /* by its owner: the last thread frees it */
    int running;              /* threads */
    bool reading;             /* one of them is in `set` */
    bool given_up;            /* and nobody waits for it any more */
    bool tick_waits;          /* for the other thread's read to end */
    uint64_t asked, answered; /* marks, counted */
    uint64_t answer_ns;       /* stamp of the last one */
    bool lost_rows;
    gb_sample *rows;
    size_t row_count, row_capacity;
    gb_sampler_cost cost;
    uint64_t started_ns;
    pthread_t threads[THREADS];
};

static double thread_cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct timespec instant(uint64_t time_ns) {
    return (struct timespec){
        .tv_sec = (time_t)(time_ns / 1000000000u),
        .tv_nsec = (long)(time_ns % 1000000000u),
    };
}

static struct timespec instant_in(double seconds) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return instant((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec +
                   (uint64_t)(seconds * 1e9));
}

static bool make_room(gb_sampler *sampler) {
    const size_t need = sampler->row_count + sampler->domain_count;
    if (need <= sampler->row_capacity)
        return true;
    size_t capacity = sampler->row_capacity * 2;
    if (capacity < need)
        capacity = need < 1024 ? 1024 : need;
    gb_sample *rows = realloc(sampler->rows, capacity * sizeof(*rows));
    if (rows == NULL)
        return false;
    sampler->rows = rows;
    sampler->row_capacity = capacity;
    return true;
}

/* Read all domains into `readings`, without the lock. At the edge of a window a
 * failed read would cost the window its figure, so it is tried again; every
 * failure is counted. */
static void read_domains(gb_sampler *sampler, bool mark,
                         gb_sampler_cost *cost) {
    for (int attempt = 0; attempt < (mark ? MARK_ATTEMPTS : 1); attempt++) {
        bool good = true;
        gb_energy_set_read(sampler->set, sampler->readings);
        cost->reads++;
        for (size_t i = 0; i < sampler->domain_count; i++) {
            const bool failed = sampler->domains[i].status == GB_DOMAIN_OK &&
                                !sampler->readings[i].ok;
            cost->errors += failed;
            good = good && !(failed && sampler->domains[i].summed);
        }
        if (good)
            return;
    }
}

/* Rows from `readings`, with the lock. Returns the stamp of the first good one,
 * @p now_ns if there is none. */
static uint64_t add_rows(gb_sampler *sampler, bool mark, uint64_t now_ns) {
    uint64_t first_ns = 0;

    if (!make_room(sampler)) {
        sampler->lost_rows = true;
        return now_ns;
    }
    for (size_t i = 0; i < sampler->domain_count; i++) {
        if (sampler->domains[i].status != GB_DOMAIN_OK)
            continue;
        const gb_energy_reading *reading = &sampler->readings[i];
        if (reading->ok && first_ns == 0)
            first_ns = reading->time_ns;
        sampler->rows[sampler->row_count++] = (gb_sample){
            .node = sampler->node,
            .domain = (uint32_t)i,
            .reading = *reading,
            .mark = mark,
        };
    }
    return first_ns != 0 ? first_ns : now_ns;
}

/* Called with the lock, which is given back while reading. */
static void read_all(gb_sampler *sampler, bool mark) {
    gb_sampler_cost cost = {0};

    sampler->reading = true;
    pthread_mutex_unlock(&sampler->lock);
    read_domains(sampler, mark, &cost);
    pthread_mutex_lock(&sampler->lock);
    sampler->reading = sampler->given_up = false;
    sampler->cost.reads += cost.reads;
    sampler->cost.errors += cost.errors;
}

static void bind_to(int32_t pu) {
    if (pu < 0 || pu >= CPU_SETSIZE)
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((unsigned)pu, &set);
    /* The kernel refuses a PU outside the cgroup; the thread then shares the
     * leader's cores, which costs little and changes no figure. */
    (void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

/* Wait for the deadline or for stop; true: go on. Lock held, but not while it
 * waits. Not by a condition: its waiter takes the lock as a contended one,
 * which costs each tick a system call more. */
static bool wait_until(gb_sampler *sampler, uint64_t deadline_ns) {
    const struct timespec deadline = instant(deadline_ns);
    pthread_mutex_unlock(&sampler->lock);
    while (sem_clockwait(&sampler->stop, CLOCK_MONOTONIC, &deadline) != 0 &&
           errno == EINTR)
        ;
    pthread_mutex_lock(&sampler->lock);
    sampler->tick_waits = true;
    while (!sampler->stopping && sampler->reading)
        (void)pthread_cond_wait(&sampler->tick, &sampler->lock);
    sampler->tick_waits = false;
    return !sampler->stopping;
}

static void free_sampler(gb_sampler *sampler) {
    sem_destroy(&sampler->stop);
    pthread_cond_destroy(&sampler->tick);
    pthread_cond_destroy(&sampler->mark);
    pthread_cond_destroy(&sampler->answer);
    pthread_cond_destroy(&sampler->end);
    pthread_mutex_destroy(&sampler->lock);
    free(sampler->rows);
    free(sampler->readings);
    free(sampler);
}

/* The end of a thread. Lock held; not any more. */
static void leave(gb_sampler *sampler) {
    sampler->cost.cpu_s += thread_cpu_s();
    sampler->running--;
    const bool last = sampler->left && sampler->running == 0;
    pthread_cond_signal(&sampler->end);
    pthread_mutex_unlock(&sampler->lock);
    if (last)
        free_sampler(sampler);
}

static void *tick_loop(void *arg) {
    gb_sampler *sampler = arg;
    bind_to(sampler->pu);
    pthread_mutex_lock(&sampler->lock);
    /* Absolute deadlines: a late tick does not shift the ones after it. */
    uint64_t deadline_ns = sampler->started_ns + sampler->period_ns;
    while (wait_until(sampler, deadline_ns)) {
        sampler->cost.wakeups++;
        read_all(sampler, false);
        const uint64_t now_ns = gb_clock_now_ns(sampler->clock);
        (void)add_rows(sampler, false, now_ns);
        if (sampler->asked != sampler->answered)
            pthread_cond_signal(&sampler->mark);
        deadline_ns += sampler->period_ns;
        if (now_ns > deadline_ns) {
            const uint64_t missed =
                (now_ns - deadline_ns) / sampler->period_ns + 1;
            sampler->cost.late += missed;
            deadline_ns += missed * sampler->period_ns;
        }
    }
    leave(sampler);
    return NULL;
}

static void *mark_loop(void *arg) {
    gb_sampler *sampler = arg;
    pthread_mutex_lock(&sampler->lock);
    for (;;) {
        while (!sampler->stopping &&
               (sampler->asked == sampler->answered || sampler->reading))
            pthread_cond_wait(&sampler->mark, &sampler->lock);
        if (sampler->stopping)
            break;
        const uint64_t begin_ns = gb_clock_now_ns(sampler->clock);
        const uint64_t asked = sampler->asked;
        read_all(sampler, true);
        /* Too late for who asked, it is a reading like any other. */
        const bool wanted = sampler->answered != asked;
        const uint64_t stamp_ns = add_rows(sampler, wanted, begin_ns);
        if (wanted) {
            sampler->answered = asked;
            sampler->answer_ns = stamp_ns;
            pthread_cond_signal(&sampler->answer);
        }
        if (sampler->tick_waits)
            pthread_cond_signal(&sampler->tick);
    }
    leave(sampler);
    return NULL;
}

static uint64_t choose_period_ns(const gb_energy_set *set, double hz) {
    const double longest_s = gb_energy_set_longest_interval_s(set);
    const double period_s = 1.0 / hz < longest_s ? 1.0 / hz : longest_s;
    return (uint64_t)(period_s * 1e9);
}

static void init_conditions(gb_sampler *sampler) {
    pthread_cond_t *const conditions[] = {&sampler->tick, &sampler->mark,
                                          &sampler->answer, &sampler->end};
    pthread_condattr_t attr;

    pthread_mutex_init(&sampler->lock, NULL);
    sem_init(&sampler->stop, 0, 0);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        pthread_cond_init(conditions[i], &attr);
    pthread_condattr_destroy(&attr);
}

static gb_status start_threads(gb_sampler *sampler, gb_error *err) {
    static void *(*const loops[THREADS])(void *) = {tick_loop, mark_loop};
    sigset_t all, before;
    int failed = 0;

    /* Signals are for the thread that waits for them, never for these. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&sampler->lock);
    while (sampler->running < THREADS && failed == 0) {
        failed = pthread_create(&sampler->threads[sampler->running], NULL,
                                loops[sampler->running], sampler);
        sampler->running += failed == 0;
    }
    sampler->stopping = failed != 0;
    if (sampler->stopping)
        sem_post(&sampler->stop);
    const int started = sampler->running;
    pthread_mutex_unlock(&sampler->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        return GB_OK;
    for (int i = 0; i < started; i++)
        pthread_join(sampler->threads[i], NULL);
    return gb_fail(err, GB_ERR_INTERNAL,
                   "raise the limit on threads (ulimit -u)",
                   "cannot start the sampler's threads: %s", strerror(failed));
}

gb_status gb_sampler_start(gb_energy_set *set, const gb_clock *clock, double hz,
                           int32_t pu, uint32_t node, gb_sampler **sampler_out,
                           gb_error *err) {
    gb_sampler *sampler = calloc(1, sizeof(*sampler));
    if (sampler == NULL)
        return gb_fail_memory(err, "the sampler");
    *sampler = (gb_sampler){
        .set = set,
        .clock = clock,
        .period_ns = choose_period_ns(set, hz),
        .pu = pu,
        .node = node,
        .started_ns = gb_clock_now_ns(clock),
    };
    sampler->cost.sample_hz = 1e9 / (double)sampler->period_ns;
    sampler->domains = gb_energy_set_domains(set, &sampler->domain_count);
    sampler->readings =
        calloc(sampler->domain_count + 1, sizeof(*sampler->readings));
    init_conditions(sampler);
    gb_status status = sampler->readings != NULL
                           ? start_threads(sampler, err)
                           : gb_fail_memory(err, "the sampler");
    if (status != GB_OK) {
        free_sampler(sampler);
        return status;
    }
    *sampler_out = sampler;
    return GB_OK;
}

/* Rows that say that nothing was read in @p waited_ns. Lock held. */
static uint64_t add_failed_mark(gb_sampler *sampler, uint64_t waited_ns) {
    const uint64_t now_ns = gb_clock_now_ns(sampler->clock);
    const uint64_t half_ns = waited_ns / 2;

    if (!make_room(sampler)) {
        sampler->lost_rows = true;
        return now_ns;
    }
    for (size_t i = 0; i < sampler->domain_count; i++) {
        if (sampler->domains[i].status != GB_DOMAIN_OK)
            continue;
        sampler->cost.errors++;
        sampler->rows[sampler->row_count++] = (gb_sample){
            .node = sampler->node,
            .domain = (uint32_t)i,
            .reading = {.time_ns = now_ns,
                        .half_ns = half_ns < UINT32_MAX ? (uint32_t)half_ns
                                                        : UINT32_MAX},
            .mark = true,
        };
    }
    return now_ns;
}

uint64_t gb_sampler_mark(gb_sampler *sampler) {
    const uint64_t begin_ns = gb_clock_now_ns(sampler->clock);
    const struct timespec limit = instant_in(GB_SAMPLER_PATIENCE_S);
    uint64_t stamp_ns = 0;
    int late = 0;

    pthread_mutex_lock(&sampler->lock);
    const bool hopeless = sampler->given_up;
    if (!hopeless) {
        sampler->asked++;
        pthread_cond_signal(&sampler->mark);
    }
    while (sampler->answered != sampler->asked && late == 0)
        late = pthread_cond_timedwait(&sampler->answer, &sampler->lock, &limit);
    if (!hopeless && sampler->answered == sampler->asked) {
        stamp_ns = sampler->answer_ns;
    } else {
        sampler->answered = sampler->asked;
        sampler->given_up = sampler->reading;
        stamp_ns = add_failed_mark(sampler,
                                   gb_clock_now_ns(sampler->clock) - begin_ns);
    }
    pthread_mutex_unlock(&sampler->lock);
    return stamp_ns;
}

gb_sample *gb_sampler_drain(gb_sampler *sampler, size_t *count_out) {
    pthread_mutex_lock(&sampler->lock);
    gb_sample *rows = sampler->rows;
    *count_out = sampler->row_count;
    sampler->rows = NULL;
    sampler->row_count = 0;
    sampler->row_capacity = 0;
    pthread_mutex_unlock(&sampler->lock);
    return rows;
}

bool gb_sampler_lost_rows(gb_sampler *sampler) {
    pthread_mutex_lock(&sampler->lock);
    const bool lost = sampler->lost_rows;
    pthread_mutex_unlock(&sampler->lock);
    return lost;
}

bool gb_sampler_stop(gb_sampler *sampler, gb_sampler_cost *cost_out) {
    int late = 0;

    if (sampler == NULL)
        return true;
    pthread_mutex_lock(&sampler->lock);
    sampler->stopping = true;
    sem_post(&sampler->stop);
    pthread_cond_signal(&sampler->tick);
    pthread_cond_signal(&sampler->mark);
    const struct timespec limit =
        instant_in(sampler->given_up ? LEAVE_S : GB_SAMPLER_PATIENCE_S);
    while (sampler->running > 0 && late == 0)
        late = pthread_cond_timedwait(&sampler->end, &sampler->lock, &limit);
    const bool ended = sampler->running == 0;
    sampler->left = !ended;
    sampler->cost.wall_s =
        (double)(gb_clock_now_ns(sampler->clock) - sampler->started_ns) * 1e-9;
    if (cost_out != NULL)
        *cost_out = sampler->cost;
    for (int i = 0; i < THREADS && !ended; i++)
        pthread_detach(sampler->threads[i]);
    pthread_mutex_unlock(&sampler->lock);
    if (!ended)
        return false;
    for (int i = 0; i < THREADS; i++)
        pthread_join(sampler->threads[i], NULL);
    free_sampler(sampler);
    return true;
}
