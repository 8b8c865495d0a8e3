/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_PLAN_SAME_H
#define GB_PIPELINE_PLAN_SAME_H

/**
 * @file pipeline/plan/same.h
 * May a run be resumed here? Only with the plan, the program and the machine
 * that it began with: otherwise its repetitions are not of one thing. Pure.
 */
#include "base/text.h"
#include "model/plan.h"
#include "model/record.h"

/** The first few are worded: "n2: governor: expected 'performance', got
 *  'powersave'; ...; and 3 more". Zero-initialise it. */
typedef struct gb_differences {
    gb_str text;
    size_t count;
} gb_differences;

/** What @p now asks for otherwise than @p first did: cases, their parameters
 *  and repetitions, plugins, and the settings of the run. Case by case in their
 *  order. */
void gb_plan_compare(const gb_plan *first, const gb_plan *now,
                     gb_differences *out);

/**
 * Where the program or the machine is another one: program, MPI, ranks and
 * their cores, and of each node what performance and energy depend on. A node
 * may have been rebooted; a rank must be on the node it was on.
 */
void gb_session_compare(const gb_session *first, const gb_session *now,
                        gb_differences *out);

void gb_differences_fini(gb_differences *differences);

/**
 * How far each case had come.
 *
 * A case whose instance could not be made, or whose numbers were wrong, has
 * come to its end; one that was stopped, cut off or timed out has not.
 *
 * @param log          of all launches so far; its cases are those of @p plan
 * @param[out] out     [plan->case_count]; gb_case_progress_free() it
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_plan_progress(const gb_plan *plan, const gb_run_log *log,
                           gb_case_progress **out, gb_error *err);

/** Repetitions that are there, and that are there when all is done (with a
 *  width to be reached: at least). */
void gb_plan_count(const gb_plan *plan, const gb_case_progress *cases,
                   size_t *done_out, size_t *planned_out);

#endif /* GB_PIPELINE_PLAN_SAME_H */
