/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_SAMPLES_TEAM_H
#define GB_ARCHIVE_SAMPLES_TEAM_H

/**
 * @file archive/samples_team.h
 * samples.h5 written by all nodes' leaders together, each with the rows that it
 * took itself, through parallel HDF5 (decision 0041).
 *
 *     rank 0:     write(), or dismiss()
 *     the others: follow()
 */
#include "archive/rundir.h"
#include "base/shared_object.h"

/** Those who write, a rank for each node of the launch in the session's order,
 *  and how they reach each other. */
typedef struct gb_samples_team {
    void *ctx;
    int rank, size;
    gb_status (*bcast)(void *ctx, void *data, size_t bytes); /* from rank 0 */
    gb_status (*agree)(void *ctx, gb_status status, gb_error *err);
    /** Call @p set, H5Pset_fapl_mpio(), with what they have in common. */
    gb_status (*open_together)(void *ctx, gb_any_function *set, int64_t access);

    const gb_sample *rows; /* [row_count]: this node's, of this launch */
    size_t row_count;
} gb_samples_team;

typedef struct gb_samples_team_ops {
    /**
     * Rank 0: as gb_rundir_write_hdf5(), whose last launch is this one.
     * Collective.
     * @return agreed; on failure there is no file, and whoever likes may write
     *         it alone
     */
    gb_status (*write)(const gb_samples_team *team, const char *dir_path,
                       const char *name, const gb_run_log *log, gb_error *err);
    /** Rank 0: nothing is to be written. Collective. */
    void (*dismiss)(const gb_samples_team *team);
    /** The others: wait for what rank 0 wants. Rank 0 says what went wrong. */
    void (*follow)(const gb_samples_team *team);
} gb_samples_team_ops;

/** Null: this greenbench was built without a parallel HDF5 of its MPI. */
const gb_samples_team_ops *gb_samples_team_work(void);

#endif /* GB_ARCHIVE_SAMPLES_TEAM_H */
