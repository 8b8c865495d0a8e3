/* SPDX-License-Identifier: Apache-2.0 */
/* What the history knows. */
#include <stdlib.h>
#include <string.h>

#include "archive/history_db.h"
#include "base/text.h"
#include "codec/json.h"

/* An array that grows: @return the new one, or null (the old one stays). */
static void *grow(void *list, size_t count, size_t size) {
    if (count > 0 && (count & (count - 1)) != 0)
        return list;
    return realloc(list, (count > 0 ? 2 * count : 1) * size);
}

/* --- runs ----------------------------------------------------------------- */

#define RUN_COLUMNS                                                              \
    "SELECT run_id, path, started_utc_ns, status, suite, tool_version, system, " \
    "ranks, nodes, benchmarks, failed FROM run "

static gb_status take_runs(gb_query *query, gb_history_runs *out) {
    gb_history_runs runs = {0};

    while (gb_query_next(query)) {
        gb_history_run *longer =
            grow(runs.list, runs.count, sizeof(*runs.list));
        if (longer == NULL) {
            query->status = gb_fail_memory(query->err, "the history");
            break;
        }
        runs.list = longer;
        runs.list[runs.count++] = (gb_history_run){
            .run_id = gb_query_dup(query, 0),
            .path = gb_query_dup(query, 1),
            .started_utc_ns = gb_query_u64(query, 2),
            .status = (gb_run_status)gb_query_u64(query, 3),
            .suite = gb_query_dup(query, 4),
            .tool_version = gb_query_dup(query, 5),
            .system = gb_query_dup(query, 6),
            .ranks = (uint32_t)gb_query_u64(query, 7),
            .nodes = gb_query_u64(query, 8),
            .benchmarks = gb_query_u64(query, 9),
            .failed = gb_query_u64(query, 10),
        };
    }
    const gb_status status = gb_query_fini(query);
    if (status == GB_OK)
        *out = runs;
    else
        gb_history_runs_fini(&runs);
    return status;
}

gb_status gb_history_list(gb_history_db *db, gb_history_runs *out,
                          gb_error *err) {
    gb_query query =
        gb_query_make(db, RUN_COLUMNS "ORDER BY started_utc_ns, run_id", err);

    return take_runs(&query, out);
}

gb_status gb_history_references(gb_history_db *db, const gb_session *next,
                                const char *system, size_t most,
                                gb_history_runs *out, gb_error *err) {
    gb_query query = gb_query_make(
        db,
        RUN_COLUMNS "WHERE system = ?1 AND ranks = ?2 AND nodes = ?3"
                    " AND started_utc_ns < ?4 AND run_id <> ?5 AND status = ?6"
                    " AND failed = 0 ORDER BY started_utc_ns DESC LIMIT ?7",
        err);

    gb_query_text(&query, system);
    gb_query_whole(&query, next->ranks);
    gb_query_whole(&query, next->node_count);
    gb_query_whole(&query, next->started_utc_ns);
    gb_query_text(&query, next->run_id);
    gb_query_whole(&query, GB_RUN_COMPLETE);
    gb_query_whole(&query, most);
    return take_runs(&query, out);
}

/* --- one run whole -------------------------------------------------------- */

static gb_status decode(const char *plan, const char *session,
                        const char *figures, gb_outcome *out, gb_error *err) {
    gb_status status = gb_json_read_plan(plan, &out->plan, err);

    if (status == GB_OK)
        status = gb_json_read_record(session, &out->log, err);
    if (status == GB_OK)
        status = gb_json_read_figures(figures, out->plan.case_count,
                                      &out->reduced, &out->result, err);
    out->result.plan = &out->plan;
    out->result.session = &out->log.session;
    return status;
}

gb_status gb_history_load(gb_history_db *db, const char *run_id,
                          gb_outcome *out, gb_error *err) {
    gb_error inner = {0};
    gb_query query = gb_query_make(
        db,
        "SELECT plan, session, figures FROM snapshot JOIN run ON run.id = run"
        " WHERE run_id = ?1",
        err);
    gb_status status = GB_OK;

    *out = (gb_outcome){0};
    gb_query_text(&query, run_id);
    if (gb_query_next(&query)) {
        char *plan = gb_query_dup(&query, 0);
        char *session = gb_query_dup(&query, 1);
        char *figures = gb_query_dup(&query, 2);
        if (query.status == GB_OK)
            status = decode(plan, session, figures, out, &inner);
        free(plan);
        free(session);
        free(figures);
    } else if (query.status == GB_OK) {
        status = gb_fail(err, GB_ERR_NOT_FOUND,
                         "'greenbench history list' shows what there is",
                         "'%s': expected the run '%s', found none", db->path,
                         run_id);
    }
    if (inner.what[0] != '\0')
        gb_fail(err, status, NULL, "'%s': run %s: %s", db->path, run_id,
                inner.what);
    if (gb_query_fini(&query) != GB_OK)
        status = query.status;
    if (status != GB_OK)
        gb_outcome_fini(out);
    return status;
}

/* --- series --------------------------------------------------------------- */

/** Texts by the id of their row, ascending. */
typedef struct by_id {
    struct row {
        int64_t id;
        const char *text;
    } * rows; /* [count] */
    size_t count;
} by_id;

/** Reading under way. */
typedef struct reading {
    gb_history_db *db;
    gb_run_history made;
    by_id run_ids, versions, labels;
} reading;

/* Keep @p text (taken) in the history, and find it by @p id, which is above
 * those before. */
static bool keep(reading *all, by_id *list, int64_t id, char *text) {
    gb_run_history *made = &all->made;
    char **longer = grow(made->texts, made->text_count, sizeof(*made->texts));
    struct row *more = grow(list->rows, list->count, sizeof(*list->rows));

    if (longer != NULL)
        made->texts = longer;
    if (more != NULL)
        list->rows = more;
    if (longer == NULL || more == NULL || text == NULL) {
        free(text);
        return false;
    }
    made->texts[made->text_count++] = text;
    list->rows[list->count++] = (struct row){id, text};
    return true;
}

static int compare_rows(const void *key, const void *row) {
    const int64_t a = *(const int64_t *)key, b = ((const struct row *)row)->id;

    return a < b ? -1 : a > b;
}

/* A file may hold any ids; those that we gave have no gaps. */
static const char *text_at(const by_id *list, int64_t id) {
    const struct row *found = NULL;

    if (id > 0 && (uint64_t)id <= list->count && list->rows[id - 1].id == id)
        found = &list->rows[id - 1];
    else if (list->count > 0)
        found = bsearch(&id, list->rows, list->count, sizeof(*list->rows),
                        compare_rows);
    return found != NULL ? found->text : "";
}

static gb_status read_texts(reading *all, gb_error *err) {
    gb_query runs = gb_query_make(
        all->db, "SELECT id, run_id, tool_version FROM run ORDER BY id", err);
    gb_query labels =
        gb_query_make(all->db, "SELECT id, text FROM label ORDER BY id", err);
    bool ok = true;

    while (ok && gb_query_next(&runs)) {
        const int64_t id = gb_query_id(&runs, 0);
        ok = keep(all, &all->run_ids, id, gb_query_dup(&runs, 1)) &&
             keep(all, &all->versions, id, gb_query_dup(&runs, 2));
    }
    while (ok && gb_query_next(&labels))
        ok = keep(all, &all->labels, gb_query_id(&labels, 0),
                  gb_query_dup(&labels, 1));
    const gb_status first = gb_query_fini(&runs);
    const gb_status second = gb_query_fini(&labels);
    if (!ok)
        return gb_fail_memory(err, "the history");
    return first != GB_OK ? first : second;
}

static gb_status read_points(reading *all, gb_query *query, uint64_t id,
                             gb_history_series *series, gb_error *err) {
    gb_query_whole(query, id);
    while (gb_query_next(query)) {
        gb_history_point *longer =
            grow(series->points, series->point_count, sizeof(*series->points));
        if (longer == NULL)
            return gb_fail_memory(err, "the history");
        const int64_t run = gb_query_id(query, 1);
        series->points = longer;
        series->points[series->point_count++] = (gb_history_point){
            .run_id = text_at(&all->run_ids, run),
            .tool_version = text_at(&all->versions, run),
            .plugin_version = text_at(&all->labels, gb_query_id(query, 2)),
            .meters = text_at(&all->labels, gb_query_id(query, 3)),
            .started_utc_ns = gb_query_u64(query, 0),
            .values = {[GB_TREND_PERFORMANCE] = gb_query_f64(query, 4),
                       [GB_TREND_POWER] = gb_query_f64(query, 5),
                       [GB_TREND_EFFICIENCY] = gb_query_f64(query, 6)},
        };
    }
    gb_query_reset(query);
    return query->status;
}

static gb_status read_one(reading *all, gb_query *row, gb_query *points,
                          gb_error *err) {
    gb_run_history *made = &all->made;
    gb_history_series *longer =
        grow(made->series, made->series_count, sizeof(*made->series));

    if (longer == NULL)
        return gb_fail_memory(err, "the history");
    made->series = longer;
    gb_history_series *series = &made->series[made->series_count++];
    *series = (gb_history_series){
        .benchmark = gb_query_dup(row, 1),
        .params = gb_query_dup(row, 2),
        .system = gb_query_dup(row, 3),
        .ranks = (uint32_t)gb_query_u64(row, 4),
        .nodes = gb_query_u64(row, 5),
        .work_unit = gb_query_dup(row, 6),
    };
    return row->status == GB_OK
               ? read_points(all, points, gb_query_u64(row, 0), series, err)
               : row->status;
}

static gb_status read_series(reading *all, const char *pattern, gb_error *err) {
    gb_query rows = gb_query_make(
        all->db,
        "SELECT id, benchmark, params, system, ranks, nodes, work_unit"
        " FROM series ORDER BY benchmark, params, system, ranks, nodes",
        err);
    gb_query points = gb_query_make(
        all->db,
        "SELECT started_utc_ns, run, plugin_version, meters, performance,"
        " power_w, efficiency FROM result WHERE series = ?1"
        " ORDER BY started_utc_ns, run, at",
        err);
    gb_status status = points.status;

    while (status == GB_OK && gb_query_next(&rows)) {
        const char *id =
            (const char *)all->db->sql->sqlite3_column_text(rows.stmt, 1);
        if (id != NULL && gb_glob_match(pattern, id))
            status = read_one(all, &rows, &points, err);
    }
    const gb_status ended = gb_query_fini(&rows);
    gb_query_fini(&points);
    return status != GB_OK ? status : ended;
}

gb_status gb_history_read(gb_history_db *db, const char *pattern,
                          gb_run_history *out, gb_error *err) {
    reading all = {.db = db};
    /* One transaction: a run that is added meanwhile is in all of it or none.
     */
    gb_status status = gb_history_exec(db, "BEGIN", err);

    if (status == GB_OK) {
        status = read_texts(&all, err);
        if (status == GB_OK)
            status = read_series(&all, pattern, err);
        gb_history_exec(db, "ROLLBACK", NULL);
    }
    free(all.run_ids.rows);
    free(all.versions.rows);
    free(all.labels.rows);
    if (status == GB_OK)
        *out = all.made;
    else
        gb_run_history_fini(&all.made);
    return status;
}
