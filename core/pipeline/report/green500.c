/* SPDX-License-Identifier: Apache-2.0 */
/* `report --green500`: what a submission to the Green500 asks for, in the order
 * of the checklist of the EE HPC WG methodology, as far as the run has it. What
 * it lacks is marked, never made up. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/grading.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"

static void begin_table(gb_str *out, const char *title) {
    static const char *const titles[] = {"what", "value"};

    gb_markdown_heading(out, title);
    gb_markdown_head(out, "ll", titles);
}

static void row(gb_str *out, const char *what, const char *value) {
    gb_markdown_cell(out, what);
    gb_markdown_cell(out, value);
    gb_markdown_end_row(out);
}

static void gap(gb_str *out, const char *what, const char *why) {
    gb_markdown_cell(out, what);
    gb_str_add(out, "| **GAP**: ");
    gb_markdown_text(out, why);
    gb_str_add(out, " ");
    gb_markdown_end_row(out);
}

/* Takes @p text; an empty one is a gap. */
static void row_of(gb_str *out, const char *what, gb_str *text,
                   const char *why_not) {
    if (text->failed)
        out->failed = true;
    if (text->text != NULL && text->text[0] != '\0')
        row(out, what, text->text);
    else
        gap(out, what, why_not);
    gb_str_fini(text);
}

static void quantity_row(gb_str *out, const char *what, double value, double u,
                         const char *unit, const char *why_not) {
    char text[GB_QUANTITY_SIZE];

    if (isnan(value))
        gap(out, what, why_not);
    else
        row(out, what, gb_quantity_pm(value, u, unit, text, sizeof(text)));
}

/* --- the parts -------------------------------------------------------------
 */

static void add_result(const gb_grading *g, gb_str *out) {
    char text[GB_QUANTITY_SIZE];

    begin_table(out, "Result");
    row(out, "benchmark", g->planned->id);
    quantity_row(out, "performance of this solve", g->performance, NAN,
                 "flop/s", "");
    snprintf(text, sizeof(text), "fastest of %u valid", g->repetitions);
    row(out, "which solve", text);
    for (size_t i = 0; i < g->reduced->note_count; i++)
        row(out, g->reduced->notes[i].key, g->reduced->notes[i].value);
    row(out, "verified", "yes: a wrong solution makes no result");
    quantity_row(out, "average power of the core phase", g->core_w, g->core_u_w,
                 "W", g->core.reason);
    if (isnan(g->efficiency)) {
        gap(out, "performance per watt", g->efficiency_reason);
        return;
    }
    /* Its customary unit; no more digits than its uncertainty leaves. */
    gb_quantity_pm(g->efficiency, g->efficiency_u, "flop/s/W", text,
                   sizeof(text));
    row(out, "performance per watt, of the core phase", text);
}

static const char stated_mark[] = " (stated)";

/* Text that a submitter stated; a gap where there is none. */
static void stated_row(gb_str *out, const char *what, const char *stated,
                       const char *why_not) {
    gb_str text = {0};

    if (stated != NULL && stated[0] != '\0')
        gb_str_addf(&text, "%s%s", stated, stated_mark);
    row_of(out, what, &text, why_not);
}

static void add_submission(const gb_grading *g, gb_str *out) {
    const gb_submission *s = &g->submission;
    gb_str text = {0};

    if (g->stated == NULL)
        return;
    begin_table(out, "With what is stated");
    gb_str_addf(&text, "%s, SHA-256 %s", g->stated->name, g->stated->sha256);
    row_of(out, "file", &text, "");
    quantity_row(out,
                 "power of all nodes, with the loss of conversion if stated",
                 s->nodes_w, s->nodes_u_w, "W", s->reason);
    quantity_row(out, "power of subsystems, stated", s->parts_w, NAN, "W", "");
    quantity_row(out, "power of both", s->power_w, s->nodes_u_w, "W",
                 s->reason);
    quantity_row(out, "performance per watt, with stated power", s->efficiency,
                 s->efficiency_u, "flop/s/W", s->reason);
}

static void add_grades(const gb_grading *g, gb_str *out) {
    static const char *const titles[] = {"aspect", "level", "because",
                                         "missing for the next level"};
    char level[64], text[400];

    gb_markdown_heading(out, "Quality level");
    gb_grading_verdict(g, level, sizeof(level));
    snprintf(text, sizeof(text), "EE HPC WG methodology %s: %s.",
             gb_methodology_name(g->methodology), level);
    gb_markdown_text(out, text);
    gb_str_add(out, " ");
    gb_markdown_text(out, g->grades.reason);
    gb_str_add(out, "\n\n");
    gb_markdown_head(out, "lrll", titles);
    for (int i = 0; i < GB_ASPECT_COUNT; i++) {
        const gb_aspect_grade *one = &g->grades.aspects[i];
        snprintf(text, sizeof(text), "%s %s", gb_aspect_number((gb_aspect)i),
                 gb_aspect_name((gb_aspect)i));
        snprintf(level, sizeof(level), "%u", one->level);
        gb_markdown_cell(out, text);
        gb_markdown_cell(out, one->level > 0 ? level : "none");
        gb_markdown_cell(out, one->reason);
        gb_markdown_cell(out, one->missing);
        gb_markdown_end_row(out);
    }
}

static void add_make(const gb_graded_meter *meter, gb_str *out) {
    const gb_stated_meter *stated = meter->stated;
    gb_str name = {0}, text = {0};

    gb_str_addf(&name, "make, model, calibration of %s:%s", meter->source,
                meter->name);
    gb_str_addf(
        &text, "%s %s; calibrated: %s%s%s%s", stated->make, stated->model,
        stated->calibrated[0] != '\0' ? stated->calibrated : "not stated",
        stated->source[0] != '\0' ? "; accuracy from " : "", stated->source,
        stated_mark);
    row_of(out, name.text != NULL ? name.text : "meter", &text, "");
    gb_str_fini(&name);
}

static void add_makes(const gb_grading *g, gb_str *out) {
    size_t stated = 0;

    for (size_t i = 0; i < g->meter_count; i++)
        if (g->meters[i].stated != NULL) {
            stated++;
            add_make(&g->meters[i], out);
        }
    if (stated == 0 || stated < g->meter_count)
        gap(out,
            stated == 0 ? "make, model, calibration"
                        : "make, model, calibration of the others",
            "the run does not tell");
}

static void add_loss(const gb_grading *g, gb_str *out) {
    const gb_stated *stated = g->stated;
    gb_str text = {0};

    if (stated != NULL && gb_grade_loss_applies(&g->facts))
        gb_str_addf(&text, "supplies of %.3g %%, by %s: %s%s",
                    100.0 * stated->supply_efficiency,
                    gb_conversion_loss_name(stated->loss), stated->loss_source,
                    stated_mark);
    row_of(out, "loss of conversion", &text,
           g->facts.point == GB_POINT_DOWNSTREAM
               ? "power is measured behind it, and nothing tells the loss"
               : "no power of whole nodes was measured that a loss could be "
                 "added to");
}

static void add_meters(const gb_grading *g, gb_str *out) {
    gb_str text = {0};

    begin_table(out, "Meters");
    for (size_t i = 0; i < g->meter_count; i++) {
        gb_str name = {0};
        gb_str_addf(&name, "%s:%s", g->meters[i].source, g->meters[i].name);
        gb_grading_meter(&g->meters[i], &text);
        row_of(out, name.text != NULL ? name.text : "meter", &text, "");
        gb_str_fini(&name);
    }
    if (g->meter_count == 0)
        gap(out, "meters", "none was read");
    add_makes(g, out);
    gb_str_addf(&text,
                "%zu, added up; their nodes' clocks are compared at the "
                "start of the run",
                g->facts.meters);
    row_of(out, "points of measurement", &text, "");
    row(out, "point", gb_point_name(g->facts.point));
    if (g->facts.point >= GB_POINT_CONTROLLER)
        row(out, "loss of conversion", "none to add");
    else
        add_loss(g, out);
}

static void add_power(const gb_grading *g, gb_str *out) {
    char began[32];
    gb_str text = {0};

    begin_table(out, "Power, energy and time");
    gb_clock_format_utc(g->begin_utc_ns, began, sizeof(began));
    if (g->begin_utc_ns != 0)
        row(out, "core phase began (UTC)", began);
    else
        gap(out, "core phase began (UTC)", "the run does not tell");
    row(out, "rule of the core phase",
        "the timed solve: factorisation and back substitution");
    quantity_row(out, "core phase, time", g->facts.core_s, NAN, "s", "");
    quantity_row(out, "core phase, energy", g->core.energy_j, g->core.u_j, "J",
                 g->core.reason);
    quantity_row(out, "core phase, power", g->core_w, g->core_u_w, "W",
                 g->core.reason);
    if (g->facts.readings > 0)
        gb_str_addf(&text,
                    "%zu inside it, at most %.3g s apart; not covered at begin "
                    "and end: at most %.3g s and %.3g s",
                    g->facts.readings, g->facts.interval_s,
                    g->facts.uncovered_s[0], g->facts.uncovered_s[1]);
    row_of(out, "readings", &text, "there are none");
    if (g->core.unsampled_s > 0.0)
        quantity_row(out, "not sampled, of the core phase", g->core.unsampled_s,
                     NAN, "s", "");
    row(out, "series of readings",
        "samples of the run directory; as CSV: "
        "greenbench report RUNDIR --samples-csv");
    quantity_row(out, "full run, time", g->full.window_s, NAN, "s",
                 g->full.reason);
    quantity_row(out, "full run, energy", g->full.energy_j, g->full.u_j, "J",
                 g->full.reason);
    quantity_row(out, "full run, power", g->full_w, g->full_u_w, "W",
                 g->full.reason);
    quantity_row(out, "idle power", g->idle_w, g->idle_u_w, "W",
                 "no idle window, or no power in it");
}

static void add_part(const gb_stated_part *part, gb_str *out) {
    char power[GB_QUANTITY_SIZE];
    gb_str text = {0};

    if (part->by == GB_PART_NOT_USED)
        gb_str_addf(&text, "took no part%s", stated_mark);
    else
        gb_str_addf(&text, "%s, %s: %s%s",
                    gb_quantity(part->power_w, NAN, "W", power, sizeof(power)),
                    part->by == GB_PART_MEASURED ? "measured"
                                                 : "estimated, upper bound",
                    part->source, stated_mark);
    row_of(out, part->name, &text, "");
}

static void add_subsystems(const gb_grading *g, gb_str *out) {
    const gb_stated *stated = g->stated;
    gb_str text = {0};

    for (size_t i = 0; stated != NULL && i < stated->part_count; i++)
        add_part(&stated->parts[i], out);
    if (g->facts.interconnect && g->facts.interconnect_by == GB_PART_UNKNOWN)
        gap(out, "interconnect",
            "neither measured nor estimated; nothing was subtracted either");
    stated_row(out,
               "other subsystems (storage, head nodes, cooling of the racks)",
               stated != NULL && stated->complete ? "none took part" : NULL,
               "the run does not tell which took part");
    if (g->facts.system_nodes > 0)
        gb_str_addf(&text, "%zu%s", g->facts.system_nodes, stated_mark);
    row_of(out, "nodes of the whole system", &text,
           "the run knows those that it ran on alone");
}

static void add_machine(const gb_grading *g, gb_str *out) {
    const gb_node *node = &g->session->nodes[0];
    char text[GB_QUANTITY_SIZE];

    begin_table(out, "Machine fraction and subsystems");
    snprintf(text, sizeof(text), "%zu of %zu that ran", g->facts.metered,
             g->facts.nodes);
    row(out, "nodes metered", text);
    if (g->facts.metered < g->facts.nodes)
        stated_row(out, "how they were chosen",
                   g->stated != NULL ? g->stated->chosen : NULL,
                   "the run does not tell");
    if (!isnan(g->extrapolated_w))
        quantity_row(out, "power of all nodes, extrapolated", g->extrapolated_w,
                     NAN, "W", "");
    if (!isnan(g->node_cv)) {
        snprintf(text, sizeof(text), "%.2g %%", 100.0 * g->node_cv);
        row(out, "spread of the nodes' power (cv)", text);
    }
    if (isnan(g->lambda)) {
        gap(out, "statistical accuracy of the fraction (lambda)",
            "fewer than two nodes were metered");
    } else {
        snprintf(
            text, sizeof(text), "%.2g %%, 95 %% interval%s", 100.0 * g->lambda,
            g->facts.metered == g->facts.nodes ? ": all were metered" : "");
        row(out, "statistical accuracy of the fraction (lambda)", text);
    }
    row(out, "included",
        node->cover.holds[0] != '\0' ? node->cover.holds : "nothing");
    row(out, "not included",
        node->cover.leaves_out[0] != '\0' ? node->cover.leaves_out
                                          : "nothing of the nodes");
    add_subsystems(g, out);
}

static void add_system(const gb_grading *g, gb_str *out) {
    const gb_node *node = &g->session->nodes[0];
    gb_str text = {0};

    begin_table(out, "System and tunables");
    gb_facts_size(g->session, GB_LANGUAGE_EN, &text);
    row_of(out, "size", &text, "");
    gb_str_add(&text, node->cpu);
    row_of(out, "processor", &text, "the run does not tell");
    gb_str_addf(&text, "%u packages, %u cores, %.4g GB", node->packages,
                node->cores, 1e-9 * (double)node->memory_bytes);
    row_of(out, "of a node", &text, "");
    gb_str_add(&text, node->governor);
    row_of(out, "governor", &text, "not known");
    gb_str_add(&text, node->turbo);
    row_of(out, "turbo", &text, "not known");
    gb_str_add(&text, node->power_caps);
    row_of(out, "power caps", &text, "not known");
    gb_str_add(&text, g->session->mpi);
    row_of(out, "MPI", &text, "not known");
    gb_str_addf(&text, "greenbench %s", g->session->tool_version);
    row_of(out, "program", &text, "");
    for (size_t i = 0; i < g->planned->param_count; i++) {
        const gb_plan_param *param = &g->planned->params[i];
        gb_str_addf(&text, "%s%s", param->text,
                    param->is_default ? ", the default" : "");
        row_of(out, param->name, &text, "");
    }
    stated_row(out, "temperature of the coolant, and where",
               g->stated != NULL ? g->stated->coolant : NULL,
               "the run does not tell (optional)");
    stated_row(out, "supply: deviation, distortion, impedance",
               g->stated != NULL ? g->stated->supply : NULL,
               "the run does not tell (optional)");
}

void gb_report_green500(const gb_grading *g, gb_str *out) {
    gb_str_add(out, "# Sheet for a Green500 submission: ");
    gb_markdown_text(out, g->session->run_id);
    gb_str_add(
        out,
        "\n\nFilled from one run of greenbench. What the run does not "
        "tell is marked **GAP**, for the submitter to fill or to leave "
        "out; what a submitter stated is marked (stated). Whoever runs the "
        "list decides about submissions; this sheet says nothing about a "
        "place on it.\n");
    add_result(g, out);
    add_submission(g, out);
    add_grades(g, out);
    add_meters(g, out);
    add_power(g, out);
    add_machine(g, out);
    add_system(g, out);
}
