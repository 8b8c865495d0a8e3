/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_VALIDATE_RUN_H
#define GB_CLI_VALIDATE_RUN_H

/**
 * @file cli/validate_run.h
 * All checks of `validate` but that of the signature: of a run, and of a bundle
 * with the runs in it.
 */
#include <stdbool.h>

#include "base/error.h"
#include "model/validation.h"

/**
 * @param[out] out  gb_validation_fini() it, after a failure as well
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_NO_MEMORY
 */
gb_status gb_validate_run(const char *run_dir, gb_validation *out,
                          gb_error *err);

/** The same of a bundle; who signed it, too, if @p signers is not null. */
gb_status gb_validate_bundle(const char *path, const char *signers,
                             gb_validation *out, gb_error *err);

/** Whether this build wrote what names @p version and @p git. */
bool gb_is_this_tool(const char *version, const char *git);

#endif /* GB_CLI_VALIDATE_RUN_H */
