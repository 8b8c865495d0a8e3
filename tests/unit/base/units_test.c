/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include <locale.h>

#include "support/gb_test.h"

static void sizes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        gb_status status;
        uint64_t bytes;
    } cases[] = {
        {"", GB_ERR_RANGE, 7},
        {"KiB", GB_ERR_RANGE, 7},
        {"-1KiB", GB_ERR_RANGE, 7},
        {"4kib", GB_ERR_RANGE, 7},
        {"4 KiB", GB_ERR_RANGE, 7},
        {"1e300GB", GB_ERR_RANGE, 7},
        {"nan", GB_ERR_RANGE, 7},
        {"0x10", GB_ERR_RANGE, 7},
        {"0.3B", GB_ERR_RANGE, 7},
        {"99999999TiB", GB_ERR_RANGE, 7},
        {"0", GB_OK, 0},
        {"512", GB_OK, 512},
        {"4KiB", GB_OK, 4096},
        {"1.5GiB", GB_OK, 1610612736},
        {"2MB", GB_OK, 2000000},
        {"18446744073709551615", GB_OK, UINT64_MAX},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        uint64_t bytes = 7;
        gb_error err = {0};
        GB_EXPECT_STATUS(cases[i].status,
                         gb_parse_bytes(cases[i].text, &bytes, &err),
                         cases[i].text, err);
        if (bytes != cases[i].bytes)
            fail_msg("%s: got %llu", cases[i].text, (unsigned long long)bytes);
    }
}

static void durations(void **state) {
    (void)state;
    static const struct {
        const char *text;
        gb_status status;
        double seconds;
    } cases[] = {
        {"", GB_ERR_RANGE, 7},     {"s", GB_ERR_RANGE, 7},
        {"-1s", GB_ERR_RANGE, 7},  {"1 s", GB_ERR_RANGE, 7},
        {"1sec", GB_ERR_RANGE, 7}, {"inf", GB_ERR_RANGE, 7},
        {"3", GB_OK, 3},           {"250ms", GB_OK, 0.25},
        {"10us", GB_OK, 1e-5},     {"100ns", GB_OK, 1e-7},
        {"2min", GB_OK, 120},      {"1.5h", GB_OK, 5400},
        {"0", GB_OK, 0},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        double seconds = 7;
        gb_error err = {0};
        GB_EXPECT_STATUS(cases[i].status,
                         gb_parse_duration(cases[i].text, &seconds, &err),
                         cases[i].text, err);
        GB_EXPECT_NEAR(cases[i].seconds, seconds, 1e-12, cases[i].text);
    }
}

static void numbers_do_not_follow_the_locale(void **state) {
    (void)state;
    double value = 0.0;
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* absent on some machines */
    assert_int_equal(gb_parse_f64("1.5", &value, NULL), GB_OK);
    GB_EXPECT_NEAR(1.5, value, 0.0, "1.5");
    assert_int_equal(gb_parse_f64("1,5", &value, NULL), GB_ERR_RANGE);
    (void)setlocale(LC_ALL, "C");
}

static void whole_numbers(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "-1", "+1", "1.0", "1e3", " 1", "1 ", "18446744073709551616"};
    uint64_t value = 7;
    for (size_t i = 0; i < GB_COUNT(bad); i++)
        if (gb_parse_u64(bad[i], &value, NULL) != GB_ERR_RANGE || value != 7)
            fail_msg("'%s' was taken", bad[i]);
    assert_int_equal(gb_parse_u64("18446744073709551615", &value, NULL), GB_OK);
    assert_true(value == UINT64_MAX);
}

static void formatted_quantities(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *unit, *text;
    } cases[] = {
        {1234567890, "flop/s", "1.235 Gflop/s"},
        {999960, "B", "1.000 MB"},
        {0.0, "J", "0.000 J"},
        {45.678e9, "byte/s", "45.68 GB/s"},
        {0.00123, "J", "1.230 mJ"},
        {123456, "W", "123.5 kW"},
    };
    char out[64];
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        GB_EXPECT_TEXT(
            cases[i].text,
            gb_format_si(cases[i].value, cases[i].unit, out, sizeof(out)),
            cases[i].text);
}

static void formatted_sizes_are_exact(void **state) {
    (void)state;
    char out[32];
    assert_string_equal(gb_format_bytes(67108864, out, sizeof(out)), "64MiB");
    assert_string_equal(gb_format_bytes(67108865, out, sizeof(out)),
                        "67108865B");
    assert_string_equal(gb_format_bytes(0, out, sizeof(out)), "0B");
    for (uint64_t bytes = 1; bytes < (UINT64_C(1) << 45);
         bytes = bytes * 3 + 1) {
        uint64_t back = 0;
        gb_format_bytes(bytes, out, sizeof(out));
        assert_int_equal(gb_parse_bytes(out, &back, NULL), GB_OK);
        assert_true(back == bytes);
    }
}

static void report_24_values_are_rounded_to_their_uncertainty(void **state) {
    (void)state;
    static const struct {
        double value, u;
        const char *text;
    } cases[] = {
        {73.2824, 2.9, "73.3"},    {73.2824, 29, "73"},
        {12345.678, 290, "12350"}, {0.012344, 0.00012, "0.01234"},
        {1.0, 0.0, "1.000"},       {-4e-8, 0.00012, "0.00000"},
        {-0.4, 12, "0"},           {-40, 1200, "0"},
        {-4e-8, 0.0, "0.000"},     {-0.0104, 0.012, "-0.010"},
    };
    char out[64];
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        GB_EXPECT_TEXT(
            cases[i].text,
            gb_format_rounded(cases[i].value, cases[i].u, out, sizeof(out)),
            cases[i].text);
}

static void formatted_durations(void **state) {
    (void)state;
    char out[32];
    assert_string_equal(gb_format_duration(0.25, out, sizeof(out)), "250 ms");
    assert_string_equal(gb_format_duration(61.2, out, sizeof(out)), "61.2 s");
    assert_string_equal(gb_format_duration(3700, out, sizeof(out)),
                        "1 h 02 min");
    assert_string_equal(gb_format_duration(0, out, sizeof(out)), "0 s");
    assert_string_equal(gb_format_duration(1.5e-6, out, sizeof(out)), "1.5 us");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(durations),
        cmocka_unit_test(numbers_do_not_follow_the_locale),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(formatted_quantities),
        cmocka_unit_test(formatted_sizes_are_exact),
        cmocka_unit_test(report_24_values_are_rounded_to_their_uncertainty),
        cmocka_unit_test(formatted_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
