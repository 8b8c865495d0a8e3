/* SPDX-License-Identifier: Apache-2.0 */
/* How many of 1,000 random windows hold the truth in their 95 % interval?
 *
 * Each window is on a machine of its own: one to four meters of one kind, as
 * greenbench-emulator serves them (jittered refreshes, steps, a calibration
 * that is off as far as its uncertainty says), each with a load of its own,
 * read by a sampler at 10 Hz whose reads take their time, and turned into
 * joules by the arithmetic of a run. Counters of all update periods, counters
 * with stamps of their own in whole joules (100 ms, as Cray's), and gauges of
 * averaged power (50 ms in mW, as Grace's; 1 s in W, as a BMC's). Prints the
 * share for each kind, all last; exit 1 unless it is 0.93..0.97.
 *
 * usage: measure_coverage [WINDOWS [SEED]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/counter.h"
#include "metering/window.h"

enum { DOMAINS_MAX = 4, READINGS_MAX = 2048, BEFORE = 15, STEPS = 40 };

typedef struct meter_kind {
    const char *name;
    double update_s;
    bool gauge, stamped;
    double step; /* J, or W of a gauge; 0: that of some RAPL counter */
} meter_kind;

/* Each of the four update periods is in a quarter of the windows. */
static const meter_kind kinds[] = {
    {"counter, 1 ms", 1e-3, false, false, 0},
    {"counter, 50 ms", 50e-3, false, false, 0},
    {"counter, 100 ms", 100e-3, false, false, 0},
    {"counter, 1 s", 1.0, false, false, 0},
    {"counter, 1 ms", 1e-3, false, false, 0},
    {"gauge, 50 ms", 50e-3, true, false, 1e-3},
    {"stamped counter, 100 ms", 100e-3, false, true, 1.0},
    {"gauge, 1 s", 1.0, true, false, 1.0},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

typedef struct dice {
    uint64_t seed, thrown;
} dice;

static double throw(dice * d) {
    return gb_mix_unit(d->seed, d->thrown++);
}

static double between(dice *d, double low, double high) {
    return low + (high - low) * throw(d);
}

/* One meter of a machine. */
typedef struct sensor {
    const meter_kind *kind;
    gb_trace trace;
    gb_trace_point points[STEPS + 1]; /* of a trace of steps */
    double points_energy_j[STEPS + 1];
    gb_refresh refresh;
    gb_counter counter;
    gb_gauge gauge;
    gb_energy_domain domain;
} sensor;

/* Steps at any time, up or down to any power: what phases of a program do. */
static void step_load(dice *d, double low_w, double swing_w, sensor *out) {
    double t_s = 0.0, energy_j = 0.0;

    for (size_t i = 0; i <= STEPS; i++) {
        out->points[i] = (gb_trace_point){t_s, low_w + swing_w * throw(d)};
        out->points_energy_j[i] = energy_j;
        const double length_s = between(d, 0.2, 12.0);
        energy_j += out->points[i].power_w * length_s;
        t_s += length_s;
    }
    out->trace = (gb_trace){.kind = GB_TRACE_STEP,
                            .points = out->points,
                            .points_energy_j = out->points_energy_j,
                            .point_count = STEPS + 1,
                            .repeat_s = t_s};
}

static void any_load(dice *d, sensor *out) {
    const double low_w = between(d, 20.0, 120.0), swing_w = between(d, 0, 300);
    const double frequency_hz = 1.0 / (0.3 * pow(100.0, throw(d)));
    const double kind = throw(d);

    if (kind < 0.3)
        out->trace = (gb_trace){.kind = GB_TRACE_CONSTANT, .low_w = low_w};
    else if (kind < 0.55)
        out->trace = (gb_trace){.kind = GB_TRACE_SQUARE,
                                .low_w = low_w,
                                .high_w = low_w + swing_w,
                                .frequency_hz = frequency_hz,
                                .phase_cycles = throw(d),
                                .duty = between(d, 0.2, 0.8)};
    else if (kind < 0.8)
        out->trace = (gb_trace){.kind = GB_TRACE_SINE,
                                .low_w = low_w + 0.5 * swing_w,
                                .high_w = 0.5 * swing_w,
                                .frequency_hz = frequency_hz,
                                .phase_cycles = throw(d)};
    else
        step_load(d, low_w, swing_w, out);
}

static void any_sensor(dice *d, const meter_kind *kind, double gain,
                       double u_rel, const gb_refresh *shared, sensor *out) {
    static const uint64_t units_nj[] = {61035, 15258, 15300};
    const int64_t period_ns = (int64_t)(kind->update_s * 1e9);
    const double drawn = throw(d);

    *out = (sensor){.kind = kind};
    any_load(d, out);
    out->refresh = *shared;
    if (shared->period_ns == 0)
        out->refresh = (gb_refresh){
            .seed = d->thrown,
            .period_ns = period_ns,
            .jitter_ns = (int64_t)(0.1 * (double)period_ns * throw(d)),
            .phase_ns = (int64_t)((double)period_ns * throw(d))};
    out->counter = (gb_counter){
        .gain = gain,
        .unit_nj = kind->step > 0.0 ? (uint64_t)(kind->step * 1e9)
                                    : units_nj[(size_t)(3.0 * drawn)],
        .modulus = kind->stamped ? 0 : UINT64_C(1) << 32,
        .start = (uint64_t)(throw(d) * 0x1p32)};
    out->gauge = (gb_gauge){.gain = gain,
                            .average_ns = period_ns,
                            .unit_nw = (uint64_t)(kind->step * 1e9)};
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
                           .stamped = kind->stamped,
                           .refresh = shared->period_ns != 0 ? 0 : -1,
                           .quality = GB_QUALITY_SIMULATED};
    if (kind->gauge) {
        out->domain.kind = GB_READING_POWER;
        out->domain.tick_j = out->domain.step_j = kind->step;
        out->domain.wrap_ticks = 0;
        out->domain.average_ns = (uint64_t)period_ns;
    }
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

    const uint64_t ticks =
        from->kind->gauge
            ? gb_gauge_nw(&from->gauge, &from->trace, refreshed_ns) /
                  from->gauge.unit_nw
            : gb_counter_wrap(
                  &from->counter,
                  gb_counter_steps(&from->counter, &from->trace, refreshed_ns),
                  0);

    return (gb_energy_reading){
        .ticks = ticks,
        .stamp_ns = from->kind->stamped ? (uint64_t)refreshed_ns : 0,
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
static int try_window(dice *d, const meter_kind *kind) {
    const double update_s = kind->update_s;
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
        any_sensor(d, kind, gain, u_rel, &shared, &one);
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
    int held[KINDS] = {0}, tried[KINDS] = {0}, all = 0;

    if (windows < KINDS) {
        fprintf(stderr, "measure_coverage: expected %d windows or more\n",
                KINDS);
        return 2;
    }
    for (int w = 0; w < windows; w++) {
        const int result = try_window(&d, &kinds[w % KINDS]);
        if (result < 0)
            return 2;
        tried[w % KINDS]++;
        held[w % KINDS] += result;
        all += result;
    }
    for (int k = 0; k < KINDS; k++)
        printf("%s: %.3f of %d windows\n", kinds[k].name,
               (double)held[k] / tried[k], tried[k]);
    const double share = (double)all / windows;
    printf(
        "95 %% intervals hold the truth: %.3f of %d windows (bar 0.93..0.97)\n",
        share, windows);
    return share < 0.93 || share > 0.97;
}
