/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_SUPPORT_COMPARED_RUN_H
#define GB_TESTS_SUPPORT_COMPARED_RUN_H

/**
 * @file support/compared_run.h
 * A run in memory, as a comparison takes it: one node whose package is metered,
 * and cases of one second a repetition. Nothing in it was measured.
 */
#include "pipeline/compare/compare.h"

/** What its values are made from. */
typedef struct compared_values {
    double rate;    /* work per second */
    double power_w; /* NAN: no energy */
    double noise;   /* standard deviation of the logarithms of both */
} compared_values;

typedef struct compared_run {
    gb_compare_input input;
    gb_plan plan;
    gb_reduced reduced;
    gb_result result;
    gb_session session;
    gb_node node;
    gb_energy_domain domain;
} compared_run;

/** Cases "memory.b0", "memory.b1", ..; aborts without memory. */
void compared_run_make(compared_run *run, const char *run_id, size_t cases,
                       size_t reps);
/** Fill in a case. @param seed  of the noise; advanced */
void compared_run_fill(compared_run *run, size_t at,
                       const compared_values *values, uint64_t *seed);
/** Sum the repetitions of all cases, however they were changed. */
void compared_run_sum(compared_run *run);
void compared_run_free(compared_run *run);

/** Normally distributed, mean 0, standard deviation 1. */
double compared_noise(uint64_t *seed);

#endif /* GB_TESTS_SUPPORT_COMPARED_RUN_H */
