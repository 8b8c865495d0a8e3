/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "support/gb_test.h"

/* A clock that is read `reads_per_step` times until it moves on. */
typedef struct slow_clock {
    uint64_t reads, reads_per_step, step_ns;
} slow_clock;

static uint64_t slow_now(void *ctx) {
    slow_clock *slow = ctx;
    return slow->reads++ / slow->reads_per_step * slow->step_ns;
}

static uint64_t resolution_of(uint64_t reads_per_step, uint64_t step_ns) {
    slow_clock slow = {.reads_per_step = reads_per_step, .step_ns = step_ns};
    const gb_clock clock = {.now_ns = slow_now, .ctx = &slow};
    return gb_clock_resolution_ns(&clock);
}

static void the_least_step_is_found(void **state) {
    (void)state;
    assert_int_equal(resolution_of(1, 25), 25);
    assert_int_equal(resolution_of(7, 69841), 69841);
    assert_int_equal(resolution_of(100, 4000000), 4000000);
}

static void a_clock_that_stands_still_has_none(void **state) {
    (void)state;
    assert_int_equal(resolution_of(UINT64_MAX, 1), 0);
}

static void the_systems_clock_has_one(void **state) {
    (void)state;
    const uint64_t step_ns = gb_clock_resolution_ns(&gb_clock_system);
    assert_true(step_ns > 0);
    assert_true(step_ns <= 100000000); /* not even HZ=10 is coarser */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_step_is_found),
        cmocka_unit_test(a_clock_that_stands_still_has_none),
        cmocka_unit_test(the_systems_clock_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
