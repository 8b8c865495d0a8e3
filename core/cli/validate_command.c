/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench validate: is a stored result what it says it is? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/validate.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/outcome.h"
#include "cli/program.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
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

static bool is_this_tool(const gb_session *session) {
    return strcmp(session->tool_version, gb_program_version) == 0 &&
           strcmp(session->tool_git, gb_program_git) == 0;
}

static gb_status compare_outcome(const char *run_dir, const gb_outcome *outcome,
                                 gb_validation *out, gb_error *err) {
    gb_str summary = {0}, report = {0};
    gb_derived derived = {.same_tool = is_this_tool(&outcome->log.session)};
    const gb_text_sink sink = gb_str_sink(&summary);

    name_tool(&outcome->log.session, out);
    count_log(&outcome->log, &derived);
    gb_status status = gb_outcome_summary(&outcome->result, &sink, err);
    gb_report_markdown(&outcome->result, &report);
    if (status == GB_OK && (summary.failed || report.failed))
        status = gb_fail_memory(err, "the result made again");
    if (status == GB_OK) {
        derived.summary = summary.text;
        derived.report = report.text;
        gb_validate_derived(run_dir, &derived, out);
    }
    gb_str_fini(&summary);
    gb_str_fini(&report);
    return status;
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

static gb_status validate(const gb_args *args, gb_validation *out,
                          gb_error *err) {
    const char *run_dir = args->positionals[0];
    const char *key = gb_args_get(args, "sign");
    const char *signers = gb_args_get(args, "signers");
    bool safe = false;
    gb_status status = gb_validate_stored(run_dir, out, &safe, err);

    if (status == GB_OK && safe)
        status = recompute(run_dir, out, err);
    if (status == GB_OK && key != NULL && gb_validation_is_valid(out))
        status = gb_sign_manifest(run_dir, key, err);
    if (status == GB_OK && signers != NULL)
        return gb_validate_signature(run_dir, signers, out, err);
    gb_validation_skip(out, GB_CHECK_SIGNATURE,
                       "nobody asked for it (--signers)");
    gb_validation_leave(out, "who made it: only a signature can tell");
    return status;
}

/* A signature says who stands for a result: one that contradicts itself gets
 * none. */
static void refuse_to_sign(void) {
    gb_error err = {.rank = -1};

    gb_fail(&err, GB_ERR_INVALID, NULL,
            "--sign: expected a valid result, got an invalid one: it is not "
            "signed");
    gb_console_error(&err);
}

static int show(const gb_args *args, const gb_validation *validation) {
    gb_str out = {0};
    int code = GB_EXIT_OK;

    if (gb_args_has(args, "json")) {
        code = gb_console_print_owned(gb_json_validation(validation));
    } else {
        const gb_report_style style = gb_console_style();
        gb_report_validation(validation, &style, &out);
        code = gb_console_print(&out);
    }
    if (code != GB_EXIT_OK || gb_validation_is_valid(validation))
        return code;
    if (gb_args_has(args, "sign"))
        refuse_to_sign();
    return GB_EXIT_FAILED;
}

static int run_validate(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_validation validation = {0};
    gb_error err = {.rank = -1};

    if (args->positional_count != 1) {
        gb_fail(&err, GB_ERR_INVALID,
                "for example greenbench validate results/*",
                "greenbench validate: expected a run directory, got nothing");
        gb_console_error(&err);
        return GB_EXIT_USAGE;
    }
    gb_status status = validate(args, &validation, &err);
    if (status == GB_OK && validation.failed)
        status = gb_fail_memory(&err, "what was found");
    int code = GB_EXIT_OK;
    if (status == GB_OK) {
        code = show(args, &validation);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    gb_validation_fini(&validation);
    return code;
}

static const gb_flag flags[] = {
    {"sign", 0, "KEY",
     "sign the manifest of a valid result with an SSH key: manifest.json.sig"},
    {"signers", 0, "FILE",
     "check who signed it, by a file of allowed signers: see ssh-keygen(1)"},
    {"json", 0, NULL, "JSON instead of the text"},
};

const gb_command gb_command_validate = {
    .name = "validate",
    .usage = "RUNDIR [--sign KEY] [--signers FILE] [--json]",
    .summary = "whether a stored result is whole, and follows from its records",
    .details =
        "manifest    the list of files, and its own digest\n"
        "files       each is there, is listed, and has its size and SHA-256\n"
        "schema      plan, records, summary and manifest: fields, types, what "
        "is missing\n"
        "identities  sums, ratios, intervals and units of the summary agree\n"
        "recomputed  summary and report made again from records and samples\n"
        "signature   who signed the manifest, with --signers\n\n"
        "Nothing outside of RUNDIR is opened, whatever its files name. Exit "
        "codes: 0\nvalid; 1 invalid, and every place that is wrong is told; "
        "2 it cannot be looked\nat.\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_validate,
};
