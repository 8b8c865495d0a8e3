/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench doctor: is this node ready to measure? */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/node.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "machine/platform/doctor.h"
#include "pipeline/report/report.h"

static int run_doctor(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_local_node local;
    gb_findings findings = {0};
    gb_error err = {.rank = -1};
    gb_str out = {0};

    gb_status status = gb_local_node_open("auto", &local, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    gb_doctor_examine(&local.node, local.root, &findings);
    int code;
    if (gb_args_has(args, "json")) {
        code = gb_console_print_owned(
            gb_json_findings(local.node.name, &findings));
    } else {
        const gb_report_style style = gb_console_style();
        gb_report_findings(local.node.name, &findings, &style, &out);
        code = gb_console_print(&out);
    }
    gb_findings_fini(&findings);
    gb_local_node_close(&local);
    return code;
}

static const gb_flag flags[] = {
    {"json", 0, NULL, "as JSON (greenbench.doctor/1) on standard output"},
};

const gb_command gb_command_doctor = {
    .name = "doctor",
    .usage = "[--json]",
    .summary = "is this node ready to measure? each finding with its fix",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = run_doctor,
};
