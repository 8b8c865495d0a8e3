/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench bundle: all that verdicts rest on, in one file. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/bundle.h"
#include "archive/files.h"
#include "archive/rundir.h"
#include "archive/validate.h"
#include "cli/bundle_collect.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/decide.h"
#include "cli/deliver.h"
#include "cli/scratch.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

/* What is made, from first to last. */
typedef struct making {
    gb_claim_sources sources;
    const char *output;
    gb_decision decision;
    gb_bundle bundle;
    char *manifest, *signature;
} making;

/* --- the command line ----------------------------------------------------- */

static gb_status refuse_usage(const char *wanted, gb_error *err) {
    return gb_fail(err, GB_ERR_INVALID,
                   "for example greenbench bundle results/a --claims "
                   "claims.yaml -o evidence.tar.zst",
                   "greenbench bundle: expected %s", wanted);
}

static gb_status check_output(const char *path, gb_error *err) {
    struct stat seen;

    if (stat(path, &seen) == 0 && S_ISDIR(seen.st_mode))
        return gb_fail(err, GB_ERR_INVALID, "for example evidence.tar.zst",
                       "--output: expected the name of a file, got the "
                       "directory '%s'",
                       path);
    return gb_bundle_refuse_existing(path, err);
}

static gb_status read_args(const gb_args *args, making *out, gb_error *err) {
    const char *license = gb_args_get(args, "license");

    out->sources = (gb_claim_sources){.claims = gb_args_get(args, "claims"),
                                      .runs = args->positionals,
                                      .run_count = args->positional_count};
    out->output = gb_args_get(args, "output");
    if (out->sources.run_count == 0)
        return refuse_usage("run directories, got none", err);
    if (out->sources.claims == NULL)
        return refuse_usage("--claims FILE, got none", err);
    if (out->output == NULL)
        return refuse_usage("--output FILE, got none", err);
    if (license != NULL &&
        (license[0] == '\0' || strpbrk(license, " \t\n<>\"") != NULL))
        return gb_fail(err, GB_ERR_INVALID, "for example CC-BY-4.0",
                       "--license: expected a URL or a short name of spdx.org, "
                       "got '%s'",
                       license);
    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS; kind++)
        out->sources.inputs[kind] =
            gb_args_get(args, gb_claim_input_word(kind));
    return check_output(out->output, err);
}

/* --- making --------------------------------------------------------------- */

/* The tool that signs takes a file, in a folder. */
static gb_status sign(making *it, const char *key, gb_error *err) {
    const char *folder = NULL;
    char path[PATH_MAX];
    size_t length = 0;

    gb_status status = gb_scratch_make(&folder, err);
    if (status == GB_OK)
        status = gb_rundir_write(folder, GB_BUNDLE_MANIFEST, it->manifest, err);
    if (status == GB_OK)
        status = gb_sign_manifest(folder, key, err);
    if (status == GB_OK) {
        gb_path_join(path, sizeof(path), folder, GB_BUNDLE_SIGNATURE);
        status = gb_read_file(path, &it->signature, &length, err);
    }
    gb_scratch_remove();
    return status;
}

static gb_status make(const gb_args *args, making *it, gb_error *err) {
    const gb_bundle_notice notice = {.author = gb_args_get(args, "author"),
                                     .license = gb_args_get(args, "license")};
    const char *key = gb_args_get(args, "sign");
    char directory[PATH_MAX];

    gb_status status = gb_decide(&it->sources, &it->decision, err);
    if (status == GB_OK)
        status =
            gb_bundle_collect(&it->sources, &it->decision, &it->bundle, err);
    if (status == GB_OK)
        status = gb_bundle_seal(&it->bundle, &notice, &it->manifest, err);
    if (status == GB_OK && key != NULL)
        status = sign(it, key, err);
    if (status != GB_OK)
        return status;
    const char *name = gb_split_path(it->output, directory, sizeof(directory));
    return gb_bundle_write(directory, name, &it->bundle, it->manifest,
                           it->signature, err);
}

/* --- showing -------------------------------------------------------------- */

static int show(const gb_args *args, const making *it) {
    gb_str out = {0};
    struct stat seen = {0};

    if (gb_args_has(args, "json")) {
        gb_str_add(&out, it->manifest);
        return gb_console_print(&out);
    }
    (void)stat(it->output, &seen);
    const gb_report_style style = gb_console_style();
    const gb_report_bundle_facts facts = {
        .path = it->output,
        .size_bytes = (uint64_t)seen.st_size,
        .is_signed = it->signature != NULL,
    };
    gb_report_bundle(&it->bundle, &it->decision.assessment, &facts, &style,
                     &out);
    return gb_console_print(&out);
}

static int run_bundle(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    making it = {0};
    gb_error err = {.rank = -1};
    int code = GB_EXIT_OK;

    gb_status status = read_args(args, &it, &err);
    if (status == GB_OK)
        status = make(args, &it, &err);
    if (status == GB_OK) {
        code = show(args, &it);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    free(it.signature);
    free(it.manifest);
    gb_bundle_fini(&it.bundle);
    gb_decision_fini(&it.decision);
    return code;
}

static const gb_flag flags[] = {
    {"claims", 0, "FILE", "the claims, as they were fixed before the runs"},
    {"output", 'o', "FILE", "the bundle, such as evidence.tar.zst"},
    {"sign", 0, "KEY", "sign its manifest with an SSH key"},
    {"author", 0, "NAME", "who stands for it: 'Anna <https://orcid.org/...>'"},
    {"license", 0, "LICENSE",
     "under which others may use it: a URL, or a short name of spdx.org"},
    {"json", 0, NULL, "its manifest as JSON instead of the text"},
    GB_CLAIM_INPUT_MAP(GB_CLAIM_INPUT_FLAG)};

const gb_command gb_command_bundle = {
    .name = "bundle",
    .usage = "RUNDIR... --claims FILE -o FILE [options]",
    .summary = "all that verdicts on claims rest on, in one file for others to "
               "decide again",
    .details =
        "The runs and their baselines, the claims, the meters with the files "
        "that they\nname, the verdicts, and a manifest with the SHA-256 of "
        "each: a .tar.zst that\n'greenbench validate' and 'greenbench claim' "
        "take as it is, on any machine.\nThe same files give the same bytes. "
        "What is there is not overwritten.\n\n"
        "exit codes: 0 it is written, whatever the verdicts; 2 usage, or a "
        "file that\ncannot be read; 5 it cannot be written\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 10000,
    .run = run_bundle,
};
