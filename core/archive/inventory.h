/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_INVENTORY_H
#define GB_ARCHIVE_INVENTORY_H

/**
 * @file archive/inventory.h
 * What lies in a run directory. Private to archive.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct gb_found_file {
    char *name;  /* "samples", "launch-2/samples" */
    mode_t mode; /* as lstat() tells it: links are not followed */
} gb_found_file;

/** Files and folders of @p dir_path and, one level deep, of its real folders,
 *  by name; folders themselves are left out. */
typedef struct gb_inventory {
    gb_found_file *files; /* [count] */
    size_t count;
} gb_inventory;

/** @retval GB_ERR_IO, GB_ERR_NO_MEMORY */
gb_status gb_inventory_take(const char *dir_path, gb_inventory *out,
                            gb_error *err);
/** Null: there is no such name. */
const gb_found_file *gb_inventory_find(const gb_inventory *inventory,
                                       const char *name);
void gb_inventory_fini(gb_inventory *inventory);

/** A part of a run that greenbench writes and reads; false for drafts and what
 *  others put there. */
bool gb_inventory_is_ours(const char *name);

#endif /* GB_ARCHIVE_INVENTORY_H */
