/* SPDX-License-Identifier: Apache-2.0 */
/* `history list`, `trend` and `gate`. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pipeline/report/comparison.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/table.h"

enum { TEXT_COLUMN = 10, COURSE_COLUMNS = 16 };

static void set_whole(gb_table *table, size_t column, uint64_t value) {
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    gb_table_set(table, column, GB_PAINT_NONE, text);
}

static void render(gb_table *table, const gb_report_style *style, gb_str *out) {
    gb_table_render(table, style->colour, out);
    if (table->failed)
        out->failed = true;
    gb_table_fini(table);
}

/* Takes @p text. */
static void add_line(gb_str *out, bool colour, gb_paint paint,
                     const char *label, gb_str *text) {
    gb_lines_take(out, colour, paint, label, TEXT_COLUMN, text);
}

/* --- list ----------------------------------------------------------------- */

static void add_run(const gb_history_run *run, bool colour, gb_table *table) {
    char started[32];
    gb_str more = {0}, lines = {0};

    gb_clock_format_utc(run->started_utc_ns, started, sizeof(started));
    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_BOLD, run->run_id);
    gb_table_set(table, 1, GB_PAINT_NONE, started);
    gb_table_set(table, 2,
                 run->status == GB_RUN_COMPLETE ? GB_PAINT_NONE
                                                : GB_PAINT_CAUTION,
                 gb_facts_status(run->status));
    set_whole(table, 3, run->benchmarks);
    set_whole(table, 4, run->failed);
    gb_str_addf(&more, "%u rank%s on %" PRIu64 " node%s · %s · greenbench %s",
                run->ranks, run->ranks == 1 ? "" : "s", run->nodes,
                run->nodes == 1 ? "" : "s", run->system, run->tool_version);
    add_line(&lines, colour, GB_PAINT_DIM, "", &more);
    gb_table_follow(table, &lines);
}

void gb_report_history_runs(const gb_history_runs *runs,
                            const gb_report_style *style, gb_str *out) {
    static const gb_table_column columns[] = {{.title = "run"},
                                              {.title = "began (UTC)"},
                                              {.title = "status"},
                                              {"benchmarks", .right = true},
                                              {"failed", .right = true}};
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 34};

    if (runs->count == 0) {
        gb_str_add(out, "no runs\n");
        return;
    }
    for (size_t i = 0; i < runs->count; i++)
        add_run(&runs->list[i], style->colour, &table);
    render(&table, style, out);
}

/* --- trend ---------------------------------------------------------------- */

static double value_of(const gb_trend *trend, size_t at) {
    return trend->points[at]->values[trend->metric];
}

/* Means of as many parts as there are columns, between the least and the most:
 * "▃▃▄▃▃▇▇▇". */
static void draw_course(const gb_trend *trend, char *out, size_t size) {
    static const char *const blocks[] = {"▁", "▂", "▃", "▄",
                                         "▅", "▆", "▇", "█"};
    const size_t n = trend->point_count;
    const size_t parts = n < COURSE_COLUMNS ? n : COURSE_COLUMNS;
    double means[COURSE_COLUMNS], least = INFINITY, most = -INFINITY;

    for (size_t p = 0; p < parts; p++) {
        const size_t begin = p * n / parts, end = (p + 1) * n / parts;
        means[p] = 0.0;
        for (size_t i = begin; i < end; i++)
            means[p] += value_of(trend, i) / (double)(end - begin);
        least = fmin(least, means[p]);
        most = fmax(most, means[p]);
    }
    out[0] = '\0';
    for (size_t p = 0; p < parts; p++) {
        const double height =
            most > least ? (means[p] - least) / (most - least) : 0.5;
        const size_t used = strlen(out);
        snprintf(out + used, size - used, "%s",
                 blocks[(int)(height * 7.0 + 0.5)]);
    }
}

static void add_change(const gb_trend *trend, const gb_trend_change *change,
                       bool colour, gb_str *lines) {
    const gb_history_point *before = trend->points[change->at - 1];
    const gb_history_point *after = trend->points[change->at];
    char unit[56], was[GB_QUANTITY_SIZE], is[GB_QUANTITY_SIZE], began[32];
    gb_str text = {0};

    gb_quantity_short_unit(trend->unit, unit, sizeof(unit));
    gb_quantity(change->before, NAN, unit, was, sizeof(was));
    gb_quantity(change->after, NAN, unit, is, sizeof(is));
    gb_clock_format_utc(after->started_utc_ns, began, sizeof(began));
    gb_str_addf(&text, "%+.1f %% (%s to %s) from run %s of %s on, p %.2g",
                100.0 * change->relative, was, is, after->run_id, began,
                change->p);
    if (strcmp(before->tool_version, after->tool_version) != 0)
        gb_str_addf(&text, "; greenbench %s, before it %s", after->tool_version,
                    before->tool_version);
    if (strcmp(before->plugin_version, after->plugin_version) != 0)
        gb_str_addf(&text, "; the plugin %s, before it %s",
                    after->plugin_version, before->plugin_version);
    add_line(lines, colour, change->worse ? GB_PAINT_BAD : GB_PAINT_GOOD,
             change->worse ? "    worse" : "    better", &text);
}

static void add_trend(const gb_trend *trend, bool colour, gb_table *table) {
    const gb_trend_change *last = trend->change_count > 0
                                      ? &trend->changes[trend->change_count - 1]
                                      : NULL;
    char unit[56], now[GB_QUANTITY_SIZE], newest[GB_QUANTITY_SIZE], name[32];
    char course[4 * COURSE_COLUMNS + 1];
    gb_str lines = {0};

    gb_quantity_short_unit(trend->unit, unit, sizeof(unit));
    gb_quantity(trend->median, NAN, unit, now, sizeof(now));
    gb_quantity(value_of(trend, trend->point_count - 1), NAN, unit, newest,
                sizeof(newest));
    snprintf(name, sizeof(name), "  %s", gb_trend_metric_name(trend->metric));
    draw_course(trend, course, sizeof(course));
    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, name);
    set_whole(table, 1, trend->point_count);
    gb_table_set(table, 2, GB_PAINT_NONE, course);
    gb_table_set(table, 3, GB_PAINT_NONE, now);
    gb_table_set(table, 4, GB_PAINT_NONE, newest);
    set_whole(table, 5, trend->change_count);
    if (last != NULL)
        for (size_t i = 0; i < trend->change_count; i++)
            add_change(trend, &trend->changes[i], colour, &lines);
    if (trend->left_out > 0) {
        gb_str text = {0};
        gb_str_addf(&text, "%zu runs with energy of another kind than the last",
                    trend->left_out);
        add_line(&lines, colour, GB_PAINT_CAUTION, "    left out", &text);
    }
    gb_table_follow(table, &lines);
}

static void add_series(const gb_history_series *series, bool colour,
                       gb_table *table) {
    gb_str more = {0}, lines = {0}, title = {0};

    gb_str_addf(&title, "%s%s%s", series->benchmark,
                series->params[0] != '\0' ? " " : "", series->params);
    gb_table_row_add(table);
    if (title.failed)
        table->failed = true;
    else
        gb_table_set(table, 0, GB_PAINT_BOLD, title.text);
    gb_str_fini(&title);
    gb_str_addf(&more, "%u rank%s on %" PRIu64 " node%s · %s", series->ranks,
                series->ranks == 1 ? "" : "s", series->nodes,
                series->nodes == 1 ? "" : "s", series->system);
    add_line(&lines, colour, GB_PAINT_DIM, "", &more);
    gb_table_follow(table, &lines);
}

void gb_report_trends(const gb_trends *trends, const gb_report_style *style,
                      gb_str *out) {
    static const gb_table_column columns[] = {
        {.title = ""},           {"runs", .right = true},
        {.title = "course"},     {"median", .right = true},
        {"last", .right = true}, {"changes", .right = true}};
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 14};
    gb_str rule = {0};

    if (trends->count == 0) {
        gb_str_add(out, "no results\n");
        return;
    }
    for (size_t i = 0; i < trends->count; i++) {
        if (i == 0 || trends->list[i].series != trends->list[i - 1].series)
            add_series(trends->list[i].series, style->colour, &table);
        add_trend(&trends->list[i], style->colour, &table);
    }
    render(&table, style, out);
    gb_str_addf(&rule,
                "a change by chance in at most %.3g %% of series without one; "
                "the median is that of the runs since the last change",
                100.0 * trends->alpha);
    gb_str_add(out, "\n");
    add_line(out, style->colour, GB_PAINT_NONE, "changes", &rule);
}

/* --- gate ----------------------------------------------------------------- */

static void add_finding(const gb_gate_finding *found, bool colour,
                        gb_str *out) {
    gb_str text = {0};

    gb_str_addf(&text, "%s%s%s: ", found->benchmark,
                found->params[0] != '\0' ? " " : "", found->params);
    if (found->failed)
        gb_str_add(&text, "it failed");
    else
        gb_str_addf(&text, "%s is %.4g to %.4g times that of the references",
                    gb_compare_metric_name(found->metric), found->least,
                    found->most);
    add_line(out, colour, GB_PAINT_BAD, found->failed ? "FAILED" : "worse",
             &text);
}

void gb_report_gate(const gb_gate *gate, const gb_report_style *style,
                    gb_str *out) {
    gb_str text = {0};

    for (size_t i = 0; i < gate->found_count; i++)
        add_finding(&gate->found[i], style->colour, out);
    if (gate->found_count == 0)
        gb_str_addf(&text, "nothing is worse than in each of %zu run%s",
                    gate->count, gate->count == 1 ? "" : "s");
    else
        gb_str_addf(&text, "%zu figure%s worse than in each of %zu run%s",
                    gate->found_count, gate->found_count == 1 ? " is" : "s are",
                    gate->count, gate->count == 1 ? "" : "s");
    if (gate->comparable < gate->count)
        gb_str_addf(&text, "; not all could be compared with %zu of them",
                    gate->count - gate->comparable);
    add_line(out, style->colour,
             gate->found_count > 0 ? GB_PAINT_BAD : GB_PAINT_GOOD, "gate",
             &text);
    for (size_t i = 0; i < gate->count; i++) {
        const gb_compared_run *run = &gate->comparisons[i].pairs[0].base;
        gb_str label = {0}, total = {0};
        gb_compared_total(&gate->comparisons[i].pairs[0], &total);
        gb_str_addf(&label, "%s: %s", run->session->run_id,
                    total.text != NULL ? total.text : "");
        gb_str_fini(&total);
        add_line(out, style->colour, GB_PAINT_NONE, "against", &label);
    }
}
