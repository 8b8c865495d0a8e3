/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench plugin check: does a plugin keep its promises? */
#include <time.h>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"
#include "sdk/check.h"

#define LIMIT_S 60.0

/** Rank 0 speaks. Where its own process lives and another's died, rank 0 waits
 *  for that one until the launcher ends it: then the other speaks, unless rank
 *  0 died as well and had half a second to say so. */
static bool speaks(int rank, const gb_conformance *found) {
    const struct timespec pause = {.tv_nsec = 500000000};

    if (rank == 0)
        return true;
    if (found->findings[GB_RULE_SURVIVES].verdict != GB_VERDICT_BROKEN)
        return false;
    nanosleep(&pause, NULL);
    return true;
}

static int print_findings(const gb_args *args, const gb_conformance *found) {
    gb_str out = {0};

    if (gb_args_has(args, "json"))
        return gb_console_print_owned(gb_json_conformance(found));
    const gb_report_style style = gb_console_style();
    gb_report_conformance(found, &style, &out);
    return gb_console_print(&out);
}

static int fail(int rank, const gb_error *err) {
    if (rank == 0)
        gb_console_error(err);
    return gb_console_exit_code(err->status);
}

static int run_plugin_check(const gb_args *args) {
    static gb_conformance found;
    const int rank = gb_comm_rank_from_environment();
    const char *limit = gb_args_get(args, "limit");
    double limit_s = LIMIT_S;
    gb_error err = {.rank = -1};
    int argc = args->argc;
    char **argv = args->argv;

    if (args->positional_count != 1) {
        gb_fail(&err, GB_ERR_INVALID, "greenbench plugin check FILE.so",
                "expected the file of a plugin, got nothing");
        return fail(rank, &err);
    }
    if (limit != NULL && gb_parse_duration(limit, &limit_s, &err) != GB_OK)
        return fail(rank, &err);
    if (gb_sdk_check(args->positionals[0], gb_args_get(args, "setting"),
                     limit_s, &argc, &argv, &found, &err) != GB_OK)
        return fail(rank, &err);
    /* A launcher ends all ranks at the first that fails: the others would take
     * the words from the one that speaks. */
    if (!speaks(rank, &found))
        return GB_EXIT_OK;
    int code = print_findings(args, &found);
    if (code == GB_EXIT_OK &&
        gb_conformance_count(&found, GB_VERDICT_BROKEN) > 0)
        code = GB_EXIT_FAILED;
    return code;
}

static const gb_flag flags[] = {
    {"limit", 0, "DUR",
     "a step that takes longer is taken for a hang; default: 60s"},
    {"setting", 0, "KEY=VALUE[;..]",
     "what a meter is told, as after --energy 'meter=ID;'"},
    {"json", 0, NULL, "as JSON (greenbench.plugin_check/1) on standard output"},
};

const gb_command gb_command_plugin_check = {
    .name = "plugin check",
    .usage = "FILE.so [options]",
    .summary = "does a plugin keep its promises? rule by rule",
    .details =
        "The plugin is loaded and run as in a run, in a process of its own. A "
        "plugin that\nneeds MPI is tried on the ranks it is started on:\n"
        "  mpirun -n 2 greenbench plugin check FILE.so\n"
        "A meter is opened with --setting, and read.\n\n"
        "Exit 1 if a rule was broken. docs/plugin-guide.md explains each "
        "rule.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_plugin_check,
};
