/* SPDX-License-Identifier: Apache-2.0 */
/* Charts, each with the table that says the same. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "pipeline/report/html/html.h"
#include "pipeline/report/quantity.h"

static void quantity(gb_html *page, double value, const char *unit) {
    char text[GB_QUANTITY_SIZE];
    gb_html_number(page, gb_quantity(value, 0.0, unit, text, sizeof(text)));
}

/* Nobody counts milli-operations. */
static void intensity(gb_html *page, double flop_per_byte) {
    char text[40];
    snprintf(text, sizeof(text), "%.3g flop/B", flop_per_byte);
    gb_html_number(page, isfinite(flop_per_byte) ? text : "-");
}

/* A section whose chart has one table: before its first row. */
static void begin_chart(gb_html *page, const char *name, gb_html_string title,
                        gb_html_string aria, gb_html_string note,
                        const char *align, const gb_html_string *titles) {
    gb_html_section(page, name, title);
    gb_html_chart(page, name, aria);
    gb_html_say(page, "p class=\"note\"", note);
    gb_html_fold(page);
    gb_html_table(page, title, align, titles);
}

static void end_chart(gb_html *page, bool begun) {
    if (!begun)
        return;
    gb_html_table_end(page);
    gb_html_fold_end(page);
    gb_html_section_end(page);
}

static size_t shown_benches(const gb_result *result) {
    return result->bench_count < GB_PAGE_BENCHES ? result->bench_count
                                                 : (size_t)GB_PAGE_BENCHES;
}

/* --- performance and power ------------------------------------------------ */

void gb_html_scatter(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {GB_HTML_benchmark, GB_HTML_power,
                                            GB_HTML_performance,
                                            GB_HTML_per_watt};
    bool begun = false;

    for (size_t i = 0; i < shown_benches(result); i++) {
        const gb_bench_result *bench = &result->benches[i];
        char unit[80];
        if (!bench->valid || !isfinite(bench->power_w) ||
            !isfinite(bench->performance.value))
            continue;
        if (!begun) {
            begin_chart(page, "scatter", GB_HTML_scatter, GB_HTML_scatter_aria,
                        GB_HTML_scatter_note, "lrrr", titles);
            begun = true;
        }
        gb_html_row(page);
        gb_html_bench(page, result, bench);
        quantity(page, bench->power_w, "W");
        quantity(page, bench->performance.value, bench->unit);
        snprintf(unit, sizeof(unit), "%s/s/W", bench->work_unit);
        quantity(page, bench->efficiency, unit);
        gb_html_row_end(page);
    }
    end_chart(page, begun);
}

/* --- nodes ---------------------------------------------------------------- */

static const gb_html_string quantity_names[GB_NODE_QUANTITIES] = {
    [GB_NODE_PERFORMANCE] = GB_HTML_performance,
    [GB_NODE_POWER] = GB_HTML_power,
    [GB_NODE_EFFICIENCY] = GB_HTML_per_watt};

static const char *unit_of(const gb_bench_result *bench, int quantity_of,
                           char *room, size_t size) {
    if (quantity_of == GB_NODE_POWER)
        return "W";
    if (quantity_of == GB_NODE_PERFORMANCE)
        return bench->unit;
    snprintf(room, size, "%s/s/W", bench->work_unit);
    return room;
}

static void spread_row(gb_html *page, const gb_result *result,
                       const gb_bench_result *bench, int q) {
    const gb_node_spread *spread = &bench->variability.spreads[q];
    char room[80], text[GB_QUANTITY_SIZE];
    const char *unit = unit_of(bench, q, room, sizeof(room));

    gb_html_row(page);
    gb_html_bench(page, result, bench);
    gb_html_say(page, "td", quantity_names[q]);
    gb_html_count(page, spread->n);
    quantity(page, spread->least, unit);
    quantity(page, spread->q1, unit);
    quantity(page, spread->median, unit);
    quantity(page, spread->q3, unit);
    quantity(page, spread->most, unit);
    gb_html_number(page, gb_quantity_percent(spread->cv, text, sizeof(text)));
    gb_html_row_end(page);
}

static void spreads(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {
        GB_HTML_benchmark,      GB_HTML_quantity,       GB_HTML_node_count,
        GB_HTML_least,          GB_HTML_lower_quartile, GB_HTML_median,
        GB_HTML_upper_quartile, GB_HTML_most,           GB_HTML_cv};

    gb_html_table(page, GB_HTML_nodes, "llrrrrrrr", titles);
    for (size_t i = 0; i < shown_benches(result); i++) {
        const gb_bench_result *bench = &result->benches[i];
        for (int q = 0; q < GB_NODE_QUANTITIES && bench->valid; q++)
            if (bench->variability.present &&
                bench->variability.spreads[q].n > 0)
                spread_row(page, result, bench, q);
    }
    gb_html_table_end(page);
}

static void outlier_row(gb_html *page, const gb_result *result,
                        const gb_bench_result *bench,
                        const gb_node_outlier *one) {
    char room[80], text[GB_QUANTITY_SIZE];

    gb_html_row(page);
    gb_html_bench(page, result, bench);
    gb_html_cell(page, result->session->nodes[one->node].name);
    gb_html_say(page, "td", quantity_names[one->quantity]);
    gb_html_number(page, gb_quantity_pm(one->value, one->u,
                                        unit_of(bench, (int)one->quantity, room,
                                                sizeof(room)),
                                        text, sizeof(text)));
    snprintf(text, sizeof(text), "%+.3g %%", 100.0 * one->relative);
    gb_html_number(page, text);
    gb_html_row_end(page);
}

static void outliers(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {GB_HTML_benchmark, GB_HTML_node,
                                            GB_HTML_quantity, GB_HTML_value,
                                            GB_HTML_off_median};
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < shown_benches(result); i++) {
        const gb_bench_result *bench = &result->benches[i];
        for (size_t k = 0; k < bench->variability.outlier_count; k++) {
            if (!bench->valid)
                continue;
            if (all++ == 0)
                gb_html_table(page, GB_HTML_outliers, "lllrr", titles);
            if (k >= GB_PAGE_OUTLIERS || shown == GB_PAGE_NODES)
                continue;
            shown++;
            outlier_row(page, result, bench, &bench->variability.outliers[k]);
        }
    }
    if (all == 0)
        gb_html_say(page, "p", GB_HTML_no_outliers);
    else
        gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, shown, all);
}

static void each_node(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {GB_HTML_benchmark, GB_HTML_node,
                                            GB_HTML_performance, GB_HTML_power,
                                            GB_HTML_energy};
    size_t shown = 0, all = 0;

    gb_html_table(page, GB_HTML_nodes_table, "llrrr", titles);
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        for (size_t n = 0; n < bench->node_count && bench->valid; n++) {
            const gb_bench_node *node = &bench->nodes[n];
            all++;
            if (shown == GB_PAGE_NODES)
                continue;
            shown++;
            gb_html_row(page);
            gb_html_bench(page, result, bench);
            gb_html_cell(page, result->session->nodes[node->node].name);
            quantity(page, node->performance, bench->unit);
            quantity(page, node->power_w, "W");
            quantity(page, node->energy_j, "J");
            gb_html_row_end(page);
        }
    }
    gb_html_table_end(page);
    gb_html_left_out(page, GB_HTML_left_out, shown, all);
}

void gb_html_nodes(gb_html *page, const gb_result *result) {
    if (result->session->node_count < 2)
        return;
    gb_html_section(page, "nodes", GB_HTML_nodes);
    gb_html_chart(page, "nodes", GB_HTML_nodes_aria);
    gb_html_say(page, "p class=\"note\"", GB_HTML_nodes_note);
    outliers(page, result);
    gb_html_fold(page);
    spreads(page, result);
    each_node(page, result);
    gb_html_fold_end(page);
    gb_html_section_end(page);
}

/* --- messages ------------------------------------------------------------- */

static void message_row(gb_html *page, const gb_result *result,
                        const gb_bench_result *bench, uint64_t bytes) {
    const gb_work_counts *counts = &bench->counts;
    const double time_s = bench->time_s.mean * (double)bench->time_s.n;
    const double seconds = isfinite(bench->latency_s) ? bench->latency_s
                           : counts->messages > 0.0 ? time_s / counts->messages
                                                    : NAN;
    char text[GB_QUANTITY_SIZE];

    gb_html_row(page);
    gb_html_bench(page, result, bench);
    gb_html_number(page, gb_format_bytes(bytes, text, sizeof(text)));
    quantity(page, seconds, "s");
    quantity(page,
             counts->network_bytes > 0.0 ? counts->network_bytes / time_s : NAN,
             "B/s");
    quantity(page,
             counts->network_bytes > 0.0
                 ? bench->energy.energy_j / counts->network_bytes
                 : NAN,
             "J");
    gb_html_row_end(page);
}

void gb_html_messages(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {
        GB_HTML_benchmark, GB_HTML_message_size, GB_HTML_message_time,
        GB_HTML_bandwidth, GB_HTML_byte_energy};
    bool begun = false;

    for (size_t i = 0; i < shown_benches(result); i++) {
        const gb_bench_result *bench = &result->benches[i];
        const uint64_t bytes =
            gb_page_message_bytes(&result->plan->cases[bench->case_index]);
        if (!bench->valid || bytes == 0)
            continue;
        if (!begun) {
            begin_chart(page, "messages", GB_HTML_messages,
                        GB_HTML_messages_aria, GB_HTML_messages_note, "lrrrr",
                        titles);
            begun = true;
        }
        message_row(page, result, bench, bytes);
    }
    end_chart(page, begun);
}

/* --- load ----------------------------------------------------------------- */

void gb_html_load(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {GB_HTML_load_level, GB_HTML_power,
                                            GB_HTML_performance};
    const gb_proportionality *all = &result->proportionality;
    char text[GB_QUANTITY_SIZE];

    if (all->level_count == 0)
        return;
    begin_chart(page, "load", GB_HTML_load, GB_HTML_load_aria,
                GB_HTML_load_note, "rrr", titles);
    for (size_t i = 0; i < all->level_count; i++) {
        const gb_load_level *level = &all->levels[i];
        gb_html_row(page);
        gb_html_number(page,
                       gb_quantity_percent(level->level, text, sizeof(text)));
        gb_html_number(page, gb_quantity_pm(level->power_w, level->power_u_w,
                                            "W", text, sizeof(text)));
        quantity(page, level->performance, "op/s");
        gb_html_row_end(page);
    }
    gb_html_row(page);
    gb_html_say(page, "td class=\"n\"", GB_HTML_idle);
    gb_html_number(page, gb_quantity_pm(all->idle_w, all->idle_u_w, "W", text,
                                        sizeof(text)));
    gb_html_number(page, "-");
    gb_html_row_end(page);
    end_chart(page, true);
}

/* --- roofline ------------------------------------------------------------- */

void gb_html_roofline(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {
        GB_HTML_benchmark, GB_HTML_intensity, GB_HTML_flop_per_joule,
        GB_HTML_flop_energy, GB_HTML_memory_byte_energy};
    bool begun = false;

    for (size_t i = 0; i < shown_benches(result); i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_work_counts *counts = &bench->counts;
        const double energy_j = bench->energy.energy_j;
        if (!bench->valid || !isfinite(energy_j) ||
            !(counts->flops > 0.0 || counts->memory_bytes > 0.0))
            continue;
        if (!begun) {
            begin_chart(page, "roofline", GB_HTML_roofline,
                        GB_HTML_roofline_aria, GB_HTML_roofline_note, "lrrrr",
                        titles);
            begun = true;
        }
        gb_html_row(page);
        gb_html_bench(page, result, bench);
        intensity(page, bench->roofline.intensity);
        quantity(page, counts->flops > 0.0 ? counts->flops / energy_j : NAN,
                 "flop/J");
        quantity(page, counts->flops > 0.0 ? energy_j / counts->flops : NAN,
                 "J");
        quantity(page,
                 counts->memory_bytes > 0.0 ? energy_j / counts->memory_bytes
                                            : NAN,
                 "J");
        gb_html_row_end(page);
    }
    end_chart(page, begun);
}

/* --- uncertainty ---------------------------------------------------------- */

static void budget_row(gb_html *page, const gb_result *result,
                       const gb_bench_result *bench) {
    const gb_energy_figure *figure = &bench->energy;
    const gb_energy_budget *budget = &figure->budget;
    char text[GB_QUANTITY_SIZE];

    gb_html_row(page);
    gb_html_bench(page, result, bench);
    quantity(page, budget->quantisation_j, "J");
    quantity(page, budget->phase_j, "J");
    quantity(page, budget->latency_j, "J");
    quantity(page, budget->unsampled_j, "J");
    quantity(page, budget->calibration_j, "J");
    quantity(page, figure->u_j, "J");
    gb_html_number(page, gb_quantity_percent(figure->u_j / figure->energy_j,
                                             text, sizeof(text)));
    gb_html_row_end(page);
}

void gb_html_budget(gb_html *page, const gb_result *result) {
    static const gb_html_string titles[] = {
        GB_HTML_benchmark, GB_HTML_quantisation, GB_HTML_phase_error,
        GB_HTML_latency,   GB_HTML_unsampled,    GB_HTML_calibration,
        GB_HTML_combined,  GB_HTML_relative};
    bool begun = false;

    for (size_t i = 0; i < shown_benches(result); i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (!bench->valid || !isfinite(bench->energy.energy_j))
            continue;
        if (!begun) {
            begin_chart(page, "budget", GB_HTML_budget, GB_HTML_budget_aria,
                        GB_HTML_budget_note, "lrrrrrrr", titles);
            begun = true;
        }
        budget_row(page, result, bench);
    }
    end_chart(page, begun);
}
