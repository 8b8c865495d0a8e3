/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ASSESS_SCORE_PARTS_H
#define GB_PIPELINE_ASSESS_SCORE_PARTS_H

/**
 * @file pipeline/assess/score_parts.h
 * Private to the scores.
 */
#include "pipeline/assess/score.h"

/** Relative standard uncertainty of a mean, by where it comes from. */
typedef struct gb_mean_error {
    double varies; /* scatter of the repetitions, or what the counters resolve
                      if that is more; NAN: one repetition */
    double dof;    /* of it; INFINITY: it is what the counters resolve */
    double bias;   /* of the meters: the same in every window */
} gb_mean_error;

/** One that no repetition tells, such as that of idle power. */
gb_mean_error gb_score_figure_error(const gb_energy_figure *figure);

/**
 * Of a mean of @p values that are proportional to an energy.
 * @param values  [count], > 0
 * @param figure  the energy, summed
 */
gb_mean_error gb_score_mean_error(const double *values, size_t count,
                                  const gb_energy_figure *figure);

/** A value with the interval of Student's distribution. */
gb_score gb_score_make(double value, double u, double dof);
/** The same on a logarithmic scale. @param u_rel  relative */
gb_score gb_score_make_ratio(double value, double u_rel, double dof);
gb_score gb_score_none(void);

/** Degrees of freedom of a sum (Welch and Satterthwaite).
 *  @param quartic  sum over the terms of u^4 / dof */
double gb_score_dof(double u, double quartic);

/** "compute.fma precision=fp32" */
void gb_score_name(const gb_plan_case *planned, char *out, size_t size);

/** The text of a parameter, or of a note; "": there is none. */
const char *gb_score_param(const gb_plan_case *planned, const char *name);
const char *gb_score_note(const gb_bench_result *bench, const char *key);

/** Why the energy of a benchmark must not be used. @return false: it may be */
bool gb_score_doubt(const gb_bench_result *bench, char *out, size_t size);

/** @retval GB_ERR_NO_MEMORY */
gb_status gb_score_leave_out(gb_left_outs *outs, const char *bench,
                             const char *reason, gb_error *err);

/* --- score_index.c, score_load.c, score_roofline.c ------------------------ */

gb_status gb_score_index(const gb_assess_run *run,
                         const gb_score_reference *reference,
                         gb_weighting weighting, gb_green_index *out,
                         gb_error *err);
gb_status gb_score_load(const gb_assess_run *run, gb_load_curve *out,
                        gb_error *err);
gb_status gb_score_roofline(const gb_assess_run *run, gb_energy_roofline *out,
                            gb_error *err);

#endif /* GB_PIPELINE_ASSESS_SCORE_PARTS_H */
