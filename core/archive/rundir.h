/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_RUNDIR_H
#define GB_ARCHIVE_RUNDIR_H

/**
 * @file archive/rundir.h
 * One run's directory: made exclusively, grown during the run (records.jsonl
 * and samples, each line flushed), finished by rename, read back by `report`.
 *
 *   plan.json  records.jsonl  samples  summary.json  report.md  manifest.json
 *   samples.h5: the samples once more, where they are many
 *   launch-2/  records.jsonl  samples
 *
 * A launch that resumes the run adds a folder with its own two files, so that
 * nothing that was written is touched, and clocks, ticks and energy domains may
 * begin anew.
 */
#include "base/error.h"
#include "base/text.h"
#include "codec/json.h"
#include "model/plan.h"
#include "model/record.h"

typedef struct gb_rundir gb_rundir;

/** "20261123T171810Z-" + job id, or 8 random hex digits. */
void gb_rundir_make_id(const char *job_id, char *id_out, size_t size);

/**
 * Create @p output_dir if needed (parents too) and the new directory in it, and
 * write plan.json. Never reuses a directory.
 * @retval GB_ERR_IO  with the path, what is wrong and how to choose another
 */
gb_status gb_rundir_create(const char *output_dir, const char *run_id,
                           const gb_plan *plan, gb_rundir **dir_out,
                           gb_error *err);

/**
 * Open a run that exists, to add a launch to it. Nothing is changed; no other
 * process can open it until gb_rundir_close(). Where the file system has no
 * locks (flock), a run that still goes on is not noticed.
 *
 * @retval GB_ERR_NOT_FOUND  no such run
 * @retval GB_ERR_INVALID    a process writes to it
 * @retval GB_ERR_IO         it cannot be written
 */
gb_status gb_rundir_open(const char *dir_path, gb_rundir **dir_out,
                         gb_error *err);

/** Make the folder of a further launch; the sink then leads there.
 *  @param run_id      of the run's first session
 *  @param launch_out  its number: 2, 3, .. */
gb_status gb_rundir_add_launch(gb_rundir *dir, const char *run_id,
                               const gb_plan *plan, uint32_t *launch_out,
                               gb_error *err);

const char *gb_rundir_path(const gb_rundir *dir);

/** Records go through this; rows are on disk (fsync) after each `rep`,`trial`,
 *  `idle` and `end`. Thread-safe. */
gb_record_sink gb_rundir_sink(gb_rundir *dir);
/** Why a call through the sink failed. */
const gb_error *gb_rundir_sink_error(const gb_rundir *dir);

/** Let no thread write a record from now on: whoever tries waits for ever. For
 *  a process that is about to end, and says before what its records come to. */
void gb_rundir_hold(gb_rundir *dir);

void gb_rundir_close(gb_rundir *dir); /* null is allowed */

/** What @p source makes of @p what, as the file @p dir_path/@p name: by rename,
 *  with fsync. */
gb_status gb_rundir_write_by(const char *dir_path, const char *name,
                             gb_text_source source, const void *what,
                             gb_error *err);

/** The same for a text that is there. */
gb_status gb_rundir_write(const char *dir_path, const char *name,
                          const char *text, gb_error *err);

/**
 * The samples of @p log as the HDF5 file @p dir_path/@p name, by rename: one
 * compressed dataset for each node (docs/results-format.md), and a group for
 * each further launch.
 *
 * @param why  that it is written by one process, for who reads the file;
 *             nullable
 * @retval GB_ERR_UNSUPPORTED  built without HDF5, or it cannot be loaded
 * @retval GB_ERR_IO           with the step that failed
 */
gb_status gb_rundir_write_hdf5(const char *dir_path, const char *name,
                               const gb_run_log *log, const char *why,
                               gb_error *err);

/** Read a run back: plan, records and samples of all its launches. A last line
 *  that was cut short is dropped and counted; anything else damaged is an error
 *  with its line. A launch that was cut off before its session is left out.
 *  @retval GB_ERR_NOT_FOUND  no such run directory */
gb_status gb_rundir_read(const char *dir_path, gb_plan *plan_out,
                         gb_run_log *log_out, gb_error *err);

/**
 * What a run recorded of the energy of one node: the one called @p node_name,
 * or the only one there is. Of a run that was resumed, what the first launch
 * recorded: the clocks of two launches have nothing in common.
 *
 * @param[out] recording_out  gb_recording_fini() it; its rows have node 0
 * @retval GB_ERR_NOT_FOUND  no such run, or no such node among several
 * @retval GB_ERR_INVALID    as gb_rundir_read(); a run that never began
 */
gb_status gb_archive_recording(const char *rundir, const char *node_name,
                               gb_recording *recording_out, gb_error *err);

/** manifest.json over every file of the run, the tool and the plugins used, the
 *  meters on the nodes of @p session among them.
 *  @param catalogue  nullable; has the hash of each plugin as it was loaded */
gb_status gb_rundir_write_manifest(const char *dir_path,
                                   const gb_session *session,
                                   const char *tool_path, const gb_plan *plan,
                                   const gb_catalogue *catalogue,
                                   gb_error *err);

#endif /* GB_ARCHIVE_RUNDIR_H */
