/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench grade: a stored run against the EE HPC WG methodology. */
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/grade_run.h"
#include "cli/outcome.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

static int show(const gb_args *args, const gb_grading *grading) {
    const gb_report_style style = gb_console_style();
    gb_str out = {0};

    if (gb_args_has(args, "json"))
        return gb_console_print_owned(gb_json_grading(grading));
    gb_report_grading(grading, &style, &out);
    return gb_console_print(&out);
}

static gb_status check(const gb_args *args, gb_methodology *methodology_out,
                       gb_error *err) {
    if (args->positional_count != 1)
        return gb_fail(
            err, GB_ERR_INVALID, "for example greenbench grade results/<run>",
            "greenbench grade: expected a run directory, got nothing");
    return gb_methodology_read(args, methodology_out, err);
}

static int run_grade(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    const char *named = gb_args_get(args, "bench");
    gb_methodology methodology;
    gb_stated room;
    const gb_stated *stated = NULL;
    gb_outcome outcome;
    gb_grading grading;
    gb_error err = {.rank = -1};
    bool have = false;
    int code = GB_EXIT_OK;

    gb_status status = check(args, &methodology, &err);
    if (status == GB_OK)
        status = gb_stated_read(args, &room, &stated, &err);
    if (status == GB_OK) {
        status = gb_outcome_read(args->positionals[0], &outcome, &err);
        have = status == GB_OK;
    }
    if (status == GB_OK)
        status = gb_grade_outcome(&outcome,
                                  named != NULL ? named : GB_GRADED_BENCHMARK,
                                  methodology, stated, &grading, &err);
    if (status == GB_OK) {
        code = show(args, &grading);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    if (have)
        gb_outcome_fini(&outcome);
    return code;
}

static const gb_flag flags[] = {
    {"bench", 'b', "ID", "its fastest repetition, default compute.hpl"},
    GB_FLAG_METHODOLOGY,
    GB_FLAG_STATED,
    {"json", 0, NULL, "JSON instead of the text"},
};

const gb_command gb_command_grade = {
    .name = "grade",
    .usage = "RUNDIR [options]",
    .summary = "how far a run's power meets the EE HPC WG methodology",
    .details =
        "Grades the power measurement of a solve in each aspect of the "
        "methodology (1 to\n3, or none), with the reason and what is missing "
        "for the next level. The lowest\nof them is that of the whole. "
        "Counters of components (RAPL, NVML), estimates and\nmeters whose "
        "accuracy is not documented reach none. What a submitter states is\n"
        "marked as stated wherever it is used.\n\n"
        "exit codes: 0 it was graded, whatever the level; 2 there is nothing "
        "to grade.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_grade,
};
