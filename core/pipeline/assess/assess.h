/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ASSESS_H
#define GB_PIPELINE_ASSESS_H

/**
 * @file pipeline/assess/assess.h
 * Claims and the runs that are to support them -> verdicts. Pure: the same
 * numbers in, the same verdicts out, to the last bit, whatever the day, the
 * place and the machine. docs/claims.md has the rules.
 */
#include "base/error.h"
#include "model/claim.h"
#include "model/comparison.h"
#include "model/facility.h"
#include "model/footprint.h"
#include "model/plan.h"
#include "model/result.h"
#include "model/tariff.h"

/** One run, as it was read back, reduced and analysed. All borrowed. */
typedef struct gb_assess_run {
    const char *name; /* of its directory, without what that lies in */
    const gb_plan *plan;
    const gb_reduced *reduced;
    const gb_result *result;
    const char *damage; /* why its files are not those of its manifest; "" */
} gb_assess_run;

/** Which of the runs a claim is about, by index, in the order given. */
typedef struct gb_claim_sides {
    size_t *subjects;  /* [subject_count] */
    size_t *baselines; /* [baseline_count], of a ratio or saving */
    size_t subject_count, baseline_count;
} gb_claim_sides;

/**
 * A claim is about the runs that its `run` fits, by id or name, or about all
 * that are no claim's baseline.
 *
 * @param runs  [count]
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_claim_pick(const gb_claims *claims, const gb_claim *claim,
                        const gb_assess_run *runs, size_t count,
                        gb_claim_sides *out, gb_error *err);
void gb_claim_sides_fini(gb_claim_sides *sides);

/** What is known of the sites and their prices. All borrowed. */
typedef struct gb_assess_site {
    const gb_facility *facility;          /* nullable */
    const gb_facility *baseline_facility; /* where baselines ran, if it is
                                             another one; nullable */
    const gb_tariff *tariffs;             /* [tariff_count] */
    size_t tariff_count;
    const gb_carbon_setting *carbon; /* nullable */
} gb_assess_site;

/**
 * @param runs         [run_count]
 * @param comparisons  [claims->count]: pipeline/compare's of both sides of a
 *                     ratio or saving, BASE being its baseline; null where
 *                     there is none to be had
 * @param[out] out     borrows @p claims
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_assess(const gb_claims *claims, const gb_assess_run *runs,
                    size_t run_count, const gb_comparison *const *comparisons,
                    const gb_assess_site *site, gb_assessment *out,
                    gb_error *err);

/** Metric of pipeline/compare that a ratio of @p metric is made from. */
gb_compare_metric gb_claim_compared(gb_claim_metric metric);

#endif /* GB_PIPELINE_ASSESS_H */
