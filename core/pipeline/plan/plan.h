/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_PLAN_H
#define GB_PIPELINE_PLAN_H

/**
 * @file pipeline/plan/plan.h
 * gb_config + the benchmarks that exist + how many ranks -> gb_plan. Pure.
 */
#include "base/error.h"
#include "model/catalogue.h"
#include "model/config.h"
#include "model/plan.h"

/**
 * @retval GB_ERR_NOT_FOUND  no such benchmark or parameter, with a suggestion
 * @retval GB_ERR_RANGE      a value outside what the parameter accepts
 * @retval GB_ERR_INVALID    ranks do not fit a benchmark asked for by name, or
 *                           nothing is left to run
 * Messages begin with the origin ("suite.yaml:22:1: ...").
 */
gb_status gb_plan_build(const gb_config *config, const gb_catalogue *catalogue,
                        uint32_t ranks, gb_plan *plan_out, gb_error *err);

/**
 * Case @p index cannot run here: it leaves the cases, those after it move up,
 * and it becomes a skip, named by its label.
 * @retval GB_ERR_NO_MEMORY  the plan is unchanged
 */
gb_status gb_plan_drop_case(gb_plan *plan, size_t index, const char *reason,
                            const char *hint, gb_error *err);

/** "memory.triad array_bytes=64MiB": id and the parameters that are not
 *  defaults. @return @p out */
const char *gb_plan_case_label(const gb_plan_case *planned, char *out,
                               size_t size);

#endif /* GB_PIPELINE_PLAN_H */
