/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_CLAIMS_FILE_H
#define GB_CLI_CLAIMS_FILE_H

/**
 * @file cli/claims_file.h
 * A file of claims, as `run` fixes it and `claim` decides it.
 */
#include "base/error.h"
#include "model/claim.h"

/** Read @p path once: what is parsed is what is hashed.
 *  @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_INVALID */
gb_status gb_claims_file_read(const char *path, gb_claims *out, gb_error *err);

#endif /* GB_CLI_CLAIMS_FILE_H */
