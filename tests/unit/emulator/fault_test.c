/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/fault.h"

#include "support/gb_test.h"

#define S INT64_C(1000000000)

static void windows(void **state) {
    (void)state;
    const gb_fault once = {GB_FAULT_EIO, "a", 3 * S, 2 * S, 0, 0};
    const gb_fault again = {GB_FAULT_EIO, "a", 3 * S, 2 * S, 10 * S, 0};
    const gb_fault ever = {GB_FAULT_STUCK, "a", S, GB_FAULT_FOR_EVER, 0, 0};
    static const struct {
        int64_t t_ns;
        bool once, again, ever;
        uint64_t begins;
        int64_t begin_ns;
    } cases[] = {
        {0, false, false, false, 0, -1},
        {3 * S - 1, false, false, true, 0, -1},
        {3 * S, true, true, true, 1, 3 * S},
        {5 * S - 1, true, true, true, 1, 3 * S},
        {5 * S, false, false, true, 1, 3 * S},
        {13 * S, false, true, true, 2, 13 * S},
        {15 * S, false, false, true, 2, 13 * S},
        {10003 * S + 1, false, true, true, 1001, 10003 * S},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        int64_t begin_ns = -1;
        assert_int_equal(gb_fault_active(&once, cases[i].t_ns, NULL),
                         cases[i].once);
        assert_int_equal(gb_fault_active(&again, cases[i].t_ns, NULL),
                         cases[i].again);
        assert_int_equal(gb_fault_active(&ever, cases[i].t_ns, NULL),
                         cases[i].ever);
        assert_true(gb_fault_begins(&again, cases[i].t_ns, &begin_ns) ==
                    cases[i].begins);
        assert_true(begin_ns == cases[i].begin_ns);
    }
}

static void targets(void **state) {
    (void)state;
    const gb_fault by_name = {.target = "package-*"};
    const gb_fault by_path = {.target = "*/energy_uj"};
    const char *path = "/sys/devices/virtual/powercap/x/energy_uj";
    assert_true(gb_fault_hits(&by_name, "package-1/dram", path));
    assert_false(gb_fault_hits(&by_name, "psys", path));
    assert_false(gb_fault_hits(&by_name, NULL, path));
    assert_true(gb_fault_hits(&by_path, NULL, path));
    assert_false(gb_fault_hits(&by_path, "package-1", "/sys/name"));
}

static void names(void **state) {
    (void)state;
    for (int i = 0; i < GB_FAULT_KIND_COUNT; i++) {
        gb_fault_kind kind = GB_FAULT_KIND_COUNT;
        assert_true(
            gb_fault_kind_parse(gb_fault_kind_name((gb_fault_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    gb_fault_kind kind;
    assert_false(gb_fault_kind_parse("stale ", &kind));
}

static void the_log_is_in_order(void **state) {
    (void)state;
    const gb_fault faults[] = {
        {GB_FAULT_EIO, "a", 2 * S, S, 3 * S, 0},
        {GB_FAULT_RESET, "b", 4 * S, 0, 0, 0},
        {GB_FAULT_STUCK, "c", S / 2, GB_FAULT_FOR_EVER, 0, 0},
    };
    gb_str out = {0};
    gb_fault_log(faults, 3, 6 * S, &out);
    GB_EXPECT_TEXT("0.500 s begin stuck c\n2.000 s begin eio a\n"
                   "3.000 s end eio a\n4.000 s begin reset b\n"
                   "5.000 s begin eio a\n"
                   "6.000 s end eio a\n",
                   out.text, "log");
    gb_str_fini(&out);
    /* Of a fault that recurs for a day only the last windows. */
    gb_fault_log(faults, 1, 86400 * S, &out);
    size_t lines = 0;
    for (const char *at = out.text; *at != '\0'; at++)
        lines += *at == '\n';
    assert_true(lines > 500 && lines <= 512);
    gb_str_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows),
        cmocka_unit_test(targets),
        cmocka_unit_test(names),
        cmocka_unit_test(the_log_is_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
