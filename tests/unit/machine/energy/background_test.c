/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "machine/energy/background.h"

#define MS UINT64_C(1000000)

/* A source of two domains whose reads take as long as it is told. */
struct gb_energy_source {
    _Atomic uint64_t takes_ns, reads;
    uint64_t period_ns;
    bool second_fails, stamps;
};

static void pause_ns(uint64_t ns) {
    const struct timespec wait = {.tv_sec = (time_t)(ns / (1000 * MS)),
                                  .tv_nsec = (long)(ns % (1000 * MS))};
    nanosleep(&wait, NULL);
}

static void slow_read(gb_energy_source *source, gb_energy_reading *readings) {
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);

    pause_ns(source->takes_ns);
    source->reads++;
    for (size_t i = 0; i < 2; i++)
        readings[i] = (gb_energy_reading){
            .ticks = source->reads,
            .time_ns = begin_ns + source->takes_ns / 2,
            .half_ns = (uint32_t)(source->takes_ns / 2),
            .stamp_ns = source->stamps ? 77 * source->reads : 0,
            .ok = i == 0 || !source->second_fails,
        };
}

static const gb_energy_source_ops slow_ops = {.name = "slow",
                                              .read = slow_read};

static gb_background *start(gb_energy_source *source) {
    gb_background *background = NULL;

    assert_int_equal(gb_background_start(&slow_ops, source, 2,
                                         source->period_ns, &gb_clock_system,
                                         &background, NULL),
                     GB_OK);
    return background;
}

static void wait_rounds(gb_background *background, uint64_t rounds) {
    for (int i = 0; i < 5000 && gb_background_rounds(background) < rounds; i++)
        pause_ns(MS);
    assert_true(gb_background_rounds(background) >= rounds);
}

static void nobody_waits_for_a_slow_read(void **state) {
    gb_energy_source source = {.takes_ns = 300 * MS, .period_ns = 10 * MS};
    gb_background *background = start(&source);
    gb_energy_reading readings[2];

    (void)state;
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    gb_background_latest(background, readings);
    assert_true(gb_clock_now_ns(&gb_clock_system) - begin_ns < 100 * MS);
    /* Nothing was read yet: that is no value, and no zero. */
    assert_false(readings[0].ok);
    gb_background_stop(background);
    assert_true(source.reads >= 1);
}

static void the_latest_reading_keeps_the_time_it_was_taken_at(void **state) {
    gb_energy_source source = {
        .takes_ns = 2 * MS, .period_ns = 2000 * MS, .second_fails = true};
    gb_background *background = start(&source);
    gb_energy_reading first[2], second[2];

    (void)state;
    wait_rounds(background, 1);
    gb_background_latest(background, first);
    pause_ns(5 * MS);
    gb_background_latest(background, second);
    assert_true(first[0].ok);
    assert_false(first[1].ok);
    assert_int_equal(first[0].ticks, second[0].ticks);
    assert_int_equal(first[0].stamp_ns, second[0].stamp_ns);
    assert_true(first[0].stamp_ns > 0);
    assert_true(second[0].time_ns >= first[0].time_ns + 5 * MS);
    assert_true(second[0].stamp_ns < second[0].time_ns);
    assert_int_equal(second[0].half_ns, MS);
    gb_background_stop(background);
}

static void a_stamp_of_the_source_stays(void **state) {
    gb_energy_source source = {.period_ns = 2000 * MS, .stamps = true};
    gb_background *background = start(&source);
    gb_energy_reading readings[2];

    (void)state;
    wait_rounds(background, 1);
    gb_background_latest(background, readings);
    assert_int_equal(readings[0].stamp_ns, 77);
    gb_background_stop(background);
}

/* A BMC that no longer answers: its last answer must not stand for ever. */
static void an_old_answer_is_no_answer(void **state) {
    gb_energy_source source = {.period_ns = 20 * MS};
    gb_background *background = start(&source);
    gb_energy_reading readings[2];

    (void)state;
    wait_rounds(background, 2);
    source.takes_ns = 400 * MS;
    const uint64_t rounds = gb_background_rounds(background);
    wait_rounds(background, rounds + 1);
    pause_ns(150 * MS);
    gb_background_latest(background, readings);
    assert_false(readings[0].ok);
    gb_background_stop(background);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_for_a_slow_read),
        cmocka_unit_test(the_latest_reading_keeps_the_time_it_was_taken_at),
        cmocka_unit_test(a_stamp_of_the_source_stays),
        cmocka_unit_test(an_old_answer_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
