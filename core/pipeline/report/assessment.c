/* SPDX-License-Identifier: Apache-2.0 */
/* `claim` on the terminal, and what both of its texts say of the whole. */
#include "pipeline/report/assessment.h"

#include <string.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"

enum { TEXT_COLUMN = 10 };

static gb_paint paint_of(gb_claim_verdict verdict) {
    static const gb_paint paints[GB_CLAIM_VERDICTS] = {
        [GB_CLAIM_SUPPORTED] = GB_PAINT_GOOD,
        [GB_CLAIM_REFUTED] = GB_PAINT_BAD,
        [GB_CLAIM_INCONCLUSIVE] = GB_PAINT_CAUTION,
        [GB_CLAIM_NOT_TESTABLE] = GB_PAINT_CAUTION,
        [GB_CLAIM_INVALID] = GB_PAINT_BAD,
    };
    return paints[verdict];
}

static void add_line(gb_str *out, bool colour, gb_paint paint,
                     const char *label, gb_str *text) {
    gb_lines_take_any(out, colour, paint, label, TEXT_COLUMN, text);
}

static void add_claim(const gb_claim_result *result, bool colour, gb_str *out) {
    const char *verdict = gb_claim_verdict_name(result->verdict);
    const gb_paint paint = paint_of(result->verdict);
    gb_str text = {0};

    gb_str_addf(&text, "%s: \"%s\"", result->claim->id, result->claim->text);
    add_line(out, colour, paint, verdict, &text);
    gb_claim_say_verdict(result, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "  means", &text);
    gb_claim_say_verdict(result, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "  即", &text);
    gb_claim_say_need(result, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "  decides", &text);
    gb_claim_say_need(result, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "", &text);
    gb_claim_say_test(result, GB_LANGUAGE_EN, &text);
    add_line(out, colour, GB_PAINT_NONE, "  tested", &text);
    gb_claim_say_value(result, GB_LANGUAGE_EN, &text);
    add_line(out, colour, GB_PAINT_NONE, "  found", &text);
    gb_claim_say_budget(result, &text);
    add_line(out, colour, GB_PAINT_NONE, "  budget", &text);
    gb_claim_say_energy(result, GB_LANGUAGE_EN, &text);
    add_line(out, colour, GB_PAINT_NONE, "  energy", &text);
    gb_claim_say_implied(result->claim, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "  implies", &text);
    gb_claim_say_implied(result->claim, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "", &text);
    gb_claim_say_cost(result, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "  cost", &text);
    gb_claim_say_cost(result, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "", &text);
    gb_str_add(&text, result->conditions);
    add_line(out, colour, GB_PAINT_NONE, "  where", &text);
    gb_str_add(&text, result->differs);
    add_line(out, colour, GB_PAINT_NONE, "  differs", &text);
    if (gb_claim_metric_kind(result->claim->metric) != GB_CLAIM_OF_NOTHING)
        gb_claim_say_rule(result, GB_LANGUAGE_EN, &text);
    add_line(out, colour, GB_PAINT_NONE, "  rule", &text);
    gb_str_add(out, "\n");
}

/* --- of the whole --------------------------------------------------------- */

void gb_assessment_total(const gb_assessment *assessment, gb_str *out) {
    size_t counts[GB_CLAIM_VERDICTS] = {0};
    const char *joint = "";

    for (size_t i = 0; i < assessment->count; i++)
        counts[assessment->results[i].verdict]++;
    for (int v = 0; v < GB_CLAIM_VERDICTS; v++) {
        if (counts[v] == 0)
            continue;
        gb_str_addf(out, "%s%zu %s", joint, counts[v],
                    gb_claim_verdict_name((gb_claim_verdict)v));
        joint = ", ";
    }
}

void gb_assessment_family(const gb_assessment *assessment, gb_language language,
                          gb_str *out) {
    if (assessment->tests > 0)
        gb_str_addf(out,
                    gb_phrase(language,
                              "%zu claims are one family: all that are "
                              "supported are so together (Holm)"),
                    assessment->tests);
    else if (assessment->count > 1 && !assessment->claims->joint)
        gb_str_add(out,
                   gb_phrase(language,
                             "each claim is decided by itself: that all "
                             "supported ones hold together is not what was "
                             "tested"));
}

void gb_report_assessment(const gb_assessment *assessment,
                          const gb_report_style *style, gb_str *out) {
    const gb_claims *claims = assessment->claims;
    gb_str text = {0};

    for (size_t i = 0; i < assessment->count; i++)
        add_claim(&assessment->results[i], style->colour, out);
    gb_assessment_total(assessment, &text);
    add_line(out, style->colour, GB_PAINT_BOLD, "verdicts", &text);
    gb_assessment_family(assessment, GB_LANGUAGE_EN, &text);
    add_line(out, style->colour, GB_PAINT_NONE, "family", &text);
    gb_str_addf(&text, "%s%sSHA-256 %s", claims->name,
                claims->name[0] != '\0' ? ", " : "", claims->sha256);
    add_line(out, style->colour, GB_PAINT_NONE, "claims", &text);
}

gb_status gb_report_assessment_words(const gb_assessment *assessment,
                                     gb_claim_words *words_out, gb_error *err) {
    for (size_t i = 0; i < assessment->count; i++) {
        const gb_claim_result *result = &assessment->results[i];
        gb_str english = {0}, chinese = {0};
        gb_claim_say_verdict(result, false, &english);
        gb_claim_say_verdict(result, true, &chinese);
        words_out[i] =
            (gb_claim_words){gb_str_take(&english), gb_str_take(&chinese)};
        if (words_out[i].english == NULL || words_out[i].chinese == NULL)
            return gb_fail_memory(err, "the words of a verdict");
    }
    return GB_OK;
}
