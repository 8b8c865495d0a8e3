/* SPDX-License-Identifier: Apache-2.0 */
/* Energy cost of a run: its energy as pipeline/assess has it anyway, times a
 * price, times what the facility adds. A model of prices, not a bill. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/phrase.h"
#include "base/text.h"
#include "pipeline/assess/parts.h"

static const gb_tariff *find_tariff(gb_assess_work *work, const char *sha256) {
    for (size_t i = 0; i < work->site->tariff_count; i++)
        if (strcmp(work->site->tariffs[i].sha256, sha256) == 0)
            return &work->site->tariffs[i];
    gb_assess_stop(work, GB_CLAIM_REASON_NO_TARIFF,
                   "%zu files were given (--tariff), none of them %.12s..",
                   work->site->tariff_count, sha256);
    return NULL;
}

/* --- prices of one side --------------------------------------------------- */

/* Runs of one side, and the case of each. */
typedef struct side {
    const char *name; /* for messages */
    size_t *runs, *cases;
    size_t count;
    const gb_tariff *tariff;
    const gb_facility *facility; /* nullable */
    gb_cost_side *out;
    double u_rel;   /* of its mean price: how energy lies between two prices */
    double total_j; /* of the valid repetitions */
    gb_estimate overhead;
} side;

typedef struct price_sums {
    double energy_j, cost, spread;
} price_sums;

static bool add_rep(gb_assess_work *work, const side *s,
                    const gb_reduced_rep *rep, price_sums *sums) {
    const int64_t begin = (int64_t)rep->begin_utc_ns;
    const int64_t end = begin + llround(1e9 * rep->time_s);
    gb_price_span span;
    char when[32];

    if (begin == 0)
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_TARIFF,
                              "when %s ran is not told", s->name);
    if (!gb_price_over(s->tariff, begin, end, &span)) {
        gb_clock_format_utc(rep->begin_utc_ns, when, sizeof(when));
        return gb_assess_stop(work, GB_CLAIM_REASON_TARIFF,
                              "%s is not valid at %s, when %s ran",
                              s->tariff->name, when, s->name);
    }
    const double energy_j = rep->energy.energy_j;
    sums->energy_j += energy_j;
    sums->cost += energy_j * span.mean_per_j;
    sums->spread += energy_j * 0.5 * (span.most_per_j - span.least_per_j);
    s->out->least_per_j = fmin(s->out->least_per_j, span.least_per_j);
    s->out->most_per_j = fmax(s->out->most_per_j, span.most_per_j);
    return true;
}

/* Where a repetition meets two prices, its cost lies between both: a hard
 * bound. */
static bool price_side(gb_assess_work *work, side *s) {
    price_sums sums = {0};

    s->out->least_per_j = INFINITY;
    s->out->most_per_j = 0.0;
    for (size_t r = 0; r < s->count; r++) {
        const gb_reduced_case *one =
            &work->runs[s->runs[r]].reduced->cases[s->cases[r]];
        for (size_t i = 0; i < one->rep_count; i++)
            if (one->reps[i].valid && !add_rep(work, s, &one->reps[i], &sums))
                return false;
    }
    if (!(sums.cost > 0.0))
        return gb_assess_stop(work, GB_CLAIM_REASON_TARIFF,
                              "energy is free while %s ran", s->name);
    s->out->per_j = sums.cost / sums.energy_j;
    s->u_rel = sums.spread / sums.cost / sqrt(3.0);
    s->total_j = sums.energy_j;
    gb_copy(s->out->tariff, sizeof(s->out->tariff), s->tariff->name);
    gb_copy(s->out->source, sizeof(s->out->source), s->tariff->source);
    return true;
}

/* --- overhead of one side ------------------------------------------------- */

static void add_text(char *out, size_t size, const char *name, const char *text,
                     gb_language language) {
    const size_t length = strlen(out);

    snprintf(out + length, size - length, "%s%s: %s",
             length > 0 ? gb_phrase(language, "; ") : "",
             gb_phrase(language, name), text);
}

static void add_conditions(gb_claim_result *result, const char *name,
                           const gb_claim_result *found) {
    add_text(result->conditions, sizeof(result->conditions), name,
             found->conditions, GB_LANGUAGE_EN);
    add_text(result->conditions_chinese, sizeof(result->conditions_chinese),
             name, found->conditions_chinese, GB_LANGUAGE_ZH);
}

/* Why there is no overhead, and of which side. */
static bool stop_overhead(gb_assess_work *work, const side *s,
                          const gb_claim_result *found) {
    char chinese[sizeof(found->detail_chinese)];

    gb_assess_stop(work, found->reason, "%s, for the overhead of %s",
                   found->detail, s->name);
    snprintf(chinese, sizeof(chinese),
             gb_phrase(GB_LANGUAGE_ZH, "%s, for the overhead of %s"),
             found->detail_chinese[0] != '\0' ? found->detail_chinese
                                              : found->detail,
             gb_phrase(GB_LANGUAGE_ZH, s->name));
    gb_copy(work->result->detail_chinese, sizeof(work->result->detail_chinese),
            chinese);
    return false;
}

/* Counters of components are what TUE divides by: fans and power supplies are
 * in neither PUE's numerator alone nor in such counters. The input of the node
 * is what PUE divides by, if IT is metered there. */
static bool add_overhead(gb_assess_work *work, side *s) {
    const bool components = work->claim->boundary == GB_CLAIM_COMPONENTS;
    gb_claim_result found = {.claim = work->claim};
    gb_claim as = *work->claim;
    gb_assess_work part = *work;

    s->out->overhead = NAN;
    if (!work->claim->cost.overhead)
        return true;
    if (s->facility != NULL && !components && s->facility->category != 3)
        return gb_assess_stop(work, GB_CLAIM_REASON_CATEGORY,
                              "3, the input of the nodes, for %s; the "
                              "facility has %d",
                              s->name, s->facility->category);
    as.metric = components ? GB_CLAIM_INTERIM_TUE : GB_CLAIM_IPUE;
    as.category = s->facility != NULL ? s->facility->category : 0;
    part.claim = &as;
    part.facility = s->facility;
    part.result = &found;
    part.sides.subjects = s->runs;
    part.sides.subject_count = s->count;
    if (!gb_assess_facility(&part))
        return stop_overhead(work, s, &found);
    s->overhead = found.estimate;
    s->out->overhead = found.estimate.value;
    gb_copy(s->out->overhead_metric, sizeof(s->out->overhead_metric),
            gb_claim_metric_name(as.metric));
    add_conditions(work->result, s->name, &found);
    return true;
}

/* Halls whose ratios are put into one number have one boundary and category. */
static bool check_halls(gb_assess_work *work, const side *run,
                        const side *base) {
    const gb_facility *a = base->facility, *b = run->facility;

    if (!work->claim->cost.overhead || a == b)
        return true;
    if (a->category != b->category)
        return gb_assess_stop(work, GB_CLAIM_REASON_CATEGORY,
                              "%d at the baseline's facility, %d at the run's",
                              a->category, b->category);
    return strcmp(a->boundary, b->boundary) == 0
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_NOT_COMPARABLE,
                                "the boundaries of the facilities differ: "
                                "'%.120s' and '%.120s'",
                                a->boundary, b->boundary);
}

/* --- uncertainty ---------------------------------------------------------- */

static void scale_estimate(gb_estimate *out, double factor) {
    out->value *= factor;
    out->u *= factor;
    out->scatter *= factor;
    out->fixed *= factor;
    for (size_t i = 0; i < out->term_count; i++)
        out->terms[i].u *= factor;
}

/* One more cause, that no repetition reduces and that has no degrees of freedom
 * to lose (Welch and Satterthwaite). */
static void widen(gb_estimate *out, const char *name, double u,
                  const char *how) {
    if (!(u > 0.0) || !isfinite(out->u))
        return;
    const double before = out->u, fixed = out->fixed;

    out->u = hypot(before, u);
    out->fixed = hypot(fixed, u);
    out->dof =
        before > 0.0 ? out->dof * pow(out->u / before, 4.0) : (double)INFINITY;
    out->meter_bound = fixed > 0.0 ? out->meter_bound * out->fixed / fixed
                                   : sqrt(3.0) * out->fixed / fabs(out->value);
    if (out->term_count == GB_CLAIM_TERMS)
        return;
    gb_estimate_add(out, name, 'B', u, "%s", how);
    gb_copy(out->terms[out->term_count - 1].how_chinese,
            sizeof(out->terms[0].how_chinese), gb_phrase(GB_LANGUAGE_ZH, how));
}

static double term_rel(const gb_estimate *estimate, size_t i) {
    return estimate->terms[i].u / estimate->value;
}

/* Meters of one facility are behind both of its ratios: what each is off by
 * cancels as far as the ratios are alike. */
static double overheads_u_rel(const side *run, const side *base) {
    const gb_estimate *a = &base->overhead, *b = &run->overhead;
    double square = 0.0;

    if (run->facility != base->facility)
        return hypot(a->u / a->value, b->u / b->value);
    for (size_t i = 0; i < a->term_count; i++)
        square += pow(term_rel(a, i) - term_rel(b, i), 2.0);
    return sqrt(square);
}

/* --- one side, and two ---------------------------------------------------- */

static bool cost_of_run(gb_assess_work *work, side *run) {
    gb_estimate *out = &work->result->estimate;
    char work_unit[48] = "";

    if (!gb_assess_run_figure(work) &&
        work->result->reason != GB_CLAIM_REASON_ONE_VALUE)
        return false;
    const char *slash = strchr(out->unit, '/');
    if (slash != NULL)
        gb_copy(work_unit, sizeof(work_unit), slash);
    snprintf(out->unit, sizeof(out->unit), "%s%.40s", run->tariff->currency,
             work_unit);
    scale_estimate(out,
                   run->out->per_j *
                       (work->claim->cost.overhead ? run->out->overhead : 1.0));
    widen(out, "prices", out->value * run->u_rel,
          "how energy lies between two of them");
    if (work->claim->cost.overhead)
        widen(out, "overhead",
              out->value * run->overhead.u / run->overhead.value,
              run->out->overhead_metric);
    return work->result->reason == GB_CLAIM_REASON_NONE;
}

static void ratio_of_costs(gb_assess_work *work, const side *run,
                           const side *base) {
    gb_estimate *out = &work->result->estimate;
    gb_cost *cost = &work->result->cost;
    const bool saving = work->claim->form == GB_CLAIM_SAVING;
    const bool overhead = work->claim->cost.overhead;
    const double halls =
        overhead ? run->out->overhead / base->out->overhead : 1.0;
    const double prices = run->out->per_j / base->out->per_j;
    const double energy = saving ? 1.0 - out->value : out->value;
    const double ratio = energy * halls * prices;

    scale_estimate(out, halls * prices);
    out->value = saving ? 1.0 - ratio : ratio;
    cost->equal_prices = saving ? 1.0 - energy * halls : energy * halls;
    out->base *= base->out->per_j * (overhead ? base->out->overhead : 1.0);
    out->next *= run->out->per_j * (overhead ? run->out->overhead : 1.0);
    gb_copy(out->side_unit, sizeof(out->side_unit), cost->currency);
    if (work->claim->cost.own_prices)
        widen(out, "prices", ratio * hypot(run->u_rel, base->u_rel),
              "how energy lies between two of them");
    if (overhead)
        widen(out, "overhead", ratio * overheads_u_rel(run, base),
              run->facility == base->facility
                  ? "meters of one facility are behind both sides"
                  : "two facilities, independent meters");
}

static bool price_baseline(gb_assess_work *work, const side *run, side *base) {
    const gb_cost_terms *terms = &work->claim->cost;

    base->tariff = run->tariff;
    if (terms->own_prices && terms->baseline_tariff[0] != '\0')
        base->tariff = find_tariff(work, terms->baseline_tariff);
    if (base->tariff == NULL)
        return false;
    if (strcmp(base->tariff->currency, run->tariff->currency) != 0)
        return gb_assess_stop(work, GB_CLAIM_REASON_TARIFF,
                              "%s for the run and %s for the baseline: no "
                              "currency is converted",
                              run->tariff->currency, base->tariff->currency);
    if (terms->own_prices)
        return price_side(work, base);
    /* What energy costs is the same on both sides: the run's. */
    *base->out = *run->out;
    base->u_rel = run->u_rel;
    return true;
}

bool gb_assess_cost(gb_assess_work *work) {
    gb_cost *cost = &work->result->cost;
    const gb_tariff *tariff = find_tariff(work, work->claim->cost.tariff);

    if (tariff == NULL)
        return false;
    if (work->claim->metric == GB_CLAIM_PERIOD_COST)
        return gb_assess_period_cost(work, tariff);
    if (!gb_assess_sides(work))
        return false;
    const gb_assess_site *site = work->site;
    side run = {.name = "the run",
                .runs = work->sides.subjects,
                .cases = work->cases,
                .count = work->sides.subject_count,
                .tariff = tariff,
                .facility = site->facility,
                .out = &cost->run};
    side base = {.name = "the baseline",
                 .runs = work->sides.baselines,
                 .cases = work->base_cases,
                 .count = work->sides.baseline_count,
                 .facility = site->baseline_facility != NULL
                                 ? site->baseline_facility
                                 : site->facility,
                 .out = &cost->baseline};
    if (!price_side(work, &run) || !add_overhead(work, &run))
        return false;
    gb_copy(cost->currency, sizeof(cost->currency), tariff->currency);
    cost->demand_left_out = isfinite(tariff->demand_per_w);
    cost->total = run.total_j * cost->run.per_j *
                  (work->claim->cost.overhead ? cost->run.overhead : 1.0);
    if (work->claim->form == GB_CLAIM_VALUE)
        return cost_of_run(work, &run);
    if (!price_baseline(work, &run, &base) || !add_overhead(work, &base) ||
        !check_halls(work, &run, &base) || !gb_assess_ratio(work))
        return false;
    ratio_of_costs(work, &run, &base);
    return true;
}

void gb_assess_equal_prices(gb_claim_result *result) {
    gb_claim_result equal = *result;

    if (result->verdict != GB_CLAIM_SUPPORTED ||
        !isfinite(result->cost.equal_prices))
        return;
    equal.estimate.value = result->cost.equal_prices;
    gb_claim_decide(&equal);
    result->cost.by_prices = equal.verdict != GB_CLAIM_SUPPORTED;
}
