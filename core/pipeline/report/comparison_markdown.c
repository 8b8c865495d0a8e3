/* SPDX-License-Identifier: Apache-2.0 */
/* `compare --markdown`: for a merge request. What changed stands first; all the
 * rest unfolds. */
#include <stdio.h>

#include "pipeline/report/comparison.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/report.h"

static void add_text(gb_str *out, const char *before, gb_str *text,
                     const char *after) {
    gb_str_add(out, before);
    gb_markdown_take(out, text);
    gb_str_add(out, after);
}

static void add_run(gb_str *out, const char *side, const gb_compared_run *run) {
    gb_str text = {0};

    gb_str_addf(&text, "%s, greenbench %s, ", run->session->run_id,
                run->session->tool_version);
    gb_facts_size(run->session, GB_LANGUAGE_EN, &text);
    gb_str_addf(out, "- %s: ", side);
    add_text(out, "", &text, "\n");
}

static void add_row(const gb_compared_bench *bench, gb_compare_metric at,
                    gb_str *out) {
    const gb_compared_metric *metric = &bench->metrics[at];
    const bool changed = metric->verdict == GB_COMPARE_WORSE ||
                         metric->verdict == GB_COMPARE_BETTER;
    gb_compared_row row;
    gb_str title = {0};

    gb_compared_cells(metric, &row);
    gb_str_addf(&title, "%s%s%s", bench->id,
                bench->params[0] != '\0' ? " " : "", bench->params);
    add_text(out, "| ", &title, " ");
    gb_markdown_cell(out, gb_compare_metric_name(at));
    gb_markdown_cell(out, row.base);
    gb_markdown_cell(out, row.next);
    gb_markdown_cell(out, row.ratio);
    gb_markdown_cell(out, row.interval);
    gb_str_addf(out, "| %s%s%s%s%s%s ", changed ? "**" : "",
                gb_compare_verdict_name(metric->verdict), changed ? "**" : "",
                row.needed[0] != '\0' ? " (n = " : "", row.needed,
                row.needed[0] != '\0' ? ")" : "");
    gb_markdown_end_row(out);
}

/* @param changed  only what is better or worse. @return how many rows */
static size_t add_table(const gb_compared_pair *pair, bool changed,
                        gb_str *out) {
    static const char *const titles[] = {"benchmark", "metric", "base",   "new",
                                         "ratio",     "95 %",   "verdict"};
    size_t rows = 0;

    for (size_t b = 0; b < pair->bench_count; b++)
        for (int m = 0; m < GB_COMPARE_METRICS; m++) {
            const gb_compared_metric *metric = &pair->benches[b].metrics[m];
            if (!metric->present || pair->benches[b].reason[0] != '\0' ||
                (changed && metric->verdict != GB_COMPARE_WORSE &&
                 metric->verdict != GB_COMPARE_BETTER))
                continue;
            if (rows++ == 0) {
                gb_str_add(out, "\n");
                gb_markdown_head(out, "llrrrrl", titles);
            }
            add_row(&pair->benches[b], (gb_compare_metric)m, out);
        }
    return rows;
}

static void add_reasons(gb_str *out, const char *label, gb_reasons *reasons) {
    if (reasons->failed)
        out->failed = true;
    for (size_t i = 0; i < reasons->count; i++) {
        gb_str text = {0};
        gb_str_addf(&text, "%s (%s)", reasons->list[i].text,
                    reasons->list[i].ids);
        gb_str_addf(out, "- %s: ", label);
        add_text(out, "", &text, "\n");
    }
    gb_reasons_fini(reasons);
}

static void add_remarks(const gb_compared_pair *pair, gb_str *out) {
    gb_reasons refused = {0}, undecided = {0}, left_out = {0}, failed = {0};

    gb_compared_reasons(pair, &refused, &undecided, &left_out);
    for (size_t b = 0; b < pair->bench_count; b++)
        gb_reasons_add(pair->benches[b].failed ? &failed : &refused,
                       pair->benches[b].reason, NULL, pair->benches[b].id);
    gb_str_add(out, "\n");
    add_reasons(out, "failed", &failed);
    for (size_t i = 0; i < pair->difference_count; i++) {
        gb_str text = {0};
        gb_str_add(&text, pair->differences[i].what);
        add_text(out, "- differs: ", &text, "\n");
    }
    add_reasons(out, "refused", &refused);
    add_reasons(out, "undecided", &undecided);
    add_reasons(out, "no energy", &left_out);
}

void gb_report_comparison_markdown(const gb_comparison *comparison,
                                   gb_str *out) {
    gb_str text = {0};

    gb_str_add(out, "# greenbench compare\n");
    for (size_t p = 0; p < comparison->pair_count; p++) {
        const gb_compared_pair *pair = &comparison->pairs[p];
        gb_compared_total(pair, &text);
        add_text(out, "\n**", &text, "**\n\n");
        add_run(out, "base", &pair->base);
        add_run(out, "new", &pair->next);
        add_table(pair, true, out);
        add_remarks(pair, out);
        gb_str_add(out, "\n<details><summary>All metrics</summary>\n");
        add_table(pair, false, out);
        gb_str_add(out, "\n</details>\n");
    }
    gb_compared_interval(comparison, GB_LANGUAGE_EN, &text);
    add_text(out, "\nFigures: ", &text, ".\n");
    gb_compared_rule(comparison, &text);
    gb_str_add(&text, "; n: so many repetitions of each side would decide in "
                      "four of five tries, if what was seen is so");
    add_text(out, "\nRule: ", &text, ".\n");
}
