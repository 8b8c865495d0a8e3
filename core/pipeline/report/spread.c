/* SPDX-License-Identifier: Apache-2.0 */
/* report.md: how far nodes differ. */
#include <math.h>
#include <stdio.h>

#include "pipeline/report/evidence.h"
#include "pipeline/report/markdown.h"
#include "pipeline/report/quantity.h"

/* All are in the JSON; the worst are enough to know where to look. */
#define OUTLIERS_SHOWN 20

static const char *unit_of(const gb_bench_result *bench, int quantity,
                           char *room, size_t size) {
    if (quantity == GB_NODE_POWER)
        return "W";
    if (quantity == GB_NODE_PERFORMANCE)
        return bench->unit;
    snprintf(room, size, "%s/s/W", bench->work_unit);
    return room;
}

static void add_spread(const gb_result *result, const gb_bench_result *bench,
                       const gb_node_spread *spread, const char *name,
                       const char *unit, gb_str *out) {
    char text[GB_QUANTITY_SIZE];

    if (spread->n == 0)
        return;
    gb_cell_bench(out, result, bench);
    gb_markdown_cell(out, name);
    gb_cell_u64(out, spread->n);
    gb_cell_value(out, spread->least, unit);
    gb_cell_value(out, spread->median, unit);
    gb_cell_value(out, spread->most, unit);
    gb_markdown_cell(out,
                     isfinite(spread->cv)
                         ? gb_quantity_percent(spread->cv, text, sizeof(text))
                         : "-");
    gb_markdown_cell(out, spread->unjudged[0] != '\0' ? spread->unjudged : "");
    gb_markdown_end_row(out);
}

static void add_outliers(const gb_result *result, const gb_bench_result *bench,
                         gb_str *out) {
    const gb_variability *all = &bench->variability;

    for (size_t i = 0; i < all->outlier_count && i < OUTLIERS_SHOWN; i++) {
        const gb_node_outlier *one = &all->outliers[i];
        char value[GB_QUANTITY_SIZE], room[64];
        gb_str_add(out, "- ");
        gb_markdown_text(out, result->session->nodes[one->node].name);
        gb_str_addf(out, ": %+.3g %% %s in ", 100.0 * one->relative,
                    gb_node_quantity_name(one->quantity));
        gb_markdown_text(out, result->plan->cases[bench->case_index].id);
        gb_str_addf(out, ", %s%s\n",
                    gb_quantity_pm(
                        one->value, one->u,
                        unit_of(bench, (int)one->quantity, room, sizeof(room)),
                        value, sizeof(value)),
                    one->far_out ? ", far out" : "");
    }
    if (all->outlier_count > OUTLIERS_SHOWN)
        gb_str_addf(out, "- and %zu more in `summary.json`\n",
                    all->outlier_count - OUTLIERS_SHOWN);
}

static void add_slow_pairs(const gb_result *result,
                           const gb_bench_result *bench, gb_str *out) {
    const gb_pair_variability *pairs = &bench->variability.pairs;

    for (size_t i = 0; i < pairs->slow_count && i < OUTLIERS_SHOWN; i++) {
        const gb_slow_pair *one = &pairs->slow[i];
        char value[GB_QUANTITY_SIZE];
        gb_str_add(out, "- ");
        gb_markdown_text(out, result->session->nodes[one->nodes[0]].name);
        gb_str_add(out, " and ");
        gb_markdown_text(out, result->session->nodes[one->nodes[1]].name);
        gb_str_addf(out, ": %+.3g %% time in ", 100.0 * one->relative);
        gb_markdown_text(out, result->plan->cases[bench->case_index].id);
        gb_str_addf(out, ", %s for an iteration, in each of %u repetitions%s\n",
                    gb_quantity(one->time_s, NAN, "s", value, sizeof(value)),
                    (unsigned)one->repetitions,
                    one->far_out ? ", far out" : "");
    }
    if (pairs->slow_count > OUTLIERS_SHOWN)
        gb_str_addf(out, "- and %zu more pairs\n",
                    pairs->slow_count - OUTLIERS_SHOWN);
    if (pairs->common >= 0) {
        gb_str_add(out, "- all slow pairs are with ");
        gb_markdown_text(out, result->session->nodes[pairs->common].name);
        gb_str_add(out, "\n");
    }
}

static void add_meters(const gb_result *result, const gb_bench_result *bench,
                       gb_str *out) {
    if (!isfinite(bench->variability.meter[0].nodes))
        return;
    gb_str_add(out, "- nodes to meter in ");
    gb_markdown_text(out, result->plan->cases[bench->case_index].id);
    for (size_t i = 0; i < GB_METER_NEEDS; i++) {
        const gb_meter_need *need = &bench->variability.meter[i];
        gb_str_addf(out, "%s %.0f of %zu for ±%g %%", i > 0 ? "," : ":",
                    need->nodes, result->session->node_count,
                    100.0 * need->accuracy);
        if (need->nodes_student != need->nodes)
            gb_str_addf(out, " (%.0f)", need->nodes_student);
    }
    gb_str_add(out, "\n");
}

void gb_add_spreads(const gb_result *result, gb_str *out) {
    static const char *const titles[] = {"benchmark", "of a node", "nodes",
                                         "least",     "median",    "most",
                                         "cv",        "not judged"};
    gb_str items = {0};
    bool begun = false;

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (!bench->valid || !bench->variability.present)
            continue;
        if (!begun) {
            gb_markdown_heading(out, "Between nodes");
            gb_markdown_head(out, "llrrrrrl", titles);
            begun = true;
        }
        for (int q = 0; q < GB_NODE_QUANTITIES; q++) {
            char room[64];
            add_spread(result, bench, &bench->variability.spreads[q],
                       gb_node_quantity_name((gb_node_quantity)q),
                       unit_of(bench, q, room, sizeof(room)), out);
        }
        add_spread(result, bench, &bench->variability.pairs.spread,
                   "pair's iteration", "s", out);
        add_outliers(result, bench, &items);
        add_slow_pairs(result, bench, &items);
        add_meters(result, bench, &items);
    }
    if (begun)
        gb_str_addf(out,
                    "\nA node is named if it lies outside Tukey's fences and "
                    "by more than twice its uncertainty; a pair of\nnodes if "
                    "an iteration between them lies above the fence each time "
                    "they met. Nodes to meter: for the mean\npower of all in "
                    "a 95 %% interval, by the spread seen here; in brackets by "
                    "that of the metered nodes alone.\n\n%s",
                    items.text != NULL ? items.text : "");
    out->failed = out->failed || items.failed;
    gb_str_fini(&items);
}
