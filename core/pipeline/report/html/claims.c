/* SPDX-License-Identifier: Apache-2.0 */
/* Claims with their verdicts: what `claim` says, as a section of the page. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/report/assessment.h"
#include "pipeline/report/html/html.h"

/* --- a value, its limit and what lies between ----------------------------- */

/* In units of the drawing; the page scales it. */
enum { WIDTH = 400, HEIGHT = 52, EDGE = 12, MIDDLE = 26 };

typedef struct scale {
    double low, high;
} scale;

static double place_of(const scale *of, double value) {
    return EDGE + (WIDTH - 2 * EDGE) * (value - of->low) / (of->high - of->low);
}

static void reach(scale *of, double value) {
    if (!isfinite(value))
        return;
    of->low = fmin(of->low, value);
    of->high = fmax(of->high, value);
}

static scale scale_of(const gb_claim_result *result) {
    const double value = result->estimate.value, limit = result->limit;
    scale of = {fmin(value, limit), fmax(value, limit)};

    reach(&of, value - result->expanded_u);
    reach(&of, value + result->expanded_u);
    reach(&of, limit - result->guard);
    reach(&of, limit + result->guard);
    reach(&of, limit - result->margin);
    reach(&of, limit + result->margin);
    const double spread = of.high > of.low ? of.high - of.low : 1.0;
    return (scale){of.low - 0.1 * spread, of.high + 0.1 * spread};
}

/* @p from and @p to in units of the drawing */
static void add_area(gb_html *page, const char *kind, double from, double to) {
    gb_str_addf(page->out,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
                "height=\"%d\"/>",
                kind, from, MIDDLE - 10, to - from, 20);
}

/* Where the claim holds. */
static void add_holds(gb_html *page, const gb_claim_result *result,
                      const scale *of) {
    const double margin = isnan(result->margin) ? 0.0 : result->margin;

    if (result->claim->relation == GB_CLAIM_EQUAL)
        add_area(page, "holds", place_of(of, result->limit - margin),
                 place_of(of, result->limit + margin));
    else if (gb_claim_is_upper(result->claim->relation))
        add_area(page, "holds", 0.0, place_of(of, result->limit));
    else
        add_area(page, "holds", place_of(of, result->limit), WIDTH);
}

static void add_label(gb_html *page, const gb_claim_result *result,
                      double value, double x, int y) {
    gb_str text = {0};

    gb_claim_say_number(result, value, NAN, &text);
    gb_str_addf(page->out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">", x,
                y,
                x < WIDTH / 4.0       ? "start"
                : x > 3 * WIDTH / 4.0 ? "end"
                                      : "middle");
    gb_html_text(page, text.text != NULL ? text.text : "");
    gb_str_add(page->out, "</text>");
    page->out->failed = page->out->failed || text.failed;
    gb_str_fini(&text);
}

static void add_line(gb_html *page, const char *kind, double x1, double y1,
                     double x2, double y2) {
    gb_str_addf(page->out,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
                "y2=\"%.1f\"/>",
                kind, x1, y1, x2, y2);
}

/* Its numbers stand beside it as text, so that it is nothing to be read out. */
static void add_bar(gb_html *page, const gb_claim_result *result) {
    const double value = result->estimate.value, u = result->expanded_u;

    if (!isfinite(value) || !isfinite(result->limit))
        return;
    const scale of = scale_of(result);
    const double at = place_of(&of, value),
                 limit = place_of(&of, result->limit);
    gb_str_addf(page->out,
                "<svg class=\"bar\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\" "
                "focusable=\"false\">",
                WIDTH, HEIGHT);
    add_area(page, "ground", 0.0, WIDTH);
    add_holds(page, result, &of);
    if (result->guard > 0.0)
        add_area(page, "guard", place_of(&of, result->limit - result->guard),
                 place_of(&of, result->limit + result->guard));
    add_line(page, "limit", limit, MIDDLE - 14, limit, MIDDLE + 14);
    if (u > 0.0) {
        const double from = place_of(&of, value - u);
        const double to = place_of(&of, value + u);
        add_line(page, "u", from, MIDDLE, to, MIDDLE);
        add_line(page, "u", from, MIDDLE - 5, from, MIDDLE + 5);
        add_line(page, "u", to, MIDDLE - 5, to, MIDDLE + 5);
    }
    gb_str_addf(page->out,
                "<circle class=\"value\" cx=\"%.1f\" cy=\"%d\" r=\"4.5\"/>", at,
                MIDDLE);
    add_label(page, result, value, at, 11);
    add_label(page, result, result->limit, limit, HEIGHT - 2);
    gb_str_add(page->out, "</svg>\n");
}

/* --- one claim ------------------------------------------------------------ */

static void verdict_cell(gb_html *page, const char *tag,
                         gb_claim_verdict verdict) {
    const char *name = gb_claim_verdict_name(verdict);
    const gb_html_string word = gb_html_string_of("claim_", name);
    char text[64];

    snprintf(text, sizeof(text), "%s class=\"c-%s\"", tag, name);
    if (word < GB_HTML_STRINGS)
        gb_html_say(page, text, word);
    else
        gb_html_plain(page, text, name);
}

/* A fact of a claim in both languages; none where there is nothing to say.
 * Takes the texts. */
static void fact(gb_html *page, gb_html_string title,
                 gb_str texts[GB_LANGUAGES]) {
    if (texts[GB_LANGUAGE_EN].length > 0)
        gb_html_say(page, "dt", title);
    if (texts[GB_LANGUAGE_EN].length > 0 || texts[GB_LANGUAGE_EN].failed)
        gb_html_texts(page, "dd", texts);
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_str_fini(&texts[l]);
}

static void fact_of_run(gb_html *page, gb_html_string title,
                        const gb_claim_result *result,
                        void (*say)(const gb_claim_result *result,
                                    gb_language language, gb_str *out)) {
    gb_str texts[GB_LANGUAGES] = {{0}};

    for (int l = 0; l < GB_LANGUAGES; l++)
        say(result, (gb_language)l, &texts[l]);
    fact(page, title, texts);
}

static void stored_fact(gb_html *page, gb_html_string title,
                        const char *english, const char *chinese) {
    if (english[0] == '\0')
        return;
    gb_html_say(page, "dt", title);
    gb_html_both(page, "dd", english,
                 chinese[0] != '\0' ? chinese : gb_phrase_chinese(english));
}

static void say_need(const gb_claim_result *result, gb_language language,
                     gb_str *out) {
    gb_claim_say_need(result, language == GB_LANGUAGE_ZH, out);
}

static void say_implied(const gb_claim_result *result, gb_language language,
                        gb_str *out) {
    gb_claim_say_implied(result->claim, language == GB_LANGUAGE_ZH, out);
}

static void say_cost(const gb_claim_result *result, gb_language language,
                     gb_str *out) {
    gb_claim_say_cost(result, language == GB_LANGUAGE_ZH, out);
}

static void say_verdict(const gb_claim_result *result, gb_language language,
                        gb_str *out) {
    gb_claim_say_verdict(result, language == GB_LANGUAGE_ZH, out);
}

static void facts(gb_html *page, const gb_claim_result *result) {
    gb_str_add(page->out, "<dl class=\"facts\">\n");
    fact_of_run(page, GB_HTML_claim_decides, result, say_need);
    fact_of_run(page, GB_HTML_claim_tested, result, gb_claim_say_test);
    fact_of_run(page, GB_HTML_claim_found, result, gb_claim_say_value);
    fact_of_run(page, GB_HTML_energy, result, gb_claim_say_energy);
    fact_of_run(page, GB_HTML_claim_cost, result, say_cost);
    fact_of_run(page, GB_HTML_claim_implies, result, say_implied);
    stored_fact(page, GB_HTML_claim_where, result->conditions,
                result->conditions_chinese);
    stored_fact(page, GB_HTML_claim_differs, result->differs,
                result->differs_chinese);
    if (gb_claim_metric_kind(result->claim->metric) != GB_CLAIM_OF_NOTHING)
        fact_of_run(page, GB_HTML_claim_rule, result, gb_claim_say_rule);
    gb_str_add(page->out, "</dl>\n");
}

static void budget(gb_html *page, const gb_claim_result *result) {
    static const gb_html_string titles[] = {GB_HTML_claim_term,
                                            GB_HTML_claim_type, GB_HTML_claim_u,
                                            GB_HTML_claim_how};
    const gb_estimate *estimate = &result->estimate;
    char type[2] = "";

    if (estimate->term_count == 0)
        return;
    gb_html_table(page, GB_HTML_budget, "llrl", titles);
    for (size_t i = 0; i < estimate->term_count; i++) {
        const gb_claim_term *term = &estimate->terms[i];
        type[0] = term->type;
        gb_html_row(page);
        gb_html_phrase(page, "th scope=\"row\"", term->name);
        gb_html_cell(page, type);
        gb_str size = {0};
        gb_claim_say_term(result, term, &size);
        if (size.failed)
            page->out->failed = true;
        gb_html_number(page, size.text != NULL ? size.text : "");
        gb_str_fini(&size);
        gb_html_both(page, "td", term->how, gb_claim_how(term, GB_LANGUAGE_ZH));
        gb_html_row_end(page);
    }
    gb_html_table_end(page);
}

static void claim(gb_html *page, const gb_claim_result *result, size_t index) {
    gb_str texts[GB_LANGUAGES] = {{0}};

    gb_str_addf(page->out,
                "<article class=\"claim\" aria-labelledby=\"claim-%zu\">\n"
                "<h3 id=\"claim-%zu\">",
                index, index);
    gb_html_name(page, result->claim->id);
    gb_str_add(page->out, "</h3>\n");
    gb_html_plain(page, "blockquote", result->claim->text);
    gb_str_add(page->out, "<p>");
    verdict_cell(page, "b", result->verdict);
    for (int l = 0; l < GB_LANGUAGES; l++)
        say_verdict(result, (gb_language)l, &texts[l]);
    gb_html_texts(page, "span", texts);
    gb_str_add(page->out, "</p>\n");
    add_bar(page, result);
    facts(page, result);
    budget(page, result);
    gb_str_add(page->out, "</article>\n");
}

/* --- all of them ---------------------------------------------------------- */

static void verdict_cards(gb_html *page, const gb_assessment *assessment) {
    size_t counts[GB_CLAIM_VERDICTS] = {0};
    char text[24];

    for (size_t i = 0; i < assessment->count; i++)
        counts[assessment->results[i].verdict]++;
    gb_str_add(page->out, "<dl class=\"cards\">\n");
    for (int v = 0; v < GB_CLAIM_VERDICTS; v++) {
        if (counts[v] == 0)
            continue;
        snprintf(text, sizeof(text), "%zu", counts[v]);
        gb_str_add(page->out, "<div class=\"card\">");
        verdict_cell(page, "dt", (gb_claim_verdict)v);
        gb_html_plain(page, "dd", text);
        gb_str_add(page->out, "</div>\n");
    }
    gb_str_add(page->out, "</dl>\n");
}

static void summary(gb_html *page, const gb_assessment *assessment,
                    size_t shown) {
    static const gb_html_string titles[] = {
        GB_HTML_claim, GB_HTML_verdict, GB_HTML_claim_tested,
        GB_HTML_claim_found, GB_HTML_claim_guard};

    gb_html_table(page, GB_HTML_claims, "lllrr", titles);
    for (size_t i = 0; i < shown; i++) {
        const gb_claim_result *result = &assessment->results[i];
        gb_str texts[GB_LANGUAGES] = {{0}}, found = {0}, guard = {0};
        gb_html_row(page);
        gb_str_add(page->out, "<th scope=\"row\">");
        gb_html_name(page, result->claim->id);
        gb_str_add(page->out, "</th>");
        verdict_cell(page, "td", result->verdict);
        for (int l = 0; l < GB_LANGUAGES; l++)
            gb_claim_say_test(result, (gb_language)l, &texts[l]);
        gb_html_texts(page, "td class=\"words\"", texts);
        if (isfinite(result->estimate.value))
            gb_claim_say_number(result, result->estimate.value,
                                result->expanded_u, &found);
        gb_html_number(page, found.text != NULL ? found.text : "-");
        if (isfinite(result->guard))
            gb_claim_say_number(result, result->guard, NAN, &guard);
        gb_html_number(page, guard.text != NULL ? guard.text : "-");
        gb_html_row_end(page);
        page->out->failed = page->out->failed || found.failed || guard.failed;
        gb_str_fini(&found);
        gb_str_fini(&guard);
    }
    gb_html_table_end(page);
}

void gb_html_claims(gb_html *page, const gb_assessment *assessment) {
    gb_str texts[GB_LANGUAGES] = {{0}};

    if (assessment == NULL)
        return;
    const gb_claims *claims = assessment->claims;
    const char *const values[] = {claims->name, claims->sha256};
    const size_t shown = assessment->count < GB_PAGE_CLAIMS
                             ? assessment->count
                             : (size_t)GB_PAGE_CLAIMS;
    gb_html_section(page, "claims", GB_HTML_claims);
    gb_html_say_with(page, "p class=\"note\"", GB_HTML_claims_file, values, 2);
    verdict_cards(page, assessment);
    summary(page, assessment, shown);
    gb_html_left_out(page, GB_HTML_left_out_claims, shown, assessment->count);
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_assessment_family(assessment, (gb_language)l, &texts[l]);
    if (texts[GB_LANGUAGE_EN].length > 0)
        gb_html_texts(page, "p class=\"note\"", texts);
    gb_html_say(page, "p class=\"note\"", GB_HTML_claims_note);
    for (size_t i = 0; i < shown; i++)
        claim(page, &assessment->results[i], i);
    gb_html_section_end(page);
}
