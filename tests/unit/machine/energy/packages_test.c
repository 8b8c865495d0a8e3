/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/energy/packages.h"
#include "tree.h"

#define TOPOLOGY(cpu)                                                          \
    "/sys/devices/system/cpu/cpu" #cpu "/topology/physical_package_id"

/* Every saved machine whose description says so. */
static void packages_are_those_of_the_saved_machine(void **state) {
    static const struct {
        const char *fixture;
        uint32_t packages;
    } cases[] = {
        {"intel-2s-skx-dram", 2},      {"amd-epyc-2s", 2},
        {"intel-client-mmio-psys", 1}, {"perf-power-pmu-2s", 2},
        {"grace-cpu-2s-hwmon", 0},     {"faults/no-powercap", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_tree tree;
        tree_open(&tree, cases[i].fixture, "t0");
        const uint32_t got = gb_energy_packages(tree.root);
        if (got != cases[i].packages)
            fail_msg("%s: expected %u, got %u", cases[i].fixture,
                     cases[i].packages, got);
        tree_close(&tree);
    }
}

/* The topology of CPUs where cpuinfo is silent, as on Arm. */
static void sysfs_tells_where_cpuinfo_does_not(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    tree_write(&tree, "/proc/cpuinfo",
               "processor\t: 0\nBogoMIPS\t: 2000.00\n\n");
    tree_write(&tree, TOPOLOGY(0), "36\n");
    tree_write(&tree, TOPOLOGY(64), "3180\n");
    assert_int_equal(gb_energy_packages(tree.root), 2);
    tree_write(&tree, TOPOLOGY(64), "36\n");
    assert_int_equal(gb_energy_packages(tree.root), 1);
    /* Firmware that does not say. */
    tree_write(&tree, TOPOLOGY(0), "-1\n");
    tree_write(&tree, TOPOLOGY(64), "-1\n");
    assert_int_equal(gb_energy_packages(tree.root), 0);
    tree_close(&tree);
}

/* CPUs that are offline are not listed; what is no number is no package. */
static void only_whole_ids_count(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    tree_write(&tree, "/proc/cpuinfo",
               "processor\t: 0\nphysical id\t: 7\n\nprocessor\t: 1\n"
               "physical id\t: 7\nphysical ids\t: x\nphysical id\n"
               "physical id\t: 99999\nphysical id\t: -1\n\n"
               "processor\t: 2\nphysical id\t: 0");
    assert_int_equal(gb_energy_packages(tree.root), 2);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_are_those_of_the_saved_machine),
        cmocka_unit_test(sysfs_tells_where_cpuinfo_does_not),
        cmocka_unit_test(only_whole_ids_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
