/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* The kernel of a machine with a power PMU: what was asked for, and counts that
 * a descriptor gives. */
typedef struct opened {
    struct perf_event_attr attr;
    int pid, cpu, group_fd, fd;
    unsigned long flags;
} opened;

static opened kernel[8];
static size_t kernel_count;
static int kernel_errno; /* for energy-ram on CPU 64; 0: it opens */

static int kernel_open(const struct perf_event_attr *attr, int pid, int cpu,
                       int group_fd, unsigned long flags) {
    opened *one = &kernel[kernel_count++];

    assert_true(kernel_count <= 8);
    *one = (opened){*attr, pid, cpu, group_fd, -1, flags};
    if (kernel_errno != 0 && attr->config == 3 && cpu == 64) {
        errno = kernel_errno;
        return -1;
    }
    one->fd = memfd_create("event", MFD_CLOEXEC);
    assert_true(one->fd >= 0);
    return one->fd;
}

/* The event of @p config on @p cpu has counted to @p count. */
static void kernel_counts(uint64_t config, int cpu, uint64_t count) {
    for (size_t i = 0; i < kernel_count; i++)
        if (kernel[i].attr.config == config && kernel[i].cpu == cpu) {
            assert_int_equal(pwrite(kernel[i].fd, &count, sizeof(count), 0),
                             sizeof(count));
            assert_int_equal(lseek(kernel[i].fd, 0, SEEK_SET), 0);
            return;
        }
    fail_msg("event %d is not open on CPU %d", (int)config, cpu);
}

static test_source open_on_kernel(test_tree *tree, int os_errno) {
    tree_open(tree, "perf-power-pmu-2s", "t0");
    tree->env.perf_event_open = kernel_open;
    kernel_count = 0;
    kernel_errno = os_errno;
    return source_open(tree, &gb_energy_perf);
}

static void events_are_opened_for_whole_cpus_and_read(void **state) {
    test_tree tree;
    gb_energy_reading readings[8];

    (void)state;
    test_source perf = open_on_kernel(&tree, 0);
    assert_int_equal(perf.count, 4);
    assert_int_equal(kernel_count, 4);
    for (size_t i = 0; i < kernel_count; i++) {
        const struct perf_event_attr *attr = &kernel[i].attr;
        const struct perf_event_attr plain = {
            .type = 13, .size = sizeof(plain), .config = attr->config};

        /* Neither sampling, inheriting nor excluding anything: the PMU takes
         * system-wide counting events only. */
        assert_memory_equal(attr, &plain, sizeof(plain));
        assert_true(attr->config == 2 || attr->config == 3);
        assert_int_equal(kernel[i].pid, -1);
        assert_true(kernel[i].cpu == 0 || kernel[i].cpu == 64);
        assert_int_equal(kernel[i].group_fd, -1);
        assert_int_equal(kernel[i].flags, PERF_FLAG_FD_CLOEXEC);
    }
    for (size_t i = 0; i < perf.count; i++) {
        assert_int_equal(perf.domains[i].status, GB_DOMAIN_OK);
        assert_true(perf.domains[i].summed == false);
    }
    kernel_counts(2, 0, UINT64_C(1) << 33);
    kernel_counts(2, 64, UINT64_C(1) << 34);
    kernel_counts(3, 64, 77);
    perf.ops->read(perf.source, readings);
    size_t first = domain_named(perf.domains, perf.count, "package-0");
    size_t second = domain_named(perf.domains, perf.count, "package-1");
    size_t dram = domain_named(perf.domains, perf.count, "package-1/dram");
    size_t silent = domain_named(perf.domains, perf.count, "package-0/dram");
    assert_true(readings[first].ok && readings[second].ok);
    assert_near((double)readings[first].ticks * perf.domains[first].tick_j, 2.0,
                1e-12);
    assert_near((double)readings[second].ticks * perf.domains[second].tick_j,
                4.0, 1e-12);
    assert_true(readings[dram].ok && readings[dram].ticks == 77);
    /* A descriptor that gives nothing has failed; it is not 0 J. */
    assert_false(readings[silent].ok);
    source_close(&perf);
    for (size_t i = 0; i < kernel_count; i++)
        assert_int_equal(fcntl(kernel[i].fd, F_GETFD), -1);
    tree_close(&tree);
}

static void an_event_that_may_not_be_opened_is_forbidden(void **state) {
    static const struct {
        int os_errno;
        gb_domain_status status;
        const char *reason, *fix;
    } cases[] = {
        {EACCES, GB_DOMAIN_FORBIDDEN, "perf_event_paranoid",
         "kernel.perf_event_paranoid=0"},
        {EPERM, GB_DOMAIN_FORBIDDEN, "errno 1", "cap_perfmon"},
        {ENOENT, GB_DOMAIN_UNSUPPORTED, "errno 2", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_tree tree;
        gb_energy_reading readings[8];

        test_source perf = open_on_kernel(&tree, cases[i].os_errno);
        size_t bad = domain_named(perf.domains, perf.count, "package-1/dram");
        size_t good = domain_named(perf.domains, perf.count, "package-1");
        assert_int_equal(perf.domains[bad].status, cases[i].status);
        assert_int_equal(perf.domains[good].status, GB_DOMAIN_OK);
        assert_non_null(strstr(perf.domains[bad].reason, "cpu 64"));
        assert_non_null(strstr(perf.domains[bad].reason, cases[i].reason));
        assert_non_null(strstr(perf.domains[bad].fix, cases[i].fix));
        kernel_counts(2, 64, 5);
        perf.ops->read(perf.source, readings);
        assert_false(readings[bad].ok);
        assert_true(readings[good].ok);
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
        cmocka_unit_test(events_are_opened_for_whole_cpus_and_read),
        cmocka_unit_test(an_event_that_may_not_be_opened_is_forbidden),
        cmocka_unit_test(amd_counts_packages_only),
        cmocka_unit_test(two_cpus_of_a_package_are_its_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
