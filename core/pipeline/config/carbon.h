/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_CARBON_H
#define GB_PIPELINE_CONFIG_CARBON_H

/**
 * @file pipeline/config/carbon.h
 * A carbon file (YAML) -> what electricity and hardware are charged with.
 * docs/carbon.md has the keys.
 */
#include "base/error.h"
#include "model/footprint.h"
#include "pipeline/config/factors.h"

/**
 * @param factors  the tables of the program; the file's own are added
 * @retval GB_ERR_INVALID    err->what is "file:line:column: ..."
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_NO_MEMORY
 */
gb_status gb_carbon_load(const char *path, gb_factors *factors,
                         gb_carbon_setting *out, gb_error *err);

/** The same of a text, which can name no other files. */
gb_status gb_carbon_parse(const char *name, const char *text, size_t length,
                          gb_factors *factors, gb_carbon_setting *out,
                          gb_error *err);

#endif /* GB_PIPELINE_CONFIG_CARBON_H */
