/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine/energy/meter.h"
#include "metering/delta.h"
#include "tree.h"

static void no_monitors_are_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;

    (void)state;
    tree_open(&tree, "faults/no-powercap", "t0");
    assert_int_equal(gb_energy_hwmon.open(&tree.env, &source, NULL),
                     GB_ERR_UNSUPPORTED);
    tree_close(&tree);
}

static void monitors_without_energy_are_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;

    (void)state;
    tree_open(&tree, "grace-gh200-hwmon-newpath", "t0");
    for (int i = 1; i <= 4; i++) {
        char path[] = "/sys/class/hwmon/hwmon0";
        path[sizeof(path) - 2] = (char)('0' + i);
        tree_remove(&tree, path);
    }
    assert_int_equal(gb_energy_hwmon.open(&tree.env, &source, NULL),
                     GB_ERR_UNSUPPORTED);
    tree_close(&tree);
}

static void only_the_outermost_grace_meters_are_read(void **state) {
    static const struct {
        const char *fixture;
        size_t meters, read;
        double power_w;
        const char *first;
    } cases[] = {
        {"grace-gh200-hwmon-oldpath", 4, 1, 561.2, "Module Power Socket 0"},
        {"grace-gh200-hwmon-newpath", 4, 1, 561.2, "Module Power Socket 0"},
        {"grace-cpu-2s-hwmon", 6, 2, 476.6, "Grace Power Socket 0"},
    };

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        test_tree tree;
        gb_energy_reading readings[8];
        double power_w = 0;
        size_t read = 0;

        tree_open(&tree, cases[c].fixture, "t0");
        test_source hwmon = source_open(&tree, &gb_energy_hwmon);
        assert_int_equal(hwmon.count, cases[c].meters);
        hwmon.ops->read(hwmon.source, readings);
        for (size_t i = 0; i < hwmon.count; i++) {
            const gb_energy_domain *domain = &hwmon.domains[i];
            assert_int_equal(domain->kind, GB_READING_POWER);
            assert_int_equal(readings[i].ok, domain->status == GB_DOMAIN_OK);
            if (!readings[i].ok)
                continue;
            assert_int_equal(domain->average_ns, 50 * MS);
            power_w += (double)readings[i].ticks * domain->tick_j;
            read++;
        }
        assert_int_equal(read, cases[c].read);
        assert_near(power_w, cases[c].power_w, 1e-9);
        size_t first = domain_named(hwmon.domains, hwmon.count, cases[c].first);
        assert_int_equal(hwmon.domains[first].status, GB_DOMAIN_OK);
        assert_int_equal(hwmon.domains[first].package, 0);
        source_close(&hwmon);
        tree_close(&tree);
    }
}

static void a_meter_without_a_value_gives_way_to_the_next(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "grace-gh200-hwmon-newpath", "t0");
    test_source hwmon = source_open(&tree, &gb_energy_hwmon);
    size_t module =
        domain_named(hwmon.domains, hwmon.count, "Module Power Socket 0");
    char path[192];
    strcpy(path, hwmon.domains[module].path);
    source_close(&hwmon);

    tree_write(&tree, path, "4294967295000\n");
    hwmon = source_open(&tree, &gb_energy_hwmon);
    module = domain_named(hwmon.domains, hwmon.count, "Module Power Socket 0");
    size_t grace =
        domain_named(hwmon.domains, hwmon.count, "Grace Power Socket 0");
    assert_int_equal(hwmon.domains[module].status, GB_DOMAIN_FAILED);
    assert_int_equal(hwmon.domains[grace].status, GB_DOMAIN_OK);
    source_close(&hwmon);
    tree_close(&tree);
}

static void a_sentinel_is_not_a_power(void **state) {
    static const char *const texts[] = {"4294967295000\n", "4294967295\n",
                                        "N/A\n", "", "-1\n"};
    test_tree tree;
    gb_energy_reading readings[8];

    (void)state;
    tree_open(&tree, "grace-gh200-hwmon-oldpath", "t0");
    test_source hwmon = source_open(&tree, &gb_energy_hwmon);
    size_t module =
        domain_named(hwmon.domains, hwmon.count, "Module Power Socket 0");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        tree_write(&tree, hwmon.domains[module].path, texts[i]);
        hwmon.ops->read(hwmon.source, readings);
        if (readings[module].ok)
            fail_msg("'%s' was taken for a power", texts[i]);
    }
    source_close(&hwmon);
    tree_close(&tree);
}

static void a_meter_without_a_label_is_the_nodes(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "grace-gh200-hwmon-newpath", "t0");
    for (int i = 2; i <= 4; i++) {
        char path[] = "/sys/class/hwmon/hwmon0";
        path[sizeof(path) - 2] = (char)('0' + i);
        tree_remove(&tree, path);
    }
    tree_write(&tree, "/sys/class/hwmon/hwmon1/power1_oem_info", "\n");
    test_source hwmon = source_open(&tree, &gb_energy_hwmon);
    assert_int_equal(hwmon.count, 1);
    assert_int_equal(hwmon.domains[0].scope, GB_SCOPE_NODE_AC);
    assert_non_null(strstr(hwmon.domains[0].reason, "side"));
    source_close(&hwmon);
    tree_close(&tree);
}

static void amd_sockets_are_read_and_their_cores_are_not(void **state) {
    test_tree tree;
    gb_energy_reading begin[4], end[4];
    double energy_j = 0;

    (void)state;
    tree_open(&tree, "amd_energy-hwmon-2s", "t0");
    test_source hwmon = source_open(&tree, &gb_energy_hwmon);
    assert_int_equal(hwmon.count, 3);
    hwmon.ops->read(hwmon.source, begin);
    tree_become(&tree, "t1");
    tree.now_ns += 60 * S;
    hwmon.ops->read(hwmon.source, end);
    for (size_t i = 0; i < hwmon.count; i++) {
        uint64_t ticks;
        if (hwmon.domains[i].status != GB_DOMAIN_OK)
            continue;
        assert_int_equal(hwmon.domains[i].scope, GB_SCOPE_PACKAGE);
        assert_int_equal(gb_delta_ticks(&hwmon.domains[i], &begin[i], &end[i],
                                        &ticks, NULL, NULL),
                         GB_OK);
        energy_j += (double)ticks * hwmon.domains[i].tick_j;
    }
    assert_near(energy_j, 11760.0, 2 * 0x1p-16);
    size_t cores = domain_named(hwmon.domains, hwmon.count, "Ecore*");
    assert_int_equal(hwmon.domains[cores].status, GB_DOMAIN_UNSUPPORTED);
    assert_int_equal(hwmon.domains[cores].scope, GB_SCOPE_CORE);
    source_close(&hwmon);
    tree_close(&tree);
}

static void a_socket_this_user_may_not_read_is_forbidden(void **state) {
    test_fault fault = {"*/energy10_input", EACCES};
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd_energy-hwmon-2s", "t0");
    gb_sysroot_set_fault(tree.root, tree_fault, &fault);
    test_source hwmon = source_open(&tree, &gb_energy_hwmon);
    size_t at = domain_named(hwmon.domains, hwmon.count, "Esocket1");
    assert_int_equal(hwmon.domains[at].status, GB_DOMAIN_FORBIDDEN);
    assert_int_equal(hwmon.domains[at].package, 1);
    source_close(&hwmon);
    tree_close(&tree);
}

static void occ_meters_are_told_apart_by_label(void **state) {
    static const struct {
        const char *file, *text;
    } files[] = {
        {"name", "occ\n"},
        {"power1_label", "system\n"},
        {"power1_input", "640000000\n"},
        {"power2_label", "0_proc\n"},
        {"power2_input", "150000000\n"},
        {"power2_average", "151000000\n"},
        {"power2_average_interval", "1000\n"},
        {"power3_label", "0_fan\n"},
        {"power3_input", "9000000\n"},
    };
    test_tree tree;
    gb_energy_reading readings[4];

    (void)state;
    tree_open(&tree, "amd_energy-hwmon-2s", "t0");
    tree_remove(&tree, "/sys/class/hwmon/hwmon3/name");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[96] = "/sys/class/hwmon/hwmon3/";
        strcat(path, files[i].file);
        tree_write(&tree, path, files[i].text);
    }
    test_source hwmon = source_open(&tree, &gb_energy_hwmon);
    assert_int_equal(hwmon.count, 2);
    hwmon.ops->read(hwmon.source, readings);
    size_t node = domain_named(hwmon.domains, hwmon.count, "system");
    size_t cpu = domain_named(hwmon.domains, hwmon.count, "0_proc");
    assert_int_equal(hwmon.domains[node].scope, GB_SCOPE_NODE_DC);
    assert_int_equal(hwmon.domains[cpu].scope, GB_SCOPE_PACKAGE);
    assert_int_equal(hwmon.domains[cpu].package, 0);
    assert_int_equal(hwmon.domains[cpu].average_ns, 1 * MS);
    assert_int_equal(readings[cpu].ticks, 151000000);
    source_close(&hwmon);
    tree_close(&tree);
}

static void accuracy_text_becomes_a_standard_uncertainty(void **state) {
    static const struct {
        const char *text;
        double u_rel;
    } cases[] = {
        {"", 0.5},     {"unknown", 0.5}, {"0%", 0.5},
        {"100%", 0.5}, {"120%", 0.5},    {"98.0%", 0.02 / 1.7320508075688772},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double u_rel = 0.5;
        assert_int_equal(gb_meter_accuracy_u_rel(cases[i].text, &u_rel),
                         cases[i].u_rel != 0.5);
        assert_near(u_rel, cases[i].u_rel, 1e-12);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_monitors_are_absent),
        cmocka_unit_test(monitors_without_energy_are_absent),
        cmocka_unit_test(only_the_outermost_grace_meters_are_read),
        cmocka_unit_test(a_meter_without_a_value_gives_way_to_the_next),
        cmocka_unit_test(a_sentinel_is_not_a_power),
        cmocka_unit_test(a_meter_without_a_label_is_the_nodes),
        cmocka_unit_test(amd_sockets_are_read_and_their_cores_are_not),
        cmocka_unit_test(a_socket_this_user_may_not_read_is_forbidden),
        cmocka_unit_test(occ_meters_are_told_apart_by_label),
        cmocka_unit_test(accuracy_text_becomes_a_standard_uncertainty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
