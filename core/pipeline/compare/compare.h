/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_COMPARE_H
#define GB_PIPELINE_COMPARE_H

/**
 * @file pipeline/compare/compare.h
 * Stored runs against one of them. Pure: their figures in, ratios and verdicts
 * out. docs/compare.md has the equations and the rules.
 */
#include "base/error.h"
#include "model/comparison.h"
#include "model/plan.h"
#include "model/result.h"

/** One run, as it was read back, reduced and analysed. All borrowed; path and
 *  session must outlive the comparison. */
typedef struct gb_compare_input {
    const char *path;
    const gb_plan *plan;
    const gb_reduced *reduced;
    const gb_result *result;
} gb_compare_input;

typedef struct gb_compare_options {
    double alpha;     /* 0 < alpha < 1: level of the whole family */
    double margin;    /* >= 0: differences below it are none; 0.02 is 2 % */
    uint32_t metrics; /* GB_COMPARE_BIT(..); those that are not all decide */
    bool interleaved; /* BASE, NEW, BASE, NEW, .. in the order they ran */
} gb_compare_options;

/**
 * Compare runs[1], runs[2], .. with runs[0], or, of interleaved runs, the
 * second of each two with the first.
 *
 * @param count  >= 2; interleaved: even, >= 4
 * @retval GB_ERR_INVALID    interleaved runs that did not run in their order
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_compare(const gb_compare_input *runs, size_t count,
                     const gb_compare_options *options, gb_comparison *out,
                     gb_error *err);

#endif /* GB_PIPELINE_COMPARE_H */
