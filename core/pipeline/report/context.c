/* SPDX-License-Identifier: Apache-2.0 */
/* What a figure means beside the machine, in a line below it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "pipeline/report/facts.h"
#include "pipeline/report/quantity.h"

/* " a load", " an update" */
static void add_unit(gb_language language, const char *unit, gb_str *out) {
    const bool vowel = strchr("aeiou", unit[0]) != NULL;
    gb_str_addf(out, gb_phrase(language, vowel ? " an %s" : " a %s"),
                gb_phrase(language, unit));
}

static void add_latency(const gb_bench_result *bench, gb_language language,
                        gb_str *out) {
    char text[GB_QUANTITY_SIZE];
    if (!(bench->latency_s > 0.0))
        return;
    gb_str_add(out,
               gb_quantity(bench->latency_s, 0.0, "s", text, sizeof(text)));
    if (!isnan(bench->efficiency))
        gb_str_addf(out, gb_phrase(language, " and %s"),
                    gb_quantity(1.0 / bench->efficiency,
                                bench->efficiency_u /
                                    (bench->efficiency * bench->efficiency),
                                "J", text, sizeof(text)));
    add_unit(language, bench->work_unit, out);
}

static void add_part(gb_language language, const char *text, gb_str *out) {
    gb_str_addf(out, "%s%s", out->length > 0 ? gb_phrase(language, "; ") : "",
                text);
}

static void add_rate(const gb_bench_result *bench, gb_language language,
                     gb_str *out) {
    char text[GB_QUANTITY_SIZE];
    const double bytes = bench->counts.network_bytes;
    const double time_s = bench->time_s.mean * (double)bench->time_s.n;

    if (bytes > 0.0 && strcmp(bench->work_unit, "byte") != 0)
        add_part(language,
                 gb_quantity(bytes / time_s, 0.0, "B/s", text, sizeof(text)),
                 out);
}

/* The energy of each of @p count, all that the nodes drew charged to it. */
static void add_each(const gb_bench_result *bench, double count,
                     const char *unit, gb_language language, gb_str *out) {
    const gb_energy_figure *energy = &bench->energy;
    char text[GB_QUANTITY_SIZE];

    if (!(count > 0.0) || isnan(bench->efficiency) || isnan(energy->energy_j))
        return;
    add_part(language,
             gb_quantity(energy->energy_j / count, energy->u_j / count, "J",
                         text, sizeof(text)),
             out);
    add_unit(language, unit, out);
}

static void add_network(const gb_bench_result *bench, gb_language language,
                        gb_str *out) {
    const bool told =
        bench->latency_s > 0.0 && strcmp(bench->work_unit, "message") == 0;

    if (!told)
        add_each(bench, bench->counts.messages, "message", language, out);
    add_each(bench, bench->counts.network_bytes, "byte", language, out);
}

static void add_roof(const gb_bench_result *bench, gb_language language,
                     gb_str *out) {
    const gb_roofline *roofline = &bench->roofline;
    char text[GB_QUANTITY_SIZE], line[256];

    if (roofline->theoretical[0] != '\0')
        snprintf(line, sizeof(line), gb_phrase(language, "%s of %s"),
                 gb_quantity_percent(bench->performance.median /
                                         roofline->theoretical_flop_per_s,
                                     text, sizeof(text)),
                 language == GB_LANGUAGE_ZH ? roofline->theoretical_chinese
                                            : roofline->theoretical);
    else if (roofline->bound[0] != '\0')
        snprintf(
            line, sizeof(line),
            gb_phrase(language, "%s of the %s peak measured here"),
            gb_quantity_percent(roofline->bound_fraction, text, sizeof(text)),
            gb_phrase(language, roofline->bound));
    else
        return;
    add_part(language, line, out);
}

static void add_core_phase(const gb_plan_case *planned,
                           const gb_bench_result *bench, gb_language language,
                           gb_str *out) {
    const gb_series_stats *time = &bench->time_s;
    char begin[32], end[32], took[48];

    if (!planned->one_shot || time->n == 0 || bench->begin_utc_ns == NULL ||
        bench->begin_utc_ns[0] == 0)
        return;
    const uint64_t begin_ns = bench->begin_utc_ns[0];
    gb_clock_format_utc(begin_ns, begin, sizeof(begin));
    gb_clock_format_utc(begin_ns + (uint64_t)(time->raw[0] * 1e9), end,
                        sizeof(end));
    add_part(language, gb_phrase(language, "core phase "), out);
    gb_str_addf(out, gb_phrase(language, "%s to %s, %s"), begin, end,
                gb_format_duration(time->raw[0], took, sizeof(took)));
    if (time->n > 1)
        gb_str_addf(out, gb_phrase(language, ", and %zu more"), time->n - 1);
}

void gb_facts_context(const gb_plan_case *planned, const gb_bench_result *bench,
                      gb_language language, gb_str *out) {
    if (!bench->valid)
        return;
    add_latency(bench, language, out);
    add_rate(bench, language, out);
    if (gb_starts_with(planned->id, "network."))
        add_network(bench, language, out);
    add_roof(bench, language, out);
    add_core_phase(planned, bench, language, out);
}
