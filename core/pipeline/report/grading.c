/* SPDX-License-Identifier: Apache-2.0 */
/* `grade`. */
#include "pipeline/report/grading.h"

#include <math.h>
#include <stdio.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/quantity.h"
#include "pipeline/report/report.h"

enum { TEXT_COLUMN = 16 };

const char *gb_grading_verdict(const gb_grading *grading, char *out,
                               size_t size) {
    const gb_grades *grades = &grading->grades;

    if (grades->level > 0)
        snprintf(out, size, "meets all aspects of level %u", grades->level);
    else
        snprintf(out, size, "no level%s%s%s%s",
                 grades->invalid ? ": INVALID" : "",
                 grades->label[0] != '\0' ? " (" : "", grades->label,
                 grades->label[0] != '\0' ? ")" : "");
    return out;
}

void gb_grading_meter(const gb_graded_meter *meter, gb_str *out) {
    gb_str_addf(out, "%s, %s, ", gb_scope_text(meter->scope),
                meter->kind == GB_READING_ENERGY ? "energy" : "power");
    if (isnan(meter->accuracy))
        gb_str_add(out, "accuracy undocumented");
    else
        gb_str_addf(out, "%.3g %% (bound)", 100.0 * meter->accuracy);
    if (meter->update_s > 0.0)
        gb_str_addf(out, ", a value each %.3g s", meter->update_s);
    else
        gb_str_add(out, ", rate undocumented");
    gb_str_addf(out, ", on %zu node%s", meter->nodes,
                meter->nodes == 1 ? "" : "s");
}

/* Takes @p text. */
static void add_line(gb_str *out, bool colour, gb_paint paint,
                     const char *label, gb_str *text) {
    gb_lines_take(out, colour, paint, label, TEXT_COLUMN, text);
}

static void add_power(gb_str *out, bool colour, const char *label,
                      double power_w, double u_w, double time_s,
                      const char *why_not) {
    char text[GB_QUANTITY_SIZE], time[GB_QUANTITY_SIZE];
    gb_str line = {0};

    if (isnan(power_w))
        gb_str_addf(&line, "- (%s)", why_not);
    else
        gb_str_add(&line,
                   gb_quantity_pm(power_w, u_w, "W", text, sizeof(text)));
    if (!isnan(power_w) && !isnan(time_s))
        gb_str_addf(&line, " over %s",
                    gb_quantity(time_s, NAN, "s", time, sizeof(time)));
    add_line(out, colour, GB_PAINT_NONE, label, &line);
}

static void add_aspect(const gb_grading *grading, gb_aspect aspect, bool colour,
                       gb_str *out) {
    const gb_aspect_grade *one = &grading->grades.aspects[aspect];
    char label[64];
    gb_str text = {0};

    snprintf(label, sizeof(label), "%-3s %s: %s", gb_aspect_number(aspect),
             gb_aspect_name(aspect),
             one->level == 0   ? "none"
             : one->level == 1 ? "level 1"
             : one->level == 2 ? "level 2"
                               : "level 3");
    gb_lines_wrap(out, colour,
                  one->level == 0 ? GB_PAINT_CAUTION : GB_PAINT_GOOD, label, 4,
                  "");
    gb_str_add(&text, one->reason);
    gb_lines_wrap(out, colour, GB_PAINT_NONE, "", 4,
                  text.text != NULL ? text.text : "");
    gb_str_fini(&text);
    if (one->missing[0] == '\0')
        return;
    gb_str_addf(&text, "for level %u: %s", one->level + 1, one->missing);
    gb_lines_wrap(out, colour, GB_PAINT_DIM, "", 4,
                  text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

static void add_nodes(const gb_grading *grading, bool colour, gb_str *out) {
    const gb_grade_facts *facts = &grading->facts;
    gb_str line = {0};

    gb_str_addf(&line, "%zu of %zu metered", facts->metered, facts->nodes);
    if (!isnan(grading->node_cv))
        gb_str_addf(&line, "; their power varies by %.2g %%",
                    100.0 * grading->node_cv);
    if (facts->metered < facts->nodes && !isnan(grading->lambda))
        gb_str_addf(&line,
                    "; the mean of all is known to %.2g %% (lambda, 95 %%) if "
                    "they were chosen at random",
                    100.0 * grading->lambda);
    add_line(out, colour, GB_PAINT_NONE, "nodes", &line);
}

/* What is stated stands by itself, and so does what is made with it. */
static void add_stated(const gb_grading *grading, bool colour, gb_str *out) {
    const gb_submission *submission = &grading->submission;
    char text[GB_QUANTITY_SIZE], unit[48];
    gb_str line = {0};

    snprintf(unit, sizeof(unit), "%s/s/W", grading->planned->work_unit);
    if (grading->stated == NULL)
        return;
    gb_str_addf(&line, "%s, SHA-256 %s", grading->stated->name,
                grading->stated->sha256);
    add_line(out, colour, GB_PAINT_NONE, "stated", &line);
    if (submission->parts_w > 0.0) {
        gb_str_addf(
            &line, "%s of subsystems, not measured by this run",
            gb_quantity(submission->parts_w, NAN, "W", text, sizeof(text)));
        add_line(out, colour, GB_PAINT_NONE, "", &line);
    }
    if (isnan(submission->efficiency))
        gb_str_addf(&line, "- (%s)", submission->reason);
    else
        gb_str_addf(&line, "%s; ",
                    gb_quantity_pm(submission->power_w, submission->nodes_u_w,
                                   "W", text, sizeof(text)));
    if (!isnan(submission->efficiency))
        gb_str_add(&line, gb_quantity_pm(submission->efficiency,
                                         submission->efficiency_u, unit, text,
                                         sizeof(text)));
    add_line(out, colour, GB_PAINT_NONE, "with stated", &line);
}

void gb_report_grading(const gb_grading *grading, const gb_report_style *style,
                       gb_str *out) {
    const bool colour = style->colour;
    char text[GB_QUANTITY_SIZE];
    gb_str line = {0};

    gb_str_addf(&line, "%s, the fastest of %u valid repetitions",
                grading->planned->id, grading->repetitions);
    add_line(out, colour, GB_PAINT_BOLD, "benchmark", &line);
    gb_str_addf(&line, "%s/s",
                gb_quantity(grading->performance, NAN,
                            grading->planned->work_unit, text, sizeof(text)));
    add_line(out, colour, GB_PAINT_NONE, "performance", &line);
    add_power(out, colour, "core phase", grading->core_w, grading->core_u_w,
              grading->facts.core_s, grading->core.reason);
    add_power(out, colour, "full run", grading->full_w, grading->full_u_w,
              grading->full.window_s, grading->full.reason);
    add_power(out, colour, "idle", grading->idle_w, grading->idle_u_w, NAN,
              "no idle window, or no power in it");
    add_nodes(grading, colour, out);
    add_stated(grading, colour, out);
    gb_str_addf(&line, "EE HPC WG methodology %s: ",
                gb_methodology_name(grading->methodology));
    gb_str_addf(&line, "%s; %s",
                gb_grading_verdict(grading, text, sizeof(text)),
                grading->grades.reason);
    add_line(out, colour,
             grading->grades.level > 0 ? GB_PAINT_GOOD : GB_PAINT_CAUTION,
             "level", &line);
    gb_str_add(out, "\n");
    for (int i = 0; i < GB_ASPECT_COUNT; i++)
        add_aspect(grading, (gb_aspect)i, colour, out);
}
