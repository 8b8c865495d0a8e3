/* SPDX-License-Identifier: Apache-2.0 */
/* pm_counters of synthetic nodes (tests/fixtures/synthetic-cray-*), and of the
 * dumps in the folder GREENBENCH_TEST_DUMPS, where it is set. */
#include <errno.h>
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
#include "machine/energy/set.h"
#include "metering/window.h"
#include "tree.h"

#define DIR "/sys/cray/pm_counters/"
enum { MOST = 32 };

/* What one scan adds to each counter; and a counter that it does not reach. */
static unsigned scan_gain_j = 1;
static const char *scan_misses = "";

/* The controller scans: freshness, energies and stamps move. */
static void scan(test_tree *tree) {
    uint64_t freshness;
    char **files;
    size_t count;

    if (gb_sysroot_read_u64(tree->root, DIR "freshness", &freshness, NULL) ==
        GB_OK)
        tree_write_u64(tree, DIR "freshness", freshness + 1);
    assert_int_equal(gb_sysroot_list(tree->root, DIR, &files, &count, NULL),
                     GB_OK);
    for (size_t i = 0; i < count; i++) {
        unsigned long long energy_j, stamp_us;
        char path[128], text[80];
        if (!gb_ends_with(files[i], "energy") ||
            strcmp(files[i], scan_misses) == 0)
            continue;
        snprintf(path, sizeof(path), DIR "%.64s", files[i]);
        assert_int_equal(
            gb_sysroot_read_text(tree->root, path, text, sizeof(text), NULL),
            GB_OK);
        const int got = sscanf(text, "%llu J %llu us", &energy_j, &stamp_us);
        energy_j += scan_gain_j;
        if (got == 2)
            snprintf(text, sizeof(text), "%llu J %llu us\n", energy_j,
                     stamp_us + 100000);
        else
            snprintf(text, sizeof(text), "%llu J\n", energy_j);
        tree_write(tree, path, text);
    }
    gb_sysroot_free_names(files, count);
}

static void another_machine_has_none(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;
    gb_error err = {0};

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    assert_int_equal(gb_energy_cray_pm.open(&tree.env, &source, &err),
                     GB_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.what, "/sys/cray/pm_counters"));
    tree_close(&tree);
}

static void an_empty_folder_is_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;

    (void)state;
    tree_open(&tree, "synthetic-cray-legacy", "t0");
    tree_remove(&tree, "/sys/cray/pm_counters/energy");
    tree_remove(&tree, "/sys/cray/pm_counters/cpu_energy");
    tree_remove(&tree, "/sys/cray/pm_counters/memory_energy");
    tree_remove(&tree, "/sys/cray/pm_counters/power");
    tree_remove(&tree, "/sys/cray/pm_counters/cpu_power");
    tree_remove(&tree, "/sys/cray/pm_counters/memory_power");
    assert_int_equal(gb_energy_cray_pm.open(&tree.env, &source, NULL),
                     GB_ERR_UNSUPPORTED);
    tree_close(&tree);
}

static void each_file_is_described(void **state) {
    static const char *const names[] = {"node",   "cpu",    "memory", "accel0",
                                        "accel1", "accel2", "accel3"};
    static const gb_energy_scope scopes[] = {
        GB_SCOPE_NODE_DC, GB_SCOPE_PACKAGE, GB_SCOPE_DRAM, GB_SCOPE_ACCEL,
        GB_SCOPE_ACCEL,   GB_SCOPE_ACCEL,   GB_SCOPE_ACCEL};
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-ex", "t0");
    tree.node.packages = 1;
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    assert_int_equal(cray.count, 7);
    for (size_t i = 0; i < cray.count; i++) {
        const gb_energy_domain *domain = &cray.domains[i];
        assert_string_equal(domain->name, names[i]);
        assert_int_equal(domain->scope, scopes[i]);
        assert_int_equal(domain->kind, GB_READING_ENERGY);
        assert_int_equal(domain->status, GB_DOMAIN_OK);
        assert_near(domain->tick_j, 1.0, 0);
        assert_near(domain->step_j, 1.0, 0);
        assert_int_equal(domain->wrap_ticks, 0);
        assert_int_equal(domain->update_ns, 100 * MS);
        assert_true(domain->stamped);
        assert_int_equal(domain->refresh, 0);
        assert_true(domain->u_rel > 0 && domain->max_power_w > 0);
    }
    assert_int_equal(cray.domains[0].package, -1);
    assert_int_equal(cray.domains[1].package, 0); /* the only package */
    assert_int_equal(cray.domains[6].package, 3);
    assert_string_equal(cray.domains[0].reason,
                        "10 scans/s, version 3, generation 7, no power cap");
    source_close(&cray);
    tree_close(&tree);
}

static void what_the_firmware_lacks_is_said(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-legacy", "t0");
    tree_remove(&tree, DIR "freshness");
    tree_remove(&tree, DIR "startup");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    assert_int_equal(cray.count, 3);
    assert_false(cray.domains[0].stamped);
    assert_string_equal(
        cray.domains[0].reason,
        "10 scans/s, generation 2, power cap 350 W, no time stamps (old "
        "firmware), no `freshness`: torn scans go unseen, no `startup`: "
        "restarts go unseen");
    gb_energy_reading readings[MOST];
    cray.ops->read(cray.source, readings);
    assert_true(readings[0].ok);
    assert_int_equal(readings[0].ticks, 2147481500);
    assert_int_equal(readings[0].stamp_ns, 0);
    source_close(&cray);
    tree_close(&tree);
}

/* Mean power of a node from one state to the next, by the whole chain. */
static gb_energy_figure node_figure(const gb_energy_set *set,
                                    const gb_energy_reading *t0,
                                    const gb_energy_reading *t1) {
    gb_energy_figure figures[MOST], node;
    size_t count;
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);

    for (size_t i = 0; i < count; i++) {
        const gb_energy_reading edges[] = {t0[i], t1[i]};
        gb_window_energy(&domains[i], edges, 2, 60.0, &figures[i]);
    }
    gb_figure_sum_domains(domains, figures, count, &node);
    return node;
}

static void each_machine_has_its_right_total(void **state) {
    static const struct {
        const char *fixture;
        double dt_s, node_w, node_j; /* expected.json */
        double wrong_j[3];
        size_t ok;
    } cases[] = {
        {"synthetic-cray-ex",
         20.0,
         23398 / 19.9987,
         23398,
         {43914, 20516, 20516},
         7},
        {"synthetic-cray-legacy",
         10.0,
         420,
         4200,
         {7370, 3170, -4294963096.0},
         3},
        {"synthetic-cray-gh200",
         15.0,
         1720,
         25800,
         {56330, 30530, -4294941496.0},
         9},
    };

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        gb_energy_reading t0[MOST], t1[MOST];
        gb_energy_set *set = NULL;
        gb_error err = {0};
        test_tree tree;
        size_t count, ok = 0;

        tree_open(&tree, cases[c].fixture, "t0");
        tree.on_sleep = scan;
        if (gb_energy_set_open(&tree.env, "cray_pm", &set, &err) != GB_OK)
            fail_msg("%s", err.what);
        const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
        tree_become(&tree, "t0");
        gb_energy_set_read(set, t0);
        tree.now_ns += (uint64_t)(cases[c].dt_s * 1e9);
        tree_become(&tree, "t1");
        gb_energy_set_read(set, t1);
        for (size_t i = 0; i < count; i++) {
            ok += t0[i].ok && t1[i].ok;
            assert_int_equal(domains[i].summed,
                             strcmp(domains[i].name, "node") == 0);
        }
        const gb_energy_cover *cover = gb_energy_set_cover(set);
        assert_string_equal(cover->holds, "node behind the power supply");
        assert_string_equal(cover->leaves_out, "PSU loss");
        assert_int_equal(ok, cases[c].ok);
        assert_int_equal(t1[0].ticks - t0[0].ticks, (uint64_t)cases[c].node_j);
        const gb_energy_figure node = node_figure(set, t0, t1);
        if (!(fabs(node.energy_j / node.window_s / cases[c].node_w - 1) < 1e-9))
            fail_msg("%s: expected %.6f W, got %.6f W: %s", cases[c].fixture,
                     cases[c].node_w, node.energy_j / node.window_s,
                     node.reason);
        for (size_t i = 0; i < 3; i++)
            assert_true(fabs(node.energy_j - cases[c].wrong_j[i]) > 100.0);
        gb_energy_set_close(set);
        tree_close(&tree);
    }
}

static void several_processors_are_not_counted_with_their_sum(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-gh200", "t0");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    assert_int_equal(cray.count, 10); /* and no `memory` */
    const size_t sum = domain_named(cray.domains, cray.count, "cpu");
    assert_int_equal(cray.domains[sum].status, GB_DOMAIN_UNSUPPORTED);
    assert_non_null(strstr(cray.domains[sum].reason, "the sum of cpu0"));
    const size_t cpu = domain_named(cray.domains, cray.count, "cpu3");
    assert_int_equal(cray.domains[cpu].scope, GB_SCOPE_PACKAGE);
    assert_int_equal(cray.domains[cpu].package, 3);
    source_close(&cray);
    tree_close(&tree);
}

static void power_stands_in_for_a_missing_counter(void **state) {
    gb_energy_reading readings[MOST];
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-ex", "t0");
    tree_remove(&tree, DIR "energy");
    tree_write(&tree, DIR "hbm_energy", "5 J 1790000000000000 us\n");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    assert_int_equal(cray.count, 8);
    assert_string_equal(cray.domains[0].name, "node");
    assert_int_equal(cray.domains[0].kind, GB_READING_POWER);
    const size_t odd = domain_named(cray.domains, cray.count, "hbm");
    assert_int_equal(cray.domains[odd].status, GB_DOMAIN_UNSUPPORTED);
    assert_non_null(strstr(cray.domains[odd].reason, "not known"));
    cray.ops->read(cray.source, readings);
    assert_int_equal(readings[0].ticks, 612);
    assert_int_equal(readings[0].stamp_ns, UINT64_C(1790000000210317000));
    assert_false(readings[odd].ok);
    /* rule 27: the controller's way of saying that it has no value */
    tree_write(&tree, DIR "power", "65535 W 1790000001210317 us\n");
    cray.ops->read(cray.source, readings);
    assert_false(readings[0].ok);
    source_close(&cray);
    tree_close(&tree);
}

static void a_file_that_is_not_readable_says_so(void **state) {
    test_fault fault = {"*/energy", EACCES};
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-ex", "t0");
    tree_write(&tree, DIR "memory_energy", "");
    tree_write(&tree, DIR "cpu_energy", "-3 J 1790000000302455 us\n");
    gb_sysroot_set_fault(tree.root, tree_fault, &fault);
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    assert_int_equal(cray.domains[0].status, GB_DOMAIN_FORBIDDEN);
    assert_non_null(strstr(cray.domains[0].reason, "errno 13"));
    assert_true(cray.domains[0].fix[0] != '\0');
    assert_int_equal(cray.domains[1].status, GB_DOMAIN_FAILED);
    assert_non_null(strstr(cray.domains[1].reason, "-3 J"));
    assert_int_equal(cray.domains[2].status, GB_DOMAIN_FAILED);
    assert_int_equal(cray.domains[3].status, GB_DOMAIN_OK);
    /* The evidence is with what is read. */
    assert_non_null(strstr(cray.domains[3].reason, "generation 7"));
    source_close(&cray);
    tree_close(&tree);
}

/* --- torn scans ----------------------------------------------------------- */

/* In the middle of a snapshot, up to @p scans_left times, the controller scans
 * (or the driver asks to try again). */
typedef struct busy_controller {
    test_tree *tree;
    int scans_left, os_errno;
    unsigned seen;
} busy_controller;

static int scan_meanwhile(void *ctx, const char *path) {
    busy_controller *busy = ctx;

    if (!gb_glob_match("*/accel0_energy", path))
        return 0;
    busy->seen++;
    if (busy->scans_left <= 0)
        return 0;
    busy->scans_left--;
    if (busy->os_errno != 0)
        return busy->os_errno;
    gb_sysroot_set_fault(busy->tree->root, NULL, NULL);
    scan(busy->tree);
    gb_sysroot_set_fault(busy->tree->root, scan_meanwhile, busy);
    return 0;
}

static void a_torn_snapshot_is_read_again(void **state) {
    static const int errnos[] = {0, EAGAIN};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        busy_controller busy = {.os_errno = errnos[k]};
        gb_energy_reading readings[MOST];
        test_tree tree;

        tree_open(&tree, "synthetic-cray-ex", "t0");
        busy.tree = &tree;
        test_source cray = source_open(&tree, &gb_energy_cray_pm);
        busy.scans_left = 2;
        gb_sysroot_set_fault(tree.root, scan_meanwhile, &busy);
        cray.ops->read(cray.source, readings);
        for (size_t i = 0; i < cray.count; i++)
            assert_true(readings[i].ok);
        assert_int_equal(busy.scans_left, 0);
        if (errnos[k] == 0) /* of the last scan, not of the one before */
            assert_int_equal(readings[0].ticks, 812345678 + 2);

        busy.scans_left = 1000; /* it never comes to rest: bounded, then torn */
        busy.seen = 0;
        cray.ops->read(cray.source, readings);
        for (size_t i = 0; i < cray.count; i++)
            assert_false(readings[i].ok);
        assert_in_range(busy.seen, 5, 10);
        gb_sysroot_set_fault(tree.root, NULL, NULL);
        cray.ops->read(cray.source, readings);
        assert_true(readings[0].ok);
        source_close(&cray);
        tree_close(&tree);
    }
}

static void a_failing_file_does_not_take_the_others_along(void **state) {
    test_fault fault = {"*/memory_energy", EIO};
    gb_energy_reading readings[MOST];
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-ex", "t0");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    gb_sysroot_set_fault(tree.root, tree_fault, &fault);
    cray.ops->read(cray.source, readings);
    assert_true(readings[0].ok);
    assert_false(readings[2].ok);
    assert_int_equal(readings[2].ticks, 0);
    gb_sysroot_set_fault(tree.root, NULL, NULL);
    tree_write(&tree, DIR "memory_energy", "61234567 J\n"); /* lost its stamp */
    tree_write(&tree, DIR "generation", "8\n"); /* a cap was set: no fault */
    cray.ops->read(cray.source, readings);
    assert_true(readings[0].ok);
    assert_false(readings[2].ok);
    tree_remove(&tree, DIR "startup"); /* nothing can be compared any more */
    cray.ops->read(cray.source, readings);
    assert_false(readings[0].ok);
    source_close(&cray);
    tree_close(&tree);
}

/* --- restarts and stalls -------------------------------------------------- */

static void a_restart_of_the_controller_has_no_figure(void **state) {
    gb_energy_reading readings[4][MOST];
    gb_energy_figure figure;
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-bmc-restart", "t0");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    cray.ops->read(cray.source, readings[0]);
    tree.now_ns += 30 * S;
    tree_become(&tree, "t1");
    cray.ops->read(cray.source, readings[1]); /* notices it */
    tree.now_ns += 100 * MS;
    cray.ops->read(cray.source, readings[2]);
    for (size_t i = 0; i < cray.count; i++) {
        assert_true(readings[0][i].ok);
        assert_false(readings[1][i].ok);
        assert_true(readings[2][i].ok);
    }
    /* Even if the counter had been put back to a plausible value. */
    tree_write(&tree, DIR "energy", "905012723 J 1790000030254000 us\n");
    cray.ops->read(cray.source, readings[3]);
    for (size_t k = 2; k < 4; k++) {
        const gb_energy_reading edges[] = {readings[0][0], readings[k][0]};
        gb_window_energy(&cray.domains[0], edges, 2, 60.0, &figure);
        assert_true(isnan(figure.energy_j));
        assert_true(figure.reason[0] != '\0');
    }
    source_close(&cray);
    tree_close(&tree);
}

static void after_a_restart_windows_have_figures_again(void **state) {
    gb_energy_reading readings[MOST], edges[2];
    gb_energy_figure figure;
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-bmc-restart", "t0");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    tree_become(&tree, "t1");
    cray.ops->read(cray.source, readings);
    cray.ops->read(cray.source, readings);
    edges[0] = readings[0];
    tree.now_ns += 10 * S;
    tree_write(&tree, DIR "energy", "7420 J 1790000040154000 us\n");
    cray.ops->read(cray.source, readings);
    edges[1] = readings[0];
    gb_window_energy(&cray.domains[0], edges, 2, 60.0, &figure);
    assert_near(figure.energy_j, 4300.0, 1e-6);
    source_close(&cray);
    tree_close(&tree);
}

static void without_stamps_only_a_fall_shows_a_restart(void **state) {
    gb_energy_reading readings[MOST];
    test_tree tree;

    (void)state;
    tree_open(&tree, "synthetic-cray-legacy", "t0");
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    cray.ops->read(cray.source, readings);
    tree_write(&tree, DIR "startup", "1560000777\n");
    tree_write(&tree, DIR "energy", "77 J\n");
    tree_write(&tree, DIR "cpu_energy", "1500000200 J\n"); /* went on? */
    cray.ops->read(cray.source, readings);
    assert_false(readings[0].ok);
    cray.ops->read(cray.source, readings);
    assert_true(readings[0].ok); /* metering sees that it fell */
    assert_int_equal(readings[0].ticks, 77);
    assert_false(readings[1].ok); /* nobody could tell */
    cray.ops->read(cray.source, readings);
    assert_true(readings[0].ok);
    assert_false(readings[1].ok);
    source_close(&cray);
    tree_close(&tree);
}

static void a_controller_that_stopped_scanning_is_stuck(void **state) {
    gb_energy_set *set = NULL;
    gb_error err = {0};
    test_tree tree;
    size_t count;

    (void)state;
    tree_open(&tree, "synthetic-cray-ex", "t0");
    if (gb_energy_set_open(&tree.env, "cray_pm", &set, &err) != GB_OK)
        fail_msg("%s", err.what);
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(domains[i].status, GB_DOMAIN_STUCK);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void a_stamp_that_moves_proves_an_idle_counter(void **state) {
    gb_energy_set *set = NULL;
    test_tree tree;
    size_t count;

    (void)state;
    tree_open(&tree, "synthetic-cray-ex", "t0");
    tree.on_sleep = scan;
    scan_gain_j = 0;
    scan_misses = "memory_energy";
    assert_int_equal(gb_energy_set_open(&tree.env, "cray_pm", &set, NULL),
                     GB_OK);
    scan_gain_j = 1;
    scan_misses = "";
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_int_equal(domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(domains[2].status, GB_DOMAIN_STUCK);
    gb_energy_set_close(set);
    tree_close(&tree);
}

/* --- dumps of other machines ---------------------------------------------- */

static void read_dump(const char *dump, const char *state_name,
                      gb_energy_reading *readings, size_t *node_out) {
    const char *folder = getenv("GREENBENCH_TEST_DUMPS");
    char path[512];
    gb_error err = {0};
    test_tree tree = {.now_ns = 1 * S};

    snprintf(path, sizeof(path), "%s/%s/%s", folder, dump, state_name);
    if (gb_sysroot_open(path, &tree.root, &err) != GB_OK)
        fail_msg("%s", err.what);
    tree.clock = gb_clock_system;
    tree.env = (gb_energy_env){
        .root = tree.root, .clock = &tree.clock, .node = &tree.node};
    test_source cray = source_open(&tree, &gb_energy_cray_pm);
    assert_in_range(cray.count, 1, MOST);
    cray.ops->read(cray.source, readings);
    *node_out = domain_named(cray.domains, cray.count, "node");
    for (size_t i = 0; i < cray.count; i++)
        if (cray.domains[i].status == GB_DOMAIN_OK)
            assert_true(readings[i].ok);
    source_close(&cray);
    gb_sysroot_close(tree.root);
}

static void dumps_of_real_nodes_have_their_totals(void **state) {
    static const struct {
        const char *dump;
        uint64_t node_j;
        double dt_s;
    } cases[] = {
        {"cray-pm_counters-frontier", 14805, 10.0031},
        {"cray-pm_counters-gh200", 33000, 20.0},
    };

    (void)state;
    if (getenv("GREENBENCH_TEST_DUMPS") == NULL) {
        print_message("skipped: GREENBENCH_TEST_DUMPS names no folder with "
                      "cray-pm_counters-frontier and -gh200\n");
        skip();
    }
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        gb_energy_reading t0[MOST], t1[MOST];
        size_t node;

        read_dump(cases[c].dump, "t0", t0, &node);
        read_dump(cases[c].dump, "t1", t1, &node);
        assert_int_equal(t1[node].ticks - t0[node].ticks, cases[c].node_j);
        assert_near((double)(t1[node].stamp_ns - t0[node].stamp_ns) * 1e-9,
                    cases[c].dt_s, 1e-9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_machine_has_none),
        cmocka_unit_test(an_empty_folder_is_absent),
        cmocka_unit_test(each_file_is_described),
        cmocka_unit_test(what_the_firmware_lacks_is_said),
        cmocka_unit_test(each_machine_has_its_right_total),
        cmocka_unit_test(several_processors_are_not_counted_with_their_sum),
        cmocka_unit_test(power_stands_in_for_a_missing_counter),
        cmocka_unit_test(a_file_that_is_not_readable_says_so),
        cmocka_unit_test(a_torn_snapshot_is_read_again),
        cmocka_unit_test(a_failing_file_does_not_take_the_others_along),
        cmocka_unit_test(a_restart_of_the_controller_has_no_figure),
        cmocka_unit_test(after_a_restart_windows_have_figures_again),
        cmocka_unit_test(without_stamps_only_a_fall_shows_a_restart),
        cmocka_unit_test(a_controller_that_stopped_scanning_is_stuck),
        cmocka_unit_test(a_stamp_that_moves_proves_an_idle_counter),
        cmocka_unit_test(dumps_of_real_nodes_have_their_totals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
