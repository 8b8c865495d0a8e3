/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"

enum { TEXT_COLUMN = 20, DETAIL_COLUMN = 12 };

static const char *verdict_of(const gb_check *check, gb_paint *paint_out) {
    *paint_out = check->others > 0 ? GB_PAINT_CAUTION : GB_PAINT_GOOD;
    if (check->errors > 0) {
        *paint_out = GB_PAINT_BAD;
        return "WRONG";
    }
    if (!check->done) {
        *paint_out = GB_PAINT_DIM;
        return "--";
    }
    return check->others > 0 ? "noted" : "ok";
}

static void add_check(gb_check_id id, const gb_check *check, bool colour,
                      gb_str *out) {
    gb_paint paint;
    char label[TEXT_COLUMN + 1];
    const char *verdict = verdict_of(check, &paint);

    snprintf(label, sizeof(label), "%-12s %-6s", gb_check_name(id), verdict);
    gb_lines_wrap(out, colour, paint, label, TEXT_COLUMN,
                  check->what[0] != '\0' ? check->what : "nothing was read");
}

static void add_detail(gb_str *out, bool colour, const char *label,
                       const char *text) {
    if (text[0] != '\0')
        gb_lines_wrap(out, colour, GB_PAINT_NONE, label, DETAIL_COLUMN, text);
}

static void add_violation(const gb_violation *violation, bool colour,
                          gb_str *out) {
    const gb_paint paint = violation->severity == GB_SEVERITY_ERROR
                               ? GB_PAINT_BAD
                               : GB_PAINT_CAUTION;
    char label[DETAIL_COLUMN + 1], text[420];

    snprintf(label, sizeof(label), "%s", gb_severity_name(violation->severity));
    snprintf(text, sizeof(text), "%s%s%s%s%s", violation->code,
             violation->file[0] != '\0' ? "  " : "", violation->file,
             violation->where[0] != '\0' ? "  " : "", violation->where);
    gb_lines_wrap(out, colour, paint, label, DETAIL_COLUMN, text);
    add_detail(out, colour, "  expected", violation->expected);
    add_detail(out, colour, "  found", violation->found);
}

/* What is listed where everything is wrong at once: the worst first. */
enum { SHOWN_MOST = 20 };

static void add_violations(const gb_validation *validation, bool colour,
                           gb_str *out) {
    static const gb_severity order[] = {GB_SEVERITY_ERROR, GB_SEVERITY_WARNING,
                                        GB_SEVERITY_NOTE};
    size_t shown = 0;

    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < validation->count && shown < SHOWN_MOST; i++) {
            if (validation->list[i].severity != order[k])
                continue;
            add_violation(&validation->list[i], colour, out);
            shown++;
        }
    const size_t hidden = validation->count - shown + validation->dropped;
    if (hidden > 0)
        gb_str_addf(out, "%zu more: --json lists up to %d\n", hidden,
                    GB_VIOLATIONS_MAX);
}

void gb_report_validation(const gb_validation *validation,
                          const gb_report_style *style, gb_str *out) {
    const bool valid = gb_validation_is_valid(validation);
    const bool colour = style->colour;

    if (validation->count > 0) {
        add_violations(validation, colour, out);
        gb_str_add(out, "\n");
    }
    for (gb_check_id id = 0; id < GB_CHECK_COUNT; id++)
        add_check(id, &validation->checks[id], colour, out);
    for (size_t i = 0; i < validation->unchecked_count; i++)
        gb_lines_wrap(out, colour, GB_PAINT_DIM, i == 0 ? "not checked" : "",
                      TEXT_COLUMN, validation->unchecked[i]);
    gb_str verdict = {0};
    gb_str_addf(&verdict, "%s: %s", validation->path,
                valid ? "valid" : "INVALID");
    if (validation->measured_by[0] != '\0')
        gb_str_addf(&verdict, ", measured by greenbench %s",
                    validation->measured_by);
    gb_str_add(out, "\n");
    gb_lines_wrap(out, colour, valid ? GB_PAINT_GOOD : GB_PAINT_BAD, "", 0,
                  verdict.text != NULL ? verdict.text : "");
    gb_str_fini(&verdict);
}
