/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"

enum { TEXT_COLUMN = 14 };

static void add_finding(const gb_rule_finding *finding, gb_rule rule,
                        bool colour, gb_str *out) {
    const char *const words[] = {"--", "kept", "BROKEN"};
    const gb_paint paints[] = {GB_PAINT_DIM, GB_PAINT_NONE, GB_PAINT_BAD};
    const gb_paint paint = paints[finding->verdict];
    char label[TEXT_COLUMN + 1];
    gb_str hint = {0};

    snprintf(label, sizeof(label), "%s  %-8s", gb_rule_number(rule),
             words[finding->verdict]);
    gb_lines_wrap(out, colour, paint, label, TEXT_COLUMN,
                  gb_rule_promise(rule));
    if (finding->what[0] != '\0')
        gb_lines_wrap(out, colour, paint, "", TEXT_COLUMN + 2, finding->what);
    if (finding->hint[0] != '\0') {
        gb_str_addf(&hint, "hint: %s", finding->hint);
        gb_lines_wrap(out, colour, GB_PAINT_NONE, "", TEXT_COLUMN + 2,
                      hint.text != NULL ? hint.text : "");
        gb_str_fini(&hint);
    }
}

void gb_report_conformance(const gb_conformance *c,
                           const gb_report_style *style, gb_str *out) {
    const unsigned broken = gb_conformance_count(c, GB_VERDICT_BROKEN);

    for (gb_rule rule = 0; rule < GB_RULE_COUNT; rule++)
        if (gb_rule_applies(rule, c->kind))
            add_finding(&c->findings[rule], rule, style->colour, out);
    gb_str_addf(out, "\n%s%s%s: ", c->id[0] != '\0' ? c->id : c->path,
                c->version[0] != '\0' ? " " : "", c->version);
    gb_str_addf(out, "%u rules kept, %u broken, %u not tried, in %.1f s\n",
                gb_conformance_count(c, GB_VERDICT_KEPT), broken,
                gb_conformance_count(c, GB_VERDICT_UNTRIED), c->took_s);
}
