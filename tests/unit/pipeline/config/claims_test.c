/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/claims.h"

#include "support/gb_test.h"

#define WHOLE                                                                  \
    "name: warm water\n"                                                       \
    "decision: {rule: guarded, confidence: 95%, guard_factor: 1,"              \
    " family: each}\n"                                                         \
    "claims:\n"                                                                \
    "- id: saving\n"                                                           \
    "  text: saves more than 40 %\n"                                           \
    "  metric: energy\n"                                                       \
    "  as: saving\n"                                                           \
    "  relation: above\n"                                                      \
    "  limit: 40%\n"                                                           \
    "  benchmark: compute.hpl\n"                                               \
    "  params: {n: 4096}\n"                                                    \
    "  baseline: 2026*\n"                                                      \
    "- id: green\n"                                                            \
    "  text: 领先\n"                                                         \
    "  metric: efficiency\n"                                                   \
    "  relation: at_least\n"                                                   \
    "  limit: 3.5 Gflop/s/W\n"                                                 \
    "  benchmark: compute.hpl\n"                                               \
    "  boundary: node-ac\n"                                                    \
    "  coverage_factor: 2\n"                                                   \
    "- {id: first, text: the best, metric: ranking}\n"

static gb_status parse(const char *text, gb_claims *claims, gb_error *err) {
    *err = (gb_error){0};
    return gb_claims_parse("claims.yaml", text, strlen(text), claims, err);
}

static void refuse(const char *text, const char *what) {
    gb_claims claims = {0};
    gb_error err;

    GB_EXPECT_STATUS(GB_ERR_INVALID, parse(text, &claims, &err), text, err);
    GB_EXPECT_TEXT(what, err.what, text);
}

static void a_whole_file(void **state) {
    gb_claims claims;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(GB_OK, parse(WHOLE, &claims, &err), "parse", err);
    assert_int_equal(claims.count, 3);
    assert_int_equal(strlen(claims.sha256), 64);
    assert_false(claims.joint);
    const gb_claim *saving = &claims.claims[0], *green = &claims.claims[1];
    assert_int_equal(saving->metric, GB_CLAIM_ENERGY);
    assert_int_equal(saving->form, GB_CLAIM_SAVING);
    GB_EXPECT_NEAR(40.0, saving->limit, 0.0, "limit");
    GB_EXPECT_TEXT("%", saving->limit_unit, "unit");
    GB_EXPECT_NEAR(0.95, saving->rule.confidence, 1e-12, "confidence");
    assert_true(isnan(saving->rule.coverage_factor));
    GB_EXPECT_TEXT("n", saving->params[0].name, "parameter");
    GB_EXPECT_TEXT("claims.yaml:4:3", saving->origin.where, "place");
    GB_EXPECT_TEXT("Gflop/s/W", green->limit_unit, "unit");
    assert_int_equal(green->boundary, GB_CLAIM_NODE_AC);
    GB_EXPECT_NEAR(2.0, green->rule.coverage_factor, 0.0, "k");
    assert_true(isnan(green->rule.confidence));
    gb_claims_fini(&claims);
}

/* The limit of a claim is what is hashed: one byte, another file. */
static void each_byte_counts(void **state) {
    gb_claims a, b;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(GB_OK, parse(WHOLE, &a, &err), "a", err);
    GB_EXPECT_STATUS(GB_OK, parse(WHOLE " ", &b, &err), "b", err);
    assert_string_not_equal(a.sha256, b.sha256);
    gb_claims_fini(&a);
    gb_claims_fini(&b);
}

#define CLAIM(rest)                                                            \
    "claims:\n- {id: a, text: b, metric: efficiency, benchmark: c" rest "}\n"

static void mistakes_are_placed_and_explained(void **state) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {"claims: []", "claims.yaml:1:9: claims: expected a list of 1 to 1000 "
                       "claims, got a list"},
        {"name: x\n", "claims.yaml:1:1: expected a map with 'claims', got a "
                      "map"},
        {CLAIM(""), "claims.yaml:2:3: claims: expected the key 'relation', got "
                    "a map"},
        {CLAIM(", relation: at_least"),
         "claims.yaml:2:3: claims: expected the key 'limit', got a map"},
        {CLAIM(", relation: atleast"),
         "claims.yaml:2:64: relation: expected one of above, at_least, below, "
         "at_most, equal, got 'atleast'"},
        {CLAIM(", relation: above, limit: none"),
         "claims.yaml:2:78: limit: expected a number with its unit such as 3.5 "
         "Gflop/J, 40% or 200 W, got 'none'"},
        {CLAIM(", relation: above, limit: nan"),
         "claims.yaml:2:78: limit: expected a number with its unit such as 3.5 "
         "Gflop/J, 40% or 200 W, got 'nan'"},
        {CLAIM(", relation: above, limit: 0x10"),
         "claims.yaml:2:78: limit: expected a number with its unit such as 3.5 "
         "Gflop/J, 40% or 200 W, got '0x10'"},
        {CLAIM(", relation: above, limit: 1, as: saving"),
         "claims.yaml:2:3: claims: expected the key 'baseline', got a map"},
        {CLAIM(", relation: equal, baseline: d, margin: 2%, limit: 1"),
         "claims.yaml:2:3: relation: expected as: ratio with a margin and "
         "without a limit where two runs are to be equal, got a map"},
        {CLAIM(", relation: equal, baseline: d"),
         "claims.yaml:2:3: relation: expected as: ratio with a margin and "
         "without a limit where two runs are to be equal, got a map"},
        {CLAIM(", relation: above, limit: 1, margin: 2%"),
         "claims.yaml:2:89: margin: expected no margin where a value has a "
         "limit of its own, got '2%'"},
        {CLAIM(", relation: above, limit: 1, confidence: 95"),
         "claims.yaml:2:93: confidence: expected a one-sided probability such "
         "as 95%, above 50% and below 100%, got '95'"},
        {CLAIM(", relation: above, limit: 1, confidence: 50%"),
         "claims.yaml:2:93: confidence: expected a one-sided probability such "
         "as 95%, above 50% and below 100%, got '50%'"},
        {CLAIM(", relation: above, limit: 1, confidence: 95%, "
               "coverage_factor: 2"),
         "claims.yaml:2:115: coverage_factor: expected confidence or "
         "coverage_factor, one of them, got '2'"},
        {CLAIM(", relation: above, limit: 1, guard_factor: 0"),
         "claims.yaml:2:95: guard_factor: expected a factor such as 1, got "
         "'0'"},
        {CLAIM(", relation: above, limit: 1, evidence: modelled"),
         "claims.yaml:2:91: evidence: expected measured or simulated, got "
         "'modelled'"},
        {CLAIM(", relation: above, limit: 1, pue_after: 1.1"),
         "claims.yaml:2:3: as: expected a saving where pue_after or it_saving "
         "is, got a map"},
        {CLAIM(", relation: above, limit: 40%, as: saving, baseline: d, "
               "pue_after: 0.9"),
         "claims.yaml:2:119: pue_after: expected a ratio from 1 to 10, got "
         "'0.9'"},
        {CLAIM(", relation: above, limit: 1, rule: [a]"),
         "claims.yaml:2:87: rule: expected guarded or simple, got a list"},
        {"claims:\n- {id: a, text: b, metric: ranking}\n"
         "- {id: a, text: b, metric: ranking}\n",
         "claims.yaml:3:8: id: expected each id once in the file, got 'a'"},
        {"claims:\n- {text: b, metric: ranking}\n",
         "claims.yaml:2:3: claims: expected the key 'id', got a map"},
        {"claims:\n- {id: a, metric: ranking}\n",
         "claims.yaml:2:3: claims: expected the key 'text', got a map"},
        {"claims:\n- [a]\n", "claims.yaml:2:3: claims: expected a map with "
                             "'id' and 'metric', got a list"},
        {"decision: {family: all}\nclaims:\n- {id: a, text: b, metric: "
         "ranking}\n",
         "claims.yaml:1:20: family: expected joint or each, got 'all'"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++)
        refuse(rows[i].text, rows[i].what);
}

/* --- cost ----------------------------------------------------------------- */

#define HASH "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"
#define COST(metric, rest)                                                     \
    "claims:\n- {id: a, text: b, relation: at_least, limit: 40%, benchmark: "  \
    "c, metric: " metric rest "}\n"

#define MAY "2026-05-01T00:00:00Z/2026-06-01T00:00:00Z"

static void a_claim_about_cost(void **state) {
    gb_claims claims;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(
        GB_OK,
        parse(COST("cost", ", as: saving, baseline: d, tariff: " HASH
                           ", prices: own, baseline_tariff: " HASH
                           ", overhead: metered, pue_after: 1.1"),
              &claims, &err),
        "parse", err);
    const gb_claim *claim = &claims.claims[0];
    GB_EXPECT_TEXT(HASH, claim->cost.tariff, "tariff");
    GB_EXPECT_TEXT(HASH, claim->cost.baseline_tariff, "baseline");
    assert_true(claim->cost.own_prices && claim->cost.overhead);
    GB_EXPECT_NEAR(1.8333, gb_claim_implied_baseline(claim), 1e-4, "implied");
    gb_claims_fini(&claims);
    GB_EXPECT_STATUS(
        GB_OK, parse(COST("cost_per_work", ", tariff: " HASH), &claims, &err),
        "defaults", err);
    assert_false(claims.claims[0].cost.own_prices);
    assert_false(claims.claims[0].cost.overhead);
    gb_claims_fini(&claims);
}

static void item_34_cost_names_its_prices(void **state) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {COST("cost", ""),
         "claims.yaml:2:3: claims: expected the key 'tariff', with the SHA-256 "
         "of a tariff file, got a map"},
        {COST("cost", ", tariff: tariff.yaml"),
         "claims.yaml:2:88: tariff: expected the SHA-256 of the tariff file, "
         "got 'tariff.yaml'"},
        {COST("energy", ", overhead: metered"),
         "claims.yaml:2:92: overhead: expected metric: cost, cost_per_work or "
         "period_cost where this key is, got 'metered'"},
        {COST("cost", ", tariff: " HASH ", prices: any"),
         "claims.yaml:2:162: prices: expected same or own, got 'any'"},
        {COST("cost", ", tariff: " HASH ", prices: own"),
         "claims.yaml:2:162: prices: expected a baseline where this key is, "
         "got 'own'"},
        {COST("cost",
              ", baseline: d, baseline_tariff: " HASH ", tariff: " HASH),
         "claims.yaml:2:110: baseline_tariff: expected prices: own where the "
         "baseline has a tariff of its own, got '" HASH "'"},
        {COST("cost_per_work", ", baseline: d, tariff: " HASH),
         "claims.yaml:2:3: metric: expected cost where a baseline is, got a "
         "map"},
        {COST("cost", ", overhead: metered, boundary: node-dc, tariff: " HASH),
         "claims.yaml:2:90: overhead: expected boundary: node-ac or components "
         "where the overhead is metered, got 'metered'"},
        {COST("period_cost", ", tariff: " HASH),
         "claims.yaml:2:3: period: expected begin and end of the period that "
         "is paid for, such as 2026-01-01T00:00:00Z/2026-02-01T00:00:00Z, got "
         "a map"},
        {COST("period_cost", ", prices: own, period: " MAY ", tariff: " HASH),
         "claims.yaml:2:95: prices: expected a baseline where this key is, got "
         "'own'"},
        {COST("period_cost",
              ", period: " MAY ", baseline_tariff: " HASH ", tariff: " HASH),
         "claims.yaml:2:155: baseline_tariff: expected prices: own where the "
         "baseline has a tariff of its own, got '" HASH "'"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++)
        refuse(rows[i].text, rows[i].what);
}

static void an_unknown_key_has_a_suggestion(void **state) {
    gb_claims claims = {0};
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     parse(CLAIM(", relation: above, limt: 3"), &claims, &err),
                     "limt", err);
    GB_EXPECT_TEXT("did you mean 'limit'?", err.hint, "hint");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(mistakes_are_placed_and_explained),
        cmocka_unit_test(a_claim_about_cost),
        cmocka_unit_test(item_34_cost_names_its_prices),
        cmocka_unit_test(an_unknown_key_has_a_suggestion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
