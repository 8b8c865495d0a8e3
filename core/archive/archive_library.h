/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_ARCHIVE_LIBRARY_H
#define GB_ARCHIVE_ARCHIVE_LIBRARY_H

/**
 * @file archive/archive_library.h
 * What archive/bundle_*.c use of libarchive, loaded at run time: no other
 * command pays for it. Private to them.
 */
#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"

#define GB_ARCHIVE_FUNCTIONS(X)                                                \
    X(archive_version_number)                                                  \
    X(archive_error_string)                                                    \
    X(archive_write_new)                                                       \
    X(archive_write_set_format_pax_restricted)                                 \
    X(archive_write_set_format_option)                                         \
    X(archive_write_add_filter_zstd)                                           \
    X(archive_write_set_filter_option)                                         \
    X(archive_write_set_bytes_in_last_block)                                   \
    X(archive_write_open)                                                      \
    X(archive_write_header)                                                    \
    X(archive_write_data)                                                      \
    X(archive_write_close)                                                     \
    X(archive_write_free)                                                      \
    X(archive_entry_new)                                                       \
    X(archive_entry_free)                                                      \
    X(archive_entry_set_pathname)                                              \
    X(archive_entry_set_size)                                                  \
    X(archive_entry_set_filetype)                                              \
    X(archive_entry_set_perm)                                                  \
    X(archive_entry_set_mtime)                                                 \
    X(archive_read_new)                                                        \
    X(archive_read_support_format_tar)                                         \
    X(archive_read_support_filter_zstd)                                        \
    X(archive_read_open)                                                       \
    X(archive_read_next_header)                                                \
    X(archive_read_data)                                                       \
    X(archive_read_free)                                                       \
    X(archive_entry_pathname)                                                  \
    X(archive_entry_size)                                                      \
    X(archive_entry_filetype)                                                  \
    X(archive_entry_hardlink)                                                  \
    X(archive_entry_sparse_count)

typedef struct gb_archive_library {
#define GB_ARCHIVE_POINTER(name) __typeof__(name) *name;
    GB_ARCHIVE_FUNCTIONS(GB_ARCHIVE_POINTER)
#undef GB_ARCHIVE_POINTER
} gb_archive_library;

/** Loads it the first time. Not thread-safe.
 *  @retval GB_ERR_UNSUPPORTED  the linker's words, or too old a version */
gb_status gb_archive_load(const gb_archive_library **library_out,
                          gb_error *err);

/** After a call that needs zstd: libarchive without it would start a program of
 *  that name. */
gb_status gb_archive_refuse_program(gb_error *err);

#endif /* GB_ARCHIVE_ARCHIVE_LIBRARY_H */
