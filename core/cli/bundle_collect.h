/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_BUNDLE_COLLECT_H
#define GB_CLI_BUNDLE_COLLECT_H

/**
 * @file cli/bundle_collect.h
 * Files that verdicts rest on -> where they go in a bundle. What a file says of
 * another holds there as well: nothing in them is rewritten.
 */
#include "cli/decide.h"
#include "model/bundle.h"

/**
 * @param decision    of @p sources
 * @param[out] out    gb_bundle_fini() it, after a failure as well
 * @retval GB_ERR_INVALID  an input names a file by an absolute path; a run has
 *                         something else than files
 */
gb_status gb_bundle_collect(const gb_claim_sources *sources,
                            const gb_decision *decision, gb_bundle *out,
                            gb_error *err);

#endif /* GB_CLI_BUNDLE_COLLECT_H */
