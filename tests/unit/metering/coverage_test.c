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

#include <cmocka.h>

#include "metering/window.h"

enum { WINDOWS = 4000, MOST = 64 };

typedef struct wave {
    double low_w, high_w; /* equal: constant */
    double period_s;      /* of the square wave */
} wave;

static double uniform(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (double)(*seed >> 11) * 0x1p-53;
}

/* Energy used since 0 s. */
static double used_j(const wave *load, double time_s) {
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
                          uint64_t *seed, gb_energy_figure *figure) {
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
    gb_window_energy(domain, readings, count, 0.1, figure);
}

/* The share of windows whose k = 2 interval holds the truth, for the sum of
 * @p domains counters; @p in_step: one timer refreshes all of them. */
static double coverage(const wave *shape, double step_j, double shortest_s,
                       size_t domains, bool in_step, uint64_t seed) {
    const gb_energy_domain domain = {.name = "package-0",
                                     .tick_j = 1e-6,
                                     .step_j = step_j,
                                     .wrap_ticks = 262143328911,
                                     .update_ns = 1000000,
                                     .max_power_w = 1000.0,
                                     .quality = GB_QUALITY_MEASURED};
    size_t held = 0;

    for (int w = 0; w < WINDOWS; w++) {
        const double begin_s = 10.0 + 100.0 * uniform(&seed);
        const double window_s = shortest_s + 2.0 * uniform(&seed);
        const double shared_s = 1e-3 * uniform(&seed);
        double stamps_s[MOST];
        gb_energy_figure sum = gb_figure_zero();
        double truth_j = 0.0;
        size_t count = 0;

        /* The sampler ticks on its own; the marks are where they are. */
        stamps_s[count++] = begin_s;
        for (double t = begin_s + 0.1 * uniform(&seed) + 0.001;
             t < begin_s + window_s - 0.001; t += 0.1)
            stamps_s[count++] = t;
        stamps_s[count++] = begin_s + window_s;
        for (size_t d = 0; d < domains; d++) {
            const double phase_s = in_step ? shared_s : 1e-3 * uniform(&seed);
            gb_energy_figure figure;
            sample_window(&domain, shape, phase_s, stamps_s, count, &seed,
                          &figure);
            gb_figure_add_domain(&sum, &figure);
            truth_j +=
                used_j(shape, begin_s + window_s) - used_j(shape, begin_s);
        }
        if (isnan(sum.energy_j))
            fail_msg("window %d: %s", w, sum.reason);
        held += fabs(sum.energy_j - truth_j) <=
                2.0 * gb_budget_resolution_j(&sum.budget);
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
        const wave shape = {powers_w[i], powers_w[i], 1.0};
        expect_coverage("fine steps",
                        coverage(&shape, 61.035e-6, 0.02, 1, false, 11 + i),
                        0.98);
    }
}

/* A step of a joule is much larger than a refresh. */
static void coarse_steps_are_covered(void **state) {
    const wave shape = {287.1, 287.1, 1.0};

    (void)state;
    expect_coverage("1 J steps", coverage(&shape, 1.0, 1.0, 1, false, 17),
                    0.98);
}

static void a_changing_load_is_covered(void **state) {
    const wave shape = {60.0, 310.0, 0.7};

    (void)state;
    expect_coverage("square wave",
                    coverage(&shape, 61.035e-6, 0.5, 1, false, 23), 0.98);
}

static void counters_refreshed_together_are_covered(void **state) {
    const wave shape = {150.0, 150.0, 1.0};

    (void)state;
    expect_coverage("four in step",
                    coverage(&shape, 61.035e-6, 0.1, 4, true, 29), 0.98);
}

/* Independent counters are covered too, more often than needed. */
static void counters_refreshed_apart_are_covered(void **state) {
    const wave shape = {150.0, 150.0, 1.0};

    (void)state;
    expect_coverage("four apart",
                    coverage(&shape, 61.035e-6, 0.1, 4, false, 31), 1.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_power_is_covered),
        cmocka_unit_test(coarse_steps_are_covered),
        cmocka_unit_test(a_changing_load_is_covered),
        cmocka_unit_test(counters_refreshed_together_are_covered),
        cmocka_unit_test(counters_refreshed_apart_are_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
