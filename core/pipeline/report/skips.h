/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_SKIPS_H
#define GB_PIPELINE_REPORT_SKIPS_H

/**
 * @file pipeline/report/skips.h
 * What was left out of a plan, by reason: twenty benchmarks that need another
 * rank are told once.
 */
#include "base/phrase.h"
#include "base/text.h"
#include "model/plan.h"

/** Skips with the same reason and the same hint. */
typedef struct gb_skip_group {
    const char *what;          /* without the name of the benchmark; borrowed */
    const char *hint;          /* "" if none; borrowed */
    const gb_plan_skip *first; /* borrowed */
    /* "network.halo, network.ring and 4 more" */
    gb_str names[GB_LANGUAGES];
    size_t count;
} gb_skip_group;

typedef struct gb_skip_groups {
    gb_skip_group *list; /* [count], in the order of their first */
    size_t count;
    bool failed; /* out of memory */
} gb_skip_groups;

/** Enough names for a line of the terminal; plan.json has all. */
#define GB_SKIPS_NAMED 3

/** @param most  names told of each group; the others are counted */
gb_skip_groups gb_group_skips(const gb_plan *plan, size_t most);
void gb_skip_groups_fini(gb_skip_groups *groups);

#endif /* GB_PIPELINE_REPORT_SKIPS_H */
