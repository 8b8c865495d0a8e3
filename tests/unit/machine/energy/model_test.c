/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/energy/coefficients.h"
#include "tree.h"

static void no_proc_stat_is_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;
    gb_error err = {0};

    (void)state;
    tree_open(&tree, "faults/no-powercap", "t0");
    assert_int_equal(gb_energy_model.open(&tree.env, &source, &err),
                     GB_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.what, "/proc/stat"));
    tree_close(&tree);
}

static void a_stat_without_cpus_is_absent(void **state) {
    static const char *const texts[] = {"", "cpu  1 2 3 4 5 6 7 8 9 0\n",
                                        "cpu  1 2 3 4\ncpu0 1 2 3 4\n",
                                        "intr 5\n"};
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gb_energy_source *source = NULL;
        tree_write(&tree, "/proc/stat", texts[i]);
        if (gb_energy_model.open(&tree.env, &source, NULL) !=
            GB_ERR_UNSUPPORTED)
            fail_msg("'%s' was accepted", texts[i]);
    }
    tree_close(&tree);
}

static void each_cpu_has_its_row_and_others_the_average(void **state) {
    static const struct {
        const char *vendor;
        uint32_t family, model, stepping;
        const char *id;
    } cases[] = {
        {"", 0, 0, 0, "ccf-unknown"},
        {"GenuineIntel", 6, 0xff, 0, "ccf-unknown"},
        {"AuthenticAMD", 0x1a, 0x02, 1, "ccf-unknown"}, /* Turin: outlier */
        {"GenuineIntel", 0x19, 0x11, 1, "ccf-unknown"},
        {"GenuineIntel", 6, 0x2d, 7, "ccf-sandy-bridge"},
        {"GenuineIntel", 6, 0x55, 4, "ccf-skylake"},
        {"GenuineIntel", 6, 0x55, 7, "ccf-cascade-lake"},
        {"GenuineIntel", 6, 0x6a, 6, "ccf-ice-lake"},
        {"GenuineIntel", 6, 143, 8, "ccf-sapphire-rapids"},
        {"GenuineIntel", 6, 0xad, 1, "ccf-granite-rapids"},
        {"AuthenticAMD", 0x17, 1, 2, "ccf-epyc-1"},
        {"AuthenticAMD", 0x17, 49, 0, "ccf-epyc-2"},
        {"AuthenticAMD", 25, 1, 1, "ccf-epyc-3"},
        {"AuthenticAMD", 25, 17, 1, "ccf-epyc-4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_node node = {.cpu_family = cases[i].family,
                        .cpu_model = cases[i].model,
                        .cpu_stepping = cases[i].stepping};
        strcpy(node.cpu_vendor, cases[i].vendor);
        assert_string_equal(gb_thread_power_find(&node)->id, cases[i].id);
    }
}

static void an_estimate_says_what_it_is(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    test_source model = source_open(&tree, &gb_energy_model);
    const gb_energy_domain *domain = &model.domains[0];
    assert_int_equal(model.count, 1);
    assert_string_equal(domain->name, "ccf-epyc-3, 4 threads");
    assert_int_equal(domain->quality, GB_QUALITY_MODELLED);
    assert_int_equal(domain->scope, GB_SCOPE_NODE_AC);
    assert_true(domain->u_rel >= 0.5);
    assert_non_null(strstr(domain->reason, "estimate, not a measurement"));
    assert_non_null(strstr(domain->reason, "0.456"));
    source_close(&model);
    tree_close(&tree);
}

/* Two threads of 0.74 W idle and 3.50 W busy, for ten seconds. */
static void energy_follows_the_busy_time(void **state) {
    static const struct {
        const char *label, *stat;
        double busy_s; /* of all threads; 100 ticks a second */
    } cases[] = {
        {"idle", "cpu  0 0 0 2000 0 0 0 0 0 0", 0},
        {"waiting for disks", "cpu  0 0 0 1000 1000 0 0 0 0 0", 0},
        {"stolen by the hypervisor", "cpu  0 0 0 0 0 0 0 2000 0 0", 0},
        {"one thread", "cpu  1000 0 0 1000 0 0 0 0 0 0", 10},
        {"all kinds of busy", "cpu  100 200 300 900 0 400 100 0 50 0", 11},
        {"both threads", "cpu  2000 0 0 0 0 0 0 0 0 0", 20},
    };

    (void)state;
    if (sysconf(_SC_CLK_TCK) != 100)
        skip();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const char threads[] = "\ncpu0 0 0 0 0 0 0 0 0 0 0"
                                      "\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 5\n";
        char text[256];
        test_tree tree;
        gb_energy_reading begin, end;

        tree_open(&tree, "amd-epyc-2s", "t0");
        tree.node = (gb_node){0};
        snprintf(text, sizeof(text), "cpu  0 0 0 0 0 0 0 0 0 0%s", threads);
        tree_write(&tree, "/proc/stat", text);
        test_source model = source_open(&tree, &gb_energy_model);
        model.ops->read(model.source, &begin);
        snprintf(text, sizeof(text), "%s%s", cases[i].stat, threads);
        tree_write(&tree, "/proc/stat", text);
        tree.now_ns += 10 * S;
        model.ops->read(model.source, &end);

        double got_j = (double)(end.ticks - begin.ticks) * 1e-6;
        double expected_j = 2 * 10 * 0.74 + cases[i].busy_s * (3.50 - 0.74);
        if (got_j < expected_j - 2e-6 || got_j > expected_j + 2e-6)
            fail_msg("%s: expected %.6f J, got %.6f J", cases[i].label,
                     expected_j, got_j);
        source_close(&model);
        tree_close(&tree);
    }
}

static void many_short_intervals_lose_nothing(void **state) {
    test_tree tree;
    gb_energy_reading begin, end;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    test_source model = source_open(&tree, &gb_energy_model);
    model.ops->read(model.source, &begin);
    for (int i = 0; i < 100000; i++) {
        tree.now_ns += 333; /* below one microjoule each */
        model.ops->read(model.source, &end);
    }
    assert_in_range(end.ticks - begin.ticks, 60738, 60741); /* 4 x 0.456 W */
    source_close(&model);
    tree_close(&tree);
}

static void a_stat_that_cannot_be_read_is_no_reading(void **state) {
    test_tree tree;
    gb_energy_reading reading;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    test_source model = source_open(&tree, &gb_energy_model);
    tree_write(&tree, "/proc/stat", "");
    model.ops->read(model.source, &reading);
    assert_false(reading.ok);
    source_close(&model);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_proc_stat_is_absent),
        cmocka_unit_test(a_stat_without_cpus_is_absent),
        cmocka_unit_test(each_cpu_has_its_row_and_others_the_average),
        cmocka_unit_test(an_estimate_says_what_it_is),
        cmocka_unit_test(energy_follows_the_busy_time),
        cmocka_unit_test(many_short_intervals_lose_nothing),
        cmocka_unit_test(a_stat_that_cannot_be_read_is_no_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
