/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_ASSESS_SCORED_H
#define GB_TESTS_ASSESS_SCORED_H

/**
 * @file scored.h
 * Runs that have scores, and what the scores left out.
 */
#include "claimed_pair.h"
#include "pipeline/assess/score.h"

/** What a package's meter may be off by, in support/compared_run.c. */
#define SCORED_CALIBRATION 0.03

/** Cases without noise, of 100 byte/s at 50 W. */
void scored_make(compared_run *run, const char *id, size_t cases);
void scored_rename(compared_run *run, size_t at, const char *id);
/** The scores that take no reference. @param out  fini it */
void scored_alone(const compared_run *run, gb_scores *out);
/** Why a benchmark was left out; "" if it was not. */
const char *scored_reason(const gb_left_outs *outs, const char *bench);

#endif /* GB_TESTS_ASSESS_SCORED_H */
