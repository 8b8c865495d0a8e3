/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_GRADE_RUN_H
#define GB_CLI_GRADE_RUN_H

/**
 * @file cli/grade_run.h
 * A stored run -> its grading: what `grade` and `report --green500` share.
 */
#include "base/error.h"
#include "cli/args.h"
#include "model/grading.h"
#include "model/outcome.h"

/** What is graded unless another is named: the Green500's own benchmark. */
#define GB_GRADED_BENCHMARK "compute.hpl"

/** Row of a command's table of flags. */
#define GB_FLAG_METHODOLOGY                                                    \
    { "methodology", 0, "V", "EE HPC WG 1.2, 2.0 (default) or 3.0-draft" }

/** @retval GB_ERR_INVALID  --methodology names none */
gb_status gb_methodology_read(const gb_args *args, gb_methodology *out,
                              gb_error *err);

/** Row of a command's table of flags. */
#define GB_FLAG_STATED                                                         \
    { "stated", 0, "FILE", "what the run cannot tell (docs/grading.md)" }

/**
 * The file that --stated names.
 * @param[out] out  null: none was named
 * @param room      where it is kept
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_INVALID
 */
gb_status gb_stated_read(const gb_args *args, gb_stated *room,
                         const gb_stated **out, gb_error *err);

/** @param stated     nullable
 *  @param[out] out  borrows @p outcome and @p stated
 *  @retval GB_ERR_NOT_FOUND  no valid repetition of @p id */
gb_status gb_grade_outcome(const gb_outcome *outcome, const char *id,
                           gb_methodology methodology, const gb_stated *stated,
                           gb_grading *out, gb_error *err);

#endif /* GB_CLI_GRADE_RUN_H */
