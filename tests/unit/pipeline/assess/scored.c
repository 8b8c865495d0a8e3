/* SPDX-License-Identifier: Apache-2.0 */
#include "scored.h"

#include <stdlib.h>

#include "support/gb_test.h"

void scored_make(compared_run *run, const char *id, size_t cases) {
    compared_run_make(run, id, cases, 8);
    for (size_t c = 0; c < cases; c++)
        compared_run_fill(run, c,
                          &(compared_values){.rate = 100.0, .power_w = 50.0},
                          &(uint64_t){1});
    compared_run_sum(run);
}

void scored_rename(compared_run *run, size_t at, const char *id) {
    free(run->plan.cases[at].id);
    run->plan.cases[at].id = strdup(id);
}

void scored_alone(const compared_run *run, gb_scores *out) {
    const gb_assess_run one = claimed_run(run);
    gb_error err = {.rank = -1};

    GB_EXPECT_STATUS(GB_OK,
                     gb_score_run(&one, NULL, GB_WEIGHTING_EQUAL, out, &err),
                     "score", err);
}

const char *scored_reason(const gb_left_outs *outs, const char *bench) {
    for (size_t i = 0; i < outs->count; i++)
        if (strcmp(outs->list[i].bench, bench) == 0)
            return outs->list[i].reason;
    return "";
}
