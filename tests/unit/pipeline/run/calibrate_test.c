/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/run/trial.h"
#include "support/gb_test.h"

/* A call of 1 ms cannot be timed by a clock that moves each 4 ms. */
static void calls_are_long_beside_the_timers_step(void **state) {
    (void)state;
    GB_EXPECT_NEAR(0.35, gb_trial_least_call_s(0.35, 25e-9), 0.0, "as planned");
    GB_EXPECT_NEAR(4.0, gb_trial_least_call_s(0.35, 4e-3), 1e-12, "4 ms");
    GB_EXPECT_NEAR(1e-3, gb_trial_least_call_s(1e-3, 1e-6), 1e-12, "0.1 %");
    GB_EXPECT_NEAR(0.35, gb_trial_least_call_s(0.35, 0.0), 0.0, "not told");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_long_beside_the_timers_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
