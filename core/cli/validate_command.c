/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench validate: is a stored result what it says it is? */
#include "archive/bundle.h"
#include "archive/validate.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/validate_run.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

static gb_status refuse_key(gb_error *err) {
    return gb_fail(err, GB_ERR_INVALID, "greenbench bundle --sign KEY",
                   "--sign: expected a run directory, got a bundle, which is "
                   "signed when it is made");
}

static gb_status validate(const gb_args *args, gb_validation *out,
                          gb_error *err) {
    const char *run_dir = args->positionals[0];
    const char *key = gb_args_get(args, "sign");
    const char *signers = gb_args_get(args, "signers");

    if (gb_is_bundle(run_dir))
        return key == NULL ? gb_validate_bundle(run_dir, signers, out, err)
                           : refuse_key(err);
    gb_status status = gb_validate_run(run_dir, out, err);
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
        gb_fail(
            &err, GB_ERR_INVALID, "for example greenbench validate results/*",
            "greenbench validate: expected a run directory or a bundle, got "
            "nothing");
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
    .usage = "RUNDIR|BUNDLE [--sign KEY] [--signers FILE] [--json]",
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
