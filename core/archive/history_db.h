/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_ARCHIVE_HISTORY_DB_H
#define GB_ARCHIVE_HISTORY_DB_H

/**
 * @file archive/history_db.h
 * Statements of the history's file. Private to archive/history*.c.
 */
#include "archive/history.h"
#include "archive/sqlite_library.h"

struct gb_history_db {
    const gb_sqlite *sql;
    sqlite3 *handle;
    char *path; /* for messages */
};

/** A prepared statement. The first failure is kept in `status`; later calls do
 *  nothing. */
typedef struct gb_query {
    gb_history_db *db;
    sqlite3_stmt *stmt;
    gb_status status;
    gb_error *err;
    int bound; /* parameters so far */
} gb_query;

/** What SQLite says of its last call, with the file's name. */
gb_status gb_history_fail(const gb_history_db *db, int code, gb_error *err);

gb_query gb_query_make(gb_history_db *db, const char *text, gb_error *err);
/** Bind the next parameter; text must live until the statement is reset. */
void gb_query_text(gb_query *query, const char *text);
void gb_query_whole(gb_query *query, uint64_t value);
void gb_query_real(gb_query *query, double value); /* NAN is null */
/** The next row. @return false: none, or a failure */
bool gb_query_next(gb_query *query);
/** Run a statement that gives no row, and make it ready for other values. */
gb_status gb_query_run(gb_query *query);
/** Ready for other values. */
void gb_query_reset(gb_query *query);
/** @return the status of all that was asked */
gb_status gb_query_fini(gb_query *query);

/** malloc'ed; sets `status` without memory. Null is "". */
char *gb_query_dup(gb_query *query, int column);
uint64_t gb_query_u64(const gb_query *query, int column);
int64_t gb_query_id(const gb_query *query, int column); /* of a row: any */
double gb_query_f64(const gb_query *query, int column); /* null is NAN */

/** Statements without parameters or rows. */
gb_status gb_history_exec(gb_history_db *db, const char *text, gb_error *err);

#endif /* GB_ARCHIVE_HISTORY_DB_H */
