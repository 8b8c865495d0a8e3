/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_CARBON_FILES_H
#define GB_CLI_CARBON_FILES_H

/**
 * @file cli/carbon_files.h
 * The tables of emission factors beside the program, and a carbon file.
 */
#include "base/error.h"
#include "model/footprint.h"

/** @retval GB_ERR_NOT_FOUND  they are not installed */
gb_status gb_carbon_files_factors(gb_factors *out, gb_error *err);

/** A carbon file, with what it names. @retval as gb_carbon_load() */
gb_status gb_carbon_files_read(const char *path, gb_carbon_setting *out,
                               gb_error *err);

#endif /* GB_CLI_CARBON_FILES_H */
