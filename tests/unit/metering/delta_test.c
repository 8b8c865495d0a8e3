/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metering/delta.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 1 uJ ticks, wraps at 1 kJ, at most 100 W: one wrap takes at least 10 s. */
static const gb_energy_domain uj_counter = {
    .name = "package-0",
    .tick_j = 1e-6,
    .step_j = 1e-6,
    .wrap_ticks = 1000000000,
    .max_power_w = 100.0,
};

static gb_energy_reading at(uint64_t time_ns, uint64_t ticks) {
    return (gb_energy_reading){.ticks = ticks, .time_ns = time_ns, .ok = true};
}

static void doubtful_intervals_are_refused(void **state) {
    gb_energy_domain forever = uj_counter;
    const struct {
        const char *label;
        const gb_energy_domain *domain;
        gb_energy_reading begin, end;
        gb_status status;
    } cases[] = {
        {"first read failed",
         &uj_counter,
         {0, 7, 0, false, 0},
         at(1000, 5),
         GB_ERR_INVALID},
        {"second read failed",
         &uj_counter,
         at(7, 5),
         {0, 1000, 0, false, 0},
         GB_ERR_INVALID},
        {"no time passed", &uj_counter, at(7, 0), at(7, 5), GB_ERR_INVALID},
        {"time went back", &uj_counter, at(9, 0), at(7, 5), GB_ERR_INVALID},
        {"two wraps possible", &uj_counter, at(0, 0), at(10000000000, 5),
         GB_ERR_RANGE},
        {"equal, but long enough for a whole wrap", &uj_counter, at(0, 5),
         at(20000000000, 5), GB_ERR_RANGE},
        {"reset", &uj_counter, at(0, 500000000), at(1000000000, 3),
         GB_ERR_RANGE},
        {"jump", &uj_counter, at(0, 0), at(1000000000, 200000000),
         GB_ERR_RANGE},
        {"above its range", &uj_counter, at(0, 1000000000), at(1000, 5),
         GB_ERR_RANGE},
        {"back, and it never wraps", &forever, at(0, 6), at(1000000000, 5),
         GB_ERR_RANGE},
    };

    (void)state;
    forever.wrap_ticks = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t ticks = 4711;
        int wrapped = 42;
        gb_error err = {0};
        const gb_status got =
            gb_delta_ticks(cases[i].domain, &cases[i].begin, &cases[i].end,
                           &ticks, &wrapped, &err);
        if (got != cases[i].status || ticks != 4711 || wrapped != 42 ||
            err.what[0] == '\0')
            fail_msg("%s: status %d, %" PRIu64 " ticks, '%s'", cases[i].label,
                     got, ticks, err.what);
    }
}

static void one_wrap_is_undone(void **state) {
    static const struct {
        const char *label;
        uint64_t begin, end, elapsed_ns, ticks;
        int wrapped;
    } cases[] = {
        {"idle counter", 5, 5, 1000, 0, 0},
        {"zero at both ends", 0, 0, 1000, 0, 0},
        {"no wrap", 1000000, 3000000, 1000000000, 2000000, 0},
        {"one wrap", 999999990, 10, 1000000000, 20, 1},
        {"first tick after the wrap", 999999999, 0, 1, 1, 1},
        {"all but a wrap", 0, 998999999, 9990000000, 998999999, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const gb_energy_reading begin = at(7, cases[i].begin);
        const gb_energy_reading end = at(7 + cases[i].elapsed_ns, cases[i].end);
        uint64_t ticks = 4711;
        int wrapped = 42;
        gb_error err = {0};
        if (gb_delta_ticks(&uj_counter, &begin, &end, &ticks, &wrapped, &err) !=
                GB_OK ||
            ticks != cases[i].ticks || wrapped != cases[i].wrapped)
            fail_msg("%s: %" PRIu64 " ticks, wrapped %d, '%s'", cases[i].label,
                     ticks, wrapped, err.what);
    }
}

/* Test vector T18 of the project's standards notes: 65 532 J -> 4 J with a
 * range of 65 536 J is 8 J and one wrap. */
static void T18_a_counter_of_65536_j_wraps_to_8_j(void **state) {
    const gb_energy_domain joules = {.name = "package-0",
                                     .tick_j = 1.0,
                                     .step_j = 1.0,
                                     .wrap_ticks = 65536,
                                     .max_power_w = 400.0};
    const gb_energy_reading begin = at(0, 65532), end = at(1000000000, 4);
    uint64_t ticks = 0;
    int wrapped = 0;

    (void)state;
    assert_int_equal(
        gb_delta_ticks(&joules, &begin, &end, &ticks, &wrapped, NULL), GB_OK);
    assert_int_equal(ticks, 8);
    assert_int_equal(wrapped, 1);
}

/* A counter refreshed each 100 ms may show 100 ms of energy in 1 ms. */
static void the_power_bound_leaves_room_for_one_update(void **state) {
    gb_energy_domain slow = uj_counter;
    const gb_energy_reading begin = at(0, 0);
    const gb_energy_reading fits = at(1000000, 10000000);
    const gb_energy_reading above = at(1000000, 10200000);
    uint64_t ticks = 0;

    (void)state;
    slow.update_ns = 100000000;
    assert_int_equal(gb_delta_ticks(&slow, &begin, &fits, &ticks, NULL, NULL),
                     GB_OK);
    assert_int_equal(gb_delta_ticks(&slow, &begin, &above, &ticks, NULL, NULL),
                     GB_ERR_RANGE);
    assert_int_equal(
        gb_delta_ticks(&uj_counter, &begin, &fits, &ticks, NULL, NULL),
        GB_ERR_RANGE);
}

/* The faults/reset machine of energy.md: 1036 W would be needed. */
static void a_driver_reload_is_not_a_wrap(void **state) {
    const gb_energy_domain rapl = {.name = "package-0",
                                   .tick_j = 1e-6,
                                   .step_j = 61e-6,
                                   .wrap_ticks = 262143328911,
                                   .update_ns = 1000000,
                                   .max_power_w = 1000.0};
    const gb_energy_reading begin = at(0, 200000000000);
    const gb_energy_reading end = at(60000000000, 16670);
    uint64_t ticks = 0;

    (void)state;
    assert_int_equal(gb_delta_ticks(&rapl, &begin, &end, &ticks, NULL, NULL),
                     GB_ERR_RANGE);
}

static uint64_t random_u64(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void any_pair_of_readings_is_exact(void **state) {
    uint64_t seed = 0x9e3779b97f4a7c15u;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        /* Moduli from 1000 to 2^63 - 1; the bound of half a wrap holds. */
        const uint64_t wrap =
            1000 + (random_u64(&seed) >> (1 + random_u64(&seed) % 50));
        const uint64_t begin_ticks = random_u64(&seed) % wrap;
        const uint64_t gain = random_u64(&seed) % (wrap / 2);
        const uint64_t room = wrap - begin_ticks;
        const uint64_t end_ticks =
            gain < room ? begin_ticks + gain : gain - room;
        const gb_energy_domain domain = {.name = "any",
                                         .tick_j = 1e-6,
                                         .step_j = 1e-6,
                                         .wrap_ticks = wrap,
                                         .max_power_w = (double)wrap * 0.6e-6};
        const gb_energy_reading begin = at(5, begin_ticks);
        const gb_energy_reading end = at(1000000005, end_ticks);
        uint64_t ticks = 0;
        int wrapped = -1;

        if (gb_delta_ticks(&domain, &begin, &end, &ticks, &wrapped, NULL) !=
                GB_OK ||
            ticks != gain || wrapped != (gain >= room))
            fail_msg("%" PRIu64 " + %" PRIu64 " of %" PRIu64 ": %" PRIu64,
                     begin_ticks, gain, wrap, ticks);
    }
}

static void the_longest_interval_is_half_a_wrap(void **state) {
    gb_energy_domain forever = uj_counter;

    (void)state;
    forever.wrap_ticks = 0;
    assert_float_equal(gb_delta_longest_interval_s(&uj_counter), 5.0, 1e-12);
    assert_true(gb_delta_longest_interval_s(&forever) > 1e9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubtful_intervals_are_refused),
        cmocka_unit_test(one_wrap_is_undone),
        cmocka_unit_test(T18_a_counter_of_65536_j_wraps_to_8_j),
        cmocka_unit_test(the_power_bound_leaves_room_for_one_update),
        cmocka_unit_test(a_driver_reload_is_not_a_wrap),
        cmocka_unit_test(any_pair_of_readings_is_exact),
        cmocka_unit_test(the_longest_interval_is_half_a_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
