/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tree.h"

#define PMU "/sys/bus/event_source/devices/power"

static void no_power_pmu_is_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;

    (void)state;
    tree_open(&tree, "faults/no-powercap", "t0");
    assert_int_equal(gb_energy_perf.open(&tree.env, &source, NULL),
                     GB_ERR_UNSUPPORTED);
    tree_close(&tree);
}

static void a_cpumask_that_is_no_list_is_refused(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    tree_write(&tree, PMU "/cpumask", "0-\n");
    assert_int_equal(gb_energy_perf.open(&tree.env, &source, NULL),
                     GB_ERR_RANGE);
    tree_close(&tree);
}

static void each_event_is_on_the_cpus_of_the_mask_and_no_other(void **state) {
    static const struct {
        const char *name, *cpu;
        gb_energy_scope scope;
        int32_t package;
    } expected[] = {
        {"package-0", "energy-pkg cpu=0", GB_SCOPE_PACKAGE, 0},
        {"package-1", "energy-pkg cpu=64", GB_SCOPE_PACKAGE, 1},
        {"package-0/dram", "energy-ram cpu=0", GB_SCOPE_DRAM, 0},
        {"package-1/dram", "energy-ram cpu=64", GB_SCOPE_DRAM, 1},
    };
    test_tree tree;

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    test_source perf = source_open(&tree, &gb_energy_perf);
    assert_int_equal(perf.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const gb_energy_domain *domain = &perf.domains[domain_named(
            perf.domains, perf.count, expected[i].name)];
        assert_non_null(strstr(domain->path, expected[i].cpu));
        assert_int_equal(domain->scope, expected[i].scope);
        assert_int_equal(domain->package, expected[i].package);
        assert_int_equal(domain->die, -1);
        assert_near(domain->tick_j, 0x1p-32, 1e-25);
        assert_int_equal(domain->wrap_ticks, 0);
    }
    source_close(&perf);
    tree_close(&tree);
}

static void a_simulated_root_never_reads_this_machine(void **state) {
    test_tree tree;
    gb_energy_reading readings[8];

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    test_source perf = source_open(&tree, &gb_energy_perf);
    perf.ops->read(perf.source, readings);
    for (size_t i = 0; i < perf.count; i++) {
        assert_int_equal(perf.domains[i].status, GB_DOMAIN_UNSUPPORTED);
        assert_non_null(strstr(perf.domains[i].reason, "simulated"));
        assert_false(readings[i].ok);
    }
    source_close(&perf);
    tree_close(&tree);
}

static void the_scale_is_read_not_known(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    tree_write(&tree, PMU "/events/energy-pkg.scale", "1e-9\n");
    test_source perf = source_open(&tree, &gb_energy_perf);
    size_t at = domain_named(perf.domains, perf.count, "package-1");
    assert_near(perf.domains[at].tick_j, 1e-9, 1e-20);
    source_close(&perf);
    tree_close(&tree);
}

static void an_event_with_bad_text_has_failed_and_the_others_not(void **state) {
    static const struct {
        const char *file, *text;
    } cases[] = {
        {PMU "/events/energy-ram.scale", "0\n"},
        {PMU "/events/energy-ram.scale", "fast\n"},
        {PMU "/events/energy-ram.unit", "Watts\n"},
        {PMU "/events/energy-ram", "event=3\n"},
        {PMU "/events/energy-ram", "event=0x100\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_tree tree;

        tree_open(&tree, "perf-power-pmu-2s", "t0");
        tree_write(&tree, cases[i].file, cases[i].text);
        test_source perf = source_open(&tree, &gb_energy_perf);
        size_t bad = domain_named(perf.domains, perf.count, "package-0/dram");
        size_t good = domain_named(perf.domains, perf.count, "package-0");
        if (perf.domains[bad].status != GB_DOMAIN_FAILED ||
            perf.domains[good].status != GB_DOMAIN_UNSUPPORTED)
            fail_msg("'%s' was accepted", cases[i].text);
        source_close(&perf);
        tree_close(&tree);
    }
}

static void amd_counts_packages_only(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    strcpy(tree.node.cpu_vendor, "AuthenticAMD");
    test_source perf = source_open(&tree, &gb_energy_perf);
    size_t dram = domain_named(perf.domains, perf.count, "package-0/dram");
    assert_int_equal(perf.domains[dram].status, GB_DOMAIN_UNSUPPORTED);
    assert_int_equal(perf.domains[dram].scope, GB_SCOPE_OTHER);
    assert_non_null(strstr(perf.domains[dram].reason, "AMD"));
    source_close(&perf);
    tree_close(&tree);
}

static void two_cpus_of_a_package_are_its_dies(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "perf-power-pmu-2s", "t0");
    tree_write(&tree,
               "/sys/devices/system/cpu/cpu64/topology/physical_package_id",
               "0\n");
    tree_write(&tree, "/sys/devices/system/cpu/cpu64/topology/die_id", "1\n");
    test_source perf = source_open(&tree, &gb_energy_perf);
    size_t die = domain_named(perf.domains, perf.count, "package-0-die-1");
    assert_int_equal(perf.domains[die].package, 0);
    assert_int_equal(perf.domains[die].die, 1);
    source_close(&perf);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_power_pmu_is_absent),
        cmocka_unit_test(a_cpumask_that_is_no_list_is_refused),
        cmocka_unit_test(each_event_is_on_the_cpus_of_the_mask_and_no_other),
        cmocka_unit_test(a_simulated_root_never_reads_this_machine),
        cmocka_unit_test(the_scale_is_read_not_known),
        cmocka_unit_test(an_event_with_bad_text_has_failed_and_the_others_not),
        cmocka_unit_test(amd_counts_packages_only),
        cmocka_unit_test(two_cpus_of_a_package_are_its_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
