/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench history add, list, trend. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/history_flags.h"
#include "cli/outcome.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"
#include "pipeline/trend/trend.h"

/* Of series without a change at most so many are given one. */
#define ALPHA 0.01

static int fail(const gb_error *err) {
    gb_console_error(err);
    return gb_console_exit_code(err->status);
}

/* --- add ------------------------------------------------------------------ */

static gb_status add_one(const gb_args *args, gb_history_db *db,
                         const char *path, bool *added_out, gb_error *err) {
    gb_outcome run;
    char room[160], *whole = realpath(path, NULL);
    gb_status status = gb_outcome_read(path, &run, err);

    if (status == GB_OK) {
        const char *system =
            gb_history_system_named(args, &run.log.session, room, sizeof(room));
        status = gb_history_add(db, whole != NULL ? whole : path, system, &run,
                                added_out, err);
        gb_outcome_fini(&run);
    }
    free(whole);
    return status;
}

/* What was added before a failure stays: each run is a transaction. */
static int add_all(const gb_args *args, gb_history_db *db, gb_error *err) {
    size_t added = 0, there = 0;
    gb_status status = GB_OK;
    gb_str out = {0};

    for (size_t i = 0; status == GB_OK && i < args->positional_count; i++) {
        bool is_new = false;
        status = add_one(args, db, args->positionals[i], &is_new, err);
        added += status == GB_OK && is_new;
        there += status == GB_OK && !is_new;
    }
    gb_str_addf(&out, "%s: %zu run%s added", gb_history_file(args), added,
                added == 1 ? "" : "s");
    if (there > 0)
        gb_str_addf(&out, ", %zu already there", there);
    gb_str_add(&out, "\n");
    const int code = gb_console_print(&out);
    return status == GB_OK ? code : fail(err);
}

static int run_add(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_error err = {.rank = -1};
    gb_history_db *db = NULL;

    if (args->positional_count == 0) {
        gb_fail(&err, GB_ERR_INVALID,
                "for example greenbench history add results/*",
                "greenbench history add: expected run directories, got "
                "nothing");
        return fail(&err);
    }
    if (gb_history_open(gb_history_file(args), true, &db, &err) != GB_OK)
        return fail(&err);
    const int code = add_all(args, db, &err);
    gb_history_close(db);
    return code;
}

static const gb_flag add_flags[] = {
    GB_HISTORY_FLAG_DB,
    GB_HISTORY_FLAG_SYSTEM,
};

const gb_command gb_command_history_add = {
    .name = "history add",
    .usage = "RUNDIR... [--db FILE] [--system NAME]",
    .summary = "stored runs into the history, each once",
    .details = "A run that is there already, by its id, is left as it is. The "
               "history keeps what\ntrends and comparisons need: the run's "
               "directory may go.\n",
    .flags = add_flags,
    .flag_count = sizeof(add_flags) / sizeof(add_flags[0]),
    .positional_max = 100000,
    .run = run_add,
};

/* --- list ----------------------------------------------------------------- */

static int run_list(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_error err = {.rank = -1};
    gb_history_db *db = NULL;
    gb_history_runs runs = {0};
    gb_status status = gb_history_open(gb_history_file(args), false, &db, &err);

    if (status == GB_OK)
        status = gb_history_list(db, &runs, &err);
    gb_history_close(db);
    if (status != GB_OK)
        return fail(&err);
    int code;
    if (gb_args_has(args, "json")) {
        code = gb_console_print_owned(gb_json_history_runs(&runs));
    } else {
        const gb_report_style style = gb_console_style();
        gb_str out = {0};
        gb_report_history_runs(&runs, &style, &out);
        code = gb_console_print(&out);
    }
    gb_history_runs_fini(&runs);
    return code;
}

static const gb_flag list_flags[] = {
    GB_HISTORY_FLAG_DB,
    {"json", 0, NULL, "JSON instead of the table"},
};

const gb_command gb_command_history_list = {
    .name = "history list",
    .usage = "[--db FILE] [--json]",
    .summary = "the runs of the history",
    .flags = list_flags,
    .flag_count = sizeof(list_flags) / sizeof(list_flags[0]),
    .run = run_list,
};

/* --- trend ---------------------------------------------------------------- */

static gb_status read_metrics(const gb_args *args, uint32_t *out,
                              gb_error *err) {
    const char *text = gb_args_get(args, "metric");
    gb_trend_metric metric;

    *out = 0;
    if (text == NULL) {
        *out = GB_TREND_BIT(GB_TREND_PERFORMANCE) |
               GB_TREND_BIT(GB_TREND_EFFICIENCY);
        return GB_OK;
    }
    for (bool more = true; more;) {
        char word[32];
        const size_t length = strcspn(text, ",");
        snprintf(word, sizeof(word), "%.*s", (int)length, text);
        if (!gb_trend_metric_from_name(word, &metric))
            return gb_fail(err, GB_ERR_INVALID,
                           "time and energy of the same work are 1 by "
                           "performance and 1 by efficiency",
                           "--metric: expected performance, power or "
                           "efficiency, got '%s'",
                           word);
        *out |= GB_TREND_BIT(metric);
        more = text[length] == ',';
        text += length + more;
    }
    return GB_OK;
}

static gb_status give_json(const void *trends, const gb_text_sink *sink,
                           gb_error *err) {
    return gb_json_trends(trends, sink, err);
}

static int show_trends(const gb_args *args, const gb_trends *trends) {
    const gb_report_style style = gb_console_style();
    gb_str out = {0};

    if (gb_args_has(args, "json"))
        return gb_console_print_by(give_json, trends);
    gb_report_trends(trends, &style, &out);
    return gb_console_print(&out);
}

static int run_trend(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    const char *pattern =
        args->positional_count > 0 ? args->positionals[0] : "*";
    gb_error err = {.rank = -1};
    gb_history_db *db = NULL;
    gb_run_history history = {0};
    gb_trends trends = {0};
    uint32_t metrics = 0;
    gb_status status = read_metrics(args, &metrics, &err);

    if (status == GB_OK)
        status = gb_history_open(gb_history_file(args), false, &db, &err);
    if (status == GB_OK)
        status = gb_history_read(db, pattern, &history, &err);
    gb_history_close(db);
    if (status == GB_OK && history.series_count == 0 &&
        args->positional_count > 0)
        status = gb_fail(
            &err, GB_ERR_NOT_FOUND, "'greenbench history trend' shows all",
            "expected a benchmark of the history, got '%s'", pattern);
    if (status == GB_OK)
        status = gb_trend_find(&history, metrics, ALPHA, &trends, &err);
    const int code = status == GB_OK ? show_trends(args, &trends) : fail(&err);
    gb_trends_fini(&trends);
    gb_run_history_fini(&history);
    return code;
}

static const gb_flag trend_flags[] = {
    {"metric", 0, "M[,M]",
     "performance, power, efficiency; default performance,efficiency"},
    GB_HISTORY_FLAG_DB,
    {"json", 0, NULL, "JSON with every point instead of the table"},
};

const gb_command gb_command_history_trend = {
    .name = "history trend",
    .usage = "[BENCHMARK] [options]",
    .summary = "each benchmark run after run, and where it changed",
    .details =
        "BENCHMARK may be a pattern such as 'memory.*'. A benchmark with its "
        "parameters\non one system and on as many ranks and nodes is a series; "
        "docs/history.md has\nthe rule by which a change is told.\n",
    .flags = trend_flags,
    .flag_count = sizeof(trend_flags) / sizeof(trend_flags[0]),
    .positional_max = 1,
    .run = run_trend,
};
