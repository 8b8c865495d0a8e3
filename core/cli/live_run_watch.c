/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of a run that hang. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/live_run.h"

#define OTHER_RANKS_PATIENCE_S 10.0

/* One rank of each node speaks: a thousand would say the same. */
static void say_timed_out(gb_live_run *run, const char *id, const char *what,
                          const char *hint) {
    const char *label = id != NULL ? id : "the run";
    const gb_comm *comm = run->comm; /* null until MPI has started */
    if (gb_comm_rank_from_environment() == 0) {
        gb_console_clear(&run->console);
        fprintf(stderr, "greenbench: %s: %s\n  hint: %s\n", label, what, hint);
    } else if (comm != NULL && comm->node_rank == 0) {
        fprintf(stderr, "greenbench: rank %d: %s: %s\n", comm->rank, label,
                what);
    }
}

/* What hangs is recorded as failed, and the rest is left for another day.
 * Records are written under the sink's own lock. */
static void timed_out(void *ctx, uint32_t case_index, const char *what) {
    static const char hint[] =
        "--trial-timeout gives it longer; a rank that hangs or died makes the "
        "others wait";
    gb_live_run *run = ctx;
    const bool of_case = case_index < run->plan.case_count;

    if (of_case && gb_isolate_late(run->child, what))
        _exit(GB_EXIT_INTERNAL); /* the parent goes on without it */
    gb_isolate_ended(run->child);
    say_timed_out(run, of_case ? run->plan.cases[case_index].id : NULL, what,
                  hint);
    if (atomic_load(&run->concluding))
        _exit(GB_EXIT_INTERNAL);
    if (atomic_load(&run->recorded) && of_case) {
        gb_trial_record record = {
            .case_index = case_index, .status = GB_ERR_TIMEOUT, .rank = -1};
        gb_copy(record.what, sizeof(record.what), what);
        gb_copy(record.hint, sizeof(record.hint), hint);
        (void)run->sink.trial(run->sink.ctx, &record);
    } else if (atomic_load(&run->recorded)) {
        gb_live_run_warned(run, "run.timeout", what, hint);
    }
    gb_signals_give_up(run->signals, GB_EXIT_INTERRUPTED);
    _exit(GB_EXIT_INTERNAL);
}

/* Rank 0 reports first; then the others end themselves, if nobody did it. The
 * plan's limit is not known yet where MPI starts, but the command line is. */
gb_status gb_live_run_watch(gb_live_run *run, gb_error *err) {
    const bool first = gb_comm_rank_from_environment() == 0;
    double limit_s = 0.0;
    const gb_status status =
        gb_watchdog_start(first ? 0.0 : OTHER_RANKS_PATIENCE_S, timed_out, run,
                          &run->watchdog, err);
    /* Before it, rank 0 may try every plugin. */
    const bool brief = !gb_args_has(run->args, "isolate");
    for (size_t i = 0; brief && i < run->args->option_count; i++)
        if (strcmp(run->args->options[i].name, "trial-timeout") == 0 &&
            gb_parse_duration(run->args->options[i].value, &limit_s, NULL) ==
                GB_OK)
            gb_watchdog_learn_limit(run->watchdog, limit_s);
    gb_watchdog_step(run->watchdog, "the start of MPI");
    return status;
}
