/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench list: the benchmarks that were found, and those refused. */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/load.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

static int run_list(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_plugin_set *plugins = NULL;
    gb_catalogue catalogue = {0};
    gb_error err = {0};
    gb_str out = {0};

    /* Nothing is called in a plugin here, so every extension is on offer. */
    gb_status status =
        gb_load_plugins(args, true, NULL, &plugins, &catalogue, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    int code;
    if (gb_args_has(args, "json")) {
        code = gb_console_print_owned(gb_json_list(&catalogue));
    } else if (gb_args_has(args, "plugins")) {
        gb_report_plugins(&catalogue, &out);
        code = gb_console_print(&out);
    } else {
        const gb_report_style style = gb_console_style();
        gb_report_list(&catalogue, &style, &out);
        code = gb_console_print(&out);
    }
    gb_catalogue_fini(&catalogue);
    gb_plugin_set_free(plugins);
    return code;
}

static const gb_flag flags[] = {
    {"plugins", 0, NULL,
     "hash and path of each plugin's file instead, as --plugin-allow @FILE "
     "reads them"},
    GB_LOAD_FLAGS,
    {"json", 0, NULL, "as JSON (greenbench.list/1) on standard output"},
};

const gb_command gb_command_list = {
    .name = "list",
    .usage = "[--plugins | --json] [--plugin-path DIR]",
    .summary = "benchmarks, their parameters, and where each plugin came from",
    .details = "environment:\n" GB_LOAD_ENVIRONMENT,
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = run_list,
};
