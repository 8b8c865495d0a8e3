/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_FILES_H
#define GB_ARCHIVE_FILES_H

/**
 * @file archive/files.h
 * Files that are whole or not there.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Write everything, across short writes and signals.
 *  @param path  for messages */
gb_status gb_write_all(int fd, const char *path, const char *text,
                       size_t length, gb_error *err);

/** The hint for a failed write, by errno; null if there is none. */
const char *gb_space_hint(void);

/** Make a new name in @p path durable. A file system that cannot (EINVAL), or a
 *  directory that this user may write but not open, is not an error. */
gb_status gb_sync_directory(const char *path, gb_error *err);

/** Read a whole file. @param[out] text_out  malloc'ed, null-terminated
 *  @retval GB_ERR_NOT_FOUND, GB_ERR_IO
 *  @retval GB_ERR_INVALID  it is no regular file */
gb_status gb_read_file(const char *path, char **text_out, size_t *length_out,
                       gb_error *err);

/** Is there a directory, which may be that of a run?
 *  @retval GB_ERR_NOT_FOUND  no */
gb_status gb_check_directory(const char *dir_path, gb_error *err);

/** "<dir>/launch-<number>". */
void gb_launch_path(char *out, size_t size, const char *dir, uint32_t launch);

/** "<dir>/<name>" */
void gb_path_join(char *out, size_t size, const char *dir, const char *name);

/** @p digits hex digits nobody can guess, and a '\0'. */
void gb_random_hex(char *out, size_t digits);

/** "<dir>/.<name>.<random>": what becomes @p name once it is whole. */
gb_status gb_draft_path(const char *dir_path, const char *name, char *draft_out,
                        size_t size, gb_error *err);

/** Sync and close @p fd, give its file the name it is for, and sync the
 *  directory. On failure the draft is gone. */
gb_status gb_draft_publish(int fd, const char *draft, const char *dir_path,
                           const char *name, gb_error *err);

#endif /* GB_ARCHIVE_FILES_H */
