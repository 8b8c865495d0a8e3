/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_WISHES_H
#define GB_CLI_WISHES_H

/**
 * @file cli/wishes.h
 * What the command line of `greenbench run` asks for. Rank 0 makes the plan.
 */
#include "cli/args.h"
#include "cli/resume.h"
#include "model/catalogue.h"
#include "model/config.h"

/** A run that is there already is to be finished. */
bool gb_wishes_resume(const gb_args *args);

/** It is told what to run and how, and not only that a run is to be finished.
 *  The environment alone does not count. */
bool gb_wishes_given(const gb_args *args);

/**
 * The plan: that of the command line, or of the run that is resumed if nothing
 * else is said; with the plugins as they are now.
 *
 * @param[out] config  left empty if the plan is that of a run
 * @retval             as gb_config_build(), gb_plan_build()
 */
gb_status gb_wishes_plan(const gb_args *args, const gb_catalogue *catalogue,
                         uint32_t ranks, const gb_resume *resume,
                         gb_config *config, gb_plan *plan, gb_error *err);

/** The command line that resumes @p run_dir as @p args was launched: what was
 *  wished for is in its plan.
 *  @param[out] resumed  free() its options; the rest is borrowed */
gb_status gb_wishes_to_resume(const gb_args *args, const char *run_dir,
                              gb_args *resumed, gb_error *err);

#endif /* GB_CLI_WISHES_H */
