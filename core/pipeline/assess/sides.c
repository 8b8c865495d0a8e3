/* SPDX-License-Identifier: Apache-2.0 */
/* Which benchmark of which run a claim is about, and the rules that have to
 * hold before its numbers mean anything. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "base/units.h"
#include "metering/cover.h"
#include "pipeline/assess/parts.h"

/* Flags of a figure after which it is in doubt; the others are in its
 * uncertainty. */
#define DOUBTS (GB_FLAG(SOURCE) | GB_FLAG(SUSPECT) | GB_FLAG(SHARED))

bool gb_assess_stop(gb_assess_work *work, gb_claim_reason reason,
                    const char *fmt, ...) {
    va_list args;

    work->result->reason = reason;
    work->result->verdict = gb_claim_reason_verdict(reason);
    va_start(args, fmt);
    gb_phrase_vboth(work->result->detail, sizeof(work->result->detail),
                    work->result->detail_chinese,
                    sizeof(work->result->detail_chinese), fmt, args);
    va_end(args);
    return false;
}

static const char *id_of(const gb_assess_run *run) {
    return run->result->session->run_id;
}

/* --- the case ------------------------------------------------------------- */

static bool same_value(const gb_plan_param *planned, const char *text) {
    uint64_t whole = 0;
    double real = 0.0;

    if (strcmp(planned->text, text) == 0)
        return true;
    switch (planned->kind) {
    case GB_VALUE_U64:
        return gb_parse_u64(text, &whole, NULL) == GB_OK &&
               whole == planned->u64;
    case GB_VALUE_BYTES:
        return gb_parse_bytes(text, &whole, NULL) == GB_OK &&
               whole == planned->u64;
    case GB_VALUE_F64:
        return gb_parse_f64(text, &real, NULL) == GB_OK &&
               !(real < planned->f64) && !(real > planned->f64);
    default:
        return false;
    }
}

static bool has_param(const gb_plan_case *planned,
                      const gb_claim_param *wanted) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (strcmp(planned->params[i].name, wanted->name) == 0)
            return same_value(&planned->params[i], wanted->text);
    return false;
}

static bool fits(const gb_claim *claim, const gb_plan_case *planned) {
    if (!gb_glob_match(claim->benchmark, planned->id))
        return false;
    for (size_t i = 0; i < claim->param_count; i++)
        if (!has_param(planned, &claim->params[i]))
            return false;
    return true;
}

static const gb_plan_case *planned_of(const gb_assess_run *run, size_t at) {
    return &run->plan->cases[run->reduced->cases[at].case_index];
}

/* The one case of @p run that the claim is about. */
static bool find_case(gb_assess_work *work, const gb_assess_run *run,
                      size_t *at_out) {
    size_t found = 0;

    for (size_t i = 0; i < run->reduced->case_count; i++)
        if (fits(work->claim, planned_of(run, i))) {
            *at_out = i;
            found++;
        }
    if (found == 1)
        return true;
    return found == 0
               ? gb_assess_stop(work, GB_CLAIM_REASON_NOT_RUN, "%s%s in %s",
                                work->claim->benchmark,
                                work->claim->param_count > 0
                                    ? " with these parameters"
                                    : "",
                                id_of(run))
               : gb_assess_stop(work, GB_CLAIM_REASON_AMBIGUOUS,
                                "%s fits %zu cases of %s, name parameters",
                                work->claim->benchmark, found, id_of(run));
}

/* --- what holds for every quantity ---------------------------------------- */

static size_t valid_reps(const gb_reduced_case *reduced) {
    size_t count = 0;

    for (size_t i = 0; i < reduced->rep_count; i++)
        count += reduced->reps[i].valid;
    return count;
}

static bool check_case(gb_assess_work *work, const gb_assess_run *run,
                       size_t at) {
    const gb_plan_case *planned = planned_of(run, at);
    const gb_bench_result *bench = &run->result->benches[at];
    const size_t valid = valid_reps(&run->reduced->cases[at]);

    if (!bench->valid)
        return gb_assess_stop(work, GB_CLAIM_REASON_FAILED, "%s in %s: %s",
                              planned->id, id_of(run), bench->reason);
    if (planned->ci_percent > 0.0)
        return gb_assess_stop(work, GB_CLAIM_REASON_ADAPTIVE,
                              "%s in %s, run it with --repeats", planned->id,
                              id_of(run));
    if (valid < planned->repeats)
        return gb_assess_stop(work, GB_CLAIM_REASON_INCOMPLETE,
                              "%zu of %u of %s in %s", valid, planned->repeats,
                              planned->id, id_of(run));
    return planned->no_work && work->claim->metric != GB_CLAIM_POWER
               ? gb_assess_stop(work, GB_CLAIM_REASON_NO_WORK, "%s",
                                planned->id)
               : true;
}

/* --- energy --------------------------------------------------------------- */

static bool node_has_scope(const gb_node *node, gb_energy_scope scope) {
    for (size_t d = 0; d < node->domain_count; d++)
        if (node->domains[d].summed && node->domains[d].scope == scope)
            return true;
    return false;
}

static bool stop_at_boundary(gb_assess_work *work, gb_energy_scope scope,
                             const gb_node *node) {
    gb_claim_result *result = work->result;
    gb_energy_cover cover = node->cover;

    gb_assess_stop(work, GB_CLAIM_REASON_BOUNDARY, "not the %s, but %s, on %s",
                   gb_scope_text(scope), node->cover.holds, node->name);
    (void)gb_cover_translate(node, GB_LANGUAGE_ZH, &cover);
    snprintf(result->detail_chinese, sizeof(result->detail_chinese),
             gb_phrase(GB_LANGUAGE_ZH, "not the %s, but %s, on %s"),
             gb_phrase(GB_LANGUAGE_ZH, gb_scope_text(scope)), cover.holds,
             node->name);
    return false;
}

static bool check_boundary(gb_assess_work *work, const gb_assess_run *run) {
    const gb_session *session = run->result->session;
    const gb_claim_boundary boundary = work->claim->boundary;
    const gb_energy_scope scope =
        boundary == GB_CLAIM_NODE_AC ? GB_SCOPE_NODE_AC : GB_SCOPE_NODE_DC;

    for (size_t n = 0;
         boundary != GB_CLAIM_COMPONENTS && n < session->node_count; n++)
        if (!node_has_scope(&session->nodes[n], scope))
            return stop_at_boundary(work, scope, &session->nodes[n]);
    return true;
}

static bool check_quality(gb_assess_work *work, const gb_assess_run *run,
                          const gb_energy_figure *energy) {
    const char *is = gb_quality_name(energy->quality);

    if (energy->quality == GB_QUALITY_MODELLED)
        return gb_assess_stop(work, GB_CLAIM_REASON_MODELLED, "%s", id_of(run));
    if (energy->quality < work->claim->evidence)
        return gb_assess_stop(work, GB_CLAIM_REASON_EVIDENCE,
                              "%s is %s, not %s", id_of(run), is,
                              gb_quality_name(work->claim->evidence));
    return true;
}

static void first_flag(uint32_t flags, char *out, size_t size) {
    for (int f = 0; f < GB_FLAG_COUNT; f++)
        if ((flags >> f & 1u) != 0) {
            gb_copy(out, size, gb_energy_flag_text((gb_energy_flag)f));
            return;
        }
}

static bool check_energy(gb_assess_work *work, const gb_assess_run *run,
                         size_t at) {
    const gb_bench_result *bench = &run->result->benches[at];
    const gb_energy_figure *energy = &bench->energy;
    const gb_session *session = run->result->session;
    char doubt[120] = "";

    if (isnan(energy->energy_j) && bench->partial.node_count > 0)
        return gb_assess_stop(
            work, GB_CLAIM_REASON_PARTIAL, "%zu of %zu nodes of %s are metered",
            bench->partial.node_count, session->node_count, id_of(run));
    if (isnan(energy->energy_j))
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_ENERGY, "%s: %s",
                              id_of(run), energy->reason);
    for (size_t n = 0; n < session->node_count; n++)
        if (session->nodes[n].cover.missing[0] != '\0')
            return gb_assess_stop(work, GB_CLAIM_REASON_PARTIAL, "%s of %s: %s",
                                  session->nodes[n].name, id_of(run),
                                  session->nodes[n].cover.missing);
    if ((energy->flags & GB_FLAG(PARTIAL)) != 0)
        return gb_assess_stop(work, GB_CLAIM_REASON_PARTIAL, "%s", id_of(run));
    first_flag(energy->flags & DOUBTS, doubt, sizeof(doubt));
    if (doubt[0] != '\0')
        return gb_assess_stop(work, GB_CLAIM_REASON_DOUBTFUL, "%s: %s",
                              id_of(run), doubt);
    return check_quality(work, run, energy) && check_boundary(work, run);
}

/* --- together ------------------------------------------------------------- */

static void name_runs(const gb_assess_work *work, const size_t *list,
                      size_t count, char *out, size_t size) {
    const char **names = calloc(count + 1, sizeof(*names));

    for (size_t i = 0; names != NULL && i < count; i++)
        names[i] = id_of(&work->runs[list[i]]);
    if (names != NULL)
        gb_join(names, count, out, size);
    free(names);
}

static void describe(gb_assess_work *work) {
    const gb_assess_run *run = &work->runs[work->sides.subjects[0]];
    const size_t at = work->cases[0];
    const gb_node *node = &run->result->session->nodes[0];
    gb_claim_result *result = work->result;
    char *params = gb_plan_case_params(planned_of(run, at));

    snprintf(result->benchmark, sizeof(result->benchmark), "%s%s%.120s",
             planned_of(run, at)->id,
             params != NULL && params[0] != '\0' ? " " : "",
             params != NULL ? params : "");
    free(params);
    if (!gb_claim_needs_energy(work->claim->metric))
        return;
    result->quality = run->result->benches[at].energy.quality;
    gb_copy(result->holds, sizeof(result->holds), node->cover.holds);
    gb_copy(result->leaves_out, sizeof(result->leaves_out),
            node->cover.leaves_out);
    gb_energy_cover cover;
    if (gb_cover_translate(node, GB_LANGUAGE_ZH, &cover)) {
        gb_copy(result->holds_chinese, sizeof(result->holds_chinese),
                cover.holds);
        gb_copy(result->leaves_out_chinese, sizeof(result->leaves_out_chinese),
                cover.leaves_out);
    }
}

/* What several runs of one side have to have in common. */
static bool check_alike(gb_assess_work *work, size_t i) {
    const gb_plan_case *first =
        planned_of(&work->runs[work->sides.subjects[0]], work->cases[0]);
    const gb_plan_case *other =
        planned_of(&work->runs[work->sides.subjects[i]], work->cases[i]);
    char *a = gb_plan_case_params(first), *b = gb_plan_case_params(other);
    const bool same = a != NULL && b != NULL && strcmp(a, b) == 0 &&
                      strcmp(first->id, other->id) == 0 &&
                      strcmp(first->version, other->version) == 0 &&
                      strcmp(first->work_unit, other->work_unit) == 0;

    free(a);
    free(b);
    return same ? true
                : gb_assess_stop(work, GB_CLAIM_REASON_SIDES,
                                 "%s of %s is another case than in %s",
                                 other->id,
                                 id_of(&work->runs[work->sides.subjects[i]]),
                                 id_of(&work->runs[work->sides.subjects[0]]));
}

static bool calibrated_anew(const gb_assess_work *work) {
    const gb_claim_metric metric = work->claim->metric;
    const gb_assess_run *run = &work->runs[work->sides.subjects[0]];

    return work->claim->form == GB_CLAIM_VALUE &&
           (metric == GB_CLAIM_TIME || metric == GB_CLAIM_ENERGY ||
            metric == GB_CLAIM_EDP || metric == GB_CLAIM_COST) &&
           !planned_of(run, work->cases[0])->one_shot;
}

static bool check_baselines(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;
    size_t at = 0;

    if (work->claim->form == GB_CLAIM_VALUE)
        return true;
    if (sides->baseline_count == 0)
        return gb_assess_stop(work, GB_CLAIM_REASON_BASELINE_MISSING, "%s",
                              work->claim->baseline);
    for (size_t i = 0; i < sides->baseline_count; i++) {
        const gb_assess_run *run = &work->runs[sides->baselines[i]];
        if (!find_case(work, run, &at) || !check_case(work, run, at) ||
            (gb_claim_needs_energy(work->claim->metric) &&
             !check_energy(work, run, at)))
            return false;
        work->base_cases[i] = at;
    }
    return true;
}

bool gb_assess_check(gb_assess_work *work, const gb_assess_run *run,
                     size_t at) {
    return check_case(work, run, at) && check_energy(work, run, at);
}

bool gb_assess_subjects(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;

    name_runs(work, sides->subjects, sides->subject_count,
              work->result->subject, sizeof(work->result->subject));
    return sides->subject_count > 0
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_RUN_MISSING, "%s",
                                work->claim->run != NULL ? work->claim->run
                                                         : "no baseline");
}

bool gb_assess_sides(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;

    name_runs(work, sides->baselines, sides->baseline_count,
              work->result->baseline, sizeof(work->result->baseline));
    if (!gb_assess_subjects(work))
        return false;
    for (size_t i = 0; i < sides->subject_count; i++) {
        const gb_assess_run *run = &work->runs[sides->subjects[i]];
        if (!find_case(work, run, &work->cases[i]) || !check_alike(work, i))
            return false;
        if (i == 0)
            describe(work);
        if (!check_case(work, run, work->cases[i]) ||
            (gb_claim_needs_energy(work->claim->metric) &&
             !check_energy(work, run, work->cases[i])))
            return false;
    }
    if (calibrated_anew(work))
        return gb_assess_stop(work, GB_CLAIM_REASON_NOT_SAME_WORK, "%s",
                              work->result->benchmark);
    return check_baselines(work);
}
