/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/stated.h"
#include "support/gb_test.h"

static const char whole[] =
    "nodes: {in_system: 200, chosen: random, how: shuf with seed 4711}\n"
    "meters:\n"
    "- {meter: 'external:pdu-*', make: Acme, model: P1, accuracy: 1%,\n"
    "   form: k2, source: data sheet 3, interval: 200ms,\n"
    "   calibrated: 2026-03-01}\n"
    "- {meter: ipmi:dcmi, make: Acme, model: BMC}\n"
    "subsystems:\n"
    "- {name: interconnect, by: estimate, power: 1.2 kW, source: 4 x 300 W}\n"
    "- {name: storage, by: measured, power: 800 W, source: PDU 7}\n"
    "- {name: head nodes, by: not_used}\n"
    "complete: true\n"
    "loss: {by: offline, efficiency: 94%, source: bench of 2026-02}\n"
    "coolant: 32 degC at the inlet\n"
    "supply: 230 V\n";

static gb_status parse(const char *text, gb_stated *out, gb_error *err) {
    *err = (gb_error){.rank = -1};
    return gb_stated_parse("s.yaml", text, strlen(text), out, err);
}

static void all_that_is_stated_is_read(void **state) {
    gb_stated got;
    gb_error err;

    (void)state;
    GB_EXPECT_STATUS(GB_OK, parse(whole, &got, &err), "whole", err);
    assert_int_equal(got.system_nodes, 200);
    assert_true(got.random && got.complete);
    GB_EXPECT_TEXT("shuf with seed 4711", got.chosen, "how");
    assert_int_equal(got.meter_count, 2);
    /* k = 2: u is half of it, and the bound of a rectangle is sqrt(3) u. */
    GB_EXPECT_NEAR(0.005 * sqrt(3.0), got.meters[0].accuracy, 1e-12, "bound");
    GB_EXPECT_NEAR(0.2, got.meters[0].update_s, 1e-12, "interval");
    assert_true(isnan(got.meters[1].accuracy));
    assert_int_equal(got.part_count, 3);
    GB_EXPECT_NEAR(1200.0, gb_stated_interconnect(&got)->power_w, 1e-9, "W");
    GB_EXPECT_NEAR(2000.0, gb_stated_parts_w(&got), 1e-9, "W");
    assert_int_equal(gb_stated_others(&got), GB_PART_MEASURED);
    got.complete = false;
    assert_int_equal(gb_stated_others(&got), GB_PART_UNKNOWN);
    assert_int_equal(got.loss, GB_LOSS_OFFLINE);
    GB_EXPECT_NEAR(0.94, got.supply_efficiency, 1e-12, "efficiency");
    assert_int_equal(strlen(got.sha256), 64);
}

static void mistakes_are_placed_and_explained(void **state) {
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"[]", "s.yaml:1:1: expected a map, got a list"},
        {"node: {}", "s.yaml:1:1: expected one of nodes, meters, subsystems, "
                     "complete, loss, coolant, supply, got 'node'"},
        {"nodes: {in_system: 0}",
         "s.yaml:1:20: in_system: expected a number of nodes above 0, got '0'"},
        {"nodes: {chosen: random}",
         "s.yaml:1:8: how: expected text of 1 to 199 bytes, got a map"},
        {"nodes: {chosen: best}", "s.yaml:1:17: chosen: expected one of "
                                  "random, selected, got 'best'"},
        {"subsystems: []",
         "s.yaml:1:13: subsystems: expected a list of 1 to 32, got a list"},
        {"subsystems: [{name: a, by: guess}]",
         "s.yaml:1:28: by: expected one of estimate, measured, not_used, got "
         "'guess'"},
        {"subsystems: [{name: a, by: estimate, power: 600}]",
         "s.yaml:1:45: power: expected a power above 0 such as 1.2 kW, got "
         "'600'"},
        {"subsystems: [{name: a, by: estimate, power: -1 W}]",
         "s.yaml:1:45: power: expected a power above 0 such as 1.2 kW, got "
         "'-1 W'"},
        {"subsystems: [{name: a, by: estimate, power: 1 W}]",
         "s.yaml:1:14: source: expected text of 1 to 199 bytes, got a map"},
        {"subsystems: [{name: a, by: not_used, power: 1 W}]",
         "s.yaml:1:45: power: expected none of what was not used, got '1 W'"},
        {"subsystems: [{name: a, by: not_used}, {name: a, by: not_used}]",
         "s.yaml:1:46: name: expected each subsystem once, got 'a'"},
        {"meters: [{meter: a, make: b, model: c, accuracy: 0%, form: bound}]",
         "s.yaml:1:50: accuracy: expected a percentage above 0, from 0% to "
         "50%, got '0%'"},
        {"meters: [{meter: a, make: b, model: c, accuracy: 1%}]",
         "s.yaml:1:10: form: expected one of bound, sigma, k2, got a map"},
        {"meters: [{meter: a, make: b, model: c, form: k2}]",
         "s.yaml:1:46: form: expected none without an accuracy, got 'k2'"},
        {"meters: [{meter: a, make: b, model: c, source: data sheet}]",
         "s.yaml:1:48: source: expected none without an accuracy, got 'data "
         "sheet'"},
        {"meters: [{meter: a, make: b, model: c, interval: 0s}]",
         "s.yaml:1:50: interval: expected a time such as 200ms, got '0s'"},
        {"loss: {by: offline, efficiency: 6%, source: x}",
         "s.yaml:1:33: efficiency: expected a percentage above 0, from 50% to "
         "100%, got '6%'"},
        {"complete: perhaps",
         "s.yaml:1:11: complete: expected one of false, true, got 'perhaps'"},
    };

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_stated got = {.system_nodes = 7};
        gb_error err;
        GB_EXPECT_STATUS(GB_ERR_INVALID, parse(cases[i].text, &got, &err),
                         cases[i].text, err);
        GB_EXPECT_TEXT(cases[i].what, err.what, cases[i].text);
        assert_int_equal(got.system_nodes, 7);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_stated_is_read),
        cmocka_unit_test(mistakes_are_placed_and_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
