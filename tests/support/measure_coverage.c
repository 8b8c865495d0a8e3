/* SPDX-License-Identifier: Apache-2.0 */
/* How many of 1,000 random windows hold the truth in their 95 % interval?
 *
 * Each window is on a machine of its own: one to four counters of one kind, as
 * greenbench-emulator serves them (jittered refreshes, steps, a calibration
 * that is off as far as its uncertainty says), each with a load of its own,
 * read by a sampler at 10 Hz whose reads take their time, and turned into
 * joules by the arithmetic of a run. Prints the share for each update period,
 * all last; exit 1 unless it is 0.93..0.97.
 *
 * usage: measure_coverage [WINDOWS [SEED]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/counter.h"
#include "metering/window.h"

enum { DOMAINS_MAX = 4, READINGS_MAX = 2048, BEFORE = 15 };

static const double update_periods_s[] = {1e-3, 50e-3, 100e-3, 1.0};
enum { PERIODS = sizeof(update_periods_s) / sizeof(update_periods_s[0]) };

typedef struct dice {
    uint64_t seed, thrown;
} dice;

static double throw(dice * d) {
    return gb_mix_unit(d->seed, d->thrown++);
}

static double between(dice *d, double low, double high) {
    return low + (high - low) * throw(d);
}

/* One counter of a machine. */
typedef struct sensor {
    gb_trace trace;
    gb_refresh refresh;
    gb_counter counter;
    gb_energy_domain domain;
} sensor;

static gb_trace any_load(dice *d) {
    const double low_w = between(d, 20.0, 120.0), swing_w = between(d, 0, 300);
    const double frequency_hz = 1.0 / (0.3 * pow(100.0, throw(d)));
    const double kind = throw(d);

    if (kind < 0.4)
        return (gb_trace){.kind = GB_TRACE_CONSTANT, .low_w = low_w};
    if (kind < 0.7)
        return (gb_trace){.kind = GB_TRACE_SQUARE,
                          .low_w = low_w,
                          .high_w = low_w + swing_w,
                          .frequency_hz = frequency_hz,
                          .phase_cycles = throw(d),
                          .duty = between(d, 0.2, 0.8)};
    return (gb_trace){.kind = GB_TRACE_SINE,
                      .low_w = low_w + 0.5 * swing_w,
                      .high_w = 0.5 * swing_w,
                      .frequency_hz = frequency_hz,
                      .phase_cycles = throw(d)};
}

static void any_sensor(dice *d, double update_s, double gain, double u_rel,
                       const gb_refresh *shared, sensor *out) {
    static const uint64_t units_nj[] = {61035, 15258, 15300};
    const int64_t period_ns = (int64_t)(update_s * 1e9);

    *out = (sensor){.trace = any_load(d)};
    out->refresh = *shared;
    if (shared->period_ns == 0)
        out->refresh = (gb_refresh){
            .seed = d->thrown,
            .period_ns = period_ns,
            .jitter_ns = (int64_t)(0.1 * (double)period_ns * throw(d)),
            .phase_ns = (int64_t)((double)period_ns * throw(d))};
    out->counter = (gb_counter){.gain = gain,
                                .unit_nj = units_nj[(size_t)(3.0 * throw(d))],
                                .modulus = UINT64_C(1) << 32,
                                .start = (uint64_t)(throw(d) * 0x1p32)};
    out->domain =
        (gb_energy_domain){.source = "powercap",
                           .name = "package",
                           .scope = GB_SCOPE_PACKAGE,
                           .tick_j = 1e-9 * (double)out->counter.unit_nj,
                           .step_j = 1e-9 * (double)out->counter.unit_nj,
                           .wrap_ticks = out->counter.modulus,
                           .update_ns = (uint64_t)period_ns,
                           .max_power_w = 1000.0,
                           .u_rel = u_rel,
                           .summed = true,
                           .refresh = shared->period_ns != 0 ? 0 : -1,
                           .quality = GB_QUALITY_SIMULATED};
}

/* The reader's clock says @p time_s, halfway through a read in which the value
 * was taken at some instant. */
static gb_energy_reading read_sensor(const sensor *from, dice *d,
                                     double time_s) {
    const double half_s = 5e-6 * pow(100.0, throw(d));
    const int64_t taken_ns =
        (int64_t)((time_s + between(d, -half_s, half_s)) * 1e9);
    const int64_t refreshed_ns =
        gb_refresh_last_ns(&from->refresh, taken_ns, NULL);

    return (gb_energy_reading){
        .ticks = gb_counter_wrap(
            &from->counter,
            gb_counter_steps(&from->counter, &from->trace, refreshed_ns), 0),
        .time_ns = (uint64_t)llround(time_s * 1e9),
        .half_ns = (uint32_t)(half_s * 1e9),
        .ok = true};
}

/* When the sampler reads: before the window, at its edges, and between. */
static size_t plan_reads(dice *d, double begin_s, double window_s,
                         double *times_s) {
    const double offset_s = between(d, 0.001, 0.099);
    size_t count = 0;

    for (int i = BEFORE - 1; i >= 0; i--)
        times_s[count++] = begin_s - offset_s - 0.1 * i;
    times_s[count++] = begin_s;
    for (double t = begin_s + 0.1 - offset_s;
         t < begin_s + window_s - 0.001 && count + 1 < READINGS_MAX; t += 0.1)
        times_s[count++] = t + 2e-4 * throw(d);
    times_s[count++] = begin_s + window_s;
    return count;
}

/* @return 1: held, 0: not, -1: no figure */
static int try_window(dice *d, double update_s) {
    static const double biases[] = {0.0, 0.01, 0.03};
    static gb_energy_reading readings[READINGS_MAX];
    static double times_s[READINGS_MAX];
    const size_t count = 1 + (size_t)(DOMAINS_MAX * throw(d));
    const double u_rel = biases[(size_t)(3.0 * throw(d))];
    const double gain = 1.0 + u_rel * sqrt(3.0) * between(d, -1.0, 1.0);
    const double begin_s = between(d, 100.0, 200.0);
    const double window_s =
        fmax(1.0, 10.0 * update_s) * pow(8.0, throw(d)) + 1e-3;
    const int64_t period_ns = (int64_t)(update_s * 1e9);
    const bool in_step = throw(d) < 0.5;
    const gb_refresh shared = {.seed = d->thrown,
                               .period_ns = in_step ? period_ns : 0,
                               .phase_ns =
                                   (int64_t)((double)period_ns * throw(d))};
    const size_t reads = plan_reads(d, begin_s, window_s, times_s);
    gb_energy_domain domains[DOMAINS_MAX];
    gb_energy_figure figures[DOMAINS_MAX], sum;
    double truth_j = 0.0;

    for (size_t i = 0; i < count; i++) {
        sensor one;
        any_sensor(d, update_s, gain, u_rel, &shared, &one);
        for (size_t k = 0; k < reads; k++)
            readings[k] = read_sensor(&one, d, times_s[k]);
        domains[i] = one.domain;
        gb_window_energy_after(&one.domain, readings + BEFORE, reads - BEFORE,
                               BEFORE, 0.1, &figures[i]);
        truth_j += gb_trace_energy_j(&one.trace, begin_s, begin_s + window_s);
    }
    gb_figure_sum_domains(domains, figures, count, &sum);
    if (isnan(sum.energy_j)) {
        fprintf(stderr, "no figure: %s\n", sum.reason);
        return -1;
    }
    return fabs(sum.energy_j - truth_j) <= sum.u95_j;
}

int main(int argc, char **argv) {
    const int windows = argc > 1 ? atoi(argv[1]) : 1000;
    dice d = {.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 4711};
    int held[PERIODS] = {0}, tried[PERIODS] = {0}, all = 0;

    if (windows < PERIODS) {
        fprintf(stderr, "measure_coverage: expected %d windows or more\n",
                PERIODS);
        return 2;
    }
    for (int w = 0; w < windows; w++) {
        const int result = try_window(&d, update_periods_s[w % PERIODS]);
        if (result < 0)
            return 2;
        tried[w % PERIODS]++;
        held[w % PERIODS] += result;
        all += result;
    }
    for (int p = 0; p < PERIODS; p++)
        printf("refreshed each %g s: %.3f of %d windows\n", update_periods_s[p],
               (double)held[p] / tried[p], tried[p]);
    const double share = (double)all / windows;
    printf(
        "95 %% intervals hold the truth: %.3f of %d windows (bar 0.93..0.97)\n",
        share, windows);
    return share < 0.93 || share > 0.97;
}
