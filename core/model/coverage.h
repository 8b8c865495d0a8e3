/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_COVERAGE_H
#define GB_MODEL_COVERAGE_H

/**
 * @file model/coverage.h
 * What the meters of all nodes of a run cover, in words: the same for every
 * benchmark of the run, so it is put together once for each document.
 */
#include "base/text.h"
#include "model/record.h"

typedef struct gb_coverage {
    /* Each distinct text once, "; " between them; null: none. */
    gb_str sources, holds, leaves_out, missing;
    size_t domains_read, domains; /* over all nodes */
    bool failed;                  /* out of memory */
} gb_coverage;

void gb_coverage_collect(const gb_session *session, gb_coverage *out);
void gb_coverage_fini(gb_coverage *coverage);

#endif /* GB_MODEL_COVERAGE_H */
