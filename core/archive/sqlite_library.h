/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_SQLITE_LIBRARY_H
#define GB_ARCHIVE_SQLITE_LIBRARY_H

/**
 * @file archive/sqlite_library.h
 * What archive/history*.c use of SQLite, loaded at run time: no other command
 * pays for it. Private to them.
 */
#include <sqlite3.h>

#include "base/error.h"

#define GB_SQLITE_FUNCTIONS(X)                                                 \
    X(sqlite3_libversion_number)                                               \
    X(sqlite3_open_v2)                                                         \
    X(sqlite3_close)                                                           \
    X(sqlite3_busy_timeout)                                                    \
    X(sqlite3_errmsg)                                                          \
    X(sqlite3_exec)                                                            \
    X(sqlite3_prepare_v2)                                                      \
    X(sqlite3_finalize)                                                        \
    X(sqlite3_step)                                                            \
    X(sqlite3_reset)                                                           \
    X(sqlite3_bind_text)                                                       \
    X(sqlite3_bind_int64)                                                      \
    X(sqlite3_bind_double)                                                     \
    X(sqlite3_bind_null)                                                       \
    X(sqlite3_column_type)                                                     \
    X(sqlite3_column_text)                                                     \
    X(sqlite3_column_int64)                                                    \
    X(sqlite3_column_double)                                                   \
    X(sqlite3_last_insert_rowid)

typedef struct gb_sqlite {
#define GB_SQLITE_POINTER(name) __typeof__(name) *name;
    GB_SQLITE_FUNCTIONS(GB_SQLITE_POINTER)
#undef GB_SQLITE_POINTER
} gb_sqlite;

/** Loads it the first time. Not thread-safe.
 *  @retval GB_ERR_UNSUPPORTED  the linker's words, or too old a version */
gb_status gb_sqlite_load(const gb_sqlite **library_out, gb_error *err);

#endif /* GB_ARCHIVE_SQLITE_LIBRARY_H */
