/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_REHEARSE_H
#define GB_CLI_REHEARSE_H

/**
 * @file cli/rehearse.h
 * Before anything is measured, each case of the plan is made and let go again
 * on all ranks: what a benchmark refuses, it refuses here.
 */
#include "cli/args.h"
#include "cli/isolate.h"
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

/**
 * In a child of the process that is to be rank 0: load all plugins, and try
 * each case of the plan that does not communicate, alone, from create() to
 * verify(), with 1 GiB of memory. What a benchmark refuses is not looked at:
 * only that the process outlives it.
 */
_Noreturn void gb_rehearse_alone(const gb_args *args, gb_isolation *isolation);

#endif /* GB_CLI_REHEARSE_H */
