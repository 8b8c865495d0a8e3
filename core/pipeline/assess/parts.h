/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ASSESS_PARTS_H
#define GB_PIPELINE_ASSESS_PARTS_H

/**
 * @file pipeline/assess/parts.h
 * Private to pipeline/assess.
 */
#include "pipeline/assess/assess.h"

/** A claim under way. */
typedef struct gb_assess_work {
    const gb_claims *claims;
    const gb_claim *claim;
    const gb_assess_run *runs;
    gb_claim_sides sides;
    size_t *cases;                   /* [sides.subject_count] */
    size_t base_case;                /* of the first baseline */
    const gb_comparison *comparison; /* nullable */
    gb_claim_result *result;
} gb_assess_work;

/** End with @p reason; its detail is made by the format. @return false */
bool gb_assess_stop(gb_assess_work *work, gb_claim_reason reason,
                    const char *fmt, ...) GB_PRINTF_LIKE(3, 4);

/** @retval false  it stopped */

/* --- sides.c: which runs and cases, and whether they may be used ---------- */

bool gb_assess_sides(gb_assess_work *work);

/* --- figures.c: value and uncertainty ------------------------------------- */

/** True if energy is part of the metric. */
bool gb_claim_needs_energy(gb_claim_metric metric);

bool gb_assess_run_figure(gb_assess_work *work);
bool gb_assess_ratio(gb_assess_work *work);

/** Add a term of an estimate; u is not combined. */
void gb_estimate_add(gb_estimate *estimate, const char *name, char type,
                     double u, const char *fmt, ...) GB_PRINTF_LIKE(5, 6);

/* --- limit.c -------------------------------------------------------------- */

/**
 * What a number in @p written has to be multiplied with to be one in @p unit.
 *
 * @param unit  "flop/J", "W", "1"
 * @return false: they are not of one kind
 */
bool gb_limit_scale(const char *written, const char *unit, double *scale_out);

/* --- decide.c ------------------------------------------------------------- */

/** k of a rule for @p dof degrees of freedom. */
double gb_claim_coverage(const gb_claim_rule *rule, double dof);

/** Verdict of the claim's own, from estimate, limit and rule in @p result. */
void gb_claim_decide(gb_claim_result *result);

/** Verdicts of all claims as one family. @retval GB_ERR_NO_MEMORY */
gb_status gb_claim_decide_jointly(gb_assessment *assessment, gb_error *err);

#endif /* GB_PIPELINE_ASSESS_PARTS_H */
