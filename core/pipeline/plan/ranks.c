/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/plan/parts.h"

static uint64_t at_least_one(uint32_t value) {
    return value > 0 ? value : 1;
}

bool gb_plan_ranks_fit(const gb_catalogue_entry *entry, uint32_t ranks) {
    return ranks >= at_least_one(entry->ranks_min) &&
           ranks % at_least_one(entry->ranks_multiple) == 0;
}

void gb_plan_explain_ranks(const gb_catalogue_entry *entry, uint32_t ranks,
                           gb_plan_skip *skip, char *what, size_t what_size,
                           char *hint, size_t hint_size) {
    skip->ranks_least = (uint32_t)at_least_one(entry->ranks_min);
    skip->ranks_multiple = (uint32_t)at_least_one(entry->ranks_multiple);
    gb_plan_say_ranks(skip->ranks_least, skip->ranks_multiple, ranks,
                      GB_LANGUAGE_EN, what, what_size, hint, hint_size);
}
