/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/counter.h"

#include "support/gb_test.h"

#define DRAWS 20000

static int64_t draw_ns(uint64_t seed, uint64_t n, double most_s) {
    return (int64_t)(gb_mix_unit(seed, n) * most_s * 1e9);
}

static void draws_are_even_and_repeat(void **state) {
    (void)state;
    double sum = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        const double unit = gb_mix_unit(7, i);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
    }
    GB_EXPECT_NEAR(0.5, sum / DRAWS, 0.01, "mean");
    /* The published first outputs of splitmix64 from state 0. */
    assert_true(gb_mix(0, 0) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(gb_mix(0, 1) == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(gb_mix_name(1, "a") != gb_mix_name(1, "b"));
}

static void refreshes_keep_their_order_and_place(void **state) {
    (void)state;
    static const gb_refresh cases[] = {
        {1, 1000000, 0, 0},           {2, 1000000, 20000, 300000},
        {3, 1000000, 499999, 999999}, {4, 100000000, 40000000, 5},
        {5, 10000, 4999, 0},
    };
    for (size_t c = 0; c < GB_COUNT(cases); c++) {
        const gb_refresh *r = &cases[c];
        for (int64_t i = -50; i < 5000; i++) {
            const int64_t at = gb_refresh_instant_ns(r, i);
            const int64_t ideal = r->phase_ns + i * r->period_ns;
            assert_true(at >= ideal - r->jitter_ns);
            assert_true(at <= ideal + r->jitter_ns);
            assert_true(at < gb_refresh_instant_ns(r, i + 1));
        }
        for (uint64_t n = 0; n < DRAWS; n++) {
            const int64_t t_ns = draw_ns(c, n, 100) - 1000000000;
            int64_t index = 0;
            const int64_t at = gb_refresh_last_ns(r, t_ns, &index);
            assert_true(at <= t_ns);
            assert_true(at == gb_refresh_instant_ns(r, index));
            assert_true(gb_refresh_instant_ns(r, index + 1) > t_ns);
        }
    }
}

/* A reader who undoes wraps gets the true energy to one step, whatever it
 * reads and when. */
static void unwrapped_ticks_are_the_truth(void **state) {
    (void)state;
    const gb_trace square = {.kind = GB_TRACE_SQUARE,
                             .low_w = 0,
                             .high_w = 250,
                             .frequency_hz = 0.7,
                             .duty = 0.5};
    static const gb_counter counters[] = {
        {1.0, 61035, UINT64_C(1) << 32, UINT64_C(4294967000)},
        {1.05, 15300, 3932, 17},           /* wraps every 60 mJ */
        {0.95, 1000000000, 200, 199},      /* J, wraps at 200 J */
        {1.0, 15258, 0, UINT64_MAX - 100}, /* 64 bits, near its end */
    };
    const gb_refresh refresh = {9, 100000, 2000, 30000};
    for (size_t c = 0; c < GB_COUNT(counters); c++) {
        const gb_counter *counter = &counters[c];
        uint64_t before = counter->start, total = 0;
        assert_true(gb_counter_wrap(counter, 0, 0) == counter->start);
        for (int64_t i = 1; i <= 200000; i++) {
            const int64_t at = gb_refresh_last_ns(&refresh, i * 100000, NULL);
            const uint64_t steps = gb_counter_steps(counter, &square, at);
            const uint64_t shown = gb_counter_wrap(counter, steps, 0);
            assert_true(counter->modulus == 0 || shown < counter->modulus);
            total +=
                counter->modulus == 0
                    ? shown - before
                    : (shown + counter->modulus - before) % counter->modulus;
            before = shown;
            const double truth =
                gb_trace_energy_j(&square, 0, (double)at * 1e-9) *
                counter->gain * 1e9 / (double)counter->unit_nj;
            assert_true((double)total <= truth + 1e-6);
            assert_true((double)total > truth - 1 - 1e-6);
        }
    }
}

static void a_counter_never_runs_back(void **state) {
    (void)state;
    const gb_trace sine = {
        .kind = GB_TRACE_SINE, .low_w = 200, .high_w = 200, .frequency_hz = 3};
    const gb_counter counter = {1.01, 1000, 0, 0};
    const gb_refresh refresh = {3, 1000000, 400000, 0};
    for (uint64_t n = 0; n < DRAWS; n++) {
        const int64_t t_ns = draw_ns(1, n, 1e6);
        const int64_t later_ns = t_ns + draw_ns(2, n, 0.003);
        const uint64_t a = gb_counter_steps(
            &counter, &sine, gb_refresh_last_ns(&refresh, t_ns, NULL));
        const uint64_t b = gb_counter_steps(
            &counter, &sine, gb_refresh_last_ns(&refresh, later_ns, NULL));
        assert_true(b >= a);
    }
    assert_true(gb_counter_steps(&counter, &sine, -5) == 0);
}

static void units_as_the_kernel_prints_them(void **state) {
    (void)state;
    static const struct {
        uint64_t unit_nj, range_uj;
    } known[] = {
        {61035, 262143328850},
        {15300, 65712999613},
        {15258, 65532610987},
        {1000000000, 4294967295000000},
    };
    for (size_t i = 0; i < GB_COUNT(known); i++) {
        const gb_counter counter = {1, known[i].unit_nj, UINT64_C(1) << 32, 0};
        assert_true(gb_counter_range_uj(&counter) == known[i].range_uj);
    }
    const gb_counter endless = {1, 1000000000, 0, 0};
    assert_true(gb_counter_range_uj(&endless) == UINT64_MAX);
    assert_true(gb_counter_in_units(&endless, 4709337659, 1000000000) ==
                4709337659);
    const gb_counter fine = {1, 15258, 0, 0};
    /* 2^60 steps: the product alone would not fit 64 bits. */
    assert_true(gb_counter_in_units(&fine, UINT64_C(1) << 60, 1000000000) ==
                UINT64_C(17591276317291));
}

static void wraps_and_jumps_are_exact(void **state) {
    (void)state;
    const gb_counter small = {1, 1000, 1000, 999};
    assert_true(gb_counter_wrap(&small, 0, 0) == 999);
    assert_true(gb_counter_wrap(&small, 1, 0) == 0);
    assert_true(gb_counter_wrap(&small, 1000, 0) == 999);
    assert_true(gb_counter_wrap(&small, 5, -4) == 0);
    assert_true(gb_counter_wrap(&small, 5, -5) == 999);
    assert_true(gb_counter_wrap(&small, 5, 3996) == 0);
    assert_true(gb_counter_wrap(&small, 0, INT64_MIN) < 1000);
}

static void gauges(void **state) {
    (void)state;
    const gb_trace square = {.kind = GB_TRACE_SQUARE,
                             .low_w = 50,
                             .high_w = 250,
                             .frequency_hz = 1,
                             .duty = 0.5};
    const gb_gauge instant = {1.0, 0, 1000000};
    const gb_gauge mean = {1.0, 1000000000, 1000000};
    const gb_gauge wrong = {1.1, 1000000000, 1000000000};
    assert_true(gb_gauge_nw(&instant, &square, 2250000000) == 250000000000);
    assert_true(gb_gauge_nw(&instant, &square, 2750000000) == 50000000000);
    assert_true(gb_gauge_nw(&mean, &square, 2250000000) == 150000000000);
    assert_true(gb_gauge_nw(&wrong, &square, 2250000000) == 165000000000);
    /* Before a whole average has passed: the mean of what there is. */
    assert_true(gb_gauge_nw(&mean, &square, 750000000) == 183333000000);
    assert_true(gb_gauge_nw(&mean, &square, -1000) == 250000000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_even_and_repeat),
        cmocka_unit_test(refreshes_keep_their_order_and_place),
        cmocka_unit_test(unwrapped_ticks_are_the_truth),
        cmocka_unit_test(a_counter_never_runs_back),
        cmocka_unit_test(units_as_the_kernel_prints_them),
        cmocka_unit_test(wraps_and_jumps_are_exact),
        cmocka_unit_test(gauges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
