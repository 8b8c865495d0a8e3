/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "case.h"

#define NODES 8

/* Eight nodes of 12.5 units and 25 J in 2 s of each of ten repetitions. Each
 * scatters by 0.1 % of its rate. */
static gb_reduced_node *open_nodes(test_case *one, size_t count) {
    case_open(one, count, CASE_REPS);
    gb_reduced_node *nodes = one->reduced.cases[0].nodes;
    for (size_t n = 0; n < count; n++) {
        const double rate = nodes[n].work / nodes[n].time_s;
        nodes[n].rate_mean = rate;
        nodes[n].rate_squares = (CASE_REPS - 1) * pow(1e-3 * rate, 2.0);
    }
    return nodes;
}

static const gb_variability *of(const gb_result *result) {
    return &result->benches[0].variability;
}

static void a_slow_node_is_named(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, NODES);
    nodes[3].time_s *= 1.25;
    gb_result result = case_analyse(&one);
    const gb_variability *all = of(&result);
    const gb_warning *warning = case_warning(&result, "node.outlier");

    assert_true(all->present);
    assert_int_equal(all->outlier_count, 1);
    assert_int_equal(all->outliers[0].node, 3);
    assert_int_equal(all->outliers[0].quantity, GB_NODE_PERFORMANCE);
    expect_near("relative", -0.2, all->outliers[0].relative, 1e-12);
    assert_true(all->outliers[0].far_out);
    assert_non_null(warning);
    assert_non_null(
        strstr(warning->what,
               "1 of 8 nodes are not like the others: node3 -20 % performance "
               "(memory.triad)"));
    gb_result_fini(&result);
    case_close(&one);
}

static void a_hungry_node_is_named_where_it_is_worst(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, NODES);
    nodes[5].energy.energy_j *= 1.4;
    nodes[5].energy.u_j *= 1.4;
    gb_result result = case_analyse(&one);
    const gb_variability *all = of(&result);

    assert_int_equal(all->outlier_count, 2);
    assert_int_equal(all->outliers[0].quantity, GB_NODE_POWER);
    expect_near("power", 0.4, all->outliers[0].relative, 1e-9);
    assert_int_equal(all->outliers[1].quantity, GB_NODE_EFFICIENCY);
    expect_near("per watt", 1.0 / 1.4 - 1.0, all->outliers[1].relative, 1e-9);
    assert_non_null(strstr(case_warning(&result, "node.outlier")->what,
                           "1 of 8 nodes are not like the others: node5 +40 % "
                           "power"));
    gb_result_fini(&result);
    case_close(&one);
}

/* The quartiles of equal nodes leave no room: a node is not an outlier by less
 * than its figure may be off. */
static void what_may_be_noise_is_no_outlier(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, NODES);
    nodes[2].time_s *= 1.0005;
    nodes[2].energy.energy_j *= 1.05; /* calibration is 3 %, k = 1 */
    gb_result result = case_analyse(&one);

    assert_true(nodes[2].work / nodes[2].time_s <
                of(&result)->spreads[GB_NODE_PERFORMANCE].fences[0]);
    assert_int_equal(of(&result)->outlier_count, 0);
    assert_null(case_warning(&result, "node.outlier"));
    gb_result_fini(&result);
    nodes[2].time_s *= 1.01; /* ten times its scatter */
    result = case_analyse(&one);
    assert_int_equal(of(&result)->outlier_count, 1);
    gb_result_fini(&result);
    case_close(&one);
}

static void where_no_node_can_be_judged_it_says_why(void **state) {
    static const struct {
        const char *label, *word;
        size_t nodes;
    } cases[] = {
        {"few", "4 of 4 nodes", 4},
        {"waiting", "wait for each other", NODES},
        {"no work", "does no work", NODES},
        {"unlike", "'node0' and 'node6' differ", NODES},
        {"once", "one repetition", NODES},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case one;
        gb_reduced_node *nodes = open_nodes(&one, cases[i].nodes);
        nodes[1].time_s *= 2.0;
        one.plan.cases[0].communicates = i == 1;
        one.plan.cases[0].no_work = i == 2;
        if (i == 3)
            one.log.session.nodes[6].ranks = 4;
        for (size_t k = 1; i == 4 && k < CASE_REPS; k++)
            one.reduced.cases[0].reps[k].valid = false;
        gb_result result = case_analyse(&one);
        const gb_node_spread *spread =
            &of(&result)->spreads[GB_NODE_PERFORMANCE];
        if (strstr(spread->unjudged, cases[i].word) == NULL ||
            of(&result)->outlier_count != 0)
            fail_msg("%s: '%s', %zu outliers", cases[i].label, spread->unjudged,
                     of(&result)->outlier_count);
        if (i != 2 && !(spread->cv > 0.1))
            fail_msg("%s: expected the spread all the same, got %g",
                     cases[i].label, spread->cv);
        gb_result_fini(&result);
        case_close(&one);
    }
}

/* A node that waits for others still draws its own power. */
static void power_is_judged_where_ranks_wait(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, NODES);
    one.plan.cases[0].communicates = true;
    nodes[0].energy.energy_j *= 0.5;
    gb_result result = case_analyse(&one);
    assert_int_equal(of(&result)->outlier_count, 2);
    gb_result_fini(&result);
    case_close(&one);
}

static void nodes_without_energy_are_left_out_of_the_spread(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, NODES);
    for (size_t n = 0; n < NODES; n++)
        nodes[n].energy.energy_j = n < 4 ? NAN : 200.0;
    gb_result result = case_analyse(&one);
    assert_int_equal(of(&result)->spreads[GB_NODE_POWER].n, 4);
    assert_int_equal(of(&result)->spreads[GB_NODE_PERFORMANCE].n, NODES);
    assert_true(of(&result)->spreads[GB_NODE_POWER].unjudged[0] != '\0');
    gb_result_fini(&result);
    case_close(&one);
}

/* Half of the nodes at 98 %, half at 102 %: cv = 0.02 sqrt(64 / 63). */
static void the_number_to_meter_follows_from_the_spread_of_power(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, 64);
    for (size_t n = 0; n < 64; n++)
        nodes[n].energy.energy_j *= n % 2 == 0 ? 0.98 : 1.02;
    gb_result result = case_analyse(&one);
    const gb_variability *all = of(&result);
    expect_near("cv", 0.02 * sqrt(64.0 / 63.0), all->spreads[GB_NODE_POWER].cv,
                1e-9);
    expect_near("accuracy", 0.01, all->meter[1].accuracy, 0.0);
    expect_near("nodes", 13.0, all->meter[1].nodes, 0.0);
    assert_true(all->meter[1].nodes_student > 13.0);
    assert_true(all->meter[0].nodes > all->meter[1].nodes);
    assert_true(all->meter[2].nodes < all->meter[1].nodes);
    gb_result_fini(&result);
    case_close(&one);
}

static void many_outliers_are_kept_and_three_are_told(void **state) {
    test_case one;

    (void)state;
    gb_reduced_node *nodes = open_nodes(&one, 100);
    for (size_t n = 0; n < 20; n++)
        nodes[5 * n].time_s *= 1.5 + 0.01 * (double)n;
    gb_result result = case_analyse(&one);
    const gb_variability *all = of(&result);
    assert_int_equal(all->outlier_count, 20);
    assert_int_equal(all->outliers[0].node, 95);
    assert_int_equal(all->outliers[19].node, 0);
    const char *what = case_warning(&result, "node.outlier")->what;
    assert_non_null(strstr(what, "20 of 100 nodes are not like the others: "
                                 "node95 "));
    assert_non_null(strstr(what, ", .."));
    assert_null(strstr(what, "node80 "));
    gb_result_fini(&result);
    case_close(&one);
}

static void one_node_has_nothing_to_differ_from(void **state) {
    test_case one;

    (void)state;
    open_nodes(&one, 1);
    gb_result result = case_analyse(&one);
    assert_false(of(&result)->present);
    gb_result_fini(&result);
    case_close(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_node_is_named),
        cmocka_unit_test(a_hungry_node_is_named_where_it_is_worst),
        cmocka_unit_test(what_may_be_noise_is_no_outlier),
        cmocka_unit_test(where_no_node_can_be_judged_it_says_why),
        cmocka_unit_test(power_is_judged_where_ranks_wait),
        cmocka_unit_test(nodes_without_energy_are_left_out_of_the_spread),
        cmocka_unit_test(the_number_to_meter_follows_from_the_spread_of_power),
        cmocka_unit_test(many_outliers_are_kept_and_three_are_told),
        cmocka_unit_test(one_node_has_nothing_to_differ_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
