/* SPDX-License-Identifier: Apache-2.0 */
/* Writes one of each document of the sample run into a directory, for
 * documents_test.py. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "sample.h"

/* Takes @p text. */
static int put(FILE *file, char *text, const char *end) {
    if (file == NULL || text == NULL)
        return 1;
    const int failed = fputs(text, file) < 0 || fputs(end, file) < 0;
    free(text);
    return failed;
}

static FILE *file_in(const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return fopen(path, "w");
}

static int put_document(const char *folder, const char *name, char *text) {
    FILE *file = file_in(folder, name);
    const int failed = put(file, text, "");
    return file == NULL || fclose(file) != 0 || failed;
}

static int put_comparison(const char *folder) {
    char id[] = "memory.triad", params[] = "array_bytes=64MiB", none[] = "";
    gb_compared_bench benches[] = {
        {.id = id,
         .params = params,
         .work = 1e9,
         .work_unit = "byte",
         .no_energy = "no counter"},
        {.id = id,
         .params = none,
         .work = NAN,
         .failed = true,
         .reason = "NEW failed: wrong sum"},
    };
    benches[0].metrics[GB_COMPARE_PERFORMANCE] =
        (gb_compared_metric){.present = true,
                             .decides = true,
                             .base = 2e9,
                             .next = 1.9e9,
                             .unit = "byte/s",
                             .base_n = 10,
                             .next_n = 12,
                             .method = "welch",
                             .ratio = 0.95,
                             .ci95 = {0.94, 0.96},
                             .u_rel = 0.005,
                             .dof = INFINITY,
                             .p_differs = 1e-9,
                             .p_outside = 0.999,
                             .holm_differs = 4e-9,
                             .holm_outside = 1.0,
                             .verdict = GB_COMPARE_WORSE,
                             .repetitions = NAN};
    benches[0].metrics[GB_COMPARE_POWER] =
        (gb_compared_metric){.present = true,
                             .unit = "W",
                             .method = "",
                             .ci95 = {NAN, NAN},
                             .verdict = GB_COMPARE_UNDECIDED,
                             .repetitions = 54.0,
                             .reason = "one repetition has no interval"};
    gb_warning differences[] = {
        {.code = "compare.cpu", .what = "processor: A in BASE, B in NEW"}};
    gb_compared_pair pair = {
        .base = {"results/a", &sample_session},
        .next = {"results/b", &sample_session},
        .benches = benches,
        .bench_count = 2,
        .differences = differences,
        .difference_count = 1,
        .verdicts = {[GB_COMPARE_WORSE] = 1, [GB_COMPARE_UNDECIDED] = 1},
        .failed = 1};
    const gb_comparison comparison = {.alpha = 0.05,
                                      .margin = 0.02,
                                      .metrics = GB_COMPARE_ALL,
                                      .tests = 4,
                                      .pairs = &pair,
                                      .pair_count = 1,
                                      .regression = true};
    gb_gate_finding found[] = {
        {id, params, false, GB_COMPARE_PERFORMANCE, 0.94, 0.96},
        {id, none, true, GB_COMPARE_PERFORMANCE, NAN, NAN}};
    const gb_gate gate = {.comparisons = &comparison,
                          .count = 1,
                          .comparable = 1,
                          .found = found,
                          .found_count = 2};
    return put_document(folder, "compare.json",
                        gb_json_comparison(&comparison)) |
           put_document(folder, "gate.json", gb_json_gate(&gate));
}

static int put_grading(const char *folder) {
    static const gb_stated stated = {
        .name = "stated.yaml",
        .sha256 =
            "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e",
        .system_nodes = 4,
        .random = true,
        .chosen = "shuf",
        .parts = {{"interconnect", GB_PART_ESTIMATE, 600.0, "data sheet"}},
        .part_count = 1,
        .meters = {{.meter = "external:*",
                    .make = "A",
                    .model = "B",
                    .calibrated = "2026",
                    .source = "C",
                    .accuracy = 0.01,
                    .form = "bound",
                    .update_s = 0.2}},
        .meter_count = 1,
        .loss = GB_LOSS_DATA_SHEET,
        .supply_efficiency = 0.94,
        .loss_source = "data sheet",
        .coolant = "32 degC",
        .supply = "230 V"};
    char id[] = "compute.hpl", unit[] = "flop";
    const gb_plan_case planned = {.id = id, .work_unit = unit};
    const gb_grading grading = {
        .methodology = GB_METHODOLOGY_2_0,
        .session = &sample_session,
        .planned = &planned,
        .repetition = 1,
        .repetitions = 3,
        .performance = 5.2e15,
        .work = 1.3e18,
        .efficiency = NAN,
        .efficiency_u = NAN,
        .efficiency_reason = "no counter",
        .core = {.energy_j = NAN, .reason = "no counter"},
        .core_w = NAN,
        .sets = {{"CPU", 4, 2, 900.0}},
        .set_count = 1,
        .meters = {{"external", "pdu", GB_SCOPE_NODE_AC, GB_READING_POWER, 0.01,
                    1.0, 2, &stated.meters[0]},
                   {"ipmi", "dcmi", GB_SCOPE_NODE_AC, GB_READING_POWER, NAN,
                    0.0, 2, NULL}},
        .meter_count = 2,
        .facts = {.point = GB_POINT_CONTROLLER,
                  .nodes = 4,
                  .metered = 2,
                  .system_nodes = 4},
        .lambda = 0.03,
        .stated = &stated,
        .submission = {1800.0, 40.0, 600.0, 2400.0, NAN, NAN, "no counter"},
        .grades = {.invalid = true,
                   .label = "component-level",
                   .weakest = GB_ASPECT_TIMING,
                   .reason = "timing: expected a core phase",
                   .aspects = {{1, "a", "b"}, {3, "c", ""}}}};

    return put_document(folder, "grade.json", gb_json_grading(&grading));
}

static gb_status give_summary(const void *result, const gb_text_sink *sink,
                              gb_error *err) {
    return gb_json_summary(result, sink, err);
}

static gb_status give_trends(const void *trends, const gb_text_sink *sink,
                             gb_error *err) {
    return gb_json_trends(trends, sink, err);
}

static char *text_of(gb_text_source source, const void *what) {
    gb_str text = {0};
    gb_error err;
    const gb_text_sink sink = gb_str_sink(&text);

    if (source(what, &sink, &err) != GB_OK)
        text.failed = true;
    return gb_str_take(&text);
}

static int put_history(const char *folder) {
    char id[] = "memory.triad", params[] = "array_bytes=64MiB", unit[] = "byte";
    char system[] = "1 x CPU, 4 cores", path[] = "/results/a", none[] = "";
    char version[] = "1.0.0";
    gb_history_run runs[] = {{.run_id = id,
                              .path = path,
                              .suite = none,
                              .tool_version = version,
                              .system = system,
                              .started_utc_ns = 1795454290000000000,
                              .status = GB_RUN_INTERRUPTED,
                              .ranks = 4,
                              .nodes = 1,
                              .benchmarks = 2,
                              .failed = 1}};
    gb_history_point points[] = {
        {"a", "0.1.0", "1.0.0", "", 1795454290000000000, {1e9, NAN, NAN}},
        {"b", "0.2.0", "1.0.0", "", 0, {9e8, NAN, NAN}}};
    const gb_history_point *in_order[] = {&points[0], &points[1]};
    const gb_history_series series = {.benchmark = id,
                                      .params = params,
                                      .system = system,
                                      .work_unit = unit,
                                      .ranks = 4,
                                      .nodes = 1,
                                      .points = points,
                                      .point_count = 2};
    gb_trend_change changes[] = {{1, 0.004, 1e9, 9e8, -0.1, true}};
    gb_trend trend = {.series = &series,
                      .metric = GB_TREND_PERFORMANCE,
                      .unit = "byte/s",
                      .points = in_order,
                      .point_count = 2,
                      .left_out = 3,
                      .median = 9e8,
                      .changes = changes,
                      .change_count = 1};
    const gb_history_runs list = {runs, 1};
    const gb_trends trends = {.alpha = 0.01, .list = &trend, .count = 1};
    return put_document(folder, "history_list.json",
                        gb_json_history_runs(&list)) |
           put_document(folder, "trend.json", text_of(give_trends, &trends));
}

static int put_validation(const char *folder) {
    gb_validation validation = {.path = "results/r", .run_id = "r"};
    const gb_violation violation = {.check = GB_CHECK_FILES,
                                    .severity = GB_SEVERITY_ERROR,
                                    .code = "files.size",
                                    .file = "samples",
                                    .expected = "7 B",
                                    .found = "8 B"};
    gb_validation_done(&validation, GB_CHECK_FILES, "%d files", 1);
    gb_validation_skip(&validation, GB_CHECK_SIGNATURE, "nobody asked");
    gb_validation_add(&validation, &violation);
    gb_validation_leave(&validation, "the program");
    const int failed =
        put_document(folder, "validate.json", gb_json_validation(&validation));
    gb_validation_fini(&validation);
    return failed;
}

int main(int argc, char **argv) {
    static gb_energy_figure figures[] = {
        {.energy_j = 120.5,
         .window_s = 2.0,
         .u_j = 3.5,
         .quality = GB_QUALITY_MEASURED,
         .wraps = 1,
         .samples = 21},
        {.energy_j = 0.0},
    };
    const gb_node_figures measured = {
        .figures = figures,
        .total = figures[0],
        .contradictions = {{.code = "energy.disagree",
                            .what = "'perf package-0' 60 +- 2 W, 'powercap "
                                    "package-0' 90 +- 2 W"}},
        .contradiction_count = 1,
    };
    static const gb_manifest_entry entries[] = {
        {"plan.json", "result",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3},
    };
    if (argc != 2)
        return 2;
    const char *folder = argv[1];
    const gb_node *node = &sample_session.nodes[0];
    FILE *records = file_in(folder, "records.jsonl");
    int failed = put(records, gb_json_session(&sample_session), "\n");
    failed |= put(records, gb_json_trial(&sample_trial, &sample_plan), "\n");
    failed |= put(records, gb_json_rep(&sample_rep, 3, 2), "\n");
    failed |= put(records, gb_json_idle(&sample_idle, 2), "\n");
    failed |= put(records, gb_json_warning(&sample_warning), "\n");
    failed |= put(records, gb_json_end(&sample_end, 2), "\n");
    failed |= records == NULL || fclose(records) != 0;
    failed |= put_document(folder, "plan.json", gb_json_plan(&sample_plan));
    failed |= put_document(folder, "summary.json",
                           text_of(give_summary, &sample_result));
    failed |=
        put_document(folder, "list.json", gb_json_list(&sample_catalogue));
    const gb_node_findings node_findings[] = {{"c01", sample_findings},
                                              {"c02", sample_findings}};
    failed |=
        put_document(folder, "doctor.json", gb_json_findings(node_findings, 2));
    failed |=
        put_document(folder, "sensors.json", gb_json_sensors(node, &measured));
    failed |=
        put_document(folder, "sensors-idle.json", gb_json_sensors(node, NULL));
    gb_selftest_case cases[] = {
        {.machine = "amd-epyc-2s",
         .right = true,
         .expected = "55080.000 J",
         .got = "55080.000 J",
         .wrong = {{"ignore_wrap_sum_j", -10344.6, true}},
         .wrong_count = 1},
        {.machine = "faults/frozen",
         .expected = "stuck",
         .got = "ok",
         .why = "expected its powercap zones to be 'stuck', got 'ok'"}};
    const gb_selftest selftest = {
        .cases = cases, .count = 2, .wrong_rejected = 1, .took_s = 0.05};
    failed |=
        put_document(folder, "selftest.json", gb_json_selftest(&selftest));
    const gb_conformance conformance = {
        .path = "acme.spmv.so",
        .ranks = 2,
        .findings = {[GB_RULE_LOADS] = {.verdict = GB_VERDICT_BROKEN,
                                        .what = "undefined symbol"}}};
    failed |= put_document(folder, "plugin_check.json",
                           gb_json_conformance(&conformance));
    failed |= put_document(folder, "manifest.json",
                           gb_json_manifest("run", entries, 1));
    failed |= put_comparison(folder);
    failed |= put_validation(folder);
    failed |= put_history(folder);
    failed |= put_grading(folder);
    return failed;
}
