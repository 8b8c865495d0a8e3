/* SPDX-License-Identifier: Apache-2.0 */
/* The table of a run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/lines.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/skips.h"
#include "pipeline/report/table.h"
#include "pipeline/report/terminal_detail.h"

#define LABEL_COLUMNS 10

enum { BENCHMARK, PERFORMANCE, INTERVAL, POWER, ENERGY, EFFICIENCY, QUALITY };

static const gb_table_column columns[] = {
    [BENCHMARK] = {.title = "benchmark"},
    [PERFORMANCE] = {.title = "performance", .right = true},
    [INTERVAL] = {.title = "± CI", .joined = true},
    [POWER] = {.title = "power", .right = true},
    [ENERGY] = {.title = "energy", .right = true},
    [EFFICIENCY] = {.title = "per watt", .right = true},
    [QUALITY] = {.title = "quality"},
};

/* --- head ----------------------------------------------------------------- */

static bool same_machine(const gb_node *a, const gb_node *b) {
    return strcmp(a->cpu, b->cpu) == 0 && a->packages == b->packages &&
           a->cores == b->cores;
}

static void add_machine(const gb_session *session, bool colour, gb_str *out) {
    gb_str text = {0};
    if (session->node_count == 0)
        return;
    const gb_node *node = &session->nodes[0];
    bool alike = true;
    for (size_t i = 1; i < session->node_count; i++)
        alike = alike && same_machine(node, &session->nodes[i]);
    gb_str_add(&text, node->name);
    if (session->node_count > 1)
        gb_str_addf(&text, " and %zu more%s", session->node_count - 1,
                    alike ? " like it" : ", not all like it");
    if (node->cpu[0] != '\0')
        gb_str_addf(&text, " · %s", node->cpu);
    if (node->packages > 0 && node->cores > 0)
        gb_str_addf(&text, " · %u package%s, %u core%s", node->packages,
                    node->packages == 1 ? "" : "s", node->cores,
                    node->cores == 1 ? "" : "s");
    gb_facts_virtual(node, " · ", &text);
    if (text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_NONE, "", 0, text.text);
    gb_str_fini(&text);
}

static void add_head(const gb_result *result, bool colour, gb_str *out) {
    const gb_session *session = result->session;
    gb_str text = {0};
    gb_str_addf(&text, "%s · ", session->tool_version);
    gb_facts_size(session, GB_LANGUAGE_EN, &text);
    gb_str_addf(&text, " · %s suite", session->suite);
    /* Of a run that was resumed the pause between its launches is no part. */
    if (result->launch_count < 2 && session->started_utc_ns > 0 &&
        result->ended_utc_ns > session->started_utc_ns) {
        char took[48];
        const double seconds =
            (double)(result->ended_utc_ns - session->started_utc_ns) * 1e-9;
        gb_str_addf(&text, " · %s",
                    gb_format_duration(seconds, took, sizeof(took)));
    }
    if (text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, "greenbench", 0, text.text);
    gb_str_fini(&text);
    add_machine(session, colour, out);
    if (result->status != GB_RUN_COMPLETE)
        gb_lines_wrap(out, colour, GB_PAINT_BAD,
                      result->status == GB_RUN_INTERRUPTED ? "INTERRUPTED"
                                                           : "FAILED",
                      0, "what follows is what had finished");
    gb_str_add(out, "\n");
}

/* --- rows ----------------------------------------------------------------- */

static gb_paint quality_paint(gb_quality quality) {
    return quality == GB_QUALITY_MEASURED ? GB_PAINT_GOOD : GB_PAINT_CAUTION;
}

static void set_valid(gb_table *table, const gb_result *result,
                      const gb_bench_result *bench) {
    char text[GB_QUANTITY_SIZE], unit[64], some[64] = "no energy";
    char quality[32];
    gb_str efficiency_unit = {0};
    const gb_series_stats *stats = &bench->performance;
    const double half = 0.5 * (stats->ci95[1] - stats->ci95[0]);
    const gb_partial *partial = &bench->partial;
    const bool energy = isfinite(bench->energy.energy_j);
    const bool part =
        gb_facts_part(result, bench, GB_LANGUAGE_EN, some, sizeof(some));

    gb_quantity_short_unit(bench->unit, unit, sizeof(unit));
    /* Half of a 95 % interval is about two standard uncertainties. */
    gb_table_set(
        table, PERFORMANCE, GB_PAINT_NONE,
        gb_quantity(stats->value, 0.5 * half, unit, text, sizeof(text)));
    char interval[32] = "±";
    gb_quantity_half_width(stats->value, stats->ci95, interval + strlen("±"),
                           sizeof(interval) - strlen("±"));
    gb_table_set(table, INTERVAL, GB_PAINT_DIM,
                 isfinite(half) ? interval : "-");
    gb_table_set(table, POWER, GB_PAINT_NONE,
                 gb_quantity(part ? partial->power_w : bench->power_w,
                             part ? partial->power_u_w : bench->power_u_w, "W",
                             text, sizeof(text)));
    const gb_energy_figure *shown = part ? &partial->energy : &bench->energy;
    gb_table_set(
        table, ENERGY, GB_PAINT_NONE,
        gb_quantity(shown->energy_j, shown->u_j, "J", text, sizeof(text)));
    gb_str_addf(&efficiency_unit, "%s/s/W",
                gb_quantity_short_unit(bench->work_unit, unit, sizeof(unit)));
    gb_table_set(
        table, EFFICIENCY, GB_PAINT_BOLD,
        gb_quantity(bench->efficiency, bench->efficiency_u,
                    efficiency_unit.text != NULL ? efficiency_unit.text : "",
                    text, sizeof(text)));
    gb_str_fini(&efficiency_unit);
    const bool flagged = gb_facts_flagged(bench);
    snprintf(quality, sizeof(quality), "%s%s",
             gb_quality_name(bench->energy.quality), flagged ? "*" : "");
    gb_table_set(table, QUALITY,
                 energy && !flagged ? quality_paint(bench->energy.quality)
                                    : GB_PAINT_CAUTION,
                 energy ? quality : some);
}

/* Below the row of a benchmark without figures. */
static void add_why(const gb_bench_result *bench, bool colour, gb_str *below) {
    gb_str before = {0};

    gb_lines_wrap(below, colour, GB_PAINT_BAD, "  why:", 8,
                  bench->reason[0] != '\0' ? bench->reason
                                           : "no repetition finished");
    gb_facts_finished_before(bench, GB_LANGUAGE_EN, &before);
    if (before.text != NULL)
        gb_lines_wrap(below, colour, GB_PAINT_NONE, "  kept:", 8, before.text);
    gb_str_fini(&before);
    if (bench->hint[0] != '\0')
        gb_lines_wrap(below, colour, GB_PAINT_DIM, "  hint:", 8, bench->hint);
}

static void add_bench(gb_table *table, const gb_result *result,
                      const gb_bench_result *bench, bool colour) {
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    gb_str label = {0}, params = {0}, context = {0}, below = {0};

    gb_table_row_add(table);
    gb_plan_add_params(planned, false, &params);
    gb_str_add(&label, planned->id);
    const bool beside = params.text != NULL &&
                        gb_columns(planned->id) + 1 + gb_columns(params.text) <=
                            table->first_max;
    if (beside)
        gb_str_addf(&label, " %s", params.text);
    gb_table_set(table, BENCHMARK, GB_PAINT_NONE,
                 label.text != NULL ? label.text : "");
    if (params.text != NULL && !beside)
        gb_lines_wrap(&below, colour, GB_PAINT_NONE, "  ", 2, params.text);
    gb_facts_context(planned, bench, GB_LANGUAGE_EN, &context);
    if (context.text != NULL)
        gb_lines_wrap(&below, colour, GB_PAINT_DIM, "  ", 2, context.text);
    gb_str_fini(&context);
    if (bench->valid) {
        set_valid(table, result, bench);
    } else {
        for (size_t k = PERFORMANCE; k < QUALITY; k++)
            gb_table_set(table, k, GB_PAINT_NONE, k == INTERVAL ? "" : "-");
        gb_table_set(table, QUALITY, GB_PAINT_BAD, "INVALID");
        add_why(bench, colour, &below);
    }
    if (below.length > 0)
        gb_table_follow(table, &below);
    gb_str_fini(&below);
    gb_str_fini(&params);
    gb_str_fini(&label);
}

static void add_rows(const gb_result *result, bool colour, gb_str *out) {
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 18};
    if (result->bench_count == 0) {
        gb_lines_wrap(out, colour, GB_PAINT_NONE, "", 0,
                      "no benchmark has a result");
        return;
    }
    for (size_t i = 0; i < result->bench_count; i++)
        add_bench(&table, result, &result->benches[i], colour);
    gb_table_render(&table, colour, out);
    gb_table_fini(&table);
}

/* --- below ---------------------------------------------------------------- */

static void add_reasons(const gb_result *result, const char *label,
                        gb_reasons *reasons, bool colour, gb_str *out) {
    if (reasons->failed)
        out->failed = true;
    for (size_t i = 0; i < reasons->count; i++) {
        gb_str text = {0};
        gb_str_add(&text, reasons->list[i].text);
        if (reasons->list[i].count < result->bench_count)
            gb_str_addf(&text, " (%s)", reasons->list[i].ids);
        if (text.text != NULL)
            gb_lines_wrap(out, colour, GB_PAINT_CAUTION, label, LABEL_COLUMNS,
                          text.text);
        gb_str_fini(&text);
    }
    gb_reasons_fini(reasons);
}

/* The spread of the energies' relative standard uncertainties. */
static void add_uncertainty(const gb_result *result, gb_str *text) {
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_energy_figure *figure = &result->benches[i].energy;
        if (!result->benches[i].valid || !isfinite(figure->energy_j) ||
            !isfinite(figure->u_j) || figure->energy_j <= 0.0)
            continue;
        const double u_rel = figure->u_j / figure->energy_j;
        least = fmin(least, u_rel);
        most = fmax(most, u_rel);
    }
    if (!isfinite(least))
        return;
    char low[GB_QUANTITY_SIZE], high[GB_QUANTITY_SIZE];
    gb_quantity_percent(least, low, sizeof(low));
    gb_quantity_percent(most, high, sizeof(high));
    if (strcmp(low, high) == 0)
        gb_str_addf(text, "; standard uncertainty %s", high);
    else
        gb_str_addf(text, "; standard uncertainty %s to %s", low, high);
}

static void add_energy(const gb_result *result, bool colour, gb_str *out) {
    const gb_session *session = result->session;
    gb_cover_group *groups = calloc(session->node_count + 1, sizeof(*groups));
    if (groups == NULL) {
        out->failed = true;
        return;
    }
    const size_t count = gb_facts_covers(session, groups);
    for (size_t i = 0; i < count; i++) {
        const gb_node *node = &session->nodes[groups[i].first];
        const gb_energy_cover *cover = &node->cover;
        gb_str text = {0};
        if (cover->summed_count > 0)
            gb_str_addf(&text, "%s: ", gb_quality_name(cover->quality));
        gb_facts_holds(node, node->cover.holds, GB_LANGUAGE_EN, &text);
        if (groups[i].count > 1)
            gb_str_addf(&text, "; on %zu nodes", groups[i].count);
        else if (count > 1)
            gb_str_addf(&text, "; on %s", node->name);
        if (i + 1 == count)
            add_uncertainty(result, &text);
        if (text.text != NULL)
            gb_lines_wrap(out, colour, GB_PAINT_BOLD, "energy", LABEL_COLUMNS,
                          text.text);
        gb_str_fini(&text);
        gb_str_addf(&text, "leaves out %s", cover->leaves_out);
        if (cover->leaves_out[0] != '\0' && text.text != NULL)
            gb_lines_wrap(out, colour, GB_PAINT_NONE, "", LABEL_COLUMNS,
                          text.text);
        gb_str_fini(&text);
    }
    free(groups);
}

static void add_facts(const gb_result *result, bool colour, gb_str *out) {
    gb_reasons reasons = {0};
    gb_str text = {0};

    gb_lines_wrap(out, colour, GB_PAINT_BOLD, "figures", LABEL_COLUMNS,
                  "median performance with its 95 % interval; mean power, "
                  "energy and work per joule (= per watt) over all timed "
                  "calls, idle power included");
    if (gb_facts_launches(result, GB_LANGUAGE_EN, &text) && text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, "launches", LABEL_COLUMNS,
                      text.text);
    gb_str_fini(&text);
    if (gb_facts_insecure(result, &text) && text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "plugins", LABEL_COLUMNS,
                      text.text);
    gb_str_fini(&text);
    add_energy(result, colour, out);
    gb_facts_partial(result, &reasons);
    add_reasons(result, "partial", &reasons, colour, out);
    gb_facts_flags(result, &reasons);
    add_reasons(result, "*", &reasons, colour, out);
    gb_facts_no_energy(result, &reasons);
    add_reasons(result, "no energy", &reasons, colour, out);
    gb_facts_no_efficiency(result, &reasons);
    add_reasons(result, "no perf/W", &reasons, colour, out);
    gb_facts_no_roof(result, &reasons);
    add_reasons(result, "no roof", &reasons, colour, out);
    gb_facts_no_interval(result, &reasons);
    add_reasons(result, "no CI", &reasons, colour, out);
    if (gb_facts_idle(result, GB_LANGUAGE_EN, &text) && text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, "idle", LABEL_COLUMNS,
                      text.text);
    gb_str_fini(&text);
    if (gb_facts_load(result, &text) && text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, "load", LABEL_COLUMNS,
                      text.text);
    gb_str_fini(&text);
    gb_facts_sampler(result, GB_LANGUAGE_EN, &text);
    if (text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, "sampler", LABEL_COLUMNS,
                      text.text);
    gb_str_fini(&text);
}

static void add_hint(const char *hint, bool colour, gb_str *out) {
    if (hint == NULL || hint[0] == '\0')
        return;
    gb_lines_wrap(out, colour, GB_PAINT_DIM,
                  "          hint:", LABEL_COLUMNS + 6, hint);
}

static void add_warnings(const gb_result *result, bool colour, gb_str *out) {
    gb_skip_groups skips = gb_group_skips(result->plan, GB_SKIPS_NAMED);

    out->failed = out->failed || skips.failed;
    for (size_t i = 0; i < skips.count; i++) {
        const gb_skip_group *skip = &skips.list[i];
        gb_str text = {0};
        gb_str_addf(&text, "%s: %s", skip->names[GB_LANGUAGE_EN].text,
                    skip->what);
        if (text.text != NULL)
            gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "skipped",
                          LABEL_COLUMNS, text.text);
        gb_str_fini(&text);
        add_hint(skip->hint, colour, out);
    }
    gb_skip_groups_fini(&skips);
    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        if (gb_facts_told(warning))
            continue;
        gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "warning", LABEL_COLUMNS,
                      warning->what);
        add_hint(warning->hint, colour, out);
    }
}

void gb_report_terminal(const gb_result *result, const gb_report_style *style,
                        gb_str *out) {
    add_head(result, style->colour, out);
    add_rows(result, style->colour, out);
    gb_str_add(out, "\n");
    add_facts(result, style->colour, out);
    add_warnings(result, style->colour, out);
    if (style->detail)
        gb_terminal_detail(result, style->colour, out);
}
