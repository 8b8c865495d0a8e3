/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/energy/cpu_list.h"
#include "machine/energy/zone.h"
#include "tree.h"

static void zone_names_are_read_whole_or_not_at_all(void **state) {
    static const struct {
        const char *name;
        bool amd;
        gb_zone_meaning means;
    } cases[] = {
        {"", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package-", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package-x", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package-1x", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package-0-die-", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package-99999999999", false, {GB_SCOPE_OTHER, -1, -1}},
        {"psys-", false, {GB_SCOPE_OTHER, -1, -1}},
        {"foo", false, {GB_SCOPE_OTHER, -1, -1}},
        {"package-0", false, {GB_SCOPE_PACKAGE, 0, -1}},
        {"package-15", false, {GB_SCOPE_PACKAGE, 15, -1}},
        {"package-1-die-12", false, {GB_SCOPE_PACKAGE, 1, 12}},
        {"psys", false, {GB_SCOPE_PLATFORM, -1, -1}},
        {"psys-1", false, {GB_SCOPE_PLATFORM, -1, -1}},
        {"core", false, {GB_SCOPE_CORES, -1, -1}},
        {"core", true, {GB_SCOPE_CORE, -1, -1}},
        {"uncore", false, {GB_SCOPE_UNCORE, -1, -1}},
        {"dram", false, {GB_SCOPE_DRAM, -1, -1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_zone_meaning got = gb_zone_parse_name(cases[i].name, cases[i].amd);
        if (got.scope != cases[i].means.scope ||
            got.package != cases[i].means.package ||
            got.die != cases[i].means.die)
            fail_msg("'%s': got scope %d, package %d, die %d", cases[i].name,
                     (int)got.scope, (int)got.package, (int)got.die);
    }
}

static void a_range_of_nothing_gives_no_modulus(void **state) {
    uint64_t wrap_uj = 7;
    double step_uj = 7;

    (void)state;
    assert_false(gb_zone_wrap(0, &wrap_uj, &step_uj));
    assert_false(gb_zone_wrap(UINT64_MAX, &wrap_uj, &step_uj));
    assert_int_equal(wrap_uj, 7);
}

static void the_modulus_is_the_range_and_one_step(void **state) {
    static const struct {
        const char *label;
        uint64_t range_uj, wrap_uj;
        double step_uj;
    } cases[] = {
        {"Intel package, 61035 nJ", 262143328850, 262143328911, 61.035},
        {"Intel DRAM quirk, 15300 nJ", 65712999613, 65712999628, 15.3},
        {"AMD, 15258 nJ", 65532610987, 65532611002, 15.258},
        {"SPR psys, 1 J", 4294967295000000, 4294967296000000, 1e6},
        {"finer than the file shows", 4294967, 4294968, 1.0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t wrap_uj = 0;
        double step_uj = 0;

        if (!gb_zone_wrap(cases[i].range_uj, &wrap_uj, &step_uj) ||
            wrap_uj != cases[i].wrap_uj)
            fail_msg("%s: wrap %llu", cases[i].label,
                     (unsigned long long)wrap_uj);
        assert_near(step_uj, cases[i].step_uj, 1e-6);
    }
}

static void bad_cpu_lists_are_refused(void **state) {
    static const char *const cases[] = {"",    ",",   "0,",       "a",
                                        "0-",  "3-1", "0 1",      "-1",
                                        "0,,", "0-9", "99999999", "0x1"};
    uint32_t cpus[4] = {7, 7, 7, 7};
    size_t count = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (gb_cpu_list_parse(cases[i], cpus, 4, &count, NULL) != GB_ERR_RANGE)
            fail_msg("'%s' was accepted", cases[i]);
    assert_int_equal(count, 7);
    assert_int_equal(cpus[0], 7);
}

static void cpu_lists_hold_numbers_and_ranges(void **state) {
    static const struct {
        const char *text;
        size_t count;
        uint32_t cpus[4];
    } cases[] = {
        {"0", 1, {0}},
        {"0,64", 2, {0, 64}},
        {"0-2,128", 4, {0, 1, 2, 128}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t cpus[4];
        size_t count;

        assert_int_equal(
            gb_cpu_list_parse(cases[i].text, cpus, 4, &count, NULL), GB_OK);
        assert_int_equal(count, cases[i].count);
        assert_memory_equal(cpus, cases[i].cpus, count * sizeof(cpus[0]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zone_names_are_read_whole_or_not_at_all),
        cmocka_unit_test(a_range_of_nothing_gives_no_modulus),
        cmocka_unit_test(the_modulus_is_the_range_and_one_step),
        cmocka_unit_test(bad_cpu_lists_are_refused),
        cmocka_unit_test(cpu_lists_hold_numbers_and_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
