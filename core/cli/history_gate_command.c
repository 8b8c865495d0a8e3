/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench history gate: a new run against the last good ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/compare_flags.h"
#include "cli/console.h"
#include "cli/history_flags.h"
#include "cli/outcome.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/compare/gate.h"
#include "pipeline/report/report.h"

#define LAST_DEFAULT 3
#define LAST_MOST    100

/** The gate under way. */
typedef struct gating {
    const gb_args *args;
    gb_compare_options options;
    uint64_t last; /* runs to be held against */
    gb_outcome next;
    bool has_next;
    gb_history_runs found;   /* those of them */
    gb_outcome *references;  /* [count] */
    gb_comparison *compared; /* [compared_count] */
    size_t count, compared_count;
} gating;

static gb_status read_options(gating *all, gb_error *err) {
    const char *last = gb_args_get(all->args, "last");

    all->last = LAST_DEFAULT;
    if (all->args->positional_count != 1)
        return gb_fail(err, GB_ERR_INVALID,
                       "for example greenbench history gate results/new",
                       "greenbench history gate: expected a run directory, got "
                       "nothing");
    if (last != NULL && (gb_parse_u64(last, &all->last, NULL) != GB_OK ||
                         all->last < 1 || all->last > LAST_MOST))
        return gb_fail(err, GB_ERR_INVALID, NULL,
                       "--last: expected a number from 1 to %d, got '%s'",
                       LAST_MOST, last);
    return gb_compare_flags_read(all->args, &all->options, err);
}

/* --- references ----------------------------------------------------------- */

static gb_status choose(gating *all, gb_history_db *db, gb_error *err) {
    const gb_session *session = &all->next.log.session;
    char room[160];
    const char *system =
        gb_history_system_named(all->args, session, room, sizeof(room));
    const gb_status status = gb_history_references(
        db, session, system, (size_t)all->last, &all->found, err);

    if (status == GB_OK && all->found.count == 0)
        return gb_fail(err, GB_ERR_NOT_FOUND,
                       "add good runs with 'greenbench history add'; "
                       "--reference names one, --system another system",
                       "'%s': expected complete runs without a failure on %u "
                       "ranks, %zu nodes of '%s' before this one, found none",
                       gb_history_file(all->args), session->ranks,
                       session->node_count, system);
    return status;
}

static gb_status load(gating *all, gb_history_db *db, gb_error *err) {
    const char *named = gb_args_get(all->args, "reference");
    gb_status status = named == NULL ? choose(all, db, err) : GB_OK;
    const size_t count = named == NULL ? all->found.count : 1;

    if (status != GB_OK)
        return status;
    all->references = calloc(count, sizeof(*all->references));
    if (all->references == NULL)
        return gb_fail_memory(err, "the references");
    while (status == GB_OK && all->count < count) {
        status = gb_history_load(
            db, named != NULL ? named : all->found.list[all->count].run_id,
            &all->references[all->count], err);
        all->count += status == GB_OK;
    }
    return status;
}

/* --- verdict -------------------------------------------------------------- */

static gb_status compare_all(gating *all, gb_error *err) {
    gb_status status = GB_OK;

    all->compared = calloc(all->count, sizeof(*all->compared));
    if (all->compared == NULL)
        return gb_fail_memory(err, "the comparisons");
    for (size_t i = 0; status == GB_OK && i < all->count; i++) {
        const gb_outcome *base = &all->references[i], *next = &all->next;
        const gb_compare_input runs[] = {
            {base->log.session.run_id, &base->plan, &base->reduced,
             &base->result},
            {all->args->positionals[0], &next->plan, &next->reduced,
             &next->result},
        };
        status = gb_compare(runs, 2, &all->options, &all->compared[i], err);
        all->compared_count += status == GB_OK;
    }
    return status;
}

static int show(const gating *all, const gb_gate *gate) {
    const gb_report_style style = gb_console_style();
    gb_error err = {.rank = -1};
    gb_str out = {0};
    int code;

    if (gb_args_has(all->args, "json")) {
        code = gb_console_print_owned(gb_json_gate(gate));
    } else {
        gb_report_gate(gate, &style, &out);
        code = gb_console_print(&out);
    }
    if (code != GB_EXIT_OK)
        return code;
    if (gate->found_count > 0)
        return GB_EXIT_FAILED;
    if (gate->comparable > 0)
        return GB_EXIT_OK;
    gb_fail(&err, GB_ERR_INVALID,
            "'greenbench compare' of the directories shows why; --metric names "
            "what is to be compared",
            "expected runs that can be compared, got none");
    gb_console_error(&err);
    return GB_EXIT_USAGE;
}

static void fini(gating *all) {
    for (size_t i = 0; i < all->compared_count; i++)
        gb_comparison_fini(&all->compared[i]);
    for (size_t i = 0; i < all->count; i++)
        gb_outcome_fini(&all->references[i]);
    free(all->compared);
    free(all->references);
    gb_history_runs_fini(&all->found);
    if (all->has_next)
        gb_outcome_fini(&all->next);
}

static gb_status prepare(gating *all, gb_error *err) {
    gb_history_db *db = NULL;
    gb_status status = read_options(all, err);

    if (status == GB_OK)
        status = gb_outcome_read(all->args->positionals[0], &all->next, err);
    all->has_next = status == GB_OK;
    if (status == GB_OK)
        status = gb_history_open(gb_history_file(all->args), false, &db, err);
    if (status == GB_OK)
        status = load(all, db, err);
    gb_history_close(db);
    return status == GB_OK ? compare_all(all, err) : status;
}

static int run_gate(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gating all = {.args = args};
    gb_error err = {.rank = -1};
    gb_gate gate = {0};
    gb_status status = prepare(&all, &err);
    int code = GB_EXIT_OK;

    if (status == GB_OK)
        status = gb_gate_decide(all.compared, all.count, &gate, &err);
    if (status == GB_OK) {
        code = show(&all, &gate);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    gb_gate_fini(&gate);
    fini(&all);
    return code;
}

static const gb_flag flags[] = {
    {"last", 0, "K", "against the last K good runs of the system, default 3"},
    {"reference", 0, "RUN", "against this run of the history instead"},
    {"metric", 0, "M[,M]",
     "compare only performance, time, power, energy, efficiency or edp"},
    {"margin", 0, "PCT", "what differs by less is equivalent, default 2"},
    GB_HISTORY_FLAG_DB,
    GB_HISTORY_FLAG_SYSTEM,
    {"json", 0, NULL, "JSON instead of the text"},
};

const gb_command gb_command_history_gate = {
    .name = "history gate",
    .usage = "RUNDIR [options]",
    .summary = "a new run against the last good ones, for CI",
    .details =
        "Compares RUNDIR with each reference as 'greenbench compare' does. "
        "Worse is what\nis worse than in every one of them. A good run is "
        "complete and nothing in it\nfailed. RUNDIR is not added.\n\n"
        "exit codes: 0 nothing is worse; 1 something is, or fails now; 2 there "
        "is no\nreference, or none can be compared.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_gate,
};
