/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ANALYSE_BENCH_H
#define GB_PIPELINE_ANALYSE_BENCH_H

/**
 * @file pipeline/analyse/bench.h
 * One reduced case -> one benchmark's result. Private to pipeline/analyse.
 */
#include "base/error.h"
#include "model/result.h"

/** Idle power of the allocation, as the net figures use it. */
typedef struct gb_idle_power {
    double power_w;                              /* NAN: none */
    double resolution_w, calibration_w, drift_w; /* standard uncertainties */
    char reason[200];                            /* why there is none; "" */
} gb_idle_power;

/** Of each launch of the run. */
typedef struct gb_idle_list {
    gb_idle_power *launches; /* [count] */
    size_t count;
} gb_idle_list;

gb_idle_power gb_idle_power_of(const gb_idle_figure *before,
                               const gb_idle_figure *after);

/** The part of the nodes that has energy, where not all have. @p out has its
 *  energy. */
void gb_find_partial(const gb_reduced_case *reduced, size_t node_count,
                     gb_bench_result *out);

/** On failure @p out is left as gb_result_fini() can free it.
 *  @param partial_energy  give the performance per watt of the nodes that were
 *                         metered where not all were
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_analyse_case(const gb_plan_case *planned,
                          const gb_reduced_case *reduced,
                          const gb_session *session, const gb_idle_list *idle,
                          bool partial_energy, gb_bench_result *out,
                          gb_error *err);

/** How far nodes differ, and which stand out. @p out has its times.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_find_variability(const gb_plan_case *planned,
                              const gb_reduced_case *reduced,
                              const gb_session *session, gb_bench_result *out,
                              gb_error *err);

/** Where @p values lie; NAN where there are too few.
 *  @param values  [spread->n], to be sorted */
void gb_describe_spread(double *values, gb_node_spread *spread);

/** How far pairs of nodes differ, and which are slow.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_find_slow_pairs(const gb_reduced_case *reduced,
                             gb_pair_variability *out, gb_error *err);

/** Mark the repetitions that something else disturbed. @p out has its
 *  performance. @retval GB_ERR_NO_MEMORY */
gb_status gb_find_disturbed(const gb_reduced_case *reduced, double sample_hz,
                            gb_bench_result *out, gb_error *err);

/** How far power drifted from the first third of the repetitions to the last.
 *  @p out has its times and its energy. */
void gb_find_drift(const gb_reduced_case *reduced, gb_bench_result *out);

/** Power over load, from the cases of `load` and `idle`.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_find_proportionality(const gb_idle_power *windows,
                                  gb_result *result, gb_error *err);

/** Each benchmark of @p result below the peaks that the others measured. */
void gb_find_rooflines(gb_result *result);

#endif /* GB_PIPELINE_ANALYSE_BENCH_H */
