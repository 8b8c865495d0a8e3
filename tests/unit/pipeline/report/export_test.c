/* SPDX-License-Identifier: Apache-2.0 */
/* Results for other programs: CSV and OpenMetrics. */
#include "support/gb_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "golden.h"
#include "machine.h"
#include "pipeline/report/csv.h"
#include "pipeline/report/report.h"

enum { REPS = 3 };

static machine m;
static gb_reduced_rep reps[MACHINE_CASES][REPS];
static gb_reduced_case cases[MACHINE_CASES];
static gb_reduced reduced;

/* Three repetitions of each benchmark of m, with energy. */
static void reduce(void) {
    for (size_t c = 0; c < m.result.bench_count; c++) {
        for (uint32_t i = 0; i < REPS; i++)
            reps[c][i] = (gb_reduced_rep){
                .repetition = i,
                .valid = true,
                .time_s = 0.5 + 0.125 * i,
                .work = 1e9,
                .energy = {.energy_j = 100.0 + i,
                           .u_j = 1.0,
                           .u95_j = 2.0,
                           .window_s = 0.625,
                           .quality = GB_QUALITY_MEASURED,
                           .flags = GB_FLAG(GAPS) | GB_FLAG(SLOW)}};
        cases[c] = (gb_reduced_case){
            .case_index = (uint32_t)c, .reps = reps[c], .rep_count = REPS};
    }
    reduced = (gb_reduced){.cases = cases, .case_count = m.result.bench_count};
}

static char *csv_text(void) {
    gb_str out = {0};
    gb_report_csv(&m.result, &reduced, &out);
    return gb_str_take(&out);
}

/* --- CSV ------------------------------------------------------------------ */

static void cells_are_quoted_where_they_must_be(void **state) {
    static const struct {
        const char *text, *cell;
    } cells[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"a,b", "\"a,b\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1", "'-1"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"=cmd|' /C calc'!A0,\"x\"", "\"'=cmd|' /C calc'!A0,\"\"x\"\"\""},
        {"\tx", "' x"},
        {"\rx", "\"'\rx\""},
        {"bell\a", "bell "},
        {"Zürich 中", "Zürich 中"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cells); i++) {
        gb_str out = {0};
        gb_csv csv = {.out = &out};
        gb_csv_text(&csv, cells[i].text);
        gb_csv_text(&csv, "next");
        gb_csv_end_row(&csv);
        char want[128];
        snprintf(want, sizeof(want), "%s,next\r\n", cells[i].cell);
        GB_EXPECT_TEXT(want, out.text, cells[i].text);
        gb_str_fini(&out);
    }
}

static void numbers_read_back_equal_and_missing_ones_are_empty(void **state) {
    static const double values[] = {0.1, 1.0 / 3.0, -2.5e-300, 1e12, 73.2824};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(values); i++) {
        gb_str out = {0};
        gb_csv csv = {.out = &out};
        gb_csv_real(&csv, values[i]);
        assert_true(strtod(out.text, NULL) == values[i]);
        gb_str_fini(&out);
    }
    gb_str out = {0};
    gb_csv csv = {.out = &out};
    gb_csv_real(&csv, 0.1);
    gb_csv_real(&csv, NAN);
    gb_csv_real(&csv, INFINITY);
    gb_csv_bool(&csv, true);
    gb_csv_whole(&csv, UINT64_MAX);
    gb_csv_end_row(&csv);
    assert_string_equal(out.text, "0.1,,,true,18446744073709551615\r\n");
    gb_str_fini(&out);
}

static void a_row_for_each_benchmark_and_repetition(void **state) {
    (void)state;
    machine_measured(&m, 1);
    reduce();
    char *text = csv_text();
    size_t rows = 0, commas = 0, first = 0;
    bool quoted = false;
    for (const char *at = text; *at != '\0'; at++) {
        quoted ^= *at == '"';
        commas += *at == ',' && !quoted;
        if (*at != '\n')
            continue;
        assert_int_equal(at[-1], '\r');
        if (rows == 0)
            first = commas;
        assert_int_equal(commas, first);
        commas = 0;
        rows++;
    }
    assert_int_equal(rows, 1 + 2 * REPS);
    assert_non_null(strstr(text, "time_s,work,work_unit,performance_per_s,"
                                 "energy_j,energy_u_j,energy_u95_j"));
    assert_non_null(strstr(text, ",true,OK,,,0.5,1000000000,flop,2000000000,"
                                 "100,1,2,0.625,160,10000000,measured,"));
    assert_non_null(strstr(text, "gaps slow"));
    free(text);
}

static void what_failed_has_a_row_and_its_reason(void **state) {
    (void)state;
    machine_measured(&m, 1);
    reduce();
    machine_invalid(&m.benches[1], "wrong sum, \"14.5\"", "");
    cases[1].rep_count = 0;
    reps[0][1].valid = false;
    gb_copy(reps[0][1].reason, sizeof(reps[0][1].reason), "too late");
    reps[0][2].energy.energy_j = reps[0][2].energy.u95_j = NAN;
    gb_copy(reps[0][2].energy.reason, sizeof(reps[0][2].energy.reason),
            "permission denied");
    char *text = csv_text();
    assert_non_null(strstr(text, ",,,,false,ERR_VERIFY,\"wrong sum, "
                                 "\"\"14.5\"\"\",,,,"));
    assert_non_null(strstr(text, ",false,OK,too late,,0.625,,"));
    assert_non_null(
        strstr(text, ",flop,1333333333.3333333,,,,,,,unavailable,"));
    assert_non_null(strstr(text, ",permission denied\r\n"));
    assert_null(strstr(text, "nan"));
    free(text);
}

/* --- samples -------------------------------------------------------------- */

static void samples_are_joules_and_watts(void **state) {
    gb_sample rows[] = {
        {.domain = 0,
         .mark = true,
         .reading = {.ticks = 1000001, .time_ns = 5, .ok = true}},
        {.domain = 1,
         .reading = {.ticks = 250, .time_ns = UINT64_MAX, .ok = true}},
        {.domain = 0, .reading = {.ticks = 7, .time_ns = 9}},
    };
    (void)state;
    machine_measured(&m, 1);
    m.session.launch = 2;
    m.nodes[0].domains[0].wrap_ticks = 262143328850;
    m.nodes[0].domains[1].kind = GB_READING_POWER;
    m.nodes[0].domains[1].tick_j = 0.5;
    gb_copy(m.nodes[0].name, sizeof(m.nodes[0].name), "a,b");
    const gb_run_log log = {
        .session = m.session, .samples = rows, .sample_count = 3};
    gb_str out = {0};
    gb_error err = {0};
    const gb_text_sink sink = gb_str_sink(&out);
    GB_EXPECT_STATUS(GB_OK, gb_report_csv_samples(&log, &sink, &err), "samples",
                     err);
    golden_check("samples.csv", &out);
}

/* --- OpenMetrics ---------------------------------------------------------- */

static void metrics_are_the_golden_ones(void **state) {
    gb_str out = {0};
    (void)state;
    machine_measured(&m, 1);
    gb_report_openmetrics(&m.result, &out);
    golden_check_shape("openmetrics", &out, false);
    golden_check("report.prom", &out);
}

static void labels_are_escaped_and_no_two_samples_are_one(void **state) {
    gb_str out = {0};
    (void)state;
    machine_measured(&m, 1);
    machine_add(&m, m.cases[0].id, "flop", 1e12, 100.0);
    gb_copy(m.session.run_id, sizeof(m.session.run_id), "a\"b\\c\nd\x01");
    machine_without_energy(&m, &m.benches[1], "no counter");
    machine_invalid(&m.benches[2], "wrong", "");
    m.plan.cases[2].param_count = m.plan.cases[0].param_count;
    m.plan.cases[2].params = m.plan.cases[0].params;
    gb_report_openmetrics(&m.result, &out);
    assert_non_null(strstr(out.text, "{run_id=\"a\\\"b\\\\c\\nd \","));
    assert_non_null(strstr(out.text, "occurrence=\"2\"} 0\n"));
    /* Neither has one: no sample, and no zero. */
    assert_null(strstr(out.text, "greenbench_performance_flops_per_second{"
                                 "benchmark=\"compute.fma\",params=\"\","
                                 "occurrence"));
    assert_null(
        strstr(out.text, "greenbench_energy_joules{benchmark=\"memory"));
    gb_str_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_quoted_where_they_must_be),
        cmocka_unit_test(numbers_read_back_equal_and_missing_ones_are_empty),
        cmocka_unit_test(a_row_for_each_benchmark_and_repetition),
        cmocka_unit_test(what_failed_has_a_row_and_its_reason),
        cmocka_unit_test(samples_are_joules_and_watts),
        cmocka_unit_test(metrics_are_the_golden_ones),
        cmocka_unit_test(labels_are_escaped_and_no_two_samples_are_one),
    };
    return cmocka_run_group_tests_name("pipeline/report/export", tests, NULL,
                                       NULL);
}
