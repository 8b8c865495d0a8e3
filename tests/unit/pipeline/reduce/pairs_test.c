/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made.h"
#include "pipeline/reduce/reduce.h"
#include "support/gb_test.h"

#define ITERATIONS 100

/* Four nodes of two ranks: 0 1 | 2 3 | 4 5 | 6 7. */
static void open_run(made_run *run) {
    made_open(run, 4, 8);
    made_trial(run, 0, GB_OK, "");
}

/* A repetition in which the ranks of @p pairs worked with one another; all
 * others with nobody. */
static gb_rep_record *add_rep(made_run *run, uint32_t index,
                              const uint32_t (*pairs)[2], size_t count) {
    gb_rep_record *rep = made_rep(run, 0, index, 1000);

    rep->iterations = ITERATIONS;
    for (size_t i = 0; i < count; i++) {
        rep->ranks[pairs[i][0]].peer_plus_1 = pairs[i][1] + 1;
        rep->ranks[pairs[i][1]].peer_plus_1 = pairs[i][0] + 1;
    }
    return rep;
}

static gb_reduced reduce(const made_run *run) {
    gb_reduced reduced = {0};
    gb_error err = {0};

    if (gb_reduce(&run->plan, &run->log, &reduced, &err) != GB_OK)
        fail_msg("%s", err.what);
    return reduced;
}

static void expect_pair(const gb_reduced_pair *pair, uint32_t a, uint32_t b,
                        uint32_t repetitions, double median_s, double least_s) {
    assert_int_equal(pair->nodes[0], a);
    assert_int_equal(pair->nodes[1], b);
    assert_int_equal(pair->repetitions, repetitions);
    assert_true(fabs(pair->median_s - median_s) < 1e-12);
    assert_true(fabs(pair->least_s - least_s) < 1e-12);
}

static void pairs_of_ranks_become_pairs_of_nodes(void **state) {
    static const uint32_t across[][2] = {{0, 4}, {1, 5}, {7, 2}};
    static const uint32_t other[][2] = {{0, 5}, {6, 3}};
    made_run run;

    (void)state;
    open_run(&run);
    gb_rep_record *rep = add_rep(&run, 0, across, GB_COUNT(across));
    rep->ranks[0].elapsed_s = 0.1;
    rep->ranks[4].elapsed_s = 0.2; /* the later one ends the pair */
    rep->ranks[1].elapsed_s = 0.4;
    rep->ranks[5].elapsed_s = 0.3;
    rep->ranks[2].elapsed_s = rep->ranks[7].elapsed_s = 0.5;
    rep = add_rep(&run, 1, other, GB_COUNT(other));
    rep->ranks[0].elapsed_s = rep->ranks[5].elapsed_s = 0.9;
    rep->ranks[3].elapsed_s = rep->ranks[6].elapsed_s = 0.7;
    gb_reduced reduced = reduce(&run);

    assert_int_equal(reduced.cases[0].pair_count, 2);
    /* Nodes 0 and 2: 2 ms and 4 ms, then 9 ms. */
    expect_pair(&reduced.cases[0].pairs[0], 0, 2, 2, 4e-3, 2e-3);
    expect_pair(&reduced.cases[0].pairs[1], 1, 3, 2, 6e-3, 5e-3);
    assert_int_equal(reduced.cases[1].pair_count, 0);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

static void what_is_no_pair_of_nodes_is_left_out(void **state) {
    static const uint32_t within[][2] = {{0, 1}};
    static const uint32_t good[][2] = {{0, 2}};
    made_run run;

    (void)state;
    open_run(&run);
    gb_rep_record *rep = add_rep(&run, 0, within, GB_COUNT(within));
    rep->ranks[2].peer_plus_1 = 5; /* who works with nobody */
    rep->ranks[6].peer_plus_1 = 9; /* who is not there */
    rep = add_rep(&run, 1, good, GB_COUNT(good));
    rep->status = GB_ERR_VERIFY;
    gb_reduced reduced = reduce(&run);

    assert_int_equal(reduced.cases[0].pair_count, 0);
    assert_null(reduced.cases[0].pairs);
    gb_reduced_fini(&reduced);
    made_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_ranks_become_pairs_of_nodes),
        cmocka_unit_test(what_is_no_pair_of_nodes_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
