/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "made.h"
#include "pipeline/reduce/index.h"
#include "pipeline/reduce/reduce.h"

/* Rows arrive in parcels: all of one node, then all of the next. */
static int by_node(const void *a, const void *b) {
    const gb_sample *x = a, *y = b;

    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->reading.time_ns != y->reading.time_ns)
        return x->reading.time_ns < y->reading.time_ns ? -1 : 1;
    return 0;
}

static void rows_of_nodes_may_come_in_parcels(void **state) {
    made_run run;
    gb_energy_figure total;

    (void)state;
    made_open(&run, 3, 3);
    made_pass(&run, 777);
    gb_node_window *windows = made_window(&run, 1000);
    made_pass(&run, 777);
    qsort(run.log.samples, run.log.sample_count, sizeof(*run.log.samples),
          by_node);
    for (uint32_t n = 0; n < 3; n++) {
        assert_int_equal(
            gb_reduce_node_window(&run.log, n, &windows[n], NULL, &total, NULL),
            GB_OK);
        assert_true(fabs(total.energy_j - 200.0 * (n + 1)) < 4e-6);
    }
    free(windows);
    made_close(&run);
}

/* A row that is lost, as the last ones of a run that crashed, moves no other
 * domain to another tick. */
static void a_lost_row_shifts_nothing(void **state) {
    made_run run;
    gb_energy_figure total;

    (void)state;
    made_open(&run, 1, 1);
    gb_node_window *windows = made_window(&run, 1000);
    /* The tick after the first mark loses package-1. */
    for (size_t i = 5; i + 1 < run.log.sample_count; i++)
        run.log.samples[i] = run.log.samples[i + 1];
    run.log.sample_count--;
    assert_int_equal(
        gb_reduce_node_window(&run.log, 0, windows, NULL, &total, NULL), GB_OK);
    assert_true(fabs(total.energy_j - 200.0) < 4e-6);
    free(windows);
    made_close(&run);
}

static void only_marked_ticks_are_edges(void **state) {
    made_run run;
    gb_sample_index index = {0};
    uint32_t begin = 0, end = 0;

    (void)state;
    made_open(&run, 1, 1);
    gb_node_window *windows = made_window(&run, 1000);
    assert_int_equal(gb_sample_index_build(&run.log, &index, NULL), GB_OK);
    assert_int_equal(index.nodes[0].mark_count, 2);
    assert_true(gb_sample_index_find(&index.nodes[0], windows, &begin, &end));
    assert_int_equal(begin, 0);
    assert_int_equal(end, 11);
    windows->begin_ns = run.log.samples[MADE_DOMAINS].reading.time_ns;
    assert_false(gb_sample_index_find(&index.nodes[0], windows, &begin, &end));
    gb_sample_index_fini(&index);
    free(windows);
    made_close(&run);
}

static void edges_in_the_wrong_order_hold_nothing(void **state) {
    made_run run;
    gb_energy_figure total;

    (void)state;
    made_open(&run, 1, 1);
    gb_node_window *windows = made_window(&run, 1000);
    const gb_node_window backwards = {windows[0].end_ns, windows[0].begin_ns};
    const gb_node_window empty = {windows[0].end_ns, windows[0].end_ns};
    assert_int_equal(
        gb_reduce_node_window(&run.log, 0, &backwards, NULL, &total, NULL),
        GB_OK);
    assert_true(isnan(total.energy_j));
    assert_int_equal(
        gb_reduce_node_window(&run.log, 0, &empty, NULL, &total, NULL), GB_OK);
    assert_true(isnan(total.energy_j));
    free(windows);
    made_close(&run);
}

/* 10,000 nodes and a million rows: a search through all of them for each of
 * the 30,000 windows would not end within the time of this test. */
static void ten_thousand_nodes_are_reduced(void **state) {
    enum { NODES = 10000 };
    made_run run;
    gb_reduced reduced = {0};

    (void)state;
    made_open(&run, NODES, NODES);
    made_trial(&run, 0, GB_OK, "");
    for (uint32_t i = 0; i < 3; i++)
        made_rep(&run, 0, i, 950);
    assert_true(run.log.sample_count > 900000);
    /* made_tick() lets power rise with the node: not to a megawatt. */
    for (size_t n = 0; n < NODES; n++)
        for (size_t d = 0; d < MADE_DOMAINS; d++)
            run.log.session.nodes[n].domains[d].wrap_ticks = 0;
    for (size_t i = 0; i < run.log.sample_count; i++) {
        gb_sample *row = &run.log.samples[i];
        row->reading.ticks =
            100 * ((row->reading.time_ns - row->node * MADE_APART_NS) / 1000);
    }
    assert_int_equal(gb_reduce(&run.plan, &run.log, &reduced, NULL), GB_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(fabs(reduced.cases[0].reps[i].energy.energy_j -
                         200.0 * 0.95 * NODES) < 1.0);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_nodes_may_come_in_parcels),
        cmocka_unit_test(a_lost_row_shifts_nothing),
        cmocka_unit_test(only_marked_ticks_are_edges),
        cmocka_unit_test(edges_in_the_wrong_order_hold_nothing),
        cmocka_unit_test(ten_thousand_nodes_are_reduced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
