/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_CARBON_FILES_H
#define GB_CLI_CARBON_FILES_H

/**
 * @file cli/carbon_files.h
 * The tables of emission factors beside the program, and a carbon file.
 */
#include "base/error.h"
#include "model/footprint.h"

/** Where they lie. @param[out] out  [GB_PROGRAM_SHARE_SIZE] */
gb_status gb_carbon_files_folder(char *out, gb_error *err);

/** @param folder  of the tables; null: those beside the program
 *  @retval GB_ERR_NOT_FOUND  they are not installed */
gb_status gb_carbon_files_factors(const char *folder, gb_factors *out,
                                  gb_error *err);

/** A carbon file, with what it names.
 *  @param folder  as above
 *  @retval as gb_carbon_load() */
gb_status gb_carbon_files_read(const char *path, const char *folder,
                               gb_carbon_setting *out, gb_error *err);

#endif /* GB_CLI_CARBON_FILES_H */
