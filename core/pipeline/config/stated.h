/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_STATED_H
#define GB_PIPELINE_CONFIG_STATED_H

/**
 * @file pipeline/config/stated.h
 * What a submitter states beside a run. docs/grading.md has its keys.
 */
#include "base/error.h"
#include "model/stated.h"

/**
 * Mistakes are refused with "name:line:column: <expected, got>".
 *
 * @param name  for messages, and in what is made of it
 * @retval GB_ERR_INVALID      @p out is untouched
 * @retval GB_ERR_UNSUPPORTED  libcrypto cannot be loaded
 */
gb_status gb_stated_parse(const char *name, const char *text, size_t length,
                          gb_stated *out, gb_error *err);

#endif /* GB_PIPELINE_CONFIG_STATED_H */
