/* SPDX-License-Identifier: Apache-2.0 */
/* What was measured and what was not, and where all of it comes from. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "metering/cover.h"
#include "pipeline/report/html/html.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/skips.h"
#include "pipeline/report/sources.h"

/* Nodes of a machine are alike; where they are not, these are enough to see
 * how. */
#define GROUPS_MOST 60

/* --- covers --------------------------------------------------------------- */

static void group_name(gb_html *page, const char *tag, const char *name,
                       size_t count) {
    char more[24];
    const char *const values[] = {name, more};

    if (count < 2) {
        gb_html_plain(page, tag, name);
        return;
    }
    snprintf(more, sizeof(more), "%zu", count - 1);
    gb_html_say_with(page, tag, GB_HTML_system_group, values, 2);
}

static void covers(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {GB_HTML_node, GB_HTML_quality,
                                            GB_HTML_holds, GB_HTML_leaves_out,
                                            GB_HTML_missing};
    const gb_session *session = result->session;
    gb_cover_group *groups = calloc(session->node_count + 1, sizeof(*groups));

    if (groups == NULL) {
        page->out->failed = true;
        return;
    }
    const size_t count = gb_facts_covers(session, groups);
    const size_t shown = count < GROUPS_MOST ? count : GROUPS_MOST;
    gb_html_table(page, GB_HTML_cover, "lllll", titles);
    for (size_t i = 0; i < shown; i++) {
        const gb_node *node = &session->nodes[groups[i].first];
        gb_energy_cover chinese = node->cover;
        gb_str holds[GB_LANGUAGES] = {{0}};
        const bool known = gb_cover_translate(node, GB_LANGUAGE_ZH, &chinese);
        gb_facts_holds(node, node->cover.holds, GB_LANGUAGE_EN,
                       &holds[GB_LANGUAGE_EN]);
        if (known || node->cover.summed_count == 0)
            gb_facts_holds(node, chinese.holds, GB_LANGUAGE_ZH,
                           &holds[GB_LANGUAGE_ZH]);
        gb_html_row(page);
        group_name(page, "th scope=\"row\"", node->name, groups[i].count);
        gb_html_word(page, "quality_", gb_quality_name(node->cover.quality));
        gb_html_texts(page, "td", holds);
        gb_html_both(page, "td", node->cover.leaves_out,
                     known ? chinese.leaves_out : "");
        gb_html_both(page, "td", node->cover.missing,
                     known ? chinese.missing : "");
        gb_html_row_end(page);
    }
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, shown, count);
    free(groups);
}

/* --- counters ------------------------------------------------------------- */

/* What became of it during the run, or else why it is not in the sum. */
static void source_reason(gb_html *page, const gb_source_group *group) {
    const gb_node *node = group->node;
    const gb_energy_domain *domain = group->domain;
    const char *reason = gb_source_reason(group);
    char chinese[512] = "";

    if (reason != domain->reason)
        gb_copy(chinese, sizeof(chinese), group->figure->chinese);
    else
        (void)gb_left_out_translate(node, (size_t)(domain - node->domains),
                                    GB_LANGUAGE_ZH, chinese, sizeof(chinese));
    gb_str_add(page->out, "<td class=\"words\">");
    if (chinese[0] != '\0')
        gb_html_both(page, "span", reason, chinese);
    else
        gb_html_phrase(page, "span", reason);
    gb_html_hint(page, domain->fix);
    gb_str_add(page->out, "</td>");
}

static void source_row(gb_html *page, const gb_source_group *group) {
    const gb_energy_domain *domain = group->domain;
    char text[GB_QUANTITY_SIZE];

    gb_html_row(page);
    group_name(page, "td", group->node->name, group->nodes);
    gb_html_cell(page, domain->source);
    gb_html_cell(page, domain->name[0] != '\0' ? domain->name : "-");
    gb_html_phrase(page, "td",
                   domain->name[0] != '\0' ? gb_scope_text(domain->scope) : "");
    gb_html_word(page, "domain_",
                 gb_domain_status_name(gb_source_status(group)));
    gb_html_say(page, "td", domain->summed ? GB_HTML_yes : GB_HTML_no);
    gb_html_word(page, "quality_", gb_quality_name(domain->quality));
    gb_html_number(page,
                   gb_quantity(group->energy_j, 0.0, "J", text, sizeof(text)));
    source_reason(page, group);
    gb_html_row_end(page);
}

static void sources(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {
        GB_HTML_node,    GB_HTML_source,     GB_HTML_domain,
        GB_HTML_scope,   GB_HTML_status,     GB_HTML_summed,
        GB_HTML_quality, GB_HTML_run_energy, GB_HTML_reason};
    gb_source_group *groups = calloc(GB_SOURCE_GROUPS, sizeof(*groups));
    size_t count = 0;

    if (groups == NULL) {
        page->out->failed = true;
        return;
    }
    const size_t left_out = gb_group_sources(result, groups, &count);
    gb_html_table(page, GB_HTML_sources, "lllllllrl", titles);
    for (size_t i = 0; i < count; i++)
        source_row(page, &groups[i]);
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, count, count + left_out);
    free(groups);
}

static void skip_reason(gb_html *page, const gb_plan *plan,
                        const gb_skip_group *skip) {
    const gb_plan_skip *first = skip->first;
    char what[200], hint[120];

    if (first->ranks_multiple == 0) {
        gb_html_phrase(page, "span", skip->what);
        gb_html_hint(page, skip->hint);
        return;
    }
    gb_plan_say_ranks(first->ranks_least, first->ranks_multiple, plan->ranks,
                      GB_LANGUAGE_ZH, what, sizeof(what), hint, sizeof(hint));
    gb_html_both(page, "span", skip->what, what);
    gb_html_hint_both(page, skip->hint, hint);
}

static void skips(gb_html *page, const gb_result *result) {
    gb_skip_groups all = gb_group_skips(result->plan, GB_SKIPS_NAMED);

    page->out->failed = page->out->failed || all.failed;
    if (all.count > 0) {
        gb_html_say(page, "h3", GB_HTML_skipped);
        gb_str_add(page->out, "<ul>\n");
    }
    for (size_t i = 0; i < all.count; i++) {
        const gb_skip_group *skip = &all.list[i];
        gb_str_add(page->out, "<li>");
        gb_html_texts(page, "b", all.list[i].names);
        skip_reason(page, result->plan, skip);
        gb_str_add(page->out, "</li>\n");
    }
    if (all.count > 0)
        gb_str_add(page->out, "</ul>\n");
    gb_skip_groups_fini(&all);
}

void gb_html_cover(gb_html *page, const gb_result *result) {
    gb_str texts[GB_LANGUAGES] = {{0}};

    gb_html_section(page, "cover", GB_HTML_cover);
    covers(page, result);
    gb_str_add(page->out, "<dl class=\"facts\">\n");
    gb_html_say(page, "dt", GB_HTML_idle_power);
    bool idle = false;
    for (int l = 0; l < GB_LANGUAGES; l++)
        idle = gb_facts_idle(result, (gb_language)l, &texts[l]);
    if (idle)
        gb_html_texts(page, "dd", texts);
    else
        gb_html_say(page, "dd", GB_HTML_none);
    gb_html_say(page, "dt", GB_HTML_sampler);
    for (int l = 0; l < GB_LANGUAGES; l++)
        gb_facts_sampler(result, (gb_language)l, &texts[l]);
    gb_html_texts(page, "dd", texts);
    gb_str_add(page->out, "</dl>\n");
    sources(page, result);
    skips(page, result);
    gb_html_section_end(page);
}

/* --- system --------------------------------------------------------------- */

static bool same_system(const gb_node *a, const gb_node *b) {
    return a->packages == b->packages && a->cores == b->cores &&
           a->pus == b->pus && a->memory_bytes == b->memory_bytes &&
           strcmp(a->cpu, b->cpu) == 0 && strcmp(a->kernel, b->kernel) == 0 &&
           strcmp(a->governor, b->governor) == 0 &&
           strcmp(a->turbo, b->turbo) == 0 &&
           strcmp(a->power_caps, b->power_caps) == 0 &&
           strcmp(a->microcode, b->microcode) == 0 &&
           strcmp(a->virtualisation, b->virtualisation) == 0;
}

static void cell_or_unknown(gb_html *page, const char *text) {
    if (text[0] != '\0')
        gb_html_cell(page, text);
    else
        gb_html_say(page, "td", GB_HTML_not_known);
}

/* A word of ours, or a name. */
static void word_or_unknown(gb_html *page, const char *word) {
    const char *chinese = gb_phrase_chinese(word);
    if (chinese != NULL)
        gb_html_both(page, "td", word, chinese);
    else
        cell_or_unknown(page, word);
}

static void system_row(gb_html *page, const gb_node *node, size_t count) {
    char text[96];

    gb_html_row(page);
    group_name(page, "th scope=\"row\"", node->name, count);
    cell_or_unknown(page, node->cpu);
    snprintf(text, sizeof(text), "%u, %u, %u", node->packages, node->cores,
             node->pus);
    gb_html_cell(page, text);
    snprintf(text, sizeof(text), "%.1f GiB",
             (double)node->memory_bytes / 0x1p30);
    cell_or_unknown(page, node->memory_bytes > 0 ? text : "");
    cell_or_unknown(page, node->governor);
    word_or_unknown(page, node->turbo);
    cell_or_unknown(page, node->power_caps);
    cell_or_unknown(page, node->kernel);
    cell_or_unknown(page, node->microcode);
    word_or_unknown(page, node->virtualisation);
    gb_html_row_end(page);
}

static void systems(gb_html *page, const gb_session *session) {
    static const gb_html_string titles[] = {
        GB_HTML_node,          GB_HTML_cpu,      GB_HTML_packages,
        GB_HTML_memory,        GB_HTML_governor, GB_HTML_turbo,
        GB_HTML_power_caps,    GB_HTML_kernel,   GB_HTML_microcode,
        GB_HTML_virtualisation};
    size_t first[GROUPS_MOST], nodes[GROUPS_MOST], count = 0, left_out = 0;

    for (size_t n = 0; n < session->node_count; n++) {
        size_t same = 0;
        while (same < count &&
               !same_system(&session->nodes[first[same]], &session->nodes[n]))
            same++;
        if (same < count) {
            nodes[same]++;
        } else if (count < GROUPS_MOST) {
            first[count] = n;
            nodes[count++] = 1;
        } else {
            left_out++;
        }
    }
    gb_html_table(page, GB_HTML_system, "llllllllll", titles);
    for (size_t i = 0; i < count; i++)
        system_row(page, &session->nodes[first[i]], nodes[i]);
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, count, count + left_out);
}

/* --- provenance ----------------------------------------------------------- */

static void time_fact(gb_html *page, gb_html_string name, uint64_t utc_ns) {
    char text[32] = "";
    if (utc_ns > 0)
        gb_clock_format_utc(utc_ns, text, sizeof(text));
    gb_html_fact(page, name, text);
}

static void run_facts(gb_html *page, const gb_result *result) {
    const gb_session *session = result->session;
    gb_str text = {0}, texts[GB_LANGUAGES] = {{0}};

    gb_str_add(page->out,
               "<div class=\"wide\"><table class=\"facts\"><tbody>\n");
    gb_html_fact(page, GB_HTML_run_id, session->run_id);
    gb_html_fact(page, GB_HTML_command,
                 session->command != NULL ? session->command : "");
    gb_html_fact(page, GB_HTML_suite, session->suite);
    time_fact(page, GB_HTML_started, session->started_utc_ns);
    time_fact(page, GB_HTML_ended, result->ended_utc_ns);
    gb_html_fact(page, GB_HTML_mpi, session->mpi);
    gb_html_fact(page, GB_HTML_scheduler, session->scheduler);
    gb_str_addf(&text, "%s%s%s%s, %s", session->tool_version,
                session->tool_git[0] != '\0' ? " (" : "", session->tool_git,
                session->tool_git[0] != '\0' ? ")" : "", session->tool_build);
    gb_html_fact(page, GB_HTML_tool, text.text != NULL ? text.text : "");
    gb_str_fini(&text);
    bool resumed = false;
    for (int l = 0; l < GB_LANGUAGES; l++)
        resumed = gb_facts_launches(result, (gb_language)l, &texts[l]);
    if (resumed) {
        gb_html_row(page);
        gb_html_say(page, "th scope=\"row\"", GB_HTML_launches);
        gb_html_texts(page, "td", texts);
        gb_html_row_end(page);
    }
    gb_str_add(page->out, "</tbody></table></div>\n");
}

static void plugins(gb_html *page, const gb_plan *plan) {
    static const gb_html_string titles[] = {GB_HTML_plugin, GB_HTML_version,
                                            GB_HTML_sha256};
    size_t shown = 0, all = 0;

    gb_html_table(page, GB_HTML_plugins, "lll", titles);
    for (size_t i = 0; i < plan->case_count; i++) {
        const gb_plan_case *planned = &plan->cases[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(plan->cases[k].id, planned->id) == 0;
        if (again)
            continue;
        all++;
        if (shown == GB_PAGE_BENCHES)
            continue;
        shown++;
        gb_html_row(page);
        gb_html_plain(page, "th scope=\"row\"", planned->id);
        cell_or_unknown(page, planned->version != NULL ? planned->version : "");
        gb_str_add(page->out, "<td class=\"hash\">");
        gb_html_text(page, planned->sha256 != NULL ? planned->sha256 : "");
        gb_str_add(page->out, "</td>");
        gb_html_row_end(page);
    }
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, shown, all);
}

void gb_html_provenance(gb_html *page, const gb_result *result) {
    gb_html_section(page, "provenance", GB_HTML_provenance);
    run_facts(page, result);
    gb_html_say(page, "p class=\"note\"", GB_HTML_computed_again);
    systems(page, result->session);
    plugins(page, result->plan);
    gb_html_section_end(page);
}
