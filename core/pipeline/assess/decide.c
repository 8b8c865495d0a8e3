/* SPDX-License-Identifier: Apache-2.0 */
/* Value, uncertainty and limit -> verdict (JCGM 106, ILAC-G8; docs/claims.md).
 * Monotone: a value further on the right side of its limit, or a smaller
 * uncertainty there, never turns support into anything else. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "pipeline/assess/parts.h"
#include "stats/ratio.h"
#include "stats/sample.h"

/* More repetitions than anybody will run. */
#define REPLICATES_MOST 1e6

static double confidence_of(const gb_claim_rule *rule) {
    return isnan(rule->confidence) ? gb_normal_cdf(rule->coverage_factor)
                                   : rule->confidence;
}

/* gb_t_quantile() takes 1 and more. */
static double counted(double dof) {
    return fmax(dof, 1.0);
}

double gb_claim_coverage(const gb_claim_rule *rule, double dof) {
    return gb_t_tail_quantile(2.0 * (1.0 - confidence_of(rule)), counted(dof));
}

/* How far the value is on the right side of what is claimed. */
static double distance_of(const gb_claim_result *result) {
    const double y = result->estimate.value, limit = result->limit;
    const double margin = isnan(result->margin) ? 0.0 : result->margin;

    if (result->claim->relation == GB_CLAIM_EQUAL)
        return margin - fabs(y - limit);
    return margin +
           (gb_claim_is_upper(result->claim->relation) ? limit - y : y - limit);
}

static bool holds_at_limit(gb_claim_relation relation) {
    return relation == GB_CLAIM_AT_LEAST || relation == GB_CLAIM_AT_MOST;
}

static gb_claim_verdict verdict_of(double distance, double guard,
                                   bool at_limit) {
    if (distance > guard || (at_limit && distance >= guard))
        return GB_CLAIM_SUPPORTED;
    if (-distance > guard || (!at_limit && -distance >= guard))
        return GB_CLAIM_REFUTED;
    return GB_CLAIM_INCONCLUSIVE;
}

/* Probability of a value at least so far on the right side if the truth were at
 * the limit. */
static double chance_of(double distance, double u, double dof) {
    if (!(u > 0.0))
        return distance > 0.0 ? 0.0 : 1.0;
    const double half = 0.5 * gb_t_tails(distance / u, counted(dof));
    return distance > 0.0 ? half : 1.0 - half;
}

/* --- what would decide ---------------------------------------------------- */

/* The guard band with @p n replicates, if what was seen is so. */
static double guard_with(const gb_claim_result *result, double n) {
    const gb_estimate *estimate = &result->estimate;
    const double variance =
        estimate->scatter * estimate->scatter * (double)estimate->n / n;
    const double square = variance + estimate->fixed * estimate->fixed;
    const double dof = variance > 0.0
                           ? square * square * (n - 1.0) / (variance * variance)
                           : (double)INFINITY;

    return result->claim->rule.guard_factor *
           gb_claim_coverage(&result->claim->rule, dof) * sqrt(square);
}

static double replicates_needed(const gb_claim_result *result) {
    const double far = fabs(result->distance);
    double low = (double)result->estimate.n, high = REPLICATES_MOST;

    if (result->estimate.n == 0 || !(guard_with(result, high) < far))
        return NAN;
    while (high - low > 1.0) {
        const double middle = floor(0.5 * (low + high));
        if (guard_with(result, middle) < far)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Meters that are so much better, for all that no repetition reduces. */
static double meter_needed(const gb_claim_result *result) {
    const gb_estimate *estimate = &result->estimate;
    const double allowed =
        fabs(result->distance) / (result->claim->rule.guard_factor * result->k);
    const double left =
        allowed * allowed - estimate->scatter * estimate->scatter;

    return estimate->fixed > 0.0 && left > 0.0
               ? estimate->meter_bound * sqrt(left) / estimate->fixed
               : (double)NAN;
}

/* --- one claim ------------------------------------------------------------ */

void gb_claim_decide(gb_claim_result *result) {
    const gb_claim *claim = result->claim;
    const gb_estimate *estimate = &result->estimate;

    result->distance = distance_of(result);
    result->k = gb_claim_coverage(&claim->rule, estimate->dof);
    result->expanded_u = result->k * estimate->u;
    result->guard = claim->rule.guarded
                        ? claim->rule.guard_factor * result->expanded_u
                        : 0.0;
    result->p = chance_of(result->distance, estimate->u, estimate->dof);
    result->verdict = verdict_of(result->distance, result->guard,
                                 holds_at_limit(claim->relation));
    if (result->verdict != GB_CLAIM_INCONCLUSIVE)
        return;
    result->reason = GB_CLAIM_REASON_BAND;
    result->need =
        (gb_claim_need){replicates_needed(result), meter_needed(result)};
}

/* --- all of a file -------------------------------------------------------- */

/* Level of one claim: what lies beyond its guard band. */
static double level_of(const gb_claim_result *result) {
    return 0.5 * gb_t_tails(result->claim->rule.guard_factor * result->k,
                            counted(result->estimate.dof));
}

static bool is_tested(const gb_claim_result *result) {
    return result->claim->rule.guarded && !isnan(result->p);
}

/* @param at, p  [count of results] */
static gb_status adjust(gb_assessment *all, double *p, size_t *at,
                        gb_error *err) {
    double least = 1.0;

    for (size_t i = 0; i < all->count; i++)
        if (is_tested(&all->results[i])) {
            at[all->tests++] = i;
            least = fmin(least, level_of(&all->results[i]));
        }
    if (all->tests < 2)
        all->tests = 0; /* a family of one is each by itself */
    /* Claims may have levels of their own: each is measured by it. */
    for (size_t t = 0; t < all->tests; t++)
        p[t] =
            fmin(all->results[at[t]].p * least / level_of(&all->results[at[t]]),
                 1.0);
    if (!gb_holm(p, all->tests, p))
        return gb_fail_memory(err, "the claims of a file");
    for (size_t t = 0; t < all->tests; t++) {
        gb_claim_result *result = &all->results[at[t]];
        result->p_joint = fmin(p[t] * level_of(result) / least, 1.0);
        if (result->verdict != GB_CLAIM_SUPPORTED || p[t] <= least)
            continue;
        result->verdict = GB_CLAIM_INCONCLUSIVE;
        result->reason = GB_CLAIM_REASON_FAMILY;
        snprintf(result->detail, sizeof(result->detail),
                 "p = %.2g of %zu claims, at most %.2g", result->p_joint,
                 all->tests, level_of(result));
    }
    return GB_OK;
}

gb_status gb_claim_decide_jointly(gb_assessment *all, gb_error *err) {
    size_t *at = calloc(all->count + 1, sizeof(*at));
    double *p = calloc(all->count + 1, sizeof(*p));
    gb_status status = at != NULL && p != NULL
                           ? GB_OK
                           : gb_fail_memory(err, "the claims of a file");

    if (status == GB_OK)
        status = adjust(all, p, at, err);
    free(at);
    free(p);
    return status;
}
