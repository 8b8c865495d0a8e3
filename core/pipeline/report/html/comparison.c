/* SPDX-License-Identifier: Apache-2.0 */
/* `compare` as a page. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/report/comparison.h"
#include "pipeline/report/html/html.h"

static void verdict_cards(gb_html *page, const gb_compared_pair *pair) {
    char text[24];

    gb_str_add(page->out, "<dl class=\"cards\">\n");
    for (int v = -1; v < GB_COMPARE_VERDICTS; v++) {
        const size_t count = v < 0 ? pair->failed : pair->verdicts[v];
        const gb_html_string title =
            v < 0 ? GB_HTML_failed_benchmarks
                  : gb_html_string_of("verdict_", gb_compare_verdict_name(
                                                      (gb_compare_verdict)v));
        if (title == GB_HTML_STRINGS || (v < 0 && count == 0))
            continue;
        gb_str_add(page->out, "<div class=\"card\">");
        gb_html_say(page, "dt", title);
        snprintf(text, sizeof(text), "%zu", count);
        gb_html_plain(page, "dd", text);
        gb_str_add(page->out, "</div>\n");
    }
    gb_str_add(page->out, "</dl>\n");
}

static void runs(gb_html *page, const gb_compared_pair *pair) {
    const gb_compared_run *const sides[] = {&pair->base, &pair->next};

    gb_str_add(page->out, "<dl class=\"facts\">\n");
    for (int i = 0; i < 2; i++) {
        gb_str texts[GB_LANGUAGES] = {{0}};
        for (int l = 0; l < GB_LANGUAGES; l++) {
            gb_str_addf(&texts[l], "%s · greenbench %s · ", sides[i]->path,
                        sides[i]->session->tool_version);
            gb_facts_size(sides[i]->session, (gb_language)l, &texts[l]);
        }
        gb_html_say(page, "dt", i == 0 ? GB_HTML_base : GB_HTML_new_run);
        gb_html_texts(page, "dd", texts);
    }
    gb_str_add(page->out, "</dl>\n");
}

static void metric_row(gb_html *page, const gb_page_row *row) {
    const gb_compared_metric *metric = &row->bench->metrics[row->metric];
    const char *verdict = gb_compare_verdict_name(metric->verdict);
    const gb_html_string word = gb_html_string_of("verdict_", verdict);
    gb_compared_row cells;
    char text[64];

    gb_compared_cells(metric, &cells);
    gb_html_row(page);
    gb_str_add(page->out, "<th scope=\"row\">");
    gb_html_name(page, row->bench->id);
    gb_str_add(page->out, " <small>");
    gb_html_name(page, row->bench->params);
    gb_str_add(page->out, "</small></th>");
    gb_html_word(page, "metric_", gb_compare_metric_name(row->metric));
    gb_html_number(page, cells.base);
    gb_html_number(page, cells.next);
    gb_html_number(page, cells.ratio);
    gb_html_number(page, cells.interval);
    snprintf(text, sizeof(text), "td class=\"v-%s\"", verdict);
    if (word < GB_HTML_STRINGS)
        gb_html_say(page, text, word);
    gb_html_number(page, cells.needed);
    gb_html_both(page, "td class=\"words\"", metric->reason, metric->chinese);
    gb_html_row_end(page);
}

static size_t present(const gb_compared_pair *pair) {
    size_t count = 0;
    for (int v = 0; v < GB_COMPARE_VERDICTS; v++)
        count += pair->verdicts[v];
    return count;
}

static void metrics(gb_html *page, const gb_compared_pair *pair, size_t index,
                    size_t *left) {
    static const gb_html_string titles[] = {
        GB_HTML_benchmark, GB_HTML_metric, GB_HTML_base,
        GB_HTML_new_run,   GB_HTML_ratio,  GB_HTML_ci95,
        GB_HTML_verdict,   GB_HTML_at_n,   GB_HTML_reason};
    gb_page_row *rows = calloc(GB_PAGE_METRICS, sizeof(*rows));
    char name[48];

    if (rows == NULL) {
        page->out->failed = true;
        return;
    }
    const size_t count = gb_page_rows(pair, rows, *left);
    *left -= count;
    snprintf(name, sizeof(name), "ratios-%zu", index);
    gb_html_chart(page, name, GB_HTML_ratios_aria);
    gb_html_fold(page);
    gb_html_table(page, GB_HTML_ratios, "llrrrrlrl", titles);
    for (size_t i = 0; i < count; i++)
        metric_row(page, &rows[i]);
    gb_html_table_end(page);
    gb_html_fold_end(page);
    gb_html_left_out(page, GB_HTML_left_out_compare, count, present(pair));
    free(rows);
}

static void not_compared(gb_html *page, const gb_compared_pair *pair) {
    size_t shown = 0, all = 0;

    for (size_t b = 0; b < pair->bench_count; b++) {
        const gb_compared_bench *bench = &pair->benches[b];
        if (bench->reason[0] == '\0')
            continue;
        if (all++ == 0) {
            gb_html_say(page, "h3", GB_HTML_not_compared);
            gb_str_add(page->out, "<ul>\n");
        }
        if (shown == GB_PAGE_NODES)
            continue;
        shown++;
        gb_str_add(page->out, "<li><b>");
        gb_html_text(page, bench->id);
        gb_str_add(page->out, "</b> ");
        gb_html_both(page, "span", bench->reason, bench->chinese);
        gb_str_add(page->out, "</li>\n");
    }
    if (all > 0)
        gb_str_add(page->out, "</ul>\n");
    gb_html_left_out(page, GB_HTML_left_out_compare, shown, all);
}

static void differences(gb_html *page, const gb_compared_pair *pair) {
    gb_html_say(page, "h3", GB_HTML_differences);
    if (pair->difference_count == 0) {
        gb_html_say(page, "p", GB_HTML_no_differences);
        return;
    }
    gb_str_add(page->out, "<ul>\n");
    for (size_t i = 0; i < pair->difference_count && i < GB_PAGE_NODES; i++) {
        const gb_warning *found = &pair->differences[i];
        gb_str_add(page->out, "<li>");
        gb_html_both(page, "span", found->what, found->chinese);
        gb_html_hint(page, found->hint);
        gb_str_add(page->out, "</li>\n");
    }
    gb_str_add(page->out, "</ul>\n");
}

static void rule(gb_html *page, const gb_comparison *comparison) {
    char margin[24], alpha[24], tests[24];
    const char *const values[] = {margin, alpha, tests};
    gb_str texts[GB_LANGUAGES] = {{0}};

    snprintf(margin, sizeof(margin), "%.3g", 100.0 * comparison->margin);
    snprintf(alpha, sizeof(alpha), "%.3g", 100.0 * comparison->alpha);
    snprintf(tests, sizeof(tests), "%zu", comparison->tests);
    gb_html_say_with(page, "p class=\"note\"", GB_HTML_ratios_note, values, 3);
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_compared_interval(comparison, (gb_language)l, &texts[l]);
    gb_html_texts(page, "p class=\"note\"", texts);
}

void gb_html_comparison(gb_html *page, const gb_comparison *comparison) {
    size_t left = GB_PAGE_METRICS;

    for (size_t p = 0; p < comparison->pair_count; p++) {
        const gb_compared_pair *pair = &comparison->pairs[p];
        const char *const values[] = {pair->next.session->run_id,
                                      pair->base.session->run_id};
        char title[80];
        gb_str_addf(page->out,
                    "<section id=\"pair-%zu\" "
                    "aria-labelledby=\"pair-%zu-title\">\n",
                    p, p);
        snprintf(title, sizeof(title), "h2 id=\"pair-%zu-title\"", p);
        gb_html_say_with(page, title, GB_HTML_pair, values, 2);
        runs(page, pair);
        verdict_cards(page, pair);
        rule(page, comparison);
        metrics(page, pair, p, &left);
        not_compared(page, pair);
        differences(page, pair);
        gb_html_section_end(page);
    }
}
