/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case.h"

#define NODES  6
#define PAIRS  (NODES * (NODES - 1) / 2)
#define TIME_S 1e-4

/* Each pair of six nodes met in three repetitions; the medians scatter by a few
 * per cent, the fastest is 10 % below its median. */
static gb_reduced_pair *open_pairs(test_case *one) {
    gb_reduced_case *reduced;
    size_t at = 0;

    case_open(one, NODES, CASE_REPS);
    reduced = &one->reduced.cases[0];
    reduced->pairs = calloc(PAIRS, sizeof(*reduced->pairs));
    assert_non_null(reduced->pairs);
    reduced->pair_count = PAIRS;
    for (uint32_t a = 0; a < NODES; a++)
        for (uint32_t b = a + 1; b < NODES; b++, at++) {
            const double median_s = TIME_S * (1.0 + 0.01 * (double)(at % 5));
            reduced->pairs[at] = (gb_reduced_pair){
                .nodes = {a, b},
                .repetitions = 3,
                .median_s = median_s,
                .least_s = 0.9 * median_s,
            };
        }
    return reduced->pairs;
}

static gb_reduced_pair *pair_of(gb_reduced_pair *pairs, uint32_t a,
                                uint32_t b) {
    for (size_t i = 0; i < PAIRS; i++)
        if (pairs[i].nodes[0] == a && pairs[i].nodes[1] == b)
            return &pairs[i];
    fail_msg("expected the pair of %u and %u", (unsigned)a, (unsigned)b);
    return NULL;
}

static void slow_down(gb_reduced_pair *pair, double factor) {
    pair->median_s *= factor;
    pair->least_s *= factor;
}

static const gb_pair_variability *of(const gb_result *result) {
    return &result->benches[0].variability.pairs;
}

static void a_slow_pair_is_named(void **state) {
    test_case one;

    (void)state;
    gb_reduced_pair *pairs = open_pairs(&one);
    slow_down(pair_of(pairs, 1, 4), 4.0);
    gb_result result = case_analyse(&one);
    const gb_pair_variability *found = of(&result);

    assert_int_equal(found->spread.n, PAIRS);
    assert_string_equal(found->spread.unjudged, "");
    assert_int_equal(found->slow_count, 1);
    assert_int_equal(found->slow[0].nodes[0], 1);
    assert_int_equal(found->slow[0].nodes[1], 4);
    assert_int_equal(found->slow[0].repetitions, 3);
    expect_near("time", pair_of(pairs, 1, 4)->median_s, found->slow[0].time_s,
                1e-15);
    expect_near("relative", found->slow[0].time_s / found->spread.median - 1.0,
                found->slow[0].relative, 1e-12);
    assert_true(found->slow[0].far_out);
    assert_int_equal(found->common, -1);
    const char *what = case_warning(&result, "pair.outlier")->what;
    assert_non_null(strstr(what, "memory.triad: 1 of 15 pairs of nodes are "
                                 "slow"));
    assert_non_null(strstr(what, "node1 and node4 4"));
    gb_result_fini(&result);
    case_close(&one);
}

static void what_was_slow_but_not_each_time_is_not_named(void **state) {
    test_case one;

    (void)state;
    gb_reduced_pair *pairs = open_pairs(&one);
    pair_of(pairs, 1, 4)->median_s *= 4.0; /* one of three was as usual */
    slow_down(pair_of(pairs, 2, 3), 0.2);  /* and fast ones are no fault */
    slow_down(pair_of(pairs, 0, 5), 4.0);
    pair_of(pairs, 0, 5)->repetitions = 1;
    gb_result result = case_analyse(&one);

    assert_int_equal(of(&result)->slow_count, 0);
    assert_null(case_warning(&result, "pair.outlier"));
    gb_result_fini(&result);
    case_close(&one);
}

static void the_node_that_slow_pairs_share_is_named(void **state) {
    test_case one;

    (void)state;
    gb_reduced_pair *pairs = open_pairs(&one);
    slow_down(pair_of(pairs, 0, 3), 5.0);
    slow_down(pair_of(pairs, 3, 5), 6.0);
    slow_down(pair_of(pairs, 2, 3), 7.0);
    gb_result result = case_analyse(&one);
    const gb_pair_variability *found = of(&result);

    assert_int_equal(found->slow_count, 3);
    assert_int_equal(found->slow[0].nodes[0], 2); /* the slowest first */
    assert_int_equal(found->common, 3);
    assert_non_null(strstr(case_warning(&result, "pair.outlier")->what,
                           "; all with node3"));
    gb_result_fini(&result);
    pair_of(pairs, 3, 5)->nodes[0] = 4; /* two of three have nothing shared */
    result = case_analyse(&one);
    assert_int_equal(of(&result)->slow_count, 3);
    assert_int_equal(of(&result)->common, -1);
    gb_result_fini(&result);
    case_close(&one);
}

static void where_no_pair_can_be_judged_it_says_why(void **state) {
    test_case one;

    (void)state;
    gb_reduced_pair *pairs = open_pairs(&one);
    slow_down(&pairs[0], 10.0);
    one.reduced.cases[0].pair_count = 4;
    gb_result result = case_analyse(&one);
    assert_string_equal(of(&result)->spread.unjudged,
                        "4 pairs of nodes met, fences take 5");
    assert_int_equal(of(&result)->slow_count, 0);
    gb_result_fini(&result);

    one.reduced.cases[0].pair_count = PAIRS;
    for (size_t i = 0; i < PAIRS; i++)
        pairs[i].repetitions = 1;
    result = case_analyse(&one);
    assert_non_null(strstr(of(&result)->spread.unjudged, "met once"));
    assert_int_equal(of(&result)->slow_count, 0);
    gb_result_fini(&result);

    one.reduced.cases[0].pair_count = 0;
    result = case_analyse(&one);
    assert_int_equal(of(&result)->spread.n, 0);
    assert_int_equal(of(&result)->common, -1);
    gb_result_fini(&result);
    case_close(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_pair_is_named),
        cmocka_unit_test(what_was_slow_but_not_each_time_is_not_named),
        cmocka_unit_test(the_node_that_slow_pairs_share_is_named),
        cmocka_unit_test(where_no_pair_can_be_judged_it_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
