/* SPDX-License-Identifier: Apache-2.0 */
/* One record -> what disturbed it, and when it began. */
#include "pipeline/reduce/rep.h"

#include "support/gb_test.h"

/* Two ranks of two cores on two nodes, 0.5 s: a core second each. */
static gb_rank_place places[] = {{0, 2, "0-1"}, {1, 2, "0-1"}};
static gb_node nodes[2];
static char counted[] = "perf::PAGE-FAULTS,perf::CPU-MIGRATIONS";
static uint64_t counts[] = {7, 3, 8, GB_COUNT_NONE};
static gb_rank_rep ranks[] = {
    {.elapsed_s = 0.5, .work = 1.0, .preempted = 40.0, .moved = 2.0},
    {.elapsed_s = 0.4, .work = 1.0, .preempted = NAN, .moved = 1.0}};
static gb_node_condition conditions[] = {{0.01, 3e9}, {0.05, 2.5e9}};
static gb_node_window windows[] = {{10, 500000010}, {20, 500000020}};

static gb_session session_of(char *counters) {
    return (gb_session){.ranks = 2,
                        .nodes = nodes,
                        .node_count = 2,
                        .places = places,
                        .counters = counters};
}

static gb_rep_record record = {.status = GB_OK,
                               .rank = -1,
                               .begin_utc_ns = 1795454300123456789u,
                               .ranks = ranks,
                               .windows = windows,
                               .conditions = conditions,
                               .counters = counts,
                               .counter_count = 2};

static void the_worst_place_tells_what_disturbed_it(void **state) {
    const gb_session session = session_of(counted);
    gb_reduced_rep rep = {0};
    (void)state;
    gb_reduce_rep(&session, &record, &rep);
    assert_true(rep.valid);
    GB_EXPECT_NEAR(0.1, rep.disturbance.stolen, 1e-12, "of a node's time");
    GB_EXPECT_NEAR(2.5e9, rep.disturbance.clock_hz, 1.0, "slowest node");
    GB_EXPECT_NEAR(40.0, rep.disturbance.preempted_hz, 1e-9, "of a core");
    GB_EXPECT_NEAR(3.0, rep.disturbance.migrations_hz, 1e-9, "counted");
}

static void without_a_counter_threads_that_moved_are_migrations(void **state) {
    const gb_session session = session_of(NULL);
    gb_reduced_rep rep = {0};
    (void)state;
    gb_reduce_rep(&session, &record, &rep);
    GB_EXPECT_NEAR(2.0, rep.disturbance.migrations_hz, 1e-9, "moved");
    ranks[0].moved = ranks[1].moved = NAN;
    gb_reduce_rep(&session, &record, &rep);
    assert_true(isnan(rep.disturbance.migrations_hz));
}

static void it_keeps_when_it_began(void **state) {
    const gb_session session = session_of(NULL);
    gb_reduced_rep rep = {0};
    (void)state;
    gb_reduce_rep(&session, &record, &rep);
    assert_int_equal(rep.begin_utc_ns, 1795454300123456789u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_place_tells_what_disturbed_it),
        cmocka_unit_test(without_a_counter_threads_that_moved_are_migrations),
        cmocka_unit_test(it_keeps_when_it_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
