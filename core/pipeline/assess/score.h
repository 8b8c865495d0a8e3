/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ASSESS_SCORE_H
#define GB_PIPELINE_ASSESS_SCORE_H

/**
 * @file pipeline/assess/score.h
 * A run, and the reference that it is to be set against -> figures over its
 * benchmarks. Pure. docs/scores.md has the formulas and their sources.
 */
#include "model/scores.h"
#include "pipeline/assess/assess.h"

/** What an index is taken against. All borrowed. */
typedef struct gb_score_reference {
    const gb_assess_run *run;
    const gb_comparison *comparison; /* of both, this one being BASE: at least
                                        efficiency, time, energy and power */
    const char *records_sha256;
} gb_score_reference;

/**
 * @param reference  nullable: there is no index then
 * @param[out] out   borrows @p run and @p reference
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_score_run(const gb_assess_run *run,
                       const gb_score_reference *reference,
                       gb_weighting weighting, gb_scores *out, gb_error *err);

/** Metrics that the comparison has to have. */
#define GB_SCORE_COMPARED                                                      \
    (GB_COMPARE_BIT(GB_COMPARE_EFFICIENCY) | GB_COMPARE_BIT(GB_COMPARE_TIME) | \
     GB_COMPARE_BIT(GB_COMPARE_ENERGY) | GB_COMPARE_BIT(GB_COMPARE_POWER))

/** Values of both indices from components whose weights are set: sums over
 *  their ratios, with what one meter is off by added up linearly.
 *  @param components  [count], count > 0 */
void gb_index_of(const gb_index_component *components, size_t count,
                 gb_score *arithmetic, gb_score *geometric);

/** Set the weights. @param components  [count] */
void gb_index_weigh(gb_weighting weighting, gb_index_component *components,
                    size_t count);

#endif /* GB_PIPELINE_ASSESS_SCORE_H */
