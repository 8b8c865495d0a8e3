/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "machine.h"
#include "pipeline/report/report.h"

static machine m;
static const gb_report_style plain = {.columns = 80};
static const gb_report_style coloured = {.colour = true, .columns = 80};

/* Both documents of m.result against their golden files. */
static void check(const char *name) {
    char file[64];
    gb_str table = {0}, document = {0};
    gb_report_terminal(&m.result, &plain, &table);
    gb_report_markdown(&m.result, &document);
    golden_check_shape(name, &table, true);
    golden_check_shape(name, &document, false);
    snprintf(file, sizeof(file), "%s.txt", name);
    golden_check(file, &table);
    snprintf(file, sizeof(file), "%s.md", name);
    golden_check(file, &document);
}

static char *table_text(const gb_report_style *style) {
    gb_str table = {0};
    gb_report_terminal(&m.result, style, &table);
    golden_check_shape("table", &table, !style->colour);
    char *text = gb_str_take(&table);
    assert_non_null(text);
    return text;
}

static void a_result_without_benchmarks_says_so(void **state) {
    (void)state;
    machine_measured(&m, 1);
    m.result.bench_count = 0;
    m.plan.case_count = 0;
    m.result.status = GB_RUN_INTERRUPTED;
    m.result.idle_after.present = false;
    m.result.sampler_cpu_fraction = m.result.sample_cost_s = NAN;
    check("report-empty");
}

static void a_result_without_nodes_is_still_a_report(void **state) {
    (void)state;
    machine_measured(&m, 1);
    m.session.node_count = 0;
    m.result.bench_count = 0;
    m.result.source_count = 0;
    gb_str document = {0};
    gb_report_markdown(&m.result, &document);
    golden_check_shape("no nodes", &document, false);
    gb_str_fini(&document);
    char *text = table_text(&plain);
    assert_non_null(strstr(text, "0 nodes"));
    free(text);
}

static void an_invalid_trial_has_no_performance_per_watt(void **state) {
    (void)state;
    machine_measured(&m, 1);
    machine_invalid(&m.benches[1],
                    "rank 3: a[17]: expected 14.5, got 14.25 after 4096 "
                    "iterations",
                    "test the memory of node01");
    check("report-invalid");
    char *text = table_text(&plain);
    const char *row = strstr(text, "memory.triad");
    assert_non_null(row);
    const size_t length = strcspn(row, "\n");
    assert_non_null(strstr(row, "INVALID"));
    assert_null(memmem(row, length, "/W", 2));
    assert_null(memmem(row, length, "GB", 2));
    free(text);
}

static void what_had_finished_before_it_hung_is_told_in_one_line(void **state) {
    (void)state;
    machine_measured(&m, 1);
    gb_bench_result *hung = &m.benches[1];
    machine_invalid(hung, "expected a timed call to take 2 s at most",
                    "--trial-timeout gives it longer");
    hung->status = GB_ERR_TIMEOUT;
    hung->finished_before.n = 3;
    hung->finished_before.median = 44.69e9;
    char *text = table_text(&plain);
    assert_non_null(strstr(text, "\n  kept: 3 repetitions had finished before: "
                                 "median 44.69 GB/s\n"));
    free(text);
    gb_str document = {0};
    gb_report_markdown(&m.result, &document);
    golden_check_shape("hung", &document, false);
    assert_non_null(strstr(document.text,
                           "take 2 s at most; 3 repetitions had finished "
                           "before: median 44.69 GB/s; hint: "));
    gb_str_fini(&document);
}

static void missing_energy_is_a_dash_with_its_reason(void **state) {
    (void)state;
    machine_measured(&m, 1);
    for (size_t i = 0; i < 2; i++)
        machine_without_energy(&m, &m.benches[i],
                               "node01: cannot read package-0: permission "
                               "denied");
    m.nodes[0].cover = (gb_energy_cover){0};
    for (size_t i = 0; i < 3; i++)
        m.nodes[0].domains[i].summed = false;
    m.result.idle_before.power_w = m.result.idle_before.u_w = NAN;
    m.result.idle_before.energy.energy_j = NAN;
    gb_copy(m.result.idle_before.energy.reason,
            sizeof(m.result.idle_before.energy.reason), "permission denied");
    check("report-no-energy");
}

static void a_reason_a_warning_gives_is_not_given_twice(void **state) {
    (void)state;
    machine_measured(&m, 1);
    machine_without_energy(&m, &m.benches[0], "the window is too short");
    m.warnings[0] = (gb_warning){
        .code = "energy.none",
        .what = "compute.fma: no energy figure: the window is too short"};
    m.result.warning_count = 1;
    char *text = table_text(&plain);
    const char *first = strstr(text, "the window is too short");
    assert_non_null(first);
    assert_null(strstr(first + 1, "the window is too short"));
    free(text);
}

static void few_repetitions_have_no_interval(void **state) {
    (void)state;
    machine_measured(&m, 1);
    gb_series_stats *stats = &m.benches[0].performance;
    stats->n = 5;
    stats->ci95[0] = stats->ci95[1] = NAN;
    char *text = table_text(&plain);
    assert_non_null(strstr(text, "5 repetitions"));
    const char *row = strstr(text, "compute.fma");
    assert_null(memmem(row, strcspn(row, "\n"), "±", strlen("±")));
    free(text);
}

static void a_modelled_figure_is_labelled(void **state) {
    (void)state;
    machine_modelled(&m);
    check("report-modelled");
    char *text = table_text(&plain);
    const char *row = strstr(text, "compute.fma");
    assert_non_null(memmem(row, strcspn(row, "\n"), "modelled", 8));
    assert_null(strstr(text, "energy    measured"));
    free(text);
}

static void simulated_counters_are_labelled(void **state) {
    (void)state;
    machine_measured(&m, 1);
    gb_copy(m.session.sysroot, sizeof(m.session.sysroot), "/fixtures/amd");
    for (size_t i = 0; i < 2; i++)
        m.benches[i].energy.quality = GB_QUALITY_SIMULATED;
    char *text = table_text(&plain);
    const char *row = strstr(text, "memory.triad");
    assert_non_null(memmem(row, strcspn(row, "\n"), "simulated", 9));
    free(text);
    gb_str document = {0};
    gb_report_markdown(&m.result, &document);
    assert_non_null(strstr(document.text, "Simulated: counters were read"));
    gb_str_fini(&document);

    m.session.sysroot[0] = '\0';
    gb_report_markdown(&m.result, &document);
    assert_null(strstr(document.text, "Simulated"));
    gb_str_fini(&document);

    m.session.nodes[0].cover.quality = GB_QUALITY_SIMULATED;
    gb_report_markdown(&m.result, &document);
    assert_non_null(strstr(document.text, "Simulated: a library"));
    gb_str_fini(&document);
}

static void a_sweep_on_one_node_fits_80_columns(void **state) {
    (void)state;
    machine_measured(&m, 1);
    gb_bench_result *small =
        machine_add(&m, "network.pingpong", "message", 1.234e6, 145.0);
    gb_bench_result *large =
        machine_add(&m, "network.pingpong", "message", 3012.5, 148.0);
    small->latency_s = 0.807e-6;
    small->counts =
        (gb_work_counts){.network_bytes = 8.0 * 1.264e7, .messages = 1.264e7};
    gb_copy(small->roofline.reason, sizeof(small->roofline.reason),
            "messages below 1 KiB: latency holds them down, not bandwidth");
    large->counts = (gb_work_counts){.network_bytes = 3.0865e4 * 0x1p22,
                                     .messages = 3.0865e4};
    gb_copy(large->roofline.bound, sizeof(large->roofline.bound), "network");
    large->roofline.bound_fraction = 0.874;
    m.params[3][0] = (gb_plan_param){.name = "message_bytes", .text = "4MiB"};
    m.skips[0] = (gb_plan_skip){
        .id = "network.allreduce",
        .reason = "network.allreduce: expected 2 ranks or more, got 1",
        .hint = "mpirun -n 2 greenbench"};
    m.plan.skip_count = 1;
    m.warnings[0] = (gb_warning){.code = "plan.skipped",
                                 .what = "told by the list of skips"};
    m.result.warning_count = 1;
    check("report-one-node");
    char *text = table_text(&plain);
    assert_null(strstr(text, "told by the list"));
    free(text);
}

/* As with one rank, where all that communicates is left out. */
static void skips_for_one_reason_are_told_once(void **state) {
    static char ids[6][24], reasons[6][96];
    (void)state;
    machine_measured(&m, 1);
    for (int i = 0; i < 6; i++) {
        snprintf(ids[i], sizeof(ids[i]), "network.n%d", i);
        snprintf(reasons[i], sizeof(reasons[i]),
                 "%s is skipped: expected at least 2 ranks, got 1", ids[i]);
        m.skips[i] = (gb_plan_skip){.id = ids[i],
                                    .reason = reasons[i],
                                    .hint = "start with mpirun -n 2"};
    }
    m.skips[3].hint = "another";
    m.plan.skip_count = 6;
    char *text = table_text(&plain);
    assert_non_null(
        strstr(text, "skipped   network.n0, network.n1, network.n2 and 2 more: "
                     "expected at least 2\n          ranks, got 1\n"
                     "          hint: start with mpirun -n 2\n"
                     "skipped   network.n3: expected at least 2 ranks, got 1\n"
                     "          hint: another\n"));
    free(text);
}

static void four_nodes_are_told_apart_by_their_cover(void **state) {
    (void)state;
    machine_measured(&m, 4);
    gb_copy(m.nodes[3].cover.holds, sizeof(m.nodes[3].cover.holds),
            "2 packages + DRAM");
    m.nodes[3].cores = 64;
    check("report-four-nodes");
}

static void long_ids_and_units_never_widen_the_table(void **state) {
    static char id[] = "some_vendor_of_great_renown.benchmark_with_a_very_long"
                       "_name_here";
    static char unit[] = "transaction_of_the_bank";
    (void)state;
    machine_measured(&m, 1);
    machine_add(&m, id, "flop", 12e12, 1234.0);
    m.params[2][0] = (gb_plan_param){
        .name = "path",
        .text = "/a/path/without/any/blank/that/is/a/good/deal/longer/than/a/"
                "line/of/eighty/columns/can/hold"};
    char *text = table_text(&plain);
    assert_non_null(strstr(text, id));
    free(text);
    machine_add(&m, id, unit, 12e12, 1234.0);
    check("report-long");
}

static void texts_from_outside_cannot_move_the_cursor(void **state) {
    (void)state;
    machine_measured(&m, 1);
    machine_invalid(&m.benches[0], "\x1b[2J\rall is well\n\n# heading | x", "");
    char *text = table_text(&plain);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\r'));
    free(text);
    gb_str document = {0};
    gb_report_markdown(&m.result, &document);
    assert_null(strchr(document.text, '\x1b'));
    assert_null(strstr(document.text, "\n# heading"));
    assert_non_null(strstr(document.text, "\\| x"));
    gb_str_fini(&document);
}

/* Without its escape sequences the coloured table is the plain one. */
static void colours_change_no_character(void **state) {
    (void)state;
    machine_measured(&m, 1);
    machine_invalid(&m.benches[0], "wrong", "try again");
    char *with = table_text(&coloured), *without = table_text(&plain);
    char *to = with;
    assert_non_null(strchr(with, '\x1b'));
    for (const char *at = with; *at != '\0';) {
        if (*at == '\x1b')
            at += strcspn(at, "m") + 1;
        else
            *to++ = *at++;
    }
    *to = '\0';
    assert_string_equal(with, without);
    free(with);
    free(without);
}

static void a_resumed_run_says_which_part_is_of_which_launch(void **state) {
    static char resumed[] =
        "mpirun -n 2 greenbench --resume results/20261123T171810Z-4711";
    gb_session second;
    (void)state;
    machine_measured(&m, 1);
    char *text = table_text(&plain);
    assert_null(strstr(text, "launches"));
    free(text);
    second = m.session;
    second.launch = 2;
    second.command = resumed;
    second.started_utc_ns += 86400 * UINT64_C(1000000000);
    gb_copy(second.scheduler, sizeof(second.scheduler), "slurm job 4712");
    m.session.launch = 1;
    gb_launch_result launches[] = {
        {.session = &m.session,
         .status = GB_RUN_INTERRUPTED,
         .repetitions = 14},
        {.session = &second,
         .status = GB_RUN_COMPLETE,
         .ended_utc_ns = second.started_utc_ns + UINT64_C(30000000000),
         .repetitions = 6,
         .rebooted_nodes = 1},
    };
    m.result.launches = launches;
    m.result.launch_count = 2;
    check("report-resumed");
}

static void what_figures_rest_on_is_told_at_wish(void **state) {
    static const gb_report_style detailed = {.columns = 80, .detail = true};
    gb_str table = {0};

    (void)state;
    machine_measured(&m, 3);
    m.domains[1][0].status = GB_DOMAIN_STUCK;
    gb_report_terminal(&m.result, &detailed, &table);
    golden_check_shape("report-detail", &table, true);
    golden_check("report-detail.txt", &table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_without_benchmarks_says_so),
        cmocka_unit_test(a_result_without_nodes_is_still_a_report),
        cmocka_unit_test(an_invalid_trial_has_no_performance_per_watt),
        cmocka_unit_test(what_had_finished_before_it_hung_is_told_in_one_line),
        cmocka_unit_test(missing_energy_is_a_dash_with_its_reason),
        cmocka_unit_test(a_reason_a_warning_gives_is_not_given_twice),
        cmocka_unit_test(few_repetitions_have_no_interval),
        cmocka_unit_test(a_modelled_figure_is_labelled),
        cmocka_unit_test(simulated_counters_are_labelled),
        cmocka_unit_test(a_sweep_on_one_node_fits_80_columns),
        cmocka_unit_test(skips_for_one_reason_are_told_once),
        cmocka_unit_test(four_nodes_are_told_apart_by_their_cover),
        cmocka_unit_test(long_ids_and_units_never_widen_the_table),
        cmocka_unit_test(texts_from_outside_cannot_move_the_cursor),
        cmocka_unit_test(colours_change_no_character),
        cmocka_unit_test(a_resumed_run_says_which_part_is_of_which_launch),
        cmocka_unit_test(what_figures_rest_on_is_told_at_wish),
    };
    return cmocka_run_group_tests_name("pipeline/report", tests, NULL, NULL);
}
