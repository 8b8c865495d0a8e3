/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "metering/delta.h"
#include "tree.h"

/* Each fault has a word of its own: rule 8. */

static void no_powercap_is_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;
    gb_error err = {0};

    (void)state;
    tree_open(&tree, "faults/no-powercap", "t0");
    assert_int_equal(gb_energy_powercap.open(&tree.env, &source, &err),
                     GB_ERR_UNSUPPORTED);
    assert_null(source);
    assert_non_null(strstr(err.what, "/sys/class/powercap"));
    tree_close(&tree);
}

static void a_control_type_without_zones_is_absent(void **state) {
    test_tree tree;
    gb_energy_source *source = NULL;

    (void)state;
    tree_open(&tree, "intel-2s-skx-dram", "t0");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:0");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:0:0");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:1");
    tree_remove(&tree, "/sys/class/powercap/intel-rapl:1:0");
    assert_int_equal(gb_energy_powercap.open(&tree.env, &source, NULL),
                     GB_ERR_UNSUPPORTED);
    tree_close(&tree);
}

static void a_zone_masked_by_a_container_is_hidden(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "faults/docker-masked", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    assert_int_equal(powercap.count, 1);
    assert_int_equal(powercap.domains[0].status, GB_DOMAIN_HIDDEN);
    assert_non_null(strstr(powercap.domains[0].fix, "systempaths"));
    source_close(&powercap);
    tree_close(&tree);
}

static void modelled_dtpm_power_is_no_energy(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "dtpm", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    assert_int_equal(powercap.count, 2);
    for (size_t i = 0; i < powercap.count; i++) {
        assert_int_equal(powercap.domains[i].status, GB_DOMAIN_UNSUPPORTED);
        assert_non_null(strstr(powercap.domains[i].reason, "dtpm"));
    }
    source_close(&powercap);
    tree_close(&tree);
}

static void a_counter_that_cannot_be_unwrapped_has_failed(void **state) {
    test_tree tree;
    const char *range = "/sys/class/powercap/intel-rapl:0/max_energy_range_uj";

    (void)state;
    tree_open(&tree, "faults/zero-range", "t0");
    for (int missing = 0; missing < 2; missing++) {
        if (missing)
            tree_remove(&tree, range);
        else
            tree_write(&tree, range, "0\n");
        test_source powercap = source_open(&tree, &gb_energy_powercap);
        assert_int_equal(powercap.domains[0].status, GB_DOMAIN_FAILED);
        assert_non_null(strstr(powercap.domains[0].reason, "cannot unwrap"));
        source_close(&powercap);
    }
    tree_close(&tree);
}

static void bad_text_is_never_a_reading(void **state) {
    static const char *const texts[] = {"12ab\n", "", "\n", "-5\n", "+5\n",
                                        "0x5", "5 6\n",
                                        "99999999999999999999999\n",
                                        /* above max_energy_range_uj */
                                        "262143328999\n"};
    const char *path = "/sys/class/powercap/intel-rapl:0/energy_uj";
    test_tree tree;
    gb_energy_reading reading;

    (void)state;
    tree_open(&tree, "faults/garbage", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        tree_write(&tree, path, texts[i]);
        powercap.ops->read(powercap.source, &reading);
        if (reading.ok || reading.ticks != 0)
            fail_msg("'%s' gave %" PRIu64, texts[i], reading.ticks);
    }
    tree_write(&tree, path, "4711\n");
    powercap.ops->read(powercap.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.ticks, 4711);
    source_close(&powercap);
    tree_close(&tree);
}

static void the_handed_over_faults_give_no_reading(void **state) {
    static const char *const cases[] = {"faults/garbage", "faults/empty"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        test_tree tree;
        gb_energy_reading reading;

        tree_open(&tree, cases[i], "t0");
        test_source powercap = source_open(&tree, &gb_energy_powercap);
        assert_int_equal(powercap.domains[0].status, GB_DOMAIN_OK);
        tree_become(&tree, "t1");
        powercap.ops->read(powercap.source, &reading);
        assert_false(reading.ok);
        source_close(&powercap);
        tree_close(&tree);
    }
}

static void equal_readings_are_nothing_not_the_counter(void **state) {
    test_tree tree;
    gb_energy_reading a, b;
    uint64_t ticks = 7;

    (void)state;
    tree_open(&tree, "faults/equal-start-zero", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    powercap.ops->read(powercap.source, &a);
    tree_become(&tree, "t1");
    tree.now_ns += 60 * S;
    powercap.ops->read(powercap.source, &b);
    assert_int_equal(
        gb_delta_ticks(&powercap.domains[0], &a, &b, &ticks, NULL, NULL),
        GB_OK);
    assert_int_equal(ticks, 0);
    source_close(&powercap);
    tree_close(&tree);
}

static void a_refused_file_is_forbidden_and_the_others_are_read(void **state) {
    test_fault fault = {"*/intel-rapl:1/energy_uj", EACCES};
    test_tree tree;

    (void)state;
    tree_open(&tree, "intel-2s-skx-dram", "t0");
    gb_sysroot_set_fault(tree.root, tree_fault, &fault);
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    const gb_energy_domain *forbidden = &powercap.domains[domain_named(
        powercap.domains, powercap.count, "package-1")];

    assert_int_equal(forbidden->status, GB_DOMAIN_FORBIDDEN);
    assert_int_equal(forbidden->quality, GB_QUALITY_UNAVAILABLE);
    assert_non_null(strstr(forbidden->reason, "energy_uj"));
    assert_non_null(strstr(forbidden->reason, "errno 13"));
    assert_non_null(strstr(forbidden->reason, "uid "));
    assert_non_null(strstr(forbidden->fix, "60-greenbench-powercap.rules"));
    /* This user's own name, to be copied. */
    const struct passwd *user = getpwuid(getuid());
    char command[96];
    snprintf(command, sizeof(command), "gpasswd -a %s greenbench",
             user ? user->pw_name : "#");
    assert_non_null(strstr(forbidden->fix, command));
    assert_null(strstr(forbidden->fix, "..."));
    for (size_t i = 0; i < powercap.count; i++)
        if (&powercap.domains[i] != forbidden)
            assert_int_equal(powercap.domains[i].status, GB_DOMAIN_OK);
    source_close(&powercap);
    tree_close(&tree);
}

static void a_read_that_fails_later_is_counted_not_zero(void **state) {
    test_fault fault = {"*energy_uj", EINVAL};
    test_tree tree;
    gb_energy_reading readings[8];

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    gb_sysroot_set_fault(tree.root, tree_fault, &fault);
    powercap.ops->read(powercap.source, readings);
    for (size_t i = 0; i < powercap.count; i++)
        assert_false(readings[i].ok);
    gb_sysroot_set_fault(tree.root, NULL, NULL);
    powercap.ops->read(powercap.source, readings);
    for (size_t i = 0; i < powercap.count; i++)
        assert_true(readings[i].ok);
    source_close(&powercap);
    tree_close(&tree);
}

static void an_unknown_zone_is_listed_and_left_out(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "intel-2s-skx-dram", "t0");
    tree_write(&tree,
               "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/name",
               "foo\n");
    test_source powercap = source_open(&tree, &gb_energy_powercap);
    assert_int_equal(powercap.count, 4);
    const gb_energy_domain *foo =
        &powercap
             .domains[domain_named(powercap.domains, powercap.count, "foo")];
    assert_int_equal(foo->status, GB_DOMAIN_UNSUPPORTED);
    assert_int_equal(foo->scope, GB_SCOPE_OTHER);
    source_close(&powercap);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_powercap_is_absent),
        cmocka_unit_test(a_control_type_without_zones_is_absent),
        cmocka_unit_test(a_zone_masked_by_a_container_is_hidden),
        cmocka_unit_test(modelled_dtpm_power_is_no_energy),
        cmocka_unit_test(a_counter_that_cannot_be_unwrapped_has_failed),
        cmocka_unit_test(bad_text_is_never_a_reading),
        cmocka_unit_test(the_handed_over_faults_give_no_reading),
        cmocka_unit_test(equal_readings_are_nothing_not_the_counter),
        cmocka_unit_test(a_refused_file_is_forbidden_and_the_others_are_read),
        cmocka_unit_test(a_read_that_fails_later_is_counted_not_zero),
        cmocka_unit_test(an_unknown_zone_is_listed_and_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
