/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_GRADE_H
#define GB_PIPELINE_GRADE_H

/**
 * @file pipeline/assess/grade.h
 * A power measurement against the requirements of the EE HPC WG methodology.
 * Pure. docs/grading.md has the tables and where they come from.
 */
#include "base/error.h"
#include "model/grading.h"

/** What one level asks for. NAN or 0: nothing. */
typedef struct gb_level_rules {
    double core_s;         /* shortest core phase */
    double interval_s;     /* longest time between readings */
    double interval_share; /* the same, of the core phase */
    size_t readings;       /* inside the core phase, least number */
    double internal_s;     /* longest time between the meter's own values */
    bool counter;          /* the meter integrates: energy, not power */
    bool full_run;         /* power of the full run, and idle power */
    double uncovered_s;    /* most at each end of the core phase */
    double share;          /* of the machine, and at the same time ... */
    double share_w;        /* ... so much power and ... */
    size_t share_nodes;    /* ... so many nodes */
    double instead_w;      /* so much power does instead; INFINITY: no such */
    bool whole;            /* nothing but the whole machine */
    bool interconnect;     /* measured or estimated */
    gb_part others;        /* so of all other subsystems that take part, and of
                              the interconnect; UNKNOWN: they are not asked for */
    gb_point point;        /* the lowest that will do */
    gb_conversion_loss loss; /* behind the supplies: what will do instead */
    double accuracy;         /* of one meter, or of several together */
    double accuracy_each;    /* of each of several */
} gb_level_rules;

/** @param level  1 to 3 */
const gb_level_rules *gb_level_rules_of(gb_methodology methodology,
                                        unsigned level);

void gb_grade(gb_methodology methodology, const gb_grade_facts *facts,
              gb_grades *out);

/** Meters that see identical shares of the machine err independently: the
 *  relative bound of all together. */
double gb_meters_accuracy(double each, size_t count);

/** Power of all nodes from that of some: each set's by its share, added up.
 *  NAN: a set has no metered node. */
double gb_extrapolate_w(const gb_node_set *sets, size_t count);

/** Performance per watt, of one and the same window.
 *  @param phase_s   time that the performance is of
 *  @param window_s  time that the power is of
 *  @retval GB_ERR_INVALID  the two are not the same, within 0.2 % */
gb_status gb_green_efficiency(double performance, double phase_s,
                              double power_w, double window_s,
                              double *efficiency_out, gb_error *err);

/** What was reduced of one repetition, as a grading needs it. */
typedef struct gb_graded_phase {
    const gb_session *session; /* borrowed: of its launch */
    const gb_energy_figure *core, *full;
    const double *node_w; /* [session->node_count]; NAN: not metered */
    size_t readings;
    double interval_s, uncovered_s[2];
} gb_graded_phase;

/**
 * The repetition that is graded, of benchmark @p id: the fastest valid one.
 *
 * @param[out] case_out  index into @p reduced->cases
 * @param[out] rep_out   index into its reps
 * @retval GB_ERR_NOT_FOUND  there is none
 */
gb_status gb_grade_pick(const gb_plan *plan, const gb_reduced *reduced,
                        const char *id, size_t *case_out, size_t *rep_out,
                        gb_error *err);

/** Fill in @p out for the repetition that was picked; borrows all of it.
 *  @param stated  what the run cannot tell; nullable */
void gb_grade_run(gb_methodology methodology, const gb_reduced *reduced,
                  const gb_result *result, size_t case_index, size_t rep,
                  const gb_graded_phase *phase, const gb_stated *stated,
                  gb_grading *out);

/* --- grade_stated.c: private to the grading ------------------------------- */

/** What is stated of the machine, into the facts of @p grading. */
void gb_grade_stated_facts(const gb_stated *stated, gb_grade_facts *out);

/** The entry for a counter; null: there is none. */
const gb_stated_meter *gb_grade_stated_meter(const gb_stated *stated,
                                             const gb_energy_domain *domain);

/** The power that a submission tells: measured, extrapolated to all nodes,
 *  with the loss of conversion and the stated subsystems.
 *  @param window_s  time that the nodes' power is of */
void gb_grade_submission(double window_s, gb_grading *out);

#endif /* GB_PIPELINE_GRADE_H */
