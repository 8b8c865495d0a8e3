/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/run/sampler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    size_t count = 0, marks = 0;

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
    for (size_t i = 0; i < count; i++) {
        const uint64_t time_ns = rows[i].reading.time_ns;
        assert_int_equal(rows[i].node, 3);
        assert_true(rows[i].reading.ok);
        /* A busy machine may tick before the first mark and after the last. */
        assert_int_equal(rows[i].mark,
                         time_ns == begin_ns || time_ns == end_ns);
        marks += rows[i].mark;
        if (i > 0) {
            assert_true(time_ns > rows[i - 1].reading.time_ns);
            assert_true(rows[i].reading.ticks >= rows[i - 1].reading.ticks);
        }
    }
    assert_int_equal(marks, 2);
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

/* A machine with one powercap zone, whose counter moves whenever somebody
 * waits: probing a source finds it alive. */
typedef struct moving_machine {
    char path[64];
    uint64_t energy_uj;
    gb_clock clock;
    int failures_left;
} moving_machine;

static void put(const moving_machine *m, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof(path), "%s/sys/class/powercap/intel-rapl:0/%s",
             m->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static uint64_t now_ns(void *ctx) {
    (void)ctx;
    return gb_clock_now_ns(&gb_clock_system);
}

static void wait_and_move(void *ctx, uint64_t deadline_ns) {
    moving_machine *m = ctx;
    char text[32];
    m->energy_uj += 6103500;
    snprintf(text, sizeof(text), "%llu\n", (unsigned long long)m->energy_uj);
    put(m, "energy_uj", text);
    gb_clock_system.sleep_until(NULL, deadline_ns);
}

static void make_machine(moving_machine *m) {
    char command[192];
    *m = (moving_machine){.energy_uj = 1000000000};
    m->clock = (gb_clock){now_ns, wait_and_move, m};
    strcpy(m->path, "/tmp/gb-sampler-XXXXXX");
    assert_non_null(mkdtemp(m->path));
    snprintf(command, sizeof(command),
             "mkdir -p '%s/sys/class/powercap/intel-rapl:0'", m->path);
    assert_int_equal(system(command), 0);
    put(m, "name", "package-0\n");
    put(m, "max_energy_range_uj", "262143328850\n");
    put(m, "energy_uj", "1000000000\n");
}

static int fail_some(void *ctx, const char *path) {
    moving_machine *m = ctx;
    return strstr(path, "energy_uj") != NULL && m->failures_left-- > 0 ? EIO
                                                                       : 0;
}

static void a_failed_read_at_an_edge_is_tried_again(void **state) {
    moving_machine m;
    gb_sysroot *root = NULL;
    gb_energy_set *set = NULL;
    gb_sampler *sampler = NULL;
    gb_sampler_cost cost = {0};
    const gb_node node = {.cpu_vendor = "GenuineIntel"};
    gb_error err = {0};
    size_t count = 0;
    char command[128];

    (void)state;
    make_machine(&m);
    assert_int_equal(gb_sysroot_open(m.path, &root, &err), GB_OK);
    const gb_energy_env env = {.root = root, .clock = &m.clock, .node = &node};
    if (gb_energy_set_open(&env, "powercap", &set, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(gb_energy_set_cover(set)->summed_count, 1);

    m.failures_left = 2;
    gb_sysroot_set_fault(root, fail_some, &m);
    assert_int_equal(
        gb_sampler_start(set, &gb_clock_system, 1.0, -1, 0, &sampler, &err),
        GB_OK);
    (void)gb_sampler_mark(sampler);
    gb_sample *rows = gb_sampler_drain(sampler, &count);
    assert_int_equal(count, 1);
    assert_true(rows[0].reading.ok);
    assert_int_equal(rows[0].reading.ticks, m.energy_uj);
    free(rows);
    gb_sampler_stop(sampler, &cost);
    assert_int_equal(cost.errors, 2);
    assert_int_equal(cost.reads, 3);

    gb_energy_set_close(set);
    gb_sysroot_close(root);
    snprintf(command, sizeof(command), "rm -rf '%s'", m.path);
    assert_int_equal(system(command), 0);
}

/* Rule 22: a counter that wraps after 500 J, of a package of at most 1000 W, is
 * read each 0.25 s, whatever was asked for. */
static void a_fast_wrap_is_sampled_faster_than_asked(void **state) {
    moving_machine m;
    gb_sysroot *root = NULL;
    gb_energy_set *set = NULL;
    gb_sampler *sampler = NULL;
    gb_sampler_cost cost = {0};
    const gb_node node = {.cpu_vendor = "GenuineIntel"};
    gb_error err = {0};
    char command[128];

    (void)state;
    make_machine(&m);
    m.energy_uj = 1000000;
    put(&m, "max_energy_range_uj", "499999939\n");
    put(&m, "energy_uj", "1000000\n");
    assert_int_equal(gb_sysroot_open(m.path, &root, &err), GB_OK);
    const gb_energy_env env = {.root = root, .clock = &m.clock, .node = &node};
    assert_int_equal(gb_energy_set_open(&env, "powercap", &set, &err), GB_OK);
    assert_int_equal(gb_energy_set_cover(set)->summed_count, 1);
    assert_int_equal(
        gb_sampler_start(set, &gb_clock_system, 1.0, -1, 0, &sampler, &err),
        GB_OK);
    sleep_ms(700);
    gb_sampler_stop(sampler, &cost);
    assert_float_equal(cost.sample_hz, 4.0, 0.001);
    /* Two ticks within 0.7 s; with one a second there is none. */
    assert_true(cost.wakeups >= 1);
    gb_energy_set_close(set);

    /* No rate is fast enough for a range of 1 J, and none is divided by. */
    put(&m, "max_energy_range_uj", "1000000\n");
    put(&m, "energy_uj", "1000\n");
    m.energy_uj = 1000;
    assert_int_equal(gb_energy_set_open(&env, "powercap", &set, &err), GB_OK);
    size_t count = 0;
    const gb_energy_domain *domain = gb_energy_set_domains(set, &count);
    assert_int_equal(count, 1);
    assert_int_equal(domain->status, GB_DOMAIN_UNSUPPORTED);
    assert_non_null(strstr(domain->reason, "1000 samples a second"));
    assert_int_equal(gb_energy_set_cover(set)->summed_count, 0);
    gb_energy_set_close(set);
    gb_sysroot_close(root);
    snprintf(command, sizeof(command), "rm -rf '%s'", m.path);
    assert_int_equal(system(command), 0);
}

/* Two RAPL counters as perf events: pipes, of which a read that finds nothing
 * does not return. */
typedef struct piped_events {
    int in[8], out[8];
    int count;
} piped_events;

static piped_events events;

static int open_pipe(const struct perf_event_attr *attr, int pid, int cpu,
                     int group_fd, unsigned long flags) {
    /* The reads of opening and of probing, which nothing precedes. */
    const uint64_t first[] = {UINT64_C(1) << 39, UINT64_C(1) << 39};
    int ends[2];

    (void)attr;
    (void)pid;
    (void)cpu;
    (void)group_fd;
    (void)flags;
    if (events.count == 8 || pipe(ends) != 0)
        return -1;
    events.out[events.count] = ends[0];
    events.in[events.count] = ends[1];
    if (write(ends[1], first, sizeof(first)) != (ssize_t)sizeof(first))
        return -1;
    return events.out[events.count++];
}

/* What the next @p times reads of each event find. */
static void let_read(int times) {
    static uint64_t ticks = UINT64_C(1) << 40;

    for (int n = 0; n < times; n++) {
        ticks += UINT64_C(1) << 30;
        for (int i = 0; i < events.count; i++)
            assert_int_equal(write(events.in[i], &ticks, sizeof(ticks)),
                             sizeof(ticks));
    }
}

static void let_read_and_wait(void *ctx, uint64_t deadline_ns) {
    (void)ctx;
    let_read(1);
    gb_clock_system.sleep_until(NULL, deadline_ns);
}

static double seconds_since(uint64_t begin_ns) {
    return 1e-9 * (double)(gb_clock_now_ns(&gb_clock_system) - begin_ns);
}

/* The run goes on: one wait, then none, and failed readings in the rows. When
 * the read returns after all, so do the figures. */
static void a_read_that_never_returns_holds_up_one_mark(void **state) {
    const gb_clock clock = {now_ns, let_read_and_wait, NULL};
    const gb_node node = {.cpu_vendor = "GenuineIntel"};
    gb_sysroot *root = NULL;
    gb_energy_set *set = NULL;
    gb_sampler *sampler = NULL;
    gb_sampler_cost cost = {0};
    gb_error err = {0};
    size_t count = 0;

    (void)state;
    events = (piped_events){0};
    assert_int_equal(
        gb_sysroot_open(GB_TEST_FIXTURES "/perf-power-pmu-2s/t0", &root, &err),
        GB_OK);
    const gb_energy_env env = {.root = root,
                               .clock = &clock,
                               .node = &node,
                               .perf_event_open = open_pipe};
    if (gb_energy_set_open(&env, "perf", &set, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_string_equal(gb_energy_set_cover(set)->holds, "2 packages + DRAM");
    assert_int_equal(
        gb_sampler_start(set, &gb_clock_system, 1.0, -1, 0, &sampler, &err),
        GB_OK);

    let_read(1);
    uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    (void)gb_sampler_mark(sampler);
    assert_true(seconds_since(begin_ns) < 1.0);
    begin_ns = gb_clock_now_ns(&gb_clock_system);
    const uint64_t edge_ns = gb_sampler_mark(sampler);
    const double waited_s = seconds_since(begin_ns);
    assert_true(waited_s >= GB_SAMPLER_PATIENCE_S &&
                waited_s < GB_SAMPLER_PATIENCE_S + 2.0);
    begin_ns = gb_clock_now_ns(&gb_clock_system);
    assert_true(gb_sampler_mark(sampler) >= edge_ns);
    assert_true(seconds_since(begin_ns) < 0.5);

    gb_sample *rows = gb_sampler_drain(sampler, &count);
    assert_int_equal(count, 12); /* three marks of four events */
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].mark);
        assert_int_equal(rows[i].reading.ok, i < 4);
    }
    assert_int_equal(rows[4].reading.time_ns, edge_ns);
    assert_true(2e-9 * rows[4].reading.half_ns >= GB_SAMPLER_PATIENCE_S);
    free(rows);

    let_read(50);
    sleep_ms(100);
    rows = NULL;
    (void)gb_sampler_mark(sampler);
    rows = gb_sampler_drain(sampler, &count);
    assert_true(count >= 8);
    assert_false(rows[0].mark); /* too late for the window it was asked for */
    assert_true(rows[count - 1].mark && rows[count - 1].reading.ok);
    free(rows);
    assert_true(gb_sampler_stop(sampler, &cost));
    assert_true(cost.errors >= 8);
    assert_true(gb_energy_set_close(set));
    gb_sysroot_close(root);
    for (int i = 0; i < events.count; i++)
        close(events.in[i]);
}

/* The thread that is in a read is left behind, with what it uses. */
static void a_read_that_never_returns_is_left_behind(void **state) {
    static const gb_clock clock = {now_ns, let_read_and_wait, NULL};
    static const gb_node node = {.cpu_vendor = "GenuineIntel"};
    /* The thread has them for ever, and with them the pipes. */
    static gb_sysroot *root;
    static gb_energy_set *set;
    static gb_energy_env env;
    gb_sampler *sampler = NULL;
    gb_error err = {0};

    (void)state;
    events = (piped_events){0};
    assert_int_equal(
        gb_sysroot_open(GB_TEST_FIXTURES "/perf-power-pmu-2s/t0", &root, &err),
        GB_OK);
    env = (gb_energy_env){.root = root,
                          .clock = &clock,
                          .node = &node,
                          .perf_event_open = open_pipe};
    assert_int_equal(gb_energy_set_open(&env, "perf", &set, &err), GB_OK);
    assert_int_equal(
        gb_sampler_start(set, &gb_clock_system, 100.0, -1, 0, &sampler, &err),
        GB_OK);
    sleep_ms(50); /* the first tick is in it */
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);
    assert_false(gb_sampler_stop(sampler, NULL));
    assert_true(seconds_since(begin_ns) < GB_SAMPLER_PATIENCE_S + 2.0);
    let_read(50); /* it returns, ends, and frees the sampler */
    sleep_ms(200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            rows_come_in_order_with_marks_at_the_edges, open_bed, close_bed),
        cmocka_unit_test_setup_teardown(drained_rows_are_handed_over_once,
                                        open_bed, close_bed),
        cmocka_unit_test(a_failed_read_at_an_edge_is_tried_again),
        cmocka_unit_test(a_fast_wrap_is_sampled_faster_than_asked),
        cmocka_unit_test(a_read_that_never_returns_holds_up_one_mark),
        cmocka_unit_test_setup_teardown(cost_counts_reads_and_time, open_bed,
                                        close_bed),
        cmocka_unit_test(a_read_that_never_returns_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
