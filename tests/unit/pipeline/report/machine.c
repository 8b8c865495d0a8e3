/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SECOND_NS UINT64_C(1000000000)

static void add_domain(gb_node *node, const char *source, const char *name,
                       gb_energy_scope scope, gb_domain_status status,
                       bool summed, const char *reason) {
    gb_energy_domain *domain = &node->domains[node->domain_count++];
    *domain = (gb_energy_domain){.kind = GB_READING_ENERGY,
                                 .scope = scope,
                                 .tick_j = 1e-6,
                                 .step_j = 6e-5,
                                 .update_ns = 1000000,
                                 .u_rel = 0.02,
                                 .status = status,
                                 .quality = status == GB_DOMAIN_OK
                                                ? GB_QUALITY_MEASURED
                                                : GB_QUALITY_UNAVAILABLE,
                                 .summed = summed};
    gb_copy(domain->source, sizeof(domain->source), source);
    gb_copy(domain->name, sizeof(domain->name), name);
    gb_copy(domain->reason, sizeof(domain->reason), reason);
}

static void fill_session(machine *m, size_t node_count) {
    m->session = (gb_session){.started_utc_ns = 1795454290 * SECOND_NS,
                              .ranks = (uint32_t)node_count * 2,
                              .nodes = m->nodes,
                              .node_count = node_count,
                              .places = m->places,
                              .command = "mpirun -n 8 greenbench --repeats 10",
                              .counters = "perf::CONTEXT-SWITCHES,PAGE-FAULTS",
                              .counters_absent = "PAPI_TOT_CYC: no such event",
                              .sample_hz = 10.0};
    gb_copy(m->session.run_id, sizeof(m->session.run_id),
            "20261123T171810Z-4711");
    gb_copy(m->session.tool_version, sizeof(m->session.tool_version), "0.1.0");
    gb_copy(m->session.tool_git, sizeof(m->session.tool_git), "e505757");
    gb_copy(m->session.tool_build, sizeof(m->session.tool_build),
            "GNU 12.2.0, Release, x86_64");
    gb_copy(m->session.mpi, sizeof(m->session.mpi), "Open MPI v4.1.4");
    gb_copy(m->session.suite, sizeof(m->session.suite), "default");
}

static void fill_result(machine *m) {
    m->plan = (gb_plan){.suite_name = "default",
                        .cases = m->cases,
                        .skips = m->skips,
                        .idle_s = 2.0,
                        .energy = "auto",
                        .sample_hz = 10.0,
                        .counters = "perf::CONTEXT-SWITCHES,PAGE-FAULTS",
                        .ranks = m->session.ranks,
                        .estimate_s = 61.5};
    const gb_idle_figure idle = {
        .present = true,
        .power_w = 118.42 * (double)m->session.node_count,
        .u_w = 2.37 * (double)m->session.node_count,
        .energy = {.energy_j = 236.8,
                   .u_j = 4.7,
                   .window_s = 2.0,
                   .quality = m->nodes[0].cover.quality}};
    m->result =
        (gb_result){.session = &m->session,
                    .plan = &m->plan,
                    .status = GB_RUN_COMPLETE,
                    .ended_utc_ns = m->session.started_utc_ns + 63 * SECOND_NS,
                    .idle_before = idle,
                    .idle_after = idle,
                    .sources = m->sources,
                    .sampler_cpu_fraction = 1.2e-4,
                    .sampler_total = {.wakeups = 620, .sample_hz = 10.0},
                    .sample_cost_s = 23e-6,
                    .benches = m->benches,
                    .warnings = m->warnings};
    m->result.idle_after.power_w *= 1.013;
}

static void fill_sources(machine *m) {
    size_t at = 0;
    for (uint32_t i = 0; i < m->session.node_count; i++)
        for (uint32_t k = 0; k < m->nodes[i].domain_count; k++)
            if (m->nodes[i].domains[k].status == GB_DOMAIN_OK)
                m->sources[at++] = (gb_source_figure){.node = i,
                                                      .domain = k,
                                                      .wraps = k == 0,
                                                      .reads = 630,
                                                      .energy_j = 9213.4};
    m->result.source_count = at;
}

void machine_measured(machine *m, size_t node_count) {
    *m = (machine){0};
    for (size_t i = 0; i < node_count; i++) {
        gb_node *node = &m->nodes[i];
        *node = (gb_node){.packages = 2,
                          .cores = 128,
                          .pus = 256,
                          .numa_nodes = 8,
                          .smt = true,
                          .memory_bytes = UINT64_C(515) << 30,
                          .memory_usable_bytes = UINT64_C(500) << 30,
                          .cache_bytes = UINT64_C(512) << 20,
                          .ranks = 2,
                          .sampler_pu = 3,
                          .domains = m->domains[i]};
        snprintf(node->name, sizeof(node->name), "node%02zu", i + 1);
        gb_copy(node->cpu, sizeof(node->cpu),
                "AMD EPYC 7763 64-Core Processor");
        gb_copy(node->kernel, sizeof(node->kernel), "Linux 6.1.0");
        gb_copy(node->governor, sizeof(node->governor), "performance");
        gb_copy(node->turbo, sizeof(node->turbo), "on");
        gb_copy(node->virtualisation, sizeof(node->virtualisation), "none");
        gb_copy(node->sampler_place, sizeof(node->sampler_place),
                "PU 3, outside the ranks' cores");
        add_domain(node, "powercap", "package-0", GB_SCOPE_PACKAGE,
                   GB_DOMAIN_OK, true, "");
        add_domain(node, "powercap", "package-0/core", GB_SCOPE_CORES,
                   GB_DOMAIN_OK, false,
                   "inside 'powercap package-0', which is summed");
        add_domain(node, "powercap", "package-1", GB_SCOPE_PACKAGE,
                   GB_DOMAIN_OK, true, "");
        add_domain(node, "perf", "", GB_SCOPE_OTHER, GB_DOMAIN_FORBIDDEN, false,
                   "system-wide events need perf_event_paranoid <= 0, got 2");
        gb_copy(node->domains[3].fix, sizeof(node->domains[3].fix),
                "sysctl kernel.perf_event_paranoid=0, or add CAP_PERFMON");
        node->cover = (gb_energy_cover){.quality = GB_QUALITY_MEASURED,
                                        .summed_count = 2};
        gb_copy(node->cover.holds, sizeof(node->cover.holds), "2 packages");
        gb_copy(node->cover.leaves_out, sizeof(node->cover.leaves_out),
                "DRAM, GPUs, fans, PSU loss, NIC, disks");
    }
    fill_session(m, node_count);
    fill_result(m);
    fill_sources(m);
    machine_add(m, "compute.fma", "flop", 73.2824e9, 182.13);
    machine_add(m, "memory.triad", "byte", 312.4e9, 164.8);
}

void machine_modelled(machine *m) {
    machine_measured(m, 1);
    gb_node *node = &m->nodes[0];
    node->domain_count = 0;
    gb_copy(node->virtualisation, sizeof(node->virtualisation), "kvm");
    add_domain(node, "powercap", "", GB_SCOPE_OTHER, GB_DOMAIN_ABSENT, false,
               "no '/sys/class/powercap': the hypervisor hides the counters");
    add_domain(node, "model", "node", GB_SCOPE_NODE_DC, GB_DOMAIN_OK, true,
               "a formula, not a counter");
    node->domains[1].quality = GB_QUALITY_MODELLED;
    node->cover.quality = GB_QUALITY_MODELLED;
    node->cover.summed_count = 1;
    gb_copy(node->cover.holds, sizeof(node->cover.holds), "1 package");
    fill_sources(m);
    m->result.idle_before.energy.quality = GB_QUALITY_MODELLED;
    m->result.idle_after.energy.quality = GB_QUALITY_MODELLED;
    m->result.energy_short = true;
    for (size_t i = 0; i < m->result.bench_count; i++) {
        gb_bench_result *bench = &m->benches[i];
        bench->energy.quality = GB_QUALITY_MODELLED;
        bench->energy.u_j = 0.4 * bench->energy.energy_j;
        bench->power_u_w = 0.4 * bench->power_w;
        bench->efficiency_u = 0.4 * bench->efficiency;
    }
    m->warnings[0] = (gb_warning){
        .code = "energy.modelled",
        .what = "energy is modelled, not measured: node01 has no counter",
        .hint = "greenbench sensors says why, and what would help"};
    m->result.warning_count = 1;
}

gb_bench_result *machine_add(machine *m, char *id, char *work_unit,
                             double per_second, double power_w) {
    const size_t at = m->result.bench_count++;
    const double nodes = (double)m->session.node_count;
    gb_bench_result *bench = &m->benches[at];
    m->plan.case_count++;
    m->cases[at] = (gb_plan_case){.id = id,
                                  .version = "1.0.0",
                                  .work_unit = work_unit,
                                  .params = m->params[at],
                                  .param_count = 1,
                                  .repeats = 10,
                                  .max_repeats = 10,
                                  .min_time_s = 1.0};
    m->params[at][0] = (gb_plan_param){
        .name = "precision", .text = "fp64", .is_default = true};
    for (size_t i = 0; i < 10; i++) {
        m->raw[at][i] = nodes * per_second * (1.0 + 1e-3 * (double)i);
        m->energies[at][i] = nodes * power_w * 1.02;
    }
    for (size_t i = 0; i < m->session.node_count; i++)
        m->bench_nodes[at][i] = (gb_bench_node){.node = (uint32_t)i,
                                                .energy_j = power_w * 10.2,
                                                .u_j = power_w * 0.2,
                                                .power_w = power_w,
                                                .performance = per_second};
    m->counters[at][0] = 12.0;
    m->counters[at][1] = NAN;
    const double value = nodes * per_second * 1.0045;
    const double energy_j = nodes * power_w * 10.2;
    *bench = (gb_bench_result){
        .case_index = (uint32_t)at,
        .valid = true,
        .performance = {.value = value,
                        .mean = value,
                        .median = value,
                        .stddev = value * 3e-3,
                        .ci95 = {value * 0.997, value * 1.003},
                        .n = 10,
                        .raw = m->raw[at]},
        .time_s = {.value = 1.02, .mean = 1.02, .median = 1.02, .n = 10},
        .work = value * 10.2,
        .energy = {.energy_j = energy_j,
                   .window_s = 10.2,
                   .budget = {.quantisation_j = 1e-4,
                              .phase_j = 0.2,
                              .latency_j = 0.01,
                              .calibration_j = energy_j * 0.02},
                   .u_j = energy_j * 0.02,
                   .quality = GB_QUALITY_MEASURED,
                   .samples = 110},
        .energy_raw = m->energies[at],
        .net_j = energy_j * 0.4,
        .net_u_j = energy_j * 0.03,
        .power_w = nodes * power_w,
        .power_u_w = nodes * power_w * 0.02,
        .efficiency = value * 10.2 / energy_j,
        .efficiency_u = value * 10.2 / energy_j * 0.02,
        .efficiency_ci95 = {value * 9.8 / energy_j, value * 10.6 / energy_j},
        .edp_js = 2.0,
        .window_ratio = 1.0002,
        .nodes = m->bench_nodes[at],
        .node_count = m->session.node_count,
        .counters = m->counters[at],
        .counter_count = 2,
        .iterations = 4096};
    snprintf(bench->unit, sizeof(bench->unit), "%s/s", work_unit);
    gb_copy(bench->work_unit, sizeof(bench->work_unit), work_unit);
    snprintf(bench->efficiency_unit, sizeof(bench->efficiency_unit), "%s/J",
             work_unit);
    return bench;
}

void machine_without_energy(machine *m, gb_bench_result *bench,
                            const char *reason) {
    bench->energy = (gb_energy_figure){.energy_j = NAN,
                                       .window_s = 10.2,
                                       .u_j = NAN,
                                       .quality = GB_QUALITY_UNAVAILABLE};
    gb_copy(bench->energy.reason, sizeof(bench->energy.reason), reason);
    gb_copy(bench->efficiency_reason, sizeof(bench->efficiency_reason), reason);
    bench->net_j = bench->net_u_j = NAN;
    bench->power_w = bench->power_u_w = NAN;
    bench->efficiency = bench->efficiency_u = NAN;
    bench->efficiency_ci95[0] = bench->efficiency_ci95[1] = NAN;
    bench->edp_js = NAN;
    bench->energy_raw = NULL;
    for (size_t i = 0; i < bench->node_count; i++) {
        bench->nodes[i].energy_j = bench->nodes[i].u_j = NAN;
        bench->nodes[i].power_w = NAN;
    }
    m->result.energy_short = true;
}

void machine_invalid(gb_bench_result *bench, const char *reason,
                     const char *hint) {
    bench->valid = false;
    gb_copy(bench->reason, sizeof(bench->reason), reason);
    gb_copy(bench->hint, sizeof(bench->hint), hint);
    bench->status = GB_ERR_VERIFY;
    bench->efficiency = bench->efficiency_u = NAN;
    bench->performance.value = bench->performance.median = NAN;
}
