/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate for machines without counters: power of the busy and idle
 * hardware threads, from /proc/stat. Never a measurement: reference/energy.md
 * §10, rules 49 and 50. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "machine/energy/coefficients.h"
#include "machine/energy/domains.h"

#define STAT_PATH "/proc/stat"

struct gb_energy_source {
    gb_energy_env env;
    gb_energy_domain domain;
    const gb_thread_power *power;
    uint32_t threads;
    int fd;
    double tick_s;      /* of /proc/stat */
    uint64_t last_ns;   /* of the previous reading */
    uint64_t last_busy; /* ticks, all threads */
    uint64_t energy_uj; /* since open() */
    double fraction_uj; /* below one microjoule, carried on */
};

/* Busy ticks of all threads: user, nice, system, irq and softirq of the line
 * "cpu ". Idle and iowait are idle. So is steal: a hypervisor ran something
 * else meanwhile, and that is not this machine's energy. Guest time is part of
 * user. */
static bool read_busy(int fd, uint64_t *busy_out) {
    char text[512];
    unsigned long long user, nice, system, idle, iowait, irq, softirq;
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

    if (length <= 0)
        return false;
    text[length] = '\0';
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
               &system, &idle, &iowait, &irq, &softirq) != 7)
        return false;
    *busy_out = user + nice + system + irq + softirq;
    return true;
}

/* Lines "cpu0" to "cpuN": the threads the aggregate is over, which a cgroup or
 * an affinity mask does not change. */
static uint32_t count_threads(int fd) {
    char text[4096];
    uint32_t threads = 0;
    off_t offset = 0;
    ssize_t length;
    char before[5] = "\n\n\n\n"; /* the four bytes ahead of this one */

    while ((length = pread(fd, text, sizeof(text), offset)) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (memcmp(before, "\ncpu", 4) == 0 && text[i] >= '0' &&
                text[i] <= '9')
                threads++;
            memmove(before, before + 1, 3);
            before[3] = text[i];
        }
        offset += length;
    }
    return threads;
}

static void describe(gb_energy_source *source) {
    gb_energy_domain *domain = &source->domain;
    const gb_thread_power *power = source->power;
    double range_w = power->max_w - power->min_w;

    *domain = (gb_energy_domain){
        .kind = GB_READING_ENERGY,
        .scope = GB_SCOPE_NODE_AC,
        .package = -1,
        .die = -1,
        .tick_j = 1e-6,
        .step_j = source->tick_s * range_w,
        .update_ns = (uint64_t)(source->tick_s * 1e9),
        /* Twice the model's own maximum. */
        .max_power_w = 2 * power->max_w * source->threads,
        .u_rel = power->u_rel,
        .status = GB_DOMAIN_OK,
        .quality = GB_QUALITY_MODELLED,
    };
    gb_copy(domain->source, sizeof(domain->source), gb_energy_model.name);
    snprintf(domain->name, sizeof(domain->name), "%.40s, %u thread%s",
             power->id, (unsigned)source->threads,
             source->threads == 1 ? "" : "s");
    gb_copy(domain->path, sizeof(domain->path), STAT_PATH);
    snprintf(domain->reason, sizeof(domain->reason),
             "estimate, not a measurement: %u threads x (%.3f W + busy x "
             "%.3f W), CCF coefficients for %s",
             (unsigned)source->threads, power->min_w, range_w, power->title);
}

static void model_close(gb_energy_source *source) {
    if (!source)
        return;
    gb_close_fd(source->fd);
    free(source);
}

static gb_status model_open(const gb_energy_env *env,
                            gb_energy_source **source_out, gb_error *err) {
    int fd;
    gb_error why = {0};

    if (gb_sysroot_open_file(env->root, STAT_PATH, &fd, &why) != GB_OK)
        return gb_fail(err, GB_ERR_UNSUPPORTED, why.hint,
                       "no utilisation to estimate from: %s", why.what);

    gb_energy_source *source = calloc(1, sizeof(*source));
    if (!source) {
        gb_close_fd(fd);
        return gb_fail_memory(err, "the energy model");
    }
    source->env = *env;
    source->fd = fd;
    source->tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    source->power = gb_thread_power_find(env->node);
    source->threads = count_threads(fd);
    source->last_ns = gb_clock_now_ns(env->clock);
    if (source->threads == 0 || !read_busy(fd, &source->last_busy)) {
        model_close(source);
        return gb_fail(err, GB_ERR_UNSUPPORTED, NULL,
                       "'" STAT_PATH "': expected lines 'cpu' and 'cpu0' with "
                       "seven or more numbers");
    }
    describe(source);
    *source_out = source;
    return GB_OK;
}

static const gb_energy_domain *model_domains(const gb_energy_source *source,
                                             size_t *count_out) {
    *count_out = 1;
    return &source->domain;
}

static void model_read(gb_energy_source *source, gb_energy_reading *readings) {
    const gb_thread_power *power = source->power;
    gb_energy_reading *reading = readings;
    uint64_t before_ns = gb_clock_now_ns(source->env.clock);
    uint64_t busy = 0;

    *reading = (gb_energy_reading){0};
    reading->ok = read_busy(source->fd, &busy);
    gb_reading_stamp(reading, before_ns, gb_clock_now_ns(source->env.clock));
    if (!reading->ok)
        return;

    /* The kernel's sums may step back a little when a CPU leaves; a wall-clock
     * bound keeps the estimate within the model's own maximum. */
    double interval_s = (double)(reading->time_ns - source->last_ns) * 1e-9;
    double busy_s = busy > source->last_busy
                        ? (double)(busy - source->last_busy) * source->tick_s
                        : 0;
    double threads_s = interval_s * source->threads;
    if (busy_s > threads_s + source->tick_s * source->threads)
        busy_s = threads_s + source->tick_s * source->threads;

    double energy_uj = 1e6 * (power->min_w * threads_s +
                              (power->max_w - power->min_w) * busy_s) +
                       source->fraction_uj;
    uint64_t whole_uj = (uint64_t)energy_uj;

    source->fraction_uj = energy_uj - (double)whole_uj;
    source->energy_uj += whole_uj;
    source->last_ns = reading->time_ns;
    source->last_busy = busy;
    reading->ticks = source->energy_uj;
}

const gb_energy_source_ops gb_energy_model = {
    .name = "model",
    .summary = "estimate from CPU utilisation, for machines without counters",
    .open = model_open,
    .domains = model_domains,
    .read = model_read,
    .close = model_close,
};
