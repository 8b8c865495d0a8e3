/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metering/window.h"

#define MS         1000000u
#define INTERVAL_S 0.1
enum { MOST = 400 };

/* 1 uJ ticks, wraps at 1 kJ, 1 ms updates, at most 1 kW, 3 % calibration. */
static const gb_energy_domain counter = {
    .name = "package-0",
    .tick_j = 1e-6,
    .step_j = 61e-6,
    .wrap_ticks = 1000000000,
    .update_ns = MS,
    .max_power_w = 1000.0,
    .u_rel = 0.03,
    .quality = GB_QUALITY_MEASURED,
};

/* 1 uW ticks, refreshed and averaged over 50 ms. */
static const gb_energy_domain gauge = {
    .name = "Module Power Socket 0",
    .kind = GB_READING_POWER,
    .tick_j = 1e-6,
    .step_j = 1e-3,
    .update_ns = 50 * MS,
    .average_ns = 50 * MS,
    .max_power_w = 1000.0,
    .u_rel = 0.03,
    .quality = GB_QUALITY_MEASURED,
};

/* @p count readings each 100 ms at constant power. */
static void count_up(gb_energy_reading *readings, size_t count,
                     uint64_t begin_ticks, double power_w) {
    for (size_t i = 0; i < count; i++)
        readings[i] = (gb_energy_reading){
            .ticks = (begin_ticks + (uint64_t)llround(power_w * 1e5) * i) %
                     counter.wrap_ticks,
            .time_ns = 1000 * (uint64_t)MS + i * 100 * MS,
            .ok = true};
}

static void show(gb_energy_reading *readings, size_t count, double power_w) {
    for (size_t i = 0; i < count; i++)
        readings[i] =
            (gb_energy_reading){.ticks = (uint64_t)llround(power_w * 1e6),
                                .time_ns = 1000 * (uint64_t)MS + i * 100 * MS,
                                .ok = true};
}

static gb_energy_figure measure(const gb_energy_domain *domain,
                                const gb_energy_reading *readings,
                                size_t count) {
    gb_energy_figure figure;

    gb_window_energy(domain, readings, count, INTERVAL_S, &figure);
    return figure;
}

static void expect_none(const char *label, const gb_energy_figure *figure,
                        const char *word) {
    if (!isnan(figure->energy_j) || !isnan(figure->u_j) ||
        figure->quality != GB_QUALITY_UNAVAILABLE ||
        strstr(figure->reason, word) == NULL)
        fail_msg("%s: %g J, '%s' without '%s'", label, figure->energy_j,
                 figure->reason, word);
}

/* --- refusals ------------------------------------------------------------- */

static void fewer_than_two_good_readings_give_no_figure(void **state) {
    gb_energy_reading readings[3];
    gb_energy_figure figure;

    (void)state;
    count_up(readings, 3, 0, 100.0);
    figure = measure(&counter, readings, 0);
    expect_none("no readings", &figure, "two good readings");
    figure = measure(&counter, readings, 1);
    expect_none("one reading", &figure, "two good readings");
    readings[1].ok = readings[2].ok = false;
    figure = measure(&counter, readings, 3);
    expect_none("one good reading", &figure, "two good readings");
    assert_int_equal(figure.errors, 2);
}

static void a_failed_edge_gives_no_figure(void **state) {
    gb_energy_reading readings[10];
    gb_energy_figure figure;

    (void)state;
    count_up(readings, 10, 0, 100.0);
    readings[9].ok = false;
    figure = measure(&counter, readings, 10);
    expect_none("end", &figure, "the window's end failed");
    count_up(readings, 10, 0, 100.0);
    readings[0].ok = false;
    figure = measure(&counter, readings, 10);
    expect_none("begin", &figure, "the window's begin failed");
}

static void a_window_below_ten_updates_gives_no_figure(void **state) {
    gb_energy_domain slow = counter;
    gb_energy_reading readings[12];
    gb_energy_figure figure;

    (void)state;
    slow.update_ns = 100 * MS; /* as pm_counters: a window of 0.2 s */
    count_up(readings, 12, 0, 100.0);
    figure = measure(&slow, readings, 3);
    expect_none("0.2 s of 100 ms", &figure, "10 update periods");
    figure = measure(&slow, readings, 11);
    assert_float_equal(figure.energy_j, 100.0, 1e-9);
    figure = measure(&gauge, readings, 3);
    expect_none("a gauge", &figure, "10 update periods");
}

static void a_reset_within_the_window_gives_no_figure(void **state) {
    gb_energy_reading readings[20];
    gb_energy_figure figure;

    (void)state;
    count_up(readings, 20, 500000000, 100.0);
    for (size_t i = 10; i < 20; i++)
        readings[i].ticks -= 500000000;
    figure = measure(&counter, readings, 20);
    expect_none("reset", &figure, "it was reset or it jumped");
}

static void a_counter_that_stands_still_gives_no_figure(void **state) {
    static const uint64_t values[] = {0, 5000000};
    gb_energy_reading readings[20];
    gb_energy_figure figure;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        count_up(readings, 20, values[i], 0.0);
        figure = measure(&counter, readings, 20);
        expect_none("frozen", &figure, "stands still");
    }
}

static void a_counter_that_stops_on_the_way_gives_no_figure(void **state) {
    gb_energy_reading readings[20];
    gb_energy_figure figure;

    (void)state;
    count_up(readings, 20, 0, 100.0);
    for (size_t i = 10; i < 20; i++)
        readings[i].ticks = readings[9].ticks;
    figure = measure(&counter, readings, 20);
    expect_none("stopped", &figure, "it stopped");
}

/* psys counts whole joules: at 2 W it changes each half second. */
static void a_coarse_counter_that_is_slow_is_not_stuck(void **state) {
    gb_energy_domain coarse = counter;
    gb_energy_reading readings[100];

    (void)state;
    coarse.step_j = 1.0;
    count_up(readings, 100, 0, 2.0);
    for (size_t i = 0; i < 100; i++)
        readings[i].ticks -= readings[i].ticks % 1000000;
    const gb_energy_figure figure = measure(&coarse, readings, 100);
    assert_float_equal(figure.energy_j, 19.0, 1e-9);
    assert_float_equal(figure.budget.quantisation_j, 1.0 / sqrt(6.0), 1e-9);
}

/* --- counters ------------------------------------------------------------- */

static void three_wraps_are_exact_when_sampled(void **state) {
    gb_energy_reading readings[351];
    gb_energy_figure figure;

    (void)state;
    count_up(readings, 351, 999000000, 100.0); /* 3500 J of 1000 J wraps */
    figure = measure(&counter, readings, 351);
    assert_float_equal(figure.energy_j, 3500.0, 1e-9);
    assert_int_equal(figure.wraps, 4);
    assert_int_equal(figure.samples, 351);

    const gb_energy_reading edges[] = {readings[0], readings[350]};
    figure = measure(&counter, edges, 2);
    expect_none("edges only", &figure, "wrapped more than once");
}

static void failed_readings_are_bridged_and_counted(void **state) {
    gb_energy_reading readings[101];
    gb_energy_figure figure;

    (void)state;
    count_up(readings, 101, 123, 50.0);
    for (size_t i = 5; i < 100; i += 10)
        readings[i] = (gb_energy_reading){0};
    figure = measure(&counter, readings, 101);
    assert_float_equal(figure.energy_j, 500.0, 1e-9);
    assert_int_equal(figure.errors, 10);
    assert_int_equal(figure.samples, 91);
    assert_int_equal(figure.gaps, 0);

    for (size_t i = 1; i < 40; i++) /* 4 s at up to 1 kW: four wraps fit */
        readings[i].ok = false;
    figure = measure(&counter, readings, 101);
    expect_none("too long", &figure, "wrapped more than once");
}

static void the_same_reading_given_twice_is_no_time(void **state) {
    gb_energy_reading readings[12];

    (void)state;
    count_up(readings, 12, 0, 50.0);
    readings[5] = readings[4]; /* a source's own stamp did not advance */
    const gb_energy_figure figure = measure(&counter, readings, 12);
    assert_float_equal(figure.energy_j, 55.0, 1e-9);
}

static void the_budget_of_a_counter_is_that_of_its_edges(void **state) {
    gb_energy_reading readings[101];

    (void)state;
    count_up(readings, 101, 0, 100.0);
    for (size_t i = 0; i < 101; i++)
        readings[i].half_ns = 25000;
    const gb_energy_figure figure = measure(&counter, readings, 101);
    const gb_energy_budget *budget = &figure.budget;

    assert_float_equal(figure.energy_j, 1000.0, 1e-9);
    assert_float_equal(budget->quantisation_j, 61e-6 / sqrt(6.0), 1e-12);
    assert_float_equal(budget->phase_j, 100.0 * 1e-3 / sqrt(6.0), 1e-9);
    assert_float_equal(budget->latency_j, 100.0 * 50e-6 / sqrt(6.0), 1e-9);
    assert_float_equal(budget->unsampled_j, 0.0, 0.0);
    assert_float_equal(budget->calibration_j, 30.0, 1e-9);
    assert_float_equal(figure.u_j, hypot(30.0, gb_budget_resolution_j(budget)),
                       1e-9);
    assert_int_equal(figure.quality, GB_QUALITY_MEASURED);
}

/* 10 W at the begin, 300 W at the end: the phase is not that of the mean. */
static void the_phase_term_uses_the_power_at_each_edge(void **state) {
    gb_energy_reading readings[21];

    (void)state;
    count_up(readings, 21, 0, 10.0);
    for (size_t i = 11; i < 21; i++)
        readings[i].ticks = readings[i - 1].ticks + 30000000;
    const gb_energy_figure figure = measure(&counter, readings, 21);
    assert_float_equal(
        figure.budget.phase_j,
        1e-3 * sqrt((10.0 * 10.0 + 300.0 * 300.0) / 12.0 + 145.0 * 145.0),
        1e-9);
}

static void an_estimate_keeps_its_quality_and_its_doubt(void **state) {
    gb_energy_domain model = counter;
    gb_energy_reading readings[101];

    (void)state;
    model.quality = GB_QUALITY_MODELLED;
    model.u_rel = 0.5;
    count_up(readings, 101, 0, 100.0);
    const gb_energy_figure figure = measure(&model, readings, 101);
    assert_int_equal(figure.quality, GB_QUALITY_MODELLED);
    assert_float_equal(figure.budget.calibration_j, 500.0, 1e-9);
}

/* --- gauges --------------------------------------------------------------- */

static void power_is_integrated_by_trapezoid(void **state) {
    gb_energy_reading readings[101];

    (void)state;
    show(readings, 101, 0.0);
    for (size_t i = 0; i < 101; i++) /* a ramp from 100 W to 300 W in 10 s */
        readings[i].ticks = 100000000 + 2000000 * i;
    const gb_energy_figure figure = measure(&gauge, readings, 101);
    assert_float_equal(figure.energy_j, 2000.0, 1e-6);
    assert_float_equal(figure.budget.phase_j, 200.0 * 0.1 / sqrt(3.0), 1e-9);
    assert_float_equal(figure.budget.unsampled_j, sqrt(100 * 0.2 * 0.2 / 12.0),
                       1e-9);
}

static void steady_power_has_no_phase_but_its_rounding(void **state) {
    gb_energy_reading readings[101];

    (void)state;
    show(readings, 101, 238.3);
    const gb_energy_figure figure = measure(&gauge, readings, 101);
    assert_float_equal(figure.energy_j, 2383.0, 1e-6);
    assert_float_equal(figure.budget.phase_j, 0.0, 0.0);
    assert_float_equal(figure.budget.quantisation_j, 1e-2 / sqrt(3.0), 1e-9);
}

/* Rule 36: readings 30 to 60 of 100 are lost. */
/* Rule 18: whose energy it is, is said with the figure and with any sum. */
static void a_shared_meter_marks_its_figure(void **state) {
    gb_energy_domain domains[] = {counter, counter};
    gb_energy_reading readings[11];
    gb_energy_figure figures[2], sum;

    (void)state;
    domains[0].summed = domains[1].summed = true;
    count_up(readings, 11, 0, 100.0);
    for (int shared = 0; shared < 2; shared++) {
        const uint32_t expected = shared ? GB_FLAG(SHARED) : 0;
        domains[1].shared = shared != 0;
        figures[0] = measure(&domains[0], readings, 11);
        figures[1] = measure(&domains[1], readings, 11);
        gb_figure_sum_domains(domains, figures, 2, &sum);
        assert_int_equal(figures[0].flags, 0);
        assert_int_equal(figures[1].flags, expected);
        assert_int_equal(sum.flags, expected);
        assert_float_equal(sum.energy_j, 200.0, 1e-6);
    }
}

static void a_gap_is_counted_and_uncertain(void **state) {
    gb_energy_reading readings[101];
    gb_energy_figure figure;

    (void)state;
    show(readings, 101, 200.0);
    for (size_t i = 30; i < 60; i++)
        readings[i].ok = false;
    figure = measure(&gauge, readings, 101);
    assert_int_equal(figure.gaps, 1);
    assert_int_equal(figure.errors, 30);
    assert_float_equal(figure.energy_j, 2000.0, 1e-6);
    assert_int_equal(figure.flags, GB_FLAG(GAPS) | GB_FLAG(ERRORS));
    /* 69 % of it is covered. */
    assert_float_equal(1.0 - figure.unsampled_s / figure.window_s, 0.69, 1e-9);
    /* 3.1 s at anything from 0 to 1000 W: far from resolved. */
    assert_float_equal(figure.budget.unsampled_j, 3100.0 / sqrt(12.0), 1e-6);

    for (size_t i = 20; i < 80; i++)
        readings[i].ok = false;
    figure = measure(&gauge, readings, 101);
    expect_none("more than half lost", &figure, "has no reading");
}

static void three_intervals_are_not_yet_a_gap(void **state) {
    gb_energy_reading readings[101];

    (void)state;
    show(readings, 101, 200.0);
    readings[50].ok = readings[51].ok = false;
    assert_int_equal(measure(&gauge, readings, 101).gaps, 0);
    assert_float_equal(measure(&gauge, readings, 101).unsampled_s, 0.0, 0.0);
    readings[52].ok = false;
    assert_int_equal(measure(&gauge, readings, 101).gaps, 1);
}

static void impossible_power_gives_no_figure(void **state) {
    gb_energy_reading readings[20];
    gb_energy_figure figure;

    (void)state;
    show(readings, 20, 200.0);
    readings[0].ticks = 4294967295000;
    figure = measure(&gauge, readings, 20);
    expect_none("4.29 MW", &figure, "at most 1000 W");
}

/* --- stamps --------------------------------------------------------------- */

/* A counter that a controller updates each 100 ms, with the time it did so on
 * a clock of its own; the reader comes each 70 ms. */
static size_t stamped_readings(gb_energy_reading *readings, double power_w) {
    const uint64_t ms = MS, own_ns = UINT64_C(1700000000) * 1000 * ms;
    size_t count = 0;

    for (uint64_t t_ms = 1000; t_ms <= 13000; t_ms += 70, count++) {
        const uint64_t updated_ms = t_ms / 100 * 100;
        readings[count] = (gb_energy_reading){
            .ticks = (uint64_t)llround(power_w * 1e3 * (double)updated_ms),
            .time_ns = t_ms * ms,
            .stamp_ns = own_ns + updated_ms * ms,
            .ok = true};
    }
    return count;
}

static gb_energy_domain stamped_counter(void) {
    gb_energy_domain domain = counter;

    domain.wrap_ticks = 0;
    domain.update_ns = 100 * (uint64_t)MS;
    domain.stamped = true;
    return domain;
}

static void energy_is_taken_between_stamps(void **state) {
    gb_energy_reading readings[MOST];
    gb_energy_domain domain = stamped_counter();
    const size_t count = stamped_readings(readings, 250.0);

    (void)state;
    /* A window that is not made of whole updates. */
    const gb_energy_figure stamped = measure(&domain, readings + 3, count - 8);
    const double true_j = 250.0 * stamped.window_s;
    assert_float_equal(stamped.energy_j, true_j, 1e-6);
    assert_true(stamped.budget.phase_j < 1e-6);
    /* Without them, the same readings are off by what they lag. */
    domain.stamped = false;
    for (size_t i = 0; i < count; i++)
        readings[i].stamp_ns = 0;
    const gb_energy_figure plain = measure(&domain, readings + 3, count - 8);
    assert_true(fabs(plain.energy_j - true_j) > 1.0);
    assert_true(plain.budget.phase_j > 5.0);
}

static void stamps_that_cannot_be_right_are_refused(void **state) {
    gb_energy_reading readings[MOST], saved[MOST];
    const gb_energy_domain domain = stamped_counter();
    const size_t count = stamped_readings(saved, 250.0);

    (void)state;
    memcpy(readings, saved, sizeof(readings));
    readings[count / 2].stamp_ns -= 3000 * (uint64_t)MS;
    gb_energy_figure figure = measure(&domain, readings, count);
    expect_none("set back", &figure, "went back");

    memcpy(readings, saved, sizeof(readings));
    for (size_t i = count / 2; i < count; i++)
        readings[i].stamp_ns += 60000 * (uint64_t)MS;
    figure = measure(&domain, readings, count);
    expect_none("set forward", &figure, "its clock was set");

    /* The controller hangs: its last answer is delivered again and again. */
    memcpy(readings, saved, sizeof(readings));
    for (size_t i = count / 2; i < count; i++) {
        readings[i].stamp_ns = readings[count / 2].stamp_ns;
        readings[i].ticks = readings[count / 2].ticks;
    }
    figure = measure(&domain, readings, count);
    expect_none("stale", &figure, "stood still");
    assert_true(figure.stopped);
}

/* A source that blocked is read in the background from then on: its stamps are
 * on our clock, and start in the middle of a window. */
static void a_source_that_goes_to_the_background_keeps_its_figure(
    void **state) {
    gb_energy_reading readings[MOST];
    gb_energy_figure figure;
    const size_t count = 100;

    (void)state;
    count_up(readings, count, 5, 200.0);
    for (size_t i = count / 2; i < count; i++) {
        const gb_energy_reading delivered = readings[i];
        readings[i] = readings[i - i % 2];
        readings[i].stamp_ns = readings[i].time_ns;
        readings[i].time_ns = delivered.time_ns;
    }
    figure = measure(&counter, readings, count);
    assert_float_equal(figure.energy_j, 200.0 * figure.window_s, 1e-3);
    /* And the end of the window is filled in: that is in the budget. */
    assert_true(figure.u_j > 0.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_than_two_good_readings_give_no_figure),
        cmocka_unit_test(a_failed_edge_gives_no_figure),
        cmocka_unit_test(a_window_below_ten_updates_gives_no_figure),
        cmocka_unit_test(a_reset_within_the_window_gives_no_figure),
        cmocka_unit_test(a_counter_that_stands_still_gives_no_figure),
        cmocka_unit_test(a_counter_that_stops_on_the_way_gives_no_figure),
        cmocka_unit_test(a_coarse_counter_that_is_slow_is_not_stuck),
        cmocka_unit_test(three_wraps_are_exact_when_sampled),
        cmocka_unit_test(failed_readings_are_bridged_and_counted),
        cmocka_unit_test(the_same_reading_given_twice_is_no_time),
        cmocka_unit_test(the_budget_of_a_counter_is_that_of_its_edges),
        cmocka_unit_test(the_phase_term_uses_the_power_at_each_edge),
        cmocka_unit_test(an_estimate_keeps_its_quality_and_its_doubt),
        cmocka_unit_test(power_is_integrated_by_trapezoid),
        cmocka_unit_test(steady_power_has_no_phase_but_its_rounding),
        cmocka_unit_test(a_shared_meter_marks_its_figure),
        cmocka_unit_test(a_gap_is_counted_and_uncertain),
        cmocka_unit_test(three_intervals_are_not_yet_a_gap),
        cmocka_unit_test(impossible_power_gives_no_figure),
        cmocka_unit_test(energy_is_taken_between_stamps),
        cmocka_unit_test(stamps_that_cannot_be_right_are_refused),
        cmocka_unit_test(a_source_that_goes_to_the_background_keeps_its_figure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
