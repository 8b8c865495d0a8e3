/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/run/sampler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* The model source moves with time alone: a source for a test of the thread
 * that needs no counter. */
typedef struct bed {
    gb_sysroot *root;
    gb_node node;
    gb_energy_env env;
    gb_energy_set *set;
} bed;

static int open_bed(void **state) {
    bed *b = calloc(1, sizeof(*b));
    gb_error err = {0};
    assert_non_null(b);
    assert_int_equal(
        gb_sysroot_open(GB_TEST_FIXTURES "/amd-epyc-2s/t0", &b->root, &err),
        GB_OK);
    strcpy(b->node.cpu_vendor, "AuthenticAMD");
    b->node.cpu_family = 25;
    b->node.cpu_model = 1;
    b->node.pus = 2;
    b->env = (gb_energy_env){
        .root = b->root, .clock = &gb_clock_system, .node = &b->node};
    if (gb_energy_set_open(&b->env, "model", &b->set, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(gb_energy_set_cover(b->set)->summed_count, 1);
    *state = b;
    return 0;
}

static int close_bed(void **state) {
    bed *b = *state;
    gb_energy_set_close(b->set);
    gb_sysroot_close(b->root);
    free(b);
    return 0;
}

static void sleep_ms(unsigned ms) {
    const gb_clock *clock = &gb_clock_system;
    clock->sleep_until(clock->ctx, gb_clock_now_ns(clock) + ms * 1000000ull);
}

static void rows_come_in_order_with_marks_at_the_edges(void **state) {
    bed *b = *state;
    gb_sampler *sampler = NULL;
    gb_error err = {0};
    size_t count = 0;

    assert_int_equal(gb_sampler_start(b->set, &gb_clock_system, 200.0, -1, 3,
                                      &sampler, &err),
                     GB_OK);
    const uint64_t begin_ns = gb_sampler_mark(sampler);
    sleep_ms(200);
    const uint64_t end_ns = gb_sampler_mark(sampler);
    gb_sample *rows = gb_sampler_drain(sampler, &count);
    assert_non_null(rows);
    /* 200 Hz for 0.2 s is 40 ticks; a busy machine may lose some. */
    assert_in_range(count, 10, 45);
    assert_true(rows[0].mark && rows[count - 1].mark);
    assert_int_equal(rows[0].reading.time_ns, begin_ns);
    assert_int_equal(rows[count - 1].reading.time_ns, end_ns);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].node, 3);
        assert_true(rows[i].reading.ok);
        if (i > 0) {
            assert_true(rows[i].reading.time_ns > rows[i - 1].reading.time_ns);
            assert_true(rows[i].reading.ticks >= rows[i - 1].reading.ticks);
            assert_int_equal(rows[i].mark, i == count - 1);
        }
    }
    free(rows);
    gb_sampler_stop(sampler, NULL);
}

static void drained_rows_are_handed_over_once(void **state) {
    bed *b = *state;
    gb_sampler *sampler = NULL;
    gb_error err = {0};
    size_t first = 0, second = 0;

    assert_int_equal(
        gb_sampler_start(b->set, &gb_clock_system, 1.0, -1, 0, &sampler, &err),
        GB_OK);
    (void)gb_sampler_mark(sampler);
    gb_sample *rows = gb_sampler_drain(sampler, &first);
    assert_int_equal(first, 1);
    assert_null(gb_sampler_drain(sampler, &second));
    assert_int_equal(second, 0);
    assert_false(gb_sampler_lost_rows(sampler));
    free(rows);
    gb_sampler_stop(sampler, NULL);
}

static void cost_counts_reads_and_time(void **state) {
    bed *b = *state;
    gb_sampler *sampler = NULL;
    gb_sampler_cost cost = {0};
    gb_error err = {0};

    assert_int_equal(gb_sampler_start(b->set, &gb_clock_system, 100.0, -1, 0,
                                      &sampler, &err),
                     GB_OK);
    (void)gb_sampler_mark(sampler);
    sleep_ms(150);
    gb_sampler_stop(sampler, &cost);
    assert_true(cost.wakeups >= 3);
    assert_int_equal(cost.reads, cost.wakeups + 1);
    assert_int_equal(cost.errors, 0);
    assert_true(cost.cpu_s > 0.0 && cost.cpu_s < cost.wall_s);
    assert_true(cost.wall_s >= 0.15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            rows_come_in_order_with_marks_at_the_edges, open_bed, close_bed),
        cmocka_unit_test_setup_teardown(drained_rows_are_handed_over_once,
                                        open_bed, close_bed),
        cmocka_unit_test_setup_teardown(cost_counts_reads_and_time, open_bed,
                                        close_bed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
