/* SPDX-License-Identifier: Apache-2.0 */
/* `carbon` on the terminal, and its tables of factors. */
#include "pipeline/report/carbon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/report/lines.h"
#include "pipeline/report/report.h"

/* Of the file and what it names; of what a benchmark emitted. */
enum { FILE_COLUMN = 16, TEXT_COLUMN = 18 };

static void add_line(gb_str *out, bool colour, gb_paint paint,
                     const char *label, gb_str *text) {
    gb_lines_take_any(out, colour, paint, label, TEXT_COLUMN, text);
}

static void add_supply(const gb_carbon_supply *supply, bool colour,
                       gb_str *out) {
    gb_str text = {0};

    for (int b = 0; b < GB_CARBON_BASES; b++) {
        gb_carbon_say_rate(&supply->rates[b], &text);
        gb_lines_take_any(out, colour, GB_PAINT_DIM,
                          gb_carbon_basis_words((gb_carbon_basis)b),
                          FILE_COLUMN, &text);
    }
    gb_str_add(&text, supply->instruments);
    gb_lines_take_any(out, colour, GB_PAINT_DIM, "instruments", FILE_COLUMN,
                      &text);
}

static void add_amounts(const gb_carbon_supply *supply,
                        const gb_carbon_amount *amounts,
                        const gb_carbon_per *pers, size_t per_count,
                        bool colour, gb_str *out) {
    gb_str text = {0};

    for (int b = 0; b < GB_CARBON_BASES; b++) {
        const gb_carbon_rate *rate = &supply->rates[b];
        char label[40];
        if (!rate->present)
            continue;
        snprintf(label, sizeof(label), "  %s",
                 gb_carbon_basis_words((gb_carbon_basis)b));
        gb_carbon_say_amount(rate, &amounts[b], &text);
        add_line(out, colour,
                 b == GB_CARBON_BY_LOCATION ? GB_PAINT_BOLD : GB_PAINT_NONE,
                 label, &text);
        gb_carbon_say_pers(rate, &amounts[b], pers, per_count, &text);
        add_line(out, colour, GB_PAINT_NONE, "", &text);
        gb_carbon_say_doubts(&amounts[b], &text);
        add_line(out, colour, GB_PAINT_DIM, "", &text);
    }
}

static void add_bench(const gb_footprint *footprint, const gb_carbon_run *run,
                      const gb_carbon_bench *bench, bool colour, gb_str *out) {
    char *params = gb_plan_case_params(bench->planned);
    gb_str text = {0};

    gb_str_add(out, "\n");
    gb_str_addf(&text, "%s%s%s", bench->planned->id,
                params != NULL && params[0] != '\0' ? " " : "",
                params != NULL ? params : "");
    free(params);
    gb_lines_take(out, colour, GB_PAINT_BOLD, "", 0, &text);
    gb_carbon_say_energy(run, bench, &text);
    add_line(out, colour, GB_PAINT_NONE, "  energy", &text);
    add_amounts(run->supply, bench->amounts, bench->pers, bench->per_count,
                colour, out);
    if (!footprint->setting->sci.present)
        return;
    gb_carbon_say_sci(footprint->setting, &bench->sci, &text);
    add_line(out, colour, GB_PAINT_NONE, "  SCI", &text);
}

static void add_run(const gb_footprint *footprint, const gb_carbon_run *run,
                    bool colour, gb_str *out) {
    gb_str text = {0};

    gb_str_addf(&text, "%s", run->result->session->run_id);
    if (run->supply == NULL)
        gb_str_add(&text, ": no supply of the file fits it");
    gb_lines_take_any(out, colour, GB_PAINT_BOLD, "run", FILE_COLUMN, &text);
    if (run->supply == NULL)
        return;
    add_supply(run->supply, colour, out);
    for (size_t i = 0; i < run->bench_count; i++)
        add_bench(footprint, run, &run->benches[i], colour, out);
    gb_str_add(out, "\n");
}

static void add_site(const gb_carbon_site *site, bool colour, gb_str *out) {
    gb_str text = {0};

    gb_carbon_say_site(site, &text);
    gb_lines_take_any(out, colour, GB_PAINT_BOLD, "site", FILE_COLUMN, &text);
    add_supply(site->supply, colour, out);
    if (site->reason[0] == '\0')
        add_amounts(site->supply, site->amounts, NULL, 0, colour, out);
    gb_carbon_say_cue(site, &text);
    add_line(out, colour, GB_PAINT_BOLD, "  ratio", &text);
    gb_str_add(out, "\n");
}

void gb_report_footprint(const gb_footprint *footprint,
                         const gb_report_style *style, gb_str *out) {
    const gb_carbon_setting *setting = footprint->setting;
    gb_str text = {0};

    for (size_t i = 0; i < footprint->run_count; i++)
        add_run(footprint, &footprint->runs[i], style->colour, out);
    if (footprint->site.present)
        add_site(&footprint->site, style->colour, out);
    gb_carbon_say_embodied(&setting->embodied, &text);
    gb_lines_take_any(out, style->colour, GB_PAINT_NONE, "embodied",
                      FILE_COLUMN, &text);
    gb_str_addf(&text, "%s: %s; SHA-256 %s", setting->name, setting->boundary,
                setting->sha256);
    gb_lines_take_any(out, style->colour, GB_PAINT_NONE, "carbon file",
                      FILE_COLUMN, &text);
}

void gb_report_factors(const gb_factors *factors, const gb_report_style *style,
                       gb_str *out) {
    const char *publication = "", *source = "";
    gb_str text = {0};

    for (size_t i = 0; i < factors->count; i++) {
        const gb_factor *row = &factors->rows[i];
        char type[64];
        if (strcmp(row->publication, publication) != 0 ||
            strcmp(row->source, source) != 0) {
            publication = row->publication;
            source = row->source;
            gb_str_addf(&text, "%s; %s", publication, source);
            gb_lines_take(out, style->colour, GB_PAINT_DIM, "", 0, &text);
        }
        gb_carbon_type_text(&row->type, type, sizeof(type));
        gb_str_addf(&text, "%d %7.1f g/kWh  %s, %s  %s", row->year,
                    row->g_per_kwh, type, row->series, row->name);
        gb_lines_take(out, style->colour, GB_PAINT_BOLD, row->region, 14,
                      &text);
    }
}
