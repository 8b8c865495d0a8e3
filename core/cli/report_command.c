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
#include "cli/grade_run.h"
#include "cli/outcome.h"
#include "cli/page.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

static int deliver_samples(const char *path, const gb_run_log *log) {
    char directory[PATH_MAX];
    gb_error err = {.rank = -1};
    const char *name = gb_split_path(path, directory, sizeof(directory));

    if (gb_rundir_write_hdf5(directory, name, log, NULL, &err) == GB_OK)
        return GB_EXIT_OK;
    gb_console_error(&err);
    return err.status == GB_ERR_UNSUPPORTED ? GB_EXIT_USAGE : GB_EXIT_INTERNAL;
}

/* --- documents ------------------------------------------------------------ */

static void make_markdown(const gb_outcome *outcome, gb_str *out) {
    gb_report_markdown(&outcome->result, out);
}

static void make_csv(const gb_outcome *outcome, gb_str *out) {
    gb_report_csv(&outcome->result, &outcome->reduced, out);
}

static void make_openmetrics(const gb_outcome *outcome, gb_str *out) {
    gb_report_openmetrics(&outcome->result, out);
}

/* Takes @p text. */
static void add_made(char *text, gb_str *out) {
    if (text == NULL)
        out->failed = true;
    else
        gb_str_add(out, text);
    free(text);
}

static void make_github(const gb_outcome *outcome, gb_str *out) {
    add_made(gb_json_github(&outcome->result, true), out);
}

static void make_github_smaller(const gb_outcome *outcome, gb_str *out) {
    add_made(gb_json_github(&outcome->result, false), out);
}

static const struct {
    const char *option;
    void (*make)(const gb_outcome *outcome, gb_str *out);
} documents[] = {
    {"markdown", make_markdown},
    {"csv", make_csv},
    {"openmetrics", make_openmetrics},
    {"github", make_github},
    {"github-smaller", make_github_smaller},
};
enum { DOCUMENTS = sizeof(documents) / sizeof(documents[0]) };

static int deliver_sheet(const gb_args *args, const gb_outcome *outcome) {
    const char *path = gb_args_get(args, "green500");
    gb_methodology methodology;
    gb_stated room;
    const gb_stated *stated = NULL;
    gb_grading grading;
    gb_error err = {.rank = -1};
    gb_str out = {0};

    if (path == NULL)
        return GB_EXIT_OK;
    gb_status status = gb_methodology_read(args, &methodology, &err);
    if (status == GB_OK)
        status = gb_stated_read(args, &room, &stated, &err);
    if (status == GB_OK)
        status = gb_grade_outcome(outcome, GB_GRADED_BENCHMARK, methodology,
                                  stated, &grading, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    gb_report_green500(&grading, &out);
    return gb_deliver_text(path, &out);
}

static int deliver_documents(const gb_args *args, const gb_outcome *outcome) {
    const char *hdf5 = gb_args_get(args, "hdf5");
    const char *rows = gb_args_get(args, "samples-csv");
    int code = deliver_sheet(args, outcome);

    if (code == GB_EXIT_OK && hdf5 != NULL)
        code = deliver_samples(hdf5, &outcome->log);
    for (size_t i = 0; code == GB_EXIT_OK && i < DOCUMENTS; i++) {
        const char *path = gb_args_get(args, documents[i].option);
        gb_str out = {0};
        if (path == NULL)
            continue;
        documents[i].make(outcome, &out);
        code = gb_deliver_text(path, &out);
    }
    if (code == GB_EXIT_OK && rows != NULL)
        code = gb_deliver_by(rows, gb_report_csv_samples, &outcome->log);
    return code == GB_EXIT_OK ? gb_page_deliver(args, outcome) : code;
}

/* --- together ------------------------------------------------------------- */

static bool is_stdout(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}

/* How many documents go to standard output, where there is room for one. */
static size_t count_printed(const gb_args *args) {
    size_t count = gb_args_has(args, "json") +
                   is_stdout(gb_args_get(args, "samples-csv")) +
                   is_stdout(gb_args_get(args, "green500")) +
                   gb_page_is_output(args);

    for (size_t i = 0; i < DOCUMENTS; i++)
        count += is_stdout(gb_args_get(args, documents[i].option));
    return count;
}

static int show(const gb_args *args, const gb_outcome *outcome) {
    const int code = deliver_documents(args, outcome);
    gb_str out = {0};

    if (code != GB_EXIT_OK)
        return code;
    if (gb_args_has(args, "json"))
        return gb_console_print_by(gb_outcome_summary, &outcome->result);
    if (count_printed(args) > 0)
        return GB_EXIT_OK;
    const gb_voice voice = gb_voice_of(args);
    if (voice == GB_VOICE_QUIET)
        return GB_EXIT_OK;
    gb_report_style style = gb_console_style();
    style.detail = voice == GB_VOICE_VERBOSE;
    gb_report_terminal(&outcome->result, &style, &out);
    return gb_console_print(&out);
}

static gb_status check(const gb_args *args, gb_error *err) {
    if (args->positional_count != 1)
        return gb_fail(
            err, GB_ERR_INVALID, "for example greenbench report results/*",
            "greenbench report: expected a run directory, got nothing");
    if (count_printed(args) > 1)
        return gb_fail(err, GB_ERR_INVALID, "give the others a file",
                       "greenbench report: expected one document for standard "
                       "output, got %zu",
                       count_printed(args));
    return gb_page_check(args, err);
}

static int run_report(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_outcome outcome;
    gb_error err = {.rank = -1};

    gb_status status = check(args, &err);
    if (status == GB_OK)
        status = gb_outcome_read(args->positionals[0], &outcome, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    const int code = show(args, &outcome);
    gb_outcome_fini(&outcome);
    return code;
}

static const gb_flag flags[] = {
    GB_PAGE_FLAGS,
    GB_PAGE_CLAIM_FLAGS{"markdown", 0, "FILE",
                        "write the Markdown report; '-' for stdout"},
    {"csv", 0, "FILE", "write a row for each benchmark and repetition"},
    {"openmetrics", 0, "FILE", "write it for Prometheus and node_exporter"},
    {"github", 0, "FILE", "write performance for github-action-benchmark"},
    {"github-smaller", 0, "FILE", "write power, energy and solve times for it"},
    {"green500", 0, "FILE",
     "write a submission sheet of compute.hpl, gaps marked"},
    GB_FLAG_METHODOLOGY,
    GB_FLAG_STATED,
    {"samples-csv", 0, "FILE", "write every energy sample, in J or W"},
    {"hdf5", 0, "FILE", "write the samples as HDF5, for h5py and h5dump"},
    {"json", 0, NULL, "the summary as JSON instead of the table"},
    GB_VOICE_FLAGS("no table, only the files asked for",
                   "below the table what its figures rest on"),
};

const gb_command gb_command_report = {
    .name = "report",
    .usage = "RUNDIR [options]",
    .summary = "the table of a stored run, computed again from its records",
    .details = "Works on a run that was cut off as well: what had finished is "
               "shown. Nothing in\nRUNDIR is changed. One FILE may be '-', "
               "standard output.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_report,
};
