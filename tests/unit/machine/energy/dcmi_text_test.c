/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/energy/dcmi_text.h"

static void load(const char *name, char *text, size_t size) {
    char path[512];

    snprintf(path, sizeof(path), "%s/ipmi-dcmi/%s", GB_TEST_FIXTURES, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void only_the_power_of_now_is_taken(void **state) {
    static const struct {
        const char *file;
        uint32_t power_w;
        uint64_t period_s;
    } cases[] = {
        {"ipmitool-dcmi-power-reading.txt", 102, 5},
        {"ipmi-dcmi-get-system-power-statistics.txt", 102, 5},
        {"ipmitool-early-stamp.txt", 231, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[2048];
        gb_dcmi_reading reading;
        gb_error err = {0};

        load(cases[i].file, text, sizeof(text));
        if (gb_dcmi_parse(text, &reading, &err) != GB_OK)
            fail_msg("%s: %s", cases[i].file, err.what);
        assert_int_equal(reading.power_w, cases[i].power_w);
        assert_int_equal(reading.period_ns,
                         cases[i].period_s * UINT64_C(1000000000));
    }
}

static void nothing_measured_is_no_value(void **state) {
    char text[2048];
    gb_dcmi_reading reading;
    gb_error err = {0};

    (void)state;
    load("ipmi-dcmi-not-available.txt", text, sizeof(text));
    assert_int_equal(gb_dcmi_parse(text, &reading, &err), GB_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.what, "'Not Available'"));
    assert_int_equal(reading.power_w, 0);
    load("ipmitool-dcmi-power-reading.txt", text, sizeof(text));
    char *active = strstr(text, "activated");
    assert_non_null(active);
    memmove(active + 2, active, strlen(active) + 1);
    memcpy(active, "de", 2);
    assert_int_equal(gb_dcmi_parse(text, &reading, &err), GB_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.what, "'deactivated'"));
}

static gb_status parse_power(const char *power, gb_error *err) {
    char text[256];
    gb_dcmi_reading reading;

    *err = (gb_error){0};
    snprintf(text, sizeof(text),
             "  Instantaneous power reading: %s\n"
             "  Maximum during sampling period: 368 Watts\n"
             "  Power reading state is: activated\n",
             power);
    return gb_dcmi_parse(text, &reading, err);
}

static void what_is_no_power_is_refused(void **state) {
    static const char *const texts[] = {
        "",
        "Watts",
        "N/A",
        "-3 Watts",
        "+3 Watts",
        "1e2 Watts",
        "0 Watts",
        "65535 Watts",
        "20000 Watts",
        "102",
        "102 Volts",
        "102 BTU/hr",
        "102.5 Watts",
        "18446744073709551717 Watts",
        "102 Watts 7",
    };
    gb_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (parse_power(texts[i], &err) != GB_ERR_RANGE)
            fail_msg("'%s' taken as a power", texts[i]);
        assert_true(err.what[0] != '\0');
    }
    assert_int_equal(parse_power("1 Watts", &err), GB_OK);
    assert_int_equal(parse_power("19999 Watts", &err), GB_OK);
    assert_int_equal(parse_power("\033[31m Watts", &err), GB_ERR_RANGE);
    assert_null(strchr(err.what, '\033'));
}

static void other_text_is_refused(void **state) {
    static const char *const texts[] = {
        "",
        "Could not open device",
        "Instantaneous power reading: 102 Watts\n", /* cut short */
        ("Instantaneous power reading 102 Watts\nPower reading state is: "
         "activated\n"),
        "Average Current Power: 84 Watts",
        /* The words of one program with the state of the other. */
        "Instantaneous power reading: 102 Watts\nPower Measurement : Active\n",
    };
    gb_dcmi_reading reading;
    gb_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (gb_dcmi_parse(texts[i], &reading, &err) != GB_ERR_INVALID)
            fail_msg("'%s' taken as a reading", texts[i]);
}

static void an_odd_period_says_nothing(void **state) {
    static const struct {
        const char *period;
        uint64_t ms;
    } cases[] = {
        {"00000001 Seconds.", 1000}, {"250 milliseconds", 250},
        {"3 Minutes", 180000},       {"1 Hours", 3600000},
        {"2 Days.", 172800000},      {"5 fortnights", 0},
        {"-1 Seconds", 0},           {"", 0},
        {"99999999999 Days", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        gb_dcmi_reading reading;

        snprintf(text, sizeof(text),
                 "Current Power : 50 Watts\n"
                 "Statistics reporting time period : %s\n"
                 "Power Measurement : Active\n",
                 cases[i].period);
        assert_int_equal(gb_dcmi_parse(text, &reading, NULL), GB_OK);
        assert_int_equal(reading.period_ns, cases[i].ms * 1000000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_power_of_now_is_taken),
        cmocka_unit_test(nothing_measured_is_no_value),
        cmocka_unit_test(what_is_no_power_is_refused),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(an_odd_period_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
