/* SPDX-License-Identifier: Apache-2.0 */
/* Energy of some nodes is not that of all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "case.h"
#include "metering/window.h"

#define NODES 4

/* 10 repetitions of 100 units and 200 J, a quarter on each node; node 3 has no
 * energy from repetition @p from on. */
static gb_result analyse(test_case *one, bool partial_energy, size_t from) {
    case_open(one, NODES, CASE_REPS);
    one->plan.partial_energy = partial_energy;
    gb_reduced_case *reduced = &one->reduced.cases[0];
    for (size_t i = 0; from < CASE_REPS && i < CASE_REPS; i++) {
        gb_reduced_rep *rep = &reduced->reps[i];
        rep->metered = case_figure(150.0, rep->window_s);
        if (i >= from)
            rep->energy = gb_figure_none("energy of 3/4 nodes only");
    }
    if (from < CASE_REPS)
        reduced->nodes[3].energy = gb_figure_none("no energy counter");
    return case_analyse(one);
}

static void the_part_is_told_and_the_whole_is_withheld(void **state) {
    test_case one;

    (void)state;
    gb_result result = analyse(&one, false, 0);
    const gb_bench_result *bench = &result.benches[0];
    assert_true(isnan(bench->energy.energy_j));
    assert_int_equal(bench->energy.flags, GB_FLAG(PARTIAL));
    assert_true(isnan(bench->power_w));
    assert_true(isnan(bench->efficiency));
    assert_false(bench->efficiency_partial);
    assert_int_equal(bench->partial.node_count, 3);
    expect_near("energy", 1500.0, bench->partial.energy.energy_j, 1e-9);
    expect_near("work", 750.0, bench->partial.work, 1e-9);
    expect_near("power", 150.0 / 2.01, bench->partial.power_w, 1e-9);
    assert_true(bench->partial.power_u_w > 0.0);
    gb_result_fini(&result);
    case_close(&one);
}

static void asked_for_it_gives_the_part_s_work_per_joule(void **state) {
    test_case one;

    (void)state;
    gb_result result = analyse(&one, true, 0);
    const gb_bench_result *bench = &result.benches[0];
    expect_near("efficiency", 0.5, bench->efficiency, 1e-12);
    assert_true(bench->efficiency_partial);
    expect_near(
        "u", 0.5 * bench->partial.energy.u_j / bench->partial.energy.energy_j,
        bench->efficiency_u, 1e-12);
    assert_non_null(strstr(bench->efficiency_reason, "of 3/4 nodes"));
    assert_true(isnan(bench->energy.energy_j));
    assert_true(isnan(bench->net_j));
    gb_result_fini(&result);
    case_close(&one);
}

static void a_node_that_fell_silent_on_the_way_is_left_out(void **state) {
    test_case one;

    (void)state;
    gb_result result = analyse(&one, false, CASE_REPS - 1);
    const gb_bench_result *bench = &result.benches[0];
    assert_int_equal(bench->partial.node_count, 3);
    expect_near("energy", 1500.0, bench->partial.energy.energy_j, 1e-9);
    gb_result_fini(&result);
    case_close(&one);
}

static void where_all_nodes_have_energy_there_is_no_part(void **state) {
    test_case one;

    (void)state;
    gb_result result = analyse(&one, true, CASE_REPS);
    assert_int_equal(result.benches[0].partial.node_count, 0);
    assert_int_equal(result.benches[0].energy.flags, 0);
    assert_false(result.benches[0].efficiency_partial);
    expect_near("efficiency", 0.5, result.benches[0].efficiency, 1e-12);
    gb_result_fini(&result);
    case_close(&one);
}

static void where_no_node_has_energy_there_is_none_either(void **state) {
    test_case one;

    (void)state;
    case_open(&one, 1, CASE_REPS);
    one.plan.partial_energy = true;
    for (size_t i = 0; i < CASE_REPS; i++)
        one.reduced.cases[0].reps[i].energy = gb_figure_none("none");
    one.reduced.cases[0].nodes[0].energy = gb_figure_none("none");
    gb_result result = case_analyse(&one);
    assert_int_equal(result.benches[0].partial.node_count, 0);
    assert_true(isnan(result.benches[0].efficiency));
    gb_result_fini(&result);
    case_close(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_part_is_told_and_the_whole_is_withheld),
        cmocka_unit_test(asked_for_it_gives_the_part_s_work_per_joule),
        cmocka_unit_test(a_node_that_fell_silent_on_the_way_is_left_out),
        cmocka_unit_test(where_all_nodes_have_energy_there_is_no_part),
        cmocka_unit_test(where_no_node_has_energy_there_is_none_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
