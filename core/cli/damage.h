/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_DAMAGE_H
#define GB_CLI_DAMAGE_H

/**
 * @file cli/damage.h
 * Whether a stored run still is what its manifest says.
 */
#include <stddef.h>

#include "base/error.h"

/**
 * The first thing for which a run's files are not those that were written: its
 * numbers decide nothing then. What is derived from the records is of no
 * interest, for it is derived again.
 *
 * @param[out] damage_out  "records.jsonl, files.sha256"; "": none
 * @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_NO_MEMORY
 */
gb_status gb_damage_find(const char *run_dir, char *damage_out, size_t size,
                         gb_error *err);

#endif /* GB_CLI_DAMAGE_H */
