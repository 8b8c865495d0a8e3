/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/outcome.h"

#include <limits.h>
#include <stdlib.h>

#include "archive/rundir.h"
#include "cli/console.h"
#include "cli/program.h"
#include "codec/json.h"
#include "pipeline/analyse/analyse.h"
#include "pipeline/reduce/reduce.h"
#include "pipeline/report/report.h"

gb_status gb_outcome_read(const char *run_dir, gb_outcome *outcome_out,
                          gb_error *err) {
    gb_outcome *outcome = outcome_out;
    *outcome = (gb_outcome){0};
    gb_status status =
        gb_rundir_read(run_dir, &outcome->plan, &outcome->log, err);
    if (status == GB_OK && !outcome->log.has_session)
        status = gb_fail(err, GB_ERR_INVALID,
                         "the run ended before it began to measure",
                         "%s/records.jsonl: expected a session record, got "
                         "none",
                         run_dir);
    if (status == GB_OK)
        status =
            gb_reduce(&outcome->plan, &outcome->log, &outcome->reduced, err);
    if (status == GB_OK)
        status = gb_analyse(&outcome->plan, &outcome->log, &outcome->reduced,
                            &outcome->result, err);
    if (status != GB_OK)
        gb_outcome_fini(outcome);
    return status;
}

static gb_status write_text(const char *run_dir, const char *name, char *text,
                            gb_error *err) {
    if (text == NULL)
        return gb_fail_memory(err, name);
    gb_status status = gb_rundir_write(run_dir, name, text, err);
    free(text);
    return status;
}

/* Many samples are worth a file that is compressed and read by node. The text
 * stays: it is what was recorded. A program without HDF5 says so and goes on.
 */
static gb_status write_samples(const char *run_dir, const gb_run_log *log,
                               gb_leaders *leaders, gb_error *err) {
    size_t rows = 0;
    for (const gb_run_log *one = log; one != NULL; one = one->next)
        rows += one->sample_count;
    if (rows < GB_LEADERS_ROWS)
        return GB_OK;
    const gb_status status =
        gb_leaders_write_samples(leaders, run_dir, log, err);
    if (status != GB_ERR_UNSUPPORTED)
        return status;
    gb_console_error(err);
    return GB_OK;
}

gb_status gb_outcome_summary(const void *result, const gb_text_sink *sink,
                             gb_error *err) {
    return gb_json_summary(result, sink, err);
}

gb_status gb_outcome_write(const char *run_dir, const gb_outcome *outcome,
                           const gb_catalogue *catalogue, gb_leaders *leaders,
                           gb_error *err) {
    char tool[PATH_MAX];
    gb_str markdown = {0};
    gb_status status = gb_rundir_write_by(
        run_dir, "summary.json", gb_outcome_summary, &outcome->result, err);
    if (status != GB_OK)
        return status;
    gb_report_markdown(&outcome->result, &markdown);
    status = write_text(run_dir, "report.md", gb_str_take(&markdown), err);
    if (status == GB_OK)
        status = write_samples(run_dir, &outcome->log, leaders, err);
    if (status == GB_OK)
        status = gb_program_path(tool, sizeof(tool), err);
    if (status == GB_OK)
        status = gb_rundir_write_manifest(run_dir, &outcome->log.session, tool,
                                          &outcome->plan, catalogue, err);
    return status;
}

int gb_outcome_exit_code(const gb_outcome *outcome) {
    const gb_result *result = &outcome->result;
    if (result->status == GB_RUN_INTERRUPTED)
        return GB_EXIT_INTERRUPTED;
    if (result->status == GB_RUN_FAILED)
        return GB_EXIT_INTERNAL;
    for (size_t i = 0; i < result->bench_count; i++)
        if (!result->benches[i].valid)
            return GB_EXIT_FAILED;
    if (outcome->log.session.require_energy && result->energy_short)
        return GB_EXIT_NO_ENERGY;
    return GB_EXIT_OK;
}
