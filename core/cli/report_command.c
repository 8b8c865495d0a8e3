/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench report: a stored run again, from its records. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/rundir.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/deliver.h"
#include "cli/outcome.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

static int deliver_samples(const char *path, const gb_run_log *log) {
    char directory[PATH_MAX];
    gb_error err = {.rank = -1};
    const char *name = gb_split_path(path, directory, sizeof(directory));

    if (gb_rundir_write_hdf5(directory, name, log, &err) == GB_OK)
        return GB_EXIT_OK;
    gb_console_error(&err);
    return err.status == GB_ERR_UNSUPPORTED ? GB_EXIT_USAGE : GB_EXIT_INTERNAL;
}

static int show(const gb_args *args, const gb_outcome *outcome) {
    const char *markdown = gb_args_get(args, "markdown");
    const char *hdf5 = gb_args_get(args, "hdf5");
    gb_str out = {0};
    int code = hdf5 != NULL ? deliver_samples(hdf5, &outcome->log) : GB_EXIT_OK;
    if (code != GB_EXIT_OK)
        return code;
    if (markdown != NULL) {
        gb_report_markdown(&outcome->result, &out);
        code = gb_deliver_text(markdown, &out);
        if (code != GB_EXIT_OK || strcmp(markdown, "-") == 0)
            return code;
    }
    if (gb_args_has(args, "json"))
        return gb_console_print_by(gb_outcome_summary, &outcome->result);
    const gb_report_style style = gb_console_style();
    gb_report_terminal(&outcome->result, &style, &out);
    return gb_console_print(&out);
}

static int run_report(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_outcome outcome;
    gb_error err = {.rank = -1};

    if (args->positional_count != 1) {
        gb_fail(&err, GB_ERR_INVALID, "for example greenbench report results/*",
                "greenbench report: expected a run directory, got nothing");
        gb_console_error(&err);
        return GB_EXIT_USAGE;
    }
    const gb_status status =
        gb_outcome_read(args->positionals[0], &outcome, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    const int code = show(args, &outcome);
    gb_outcome_fini(&outcome);
    return code;
}

static const gb_flag flags[] = {
    {"markdown", 0, "FILE", "write the Markdown report; '-' for stdout"},
    {"hdf5", 0, "FILE", "write the samples as HDF5, for h5py and h5dump"},
    {"json", 0, NULL, "the summary as JSON instead of the table"},
};

const gb_command gb_command_report = {
    .name = "report",
    .usage = "RUNDIR [--markdown FILE] [--hdf5 FILE] [--json]",
    .summary = "the table of a stored run, computed again from its records",
    .details = "Works on a run that was cut off as well: what had finished is "
               "shown. Nothing in\nRUNDIR is changed.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_report,
};
