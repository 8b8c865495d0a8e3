/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <math.h>

static char again[] = "mpirun -n 3 greenbench --resume results/1";
static char command[] = "mpirun -n 3 greenbench -b 'memory.*'";
static char counters[] = "perf::PAGE-FAULTS,PAPI_TOT_INS";
static char absent[] = "PAPI_FP_OPS: not on this CPU";
static char none[] = "none", text_auto[] = "auto", suite[] = "weekly";
static char id_fma[] = "compute.fma", id_triad[] = "memory.triad";
static char version[] = "1.0.0", flop[] = "flop", byte[] = "byte";
static char array_bytes[] = "array_bytes", mebi[] = "64MiB";
static char precision[] = "precision", fp64[] = "fp64";
static char ratio[] = "ratio", third[] = "0.3";

static gb_energy_domain domains_a[] = {
    {.source = "powercap",
     .name = "package-0",
     .path = "/sys/class/powercap/intel-rapl:0/energy_uj",
     .kind = GB_READING_ENERGY,
     .scope = GB_SCOPE_PACKAGE,
     .package = 0,
     .die = -1,
     .tick_j = 1e-6,
     .step_j = 6.103515625e-05,
     .wrap_ticks = 262143328851,
     .update_ns = 1000000,
     .max_power_w = 450.25,
     .u_rel = 0.03,
     .status = GB_DOMAIN_OK,
     .quality = GB_QUALITY_MEASURED,
     .summed = true},
    {.source = "hwmon",
     .name = "grace-1",
     .kind = GB_READING_POWER,
     .scope = GB_SCOPE_GRACE,
     .package = -1,
     .die = 3,
     .tick_j = 1e-6,
     .step_j = 0.1,
     /* Above what a JSON reader takes for a number. */
     .wrap_ticks = UINT64_MAX,
     .average_ns = 50000000,
     .max_power_w = 1000.0,
     .u_rel = 0.05,
     .u_w = 0.25,
     .plugin = {"acme.pdu", "1.2.3", "0123abcd"},
     .status = GB_DOMAIN_FORBIDDEN,
     .quality = GB_QUALITY_UNAVAILABLE,
     .reason = "cannot read it: permission denied (uid 1000)",
     .fix = "ask for read access"},
};

static gb_energy_domain domains_b[] = {
    {.source = "model",
     .name = "node",
     .kind = GB_READING_ENERGY,
     .scope = GB_SCOPE_NODE_AC,
     .package = -1,
     .die = -1,
     .tick_j = 0.25,
     .step_j = 0.25,
     .max_power_w = 2000.0,
     .u_rel = 0.5,
     .status = GB_DOMAIN_OK,
     .quality = GB_QUALITY_MODELLED,
     .summed = true},
};

static gb_node nodes[] = {
    {.name = "c01",
     .boot_id = "0b9c1f6e-0000-4000-8000-000000000001",
     .cpu = "AMD EPYC \"7763\" 64-Core Processor",
     .cpu_vendor = "AuthenticAMD",
     .cpu_family = 25,
     .cpu_model = 1,
     .cpu_stepping = 2,
     .microcode = "0xa0011d5",
     .kernel = "6.1.0-18-amd64",
     .packages = 2,
     .cores = 128,
     .pus = 256,
     .numa_nodes = 8,
     .smt = true,
     .memory_bytes = 549755813888,
     .memory_usable_bytes = 540000000000,
     .cgroup_limit_bytes = 9223372036854771712u,
     .cache_bytes = 536870912,
     .governor = "performance",
     .turbo = "on",
     .power_caps = "package-0 280 W long_term",
     .virtualisation = "none",
     .clock_source = "tsc",
     .perf_event_paranoid = 2,
     .ranks = 2,
     .sampler_pu = 5,
     .sampler_place = "PU 5, outside the ranks' cores",
     .domains = domains_a,
     .domain_count = 2,
     .cover = {GB_QUALITY_MEASURED, 1, "1 package", "DRAM, fans", ""}},
    {.name = "c02",
     .perf_event_paranoid = -100,
     .ranks = 1,
     .sampler_pu = -1,
     .domains = domains_b,
     .domain_count = 1,
     .cover = {GB_QUALITY_MODELLED, 1, "an estimate of the whole node", "",
               ""}},
};

static gb_rank_place places[] = {
    {0, 64, "0-63"}, {0, 64, "64-127"}, {1, 1, "3"}};

static char job_nodes[] = "c[01-02]";

gb_session sample_session = {
    .run_id = "20261123T171810Z-4711",
    .launch = 1,
    .tool_version = "0.1.0",
    .tool_git = "abc1234",
    .tool_build = "GNU 12.2.0, Release, x86_64",
    .command = command,
    .started_utc_ns = 1795454290123456789u,
    .ranks = 3,
    .nodes = nodes,
    .node_count = 2,
    .places = places,
    .mpi = "Open MPI v4.1.4",
    .job = {.system = "slurm",
            .id = "4711",
            .queue = "cpu",
            .nodes = job_nodes},
    .scheduler = "slurm job 4711",
    .sysroot = "/fixtures/amd",
    .counters = counters,
    .counters_absent = absent,
    .suite = "weekly",
    .sample_hz = 10.0,
    .require_energy = true,
};

static gb_plan_param params_fma[] = {
    {precision, fp64, GB_VALUE_TEXT, 0, 0.0, true},
    {ratio, third, GB_VALUE_F64, 0, 0.3, false},
};
static gb_plan_param params_triad[] = {
    {array_bytes, mebi, GB_VALUE_BYTES, 67108864, 67108864.0, false}};
static gb_plan_case cases[] = {
    {.id = id_fma,
     .version = version,
     .work_unit = flop,
     .params = params_fma,
     .param_count = 2,
     .repeats = 10,
     .max_repeats = 100,
     .ci_percent = 2.5,
     .min_time_s = 0.5},
    {.id = id_triad,
     .version = version,
     .work_unit = byte,
     .params = params_triad,
     .param_count = 1,
     .repeats = 6,
     .max_repeats = 6,
     .min_time_s = 0.1},
};
static char id_ping[] = "network.pingpong";
static char skip_reason[] = "network.pingpong is skipped: expected a number of "
                            "ranks that is a multiple of 2, got 3";
static char skip_hint[] = "start with mpirun -n 2 or -n 4";
static gb_plan_skip skips[] = {{id_ping, skip_reason, skip_hint, 2, 2}};

gb_plan sample_plan = {
    .suite_name = suite,
    .cases = cases,
    .case_count = 2,
    .skips = skips,
    .skip_count = 1,
    .idle_s = 2.0,
    .energy = text_auto,
    .sample_hz = 10.0,
    .counters = counters,
    .ranks = 3,
    .estimate_s = 12.75,
};

static gb_note notes[] = {{"isa", "avx512"}, {"pairs", "0-1 \"far\""}};

gb_trial_record sample_trial = {
    .case_index = 1,
    .status = GB_OK,
    .rank = -1,
    .iterations = 123456789012345u,
    .warmup_s = 0.1234567890123456,
    .notes = notes,
    .note_count = 2,
};

static gb_rank_rep rank_reps[] = {
    {.elapsed_s = 0.1,
     .work = 1e9,
     .checksum = 0.30000000000000004,
     .flops = 2e9,
     .in_flight = 0.5,
     .preempted = 3.0,
     .moved = 1.0,
     .peer_plus_1 = 3},
    {.elapsed_s = 0.2,
     .work = 1.0000000000000002e9,
     .checksum = -0.0,
     .messages = 1e6,
     .preempted = NAN,
     .moved = NAN},
    {.elapsed_s = 0.3, .work = 1e9, .checksum = NAN, .peer_plus_1 = 1},
};
static gb_node_condition conditions[] = {{0.01, NAN}, {0.0, 3.5e9}};
static gb_node_window windows[] = {{100000000000, 100300000000},
                                   {9007199254740993, 9007199554740993}};
static uint64_t counts[] = {1, 9007199254740993u,   GB_COUNT_NONE, 4,
                            0, 9223372036854775808u};

gb_rep_record sample_rep = {
    .case_index = 1,
    .repetition = 3,
    .status = GB_ERR_VERIFY,
    .rank = 2,
    .what = "a[512]: expected 7, got 6.5",
    .hint = "check the memory",
    .iterations = 77,
    .begin_utc_ns = 1795454300123456789u,
    .elapsed_s = 0.3,
    .ranks = rank_reps,
    .windows = windows,
    .conditions = conditions,
    .counters = counts,
    .counter_count = 2,
};

gb_idle_record sample_idle = {.after = true, .windows = windows};

gb_warning sample_warning = {.code = "energy.modelled",
                             .what = "energy is an estimate",
                             .hint = "grant read access"};

static gb_sampler_cost costs[] = {{0.001, 60.5, 605, 1, 606, 2, 10.0},
                                  {0.002, 60.25, 604, 0, 605, 0, 10.0}};
gb_end_record sample_end = {
    .status = GB_RUN_INTERRUPTED,
    .ended_utc_ns = 1795454350123456789u,
    .init_s = 0.25,
    .costs = costs,
};

/* --- a result ------------------------------------------------------------- */

static double raw[] = {9.0, 10.0, 11.0, 9.5, 10.5, 10.25};
static double times[] = {0.11, 0.1, 0.09, 0.105, 0.095, 0.0975};
static double joules[] = {30.0, 31.0, NAN, 29.0, 30.5, 30.25};
static double counter_means[] = {2.5, NAN};
static gb_bench_node bench_nodes[] = {{0, 100.0, 3.0, 120.0, 7.0},
                                      {1, NAN, NAN, NAN, 3.0}};

static uint32_t launch_raw[] = {0, 0, 0, 0, 1, 1};
static gb_node_outlier outliers[] = {{1, GB_NODE_POWER, 168.0, 5.0, 0.4, true}};

static gb_slow_pair slow_pairs[] = {{{0, 1}, 3, 4e-4, 3.0, true}};

static gb_bench_result benches[] = {
    {.case_index = 0,
     .valid = true,
     .performance = {10.0, 10.05, 10.125, 0.5, {9.0, 11.0}, 6, raw},
     .unit = "flop/s",
     .time_s = {0.1, 0.1, 0.1, 0.01, {0.09, 0.11}, 6, times},
     .work = 6.0,
     .work_unit = "flop",
     .energy = {.energy_j = 180.75,
                .window_s = 0.6,
                .budget = {.quantisation_j = 0.1,
                           .phase_j = 0.2,
                           .latency_j = 0.3,
                           .unsampled_j = 0.4,
                           .calibration_j = 0.5},
                .u_j = 5.4,
                .u95_j = 10.5,
                .quality = GB_QUALITY_MEASURED,
                .wraps = 1,
                .samples = 60,
                .gaps = 2,
                .errors = 3,
                .unsampled_s = 0.06,
                .flags = GB_FLAG(GAPS) | GB_FLAG(ERRORS)},
     .counts = {.network_bytes = 7230.0, .messages = 36.15},
     .energy_raw = joules,
     .launch_raw = launch_raw,
     .net_j = 100.5,
     .net_u_j = 6.0,
     .power_w = 301.25,
     .power_u_w = 9.0,
     .efficiency = 0.0332,
     .efficiency_u = 0.001,
     .efficiency_ci95 = {0.03, 0.036},
     .efficiency_unit = "flop/J",
     .edp_js = 18.0,
     .window_ratio = 1.002,
     .variability = {.present = true,
                     .spreads = {{.n = 2,
                                  .median = 5.0,
                                  .fences = {NAN, NAN},
                                  .far_fences = {NAN, NAN},
                                  .unjudged = "2 of 2 nodes"},
                                 {.n = 8,
                                  .median = 120.0,
                                  .cv = 0.02,
                                  .fences = {110.0, 130.0},
                                  .far_fences = {105.0, 135.0}},
                                 {.n = 8}},
                     .outliers = outliers,
                     .outlier_count = 1,
                     .pairs = {.spread = {.n = 6,
                                          .median = 1e-4,
                                          .fences = {5e-5, 1.5e-4},
                                          .far_fences = {1e-5, 2e-4}},
                               .slow = slow_pairs,
                               .slow_count = 1,
                               .common = -1},
                     .meter = {{0.005, 2.0, 2.0},
                               {0.01, 2.0, 2.0},
                               {0.02, NAN, NAN}}},
     .nodes = bench_nodes,
     .node_count = 2,
     .counters = counter_means,
     .counter_count = 2,
     .notes = notes,
     .note_count = 2,
     .iterations = 1000},
    /* Verified wrong: whatever is in the fields, no figure may come out. */
    {.case_index = 1,
     .valid = false,
     .status = GB_ERR_VERIFY,
     .reason = "a[512]: expected 7, got 6.5",
     .performance = {10.0, 10.0, 10.0, 0.0, {NAN, NAN}, 0, NULL},
     .unit = "byte/s",
     .time_s = {0.1, 0.1, 0.1, 0.0, {NAN, NAN}, 0, NULL},
     .work = 5.0,
     .work_unit = "byte",
     .energy = {.energy_j = NAN, .u_j = NAN, .reason = "no valid repetition"},
     .net_j = NAN,
     .net_u_j = NAN,
     .net_reason = "no energy",
     .power_w = NAN,
     .power_u_w = NAN,
     .efficiency = 3.0,
     .efficiency_u = 1.0,
     .efficiency_ci95 = {NAN, NAN},
     .efficiency_unit = "byte/J",
     .efficiency_reason = "no valid repetition",
     .edp_js = NAN,
     .window_ratio = NAN},
    /* Hung after two repetitions. */
    {.case_index = 1,
     .status = GB_ERR_TIMEOUT,
     .reason = "expected a timed call to take 2 s at most",
     .finished_before = {.n = 2, .median = 10.0, .raw = raw},
     .unit = "byte/s",
     .work_unit = "byte",
     .efficiency_unit = "byte/J"},
};

static gb_source_figure sources[] = {
    {.wraps = 1, .reads = 605, .energy_j = 1234.5},
    {.node = 1,
     .reads = 604,
     .errors = 2,
     .energy_j = NAN,
     .status = GB_DOMAIN_FAILED,
     .reason = "2 of 604 reads failed"}};
static gb_warning warnings[] = {{.code = "energy.modelled",
                                 .what = "energy is an estimate",
                                 .hint = "grant read access"}};

static gb_session second = {.launch = 3,
                            .command = again,
                            .scheduler = "slurm job 4712",
                            .started_utc_ns = 1795540000000000000u};
static gb_launch_result launches[] = {
    {.session = &sample_session,
     .status = GB_RUN_INTERRUPTED,
     .repetitions = 14},
    {.session = &second,
     .status = GB_RUN_COMPLETE,
     .ended_utc_ns = 1795540100000000000u,
     .repetitions = 6,
     .rebooted_nodes = 1},
};

gb_result sample_result = {
    .launches = launches,
    .launch_count = 2,
    .session = &sample_session,
    .plan = &sample_plan,
    .status = GB_RUN_INTERRUPTED,
    .ended_utc_ns = 1795454350123456789u,
    .idle_before = {.present = true,
                    .power_w = 90.5,
                    .u_w = 2.5,
                    .energy = {.energy_j = 181.0,
                               .window_s = 2.0,
                               .u_j = 5.0,
                               .quality = GB_QUALITY_MEASURED}},
    .sources = sources,
    .source_count = 2,
    .sampler_cpu_fraction = 0.0005,
    .sample_cost_s = 2e-5,
    .benches = benches,
    .bench_count = 3,
    .warnings = warnings,
    .warning_count = 1,
    .energy_short = true,
};

/* --- list and doctor ------------------------------------------------------ */

static char summary[] = "three-array stream", path[] = "/lib/memory.triad.so";
static char accepts[] = "auto|4KiB..64GiB", help[] = "bytes of one array";
static char bad_path[] = "/lib/compute.old.so";
static char bad_what[] = "expected plugin ABI 1, got 99";
static char bad_hint[] = "rebuild it";
static gb_catalogue_param declared[] = {{array_bytes, help, text_auto, accepts},
                                        {precision, help, none, NULL}};
static gb_catalogue_entry entries[] = {{.id = id_triad,
                                        .version = version,
                                        .summary = summary,
                                        .work_unit = byte,
                                        .path = path,
                                        .params = declared,
                                        .param_count = 2,
                                        .ranks_min = 1,
                                        .ranks_multiple = 1}};
static gb_catalogue_refusal refusals[] = {{bad_path, bad_what, bad_hint}};
static char id_pdu[] = "acme.pdu", pdu_path[] = "/plugins/acme.pdu.so";
static char pdu_summary[] = "an outlet of a PDU";
static char host[] = "host", host_help[] = "name of the PDU";
static gb_catalogue_param asked[] = {{host, host_help, NULL, NULL}};
static gb_catalogue_meter meters[] = {{.id = id_pdu,
                                       .version = version,
                                       .summary = pdu_summary,
                                       .path = pdu_path,
                                       .params = asked,
                                       .param_count = 1,
                                       .slow = true}};
gb_catalogue sample_catalogue = {.entries = entries,
                                 .count = 1,
                                 .meters = meters,
                                 .meter_count = 1,
                                 .refusals = refusals,
                                 .refusal_count = 1};

static gb_finding found[] = {
    {GB_SEVERITY_OK, "clock.source", "clock source is tsc", "tsc", ""},
    {GB_SEVERITY_WARNING, "cpu.governor", "CPU governor is powersave",
     "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor: powersave",
     "cpupower frequency-set -g performance"},
};
gb_findings sample_findings = {found, 2};
