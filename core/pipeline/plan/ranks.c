/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "pipeline/plan/parts.h"

static uint64_t at_least_one(uint32_t value) {
    return value > 0 ? value : 1;
}

bool gb_plan_ranks_fit(const gb_catalogue_entry *entry, uint32_t ranks) {
    return ranks >= at_least_one(entry->ranks_min) &&
           ranks % at_least_one(entry->ranks_multiple) == 0;
}

void gb_plan_explain_ranks(const gb_catalogue_entry *entry, uint32_t ranks,
                           char *what, size_t what_size, char *hint,
                           size_t hint_size) {
    const uint64_t least = at_least_one(entry->ranks_min);
    const uint64_t multiple = at_least_one(entry->ranks_multiple);
    const uint64_t below = ranks / multiple * multiple;
    const uint64_t from = ranks + 1 > least ? ranks + 1 : least;
    const uint64_t above = (from + multiple - 1) / multiple * multiple;
    char also[48] = "";

    if (least > multiple)
        snprintf(also, sizeof(also), " and at least %llu",
                 (unsigned long long)least);
    if (multiple > 1)
        snprintf(what, what_size,
                 "expected a number of ranks that is a multiple of %llu%s, "
                 "got %u",
                 (unsigned long long)multiple, also, ranks);
    else
        snprintf(what, what_size, "expected at least %llu ranks, got %u",
                 (unsigned long long)least, ranks);
    if (below >= least && below > 0)
        snprintf(hint, hint_size, "start with mpirun -n %llu or -n %llu",
                 (unsigned long long)below, (unsigned long long)above);
    else
        snprintf(hint, hint_size, "start with mpirun -n %llu",
                 (unsigned long long)above);
}
