/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ANALYSE_CASE_H
#define TESTS_ANALYSE_CASE_H

/* One benchmark on one or two nodes, reduced, to be spoilt by a test. */
#include "model/result.h"

#define CASE_REPS 10

typedef struct test_case {
    gb_plan plan;
    gb_run_log log;
    gb_reduced reduced;
} test_case;

/** @p reps valid repetitions: 100 units of work and 200 J in 2 s, window 2.01
 * s; 3 % calibration and 0.1 J of phase. */
void case_open(test_case *one, size_t node_count, size_t reps);
void case_close(test_case *one);

/** Repetition @p i: its time, work and energy. */
void case_set(test_case *one, size_t i, double time_s, double work,
              double energy_j);
/** Equal shares of the valid repetitions to all nodes, as case_set() does. */
void case_share(test_case *one);
/** So many launches, the first of which did all repetitions. */
void case_launches(test_case *one, size_t count);
void case_launch_idle(test_case *one, size_t launch, bool after,
                      double power_w);
void case_idle(test_case *one, bool after, double power_w);

gb_energy_figure case_figure(double energy_j, double window_s);

/** gb_analyse(), which must succeed. */
gb_result case_analyse(const test_case *one);

/** The warning with this code; null if there is none. */
const gb_warning *case_warning(const gb_result *result, const char *code);

void expect_near(const char *label, double expected, double got,
                 double tolerance);

#endif /* TESTS_ANALYSE_CASE_H */
