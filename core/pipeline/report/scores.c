/* SPDX-License-Identifier: Apache-2.0 */
/* `score` on the terminal. */
#include "pipeline/report/scores.h"

#include <math.h>
#include <stdio.h>

#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/table.h"

enum { TEXT_COLUMN = 11, CELL = 96 };

static void add_line(gb_str *out, bool colour, gb_paint paint,
                     const char *label, gb_str *text) {
    gb_lines_take_any(out, colour, paint, label, TEXT_COLUMN, text);
}

static void add_text(gb_str *out, bool colour, gb_paint paint,
                     const char *label, const char *text) {
    gb_str copy = {0};

    gb_str_add(&copy, text);
    add_line(out, colour, paint, label, &copy);
}

static void add_score(gb_str *out, bool colour, const char *label,
                      const gb_score *score, const char *after) {
    char text[GB_SCORE_TEXT];
    gb_str line = {0};

    gb_str_addf(&line, "%s%s", gb_score_text(score, text, sizeof(text)), after);
    add_line(out, colour, GB_PAINT_NONE, label, &line);
}

static void add_left_out(gb_str *out, bool colour, const gb_left_outs *outs) {
    gb_reasons reasons = {0};

    gb_scores_left_out(outs, &reasons);
    if (reasons.failed)
        out->failed = true;
    for (size_t i = 0; i < reasons.count; i++) {
        gb_str text = {0};
        gb_str_addf(&text, "%s: %s", reasons.list[i].ids, reasons.list[i].text);
        add_line(out, colour, GB_PAINT_DIM, i == 0 ? "left out" : "", &text);
    }
    gb_reasons_fini(&reasons);
}

/* --- the run -------------------------------------------------------------- */

static void add_run(const gb_scores *scores, bool colour, gb_str *out) {
    gb_str text = {0};

    gb_str_addf(&text, "%s, ", scores->session->run_id);
    gb_facts_size(scores->session, GB_LANGUAGE_EN, &text);
    gb_str_addf(&text, ", %s", gb_facts_status(scores->status));
    add_line(out, colour, GB_PAINT_BOLD, "run", &text);
    gb_scores_say_energy(scores, &text);
    add_line(out, colour,
             scores->quality == GB_QUALITY_MEASURED ? GB_PAINT_NONE
                                                    : GB_PAINT_CAUTION,
             "energy", &text);
}

/* --- the index ------------------------------------------------------------ */

static void add_component(const gb_index_component *one, gb_table *table) {
    char text[CELL], unit[CELL];

    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, one->bench);
    gb_quantity_short_unit(one->unit, unit, sizeof(unit));
    gb_table_set(
        table, 1, GB_PAINT_NONE,
        gb_quantity(one->value, one->value_u, unit, text, sizeof(text)));
    gb_table_set(table, 2, GB_PAINT_NONE,
                 gb_quantity(one->reference, one->reference_u, unit, text,
                             sizeof(text)));
    snprintf(text, sizeof(text), "%.3f", one->ratio);
    gb_table_set(table, 3, GB_PAINT_BOLD, text);
    gb_table_set(table, 4, GB_PAINT_NONE,
                 gb_score_interval(one->ci95, one->ratio * one->u_rel, text,
                                   sizeof(text)));
    snprintf(text, sizeof(text), "%.3f", one->weight);
    gb_table_set(table, 5, GB_PAINT_NONE, text);
}

static void add_components(const gb_green_index *index, bool colour,
                           gb_str *out) {
    static const gb_table_column columns[] = {
        {"work per joule", false, false},
        {"run", true, false},
        {"reference", true, false},
        {"ratio", true, false},
        {"95 %", true, false},
        {"weight", true, false},
    };
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 18};

    if (index->component_count == 0)
        return;
    for (size_t i = 0; i < index->component_count; i++)
        add_component(&index->components[i], &table);
    gb_str_add(out, "\n");
    gb_table_render(&table, colour, out);
    gb_str_add(out, "\n");
    gb_table_fini(&table);
}

static void add_index(const gb_scores *scores, bool colour, gb_str *out) {
    const gb_green_index *index = &scores->index;
    gb_str text = {0};

    gb_lines_paint(out, colour, GB_PAINT_BOLD, "The Green Index (TGI)");
    gb_str_add(out, "\n");
    if (index->asked) {
        gb_str_addf(&text, "%s, ", index->reference->run_id);
        gb_facts_size(index->reference, GB_LANGUAGE_EN, &text);
        gb_str_addf(&text, "; SHA-256 of its records %s", index->sha256);
        add_line(out, colour, GB_PAINT_NONE, "reference", &text);
    }
    add_components(index, colour, out);
    if (isfinite(index->arithmetic.value)) {
        add_score(out, colour, "arithmetic", &index->arithmetic,
                  ", as published");
        add_score(out, colour, "geometric", &index->geometric,
                  ", whose order does not depend on the reference");
        add_text(out, colour, GB_PAINT_NONE, "weighting",
                 gb_scores_weights(index->weighting, false));
    }
    add_text(out, colour, GB_PAINT_CAUTION, "none", index->reason);
    gb_scores_say_index(scores, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "means", &text);
    gb_scores_say_index(scores, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "即", &text);
    add_left_out(out, colour, &index->left_out);
}

/* --- energy and delay ----------------------------------------------------- */

static void add_product(const gb_delay_products *one, gb_table *table) {
    char text[CELL];

    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, one->bench);
    gb_table_set(
        table, 1, GB_PAINT_NONE,
        gb_quantity(one->work, NAN, one->work_unit, text, sizeof(text)));
    gb_table_set(table, 2, GB_PAINT_NONE,
                 gb_quantity_pm(one->edp_js.value, one->edp_js.u, "J s", text,
                                sizeof(text)));
    gb_table_set(table, 3, GB_PAINT_NONE,
                 gb_quantity_pm(one->ed2p_js2.value, one->ed2p_js2.u, "J s2",
                                text, sizeof(text)));
}

static void add_products(const gb_scores *scores, bool colour, gb_str *out) {
    static const gb_table_column columns[] = {
        {"for the work of one repetition", false, false},
        {"work", true, false},
        {"EDP", true, false},
        {"ED2P", true, false},
    };
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 30};
    gb_reasons reasons = {0};

    gb_lines_paint(out, colour, GB_PAINT_BOLD, "Energy-delay products");
    gb_str_add(out, "\n");
    for (size_t i = 0; i < scores->product_count; i++) {
        const gb_delay_products *one = &scores->products[i];
        if (one->reason[0] == '\0')
            add_product(one, &table);
        gb_reasons_add(&reasons, one->reason, NULL, one->bench);
    }
    if (table.row_count > 0)
        gb_table_render(&table, colour, out);
    gb_table_fini(&table);
    add_text(out, colour, GB_PAINT_CAUTION, "none",
             gb_scores_no_products(scores));
    for (size_t i = 0; i < reasons.count; i++) {
        gb_str text = {0};
        gb_str_addf(&text, "%s: %s", reasons.list[i].ids, reasons.list[i].text);
        add_line(out, colour, GB_PAINT_CAUTION, i == 0 ? "none" : "", &text);
    }
    gb_reasons_fini(&reasons);
}

/* --- load ----------------------------------------------------------------- */

static void add_load_point(const gb_load_point *point, gb_table *table) {
    char text[CELL];

    snprintf(text, sizeof(text), "%.1f %%", 100.0 * point->load);
    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, text);
    gb_table_set(table, 1, GB_PAINT_NONE,
                 gb_quantity_pm(point->power_w, point->power_u_w, "W", text,
                                sizeof(text)));
    snprintf(text, sizeof(text), "%.1f %%", 100.0 * point->share);
    gb_table_set(table, 2, GB_PAINT_NONE, text);
}

static void add_load(const gb_load_curve *load, bool colour, gb_str *out) {
    static const gb_table_column columns[] = {
        {"load", true, false},
        {"power", true, false},
        {"of full load", true, false},
    };
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 20};
    gb_str text = {0};

    gb_lines_paint(out, colour, GB_PAINT_BOLD, "Energy proportionality");
    gb_str_add(out, "\n");
    for (size_t i = 0; i < load->count; i++)
        add_load_point(&load->points[i], &table);
    if (load->count > 0) {
        gb_table_render(&table, colour, out);
        gb_str_add(out, "\n");
        add_score(out, colour, "EP", &load->proportionality, "");
        add_score(out, colour, "idle/peak", &load->idle_share, "");
        add_score(out, colour, "range", &load->dynamic_range,
                  " of the power at full load");
        gb_str_addf(&text, " of the line from rest to full load, at %.1f %%",
                    100.0 * load->deviation_load);
        add_score(out, colour, "deviation", &load->deviation,
                  text.text != NULL ? text.text : "");
        gb_str_fini(&text);
    }
    gb_table_fini(&table);
    add_text(out, colour, GB_PAINT_CAUTION, "none", load->reason);
    gb_scores_say_load(load, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "means", &text);
    gb_scores_say_load(load, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "即", &text);
}

/* --- energy roofline ------------------------------------------------------ */

static void add_energy_point(const gb_energy_point *point, gb_table *table) {
    char text[CELL];

    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, point->bench);
    gb_table_set(
        table, 1, GB_PAINT_NONE,
        gb_quantity(point->flop_per_s, NAN, "flop/s", text, sizeof(text)));
    gb_table_set(
        table, 2, GB_PAINT_NONE,
        gb_quantity(point->byte_per_s, NAN, "byte/s", text, sizeof(text)));
    gb_table_set(table, 3, GB_PAINT_NONE,
                 gb_quantity(point->power_w, NAN, "W", text, sizeof(text)));
    snprintf(text, sizeof(text), "%+.1f %%", 100.0 * point->off);
    gb_table_set(table, 4, GB_PAINT_NONE, text);
}

static void add_fit(const gb_energy_roofline *fit, bool colour, gb_str *out) {
    char text[GB_SCORE_TEXT];
    gb_str line = {0};

    add_text(out, colour, GB_PAINT_NONE, "flop",
             gb_score_pj(&fit->flop_j, "flop", text, sizeof(text)));
    add_text(out, colour, GB_PAINT_NONE, "memory",
             gb_score_pj(&fit->byte_j, "B", text, sizeof(text)));
    gb_str_addf(&line, "%s W",
                gb_score_text(&fit->constant_w, text, sizeof(text)));
    if (isfinite(fit->idle_w))
        gb_str_addf(&line, "; at rest %.3g W were drawn", fit->idle_w);
    add_line(out, colour, GB_PAINT_NONE, "constant", &line);
    if (isfinite(fit->balance.value))
        add_score(out, colour, "balance", &fit->balance,
                  " flop take the energy of a byte");
    gb_scores_say_residual(fit, &line);
    add_line(out, colour, GB_PAINT_NONE, "residual", &line);
}

static void add_roofline(const gb_energy_roofline *fit, bool colour,
                         gb_str *out) {
    static const gb_table_column columns[] = {
        {"fitted over", false, false}, {"flop", true, false},
        {"memory", true, false},       {"power", true, false},
        {"fit is off", true, false},
    };
    gb_table table = {.columns = columns,
                      .column_count = sizeof(columns) / sizeof(columns[0]),
                      .first_max = 24};
    gb_str text = {0};

    gb_lines_paint(out, colour, GB_PAINT_BOLD, "Energy roofline");
    gb_str_add(out, "\n");
    if (isfinite(fit->constant_w.value)) {
        for (size_t i = 0; i < fit->count; i++)
            add_energy_point(&fit->points[i], &table);
        gb_table_render(&table, colour, out);
        gb_str_add(out, "\n");
        add_fit(fit, colour, out);
    }
    gb_table_fini(&table);
    add_text(out, colour, GB_PAINT_CAUTION, "none", fit->reason);
    gb_scores_say_roofline(fit, false, &text);
    add_line(out, colour, GB_PAINT_NONE, "means", &text);
    gb_scores_say_roofline(fit, true, &text);
    add_line(out, colour, GB_PAINT_NONE, "即", &text);
    add_left_out(out, colour, &fit->left_out);
}

void gb_report_scores(const gb_scores *scores, const gb_report_style *style,
                      gb_str *out) {
    const bool colour = style->colour;

    add_run(scores, colour, out);
    gb_str_add(out, "\n");
    add_index(scores, colour, out);
    gb_str_add(out, "\n");
    add_products(scores, colour, out);
    gb_str_add(out, "\n");
    add_load(&scores->load, colour, out);
    gb_str_add(out, "\n");
    add_roofline(&scores->roofline, colour, out);
}
