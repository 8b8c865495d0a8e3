/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine/energy/pm_counter.h"

static void both_forms_of_a_value_are_read(void **state) {
    static const struct {
        const char *text, *unit;
        uint64_t value, stamp_ns;
    } cases[] = {
        {"812345678 J 1790000000210317 us\n", "J", 812345678,
         UINT64_C(1790000000210317000)},
        {"598732067 J\n", "J", 598732067, 0},
        {"612 W 1790000000210317 us", "W", 612, UINT64_C(1790000000210317000)},
        {"0 W\n", "W", 0, 0},
        {"0 J 1 us\r\n", "J", 0, 1000},
        {"48000000\n", "", 48000000, 0},
        {"18446744073709551615 J\n", "J", UINT64_MAX, 0},
        {"007 J\n", "J", 7, 0},
        {"1 J 18446744073709551 us\n", "J", 1, UINT64_C(18446744073709551000)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_pm_value got = {7, 7};
        if (!gb_pm_value_parse(cases[i].text, strlen(cases[i].text),
                               cases[i].unit, &got))
            fail_msg("'%s' was refused", cases[i].text);
        assert_int_equal(got.value, cases[i].value);
        assert_int_equal(got.stamp_ns, cases[i].stamp_ns);
    }
}

static void anything_else_is_no_value(void **state) {
    static const struct {
        const char *text, *unit;
    } cases[] = {
        {"", "J"},
        {"\n", "J"},
        {" 5 J\n", "J"},
        {"-5 J\n", "J"},
        {"+5 J\n", "J"},
        {"5\n", "J"},
        {"5 W\n", "J"}, /* the unit is that of another file */
        {"5 J\n", "W"},
        {"5 JJ\n", "J"},
        {"5J\n", "J"},
        {"5  J\n", "J"},
        {"0x5 J\n", "J"},
        {"5.5 J\n", "J"},
        {"N/A\n", "J"},
        {"18446744073709551616 J\n", "J"},
        {"5 J 1790000000210317\n", "J"},
        {"5 J 1790000000210317 ms\n", "J"},
        {"5 J -1 us\n", "J"},
        {"5 J 0 us\n", "J"}, /* 1970: the controller has no time */
        {"5 J 1 us 6 J 2 us\n", "J"},
        {"5 J 18446744073709552 us\n", "J"}, /* beyond 64 bits in ns */
        {"5 J us\n", "J"},
        {"5 J\tx\n", "J"},
        {"5 J 1 us", ""},
        {"5 x", ""},
        {"x", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_pm_value got = {7, 7};
        if (gb_pm_value_parse(cases[i].text, strlen(cases[i].text),
                              cases[i].unit, &got))
            fail_msg("'%s' was taken for %llu", cases[i].text,
                     (unsigned long long)got.value);
        assert_int_equal(got.value, 7);
    }
    gb_pm_value got;
    assert_false(gb_pm_value_parse("5 J\0\0", 5, "J", &got));
    assert_true(gb_pm_value_parse("5 Junk", 3, "J", &got));
}

static void names_say_what_is_covered(void **state) {
    static const struct {
        const char *file, *name;
        gb_reading_kind kind;
        gb_energy_scope scope;
        int32_t number;
    } cases[] = {
        {"energy", "node", GB_READING_ENERGY, GB_SCOPE_NODE_DC, -1},
        {"power", "node", GB_READING_POWER, GB_SCOPE_NODE_DC, -1},
        {"cpu_energy", "cpu", GB_READING_ENERGY, GB_SCOPE_PACKAGE, -1},
        {"cpu3_power", "cpu3", GB_READING_POWER, GB_SCOPE_PACKAGE, 3},
        {"memory_energy", "memory", GB_READING_ENERGY, GB_SCOPE_DRAM, -1},
        {"accel12_energy", "accel12", GB_READING_ENERGY, GB_SCOPE_ACCEL, 12},
        {"accel_energy", "accel", GB_READING_ENERGY, GB_SCOPE_OTHER, -1},
        {"nic0_energy", "nic0", GB_READING_ENERGY, GB_SCOPE_OTHER, -1},
        {"cpux_energy", "cpux", GB_READING_ENERGY, GB_SCOPE_OTHER, -1},
        {"cpu99999999999_energy", "cpu99999999999", GB_READING_ENERGY,
         GB_SCOPE_OTHER, -1},
    };
    static const char *const others[] = {
        "power_cap", "accel0_power_cap", "cpu0_temp", "freshness",
        "startup",   "_energy",          "xenergy",   "",
    };
    gb_pm_meaning got;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!gb_pm_file_parse(cases[i].file, &got))
            fail_msg("'%s' was refused", cases[i].file);
        assert_string_equal(got.name, cases[i].name);
        assert_int_equal(got.kind, cases[i].kind);
        assert_int_equal(got.scope, cases[i].scope);
        if (cases[i].scope != GB_SCOPE_OTHER)
            assert_int_equal(got.number, cases[i].number);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (gb_pm_file_parse(others[i], &got))
            fail_msg("'%s' was taken for a meter", others[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_of_a_value_are_read),
        cmocka_unit_test(anything_else_is_no_value),
        cmocka_unit_test(names_say_what_is_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
