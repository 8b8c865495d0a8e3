/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TESTS_ASSESS_CLAIMED_PAIR_H
#define GB_TESTS_ASSESS_CLAIMED_PAIR_H

/**
 * @file claimed_pair.h
 * A claim about two runs: "base" of 100 byte/s at 10 W, and "next" of 110
 * byte/s at 8 W, by meters of one kind.
 */
#include "claimed.h"
#include "support/compared_run.h"

typedef struct claimed_pair {
    compared_run base, next;
    gb_assess_run runs[2];
    gb_claims claims;
    gb_claim claim;
    gb_comparison comparison;
    gb_assess_site site;
    gb_assessment out;
} claimed_pair;

/** The claim is about memory.b0 of "next". */
void claimed_pair_make(gb_claim_metric metric, gb_claim_relation relation,
                       double limit, claimed_pair *pair);
void claimed_pair_free(claimed_pair *pair);
/** Compare the runs if the claim takes that, and assess it. */
const gb_claim_result *claimed_pair_assess(claimed_pair *pair);

/** A run as an assessment takes it. */
gb_assess_run claimed_run(const compared_run *run);

#endif /* GB_TESTS_ASSESS_CLAIMED_PAIR_H */
