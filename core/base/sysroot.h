/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_BASE_SYSROOT_H
#define GB_BASE_SYSROOT_H

/**
 * @file base/sysroot.h
 * Everything read below /sys, /proc and /dev goes through this handle, so that
 * GREENBENCH_SYSROOT or a test can put another machine in its place. Paths
 * passed in are absolute as on the real machine ("/sys/class/powercap").
 * Nothing here can write: files are opened O_RDONLY | O_CLOEXEC.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gb_sysroot gb_sysroot;

/**
 * @param path  nullable, "" or "/": the real machine
 * @retval GB_ERR_NOT_FOUND  no such directory
 */
gb_status gb_sysroot_open(const char *path, gb_sysroot **root_out,
                          gb_error *err);
void gb_sysroot_close(gb_sysroot *root); /* null is allowed */

/** True if this is not the real machine: results must say "simulated". */
bool gb_sysroot_simulated(const gb_sysroot *root);

/** The directory given to gb_sysroot_open(); "/" for the real machine. */
const char *gb_sysroot_path(const gb_sysroot *root);

/** For tests: called before each access with the path as on the real machine;
 *  a result other than 0 is the errno the access fails with. Null removes it.*/
typedef int (*gb_sysroot_fault)(void *ctx, const char *path);
void gb_sysroot_set_fault(gb_sysroot *root, gb_sysroot_fault fault, void *ctx);

/** What is at @p path, following links inside the root. */
typedef enum gb_path_kind {
    GB_PATH_ABSENT,
    GB_PATH_DANGLING, /* a link whose target is missing: masked by a container*/
    GB_PATH_FILE,
    GB_PATH_DIR,
} gb_path_kind;
gb_path_kind gb_sysroot_kind(const gb_sysroot *root, const char *path);

/**
 * Open for reading; the caller closes the descriptor.
 * @retval GB_ERR_NOT_FOUND, GB_ERR_PERMISSION, GB_ERR_IO  err->os_errno is set
 */
gb_status gb_sysroot_open_file(const gb_sysroot *root, const char *path,
                               int *fd_out, gb_error *err);

/**
 * Read a whole small file, null-terminated, trailing white space removed.
 * @param[out] text  [size]; untouched on failure
 * @retval GB_ERR_RANGE  the file is longer than size - 1 bytes
 */
gb_status gb_sysroot_read_text(const gb_sysroot *root, const char *path,
                               char *text, size_t size, gb_error *err);

/** Read one decimal number. Sign, junk, overflow, empty: GB_ERR_RANGE. */
gb_status gb_sysroot_read_u64(const gb_sysroot *root, const char *path,
                              uint64_t *value_out, gb_error *err);

/** As gb_sysroot_read_u64(), from offset 0 of a descriptor kept open (@p path
 *  names it in messages and for injected faults). Does not allocate. */
gb_status gb_sysroot_pread_u64(const gb_sysroot *root, int fd, const char *path,
                               uint64_t *value_out, gb_error *err);

/**
 * Whatever the file holds, from offset 0 of a descriptor, as it is and
 * null-terminated. Does not allocate.
 *
 * @param[out] text        [size]
 * @param[out] length_out  without the terminator; text may hold others
 * @retval GB_ERR_RANGE  more than size - 1 bytes
 */
gb_status gb_sysroot_pread_text(const gb_sysroot *root, int fd,
                                const char *path, char *text, size_t size,
                                size_t *length_out, gb_error *err);

/**
 * Names in a directory, sorted, without "." and "..".
 * @param[out] names_out  [*count_out]; free with gb_sysroot_free_names()
 */
gb_status gb_sysroot_list(const gb_sysroot *root, const char *path,
                          char ***names_out, size_t *count_out, gb_error *err);
void gb_sysroot_free_names(char **names, size_t count);

/** The canonical path of @p path with links resolved, as on the real machine
 *  (without the root's own directory). */
gb_status gb_sysroot_real_path(const gb_sysroot *root, const char *path,
                               char *real, size_t size, gb_error *err);

#endif /* GB_BASE_SYSROOT_H */
