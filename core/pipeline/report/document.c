/* SPDX-License-Identifier: Apache-2.0 */
/* report.md: the run as a document. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "pipeline/report/evidence.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/skips.h"

/* --- the run -------------------------------------------------------------- */

static void add_time(gb_str *out, const char *name, uint64_t utc_ns) {
    char text[32] = "";
    if (utc_ns > 0)
        gb_clock_format_utc(utc_ns, text, sizeof(text));
    gb_add_fact(out, name, text);
}

static bool any_simulated(const gb_session *session) {
    for (size_t n = 0; n < session->node_count; n++)
        if (session->nodes[n].cover.quality == GB_QUALITY_SIMULATED)
            return true;
    return false;
}

static void add_run(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {"", ""};
    const gb_session *session = result->session;
    gb_str text = {0};

    gb_str_add(out, "# greenbench ");
    gb_markdown_text(out, session->run_id);
    gb_str_add(out, "\n\n");
    if (session->sysroot[0] != '\0')
        gb_str_add(out,
                   "**Simulated: counters were read below GREENBENCH_SYSROOT, "
                   "not from this machine.**\n\n");
    else if (any_simulated(session))
        gb_str_add(out, "**Simulated: a library that stands in for a vendor's "
                        "made the energy up.**\n\n");
    if (result->status != GB_RUN_COMPLETE)
        gb_str_addf(out, "**The run was %s: what follows had finished.**\n\n",
                    result->status == GB_RUN_INTERRUPTED
                        ? "interrupted"
                        : "ended by a failure");
    gb_markdown_head(out, "ll", titles);
    gb_add_fact(out, "status", gb_facts_status(result->status));
    gb_facts_size(session, GB_LANGUAGE_EN, &text);
    gb_add_fact(out, "size", text.text != NULL ? text.text : "");
    gb_str_fini(&text);
    gb_add_fact(out, "suite", session->suite);
    add_time(out, "started (UTC)", session->started_utc_ns);
    add_time(out, "ended (UTC)", result->ended_utc_ns);
    gb_add_fact(out, "MPI", session->mpi);
    gb_add_fact(out, "scheduler",
                session->scheduler[0] != '\0' ? session->scheduler : "none");
    gb_str_add(&text, session->tool_version);
    if (session->tool_git[0] != '\0')
        gb_str_addf(&text, " (%s)", session->tool_git);
    gb_str_addf(&text, ", %s", session->tool_build);
    gb_add_fact(out, "greenbench", text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

/* --- results -------------------------------------------------------------- */

static void add_result(const gb_result *result, const gb_bench_result *bench,
                       gb_str *out) {
    char text[GB_QUANTITY_SIZE], unit[64];
    const gb_series_stats *stats = &bench->performance;
    const bool energy = bench->valid && isfinite(bench->energy.energy_j);
    const gb_partial *partial = &bench->partial;
    char some[64] = "no energy", quality[32];
    const bool part =
        gb_facts_part(result, bench, GB_LANGUAGE_EN, some, sizeof(some));
    const gb_energy_figure *shown = part ? &partial->energy : &bench->energy;

    gb_cell_bench(out, result, bench);
    snprintf(unit, sizeof(unit), "%s/s/W", bench->work_unit);
    if (!bench->valid) {
        for (int k = 0; k < 6; k++)
            gb_markdown_cell(out, "-");
        gb_markdown_cell(out, "INVALID");
        gb_markdown_end_row(out);
        return;
    }
    gb_cell_value(out, stats->value, bench->unit);
    gb_quantity_half_width(stats->value, stats->ci95, text, sizeof(text));
    gb_str_addf(out, "| %s%s ", text[0] == '-' ? "" : "±", text);
    gb_cell_pm(out, part ? partial->power_w : bench->power_w,
               part ? partial->power_u_w : bench->power_u_w, "W");
    gb_cell_pm(out, shown->energy_j, shown->u_j, "J");
    gb_cell_pm(out, bench->net_j, bench->net_u_j, "J");
    gb_cell_pm(out, bench->efficiency, bench->efficiency_u, unit);
    snprintf(quality, sizeof(quality), "%s%s",
             gb_quality_name(bench->energy.quality),
             gb_facts_flagged(bench) ? "*" : "");
    gb_markdown_cell(out, energy ? quality : some);
    gb_markdown_end_row(out);
}

static void add_reasons(const char *title, gb_reasons *reasons, gb_str *out) {
    if (reasons->failed)
        out->failed = true;
    for (size_t i = 0; i < reasons->count; i++) {
        gb_str_addf(out, "- %s: ", title);
        gb_markdown_text(out, reasons->list[i].text);
        gb_str_add(out, " (");
        gb_markdown_text(out, reasons->list[i].ids);
        gb_str_add(out, ")\n");
    }
    gb_reasons_fini(reasons);
}

static void add_invalid(const gb_result *result, gb_str *out) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (bench->valid)
            continue;
        gb_str_add(out, "- INVALID ");
        gb_markdown_text(out, result->plan->cases[bench->case_index].id);
        gb_str_add(out, ": ");
        gb_markdown_text(out, bench->reason[0] != '\0'
                                  ? bench->reason
                                  : "no repetition finished");
        gb_str before = {0};
        gb_facts_finished_before(bench, GB_LANGUAGE_EN, &before);
        if (before.text != NULL) {
            gb_str_add(out, "; ");
            gb_markdown_text(out, before.text);
        }
        gb_str_fini(&before);
        if (bench->hint[0] != '\0') {
            gb_str_add(out, "; hint: ");
            gb_markdown_text(out, bench->hint);
        }
        gb_str_add(out, "\n");
    }
}

/* What the figures mean beside the machine. */
static void add_context(const gb_result *result, gb_str *out) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        gb_str context = {0}, params = {0};
        gb_facts_context(planned, bench, GB_LANGUAGE_EN, &context);
        gb_plan_add_params(planned, false, &params);
        if (context.text != NULL) {
            gb_str_add(out, "- ");
            gb_markdown_text(out, planned->id);
            if (params.text != NULL) {
                gb_str_add(out, " ");
                gb_markdown_text(out, params.text);
            }
            gb_str_add(out, ": ");
            gb_markdown_text(out, context.text);
            gb_str_add(out, "\n");
        }
        gb_str_fini(&params);
        gb_str_fini(&context);
    }
}

static void no_net(const gb_result *result, gb_reasons *reasons) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (bench->valid && isfinite(bench->energy.energy_j) &&
            !isfinite(bench->net_j))
            gb_reasons_add(reasons,
                           bench->net_reason[0] != '\0' ? bench->net_reason
                                                        : "not computed",
                           NULL, result->plan->cases[bench->case_index].id);
    }
}

static void add_results(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {
        "benchmark", "performance (median)", "95 % CI",          "power",
        "energy",    "energy net of idle",   "work per s per W", "quality"};
    gb_reasons reasons = {0};
    gb_str items = {0};

    gb_markdown_heading(out, "Results");
    if (result->bench_count == 0) {
        gb_str_add(out, "No benchmark has a result.\n");
        return;
    }
    gb_markdown_head(out, "lrrrrrrl", titles);
    for (size_t i = 0; i < result->bench_count; i++)
        add_result(result, &result->benches[i], out);
    gb_str_add(out, "\nPower and energy are those of all timed calls together, "
                    "idle power included; `±` in a cell is one\nstandard "
                    "uncertainty. Work per second per watt equals work per "
                    "joule.\n");
    add_context(result, &items);
    gb_str load = {0};
    if (gb_facts_load(result, &load) && load.text != NULL) {
        gb_str_add(&items, "- power over load: ");
        gb_markdown_text(&items, load.text);
        gb_str_add(&items, "\n");
    }
    gb_str_fini(&load);
    add_invalid(result, &items);
    gb_facts_partial(result, &reasons);
    add_reasons("partial", &reasons, &items);
    gb_facts_flags(result, &reasons);
    add_reasons("energy marked \\*", &reasons, &items);
    gb_facts_no_energy(result, &reasons);
    add_reasons("no energy", &reasons, &items);
    gb_facts_no_efficiency(result, &reasons);
    add_reasons("no performance per watt", &reasons, &items);
    no_net(result, &reasons);
    add_reasons("no net energy", &reasons, &items);
    gb_facts_no_roof(result, &reasons);
    add_reasons("no share of a peak", &reasons, &items);
    gb_facts_no_interval(result, &reasons);
    add_reasons("no interval", &reasons, &items);
    if (items.length > 0)
        gb_str_addf(out, "\n%s", items.text);
    out->failed = out->failed || items.failed;
    gb_str_fini(&items);
}

static void cell_interval(gb_str *out, const double ci95[2], const char *unit) {
    char low[GB_QUANTITY_SIZE], high[GB_QUANTITY_SIZE];
    gb_str text = {0};
    if (!isfinite(ci95[0]) || !isfinite(ci95[1])) {
        gb_markdown_cell(out, "-");
        return;
    }
    gb_str_addf(&text, "%s to %s",
                gb_quantity(ci95[0], 0.0, unit, low, sizeof(low)),
                gb_quantity(ci95[1], 0.0, unit, high, sizeof(high)));
    gb_markdown_cell(out, text.text != NULL ? text.text : "-");
    gb_str_fini(&text);
}

static void extremes(const gb_series_stats *stats, double *least,
                     double *most) {
    *least = *most = NAN;
    for (size_t i = 0; i < stats->n && stats->raw != NULL; i++) {
        *least = fmin(*least, stats->raw[i]);
        *most = fmax(*most, stats->raw[i]);
    }
}

static void add_repetitions(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {
        "benchmark",    "n",    "least", "median",
        "mean",         "most", "s.d.",  "95 % CI of the median",
        "time per call"};
    if (result->bench_count == 0)
        return;
    gb_markdown_heading(out, "Repetitions");
    gb_markdown_head(out, "lrrrrrrrr", titles);
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_series_stats *stats = &bench->performance;
        double least, most;
        if (!bench->valid)
            continue;
        extremes(stats, &least, &most);
        gb_cell_bench(out, result, bench);
        gb_cell_u64(out, stats->n);
        gb_cell_value(out, least, bench->unit);
        gb_cell_value(out, stats->median, bench->unit);
        gb_cell_value(out, stats->mean, bench->unit);
        gb_cell_value(out, most, bench->unit);
        gb_cell_value(out, stats->stddev, bench->unit);
        cell_interval(out, stats->ci95, bench->unit);
        gb_cell_value(out, bench->time_s.value, "s");
        gb_markdown_end_row(out);
    }
}

static void add_launches(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {
        "launch",      "started (UTC)", "ended (UTC)", "status",
        "repetitions", "batch job",     "command"};
    if (result->launch_count < 2)
        return;
    gb_markdown_heading(out, "Launches");
    gb_str_add(out, "The run was resumed. Each launch repeated only what was "
                    "missing, on the same plan and machine; its\nrecords lie "
                    "in a folder of its own, and net energy is over the idle "
                    "power that it measured itself.\n\n");
    gb_markdown_head(out, "rlllrll", titles);
    for (size_t i = 0; i < result->launch_count; i++) {
        const gb_launch_result *launch = &result->launches[i];
        const gb_session *session = launch->session;
        char started[32], ended[32] = "-";
        gb_clock_format_utc(session->started_utc_ns, started, sizeof(started));
        if (launch->ended_utc_ns > 0)
            gb_clock_format_utc(launch->ended_utc_ns, ended, sizeof(ended));
        gb_cell_u64(out, session->launch);
        gb_markdown_cell(out, started);
        gb_markdown_cell(out, ended);
        gb_markdown_cell(out, gb_facts_status(launch->status));
        gb_cell_u64(out, launch->repetitions);
        gb_markdown_cell(out, session->scheduler[0] != '\0' ? session->scheduler
                                                            : "none");
        gb_markdown_cell(out, session->command);
        gb_markdown_end_row(out);
    }
}

static void add_bench_nodes(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {"benchmark", "node", "performance",
                                         "power", "energy"};
    if (result->session->node_count < 2 || result->bench_count == 0)
        return;
    gb_markdown_heading(out, "By node");
    gb_markdown_head(out, "llrrr", titles);
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        for (size_t k = 0; bench->valid && k < bench->node_count; k++) {
            const gb_bench_node *node = &bench->nodes[k];
            gb_cell_bench(out, result, bench);
            gb_markdown_cell(out, result->session->nodes[node->node].name);
            gb_cell_value(out, node->performance, bench->unit);
            gb_cell_value(out, node->power_w, "W");
            gb_cell_pm(out, node->energy_j, node->u_j, "J");
            gb_markdown_end_row(out);
        }
    }
}

/* --- warnings and reproduction -------------------------------------------- */

static void add_item(gb_str *out, const char *code, const char *what,
                     const char *hint) {
    gb_str_addf(out, "- `%s`: ", code);
    gb_markdown_text(out, what);
    if (hint != NULL && hint[0] != '\0') {
        gb_str_add(out, "; hint: ");
        gb_markdown_text(out, hint);
    }
    gb_str_add(out, "\n");
}

static void add_warnings(const gb_result *result, gb_str *out) {
    bool any = false;
    gb_markdown_heading(out, "Warnings");
    gb_skip_groups skips =
        gb_group_skips(result->plan, result->plan->skip_count);
    out->failed = out->failed || skips.failed;
    for (size_t i = 0; i < skips.count; i++) {
        const gb_skip_group *skip = &skips.list[i];
        gb_str text = {0};
        gb_str_addf(&text, "%s: %s", skip->names[GB_LANGUAGE_EN].text,
                    skip->what);
        add_item(out, "plan.skipped", text.text != NULL ? text.text : "",
                 skip->hint);
        gb_str_fini(&text);
        any = true;
    }
    gb_skip_groups_fini(&skips);
    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        if (gb_facts_told(warning))
            continue;
        add_item(out, warning->code, warning->what, warning->hint);
        any = true;
    }
    if (!any)
        gb_str_add(out, "None.\n");
}

/* A fence longer than any run of backquotes in the command. */
static void add_reproduction(const gb_result *result, gb_str *out) {
    const gb_session *session = result->session;
    gb_markdown_heading(out, "To reproduce");
    gb_str_add(out, "Run as it was started, with the same greenbench, on the "
                    "same nodes:\n\n~~~~sh\n");
    for (const char *at = session->command != NULL ? session->command : "";
         *at != '\0'; at++)
        gb_str_addn(out, (unsigned char)*at < 0x20 ? " " : at, 1);
    gb_str_addf(out,
                "\n~~~~\n\nMPI started %u rank%s on %zu node%s. "
                "`greenbench report` computes this document's figures again "
                "from\n`records.jsonl` and `samples`.\n",
                session->ranks, session->ranks == 1 ? "" : "s",
                session->node_count, session->node_count == 1 ? "" : "s");
}

void gb_report_markdown(const gb_result *result, gb_str *out) {
    add_run(result, out);
    add_results(result, out);
    add_repetitions(result, out);
    add_launches(result, out);
    gb_add_spreads(result, out);
    add_bench_nodes(result, out);
    gb_add_energy(result, out);
    gb_add_budget(result, out);
    gb_add_counters(result, out);
    gb_add_notes(result, out);
    add_warnings(result, out);
    gb_add_system(result, out);
    add_reproduction(result, out);
}
