/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a run, at most 80 columns. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "pipeline/report/layout.h"

/* Together 80. */
enum {
    NAME_WIDTH = 18,
    PERFORMANCE_WIDTH = 14,
    INTERVAL_WIDTH = 8,
    POWER_WIDTH = 8,
    ENERGY_WIDTH = 8,
    EFFICIENCY_WIDTH = 14,
    QUALITY_WIDTH = 10,
};

static void add_header(gb_str *out, const gb_result *result,
                       const gb_report_style *style) {
    const gb_session *session = result->session;
    char line[256];
    gb_add_ink(out, style, GB_INK_BOLD, "greenbench ");
    gb_add_ink(out, style, GB_INK_BOLD, session->tool_version);
    snprintf(line, sizeof(line), "  %s  %u rank%s on %zu node%s  suite %s\n",
             session->run_id, session->ranks, session->ranks == 1 ? "" : "s",
             session->node_count, session->node_count == 1 ? "" : "s",
             session->suite);
    gb_str_add(out, line);
    if (session->node_count > 0) {
        const gb_node *node = &session->nodes[0];
        snprintf(line, sizeof(line), "%s: %s, %u core%s%s", node->name,
                 node->cpu[0] != '\0' ? node->cpu : "unknown CPU", node->cores,
                 node->cores == 1 ? "" : "s",
                 session->node_count > 1 ? " (first node)" : "");
        gb_str_add_wrapped(out, line, 0, 2, style->columns);
    }
    if (result->status != GB_RUN_COMPLETE)
        gb_add_ink(out, style, GB_INK_CAUTION,
                   result->status == GB_RUN_INTERRUPTED
                       ? "interrupted: what had finished is shown\n"
                       : "failed: what had finished is shown\n");
    gb_str_add(out, "\n");
}

static void add_titles(gb_str *out, const gb_report_style *style) {
    gb_add_cell(out, style, GB_INK_DIM, -NAME_WIDTH, "benchmark");
    gb_add_cell(out, style, GB_INK_DIM, PERFORMANCE_WIDTH, "performance");
    gb_add_cell(out, style, GB_INK_DIM, INTERVAL_WIDTH, "+- 95 %");
    gb_add_cell(out, style, GB_INK_DIM, POWER_WIDTH, "power");
    gb_add_cell(out, style, GB_INK_DIM, ENERGY_WIDTH, "energy");
    gb_add_cell(out, style, GB_INK_DIM, EFFICIENCY_WIDTH, "perf/watt");
    gb_add_cell(out, style, GB_INK_DIM, QUALITY_WIDTH, "quality");
    gb_str_add(out, "\n");
}

static void add_name(gb_str *out, const char *id,
                     const gb_report_style *style) {
    if (gb_columns(id) <= NAME_WIDTH) {
        gb_add_cell(out, style, GB_INK_PLAIN, -NAME_WIDTH, id);
    } else {
        gb_str_addf(out, "%s\n", id);
        gb_add_cell(out, style, GB_INK_PLAIN, -NAME_WIDTH, "");
    }
}

/* A line below the row: parameters, or why there is no figure. */
static void add_below(gb_str *out, const gb_report_style *style,
                      const char *text) {
    gb_str wrapped = {0};
    if (text[0] == '\0')
        return;
    gb_str_add_wrapped(&wrapped, text, 2, 4, style->columns);
    gb_str_add(out, "  ");
    gb_add_ink(out, style, GB_INK_DIM,
               wrapped.text != NULL ? wrapped.text : "\n");
    gb_str_fini(&wrapped);
}

/* "flop" -> "Gflop/s/W" does not fit beside a number; the column says what it
 * is, so "Gflop/J" stands for it: the same unit. */
static void add_figures(gb_str *out, const gb_bench_result *bench,
                        const gb_report_style *style) {
    char text[64];
    gb_add_cell(out, style, GB_INK_BOLD, PERFORMANCE_WIDTH,
                gb_format_quantity(bench->performance.value,
                                   isfinite(bench->performance.ci95[0])
                                       ? (bench->performance.ci95[1] -
                                          bench->performance.ci95[0]) /
                                             4.0
                                       : NAN,
                                   bench->unit, text, sizeof(text)));
    gb_add_cell(out, style, GB_INK_PLAIN, INTERVAL_WIDTH,
                gb_format_half_width(bench->performance.value,
                                     bench->performance.ci95, text,
                                     sizeof(text)));
    gb_add_cell(out, style, GB_INK_PLAIN, POWER_WIDTH,
                gb_format_quantity(bench->power_w, bench->power_u_w, "W", text,
                                   sizeof(text)));
    gb_add_cell(out, style, GB_INK_PLAIN, ENERGY_WIDTH,
                gb_format_quantity(bench->energy.energy_j, bench->energy.u_j,
                                   "J", text, sizeof(text)));
    gb_add_cell(out, style, GB_INK_BOLD, EFFICIENCY_WIDTH,
                gb_format_quantity(bench->efficiency, bench->efficiency_u,
                                   bench->efficiency_unit, text, sizeof(text)));
    gb_add_cell(out, style, gb_ink_of_quality(bench->energy.quality),
                QUALITY_WIDTH,
                bench->energy.quality == GB_QUALITY_UNAVAILABLE
                    ? "none"
                    : gb_quality_name(bench->energy.quality));
    gb_str_add(out, "\n");
}

static void add_bench(gb_str *out, const gb_result *result,
                      const gb_bench_result *bench,
                      const gb_report_style *style) {
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    char params[256], reason[640];
    add_name(out, planned->id, style);
    if (bench->valid) {
        add_figures(out, bench, style);
    } else {
        gb_add_cell(out, style, GB_INK_BAD, PERFORMANCE_WIDTH, "INVALID");
        gb_str_add(out, "\n");
    }
    gb_format_params(planned, false, params, sizeof(params));
    add_below(out, style, params);
    if (!bench->valid) {
        snprintf(reason, sizeof(reason), "%s%s%s", bench->reason,
                 bench->hint[0] != '\0' ? "; " : "", bench->hint);
        add_below(out, style, reason);
    } else if (!isfinite(bench->efficiency)) {
        add_below(out, style, bench->efficiency_reason);
    }
}

static void add_cover(gb_str *out, const gb_result *result,
                      const gb_report_style *style) {
    const gb_session *session = result->session;
    char text[400];
    if (session->node_count == 0)
        return;
    const gb_energy_cover *cover = &session->nodes[0].cover;
    if (cover->summed_count == 0) {
        gb_add_item(out, style, "energy", "none: no counter can be read here");
        return;
    }
    snprintf(text, sizeof(text), "%s%s%s", cover->holds,
             cover->leaves_out[0] != '\0' ? "; not in it: " : "",
             cover->leaves_out);
    gb_add_item(out, style, "energy", text);
}

static void add_idle(gb_str *out, const gb_result *result,
                     const gb_report_style *style) {
    char before[48], after[48], text[160];
    const gb_idle_figure *a = &result->idle_before, *b = &result->idle_after;
    if (!a->present && !b->present)
        return;
    snprintf(text, sizeof(text), "%s before, %s after",
             gb_format_quantity(a->present ? a->power_w : NAN, a->u_w, "W",
                                before, sizeof(before)),
             gb_format_quantity(b->present ? b->power_w : NAN, b->u_w, "W",
                                after, sizeof(after)));
    gb_add_item(out, style, "idle", text);
}

static void add_overhead(gb_str *out, const gb_result *result,
                         const gb_report_style *style) {
    char cost[48], text[240];
    if (!isfinite(result->sampler_cpu_fraction) ||
        result->session->node_count == 0)
        return;
    snprintf(text, sizeof(text), "%g Hz, %.2g %% of a core, %s a read, on %s",
             result->session->sample_hz, 100.0 * result->sampler_cpu_fraction,
             gb_format_duration(result->sample_cost_s, cost, sizeof(cost)),
             result->session->nodes[0].sampler_place);
    gb_add_item(out, style, "sampler", text);
}

static void add_warnings(gb_str *out, const gb_result *result,
                         const gb_report_style *style) {
    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        gb_add_cell(out, style, GB_INK_CAUTION, -10, "warning");
        gb_str_add_wrapped(out, warning->what, 10, 10, style->columns);
        if (warning->hint[0] != '\0') {
            gb_str_add(out, "          hint: ");
            gb_str_add_wrapped(out, warning->hint, 16, 16, style->columns);
        }
    }
}

void gb_report_terminal(const gb_result *result, const gb_report_style *style,
                        gb_str *out) {
    add_header(out, result, style);
    add_titles(out, style);
    for (size_t i = 0; i < result->bench_count; i++)
        add_bench(out, result, &result->benches[i], style);
    if (result->bench_count == 0)
        gb_str_add(out, "nothing was finished\n");
    gb_str_add(out, "\n");
    add_cover(out, result, style);
    add_idle(out, result, style);
    add_overhead(out, result, style);
    add_warnings(out, result, style);
}
