/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/assess/assess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/assess/parts.h"

static void begin_result(const gb_claim *claim, gb_claim_result *out) {
    *out = (gb_claim_result){
        .claim = claim,
        .estimate = {.value = NAN,
                     .u = NAN,
                     .dof = NAN,
                     .scatter = NAN,
                     .fixed = NAN,
                     .meter_bound = NAN,
                     .base = NAN,
                     .next = NAN},
        .cost = {.total = NAN, .equal_prices = NAN, .demand = NAN},
        .limit = NAN,
        .margin = NAN,
        .k = NAN,
        .expanded_u = NAN,
        .guard = NAN,
        .distance = NAN,
        .p = NAN,
        .p_joint = NAN,
        .need = {NAN, NAN},
        .quality = GB_QUALITY_UNAVAILABLE,
    };
}

/* --- fixed before the run? ------------------------------------------------ */

static bool has_claims(const gb_assess_work *work, size_t run) {
    return strcmp(work->runs[run].plan->claims_sha256, work->claims->sha256) ==
           0;
}

/* A baseline that is named by its id was chosen when the file was fixed, which
 * the plan of the run itself proves. */
static bool is_named(const gb_assess_work *work, size_t run) {
    return strcmp(work->claim->baseline,
                  work->runs[run].result->session->run_id) == 0;
}

/* What meters read before the run had fixed the claims could have been seen. */
static bool begins_before(const gb_assess_work *work, size_t run) {
    const int64_t from = work->claim->period_ns[0];

    return from == 0 ||
           (int64_t)work->runs[run].result->session->started_utc_ns <= from;
}

/* @return false: a run is not what was written, and it stopped */
static bool check_files(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;

    for (size_t i = 0; i < sides->subject_count + sides->baseline_count; i++) {
        const gb_assess_run *run =
            &work->runs[i < sides->subject_count
                            ? sides->subjects[i]
                            : sides->baselines[i - sides->subject_count]];
        if (run->damage[0] != '\0')
            return gb_assess_stop(work, GB_CLAIM_REASON_DAMAGED, "%s: %s",
                                  run->result->session->run_id, run->damage);
    }
    return true;
}

static void check_registered(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;
    size_t without = SIZE_MAX;

    for (size_t i = 0; i < sides->baseline_count; i++)
        if (!has_claims(work, sides->baselines[i]) &&
            !is_named(work, sides->baselines[i]))
            without = sides->baselines[i];
    for (size_t i = 0; i < sides->subject_count; i++)
        if (!has_claims(work, sides->subjects[i]) ||
            !begins_before(work, sides->subjects[i]))
            without = sides->subjects[i];
    if (without == SIZE_MAX)
        return;
    gb_assess_stop(work, GB_CLAIM_REASON_UNREGISTERED, "%s",
                   work->runs[without].result->session->run_id);
    /* The value stands; what was to be decided with it does not. */
    work->result->p = NAN;
    work->result->need = (gb_claim_need){NAN, NAN};
}

/* --- one claim ------------------------------------------------------------ */

/* "claims.yaml:3:5", wherever that file lies. */
static const char *place_of(const gb_claim *claim) {
    const char *slash = strrchr(claim->origin.where, '/');

    return slash != NULL ? slash + 1 : claim->origin.where;
}

static bool set_limit(gb_assess_work *work) {
    const gb_claim *claim = work->claim;
    gb_claim_result *result = work->result;
    double scale = 1.0;

    if (!gb_limit_scale(claim->limit_unit, result->estimate.unit, &scale))
        return gb_assess_stop(work, GB_CLAIM_REASON_UNIT,
                              "'%s' stands at %s, the quantity is in %s",
                              claim->limit_unit, place_of(claim),
                              strcmp(result->estimate.unit, "1") == 0
                                  ? "% or no unit"
                                  : result->estimate.unit);
    result->limit = scale * claim->limit;
    if (!isnan(claim->margin))
        result->margin = claim->form == GB_CLAIM_SAVING
                             ? claim->margin
                             : claim->margin * result->limit;
    return true;
}

static bool take_figure(gb_assess_work *work) {
    if (work->claim->metric == GB_CLAIM_PROPORTIONALITY)
        return gb_assess_run_proportionality(work);
    if (gb_claim_is_cost(work->claim->metric))
        return gb_assess_cost(work);
    if (work->claim->metric == GB_CLAIM_ITUE &&
        gb_facility_find_meter(work->facility, GB_FACILITY_COMPUTE) == NULL)
        return gb_assess_run_itue(work);
    if (gb_claim_is_carbon(work->claim->metric))
        return gb_assess_carbon(work);
    if (gb_claim_metric_kind(work->claim->metric) != GB_CLAIM_OF_RUN)
        return gb_assess_facility(work);
    return gb_assess_sides(work) &&
           (work->claim->form == GB_CLAIM_VALUE ? gb_assess_run_figure(work)
                                                : gb_assess_ratio(work));
}

static void assess_claim(gb_assess_work *work) {
    if (gb_claim_metric_kind(work->claim->metric) == GB_CLAIM_OF_NOTHING) {
        gb_assess_stop(work, GB_CLAIM_REASON_UNMEASURABLE, "%s",
                       gb_claim_nearest(work->claim->metric, false));
        return;
    }
    if (take_figure(work) && set_limit(work))
        gb_claim_decide(work->result);
    gb_assess_equal_prices(work->result);
    if (work->sides.subject_count > 0 &&
        work->result->verdict != GB_CLAIM_INVALID && check_files(work))
        check_registered(work);
}

static gb_status assess_one(gb_assess_work *work, size_t run_count,
                            gb_error *err) {
    gb_status status = gb_claim_pick(work->claims, work->claim, work->runs,
                                     run_count, &work->sides, err);
    if (status != GB_OK)
        return status;
    work->cases = calloc(work->sides.subject_count + 1, sizeof(*work->cases));
    work->base_cases =
        calloc(work->sides.baseline_count + 1, sizeof(*work->base_cases));
    if (work->cases != NULL && work->base_cases != NULL)
        assess_claim(work);
    else
        status = gb_fail_memory(err, "the runs of a claim");
    free(work->cases);
    free(work->base_cases);
    gb_claim_sides_fini(&work->sides);
    return status;
}

gb_status gb_assess(const gb_claims *claims, const gb_assess_run *runs,
                    size_t run_count, const gb_comparison *const *comparisons,
                    const gb_assess_site *site, gb_assessment *out,
                    gb_error *err) {
    gb_assessment made = {.claims = claims,
                          .results =
                              calloc(claims->count + 1, sizeof(*made.results)),
                          .count = claims->count};
    gb_status status =
        made.results != NULL ? GB_OK : gb_fail_memory(err, "the verdicts");

    for (size_t i = 0; status == GB_OK && i < claims->count; i++) {
        gb_assess_work work = {.claims = claims,
                               .claim = &claims->claims[i],
                               .runs = runs,
                               .comparison = comparisons[i],
                               .site = site,
                               .facility = site->facility,
                               .result = &made.results[i]};
        begin_result(work.claim, work.result);
        status = assess_one(&work, run_count, err);
    }
    if (status == GB_OK && claims->joint)
        status = gb_claim_decide_jointly(&made, err);
    if (status == GB_OK)
        *out = made;
    else
        gb_assessment_fini(&made);
    return status;
}
