/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_HISTORY_H
#define GB_ARCHIVE_HISTORY_H

/**
 * @file archive/history.h
 * Runs over months in one SQLite file (docs/history.md has its tables).
 *
 * Every change is one transaction, and a writer waits for another for up to ten
 * seconds: two writers at once are safe, and of a writer that is killed all or
 * nothing stays. The rollback journal rather than a write-ahead log, which does
 * not work on network file systems.
 */
#include "base/error.h"
#include "model/history.h"

typedef struct gb_history_db gb_history_db;

/**
 * Open @p path, and bring a file of an older version to this one's tables.
 *
 * @param make  make it if it is not there
 * @retval GB_ERR_NOT_FOUND    it is not there
 * @retval GB_ERR_INVALID      another kind of file, or of a newer greenbench
 * @retval GB_ERR_UNSUPPORTED  there is no SQLite library
 * @retval GB_ERR_IO  another process writes to it all the time, too
 */
gb_status gb_history_open(const char *path, bool make, gb_history_db **db_out,
                          gb_error *err);
void gb_history_close(gb_history_db *db); /* null is allowed */

/**
 * Add a run, once: by its id.
 *
 * @param path    where it is, for people
 * @param system  what it ran on: only runs of one system are a series
 * @param[out] added_out  false: it was there
 * @retval GB_ERR_IO  another process writes to it all the time, too
 */
gb_status gb_history_add(gb_history_db *db, const char *path,
                         const char *system, const gb_outcome *run,
                         bool *added_out, gb_error *err);

gb_status gb_history_list(gb_history_db *db, gb_history_runs *out,
                          gb_error *err);

/** All series of benchmarks whose id matches @p pattern ("memory.*"), by
 *  benchmark, parameters and system. */
gb_status gb_history_read(gb_history_db *db, const char *pattern,
                          gb_run_history *out, gb_error *err);

/** A run whole, as a comparison takes it. @retval GB_ERR_NOT_FOUND */
gb_status gb_history_load(gb_history_db *db, const char *run_id,
                          gb_outcome *out, gb_error *err);

/**
 * What a new run is held against: the last @p most good runs (complete, nothing
 * failed) of @p system and of as many ranks and nodes that began before it.
 *
 * @param[out] out  the latest first; gb_history_runs_fini() it
 */
gb_status gb_history_references(gb_history_db *db, const gb_session *next,
                                const char *system, size_t most,
                                gb_history_runs *out, gb_error *err);

#endif /* GB_ARCHIVE_HISTORY_H */
