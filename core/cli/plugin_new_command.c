/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench plugin new: a project for a plugin of one's own. */
#include <limits.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/program.h"
#include "machine/comm/comm.h"
#include "sdk/project.h"

static int print_next(const char *id, const char *folder, const char *prefix,
                      bool meter) {
    gb_str out = {0};

    gb_str_addf(
        &out,
        "%s: a whole plugin is in %s. Build and try it:\n\n"
        "  cd %s\n"
        "  cmake -B build -DCMAKE_PREFIX_PATH=%s\n"
        "  cmake --build build\n"
        "  greenbench plugin check build/plugins/%s.so\n"
        "  GREENBENCH_PLUGIN_PATH=$PWD/build/plugins greenbench %s%s%s\n\n"
        "Then put your own %s in its place; docs/plugin-guide.md says how.\n",
        id, folder, folder, prefix, id,
        meter ? "sensors \\\n    --energy meter=" : "-b ", id,
        meter ? " --measure 5s" : "", meter ? "meter" : "work");
    return gb_console_print(&out);
}

static int run_plugin_new(const gb_args *args) {
    char prefix[PATH_MAX], templates[GB_PROGRAM_SHARE_SIZE];
    const char *language = gb_args_get(args, "language");
    const char *kind = gb_args_get(args, "kind");
    gb_error err = {.rank = -1};
    gb_status status = GB_OK;

    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    if (args->positional_count != 2)
        status = gb_fail(&err, GB_ERR_INVALID, "greenbench plugin new ID DIR",
                         "expected an id and a folder, got %zu arguments",
                         args->positional_count);
    if (status == GB_OK)
        status = gb_program_prefix(prefix, sizeof(prefix), &err);
    if (status == GB_OK)
        status =
            gb_program_share("template", templates, sizeof(templates), &err);
    if (status == GB_OK)
        status = gb_sdk_project_new(
            templates, kind != NULL ? kind : "benchmark",
            language != NULL ? language : "c", args->positionals[0],
            args->positionals[1], &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    return print_next(args->positionals[0], args->positionals[1], prefix,
                      kind != NULL && strcmp(kind, "meter") == 0);
}

static const gb_flag flags[] = {
    {"kind", 0, "KIND", "benchmark (default) or meter"},
    {"language", 0, "LANG", "c (default), c++ or fortran; a meter: c"},
};

const gb_command gb_command_plugin_new = {
    .name = "plugin new",
    .usage = "ID DIR [--kind KIND] [--language LANG]",
    .summary = "write a project for a plugin of your own",
    .details =
        "ID is a vendor and a name: acme.spmv. DIR is made. The project holds "
        "a plugin\nthat builds against the installed SDK and passes "
        "'greenbench plugin check' as it\nis.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 2,
    .run = run_plugin_new,
};
