/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/files.h"
#include "cli/carbon_files.h"
#include "cli/claims_file.h"
#include "cli/damage.h"
#include "cli/outcome.h"
#include "codec/json.h"
#include "pipeline/compare/compare.h"
#include "pipeline/config/facility.h"
#include "pipeline/config/tariff.h"
#include "pipeline/report/report.h"

/* Of a comparison that is asked for its ratio alone. */
#define ALPHA 0.05

const char *gb_claim_input_word(gb_claim_input kind) {
    static const char *const words[GB_CLAIM_INPUTS] = {
#define WORD(name, word, help) word,
        GB_CLAIM_INPUT_MAP(WORD)
#undef WORD
    };
    return words[kind];
}

/* --- runs ----------------------------------------------------------------- */

static void name_run(const char *path, gb_decided_run *out) {
    size_t end = strlen(path);

    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    snprintf(out->name, sizeof(out->name), "%.*s", (int)(end - begin),
             path + begin);
}

static gb_status read_run(const char *path, gb_decision *out, gb_error *err) {
    const size_t at = out->run_count;
    gb_outcome *outcome = &out->outcomes[at];
    gb_decided_run *folder = &out->folders[at];
    gb_status status =
        gb_damage_find(path, folder->damage, sizeof(folder->damage), err);

    name_run(path, folder);
    if (status == GB_OK)
        status = gb_outcome_read(path, outcome, err);
    if (status != GB_OK)
        return status;
    out->run_count++;
    out->runs[at] = (gb_assess_run){.name = folder->name,
                                    .plan = &outcome->plan,
                                    .reduced = &outcome->reduced,
                                    .result = &outcome->result,
                                    .damage = folder->damage};
    return GB_OK;
}

gb_status gb_decide_read_runs(const gb_claim_sources *sources, gb_decision *out,
                              gb_error *err) {
    const size_t count = sources->run_count;
    gb_status status = GB_OK;

    out->outcomes = calloc(count, sizeof(*out->outcomes));
    out->runs = calloc(count, sizeof(*out->runs));
    out->folders = calloc(count, sizeof(*out->folders));
    if (out->outcomes == NULL || out->runs == NULL || out->folders == NULL)
        return gb_fail_memory(err, "the runs");
    for (size_t i = 0; i < count && status == GB_OK; i++)
        status = read_run(sources->runs[i], out, err);
    return status;
}

/* --- sites and prices ----------------------------------------------------- */

static gb_status read_tariff(const char *path, gb_decision *out,
                             gb_error *err) {
    gb_tariff *tariff = &out->tariffs[out->tariff_count];
    char *text = NULL;
    size_t length = 0;

    if (path == NULL)
        return GB_OK;
    gb_status status = gb_read_file(path, &text, &length, err);
    if (status == GB_OK)
        status = gb_tariff_parse(path, text, length, tariff, err);
    out->tariff_count += status == GB_OK;
    free(text);
    return status;
}

static gb_status read_facility(const char *path, gb_facility *into,
                               const gb_facility **given, gb_error *err) {
    const gb_status status =
        path != NULL ? gb_facility_load(path, into, err) : GB_OK;

    *given = path != NULL && status == GB_OK ? into : NULL;
    return status;
}

static gb_status read_site(const gb_claim_sources *sources, gb_decision *out,
                           gb_assess_site *site, gb_error *err) {
    const char *const *paths = sources->inputs;
    gb_status status = read_facility(paths[GB_CLAIM_INPUT_FACILITY],
                                     &out->facility, &site->facility, err);

    if (status == GB_OK)
        status = read_facility(paths[GB_CLAIM_INPUT_BASELINE_FACILITY],
                               &out->baseline_facility,
                               &site->baseline_facility, err);
    if (status == GB_OK)
        status = read_tariff(paths[GB_CLAIM_INPUT_TARIFF], out, err);
    if (status == GB_OK)
        status = read_tariff(paths[GB_CLAIM_INPUT_BASELINE_TARIFF], out, err);
    if (status == GB_OK && paths[GB_CLAIM_INPUT_CARBON] != NULL) {
        status = gb_carbon_files_read(paths[GB_CLAIM_INPUT_CARBON],
                                      sources->factors, &out->carbon, err);
        site->carbon = &out->carbon;
    }
    site->tariffs = out->tariffs;
    site->tariff_count = out->tariff_count;
    return status;
}

/* --- ratios --------------------------------------------------------------- */

static gb_compare_input input_of(const gb_assess_run *run) {
    return (gb_compare_input){run->name, run->plan, run->reduced, run->result};
}

/* One run of each, or as many that took turns, in that order. Anything else has
 * no comparison, and the claim says why. */
static gb_status compare_sides(const gb_decision *all, const gb_claim *claim,
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

static gb_status compare_all(gb_decision *all, gb_error *err) {
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

/* --- together ------------------------------------------------------------- */

gb_status gb_decide(const gb_claim_sources *sources, gb_decision *out,
                    gb_error *err) {
    gb_assess_site site = {0};

    *out = (gb_decision){0};
    gb_status status = gb_claims_file_read(sources->claims, &out->claims, err);
    if (status == GB_OK)
        status = gb_decide_read_runs(sources, out, err);
    if (status == GB_OK)
        status = read_site(sources, out, &site, err);
    if (status == GB_OK)
        status = compare_all(out, err);
    if (status == GB_OK)
        status = gb_assess(&out->claims, out->runs, out->run_count, out->given,
                           &site, &out->assessment, err);
    return status;
}

void gb_decision_fini(gb_decision *decision) {
    gb_assessment_fini(&decision->assessment);
    for (size_t i = 0;
         decision->comparisons != NULL && i < decision->claims.count; i++)
        gb_comparison_fini(&decision->comparisons[i]);
    free(decision->comparisons);
    free(decision->given);
    for (size_t i = 0; i < decision->run_count; i++)
        gb_outcome_fini(&decision->outcomes[i]);
    free(decision->outcomes);
    free(decision->runs);
    free(decision->folders);
    gb_facility_fini(&decision->facility);
    gb_facility_fini(&decision->baseline_facility);
    gb_carbon_setting_fini(&decision->carbon);
    for (size_t i = 0; i < decision->tariff_count; i++)
        gb_tariff_fini(&decision->tariffs[i]);
    gb_claims_fini(&decision->claims);
    *decision = (gb_decision){0};
}

gb_status gb_decision_json(const gb_decision *decision, char **text_out,
                           gb_error *err) {
    const gb_assessment *assessment = &decision->assessment;
    gb_claim_words *words = calloc(assessment->count + 1, sizeof(*words));
    gb_status status = words != NULL
                           ? gb_report_assessment_words(assessment, words, err)
                           : gb_fail_memory(err, "the words of a verdict");

    if (status == GB_OK) {
        *text_out = gb_json_assessment(assessment, words);
        if (*text_out == NULL)
            status = gb_fail_memory(err, "the verdicts");
    }
    for (size_t i = 0; words != NULL && i < assessment->count; i++) {
        free(words[i].english);
        free(words[i].chinese);
    }
    free(words);
    return status;
}
