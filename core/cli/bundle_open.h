/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_BUNDLE_OPEN_H
#define GB_CLI_BUNDLE_OPEN_H

/**
 * @file cli/bundle_open.h
 * A bundle from anybody -> its files in a scratch folder, for as long as they
 * are looked at.
 */
#include <stdbool.h>

#include "cli/decide.h"
#include "model/bundle.h"
#include "model/validation.h"

typedef struct gb_open_bundle {
    const char *folder; /* its root */
    gb_bundle bundle;
    gb_claim_sources sources; /* what its verdicts are made from */
    const char **runs;        /* [bundle.run_count]: sources.runs */
    char **paths;             /* [path_count]: of the sources */
    size_t path_count;
} gb_open_bundle;

/**
 * @param found        gets what is not as it must be
 * @param[out] whole_out  nothing was found, and `sources` can be decided
 * @param[out] out     gb_bundle_close() it, after a failure as well
 * @retval GB_ERR_UNSUPPORTED, GB_ERR_NOT_FOUND, GB_ERR_IO
 */
gb_status gb_bundle_open(const char *path, gb_validation *found,
                         bool *whole_out, gb_open_bundle *out, gb_error *err);
void gb_bundle_close(gb_open_bundle *bundle);

#endif /* GB_CLI_BUNDLE_OPEN_H */
