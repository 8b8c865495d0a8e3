/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REDUCE_PHASE_H
#define GB_PIPELINE_REDUCE_PHASE_H

/**
 * @file pipeline/reduce/phase.h
 * One repetition as a power methodology sees it: its timed call is the core
 * phase, and the full run is all the time for which it had the machine, from
 * the end of the window before it to the begin of the one after: making the
 * problem, solving and checking it. Pure.
 */
#include "base/error.h"
#include "model/result.h"

typedef struct gb_phase {
    const gb_session *session; /* borrowed: of its launch */
    gb_energy_figure core, full;
    double *node_w; /* [node_count]: power in the core phase; NAN */
    size_t node_count;
    size_t readings;       /* wholly inside the core phase, the fewest of any
                              summed counter of a node with power; 0: none */
    double interval_s;     /* longest between two of them; NAN: none */
    double uncovered_s[2]; /* at its ends; NAN: none */
} gb_phase;

/**
 * @retval GB_ERR_NOT_FOUND  there is no such repetition in @p log
 * @retval GB_ERR_INVALID    a row of the samples contradicts the session
 */
gb_status gb_reduce_phase(const gb_run_log *log, uint32_t case_index,
                          uint32_t repetition, gb_phase *out, gb_error *err);
void gb_phase_fini(gb_phase *phase);

/**
 * How many readings stand for time that lies wholly inside a window. Each
 * stands for the @p each_ns before it; what cannot be a new value (it comes
 * sooner after the last one than that) is none.
 *
 * @param readings  [count], by time
 */
size_t gb_phase_whole_readings(const gb_energy_reading *readings, size_t count,
                               uint64_t each_ns, const gb_node_window *window);

#endif /* GB_PIPELINE_REDUCE_PHASE_H */
