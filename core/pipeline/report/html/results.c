/* SPDX-License-Identifier: Apache-2.0 */
/* The summary of a run, and its results. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "metering/window.h"
#include "pipeline/report/html/html.h"
#include "pipeline/report/quantity.h"

/* --- cards ---------------------------------------------------------------- */

static void card(gb_html *page, gb_html_string title, const char *value) {
    gb_str_add(page->out, "<div class=\"card\">");
    gb_html_say(page, "dt", title);
    gb_html_plain(page, "dd", value);
    gb_str_add(page->out, "</div>\n");
}

static void card_word(gb_html *page, gb_html_string title, const char *prefix,
                      const char *word) {
    const gb_html_string string = gb_html_string_of(prefix, word);
    gb_str_add(page->out, "<div class=\"card\">");
    gb_html_say(page, "dt", title);
    gb_html_say(page, "dd", string < GB_HTML_STRINGS ? string : GB_HTML_none);
    gb_str_add(page->out, "</div>\n");
}

static void card_size(gb_html *page, const gb_session *session) {
    char ranks[24], nodes[24];
    const char *const values[] = {ranks, nodes};
    snprintf(ranks, sizeof(ranks), "%u", session->ranks);
    snprintf(nodes, sizeof(nodes), "%zu", session->node_count);
    gb_str_add(page->out, "<div class=\"card\">");
    gb_html_say(page, "dt", GB_HTML_card_size);
    gb_html_say_with(page, "dd", GB_HTML_card_size_value, values, 2);
    gb_str_add(page->out, "</div>\n");
}

/* The best of each unit: what the page is about. */
static void cards_best(gb_html *page, const gb_result *result) {
    for (size_t i = 0; i < result->bench_count && i < GB_PAGE_BENCHES; i++) {
        const gb_bench_result *bench = &result->benches[i];
        bool best = bench->valid && isfinite(bench->efficiency);
        for (size_t k = 0; k < result->bench_count && best; k++) {
            const gb_bench_result *other = &result->benches[k];
            if (!other->valid || !isfinite(other->efficiency) ||
                strcmp(other->work_unit, bench->work_unit) != 0)
                continue;
            best = k < i ? other->efficiency < bench->efficiency
                         : other->efficiency <= bench->efficiency;
        }
        if (!best)
            continue;
        char text[GB_QUANTITY_SIZE], unit[64], full[80];
        const char *const values[] = {bench->work_unit};
        snprintf(full, sizeof(full), "%s/s/W",
                 gb_quantity_short_unit(bench->work_unit, unit, sizeof(unit)));
        gb_str_add(page->out, "<div class=\"card\">");
        gb_html_say_with(page, "dt", GB_HTML_card_best, values, 1);
        gb_html_plain(page, "dd",
                      gb_quantity_pm(bench->efficiency, bench->efficiency_u,
                                     full, text, sizeof(text)));
        gb_html_plain(page, "dd class=\"of\"",
                      result->plan->cases[bench->case_index].id);
        gb_str_add(page->out, "</div>\n");
    }
}

static const char *quality_of(const gb_result *result) {
    gb_quality worst = GB_QUALITY_MEASURED;
    bool any = false;
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (!bench->valid)
            continue;
        const bool have = isfinite(bench->energy.energy_j);
        const gb_quality quality =
            have ? bench->energy.quality : GB_QUALITY_UNAVAILABLE;
        worst = quality < worst ? quality : worst;
        any = true;
    }
    return gb_quality_name(any ? worst : GB_QUALITY_UNAVAILABLE);
}

static void cards(gb_html *page, const gb_result *result) {
    char text[GB_QUANTITY_SIZE];
    gb_energy_figure energy = gb_figure_zero();
    size_t valid = 0;

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        valid += bench->valid;
        if (bench->valid)
            gb_figure_add_serial(&energy, &bench->energy);
    }
    gb_str_add(page->out, "<dl class=\"cards\">\n");
    card_word(page, GB_HTML_card_status, "status_",
              gb_facts_status(result->status));
    card_size(page, result->session);
    card_word(page, GB_HTML_card_quality, "quality_", quality_of(result));
    snprintf(text, sizeof(text), "%zu / %zu", valid, result->bench_count);
    card(page, GB_HTML_card_benchmarks, text);
    cards_best(page, result);
    card(page, GB_HTML_card_energy,
         gb_quantity_pm(valid > 0 ? energy.energy_j : NAN, energy.u_j, "J",
                        text, sizeof(text)));
    if (result->idle_before.present)
        card(page, GB_HTML_card_idle,
             gb_quantity_pm(result->idle_before.power_w,
                            result->idle_before.u_w, "W", text, sizeof(text)));
    snprintf(text, sizeof(text), "%zu", result->warning_count);
    card(page, GB_HTML_card_warnings, text);
    gb_str_add(page->out, "</dl>\n");
}

static void warnings(gb_html *page, const gb_result *result) {
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < result->warning_count; i++) {
        const gb_warning *warning = &result->warnings[i];
        if (gb_facts_told(warning))
            continue;
        if (all++ == 0) {
            gb_html_say(page, "h3", GB_HTML_warnings);
            gb_str_add(page->out, "<ul class=\"warnings\">\n");
        }
        if (shown == GB_PAGE_NODES)
            continue;
        shown++;
        gb_str_add(page->out, "<li>");
        if (warning->chinese[0] != '\0')
            gb_html_both(page, "span", warning->what, warning->chinese);
        else
            gb_html_phrase(page, "span", warning->what);
        gb_html_hint(page, warning->hint);
        gb_str_add(page->out, "</li>\n");
    }
    if (all > 0)
        gb_str_add(page->out, "</ul>\n");
    gb_html_left_out(page, GB_HTML_left_out, shown, all);
}

static bool simulated(const gb_session *session) {
    bool any = session->sysroot[0] != '\0';
    for (size_t n = 0; n < session->node_count && !any; n++)
        any = session->nodes[n].cover.quality == GB_QUALITY_SIMULATED;
    return any;
}

void gb_html_summary(gb_html *page, const gb_result *result) {
    gb_html_section(page, "summary", GB_HTML_summary);
    if (simulated(result->session))
        gb_html_say(page, "p class=\"alarm\"", GB_HTML_simulated_run);
    if (result->status != GB_RUN_COMPLETE)
        gb_html_say(page, "p class=\"alarm\"", GB_HTML_partial_run);
    cards(page, result);
    warnings(page, result);
    gb_html_section_end(page);
}

/* --- results -------------------------------------------------------------- */

static void result_row(gb_html *page, const gb_result *result,
                       const gb_bench_result *bench) {
    char text[GB_QUANTITY_SIZE], width[GB_QUANTITY_SIZE], unit[64], full[80];
    char some[GB_LANGUAGES][64] = {"", ""};
    const gb_series_stats *stats = &bench->performance;
    const gb_partial *partial = &bench->partial;
    bool part = false;
    for (int l = 0; l < GB_LANGUAGES; l++)
        part = gb_facts_part(result, bench, (gb_language)l, some[l],
                             sizeof(some[l]));
    const gb_energy_figure *shown = part ? &partial->energy : &bench->energy;
    gb_str context[GB_LANGUAGES] = {{0}};

    gb_quantity_short_unit(bench->unit, unit, sizeof(unit));
    gb_html_number(page,
                   gb_quantity(stats->value, 0.0, unit, text, sizeof(text)));
    gb_quantity_half_width(stats->value, stats->ci95, text, sizeof(text));
    snprintf(width, sizeof(width), "%s%.40s", text[0] == '-' ? "" : "±", text);
    gb_html_number(page, width);
    gb_html_number(page,
                   gb_quantity_pm(part ? partial->power_w : bench->power_w,
                                  part ? partial->power_u_w : bench->power_u_w,
                                  "W", text, sizeof(text)));
    gb_html_number(page, gb_quantity_pm(shown->energy_j, shown->u_j, "J", text,
                                        sizeof(text)));
    gb_html_number(page, gb_quantity_pm(bench->net_j, bench->net_u_j, "J", text,
                                        sizeof(text)));
    snprintf(full, sizeof(full), "%s/s/W",
             gb_quantity_short_unit(bench->work_unit, unit, sizeof(unit)));
    gb_html_number(page, gb_quantity_pm(bench->efficiency, bench->efficiency_u,
                                        full, text, sizeof(text)));
    if (isfinite(bench->energy.energy_j))
        gb_html_word(page, "quality_", gb_quality_name(bench->energy.quality));
    else if (part)
        gb_html_both(page, "td", some[GB_LANGUAGE_EN], some[GB_LANGUAGE_ZH]);
    else
        gb_html_say(page, "td", GB_HTML_no_energy);
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_facts_context(&result->plan->cases[bench->case_index], bench,
                         (gb_language)l, &context[l]);
    gb_html_texts(page, "td class=\"words\"", context);
}

static void invalid_row(gb_html *page, const gb_bench_result *bench) {
    for (int k = 0; k < 6; k++)
        gb_html_number(page, "-");
    gb_html_say(page, "td class=\"bad\"", GB_HTML_invalid);
    gb_str_add(page->out, "<td class=\"words\">");
    gb_html_phrase(page, "span",
                   bench->reason[0] != '\0' ? bench->reason
                                            : "no repetition finished");
    gb_html_hint(page, bench->hint);
    gb_str_add(page->out, "</td>");
}

static void reasons(gb_html *page, gb_html_string title, gb_reasons *all) {
    page->out->failed = page->out->failed || all->failed;
    for (size_t i = 0; i < all->count; i++) {
        gb_str_add(page->out, "<li>");
        gb_html_say(page, "b", title);
        gb_html_both(page, "span", all->list[i].text, all->list[i].chinese);
        gb_str_add(page->out, " <small>");
        gb_html_text(page, all->list[i].ids);
        gb_str_add(page->out, "</small></li>\n");
    }
    gb_reasons_fini(all);
}

/* The same lines as below the table on the terminal. */
static void footnotes(gb_html *page, const gb_result *result) {
    gb_reasons all = {0};

    gb_str_add(page->out, "<ul class=\"notes\">\n");
    gb_facts_partial(result, &all);
    reasons(page, GB_HTML_note_partial, &all);
    gb_facts_flags(result, &all);
    reasons(page, GB_HTML_energy, &all);
    gb_facts_no_energy(result, &all);
    reasons(page, GB_HTML_no_energy, &all);
    gb_facts_no_efficiency(result, &all);
    reasons(page, GB_HTML_note_no_efficiency, &all);
    gb_facts_no_roof(result, &all);
    reasons(page, GB_HTML_note_no_roof, &all);
    gb_facts_no_interval(result, &all);
    reasons(page, GB_HTML_note_no_interval, &all);
    gb_str_add(page->out, "</ul>\n");
}

void gb_html_results(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {
        GB_HTML_benchmark, GB_HTML_performance, GB_HTML_ci95,
        GB_HTML_power,     GB_HTML_energy,      GB_HTML_net_energy,
        GB_HTML_per_watt,  GB_HTML_quality,     GB_HTML_meaning};
    const size_t count = result->bench_count < GB_PAGE_BENCHES
                             ? result->bench_count
                             : (size_t)GB_PAGE_BENCHES;

    gb_html_section(page, "results", GB_HTML_results);
    gb_html_chart(page, "efficiency", GB_HTML_efficiency_aria);
    gb_html_table(page, GB_HTML_results, "lrrrrrrll", titles);
    for (size_t i = 0; i < count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        gb_html_row(page);
        gb_html_bench(page, result, bench);
        if (bench->valid)
            result_row(page, result, bench);
        else
            invalid_row(page, bench);
        gb_html_row_end(page);
    }
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, count, result->bench_count);
    gb_html_say(page, "p class=\"note\"", GB_HTML_results_note);
    footnotes(page, result);
    gb_html_section_end(page);
}
