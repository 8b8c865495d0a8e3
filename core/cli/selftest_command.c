/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench selftest: the right totals of saved machines, on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/program.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"
#include "selftest/selftest.h"

static gb_status find_fixtures(const gb_args *args, char *folder, size_t size,
                               gb_error *err) {
    const char *given = gb_args_get(args, "fixtures");

    if (given == NULL)
        given = getenv("GREENBENCH_FIXTURES");
    if (given != NULL && given[0] != '\0') {
        snprintf(folder, size, "%s", given);
        return GB_OK;
    }
    const gb_status status = gb_program_share("fixtures", folder, size, err);
    if (status != GB_OK)
        return status;
    if (access(folder, R_OK) == 0)
        return GB_OK;
    return gb_fail(err, GB_ERR_NOT_FOUND,
                   "give their folder with --fixtures, or install greenbench "
                   "whole",
                   "expected saved machines in '%s', found no such folder",
                   folder);
}

static int run_selftest(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    char folder[GB_PROGRAM_SHARE_SIZE];
    gb_selftest selftest = {0};
    gb_error err = {.rank = -1};
    gb_str out = {0};

    gb_status status = find_fixtures(args, folder, sizeof(folder), &err);
    if (status == GB_OK)
        status = gb_selftest_run(folder, &selftest, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    int code;
    if (gb_args_has(args, "json")) {
        code = gb_console_print_owned(gb_json_selftest(&selftest));
    } else {
        const gb_report_style style = gb_console_style();
        gb_report_selftest(&selftest, &style, &out);
        code = gb_console_print(&out);
    }
    if (code == GB_EXIT_OK && !selftest.right)
        code = GB_EXIT_FAILED;
    gb_selftest_fini(&selftest);
    return code;
}

static const gb_flag flags[] = {
    {"fixtures", 0, "DIR",
     "folder of saved machines; default: those installed"},
    {"json", 0, NULL, "as JSON (greenbench.selftest/1) on standard output"},
};

const gb_command gb_command_selftest = {
    .name = "selftest",
    .usage = "[--fixtures DIR] [--json]",
    .summary = "the right energy of saved machines, and none of the usual "
               "mistakes",
    .details =
        "Each saved machine is read by the same sources and summed by the same "
        "code as\nin a run. Exit 1 if a total is not the right one, or is the "
        "one that a usual\nmistake gives.\n\nenvironment:\n"
        "  GREENBENCH_FIXTURES  as --fixtures\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = run_selftest,
};
