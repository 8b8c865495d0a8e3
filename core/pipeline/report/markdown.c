/* SPDX-License-Identifier: Apache-2.0 */
/* report.md: the same figures with what stands behind them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "pipeline/report/layout.h"

/* A text inside a table cell: '|' would end it. */
static void add_escaped(gb_str *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '|')
            gb_str_add(out, "\\|");
        else
            gb_str_addn(out, text, 1);
    }
}

static void add_cell(gb_str *out, const char *text) {
    gb_str_add(out, " ");
    add_escaped(out, text[0] != '\0' ? text : "-");
    gb_str_add(out, " |");
}

static void add_quantity(gb_str *out, double value, double u,
                         const char *unit) {
    char text[64];
    add_cell(out, gb_format_quantity(value, u, unit, text, sizeof(text)));
}

static void add_title(gb_str *out, const gb_result *result) {
    const gb_session *session = result->session;
    char started[32], ended[32] = "unknown";
    gb_clock_format_utc(session->started_utc_ns, started, sizeof(started));
    if (result->ended_utc_ns != 0)
        gb_clock_format_utc(result->ended_utc_ns, ended, sizeof(ended));
    gb_str_addf(out, "# greenbench %s\n\n", session->run_id);
    gb_str_addf(out, "| run | |\n|---|---|\n| status | %s |\n",
                result->status == GB_RUN_COMPLETE      ? "complete"
                : result->status == GB_RUN_INTERRUPTED ? "**interrupted**"
                                                       : "**failed**");
    gb_str_addf(out, "| started, ended | %s, %s |\n", started, ended);
    gb_str_addf(out, "| suite | %s |\n", session->suite);
    gb_str_addf(out, "| ranks, nodes | %u, %zu |\n", session->ranks,
                session->node_count);
    gb_str_addf(out, "| MPI | %s |\n| scheduler | %s |\n", session->mpi,
                session->scheduler[0] != '\0' ? session->scheduler : "none");
    gb_str_addf(out, "| tool | greenbench %s %s (%s) |\n",
                session->tool_version, session->tool_git, session->tool_build);
    if (session->sysroot[0] != '\0')
        gb_str_addf(out, "| **simulated** | GREENBENCH_SYSROOT=%s |\n",
                    session->sysroot);
    gb_str_addf(out, "\nTo repeat it:\n\n```\n%s\n```\n\n", session->command);
}

static void add_results(gb_str *out, const gb_result *result) {
    char text[256], unit[64];
    gb_str_add(out,
               "## Results\n\nMedian of the repetitions with its exact-rank "
               "95 % interval; performance per watt is the\nsum of work "
               "over the sum of energy; u is a standard uncertainty.\n\n"
               "| benchmark | parameters | n | performance | 95 % interval "
               "| power | energy | u(energy) | performance per watt | "
               "quality |\n|---|---|---:|---:|---|---:|---:|---:|---:|---|"
               "\n");
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        gb_str_add(out, "|");
        add_cell(out, planned->id);
        gb_format_params(planned, true, text, sizeof(text));
        add_cell(out, text);
        if (!bench->valid) {
            snprintf(text, sizeof(text), "**invalid**: %s", bench->reason);
            gb_str_add(out, " |");
            add_cell(out, text);
            gb_str_add(out, " | | | | | |\n");
            continue;
        }
        snprintf(text, sizeof(text), "%zu", bench->performance.n);
        add_cell(out, text);
        add_quantity(out, bench->performance.value, NAN, bench->unit);
        if (isfinite(bench->performance.ci95[0])) {
            char low[64], high[64];
            snprintf(text, sizeof(text), "%s .. %s",
                     gb_format_quantity(bench->performance.ci95[0], NAN,
                                        bench->unit, low, sizeof(low)),
                     gb_format_quantity(bench->performance.ci95[1], NAN,
                                        bench->unit, high, sizeof(high)));
        } else {
            snprintf(text, sizeof(text), "none for n = %zu",
                     bench->performance.n);
        }
        add_cell(out, text);
        add_quantity(out, bench->power_w, bench->power_u_w, "W");
        add_quantity(out, bench->energy.energy_j, bench->energy.u_j, "J");
        add_quantity(out, bench->energy.u_j, NAN, "J");
        if (isfinite(bench->efficiency))
            add_quantity(
                out, bench->efficiency, bench->efficiency_u,
                gb_format_per_watt_unit(bench->work_unit, unit, sizeof(unit)));
        else
            add_cell(out, bench->efficiency_reason);
        add_cell(out, gb_quality_name(bench->energy.quality));
        gb_str_add(out, "\n");
    }
    gb_str_add(out, "\n");
}

static void add_energy(gb_str *out, const gb_result *result) {
    const gb_session *session = result->session;
    gb_str_add(out, "## Energy\n\n");
    for (size_t n = 0; n < session->node_count; n++) {
        const gb_node *node = &session->nodes[n];
        gb_str_addf(out, "%s: holds %s; not in it: %s.\n\n", node->name,
                    node->cover.summed_count > 0 ? node->cover.holds
                                                 : "nothing",
                    node->cover.leaves_out[0] != '\0' ? node->cover.leaves_out
                                                      : "nothing");
    }
    gb_str_add(out, "| node | source | domain | scope | status | summed | "
                    "reason |\n|---|---|---|---|---|---|---|\n");
    for (size_t n = 0; n < session->node_count; n++)
        for (size_t i = 0; i < session->nodes[n].domain_count; i++) {
            const gb_energy_domain *domain = &session->nodes[n].domains[i];
            gb_str_add(out, "|");
            add_cell(out, session->nodes[n].name);
            add_cell(out, domain->source);
            add_cell(out, domain->name);
            add_cell(out, gb_scope_name(domain->scope));
            add_cell(out, gb_domain_status_name(domain->status));
            add_cell(out, domain->summed ? "yes" : "no");
            add_cell(out, domain->reason);
            gb_str_add(out, "\n");
        }
    gb_str_add(out, "\n");
}

static void add_budget(gb_str *out, const gb_result *result) {
    gb_str_add(out, "## Uncertainty of the energy\n\nStandard uncertainties in "
                    "joules (docs/method.md).\n\n| benchmark | quantisation | "
                    "phase | latency | unsampled | calibration | combined |\n"
                    "|---|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_energy_budget *budget = &bench->energy.budget;
        if (!bench->valid || !isfinite(bench->energy.energy_j))
            continue;
        gb_str_addf(out, "| %s | %.3g | %.3g | %.3g | %.3g | %.3g | %.3g |\n",
                    result->plan->cases[bench->case_index].id,
                    budget->quantisation_j, budget->phase_j, budget->latency_j,
                    budget->unsampled_j, budget->calibration_j,
                    bench->energy.u_j);
    }
    gb_str_add(out, "\n");
}

static void add_conditions(gb_str *out, const gb_result *result) {
    char a[64], b[64];
    gb_str_addf(
        out, "## Conditions\n\n- idle power: %s before, %s after\n",
        gb_format_quantity(
            result->idle_before.present ? result->idle_before.power_w : NAN,
            result->idle_before.u_w, "W", a, sizeof(a)),
        gb_format_quantity(
            result->idle_after.present ? result->idle_after.power_w : NAN,
            result->idle_after.u_w, "W", b, sizeof(b)));
    if (isfinite(result->sampler_cpu_fraction))
        gb_str_addf(out, "- sampler: %g Hz, %.2g %% of a core, %s a read\n",
                    result->session->sample_hz,
                    100.0 * result->sampler_cpu_fraction,
                    gb_format_duration(result->sample_cost_s, a, sizeof(a)));
    if (result->session->counters_absent != NULL &&
        result->session->counters_absent[0] != '\0')
        gb_str_addf(out, "- counters absent: %s\n",
                    result->session->counters_absent);
    gb_str_add(out, "\n| node | CPU | cores | memory | usable | governor | "
                    "turbo | power limits | kernel | sampler |\n"
                    "|---|---|---:|---:|---:|---|---|---|---|---|\n");
    for (size_t i = 0; i < result->session->node_count; i++) {
        const gb_node *node = &result->session->nodes[i];
        char cores[16];
        snprintf(cores, sizeof(cores), "%u", node->cores);
        gb_str_add(out, "|");
        add_cell(out, node->name);
        add_cell(out, node->cpu);
        add_cell(out, cores);
        add_quantity(out, (double)node->memory_bytes, NAN, "byte");
        add_quantity(out, (double)node->memory_usable_bytes, NAN, "byte");
        add_cell(out, node->governor);
        add_cell(out, node->turbo);
        add_cell(out, node->power_caps);
        add_cell(out, node->kernel);
        add_cell(out, node->sampler_place);
        gb_str_add(out, "\n");
    }
    gb_str_add(out, "\n");
}

/* Per repetition, summed over the ranks. */
static void add_counters(gb_str *out, const gb_result *result) {
    const char *names = result->session->counters;
    if (names == NULL || names[0] == '\0')
        return;
    gb_str_add(out, "## Counters\n\nMean over the repetitions, all ranks "
                    "together.\n\n| benchmark |");
    for (const char *at = names;;) {
        const size_t length = strcspn(at, ",");
        gb_str_addf(out, " %.*s |", (int)length, at);
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    gb_str_add(out, "\n|---|");
    for (const char *at = names; at != NULL; at = strchr(at + 1, ','))
        gb_str_add(out, "---:|");
    gb_str_add(out, "\n");
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (!bench->valid)
            continue;
        gb_str_addf(out, "| %s |", result->plan->cases[bench->case_index].id);
        for (size_t k = 0; k < bench->counter_count; k++) {
            if (isfinite(bench->counters[k]))
                gb_str_addf(out, " %.6g |", bench->counters[k]);
            else
                gb_str_add(out, " - |");
        }
        gb_str_add(out, "\n");
    }
    gb_str_add(out, "\n");
}

void gb_report_markdown(const gb_result *result, gb_str *out) {
    add_title(out, result);
    add_results(out, result);
    add_energy(out, result);
    add_budget(out, result);
    add_conditions(out, result);
    add_counters(out, result);
    if (result->plan->skip_count > 0) {
        gb_str_add(out, "## Skipped\n\n");
        for (size_t i = 0; i < result->plan->skip_count; i++)
            gb_str_addf(out, "- %s\n", result->plan->skips[i].reason);
        gb_str_add(out, "\n");
    }
    if (result->warning_count > 0)
        gb_str_add(out, "## Warnings\n\n");
    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        gb_str_addf(out, "- `%s`: %s%s%s\n", warning->code, warning->what,
                    warning->hint[0] != '\0' ? " - " : "", warning->hint);
    }
}
