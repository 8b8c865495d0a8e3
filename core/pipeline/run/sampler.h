/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_RUN_SAMPLER_H
#define GB_PIPELINE_RUN_SAMPLER_H

/**
 * @file pipeline/run/sampler.h
 * The one reader of a node: a thread that reads every domain at a fixed rate,
 * and marks that the caller asks for at the edges of windows. Only the node's
 * leader has one. It never calls MPI.
 */
#include "base/clock.h"
#include "base/error.h"
#include "machine/energy/set.h"
#include "model/record.h"

typedef struct gb_sampler gb_sampler;

/** A counter is read in microseconds. One that has not answered after this, s,
 *  is not waited for: the run goes on, and its windows have no figure. */
#define GB_SAMPLER_PATIENCE_S 5.0

/**
 * @param set    read by this sampler alone until it is stopped; outlives it
 * @param hz     1 .. 1000; raised where a counter could wrap between two reads
 * @param pu     OS index of the PU to run on; -1: wherever
 * @param node   goes into every row
 */
gb_status gb_sampler_start(gb_energy_set *set, const gb_clock *clock, double hz,
                           int32_t pu, uint32_t node, gb_sampler **sampler_out,
                           gb_error *err);

/**
 * Have all domains read now, as rows with `mark`; waits for it, but no longer
 * than GB_SAMPLER_PATIENCE_S, and not at all while a read that took longer has
 * not returned: the rows are failed readings then.
 *
 * @return the stamp of the first good row, or the clock's time if none is:
 *         the edge of a window (gb_node_window)
 */
uint64_t gb_sampler_mark(gb_sampler *sampler);

/** Hand over the rows so far, oldest first; the sampler starts a new list.
 *  @return malloc'ed [*count_out]; null if there are none */
gb_sample *gb_sampler_drain(gb_sampler *sampler, size_t *count_out);

/** True once rows had to be dropped because memory ran out. */
bool gb_sampler_lost_rows(gb_sampler *sampler);

/**
 * End the threads (at most one read away) and free it. Null is allowed.
 *
 * @param cost_out  nullable
 * @return false: a read has not returned. Its thread still has the set and all
 *         that the set was opened with: they must not be closed
 */
bool gb_sampler_stop(gb_sampler *sampler, gb_sampler_cost *cost_out);

#endif /* GB_PIPELINE_RUN_SAMPLER_H */
