/* SPDX-License-Identifier: Apache-2.0 */
/* One repetition as core phase and full run. */
#include <stdlib.h>

#include "made.h"
#include "pipeline/reduce/phase.h"
#include "support/gb_test.h"

static void T4_report_04_readings_not_wholly_inside_are_left_out(void **state) {
    enum { STEP_S = 5, COUNT = 130 };
    const uint64_t s = UINT64_C(1000000000);
    const gb_node_window window = {100 * s, 700 * s};
    gb_energy_reading readings[COUNT];

    (void)state;
    for (uint64_t i = 0; i < COUNT; i++) /* 2.5 s off the window's edges */
        readings[i] = (gb_energy_reading){
            .time_ns = 92 * s + s / 2 + i * STEP_S * s, .ok = true};
    assert_int_equal(
        gb_phase_whole_readings(readings, COUNT, STEP_S * s, &window), 119);
    for (uint64_t i = 0; i < COUNT; i++) /* at its edges */
        readings[i].time_ns = 90 * s + i * STEP_S * s;
    assert_int_equal(
        gb_phase_whole_readings(readings, COUNT, STEP_S * s, &window), 120);
    readings[50].ok = false;
    assert_int_equal(
        gb_phase_whole_readings(readings, COUNT, STEP_S * s, &window), 119);
}

static void the_full_run_reaches_from_window_to_window(void **state) {
    made_run run;
    gb_phase phase;
    gb_error err = {.rank = -1};

    (void)state;
    made_open(&run, 2, 4);
    made_idle(&run, false, 500);
    made_pass(&run, 700);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 2000);
    made_pass(&run, 300);
    made_idle(&run, true, 500);
    GB_EXPECT_STATUS(GB_OK, gb_reduce_phase(&run.log, 0, 0, &phase, &err),
                     "phase", err);
    /* 200 and 400 W. */
    GB_EXPECT_NEAR(600.0, phase.core.energy_j / phase.core.window_s, 1.0,
                   "core phase, W");
    GB_EXPECT_NEAR(2.0, phase.core.window_s, 0.01, "core phase, s");
    GB_EXPECT_NEAR(3.0, phase.full.window_s, 0.2, "full run, s");
    GB_EXPECT_NEAR(600.0, phase.full.energy_j / phase.full.window_s, 1.0,
                   "full run, W");
    GB_EXPECT_NEAR(400.0, phase.node_w[1], 1.0, "node 1, W");
    if (phase.readings < 18 || phase.readings > 20)
        fail_msg("expected about 19 readings in 2 s, got %zu", phase.readings);
    GB_EXPECT_NEAR(0.1, phase.interval_s, 0.01, "interval");
    gb_phase_fini(&phase);
    made_close(&run);
}

static void without_a_window_on_each_side_there_is_no_full_run(void **state) {
    made_run run;
    gb_phase phase;
    gb_error err = {.rank = -1};

    (void)state;
    made_open(&run, 1, 2);
    made_trial(&run, 0, GB_OK, "");
    made_rep(&run, 0, 0, 2000);
    GB_EXPECT_STATUS(GB_OK, gb_reduce_phase(&run.log, 0, 0, &phase, &err),
                     "phase", err);
    assert_true(isnan(phase.full.energy_j));
    assert_true(phase.full.reason[0] != '\0');
    gb_phase_fini(&phase);
    GB_EXPECT_STATUS(GB_ERR_NOT_FOUND,
                     gb_reduce_phase(&run.log, 0, 1, &phase, &err),
                     "no such repetition", err);
    made_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T4_report_04_readings_not_wholly_inside_are_left_out),
        cmocka_unit_test(the_full_run_reaches_from_window_to_window),
        cmocka_unit_test(without_a_window_on_each_side_there_is_no_full_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
