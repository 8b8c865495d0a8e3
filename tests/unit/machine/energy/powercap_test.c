/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metering/delta.h"
#include "tree.h"

typedef struct zone_total {
    const char *name;
    gb_energy_scope scope;
    int32_t package;
    double energy_j, step_j;
} zone_total;

typedef struct saved_machine {
    const char *fixture;
    uint64_t dt_s;
    zone_total zones[6]; /* ends with a null name; from expected.json */
} saved_machine;

static const saved_machine machines[] = {
    {"intel-2s-skx-dram",
     60,
     {{"package-0", GB_SCOPE_PACKAGE, 0, 8550.000024, 6.1035e-5},
      {"package-0/dram", GB_SCOPE_DRAM, 0, 1274.999995, 1.53e-5},
      {"package-1", GB_SCOPE_PACKAGE, 1, 9044.999977, 6.1035e-5},
      {"package-1/dram", GB_SCOPE_DRAM, 1, 1110.000006, 1.53e-5}}},
    {"amd-epyc-2s",
     120,
     {{"package-0", GB_SCOPE_PACKAGE, 0, 27360.000004, 1.5258e-5},
      {"package-0/core", GB_SCOPE_CORE, 0, 48.000005, 1.5258e-5},
      {"package-1", GB_SCOPE_PACKAGE, 1, 27720.000002, 1.5258e-5},
      {"package-1/core", GB_SCOPE_CORE, 1, 59.999995, 1.5258e-5}}},
    {"intel-client-mmio-psys",
     30,
     {{"mmio:package-0", GB_SCOPE_PACKAGE, 0, 357.000002, 6.1035e-5},
      {"package-0", GB_SCOPE_PACKAGE, 0, 359.999994, 6.1035e-5},
      {"package-0/core", GB_SCOPE_CORES, 0, 210.000012, 6.1035e-5},
      {"package-0/uncore", GB_SCOPE_UNCORE, 0, 22.500003, 6.1035e-5},
      {"psys", GB_SCOPE_PLATFORM, -1, 585.000028, 6.1035e-5}}},
    {"intel-2s-spr-psys",
     120,
     {{"package-0", GB_SCOPE_PACKAGE, 0, 25200.000002, 6.1035e-5},
      {"package-0/dram", GB_SCOPE_DRAM, 0, 3839.999996, 6.1035e-5},
      {"psys", GB_SCOPE_PLATFORM, -1, 73200.0, 1.0},
      {"package-1", GB_SCOPE_PACKAGE, 1, 24600.000012, 6.1035e-5},
      {"package-1/dram", GB_SCOPE_DRAM, 1, 3600.0, 6.1035e-5}}},
};
#define MACHINE_COUNT (sizeof(machines) / sizeof(machines[0]))
#define PARTS         4

/* Set the counters to a quarter, two quarters, .. of the way to t1. */
static void advance(test_tree *tree, const test_source *powercap,
                    const gb_energy_reading *begin,
                    const saved_machine *machine, uint64_t part) {
    for (size_t i = 0; i < powercap->count; i++) {
        const gb_energy_domain *domain = &powercap->domains[i];
        for (const zone_total *zone = machine->zones; zone->name; zone++) {
            uint64_t gained_uj =
                (uint64_t)llround(zone->energy_j * 1e6) * part / PARTS;
            if (strcmp(zone->name, domain->name) == 0)
                tree_write_u64(tree, domain->path,
                               (begin[i].ticks + gained_uj) %
                                   domain->wrap_ticks);
        }
    }
}

static void check_machine(const saved_machine *machine) {
    test_tree tree;
    gb_energy_reading begin[8], last[8], now[8];
    double energy_j[8] = {0};

    tree_open(&tree, machine->fixture, "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    powercap.ops->read(powercap.source, begin);
    memcpy(last, begin, sizeof(last));
    /* No interval may be long enough for a second wrap, so there are stops on
     * the way; the last one is the recorded t1. */
    for (uint64_t part = 1; part <= PARTS; part++) {
        if (part < PARTS)
            advance(&tree, &powercap, begin, machine, part);
        else
            tree_become(&tree, "t1");
        tree.now_ns += machine->dt_s * S / PARTS;
        powercap.ops->read(powercap.source, now);
        for (size_t i = 0; i < powercap.count; i++) {
            uint64_t ticks;
            gb_error err = {0};
            if (gb_delta_ticks(&powercap.domains[i], &last[i], &now[i], &ticks,
                               NULL, &err) != GB_OK)
                fail_msg("%s, %s: %s", machine->fixture,
                         powercap.domains[i].name, err.what);
            energy_j[i] += (double)ticks * powercap.domains[i].tick_j;
        }
        memcpy(last, now, sizeof(last));
    }

    size_t expected = 0;
    for (const zone_total *zone = machine->zones; zone->name; zone++) {
        size_t at = domain_named(powercap.domains, powercap.count, zone->name);
        const gb_energy_domain *domain = &powercap.domains[at];
        expected++;
        assert_int_equal(domain->scope, zone->scope);
        assert_int_equal(domain->package, zone->package);
        assert_near(domain->step_j, zone->step_j, 1e-9);
        if (fabs(energy_j[at] - zone->energy_j) > zone->step_j)
            fail_msg("%s, %s: expected %.6f J, got %.6f J", machine->fixture,
                     zone->name, zone->energy_j, energy_j[at]);
    }
    assert_int_equal(powercap.count, expected);
    source_close(&powercap);
    tree_close(&tree);
}

static void each_zone_of_each_machine_has_its_energy(void **state) {
    (void)state;
    for (size_t i = 0; i < MACHINE_COUNT; i++)
        check_machine(&machines[i]);
}

static void two_reads_too_far_apart_give_no_figure(void **state) {
    test_tree tree;
    gb_energy_reading begin[8], end[8];
    uint64_t ticks = 7;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    powercap.ops->read(powercap.source, begin);
    tree_become(&tree, "t1");
    tree.now_ns += 120 * S; /* at 1 kW a 65 kJ counter wraps twice */
    powercap.ops->read(powercap.source, end);
    assert_int_equal(gb_delta_ticks(&powercap.domains[0], &begin[0], &end[0],
                                    &ticks, NULL, NULL),
                     GB_ERR_RANGE);
    assert_int_equal(ticks, 7);
    source_close(&powercap);
    tree_close(&tree);
}

static void amd_is_known_by_its_unit_where_the_cpu_is_not(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    tree.node.cpu_vendor[0] = '\0';
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    size_t core =
        domain_named(powercap.domains, powercap.count, "package-0/core");
    assert_int_equal(powercap.domains[core].scope, GB_SCOPE_CORE);
    source_close(&powercap);
    tree_close(&tree);
}

/* Make the two packages of a machine two dies of one. */
static void make_dies(test_tree *tree, uint64_t second_uj) {
    const char *base = "/sys/devices/virtual/powercap/intel-rapl/intel-rapl";
    char path[160];

    for (int i = 0; i < 2; i++) {
        char name[32];
        snprintf(path, sizeof(path), "%s:%d/name", base, i);
        snprintf(name, sizeof(name), "package-0-die-%d\n", i);
        tree_write(tree, path, name);
    }
    snprintf(path, sizeof(path), "%s:1/energy_uj", base);
    tree_write_u64(tree, path, second_uj);
}

static void amd_dies_mirror_their_package(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    make_dies(&tree, 65517852000 + 30000);
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    size_t a =
        domain_named(powercap.domains, powercap.count, "package-0-die-0");
    size_t b =
        domain_named(powercap.domains, powercap.count, "package-0-die-1");
    assert_int_equal(powercap.domains[a].die, -1);
    assert_int_equal(powercap.domains[b].die, -1);
    assert_non_null(strstr(powercap.domains[b].reason,
                           "same package as 'package-0-die-0'"));
    assert_string_equal(powercap.domains[a].suspect, "");
    assert_string_equal(powercap.domains[b].suspect, "");
    source_close(&powercap);
    tree_close(&tree);
}

static void amd_dies_that_disagree_are_flagged(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    make_dies(&tree, 1000000000);
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    size_t a =
        domain_named(powercap.domains, powercap.count, "package-0-die-0");
    size_t b =
        domain_named(powercap.domains, powercap.count, "package-0-die-1");
    /* Which of them is right is not known. */
    assert_string_equal(powercap.domains[a].suspect, "dies_disagree");
    assert_string_equal(powercap.domains[b].suspect, "dies_disagree");
    assert_non_null(strstr(powercap.domains[b].reason, "disagree"));
    source_close(&powercap);
    tree_close(&tree);
}

static void intel_dies_are_counters_of_their_own(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "intel-2s-skx-dram", "t0");
    make_dies(&tree, 262139221500);
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    size_t b =
        domain_named(powercap.domains, powercap.count, "package-0-die-1");
    size_t dram =
        domain_named(powercap.domains, powercap.count, "package-0-die-1/dram");
    assert_int_equal(powercap.domains[b].die, 1);
    assert_int_equal(powercap.domains[dram].die, 1);
    assert_int_equal(powercap.domains[dram].package, 0);
    source_close(&powercap);
    tree_close(&tree);
}

static void the_old_dram_unit_on_sapphire_rapids_is_flagged(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "intel-2s-spr-psys", "t0");
    tree_write_u64(&tree,
                   "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/"
                   "intel-rapl:0:0/max_energy_range_uj",
                   65712999613);
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    size_t bad =
        domain_named(powercap.domains, powercap.count, "package-0/dram");
    size_t good =
        domain_named(powercap.domains, powercap.count, "package-1/dram");
    assert_int_equal(powercap.domains[bad].status, GB_DOMAIN_OK);
    assert_string_equal(powercap.domains[bad].suspect, "spr_dram_unit");
    assert_non_null(strstr(powercap.domains[bad].reason, "3.99 times"));
    assert_true(powercap.domains[bad].u_rel >= 1);
    assert_string_equal(powercap.domains[good].suspect, "");
    assert_string_equal(powercap.domains[good].reason, "");
    source_close(&powercap);
    tree_close(&tree);
}

static void zones_with_a_hexadecimal_index_are_found(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "faults/frozen", "t0");
    tree_write(&tree, "/sys/class/powercap/intel-rapl:0/name", "package-10\n");
    char from[128], to[128];
    snprintf(from, sizeof(from), "%s/sys/class/powercap/intel-rapl:0",
             tree.dir);
    snprintf(to, sizeof(to), "%s/sys/class/powercap/intel-rapl:a", tree.dir);
    assert_int_equal(rename(from, to), 0);
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    assert_int_equal(powercap.count, 1);
    assert_string_equal(powercap.domains[0].name, "package-10");
    assert_int_equal(powercap.domains[0].package, 10);
    source_close(&powercap);
    tree_close(&tree);
}

static void the_power_bound_is_twice_what_the_zone_states(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "faults/frozen", "t0");
    tree_write(&tree,
               "/sys/class/powercap/intel-rapl:0/constraint_0_max_power_uw",
               "250000000\n");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    assert_near(powercap.domains[0].max_power_w, 500.0, 1e-9);
    source_close(&powercap);
    tree_remove(&tree,
                "/sys/class/powercap/intel-rapl:0/constraint_0_max_power_uw");
    powercap = source_open(&tree, &gb_energy_powercap);
    assert_near(powercap.domains[0].max_power_w, 1000.0, 1e-9);
    source_close(&powercap);
    tree_close(&tree);
}

static void a_reading_is_stamped_halfway_through(void **state) {
    test_tree tree;
    gb_energy_reading reading;

    (void)state;
    tree_open(&tree, "faults/frozen", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    powercap.ops->read(powercap.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.time_ns, tree.now_ns);
    assert_int_equal(reading.half_ns, 0);
    source_close(&powercap);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_zone_of_each_machine_has_its_energy),
        cmocka_unit_test(two_reads_too_far_apart_give_no_figure),
        cmocka_unit_test(amd_is_known_by_its_unit_where_the_cpu_is_not),
        cmocka_unit_test(amd_dies_mirror_their_package),
        cmocka_unit_test(amd_dies_that_disagree_are_flagged),
        cmocka_unit_test(intel_dies_are_counters_of_their_own),
        cmocka_unit_test(the_old_dram_unit_on_sapphire_rapids_is_flagged),
        cmocka_unit_test(zones_with_a_hexadecimal_index_are_found),
        cmocka_unit_test(the_power_bound_is_twice_what_the_zone_states),
        cmocka_unit_test(a_reading_is_stamped_halfway_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
