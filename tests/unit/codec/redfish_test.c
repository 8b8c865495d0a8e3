/* SPDX-License-Identifier: Apache-2.0 */
/* The documents here are made up after DMTF's schemas, with the kinds of values
 * that machines of some vendors give (reference/energy.md §5.2). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/redfish.h"
#include "codec/redfish_value.h"

#define S UINT64_C(1000000000)

static gb_redfish_resource parsed;

static void parse(const char *text, const char *system) {
    gb_error err = {0};

    if (gb_redfish_parse(text, system, &parsed, &err) != GB_OK)
        fail_msg("%s", err.what);
}

static void assert_close(double got, double expected) {
    if (!(fabs(got - expected) <= 1e-9 * fabs(expected)))
        fail_msg("expected %.12g, got %.12g", expected, got);
}

/* The one usable reading, or null. */
static const gb_redfish_reading *only_usable(void) {
    const gb_redfish_reading *found = NULL;

    for (size_t i = 0; i < parsed.reading_count; i++) {
        if (parsed.readings[i].refused[0] != '\0')
            continue;
        assert_null(found);
        found = &parsed.readings[i];
    }
    return found;
}

static const char *refused(const char *property) {
    for (size_t i = 0; i < parsed.reading_count; i++)
        if (strcmp(parsed.readings[i].property, property) == 0)
            return parsed.readings[i].refused;
    fail_msg("no reading '%s'", property);
    return "";
}

/* --- Power ---------------------------------------------------------------- */

/* A supply that shows its rating as what it draws, and a minute's average. */
static void a_rating_is_not_a_measurement(void **state) {
    (void)state;
    parse("{\"PowerControl\": [{\"MemberId\": \"PowerControl\","
          " \"PowerConsumedWatts\": 429, \"PowerCapacityWatts\": 1820,"
          " \"PowerMetrics\": {\"IntervalInMin\": 1,"
          "  \"AverageConsumedWatts\": 426, \"MaxConsumedWatts\": 436}}],"
          " \"PowerSupplies\": [{\"PowerInputWatts\": 900,"
          "  \"LastPowerOutputWatts\": null, \"EfficiencyPercent\": 0.91,"
          "  \"Oem\": {\"Vendor\": {\"PowerSupply\":"
          "   {\"Range1MaxInputPowerWatts\": 900}}}},"
          "  {\"PowerInputWatts\": 800, \"PowerCapacityWatts\": 800},"
          "  {\"PowerInputWatts\": 750,"
          "   \"InputRanges\": [{\"OutputWattage\": 750}]}]}",
          "");
    const gb_redfish_reading *reading = only_usable();
    assert_non_null(reading);
    assert_string_equal(reading->property,
                        "PowerControl[0].PowerConsumedWatts");
    assert_close(reading->value, 429);
    assert_close(reading->step, 1);
    assert_false(reading->energy);
    assert_int_equal(reading->side, GB_REDFISH_SIDE_UNKNOWN);
    assert_string_equal(refused("PowerSupplies[0].PowerInputWatts"),
                        "equals the supply's rated maximum of 900 W");
    assert_non_null(
        strstr(refused("PowerSupplies[1].PowerInputWatts"), "rated"));
    assert_non_null(
        strstr(refused("PowerSupplies[2].PowerInputWatts"), "rated"));
    assert_non_null(
        strstr(refused("PowerSupplies[0].LastPowerOutputWatts"), "null"));
    assert_string_equal(refused("PowerControl[0].AverageConsumedWatts"),
                        "an average over 1 min");
    assert_null(gb_redfish_find(&parsed, "PowerSupplies[0].PowerInputWatts"));
    assert_non_null(
        gb_redfish_find(&parsed, "PowerControl[0].PowerConsumedWatts"));
}

/* Supplies that give a part, or nothing, of what the node draws. */
static void supplies_are_not_the_node(void **state) {
    (void)state;
    parse("{\"PowerControl\": [{\"PowerConsumedWatts\": 221,"
          " \"PowerMetrics\": {\"IntervalInMin\": 20,"
          " \"AverageConsumedWatts\": 220}}],"
          " \"PowerSupplies\": [{\"LastPowerOutputWatts\": 90},"
          " {\"LastPowerOutputWatts\": 0}]}",
          "");
    const gb_redfish_reading *reading = only_usable();
    assert_non_null(reading);
    assert_close(reading->value, 221);
    assert_non_null(
        strstr(refused("PowerSupplies[0].LastPowerOutputWatts"), "supply"));
    assert_true(refused("PowerSupplies[1].LastPowerOutputWatts")[0] != '\0');
}

static void what_is_no_power_is_refused(void **state) {
    static const char *const values[] = {
        "null", "\"429\"", "\"N/A\"", "-1",    "0",     "0.0", "65535",
        "true", "{}",      "[429]",   "20000", "4.3e9", "-0.0"};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text),
                 "{\"PowerControl\": [{\"PowerConsumedWatts\": %s}]}",
                 values[i]);
        parse(text, "");
        assert_int_equal(parsed.reading_count, 1);
        if (only_usable())
            fail_msg("%s taken as a power", values[i]);
    }
    parse("{\"PowerControl\": [{\"PowerConsumedWatts\": 750,"
          " \"PowerCapacityWatts\": 750}]}",
          "");
    assert_null(only_usable());
    parse("{\"PowerControl\": []}", "");
    assert_int_equal(parsed.reading_count, 0);
    parse("{\"PowerControl\": {\"PowerConsumedWatts\": 5}}", "");
    assert_int_equal(parsed.reading_count, 0);
}

static void of_several_controls_the_nodes_own_is_used(void **state) {
    static const char text[] =
        "{\"PowerControl\": [{\"PowerConsumedWatts\": 1600,"
        " \"RelatedItem\": [{\"@odata.id\": \"/redfish/v1/Chassis/E\"}]},"
        " {\"PowerConsumedWatts\": 400,"
        " \"RelatedItem\": [{\"@odata.id\": \"/redfish/v1/Systems/B/\"}]}]}";

    (void)state;
    parse(text, "/redfish/v1/Systems/B");
    assert_close(only_usable()->value, 400);
    assert_true(only_usable()->own);
    assert_string_equal(only_usable()->property,
                        "PowerControl[1].PowerConsumedWatts");
    parse(text, "");
    assert_close(only_usable()->value, 1600);
    assert_false(only_usable()->own);
    parse(text, "/redfish/v1/Systems/C");
    assert_close(only_usable()->value, 1600);
}

/* --- EnvironmentMetrics and sensors --------------------------------------- */

static void counters_come_before_gauges(void **state) {
    (void)state;
    parse("{\"PowerWatts\": {\"Reading\": 374,"
          " \"DataSourceUri\": \"/redfish/v1/Chassis/1/Sensors/TotalPower\"},"
          " \"EnergykWh\": {\"Reading\": 1.5, \"LifetimeReading\": 34855.123},"
          " \"EnergyJoules\": {\"LifetimeReading\": 125478442800}}",
          "");
    static const struct {
        const char *property;
        bool energy;
        double value, step;
    } expected[] = {
        {"EnergyJoules.LifetimeReading", true, 125478442800, 1},
        {"EnergykWh.LifetimeReading", true, 34855.123 * 3.6e6, 3600},
        {"EnergykWh.Reading", true, 5.4e6, 3.6e5},
        {"PowerWatts.Reading", false, 374, 1},
    };
    assert_int_equal(parsed.reading_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const gb_redfish_reading *reading = &parsed.readings[i];
        assert_string_equal(reading->property, expected[i].property);
        assert_int_equal(reading->energy, expected[i].energy);
        assert_close(reading->value, expected[i].value);
        assert_close(reading->step, expected[i].step);
        assert_string_equal(reading->refused, "");
    }
    assert_string_equal(parsed.readings[3].sensor,
                        "/redfish/v1/Chassis/1/Sensors/TotalPower");
}

static void a_sensor_says_more(void **state) {
    (void)state;
    parse("{\"Reading\": 374.25, \"ReadingUnits\": \"W\", \"Accuracy\": 1.5,"
          " \"VoltageType\": \"AC\", \"SensingInterval\": \"PT0.5S\","
          " \"AveragingInterval\": \"PT10S\","
          " \"ReadingTime\": \"2026-03-01T12:00:00.250+01:00\","
          " \"Status\": {\"State\": \"Enabled\"}}",
          "");
    const gb_redfish_reading *reading = only_usable();
    assert_non_null(reading);
    assert_close(reading->value, 374.25);
    assert_close(reading->step, 0.01);
    assert_close(reading->u_rel, 0.015 / sqrt(3));
    assert_int_equal(reading->update_ns, S / 2);
    assert_int_equal(reading->average_ns, 10 * S);
    assert_int_equal(reading->side, GB_REDFISH_SIDE_AC);
    assert_int_equal(reading->stamp_ns, 1772362800 * S + S / 4);
    assert_int_equal(reading->stamp_step_ns, 1000000);

    /* An absolute accuracy, a coarser precision than its decimals, DC. */
    parse("{\"Reading\": 374.25, \"ReadingUnits\": \"W\", \"Precision\": 3,"
          " \"ReadingAccuracy\": 3.7425, \"VoltageType\": \"DC\"}",
          "");
    assert_close(only_usable()->step, 1);
    assert_close(only_usable()->u_rel, 0.01 / sqrt(3));
    assert_int_equal(only_usable()->side, GB_REDFISH_SIDE_DC);

    parse("{\"LifetimeReading\": 12.5, \"Reading\": 2,"
          " \"ReadingUnits\": \"kW.h\"}",
          "");
    assert_int_equal(parsed.reading_count, 2);
    assert_close(parsed.readings[0].value, 4.5e7);
    assert_true(isnan(parsed.readings[0].u_rel));
    parse("{\"Reading\": 35, \"ReadingUnits\": \"Cel\"}", "");
    assert_int_equal(parsed.reading_count, 0);
}

static void sensors_that_do_not_measure_a_run_are_refused(void **state) {
    static const char *const extras[] = {
        "\"AveragingInterval\": \"PT20M\"",
        "\"Status\": {\"State\": \"Disabled\"}",
        "\"Status\": {\"State\": \"UnavailableOffline\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
        char text[160];
        snprintf(text, sizeof(text),
                 "{\"Reading\": 300, \"ReadingUnits\": \"W\", %s}", extras[i]);
        parse(text, "");
        assert_int_equal(parsed.reading_count, 1);
        assert_null(only_usable());
    }
    parse("{\"EnergykWh\": {\"Reading\": -1, \"LifetimeReading\": 1e300}}", "");
    assert_int_equal(parsed.reading_count, 2);
    assert_null(only_usable());
}

/* --- links ---------------------------------------------------------------- */

static void links_stay_on_the_server(void **state) {
    (void)state;
    parse("{\"Chassis\": {\"@odata.id\": \"/redfish/v1/Chassis/\"},"
          " \"Systems\": {\"@odata.id\": \"//evil.example/x\"},"
          " \"Power\": {\"@odata.id\": \"https://evil.example/x\"},"
          " \"EnvironmentMetrics\": {\"@odata.id\": \"/a b\"},"
          " \"Members\": [{\"@odata.id\": \"/m/1\"}, {}, 7,"
          "  {\"@odata.id\": \"/m/2?x=1\"}, {\"@odata.id\": \"/m/3\"}],"
          " \"Links\": {\"Chassis\": [{\"@odata.id\": \"/c/1\"}],"
          "  \"ComputerSystems\": [{\"@odata.id\": \"/s/1\"},"
          "   {\"@odata.id\": \"/s/2\"}]}}",
          "");
    assert_string_equal(parsed.chassis, "/redfish/v1/Chassis");
    assert_string_equal(parsed.systems, "");
    assert_string_equal(parsed.power, "");
    assert_string_equal(parsed.environment, "");
    assert_int_equal(parsed.members.count, 2);
    assert_string_equal(parsed.members.uri[1], "/m/3");
    assert_int_equal(parsed.linked_chassis.count, 1);
    assert_int_equal(parsed.served.total, 2);
}

static void long_lists_are_cut_and_counted(void **state) {
    char *text = malloc(65536);
    size_t length;

    (void)state;
    assert_non_null(text);
    length = (size_t)sprintf(text, "{\"Members\": [");
    for (int i = 0; i < 500; i++)
        length += (size_t)sprintf(text + length, "%s{\"@odata.id\": \"/m/%d\"}",
                                  i ? "," : "", i);
    length += (size_t)sprintf(text + length, "], \"PowerControl\": [");
    for (int i = 0; i < 300; i++)
        length +=
            (size_t)sprintf(text + length,
                            "%s{\"PowerConsumedWatts\": %d,"
                            "\"RelatedItem\":[{\"@odata.id\":\"/s/%d\"}]}",
                            i ? "," : "", i + 100, i);
    sprintf(text + length, "]}");
    parse(text, "/s/299");
    assert_int_equal(parsed.members.count, GB_REDFISH_LINKS);
    assert_int_equal(parsed.members.total, 500);
    assert_int_equal(parsed.reading_count, GB_REDFISH_READINGS);
    assert_close(only_usable()->value, 399);
    free(text);
}

static void other_text_is_refused(void **state) {
    static const char *const texts[] = {"",
                                        "null",
                                        "[]",
                                        "429",
                                        "{\"PowerControl\": [",
                                        "<html>",
                                        "{\"a\":1}}",
                                        "{\"a\": 1, \"a\": 2}",
                                        "\x1b[31m"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gb_error err = {0};
        if (gb_redfish_parse(texts[i], "", &parsed, &err) != GB_ERR_INVALID)
            fail_msg("'%s' taken", texts[i]);
        assert_true(err.what[0] != '\0');
        assert_null(strchr(err.what, '\x1b'));
    }
}

/* --- times and numbers ---------------------------------------------------- */

static void durations(void **state) {
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"PT1S", 1000},       {"PT0.1S", 100},       {"PT20M", 1200000},
                {"P1DT2H", 93600000}, {"PT1H1M1S", 3661000}, {"P2D", 172800000},
                {"PT0S", 0}};
    static const char *const bad[] = {"",       "P",      "PT",       "1S",
                                      "PT1",    "PTS",    "P1Y",      "P1M",
                                      "PT1S1M", "PT-1S",  "PT1.5.2S", "P1S",
                                      "PT1D",   "PT1e9S", "P99999D",  "PT1S "};
    uint64_t ns;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!gb_iso_duration(good[i].text, &ns))
            fail_msg("'%s' refused", good[i].text);
        assert_int_equal(ns, good[i].ms * 1000000);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (gb_iso_duration(bad[i], &ns))
            fail_msg("'%s' taken", bad[i]);
}

static void points_in_time(void **state) {
    static const struct {
        const char *text;
        uint64_t ns, step_ns;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0, S},
        {"2000-02-29T12:00:00Z", 951825600 * S, S},
        {"2026-11-23T18:18:10.5+01:00", 1795454290 * S + S / 2, S / 10},
        {"2026-11-23T12:18:10-05:00", 1795454290 * S, S},
        {"2026-11-23T17:18:10.123456789Z", 1795454290 * S + 123456789, 1},
        {"2026-11-23T17:18:10.1234567891Z", 1795454290 * S + 123456789, 1},
    };
    static const char *const bad[] = {
        "",
        "2026-11-23",
        "2026-11-23T17:18:10", /* whose time? */
        "2026-11-23 17:18:10Z",
        "2026-13-23T17:18:10Z",
        "2026-11-00T17:18:10Z",
        "2026-11-23T24:18:10Z",
        "2026-11-23T17:18:10.Z",
        "2026-11-23T17:18:10+1:00",
        "2026-11-23T17:18:10Zz",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "2026-11-23T17:18:10+99:00",
    };
    uint64_t ns, step_ns;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!gb_iso_time(good[i].text, &ns, &step_ns))
            fail_msg("'%s' refused", good[i].text);
        assert_int_equal(ns, good[i].ns);
        assert_int_equal(step_ns, good[i].step_ns);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (gb_iso_time(bad[i], &ns, &step_ns))
            fail_msg("'%s' taken", bad[i]);
}

static void steps_of_decimals(void **state) {
    (void)state;
    assert_close(gb_decimal_step(374), 1);
    assert_close(gb_decimal_step(374.5), 0.1);
    assert_close(gb_decimal_step(34855.123), 1e-3);
    assert_close(gb_decimal_step(0.1 + 0.2), 1e-9);
    assert_close(gb_decimal_step(1e300), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rating_is_not_a_measurement),
        cmocka_unit_test(supplies_are_not_the_node),
        cmocka_unit_test(what_is_no_power_is_refused),
        cmocka_unit_test(of_several_controls_the_nodes_own_is_used),
        cmocka_unit_test(counters_come_before_gauges),
        cmocka_unit_test(a_sensor_says_more),
        cmocka_unit_test(sensors_that_do_not_measure_a_run_are_refused),
        cmocka_unit_test(links_stay_on_the_server),
        cmocka_unit_test(long_lists_are_cut_and_counted),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(durations),
        cmocka_unit_test(points_in_time),
        cmocka_unit_test(steps_of_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
