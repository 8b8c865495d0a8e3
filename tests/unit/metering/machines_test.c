/* SPDX-License-Identifier: Apache-2.0 */
/* The node totals of saved machines, from the values of their expected.json:
 * what is summed, how wraps are undone, and the totals that usual mistakes
 * give. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "metering/cover.h"
#include "metering/lattice.h"
#include "metering/window.h"

enum { ZONES = 9, READINGS = 61 };

typedef struct saved_zone {
    const char *name; /* as the powercap source names it */
    gb_energy_scope scope;
    int32_t package;
    uint64_t t0_uj, t1_uj, range_uj;
    bool summed;
    unsigned wraps;
    double energy_j, step_j;
} saved_zone;

typedef struct saved_machine {
    const char *fixture, *holds, *leaves_out;
    double dt_s, node_j;
    double wrong_j[2];
    saved_zone zones[ZONES + 1]; /* ends with a null name */
} saved_machine;

#define INTEL UINT64_C(262143328850)
#define AMD   UINT64_C(65532610987)
#define JOULE UINT64_C(1000000)

static const saved_machine machines[] = {
    {"intel-2s-skx-dram",
     "2 packages + DRAM",
     "GPUs, fans, PSU loss, NIC, disks",
     60.0,
     19980.000002,
     {-307876.32854, 18705.0}, /* wraps ignored; one of two `dram` kept */
     {{"package-0", GB_SCOPE_PACKAGE, 0, 61035000000, 69585000023, INTEL, true,
       0, 8550.000024, 6.1035e-5},
      {"package-0/dram", GB_SCOPE_DRAM, 0, 65698200000, 1260200366, 65712999613,
       true, 1, 1274.999995, 1.53e-5},
      {"package-1", GB_SCOPE_PACKAGE, 1, 262139221500, 9040892565, INTEL, true,
       1, 9044.999977, 6.1035e-5},
      {"package-1/dram", GB_SCOPE_DRAM, 1, 76, 1110000082, 65712999613, true, 0,
       1110.000006, 1.53e-5}}},
    {"amd-epyc-2s",
     "2 packages",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     120.0,
     55080.000005,
     {55188.000005, -10344.610999}, /* every zone; wraps ignored */
     {{"package-0", GB_SCOPE_PACKAGE, 0, 65517852000, 27345241001, AMD, true, 1,
       27360.000004, 1.5258e-5},
      {"package-0/core", GB_SCOPE_CORE, 0, 188360, 48188364, AMD, false, 0,
       48.000005, 1.5258e-5},
      {"package-1", GB_SCOPE_PACKAGE, 1, 15258, 27720015259, AMD, true, 0,
       27720.000002, 1.5258e-5},
      {"package-1/core", GB_SCOPE_CORE, 1, 15242, 60015237, AMD, false, 0,
       59.999995, 1.5258e-5}}},
    {"intel-client-mmio-psys",
     "1 package",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     30.0,
     359.999994,
     {1534.500039, 716.999996}, /* every zone; mmio added */
     {{"mmio:package-0", GB_SCOPE_PACKAGE, 0, 100000000041, 100357000043, INTEL,
       false, 0, 357.000002, 6.1035e-5},
      {"package-0", GB_SCOPE_PACKAGE, 0, 52649883221, 53009883215, INTEL, true,
       0, 359.999994, 6.1035e-5},
      {"package-0/core", GB_SCOPE_CORES, 0, 30517500000, 30727500011, INTEL,
       false, 0, 210.000012, 6.1035e-5},
      {"package-0/uncore", GB_SCOPE_UNCORE, 0, 1220700000, 1243200003, INTEL,
       false, 0, 22.500003, 6.1035e-5},
      {"psys", GB_SCOPE_PLATFORM, -1, 183105000000, 183690000028, INTEL, false,
       0, 585.000028, 6.1035e-5}}},
    {"intel-2s-spr-psys",
     "2 packages + DRAM",
     "GPUs, fans, PSU loss, NIC, disks",
     120.0,
     57240.000011,
     {130440.000011, 73200.0}, /* every zone; psys alone */
     {{"package-0", GB_SCOPE_PACKAGE, 0, 122070000000, 147270000001, INTEL,
       true, 0, 25200.000002, 6.1035e-5},
      {"package-0/dram", GB_SCOPE_DRAM, 0, 6103500000, 9943499996, INTEL, true,
       0, 3839.999996, 6.1035e-5},
      {"psys", GB_SCOPE_PLATFORM, -1, 60293987000000, 60367187000000,
       4294967295000000, false, 0, 73200.0, 1.0},
      {"package-1", GB_SCOPE_PACKAGE, 1, 183105000000, 207705000012, INTEL,
       true, 0, 24600.000012, 6.1035e-5},
      {"package-1/dram", GB_SCOPE_DRAM, 1, 5493150000, 9093150000, INTEL, true,
       0, 3600.0, 6.1035e-5}}},
    {"synthetic-cray-ex",
     "node behind the power supply",
     "PSU loss",
     20.0,
     23398.0,
     {43914.0, 20516.0}, /* every file; the children of `energy` */
     {{"node", GB_SCOPE_NODE_DC, -1, 812345678 * JOULE, 812369076 * JOULE, 0,
       true, 0, 23398.0, 1.0},
      {"cpu", GB_SCOPE_PACKAGE, -1, 98765432 * JOULE, 98768533 * JOULE, 0,
       false, 0, 3101.0, 1.0},
      {"memory", GB_SCOPE_DRAM, -1, 61234567 * JOULE, 61235807 * JOULE, 0,
       false, 0, 1240.0, 1.0},
      {"accel0", GB_SCOPE_ACCEL, 0, 130000111 * JOULE, 130004131 * JOULE, 0,
       false, 0, 4020.0, 1.0},
      {"accel1", GB_SCOPE_ACCEL, 1, 131000222 * JOULE, 131004277 * JOULE, 0,
       false, 0, 4055.0, 1.0},
      {"accel2", GB_SCOPE_ACCEL, 2, 132000333 * JOULE, 132004323 * JOULE, 0,
       false, 0, 3990.0, 1.0},
      {"accel3", GB_SCOPE_ACCEL, 3, 133000444 * JOULE, 133004554 * JOULE, 0,
       false, 0, 4110.0, 1.0}}},
    {"synthetic-cray-gh200",
     "node behind the power supply",
     "PSU loss",
     15.0,
     25800.0,
     {56330.0, 30530.0}, /* every file; the children of `energy` */
     {{"node", GB_SCOPE_NODE_DC, -1, 4294955000 * JOULE, 4294980800 * JOULE, 0,
       true, 0, 25800.0, 1.0},
      {"cpu0", GB_SCOPE_PACKAGE, 0, 310000010 * JOULE, 310001650 * JOULE, 0,
       false, 0, 1640.0, 1.0},
      {"cpu1", GB_SCOPE_PACKAGE, 1, 310000017 * JOULE, 310001667 * JOULE, 0,
       false, 0, 1650.0, 1.0},
      {"accel0", GB_SCOPE_ACCEL, 0, 520000020 * JOULE, 520004320 * JOULE, 0,
       false, 0, 4300.0, 1.0}}},
};
#define MACHINE_COUNT (sizeof(machines) / sizeof(machines[0]))

/* The modulus is the range and one step; no range: it never wraps. */
static gb_energy_domain domain_of(const saved_zone *zone) {
    gb_energy_domain domain = {
        .source = "powercap",
        .scope = zone->scope,
        .package = zone->package,
        .die = -1,
        .tick_j = 1e-6,
        .step_j = zone->step_j,
        .wrap_ticks =
            zone->range_uj == 0
                ? 0
                : zone->range_uj + (uint64_t)llround(zone->step_j * 1e6),
        .update_ns = 1000000,
        .max_power_w =
            zone->scope == GB_SCOPE_PLATFORM || zone->scope == GB_SCOPE_NODE_DC
                ? 20000.0
                : 1000.0,
        .u_rel = 0.03,
        .status = GB_DOMAIN_OK,
        .quality = GB_QUALITY_MEASURED,
    };

    gb_copy(domain.name, sizeof(domain.name), zone->name);
    return domain;
}

/* From t0 to t1 in even steps; both ends as recorded. */
static void read_zone(const saved_zone *zone, const gb_energy_domain *domain,
                      double dt_s, gb_energy_reading *readings) {
    const uint64_t wrap = domain->wrap_ticks;
    uint64_t gain = zone->t1_uj - zone->t0_uj;

    if (zone->t1_uj < zone->t0_uj)
        gain += wrap;
    for (size_t i = 0; i < READINGS; i++) {
        const uint64_t ticks = zone->t0_uj + gain * i / (READINGS - 1);
        readings[i] = (gb_energy_reading){.ticks = wrap ? ticks % wrap : ticks,
                                          .time_ns = (uint64_t)(dt_s * 1e9) *
                                                     i / (READINGS - 1),
                                          .ok = true};
    }
    readings[READINGS - 1].ticks = zone->t1_uj;
}

static size_t choose(const saved_machine *machine, gb_energy_domain *domains,
                     gb_energy_cover *cover) {
    static const char *const preference[] = {"powercap", "perf"};
    size_t count = 0;

    while (machine->zones[count].name != NULL) {
        domains[count] = domain_of(&machine->zones[count]);
        count++;
    }
    gb_lattice_choose(domains, count, 0, preference, 2, cover);
    return count;
}

static void each_machine_sums_what_belongs_to_its_node(void **state) {
    (void)state;
    for (size_t m = 0; m < MACHINE_COUNT; m++) {
        gb_energy_domain domains[ZONES];
        gb_energy_cover cover;
        const size_t count = choose(&machines[m], domains, &cover);

        assert_string_equal(cover.holds, machines[m].holds);
        assert_string_equal(cover.leaves_out, machines[m].leaves_out);
        assert_int_equal(cover.quality, GB_QUALITY_MEASURED);
        for (size_t i = 0; i < count; i++)
            if (domains[i].summed != machines[m].zones[i].summed ||
                domains[i].summed != (domains[i].reason[0] == '\0'))
                fail_msg("%s, %s: summed %d, '%s'", machines[m].fixture,
                         domains[i].name, domains[i].summed, domains[i].reason);
    }
}

/* Words are made again from the domains in another language only if they are
 * what was recorded in English. */
static void each_machine_is_described_again(void **state) {
    (void)state;
    for (size_t m = 0; m < MACHINE_COUNT; m++) {
        gb_energy_domain domains[ZONES];
        gb_node node = {.packages = 2, .domains = domains};
        gb_energy_cover again;
        char why[256];

        node.domain_count = choose(&machines[m], domains, &node.cover);
        assert_true(gb_cover_translate(&node, GB_LANGUAGE_EN, &again));
        assert_string_equal(again.holds, node.cover.holds);
        assert_string_equal(again.leaves_out, node.cover.leaves_out);
        assert_true(gb_cover_translate(&node, GB_LANGUAGE_ZH, &again));
        assert_null(strstr(again.leaves_out, "fans"));
        assert_null(strstr(again.holds, "package"));
        for (size_t i = 0; i < node.domain_count; i++) {
            const bool out = gb_left_out_translate(&node, i, GB_LANGUAGE_EN,
                                                   why, sizeof(why));
            assert_int_equal(out, !domains[i].summed);
            if (!out)
                continue;
            assert_string_equal(why, domains[i].reason);
            assert_true(gb_left_out_translate(&node, i, GB_LANGUAGE_ZH, why,
                                              sizeof(why)));
            assert_null(strstr(why, "summed"));
        }
        gb_copy(node.cover.holds, sizeof(node.cover.holds), "other words");
        assert_false(gb_cover_translate(&node, GB_LANGUAGE_ZH, &again));
    }
}

static void each_machine_has_its_right_total(void **state) {
    (void)state;
    for (size_t m = 0; m < MACHINE_COUNT; m++) {
        gb_energy_domain domains[ZONES];
        gb_energy_cover cover;
        gb_energy_figure figures[ZONES], node;
        double steps_j = 0.0;
        const size_t count = choose(&machines[m], domains, &cover);

        for (size_t i = 0; i < count; i++) {
            const saved_zone *zone = &machines[m].zones[i];
            gb_energy_reading readings[READINGS];
            gb_energy_figure *figure = &figures[i];

            read_zone(zone, &domains[i], machines[m].dt_s, readings);
            gb_window_energy(&domains[i], readings, READINGS,
                             machines[m].dt_s / (READINGS - 1), figure);
            if (!(fabs(figure->energy_j - zone->energy_j) <= zone->step_j) ||
                figure->wraps != zone->wraps)
                fail_msg("%s, %s: expected %.6f J, got %.6f J and %u wraps: %s",
                         machines[m].fixture, zone->name, zone->energy_j,
                         figure->energy_j, figure->wraps, figure->reason);
            steps_j += domains[i].summed ? zone->step_j : 0.0;
        }
        gb_figure_sum_domains(domains, figures, count, &node);
        if (!(fabs(node.energy_j - machines[m].node_j) <= steps_j))
            fail_msg("%s: expected %.6f J, got %.6f J", machines[m].fixture,
                     machines[m].node_j, node.energy_j);
        for (size_t i = 0; i < 2; i++)
            if (fabs(node.energy_j - machines[m].wrong_j[i]) < 1.0)
                fail_msg("%s: the mistaken total %.6f J", machines[m].fixture,
                         machines[m].wrong_j[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_machine_sums_what_belongs_to_its_node),
        cmocka_unit_test(each_machine_is_described_again),
        cmocka_unit_test(each_machine_has_its_right_total),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
