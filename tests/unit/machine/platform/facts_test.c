/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/platform/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "machine/platform/doctor.h"
#include "support/gb_test.h"

typedef struct tree {
    char path[64];
    gb_sysroot *root;
} tree;

/* Write a file and the folders above it. */
static void put(const tree *t, const char *name, const char *text) {
    char path[512];
    snprintf(path, sizeof(path), "%s%s", t->path, name);
    for (char *at = path + strlen(t->path) + 1; (at = strchr(at, '/')) != NULL;
         at++) {
        *at = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            fail_msg("cannot make %s", path);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int open_tree(void **state) {
    tree *t = calloc(1, sizeof(*t));
    gb_error err = {0};
    strcpy(t->path, "/tmp/gb-facts-XXXXXX");
    assert_non_null(mkdtemp(t->path));
    put(t, "/proc/meminfo",
        "MemTotal:       1000 kB\nMemFree:   500 kB\nMemAvailable:  800 kB\n");
    assert_int_equal(gb_sysroot_open(t->path, &t->root, &err), GB_OK);
    *state = t;
    return 0;
}

static int close_tree(void **state) {
    tree *t = *state;
    char command[128];
    gb_sysroot_close(t->root);
    snprintf(command, sizeof(command), "rm -rf '%s'", t->path);
    assert_int_equal(system(command), 0);
    free(t);
    return 0;
}

static void without_a_cgroup_the_kernel_says_what_is_free(void **state) {
    tree *t = *state;
    uint64_t limit = 7;
    assert_int_equal(gb_platform_usable_memory(t->root, &limit), 800 * 1024);
    assert_int_equal(limit, 0);
}

static void a_v2_limit_anywhere_above_counts(void **state) {
    tree *t = *state;
    uint64_t limit = 0;
    put(t, "/proc/self/cgroup", "0::/job/step\n");
    put(t, "/sys/fs/cgroup/job/memory.max", "600000\n");
    put(t, "/sys/fs/cgroup/job/memory.current", "200000\n");
    put(t, "/sys/fs/cgroup/job/memory.stat",
        "anon 100\ninactive_file 50000\nactive_file 3\n");
    put(t, "/sys/fs/cgroup/job/step/memory.max", "max\n");
    assert_int_equal(gb_platform_usable_memory(t->root, &limit), 450000);
    assert_int_equal(limit, 600000);
}

static void a_v1_limit_counts_and_its_infinity_does_not(void **state) {
    tree *t = *state;
    uint64_t limit = 0;
    put(t, "/proc/self/cgroup", "9:cpu:/x\n4:memory:/docker/ab\n");
    put(t, "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "9223372036854771712\n");
    put(t, "/sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes", "500000\n");
    put(t, "/sys/fs/cgroup/memory/docker/ab/memory.usage_in_bytes", "100000\n");
    assert_int_equal(gb_platform_usable_memory(t->root, &limit), 400000);
    assert_int_equal(limit, 500000);
}

static void facts_come_from_the_root(void **state) {
    tree *t = *state;
    gb_node node;
    put(t, "/proc/cpuinfo",
        "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
        "model\t\t: 85\nmodel name\t: Xeon Test\nstepping\t: 7\n"
        "microcode\t: 0x500\nflags\t\t: fpu vme\n\nprocessor\t: 1\n");
    put(t, "/proc/version", "Linux version 6.1.0-18-amd64 (x@y) #1\n");
    put(t, "/proc/sys/kernel/random/boot_id", "abc-def\n");
    put(t, "/proc/sys/kernel/perf_event_paranoid", "-1\n");
    put(t, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
    put(t, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
        "powersave\n");
    put(t, "/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    put(t, "/sys/class/powercap/intel-rapl:0/constraint_0_name", "long_term\n");
    put(t, "/sys/class/powercap/intel-rapl:0/constraint_0_power_limit_uw",
        "250000000\n");
    gb_platform_facts(NULL, t->root, &node);
    assert_string_equal(node.cpu, "Xeon Test");
    assert_string_equal(node.cpu_vendor, "GenuineIntel");
    assert_int_equal(node.cpu_family, 6);
    assert_int_equal(node.cpu_model, 85);
    assert_int_equal(node.cpu_stepping, 7);
    assert_string_equal(node.microcode, "0x500");
    assert_string_equal(node.virtualisation, "none");
    assert_string_equal(node.kernel, "6.1.0-18-amd64");
    assert_string_equal(node.boot_id, "abc-def");
    assert_int_equal(node.perf_event_paranoid, -1);
    assert_string_equal(node.turbo, "off");
    assert_string_equal(node.governor, "powersave");
    assert_string_equal(node.power_caps, "package-0 long_term 250 W");
    assert_int_equal(node.memory_bytes, 1000 * 1024);
}

/* The factory's limit is the design power; one that is not enabled is none. */
static void power_limits_are_told_where_somebody_set_them(void **state) {
    tree *t = *state;
    gb_node node;
    const char *const zone = "/sys/class/powercap/intel-rapl:0/";
    const char *const files[][2] = {
        {"name", "package-0\n"},
        {"constraint_0_name", "long_term\n"},
        {"constraint_0_max_power_uw", "250000000\n"},
        {"enabled", "1\n"}};
    char path[96];

    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s%s", zone, files[i][0]);
        put(t, path, files[i][1]);
    }
    snprintf(path, sizeof(path), "%sconstraint_0_power_limit_uw", zone);
    put(t, path, "250000000\n");
    gb_platform_facts(NULL, t->root, &node);
    assert_string_equal(node.power_caps, "");
    put(t, path, "200000000\n");
    gb_platform_facts(NULL, t->root, &node);
    assert_string_equal(node.power_caps, "package-0 long_term 200 W of 250 W");
    snprintf(path, sizeof(path), "%senabled", zone);
    put(t, path, "0\n");
    gb_platform_facts(NULL, t->root, &node);
    assert_string_equal(node.power_caps, "");
}

static void missing_facts_stay_empty(void **state) {
    tree *t = *state;
    gb_node node;
    char key[64];
    gb_platform_facts(NULL, t->root, &node);
    assert_string_equal(node.cpu, "");
    assert_string_equal(node.governor, "");
    assert_int_equal(node.perf_event_paranoid, -100);
    gb_platform_node_key(t->root, key, sizeof(key));
    assert_string_equal(key, node.name); /* no boot id: the host's name */
}

static const gb_finding *find(const gb_findings *findings, const char *code) {
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->list[i].code, code) == 0)
            return &findings->list[i];
    fail_msg("no finding '%s'", code);
    return NULL;
}

static void doctor_says_what_is_wrong_and_how_to_mend_it(void **state) {
    tree *t = *state;
    gb_findings findings = {0};
    gb_energy_domain forbidden = {.source = "powercap",
                                  .name = "package-0",
                                  .status = GB_DOMAIN_FORBIDDEN,
                                  .reason = "cannot read it (uid 7)",
                                  .fix = "install the udev rule"};
    gb_node node = {.governor = "powersave",
                    .pus = 4,
                    .perf_event_paranoid = 2,
                    .domains = &forbidden,
                    .domain_count = 1,
                    .clock_source = "hpet"};
    put(t, "/sys/fs/cgroup/cpu.max", "150000 100000\n");
    put(t, "/proc/loadavg", "3.50 1.00 0.50 1/100 1234\n");
    gb_doctor_examine(&node, t->root, &findings);
    assert_int_equal(find(&findings, "cpu.governor")->severity,
                     GB_SEVERITY_WARNING);
    assert_string_equal(find(&findings, "energy.powercap")->fix,
                        "install the udev rule");
    assert_int_equal(find(&findings, "energy")->severity, GB_SEVERITY_ERROR);
    assert_int_equal(find(&findings, "cgroup.cpu_quota")->severity,
                     GB_SEVERITY_WARNING);
    assert_int_equal(find(&findings, "load")->severity, GB_SEVERITY_WARNING);
    assert_int_equal(find(&findings, "clock")->severity, GB_SEVERITY_WARNING);
    assert_non_null(strstr(find(&findings, "perf.paranoid")->evidence, ": 2"));
    gb_findings_fini(&findings);
}

int main(void) {
#define IN_TREE(test)                                                          \
    cmocka_unit_test_setup_teardown(test, open_tree, close_tree)
    const struct CMUnitTest tests[] = {
        IN_TREE(without_a_cgroup_the_kernel_says_what_is_free),
        IN_TREE(a_v2_limit_anywhere_above_counts),
        IN_TREE(a_v1_limit_counts_and_its_infinity_does_not),
        IN_TREE(facts_come_from_the_root),
        IN_TREE(power_limits_are_told_where_somebody_set_them),
        IN_TREE(missing_facts_stay_empty),
        IN_TREE(doctor_says_what_is_wrong_and_how_to_mend_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
