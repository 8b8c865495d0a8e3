/* SPDX-License-Identifier: Apache-2.0 */
/* What a run writes: its warnings, its directory, and what it comes to. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/live_run.h"
#include "cli/outcome.h"
#include "cli/wishes.h"
#include "pipeline/report/report.h"

/* --- warnings ------------------------------------------------------------- */

static void fill_warning(gb_warning *warning, const char *code,
                         const char *what, const char *hint) {
    gb_copy(warning->code, sizeof(warning->code), code);
    gb_copy(warning->what, sizeof(warning->what), what);
    gb_copy(warning->hint, sizeof(warning->hint), hint);
}

void gb_live_run_warned(void *ctx, const char *code, const char *what,
                        const char *hint) {
    gb_live_run *run = ctx;
    gb_warning warning;
    fill_warning(&warning, code, what, hint);
    if (atomic_load(&run->recorded)) {
        /* A sink that cannot write fails the next record, with its reason. */
        (void)run->sink.warning(run->sink.ctx, &warning);
        return;
    }
    gb_warning *list = realloc(run->warnings, (run->warning_count + 1) *
                                                  sizeof(*run->warnings));
    if (list == NULL)
        return;
    run->warnings = list;
    run->warnings[run->warning_count++] = warning;
}

static gb_status flush_warnings(gb_live_run *run) {
    gb_status status = GB_OK;
    for (size_t i = 0; i < run->warning_count && status == GB_OK; i++)
        status = run->sink.warning(run->sink.ctx, &run->warnings[i]);
    run->warning_count = 0;
    return status;
}

/* --- the run's directory and session -------------------------------------- */

static gb_status open_directory(gb_live_run *run, gb_error *err) {
    gb_session *session = &run->session;
    char there[64];

    if (!gb_wishes_resume(run->args))
        return gb_rundir_create(run->config.output_dir, session->run_id,
                                &run->plan, &run->dir, err);
    run->dir = run->resume.dir;
    run->resume.dir = NULL;
    gb_resume_say(&run->resume, there, sizeof(there));
    gb_log_progress(&run->log, "resuming %s: %s", gb_rundir_path(run->dir),
                    there);
    return gb_rundir_add_launch(run->dir, run->resume.log.session.run_id,
                                &run->plan, &session->launch, err);
}

void gb_live_run_explain(const gb_live_run *run, gb_error *err) {
    if (run->comm->rank == 0 && run->dir != NULL) {
        const gb_error *cause = gb_rundir_sink_error(run->dir);
        if (cause->status != GB_OK)
            *err = *cause;
    }
}

gb_status gb_live_run_begin_records(gb_live_run *run, gb_error *err) {
    gb_status status = open_directory(run, err);
    if (status != GB_OK)
        return status;
    run->sink = gb_rundir_sink(run->dir);
    status = run->sink.session(run->sink.ctx, &run->session);
    atomic_store(&run->recorded, status == GB_OK);
    if (status == GB_OK)
        gb_isolate_began(run->child, gb_rundir_path(run->dir));
    if (status == GB_OK)
        status = flush_warnings(run);
    gb_live_run_explain(run, err);
    return status;
}

/* --- after ---------------------------------------------------------------- */

int gb_live_run_conclude(gb_live_run *run, bool write, gb_leaders *leaders) {
    gb_outcome outcome;
    gb_error err = {.rank = -1};
    const char *path = gb_rundir_path(run->dir);

    gb_console_clear(&run->console);
    gb_status status = gb_outcome_read(path, &outcome, &err);
    if (status != GB_OK) {
        /* The reason why a record could not be written comes later. */
        if (gb_rundir_sink_error(run->dir)->status == GB_OK)
            gb_console_error(&err);
        return GB_EXIT_INTERNAL;
    }
    int code = gb_outcome_exit_code(&outcome);
    gb_str table = {0};
    gb_report_style style = gb_console_style();
    style.detail = run->console.voice == GB_VOICE_VERBOSE;
    gb_report_terminal(&outcome.result, &style, &table);
    const int printed = gb_console_print(&table);
    if (write)
        status =
            gb_outcome_write(path, &outcome, &run->catalogue, leaders, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        code = GB_EXIT_INTERNAL;
    } else if (run->console.voice != GB_VOICE_QUIET) {
        fprintf(stderr, "result: %s\n", path);
        if (outcome.result.status != GB_RUN_COMPLETE)
            fprintf(stderr,
                    "  hint: started again with --resume %s, it runs what is "
                    "missing\n",
                    path);
    }
    gb_outcome_fini(&outcome);
    return printed != GB_EXIT_OK ? printed : code;
}

void gb_live_run_rescue(void *ctx) {
    gb_live_run *run = ctx;
    gb_isolate_ended(run->child);
    if (!atomic_load(&run->recorded))
        return;
    /* The ranks may go on meanwhile: a record more would not be in the summary.
     */
    gb_rundir_hold(run->dir);
    (void)gb_live_run_conclude(run, true, NULL);
}
