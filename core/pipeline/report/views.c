/* SPDX-License-Identifier: Apache-2.0 */
/* What `list`, `sensors`, `doctor` and `--dry-run` show. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/layout.h"

static void add_indented(gb_str *out, size_t indent, const char *text,
                         const gb_report_style *style) {
    if (text[0] == '\0')
        return;
    gb_str_addf(out, "%*s", (int)indent, "");
    gb_str_add_wrapped(out, text, indent, indent, style->columns);
}

/* --- --dry-run ------------------------------------------------------------ */

void gb_report_plan(const gb_plan *plan, const gb_report_style *style,
                    gb_str *out) {
    char text[512], time[32], params[256];
    snprintf(
        text, sizeof(text), "suite %s: %zu benchmark%s on %u rank%s, about %s",
        plan->suite_name, plan->case_count, plan->case_count == 1 ? "" : "s",
        plan->ranks, plan->ranks == 1 ? "" : "s",
        gb_format_duration(plan->estimate_s, time, sizeof(time)));
    gb_add_ink(out, style, GB_INK_BOLD, text);
    gb_str_add(out, "\n");
    snprintf(text, sizeof(text),
             "energy %s at %g Hz%s; idle %s before and after; counters %s",
             plan->energy, plan->sample_hz,
             plan->require_energy ? ", measured energy required" : "",
             gb_format_duration(plan->idle_s, time, sizeof(time)),
             plan->counters[0] != '\0' ? plan->counters : "none");
    gb_str_add_wrapped(out, text, 0, 2, style->columns);
    gb_str_add(out, "\n");
    for (size_t i = 0; i < plan->case_count; i++) {
        const gb_plan_case *planned = &plan->cases[i];
        snprintf(text, sizeof(text), "%3zu  ", i + 1);
        gb_str_add(out, text);
        gb_add_ink(out, style, GB_INK_BOLD, planned->id);
        snprintf(text, sizeof(text), "  %u%s repetitions of at least %s\n",
                 planned->repeats, planned->ci_percent > 0.0 ? " or more" : "",
                 gb_format_duration(planned->min_time_s, time, sizeof(time)));
        gb_str_add(out, text);
        gb_format_params(planned, true, params, sizeof(params));
        add_indented(out, 5, params, style);
    }
    for (size_t i = 0; i < plan->skip_count; i++) {
        gb_add_ink(out, style, GB_INK_CAUTION, "skip ");
        gb_str_add_wrapped(out, plan->skips[i].reason, 5, 5, style->columns);
        add_indented(out, 5, plan->skips[i].hint, style);
    }
}

/* --- list ----------------------------------------------------------------- */

static void add_param(gb_str *out, const gb_catalogue_param *param,
                      const gb_report_style *style) {
    char text[400];
    snprintf(text, sizeof(text), "%s=%s", param->name, param->default_text);
    gb_str_add(out, "    ");
    gb_add_cell(out, style, GB_INK_PLAIN, -24, text);
    gb_str_add(out, gb_columns(text) >= 24 ? " " : "");
    snprintf(text, sizeof(text), "%s (%s)", param->help,
             param->accepts != NULL ? param->accepts : "any text");
    gb_str_add_wrapped(out, text, 28, 28, style->columns);
}

void gb_report_list(const gb_catalogue *catalogue, const gb_report_style *style,
                    gb_str *out) {
    for (size_t i = 0; i < catalogue->count; i++) {
        const gb_catalogue_entry *entry = &catalogue->entries[i];
        char text[400];
        gb_add_ink(out, style, GB_INK_BOLD, entry->id);
        snprintf(text, sizeof(text), " %s  %s; counts %ss", entry->version,
                 entry->summary, entry->work_unit);
        gb_str_add_wrapped(out, text, gb_columns(entry->id), 4, style->columns);
        if (entry->ranks_min > 1 || entry->ranks_multiple > 1) {
            snprintf(text, sizeof(text), "needs %u ranks or more%s",
                     entry->ranks_min,
                     entry->ranks_multiple == 2  ? ", an even number"
                     : entry->ranks_multiple > 2 ? ", a multiple"
                                                 : "");
            add_indented(out, 4, text, style);
        }
        for (size_t k = 0; k < entry->param_count; k++)
            add_param(out, &entry->params[k], style);
        gb_str_add(out, "    ");
        gb_add_ink(out, style, GB_INK_DIM, entry->path);
        gb_str_add(out, "\n");
    }
    if (catalogue->count == 0)
        gb_str_add(out, "no benchmarks were found\n  hint: set "
                        "GREENBENCH_PLUGIN_PATH to the folder with the "
                        "plugins\n");
    for (size_t i = 0; i < catalogue->refusal_count; i++) {
        const gb_catalogue_refusal *refusal = &catalogue->refusals[i];
        gb_add_ink(out, style, GB_INK_BAD, "refused ");
        gb_str_add_wrapped(out, refusal->what, 8, 8, style->columns);
        add_indented(out, 8, refusal->hint, style);
    }
}

/* --- sensors -------------------------------------------------------------- */

static gb_ink ink_of_status(gb_domain_status status) {
    switch (status) {
    case GB_DOMAIN_OK:
        return GB_INK_GOOD;
    case GB_DOMAIN_ABSENT:
    case GB_DOMAIN_UNSUPPORTED:
        return GB_INK_DIM;
    case GB_DOMAIN_HIDDEN:
    case GB_DOMAIN_FORBIDDEN:
    case GB_DOMAIN_STUCK:
    case GB_DOMAIN_FAILED:
        break;
    }
    return GB_INK_BAD;
}

static void add_domain(gb_str *out, const gb_energy_domain *domain,
                       const gb_energy_figure *figure,
                       const gb_report_style *style) {
    char text[256], a[48], b[48];
    snprintf(text, sizeof(text), "%s%s%s", domain->source,
             domain->name[0] != '\0' ? ":" : "", domain->name);
    gb_add_cell(out, style, GB_INK_PLAIN, -32, text);
    gb_str_add(out, gb_columns(text) >= 32 ? " " : "");
    gb_add_cell(out, style, ink_of_status(domain->status), -12,
                gb_domain_status_name(domain->status));
    gb_add_cell(out, style, GB_INK_BOLD, -7, domain->summed ? "summed" : "");
    if (figure != NULL && domain->status == GB_DOMAIN_OK &&
        isfinite(figure->energy_j)) {
        gb_add_cell(out, style, GB_INK_PLAIN, 12,
                    gb_format_quantity(figure->energy_j, figure->u_j, "J", a,
                                       sizeof(a)));
        gb_add_cell(out, style, GB_INK_PLAIN, 12,
                    gb_format_quantity(figure->energy_j / figure->window_s,
                                       figure->u_j / figure->window_s, "W", b,
                                       sizeof(b)));
    } else if (domain->status == GB_DOMAIN_OK) {
        gb_add_ink(out, style, GB_INK_DIM, gb_scope_text(domain->scope));
    }
    gb_str_add(out, "\n");
    add_indented(out, 4, domain->reason, style);
    if (figure != NULL && domain->status == GB_DOMAIN_OK)
        add_indented(out, 4, figure->reason, style);
    if (domain->fix[0] != '\0') {
        gb_str_add(out, "    fix: ");
        gb_str_add_wrapped(out, domain->fix, 9, 9, style->columns);
    }
}

static void add_total(gb_str *out, const gb_energy_figure *total,
                      const gb_report_style *style) {
    char a[48], b[48], c[48], text[160];
    if (!isfinite(total->energy_j)) {
        snprintf(text, sizeof(text), "no figure: %s", total->reason);
        gb_add_item(out, style, "measured", text);
        return;
    }
    const double window_s = total->window_s;
    snprintf(text, sizeof(text), "%s, %s, in %s (u = %.2g %%)",
             gb_format_quantity(total->energy_j, total->u_j, "J", a, sizeof(a)),
             gb_format_quantity(total->energy_j / window_s,
                                total->u_j / window_s, "W", b, sizeof(b)),
             gb_format_duration(window_s, c, sizeof(c)),
             total->energy_j > 0.0 ? 100.0 * total->u_j / total->energy_j
                                   : 0.0);
    gb_add_item(out, style, gb_quality_name(total->quality), text);
}

void gb_report_sensors(const gb_node *node, const gb_energy_figure *figures,
                       const gb_energy_figure *total,
                       const gb_report_style *style, gb_str *out) {
    char text[400];
    gb_add_ink(out, style, GB_INK_BOLD, node->name);
    snprintf(text, sizeof(text), ": %s\n\n",
             node->cpu[0] != '\0' ? node->cpu : "unknown CPU");
    gb_str_add(out, text);
    for (size_t i = 0; i < node->domain_count; i++)
        add_domain(out, &node->domains[i], figures != NULL ? &figures[i] : NULL,
                   style);
    gb_str_add(out, "\n");
    if (node->cover.summed_count == 0) {
        gb_add_item(out, style, "node", "no energy: nothing can be summed");
        return;
    }
    snprintf(text, sizeof(text), "%s%s%s", node->cover.holds,
             node->cover.leaves_out[0] != '\0' ? "; not in it: " : "",
             node->cover.leaves_out);
    gb_add_item(out, style, "node", text);
    if (total != NULL)
        add_total(out, total, style);
    else
        gb_add_item(out, style, "quality",
                    gb_quality_name(node->cover.quality));
}

/* --- doctor --------------------------------------------------------------- */

void gb_report_findings(const char *node, const gb_findings *findings,
                        const gb_report_style *style, gb_str *out) {
    static const gb_ink inks[] = {
        [GB_SEVERITY_OK] = GB_INK_GOOD,
        [GB_SEVERITY_NOTE] = GB_INK_DIM,
        [GB_SEVERITY_WARNING] = GB_INK_CAUTION,
        [GB_SEVERITY_ERROR] = GB_INK_BAD,
    };
    size_t counts[GB_SEVERITY_ERROR + 1] = {0};
    char text[200];
    for (size_t i = 0; i < findings->count; i++) {
        const gb_finding *finding = &findings->list[i];
        counts[finding->severity]++;
        gb_add_cell(out, style, inks[finding->severity], -9,
                    gb_severity_name(finding->severity));
        gb_str_add_wrapped(out, finding->title, 9, 9, style->columns);
        add_indented(out, 11, finding->evidence, style);
        if (finding->fix[0] != '\0') {
            gb_str_add(out, "           fix: ");
            gb_str_add_wrapped(out, finding->fix, 16, 16, style->columns);
        }
    }
    snprintf(text, sizeof(text),
             "\n%s: %zu ok, %zu notes, %zu warnings, %zu errors\n", node,
             counts[GB_SEVERITY_OK], counts[GB_SEVERITY_NOTE],
             counts[GB_SEVERITY_WARNING], counts[GB_SEVERITY_ERROR]);
    gb_add_ink(out, style, GB_INK_BOLD, text);
}
