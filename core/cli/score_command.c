/* SPDX-License-Identifier: Apache-2.0 */
/* greenbench score: figures over the benchmarks of a stored run. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/damage.h"
#include "cli/deliver.h"
#include "cli/outcome.h"
#include "codec/json.h"
#include "machine/comm/comm.h"
#include "pipeline/assess/score.h"
#include "pipeline/compare/compare.h"
#include "pipeline/report/report.h"

/* Of a comparison that is asked for its ratios alone. */
#define ALPHA 0.05

/* A run that is what its manifest says. */
typedef struct stored {
    gb_outcome outcome;
    gb_assess_run run;
    bool have;
} stored;

typedef struct material {
    stored run, reference;
    char sha256[GB_SHA256_SIZE]; /* of the reference's records */
    gb_comparison comparison;
    bool compared;
    gb_weighting weighting;
} material;

/* --- reading -------------------------------------------------------------- */

static gb_status read_run(const char *path, stored *out, gb_error *err) {
    char damage[320];
    gb_status status = gb_damage_find(path, damage, sizeof(damage), err);

    if (status == GB_OK && damage[0] != '\0')
        status = gb_fail(err, GB_ERR_INVALID,
                         "'greenbench validate' says all that differs",
                         "%s: expected the files that its manifest names, got "
                         "others: %s",
                         path, damage);
    if (status == GB_OK)
        status = gb_outcome_read(path, &out->outcome, err);
    out->have = status == GB_OK;
    out->run = (gb_assess_run){.name = path,
                               .plan = &out->outcome.plan,
                               .reduced = &out->outcome.reduced,
                               .result = &out->outcome.result,
                               .damage = ""};
    return status;
}

static gb_status hash_records(const char *run_dir, char *hex_out,
                              gb_error *err) {
    char path[PATH_MAX];
    uint64_t size_bytes = 0;

    snprintf(path, sizeof(path), "%s/records.jsonl", run_dir);
    return gb_sha256_file(path, hex_out, &size_bytes, err);
}

static gb_compare_input input_of(const stored *one) {
    return (gb_compare_input){one->run.name, one->run.plan, one->run.reduced,
                              one->run.result};
}

static gb_status read_reference(const char *path, material *all,
                                gb_error *err) {
    gb_status status = read_run(path, &all->reference, err);

    if (status == GB_OK)
        status = hash_records(path, all->sha256, err);
    if (status != GB_OK)
        return status;
    const gb_compare_input both[] = {input_of(&all->reference),
                                     input_of(&all->run)};
    const gb_compare_options options = {.alpha = ALPHA,
                                        .metrics = GB_SCORE_COMPARED};
    status = gb_compare(both, 2, &options, &all->comparison, err);
    all->compared = status == GB_OK;
    return status;
}

static gb_status read_weights(const gb_args *args, gb_weighting *out,
                              gb_error *err) {
    const char *text = gb_args_get(args, "weights");

    *out = GB_WEIGHTING_EQUAL;
    if (text == NULL || gb_weighting_from_name(text, out))
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID, NULL,
                   "--weights: expected equal, time, energy or power, got '%s'",
                   text);
}

static gb_status gather(const gb_args *args, material *all, gb_error *err) {
    const char *reference = gb_args_get(args, "reference");

    if (args->positional_count != 1)
        return gb_fail(
            err, GB_ERR_INVALID,
            "for example greenbench score results/<run> --reference "
            "results/<other>",
            "greenbench score: expected a run directory, got nothing");
    gb_status status = read_weights(args, &all->weighting, err);
    if (status == GB_OK)
        status = read_run(args->positionals[0], &all->run, err);
    if (status == GB_OK && reference != NULL)
        status = read_reference(reference, all, err);
    return status;
}

static void let_go(material *all) {
    if (all->compared)
        gb_comparison_fini(&all->comparison);
    if (all->reference.have)
        gb_outcome_fini(&all->reference.outcome);
    if (all->run.have)
        gb_outcome_fini(&all->run.outcome);
}

/* --- showing -------------------------------------------------------------- */

static int show_json(const gb_scores *scores) {
    gb_claim_words words = {0};
    gb_error err = {.rank = -1};
    int code = GB_EXIT_INTERNAL;

    if (gb_report_scores_words(scores, &words, &err) == GB_OK)
        code = gb_console_print_owned(gb_json_scores(scores, &words));
    else
        gb_console_error(&err);
    free(words.english);
    free(words.chinese);
    return code;
}

static int show(const gb_args *args, const gb_scores *scores) {
    const char *markdown = gb_args_get(args, "markdown");
    gb_str out = {0};

    if (markdown != NULL) {
        gb_report_scores_markdown(scores, &out);
        const int code = gb_deliver_text(markdown, &out);
        if (code != GB_EXIT_OK || strcmp(markdown, "-") == 0)
            return code;
    }
    if (gb_args_has(args, "json"))
        return show_json(scores);
    const gb_report_style style = gb_console_style();
    gb_report_scores(scores, &style, &out);
    return gb_console_print(&out);
}

/* An index that was asked for and cannot be had is what went wrong. */
static int exit_code_of(const gb_green_index *index) {
    gb_error err = {.rank = -1};

    if (!index->asked || index->reason[0] == '\0')
        return GB_EXIT_OK;
    gb_fail(&err, GB_ERR_INVALID, "",
            "expected runs that an index can be "
            "made of, got none: %.240s",
            index->reason);
    gb_console_error(&err);
    return GB_EXIT_USAGE;
}

static int run_score(const gb_args *args) {
    if (gb_comm_rank_from_environment() != 0)
        return GB_EXIT_OK;
    material all = {0};
    gb_scores scores = {0};
    gb_error err = {.rank = -1};
    gb_status status = gather(args, &all, &err);
    int code = GB_EXIT_OK;

    const gb_score_reference reference = {.run = &all.reference.run,
                                          .comparison = &all.comparison,
                                          .records_sha256 = all.sha256};
    if (status == GB_OK)
        status = gb_score_run(&all.run.run, all.compared ? &reference : NULL,
                              all.weighting, &scores, &err);
    if (status == GB_OK) {
        code = show(args, &scores);
        if (code == GB_EXIT_OK)
            code = exit_code_of(&scores.index);
        gb_scores_fini(&scores);
    } else {
        gb_console_error(&err);
        code = gb_console_exit_code(status);
    }
    let_go(&all);
    return code;
}

static const gb_flag flags[] = {
    {"reference", 0, "RUNDIR", "the run that The Green Index is taken against"},
    {"weights", 0, "BY", "equal (default), time, energy or power"},
    {"markdown", 0, "FILE", "write it as Markdown; '-' for stdout"},
    {"json", 0, NULL, "JSON instead of the text"},
};

const gb_command gb_command_score = {
    .name = "score",
    .usage = "RUNDIR [options]",
    .summary = "figures over a run's benchmarks: The Green Index, "
               "energy-delay, energy proportionality and roofline",
    .details =
        "The Green Index is each benchmark's work per joule by that of a "
        "reference run,\naveraged as published and geometrically, with every "
        "component. No index is made\nof what cannot be compared: other parts "
        "of the machine in the energy, other\nparameters, a run that did not "
        "end or in which a benchmark failed.\n\n"
        "exit codes: 0; 2 nothing can be read, or no index can be made of a "
        "reference\nthat was named\n",
    .flags = flags,
    .flag_count = sizeof(flags) / sizeof(flags[0]),
    .positional_max = 1,
    .run = run_score,
};
