/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_FOOTPRINT_H
#define GB_PIPELINE_FOOTPRINT_H

/**
 * @file pipeline/assess/footprint.h
 * Energy of runs and of a site -> what it emits. Pure. docs/carbon.md has the
 * formulas.
 */
#include "model/footprint.h"
#include "pipeline/assess/assess.h"

/** Energy under way that is charged by one rate. Zero-initialise. */
typedef struct gb_charge {
    double energy_j;
    double covered_j, grams; /* that a value was there for, and its product */
    double estimated_j, forecast_j;
} gb_charge;

/** Add an energy that was drawn evenly between two instants (UTC). Of a trace
 *  each part has the intensity of its time; a part without one is not covered.
 */
void gb_charge_add(gb_charge *charge, const gb_carbon_rate *rate,
                   int64_t from_ns, int64_t to_ns, double energy_j);

/**
 * What it comes to.
 * @param missing_max  share of the energy that may be without a value; it is
 *                     charged with the mean of the rest
 * @param energy_u_rel  relative standard uncertainty of the energy
 */
void gb_charge_finish(const gb_charge *charge, const gb_carbon_rate *rate,
                      double missing_max, double energy_u_rel,
                      gb_carbon_amount *out);

/** Repetitions of one case that are valid. */
void gb_charge_case(const gb_carbon_rate *rate, double missing_max,
                    const gb_reduced_case *reduced,
                    const gb_energy_figure *energy, gb_carbon_amount *out);

/** The first supply that a run fits; null: none does. */
const gb_carbon_supply *gb_carbon_supply_of(const gb_carbon_setting *setting,
                                            const gb_assess_run *run);

/** Made in g of one node over a time: TE (TiR / EL) (RR / ToR). */
double gb_embodied_g(const gb_embodied *embodied, double total_kg,
                     double time_s);

/** SCI of a benchmark whose energy was charged: (O + M) / R. */
void gb_sci_of(const gb_carbon_setting *setting, const gb_carbon_bench *bench,
               const gb_reduced_case *reduced, size_t nodes,
               const gb_carbon_supply *supply, gb_sci *out);

/** "Gflop" and 1e9 of "flop"; "GB" of "byte"; any other unit is itself. */
void gb_carbon_work_unit(const char *work_unit, char *unit, size_t size,
                         double *scale_out);

/**
 * All benchmarks of all runs, and a site over a period.
 *
 * @param runs       [run_count]
 * @param facility   nullable
 * @param period_ns  of the facility; 0, 0: all that its meters have
 * @param[out] out   borrows all of them
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_footprint_make(const gb_carbon_setting *setting,
                            const gb_assess_run *runs, size_t run_count,
                            const gb_facility *facility,
                            const int64_t period_ns[2], gb_footprint *out,
                            gb_error *err);

#endif /* GB_PIPELINE_FOOTPRINT_H */
