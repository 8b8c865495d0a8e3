/* SPDX-License-Identifier: Apache-2.0 */
/* Decision rules, limits and families: numbers in, verdicts out. */
#include "pipeline/assess/parts.h"
#include "stats/sample.h"
#include "support/compared_run.h"
#include "support/gb_test.h"

/* k = 2 and the one-sided 95 % of the vectors. */
static const gb_claim_rule twice = {true, NAN, 2.0, 1.0};
static const gb_claim_rule one_sided = {true, 0.95, NAN, 1.0};

static gb_claim_verdict decide(gb_claim_relation relation,
                               const gb_claim_rule *rule, double limit,
                               double value, double u, double dof,
                               gb_claim_result *out) {
    static gb_claim claim;

    claim = (gb_claim){.relation = relation, .rule = *rule};
    *out = (gb_claim_result){.claim = &claim,
                             .estimate = {.value = value,
                                          .u = u,
                                          .dof = dof,
                                          .scatter = 0.0,
                                          .fixed = u,
                                          .meter_bound = sqrt(3.0) * u / value,
                                          .n = 10},
                             .limit = limit,
                             .margin = NAN};
    gb_claim_decide(out);
    return out->verdict;
}

/* A quotient of two independent meters with the hard bound @p a. */
static double quotient_u(double value, double a) {
    return value * sqrt(2.0) * a / sqrt(3.0);
}

static gb_claim_verdict below_110(const gb_claim_rule *rule, double value) {
    gb_claim_result out;
    return decide(GB_CLAIM_BELOW, rule, 1.10, value, quotient_u(value, 0.01),
                  INFINITY, &out);
}

static void t12_a_quotient_near_its_limit(void **state) {
    (void)state;
    assert_int_equal(below_110(&twice, 1.09), GB_CLAIM_INCONCLUSIVE);
    assert_int_equal(below_110(&one_sided, 1.09), GB_CLAIM_INCONCLUSIVE);
    assert_int_equal(below_110(&one_sided, 1.085), GB_CLAIM_SUPPORTED);
    assert_int_equal(below_110(&twice, 1.085), GB_CLAIM_INCONCLUSIVE);
    assert_int_equal(below_110(&one_sided, 1.12), GB_CLAIM_REFUTED);
    assert_int_equal(below_110(&twice, 1.12), GB_CLAIM_REFUTED);
}

/* The largest reading that still supports "< 1.10" (standards.md, 9.3). */
static void readings_that_still_support(void **state) {
    static const struct {
        double bound, one_sided, twice;
    } rows[] = {{0.002, 1.0971, 1.0964},
                {0.005, 1.0927, 1.0911},
                {0.01, 1.0854, 1.0823},
                {0.02, 1.0712, 1.0652}};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        gb_claim_result out;
        for (int rule = 0; rule < 2; rule++) {
            const double last = rule == 0 ? rows[i].one_sided : rows[i].twice;
            const gb_claim_rule *with = rule == 0 ? &one_sided : &twice;
            const double in = last - 1e-4, past = last + 1e-4;
            assert_int_equal(decide(GB_CLAIM_BELOW, with, 1.10, in,
                                    quotient_u(in, rows[i].bound), INFINITY,
                                    &out),
                             GB_CLAIM_SUPPORTED);
            assert_int_equal(decide(GB_CLAIM_BELOW, with, 1.10, past,
                                    quotient_u(past, rows[i].bound), INFINITY,
                                    &out),
                             GB_CLAIM_INCONCLUSIVE);
        }
    }
}

static void simple_acceptance_ignores_the_uncertainty(void **state) {
    const gb_claim_rule simple = {false, NAN, 2.0, 1.0};
    gb_claim_result out;
    (void)state;
    assert_int_equal(
        decide(GB_CLAIM_BELOW, &simple, 1.1, 1.09, 5.0, INFINITY, &out),
        GB_CLAIM_SUPPORTED);
    assert_int_equal(
        decide(GB_CLAIM_BELOW, &simple, 1.1, 1.1, 5.0, INFINITY, &out),
        GB_CLAIM_REFUTED);
    assert_int_equal(
        decide(GB_CLAIM_AT_MOST, &simple, 1.1, 1.1, 5.0, INFINITY, &out),
        GB_CLAIM_SUPPORTED);
}

/* --- properties ----------------------------------------------------------- */

/* At the limit a claim is false (or just not true): guarded acceptance takes it
 * for true in at most 2.5 % of runs, whatever the number of repetitions; 2.28 %
 * are expected, and three standard deviations of that allowed for each. */
static void guarded_acceptance_accepts_few_false_claims(void **state) {
    static const size_t counts[] = {2, 3, 5, 10, 30};
    enum { RUNS = 10000 };
    size_t all = 0;
    (void)state;
    for (size_t c = 0; c < GB_COUNT(counts); c++) {
        uint64_t seed = 7u + c;
        size_t accepted = 0, refuted = 0;
        for (int run = 0; run < RUNS; run++) {
            double values[30];
            gb_claim_result out;
            const size_t n = counts[c];
            for (size_t i = 0; i < n; i++)
                values[i] = 100.0 + compared_noise(&seed);
            const gb_claim_verdict verdict = decide(
                GB_CLAIM_ABOVE, &twice, 100.0, gb_mean(values, n),
                gb_stddev(values, n) / sqrt((double)n), (double)(n - 1), &out);
            accepted += verdict == GB_CLAIM_SUPPORTED;
            refuted += verdict == GB_CLAIM_REFUTED;
        }
        assert_in_range(accepted, 183, 272);
        assert_in_range(refuted, 183, 272);
        all += accepted;
    }
    assert_true(all <= GB_COUNT(counts) * RUNS / 40);
}

/* Worst to best for a claim of at least so much. */
static int rank_of(gb_claim_verdict verdict) {
    return verdict == GB_CLAIM_REFUTED        ? 0
           : verdict == GB_CLAIM_INCONCLUSIVE ? 1
                                              : 2;
}

static void verdicts_are_monotone_in_the_value(void **state) {
    uint64_t seed = 3;
    (void)state;
    for (int i = 0; i < 300; i++) {
        const double u = fabs(compared_noise(&seed)) + 1e-6;
        const double dof = 1.0 + 30.0 * fabs(compared_noise(&seed));
        int last = 0;
        for (int step = 0; step < 80; step++) {
            const double value = 90.0 + 0.25 * step;
            gb_claim_result out;
            const int rank = rank_of(
                decide(GB_CLAIM_AT_LEAST, &twice, 100.0, value, u, dof, &out));
            assert_true(rank >= last);
            last = rank;
        }
        assert_true(last == 2 || u > 0.2);
    }
}

/* More uncertainty never decides what less of it left open, nor turns it. */
static void verdicts_are_monotone_in_the_uncertainty(void **state) {
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 300; i++) {
        const double value = 100.0 + 3.0 * compared_noise(&seed);
        gb_claim_verdict last = GB_CLAIM_VERDICTS;
        for (int step = 0; step < 24; step++) {
            const double u = 0.01 * pow(1.3, step);
            gb_claim_result out;
            const gb_claim_verdict verdict = decide(
                GB_CLAIM_AT_MOST, &twice, 100.0, value, u, INFINITY, &out);
            if (last == GB_CLAIM_INCONCLUSIVE)
                assert_int_equal(verdict, GB_CLAIM_INCONCLUSIVE);
            else if (last != GB_CLAIM_VERDICTS && verdict != last)
                assert_int_equal(verdict, GB_CLAIM_INCONCLUSIVE);
            last = verdict;
        }
    }
}

/* --- what would decide ---------------------------------------------------- */

static void what_would_decide_does_decide(void **state) {
    gb_claim claim = {.relation = GB_CLAIM_ABOVE, .rule = twice};
    gb_claim_result out = {
        .claim = &claim,
        .estimate = {.value = 101.0, .scatter = 1.0, .fixed = 0.2, .n = 10},
        .limit = 100.0,
        .margin = NAN};
    (void)state;
    out.estimate.u = sqrt(1.04);
    out.estimate.dof = 1.04 * 1.04 * 9.0;
    gb_claim_decide(&out);
    assert_int_equal(out.verdict, GB_CLAIM_INCONCLUSIVE);
    assert_true(out.need.replicates > 10.0);
    assert_true(isnan(out.need.meter_rel)); /* the scatter alone is too large */
    /* With so many it is decided, and with one less it is not. */
    for (int less = 0; less < 2; less++) {
        const double n = out.need.replicates - less;
        const double variance = 10.0 / n, square = variance + 0.04;
        gb_claim_result again;
        const gb_claim_verdict verdict =
            decide(GB_CLAIM_ABOVE, &twice, 100.0, 101.0, sqrt(square),
                   square * square * (n - 1.0) / (variance * variance), &again);
        assert_int_equal(verdict, less == 0 ? GB_CLAIM_SUPPORTED
                                            : GB_CLAIM_INCONCLUSIVE);
    }
}

static void a_better_meter_would_decide(void **state) {
    gb_claim_result out;
    (void)state;
    /* Meters alone: u = 1, at a distance of 1 from the limit. */
    decide(GB_CLAIM_ABOVE, &twice, 100.0, 101.0, 1.0, INFINITY, &out);
    assert_int_equal(out.verdict, GB_CLAIM_INCONCLUSIVE);
    assert_true(isnan(out.need.replicates));
    GB_EXPECT_NEAR(sqrt(3.0) * 0.5 / 101.0, out.need.meter_rel, 1e-9, "bound");
}

/* --- families ------------------------------------------------------------- */

static void a_family_is_decided_together(void **state) {
    gb_claim claims[3];
    gb_claim_result results[3];
    gb_assessment all = {.results = results, .count = 3};
    gb_error err = {0};
    /* p = 0.0013, 0.0139 and 0.0179: each below 0.0228 by itself. */
    static const double values[] = {3.0, 2.2, 2.1};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        claims[i] = (gb_claim){.relation = GB_CLAIM_ABOVE, .rule = twice};
        results[i] = (gb_claim_result){
            .claim = &claims[i],
            .estimate = {.value = values[i], .u = 1.0, .dof = INFINITY},
            .margin = NAN};
        gb_claim_decide(&results[i]);
        assert_int_equal(results[i].verdict, GB_CLAIM_SUPPORTED);
    }
    GB_EXPECT_STATUS(GB_OK, gb_claim_decide_jointly(&all, &err), "joint", err);
    assert_int_equal(all.tests, 3);
    assert_int_equal(results[0].verdict, GB_CLAIM_SUPPORTED);
    assert_int_equal(results[1].verdict, GB_CLAIM_INCONCLUSIVE);
    assert_int_equal(results[1].reason, GB_CLAIM_REASON_FAMILY);
    assert_int_equal(results[2].verdict, GB_CLAIM_INCONCLUSIVE);
    GB_EXPECT_NEAR(3.0 * gb_normal_cdf(-3.0), results[0].p_joint, 1e-9, "p");
}

/* Fifty claims that are all just false: in 2.5 % of files at most is any of
 * them called supported. */
static void a_family_of_false_claims_is_rarely_accepted(void **state) {
    enum { CLAIMS = 50, FILES = 1000 };
    static gb_claim claims[CLAIMS];
    static gb_claim_result results[CLAIMS];
    uint64_t seed = 11;
    size_t wrong = 0;
    (void)state;
    for (int f = 0; f < FILES; f++) {
        gb_assessment all = {.results = results, .count = CLAIMS};
        gb_error err = {0};
        bool any = false;
        for (size_t i = 0; i < CLAIMS; i++) {
            claims[i] = (gb_claim){.relation = GB_CLAIM_ABOVE, .rule = twice};
            results[i] =
                (gb_claim_result){.claim = &claims[i],
                                  .estimate = {.value = compared_noise(&seed),
                                               .u = 1.0,
                                               .dof = INFINITY},
                                  .margin = NAN};
            gb_claim_decide(&results[i]);
        }
        GB_EXPECT_STATUS(GB_OK, gb_claim_decide_jointly(&all, &err), "joint",
                         err);
        for (size_t i = 0; i < CLAIMS; i++)
            any = any || results[i].verdict == GB_CLAIM_SUPPORTED;
        wrong += any;
    }
    /* 2.28 % of 1,000, and three standard deviations. */
    assert_true(wrong <= 37);
}

/* --- what a saving implies ------------------------------------------------ */

/* standards.md §10: with 5, 10 and 15 % of the IT energy saved as fans, too. */
static void t17_a_saving_implies_a_baseline(void **state) {
    static const struct {
        double it_saving, before;
    } rows[] = {{0.0, 1.833}, {0.05, 1.742}, {0.10, 1.650}, {0.15, 1.558}};
    gb_claim claim = {.form = GB_CLAIM_SAVING,
                      .limit = 40.0,
                      .limit_unit = "%",
                      .pue_after = 1.10};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        claim.it_saving = rows[i].it_saving;
        GB_EXPECT_NEAR(rows[i].before, gb_claim_implied_baseline(&claim), 5e-4,
                       "before");
    }
    /* Of cost as of energy. */
    claim.metric = GB_CLAIM_COST;
    claim.it_saving = 0.0;
    GB_EXPECT_NEAR(1.8333, gb_claim_implied_baseline(&claim), 1e-4, "cost");
    claim.pue_after = NAN;
    assert_true(isnan(gb_claim_implied_baseline(&claim)));
    claim = (gb_claim){.form = GB_CLAIM_RATIO, .limit = 0.4, .pue_after = 1.1};
    assert_true(isnan(gb_claim_implied_baseline(&claim)));
}

/* --- units ---------------------------------------------------------------- */

static void limits_are_read_in_their_units(void **state) {
    static const struct {
        const char *written, *unit;
        double scale;
    } rows[] = {
        {"flop/J", "flop/J", 1.0},
        {"Gflop/J", "flop/J", 1e9},
        {"GFLOPS/W", "flop/J", 1e9},
        {"Gflop/s/W", "flop/J", 1e9},
        {"MB/J", "byte/J", 1e6},
        {"GB/s", "byte/s", 1e9},
        {"Tflop/s", "flop/s", 1e12},
        {"kW", "W", 1e3},
        {"mW", "W", 1e-3},
        {"kWh", "J", 3.6e6},
        {"J", "J", 1.0},
        {"min", "s", 60.0},
        {"ms", "s", 1e-3},
        {"%", "1", 0.01},
        {"", "1", 1.0},
        {"kJ s", "J s", 1e3},
        {"krow/s/W", "row/J", 1e3},
        {"CNY", "CNY", 1.0},
        {"kEUR", "EUR", 1e3},
        {"CNY/Pflop", "CNY/flop", 1e-15},
        {"kCNY/GB", "CNY/byte", 1e-6},
    };
    static const char *const wrong[][2] = {
        {"W", "J"},
        {"", "W"},
        {"GB/s", "flop/s"},
        {"%", "flop/J"},
        {"k", "1"},
        {"flop/s", "flop/J"},
        {"kk W", "W"},
        {"K", "s"},
        {"J", "J s"},
        {"EUR", "CNY"},
        {"EUR/flop", "CNY/flop"},
        {"CNY/GB", "CNY/flop"},
    };
    double scale;
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        if (!gb_limit_scale(rows[i].written, rows[i].unit, &scale))
            fail_msg("%s is %s", rows[i].written, rows[i].unit);
        GB_EXPECT_NEAR(rows[i].scale, scale, 1e-9 * rows[i].scale,
                       rows[i].written);
    }
    for (size_t i = 0; i < GB_COUNT(wrong); i++)
        if (gb_limit_scale(wrong[i][0], wrong[i][1], &scale))
            fail_msg("%s is not %s", wrong[i][0], wrong[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t12_a_quotient_near_its_limit),
        cmocka_unit_test(readings_that_still_support),
        cmocka_unit_test(simple_acceptance_ignores_the_uncertainty),
        cmocka_unit_test(guarded_acceptance_accepts_few_false_claims),
        cmocka_unit_test(verdicts_are_monotone_in_the_value),
        cmocka_unit_test(verdicts_are_monotone_in_the_uncertainty),
        cmocka_unit_test(what_would_decide_does_decide),
        cmocka_unit_test(a_better_meter_would_decide),
        cmocka_unit_test(a_family_is_decided_together),
        cmocka_unit_test(a_family_of_false_claims_is_rarely_accepted),
        cmocka_unit_test(t17_a_saving_implies_a_baseline),
        cmocka_unit_test(limits_are_read_in_their_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
