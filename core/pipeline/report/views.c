/* SPDX-License-Identifier: Apache-2.0 */
/* `--dry-run`, `list` and `doctor` as text. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"
#include "pipeline/report/skips.h"
#include "pipeline/report/table.h"

static void add_wrapped(gb_str *out, bool colour, gb_paint paint,
                        const char *label, size_t indent, gb_str *text) {
    if (text->failed)
        out->failed = true;
    gb_lines_wrap(out, colour, paint, label, indent,
                  text->text != NULL ? text->text : "");
    gb_str_fini(text);
}

static void add_hint(gb_str *out, bool colour, size_t indent, const char *label,
                     const char *hint) {
    char padded[32];
    if (hint == NULL || hint[0] == '\0')
        return;
    snprintf(padded, sizeof(padded), "%*s%s", (int)indent, "", label);
    gb_lines_wrap(out, colour, GB_PAINT_DIM, padded, strlen(padded) + 1, hint);
}

/* --- plan ----------------------------------------------------------------- */

static void add_case(gb_table *table, const gb_plan_case *planned) {
    char text[48], width[32];
    gb_str below = {0}, params = {0};

    gb_table_row_add(table);
    gb_table_set(table, 0, GB_PAINT_NONE, planned->id);
    if (planned->ci_percent > 0.0) {
        snprintf(text, sizeof(text), "%u to %u", planned->repeats,
                 planned->max_repeats);
        snprintf(width, sizeof(width), "±%g%%", planned->ci_percent);
    } else {
        snprintf(text, sizeof(text), "%u", planned->repeats);
        gb_copy(width, sizeof(width), "-");
    }
    gb_table_set(table, 1, GB_PAINT_NONE, text);
    gb_table_set(table, 2, GB_PAINT_NONE, width);
    gb_table_set(table, 3, GB_PAINT_NONE,
                 gb_format_duration(planned->min_time_s, text, sizeof(text)));
    gb_table_set(table, 4, GB_PAINT_NONE, planned->version);
    for (size_t i = 0; i < planned->param_count; i++)
        gb_str_addf(&params, "%s%s=%s", i > 0 ? " " : "",
                    planned->params[i].name, planned->params[i].text);
    if (params.text != NULL)
        gb_lines_wrap(&below, false, GB_PAINT_NONE, "  ", 2, params.text);
    gb_str_fini(&params);
    if (below.length > 0)
        gb_table_follow(table, &below);
    gb_str_fini(&below);
}

void gb_report_plan(const gb_plan *plan, const gb_report_style *style,
                    gb_str *out) {
    static const gb_table_column columns[] = {
        {.title = "benchmark"},
        {.title = "repetitions", .right = true},
        {.title = "until CI", .right = true},
        {.title = "each at least", .right = true},
        {.title = "version"},
    };
    gb_table table = {.columns = columns, .column_count = 5, .first_max = 30};
    const size_t solves = gb_plan_solves(plan, 0);
    char estimate[48];
    gb_str text = {0};

    gb_str_addf(
        &text, "%s suite on %u rank%s, about %s", plan->suite_name, plan->ranks,
        plan->ranks == 1 ? "" : "s",
        gb_format_duration(plan->estimate_s, estimate, sizeof(estimate)));
    if (solves > 0)
        gb_str_addf(&text, " and as long as %zu solve%s take%s", solves,
                    solves == 1 ? "" : "s", solves == 1 ? "s" : "");
    gb_str_add(&text, "; nothing was run");
    add_wrapped(out, style->colour, GB_PAINT_BOLD, "plan", 10, &text);
    gb_str_add(out, "\n");
    for (size_t i = 0; i < plan->case_count; i++)
        add_case(&table, &plan->cases[i]);
    if (plan->case_count > 0)
        gb_table_render(&table, style->colour, out);
    else
        gb_str_add(out, "no benchmark would run\n");
    gb_table_fini(&table);
    gb_str_add(out, "\n");

    gb_str_addf(&text, "%s%s, %g samples/s", plan->energy,
                plan->require_energy ? ", measured or exit 3" : "",
                plan->sample_hz);
    add_wrapped(out, style->colour, GB_PAINT_BOLD, "energy", 10, &text);
    if (plan->idle_s > 0.0)
        gb_str_addf(
            &text, "%s before and after",
            gb_format_duration(plan->idle_s, estimate, sizeof(estimate)));
    else
        gb_str_add(&text, "not measured: no net energy");
    add_wrapped(out, style->colour, GB_PAINT_BOLD, "idle", 10, &text);
    for (const char *at = plan->counters; *at != '\0'; at++)
        gb_str_addf(&text, *at == ',' ? ", " : "%c", *at);
    if (text.length == 0)
        gb_str_add(&text, "none");
    add_wrapped(out, style->colour, GB_PAINT_BOLD, "counters", 10, &text);
    gb_skip_groups skips = gb_group_skips(plan, plan->skip_count);
    out->failed = out->failed || skips.failed;
    for (size_t i = 0; i < skips.count; i++) {
        const gb_skip_group *skip = &skips.list[i];
        gb_str_addf(&text, "%s: %s", skip->names[GB_LANGUAGE_EN].text,
                    skip->what);
        add_wrapped(out, style->colour, GB_PAINT_CAUTION, "skipped", 10, &text);
        add_hint(out, style->colour, 10, "hint:", skip->hint);
    }
    gb_skip_groups_fini(&skips);
}

/* --- list ----------------------------------------------------------------- */

static void add_param(gb_str *out, bool colour,
                      const gb_catalogue_param *param) {
    gb_str text = {0};
    char label[80] = "  ";

    gb_copy(label + 2, sizeof(label) - 2, param->name);
    if (param->default_text != NULL)
        gb_str_addf(&text, "%s (default %s)", param->help, param->default_text);
    else
        gb_str_addf(&text, "%s (must be given)", param->help);
    add_wrapped(out, colour, GB_PAINT_BOLD, label, 20, &text);
    if (param->accepts == NULL)
        gb_str_add(&text, "any text");
    else
        /* Long lists of words are broken at their bars. */
        for (const char *at = param->accepts; *at != '\0'; at++)
            gb_str_addf(&text, *at == '|' ? " | " : "%c", *at);
    add_wrapped(out, colour, GB_PAINT_NONE, "", 20, &text);
}

static void add_head(gb_str *out, bool colour, const char *id,
                     const char *summary) {
    const bool long_id = gb_columns(id) >= 20;

    if (long_id)
        gb_lines_wrap(out, colour, GB_PAINT_BOLD, id, 0, "");
    gb_lines_wrap(out, colour, GB_PAINT_BOLD, long_id ? "" : id, 20, summary);
}

static void add_meter(gb_str *out, bool colour,
                      const gb_catalogue_meter *meter) {
    gb_str text = {0};

    add_head(out, colour, meter->id, meter->summary);
    for (size_t i = 0; i < meter->param_count; i++)
        add_param(out, colour, &meter->params[i]);
    gb_str_addf(&text, "version %s%s, for --energy meter=%s", meter->version,
                meter->slow ? ", slow" : "", meter->id);
    add_wrapped(out, colour, GB_PAINT_DIM, "  meter plugin", 20, &text);
    gb_lines_wrap(out, colour, GB_PAINT_NONE, "", 20, meter->path);
    if (meter->insecure != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "  insecure", 20,
                      meter->insecure);
}

static void add_entry(gb_str *out, bool colour,
                      const gb_catalogue_entry *entry) {
    gb_str text = {0};

    add_head(out, colour, entry->id, entry->summary);
    for (size_t i = 0; i < entry->param_count; i++)
        add_param(out, colour, &entry->params[i]);
    gb_str_addf(&text, "version %s, counts %s", entry->version,
                entry->work_unit);
    if (entry->ranks_min > 1 || entry->ranks_multiple > 1)
        gb_str_addf(&text, ", needs %u ranks or more", entry->ranks_min);
    if (entry->ranks_multiple > 1)
        gb_str_addf(&text, ", in multiples of %u", entry->ranks_multiple);
    add_wrapped(out, colour, GB_PAINT_DIM, "  plugin", 20, &text);
    gb_lines_wrap(out, colour, GB_PAINT_NONE, "", 20, entry->path);
    if (entry->insecure != NULL)
        gb_lines_wrap(out, colour, GB_PAINT_CAUTION, "  insecure", 20,
                      entry->insecure);
}

static void add_hash(gb_str *out, const char *sha256, const char *id,
                     const char *version, const char *path,
                     const char *insecure) {
    gb_str_addf(out, "sha256:%s # %s %s %s\n", sha256, id, version, path);
    if (insecure != NULL)
        gb_str_addf(out, "# insecure: %s\n", insecure);
}

void gb_report_plugins(const gb_catalogue *catalogue, gb_str *out) {
    for (size_t i = 0; i < catalogue->count; i++) {
        const gb_catalogue_entry *entry = &catalogue->entries[i];
        add_hash(out, entry->sha256, entry->id, entry->version, entry->path,
                 entry->insecure);
    }
    for (size_t i = 0; i < catalogue->meter_count; i++) {
        const gb_catalogue_meter *meter = &catalogue->meters[i];
        add_hash(out, meter->sha256, meter->id, meter->version, meter->path,
                 meter->insecure);
    }
    for (size_t i = 0; i < catalogue->refusal_count; i++)
        gb_str_addf(out, "# refused: %s\n", catalogue->refusals[i].what);
}

void gb_report_list(const gb_catalogue *catalogue, const gb_report_style *style,
                    gb_str *out) {
    for (size_t i = 0; i < catalogue->count; i++) {
        if (i > 0)
            gb_str_add(out, "\n");
        add_entry(out, style->colour, &catalogue->entries[i]);
    }
    for (size_t i = 0; i < catalogue->meter_count; i++) {
        if (i > 0 || catalogue->count > 0)
            gb_str_add(out, "\n");
        add_meter(out, style->colour, &catalogue->meters[i]);
    }
    if (catalogue->count == 0)
        gb_str_add(out, "no benchmark was found\n  hint: set "
                        "GREENBENCH_PLUGIN_PATH to a folder with plugins\n");
    for (size_t i = 0; i < catalogue->refusal_count; i++) {
        const gb_catalogue_refusal *refusal = &catalogue->refusals[i];
        if (i == 0)
            gb_str_add(out, "\n");
        gb_lines_wrap(out, style->colour, GB_PAINT_BAD, "refused", 10,
                      refusal->what);
        if (strstr(refusal->what, refusal->path) == NULL)
            gb_lines_wrap(out, style->colour, GB_PAINT_NONE, "", 10,
                          refusal->path);
        add_hint(out, style->colour, 10, "hint:", refusal->hint);
    }
}

/* --- doctor --------------------------------------------------------------- */

void gb_report_findings(const char *node, const gb_findings *findings,
                        const gb_report_style *style, gb_str *out) {
    static const struct {
        const char *label, *one, *many;
        gb_paint paint;
    } severities[] = {
        [GB_SEVERITY_OK] = {"ok", "in order", "in order", GB_PAINT_GOOD},
        [GB_SEVERITY_NOTE] = {"note", "note", "notes", GB_PAINT_BOLD},
        [GB_SEVERITY_WARNING] = {"warning", "warning", "warnings",
                                 GB_PAINT_CAUTION},
        [GB_SEVERITY_ERROR] = {"ERROR", "error", "errors", GB_PAINT_BAD},
    };
    size_t counts[4] = {0};
    gb_str text = {0};

    for (size_t i = 0; i < findings->count; i++) {
        const gb_finding *finding = &findings->list[i];
        counts[finding->severity]++;
        gb_lines_wrap(out, style->colour, severities[finding->severity].paint,
                      severities[finding->severity].label, 9, finding->title);
        if (finding->evidence[0] != '\0')
            gb_lines_wrap(out, false, GB_PAINT_NONE, "", 11, finding->evidence);
        add_hint(out, style->colour, 11, "fix:", finding->fix);
    }
    if (findings->count > 0)
        gb_str_add(out, "\n");
    for (int k = GB_SEVERITY_ERROR; k >= GB_SEVERITY_OK; k--)
        if (counts[k] > 0)
            gb_str_addf(
                &text, "%s%zu %s", text.length > 0 ? ", " : "", counts[k],
                counts[k] == 1 ? severities[k].one : severities[k].many);
    if (text.length == 0)
        gb_str_add(&text, "nothing was examined");
    char label[72];
    snprintf(label, sizeof(label), "%s:", node);
    add_wrapped(out, style->colour, GB_PAINT_BOLD, label, 0, &text);
}
