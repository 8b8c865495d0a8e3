/* SPDX-License-Identifier: Apache-2.0 */
/* A meter of the site's own: a file that a daemon, here `append`, writes, and
 * small programs. The clock is the test's. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "machine/energy/set.h"
#include "tree.h"

enum { MOST = 8 };

static const char header[] =
    "greenbench-meter 1\n"
    "# outlet 7 and its register\n"
    "channel watts scope=node-ac unit=W step=0.1 update=1s accuracy=1.5%\n"
    "channel joules scope=node-dc unit=kWh step=0.001 wrap=1000 update=1s\n";

static void file_path(const test_tree *tree, char *path, size_t size) {
    snprintf(path, size, "%s/meter", tree->dir);
}

static void append(const test_tree *tree, const char *text) {
    char path[128];

    file_path(tree, path, sizeof(path));
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char *daemon_says; /* at each sleep of the reader */

static void speak(test_tree *tree) {
    if (daemon_says)
        append(tree, daemon_says);
}

static void open_tree(test_tree *tree, const char *says) {
    tree_open(tree, "faults/no-powercap", "t0");
    gb_copy(tree->node.name, sizeof(tree->node.name), "node17");
    daemon_says = says;
    tree->on_sleep = speak;
}

static test_source open_file(test_tree *tree, char *path, size_t size) {
    file_path(tree, path, size);
    tree->env.setting = path;
    return source_open(tree, &gb_energy_external);
}

static void read_after(test_tree *tree, test_source *meter, uint64_t later_ns,
                       gb_energy_reading *readings) {
    tree->now_ns += later_ns;
    meter->ops->read(meter->source, readings);
}

static void expect_failure(test_tree *tree, const char *setting,
                           gb_status status, const char *what) {
    gb_energy_source *source = NULL;
    gb_error err = {0};

    tree->env.setting = setting;
    const gb_status got = gb_energy_external.open(&tree->env, &source, &err);
    if (got != status || !strstr(err.what, what))
        fail_msg("'%s': status %d, '%s'", setting ? setting : "", got,
                 err.what);
    assert_true(err.hint[0] != '\0');
}

static void nothing_named_is_absent(void **state) {
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    expect_failure(&tree, NULL, GB_ERR_UNSUPPORTED, "no meter");
    expect_failure(&tree, "", GB_ERR_UNSUPPORTED, "no meter");
    tree_close(&tree);
}

static void a_file_that_is_none_is_refused(void **state) {
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    file_path(&tree, path, sizeof(path));
    expect_failure(&tree, path, GB_ERR_NOT_FOUND, path);
    expect_failure(&tree, tree.dir, GB_ERR_INVALID, "regular file");
    append(&tree, "");
    expect_failure(&tree, path, GB_ERR_INVALID, "got none");
    append(&tree, "time,watts\n1,2\n");
    expect_failure(&tree, path, GB_ERR_INVALID, "time,watts");
    assert_int_equal(truncate(path, 0), 0);
    append(&tree, "channel a scope=dram unit=J update=1\n");
    expect_failure(&tree, path, GB_ERR_INVALID, "greenbench-meter 1");
    tree_close(&tree);
}

static void channels_become_domains(void **state) {
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts 231.5\nreading joules 17.123\n");
    append(&tree, header);
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_int_equal(meter.count, 2);
    assert_string_equal(meter.domains[0].name, "watts");
    assert_string_equal(meter.domains[0].path, path);
    assert_int_equal(meter.domains[0].kind, GB_READING_POWER);
    assert_int_equal(meter.domains[0].scope, GB_SCOPE_NODE_AC);
    assert_near(meter.domains[0].tick_j, 0.1, 1e-15);
    assert_int_equal(meter.domains[0].update_ns, 1100 * MS);
    assert_int_equal(meter.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(meter.domains[0].refresh, -1);
    assert_int_equal(meter.domains[1].kind, GB_READING_ENERGY);
    assert_near(meter.domains[1].tick_j, 3600.0, 1e-9);
    assert_int_equal(meter.domains[1].wrap_ticks, 1000000);
    assert_true(meter.domains[1].u_rel > 0 && meter.domains[1].max_power_w > 0);
    assert_int_equal(meter.ops->slow_ns(meter.source), 100 * MS);

    gb_energy_reading readings[MOST];
    append(&tree, "reading watts 240.0\nreading watts 241.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_true(readings[0].ok);
    assert_int_equal(readings[0].ticks, 2410); /* the newest */
    assert_int_equal(readings[1].ticks, 17123);
    /* It came since the last look, 100 ms ago. */
    assert_int_equal(readings[0].stamp_ns, tree.now_ns - 50 * MS);
    assert_int_equal(readings[0].half_ns, 0);
    assert_int_equal(readings[0].time_ns, tree.now_ns);
    source_close(&meter);
    tree_close(&tree);
}

static void a_channel_with_times_delivers_them(void **state) {
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading a 100 1790000000.5\n");
    append(&tree, "greenbench-meter 1\n"
                  "channel a scope=node-ac unit=J update=1s time=yes\n");
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_true(meter.domains[0].stamped);
    assert_int_equal(meter.domains[0].update_ns, 1 * S);
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].stamp_ns, UINT64_C(1790000000500000000));
    append(&tree, "reading a 200\n"); /* forgets its time */
    read_after(&tree, &meter, 100 * MS, readings);
    assert_false(readings[0].ok);
    append(&tree, "reading a 300 1790000002\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_true(readings[0].ok);
    assert_int_equal(readings[0].ticks, 300);
    source_close(&meter);
    tree_close(&tree);
}

static void no_value_and_nonsense_are_no_readings(void **state) {
    static const char *const lines[] = {
        "reading watts N/A\n", "reading watts -1\n", "reading watts 2x\n"};
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts 231.5\nreading joules 17.123\n");
    append(&tree, header);
    test_source meter = open_file(&tree, path, sizeof(path));
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        append(&tree, lines[i]);
        read_after(&tree, &meter, 100 * MS, readings);
        assert_false(readings[0].ok);
        assert_int_equal(readings[0].ticks, 0);
        assert_true(readings[1].ok);
        append(&tree, "reading watts 5.0\n");
        read_after(&tree, &meter, 100 * MS, readings);
        assert_true(readings[0].ok);
    }
    /* Garbage between good lines does no harm. */
    append(&tree,
           "\x01\x02 \xff\nreading nobody 5\nchannel new scope=dram "
           "unit=J update=1\nreading joules 1000.0\nreading watts 6.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].ticks, 60);
    assert_false(readings[1].ok); /* at or above its wrap */
    source_close(&meter);
    tree_close(&tree);
}

static void a_line_is_taken_when_it_is_whole(void **state) {
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts 1.0\nreading joules 1.0\n");
    append(&tree, header);
    test_source meter = open_file(&tree, path, sizeof(path));
    append(&tree, "reading watts 23");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].ticks, 10);
    append(&tree, "1.5\nreading ");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].ticks, 2315);
    source_close(&meter);
    tree_close(&tree);
}

static void truncation_and_rotation_are_survived(void **state) {
    gb_energy_reading readings[MOST];
    char path[128], old[136];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts 1.0\nreading joules 1.0\n");
    append(&tree, header);
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_int_equal(truncate(path, 0), 0);
    append(&tree, "reading watts 2.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].ticks, 20);

    snprintf(old, sizeof(old), "%s.1", path);
    append(&tree, "reading watts 3.0\nreading jou");
    assert_int_equal(rename(path, old), 0);
    read_after(&tree, &meter, 100 * MS, readings); /* between the two files */
    assert_int_equal(readings[0].ticks, 30);
    append(&tree, header); /* the new one */
    append(&tree, "reading watts 4.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].ticks, 40);
    source_close(&meter);
    tree_close(&tree);
}

static void another_declaration_ends_a_channel(void **state) {
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts 1.0\nreading joules 1.0\n");
    append(&tree, header);
    test_source meter = open_file(&tree, path, sizeof(path));
    append(&tree, "channel watts scope=node-ac unit=mW step=0.1 update=1s\n"
                  "reading watts 2.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_false(readings[0].ok);
    assert_true(readings[1].ok);
    append(&tree, header);
    append(&tree, "reading watts 3.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_int_equal(readings[0].ticks, 30);
    source_close(&meter);
    tree_close(&tree);
}

static void a_daemon_that_stops_is_noticed(void **state) {
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts 1.0\nreading joules 1.0\n");
    append(&tree, header);
    test_source meter = open_file(&tree, path, sizeof(path));
    read_after(&tree, &meter, 4900 * MS, readings);
    assert_true(readings[0].ok);
    read_after(&tree, &meter, 200 * MS, readings);
    assert_false(readings[0].ok);
    append(&tree, "reading watts 2.0\n");
    read_after(&tree, &meter, 100 * MS, readings);
    assert_true(readings[0].ok);
    assert_false(readings[1].ok);
    source_close(&meter);
    tree_close(&tree);
}

/* What a file held before says nothing about now. */
static void a_dead_daemons_file_is_stuck(void **state) {
    const struct timeval long_ago[2] = {{.tv_sec = 1000000000},
                                        {.tv_sec = 1000000000}};
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    append(&tree, header);
    append(&tree, "reading watts 231.5\nreading joules 17.123\n");
    file_path(&tree, path, sizeof(path));
    assert_int_equal(utimes(path, long_ago), 0);
    const uint64_t begin_ns = tree.now_ns;
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_int_equal(meter.domains[0].status, GB_DOMAIN_STUCK);
    assert_int_equal(meter.domains[1].status, GB_DOMAIN_STUCK);
    assert_non_null(strstr(meter.domains[0].reason, "2.5 s"));
    assert_in_range(tree.now_ns - begin_ns, 2500 * MS, 2600 * MS);
    source_close(&meter);
    tree_close(&tree);
}

/* One reading a minute cannot be awaited: the last line is taken, if the file
 * is still written to. */
static void a_slow_meters_last_line_is_taken(void **state) {
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    append(&tree, "greenbench-meter 1\n"
                  "channel a scope=node-ac unit=10W update=60s\n"
                  "reading a 17\n");
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_int_equal(meter.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(meter.ops->slow_ns(meter.source), 1 * S);
    read_after(&tree, &meter, 0, readings);
    assert_true(readings[0].ok);
    assert_int_equal(readings[0].ticks, 17);
    assert_int_equal(readings[0].stamp_ns, tree.now_ns - 30 * S);
    source_close(&meter);
    tree_close(&tree);
}

static void a_long_file_is_read_at_both_ends(void **state) {
    gb_energy_reading readings[MOST];
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    append(&tree, header);
    file_path(&tree, path, sizeof(path));
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    for (int i = 0; i < 20000; i++)
        fprintf(file, "reading watts %d.0\nreading joules 1.0\n", i);
    fclose(file);
    daemon_says = "reading watts 7.0\nreading joules 2.0\n";
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_string_equal(meter.domains[0].reason, ""); /* no half lines */
    read_after(&tree, &meter, 0, readings);
    assert_int_equal(readings[0].ticks, 70);
    source_close(&meter);
    tree_close(&tree);
}

static void a_meter_without_a_value_has_failed(void **state) {
    char path[128];
    test_tree tree;

    (void)state;
    open_tree(&tree, "reading watts N/A\nreading joules 1.0\n");
    append(&tree, header);
    append(&tree, "garbage\n");
    test_source meter = open_file(&tree, path, sizeof(path));
    assert_int_equal(meter.domains[0].status, GB_DOMAIN_FAILED);
    assert_non_null(strstr(meter.domains[0].reason, "garbage"));
    assert_int_equal(meter.domains[1].status, GB_DOMAIN_OK);
    source_close(&meter);
    tree_close(&tree);
}

/* --- programs ------------------------------------------------------------- */

/* The test's clock runs faster than programs start: let them. */
static void let_it_run(test_tree *tree) {
    const struct timespec step = {.tv_nsec = 10000000};

    (void)tree;
    nanosleep(&step, NULL);
}

/* Read until the first channel shows @p ticks, ok or not. */
static void await_ticks(test_tree *tree, test_source *meter, uint64_t ticks,
                        bool ok) {
    gb_energy_reading readings[MOST];

    for (int i = 0; i < 1000; i++) {
        let_it_run(tree);
        read_after(tree, meter, 20 * MS, readings);
        if (readings[0].ok == ok && readings[0].ticks == ticks)
            return;
    }
    fail_msg("expected %llu, got %llu", (unsigned long long)ticks,
             (unsigned long long)readings[0].ticks);
}

#define ONE_CHANNEL                                                            \
    "echo greenbench-meter 1; "                                                \
    "echo channel a scope=node-ac unit=W update=100ms; "

static void a_program_that_goes_on_is_followed(void **state) {
    char setting[256];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    tree.on_sleep = let_it_run;
    snprintf(setting, sizeof(setting),
             "!" ONE_CHANNEL "echo reading a 5; "
             "while ! test -e %s/go; do sleep .01; done; echo reading a 6; "
             "exec sleep 600",
             tree.dir);
    tree.env.setting = setting;
    test_source meter = source_open(&tree, &gb_energy_external);
    assert_int_equal(meter.count, 1);
    assert_int_equal(meter.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(meter.ops->slow_ns(meter.source), 50 * MS);
    await_ticks(&tree, &meter, 5, true);
    tree_write(&tree, "/go", "");
    await_ticks(&tree, &meter, 6, true);
    source_close(&meter); /* ends it */
    tree_close(&tree);
}

static void a_program_that_ends_is_run_again(void **state) {
    char setting[256];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    tree.on_sleep = let_it_run;
    tree_write(&tree, "/n", "1");
    snprintf(setting, sizeof(setting),
             "!" ONE_CHANNEL "read n <%s/n; printf \"reading a $n\"; "
             "echo $((n+1)) >%s/n",
             tree.dir, tree.dir);
    tree.env.setting = setting;
    test_source meter = source_open(&tree, &gb_energy_external);
    for (uint64_t n = 3; n < 6; n++)
        await_ticks(&tree, &meter, n, true);
    source_close(&meter);
    tree_close(&tree);
}

static void a_program_that_dies_is_stale(void **state) {
    char setting[256];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    tree.on_sleep = let_it_run;
    snprintf(setting, sizeof(setting),
             "!test -e %s/dead && exit 3; " ONE_CHANNEL
             "echo reading a 5; touch %s/dead; kill $$",
             tree.dir, tree.dir);
    tree.env.setting = setting;
    test_source meter = source_open(&tree, &gb_energy_external);
    await_ticks(&tree, &meter, 5, true);
    await_ticks(&tree, &meter, 0, false);
    source_close(&meter);
    tree_close(&tree);
}

static void a_program_that_fails_says_why(void **state) {
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    tree.on_sleep = let_it_run;
    expect_failure(&tree, "!echo no such outlet >&2; exit 7", GB_ERR_INVALID,
                   "status 7 and declared no channel: no such outlet");
    expect_failure(&tree, "!/nowhere/meter", GB_ERR_INVALID, "status 127");
    expect_failure(&tree, "!kill -9 $$", GB_ERR_INVALID, "status 137");
    expect_failure(&tree, "!true", GB_ERR_INVALID, "status 0");
    expect_failure(&tree, "!echo 231 W", GB_ERR_INVALID, "231 W");
    /* Nothing to read, and nothing to wait for. */
    expect_failure(&tree, "!cat; exit 5", GB_ERR_INVALID, "status 5");
    tree_close(&tree);
}

/* Quickly enough, though it ignores being asked. */
static void a_program_that_will_not_end_is_ended(void **state) {
    char setting[256], path[128];
    int pid = 0;
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    tree.on_sleep = let_it_run;
    snprintf(setting, sizeof(setting),
             "!trap '' TERM; echo $$ >%s/pid; " ONE_CHANNEL
             "echo reading a 5; while :; do sleep 1; done",
             tree.dir);
    tree.env.setting = setting;
    test_source meter = source_open(&tree, &gb_energy_external);
    snprintf(path, sizeof(path), "%s/pid", tree.dir);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    assert_int_equal(kill(pid, 0), 0);
    source_close(&meter);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    tree_close(&tree);
}

static void the_nodes_name_is_put_in(void **state) {
    char path[160];
    test_tree tree;

    (void)state;
    open_tree(&tree, NULL);
    tree.on_sleep = let_it_run;
    expect_failure(&tree, "/nowhere/%h.log", GB_ERR_NOT_FOUND,
                   "/nowhere/node17.log");
    expect_failure(&tree, "!echo %h%h %s >&2; exit 1", GB_ERR_INVALID,
                   "node17node17 %s");
    memset(path, 'h', sizeof(path));
    for (size_t i = 0; i + 1 < sizeof(path); i += 2)
        path[i] = '%';
    path[sizeof(path) - 2] = '\0';
    expect_failure(&tree, path, GB_ERR_INVALID, "at most 255 characters");
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_named_is_absent),
        cmocka_unit_test(a_file_that_is_none_is_refused),
        cmocka_unit_test(channels_become_domains),
        cmocka_unit_test(a_channel_with_times_delivers_them),
        cmocka_unit_test(no_value_and_nonsense_are_no_readings),
        cmocka_unit_test(a_line_is_taken_when_it_is_whole),
        cmocka_unit_test(truncation_and_rotation_are_survived),
        cmocka_unit_test(another_declaration_ends_a_channel),
        cmocka_unit_test(a_daemon_that_stops_is_noticed),
        cmocka_unit_test(a_dead_daemons_file_is_stuck),
        cmocka_unit_test(a_slow_meters_last_line_is_taken),
        cmocka_unit_test(a_long_file_is_read_at_both_ends),
        cmocka_unit_test(a_meter_without_a_value_has_failed),
        cmocka_unit_test(a_program_that_goes_on_is_followed),
        cmocka_unit_test(a_program_that_ends_is_run_again),
        cmocka_unit_test(a_program_that_dies_is_stale),
        cmocka_unit_test(a_program_that_fails_says_why),
        cmocka_unit_test(a_program_that_will_not_end_is_ended),
        cmocka_unit_test(the_nodes_name_is_put_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
