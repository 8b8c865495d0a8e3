/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/validate_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/validate.h"
#include "cli/outcome.h"
#include "cli/program.h"
#include "pipeline/report/report.h"

/* --- made again ----------------------------------------------------------- */

static void count_log(const gb_run_log *log, gb_derived *out) {
    for (const gb_run_log *one = log; one != NULL; one = one->next) {
        out->records += one->rep_count + one->trial_count;
        out->samples += one->sample_count;
    }
}

static void name_tool(const gb_session *session, gb_validation *out) {
    snprintf(out->measured_by, sizeof(out->measured_by), "%s%s%s%s",
             session->tool_version, session->tool_git[0] != '\0' ? " (" : "",
             session->tool_git, session->tool_git[0] != '\0' ? ")" : "");
}

bool gb_is_this_tool(const char *version, const char *git) {
    return strcmp(version, gb_program_version) == 0 &&
           strcmp(git, gb_program_git) == 0;
}

static gb_status give_report(const void *result, const gb_text_sink *sink,
                             gb_error *err) {
    gb_str text = {0};

    gb_report_markdown(result, &text);
    const gb_status status =
        text.failed ? gb_fail_memory(err, "the report made again")
                    : sink->put(sink->ctx, text.text, text.length, err);
    gb_str_fini(&text);
    return status;
}

static gb_status compare_outcome(const char *run_dir, gb_outcome *outcome,
                                 gb_validation *out, gb_error *err) {
    const gb_session *session = &outcome->log.session;
    gb_derived derived = {
        .result = &outcome->result,
        .summary = gb_outcome_summary,
        .report = give_report,
        .same_tool = gb_is_this_tool(session->tool_version, session->tool_git),
    };

    name_tool(session, out);
    count_log(&outcome->log, &derived);
    gb_run_log_drop_readings(&outcome->log);
    return gb_validate_derived(run_dir, &derived, out, err);
}

/* The way of `greenbench report`. Records that cannot be read are a finding. */
static gb_status recompute(const char *run_dir, gb_validation *out,
                           gb_error *err) {
    gb_outcome outcome;
    gb_violation violation = {.check = GB_CHECK_RECOMPUTED,
                              .severity = GB_SEVERITY_ERROR,
                              .code = "recomputed.records",
                              .expected = "records that can be read"};
    gb_status status = gb_outcome_read(run_dir, &outcome, err);

    if (status == GB_ERR_NO_MEMORY)
        return status;
    if (status != GB_OK) {
        gb_copy(violation.found, sizeof(violation.found), err->what);
        gb_validation_add(out, &violation);
        gb_validation_skip(out, GB_CHECK_RECOMPUTED,
                           "the records cannot be read");
        return GB_OK;
    }
    status = compare_outcome(run_dir, &outcome, out, err);
    gb_outcome_fini(&outcome);
    return status;
}

/* --- together ------------------------------------------------------------- */

gb_status gb_validate_run(const char *run_dir, gb_validation *out,
                          gb_error *err) {
    bool safe = false;
    const gb_status status = gb_validate_stored(run_dir, out, &safe, err);

    return status == GB_OK && safe ? recompute(run_dir, out, err) : status;
}
