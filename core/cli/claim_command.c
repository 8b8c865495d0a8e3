/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench claim: what was claimed, against what stored runs say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/validate.h"
#include "cli/claims_file.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/deliver.h"
#include "cli/outcome.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/assess/assess.h"
#include "pipeline/compare/compare.h"
#include "pipeline/config/facility.h"
#include "pipeline/report/report.h"

/* Of a comparison that is asked for its ratio alone. */
#define ALPHA 0.05

typedef struct damage {
    char text[320]; /* "" */
} damage;

/* All that the verdicts are made from. */
typedef struct evidence {
    gb_claims claims;
    gb_outcome *outcomes;        /* [run_count] */
    gb_assess_run *runs;         /* [run_count] */
    damage *damages;             /* [run_count] */
    gb_comparison *comparisons;  /* [claims.count] */
    const gb_comparison **given; /* [claims.count]: of them, or null */
    size_t run_count;
    gb_facility facility;
    bool has_facility;
} evidence;

/* --- reading -------------------------------------------------------------- */

/* The first thing for which a run's files are not those that were written: its
 * numbers decide nothing then. What is derived from the records is of no
 * interest, for it is derived again. */
static gb_status find_damage(const char *path, damage *out, gb_error *err) {
    gb_validation validation = {0};
    bool safe = false;
    const gb_status status = gb_validate_stored(path, &validation, &safe, err);

    for (size_t i = validation.count; i-- > 0;) {
        const gb_violation *found = &validation.list[i];
        if (found->severity == GB_SEVERITY_ERROR &&
            (found->check == GB_CHECK_MANIFEST ||
             found->check == GB_CHECK_FILES))
            snprintf(out->text, sizeof(out->text), "%s, %s", found->file,
                     found->code);
    }
    gb_validation_fini(&validation);
    return status;
}

static gb_status read_runs(const gb_args *args, evidence *all, gb_error *err) {
    const size_t count = args->positional_count - 1;
    gb_status status = GB_OK;

    all->outcomes = calloc(count, sizeof(*all->outcomes));
    all->runs = calloc(count, sizeof(*all->runs));
    all->damages = calloc(count, sizeof(*all->damages));
    if (all->outcomes == NULL || all->runs == NULL || all->damages == NULL)
        return gb_fail_memory(err, "the runs");
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        const char *path = args->positionals[i + 1];
        gb_outcome *outcome = &all->outcomes[i];
        status = find_damage(path, &all->damages[i], err);
        if (status == GB_OK)
            status = gb_outcome_read(path, outcome, err);
        if (status != GB_OK)
            return status;
        all->run_count++;
        all->runs[i] = (gb_assess_run){.path = path,
                                       .plan = &outcome->plan,
                                       .reduced = &outcome->reduced,
                                       .result = &outcome->result,
                                       .damage = all->damages[i].text};
    }
    return status;
}

static void free_evidence(evidence *all) {
    for (size_t i = 0; all->comparisons != NULL && i < all->claims.count; i++)
        gb_comparison_fini(&all->comparisons[i]);
    free(all->comparisons);
    free(all->given);
    for (size_t i = 0; i < all->run_count; i++)
        gb_outcome_fini(&all->outcomes[i]);
    free(all->outcomes);
    free(all->runs);
    free(all->damages);
    gb_facility_fini(&all->facility);
    gb_claims_fini(&all->claims);
}

/* --- ratios --------------------------------------------------------------- */

static gb_compare_input input_of(const gb_assess_run *run) {
    return (gb_compare_input){run->path, run->plan, run->reduced, run->result};
}

/* One run of each, or as many that took turns, in that order. Anything else has
 * no comparison, and the claim says why. */
static gb_status compare_sides(const evidence *all, const gb_claim *claim,
                               const gb_claim_sides *sides, gb_comparison *out,
                               bool *made, gb_error *err) {
    const size_t each = sides->baseline_count;
    gb_compare_input *inputs = calloc(2 * each + 1, sizeof(*inputs));
    gb_error unordered = {.rank = -1};

    *made = false;
    if (inputs == NULL)
        return gb_fail_memory(err, "a comparison");
    for (size_t i = 0; each == sides->subject_count && i < each; i++) {
        inputs[2 * i] = input_of(&all->runs[sides->baselines[i]]);
        inputs[2 * i + 1] = input_of(&all->runs[sides->subjects[i]]);
    }
    const gb_compare_options options = {
        .alpha = ALPHA,
        .metrics = GB_COMPARE_BIT(gb_claim_compared(claim->metric)),
        .interleaved = each > 1};
    gb_status status = GB_OK;
    if (each > 0 && each == sides->subject_count) {
        status = gb_compare(inputs, 2 * each, &options, out, &unordered);
        *made = status == GB_OK;
    }
    free(inputs);
    if (status == GB_OK || status == GB_ERR_INVALID)
        return GB_OK;
    if (err != NULL)
        *err = unordered;
    return status;
}

static gb_status compare_all(evidence *all, gb_error *err) {
    const gb_claims *claims = &all->claims;
    gb_status status = GB_OK;

    all->comparisons = calloc(claims->count, sizeof(*all->comparisons));
    all->given = calloc(claims->count, sizeof(*all->given));
    if (all->comparisons == NULL || all->given == NULL)
        return gb_fail_memory(err, "the comparisons");
    for (size_t i = 0; i < claims->count && status == GB_OK; i++) {
        const gb_claim *claim = &claims->claims[i];
        gb_claim_sides sides = {0};
        bool made = false;
        if (claim->form == GB_CLAIM_VALUE ||
            gb_claim_compared(claim->metric) == GB_COMPARE_METRICS)
            continue;
        status = gb_claim_pick(claims, claim, all->runs, all->run_count, &sides,
                               err);
        if (status == GB_OK)
            status = compare_sides(all, claim, &sides, &all->comparisons[i],
                                   &made, err);
        gb_claim_sides_fini(&sides);
        all->given[i] = made ? &all->comparisons[i] : NULL;
    }
    return status;
}

/* --- showing -------------------------------------------------------------- */

static int show_json(const gb_assessment *assessment) {
    gb_claim_words *words = calloc(assessment->count + 1, sizeof(*words));
    gb_error err = {.rank = -1};
    gb_status status = words != NULL
                           ? gb_report_assessment_words(assessment, words, &err)
                           : gb_fail_memory(&err, "the words of a verdict");
    int code = GB_EXIT_INTERNAL;

    if (status == GB_OK)
        code = gb_console_print_owned(gb_json_assessment(assessment, words));
    else
        gb_console_error(&err);
    for (size_t i = 0; words != NULL && i < assessment->count; i++) {
        free(words[i].english);
        free(words[i].chinese);
    }
    free(words);
    return code;
}

static int show(const gb_args *args, const gb_assessment *assessment) {
    const char *markdown = gb_args_get(args, "markdown");
    gb_str out = {0};

    if (markdown != NULL) {
        gb_report_assessment_markdown(assessment, &out);
        const int code = gb_deliver_text(markdown, &out);
        if (code != GB_EXIT_OK || strcmp(markdown, "-") == 0)
            return code;
    }
    if (gb_args_has(args, "json"))
        return show_json(assessment);
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

static gb_status gather(const gb_args *args, evidence *all, gb_error *err) {
    const char *facility = gb_args_get(args, "facility");

    if (args->positional_count < 2)
        return gb_fail(err, GB_ERR_INVALID,
                       "for example greenbench claim claims.yaml results/a",
                       "greenbench claim: expected a claims file and run "
                       "directories, got %zu words",
                       args->positional_count);
    gb_status status =
        gb_claims_file_read(args->positionals[0], &all->claims, err);
    if (status == GB_OK)
        status = read_runs(args, all, err);
    all->has_facility = status == GB_OK && facility != NULL;
    if (all->has_facility)
        status = gb_facility_load(facility, &all->facility, err);
    return status == GB_OK ? compare_all(all, err) : status;
}

static int run_claim(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    evidence all = {0};
    gb_assessment assessment = {0};
    gb_error err = {.rank = -1};
    gb_status status = gather(args, &all, &err);

    if (status == GB_OK)
        status = gb_assess(&all.claims, all.runs, all.run_count, all.given,
                           all.has_facility ? &all.facility : NULL, &assessment,
                           &err);
    int code = GB_EXIT_OK;
    if (status == GB_OK) {
        code = show(args, &assessment);
        if (code == GB_EXIT_OK)
            code = exit_code_of(&assessment);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    gb_assessment_fini(&assessment);
    free_evidence(&all);
    return code;
}

static const gb_flag flags[] = {
    {"facility", 0, "FILE",
     "what the meters of the data centre said (docs/facility.md)"},
    {"markdown", 0, "FILE", "write it as Markdown; '-' for stdout"},
    {"json", 0, NULL, "JSON instead of the text"},
};

const gb_command gb_command_claim = {
    .name = "claim",
    .usage = "CLAIMS.yaml RUNDIR... [options]",
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
