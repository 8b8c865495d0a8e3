/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include "support/gb_test.h"

#define S INT64_C(1000000000)

static void stamps_are_points_in_time(void **state) {
    static const struct {
        const char *text;
        int32_t offset_s;
        int64_t ns;
    } rows[] = {
        {"1970-01-01T00:00:00Z", GB_UTC_NO_OFFSET, 0},
        {"2000-02-29 12:00", 0, 951825600 * S},
        {"2026-11-23T17:18:10Z", GB_UTC_NO_OFFSET, 1795454290 * S},
        {"2026-11-24T01:18:10+08:00", 0, 1795454290 * S},
        {"2026-11-24 01:18:10", 28800, 1795454290 * S},
        {"2026-11-23T13:48:10-0330", 0, 1795454290 * S},
        {"2026/11/23 17:18:10.250", 0, 1795454290 * S + S / 4},
        {"2100-03-01T00:00:00Z", 0, 4107542400 * S},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        int64_t ns = 0;
        if (!gb_utc_parse(rows[i].text, strlen(rows[i].text), rows[i].offset_s,
                          &ns))
            fail_msg("%s is a time", rows[i].text);
        assert_int_equal(ns, rows[i].ns);
    }
}

static void what_is_no_time_is_refused(void **state) {
    static const char *const rows[] = {
        "",
        "2026-11-23",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T17:60:00Z",
        "2026-11-23T17:18:10",
        "2026-11-23T17:18:10.Z",
        "2026-11-23T17:18:10+15:00",
        "2026-11-23T17:18:10Zulu",
        "1969-12-31T23:59:59Z",
        "2262-04-12T00:00:00Z", /* beyond 64 bits of nanoseconds */
        "2809-09-21T14:00:00Z",
        "23.11.2026 17:18",
        "1795454290",
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        int64_t ns = 0;
        if (gb_utc_parse(rows[i], strlen(rows[i]), GB_UTC_NO_OFFSET, &ns))
            fail_msg("%s is no time", rows[i]);
    }
}

static void a_year_later(void **state) {
    static const struct {
        const char *from, *to;
    } rows[] = {{"2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
                {"2024-02-29T12:30:00Z", "2025-02-28T12:30:00Z"},
                {"2023-03-01T00:00:00Z", "2024-03-01T00:00:00Z"},
                {"2024-12-31T23:59:59Z", "2025-12-31T23:59:59Z"}};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        int64_t from = 0, to = 0;
        assert_true(gb_utc_parse(rows[i].from, 20, 0, &from));
        assert_true(gb_utc_parse(rows[i].to, 20, 0, &to));
        assert_int_equal(gb_utc_years_later(from, 1), to);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_are_points_in_time),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_year_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
