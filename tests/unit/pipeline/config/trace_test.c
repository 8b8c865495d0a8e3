/* SPDX-License-Identifier: Apache-2.0 */
/* Intensity traces. Tests with a number in front are the vectors and items of
 * standards.md §11 that they hold to. */
#include "pipeline/config/trace.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "pipeline/config/trace_parts.h"
#include "support/gb_test.h"

#define MIN INT64_C(60000000000)
/* 2026-09-21T13:00:00Z */
#define AT_13 (INT64_C(1789995600) * 1000000000)

static gb_trace_file how_of(gb_trace_format format) {
    return (gb_trace_file){.format = format,
                           .zone = "",
                           .gas = -1,
                           .kind = -1,
                           .scope = -1,
                           .offset_s = GB_UTC_NO_OFFSET};
}

static gb_trace_file how_of_csv(void) {
    gb_trace_file how = how_of(GB_TRACE_CSV);

    how.gas = GB_CARBON_CO2;
    how.kind = GB_CARBON_OF_AVERAGE;
    how.scope = GB_CARBON_DIRECT;
    how.time_column = "timestamp";
    how.value_column = "avg_CI";
    how.interval_ns = 30 * MIN;
    how.offset_s = 28800;
    assert_true(gb_trace_unit("kg/kWh", &how.scale));
    return how;
}

static void load(const gb_trace_file *how, const char *file,
                 gb_intensity_trace *out) {
    gb_error err = {0};
    char path[512];

    snprintf(path, sizeof(path), "%s/carbon/%s", GB_TEST_FIXTURES, file);
    GB_EXPECT_STATUS(GB_OK, gb_trace_load(how, path, file, out, &err), file,
                     err);
    assert_int_equal(strlen(out->sha256), 64);
}

static void expect_row(const gb_intensity_trace *trace, size_t i, int64_t begin,
                       int64_t end, double g_per_kwh,
                       gb_intensity_status status) {
    const gb_intensity_row *row = &trace->rows[i];

    if (row->begin_ns != begin || row->end_ns != end)
        fail_msg("%s row %zu: %lld to %lld min", trace->file, i,
                 (long long)((row->begin_ns - AT_13) / MIN),
                 (long long)((row->end_ns - AT_13) / MIN));
    if (isnan(g_per_kwh))
        assert_true(isnan(row->g_per_kwh));
    else
        GB_EXPECT_NEAR(g_per_kwh, row->g_per_kwh, 1e-9, trace->file);
    assert_int_equal(row->status, status);
}

static void expect_type(const gb_intensity_trace *trace, gb_carbon_gas gas,
                        gb_carbon_kind kind, gb_carbon_scope scope) {
    const gb_carbon_type wanted = {gas, kind, scope};
    assert_true(gb_carbon_same_type(&trace->type, &wanted));
}

/* One row of a file. */
static void expect_in_file(const gb_trace_file *how, const char *file, size_t i,
                           int64_t begin, int64_t end, double g_per_kwh,
                           gb_intensity_status status) {
    gb_intensity_trace trace;

    load(how, file, &trace);
    expect_row(&trace, i, begin, end, g_per_kwh, status);
    gb_intensity_trace_fini(&trace);
}

static void electricity_maps_json(void **state) {
    const gb_trace_file how = how_of(GB_TRACE_ELECTRICITYMAPS_JSON);
    gb_intensity_trace trace;
    (void)state;

    load(&how, "electricitymaps.json", &trace);
    assert_int_equal(trace.row_count, 3);
    GB_EXPECT_TEXT("DE", trace.zone, "zone");
    expect_type(&trace, GB_CARBON_CO2E, GB_CARBON_OF_AVERAGE,
                GB_CARBON_LIFECYCLE);
    expect_row(&trace, 0, AT_13, AT_13 + 60 * MIN, 300.0, GB_INTENSITY_ACTUAL);
    expect_row(&trace, 1, AT_13 + 60 * MIN, AT_13 + 120 * MIN, 360.0,
               GB_INTENSITY_ESTIMATED);
    expect_row(&trace, 2, AT_13 + 120 * MIN, AT_13 + 180 * MIN, NAN,
               GB_INTENSITY_ACTUAL);
    assert_int_equal(trace.nulls, 1);
    assert_int_equal(trace.rows[1].line, 6);
    gb_intensity_trace_fini(&trace);
}

static void electricity_maps_csv(void **state) {
    gb_trace_file how = how_of(GB_TRACE_ELECTRICITYMAPS_CSV);
    gb_intensity_trace trace;
    (void)state;

    how.scope = GB_CARBON_LIFECYCLE;
    load(&how, "electricitymaps.csv", &trace);
    expect_row(&trace, 0, AT_13, AT_13 + 60 * MIN, 301.25, GB_INTENSITY_ACTUAL);
    expect_row(&trace, 1, AT_13 + 60 * MIN, AT_13 + 120 * MIN, 355.0,
               GB_INTENSITY_ESTIMATED);
    assert_int_equal(trace.nulls, 1);
    gb_intensity_trace_fini(&trace);
    how.scope = GB_CARBON_DIRECT;
    load(&how, "electricitymaps.csv", &trace);
    expect_type(&trace, GB_CARBON_CO2E, GB_CARBON_OF_AVERAGE, GB_CARBON_DIRECT);
    GB_EXPECT_NEAR(260.5, trace.rows[0].g_per_kwh, 1e-9, "direct");
    gb_intensity_trace_fini(&trace);
}

static void t15_an_open_half_hour_is_no_value(void **state) {
    gb_trace_file how = how_of(GB_TRACE_NESO);
    gb_intensity_trace trace;
    (void)state;

    load(&how, "neso.json", &trace);
    expect_type(&trace, GB_CARBON_CO2, GB_CARBON_OF_AVERAGE, GB_CARBON_DIRECT);
    expect_row(&trace, 1, AT_13 + 90 * MIN, AT_13 + 120 * MIN, 245.0,
               GB_INTENSITY_ACTUAL);
    expect_row(&trace, 2, AT_13 + 120 * MIN, AT_13 + 150 * MIN, NAN,
               GB_INTENSITY_ACTUAL);
    assert_int_equal(trace.nulls, 1);
    gb_intensity_trace_fini(&trace);
    how.forecast = true;
    expect_in_file(&how, "neso.json", 2, AT_13 + 120 * MIN, AT_13 + 150 * MIN,
                   240.0, GB_INTENSITY_FORECAST);
}

static void t14_pounds_for_each_megawatt_hour(void **state) {
    const gb_trace_file how = how_of(GB_TRACE_WATTTIME);
    gb_intensity_trace trace;
    double scale = 0.0;
    (void)state;

    load(&how, "watttime.json", &trace);
    expect_type(&trace, GB_CARBON_CO2, GB_CARBON_OF_MARGINAL, GB_CARBON_DIRECT);
    GB_EXPECT_NEAR(394.63, trace.rows[0].g_per_kwh, 0.005, "870 lb/MWh");
    GB_EXPECT_TEXT("CAISO_NORTH", trace.zone, "region");
    assert_int_equal(trace.rows[0].end_ns - trace.rows[0].begin_ns, 5 * MIN);
    gb_intensity_trace_fini(&trace);
    assert_true(gb_trace_unit("lb/MWh", &scale));
    GB_EXPECT_NEAR(394.63, 870.0 * scale, 0.005, "the same of a CSV");
    assert_false(gb_trace_unit("lbs", &scale));
}

static void carbon_aware_file(void **state) {
    gb_trace_file how = how_of(GB_TRACE_GSF);
    gb_intensity_trace trace;
    (void)state;

    how.gas = GB_CARBON_CO2E;
    how.kind = GB_CARBON_OF_AVERAGE;
    how.scope = GB_CARBON_LIFECYCLE;
    load(&how, "gsf.json", &trace);
    expect_row(&trace, 0, AT_13 - 300 * MIN, AT_13 + 180 * MIN, 65.5,
               GB_INTENSITY_ACTUAL);
    expect_row(&trace, 1, AT_13 + 180 * MIN, AT_13 + 660 * MIN, 70.0,
               GB_INTENSITY_ACTUAL);
    gb_intensity_trace_fini(&trace);
}

static void any_csv(void **state) {
    gb_trace_file how = how_of_csv();
    gb_intensity_trace trace;
    (void)state;

    load(&how, "plain.csv", &trace);
    expect_row(&trace, 0, AT_13 + 60 * MIN, AT_13 + 90 * MIN, 500.0,
               GB_INTENSITY_ACTUAL);
    assert_int_equal(trace.nulls, 1);
    gb_intensity_trace_fini(&trace);
    how.stamp_end = true;
    expect_in_file(&how, "plain.csv", 1, AT_13 + 60 * MIN, AT_13 + 90 * MIN,
                   520.0, GB_INTENSITY_ACTUAL);
}

/* --- mistakes ------------------------------------------------------------- */

static void refuse(const gb_trace_file *how, const char *text,
                   const char *said) {
    gb_intensity_trace trace;
    gb_error err = {0};

    GB_EXPECT_STATUS(GB_ERR_INVALID,
                     gb_trace_parse(how, "f", text, strlen(text), &trace, &err),
                     said, err);
    if (strncmp(err.what, said, strlen(said)) != 0)
        fail_msg("expected '%s', got '%s'", said, err.what);
}

#define MAPS(value, time)                                                      \
    "{\"carbonIntensity\":" value ",\"datetime\":\"2026-09-21T" time "Z\"}"

static void mistakes_in_json_have_their_line(void **state) {
    const gb_trace_file maps = how_of(GB_TRACE_ELECTRICITYMAPS_JSON);
    const gb_trace_file neso = how_of(GB_TRACE_NESO);
    const gb_trace_file watttime = how_of(GB_TRACE_WATTTIME);
    (void)state;

    refuse(&maps, "{}", "f:1: expected an object with a list history, data");
    refuse(&maps, "{\"history\":[\n{\"a\":1\n", "f:3: expected JSON: ");
    refuse(&maps, "{\"history\":[]}", "f:1: expected intensities, got none");
    refuse(&maps,
           "{\"history\":[\n" MAPS("1", "13:00:00") ",\n" MAPS("\"1\"",
                                                               "14:00:00") "]}",
           "f:3: carbonIntensity: expected a number or null, got '1'");
    refuse(&maps,
           "{\"history\":[\n" MAPS("1", "13:00:00") ",\n" MAPS("6000",
                                                               "14:00:00") "]}",
           "f:3: expected an intensity from 0 to 5000 g/kWh, got 6000");
    refuse(&maps, "{\"history\":[\n" MAPS("1", "13:00:00") "]}",
           "f:2: expected rows whose distance is their interval");
    refuse(&maps,
           "{\"history\":[\n" MAPS("1", "13:00:00") ",\n" MAPS(
               "2", "13:00:00") ",\n" MAPS("2", "14:00:00") "]}",
           "f:3: expected intervals that do not overlap, got one that begins "
           "3600 s before that of line 2 has ended");
    refuse(&maps,
           "{\"history\":[\n{\"carbonIntensity\":1,\"datetime\":\"2026-09-21 "
           "13:00\"}]}",
           "f:2: datetime: expected a time such as");
    refuse(&neso,
           "{\"data\":[\n{\"from\":\"2026-09-21T13:00Z\",\"to\":\"2026-09-"
           "21T13:30Z\",\"intensity\":{}}]}",
           "f:2: intensity.actual: expected a number or null, got nothing");
    refuse(&watttime,
           "{\"data\":[{}],\"meta\":{\"signal_type\":\"health_damage\"}}",
           "f:1: meta.signal_type: expected co2_moer or co2_aoer");
    refuse(&watttime,
           "{\"data\":[{}],\"meta\":{\"signal_type\":\"co2_moer\",\"units\":"
           "\"kg_co2_per_mwh\"}}",
           "f:1: meta.units: expected lbs_co2_per_mwh, got 'kg_co2_per_mwh'");
}

static void item_38_kinds_in_one_file_are_refused(void **state) {
    gb_trace_file maps = how_of(GB_TRACE_ELECTRICITYMAPS_JSON);
    static const char mixed[] =
        "{\"history\":[\n"
        "{\"carbonIntensity\":1,\"datetime\":\"2026-09-21T13:00Z\","
        "\"emissionFactorType\":\"lifecycle\"},\n"
        "{\"carbonIntensity\":1,\"datetime\":\"2026-09-21T14:00Z\","
        "\"emissionFactorType\":\"direct\"}]}";
    static const char zones[] =
        "{\"history\":[\n"
        "{\"carbonIntensity\":1,\"datetime\":\"2026-09-21T13:00Z\","
        "\"zone\":\"DE\"},\n"
        "{\"carbonIntensity\":1,\"datetime\":\"2026-09-21T14:00Z\","
        "\"zone\":\"FR\"}]}";
    (void)state;

    refuse(&maps, mixed,
           "f:3: expected average, lifecycle CO2e as before, got average, "
           "direct CO2e");
    refuse(&maps, zones, "f:3: expected the zone 'DE' as before, got 'FR'");
    maps.gas = GB_CARBON_CO2;
    refuse(&maps, "{\"history\":[\n" MAPS("1", "13:00:00") "]}",
           "f:2: expected what is named as its gas, kind and scope, got "
           "average, lifecycle CO2e");
}

static void mistakes_in_csv_have_their_line(void **state) {
    gb_trace_file csv = how_of_csv(), maps = how_of_csv();
    (void)state;

    maps.format = GB_TRACE_ELECTRICITYMAPS_CSV;
    maps.gas = -1;
    refuse(&csv, "timestamp,ci\n", "f:1: expected the columns 'timestamp' and");
    refuse(&csv, "timestamp,avg_CI\n2026-09-21 22:00,high\n",
           "f:2: expected a number, or nothing, got 'high'");
    refuse(&csv, "timestamp,avg_CI\nnoon,1\n", "f:2: expected a time such as");
    refuse(&csv, "timestamp,avg_CI\n2026-09-21 22:00,556.8\n",
           "f:2: expected an intensity from 0 to 5000 g/kWh, got 556800");
    refuse(&csv,
           "timestamp,avg_CI\n2026-09-21 22:00,0.5\n2026-09-21 22:20,0.5\n",
           "f:3: expected intervals that do not overlap, got one that begins "
           "600 s before that of line 2 has ended");
    refuse(&maps, "Datetime (UTC),Carbon intensity gCO2eq/MWh (direct)\n",
           "f:1: expected the columns 'Datetime (UTC)' and 'Carbon intensity "
           "gCO2eq/kWh (direct)'");
    csv.offset_s = GB_UTC_NO_OFFSET;
    refuse(&csv, "timestamp,avg_CI\n2026-09-21 22:00,0.5\n",
           "f:2: expected a time such as 2026-11-23T17:00:00+08:00");
}

static void daylight_saving_is_refused_or_flagged(void **state) {
    gb_trace_file csv = how_of_csv();
    static const char spring[] = "timestamp,avg_CI\n2026-03-29 01:30,0.5\n"
                                 "2026-03-29 03:00,0.5\n";
    static const char autumn[] = "timestamp,avg_CI\n2026-10-25 02:00,0.5\n"
                                 "2026-10-25 02:30,0.5\n"
                                 "2026-10-25 02:00,0.4\n"
                                 "2026-10-25 02:30,0.4\n";
    gb_intensity_trace trace;
    gb_error err = {0};
    (void)state;

    csv.offset_s = 3600;
    refuse(&csv, autumn, "f:4: expected intervals that do not overlap");
    GB_EXPECT_STATUS(
        GB_OK, gb_trace_parse(&csv, "f", spring, strlen(spring), &trace, &err),
        "spring", err);
    assert_int_equal(trace.gaps, 1);
    assert_non_null(strstr(trace.note, "f:3: a hole of exactly one hour"));
    gb_intensity_trace_fini(&trace);
}

static void as_many_rows_as_said(void **state) {
    const gb_trace_file how = how_of_csv();
    gb_intensity_trace trace = {.row_count = 2096896};
    gb_error err = {0};
    gb_trace_reader in = {.how = &how,
                          .name = "f",
                          .out = &trace,
                          .err = &err,
                          .room = trace.row_count};
    (void)state;

    GB_EXPECT_STATUS(GB_OK,
                     gb_trace_add(&in, 9, AT_13, 0, 1.0, GB_INTENSITY_ACTUAL),
                     "more than two million", err);
    assert_int_equal(in.room, 4000000);
    trace.row_count = in.room;
    GB_EXPECT_STATUS(
        GB_ERR_INVALID,
        gb_trace_add(&in, 4000002, AT_13, 0, 1.0, GB_INTENSITY_ACTUAL),
        "more than four", err);
    GB_EXPECT_TEXT("f:4000002: expected at most 4000000 intervals, got more",
                   err.what, "limit");
    free(trace.rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(electricity_maps_json),
        cmocka_unit_test(electricity_maps_csv),
        cmocka_unit_test(t15_an_open_half_hour_is_no_value),
        cmocka_unit_test(t14_pounds_for_each_megawatt_hour),
        cmocka_unit_test(carbon_aware_file),
        cmocka_unit_test(any_csv),
        cmocka_unit_test(mistakes_in_json_have_their_line),
        cmocka_unit_test(item_38_kinds_in_one_file_are_refused),
        cmocka_unit_test(mistakes_in_csv_have_their_line),
        cmocka_unit_test(daylight_saving_is_refused_or_flagged),
        cmocka_unit_test(as_many_rows_as_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
