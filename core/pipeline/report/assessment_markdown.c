/* SPDX-License-Identifier: Apache-2.0 */
/* `claim --markdown`: a table of the verdicts, then each with its evidence. */
#include "pipeline/report/assessment.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/report.h"

static void add_table(const gb_assessment *assessment, gb_str *out) {
    static const char *const titles[] = {"claim", "verdict", "tested", "found"};

    gb_markdown_head(out, "llll", titles);
    for (size_t i = 0; i < assessment->count; i++) {
        const gb_claim_result *result = &assessment->results[i];
        gb_str text = {0};
        gb_markdown_cell(out, result->claim->id);
        gb_str_addf(out, "| **%s** ", gb_claim_verdict_name(result->verdict));
        gb_claim_say_test(result, GB_LANGUAGE_EN, &text);
        gb_markdown_take_cell(out, &text);
        gb_claim_say_value(result, GB_LANGUAGE_EN, &text);
        gb_markdown_take_cell(out, &text);
        gb_markdown_end_row(out);
    }
}

static void add_claim(const gb_claim_result *result, gb_str *out) {
    gb_str text = {0};

    gb_str_add(out, "\n## ");
    gb_markdown_text(out, result->claim->id);
    gb_str_add(out, "\n\n> ");
    gb_markdown_text(out, result->claim->text);
    gb_str_addf(out, "\n\n**%s**: ", gb_claim_verdict_name(result->verdict));
    gb_claim_say_verdict(result, false, &text);
    gb_markdown_take(out, &text);
    gb_str_add(out, ".\n\n");
    gb_claim_say_verdict(result, true, &text);
    gb_markdown_take(out, &text);
    gb_str_add(out, "。\n\n");
    gb_claim_say_need(result, false, &text);
    gb_markdown_take_item(out, "would decide it", &text);
    gb_claim_say_need(result, true, &text);
    gb_markdown_take_item(out, "如何判定", &text);
    gb_claim_say_test(result, GB_LANGUAGE_EN, &text);
    gb_markdown_take_item(out, "tested", &text);
    gb_claim_say_value(result, GB_LANGUAGE_EN, &text);
    gb_markdown_take_item(out, "found", &text);
    gb_claim_say_budget(result, &text);
    gb_markdown_take_item(out, "budget", &text);
    gb_claim_say_energy(result, GB_LANGUAGE_EN, &text);
    gb_markdown_take_item(out, "energy", &text);
    gb_claim_say_implied(result->claim, false, &text);
    gb_markdown_take_item(out, "implies", &text);
    gb_claim_say_implied(result->claim, true, &text);
    gb_markdown_take_item(out, "意味着", &text);
    gb_claim_say_cost(result, false, &text);
    gb_markdown_take_item(out, "cost", &text);
    gb_claim_say_cost(result, true, &text);
    gb_markdown_take_item(out, "成本", &text);
    gb_str_add(&text, result->conditions);
    gb_markdown_take_item(out, "where", &text);
    gb_str_add(&text, result->differs);
    gb_markdown_take_item(out, "differs", &text);
    if (gb_claim_metric_kind(result->claim->metric) != GB_CLAIM_OF_NOTHING)
        gb_claim_say_rule(result, GB_LANGUAGE_EN, &text);
    gb_markdown_take_item(out, "rule", &text);
}

void gb_report_assessment_markdown(const gb_assessment *assessment,
                                   gb_str *out) {
    gb_str text = {0};

    gb_str_add(out, "# greenbench claim\n\n");
    add_table(assessment, out);
    for (size_t i = 0; i < assessment->count; i++)
        add_claim(&assessment->results[i], out);
    gb_str_add(out, "\n---\n\n");
    gb_assessment_total(assessment, &text);
    gb_markdown_take_item(out, "verdicts", &text);
    gb_assessment_family(assessment, GB_LANGUAGE_EN, &text);
    gb_markdown_take_item(out, "family", &text);
    gb_str_addf(out, "- claims: SHA-256 `%s`\n", assessment->claims->sha256);
}
