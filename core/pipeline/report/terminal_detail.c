/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/report/terminal_detail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/sources.h"
#include "pipeline/report/table.h"

enum { FIRST_MAX = 18, TEXT_COLUMN = 13 };

static void set(gb_table *table, size_t column, double value,
                const char *unit) {
    char text[GB_QUANTITY_SIZE];
    gb_table_set(table, column, GB_PAINT_NONE,
                 gb_quantity(value, 0.0, unit, text, sizeof(text)));
}

/* A row that begins with the benchmark and its parameters. */
static void add_bench(gb_table *table, const gb_result *result,
                      const gb_bench_result *bench) {
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    gb_str label = {0};

    gb_str_addf(&label, "%s ", planned->id);
    gb_plan_add_params(planned, false, &label);
    if (label.text != NULL && label.text[label.length - 1] == ' ')
        label.text[label.length - 1] = '\0';
    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE,
                 label.text != NULL ? label.text : planned->id);
    gb_str_fini(&label);
}

static void render(gb_table *table, const char *title, const char *note,
                   bool colour, gb_str *out) {
    if (table->row_count > 0) {
        gb_str_add(out, "\n");
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, title, TEXT_COLUMN, note);
        gb_table_render(table, colour, out);
    }
    gb_table_fini(table);
}

/* --- repetitions ---------------------------------------------------------- */

static void add_repetitions(const gb_result *result, bool colour, gb_str *out) {
    static const gb_table_column columns[] = {
        {.title = "benchmark"},
        {.title = "n", .right = true},
        {.title = "least", .right = true},
        {.title = "mean", .right = true},
        {.title = "greatest", .right = true},
        {.title = "time each", .right = true},
        {.title = "net of idle", .right = true}};
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = FIRST_MAX};

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_series_stats *stats = &bench->performance;
        double least = NAN, most = NAN;
        char text[GB_QUANTITY_SIZE], unit[64];
        if (!bench->valid)
            continue;
        for (size_t k = 0; k < stats->n && stats->raw != NULL; k++) {
            least = fmin(least, stats->raw[k]);
            most = fmax(most, stats->raw[k]);
        }
        add_bench(&table, result, bench);
        gb_quantity_short_unit(bench->unit, unit, sizeof(unit));
        snprintf(text, sizeof(text), "%zu", stats->n);
        gb_table_set(&table, 1, GB_PAINT_NONE, text);
        set(&table, 2, least, unit);
        set(&table, 3, stats->mean, unit);
        set(&table, 4, most, unit);
        set(&table, 5, bench->time_s.value, "s");
        gb_table_set(
            &table, 6, GB_PAINT_NONE,
            gb_quantity(bench->net_j, bench->net_u_j, "J", text, sizeof(text)));
    }
    render(&table, "repetitions",
           "performance of single ones, time of one, energy of all over idle",
           colour, out);
}

/* --- uncertainty ---------------------------------------------------------- */

static void add_budget(const gb_result *result, bool colour, gb_str *out) {
    static const gb_table_column columns[] = {
        {.title = "benchmark"},
        {.title = "quantisation", .right = true},
        {.title = "phase", .right = true},
        {.title = "latency", .right = true},
        {.title = "unsampled", .right = true},
        {.title = "calibration", .right = true},
        {.title = "all", .right = true}};
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = FIRST_MAX};

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_energy_figure *figure = &bench->energy;
        const gb_energy_budget *budget = &figure->budget;
        char text[GB_QUANTITY_SIZE];
        if (!bench->valid || !isfinite(figure->energy_j))
            continue;
        add_bench(&table, result, bench);
        set(&table, 1, budget->quantisation_j, "J");
        set(&table, 2, budget->phase_j, "J");
        set(&table, 3, budget->latency_j, "J");
        set(&table, 4, budget->unsampled_j, "J");
        set(&table, 5, budget->calibration_j, "J");
        gb_table_set(&table, 6, GB_PAINT_NONE,
                     gb_quantity_percent(figure->u_j / figure->energy_j, text,
                                         sizeof(text)));
    }
    render(&table, "uncertainty",
           "of the energy, one standard uncertainty by its source", colour,
           out);
}

/* --- counters ------------------------------------------------------------- */

static void add_source(const gb_source_group *group, bool colour, gb_str *out) {
    const gb_energy_domain *domain = group->domain;
    const char *reason = gb_source_reason(group);
    char energy[GB_QUANTITY_SIZE];
    gb_str text = {0};

    gb_str_addf(&text, "%s%s%s: %s", domain->source,
                domain->name[0] != '\0' ? " " : "", domain->name,
                gb_domain_status_name(gb_source_status(group)));
    if (group->nodes > 1)
        gb_str_addf(&text, " on %s and %zu more", group->node->name,
                    group->nodes - 1);
    if (isfinite(group->energy_j))
        gb_str_addf(
            &text, ", %s, %s, %s",
            gb_quantity(group->energy_j, 0.0, "J", energy, sizeof(energy)),
            domain->summed ? "summed" : "not summed",
            gb_quality_name(domain->quality));
    if (reason[0] != '\0')
        gb_str_addf(&text, "; %s", reason);
    out->failed = out->failed || text.failed;
    gb_lines_wrap(out, colour, GB_PAINT_NONE, "counter", TEXT_COLUMN,
                  text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

static void add_sources(const gb_result *result, bool colour, gb_str *out) {
    gb_source_group *groups = calloc(GB_SOURCE_GROUPS, sizeof(*groups));
    size_t count = 0;

    if (groups == NULL) {
        out->failed = true;
        return;
    }
    const size_t left_out = gb_group_sources(result, groups, &count);
    for (size_t i = 0; i < count; i++)
        add_source(&groups[i], colour, out);
    if (left_out > 0) {
        char text[64];
        snprintf(text, sizeof(text), "and %zu more in summary.json", left_out);
        gb_lines_wrap(out, colour, GB_PAINT_NONE, "counter", TEXT_COLUMN, text);
    }
    free(groups);
}

/* --- provenance ----------------------------------------------------------- */

static void add_line(const char *label, const char *text, bool colour,
                     gb_str *out) {
    gb_lines_wrap(out, colour, GB_PAINT_NONE, label, TEXT_COLUMN,
                  text[0] != '\0' ? text : "not known");
}

static void add_time(const char *label, uint64_t utc_ns, bool colour,
                     gb_str *out) {
    char text[32] = "";
    if (utc_ns > 0)
        gb_clock_format_utc(utc_ns, text, sizeof(text));
    add_line(label, text, colour, out);
}

static void add_plugins(const gb_plan *plan, bool colour, gb_str *out) {
    for (size_t i = 0; i < plan->case_count; i++) {
        const gb_plan_case *planned = &plan->cases[i];
        gb_str text = {0};
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(plan->cases[k].id, planned->id) == 0;
        if (again)
            continue;
        gb_str_addf(&text, "%s %s", planned->id,
                    planned->version != NULL ? planned->version : "");
        if (planned->sha256 != NULL && planned->sha256[0] != '\0')
            gb_str_addf(&text, ", sha256 %s", planned->sha256);
        add_line("plugin", text.text != NULL ? text.text : "", colour, out);
        gb_str_fini(&text);
    }
}

static void add_provenance(const gb_result *result, bool colour, gb_str *out) {
    const gb_session *session = result->session;
    gb_str tool = {0};

    add_line("run", session->run_id, colour, out);
    add_line("command", session->command != NULL ? session->command : "",
             colour, out);
    add_time("started", session->started_utc_ns, colour, out);
    add_time("ended", result->ended_utc_ns, colour, out);
    add_line("MPI", session->mpi, colour, out);
    gb_str_addf(&tool, "%s%s%s%s, %s", session->tool_version,
                session->tool_git[0] != '\0' ? " (" : "", session->tool_git,
                session->tool_git[0] != '\0' ? ")" : "", session->tool_build);
    add_line("greenbench", tool.text != NULL ? tool.text : "", colour, out);
    gb_str_fini(&tool);
    add_plugins(result->plan, colour, out);
}

void gb_terminal_detail(const gb_result *result, bool colour, gb_str *out) {
    add_repetitions(result, colour, out);
    add_budget(result, colour, out);
    gb_str_add(out, "\n");
    add_sources(result, colour, out);
    add_provenance(result, colour, out);
}
