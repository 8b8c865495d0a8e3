/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "metering/lattice.h"

static const char *const preference[] = {"powercap", "perf", "hwmon", "papi",
                                         "model"};

typedef struct part {
    const char *source, *name;
    gb_energy_scope scope;
    int32_t package, die;
    bool summed;
    gb_domain_status status;
} part;

enum { MOST = 6 };

static size_t make(const part *parts, gb_energy_domain *domains) {
    size_t count = 0;

    for (; count < MOST && parts[count].name != NULL; count++) {
        domains[count] = (gb_energy_domain){
            .scope = parts[count].scope,
            .package = parts[count].package,
            .die = parts[count].die,
            .status = parts[count].status,
            .quality = strcmp(parts[count].source, "model") == 0
                           ? GB_QUALITY_MODELLED
                           : GB_QUALITY_MEASURED,
        };
        gb_copy(domains[count].source, sizeof(domains[count].source),
                parts[count].source);
        gb_copy(domains[count].name, sizeof(domains[count].name),
                parts[count].name);
    }
    return count;
}

#define PC "powercap"
#define OK GB_DOMAIN_OK

static const struct {
    const char *label, *holds, *leaves_out;
    part parts[MOST + 1];
} covers[] = {
    {"nothing readable",
     "",
     "",
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, GB_DOMAIN_FORBIDDEN}}},
    {"a wall meter holds everything",
     "node at the wall",
     "",
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, OK},
      {"hwmon", "power_meter", GB_SCOPE_NODE_AC, -1, -1, true, OK},
      {"papi", "gpu", GB_SCOPE_ACCEL, 0, -1, false, OK}}},
    {"a Cray node leaves out its supply",
     "node behind the power supply",
     "PSU loss",
     {{"papi", "PM_ENERGY:NODE", GB_SCOPE_NODE_DC, -1, -1, true, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, OK}}},
    {"accelerators are beside packages",
     "1 package + 2 accelerators",
     "DRAM, fans, PSU loss, NIC, disks",
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {"papi", "gpu-0", GB_SCOPE_ACCEL, 0, -1, true, OK},
      {"papi", "gpu-1", GB_SCOPE_ACCEL, 1, -1, true, OK},
      {"papi", "gpu-1-hbm", GB_SCOPE_ACCEL_PART, 1, -1, false, OK}}},
    {"accelerators without a number are not one",
     "2 accelerators",
     "CPU packages, DRAM, fans, PSU loss, NIC, disks",
     {{"papi", "gpu-a", GB_SCOPE_ACCEL, -1, -1, true, OK},
      {"papi", "gpu-b", GB_SCOPE_ACCEL, -1, -1, true, OK}}},
    {"a Grace-Hopper module holds its GPU",
     "1 module",
     "fans, PSU loss, NIC, disks",
     {{"hwmon", "Grace Power Socket 0", GB_SCOPE_GRACE, 0, -1, false, OK},
      {"hwmon", "Module Power Socket 0", GB_SCOPE_MODULE, 0, -1, true, OK},
      {"papi", "gpu", GB_SCOPE_ACCEL, 0, -1, false, OK}}},
    {"distinct dies are summed",
     "1 package",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{PC, "package-0-die-0", GB_SCOPE_PACKAGE, 0, 0, true, OK},
      {PC, "package-0-die-1", GB_SCOPE_PACKAGE, 0, 1, true, OK}}},
    {"mirrored dies are counted once",
     "1 package",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{PC, "package-0-die-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-0-die-1", GB_SCOPE_PACKAGE, 0, -1, false, OK}}},
    {"a second source is left out",
     "2 packages",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{"perf", "package-0", GB_SCOPE_PACKAGE, 0, -1, false, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, true, OK},
      {"perf", "package-1", GB_SCOPE_PACKAGE, 1, -1, false, OK}}},
    {"a source that can read the rest helps out",
     "2 packages",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{"perf", "package-0", GB_SCOPE_PACKAGE, 0, -1, false, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, false, GB_DOMAIN_STUCK},
      {"perf", "package-1", GB_SCOPE_PACKAGE, 1, -1, true, OK}}},
    {"a package that cannot be read is named",
     "1 of 2 packages + DRAM of 1",
     "1 unreadable package, DRAM of other packages, GPUs, fans, PSU loss, NIC, "
     "disks",
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-0/dram", GB_SCOPE_DRAM, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, false, GB_DOMAIN_FORBIDDEN}}},
    {"DRAM of one package is not DRAM",
     "2 packages + DRAM of 1",
     "DRAM of other packages, GPUs, fans, PSU loss, NIC, disks",
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-0/dram", GB_SCOPE_DRAM, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, true, OK}}},
    {"mmio only where the other path is not readable",
     "1 package",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{PC, "mmio:package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, GB_DOMAIN_FORBIDDEN}}},
    {"psys only where no package is readable",
     "platform as the CPU sees it (psys)",
     "PSU loss, what the board does not report",
     {{PC, "psys", GB_SCOPE_PLATFORM, -1, -1, true, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, GB_DOMAIN_FORBIDDEN},
      {PC, "package-0/dram", GB_SCOPE_DRAM, 0, -1, false, OK}}},
    {"parts are no total",
     "",
     "",
     {{PC, "package-0/core", GB_SCOPE_CORES, 0, -1, false, OK},
      {PC, "package-0/uncore", GB_SCOPE_UNCORE, 0, -1, false, OK},
      {PC, "package-1/core", GB_SCOPE_CORE, 1, -1, false, OK},
      {PC, "foo", GB_SCOPE_OTHER, -1, -1, false, OK}}},
    {"an estimate is not added to a measurement",
     "1 package",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{"model", "ccf", GB_SCOPE_NODE_AC, -1, -1, false, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK}}},
    {"an estimate of parts",
     "an estimate of 2 packages",
     "DRAM, GPUs, fans, PSU loss, NIC, disks",
     {{"model", "a::PACKAGE0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {"model", "a::PACKAGE1", GB_SCOPE_PACKAGE, 1, -1, true, OK}}},
    {"an estimate where nothing is measured",
     "an estimate of the whole node from its utilisation",
     "",
     {{"model", "ccf", GB_SCOPE_NODE_AC, -1, -1, true, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, GB_DOMAIN_ABSENT}}},
};
#define COVER_COUNT (sizeof(covers) / sizeof(covers[0]))

static void covers_are_as_the_scopes_nest(void **state) {
    (void)state;
    for (size_t k = 0; k < COVER_COUNT; k++) {
        gb_energy_domain domains[MOST];
        gb_energy_cover cover;
        const size_t count = make(covers[k].parts, domains);
        size_t summed = 0;

        gb_lattice_choose(domains, count, 0, preference, 5, &cover);
        for (size_t i = 0; i < count; i++) {
            summed += domains[i].summed;
            if (domains[i].summed != covers[k].parts[i].summed)
                fail_msg("%s: %s: summed %d, '%s'", covers[k].label,
                         domains[i].name, domains[i].summed, domains[i].reason);
            if (domains[i].status == GB_DOMAIN_OK &&
                domains[i].summed != (domains[i].reason[0] == '\0'))
                fail_msg("%s: %s: reason '%s'", covers[k].label,
                         domains[i].name, domains[i].reason);
        }
        if (strcmp(cover.holds, covers[k].holds) != 0 ||
            strcmp(cover.leaves_out, covers[k].leaves_out) != 0 ||
            cover.summed_count != summed)
            fail_msg("%s: holds '%s', leaves out '%s', %zu summed",
                     covers[k].label, cover.holds, cover.leaves_out,
                     cover.summed_count);
    }
}

/* --- what a sum lacks ----------------------------------------------------- */

#define LOST GB_DOMAIN_FORBIDDEN

static const struct {
    const char *label, *holds, *missing;
    uint32_t packages; /* of the machine */
    part parts[MOST + 1];
} lacks[] = {
    {"all packages are there",
     "2 packages",
     "",
     2,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, true, OK}}},
    {"a zone is not there",
     "1 of 2 packages + DRAM of 1",
     "1 of 2 packages has no counter",
     2,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-0/dram", GB_SCOPE_DRAM, 0, -1, true, OK}}},
    {"ids need not be consecutive, dies are no packages",
     "2 of 8 packages",
     "6 of 8 packages have no counter",
     8,
     {{PC, "package-3-die-0", GB_SCOPE_PACKAGE, 3, 0, true, OK},
      {PC, "package-3-die-1", GB_SCOPE_PACKAGE, 3, 1, true, OK},
      {PC, "package-5", GB_SCOPE_PACKAGE, 5, -1, true, OK}}},
    {"more counters than the machine tells of packages",
     "2 packages",
     "",
     1,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, true, OK}}},
    {"nobody knows how many there are",
     "1 package",
     "",
     0,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK}}},
    {"a zone is there and may not be read",
     "1 of 2 packages",
     "'powercap package-1' is forbidden",
     0,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, false, LOST},
      {PC, "package-1/core", GB_SCOPE_CORES, 1, -1, false, LOST}}},
    {"two sources list what neither can read",
     "1 of 3 packages",
     "'powercap package-1' is forbidden, 1 of 3 packages has no counter",
     3,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-1", GB_SCOPE_PACKAGE, 1, -1, false, LOST},
      {"perf", "package-1", GB_SCOPE_PACKAGE, 1, -1, false, LOST}}},
    {"memory that stands still",
     "1 package + DRAM",
     "'powercap package-1/dram' is stuck",
     1,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {PC, "package-0/dram", GB_SCOPE_DRAM, 0, -1, true, OK},
      {PC, "package-1/dram", GB_SCOPE_DRAM, 1, -1, false, GB_DOMAIN_STUCK}}},
    {"a die of a package that is read in part",
     "1 package",
     "'powercap package-0-die-1' is failed",
     1,
     {{PC, "package-0-die-0", GB_SCOPE_PACKAGE, 0, 0, true, OK},
      {PC, "package-0-die-1", GB_SCOPE_PACKAGE, 0, 1, false,
       GB_DOMAIN_FAILED}}},
    {"an accelerator that fell off the bus",
     "1 package + 1 accelerator",
     "'papi gpu-1' is failed",
     1,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {"papi", "gpu-0", GB_SCOPE_ACCEL, 0, -1, true, OK},
      {"papi", "gpu-1", GB_SCOPE_ACCEL, 1, -1, false, GB_DOMAIN_FAILED}}},
    {"what gives no energy is not missing",
     "1 package",
     "",
     1,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
      {"papi", "gpu-0", GB_SCOPE_ACCEL, 0, -1, false, GB_DOMAIN_UNSUPPORTED},
      {"hwmon", "", GB_SCOPE_PACKAGE, 0, -1, false, GB_DOMAIN_ABSENT}}},
    {"another source reads it, or a whole holds it",
     "1 package",
     "",
     1,
     {{PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, LOST},
      {PC, "mmio:package-0", GB_SCOPE_PACKAGE, 0, -1, false, LOST},
      {"perf", "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK}}},
    {"a meter of the node needs no packages",
     "node behind the power supply",
     "",
     2,
     {{"papi", "PM_ENERGY:NODE", GB_SCOPE_NODE_DC, -1, -1, true, OK},
      {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, LOST}}},
    {"one counter of all packages",
     "1 package",
     "",
     2,
     {{"hwmon", "cpu", GB_SCOPE_PACKAGE, -1, -1, true, OK}}},
    {"modules and Grace sockets are sockets",
     "1 of 4 modules",
     "3 of 4 packages have no counter",
     4,
     {{"hwmon", "Module Power Socket 2", GB_SCOPE_MODULE, 2, -1, true, OK}}},
    {"accelerators alone are what they are",
     "1 accelerator",
     "",
     2,
     {{"papi", "gpu-0", GB_SCOPE_ACCEL, 0, -1, true, OK}}},
    {"an estimate is of no machine",
     "an estimate of 1 package",
     "",
     2,
     {{"model", "a::PACKAGE0", GB_SCOPE_PACKAGE, 0, -1, true, OK}}},
};
#define LACK_COUNT (sizeof(lacks) / sizeof(lacks[0]))

static void a_sum_of_fewer_than_there_are_is_partial(void **state) {
    (void)state;
    for (size_t k = 0; k < LACK_COUNT; k++) {
        gb_energy_domain domains[MOST];
        gb_energy_cover cover;
        const size_t count = make(lacks[k].parts, domains);

        gb_lattice_choose(domains, count, lacks[k].packages, preference, 5,
                          &cover);
        if (strcmp(cover.holds, lacks[k].holds) != 0 ||
            strcmp(cover.missing, lacks[k].missing) != 0)
            fail_msg("%s: holds '%s', missing '%s'", lacks[k].label,
                     cover.holds, cover.missing);
    }
}

/* A recording is of another machine. */
static void a_recording_is_not_compared_with_this_machine(void **state) {
    gb_energy_domain domains[MOST];
    gb_energy_cover cover;
    const part parts[MOST + 1] = {
        {"replay", "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK}};
    const size_t count = make(parts, domains);

    (void)state;
    domains[0].quality = GB_QUALITY_REPLAYED;
    gb_lattice_choose(domains, count, 2, preference, 5, &cover);
    assert_string_equal(cover.holds, "1 package");
    assert_string_equal(cover.missing, "");
}

/* Rule 18: a meter in front of several nodes is no part of one of them; a GPU
 * that others use as well is still this node's. */
static void what_nodes_share_is_not_summed(void **state) {
    gb_energy_domain domains[3] = {
        {.source = "redfish",
         .name = "chassis",
         .scope = GB_SCOPE_NODE_AC,
         .package = -1,
         .die = -1,
         .quality = GB_QUALITY_MEASURED,
         .shared = true},
        {.source = "powercap",
         .name = "package-0",
         .scope = GB_SCOPE_PACKAGE,
         .die = -1,
         .quality = GB_QUALITY_MEASURED},
        {.source = "nvml",
         .name = "gpu0",
         .scope = GB_SCOPE_ACCEL,
         .die = -1,
         .quality = GB_QUALITY_MEASURED,
         .shared = true},
    };
    gb_energy_cover cover;

    (void)state;
    gb_lattice_choose(domains, 3, 0, preference, 5, &cover);
    assert_false(domains[0].summed);
    assert_non_null(strstr(domains[0].reason, "shared with other nodes"));
    assert_true(domains[1].summed);
    assert_true(domains[2].summed);
}

/* Each vendor's library numbers its own; PAPI's components number as these. */
static void accelerators_of_two_vendors_are_not_the_same(void **state) {
    static const char *const sources[] = {"nvml", "rocm", "papi"};
    gb_energy_domain domains[3] = {0};
    gb_energy_cover cover;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        gb_copy(domains[i].source, sizeof(domains[i].source), sources[i]);
        gb_copy(domains[i].name, sizeof(domains[i].name), "gpu0");
        domains[i].scope = GB_SCOPE_ACCEL;
        domains[i].die = -1;
        domains[i].quality = GB_QUALITY_MEASURED;
    }
    gb_lattice_choose(domains, 3, 0, sources, 3, &cover);
    assert_true(domains[0].summed);
    assert_true(domains[1].summed);
    assert_false(domains[2].summed);
    assert_string_equal(cover.holds, "2 accelerators");
    assert_false(gb_domain_contains(&domains[0], &domains[1]));
    assert_true(gb_domain_contains(&domains[1], &domains[2]));
}

static void no_summed_domain_contains_another(void **state) {
    uint64_t seed = 4711;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        gb_energy_domain domains[MOST] = {0};
        gb_energy_cover cover;

        for (size_t i = 0; i < MOST; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const uint32_t bits = (uint32_t)(seed >> 33);
            domains[i].scope = (gb_energy_scope)(bits % GB_SCOPE_COUNT);
            domains[i].package = (int32_t)(bits / 16 % 3) - 1;
            domains[i].die = (int32_t)(bits / 64 % 3) - 1;
            domains[i].kind =
                bits / 256 % 2 ? GB_READING_POWER : GB_READING_ENERGY;
            domains[i].quality = GB_QUALITY_MEASURED;
            gb_copy(domains[i].source, sizeof(domains[i].source),
                    preference[bits / 512 % 4]);
            domains[i].name[0] = (char)('a' + i);
        }
        gb_lattice_choose(domains, MOST, 0, preference, 5, &cover);
        for (size_t i = 0; i < MOST; i++) {
            if (domains[i].summed && (domains[i].scope == GB_SCOPE_CORE ||
                                      domains[i].scope == GB_SCOPE_OTHER))
                fail_msg("round %d: a part is summed", round);
            for (size_t j = 0; j < MOST; j++)
                if (i != j && domains[i].summed && domains[j].summed &&
                    gb_domain_contains(&domains[i], &domains[j]))
                    fail_msg("round %d: %zu contains %zu", round, i, j);
        }
    }
}

static void nesting_is_by_scope_and_package(void **state) {
    static const struct {
        const char *label;
        part outer, inner;
        bool contains;
    } cases[] = {
        {"core in its package",
         {PC, "p", GB_SCOPE_PACKAGE, 0, -1, false, OK},
         {PC, "c", GB_SCOPE_CORES, 0, -1, false, OK},
         true},
        {"core in another package",
         {PC, "p", GB_SCOPE_PACKAGE, 0, -1, false, OK},
         {PC, "c", GB_SCOPE_CORES, 1, -1, false, OK},
         false},
        {"DRAM is beside its package",
         {PC, "p", GB_SCOPE_PACKAGE, 0, -1, false, OK},
         {PC, "d", GB_SCOPE_DRAM, 0, -1, false, OK},
         false},
        {"package in psys",
         {PC, "s", GB_SCOPE_PLATFORM, -1, -1, false, OK},
         {PC, "p", GB_SCOPE_PACKAGE, 1, -1, false, OK},
         true},
        {"psys in a package",
         {PC, "p", GB_SCOPE_PACKAGE, 0, -1, false, OK},
         {PC, "s", GB_SCOPE_PLATFORM, -1, -1, false, OK},
         false},
        {"wall in the node behind the supply",
         {PC, "dc", GB_SCOPE_NODE_DC, -1, -1, false, OK},
         {PC, "ac", GB_SCOPE_NODE_AC, -1, -1, false, OK},
         false},
        {"a die in its whole package",
         {PC, "p", GB_SCOPE_PACKAGE, 0, -1, false, OK},
         {PC, "d", GB_SCOPE_PACKAGE, 0, 1, false, OK},
         true},
        {"a whole package in one die",
         {PC, "d", GB_SCOPE_PACKAGE, 0, 1, false, OK},
         {PC, "p", GB_SCOPE_PACKAGE, 0, -1, false, OK},
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const part both[MOST + 1] = {cases[i].outer, cases[i].inner};
        gb_energy_domain domains[MOST];
        assert_int_equal(make(both, domains), 2);
        if (gb_domain_contains(&domains[0], &domains[1]) != cases[i].contains)
            fail_msg("%s: expected %d", cases[i].label, cases[i].contains);
        assert_true(gb_domain_contains(&domains[0], &domains[0]));
    }
}

/* A gauge cannot see a window of a second; a counter behind the supply can. */
static void a_counter_of_the_node_is_better_than_a_gauge(void **state) {
    const part parts[MOST + 1] = {
        {"hwmon", "power_meter", GB_SCOPE_NODE_AC, -1, -1, false, OK},
        {"papi", "PM_ENERGY:NODE", GB_SCOPE_NODE_DC, -1, -1, true, OK}};
    gb_energy_domain domains[MOST];
    gb_energy_cover cover;
    const size_t count = make(parts, domains);

    (void)state;
    domains[0].kind = GB_READING_POWER;
    gb_lattice_choose(domains, count, 0, preference, 5, &cover);
    assert_false(domains[0].summed);
    assert_true(domains[1].summed);
    assert_non_null(strstr(domains[0].reason, "contains 'papi"));
}

/* A meter of the whole node that moves once a second would leave timed calls of
 * a second without any figure. */
static void a_slow_meter_does_not_displace_fast_counters(void **state) {
    const part parts[MOST + 1] = {
        {"hwmon", "power_meter", GB_SCOPE_NODE_AC, -1, -1, false, OK},
        {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK}};
    gb_energy_domain domains[MOST];
    gb_energy_cover cover;
    const size_t count = make(parts, domains);

    (void)state;
    domains[0].kind = GB_READING_POWER;
    domains[0].update_ns = 1000000000;
    gb_lattice_choose(domains, count, 0, preference, 5, &cover);
    assert_false(domains[0].summed);
    assert_true(domains[1].summed);
    /* Alone it is what there is. */
    gb_lattice_choose(domains, 1, 0, preference, 5, &cover);
    assert_true(domains[0].summed);
    /* And a fast one is preferred to the sum of parts. */
    domains[0].update_ns = 50000000;
    gb_lattice_choose(domains, count, 0, preference, 5, &cover);
    assert_true(domains[0].summed);
    assert_false(domains[1].summed);
}

static void the_order_given_by_the_user_decides(void **state) {
    static const char *const other[] = {"perf", "powercap"};
    const part parts[MOST + 1] = {
        {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, false, OK},
        {"perf", "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK}};
    gb_energy_domain domains[MOST];
    gb_energy_cover cover;
    const size_t count = make(parts, domains);

    (void)state;
    gb_lattice_choose(domains, count, 0, other, 2, &cover);
    assert_false(domains[0].summed);
    assert_true(domains[1].summed);
}

static void the_reason_of_the_source_is_kept(void **state) {
    const part parts[MOST + 1] = {
        {PC, "package-0", GB_SCOPE_PACKAGE, 0, -1, true, OK},
        {PC, "package-0-die-1", GB_SCOPE_PACKAGE, 0, -1, false, OK}};
    gb_energy_domain domains[MOST];
    gb_energy_cover cover;
    const size_t count = make(parts, domains);

    (void)state;
    gb_copy(domains[1].reason, sizeof(domains[1].reason), "suspect");
    gb_lattice_choose(domains, count, 0, preference, 5, &cover);
    assert_non_null(strstr(domains[1].reason, "counts the same energy"));
    assert_non_null(strstr(domains[1].reason, "suspect"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_are_as_the_scopes_nest),
        cmocka_unit_test(a_sum_of_fewer_than_there_are_is_partial),
        cmocka_unit_test(a_recording_is_not_compared_with_this_machine),
        cmocka_unit_test(what_nodes_share_is_not_summed),
        cmocka_unit_test(accelerators_of_two_vendors_are_not_the_same),
        cmocka_unit_test(no_summed_domain_contains_another),
        cmocka_unit_test(nesting_is_by_scope_and_package),
        cmocka_unit_test(a_counter_of_the_node_is_better_than_a_gauge),
        cmocka_unit_test(a_slow_meter_does_not_displace_fast_counters),
        cmocka_unit_test(the_order_given_by_the_user_decides),
        cmocka_unit_test(the_reason_of_the_source_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
