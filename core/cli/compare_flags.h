/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_COMPARE_FLAGS_H
#define GB_CLI_COMPARE_FLAGS_H

/**
 * @file cli/compare_flags.h
 * --metric and --margin, as `compare` and `history gate` take them.
 */
#include "cli/args.h"
#include "pipeline/compare/compare.h"

/** @retval GB_ERR_INVALID  expected and got */
gb_status gb_compare_flags_read(const gb_args *args, gb_compare_options *out,
                                gb_error *err);

#endif /* GB_CLI_COMPARE_FLAGS_H */
