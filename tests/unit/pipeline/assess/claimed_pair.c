/* SPDX-License-Identifier: Apache-2.0 */
#include "claimed_pair.h"

#include "base/text.h"
#include "support/gb_test.h"

enum { REPETITIONS = 10 };

gb_assess_run claimed_run(const compared_run *run) {
    return (gb_assess_run){.name = run->session.run_id,
                           .plan = &run->plan,
                           .reduced = &run->reduced,
                           .result = &run->result,
                           .damage = ""};
}

static void make(compared_run *run, const char *name, double rate,
                 double power_w, uint64_t *seed) {
    compared_run_make(run, name, 1, REPETITIONS);
    compared_run_fill(run, 0, &(compared_values){rate, power_w, 0.003}, seed);
    compared_run_sum(run);
    claimed_before(&run->plan);
    run->plan.cases[0].repeats = REPETITIONS;
    run->result.benches[0].energy.quality = GB_QUALITY_MEASURED;
    gb_copy(run->node.name, sizeof(run->node.name), "n0");
    gb_copy(run->node.cover.holds, sizeof(run->node.cover.holds), "1 package");
}

void claimed_pair_make(gb_claim_metric metric, gb_claim_relation relation,
                       double limit, claimed_pair *pair) {
    static char benchmark[] = "memory.b0", next[] = "next";
    uint64_t seed = 1;

    *pair = (claimed_pair){0};
    make(&pair->base, "base", 100.0, 10.0, &seed);
    make(&pair->next, next, 110.0, 8.0, &seed);
    pair->runs[0] = claimed_run(&pair->base);
    pair->runs[1] = claimed_run(&pair->next);
    claimed_make(metric, relation, limit, &pair->claim, &pair->claims);
    pair->claim.benchmark = benchmark;
    pair->claim.run = next;
}

static void forget(claimed_pair *pair) {
    gb_assessment_fini(&pair->out);
    gb_comparison_fini(&pair->comparison);
}

void claimed_pair_free(claimed_pair *pair) {
    forget(pair);
    compared_run_free(&pair->base);
    compared_run_free(&pair->next);
}

const gb_claim_result *claimed_pair_assess(claimed_pair *pair) {
    const gb_comparison *given = NULL;
    gb_error err = {0};

    forget(pair);
    if (pair->claim.form != GB_CLAIM_VALUE) {
        const gb_compare_input inputs[] = {pair->base.input, pair->next.input};
        const gb_compare_options options = {
            .alpha = 0.05,
            .metrics = GB_COMPARE_BIT(gb_claim_compared(pair->claim.metric))};
        GB_EXPECT_STATUS(
            GB_OK, gb_compare(inputs, 2, &options, &pair->comparison, &err),
            "compare", err);
        given = &pair->comparison;
    }
    return claimed_assess(&pair->claims, pair->runs, 2, given, &pair->site,
                          &pair->out);
}
