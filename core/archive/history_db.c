/* SPDX-License-Identifier: Apache-2.0 */
/* The history's file: opening, tables and their versions, statements. */
#include "archive/history_db.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* How long a writer waits for another. */
#define WAIT_MS 10000

/* --- statements ----------------------------------------------------------- */

gb_status gb_history_fail(const gb_history_db *db, int code, gb_error *err) {
    const char *said = db->sql->sqlite3_errmsg(db->handle);

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return gb_fail(err, GB_ERR_IO,
                       "try again; does a process that writes to it hang?",
                       "expected to write '%s' within %d s, got: %s", db->path,
                       WAIT_MS / 1000, said);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return gb_fail(err, GB_ERR_INVALID,
                       "--db names the file of the history",
                       "'%s': expected a history, got: %s", db->path, said);
    case SQLITE_NOMEM:
        return gb_fail_memory(err, "the history");
    default:
        return gb_fail(err, GB_ERR_IO,
                       "is there space, and may this user write there?",
                       "cannot use '%s': %s", db->path, said);
    }
}

gb_query gb_query_make(gb_history_db *db, const char *text, gb_error *err) {
    gb_query query = {.db = db, .err = err};
    const int code =
        db->sql->sqlite3_prepare_v2(db->handle, text, -1, &query.stmt, NULL);

    if (code != SQLITE_OK)
        query.status = gb_history_fail(db, code, err);
    return query;
}

static void check(gb_query *query, int code) {
    if (code != SQLITE_OK)
        query->status = gb_history_fail(query->db, code, query->err);
}

void gb_query_text(gb_query *query, const char *text) {
    query->bound++;
    if (query->status == GB_OK)
        check(query, query->db->sql->sqlite3_bind_text(
                         query->stmt, query->bound, text, -1, NULL));
}

void gb_query_whole(gb_query *query, uint64_t value) {
    query->bound++;
    if (query->status == GB_OK)
        check(query, query->db->sql->sqlite3_bind_int64(
                         query->stmt, query->bound, (sqlite3_int64)value));
}

void gb_query_real(gb_query *query, double value) {
    query->bound++;
    if (query->status != GB_OK)
        return;
    check(query,
          isfinite(value)
              ? query->db->sql->sqlite3_bind_double(query->stmt, query->bound,
                                                    value)
              : query->db->sql->sqlite3_bind_null(query->stmt, query->bound));
}

bool gb_query_next(gb_query *query) {
    if (query->status != GB_OK)
        return false;
    const int code = query->db->sql->sqlite3_step(query->stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        query->status = gb_history_fail(query->db, code, query->err);
    return code == SQLITE_ROW;
}

void gb_query_reset(gb_query *query) {
    if (query->stmt != NULL)
        query->db->sql->sqlite3_reset(query->stmt);
    query->bound = 0;
}

gb_status gb_query_run(gb_query *query) {
    while (gb_query_next(query))
        continue;
    gb_query_reset(query);
    return query->status;
}

gb_status gb_query_fini(gb_query *query) {
    if (query->stmt != NULL)
        query->db->sql->sqlite3_finalize(query->stmt);
    query->stmt = NULL;
    return query->status;
}

char *gb_query_dup(gb_query *query, int column) {
    const char *text =
        (const char *)query->db->sql->sqlite3_column_text(query->stmt, column);
    char *copy = strdup(text != NULL ? text : "");

    if (copy == NULL)
        query->status = gb_fail_memory(query->err, "the history");
    return copy;
}

uint64_t gb_query_u64(const gb_query *query, int column) {
    return (uint64_t)query->db->sql->sqlite3_column_int64(query->stmt, column);
}

int64_t gb_query_id(const gb_query *query, int column) {
    return query->db->sql->sqlite3_column_int64(query->stmt, column);
}

double gb_query_f64(const gb_query *query, int column) {
    return query->db->sql->sqlite3_column_type(query->stmt, column) ==
                   SQLITE_NULL
               ? (double)NAN
               : query->db->sql->sqlite3_column_double(query->stmt, column);
}

gb_status gb_history_exec(gb_history_db *db, const char *text, gb_error *err) {
    const int code = db->sql->sqlite3_exec(db->handle, text, NULL, NULL, NULL);

    return code == SQLITE_OK ? GB_OK : gb_history_fail(db, code, err);
}

/* --- tables --------------------------------------------------------------- */

/* What makes version n + 1 of version n; never changed once released. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE run (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE,"
    " path TEXT NOT NULL, started_utc_ns INTEGER NOT NULL,"
    " status INTEGER NOT NULL, suite TEXT NOT NULL, tool_version TEXT NOT NULL,"
    " system TEXT NOT NULL, ranks INTEGER NOT NULL, nodes INTEGER NOT NULL);"
    "CREATE TABLE snapshot (run INTEGER PRIMARY KEY REFERENCES run (id),"
    " plan TEXT NOT NULL, session TEXT NOT NULL, figures TEXT NOT NULL);"
    "CREATE TABLE series (id INTEGER PRIMARY KEY, benchmark TEXT NOT NULL,"
    " params TEXT NOT NULL, system TEXT NOT NULL, ranks INTEGER NOT NULL,"
    " nodes INTEGER NOT NULL, work_unit TEXT NOT NULL,"
    " UNIQUE (benchmark, params, system, ranks, nodes, work_unit));"
    "CREATE TABLE label (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE result (series INTEGER NOT NULL REFERENCES series (id),"
    " started_utc_ns INTEGER NOT NULL, run INTEGER NOT NULL REFERENCES run (id),"
    " at INTEGER NOT NULL, valid INTEGER NOT NULL,"
    " plugin_version INTEGER NOT NULL REFERENCES label (id),"
    " meters INTEGER NOT NULL REFERENCES label (id),"
    " performance REAL, power_w REAL, efficiency REAL,"
    " PRIMARY KEY (series, started_utc_ns, run, at)) WITHOUT ROWID;",
    /* 2: how a run went is kept with it, so that a list of runs and the choice
     * of references need not read every result. */
    "ALTER TABLE run ADD COLUMN benchmarks INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;"
    "UPDATE run SET"
    " benchmarks = (SELECT count(*) FROM result WHERE run = run.id),"
    " failed = (SELECT count(*) FROM result WHERE run = run.id AND NOT valid);"
    "CREATE INDEX run_by_system ON run (system, ranks, nodes, started_utc_ns);",
};
enum { VERSION = sizeof(migrations) / sizeof(migrations[0]) };

/* "GBhi": files of others are not taken for a history. */
#define APPLICATION_ID 0x47426869

static gb_status read_pragma(gb_history_db *db, const char *text, uint64_t *out,
                             gb_error *err) {
    gb_query query = gb_query_make(db, text, err);

    if (gb_query_next(&query))
        *out = gb_query_u64(&query, 0);
    return gb_query_fini(&query);
}

static gb_status check_owner(gb_history_db *db, uint64_t version,
                             gb_error *err) {
    uint64_t owner = 0, tables = 0;
    gb_status status = read_pragma(db, "PRAGMA application_id", &owner, err);

    if (status == GB_OK)
        status =
            read_pragma(db, "SELECT count(*) FROM sqlite_master", &tables, err);
    if (status != GB_OK)
        return status;
    if (owner != APPLICATION_ID && (tables > 0 || version > 0))
        return gb_fail(err, GB_ERR_INVALID,
                       "--db names the file of the history",
                       "'%s': expected a history, got a database of another "
                       "program",
                       db->path);
    if (version > VERSION)
        return gb_fail(err, GB_ERR_INVALID,
                       "use the greenbench that wrote it, or a newer one",
                       "'%s': expected version %d or older, got %llu: a newer "
                       "greenbench wrote it",
                       db->path, (int)VERSION, (unsigned long long)version);
    return GB_OK;
}

static gb_status migrate_from(gb_history_db *db, uint64_t version,
                              gb_error *err) {
    char done[96];
    gb_status status = GB_OK;

    for (; status == GB_OK && version < VERSION; version++)
        status = gb_history_exec(db, migrations[version], err);
    snprintf(done, sizeof(done),
             "PRAGMA application_id = %d; PRAGMA user_version = %d",
             APPLICATION_ID, (int)VERSION);
    return status == GB_OK ? gb_history_exec(db, done, err) : status;
}

/* In one transaction: whose file it is would be another program's if a process
 * made the tables in between. */
static gb_status look(gb_history_db *db, uint64_t *version_out, gb_error *err) {
    gb_status status = gb_history_exec(db, "BEGIN", err);

    if (status != GB_OK)
        return status;
    status = read_pragma(db, "PRAGMA user_version", version_out, err);
    if (status == GB_OK)
        status = check_owner(db, *version_out, err);
    gb_history_exec(db, "ROLLBACK", NULL);
    return status;
}

/* The version is read again within the transaction: another process may have
 * been faster. */
static gb_status migrate(gb_history_db *db, gb_error *err) {
    uint64_t version = 0;
    gb_status status = look(db, &version, err);

    if (status != GB_OK || version == VERSION)
        return status;
    status = gb_history_exec(db, "BEGIN IMMEDIATE", err);
    if (status != GB_OK)
        return status;
    status = read_pragma(db, "PRAGMA user_version", &version, err);
    if (status == GB_OK)
        status = migrate_from(db, version, err);
    if (status == GB_OK)
        return gb_history_exec(db, "COMMIT", err);
    gb_history_exec(db, "ROLLBACK", NULL);
    return status;
}

/* --- open and close ------------------------------------------------------- */

gb_status gb_history_open(const char *path, bool make, gb_history_db **db_out,
                          gb_error *err) {
    const gb_sqlite *sql = NULL;
    gb_status status = gb_sqlite_load(&sql, err);

    if (status != GB_OK)
        return status;
    if (!make && access(path, F_OK) != 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND,
                          "'greenbench history add RUNDIR' makes it",
                          "expected a history, cannot open '%s'", path);
    gb_history_db *db = calloc(1, sizeof(*db));
    if (db != NULL)
        *db = (gb_history_db){.sql = sql, .path = strdup(path)};
    if (db == NULL || db->path == NULL) {
        gb_history_close(db);
        return gb_fail_memory(err, "the history");
    }
    const int code = sql->sqlite3_open_v2(
        path, &db->handle,
        SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0), NULL);
    if (code != SQLITE_OK) {
        status = gb_history_fail(db, code, err);
    } else {
        sql->sqlite3_busy_timeout(db->handle, WAIT_MS);
        status = migrate(db, err);
    }
    if (status == GB_OK)
        *db_out = db;
    else
        gb_history_close(db);
    return status;
}

void gb_history_close(gb_history_db *db) {
    if (db == NULL)
        return;
    if (db->handle != NULL)
        db->sql->sqlite3_close(db->handle);
    free(db->path);
    free(db);
}
