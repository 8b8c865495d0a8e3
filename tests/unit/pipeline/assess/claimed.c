/* SPDX-License-Identifier: Apache-2.0 */
#include "claimed.h"

#include "base/text.h"
#include "support/gb_test.h"

#define SHA "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"

void claimed_make(gb_claim_metric metric, gb_claim_relation relation,
                  double limit, gb_claim *claim, gb_claims *claims) {
    static char id[] = "c", text[] = "it is so";

    *claim = (gb_claim){.id = id,
                        .text = text,
                        .metric = metric,
                        .relation = relation,
                        .limit = limit,
                        .margin = NAN,
                        .rule = {true, NAN, 2.0, 1.0},
                        .evidence = GB_QUALITY_MEASURED};
    *claims =
        (gb_claims){.sha256 = SHA, .joint = true, .claims = claim, .count = 1};
}

void claimed_before(gb_plan *plan) {
    gb_copy(plan->claims_sha256, sizeof(plan->claims_sha256), SHA);
}

const gb_claim_result *claimed_assess(const gb_claims *claims,
                                      const gb_assess_run *runs, size_t count,
                                      const gb_comparison *comparison,
                                      const gb_assess_site *site,
                                      gb_assessment *out) {
    gb_error err = {0};

    gb_assessment_fini(out);
    GB_EXPECT_STATUS(
        GB_OK, gb_assess(claims, runs, count, &comparison, site, out, &err),
        "assess", err);
    return &out->results[0];
}

void claimed_expect(const gb_claim_result *found, gb_claim_verdict verdict,
                    gb_claim_reason reason) {
    if (found->verdict != verdict || found->reason != reason)
        fail_msg("expected %s %s, got %s %s: %s",
                 gb_claim_verdict_name(verdict), gb_claim_reason_code(reason),
                 gb_claim_verdict_name(found->verdict),
                 gb_claim_reason_code(found->reason), found->detail);
}
