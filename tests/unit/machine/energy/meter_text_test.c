/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/energy/meter_text.h"
#include "tree.h"

static gb_meter_channel channel_of(const char *text) {
    gb_meter_line line;
    gb_error err = {0};

    if (gb_meter_line_parse(text, &line, &err) != GB_OK)
        fail_msg("'%s': %s", text, err.what);
    assert_int_equal(line.kind, GB_METER_CHANNEL);
    return line.channel;
}

/* Rule 26: one row for each unit a meter may have. */
static void every_unit_has_its_size(void **state) {
    static const struct {
        const char *unit;
        gb_reading_kind kind;
        double tick_j;
    } cases[] = {
        {"J", GB_READING_ENERGY, 1},          {"nJ", GB_READING_ENERGY, 1e-9},
        {"uJ", GB_READING_ENERGY, 1e-6},      {"mJ", GB_READING_ENERGY, 1e-3},
        {"kJ", GB_READING_ENERGY, 1e3},       {"MJ", GB_READING_ENERGY, 1e6},
        {"Wh", GB_READING_ENERGY, 3600},      {"kWh", GB_READING_ENERGY, 3.6e6},
        {"0.1kWh", GB_READING_ENERGY, 3.6e5}, /* APC */
        {"W", GB_READING_POWER, 1},           {"uW", GB_READING_POWER, 1e-6},
        {"mW", GB_READING_POWER, 1e-3},       {"kW", GB_READING_POWER, 1e3},
        {"10W", GB_READING_POWER, 10}, /* APC */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[96];
        snprintf(text, sizeof(text), "channel a scope=node-ac unit=%s update=1",
                 cases[i].unit);
        const gb_meter_channel channel = channel_of(text);
        assert_int_equal(channel.kind, cases[i].kind);
        assert_near(channel.tick_j / cases[i].tick_j, 1.0, 1e-12);
        assert_near(channel.step_j / cases[i].tick_j, 1.0, 1e-12);
    }
}

static void a_channel_has_what_it_declares(void **state) {
    (void)state;
    gb_meter_channel channel = channel_of(
        "channel pdu:7 scope=node-ac unit=W step=0.5 update=2s average=500ms "
        "range=1500W accuracy=0.1%+0.05% at=500W time=yes shared=yes "
        "package=1");
    assert_string_equal(channel.name, "pdu:7");
    assert_int_equal(channel.scope, GB_SCOPE_NODE_AC);
    assert_int_equal(channel.kind, GB_READING_POWER);
    assert_int_equal(channel.package, 1);
    assert_int_equal(channel.decimals, 1);
    assert_near(channel.tick_j, 0.1, 1e-15);
    assert_near(channel.step_j, 0.5, 1e-15);
    assert_int_equal(channel.update_ns, 2 * S);
    assert_int_equal(channel.average_ns, 500 * MS);
    assert_near(channel.max_power_w, 3000.0, 0);
    /* 300 V x 5 A at 500 W: 0.25 % (reference/energy.md §7) */
    assert_near(channel.u_rel * sqrt(3.0), 0.0025, 1e-12);
    assert_true(channel.stamped);
    assert_true(channel.shared);

    channel = channel_of("channel e scope=dram unit=0.1kWh step=0.01 "
                         "wrap=99999.99 update=5 accuracy=1.5%");
    assert_int_equal(channel.decimals, 2);
    assert_int_equal(channel.wrap_ticks, 9999999);
    assert_near(channel.tick_j, 3600.0, 1e-9);
    assert_near(channel.u_rel * sqrt(3.0), 0.015, 1e-12);
    assert_near(channel.max_power_w, 0, 0);
    assert_int_equal(channel.package, -1);
    assert_false(channel.stamped || channel.shared);

    /* Without `at`: at a tenth of the range, 2 % + 10 x 1 %. */
    channel = channel_of("channel a scope=node-ac unit=W update=1 "
                         "range=100W accuracy=2%+1%");
    assert_near(channel.u_rel * sqrt(3.0), 0.12, 1e-12);
}

static void a_bad_line_says_what_is_wrong(void **state) {
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"greenbench-meter 2", "greenbench-meter 1"},
        {"greenbench-meter", "greenbench-meter 1"},
        {"hello", "hello"},
        {"Reading a 5", "reading"},
        {"channel", "name"},
        {"channel a,b scope=dram unit=J update=1", "name"},
        {"channel a unit=J update=1", "scope is missing"},
        {"channel a scope=dram update=1", "unit is missing"},
        {"channel a scope=dram unit=J", "update is missing"},
        {"channel a scope=socket unit=J update=1", "scope=socket"},
        {"channel a scope=dram unit=BTU update=1", "unit=BTU"},
        {"channel a scope=dram unit=0J update=1", "unit=0J"},
        {"channel a scope=dram unit=-1J update=1", "unit=-1J"},
        {"channel a scope=dram unit=J update=0", "update=0"},
        {"channel a scope=dram unit=J update=1 stepp=1", "stepp=1"},
        {"channel a scope=dram unit=J update=1 step", "'step'"},
        {"channel a scope=dram unit=J update=1 step=0", "step"},
        {"channel a scope=dram unit=J update=1 step=0.0000000001", "step"},
        {"channel a scope=dram unit=J update=1 step=x", "step"},
        {"channel a scope=dram unit=J update=1 wrap=1", "wrap"},
        {"channel a scope=dram unit=W update=1 wrap=100", "wrap"},
        {"channel a scope=dram unit=J update=1 accuracy=1%+1%", "range"},
        {"channel a scope=dram unit=J update=1 accuracy=0%", "accuracy"},
        {"channel a scope=dram unit=W update=1 range=5J", "range=5J"},
        {"channel a scope=dram unit=W update=1 range=5W at=6W", "at"},
        {"channel a scope=dram unit=W update=1 time=maybe", "time=maybe"},
        {"channel a scope=dram unit=W update=1 package=-1", "package=-1"},
        {"reading", "reading NAME VALUE"},
        {"reading a", "reading NAME VALUE"},
        {"reading a 1 2 3", "reading NAME VALUE"},
        {"reading a,b 1", "reading NAME VALUE"},
        {"a a a a a a a a a a a a a a a a a", "words"},
    };
    char text[GB_METER_LINE_MAX + 2];
    gb_meter_line line;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_error err = {0};
        if (gb_meter_line_parse(cases[i].text, &line, &err) != GB_ERR_INVALID)
            fail_msg("'%s' was accepted", cases[i].text);
        if (!strstr(err.what, cases[i].what))
            fail_msg("'%s': '%s'", cases[i].text, err.what);
    }
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(gb_meter_line_parse(text, &line, NULL), GB_ERR_INVALID);
}

static void other_lines_are_told_apart(void **state) {
    gb_meter_line line;

    (void)state;
    assert_int_equal(gb_meter_line_parse("", &line, NULL), GB_OK);
    assert_int_equal(line.kind, GB_METER_BLANK);
    assert_int_equal(gb_meter_line_parse(" \t ", &line, NULL), GB_OK);
    assert_int_equal(line.kind, GB_METER_BLANK);
    assert_int_equal(gb_meter_line_parse("# reading a 1", &line, NULL), GB_OK);
    assert_int_equal(line.kind, GB_METER_BLANK);
    assert_int_equal(gb_meter_line_parse("greenbench-meter 1", &line, NULL),
                     GB_OK);
    assert_int_equal(line.kind, GB_METER_FORMAT);
    assert_int_equal(
        gb_meter_line_parse("reading  a\t231.5 1790000000.25 ", &line, NULL),
        GB_OK);
    assert_int_equal(line.kind, GB_METER_READING);
    assert_string_equal(line.name, "a");
    assert_string_equal(line.value, "231.5");
    assert_string_equal(line.time, "1790000000.25");
}

static void values_become_whole_ticks(void **state) {
    static const struct {
        const char *text;
        unsigned decimals;
        uint64_t ticks;
    } values[] = {
        {"231.5", 1, 2315},
        {"231", 1, 2310},
        {"231.54", 1, 2315},
        {"231.55", 1, 2316},
        {"231.5499999", 1, 2315},
        {"231.5", 0, 232},
        {"0", 0, 0},
        {"0.0000000005", 9, 1},
        {"18446744073709551615", 0, UINT64_MAX},
        {"1844674407370955161.5", 1, UINT64_MAX},
    };
    static const char *const none[] = {"N/A", "n/a", "NULL", "unknown",
                                       "nan", "-1",  "-1.5", "none"};
    static const char *const bad[] = {"",
                                      "x",
                                      "1x",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "0x10",
                                      "1e3",
                                      "1,5",
                                      "--1",
                                      "-",
                                      "-x",
                                      "inf",
                                      "1..2",
                                      "18446744073709551616",
                                      "18446744073709551615.5"};
    uint64_t ticks = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (gb_meter_value_parse(values[i].text, values[i].decimals, &ticks) !=
            GB_METER_VALUE)
            fail_msg("'%s' was refused", values[i].text);
        assert_int_equal(ticks, values[i].ticks);
    }
    ticks = 7;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (gb_meter_value_parse(none[i], 1, &ticks) != GB_METER_NO_VALUE)
            fail_msg("'%s' is not 'no value'", none[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (gb_meter_value_parse(bad[i], 0, &ticks) != GB_METER_BAD_VALUE)
            fail_msg("'%s' is not bad", bad[i]);
    assert_int_equal(ticks, 7);
    assert_int_equal(gb_meter_value_parse("18446744073709551615", 1, &ticks),
                     GB_METER_BAD_VALUE);
}

static void times_are_seconds(void **state) {
    uint64_t time_ns = 7;

    (void)state;
    assert_true(gb_meter_time_parse("1790000000.25", &time_ns));
    assert_int_equal(time_ns, UINT64_C(1790000000250000000));
    assert_true(gb_meter_time_parse("12", &time_ns));
    assert_int_equal(time_ns, 12 * S);
    assert_false(gb_meter_time_parse("0", &time_ns));
    assert_false(gb_meter_time_parse("", &time_ns));
    assert_false(gb_meter_time_parse("-5", &time_ns));
    assert_false(gb_meter_time_parse("2026-11-23T17:18:10Z", &time_ns));
    assert_false(gb_meter_time_parse("18446744074", &time_ns));
}

/* --- bytes into lines ----------------------------------------------------- */

static void put(gb_line_buffer *buffer, const char *bytes, size_t length) {
    while (length > 0) {
        size_t size;
        char *room = gb_line_buffer_room(buffer, &size);
        const size_t part = length < size ? length : size;
        memcpy(room, bytes, part);
        gb_line_buffer_added(buffer, part);
        bytes += part;
        length -= part;
    }
}

static void lines_come_whole(void **state) {
    gb_line_buffer buffer = {0};

    (void)state;
    put(&buffer, "one\ntwo\r\nthr", 12);
    assert_string_equal(gb_line_buffer_next(&buffer), "one");
    assert_string_equal(gb_line_buffer_next(&buffer), "two");
    assert_null(gb_line_buffer_next(&buffer));
    put(&buffer, "ee\n\na\0b\nlast", 12);
    assert_string_equal(gb_line_buffer_next(&buffer), "three");
    assert_string_equal(gb_line_buffer_next(&buffer), "");
    assert_null(gb_line_buffer_next(&buffer)); /* the one with a null is not */
    assert_int_equal(buffer.dropped, 1);
    gb_line_buffer_end(&buffer);
    assert_string_equal(gb_line_buffer_next(&buffer), "last");
    gb_line_buffer_end(&buffer);
    assert_null(gb_line_buffer_next(&buffer));
}

static void lines_too_long_are_dropped(void **state) {
    static char much[3 * sizeof(((gb_line_buffer *)NULL)->text)];
    gb_line_buffer buffer = {0};

    (void)state;
    memset(much, 'x', sizeof(much));
    put(&buffer, much, GB_METER_LINE_MAX);
    put(&buffer, "\n", 1);
    assert_int_equal(strlen(gb_line_buffer_next(&buffer)), GB_METER_LINE_MAX);
    put(&buffer, much, GB_METER_LINE_MAX + 1);
    put(&buffer, "\nshort\n", 7);
    assert_string_equal(gb_line_buffer_next(&buffer), "short");
    assert_int_equal(buffer.dropped, 1);
    put(&buffer, much, sizeof(much));
    assert_null(gb_line_buffer_next(&buffer));
    put(&buffer, "y\nshort\n", 8);
    assert_string_equal(gb_line_buffer_next(&buffer), "short");
    assert_int_equal(buffer.dropped, 2);
    gb_line_buffer_restart(&buffer, true);
    put(&buffer, "half a line\nwhole\n", 18);
    assert_string_equal(gb_line_buffer_next(&buffer), "whole");
    assert_int_equal(buffer.dropped, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_has_its_size),
        cmocka_unit_test(a_channel_has_what_it_declares),
        cmocka_unit_test(a_bad_line_says_what_is_wrong),
        cmocka_unit_test(other_lines_are_told_apart),
        cmocka_unit_test(values_become_whole_ticks),
        cmocka_unit_test(times_are_seconds),
        cmocka_unit_test(lines_come_whole),
        cmocka_unit_test(lines_too_long_are_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
