/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_METERING_WINDOW_H
#define GB_METERING_WINDOW_H

/**
 * @file metering/window.h
 * Raw readings over a window -> joules with their uncertainty.
 */
#include "base/error.h"
#include "model/energy.h"
#include "model/result.h"

/** A counter is read in microseconds; a meter behind a network may take long,
 * in the background. A reading that took longer than this is worth a word, s.
 */
#define GB_LONGEST_READ_S 0.25

/**
 * Energy of one domain between two of its readings.
 *
 * ENERGY: the sum of tick differences of consecutive good readings, in 64-bit
 * integers, converted once. A failed reading in between is counted, and the
 * next good one still holds its energy.
 *
 * POWER: the trapezoid over the good readings; gaps longer than three sampling
 * intervals (or update periods, if those are longer) are not bridged but
 * counted as unsampled: charged with the mean power of the sampled time, and
 * with the whole plausible range, 0 to max_power_w, as their uncertainty.
 *
 * Where readings have stamps of their own (stamp_ns), energy and power are
 * taken between stamps, and brought to the window, which is bounded by time_ns,
 * at the mean power (rule 30).
 *
 * No figure (energy_j NAN and a reason) if: fewer than two good readings, or an
 * edge is not good; the window is shorter than 10 update periods (or times the
 * sensor's own averaging); an interval is invalid (reset, several wraps
 * possible); an ENERGY counter stands still for longer than 5 update periods,
 * through the window or for a part of it that is too long for its step (stuck);
 * more than half of a POWER window is unsampled.
 *
 * @param readings  [count], in order of time, the first and last ones are the
 *                  edges of the window
 * @param interval_s  nominal time between samples, > 0
 * @param[out] out  always filled in; quality is the domain's
 *
 * Budget: reference/energy.md §9.2. Pure.
 */
void gb_window_energy(const gb_energy_domain *domain,
                      const gb_energy_reading *readings, size_t count,
                      double interval_s, gb_energy_figure *out);

/**
 * As gb_window_energy(), for a window cut out of a longer series: at its begin
 * a counter still lacks energy that was used before it, and what was read
 * before tells how much that can be. It is used for nothing else.
 *
 * @param readings  the first edge; readings[-before] .. readings[count - 1] are
 *                  there
 */
void gb_window_energy_after(const gb_energy_domain *domain,
                            const gb_energy_reading *readings, size_t count,
                            size_t before, double interval_s,
                            gb_energy_figure *out);

/**
 * Add figure @p b to @p sum as another node: random terms in quadrature,
 * calibration linearly within a kind of meters, quality the worse of both. If
 * either has no figure, the sum has none (rule 45). `window_s` becomes what
 * the energy has to be divided by so that the powers add up: it lies between
 * the two.
 */
void gb_figure_add_parallel(gb_energy_figure *sum, const gb_energy_figure *b);

/** As gb_figure_add_parallel(), for a later window of the same meters: window_s
 *  adds up as well. */
void gb_figure_add_serial(gb_energy_figure *sum, const gb_energy_figure *b);

/* What three of these functions do, but for the last step: `u_j` and `u95_j` of
 * the sum are not set. For sums over thousands of figures, of which the last
 * one counts; gb_figure_conclude() sets both then. */
void gb_figure_gather_parallel(gb_energy_figure *sum,
                               const gb_energy_figure *b);
void gb_figure_gather_serial(gb_energy_figure *sum, const gb_energy_figure *b);
void gb_figure_gather_domains(const gb_energy_domain *domains,
                              const gb_energy_figure *figures, size_t count,
                              gb_energy_figure *sum);
void gb_window_gather_after(const gb_energy_domain *domain,
                            const gb_energy_reading *readings, size_t count,
                            size_t before, double interval_s,
                            gb_energy_figure *out);

/** Set `u_j` and `u95_j` from the budget; a figure that has no energy has none.
 */
void gb_figure_conclude(gb_energy_figure *figure);

/**
 * The sum over the `summed` domains of one node in one window. Phase errors add
 * linearly among counters that are refreshed at one instant, unsampled time
 * among all, because one late sampler misses the same time of each.
 *
 * @param figures  [count], one for each of @p domains
 */
void gb_figure_sum_domains(const gb_energy_domain *domains,
                           const gb_energy_figure *figures, size_t count,
                           gb_energy_figure *sum);

/** Meters on nodes of another type have a bias of their own: make the kinds of
 *  meters in @p figure those of @p node_type. */
void gb_figure_retype(gb_energy_figure *figure, const char *node_type);

/** A figure of 0 J to start a sum from. */
gb_energy_figure gb_figure_zero(void);

/** A figure that has none. @p reason is copied. */
gb_energy_figure gb_figure_none(const char *reason);

/** Combined standard uncertainty of a budget, J. */
double gb_budget_u_j(const gb_energy_budget *budget);

/** Half the width of its 95 % interval, J, by the shape of its terms
 *  (gb_coverage_factor_95()). */
double gb_budget_u95_j(const gb_energy_budget *budget);

/** The part of u that a longer or finer measurement would remove: everything
 *  but calibration (rule 46 compares this one with the energy). */
double gb_budget_resolution_j(const gb_energy_budget *budget);

/** Set the shape of one window's terms: each is the sum of two uniform errors,
 *  one at each edge, but for unsampled time, which is one. */
void gb_budget_shape(gb_energy_budget *budget);

/** Add the bias @p u_j of a kind of meters. */
void gb_budget_calibrate(gb_energy_budget *budget, uint32_t kind, double u_j);

/** A number for a kind of meters, from a word and another such number. */
uint32_t gb_calibration_kind(uint32_t seed, const char *text);

#endif /* GB_METERING_WINDOW_H */
