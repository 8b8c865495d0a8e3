/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "events.h"
#include "machine/energy/set.h"
#include "metering/delta.h"
#include "tree.h"

/* Advance every counter that a reader has open, as 200 W would in each sleep,
 * so that probing sees them move. */
static void move_counters(test_tree *tree) {
    static const char *const paths[] = {
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:2/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/"
        "intel-rapl:0:0/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/"
        "intel-rapl:0:1/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/"
        "intel-rapl:1:0/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:2/"
        "intel-rapl:2:0/energy_uj",
        "/sys/devices/virtual/powercap/intel-rapl-mmio/intel-rapl-mmio:0/"
        "energy_uj",
        "/sys/class/hwmon/hwmon3/energy9_input",
        "/sys/class/hwmon/hwmon3/energy10_input",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        uint64_t uj;
        if (gb_sysroot_read_u64(tree->root, paths[i], &uj, NULL) == GB_OK)
            tree_write_u64(tree, paths[i], uj + 1);
    }
}

static gb_energy_set *open_set(test_tree *tree, const char *wanted) {
    gb_energy_set *set = NULL;
    gb_error err = {0};

    if (gb_energy_set_open(&tree->env, wanted, &set, &err) != GB_OK)
        fail_msg("%s", err.what);
    return set;
}

static void unknown_sources_are_refused_with_a_suggestion(void **state) {
    static const struct {
        const char *wanted, *hint;
    } cases[] = {
        {"powercpa", "powercap"}, {"", NULL},         {"powercap,", NULL},
        {",perf", NULL},          {"hwmom", "hwmon"}, {"perf,none", NULL},
        {"powercap perf", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_error err = {0};
        if (gb_energy_set_check(cases[i].wanted, &err) != GB_ERR_INVALID)
            fail_msg("'%s' was accepted", cases[i].wanted);
        if (cases[i].hint && !strstr(err.hint, cases[i].hint))
            fail_msg("'%s': hint '%s'", cases[i].wanted, err.hint);
        assert_non_null(strstr(err.what, "powercap, perf, hwmon"));
    }
}

static void known_sources_are_accepted(void **state) {
    static const char *const cases[] = {"auto", "none", "model",
                                        "perf,powercap", "papi,papi"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(gb_energy_set_check(cases[i], NULL), GB_OK);
}

static void none_opens_nothing(void **state) {
    test_tree tree;
    size_t count = 7;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    gb_energy_set *set = open_set(&tree, "none");
    gb_energy_set_domains(set, &count);
    assert_int_equal(count, 0);
    assert_int_equal(gb_energy_set_cover(set)->quality, GB_QUALITY_UNAVAILABLE);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void an_absent_source_is_one_row_that_says_why(void **state) {
    test_tree tree;
    size_t count, source_count;
    gb_energy_reading readings[32];

    (void)state;
    tree_open(&tree, "faults/no-powercap", "t0");
    gb_energy_set *set = open_set(&tree, "auto");
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    const gb_energy_source_ops *const *sources =
        gb_energy_sources(&source_count);
    assert_int_equal(count, source_count);
    gb_energy_set_read(set, readings);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(domains[i].source, sources[i]->name);
        assert_string_equal(domains[i].name, "");
        assert_int_equal(domains[i].status, GB_DOMAIN_ABSENT);
        assert_true(domains[i].reason[0] != '\0');
        assert_false(readings[i].ok);
    }
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void a_counter_that_stands_still_is_stuck(void **state) {
    static const char *const fixtures[] = {"faults/frozen",
                                           "faults/equal-start-zero"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        test_tree tree;
        size_t count;
        gb_energy_reading reading;

        tree_open(&tree, fixtures[i], "t0");
        uint64_t begin_ns = tree.now_ns;
        gb_energy_set *set = open_set(&tree, "powercap");
        const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
        assert_int_equal(domains[0].status, GB_DOMAIN_STUCK);
        assert_int_equal(domains[0].quality, GB_QUALITY_UNAVAILABLE);
        assert_in_range(tree.now_ns - begin_ns, 250 * MS, 260 * MS);
        gb_energy_set_read(set, &reading);
        assert_false(reading.ok);
        assert_int_equal(gb_energy_set_cover(set)->summed_count, 0);
        gb_energy_set_close(set);
        tree_close(&tree);
    }
}

/* Rule 19: powercap lists a zone only if its counter worked when the driver was
 * loaded, so that a socket may be missing without a word. */
static void a_zone_that_is_not_there_makes_the_sum_partial(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "intel-2s-skx-dram", "t0");
    tree.on_sleep = move_counters;
    gb_energy_set *set = open_set(&tree, "powercap");
    assert_string_equal(gb_energy_set_cover(set)->holds, "2 packages + DRAM");
    assert_string_equal(gb_energy_set_cover(set)->missing, "");
    gb_energy_set_close(set);

    tree_remove(&tree, "/sys/class/powercap/intel-rapl:1");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:1:0");
    set = open_set(&tree, "powercap");
    assert_string_equal(gb_energy_set_cover(set)->holds,
                        "1 of 2 packages + DRAM of 1");
    assert_string_equal(gb_energy_set_cover(set)->missing,
                        "1 of 2 packages has no counter");
    gb_energy_set_close(set);

    /* A machine that does not tell its packages raises no alarm. */
    tree_remove(&tree, "/proc/cpuinfo");
    set = open_set(&tree, "powercap");
    assert_string_equal(gb_energy_set_cover(set)->holds, "1 package + DRAM");
    assert_string_equal(gb_energy_set_cover(set)->missing, "");
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void moving_counters_are_awaited_no_longer_than_needed(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    tree.on_sleep = move_counters;
    uint64_t begin_ns = tree.now_ns;
    gb_energy_set_close(open_set(&tree, "powercap"));
    assert_in_range(tree.now_ns - begin_ns, 1, 5 * MS);
    tree_close(&tree);
}

static void a_counter_that_cannot_be_read_twice_has_failed(void **state) {
    test_tree tree;
    size_t count;

    (void)state;
    tree_open(&tree, "faults/garbage", "t1");
    gb_energy_set *set = open_set(&tree, "powercap");
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_int_equal(domains[0].status, GB_DOMAIN_FAILED);
    gb_energy_set_close(set);
    tree_close(&tree);
}

/* Joules of the cover from t0 to t1 in steps short enough not to miss a wrap:
 * each counter is moved linearly between its two states. */
static double covered_j(test_tree *tree, gb_energy_set *set, uint64_t dt_s) {
    enum { PARTS = 4, MOST = 24 };
    gb_energy_reading t0[MOST], t1[MOST], last[MOST], now[MOST];
    double energy_j = 0;
    size_t count;
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);

    assert_true(count <= MOST);
    tree_become(tree, "t1");
    gb_energy_set_read(set, t1);
    tree_become(tree, "t0");
    gb_energy_set_read(set, t0);
    memcpy(last, t0, sizeof(last));
    for (uint64_t part = 1; part <= PARTS; part++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t wrap = domains[i].wrap_ticks;
            uint64_t gain = t1[i].ticks - t0[i].ticks;
            if (!domains[i].summed)
                continue;
            if (t1[i].ticks < t0[i].ticks)
                gain += wrap;
            uint64_t ticks = t0[i].ticks + gain * part / PARTS;
            tree_write_u64(tree, domains[i].path, wrap ? ticks % wrap : ticks);
        }
        tree->now_ns += dt_s * S / PARTS;
        gb_energy_set_read(set, now);
        for (size_t i = 0; i < count; i++) {
            uint64_t ticks;
            gb_error err = {0};
            if (!domains[i].summed)
                continue;
            if (gb_delta_ticks(&domains[i], &last[i], &now[i], &ticks, NULL,
                               &err) != GB_OK)
                fail_msg("%s: %s", domains[i].name, err.what);
            energy_j += (double)ticks * domains[i].tick_j;
        }
        memcpy(last, now, sizeof(last));
    }
    return energy_j;
}

static void each_machine_has_its_right_total(void **state) {
    static const struct {
        const char *fixture;
        uint64_t dt_s;
        double node_j, steps_j; /* expected.json; one step of each counter */
        size_t summed;
        const char *holds;
    } cases[] = {
        {"intel-2s-skx-dram", 60, 19980.000002, 154e-6, 4, "2 packages"},
        {"amd-epyc-2s", 120, 55080.000005, 31e-6, 2, "2 packages"},
        {"intel-client-mmio-psys", 30, 359.999994, 62e-6, 1, "package"},
        {"intel-2s-spr-psys", 120, 57240.000011, 245e-6, 4, "2 packages"},
        {"amd_energy-hwmon-2s", 60, 11760.0, 31e-6, 2, "2 packages"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_tree tree;

        tree_open(&tree, cases[i].fixture, "t0");
        tree.on_sleep = move_counters;
        gb_energy_set *set = open_set(&tree, "auto");
        const gb_energy_cover *cover = gb_energy_set_cover(set);
        if (cover->summed_count != cases[i].summed ||
            !strstr(cover->holds, cases[i].holds))
            fail_msg("%s: %zu summed, '%s'", cases[i].fixture,
                     cover->summed_count, cover->holds);
        assert_int_equal(cover->quality, GB_QUALITY_SIMULATED);
        double got_j = covered_j(&tree, set, cases[i].dt_s);
        if (fabs(got_j - cases[i].node_j) > cases[i].steps_j)
            fail_msg("%s: expected %.6f J, got %.6f J", cases[i].fixture,
                     cases[i].node_j, got_j);
        gb_energy_set_close(set);
        tree_close(&tree);
    }
}

static void mmio_is_used_where_the_other_path_is_not(void **state) {
    test_tree tree;
    size_t count;

    (void)state;
    tree_open(&tree, "intel-client-mmio-psys", "t0");
    tree_remove(&tree, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:0");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:0:0");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:0:1");
    tree.on_sleep = move_counters;
    gb_energy_set *set = open_set(&tree, "powercap");
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_true(domains[domain_named(domains, count, "mmio:package-0")].summed);
    assert_int_equal(gb_energy_set_cover(set)->summed_count, 1);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void mirrored_dies_are_summed_once(void **state) {
    static const char *const names[] = {"package-0-die-0\n",
                                        "package-0-die-1\n"};
    test_tree tree;
    uint64_t uj;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    for (int i = 0; i < 2; i++) {
        char path[] =
            "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/name";
        *strchr(path, '0') = (char)('0' + i);
        tree_write(&tree, path, names[i]);
    }
    assert_int_equal(
        gb_sysroot_read_u64(
            tree.root, "/sys/class/powercap/intel-rapl:0/energy_uj", &uj, NULL),
        GB_OK);
    tree_write_u64(
        &tree,
        "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj", uj);
    tree.on_sleep = move_counters;
    gb_energy_set *set = open_set(&tree, "powercap");
    assert_int_equal(gb_energy_set_cover(set)->summed_count, 1);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void an_estimate_is_used_only_where_nothing_is_measured(void **state) {
    test_tree tree;
    size_t count;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    tree.on_sleep = move_counters;
    gb_energy_set *set = open_set(&tree, "auto");
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    size_t model = domain_named(domains, count, "ccf-epyc-3, 4 threads");
    assert_int_equal(domains[model].status, GB_DOMAIN_UNSUPPORTED);
    assert_false(domains[model].summed);
    gb_energy_set_close(set);

    set = open_set(&tree, "model,powercap"); /* asked for: read, not summed */
    domains = gb_energy_set_domains(set, &count);
    model = domain_named(domains, count, "ccf-epyc-3, 4 threads");
    assert_int_equal(domains[model].status, GB_DOMAIN_OK);
    assert_false(domains[model].summed);
    gb_energy_set_close(set);

    tree.on_sleep = NULL; /* now no counter moves */
    set = open_set(&tree, "auto");
    domains = gb_energy_set_domains(set, &count);
    model = domain_named(domains, count, "ccf-epyc-3, 4 threads");
    assert_true(domains[model].summed);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void everything_from_a_fake_root_is_simulated(void **state) {
    test_tree tree;
    size_t count;

    (void)state;
    tree_open(&tree, "intel-2s-spr-psys", "t0");
    tree.on_sleep = move_counters;
    gb_energy_set *set = open_set(&tree, "auto");
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(domains[i].quality, domains[i].status == GB_DOMAIN_OK
                                                 ? GB_QUALITY_SIMULATED
                                                 : GB_QUALITY_UNAVAILABLE);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void the_longest_interval_is_that_of_the_fastest_wrap(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    tree.on_sleep = move_counters;
    gb_energy_set *set = open_set(&tree, "powercap");
    /* 65532.6 J at 1000 W, halved */
    assert_near(gb_energy_set_longest_interval_s(set), 32.766, 0.001);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void measured_events_keep_their_quality(void **state) {
    test_tree tree; /* for its clock; the root is this machine's */
    gb_sysroot *real;
    size_t count;

    (void)state;
    tree_open(&tree, "faults/frozen", "t0");
    assert_int_equal(gb_sysroot_open(NULL, &real, NULL), GB_OK);
    gb_energy_env env = tree.env;
    env.root = real;
    env.events = &scripted_reader;
    scripted_count = 2;
    scripted_events[0] = (scripted_event){
        .info = {"rapl:::PACKAGE_ENERGY:PACKAGE0", "rapl", "nJ"}, .gain = 5};
    scripted_events[1] = (scripted_event){
        .info = {"rapl:::PACKAGE_ENERGY:PACKAGE1", "rapl", "nJ"}};
    gb_energy_set *set = NULL;
    assert_int_equal(gb_energy_set_open(&env, "papi", &set, NULL), GB_OK);
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_int_equal(count, 2);
    assert_int_equal(domains[0].quality, GB_QUALITY_MEASURED);
    assert_true(domains[0].summed);
    assert_int_equal(domains[1].status, GB_DOMAIN_STUCK);
    gb_energy_set_close(set);
    gb_sysroot_close(real);
    tree_close(&tree);
}

/* --- a read that blocks --------------------------------------------------- */

static atomic_bool reads_block;

static int block(void *ctx, const char *path) {
    (void)ctx;
    if (atomic_load(&reads_block) && strstr(path, "energy_uj"))
        nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
    return 0;
}

static uint64_t real_now_ns(void *ctx) {
    (void)ctx;
    return gb_clock_now_ns(&gb_clock_system);
}

static void real_sleep(void *ctx, uint64_t deadline_ns) {
    move_counters(ctx);
    gb_clock_system.sleep_until(gb_clock_system.ctx, deadline_ns);
}

static uint64_t time_of_read_ns(gb_energy_set *set,
                                gb_energy_reading *readings) {
    const uint64_t begin_ns = gb_clock_now_ns(&gb_clock_system);

    gb_energy_set_read(set, readings);
    return gb_clock_now_ns(&gb_clock_system) - begin_ns;
}

static void a_source_that_blocks_does_so_once(void **state) {
    const gb_clock clock = {real_now_ns, real_sleep, NULL};
    gb_energy_reading readings[16];
    gb_energy_set *set = NULL;
    test_tree tree;
    bool good = false;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    gb_clock ticking = clock;
    ticking.ctx = &tree;
    tree.env.clock = &ticking;
    gb_sysroot_set_fault(tree.root, block, NULL);
    assert_int_equal(gb_energy_set_open(&tree.env, "powercap", &set, NULL),
                     GB_OK);
    atomic_store(&reads_block, true);
    assert_true(time_of_read_ns(set, readings) > 250000000);
    assert_true(readings[0].ok);
    /* The edge of a window may come before the thread has an answer. */
    assert_true(time_of_read_ns(set, readings) < 100000000);
    assert_true(readings[0].ok);
    for (int i = 0; i < 200 && !good; i++) {
        assert_true(time_of_read_ns(set, readings) < 100000000);
        good = readings[0].ok && readings[0].stamp_ns > 0;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_true(good);
    gb_energy_set_close(set);
    atomic_store(&reads_block, false);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_sources_are_refused_with_a_suggestion),
        cmocka_unit_test(known_sources_are_accepted),
        cmocka_unit_test(none_opens_nothing),
        cmocka_unit_test(an_absent_source_is_one_row_that_says_why),
        cmocka_unit_test(a_counter_that_stands_still_is_stuck),
        cmocka_unit_test(a_zone_that_is_not_there_makes_the_sum_partial),
        cmocka_unit_test(moving_counters_are_awaited_no_longer_than_needed),
        cmocka_unit_test(a_counter_that_cannot_be_read_twice_has_failed),
        cmocka_unit_test(each_machine_has_its_right_total),
        cmocka_unit_test(mmio_is_used_where_the_other_path_is_not),
        cmocka_unit_test(mirrored_dies_are_summed_once),
        cmocka_unit_test(an_estimate_is_used_only_where_nothing_is_measured),
        cmocka_unit_test(everything_from_a_fake_root_is_simulated),
        cmocka_unit_test(the_longest_interval_is_that_of_the_fastest_wrap),
        cmocka_unit_test(measured_events_keep_their_quality),
        cmocka_unit_test(a_source_that_blocks_does_so_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
