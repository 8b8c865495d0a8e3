/* SPDX-License-Identifier: Apache-2.0 */
/* `score --markdown`. */
#include <math.h>
#include <stdio.h>

#include "pipeline/report/markdown.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"
#include "pipeline/report/scores.h"

enum { CELL = 96 };

static void item_text(gb_str *out, const char *label, const char *text) {
    gb_str copy = {0};

    gb_str_add(&copy, text);
    gb_markdown_take_item(out, label, &copy);
}

static void item_score(gb_str *out, const char *label, const gb_score *score,
                       const char *after) {
    char text[GB_SCORE_TEXT];
    gb_str line = {0};

    if (!isfinite(score->value))
        return;
    gb_str_addf(&line, "%s%s", gb_score_text(score, text, sizeof(text)), after);
    gb_markdown_take_item(out, label, &line);
}

static void add_left_out(gb_str *out, const gb_left_outs *outs) {
    gb_reasons reasons = {0};

    gb_scores_left_out(outs, &reasons);
    if (reasons.failed)
        out->failed = true;
    for (size_t i = 0; i < reasons.count; i++) {
        gb_str text = {0};
        gb_str_addf(&text, "%s: %s", reasons.list[i].ids, reasons.list[i].text);
        gb_markdown_take_item(out, "left out", &text);
    }
    gb_reasons_fini(&reasons);
}

/* --- the parts ------------------------------------------------------------ */

static void add_component(const gb_index_component *one, gb_str *out) {
    char text[CELL];

    gb_markdown_cell(out, one->bench);
    gb_markdown_cell(out, gb_quantity(one->value, one->value_u, one->unit, text,
                                      sizeof(text)));
    gb_markdown_cell(out, gb_quantity(one->reference, one->reference_u,
                                      one->unit, text, sizeof(text)));
    snprintf(text, sizeof(text), "%.4f", one->ratio);
    gb_markdown_cell(out, text);
    gb_markdown_cell(out, gb_score_interval(one->ci95, one->ratio * one->u_rel,
                                            text, sizeof(text)));
    snprintf(text, sizeof(text), "%.4f", one->weight);
    gb_markdown_cell(out, text);
    gb_markdown_end_row(out);
}

static void add_index(const gb_scores *scores, gb_str *out) {
    static const char *const titles[] = {"work per joule", "run",  "reference",
                                         "ratio",          "95 %", "weight"};
    const gb_green_index *index = &scores->index;
    gb_str text = {0};

    gb_markdown_heading(out, "The Green Index (TGI)");
    if (index->asked) {
        gb_str_addf(&text, "%s, ", index->reference->run_id);
        gb_facts_size(index->reference, GB_LANGUAGE_EN, &text);
        gb_str_addf(&text, "; SHA-256 of its records %s", index->sha256);
        gb_markdown_take_item(out, "reference", &text);
    }
    item_score(out, "arithmetic", &index->arithmetic, ", as published");
    item_score(out, "geometric", &index->geometric,
               ", whose order does not depend on the reference");
    if (isfinite(index->arithmetic.value))
        item_text(out, "weighting", gb_scores_weights(index->weighting, false));
    item_text(out, "none", index->reason);
    gb_scores_say_index(scores, false, &text);
    gb_markdown_take_item(out, "means", &text);
    gb_scores_say_index(scores, true, &text);
    gb_markdown_take_item(out, "即", &text);
    add_left_out(out, &index->left_out);
    if (index->component_count == 0)
        return;
    gb_str_add(out, "\n");
    gb_markdown_head(out, "lrrrrr", titles);
    for (size_t i = 0; i < index->component_count; i++)
        add_component(&index->components[i], out);
}

static void add_products(const gb_scores *scores, gb_str *out) {
    static const char *const titles[] = {"benchmark", "work of one repetition",
                                         "EDP", "ED2P"};
    char text[CELL];

    gb_markdown_heading(out, "Energy-delay products");
    item_text(out, "none", gb_scores_no_products(scores));
    if (scores->product_count == 0)
        return;
    gb_markdown_head(out, "lrrr", titles);
    for (size_t i = 0; i < scores->product_count; i++) {
        const gb_delay_products *one = &scores->products[i];
        gb_markdown_cell(out, one->bench);
        gb_markdown_cell(out, gb_quantity(one->work, NAN, one->work_unit, text,
                                          sizeof(text)));
        gb_markdown_cell(out,
                         one->reason[0] != '\0'
                             ? one->reason
                             : gb_quantity_pm(one->edp_js.value, one->edp_js.u,
                                              "J s", text, sizeof(text)));
        gb_markdown_cell(out,
                         gb_quantity_pm(one->ed2p_js2.value, one->ed2p_js2.u,
                                        "J s2", text, sizeof(text)));
        gb_markdown_end_row(out);
    }
}

static void add_load(const gb_load_curve *load, gb_str *out) {
    static const char *const titles[] = {"load", "power", "of full load"};
    char text[CELL];
    gb_str line = {0};

    gb_markdown_heading(out, "Energy proportionality");
    item_text(out, "none", load->reason);
    item_score(out, "EP", &load->proportionality, "");
    item_score(out, "idle to peak", &load->idle_share, "");
    item_score(out, "dynamic range", &load->dynamic_range,
               " of the power at full load");
    gb_str_addf(&line, " of the line from rest to full load, at %.1f %%",
                100.0 * load->deviation_load);
    item_score(out, "largest deviation", &load->deviation,
               line.text != NULL ? line.text : "");
    gb_str_fini(&line);
    gb_scores_say_load(load, false, &line);
    gb_markdown_take_item(out, "means", &line);
    gb_scores_say_load(load, true, &line);
    gb_markdown_take_item(out, "即", &line);
    if (load->count == 0)
        return;
    gb_str_add(out, "\n");
    gb_markdown_head(out, "rrr", titles);
    for (size_t i = 0; i < load->count; i++) {
        const gb_load_point *point = &load->points[i];
        snprintf(text, sizeof(text), "%.1f %%", 100.0 * point->load);
        gb_markdown_cell(out, text);
        gb_markdown_cell(out, gb_quantity_pm(point->power_w, point->power_u_w,
                                             "W", text, sizeof(text)));
        snprintf(text, sizeof(text), "%.1f %%", 100.0 * point->share);
        gb_markdown_cell(out, text);
        gb_markdown_end_row(out);
    }
}

static void add_points(const gb_energy_roofline *fit, gb_str *out) {
    static const char *const titles[] = {"fitted over", "flop", "memory",
                                         "power", "fit is off"};
    char text[CELL];

    gb_str_add(out, "\n");
    gb_markdown_head(out, "lrrrr", titles);
    for (size_t i = 0; i < fit->count; i++) {
        const gb_energy_point *point = &fit->points[i];
        gb_markdown_cell(out, point->bench);
        gb_markdown_cell(out, gb_quantity(point->flop_per_s, NAN, "flop/s",
                                          text, sizeof(text)));
        gb_markdown_cell(out, gb_quantity(point->byte_per_s, NAN, "byte/s",
                                          text, sizeof(text)));
        gb_markdown_cell(
            out, gb_quantity(point->power_w, NAN, "W", text, sizeof(text)));
        snprintf(text, sizeof(text), "%+.1f %%", 100.0 * point->off);
        gb_markdown_cell(out, text);
        gb_markdown_end_row(out);
    }
}

static void add_roofline(const gb_energy_roofline *fit, gb_str *out) {
    char text[GB_SCORE_TEXT];
    gb_str line = {0};

    gb_markdown_heading(out, "Energy roofline");
    item_text(out, "none", fit->reason);
    if (isfinite(fit->constant_w.value)) {
        item_text(out, "energy of a flop",
                  gb_score_pj(&fit->flop_j, "flop", text, sizeof(text)));
        item_text(out, "energy of a byte of memory",
                  gb_score_pj(&fit->byte_j, "B", text, sizeof(text)));
        item_score(out, "constant power", &fit->constant_w, " W");
        item_score(out, "balance", &fit->balance,
                   " flop take the energy of a byte");
        gb_scores_say_residual(fit, &line);
        gb_markdown_take_item(out, "residual", &line);
    }
    gb_scores_say_roofline(fit, false, &line);
    gb_markdown_take_item(out, "means", &line);
    gb_scores_say_roofline(fit, true, &line);
    gb_markdown_take_item(out, "即", &line);
    add_left_out(out, &fit->left_out);
    if (isfinite(fit->constant_w.value))
        add_points(fit, out);
}

void gb_report_scores_markdown(const gb_scores *scores, gb_str *out) {
    gb_str text = {0};

    gb_str_add(out, "# Scores of ");
    gb_markdown_text(out, scores->session->run_id);
    gb_str_add(out, "\n\n");
    gb_facts_size(scores->session, GB_LANGUAGE_EN, &text);
    gb_str_addf(&text, ", %s", gb_facts_status(scores->status));
    gb_markdown_take_item(out, "run", &text);
    gb_scores_say_energy(scores, &text);
    gb_markdown_take_item(out, "energy", &text);
    add_index(scores, out);
    add_products(scores, out);
    add_load(&scores->load, out);
    add_roofline(&scores->roofline, out);
}
