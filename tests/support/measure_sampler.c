/* SPDX-License-Identifier: Apache-2.0 */
/* What the sampler costs on the machine below GREENBENCH_SYSROOT: CPU time of
 * one read of all domains, alone; of the sampler at a rate; and of a thread
 * that only wakes up as often. Rounds of the three in turn, so that a machine
 * that becomes slower does so for all of them; medians.
 *
 * usage: measure_sampler HZ SECONDS ROUNDS    SECONDS of each in a round
 * prints: domains, us per read, share of a core at HZ, share beyond the reads,
 * reads a second, share of the thread that only wakes up, share beyond both */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine/platform/platform.h"
#include "pipeline/run/sampler.h"

enum { READS = 1000, ROUNDS_MAX = 1000 };

static double thread_cpu_s(void) {
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double read_cost_s(gb_energy_set *set, gb_energy_reading *readings) {
    const double begin_s = thread_cpu_s();

    for (int i = 0; i < READS; i++)
        gb_energy_set_read(set, readings);
    return (thread_cpu_s() - begin_s) / READS;
}

/* What this machine charges a thread that wakes up and does nothing: in a
 * virtual machine tens of microseconds each time. */
static double idle_share(double hz, double seconds) {
    const uint64_t period_ns = (uint64_t)(1e9 / hz);
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    const double begin_s = thread_cpu_s();
    uint64_t deadline_ns = begin_ns;

    while (deadline_ns < begin_ns + (uint64_t)(seconds * 1e9)) {
        deadline_ns += period_ns;
        gb_clock_system.sleep_until(gb_clock_system.ctx, deadline_ns);
    }
    return (thread_cpu_s() - begin_s) /
           (1e-9 * (double)(gb_clock_now_ns(&gb_clock_system) - begin_ns));
}

enum { EACH_S, SHARE, BEYOND, RATE_HZ, IDLE, BEYOND_BOTH, COLUMNS };

static gb_status one_round(gb_energy_set *set, double hz, double seconds,
                           gb_energy_reading *readings, double *out,
                           gb_error *err) {
    gb_sampler *sampler = NULL;
    gb_sampler_cost cost = {0};

    out[EACH_S] = read_cost_s(set, readings);
    const gb_status status =
        gb_sampler_start(set, &gb_clock_system, hz, -1, 0, &sampler, err);
    if (status != GB_OK)
        return status;
    const uint64_t end_ns =
        gb_clock_now_ns(&gb_clock_system) + (uint64_t)(seconds * 1e9);
    while (gb_clock_now_ns(&gb_clock_system) < end_ns) {
        size_t rows = 0;
        gb_clock_system.sleep_until(gb_clock_system.ctx, end_ns);
        free(gb_sampler_drain(sampler, &rows));
    }
    (void)gb_sampler_stop(sampler, &cost);
    out[IDLE] = idle_share(hz, seconds);
    out[RATE_HZ] = (double)cost.reads / cost.wall_s;
    out[SHARE] = cost.cpu_s / cost.wall_s;
    out[BEYOND] = out[SHARE] - out[EACH_S] * out[RATE_HZ];
    out[BEYOND_BOTH] = out[BEYOND] - out[IDLE];
    return GB_OK;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double (*rows)[COLUMNS], size_t count, int column) {
    double values[ROUNDS_MAX];

    for (size_t i = 0; i < count; i++)
        values[i] = rows[i][column];
    qsort(values, count, sizeof(*values), by_value);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

static gb_status measure(gb_energy_set *set, double hz, double seconds,
                         size_t rounds, gb_error *err) {
    static double rows[ROUNDS_MAX][COLUMNS];
    size_t count = 0, read = 0;
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    gb_energy_reading *readings = calloc(count + 1, sizeof(*readings));
    gb_status status =
        readings != NULL ? GB_OK : gb_fail_memory(err, "readings");

    for (size_t i = 0; i < count; i++)
        read += domains[i].status == GB_DOMAIN_OK;
    for (size_t i = 0; i < rounds && status == GB_OK; i++)
        status = one_round(set, hz, seconds, readings, rows[i], err);
    free(readings);
    if (status == GB_OK)
        printf("%zu %.2f %.6f %.6f %.1f %.6f %.6f\n", read,
               median(rows, rounds, EACH_S) * 1e6, median(rows, rounds, SHARE),
               median(rows, rounds, BEYOND), median(rows, rounds, RATE_HZ),
               median(rows, rounds, IDLE), median(rows, rounds, BEYOND_BOTH));
    return status;
}

int main(int argc, char **argv) {
    gb_sysroot *root = NULL;
    gb_energy_set *set = NULL;
    gb_node node = {0};
    gb_error err = {0};

    const int rounds = argc == 4 ? atoi(argv[3]) : 0;

    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: measure_sampler HZ SECONDS ROUNDS\n");
        return 2;
    }
    gb_status status =
        gb_sysroot_open(getenv("GREENBENCH_SYSROOT"), &root, &err);
    if (status == GB_OK) {
        gb_platform_cpu_facts(root, &node);
        const gb_energy_env env = {
            .root = root, .clock = &gb_clock_system, .node = &node};
        status = gb_energy_set_open(&env, "auto", &set, &err);
        if (status == GB_OK)
            status = measure(set, atof(argv[1]), atof(argv[2]), (size_t)rounds,
                             &err);
    }
    if (status != GB_OK)
        fprintf(stderr, "measure_sampler: %s\n", err.what);
    gb_energy_set_close(set);
    gb_sysroot_close(root);
    return status == GB_OK ? 0 : 1;
}
