/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"
#include "pipeline/report/carbon.h"
#include "pipeline/report/quantity.h"

#define COVERAGE 2.0

const char *gb_carbon_basis_words(gb_carbon_basis basis) {
    static const char *const words[GB_CARBON_BASES] = {
        [GB_CARBON_BY_LOCATION] = "location-based",
        [GB_CARBON_BY_MARKET] = "market-based",
        [GB_CARBON_BY_MARGINAL] = "marginal",
    };
    return words[basis];
}

/* --- what is charged ------------------------------------------------------ */

static void say_trace(const gb_intensity_trace *trace, gb_str *out) {
    gb_str_addf(out, "%s (%s)", trace->file, trace->format);
    if (trace->zone[0] != '\0')
        gb_str_addf(out, ", zone %s", trace->zone);
    gb_str_addf(out, ", %zu values", trace->row_count - trace->nulls);
    if (trace->nulls > 0)
        gb_str_addf(out, ", %zu without one", trace->nulls);
    if (trace->gaps > 0)
        gb_str_addf(out, ", %zu hole%s", trace->gaps,
                    trace->gaps == 1 ? "" : "s");
    if (trace->note[0] != '\0')
        gb_str_addf(out, "; %s", trace->note);
    gb_str_addf(out, "; %s; SHA-256 %s", trace->source, trace->sha256);
}

static void say_factor(const gb_factor *factor, gb_str *out) {
    gb_str_addf(out, "%.6g g/kWh of %s", factor->g_per_kwh, factor->region);
    if (factor->name[0] != '\0')
        gb_str_addf(out, " (%s)", factor->name);
    gb_str_addf(out, ", %d%s%s", factor->year,
                factor->series[0] != '\0' ? ", series " : "", factor->series);
    if (factor->accuracy[0] != '\0')
        gb_str_addf(out, ", ± %s", factor->accuracy);
    gb_str_addf(out, "; %s; %s; %s", factor->publication, factor->source,
                factor->origin.where);
    if (factor->sha256[0] != '\0')
        gb_str_addf(out, ", SHA-256 %s", factor->sha256);
}

void gb_carbon_say_rate(const gb_carbon_rate *rate, gb_str *out) {
    char type[64];

    if (!rate->present)
        return;
    gb_carbon_type_text(gb_carbon_rate_type(rate), type, sizeof(type));
    gb_str_addf(out, "%s: ", type);
    if (rate->traced)
        say_trace(&rate->trace, out);
    else
        say_factor(&rate->factor, out);
}

/* --- amounts -------------------------------------------------------------- */

static void add_grams(const gb_carbon_rate *rate, double g, double u_g,
                      const char *per, gb_str *out) {
    char unit[80], text[GB_QUANTITY_SIZE];

    snprintf(unit, sizeof(unit), "g%s%s%s",
             gb_carbon_gas_name(gb_carbon_rate_type(rate)->gas),
             per[0] != '\0' ? "/" : "", per);
    gb_str_add(out, gb_quantity_pm(g, u_g, unit, text, sizeof(text)));
}

void gb_carbon_say_amount(const gb_carbon_rate *rate,
                          const gb_carbon_amount *amount, gb_str *out) {
    if (!rate->present)
        return;
    if (!isfinite(amount->g)) {
        gb_str_addf(out, "- (%s)", amount->reason);
        return;
    }
    add_grams(rate, amount->g, COVERAGE * amount->u_g, "", out);
    gb_str_add(out, amount->u_g > 0.0 ? " (U, k = 2) at " : " at ");
    gb_str_addf(out, "%.4g g%s/kWh", amount->g_per_kwh,
                gb_carbon_gas_name(gb_carbon_rate_type(rate)->gas));
}

void gb_carbon_say_pers(const gb_carbon_rate *rate,
                        const gb_carbon_amount *amount,
                        const gb_carbon_per *pers, size_t count, gb_str *out) {
    if (!rate->present || !isfinite(amount->g))
        return;
    for (size_t i = 0; i < count; i++) {
        gb_str_add(out, i > 0 ? "; " : "");
        add_grams(rate, amount->g / pers[i].amount,
                  COVERAGE * amount->u_g / pers[i].amount, pers[i].unit, out);
        if (pers[i].what[0] != '\0')
            gb_str_addf(out, " %s", pers[i].what);
    }
}

static void add_share(double share, const char *what, gb_str *out) {
    if (share > 0.0)
        gb_str_addf(out, "%s%.3g %% %s", out->length > 0 ? "; " : "",
                    100.0 * share, what);
}

void gb_carbon_say_doubts(const gb_carbon_amount *amount, gb_str *out) {
    gb_str text = {0};

    if (!isfinite(amount->g))
        return;
    add_share(amount->estimated, "of the energy at estimated values", &text);
    add_share(amount->forecast, "at forecasts", &text);
    add_share(amount->missing,
              "without a value, filled with the mean of the rest", &text);
    if (isnan(amount->factor_u_rel))
        gb_str_addf(&text,
                    "%sthe uncertainty of the intensity is not stated "
                    "and left out",
                    text.length > 0 ? "; " : "");
    if (isnan(amount->energy_u_rel))
        gb_str_addf(&text,
                    "%sso is that of the energy: its meter's is not "
                    "documented",
                    text.length > 0 ? "; " : "");
    gb_str_add(out, text.text != NULL ? text.text : "");
    gb_str_fini(&text);
}

void gb_carbon_say_energy(const gb_carbon_run *run,
                          const gb_carbon_bench *bench, gb_str *out) {
    const gb_energy_figure *energy = &bench->result->energy;
    const gb_node *node = &run->result->session->nodes[0];
    char text[GB_QUANTITY_SIZE];

    if (isnan(energy->energy_j)) {
        gb_str_addf(out, "- (%s)", energy->reason);
        return;
    }
    gb_str_addf(out, "%s, %s",
                gb_quantity_pm(energy->energy_j, COVERAGE * energy->u_j, "J",
                               text, sizeof(text)),
                gb_quality_name(energy->quality));
    if (node->cover.holds[0] != '\0')
        gb_str_addf(out, ": %s", node->cover.holds);
    if (node->cover.leaves_out[0] != '\0')
        gb_str_addf(out, "; not %s", node->cover.leaves_out);
}

/* --- hardware ------------------------------------------------------------- */

void gb_carbon_say_embodied(const gb_embodied *embodied, gb_str *out) {
    if (!embodied->present)
        return;
    gb_str_addf(out, "%.4g kgCO2e of a node", embodied->kg);
    if (embodied->high_kg > embodied->low_kg)
        gb_str_addf(out, " (%.4g to %.4g)", embodied->low_kg,
                    embodied->high_kg);
    gb_str_addf(out, ", over %.4g years, %.4g %% of it; %s",
                embodied->lifetime_s / GB_YEAR_S, 100.0 * embodied->share,
                embodied->source);
    for (size_t i = 0; i < embodied->part_count; i++) {
        const gb_embodied_part *part = &embodied->parts[i];
        gb_str_addf(out, "; %.4g x %s ", part->count, part->name);
        if (part->high_kg > part->low_kg)
            gb_str_addf(out, "%.4g to %.4g kg (%s)", part->low_kg,
                        part->high_kg, part->how);
        else
            gb_str_addf(out, "%.4g kg (%s)", part->low_kg, part->how);
    }
}

void gb_carbon_say_sci(const gb_carbon_setting *setting, const gb_sci *sci,
                       gb_str *out) {
    char text[GB_QUANTITY_SIZE], unit[80];

    snprintf(unit, sizeof(unit), "gCO2e/%s", sci->unit);
    if (isfinite(sci->g_per_r))
        gb_str_addf(out, "%s (U, k = 2) = (O + M) / R; ",
                    gb_quantity_pm(sci->g_per_r, COVERAGE * sci->u_g_per_r,
                                   unit, text, sizeof(text)));
    else
        gb_str_addf(out, "- (%s); ", sci->reason);
    if (isfinite(sci->energy_kwh))
        gb_str_addf(out, "E %.4g kWh", sci->energy_kwh);
    else
        gb_str_add(out, "E -");
    if (setting->sci.overhead > 1.0)
        gb_str_addf(out, " with an overhead of %.4g (%s)",
                    setting->sci.overhead, setting->sci.overhead_source);
    if (isfinite(sci->operational_g))
        gb_str_addf(out, ", I %.4g g/kWh (%s), O %.4g g", sci->g_per_kwh,
                    gb_carbon_basis_words(setting->sci.basis),
                    sci->operational_g);
    if (isfinite(sci->embodied_g))
        gb_str_addf(out, ", M %.4g g", sci->embodied_g);
    if (sci->embodied_high_g > sci->embodied_low_g)
        gb_str_addf(out, " (%.4g to %.4g)", sci->embodied_low_g,
                    sci->embodied_high_g);
    if (sci->time_s > 0.0)
        gb_str_addf(out, " of %zu node%s for %.4g s", sci->nodes,
                    sci->nodes == 1 ? "" : "s", sci->time_s);
    if (sci->amount > 0.0)
        gb_str_addf(out, ", R %.6g %s", sci->amount, sci->unit);
}

/* --- a site --------------------------------------------------------------- */

void gb_carbon_say_site(const gb_carbon_site *site, gb_str *out) {
    char from[32], to[32];

    gb_str_addf(out, "%s: %s; ", site->name, site->boundary);
    if (site->reason[0] != '\0') {
        gb_str_addf(out, "- (%s)", site->reason);
        return;
    }
    gb_clock_format_utc((uint64_t)site->from_ns, from, sizeof(from));
    gb_clock_format_utc((uint64_t)site->to_ns, to, sizeof(to));
    gb_str_addf(out, "%s to %s, facility %.6g kWh", from, to,
                site->facility_j / GB_J_IN_KWH);
    if (isfinite(site->it_j))
        gb_str_addf(out, ", IT %.6g kWh", site->it_j / GB_J_IN_KWH);
    gb_str_addf(out, ", %.3g %% of the period missing", 100.0 * site->missing);
}

void gb_carbon_say_cue(const gb_carbon_site *site, gb_str *out) {
    const gb_carbon_amount *amount = &site->amounts[GB_CARBON_BY_LOCATION];
    const gb_carbon_rate *rate = &site->supply->rates[GB_CARBON_BY_LOCATION];

    if (site->reason[0] != '\0' || !isfinite(amount->g) || !(site->it_j > 0.0))
        return;
    gb_str_addf(out, "%s %.4g kg%s/kWh of IT", site->annual ? "CUE" : "iCUE",
                amount->g / 1e3 / (site->it_j / GB_J_IN_KWH),
                gb_carbon_gas_name(gb_carbon_rate_type(rate)->gas));
}
