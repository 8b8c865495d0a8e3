/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench run: configuration -> plan -> run -> result, on all ranks. Rank 0
 * reads, decides, writes and prints; the others follow its plan. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/rundir.h"
#include "cli/commands.h"
#include "cli/isolate.h"
#include "cli/live_run.h"
#include "cli/load.h"
#include "cli/program.h"
#include "cli/rehearse.h"
#include "cli/run_flags.h"
#include "cli/share.h"
#include "cli/wishes.h"
#include "machine/comm/comm.h"
#include "machine/energy/set.h"
#include "machine/platform/platform.h"
#include "machine/plugin/meter.h"
#include "pipeline/report/report.h"
#include "pipeline/report/skips.h"
#include "pipeline/run/run.h"

/* No exit code yet. */
#define GO_ON (-1)

/* --- before anything is measured ------------------------------------------ */

static bool is_planned(const gb_live_run *run, const char *id) {
    for (size_t i = 0; i < run->plan.case_count; i++)
        if (strcmp(run->plan.cases[i].id, id) == 0)
            return true;
    return false;
}

static void warn_of_plugins(const gb_live_run *run) {
    for (size_t i = 0; i < run->catalogue.refusal_count; i++) {
        const gb_catalogue_refusal *refusal = &run->catalogue.refusals[i];
        gb_log_warn(&run->log, "plugin.refused", refusal->hint, "%s",
                    refusal->what);
    }
    for (size_t i = 0; i < run->catalogue.count; i++) {
        const gb_catalogue_entry *entry = &run->catalogue.entries[i];
        if (entry->insecure != NULL && is_planned(run, entry->id))
            gb_log_warn(&run->log, "plugin.insecure", entry->insecure_fix,
                        "%s: loaded though others could have changed it: %s",
                        entry->id, entry->insecure);
    }
    for (size_t i = 0; i < run->plan.case_count; i++) {
        const gb_plan_case *planned = &run->plan.cases[i];
        if (planned->given_up != NULL && planned->given_up[0] != '\0')
            gb_log_warn(&run->log, "plugin.lost",
                        "it costs this trial alone; greenbench plugin check "
                        "looks for the cause",
                        "%s is left out: %s", planned->id, planned->given_up);
    }
    gb_skip_groups skips = gb_group_skips(&run->plan, GB_SKIPS_NAMED);
    for (size_t i = 0; i < skips.count && !skips.failed; i++)
        gb_log_warn(&run->log, "plan.skipped", skips.list[i].hint,
                    "%s %s skipped: %s",
                    skips.list[i].names[GB_LANGUAGE_EN].text,
                    skips.list[i].count > 1 ? "are" : "is", skips.list[i].what);
    gb_skip_groups_fini(&skips);
}

/* One rank of each node looks for plugins; the others get what the plan needs
 * of them, and never see the folders. */
static gb_status plan_all(gb_live_run *run, gb_error *err) {
    const bool with_mpi = strcmp(run->comm->ops->name, "mpi") == 0;
    gb_status status = GB_OK;
    if (gb_args_has(run->args, "isolate"))
        status = gb_isolate_share(run->comm, &run->lost, err);
    if (status == GB_OK && run->comm->node_rank == 0)
        status = gb_load_plugins(run->args, with_mpi, run->lost, &run->plugins,
                                 &run->catalogue, err);
    if (status == GB_OK && run->comm->node_rank == 0)
        run->meter_shelf = (gb_meter_shelf){run->plugins, &run->catalogue};
    run->meters = gb_meter_reader_of(&run->meter_shelf);
    if (status == GB_OK && run->comm->rank == 0)
        status = gb_wishes_plan(run->args, &run->catalogue,
                                (uint32_t)run->comm->size, &run->resume,
                                &run->config, &run->plan, err);
    if (status == GB_OK && run->comm->rank == 0)
        status = gb_isolate_mark(run->lost, &run->plan, err);
    status = gb_comm_agree(run->comm, status, err);
    if (status == GB_OK)
        status = gb_share_plan(run->comm, &run->catalogue, &run->plan, err);
    if (status == GB_OK)
        status = gb_share_plugins(run->comm, with_mpi, &run->plan,
                                  &run->plugins, err);
    if (run->comm->node_rank != 0)
        gb_platform_drop_pages();
    return status;
}

static gb_run_env run_env(gb_live_run *run) {
    const bool first = run->comm->rank == 0;
    return (gb_run_env){
        .comm = run->comm,
        .clock = &gb_clock_system,
        .root = run->root,
        .plugins = run->plugins,
        .log = first ? &run->log : NULL,
        .sink = first ? &run->sink : NULL,
        .stop = gb_signals_flag(run->signals),
        .watch =
            gb_isolate_watch(run->child, &run->plan,
                             gb_watchdog_watch(run->watchdog), &run->noting),
        .step_limit_s = gb_watchdog_step_limit_s(run->watchdog),
        .ready_ns = run->ready_ns,
        .usable_bytes = run->resume.usable_bytes,
        .rows_kept = gb_leaders_rows_kept(run->comm),
        .meters = &run->meters,
        .energy_setting_of = gb_program_energy_setting,
        .recording_of = gb_archive_recording,
    };
}

/* Cores and threads on every node, and whether each case could run on them. */
static gb_status prepare_ranks(gb_live_run *run, gb_stage **stage_out,
                               gb_error *err) {
    const gb_run_env env = run_env(run);
    gb_status status = gb_stage_open(&env, &run->plan, stage_out, err);
    if (status != GB_OK)
        return status;
    status = gb_rehearse(&env, &run->plan, *stage_out, err);
    if (status == GB_OK && gb_wishes_resume(run->args))
        status =
            gb_resume_share_progress(run->comm, &run->resume, &run->plan, err);
    if (status == GB_OK && run->comm->rank == 0)
        warn_of_plugins(run);
    return status;
}

/* --- the run's directory and session -------------------------------------- */

/* Sources and ranks of all nodes. Of a run that is resumed they must be what
 * they were. */
static gb_status describe(gb_live_run *run, gb_stage *stage, gb_error *err) {
    const gb_run_env env = run_env(run);
    gb_session *session = &run->session;
    gb_status status = GB_OK;

    if (run->comm->rank == 0) {
        session->launch = 1;
        gb_copy(session->suite, sizeof(session->suite), run->plan.suite_name);
        session->sample_hz = run->plan.sample_hz;
        session->require_energy = run->plan.require_energy;
        status =
            gb_program_describe(run->args->argc, run->args->argv, session, err);
    }
    status = gb_comm_agree(run->comm, status, err);
    if (status == GB_OK)
        status = gb_stage_describe(&env, &run->plan, stage, session, err);
    if (status == GB_OK && run->comm->rank == 0 && gb_wishes_resume(run->args))
        status = gb_resume_check_session(&run->resume, session, err);
    return gb_comm_agree(run->comm, status, err);
}

/* Only measured energy counts as had: a simulated or modelled figure, or one of
 * a part of what a node has, does not fulfil --require-energy. Refused before
 * an hour is spent. */
static gb_status check_energy(const gb_live_run *run, const gb_stage *stage,
                              gb_error *err) {
    static const char hint[] =
        "'greenbench sensors' shows every counter and what it lacks";
    const gb_quality quality = gb_stage_quality(stage);
    if (!run->plan.require_energy ||
        (quality == GB_QUALITY_MEASURED && !gb_stage_partial(stage)))
        return GB_OK;
    if (quality != GB_QUALITY_MEASURED)
        return gb_fail(err, GB_ERR_UNSUPPORTED, hint,
                       "--require-energy: expected measured energy on every "
                       "node, got '%s'",
                       gb_quality_name(quality));
    size_t n = 0; /* rank 0 speaks, and it has the nodes */
    while (n < run->session.node_count &&
           run->session.nodes[n].cover.missing[0] == '\0')
        n++;
    return n == run->session.node_count
               ? gb_fail(err, GB_ERR_UNSUPPORTED, hint,
                         "--require-energy: a node's energy is partial")
               : gb_fail(err, GB_ERR_UNSUPPORTED, hint,
                         "--require-energy: expected the energy of all of "
                         "node '%s', got that of %s: %s",
                         run->session.nodes[n].name,
                         run->session.nodes[n].cover.holds,
                         run->session.nodes[n].cover.missing);
}

static int run_and_conclude(gb_live_run *run, gb_stage *stage, gb_error *err) {
    gb_comm *comm = run->comm;
    gb_status status = describe(run, stage, err);
    if (status == GB_OK)
        status = check_energy(run, stage, err);
    if (status == GB_OK) {
        if (comm->rank == 0)
            status = gb_live_run_begin_records(run, err);
        status = gb_comm_agree(comm, status, err);
    }
    if (status != GB_OK)
        return status == GB_ERR_UNSUPPORTED ? GB_EXIT_NO_ENERGY
                                            : gb_console_exit_code(status);
    const gb_run_env env = run_env(run);
    status = gb_run_suite(&env, &run->plan, run->resume.cases, stage, err);
    gb_signals_claim(run->signals);
    atomic_store(&run->concluding, true);
    gb_watchdog_step(run->watchdog, "the report");

    int64_t code = GB_EXIT_OK;
    gb_leaders leaders = {0};
    if ((status == GB_OK || status == GB_ERR_INTERRUPTED) &&
        gb_leaders_meet(comm, stage, &leaders) != GB_OK)
        status = gb_fail(err, GB_ERR_MPI, NULL,
                         "an MPI call failed when all was measured");
    if (comm->rank == 0)
        code = gb_live_run_conclude(run, true, &leaders);
    gb_leaders_part(&leaders);
    if (status != GB_OK && status != GB_ERR_INTERRUPTED) {
        gb_live_run_explain(run, err);
        return GB_EXIT_INTERNAL;
    }
    if (comm->ops->bcast(comm, &code, sizeof(code), 0) != GB_OK)
        return GB_EXIT_INTERNAL;
    err->status = GB_OK; /* the table has said it */
    return (int)code;
}

/* --- a run that is there already ------------------------------------------ */

/* Nothing is repeated; what a crash left out is written. */
static int conclude_again(gb_live_run *run) {
    char manifest[PATH_MAX];
    run->dir = run->resume.dir;
    run->resume.dir = NULL;
    const char *path = gb_rundir_path(run->dir);
    fprintf(stderr, "nothing to resume: '%s' is complete\n", path);
    snprintf(manifest, sizeof(manifest), "%s/manifest.json", path);
    return gb_live_run_conclude(run, access(manifest, F_OK) != 0, NULL);
}

/* Is nothing left to be run? Then @p code_out is that of the run. Collective.
 */
static gb_status end_if_complete(gb_live_run *run, bool look, int *code_out) {
    int64_t code = GO_ON;
    if (run->comm->rank == 0 && look && gb_resume_is_complete(&run->resume))
        code = conclude_again(run);
    const gb_status status =
        run->comm->ops->bcast(run->comm, &code, sizeof(code), 0);
    *code_out = (int)code;
    return status;
}

/* Before the plan is made. With no other wish a run that is complete need not
 * even be started as it was. */
static gb_status open_resumed(gb_live_run *run, int *code_out, gb_error *err) {
    gb_status status = GB_OK;
    if (run->comm->rank == 0)
        status =
            gb_resume_open(gb_args_get(run->args, "resume"), &run->resume, err);
    status = gb_comm_agree(run->comm, status, err);
    if (status == GB_OK)
        status = end_if_complete(run, !gb_wishes_given(run->args), code_out);
    if (status == GB_OK && *code_out == GO_ON)
        status = gb_resume_share_size(run->comm, &run->resume, err);
    return status;
}

static int dry_run(gb_live_run *run) {
    if (run->comm->rank != 0)
        return GB_EXIT_OK;
    gb_str out = {0};
    const gb_report_style style = gb_console_style();
    gb_report_plan(&run->plan, &style, &out);
    if (gb_wishes_resume(run->args)) {
        char there[64];
        gb_resume_say(&run->resume, there, sizeof(there));
        gb_str_addf(&out, "\n%s; the others would be run\n", there);
    }
    return gb_console_print(&out);
}

static void close_launch(gb_live_run *run) {
    gb_rundir_close(run->dir);
    gb_resume_close(&run->resume);
    gb_session_fini(&run->session);
    gb_config_fini(&run->config);
    gb_plan_fini(&run->plan);
    gb_catalogue_fini(&run->catalogue);
    gb_plugin_set_free(run->plugins);
    free(run->warnings);
}

static int run_on_ranks(gb_live_run *run) {
    const bool resumed = gb_wishes_resume(run->args);
    gb_error err = {.rank = -1};
    gb_stage *stage = NULL;
    int code = GO_ON;
    gb_watchdog_step(run->watchdog, "making the plan");
    gb_status status = resumed ? open_resumed(run, &code, &err) : GB_OK;
    if (status == GB_OK && code == GO_ON)
        status = plan_all(run, &err);
    if (status == GB_OK && code == GO_ON) {
        gb_watchdog_learn_plan(run->watchdog, &run->plan);
        status = prepare_ranks(run, &stage, &err);
    }
    if (status == GB_OK && code == GO_ON && resumed)
        status = end_if_complete(run, true, &code);
    if (status != GB_OK)
        code = gb_console_exit_code(status);
    else if (code == GO_ON && gb_args_has(run->args, "dry-run"))
        code = dry_run(run);
    else if (code == GO_ON)
        code = run_and_conclude(run, stage, &err);
    if (!gb_stage_close(stage))
        run->root = NULL; /* a read that never returned still has it */
    if (err.status != GB_OK && run->comm->rank == 0) {
        gb_console_clear(&run->console);
        gb_console_error(&err);
    }
    if (err.status == GB_ERR_MPI)
        run->comm->ops->abort(run->comm, GB_EXIT_INTERNAL);
    return code;
}

/* A plugin, or a library it uses, called exit(): without this the process would
 * end as if all had gone well. */
static gb_live_run *unfinished;

static void notice_exit(void) {
    if (unfinished == NULL)
        return;
    if (unfinished->child != NULL)
        _exit(GB_EXIT_INTERNAL); /* the parent goes on without the plugin */
    if (unfinished->comm->rank == 0)
        gb_console_clear(&unfinished->console);
    fprintf(stderr,
            "greenbench: rank %d: expected the run to go on, but "
            "something called exit()\n  hint: the benchmark that ran "
            "last did; its plugin must not\n",
            unfinished->comm->rank);
    gb_signals_give_up(unfinished->signals, GB_EXIT_INTERNAL);
}

static int run_launch(const gb_args *args, gb_isolation *lost,
                      gb_isolation *child) {
    gb_live_run run = {.args = args, .lost = lost, .child = child};
    gb_error err = {.rank = -1};
    char node_key[160];
    int argc = args->argc;
    char **argv = args->argv;
    const bool first = gb_comm_rank_from_environment() == 0;

    gb_console_init(&run.console);
    run.console.voice = gb_voice_of(args);
    run.console.warned = gb_live_run_warned;
    run.console.warned_ctx = &run;
    run.log = gb_console_log(&run.console);
    gb_status status = gb_program_sysroot(&run.root, &err);
    if (status == GB_OK)
        status = gb_signals_start(first ? gb_live_run_rescue : NULL, &run,
                                  gb_comm_was_launched(), &run.signals, &err);
    if (status == GB_OK)
        status = gb_live_run_watch(&run, &err);
    if (status == GB_OK) {
        gb_platform_node_key(run.root, node_key, sizeof(node_key));
        status = gb_comm_open(&argc, &argv, node_key, &run.comm, &err);
    }
    if (status != GB_OK) {
        if (first)
            gb_console_error(&err);
        gb_watchdog_stop(run.watchdog);
        gb_sysroot_close(run.root);
        return gb_console_exit_code(status);
    }
    run.ready_ns = gb_clock_now_ns(&gb_clock_system);
    unfinished = &run;
    atexit(notice_exit);
    const int code = run_on_ranks(&run);
    unfinished = NULL;
    gb_signals_claim(run.signals);
    atomic_store(&run.concluding, true);
    gb_watchdog_step(run.watchdog, "the end of MPI");
    close_launch(&run);
    if (run.lost != lost)
        gb_isolate_close(run.lost);
    gb_comm_close(run.comm);
    gb_watchdog_stop(run.watchdog);
    gb_sysroot_close(run.root);
    return code;
}

/* --- in a child ----------------------------------------------------------- */

static int run_as_child(const gb_args *args, gb_isolation *isolation) {
    gb_args resumed = *args;
    gb_error err = {.rank = -1};
    int code = GB_EXIT_INTERNAL;

    if (isolation->run_dir[0] == '\0')
        return run_launch(args, isolation, isolation);
    if (gb_wishes_to_resume(args, isolation->run_dir, &resumed, &err) !=
        GB_OK) {
        gb_console_error(&err);
        return code;
    }
    code = run_launch(&resumed, isolation, isolation);
    free(resumed.options);
    return code;
}

/* A process alone runs in a child of itself. A rank that dies takes the job, so
 * there plugins are tried in a child of rank 0 before there are ranks. */
static int run_isolated(const gb_args *args) {
    const bool launched = gb_comm_was_launched();
    gb_isolation *isolation = NULL;
    gb_error err = {.rank = -1};
    bool is_child = false;
    int code = GB_EXIT_INTERNAL;

    if (launched && gb_comm_rank_from_environment() != 0)
        return run_launch(args, NULL, NULL);
    if (gb_isolate_split(&isolation, &is_child, &code, &err) != GB_OK) {
        gb_console_error(&err);
        return GB_EXIT_INTERNAL;
    }
    if (is_child && launched)
        gb_rehearse_alone(args, isolation);
    if (is_child) {
        code = run_as_child(args, isolation);
        gb_isolate_ended(isolation);
    } else if (launched) {
        code =
            code == 0 ? run_launch(args, isolation, NULL) : GB_EXIT_INTERRUPTED;
    }
    gb_isolate_close(isolation);
    return code;
}

static int run_benchmarks(const gb_args *args) {
    return gb_args_has(args, "isolate") ? run_isolated(args)
                                        : run_launch(args, NULL, NULL);
}

const gb_command gb_command_run = {
    .name = "run",
    .usage = "[SUITE.yaml] [options]",
    .summary = "run benchmarks on all ranks and report performance per watt "
               "(the default command)",
    .details =
        "environment:\n"
        "  GREENBENCH_OUTPUT, GREENBENCH_REPEATS, ...  as the options, which "
        "win\n" GB_LOAD_ENVIRONMENT
        "  GREENBENCH_SYSROOT      another root for /sys, /proc and /dev; "
        "results are\n                          then 'simulated'\n",
    .flags = gb_run_flags,
    .flag_count = sizeof(gb_run_flags) / sizeof(gb_run_flags[0]),
    .positional_max = 1,
    .run = run_benchmarks,
};
