/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_LEADERS_H
#define GB_CLI_LEADERS_H

/**
 * @file cli/leaders.h
 * The leaders of a run's nodes when all is measured: where they can, they write
 * samples.h5 together (archive/samples_team.h).
 */
#include "archive/samples_team.h"
#include "machine/comm/comm.h"
#include "pipeline/run/run.h"

enum {
    /** From this many samples on, half a MB of text, a run has samples.h5. */
    GB_LEADERS_ROWS = 10000,
    /** And from so many of each node on, a chunk of it, its leaders write it
     *  together: with fewer, what they have to agree on takes longer. */
    GB_LEADERS_ROWS_OF_NODE = 4096,
};

typedef struct gb_leaders {
    gb_comm *comm;        /* of the leaders; null: they do not write */
    gb_samples_team team; /* with `comm` */
    char why[160];        /* not */
    bool called;          /* rank 0: the others have had their order */
} gb_leaders;

/** How many samples each leader is to keep, gb_run_env.rows_kept. */
size_t gb_leaders_rows_kept(const gb_comm *comm);

/** After the suite. Collective; gb_leaders_part() it on all ranks.
 *  @param stage  outlives it
 *  @retval GB_ERR_MPI */
gb_status gb_leaders_meet(gb_comm *comm, const gb_stage *stage,
                          gb_leaders *out);

/**
 * Rank 0: the samples of @p log as @p run_dir/samples.h5, with the others where
 * they are there, else alone.
 * @param leaders  null: rank 0 is the only one that can be asked
 * @retval GB_ERR_UNSUPPORTED  there is no HDF5, @p err says why
 */
gb_status gb_leaders_write_samples(gb_leaders *leaders, const char *run_dir,
                                   const gb_run_log *log, gb_error *err);

/** Rank 0 lets the others go; they do what it wants until then. */
void gb_leaders_part(gb_leaders *leaders);

#endif /* GB_CLI_LEADERS_H */
