/* SPDX-License-Identifier: Apache-2.0 */
/* A run of many nodes, as the program itself would have written it: session,
 * trials, repetitions, idle windows and samples go through the writer of run
 * directories. Nothing in it was measured; every node draws a constant power of
 * its own, so that any figure can be told from its number.
 *
 * Each node has 15 energy domains, of which the two packages and their DRAM
 * zone are read: at both edges of every window of one second, and at 2 Hz.
 *
 * With "whole" at the end, summary, report and manifest follow from the
 * records, and the program itself stands for the tool of the manifest.
 *
 * usage: make_large DIR RUN_ID [NODES [CASES [REPETITIONS [whole]]]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/rundir.h"
#include "base/text.h"
#include "metering/cover.h"
#include "pipeline/analyse/analyse.h"
#include "pipeline/reduce/reduce.h"
#include "pipeline/report/report.h"

enum { DOMAINS = 15, READ = 3, TICKS_OF_WINDOW = 3 };

#define WINDOW_NS  1000000000u
#define SPACING_NS 1500000000u
#define TICK_J     6.103515625e-05

static uint64_t clock_ns = 1000000000000u;

static char *copy(const char *text) {
    char *made = strdup(text);
    if (made == NULL)
        abort();
    return made;
}

static void *zeroed(size_t count, size_t size) {
    void *made = calloc(count > 0 ? count : 1, size);
    if (made == NULL)
        abort();
    return made;
}

/* Watts of a domain of a node: packages 100 to 120 W, DRAM a tenth of that. */
static double power_w(size_t node, size_t domain) {
    const double package_w = 100.0 + 0.02 * (double)(node % 1000);
    return domain < 2 ? package_w : 0.1 * package_w;
}

static void make_domain(size_t at, gb_energy_domain *out) {
    static const char *const read[READ] = {"package-0", "package-1",
                                           "package-0/dram"};
    *out = (gb_energy_domain){.scope = GB_SCOPE_PACKAGE,
                              .package = at < 2 ? (int32_t)at : 0,
                              .die = -1,
                              .tick_j = TICK_J,
                              .step_j = TICK_J,
                              .wrap_ticks = UINT64_C(1) << 32,
                              .update_ns = 1000000,
                              .max_power_w = 600.0,
                              .u_rel = 0.03,
                              .refresh = -1};
    if (at < READ) {
        gb_copy(out->source, sizeof(out->source), "powercap");
        gb_copy(out->name, sizeof(out->name), read[at]);
        snprintf(out->path, sizeof(out->path),
                 "/sys/class/powercap/intel-rapl:%zu/energy_uj", at);
        out->scope = at < 2 ? GB_SCOPE_PACKAGE : GB_SCOPE_DRAM;
        out->status = GB_DOMAIN_OK;
        out->quality = GB_QUALITY_SIMULATED;
        out->summed = true;
        return;
    }
    snprintf(out->source, sizeof(out->source), "source-%zu", at);
    out->status = at % 2 == 0 ? GB_DOMAIN_ABSENT : GB_DOMAIN_FORBIDDEN;
    gb_copy(out->reason, sizeof(out->reason),
            "no '/sys/class/hwmon': this kernel or virtual machine has no "
            "hardware monitors");
    gb_copy(out->fix, sizeof(out->fix),
            "Grace: boot with acpi_power_meter.force_cap_on=y; servers: "
            "modprobe acpi_power_meter");
}

static void make_node(size_t at, gb_node *out) {
    *out = (gb_node){.cpu_family = 25,
                     .cpu_model = 1,
                     .cpu_stepping = 1,
                     .packages = 2,
                     .cores = 128,
                     .pus = 256,
                     .numa_nodes = 8,
                     .smt = true,
                     .memory_bytes = UINT64_C(512) << 30,
                     .memory_usable_bytes = UINT64_C(500) << 30,
                     .cache_bytes = UINT64_C(512) << 20,
                     .clock_offset_s = 1e-6 * (double)(at % 100),
                     .clock_offset_bound_s = 5e-6,
                     .perf_event_paranoid = 2,
                     .ranks = 1,
                     .sampler_pu = 255};
    snprintf(out->name, sizeof(out->name), "node%05zu", at);
    snprintf(out->boot_id, sizeof(out->boot_id),
             "00000000-0000-4000-8000-%012zu", at);
    gb_copy(out->cpu, sizeof(out->cpu), "AMD EPYC 7763 64-Core Processor");
    gb_copy(out->cpu_vendor, sizeof(out->cpu_vendor), "AuthenticAMD");
    gb_copy(out->microcode, sizeof(out->microcode), "0xa0011d1");
    gb_copy(out->kernel, sizeof(out->kernel), "6.1.0-13-amd64");
    gb_copy(out->governor, sizeof(out->governor), "performance");
    gb_copy(out->turbo, sizeof(out->turbo), "off");
    gb_copy(out->virtualisation, sizeof(out->virtualisation), "none");
    gb_copy(out->clock_source, sizeof(out->clock_source), "tsc");
    gb_copy(out->sampler_place, sizeof(out->sampler_place),
            "PU 255, outside the ranks' cores");
    out->cover = (gb_energy_cover){.quality = GB_QUALITY_SIMULATED,
                                   .summed_count = READ};
    out->domain_count = DOMAINS;
    out->domains = zeroed(DOMAINS, sizeof(*out->domains));
    for (size_t d = 0; d < DOMAINS; d++)
        make_domain(d, &out->domains[d]);
    gb_cover_describe(out->domains, DOMAINS, out->packages, GB_LANGUAGE_EN,
                      &out->cover);
}

static gb_session make_session(const char *run_id, size_t nodes) {
    gb_session out = {.ranks = (uint32_t)nodes,
                      .node_count = nodes,
                      .launch = 1,
                      .sample_hz = 2.0,
                      .started_utc_ns = UINT64_C(1790000000) * 1000000000u};
    gb_copy(out.run_id, sizeof(out.run_id), run_id);
    gb_copy(out.tool_version, sizeof(out.tool_version), "synthetic");
    gb_copy(out.suite, sizeof(out.suite), "synthetic");
    gb_copy(out.mpi, sizeof(out.mpi), "none");
    gb_copy(out.sysroot, sizeof(out.sysroot), "/synthetic");
    out.command = copy("make_large");
    out.counters = copy("perf::CONTEXT-SWITCHES,perf::CPU-MIGRATIONS,"
                        "perf::PAGE-FAULTS");
    out.counters_absent = copy("");
    out.nodes = zeroed(nodes, sizeof(*out.nodes));
    out.places = zeroed(nodes, sizeof(*out.places));
    for (size_t n = 0; n < nodes; n++) {
        make_node(n, &out.nodes[n]);
        out.places[n] = (gb_rank_place){.node = (uint32_t)n, .core_count = 128};
        gb_copy(out.places[n].cpus, sizeof(out.places[n].cpus), "0-127");
    }
    return out;
}

static gb_plan make_plan(size_t cases, uint32_t repeats, size_t nodes) {
    static const char *const ids[] = {"compute.fma", "memory.triad",
                                      "compute.dgemm"};
    static const char *const units[] = {"flop", "byte", "flop"};
    gb_plan out = {.suite_name = copy("synthetic"),
                   .cases = zeroed(cases, sizeof(*out.cases)),
                   .case_count = cases,
                   .energy = copy("auto"),
                   .sample_hz = 2.0,
                   .counters = copy("default"),
                   .ranks = (uint32_t)nodes};
    for (size_t c = 0; c < cases; c++)
        out.cases[c] = (gb_plan_case){.id = copy(ids[c % 3]),
                                      .version = copy("1.0.0"),
                                      .work_unit = copy(units[c % 3]),
                                      .repeats = repeats,
                                      .max_repeats = repeats,
                                      .min_time_s = 1.0};
    return out;
}

/* The window of one second that begins now, on every node: its rows. */
static void pass_window(const gb_record_sink *sink, size_t nodes,
                        gb_node_window *windows) {
    gb_sample rows[TICKS_OF_WINDOW * READ];

    for (size_t n = 0; n < nodes; n++) {
        const uint64_t begin_ns = clock_ns + 1009u * n;
        size_t count = 0;
        for (uint64_t k = 0; k < TICKS_OF_WINDOW; k++)
            for (uint32_t d = 0; d < READ; d++) {
                const uint64_t time_ns =
                    begin_ns + k * (WINDOW_NS / (TICKS_OF_WINDOW - 1)) +
                    300u * d;
                const uint64_t ticks =
                    (uint64_t)(power_w(n, d) * 1e-9 * (double)time_ns / TICK_J);
                rows[count++] =
                    (gb_sample){.node = (uint32_t)n,
                                .domain = d,
                                .reading = {.time_ns = time_ns,
                                            .ticks = ticks & UINT32_MAX,
                                            .half_ns = 150,
                                            .ok = true},
                                .mark = k == 0 || k == TICKS_OF_WINDOW - 1};
            }
        windows[n] = (gb_node_window){begin_ns, begin_ns + WINDOW_NS};
        if (sink->samples(sink->ctx, rows, count) != GB_OK)
            exit(1);
    }
    clock_ns += SPACING_NS;
}

static void pass_rep(const gb_record_sink *sink, size_t nodes, uint32_t at,
                     uint32_t repetition, gb_rep_record *rep) {
    pass_window(sink, nodes, rep->windows);
    rep->case_index = at;
    rep->repetition = repetition;
    rep->iterations = 1000;
    rep->elapsed_s = 0.99;
    for (size_t r = 0; r < nodes; r++) {
        rep->ranks[r] = (gb_rank_rep){
            .elapsed_s =
                0.98 + 1e-6 * (double)((r * 7919u + repetition) % 9973),
            .work = 1e12 + (double)r,
            .checksum = 0.123456789 * (double)(r + 1),
            .preempted = (double)(r % 5)};
        rep->conditions[r] = (gb_node_condition){
            .stolen_s = 0.0, .clock_hz = 2.45e9 + (double)(r % 1000)};
        for (size_t k = 0; k < rep->counter_count; k++)
            rep->counters[r * rep->counter_count + k] = (r + k) % 40;
    }
    if (sink->rep(sink->ctx, rep) != GB_OK)
        exit(1);
}

static void write_run(const gb_record_sink *sink, const gb_plan *plan,
                      const gb_session *session) {
    const size_t nodes = session->node_count;
    gb_rep_record rep = {.rank = -1,
                         .ranks = zeroed(nodes, sizeof(*rep.ranks)),
                         .windows = zeroed(nodes, sizeof(*rep.windows)),
                         .conditions = zeroed(nodes, sizeof(*rep.conditions)),
                         .counters = zeroed(3 * nodes, sizeof(*rep.counters)),
                         .counter_count = 3};
    gb_idle_record idle = {.windows = rep.windows};
    gb_end_record end = {.status = GB_RUN_COMPLETE,
                         .ended_utc_ns = session->started_utc_ns + clock_ns,
                         .init_s = 0.3,
                         .costs = zeroed(nodes, sizeof(*end.costs))};

    sink->session(sink->ctx, session);
    pass_window(sink, nodes, rep.windows);
    sink->idle(sink->ctx, &idle);
    for (uint32_t c = 0; c < plan->case_count; c++) {
        const gb_trial_record trial = {
            .case_index = c, .rank = -1, .iterations = 1000, .warmup_s = 0.5};
        sink->trial(sink->ctx, &trial);
        for (uint32_t i = 0; i < plan->cases[c].repeats; i++)
            pass_rep(sink, nodes, c, i, &rep);
    }
    idle.after = true;
    pass_window(sink, nodes, rep.windows);
    sink->idle(sink->ctx, &idle);
    for (size_t n = 0; n < nodes; n++)
        end.costs[n] = (gb_sampler_cost){
            .cpu_s = 0.01, .wall_s = 60.0, .reads = 96, .wakeups = 96};
    sink->end(sink->ctx, &end);
    gb_rep_record_fini(&rep);
    gb_end_record_fini(&end);
}

static gb_status give_summary(const void *result, const gb_text_sink *sink,
                              gb_error *err) {
    return gb_json_summary(result, sink, err);
}

/* What a finished run leaves beside its records. */
static gb_status write_rest(const char *dir_path, gb_error *err) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_reduced reduced = {0};
    gb_result result = {0};
    gb_str report = {0};

    gb_status status = gb_rundir_read(dir_path, &plan, &log, err);
    if (status == GB_OK)
        status = gb_reduce(&plan, &log, &reduced, err);
    if (status == GB_OK)
        status = gb_analyse(&plan, &log, &reduced, &result, err);
    if (status == GB_OK)
        status = gb_rundir_write_by(dir_path, "summary.json", give_summary,
                                    &result, err);
    if (status == GB_OK) {
        gb_report_markdown(&result, &report);
        status = gb_rundir_write(dir_path, "report.md", report.text, err);
    }
    if (status == GB_OK)
        status = gb_rundir_write_manifest(dir_path, &log.session,
                                          "/proc/self/exe", &plan, NULL, err);
    gb_str_fini(&report);
    gb_result_fini(&result);
    gb_reduced_fini(&reduced);
    gb_run_log_fini(&log);
    gb_plan_fini(&plan);
    return status;
}

static unsigned long number(int argc, char **argv, int at,
                            unsigned long otherwise) {
    return argc > at ? strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: make_large DIR RUN_ID [NODES [CASES "
                        "[REPETITIONS [whole]]]]\n");
        return 2;
    }
    const size_t nodes = number(argc, argv, 3, 10000);
    gb_plan plan = make_plan(number(argc, argv, 4, 3),
                             (uint32_t)number(argc, argv, 5, 10), nodes);
    gb_session session = make_session(argv[2], nodes);
    gb_rundir *dir = NULL;
    gb_error err = {.rank = -1};

    gb_status status = gb_rundir_create(argv[1], argv[2], &plan, &dir, &err);
    if (status == GB_OK) {
        const gb_record_sink sink = gb_rundir_sink(dir);
        write_run(&sink, &plan, &session);
        err = *gb_rundir_sink_error(dir);
        status = err.status;
        if (status == GB_OK && argc > 6 && strcmp(argv[6], "whole") == 0)
            status = write_rest(gb_rundir_path(dir), &err);
        if (status == GB_OK)
            puts(gb_rundir_path(dir));
    }
    if (status != GB_OK)
        fprintf(stderr, "make_large: %s\n", err.what);
    gb_rundir_close(dir);
    gb_session_fini(&session);
    gb_plan_fini(&plan);
    return status == GB_OK ? 0 : 1;
}
