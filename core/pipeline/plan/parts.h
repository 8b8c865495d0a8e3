/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_PLAN_PARTS_H
#define GB_PIPELINE_PLAN_PARTS_H

/**
 * @file pipeline/plan/parts.h
 * Shared by the files of this folder: a plan under construction.
 */
#include "pipeline/plan/plan.h"

#define GB_PLAN_CASES_MAX 10000

/** A wish met by a benchmark that exists. */
typedef struct gb_plan_pick {
    const gb_config_bench *bench;
    const gb_catalogue_entry *entry;
} gb_plan_pick;

typedef struct gb_plan_draft {
    const gb_config *config;
    const gb_catalogue *catalogue;
    uint32_t ranks;
    gb_plan_pick *picks; /* [pick_count], in the order they will run */
    size_t pick_count;
    gb_plan plan;
    gb_error *err;
} gb_plan_draft;

/* pick.c */

/** Does it stand for any number of ids? What such a pattern brings along is
 *  left out where it does not fit. */
bool gb_plan_is_glob(const char *pattern);

/** Resolve ids and globs, and leave out what does not fit the ranks. */
gb_status gb_plan_pick_all(gb_plan_draft *draft);

/** "<id> is skipped: <what>"; nothing if that id is among the skips. */
gb_status gb_plan_add_skip(gb_plan *plan, const char *id, const char *what,
                           const char *hint, gb_error *err);

/** Is every --param somebody's? */
gb_status gb_plan_check_overrides(const gb_plan_draft *draft);

/** Does @p param, an "ID.NAME" of --param, mean @p name of @p id? @p name null:
 *  any parameter. */
bool gb_plan_override_matches(const gb_config_param *param, const char *id,
                              const char *name);

/* ranks.c */

bool gb_plan_ranks_fit(const gb_catalogue_entry *entry, uint32_t ranks);
/** "expected a number of ranks that is a multiple of 2, got 3" and
 *  "start with mpirun -n 2 or -n 4".
 *  @param[out] skip  the numbers of ranks that fit */
void gb_plan_explain_ranks(const gb_catalogue_entry *entry, uint32_t ranks,
                           gb_plan_skip *skip, char *what, size_t what_size,
                           char *hint, size_t hint_size);

/* expand.c */

/** Append the cases of one pick: every combination of its values, the last
 *  parameter changing fastest. */
gb_status gb_plan_expand(gb_plan_draft *draft, const gb_plan_pick *pick);

#endif /* GB_PIPELINE_PLAN_PARTS_H */
