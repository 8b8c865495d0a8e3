/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/facility.h"

#include <stdlib.h>

#include "pipeline/config/meter_file.h"
#include "support/gb_test.h"

#define MIN INT64_C(60000000000)

/* --- the facility file ---------------------------------------------------- */

#define HEAD "name: hall\nboundary: b\n"
#define TOTAL                                                                  \
    ", from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z', accuracy: "   \
    "1%, form: bound}\n"

static gb_status parse(const char *text, gb_facility *out, gb_error *err) {
    *err = (gb_error){0};
    return gb_facility_parse("f.yaml", text, strlen(text), out, err);
}

static void refuse(const char *text, const char *what) {
    gb_facility facility = {0};
    gb_error err;

    GB_EXPECT_STATUS(GB_ERR_INVALID, parse(text, &facility, &err), text, err);
    GB_EXPECT_TEXT(what, err.what, text);
}

static void totals_with_their_accuracy(void **state) {
    gb_facility facility;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(
        GB_OK,
        parse(HEAD "category: 3\nit_rated: 120 kW\nmax_missing: 1%\nmeters:\n"
                   "- {id: it, measures: it, total: 1000 kWh" TOTAL
                   "- {id: w, measures: water, total: 2 m3" TOTAL
                   "- {id: o, measures: overhead, total: 80 kWh, from: "
                   "'2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z', "
                   "accuracy: 0.5%, form: k2, of: range, range: 400 kW}\n",
              &facility, &err),
        "parse", err);
    assert_int_equal(facility.category, 3);
    GB_EXPECT_NEAR(120e3, facility.rated_w, 1e-6, "rated");
    GB_EXPECT_NEAR(3.6e9, facility.meters[0].rows[0].value, 1e-3, "J");
    GB_EXPECT_NEAR(0.01 / sqrt(3.0), facility.meters[0].u_rel, 1e-12, "bound");
    GB_EXPECT_NEAR(2000.0, facility.meters[1].rows[0].value, 1e-9, "L");
    GB_EXPECT_NEAR(0.0, facility.meters[2].u_rel, 0.0, "of range");
    GB_EXPECT_NEAR(1000.0, facility.meters[2].u_abs, 1e-9, "of range");
    gb_facility_fini(&facility);
}

static void mistakes_are_placed_and_explained(void **state) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {"name: x\n", "f.yaml:1:1: expected a map with 'meters', got a map"},
        {HEAD "meters:\n- {id: it, measures: it, total: 5 degC" TOTAL,
         "f.yaml:4:33: total: expected an amount with its unit such as 1080 "
         "kWh or 12 m3, got '5 degC'"},
        {HEAD "meters:\n- {id: it, measures: it, total: 5 kW" TOTAL,
         "f.yaml:4:33: total: expected an amount with its unit such as 1080 "
         "kWh or 12 m3, got '5 kW'"},
        {HEAD "meters:\n- {id: a, measures: it, total: 5 kWh" TOTAL
              "- {id: b, measures: it, total: 5 kWh" TOTAL,
         "f.yaml:5:21: measures: expected each quantity once, got 'it'"},
        {HEAD "meters:\n- {id: a, measures: it, total: 5 kWh, from: "
              "'2026-01-01T01:00:00Z', to: '2026-01-01T01:00:00Z', accuracy: "
              "1%, form: bound}\n",
         "f.yaml:4:73: to: expected a time after 'from', got "
         "'2026-01-01T01:00:00Z'"},
        {HEAD "meters:\n- {id: a, measures: it, total: 5 kWh, from: "
              "'2026-01-01 00:00', to: '2026-01-01T01:00:00Z', accuracy: 1%, "
              "form: bound}\n",
         "f.yaml:4:45: from: expected a time with its offset such as "
         "2026-01-01T00:00:00+08:00, got '2026-01-01 00:00'"},
        {HEAD "meters:\n- {id: a, measures: it, total: 5 kWh, from: "
              "'2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z'}\n",
         "f.yaml:4:3: accuracy: expected a percentage, or the word "
         "undocumented, got a map"},
        {HEAD "meters:\n- {id: a, measures: it, file: a.csv, columns: x, "
              "interval: 15min, stamp: begin, unit: degC}\n",
         "f.yaml:4:87: unit: expected one of J, MJ, GJ, Wh, kWh, MWh, W, kW, "
         "MW for 'it', got 'degC'"},
        {HEAD "meters:\n- {id: a, measures: it, file: a.csv, columns: x, "
              "interval: 15min, stamp: begin, unit: kWh, time_zone: "
              "Europe/Berlin}\n",
         "f.yaml:4:103: time_zone: expected UTC or an offset such as +08:00, "
         "got 'Europe/Berlin'"},
        {HEAD "meters:\n- {id: a, measures: it, file: a.csv, columns: x, unit: "
              "kWh, stamp: end}\n",
         "f.yaml:4:3: interval: expected the length of a row such as 15min, "
         "got a map"},
        {HEAD "meters:\n- {id: a, measures: it, file: a.csv, columns: x, unit: "
              "kW, cumulative: yes}\n",
         "f.yaml:4:56: unit: expected one of J, MJ, GJ, Wh, kWh, MWh for 'it', "
         "got 'kW'"},
        {HEAD "category: 4\nmeters: [a]\n",
         "f.yaml:3:11: category: expected 1 (UPS output), 2 (PDU output) or 3 "
         "(input of the IT equipment), got '4'"},
        {HEAD "emission_factor: {kg_per_kwh: 0.53, gas: CO2, kind: marginal, "
              "scope: direct, year: 2023, source: s}\nmeters: [a]\n",
         "f.yaml:3:53: kind: expected one of average, got 'marginal'"},
        {HEAD "emission_factor: {kg_per_kwh: 0.53, gas: CO2, kind: average, "
              "scope: direct, source: s}\nmeters: [a]\n",
         "f.yaml:3:18: year: expected text of 1 to 7 bytes, got a map"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++)
        refuse(rows[i].text, rows[i].what);
}

static void item_36_heat_that_is_not_reused_is_no_credit(void **state) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {HEAD "meters:\n- {id: h, measures: reused_heat, reuse: inside, "
              "method: heat_meter, total: 5 kWh" TOTAL,
         "f.yaml:4:41: reuse: expected outside: heat that others use beyond "
         "the boundary, got 'inside'"},
        {HEAD "meters:\n- {id: h, measures: reused_heat, reuse: outside, "
              "method: temperature, total: 5 kWh" TOTAL,
         "f.yaml:4:58: method: expected one of heat_meter, got 'temperature'"},
        {HEAD "meters:\n- {id: h, measures: reused_heat, reuse: rejected, "
              "method: heat_meter, total: 5 kWh" TOTAL,
         "f.yaml:4:41: reuse: expected outside: heat that others use beyond "
         "the boundary, got 'rejected'"},
        {HEAD "meters:\n- {id: h, measures: reused_heat, total: 5 kWh" TOTAL,
         "f.yaml:4:3: reuse: expected outside: heat that others use beyond the "
         "boundary, got a map"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++)
        refuse(rows[i].text, rows[i].what);
}

/* --- meter files ---------------------------------------------------------- */

static const char *const all_nodes[] = {"n*"};

static gb_meter_file intervals(void) {
    return (gb_meter_file){.columns = all_nodes,
                           .column_count = 1,
                           .time_column = "time",
                           .offset_s = 0,
                           .interval_ns = 15 * MIN,
                           .scale = 1.0};
}

static gb_status read_text(const gb_meter_file *how, const char *text,
                           gb_facility_meter *out, gb_error *err) {
    gb_csv *csv = NULL;

    *out = (gb_facility_meter){0};
    *err = (gb_error){0};
    GB_EXPECT_STATUS(GB_OK,
                     gb_csv_open_text("m.csv", text, strlen(text), &csv, err),
                     "open", *err);
    const gb_status status = gb_meter_file_read(how, csv, "m.csv", out, err);
    gb_csv_close(csv);
    return status;
}

#define TITLES "time,n1,n2,other\n"

static void columns_are_added_and_nulls_stay_nulls(void **state) {
    const gb_meter_file how = intervals();
    gb_facility_meter meter;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(GB_OK,
                     read_text(&how,
                               TITLES "2026-01-01 00:00,1,2,x\n"
                                      "2026-01-01 00:15,1,,x\n"
                                      "2026-01-01 00:45,null,2,x\n",
                               &meter, &err),
                     "read", err);
    assert_int_equal(meter.row_count, 3);
    assert_int_equal(meter.columns, 2);
    GB_EXPECT_NEAR(3.0, meter.rows[0].value, 0.0, "sum");
    assert_true(isnan(meter.rows[1].value));
    assert_true(isnan(meter.rows[2].value));
    assert_int_equal(meter.rows[2].begin_ns - meter.rows[1].end_ns, 15 * MIN);
    free(meter.rows);
}

static void registers_are_differences(void **state) {
    gb_meter_file how = intervals();
    gb_facility_meter meter;
    gb_error err;
    (void)state;

    how.cumulative = true;
    how.interval_ns = 0;
    GB_EXPECT_STATUS(GB_OK,
                     read_text(&how,
                               TITLES "2026-01-01 00:00,10,20,x\n"
                                      "2026-01-01 00:15,,21,x\n"
                                      "2026-01-01 00:30,13,22,x\n",
                               &meter, &err),
                     "read", err);
    assert_int_equal(meter.row_count, 1);
    GB_EXPECT_NEAR(5.0, meter.rows[0].value, 0.0, "difference");
    assert_int_equal(meter.rows[0].end_ns - meter.rows[0].begin_ns, 30 * MIN);
    free(meter.rows);
}

static void bad_rows_are_refused_with_their_line(void **state) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {"t,n1\n", "m.csv:1: expected the column 'time', got none of that "
                   "name"},
        {"time,x\n", "m.csv:1: expected a column 'n*', got none that fits"},
        {"time,time,n1\n", "m.csv:1: expected one column 'time', got several"},
        {TITLES, "m.csv: expected readings, got none"},
        {TITLES "2026-01-01 00:00,1,2,x\n2026-01-01 00:15,1,two,x\n",
         "m.csv:3: n2: expected a number >= 0, got 'two'"},
        {TITLES "2026-01-01 00:00,1,-2,x\n",
         "m.csv:2: n2: expected a number >= 0, got '-2'"},
        {TITLES "1.1.2026,1,2,x\n",
         "m.csv:2: time: expected a time such as 2026-11-23T17:18:10, got "
         "'1.1.2026'"},
        {TITLES "2026-01-01 00:00,1,2,x\n2026-01-01 00:10,1,2,x\n",
         "m.csv:3: expected intervals one after the other, got one that begins "
         "300 s before the last has ended"},
        {TITLES "2026-10-25 02:45,1,2,x\n2026-10-25 02:00,1,2,x\n",
         "m.csv:3: expected times that go on, got one hour twice, as daylight "
         "saving makes it"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(rows); i++) {
        const gb_meter_file how = intervals();
        gb_facility_meter meter;
        gb_error err;
        GB_EXPECT_STATUS(GB_ERR_INVALID,
                         read_text(&how, rows[i].text, &meter, &err),
                         rows[i].text, err);
        GB_EXPECT_TEXT(rows[i].what, err.what, rows[i].text);
        free(meter.rows);
    }
}

static void a_hole_of_one_hour_is_flagged(void **state) {
    const gb_meter_file how = intervals();
    gb_facility_meter meter;
    gb_error err;
    (void)state;

    GB_EXPECT_STATUS(GB_OK,
                     read_text(&how,
                               TITLES "2026-03-29 01:45,1,2,x\n"
                                      "2026-03-29 03:00,1,2,x\n",
                               &meter, &err),
                     "read", err);
    assert_true(strstr(meter.note, "m.csv:3: a hole of exactly one hour") !=
                NULL);
    free(meter.rows);
}

static void a_register_that_goes_back_is_refused(void **state) {
    gb_meter_file how = intervals();
    gb_facility_meter meter;
    gb_error err;
    (void)state;

    how.cumulative = true;
    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     read_text(&how,
                               TITLES "2026-01-01 00:00,10,20,x\n"
                                      "2026-01-01 00:15,11,0,x\n",
                               &meter, &err),
                     "read", err);
    GB_EXPECT_TEXT("m.csv:3: expected a register that never goes back, got a "
                   "smaller value than before",
                   err.what, "what");
    free(meter.rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_with_their_accuracy),
        cmocka_unit_test(mistakes_are_placed_and_explained),
        cmocka_unit_test(item_36_heat_that_is_not_reused_is_no_credit),
        cmocka_unit_test(columns_are_added_and_nulls_stay_nulls),
        cmocka_unit_test(registers_are_differences),
        cmocka_unit_test(bad_rows_are_refused_with_their_line),
        cmocka_unit_test(a_hole_of_one_hour_is_flagged),
        cmocka_unit_test(a_register_that_goes_back_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
