/* SPDX-License-Identifier: Apache-2.0 */
/* `compare` on the terminal, and what both of its texts say. */
#include "pipeline/report/comparison.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/table.h"

enum { TEXT_COLUMN = 10, DECIMALS_MOST = 3, CONFIDENCE_PERCENT = 95 };

/* --- facts ---------------------------------------------------------------- */

static void show_value(const gb_compared_metric *metric, double value,
                       char *out) {
    char unit[GB_COMPARED_TEXT];

    gb_quantity_short_unit(metric->unit, unit, sizeof(unit));
    gb_quantity(value, NAN, unit, out, GB_COMPARED_TEXT);
}

/* As many as show the half width of the interval with one digit, and as fit
 * into 80 columns; the JSON has them all. */
static int decimals_of(const gb_compared_metric *metric) {
    const double half = 0.5 * (metric->ci95[1] - metric->ci95[0]);

    if (!(half > 0.0))
        return DECIMALS_MOST;
    return (int)fmin(fmax(-floor(log10(half)), 2.0), DECIMALS_MOST);
}

void gb_compared_cells(const gb_compared_metric *metric, gb_compared_row *out) {
    const int decimals = decimals_of(metric);

    show_value(metric, metric->base, out->base);
    show_value(metric, metric->next, out->next);
    snprintf(out->ratio, sizeof(out->ratio), "%.*f", decimals, metric->ratio);
    snprintf(out->interval, sizeof(out->interval), "%.*f..%.*f", decimals,
             metric->ci95[0], decimals, metric->ci95[1]);
    if (!isfinite(metric->ratio))
        gb_copy(out->ratio, sizeof(out->ratio), "-");
    if (!isfinite(metric->ci95[0]) || !isfinite(metric->ci95[1]))
        gb_copy(out->interval, sizeof(out->interval), "-");
    out->needed[0] = '\0';
    if (isfinite(metric->repetitions))
        snprintf(out->needed, sizeof(out->needed), "%.0f", metric->repetitions);
}

void gb_compared_total(const gb_compared_pair *pair, gb_str *out) {
    static const gb_compare_verdict order[] = {
        GB_COMPARE_WORSE, GB_COMPARE_BETTER, GB_COMPARE_EQUIVALENT,
        GB_COMPARE_UNDECIDED, GB_COMPARE_REFUSED};
    const char *joint = "";

    if (pair->failed > 0) {
        gb_str_addf(out, "%zu benchmark%s failed", pair->failed,
                    pair->failed == 1 ? "" : "s");
        joint = ", ";
    }
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (pair->verdicts[order[i]] == 0)
            continue;
        gb_str_addf(out, "%s%zu %s", joint, pair->verdicts[order[i]],
                    gb_compare_verdict_name(order[i]));
        joint = ", ";
    }
    if (joint[0] == '\0')
        gb_str_add(out, "nothing in common");
}

void gb_compared_interval(const gb_comparison *comparison, gb_language language,
                          gb_str *out) {
    gb_str_addf(out,
                gb_phrase(language,
                          "geometric means, and NEW by BASE with its %d %% "
                          "interval, the uncertainty of the energy meters "
                          "included where it does not cancel; time, energy and "
                          "EDP of the work of one repetition of BASE; "),
                CONFIDENCE_PERCENT);
    if (comparison->interleaved > 0)
        gb_str_addf(out,
                    gb_phrase(language, "%zu pairs of runs, one value a run"),
                    comparison->interleaved);
    else
        gb_str_add(out, gb_phrase(language,
                                  "one run a side: what differs from launch to "
                                  "launch is not in it"));
}

void gb_compared_rule(const gb_comparison *comparison, gb_str *out) {
    gb_str_addf(out,
                "%zu tests together wrong in at most %.3g %% (Holm); "
                "equivalent: within %.3g %% of BASE",
                comparison->tests, 100.0 * comparison->alpha,
                100.0 * comparison->margin);
}

void gb_compared_reasons(const gb_compared_pair *pair, gb_reasons *refused,
                         gb_reasons *undecided, gb_reasons *left_out) {
    for (size_t b = 0; b < pair->bench_count; b++) {
        const gb_compared_bench *bench = &pair->benches[b];
        gb_reasons_add(left_out, bench->no_energy, NULL, bench->id);
        const char *last = "";
        for (int m = 0; m < GB_COMPARE_METRICS; m++) {
            const gb_compared_metric *metric = &bench->metrics[m];
            /* Several metrics of one benchmark share a reason. */
            if (!metric->present || strcmp(last, metric->reason) == 0)
                continue;
            last = metric->reason;
            gb_reasons_add(metric->verdict == GB_COMPARE_REFUSED ? refused
                                                                 : undecided,
                           metric->reason, NULL, bench->id);
        }
    }
}

/* --- the terminal --------------------------------------------------------- */

static void add_line(gb_str *out, bool colour, gb_paint paint,
                     const char *label, gb_str *text) {
    gb_lines_take(out, colour, paint, label, TEXT_COLUMN, text);
}

static void add_run(const gb_compared_run *run, const char *label, bool colour,
                    gb_str *out) {
    gb_str text = {0};

    gb_str_addf(&text, "%s · greenbench %s · ", run->path,
                run->session->tool_version);
    gb_facts_size(run->session, GB_LANGUAGE_EN, &text);
    add_line(out, colour, GB_PAINT_NONE, label, &text);
}

static gb_paint paint_of(gb_compare_verdict verdict) {
    static const gb_paint paints[GB_COMPARE_VERDICTS] = {
        [GB_COMPARE_BETTER] = GB_PAINT_GOOD,
        [GB_COMPARE_WORSE] = GB_PAINT_BAD,
        [GB_COMPARE_UNDECIDED] = GB_PAINT_CAUTION,
        [GB_COMPARE_REFUSED] = GB_PAINT_CAUTION,
    };
    return paints[verdict];
}

static void add_metric(const gb_compared_metric *metric, const char *name,
                       gb_table *table) {
    const gb_paint paint = paint_of(metric->verdict);
    gb_compared_row row;
    char label[32];

    gb_compared_cells(metric, &row);
    snprintf(label, sizeof(label), "  %s", name);
    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, label);
    gb_table_set(table, 1, GB_PAINT_NONE, row.base);
    gb_table_set(table, 2, GB_PAINT_NONE, row.next);
    gb_table_set(table, 3, paint, row.ratio);
    gb_table_set(table, 4, GB_PAINT_NONE, row.interval);
    gb_table_set(table, 5, paint, gb_compare_verdict_name(metric->verdict));
    gb_table_set(table, 6, GB_PAINT_NONE, row.needed);
}

static void add_bench(const gb_compared_bench *bench, gb_table *table) {
    gb_str title = {0};

    gb_str_addf(&title, "%s%s%s", bench->id,
                bench->params[0] != '\0' ? " " : "", bench->params);
    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_BOLD,
                 title.text != NULL ? title.text : bench->id);
    gb_str_fini(&title);
    if (bench->reason[0] != '\0') {
        gb_str why = {0};
        gb_lines_wrap(&why, false, GB_PAINT_NONE,
                      bench->failed ? "  FAILED" : "  refused", TEXT_COLUMN + 2,
                      bench->reason);
        gb_table_follow(table, &why);
        return;
    }
    for (int m = 0; m < GB_COMPARE_METRICS; m++)
        if (bench->metrics[m].present)
            add_metric(&bench->metrics[m],
                       gb_compare_metric_name((gb_compare_metric)m), table);
}

static void add_reasons(const char *label, gb_reasons *reasons, bool colour,
                        gb_str *out) {
    if (reasons->failed)
        out->failed = true;
    for (size_t i = 0; i < reasons->count; i++) {
        gb_str text = {0};
        gb_str_addf(&text, "%s (%s)", reasons->list[i].text,
                    reasons->list[i].ids);
        add_line(out, colour, GB_PAINT_NONE, label, &text);
    }
    gb_reasons_fini(reasons);
}

static void add_table(const gb_compared_pair *pair, bool colour, gb_str *out) {
    static const gb_table_column columns[] = {
        {"", false, false},    {"base", true, false},
        {"new", true, false},  {"ratio", true, false},
        {"95 %", true, false}, {"verdict", false, false},
        {"at n", true, true},
    };
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = sizeof("  performance") - 1};

    for (size_t b = 0; b < pair->bench_count; b++)
        add_bench(&pair->benches[b], &table);
    if (pair->bench_count > 0)
        gb_table_render(&table, colour, out);
    gb_table_fini(&table);
}

static void add_differences(const gb_compared_pair *pair, bool colour,
                            gb_str *out) {
    for (size_t i = 0; i < pair->difference_count; i++) {
        gb_str text = {0};
        const gb_warning *found = &pair->differences[i];
        gb_str_addf(&text, "%s%s%s%s", found->what,
                    found->hint[0] != '\0' ? " (" : "", found->hint,
                    found->hint[0] != '\0' ? ")" : "");
        add_line(out, colour, GB_PAINT_NONE, "differs", &text);
    }
}

static void add_pair(const gb_compared_pair *pair, bool colour, gb_str *out) {
    gb_reasons refused = {0}, undecided = {0}, left_out = {0};
    gb_str text = {0};

    add_run(&pair->base, "base", colour, out);
    add_run(&pair->next, "new", colour, out);
    gb_str_add(out, "\n");
    add_table(pair, colour, out);
    gb_str_add(out, "\n");
    gb_compared_reasons(pair, &refused, &undecided, &left_out);
    add_differences(pair, colour, out);
    add_reasons("refused", &refused, colour, out);
    add_reasons("undecided", &undecided, colour, out);
    add_reasons("no energy", &left_out, colour, out);
    gb_compared_total(pair, &text);
    add_line(out, colour,
             pair->failed > 0 || pair->verdicts[GB_COMPARE_WORSE] > 0
                 ? GB_PAINT_BAD
                 : GB_PAINT_BOLD,
             "verdicts", &text);
}

void gb_report_comparison(const gb_comparison *comparison,
                          const gb_report_style *style, gb_str *out) {
    const bool colour = style->colour;
    gb_str text = {0};

    for (size_t p = 0; p < comparison->pair_count; p++) {
        add_pair(&comparison->pairs[p], colour, out);
        gb_str_add(out, "\n");
    }
    gb_compared_interval(comparison, GB_LANGUAGE_EN, &text);
    add_line(out, colour, GB_PAINT_NONE, "figures", &text);
    gb_compared_rule(comparison, &text);
    add_line(out, colour, GB_PAINT_NONE, "rule", &text);
    gb_str_add(&text, "'at n': so many repetitions of each side would decide "
                      "in four of five tries, if what was seen is so");
    add_line(out, colour, GB_PAINT_NONE, "", &text);
}
