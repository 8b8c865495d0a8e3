/* SPDX-License-Identifier: Apache-2.0 */
/* Do the 95 % intervals hold the truth? Counters of known power, refreshed by a
 * clock of their own and counting in steps, are read by a sampler at instants
 * within the time each read takes. Calibration is exact here, and its term is
 * left out of the interval. The seeds are fixed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "metering/window.h"

enum { WINDOWS = 4000, MOST = 1100, MIXED_WINDOWS = 1000 };

typedef struct wave {
    double low_w, high_w; /* equal: constant */
    double period_s;
    bool sine; /* else square */
} wave;

static double uniform(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (double)(*seed >> 11) * 0x1p-53;
}

/* Energy used since 0 s. */
static double used_j(const wave *load, double time_s) {
    if (load->sine)
        return 0.5 * (load->low_w + load->high_w) * time_s +
               0.5 * (load->high_w - load->low_w) *
                   (1.0 - cos(2.0 * M_PI * time_s / load->period_s)) *
                   load->period_s / (2.0 * M_PI);

    const double whole = floor(time_s / load->period_s);
    const double rest_s = time_s - whole * load->period_s;
    const double half_s = 0.5 * load->period_s;

    return whole * half_s * (load->low_w + load->high_w) +
           load->high_w * fmin(rest_s, half_s) +
           load->low_w * fmax(rest_s - half_s, 0.0);
}

/* What the counter shows at an instant: the energy at its last refresh, in
 * whole steps, in microjoules. */
static uint64_t shown_uj(const gb_energy_domain *domain, const wave *load,
                         double phase_s, double time_s) {
    const double update_s = (double)domain->update_ns * 1e-9;
    const double refreshed_s =
        phase_s + update_s * floor((time_s - phase_s) / update_s);
    const double steps = floor(used_j(load, refreshed_s) / domain->step_j);

    return (uint64_t)(steps * domain->step_j * 1e6) % domain->wrap_ticks;
}

static void sample_window(const gb_energy_domain *domain, const wave *load,
                          double phase_s, const double *stamps_s, size_t count,
                          size_t before, uint64_t *seed,
                          gb_energy_figure *figure) {
    gb_energy_reading readings[MOST];
    const uint32_t half_ns = 20000;

    for (size_t i = 0; i < count; i++) {
        const double read_s =
            stamps_s[i] + (2.0 * uniform(seed) - 1.0) * half_ns * 1e-9;
        readings[i] = (gb_energy_reading){
            .ticks = shown_uj(domain, load, phase_s, read_s),
            .time_ns = (uint64_t)llround(stamps_s[i] * 1e9),
            .half_ns = half_ns,
            .ok = true};
    }
    gb_window_energy_after(domain, readings + before, count - before, before,
                           0.1, figure);
}

enum { MOST_DOMAINS = 4 };

/* The share of windows whose 95 % interval holds the truth, for the sum of
 * @p count counters with exact calibration; @p in_step: one timer refreshes all
 * of them. */
static double coverage(const wave *shape, double step_j, double shortest_s,
                       size_t count, bool in_step, uint64_t seed) {
    gb_energy_domain domains[MOST_DOMAINS];
    size_t held = 0;

    for (size_t d = 0; d < count; d++)
        domains[d] = (gb_energy_domain){.name = "package-0",
                                        .tick_j = 1e-6,
                                        .step_j = step_j,
                                        .wrap_ticks = 262143328911,
                                        .update_ns = 1000000,
                                        .max_power_w = 1000.0,
                                        .summed = true,
                                        .refresh = in_step ? 0 : -1,
                                        .quality = GB_QUALITY_MEASURED};
    for (int w = 0; w < WINDOWS; w++) {
        const double begin_s = 10.0 + 100.0 * uniform(&seed);
        const double window_s = shortest_s + 2.0 * uniform(&seed);
        const double shared_s = 1e-3 * uniform(&seed);
        double stamps_s[MOST];
        gb_energy_figure figures[MOST_DOMAINS], sum;
        double truth_j = 0.0;
        size_t stamps = 0;

        /* The sampler ticks on its own; the marks are where they are. */
        stamps_s[stamps++] = begin_s;
        for (double t = begin_s + 0.1 * uniform(&seed) + 0.001;
             t < begin_s + window_s - 0.001; t += 0.1)
            stamps_s[stamps++] = t;
        stamps_s[stamps++] = begin_s + window_s;
        for (size_t d = 0; d < count; d++) {
            const double phase_s = in_step ? shared_s : 1e-3 * uniform(&seed);
            sample_window(&domains[d], shape, phase_s, stamps_s, stamps, 0,
                          &seed, &figures[d]);
            truth_j +=
                used_j(shape, begin_s + window_s) - used_j(shape, begin_s);
        }
        gb_figure_sum_domains(domains, figures, count, &sum);
        if (isnan(sum.energy_j))
            fail_msg("window %d: %s", w, sum.reason);
        held += fabs(sum.energy_j - truth_j) <= sum.u95_j;
    }
    return (double)held / WINDOWS;
}

static void expect_coverage(const char *label, double share, double most) {
    if (share < 0.93 || share > most)
        fail_msg("%s: expected 0.93..%g of the intervals to hold the truth, "
                 "got %.4f",
                 label, most, share);
    print_message("%s: %.4f\n", label, share);
}

static void constant_power_is_covered(void **state) {
    static const double powers_w[] = {5.0, 95.0, 333.3};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const wave shape = {powers_w[i], powers_w[i], 1.0, false};
        expect_coverage("fine steps",
                        coverage(&shape, 61.035e-6, 0.02, 1, false, 11 + i),
                        0.97);
    }
}

/* A step of a joule is much larger than a refresh. */
static void coarse_steps_are_covered(void **state) {
    const wave shape = {287.1, 287.1, 1.0, false};

    (void)state;
    expect_coverage("1 J steps", coverage(&shape, 1.0, 1.0, 1, false, 17),
                    0.97);
}

static void a_changing_load_is_covered(void **state) {
    const wave shape = {60.0, 310.0, 0.7, false};

    (void)state;
    expect_coverage("square wave",
                    coverage(&shape, 61.035e-6, 0.5, 1, false, 23), 0.97);
}

static void counters_refreshed_together_are_covered(void **state) {
    const wave shape = {150.0, 150.0, 1.0, false};

    (void)state;
    expect_coverage("four in step",
                    coverage(&shape, 61.035e-6, 0.1, 4, true, 29), 0.97);
}

static void counters_refreshed_apart_are_covered(void **state) {
    const wave shape = {150.0, 150.0, 1.0, false};

    (void)state;
    expect_coverage("four apart",
                    coverage(&shape, 61.035e-6, 0.1, 4, false, 31), 0.97);
}

/* --- any machine ---------------------------------------------------------- */

static const double update_periods_s[] = {1e-3, 50e-3, 100e-3, 1.0};

static wave any_load(uint64_t *seed) {
    const double low_w = 20.0 + 100.0 * uniform(seed);
    const double kind = uniform(seed);

    return (wave){.low_w = low_w,
                  .high_w = kind < 0.4 ? low_w : low_w + 300.0 * uniform(seed),
                  .period_s = 0.3 * pow(100.0, uniform(seed)),
                  .sine = kind > 0.7};
}

/* One to four counters of one kind: their calibration is off by one factor, as
 * far as its uncertainty says. */
static bool any_window_holds_the_truth(double update_s, uint64_t *seed) {
    enum { before = 15 };
    static const double biases[] = {0.0, 0.01, 0.03};
    const size_t count = 1 + (size_t)(4.0 * uniform(seed));
    const bool in_step = uniform(seed) < 0.5;
    const double u_rel = biases[(size_t)(3.0 * uniform(seed))];
    const double gain = 1.0 + u_rel * sqrt(3.0) * (2.0 * uniform(seed) - 1.0);
    const double begin_s = 100.0 + 100.0 * uniform(seed);
    const double window_s =
        fmax(1.0, 10.0 * update_s) * pow(8.0, uniform(seed)) + 1e-3;
    const double shared_s = update_s * uniform(seed);
    gb_energy_domain domains[MOST_DOMAINS];
    gb_energy_figure figures[MOST_DOMAINS], sum;
    double stamps_s[MOST], truth_j = 0.0;
    const double offset_s = 0.1 * uniform(seed);
    size_t stamps = 0;

    /* The sampler was there before the window. */
    for (size_t i = 0; i < before; i++)
        stamps_s[stamps++] =
            begin_s - offset_s - 0.1 * (double)(before - 1 - i) - 0.001;
    stamps_s[stamps++] = begin_s;
    for (double t = begin_s + 0.1 - offset_s + 0.001;
         t < begin_s + window_s - 0.001; t += 0.1)
        stamps_s[stamps++] = t;
    stamps_s[stamps++] = begin_s + window_s;
    for (size_t d = 0; d < count; d++) {
        const wave load = any_load(seed);
        const double phase_s = in_step ? shared_s : update_s * uniform(seed);

        domains[d] = (gb_energy_domain){.name = "package-0",
                                        .source = "powercap",
                                        .scope = GB_SCOPE_PACKAGE,
                                        .tick_j = 1e-6 * gain,
                                        .step_j = 61.035e-6,
                                        .wrap_ticks = 262143328911,
                                        .update_ns = (uint64_t)(update_s * 1e9),
                                        .max_power_w = 1000.0,
                                        .u_rel = u_rel,
                                        .summed = true,
                                        .refresh = in_step ? 0 : -1,
                                        .quality = GB_QUALITY_MEASURED};
        sample_window(&domains[d], &load, phase_s, stamps_s, stamps, before,
                      seed, &figures[d]);
        truth_j += used_j(&load, begin_s + window_s) - used_j(&load, begin_s);
    }
    gb_figure_sum_domains(domains, figures, count, &sum);
    if (isnan(sum.energy_j))
        fail_msg("%g s of a counter of %g s: %s", window_s, update_s,
                 sum.reason);
    return fabs(sum.energy_j - truth_j) <= sum.u95_j;
}

static void any_machine_and_load_is_covered(void **state) {
    size_t all = 0;

    (void)state;
    for (size_t p = 0; p < 4; p++) {
        uint64_t seed = 1001 + p;
        size_t held = 0;
        char label[64];

        for (int w = 0; w < MIXED_WINDOWS; w++)
            held += any_window_holds_the_truth(update_periods_s[p], &seed);
        all += held;
        snprintf(label, sizeof(label), "mixed, refreshed each %g s",
                 update_periods_s[p]);
        expect_coverage(label, (double)held / MIXED_WINDOWS, 0.97);
    }
    expect_coverage("mixed", (double)all / (4.0 * MIXED_WINDOWS), 0.97);
}

/* Rule 35: a meter that shows the mean of the last second, once a second, while
 * the load changes: what it shows lags, and the truth is within the interval
 * all the same. The lag may be all of a change at an edge, so that slow changes
 * are covered more often than 95 %. */
static void averaged_power_of_a_changing_load_is_covered(void **state) {
    static const double periods_s[] = {3.0, 11.0, 60.0};
    const double average_s = 1.0;
    const gb_energy_domain meter = {.name = "dcmi",
                                    .kind = GB_READING_POWER,
                                    .tick_j = 1e-3,
                                    .step_j = 1e-3,
                                    .update_ns = 1000000000,
                                    .average_ns = 1000000000,
                                    .max_power_w = 1000.0,
                                    .quality = GB_QUALITY_MEASURED};

    (void)state;
    for (size_t p = 0; p < 6; p++) {
        const wave load = {80.0, 320.0, periods_s[p / 2], p % 2 == 1};
        uint64_t seed = 77 + p;
        size_t held = 0;
        char label[64];

        for (int w = 0; w < MIXED_WINDOWS; w++) {
            const double begin_s = 10.0 + 100.0 * uniform(&seed);
            const double phase_s = uniform(&seed);
            const size_t count = 102 + (size_t)(200.0 * uniform(&seed));
            gb_energy_reading readings[MOST];
            gb_energy_figure figure;

            for (size_t i = 0; i < count; i++) {
                const double time_s = begin_s + 0.1 * (double)i;
                const double at_s = phase_s + floor(time_s - phase_s);
                const double mean_w =
                    (used_j(&load, at_s) - used_j(&load, at_s - average_s)) /
                    average_s;
                readings[i] = (gb_energy_reading){
                    .ticks = (uint64_t)llround(mean_w * 1e3),
                    .time_ns = (uint64_t)llround(time_s * 1e9),
                    .ok = true};
            }
            gb_window_energy(&meter, readings, count, 0.1, &figure);
            const double truth_j =
                used_j(&load, begin_s + 0.1 * (double)(count - 1)) -
                used_j(&load, begin_s);
            if (isnan(figure.energy_j))
                fail_msg("%s", figure.reason);
            held += fabs(figure.energy_j - truth_j) <= figure.u95_j;
        }
        snprintf(label, sizeof(label), "averaged, %s of %g s",
                 load.sine ? "sine" : "square wave", load.period_s);
        expect_coverage(label, (double)held / MIXED_WINDOWS, 1.0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_machine_and_load_is_covered),
        cmocka_unit_test(averaged_power_of_a_changing_load_is_covered),
        cmocka_unit_test(constant_power_is_covered),
        cmocka_unit_test(coarse_steps_are_covered),
        cmocka_unit_test(a_changing_load_is_covered),
        cmocka_unit_test(counters_refreshed_together_are_covered),
        cmocka_unit_test(counters_refreshed_apart_are_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
