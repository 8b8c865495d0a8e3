/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_VALIDATE_PARTS_H
#define GB_ARCHIVE_VALIDATE_PARTS_H

/**
 * @file archive/validate_parts.h
 * What the checks of archive/validate.h share. Private to archive.
 */
#include "archive/inventory.h"
#include "model/validation.h"

typedef struct gb_violation_kind {
    gb_check_id check;
    gb_severity severity;
    const char *code; /* "files.sha256" */
    const char *file;
} gb_violation_kind;

/** Note a violation; texts that are too long end in "...". */
void gb_violate(gb_validation *out, const gb_violation_kind *kind,
                const char *where, const char *expected, const char *found);

/** Read a text of the run.
 *  @retval GB_ERR_NOT_FOUND, GB_ERR_IO
 *  @retval GB_ERR_INVALID  it holds a null character */
gb_status gb_read_stored(const char *dir_path, const char *name,
                         char **text_out, gb_error *err);

/** Documents against their schemas. */
void gb_validate_documents(const char *dir_path, const gb_inventory *inventory,
                           gb_validation *out);
/** Numbers of the summary against each other. */
void gb_validate_identities(const char *dir_path, gb_validation *out);

#endif /* GB_ARCHIVE_VALIDATE_PARTS_H */
