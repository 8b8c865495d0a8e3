/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_LIVE_RUN_H
#define GB_CLI_LIVE_RUN_H

/**
 * @file cli/live_run.h
 * A run on this rank, from the command line to its end: what `run` works on,
 * and what may have to end it from another thread. Private to
 * cli/run_command.c and cli/live_run_*.c.
 */
#include <stdatomic.h>

#include "archive/rundir.h"
#include "cli/args.h"
#include "cli/console.h"
#include "cli/isolate.h"
#include "cli/leaders.h"
#include "cli/resume.h"
#include "cli/signals.h"
#include "cli/watchdog.h"
#include "machine/comm/comm.h"
#include "machine/plugin/meter.h"
#include "model/config.h"

typedef struct gb_live_run {
    const gb_args *args;
    gb_comm *comm;
    gb_sysroot *root;
    gb_signals *signals;
    gb_watchdog *watchdog;
    gb_isolation *lost;  /* --isolate: what is left out */
    gb_isolation *child; /* the same where this is the child; else null */
    gb_isolated_watch noting;
    atomic_bool recorded;   /* there is a session record: rank 0 */
    atomic_bool concluding; /* all is measured */
    uint64_t ready_ns;
    gb_console console;
    gb_log log;
    gb_plugin_set *plugins;
    gb_catalogue catalogue;
    gb_meter_shelf meter_shelf; /* of both */
    gb_meter_reader meters;
    gb_plan plan;
    gb_resume resume;
    /* rank 0 */
    gb_config config;
    gb_session session;
    gb_rundir *dir;
    gb_record_sink sink;
    gb_warning *warnings; /* from before there was a directory */
    size_t warning_count;
} gb_live_run;

/** For gb_console.warned: what the user was told goes into the records as well;
 *  before the session record exists it is kept. @param ctx  gb_live_run */
void gb_live_run_warned(void *ctx, const char *code, const char *what,
                        const char *hint);

/** Rank 0: the directory, the session and what was said so far. */
gb_status gb_live_run_begin_records(gb_live_run *run, gb_error *err);

/** The sink knows why a record could not be written; the agreed status does
 *  not: put the reason into @p err. */
void gb_live_run_explain(const gb_live_run *run, gb_error *err);

/** Records on disk -> summary, report and table. Also on the signal thread.
 *  @param write    false: they are there
 *  @param leaders  who helps to write them; null: nobody, as on that thread
 *  @return the exit code */
int gb_live_run_conclude(gb_live_run *run, bool write, gb_leaders *leaders);

/** For gb_signals_start(): conclude, if there is anything. @param ctx
 *  gb_live_run */
void gb_live_run_rescue(void *ctx);

/** Watch its steps: one that hangs is recorded as failed, and ends the run. */
gb_status gb_live_run_watch(gb_live_run *run, gb_error *err);

#endif /* GB_CLI_LIVE_RUN_H */
