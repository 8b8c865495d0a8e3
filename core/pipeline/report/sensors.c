/* SPDX-License-Identifier: Apache-2.0 */
/* `greenbench sensors` as text. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/report/facts.h"
#include "pipeline/report/lines.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/table.h"

enum { DOMAIN, SCOPE, STATUS, USE, ENERGY, POWER };

static const gb_table_column columns[] = {
    [DOMAIN] = {.title = "domain"},
    [SCOPE] = {.title = "covers"},
    [STATUS] = {.title = "status"},
    [USE] = {.title = "in the total"},
    [ENERGY] = {.title = "energy", .right = true},
    [POWER] = {.title = "power", .right = true},
};

static double power_w(const gb_energy_figure *figure) {
    return figure->energy_j / figure->window_s;
}

static void set_figure(gb_table *table, const gb_energy_figure *figure) {
    char text[GB_QUANTITY_SIZE];
    gb_table_set(
        table, ENERGY, GB_PAINT_NONE,
        gb_quantity(figure->energy_j, figure->u_j, "J", text, sizeof(text)));
    gb_table_set(table, POWER, GB_PAINT_NONE,
                 gb_quantity(power_w(figure), figure->u_j / figure->window_s,
                             "W", text, sizeof(text)));
}

static void add_domain(gb_table *table, const gb_energy_domain *domain,
                       const gb_energy_figure *figure, bool colour) {
    const bool ok = domain->status == GB_DOMAIN_OK;
    gb_str below = {0};
    char label[96] = "  ";

    gb_table_row_add(table);
    gb_copy(label + 2, sizeof(label) - 2,
            domain->name[0] != '\0' ? domain->name : "-");
    gb_table_set(table, DOMAIN, GB_PAINT_NONE, label);
    if (domain->name[0] != '\0')
        gb_table_set(table, SCOPE, GB_PAINT_NONE, gb_scope_name(domain->scope));
    gb_table_set(table, STATUS, ok ? GB_PAINT_GOOD : GB_PAINT_CAUTION,
                 gb_domain_status_name(domain->status));
    if (domain->summed)
        gb_table_set(table, USE, GB_PAINT_BOLD,
                     gb_quality_name(domain->quality));
    else
        gb_table_set(table, USE, GB_PAINT_NONE, ok ? "left out" : "-");
    if (figure != NULL && ok)
        set_figure(table, figure);
    if (domain->reason[0] != '\0')
        gb_lines_wrap(&below, colour, GB_PAINT_NONE, "    ", 4, domain->reason);
    if (figure != NULL && ok && !isfinite(figure->energy_j) &&
        figure->reason[0] != '\0')
        gb_lines_wrap(&below, colour, GB_PAINT_CAUTION, "    no figure:", 15,
                      figure->reason);
    if (domain->fix[0] != '\0')
        gb_lines_wrap(&below, colour, GB_PAINT_DIM, "    fix:", 9, domain->fix);
    if (below.length > 0)
        gb_table_follow(table, &below);
    gb_str_fini(&below);
}

static void add_cover(const gb_node *node, bool colour, gb_str *out) {
    gb_str text = {0};
    if (node->cover.summed_count > 0)
        gb_str_addf(&text, "%s: ", gb_quality_name(node->cover.quality));
    gb_facts_holds(node, node->cover.holds, GB_LANGUAGE_EN, &text);
    if (text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, "total", 10, text.text);
    gb_str_fini(&text);
    gb_str_addf(&text, "leaves out %s", node->cover.leaves_out);
    if (node->cover.leaves_out[0] != '\0' && text.text != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_NONE, "", 10, text.text);
    gb_str_fini(&text);
    if (node->cover.missing[0] != '\0')
        gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "partial", 10,
                      node->cover.missing);
}

static void add_total(const gb_energy_figure *total, bool colour, gb_str *out) {
    char energy[GB_QUANTITY_SIZE], power[GB_QUANTITY_SIZE];
    char window[GB_QUANTITY_SIZE];
    gb_str text = {0};

    if (isfinite(total->energy_j)) {
        gb_str_addf(
            &text, "%s, %s (95 %%) in %s; %s; %u wrap%s, %u samples, %u gap%s",
            gb_quantity_pm(total->energy_j, total->u95_j, "J", energy,
                           sizeof(energy)),
            gb_quantity_pm(power_w(total), total->u95_j / total->window_s, "W",
                           power, sizeof(power)),
            gb_quantity(total->window_s, 0.0, "s", window, sizeof(window)),
            gb_quality_name(total->quality), total->wraps,
            total->wraps == 1 ? "" : "s", total->samples, total->gaps,
            total->gaps == 1 ? "" : "s");
    } else {
        gb_str_addf(&text, "none: %s",
                    total->reason[0] != '\0' ? total->reason
                                             : "no counter was read");
    }
    if (text.text != NULL)
        gb_lines_wrap(out, colour,
                      isfinite(total->energy_j) ? GB_PAINT_BOLD
                                                : GB_PAINT_CAUTION,
                      "energy", 10, text.text);
    gb_str_fini(&text);
}

static void add_contradictions(const gb_node_figures *measured, bool colour,
                               gb_str *out) {
    for (size_t i = 0; i < measured->contradiction_count; i++)
        gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "warning", 10,
                      measured->contradictions[i].what);
}

void gb_report_sensors(const gb_node *node, const gb_node_figures *measured,
                       const gb_report_style *style, gb_str *out) {
    const gb_energy_figure *figures =
        measured != NULL ? measured->figures : NULL;
    gb_table table = {.columns = columns,
                      .column_count = figures != NULL ? 6 : 4,
                      .first_max = 30};
    gb_str text = {0};

    gb_str_add(&text, node->cpu);
    gb_facts_virtual(node, text.length > 0 ? " · " : "", &text);
    gb_lines_wrap(out, style->colour, GB_PAINT_BOLD, node->name, 0,
                  text.text != NULL ? text.text : "");
    gb_str_fini(&text);
    gb_str_add(out, "\n");
    for (size_t i = 0; i < node->domain_count; i++) {
        const gb_energy_domain *domain = &node->domains[i];
        if (i == 0 ||
            strcmp(domain->source, node->domains[i - 1].source) != 0) {
            gb_table_row_add(&table);
            gb_table_set(&table, DOMAIN, GB_PAINT_BOLD, domain->source);
        }
        add_domain(&table, domain, figures != NULL ? &figures[i] : NULL,
                   style->colour);
    }
    if (node->domain_count > 0)
        gb_table_render(&table, style->colour, out);
    else
        gb_str_add(out, "no energy source was tried\n");
    gb_table_fini(&table);
    gb_str_add(out, "\n");
    add_cover(node, style->colour, out);
    if (measured == NULL)
        return;
    add_total(&measured->total, style->colour, out);
    add_contradictions(measured, style->colour, out);
}
