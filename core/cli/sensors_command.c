/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench sensors: what energy can be read on this node. */
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/load.h"
#include "cli/node.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "metering/cross.h"
#include "pipeline/reduce/reduce.h"
#include "pipeline/report/report.h"
#include "pipeline/run/sampler.h"

#define LONGEST_MEASURE_S 86400.0

/* One window on this node, with the same sampler and the same arithmetic as a
 * run. */
static gb_status measure(gb_local_node *local, double seconds, double hz,
                         gb_node_figures *out, gb_error *err) {
    gb_sampler *sampler = NULL;
    gb_node_window window;
    gb_status status = gb_sampler_start(local->energy, local->env.clock, hz, -1,
                                        0, &sampler, err);
    if (status != GB_OK)
        return status;
    window.begin_ns = gb_sampler_mark(sampler);
    const uint64_t end_ns =
        gb_clock_now_ns(local->env.clock) + (uint64_t)(seconds * 1e9);
    while (gb_clock_now_ns(local->env.clock) < end_ns)
        local->env.clock->sleep_until(local->env.clock->ctx, end_ns);
    window.end_ns = gb_sampler_mark(sampler);
    out->window = window;

    gb_run_log log = {.session = {.nodes = &local->node,
                                  .node_count = 1,
                                  .ranks = 1,
                                  .sample_hz = hz}};
    log.samples = gb_sampler_drain(sampler, &log.sample_count);
    local->lost = !gb_sampler_stop(sampler, NULL);
    out->figures = calloc(local->node.domain_count + 1, sizeof(*out->figures));
    if (out->figures == NULL)
        status = gb_fail_memory(err, "the figures");
    else
        status = gb_reduce_node_window(&log, 0, &window, out->figures,
                                       &out->total, err);
    if (status == GB_OK)
        out->contradiction_count = gb_cross_check(
            local->node.domains, out->figures, local->node.domain_count,
            out->contradictions, GB_CONTRADICTIONS_MAX);
    free(log.samples);
    return status;
}

static gb_status parse_options(const gb_args *args, double *seconds, double *hz,
                               gb_error *err) {
    const char *duration = gb_args_get(args, "measure");
    const char *rate = gb_args_get(args, "sample-hz");
    gb_error cause = {0};
    *seconds = 0.0;
    *hz = 10.0;
    if (duration != NULL &&
        (gb_parse_duration(duration, seconds, &cause) != GB_OK ||
         *seconds < 0.01 || *seconds > LONGEST_MEASURE_S))
        return gb_fail(err, GB_ERR_RANGE, "for example --measure 5s",
                       "--measure: expected 10ms..24h, got '%s'", duration);
    if (rate != NULL &&
        (gb_parse_f64(rate, hz, &cause) != GB_OK || *hz < 1.0 || *hz > 1000.0))
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "--sample-hz: expected 1..1000, got '%s'", rate);
    return GB_OK;
}

static int run_sensors(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    const char *wanted = gb_args_get(args, "energy");
    gb_local_node local;
    gb_node_figures measured = {0};
    gb_error err = {.rank = -1};
    double seconds = 0.0, hz = 0.0;

    gb_status status = parse_options(args, &seconds, &hz, &err);
    if (status == GB_OK)
        status = gb_local_node_open(args, wanted != NULL ? wanted : "auto",
                                    &local, &err);
    if (status != GB_OK) {
        gb_console_error(&err);
        return gb_console_exit_code(status);
    }
    if (seconds > 0.0) {
        gb_console console;
        gb_console_init(&console);
        const gb_log log = gb_console_log(&console);
        char text[32];
        gb_log_detail(&log, "measuring for %s ...",
                      gb_format_duration(seconds, text, sizeof(text)));
        status = measure(&local, seconds, hz, &measured, &err);
        gb_console_clear(&console);
    }

    int code = GB_EXIT_INTERNAL;
    if (status != GB_OK) {
        gb_console_error(&err);
    } else {
        const gb_node_figures *shown = seconds > 0.0 ? &measured : NULL;
        if (gb_args_has(args, "json")) {
            code = gb_console_print_owned(gb_json_sensors(&local.node, shown));
        } else {
            const gb_report_style style = gb_console_style();
            gb_str out = {0};
            gb_report_sensors(&local.node, shown, &style, &out);
            code = gb_console_print(&out);
        }
    }
    free(measured.figures);
    gb_local_node_close(&local);
    return code;
}

static const gb_flag flags[] = {
    {"measure", 0, "DUR",
     "measure for so long: joules and watts per domain and for the node"},
    {"energy", 'e', "SOURCE[,..]",
     "only these sources, best first; 'auto' (default) tries all"},
    {"sample-hz", 0, "HZ", "reads per second while measuring (default 10)"},
    GB_LOAD_FLAGS,
    {"json", 0, NULL, "as JSON (greenbench.sensors/1) on standard output"},
};

const gb_command gb_command_sensors = {
    .name = "sensors",
    .usage = "[--measure DUR] [options]",
    .summary = "every energy domain of this node: readable or why not",
    .details =
        "Each domain is ok, absent, hidden, forbidden, unsupported, stuck or "
        "failed, with\nthe reason and what to do. 'summed' are those that make "
        "up the node's total.\n\nenvironment:\n" GB_LOAD_ENVIRONMENT
        "  GREENBENCH_SYSROOT  another root for /sys, /proc and /dev; figures "
        "are then\n                      'simulated'\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .run = run_sensors,
};
