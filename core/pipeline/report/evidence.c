/* SPDX-License-Identifier: Apache-2.0 */
/* report.md: what the figures rest on. */
#include "pipeline/report/evidence.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/report/facts.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/quantity.h"

/* --- cells ---------------------------------------------------------------- */

void gb_cell_pm(gb_str *out, double value, double u, const char *unit) {
    char text[GB_QUANTITY_SIZE];
    gb_markdown_cell(out, gb_quantity_pm(value, u, unit, text, sizeof(text)));
}

/* Four digits, without a u of its own. */
void gb_cell_value(gb_str *out, double value, const char *unit) {
    char text[GB_QUANTITY_SIZE];
    gb_markdown_cell(out, gb_quantity(value, 0.0, unit, text, sizeof(text)));
}

void gb_cell_u64(gb_str *out, uint64_t value) {
    char text[32];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    gb_markdown_cell(out, text);
}

void gb_cell_bench(gb_str *out, const gb_result *result,
                   const gb_bench_result *bench) {
    const gb_plan_case *planned = &result->plan->cases[bench->case_index];
    gb_str text = {0}, params = {0};
    gb_plan_add_params(planned, false, &params);
    gb_str_add(&text, planned->id);
    if (params.length > 0)
        gb_str_addf(&text, " %s", params.text);
    gb_markdown_cell(out, text.text != NULL ? text.text : planned->id);
    gb_str_fini(&params);
    gb_str_fini(&text);
}

void gb_add_fact(gb_str *out, const char *name, const char *text) {
    gb_markdown_cell(out, name);
    gb_markdown_cell(out, text[0] != '\0' ? text : "not known");
    gb_markdown_end_row(out);
}

/* --- energy --------------------------------------------------------------- */

static void add_covers(const gb_result *result, gb_str *out) {
    const gb_session *session = result->session;
    gb_cover_group *groups = calloc(session->node_count + 1, sizeof(*groups));
    if (groups == NULL) {
        out->failed = true;
        return;
    }
    const size_t count = gb_facts_covers(session, groups);
    for (size_t i = 0; i < count; i++) {
        const gb_node *node = &session->nodes[groups[i].first];
        gb_str text = {0};
        gb_facts_holds(node, node->cover.holds, GB_LANGUAGE_EN, &text);
        gb_str_add(out, "- ");
        gb_markdown_text(out, node->name);
        if (groups[i].count > 1)
            gb_str_addf(out, " and %zu more", groups[i].count - 1);
        gb_str_addf(out, ", %s: ", gb_quality_name(node->cover.quality));
        gb_markdown_text(out, text.text != NULL ? text.text : "");
        gb_str_fini(&text);
        if (node->cover.leaves_out[0] != '\0') {
            gb_str_add(out, "; leaves out ");
            gb_markdown_text(out, node->cover.leaves_out);
        }
        gb_str_add(out, "\n");
    }
    free(groups);
}

/* @param figure  null where the run did not come to read it */
static void add_source(const gb_node *node, const gb_energy_domain *domain,
                       const gb_source_figure *figure, gb_str *out) {
    char text[GB_QUANTITY_SIZE];

    gb_markdown_cell(out, node->name);
    gb_markdown_cell(out, domain->source);
    gb_markdown_cell(out, domain->name[0] != '\0' ? domain->name : "-");
    gb_markdown_cell(out, domain->name[0] != '\0' ? gb_scope_name(domain->scope)
                                                  : "-");
    gb_markdown_cell(out,
                     gb_domain_status_name(figure != NULL ? figure->status
                                                          : domain->status));
    gb_markdown_cell(out, domain->summed ? "yes" : "no");
    gb_markdown_cell(out, gb_quality_name(domain->quality));
    gb_cell_value(out, figure != NULL ? figure->energy_j : NAN, "J");
    if (figure != NULL) {
        gb_cell_u64(out, figure->reads);
        gb_cell_u64(out, figure->errors);
        gb_cell_u64(out, figure->wraps);
    } else {
        for (int k = 0; k < 3; k++)
            gb_markdown_cell(out, "-");
    }
    gb_markdown_cell(
        out, domain->status == GB_DOMAIN_OK
                 ? gb_quantity_percent(domain->u_rel, text, sizeof(text))
                 : "-");
    gb_str_add(out, "| ");
    gb_markdown_text(out, figure != NULL && figure->reason[0] != '\0'
                              ? figure->reason
                              : domain->reason);
    if (domain->fix[0] != '\0') {
        gb_str_add(out, domain->reason[0] != '\0' ? "; fix: " : "fix: ");
        gb_markdown_text(out, domain->fix);
    }
    gb_str_add(out, " ");
    gb_markdown_end_row(out);
}

void gb_add_energy(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {
        "node",   "source", "domain",  "covers",
        "status", "summed", "quality", "energy over the run",
        "reads",  "errors", "wraps",   "calibration u",
        "why"};
    gb_str text = {0};

    gb_markdown_heading(out, "Energy");
    add_covers(result, out);
    gb_str_add(out, "- idle power ");
    if (!gb_facts_idle(result, GB_LANGUAGE_EN, &text))
        gb_str_add(&text, "was not measured");
    gb_markdown_text(out, text.text != NULL ? text.text : "");
    gb_str_fini(&text);
    gb_str_add(out, "\n- sampler ");
    gb_facts_sampler(result, GB_LANGUAGE_EN, &text);
    gb_markdown_text(out, text.text != NULL ? text.text : "");
    gb_str_fini(&text);
    gb_str_add(out, "\n\n");
    gb_markdown_head(out, "lllllllrrrrrl", titles);
    for (size_t i = 0, at = 0; i < result->session->node_count; i++) {
        const gb_node *node = &result->session->nodes[i];
        for (size_t k = 0; k < node->domain_count; k++) {
            const gb_source_figure *figure = NULL;
            if (at < result->source_count && result->sources[at].node == i &&
                result->sources[at].domain == k)
                figure = &result->sources[at++];
            add_source(node, &node->domains[k], figure, out);
        }
    }
}

void gb_add_budget(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {
        "benchmark", "quantisation", "phase",    "latency",
        "unsampled", "calibration",  "combined", "of the energy"};
    bool begun = false;
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_energy_figure *figure = &bench->energy;
        char text[GB_QUANTITY_SIZE];
        if (!bench->valid || !isfinite(figure->energy_j))
            continue;
        if (!begun) {
            gb_markdown_heading(out, "Uncertainty budget");
            gb_str_add(out, "Standard uncertainties of each energy, by "
                            "source. Calibration is systematic: it does not "
                            "shrink with repetition.\n\n");
            gb_markdown_head(out, "lrrrrrrr", titles);
            begun = true;
        }
        gb_cell_bench(out, result, bench);
        gb_cell_value(out, figure->budget.quantisation_j, "J");
        gb_cell_value(out, figure->budget.phase_j, "J");
        gb_cell_value(out, figure->budget.latency_j, "J");
        gb_cell_value(out, figure->budget.unsampled_j, "J");
        gb_cell_value(out, figure->budget.calibration_j, "J");
        gb_cell_value(out, figure->u_j, "J");
        gb_markdown_cell(out,
                         gb_quantity_percent(figure->u_j / figure->energy_j,
                                             text, sizeof(text)));
        gb_markdown_end_row(out);
    }
}

/* --- counters and notes --------------------------------------------------- */

static void add_counter_values(const gb_result *result,
                               const gb_bench_result *bench, gb_str *out) {
    char text[48];
    for (size_t i = 0; i < bench->counter_count; i++) {
        if (isfinite(bench->counters[i]))
            snprintf(text, sizeof(text), "%.6g", bench->counters[i]);
        else
            gb_copy(text, sizeof(text), "-");
        gb_markdown_cell(out, text);
    }
    (void)result;
}

void gb_add_counters(const gb_result *result, gb_str *out) {
    const char *names = result->session->counters;
    const char *absent = result->session->counters_absent;

    gb_markdown_heading(out, "Event counters");
    if (names == NULL || names[0] == '\0') {
        gb_str_add(out, "None were counted.\n");
    } else {
        gb_str_add(out, "Mean per repetition, summed over all ranks.\n\n"
                        "| benchmark ");
        for (const char *at = names; *at != '\0';) {
            char name[128];
            const size_t length = strcspn(at, ",");
            snprintf(name, sizeof(name), "%.*s", (int)length, at);
            gb_markdown_cell(out, name);
            at += length;
            at += *at == ',';
        }
        gb_markdown_end_row(out);
        gb_str_add(out, "| --- ");
        for (const char *at = names; at != NULL; at = strchr(at + 1, ','))
            gb_str_add(out, "| ---: ");
        gb_markdown_end_row(out);
        for (size_t i = 0; i < result->bench_count; i++) {
            gb_cell_bench(out, result, &result->benches[i]);
            add_counter_values(result, &result->benches[i], out);
            gb_markdown_end_row(out);
        }
    }
    if (absent != NULL && absent[0] != '\0') {
        gb_str_add(out, "\nAbsent: ");
        gb_markdown_text(out, absent);
        gb_str_add(out, "\n");
    }
}

void gb_add_notes(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {"benchmark", "iterations per call",
                                         "window / time", "chosen"};
    if (result->bench_count == 0)
        return;
    gb_markdown_heading(out, "How each benchmark ran");
    gb_markdown_head(out, "lrrl", titles);
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        gb_cell_bench(out, result, bench);
        gb_cell_u64(out, bench->iterations);
        gb_cell_value(out, bench->window_ratio, "");
        gb_str_add(out, "| ");
        for (size_t k = 0; k < bench->note_count; k++) {
            gb_str_add(out, k > 0 ? ", " : "");
            gb_markdown_text(out, bench->notes[k].key);
            gb_str_add(out, "=");
            gb_markdown_text(out, bench->notes[k].value);
        }
        gb_str_add(out, " ");
        gb_markdown_end_row(out);
    }
}

/* --- system --------------------------------------------------------------- */

static void add_node(const gb_node *node, bool apart, gb_str *out) {
    static const char *const titles[] = {"", ""};
    char text[160];

    gb_str_add(out, apart ? "\n### " : "### ");
    gb_markdown_text(out, node->name);
    gb_str_add(out, "\n\n");
    gb_markdown_head(out, "ll", titles);
    gb_add_fact(out, "CPU", node->cpu);
    snprintf(text, sizeof(text), "%u, %u, %u; SMT %s", node->packages,
             node->cores, node->pus, node->smt ? "on" : "off or absent");
    gb_add_fact(out, "packages, cores, hardware threads", text);
    snprintf(text, sizeof(text), "%.1f GiB (%.1f GiB usable), %u NUMA node%s",
             (double)node->memory_bytes / 0x1p30,
             (double)node->memory_usable_bytes / 0x1p30, node->numa_nodes,
             node->numa_nodes == 1 ? "" : "s");
    gb_add_fact(out, "memory", node->memory_bytes > 0 ? text : "");
    snprintf(text, sizeof(text), "%.1f MiB",
             (double)node->cache_bytes / 0x1p20);
    gb_add_fact(out, "last-level caches", node->cache_bytes > 0 ? text : "");
    gb_add_fact(out, "governor", node->governor);
    gb_add_fact(out, "turbo", node->turbo);
    gb_add_fact(out, "power limits", node->power_caps);
    gb_add_fact(out, "kernel", node->kernel);
    gb_add_fact(out, "microcode", node->microcode);
    gb_add_fact(out, "virtualisation", node->virtualisation);
    snprintf(text, sizeof(text), "%u", node->ranks);
    gb_add_fact(out, "ranks", text);
    gb_add_fact(out, "sampler runs on", node->sampler_place);
}

void gb_add_system(const gb_result *result, gb_str *out) {
    gb_markdown_heading(out, "System");
    for (size_t i = 0; i < result->session->node_count; i++)
        add_node(&result->session->nodes[i], i > 0, out);
}
