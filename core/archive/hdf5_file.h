/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_HDF5_FILE_H
#define GB_ARCHIVE_HDF5_FILE_H

/**
 * @file archive/hdf5_file.h
 * A file of samples as one process makes it, for those that write its rows
 * together as well. Private to hdf5*.c.
 */
#include <stdbool.h>

#include "archive/hdf5_library.h"
#include "model/record.h"

/** domain, time_ns, half_ns, ticks, ok, mark, stamp_ns */
enum { GB_HDF5_COLUMNS = 7 };

/** How a file comes to be. */
typedef struct gb_hdf5_way {
    const char *written_by; /* an attribute of the file */
    const char *why;        /* the same; nullable */
    bool rows_later;        /* those of the last launch are put in afterwards:
                               its datasets have their shape and no rows */
} gb_hdf5_way;

/** The whole file of @p log, new, at @p path.
 *  @retval GB_ERR_IO  with the step that failed */
gb_status gb_hdf5_make(const gb_hdf5 *h5, const char *path,
                       const gb_run_log *log, const gb_hdf5_way *way,
                       gb_error *err);

/** Give the draft its name if @p status, that of writing it, is GB_OK; else
 *  remove it and return that. */
gb_status gb_hdf5_publish(gb_status status, const char *draft,
                          const char *dir_path, const char *name,
                          gb_error *err);

/** What @p sample is in the file. */
void gb_hdf5_fill_row(const gb_sample *sample, uint64_t row[GB_HDF5_COLUMNS]);

/** Name of a node's dataset in a launch: "/launch-2/nodes/00042". */
void gb_hdf5_node_path(uint32_t launch, size_t node, char *out, size_t size);

#endif /* GB_ARCHIVE_HDF5_FILE_H */
