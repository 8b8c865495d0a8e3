/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_CONFIG_NAMED_FILES_H
#define GB_PIPELINE_CONFIG_NAMED_FILES_H

/**
 * @file pipeline/config/named_files.h
 * In files that claims are decided with, the key `file` names another one,
 * relative to the file that it stands in.
 */
#include <stddef.h>

#include "base/error.h"

typedef struct gb_named_files {
    char **names; /* [count], as written, each once */
    size_t count;
} gb_named_files;

/** What the YAML file @p path names, at any depth.
 *  @param[out] out  gb_named_files_fini() it, after a failure as well
 *  @retval GB_ERR_NOT_FOUND, GB_ERR_IO, GB_ERR_INVALID */
gb_status gb_named_files_read(const char *path, gb_named_files *out,
                              gb_error *err);
void gb_named_files_fini(gb_named_files *files);

#endif /* GB_PIPELINE_CONFIG_NAMED_FILES_H */
