/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_OUTCOME_H
#define GB_MODEL_OUTCOME_H

/**
 * @file model/outcome.h
 * A run whole: what it recorded and what that means.
 */
#include "model/plan.h"
#include "model/record.h"
#include "model/result.h"

typedef struct gb_outcome {
    gb_plan plan;
    gb_run_log log;
    gb_reduced reduced;
    gb_result result; /* borrows from plan and log */
} gb_outcome;

/** Let go of what a comparison of whole runs does not take: readings, and the
 *  figures of single nodes and domains, of which thousands of nodes have most.
 */
void gb_outcome_keep_wholes(gb_outcome *outcome);
void gb_outcome_fini(gb_outcome *outcome);

#endif /* GB_MODEL_OUTCOME_H */
