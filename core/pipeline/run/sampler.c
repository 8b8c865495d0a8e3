/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/run/sampler.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MARK_ATTEMPTS 3

struct gb_sampler {
    gb_energy_set *set;
    const gb_clock *clock;
    uint64_t period_ns;
    int32_t pu;
    uint32_t node;
    size_t domain_count;

    pthread_mutex_t lock; /* everything below, and reads of `set` */
    pthread_cond_t wake;  /* `stopping` has changed */
    bool stopping;
    bool lost_rows;
    gb_energy_reading *readings; /* [domain_count], scratch */
    const gb_energy_domain *domains;
    gb_sample *rows;
    size_t row_count, row_capacity;
    gb_sampler_cost cost;
    uint64_t started_ns;
    pthread_t thread;
};

static double thread_cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
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

/* Read all domains into `readings`. At the edge of a window a failed read would
 * cost the window its figure, so it is tried again; every failure is counted.*/
static void read_domains(gb_sampler *sampler, bool mark) {
    for (int attempt = 0; attempt < (mark ? MARK_ATTEMPTS : 1); attempt++) {
        bool good = true;
        gb_energy_set_read(sampler->set, sampler->readings);
        sampler->cost.reads++;
        for (size_t i = 0; i < sampler->domain_count; i++) {
            const bool failed = sampler->domains[i].status == GB_DOMAIN_OK &&
                                !sampler->readings[i].ok;
            sampler->cost.errors += failed;
            good = good && !(failed && sampler->domains[i].summed);
        }
        if (good)
            return;
    }
}

/* Called with the lock held. Returns the stamp of the first good row. */
static uint64_t read_all(gb_sampler *sampler, bool mark) {
    const uint64_t now_ns = gb_clock_now_ns(sampler->clock);
    uint64_t first_ns = 0;

    if (!make_room(sampler)) {
        sampler->lost_rows = true;
        return now_ns;
    }
    read_domains(sampler, mark);
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

/* Wait for the deadline or for stop; true: go on. Lock held. */
static bool wait_until(gb_sampler *sampler, uint64_t deadline_ns) {
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    while (!sampler->stopping && gb_clock_now_ns(sampler->clock) < deadline_ns)
        (void)pthread_cond_timedwait(&sampler->wake, &sampler->lock, &deadline);
    return !sampler->stopping;
}

static void *sample_loop(void *arg) {
    gb_sampler *sampler = arg;
    bind_to(sampler->pu);
    pthread_mutex_lock(&sampler->lock);
    /* Absolute deadlines: a late tick does not shift the ones after it. */
    uint64_t deadline_ns = sampler->started_ns + sampler->period_ns;
    while (wait_until(sampler, deadline_ns)) {
        sampler->cost.wakeups++;
        (void)read_all(sampler, false);
        deadline_ns += sampler->period_ns;
        const uint64_t now_ns = gb_clock_now_ns(sampler->clock);
        if (now_ns > deadline_ns) {
            const uint64_t missed =
                (now_ns - deadline_ns) / sampler->period_ns + 1;
            sampler->cost.late += missed;
            deadline_ns += missed * sampler->period_ns;
        }
    }
    sampler->cost.cpu_s += thread_cpu_s();
    pthread_mutex_unlock(&sampler->lock);
    return NULL;
}

static uint64_t choose_period_ns(const gb_energy_set *set, double hz) {
    const double longest_s = gb_energy_set_longest_interval_s(set);
    const double period_s = 1.0 / hz < longest_s ? 1.0 / hz : longest_s;
    return (uint64_t)(period_s * 1e9);
}

static gb_status start_thread(gb_sampler *sampler, gb_error *err) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&sampler->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&sampler->lock, NULL);

    /* Signals are for the thread that waits for them, never for this one. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed =
        pthread_create(&sampler->thread, NULL, sample_loop, sampler);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        return GB_OK;
    pthread_cond_destroy(&sampler->wake);
    pthread_mutex_destroy(&sampler->lock);
    return gb_fail(err, GB_ERR_INTERNAL,
                   "raise the limit on threads (ulimit -u)",
                   "cannot start the sampler's thread: %s", strerror(failed));
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
    gb_status status = sampler->readings != NULL
                           ? start_thread(sampler, err)
                           : gb_fail_memory(err, "the sampler");
    if (status != GB_OK) {
        free(sampler->readings);
        free(sampler);
        return status;
    }
    *sampler_out = sampler;
    return GB_OK;
}

uint64_t gb_sampler_mark(gb_sampler *sampler) {
    pthread_mutex_lock(&sampler->lock);
    const double before_s = thread_cpu_s();
    const uint64_t stamp_ns = read_all(sampler, true);
    sampler->cost.cpu_s += thread_cpu_s() - before_s;
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

void gb_sampler_stop(gb_sampler *sampler, gb_sampler_cost *cost_out) {
    if (sampler == NULL)
        return;
    pthread_mutex_lock(&sampler->lock);
    sampler->stopping = true;
    pthread_cond_signal(&sampler->wake);
    pthread_mutex_unlock(&sampler->lock);
    pthread_join(sampler->thread, NULL);

    sampler->cost.wall_s =
        (double)(gb_clock_now_ns(sampler->clock) - sampler->started_ns) * 1e-9;
    if (cost_out != NULL)
        *cost_out = sampler->cost;
    pthread_cond_destroy(&sampler->wake);
    pthread_mutex_destroy(&sampler->lock);
    free(sampler->rows);
    free(sampler->readings);
    free(sampler);
}
