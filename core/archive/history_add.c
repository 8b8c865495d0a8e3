/* SPDX-License-Identifier: Apache-2.0 */
/* A run into the history. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "archive/history_db.h"
#include "codec/json.h"
#include "model/coverage.h"

/** The run under way, and its statements. */
typedef struct adding {
    gb_history_db *db;
    const gb_outcome *run;
    const char *path, *system;
    uint64_t id; /* of its row */
    gb_query label, label_id, series, series_id, result;
} adding;

static uint64_t last_row(const adding *all) {
    return (uint64_t)all->db->sql->sqlite3_last_insert_rowid(all->db->handle);
}

/* --- the run -------------------------------------------------------------- */

static gb_status is_there(const adding *all, bool *there_out, gb_error *err) {
    gb_query query =
        gb_query_make(all->db, "SELECT 1 FROM run WHERE run_id = ?1", err);

    gb_query_text(&query, all->run->log.session.run_id);
    *there_out = gb_query_next(&query);
    return gb_query_fini(&query);
}

static gb_status add_run(adding *all, gb_error *err) {
    const gb_result *result = &all->run->result;
    const gb_session *session = &all->run->log.session;
    size_t failed = 0;
    gb_query query = gb_query_make(
        all->db,
        "INSERT INTO run (run_id, path, started_utc_ns, status, suite,"
        " tool_version, system, ranks, nodes, benchmarks, failed)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        err);

    for (size_t i = 0; i < result->bench_count; i++)
        failed += !result->benches[i].valid;
    gb_query_text(&query, session->run_id);
    gb_query_text(&query, all->path);
    gb_query_whole(&query, session->started_utc_ns);
    gb_query_whole(&query, (uint64_t)result->status);
    gb_query_text(&query, session->suite);
    gb_query_text(&query, session->tool_version);
    gb_query_text(&query, all->system);
    gb_query_whole(&query, session->ranks);
    gb_query_whole(&query, session->node_count);
    gb_query_whole(&query, result->bench_count);
    gb_query_whole(&query, failed);
    gb_query_run(&query);
    all->id = last_row(all);
    return gb_query_fini(&query);
}

/* What a later comparison takes: the run's directory may be gone by then. */
static gb_status add_snapshot(const adding *all, gb_error *err) {
    const gb_outcome *run = all->run;
    char *plan = gb_json_plan(&run->plan);
    char *session = gb_json_session(&run->log.session);
    char *figures = gb_json_figures(&run->reduced, &run->result);
    gb_status status = GB_OK;

    if (plan == NULL || session == NULL || figures == NULL) {
        status = gb_fail_memory(err, "the history");
    } else {
        gb_query query =
            gb_query_make(all->db,
                          "INSERT INTO snapshot (run, plan, session, figures)"
                          " VALUES (?1, ?2, ?3, ?4)",
                          err);
        gb_query_whole(&query, all->id);
        gb_query_text(&query, plan);
        gb_query_text(&query, session);
        gb_query_text(&query, figures);
        gb_query_run(&query);
        status = gb_query_fini(&query);
    }
    free(plan);
    free(session);
    free(figures);
    return status;
}

/* --- results -------------------------------------------------------------- */

/* The id of a text that many rows share. */
static gb_status label_of(adding *all, const char *text, uint64_t *id_out) {
    gb_query_text(&all->label, text);
    gb_status status = gb_query_run(&all->label);

    if (status != GB_OK)
        return status;
    gb_query_text(&all->label_id, text);
    if (gb_query_next(&all->label_id))
        *id_out = gb_query_u64(&all->label_id, 0);
    gb_query_reset(&all->label_id);
    return all->label_id.status;
}

static void bind_series(gb_query *query, const adding *all,
                        const gb_plan_case *planned, const char *params) {
    gb_query_text(query, planned->id);
    gb_query_text(query, params);
    gb_query_text(query, all->system);
    gb_query_whole(query, all->run->log.session.ranks);
    gb_query_whole(query, all->run->log.session.node_count);
    gb_query_text(query, planned->work_unit);
}

static gb_status series_of(adding *all, const gb_plan_case *planned,
                           uint64_t *id_out, gb_error *err) {
    gb_str params = {0};

    gb_plan_add_params(planned, true, &params);
    char *text = gb_str_take(&params);
    if (text == NULL)
        return gb_fail_memory(err, "the history");
    bind_series(&all->series, all, planned, text);
    gb_status status = gb_query_run(&all->series);
    if (status == GB_OK) {
        bind_series(&all->series_id, all, planned, text);
        if (gb_query_next(&all->series_id))
            *id_out = gb_query_u64(&all->series_id, 0);
        gb_query_reset(&all->series_id);
        status = all->series_id.status;
    }
    free(text);
    return status;
}

/* "measured: 2 packages + DRAM": energy of one kind is a series of its own. */
static gb_status meters_of(adding *all, const gb_bench_result *bench,
                           const gb_coverage *coverage, uint64_t *id_out,
                           gb_error *err) {
    gb_str text = {0};

    gb_str_add(&text, "");
    if (isfinite(bench->energy.energy_j))
        gb_str_addf(&text, "%s: %s", gb_quality_name(bench->energy.quality),
                    coverage->holds.text != NULL ? coverage->holds.text : "");
    char *made = gb_str_take(&text);
    if (made == NULL)
        return gb_fail_memory(err, "the history");
    const gb_status status = label_of(all, made, id_out);
    free(made);
    return status;
}

static gb_status add_result(adding *all, size_t at, const gb_coverage *coverage,
                            gb_error *err) {
    const gb_bench_result *bench = &all->run->result.benches[at];
    const gb_plan_case *planned = &all->run->plan.cases[bench->case_index];
    const bool energy = isfinite(bench->energy.energy_j) != 0;
    uint64_t series = 0, version = 0, meters = 0;
    gb_status status = series_of(all, planned, &series, err);

    if (status == GB_OK)
        status = label_of(all, planned->version, &version);
    if (status == GB_OK)
        status = meters_of(all, bench, coverage, &meters, err);
    if (status != GB_OK)
        return status;
    gb_query *query = &all->result;
    gb_query_whole(query, series);
    gb_query_whole(query, all->run->log.session.started_utc_ns);
    gb_query_whole(query, all->id);
    gb_query_whole(query, bench->case_index);
    gb_query_whole(query, bench->valid);
    gb_query_whole(query, version);
    gb_query_whole(query, meters);
    gb_query_real(query, bench->valid ? bench->performance.value : (double)NAN);
    gb_query_real(query, bench->valid && energy ? bench->power_w : (double)NAN);
    gb_query_real(query,
                  bench->valid && energy ? bench->efficiency : (double)NAN);
    return gb_query_run(query);
}

static gb_status prepare(adding *all, gb_error *err) {
    all->label = gb_query_make(
        all->db,
        "INSERT INTO label (text) VALUES (?1) ON CONFLICT (text) DO NOTHING",
        err);
    all->label_id =
        gb_query_make(all->db, "SELECT id FROM label WHERE text = ?1", err);
    all->series = gb_query_make(
        all->db,
        "INSERT INTO series (benchmark, params, system, ranks, nodes,"
        " work_unit) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        err);
    all->series_id = gb_query_make(
        all->db,
        "SELECT id FROM series WHERE benchmark = ?1 AND params = ?2"
        " AND system = ?3 AND ranks = ?4 AND nodes = ?5 AND work_unit = ?6",
        err);
    all->result = gb_query_make(
        all->db,
        "INSERT INTO result (series, started_utc_ns, run, at, valid,"
        " plugin_version, meters, performance, power_w, efficiency)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        err);
    const gb_query *made[] = {&all->label, &all->label_id, &all->series,
                              &all->series_id, &all->result};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        if (made[i]->status != GB_OK)
            return made[i]->status;
    return GB_OK;
}

static gb_status add_results(adding *all, gb_error *err) {
    gb_coverage coverage;
    gb_status status = prepare(all, err);

    gb_coverage_collect(&all->run->log.session, &coverage);
    if (status == GB_OK && coverage.failed)
        status = gb_fail_memory(err, "the history");
    for (size_t i = 0; status == GB_OK && i < all->run->result.bench_count; i++)
        status = add_result(all, i, &coverage, err);
    gb_coverage_fini(&coverage);
    gb_query_fini(&all->label);
    gb_query_fini(&all->label_id);
    gb_query_fini(&all->series);
    gb_query_fini(&all->series_id);
    gb_query_fini(&all->result);
    return status;
}

/* --- together ------------------------------------------------------------- */

static gb_status add_all(adding *all, bool *added_out, gb_error *err) {
    bool there = false;
    gb_status status = is_there(all, &there, err);

    *added_out = status == GB_OK && !there;
    if (!*added_out)
        return status;
    status = add_run(all, err);
    if (status == GB_OK)
        status = add_snapshot(all, err);
    return status == GB_OK ? add_results(all, err) : status;
}

gb_status gb_history_add(gb_history_db *db, const char *path,
                         const char *system, const gb_outcome *run,
                         bool *added_out, gb_error *err) {
    adding all = {.db = db, .run = run, .path = path, .system = system};
    gb_status status = gb_history_exec(db, "BEGIN IMMEDIATE", err);

    if (status != GB_OK)
        return status;
    status = add_all(&all, added_out, err);
    if (status == GB_OK)
        status = gb_history_exec(db, "COMMIT", err);
    if (status != GB_OK)
        gb_history_exec(db, "ROLLBACK", NULL);
    return status;
}
