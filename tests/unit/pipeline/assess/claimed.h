/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_ASSESS_CLAIMED_H
#define GB_TESTS_ASSESS_CLAIMED_H

/**
 * @file claimed.h
 * One claim of measured quality, and what it is decided to be.
 */
#include "pipeline/assess/assess.h"

/** A claim about a value, decided at k = 2, that is a file's only one. */
void claimed_make(gb_claim_metric metric, gb_claim_relation relation,
                  double limit, gb_claim *claim, gb_claims *claims);
/** Note in a run's plan that the claims were fixed before it. */
void claimed_before(gb_plan *plan);

/**
 * Assess the claim; fails the test if that cannot be done.
 * @param comparison  of the runs, NULL: none
 * @param out         made anew; fini it
 * @return            the one result in @p out
 */
const gb_claim_result *claimed_assess(const gb_claims *claims,
                                      const gb_assess_run *runs, size_t count,
                                      const gb_comparison *comparison,
                                      const gb_assess_site *site,
                                      gb_assessment *out);
/** Fails the test if the result has another verdict or reason. */
void claimed_expect(const gb_claim_result *found, gb_claim_verdict verdict,
                    gb_claim_reason reason);

#endif /* GB_TESTS_ASSESS_CLAIMED_H */
