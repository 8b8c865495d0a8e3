/* SPDX-License-Identifier: Apache-2.0 */
/* Which runs a claim is about. */
#include <stdlib.h>

#include "base/text.h"
#include "pipeline/assess/parts.h"

bool gb_assess_run_fits(const char *pattern, const gb_assess_run *run) {
    return gb_glob_match(pattern, run->result->session->run_id) ||
           gb_glob_match(pattern, run->name);
}

static bool is_baseline(const gb_claims *claims, const gb_assess_run *run) {
    for (size_t i = 0; i < claims->count; i++)
        if (claims->claims[i].baseline != NULL &&
            gb_assess_run_fits(claims->claims[i].baseline, run))
            return true;
    return false;
}

gb_status gb_claim_pick(const gb_claims *claims, const gb_claim *claim,
                        const gb_assess_run *runs, size_t count,
                        gb_claim_sides *out, gb_error *err) {
    *out = (gb_claim_sides){
        .subjects = calloc(count + 1, sizeof(*out->subjects)),
        .baselines = calloc(count + 1, sizeof(*out->baselines))};
    if (out->subjects == NULL || out->baselines == NULL) {
        gb_claim_sides_fini(out);
        return gb_fail_memory(err, "the runs of a claim");
    }
    for (size_t i = 0; i < count; i++) {
        const bool base = claim->baseline != NULL &&
                          gb_assess_run_fits(claim->baseline, &runs[i]);
        if (base)
            out->baselines[out->baseline_count++] = i;
        else if (claim->run != NULL ? gb_assess_run_fits(claim->run, &runs[i])
                                    : !is_baseline(claims, &runs[i]))
            out->subjects[out->subject_count++] = i;
    }
    return GB_OK;
}

void gb_claim_sides_fini(gb_claim_sides *sides) {
    free(sides->subjects);
    free(sides->baselines);
    *sides = (gb_claim_sides){0};
}
