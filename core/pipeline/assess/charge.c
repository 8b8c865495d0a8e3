/* SPDX-License-Identifier: Apache-2.0 */
/* C = sum E(interval) I(interval). */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "pipeline/assess/footprint.h"
#include "pipeline/assess/parts.h"

/* --- adding up ------------------------------------------------------------ */

/* The first row that ends behind @p from_ns, by bisection. */
static size_t first_row(const gb_intensity_trace *trace, int64_t from_ns) {
    size_t low = 0, high = trace->row_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (trace->rows[middle].end_ns <= from_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_part(gb_charge *charge, const gb_intensity_row *row,
                     double energy_j) {
    if (isnan(row->g_per_kwh))
        return;
    charge->covered_j += energy_j;
    charge->grams += energy_j / GB_J_IN_KWH * row->g_per_kwh;
    if (row->status == GB_INTENSITY_ESTIMATED)
        charge->estimated_j += energy_j;
    else if (row->status == GB_INTENSITY_FORECAST)
        charge->forecast_j += energy_j;
}

void gb_charge_add(gb_charge *charge, const gb_carbon_rate *rate,
                   int64_t from_ns, int64_t to_ns, double energy_j) {
    const gb_intensity_trace *trace = &rate->trace;

    charge->energy_j += energy_j;
    if (!rate->traced) {
        charge->covered_j += energy_j;
        charge->grams += energy_j / GB_J_IN_KWH * rate->factor.g_per_kwh;
        return;
    }
    for (size_t i = first_row(trace, from_ns);
         i < trace->row_count && trace->rows[i].begin_ns < to_ns; i++) {
        const gb_intensity_row *row = &trace->rows[i];
        const int64_t begin = row->begin_ns > from_ns ? row->begin_ns : from_ns;
        const int64_t end = row->end_ns < to_ns ? row->end_ns : to_ns;
        add_part(charge, row,
                 energy_j *
                     ((double)(end - begin) / (double)(to_ns - from_ns)));
    }
}

/* --- the sum -------------------------------------------------------------- */

/* Of what was charged with a mean: anything between the least and the largest
 * value of the trace is as likely. */
static double filled_u_rel(const gb_intensity_trace *trace, double share,
                           double mean) {
    double least = INFINITY, most = 0.0;

    if (!(share > 0.0))
        return 0.0;
    for (size_t i = 0; i < trace->row_count; i++)
        if (!isnan(trace->rows[i].g_per_kwh)) {
            least = fmin(least, trace->rows[i].g_per_kwh);
            most = fmax(most, trace->rows[i].g_per_kwh);
        }
    return mean > 0.0 ? share * (most - least) / (2.0 * sqrt(3.0)) / mean : 0.0;
}

void gb_charge_finish(const gb_charge *charge, const gb_carbon_rate *rate,
                      double missing_max, double energy_u_rel,
                      gb_carbon_amount *out) {
    *out = (gb_carbon_amount){.g = NAN,
                              .u_g = NAN,
                              .g_per_kwh = NAN,
                              .energy_j = charge->energy_j,
                              .energy_u_rel = energy_u_rel,
                              .factor_u_rel =
                                  rate->traced ? NAN : rate->factor.u_rel};
    if (!(charge->energy_j > 0.0)) {
        gb_copy(out->reason, sizeof(out->reason), "there is no energy");
        return;
    }
    /* Sums of many parts of one energy may be off it by their rounding. */
    out->missing = fmax(1.0 - charge->covered_j / charge->energy_j, 0.0);
    if (out->missing < 1e-9)
        out->missing = 0.0;
    out->estimated = charge->estimated_j / charge->energy_j;
    out->forecast = charge->forecast_j / charge->energy_j;
    if (out->missing > missing_max || !(charge->covered_j > 0.0)) {
        snprintf(out->reason, sizeof(out->reason),
                 "for %.3g %% of the energy the trace has no value, %.3g %% "
                 "are allowed",
                 100.0 * out->missing, 100.0 * missing_max);
        return;
    }
    out->g_per_kwh = charge->grams / (charge->covered_j / GB_J_IN_KWH);
    out->g = out->g_per_kwh * (charge->energy_j / GB_J_IN_KWH);
    out->filled_u_rel =
        filled_u_rel(&rate->trace, out->missing, out->g_per_kwh);
    /* What nobody states is left out, and told. */
    const double parts[] = {energy_u_rel, out->factor_u_rel, out->filled_u_rel};
    double square = 0.0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        square += isnan(parts[i]) ? 0.0 : parts[i] * parts[i];
    out->u_g = out->g * sqrt(square);
}

/* --- a benchmark ---------------------------------------------------------- */

void gb_charge_case(const gb_carbon_rate *rate, double missing_max,
                    const gb_reduced_case *reduced,
                    const gb_energy_figure *energy, gb_carbon_amount *out) {
    gb_charge charge = {0};
    bool placed = true;

    for (size_t i = 0; i < reduced->rep_count; i++) {
        const gb_reduced_rep *rep = &reduced->reps[i];
        const int64_t begin = (int64_t)rep->begin_utc_ns;
        const int64_t length = llround(1e9 * rep->window_s);
        if (!rep->valid || isnan(rep->energy.energy_j))
            continue;
        placed = placed && begin != 0 && length > 0;
        if (placed || !rate->traced)
            gb_charge_add(&charge, rate, begin, begin + length,
                          rep->energy.energy_j);
    }
    gb_charge_finish(&charge, rate, missing_max, energy->u_j / energy->energy_j,
                     out);
    if (isnan(energy->energy_j) || (rate->traced && !placed)) {
        out->g = out->u_g = out->g_per_kwh = NAN;
        gb_copy(out->reason, sizeof(out->reason),
                isnan(energy->energy_j)
                    ? energy->reason
                    : "the records do not tell when its repetitions ran");
    }
}

/* --- supplies ------------------------------------------------------------- */

const gb_carbon_supply *gb_carbon_supply_of(const gb_carbon_setting *setting,
                                            const gb_assess_run *run) {
    for (size_t i = 0; i < setting->supply_count; i++)
        if (gb_assess_run_fits(setting->supplies[i].runs, run))
            return &setting->supplies[i];
    return NULL;
}
