/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_FACILITY_H
#define GB_PIPELINE_CONFIG_FACILITY_H

/**
 * @file pipeline/config/facility.h
 * A facility file (docs/facility.md) and the meter files that it names -> what
 * the meters of a data centre say.
 */
#include "base/error.h"
#include "model/facility.h"

/**
 * @param path  meter files lie relative to it
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO
 * @retval GB_ERR_INVALID  err->what begins with the file and its line
 */
gb_status gb_facility_load(const char *path, gb_facility *out, gb_error *err);

/** The same of a text, whose meters have totals and no files. */
gb_status gb_facility_parse(const char *name, const char *text, size_t length,
                            gb_facility *out, gb_error *err);

#endif /* GB_PIPELINE_CONFIG_FACILITY_H */
