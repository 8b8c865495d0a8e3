/* SPDX-License-Identifier: Apache-2.0 */
/* `carbon --markdown`: a table of each run, then what it rests on. */
#include <stdlib.h>

#include "pipeline/report/carbon.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/report.h"

static void add_row(const gb_carbon_run *run, const gb_carbon_bench *bench,
                    gb_carbon_basis basis, gb_str *out) {
    const gb_carbon_rate *rate = &run->supply->rates[basis];
    const gb_carbon_amount *amount = &bench->amounts[basis];
    char *params = gb_plan_case_params(bench->planned);
    gb_str text = {0};

    gb_str_addf(&text, "%s %s", bench->planned->id,
                params != NULL ? params : "");
    free(params);
    gb_markdown_take_cell(out, &text);
    gb_markdown_cell(out, gb_carbon_basis_words(basis));
    gb_carbon_say_amount(rate, amount, &text);
    gb_markdown_take_cell(out, &text);
    gb_carbon_say_pers(rate, amount, bench->pers, bench->per_count, &text);
    gb_markdown_take_cell(out, &text);
    gb_carbon_say_doubts(amount, &text);
    gb_markdown_take_cell(out, &text);
    gb_markdown_end_row(out);
}

static void add_supply(const gb_carbon_supply *supply, gb_str *out) {
    gb_str text = {0};

    for (int b = 0; b < GB_CARBON_BASES; b++) {
        gb_carbon_say_rate(&supply->rates[b], &text);
        gb_markdown_take_item(out, gb_carbon_basis_words((gb_carbon_basis)b),
                              &text);
    }
    gb_str_add(&text, supply->instruments);
    gb_markdown_take_item(out, "instruments", &text);
}

static void add_run(const gb_footprint *footprint, const gb_carbon_run *run,
                    gb_str *out) {
    static const char *const titles[] = {"benchmark", "basis", "emitted", "per",
                                         "of which"};
    gb_str text = {0};

    gb_markdown_heading(out, run->result->session->run_id);
    if (run->supply == NULL) {
        gb_str_add(out, "No supply of the file fits it.\n");
        return;
    }
    gb_markdown_head(out, "lllll", titles);
    for (size_t i = 0; i < run->bench_count; i++)
        for (int b = 0; b < GB_CARBON_BASES; b++)
            if (run->supply->rates[b].present)
                add_row(run, &run->benches[i], (gb_carbon_basis)b, out);
    gb_str_add(out, "\n");
    for (size_t i = 0; i < run->bench_count; i++) {
        gb_carbon_say_energy(run, &run->benches[i], &text);
        gb_str_addf(out, "- %s, energy: ", run->benches[i].planned->id);
        gb_markdown_take(out, &text);
        gb_str_add(out, "\n");
        if (!footprint->setting->sci.present)
            continue;
        gb_carbon_say_sci(footprint->setting, &run->benches[i].sci, &text);
        gb_str_addf(out, "- %s, ", run->benches[i].planned->id);
        gb_str_add(out, "SCI: ");
        gb_markdown_take(out, &text);
        gb_str_add(out, "\n");
    }
    add_supply(run->supply, out);
}

static void add_site(const gb_carbon_site *site, gb_str *out) {
    gb_str text = {0};

    gb_markdown_heading(out, "site");
    gb_carbon_say_site(site, &text);
    gb_markdown_take_item(out, "meters", &text);
    for (int b = 0; b < GB_CARBON_BASES && site->reason[0] == '\0'; b++) {
        gb_carbon_say_amount(&site->supply->rates[b], &site->amounts[b], &text);
        if (site->supply->rates[b].present) {
            gb_str_add(&text, "; ");
            gb_carbon_say_doubts(&site->amounts[b], &text);
        }
        gb_markdown_take_item(out, gb_carbon_basis_words((gb_carbon_basis)b),
                              &text);
    }
    gb_carbon_say_cue(site, &text);
    gb_markdown_take_item(out, "ratio", &text);
    add_supply(site->supply, out);
}

void gb_report_footprint_markdown(const gb_footprint *footprint, gb_str *out) {
    const gb_carbon_setting *setting = footprint->setting;
    gb_str text = {0};

    gb_str_add(out, "# greenbench carbon\n");
    for (size_t i = 0; i < footprint->run_count; i++)
        add_run(footprint, &footprint->runs[i], out);
    if (footprint->site.present)
        add_site(&footprint->site, out);
    gb_str_add(out, "\n---\n\n");
    gb_carbon_say_embodied(&setting->embodied, &text);
    gb_markdown_take_item(out, "embodied", &text);
    gb_str_addf(&text, "%s: %s", setting->name, setting->boundary);
    gb_markdown_take_item(out, "carbon file", &text);
    gb_str_addf(out, "- its SHA-256: `%s`\n", setting->sha256);
}
