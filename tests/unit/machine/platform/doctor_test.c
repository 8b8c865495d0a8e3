/* SPDX-License-Identifier: Apache-2.0 */
/* Each finding, good and bad, on a root that says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "machine/platform/doctor.h"

typedef struct tree {
    char path[64];
    gb_sysroot *root;
    gb_node node;
    gb_findings findings;
} tree;

static void put(tree *t, const char *path, const char *text) {
    char whole[256];

    snprintf(whole, sizeof(whole), "%s%s", t->path, path);
    for (char *at = whole + strlen(t->path) + 1; *at != '\0'; at++)
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(whole, 0755);
            *at = '/';
        }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int open_tree(void **state) {
    tree *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    strcpy(t->path, "/tmp/gb-doctor-XXXXXX");
    assert_non_null(mkdtemp(t->path));
    assert_int_equal(gb_sysroot_open(t->path, &t->root, NULL), GB_OK);
    t->node.pus = 8;
    t->node.perf_event_paranoid = -100;
    *state = t;
    return 0;
}

static int close_tree(void **state) {
    tree *t = *state;
    char command[128];

    gb_findings_fini(&t->findings);
    gb_sysroot_close(t->root);
    snprintf(command, sizeof(command), "rm -rf '%s'", t->path);
    assert_int_equal(system(command), 0);
    free(t);
    return 0;
}

static const gb_finding *find(tree *t, const char *code) {
    gb_findings_fini(&t->findings);
    t->findings = (gb_findings){0};
    gb_doctor_examine(&t->node, t->root, &t->findings);
    for (size_t i = 0; i < t->findings.count; i++)
        if (strcmp(t->findings.list[i].code, code) == 0)
            return &t->findings.list[i];
    return NULL;
}

static void expect(tree *t, const char *code, gb_severity severity,
                   const char *evidence) {
    const gb_finding *finding = find(t, code);

    if (finding == NULL)
        fail_msg("no finding '%s'", code);
    if (finding->severity != severity ||
        strstr(finding->evidence, evidence) == NULL)
        fail_msg("%s: %s, '%s' without '%s'", code,
                 gb_severity_name(finding->severity), finding->evidence,
                 evidence);
    /* What is wrong is never said without what to do. */
    if (severity >= GB_SEVERITY_WARNING && finding->fix[0] == '\0')
        fail_msg("%s: no fix", code);
}

static void status(tree *t, const char *capabilities, const char *cpus) {
    char text[256];

    snprintf(text, sizeof(text),
             "Name:\tgreenbench\nCapEff:\t%s\nCpus_allowed_list:\t%s\n",
             capabilities, cpus);
    put(t, "/proc/self/status", text);
}

static void capabilities_that_read_energy_are_named(void **state) {
    tree *t = *state;

    status(t, "0000000000000000", "0-7");
    expect(t, "capabilities", GB_SEVERITY_NOTE, "CapEff: 0000000000000000");
    status(t, "0000004000000000", "0-7");
    expect(t, "capabilities", GB_SEVERITY_OK, "CAP_PERFMON");
    status(t, "0000000000000004", "0-7");
    expect(t, "capabilities", GB_SEVERITY_OK, "CAP_DAC_READ_SEARCH");
}

static void a_container_is_seen_by_its_marks(void **state) {
    tree *t = *state;

    put(t, "/proc/self/uid_map", "         0          0 4294967295\n");
    assert_null(find(t, "container"));
    put(t, "/proc/self/uid_map", "         0     100000      65536\n");
    expect(t, "container", GB_SEVERITY_NOTE, "not root outside");
    put(t, "/.dockerenv", "");
    expect(t, "container", GB_SEVERITY_NOTE, "/.dockerenv is there");
}

static void binding_counts_the_threads_it_leaves(void **state) {
    tree *t = *state;

    status(t, "0", "0-7");
    expect(t, "binding", GB_SEVERITY_OK, "(8 of 8)");
    status(t, "0", "0-2,5");
    expect(t, "binding", GB_SEVERITY_NOTE, "0-2,5 (4 of 8)");
}

static void registers_swap_and_pages(void **state) {
    tree *t = *state;

    assert_null(find(t, "msr"));
    put(t, "/dev/cpu/0/msr", "");
    expect(t, "msr", GB_SEVERITY_NOTE, "/dev/cpu/0/msr");
    put(t, "/dev/cpu/0/msr_safe", "");
    expect(t, "msr", GB_SEVERITY_NOTE, "msr_safe");

    put(t, "/proc/meminfo", "SwapTotal: 1024 kB\nSwapFree: 1024 kB\n");
    assert_null(find(t, "swap"));
    put(t, "/proc/meminfo", "SwapTotal: 2048 kB\nSwapFree: 1024 kB\n");
    expect(t, "swap", GB_SEVERITY_WARNING, "swap in use");

    put(t, "/sys/kernel/mm/transparent_hugepage/enabled",
        "always [madvise] never\n");
    expect(t, "huge_pages", GB_SEVERITY_OK, "[madvise]");
    put(t, "/sys/kernel/mm/transparent_hugepage/enabled",
        "always madvise [never]\n");
    expect(t, "huge_pages", GB_SEVERITY_NOTE, "[never]");
}

static void sources_that_are_absent_are_one_finding(void **state) {
    tree *t = *state;
    gb_energy_domain domains[] = {
        {.source = "perf", .status = GB_DOMAIN_ABSENT},
        {.source = "powercap",
         .name = "package-0",
         .status = GB_DOMAIN_FORBIDDEN,
         .reason = "permission denied",
         .fix = "install the rule"},
        {.source = "nvml", .status = GB_DOMAIN_ABSENT}};

    t->node.domains = domains;
    t->node.domain_count = 3;
    expect(t, "energy.absent", GB_SEVERITY_NOTE, "perf, nvml");
    expect(t, "energy.powercap", GB_SEVERITY_WARNING, "permission denied");
    t->node.domains = NULL;
    t->node.domain_count = 0;
}

static void suspect_counters_are_findings_of_their_own(void **state) {
    tree *t = *state;
    gb_energy_domain domains[] = {
        {.source = "powercap", .name = "package-0", .path = "/sys/x"},
        {.source = "powercap",
         .name = "package-0/dram",
         .suspect = "spr_dram_unit",
         .reason = "3.99 times",
         .fix = "use Linux 6.1"},
        {.source = "powercap",
         .name = "package-0-die-1",
         .suspect = "dies_disagree",
         .reason = "counts the same"}};

    t->node.domains = domains;
    t->node.domain_count = 3;
    expect(t, "energy.suspect", GB_SEVERITY_WARNING, "3.99 times");
    assert_string_equal(find(t, "energy.suspect")->fix, "use Linux 6.1");
    expect(t, "energy.powercap", GB_SEVERITY_OK, "/sys/x");
    size_t suspects = 0;
    for (size_t i = 0; i < t->findings.count; i++)
        suspects += strcmp(t->findings.list[i].code, "energy.suspect") == 0;
    assert_int_equal(suspects, 2);
    t->node.domains = NULL;
    t->node.domain_count = 0;
}

static void limits_guests_clocks_and_memory(void **state) {
    tree *t = *state;

    assert_null(find(t, "cpu.power_caps"));
    strcpy(t->node.power_caps, "package-0 long_term 200 W of 250 W");
    expect(t, "cpu.power_caps", GB_SEVERITY_NOTE, "200 W of 250 W");
    assert_non_null(strstr(find(t, "cpu.power_caps")->fix, "same limits"));

    assert_null(find(t, "virtualisation"));
    strcpy(t->node.virtualisation, "none");
    assert_null(find(t, "virtualisation"));
    strcpy(t->node.virtualisation, "kvm");
    expect(t, "virtualisation", GB_SEVERITY_WARNING, "flag 'hypervisor'");
    assert_non_null(strstr(find(t, "virtualisation")->fix, "on the host"));

    assert_null(find(t, "clock"));
    strcpy(t->node.clock_source, "tsc");
    expect(t, "clock", GB_SEVERITY_OK, "current_clocksource: tsc");
    strcpy(t->node.clock_source, "hpet");
    expect(t, "clock", GB_SEVERITY_WARNING, "current_clocksource: hpet");
    assert_non_null(strstr(find(t, "clock")->fix, "clocksource=tsc"));

    t->node.memory_bytes = 0;
    t->node.memory_usable_bytes = 0;
    expect(t, "memory", GB_SEVERITY_NOTE, "/proc/meminfo");
    t->node.memory_bytes = UINT64_C(64000000000);
    t->node.memory_usable_bytes = UINT64_C(32000000000);
    t->node.cache_bytes = 32000000;
    expect(t, "memory", GB_SEVERITY_OK, "32.00 GB usable of 64.00 GB");
    t->node.memory_usable_bytes = 100000000;
    t->node.cgroup_limit_bytes = 200000000;
    expect(t, "memory", GB_SEVERITY_WARNING, "cgroup limit 200.0 MB");
    assert_non_null(strstr(find(t, "memory")->fix, "raise the limit"));
}

static void turbo_that_nobody_tells_is_said(void **state) {
    tree *t = *state;

    expect(t, "cpu.turbo", GB_SEVERITY_NOTE, "no_turbo");
    strcpy(t->node.turbo, "off");
    assert_non_null(strstr(find(t, "cpu.turbo")->title, "off"));
}

static void clocks_beyond_the_limit_are_an_error(void **state) {
    static const struct {
        double offset_s, bound_s;
        gb_severity severity;
    } cases[] = {
        {0.000012, 1e-5, GB_SEVERITY_OK}, {-0.0099, 1e-4, GB_SEVERITY_OK},
        {0.05, 1e-4, GB_SEVERITY_NOTE},   {-0.399, 1e-4, GB_SEVERITY_NOTE},
        {0.401, 1e-4, GB_SEVERITY_ERROR}, {-3600.0, 0.1, GB_SEVERITY_ERROR},
        {0.401, 0.01, GB_SEVERITY_NOTE}, /* within what is known */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_findings findings = {0};

        gb_doctor_examine_clock_offset(cases[i].offset_s, cases[i].bound_s,
                                       &findings);
        assert_int_equal(findings.count, 1);
        if (findings.list[0].severity != cases[i].severity)
            fail_msg("%g s: %s", cases[i].offset_s,
                     gb_severity_name(findings.list[0].severity));
        assert_string_equal(findings.list[0].code, "clock.offset");
        gb_findings_fini(&findings);
    }
}

int main(void) {
#define IN_TREE(test)                                                          \
    cmocka_unit_test_setup_teardown(test, open_tree, close_tree)
    const struct CMUnitTest tests[] = {
        IN_TREE(capabilities_that_read_energy_are_named),
        IN_TREE(a_container_is_seen_by_its_marks),
        IN_TREE(binding_counts_the_threads_it_leaves),
        IN_TREE(registers_swap_and_pages),
        IN_TREE(sources_that_are_absent_are_one_finding),
        IN_TREE(suspect_counters_are_findings_of_their_own),
        IN_TREE(limits_guests_clocks_and_memory),
        IN_TREE(turbo_that_nobody_tells_is_said),
        IN_TREE(clocks_beyond_the_limit_are_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
