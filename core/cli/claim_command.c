/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench claim: what was claimed, against what stored runs say. */
#include <string.h>

#include "archive/bundle.h"
#include "cli/bundle_open.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/decide.h"
#include "cli/deliver.h"
#include "machine/comm/comm.h"
#include "pipeline/report/report.h"

/* --- showing -------------------------------------------------------------- */

static int show_json(const gb_decision *decision) {
    gb_error err = {.rank = -1};
    char *text = NULL;

    if (gb_decision_json(decision, &text, &err) == GB_OK)
        return gb_console_print_owned(text);
    gb_console_error(&err);
    return GB_EXIT_INTERNAL;
}

static int show(const gb_args *args, const gb_decision *decision) {
    const gb_assessment *assessment = &decision->assessment;
    const char *markdown = gb_args_get(args, "markdown");
    gb_str out = {0};

    if (markdown != NULL) {
        gb_report_assessment_markdown(assessment, &out);
        const int code = gb_deliver_text(markdown, &out);
        if (code != GB_EXIT_OK || strcmp(markdown, "-") == 0)
            return code;
    }
    if (gb_args_has(args, "json"))
        return show_json(decision);
    const gb_report_style style = gb_console_style();
    gb_report_assessment(assessment, &style, &out);
    return gb_console_print(&out);
}

static int exit_code_of(const gb_assessment *assessment) {
    int code = GB_EXIT_OK;

    for (size_t i = 0; i < assessment->count; i++) {
        const gb_claim_verdict verdict = assessment->results[i].verdict;
        if (verdict == GB_CLAIM_REFUTED || verdict == GB_CLAIM_INVALID)
            return GB_EXIT_FAILED;
        if (verdict != GB_CLAIM_SUPPORTED)
            code = GB_EXIT_UNDECIDED;
    }
    return code;
}

/* --- together ------------------------------------------------------------- */

/* A bundle has what its verdicts rest on, and nothing else comes to it. */
static gb_status refuse_more(const gb_args *args, gb_error *err) {
    bool more = args->positional_count > 1;

    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS; kind++)
        more = more || gb_args_has(args, gb_claim_input_word(kind));
    return more ? gb_fail(err, GB_ERR_INVALID,
                          "greenbench claim BUNDLE, and no more",
                          "greenbench claim: expected a bundle alone, which "
                          "has its own runs and meters, got more")
                : GB_OK;
}

/* The first thing that is wrong with a bundle: nothing is decided with it. */
static gb_status refuse_damaged(const char *path, const gb_validation *found,
                                gb_error *err) {
    if (found->count == 0)
        return gb_fail_memory(err, "what was found");
    const gb_violation *first = &found->list[0];
    return gb_fail(err, GB_ERR_INVALID,
                   "'greenbench validate' says all that is wrong",
                   "%s: expected a bundle as it was made, got %s: %s%s%s", path,
                   first->code, first->file, first->file[0] != '\0' ? ": " : "",
                   first->found);
}

static gb_status decide_bundle(const gb_args *args, gb_decision *out,
                               gb_error *err) {
    const char *path = args->positionals[0];
    gb_open_bundle bundle;
    gb_validation found = {0};
    bool whole = false;
    gb_status status = refuse_more(args, err);

    if (status != GB_OK)
        return status;
    status = gb_bundle_open(path, &found, &whole, &bundle, err);
    if (status == GB_OK && !whole)
        status = refuse_damaged(path, &found, err);
    if (status == GB_OK)
        status = gb_decide(&bundle.sources, out, err);
    gb_bundle_close(&bundle);
    gb_validation_fini(&found);
    return status;
}

static gb_status decide(const gb_args *args, gb_decision *out, gb_error *err) {
    if (args->positional_count > 0 && gb_is_bundle(args->positionals[0]))
        return decide_bundle(args, out, err);
    if (args->positional_count < 2)
        return gb_fail(err, GB_ERR_INVALID,
                       "for example greenbench claim claims.yaml results/a",
                       "greenbench claim: expected a claims file and run "
                       "directories, or a bundle, got %zu words",
                       args->positional_count);
    gb_claim_sources sources = {.claims = args->positionals[0],
                                .runs = args->positionals + 1,
                                .run_count = args->positional_count - 1};
    for (gb_claim_input kind = 0; kind < GB_CLAIM_INPUTS; kind++)
        sources.inputs[kind] = gb_args_get(args, gb_claim_input_word(kind));
    return gb_decide(&sources, out, err);
}

static int run_claim(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    gb_decision decision = {0};
    gb_error err = {.rank = -1};
    const gb_status status = decide(args, &decision, &err);
    int code = GB_EXIT_OK;

    if (status == GB_OK) {
        code = show(args, &decision);
        if (code == GB_EXIT_OK)
            code = exit_code_of(&decision.assessment);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    gb_decision_fini(&decision);
    return code;
}

static const gb_flag flags[] = {
    {"markdown", 0, "FILE", "write it as Markdown; '-' for stdout"},
    {"json", 0, NULL, "JSON instead of the text"},
    GB_CLAIM_INPUT_MAP(GB_CLAIM_INPUT_FLAG)};

const gb_command gb_command_claim = {
    .name = "claim",
    .usage = "CLAIMS.yaml RUNDIR... | BUNDLE [options]",
    .summary = "decide claims with stored runs: SUPPORTED, REFUTED, "
               "INCONCLUSIVE, NOT_TESTABLE or INVALID",
    .details =
        "CLAIMS.yaml has what is claimed, of what, with which limit and which "
        "decision\nrule. It is fixed before the run: 'greenbench run --claims "
        "CLAIMS.yaml' puts its\nSHA-256 into the plan, and without it the "
        "verdict is INVALID.\n\n"
        "SUPPORTED     further on the right side of its limit than its guard "
        "band\nREFUTED       as far on the other side\n"
        "INCONCLUSIVE  nearer than that; what would decide it stands below\n"
        "NOT_TESTABLE  nothing here measures it, an estimate least of all\n"
        "INVALID       a rule is broken: it was not fixed before, for example\n\n"
        "exit codes: 0 all are supported; 1 something is refuted or invalid; 6 "
        "nothing\nis, but something is not decided\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 10000,
    .run = run_claim,
};
