/* SPDX-License-Identifier: Apache-2.0 */
/* Power over time, and the phases of the run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/html/html.h"
#include "pipeline/report/quantity.h"

/* Phases of one benchmark that follow each other. */
typedef struct phase_row {
    double begin_s, end_s;
    int64_t case_index;
    size_t windows;
} phase_row;

static double mean_power_w(const gb_timeline *timeline, const phase_row *row) {
    const double bucket_s = timeline->span_s / (double)timeline->bucket_count;
    double sum_w = 0.0;
    size_t count = 0;

    for (size_t k = 0; k < timeline->bucket_count; k++) {
        const double at_s = ((double)k + 0.5) * bucket_s;
        if (at_s < row->begin_s || at_s > row->end_s ||
            isnan(timeline->total_w[k]))
            continue;
        sum_w += (double)timeline->total_w[k];
        count++;
    }
    return count > 0 ? sum_w / (double)count : NAN;
}

static void phase(gb_html *page, const gb_result *result,
                  const gb_timeline *timeline, const phase_row *row) {
    const gb_plan *plan = result->plan;
    char text[32], power[GB_QUANTITY_SIZE];
    gb_str label = {0};

    gb_html_row(page);
    if (row->case_index < 0 || (size_t)row->case_index >= plan->case_count) {
        gb_html_say(page, "th scope=\"row\"", GB_HTML_idle);
    } else {
        const gb_plan_case *planned = &plan->cases[row->case_index];
        gb_str_addf(&label, "%lld. %s ", (long long)row->case_index + 1,
                    planned->id);
        gb_plan_add_params(planned, false, &label);
        gb_html_plain(page, "th scope=\"row\"",
                      label.text != NULL ? label.text : "");
    }
    snprintf(text, sizeof(text), "%.2f", row->begin_s);
    gb_html_number(page, text);
    snprintf(text, sizeof(text), "%.2f", row->end_s);
    gb_html_number(page, text);
    gb_html_count(page, row->windows);
    gb_html_number(page, gb_quantity(mean_power_w(timeline, row), 0.0, "W",
                                     power, sizeof(power)));
    gb_html_row_end(page);
    gb_str_fini(&label);
}

static void phases(gb_html *page, const gb_result *result,
                   const gb_timeline *timeline) {
    static const gb_html_string titles[] = {GB_HTML_phase, GB_HTML_begin,
                                            GB_HTML_end, GB_HTML_windows,
                                            GB_HTML_mean_power};
    size_t rows = 0, all = 0;

    gb_html_table(page, GB_HTML_timeline, "lrrrr", titles);
    for (size_t i = 0; i < timeline->phase_count;) {
        const gb_timeline_phase *first = &timeline->phases[i];
        phase_row row = {first->begin_s, first->end_s, first->case_index, 0};
        for (; i < timeline->phase_count &&
               timeline->phases[i].case_index == row.case_index;
             i++) {
            row.end_s = timeline->phases[i].end_s;
            row.windows += timeline->phases[i].repetitions;
        }
        all++;
        if (rows == GB_PAGE_BENCHES)
            continue;
        rows++;
        phase(page, result, timeline, &row);
    }
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, rows, all);
}

static void timeline_note(gb_html *page, const gb_timeline *timeline) {
    char readings[32], buckets[32], each[48], nodes[32];
    const char *const values[] = {readings, buckets, each, nodes};

    snprintf(readings, sizeof(readings), "%zu", timeline->readings);
    snprintf(buckets, sizeof(buckets), "%zu", timeline->bucket_count);
    gb_format_duration(timeline->span_s / (double)timeline->bucket_count, each,
                       sizeof(each));
    snprintf(nodes, sizeof(nodes), "%u", timeline->shown_nodes);
    gb_html_say_with(page, "p class=\"note\"", GB_HTML_timeline_note, values,
                     4);
}

void gb_html_timelines(gb_html *page, const gb_page *what) {
    const gb_timelines *all = what->timelines;
    bool any = false;

    gb_html_section(page, "timeline", GB_HTML_timeline);
    for (size_t i = 0; i < all->count; i++)
        any = any || all->list[i].bucket_count > 0;
    if (!any) {
        gb_html_say(page, "p", GB_HTML_timeline_none);
        gb_html_section_end(page);
        return;
    }
    gb_html_chart(page, "timeline", GB_HTML_timeline_aria);
    gb_html_fold(page);
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].bucket_count > 0) {
            phases(page, what->result, &all->list[i]);
            timeline_note(page, &all->list[i]);
        }
    gb_html_fold_end(page);
    if (all->launches > all->count) {
        char drawn[24], there[24];
        const char *const values[] = {drawn, there};
        snprintf(drawn, sizeof(drawn), "%zu", all->count);
        snprintf(there, sizeof(there), "%zu", all->launches);
        gb_html_say_with(page, "p class=\"note\"", GB_HTML_timeline_launches,
                         values, 2);
    }
    gb_html_section_end(page);
}
