/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_REHEARSE_H
#define GB_CLI_REHEARSE_H

/**
 * @file cli/rehearse.h
 * Before anything is measured, each case of the plan is made and let go again
 * on all ranks: what a benchmark refuses, it refuses here.
 */
#include "pipeline/plan/plan.h"
#include "pipeline/run/run.h"

/**
 * Cases that were optional and are refused become skips of the plan.
 * Collective; the plan stays the same on every rank.
 *
 * @retval GB_ERR_INVALID  a case is refused that somebody asked for, or none is
 *                         left; err->what begins with the case
 */
gb_status gb_rehearse(const gb_run_env *env, gb_plan *plan, gb_stage *stage,
                      gb_error *err);

#endif /* GB_CLI_REHEARSE_H */
