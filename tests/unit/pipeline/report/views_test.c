/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "golden.h"
#include "machine.h"
#include "pipeline/report/report.h"

static machine m;
static const gb_report_style plain = {.columns = 80};

static void check(const char *name, gb_str *text) {
    golden_check_shape(name, text, true);
    golden_check(name, text);
}

static void no_plugins_is_said_with_a_hint(void **state) {
    const gb_catalogue catalogue = {0};
    gb_str out = {0};
    (void)state;
    gb_report_list(&catalogue, &plain, &out);
    golden_check_shape("list", &out, true);
    assert_non_null(strstr(out.text, "GREENBENCH_PLUGIN_PATH"));
    gb_str_fini(&out);
}

static void list_shows_parameters_paths_and_refusals(void **state) {
    gb_catalogue_param params[] = {
        {.name = "precision",
         .help = "number format",
         .default_text = "fp64",
         .accepts = "fp64|fp32"},
        {.name = "isa",
         .help = "vector instructions; auto takes the widest this CPU has",
         .default_text = "auto",
         .accepts = "auto|scalar|sse2|avx|avx2|avx512|neon|sve_128|sve_256|"
                    "sve_512"},
        {.name = "label", .help = "any word", .default_text = "x"},
    };
    gb_catalogue_entry entries[] = {
        {.id = "compute.fma",
         .version = "1.0.0",
         .summary = "multiply-adds held in registers: the peak of the vector "
                    "units",
         .work_unit = "flop",
         .path = "/usr/lib/greenbench/plugins/compute.fma.so",
         .params = params,
         .param_count = 3,
         .ranks_min = 1,
         .ranks_multiple = 1},
        {.id = "network.a_long_name_for_a_benchmark",
         .version = "0.9.1",
         .summary = "messages",
         .work_unit = "message",
         .path = "/opt/a/rather/long/path/to/the/plugins/of/a/vendor/network.a_"
                 "long_name_for_a_benchmark.so",
         .ranks_min = 2,
         .ranks_multiple = 2},
    };
    gb_catalogue_refusal refusals[] = {
        {.path = "/opt/p/compute.old.so",
         .what = "'/opt/p/compute.old.so': expected plugin ABI 1, got 2",
         .hint = "rebuild it with this installation's headers"}};
    const gb_catalogue catalogue = {.entries = entries,
                                    .count = 2,
                                    .refusals = refusals,
                                    .refusal_count = 1};
    gb_str out = {0};
    (void)state;
    gb_report_list(&catalogue, &plain, &out);
    check("list.txt", &out);
}

static void sensors_give_status_reason_and_fix(void **state) {
    gb_str out = {0};
    (void)state;
    machine_measured(&m, 1);
    gb_report_sensors(&m.nodes[0], NULL, &plain, &out);
    check("sensors.txt", &out);
}

static void sensors_show_what_was_measured(void **state) {
    gb_energy_figure figures[4] = {
        {.energy_j = 181.23, .u_j = 3.7, .window_s = 2.0},
        {.energy_j = NAN, .u_j = NAN, .window_s = 2.0},
        {.energy_j = 179.9, .u_j = 3.6, .window_s = 2.0},
        {.energy_j = NAN, .u_j = NAN},
    };
    const gb_node_figures measured = {
        .figures = figures,
        .total = {.energy_j = 361.13,
                  .u_j = 7.3,
                  .u95_j = 12.6,
                  .window_s = 2.0,
                  .quality = GB_QUALITY_MEASURED,
                  .wraps = 1,
                  .samples = 42},
        .contradictions = {{.code = "energy.exceeds",
                            .what = "parts exceed their whole: 2 of 'powercap' "
                                    "180 +- 5 W inside 'hwmon power_meter' "
                                    "120 +- 3 W"}},
        .contradiction_count = 1,
    };
    gb_str out = {0};
    (void)state;
    gb_copy(figures[1].reason, sizeof(figures[1].reason),
            "the counter stood still");
    machine_measured(&m, 1);
    gb_report_sensors(&m.nodes[0], &measured, &plain, &out);
    check("sensors-measured.txt", &out);
}

static void sensors_without_a_total_say_why(void **state) {
    gb_energy_figure figures[4];
    gb_node_figures measured = {
        .figures = figures,
        .total = {.energy_j = NAN, .u_j = NAN, .u95_j = NAN}};
    gb_str out = {0};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        figures[i] = measured.total;
    gb_copy(measured.total.reason, sizeof(measured.total.reason),
            "package-1 went backwards");
    machine_measured(&m, 1);
    m.nodes[0].cover.summed_count = 0;
    gb_report_sensors(&m.nodes[0], &measured, &plain, &out);
    golden_check_shape("sensors", &out, true);
    assert_non_null(strstr(out.text, "package-1 went backwards"));
    assert_non_null(strstr(out.text, "no counter could be read"));
    gb_str_fini(&out);
}

static void doctor_gives_evidence_and_fix(void **state) {
    gb_finding list[] = {
        {GB_SEVERITY_OK, "cpu.smt", "SMT is off or absent", "2 cores", ""},
        {GB_SEVERITY_WARNING, "cpu.governor", "CPU governor is powersave",
         "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor: powersave",
         "cpupower frequency-set -g performance, or keep it if this is how jobs "
         "run here"},
        {GB_SEVERITY_NOTE, "cpu.turbo", "turbo is on", "", ""},
        {GB_SEVERITY_ERROR, "energy", "no energy can be read",
         "holds: nothing; leaves out: nothing", "ask for the host's counters"},
    };
    const gb_findings findings = {.list = list, .count = 4};
    gb_str out = {0};
    (void)state;
    gb_report_findings("node01", &findings, &plain, &out);
    check("doctor.txt", &out);
}

static void an_empty_examination_is_no_health(void **state) {
    const gb_findings findings = {0};
    gb_str out = {0};
    (void)state;
    gb_report_findings("node01", &findings, &plain, &out);
    golden_check_shape("doctor", &out, true);
    assert_non_null(strstr(out.text, "nothing was examined"));
    gb_str_fini(&out);
}

static void a_plan_shows_all_parameters_and_skips(void **state) {
    gb_str out = {0};
    (void)state;
    machine_measured(&m, 1);
    m.cases[1].ci_percent = 2.5;
    m.cases[1].max_repeats = 100;
    m.skips[0] = (gb_plan_skip){.id = "network.pingpong",
                                .reason = "needs 2 ranks or more, got 1",
                                .hint = "mpirun -n 2 greenbench"};
    m.plan.skip_count = 1;
    gb_report_plan(&m.plan, &plain, &out);
    check("plan.txt", &out);
}

static void a_plan_without_cases_says_so(void **state) {
    gb_str out = {0};
    (void)state;
    machine_measured(&m, 1);
    m.plan.case_count = 0;
    m.plan.idle_s = 0.0;
    m.plan.counters = "";
    gb_report_plan(&m.plan, &plain, &out);
    golden_check_shape("plan", &out, true);
    assert_non_null(strstr(out.text, "no benchmark would run"));
    assert_non_null(strstr(out.text, "not measured"));
    gb_str_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plugins_is_said_with_a_hint),
        cmocka_unit_test(list_shows_parameters_paths_and_refusals),
        cmocka_unit_test(sensors_give_status_reason_and_fix),
        cmocka_unit_test(sensors_show_what_was_measured),
        cmocka_unit_test(sensors_without_a_total_say_why),
        cmocka_unit_test(doctor_gives_evidence_and_fix),
        cmocka_unit_test(an_empty_examination_is_no_health),
        cmocka_unit_test(a_plan_shows_all_parameters_and_skips),
        cmocka_unit_test(a_plan_without_cases_says_so),
    };
    return cmocka_run_group_tests_name("report views", tests, NULL, NULL);
}
