/* SPDX-License-Identifier: Apache-2.0 */
/* PUE and its relatives. Each is a quotient of sums of metered quantities, so
 * that one propagation serves all: with y = (sum a_i x_i) / (sum b_i x_i) and
 * independent meters, u(y)^2 = sum ((a_i - y b_i) / D * u_i)^2, D the
 * denominator. For 1 + overhead / IT this is (y - 1) sqrt(u_ov^2 + u_IT^2). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/phrase.h"
#include "base/text.h"
#include "base/units.h"
#include "base/utc.h"
#include "pipeline/assess/footprint.h"
#include "pipeline/assess/parts.h"

/* What meters may disagree by before they contradict each other, in standard
 * uncertainties. */
#define COVERAGE 2.0

/* A quantity, or what crosses the boundary however it is metered. */
enum { DC = GB_FACILITY_QUANTITIES, NOTHING = -1 };

typedef struct formula {
    gb_claim_metric year, window; /* equal where there is one alone */
    int plus, minus, under;
    bool categorised; /* its IT energy has a category */
    const char *unit;
} formula;

static const formula formulas[] = {
    {GB_CLAIM_PUE, GB_CLAIM_IPUE, DC, NOTHING, GB_FACILITY_IT, true, "1"},
    {GB_CLAIM_PPUE, GB_CLAIM_PPUE, DC, NOTHING, GB_FACILITY_IT, true, "1"},
    {GB_CLAIM_ERE, GB_CLAIM_IERE, DC, GB_FACILITY_REUSED_HEAT, GB_FACILITY_IT,
     true, "1"},
    {GB_CLAIM_ERF, GB_CLAIM_IERF, GB_FACILITY_REUSED_HEAT, NOTHING, DC, false,
     "1"},
    {GB_CLAIM_WUE, GB_CLAIM_IWUE, GB_FACILITY_WATER, NOTHING, GB_FACILITY_IT,
     true, "L/kWh"},
    {GB_CLAIM_CUE, GB_CLAIM_ICUE, DC, NOTHING, GB_FACILITY_IT, true, "kg/kWh"},
    {GB_CLAIM_REF, GB_CLAIM_IREF, GB_FACILITY_RENEWABLE, NOTHING, DC, false,
     "1"},
    {GB_CLAIM_TUE, GB_CLAIM_INTERIM_TUE, DC, NOTHING, GB_FACILITY_COMPUTE,
     false, "1"},
    {GB_CLAIM_ITUE, GB_CLAIM_ITUE, GB_FACILITY_IT, NOTHING, GB_FACILITY_COMPUTE,
     false, "1"},
};

/* The terms of one claim. */
typedef struct terms {
    const formula *of;
    const gb_facility_meter *meters[GB_FACILITY_QUANTITIES]; /* or null */
    double above[GB_FACILITY_QUANTITIES], below[GB_FACILITY_QUANTITIES];
    bool direct; /* the overhead has meters of its own */
    double scale;
    gb_meter_totals sums;
    /* Of a CUE: its intensity by a carbon file, or null and the facility's. */
    const gb_carbon_rate *rate;
    gb_charge charge;
    gb_carbon_amount amount;
} terms;

static const formula *formula_of(gb_claim_metric metric) {
    size_t i = 0;

    while (formulas[i].year != metric && formulas[i].window != metric)
        i++;
    return &formulas[i];
}

const gb_facility_meter *gb_facility_find_meter(const gb_facility *facility,
                                                gb_facility_quantity quantity) {
    for (size_t i = 0; facility != NULL && i < facility->meter_count; i++)
        if (facility->meters[i].quantity == quantity)
            return &facility->meters[i];
    return NULL;
}

static const gb_facility_meter *find_meter(const gb_facility *facility,
                                           int quantity) {
    return gb_facility_find_meter(facility, (gb_facility_quantity)quantity);
}

/* --- terms ---------------------------------------------------------------- */

static bool need(gb_assess_work *work, terms *t, int quantity, double *factors,
                 double factor) {
    const gb_facility_meter *meter = find_meter(work->facility, quantity);

    if (meter == NULL)
        return gb_assess_stop(
            work, GB_CLAIM_REASON_NOT_METERED, "%s",
            gb_facility_quantity_name((gb_facility_quantity)quantity));
    t->meters[quantity] = meter;
    factors[quantity] += factor;
    return true;
}

/* The overhead directly where it is metered: its share of the uncertainty is
 * that of the overhead, and not that of a difference of two large numbers. */
static bool need_any(gb_assess_work *work, terms *t, int quantity,
                     double *factors, double factor) {
    if (quantity == NOTHING)
        return true;
    if (quantity != DC)
        return need(work, t, quantity, factors, factor);
    t->direct = find_meter(work->facility, GB_FACILITY_OVERHEAD) != NULL;
    if (!t->direct)
        return need(work, t, GB_FACILITY_FACILITY, factors, factor);
    return need(work, t, GB_FACILITY_IT, factors, factor) &&
           need(work, t, GB_FACILITY_OVERHEAD, factors, factor);
}

/* Told of each piece that is summed: all that crosses the boundary in it. */
static void charge_piece(void *ctx, int64_t begin_ns, int64_t end_ns,
                         const double *sums) {
    terms *t = ctx;
    double energy_j = 0.0;

    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++)
        energy_j += t->above[q] * sums[q];
    gb_charge_add(&t->charge, t->rate, begin_ns, end_ns, energy_j);
}

/* What electricity is charged with. */
static bool set_emission(gb_assess_work *work, terms *t) {
    if (work->claim->carbon_sha256[0] != '\0') {
        const gb_carbon_setting *setting = gb_assess_carbon_file(work);
        if (setting == NULL)
            return false;
        t->rate = &setting->supplies[0].rates[GB_CARBON_BY_LOCATION];
        t->sums.each = charge_piece;
        t->sums.each_ctx = t;
        return true;
    }
    t->scale = GB_J_IN_KWH * work->facility->factor.kg_per_j;
    return isfinite(t->scale)
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_NOT_METERED,
                                "CO2, an emission_factor or a carbon file");
}

static bool charge_all(gb_assess_work *work, terms *t) {
    if (t->rate == NULL)
        return true;
    gb_charge_finish(&t->charge, t->rate, work->site->carbon->missing_max, 0.0,
                     &t->amount);
    t->scale = t->amount.g_per_kwh / 1e3;
    return isfinite(t->scale) ? true
                              : gb_assess_stop(work, GB_CLAIM_REASON_UNCOVERED,
                                               "%s", t->amount.reason);
}

static const char *gas_of(const gb_assess_work *work, const terms *t) {
    return t->rate != NULL
               ? gb_carbon_gas_name(gb_carbon_rate_type(t->rate)->gas)
               : work->facility->factor.gas;
}

static bool collect_terms(gb_assess_work *work, terms *t) {
    t->of = formula_of(work->claim->metric);
    t->scale = 1.0;
    if (!need_any(work, t, t->of->plus, t->above, 1.0) ||
        !need_any(work, t, t->of->minus, t->above, -1.0) ||
        !need_any(work, t, t->of->under, t->below, 1.0))
        return false;
    /* What is not needed and there all the same is checked against. */
    for (int q = GB_FACILITY_IT; q <= GB_FACILITY_FACILITY; q++)
        if (t->meters[q] == NULL && t->direct)
            t->meters[q] = find_meter(work->facility, q);
    if (t->of->year == GB_CLAIM_CUE && !set_emission(work, t))
        return false;
    if (t->of->year == GB_CLAIM_WUE)
        t->scale = GB_J_IN_KWH;
    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++)
        if (t->meters[q] != NULL && isnan(t->meters[q]->u_rel))
            return gb_assess_stop(work, GB_CLAIM_REASON_UNDOCUMENTED, "%s",
                                  t->meters[q]->id);
    return true;
}

/* --- the window ----------------------------------------------------------- */

/* From the first timed call to the end of the last. */
static bool run_window(const gb_assess_run *run, const char *benchmark,
                       int64_t *from_out, int64_t *to_out) {
    int64_t from = INT64_MAX, to = INT64_MIN;

    for (size_t c = 0; c < run->reduced->case_count; c++) {
        const gb_reduced_case *one = &run->reduced->cases[c];
        if (benchmark != NULL &&
            !gb_glob_match(benchmark, run->plan->cases[one->case_index].id))
            continue;
        for (size_t i = 0; i < one->rep_count; i++) {
            const int64_t begin = (int64_t)one->reps[i].begin_utc_ns;
            const int64_t end = begin + llround(1e9 * one->reps[i].time_s);
            if (!one->reps[i].valid || begin == 0)
                continue;
            from = begin < from ? begin : from;
            to = end > to ? end : to;
        }
    }
    *from_out = from;
    *to_out = to;
    return from < to;
}

static bool check_period(gb_assess_work *work) {
    const int64_t *period = work->claim->period_ns;

    if (gb_claim_metric_kind(work->claim->metric) != GB_CLAIM_OF_YEAR)
        return true;
    return period[0] != 0 && gb_utc_years_later(period[0], 1) <= period[1]
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_PERIOD, "%s",
                                gb_claim_metric_name(
                                    formula_of(work->claim->metric)->window));
}

static bool sum_windows(gb_assess_work *work, terms *t) {
    const gb_facility_meter *list[GB_FACILITY_QUANTITIES];
    const int64_t *period = work->claim->period_ns;
    size_t count = 0;

    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++)
        if (t->meters[q] != NULL)
            list[count++] = t->meters[q];
    if (period[0] != 0)
        gb_meter_totals_add(list, count, period[0], period[1], &t->sums);
    for (size_t i = 0; period[0] == 0 && i < work->sides.subject_count; i++) {
        int64_t from = 0, to = 0;
        if (run_window(&work->runs[work->sides.subjects[i]],
                       work->claim->benchmark, &from, &to))
            gb_meter_totals_add(list, count, from, to, &t->sums);
    }
    if (t->sums.segments == 0)
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_WINDOW, "%.0f s",
                              t->sums.asked_s);
    const double missing = t->sums.missing_s / t->sums.asked_s;
    return missing <= work->facility->missing_max
               ? charge_all(work, t)
               : gb_assess_stop(work, GB_CLAIM_REASON_GAPS,
                                "%.2g %% of %.0f s, %.2g %% are allowed",
                                100.0 * missing, t->sums.asked_s,
                                100.0 * work->facility->missing_max);
}

/* --- checks --------------------------------------------------------------- */

static double u_of(const terms *t, int quantity) {
    const gb_facility_meter *meter = t->meters[quantity];

    return hypot(meter->u_rel * t->sums.totals[quantity],
                 meter->u_abs * t->sums.kept_s);
}

static bool check_category(gb_assess_work *work, const terms *t) {
    const int claimed = work->claim->category, is = work->facility->category;

    return !t->of->categorised || (claimed == is && is != 0)
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_CATEGORY,
                                "%d in the claim, %d in the facility (0: not "
                                "stated)",
                                claimed, is);
}

static bool contradicts(gb_assess_work *work, const char *left, double a,
                        const char *right, double b) {
    return gb_assess_stop(work, GB_CLAIM_REASON_IDENTITY,
                          "%s %.6g kWh, %s %.6g kWh", left, a / GB_J_IN_KWH,
                          right, b / GB_J_IN_KWH);
}

static bool check_identities(gb_assess_work *work, const terms *t) {
    const double *x = t->sums.totals;
    const bool main = t->meters[GB_FACILITY_FACILITY] != NULL;
    const bool it = t->meters[GB_FACILITY_IT] != NULL;

    if (main && it && x[GB_FACILITY_FACILITY] < x[GB_FACILITY_IT])
        return contradicts(work, "facility", x[GB_FACILITY_FACILITY], "IT",
                           x[GB_FACILITY_IT]);
    if (main && it && t->direct) {
        const double sum = x[GB_FACILITY_IT] + x[GB_FACILITY_OVERHEAD];
        const double u = hypot(
            u_of(t, GB_FACILITY_FACILITY),
            hypot(u_of(t, GB_FACILITY_IT), u_of(t, GB_FACILITY_OVERHEAD)));
        if (fabs(x[GB_FACILITY_FACILITY] - sum) > COVERAGE * u)
            return contradicts(work, "facility", x[GB_FACILITY_FACILITY],
                               "IT and overhead", sum);
    }
    if (it && t->meters[GB_FACILITY_COMPUTE] != NULL &&
        x[GB_FACILITY_COMPUTE] > x[GB_FACILITY_IT])
        return contradicts(work, "IT", x[GB_FACILITY_IT], "compute",
                           x[GB_FACILITY_COMPUTE]);
    const double dc = t->direct ? x[GB_FACILITY_IT] + x[GB_FACILITY_OVERHEAD]
                                : x[GB_FACILITY_FACILITY];
    for (int q = GB_FACILITY_REUSED_HEAT; q <= GB_FACILITY_RENEWABLE; q++)
        if (t->meters[q] != NULL && x[q] > dc)
            return contradicts(
                work, gb_facility_quantity_name((gb_facility_quantity)q), x[q],
                "facility", dc);
    return true;
}

/* --- what stands beside it ------------------------------------------------ */

static void add_mean(const gb_assess_work *work, const terms *t, int quantity,
                     const char *name, gb_language language, gb_str *out) {
    const gb_facility_meter *meter = find_meter(work->facility, quantity);
    const double mean =
        meter != NULL ? gb_meter_mean(meter, t->sums.first_ns, t->sums.last_ns)
                      : (double)NAN;
    if (isfinite(mean))
        gb_str_addf(out, gb_phrase(language, ", %s %.1f degC"),
                    gb_phrase(language, name), mean);
}

static void add_emission(const gb_facility *facility, const terms *t,
                         gb_language language, gb_str *out) {
    char words[GB_CARBON_WORDS];

    gb_str_addf(out, "%s%s", gb_phrase(language, "; "),
                t->rate != NULL
                    ? gb_carbon_rate_words(t->rate, words, sizeof(words))
                    : facility->factor.words);
}

static void describe_in(gb_assess_work *work, const terms *t,
                        gb_language language, char *words, size_t size) {
    const gb_facility *facility = work->facility;
    const gb_meter_totals *sums = &t->sums;
    gb_str out = {0};
    char from[32], to[32];

    gb_clock_format_utc((uint64_t)sums->first_ns, from, sizeof(from));
    gb_clock_format_utc((uint64_t)sums->last_ns, to, sizeof(to));
    gb_str_addf(&out,
                gb_phrase(language,
                          "%s: %s; %s to %s, %.0f s in %zu intervals, %.2g %% "
                          "missing"),
                facility->name, facility->boundary, from, to, sums->kept_s,
                sums->segments, 100.0 * sums->missing_s / sums->asked_s);
    if (t->of->categorised)
        gb_str_addf(&out, gb_phrase(language, ", category %d"),
                    facility->category);
    if (facility->rated_w > 0.0 && t->meters[GB_FACILITY_IT] != NULL)
        gb_str_addf(&out, gb_phrase(language, ", IT load %.0f %%"),
                    100.0 * sums->totals[GB_FACILITY_IT] / sums->kept_s /
                        facility->rated_w);
    add_mean(work, t, GB_FACILITY_OUTDOOR, "outdoor", language, &out);
    add_mean(work, t, GB_FACILITY_COOLANT, "coolant", language, &out);
    if (t->of->minus == GB_FACILITY_REUSED_HEAT ||
        t->of->plus == GB_FACILITY_REUSED_HEAT)
        gb_str_add(&out,
                   gb_phrase(language,
                             ", reuse by the Green Grid's definition: heat "
                             "metered outside the boundary"));
    if (t->of->year == GB_CLAIM_CUE)
        add_emission(facility, t, language, &out);
    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++)
        if (t->meters[q] != NULL && t->meters[q]->note[0] != '\0')
            gb_str_addf(&out, "%s%s", gb_phrase(language, "; "),
                        t->meters[q]->note);
    gb_copy(words, size, out.text != NULL ? out.text : "");
    gb_str_fini(&out);
}

static void describe(gb_assess_work *work, const terms *t) {
    gb_claim_result *result = work->result;

    describe_in(work, t, GB_LANGUAGE_EN, result->conditions,
                sizeof(result->conditions));
    describe_in(work, t, GB_LANGUAGE_ZH, result->conditions_chinese,
                sizeof(result->conditions_chinese));
}

/* Load and weather are part of a ratio over less than a year. */
static bool check_context(gb_assess_work *work, const terms *t) {
    if (!t->of->categorised ||
        gb_claim_metric_kind(work->claim->metric) == GB_CLAIM_OF_YEAR)
        return true;
    const gb_facility_meter *outdoor =
        find_meter(work->facility, GB_FACILITY_OUTDOOR);
    if (!(work->facility->rated_w > 0.0))
        return gb_assess_stop(work, GB_CLAIM_REASON_CONTEXT,
                              "it_rated, for the load");
    return outdoor != NULL && isfinite(gb_meter_mean(outdoor, t->sums.first_ns,
                                                     t->sums.last_ns))
               ? true
               : gb_assess_stop(work, GB_CLAIM_REASON_CONTEXT,
                                "the outdoor temperature");
}

/* --- the ratio ------------------------------------------------------------ */

static double weigh(const terms *t, const double *factors) {
    double sum = 0.0;

    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++)
        sum += factors[q] * t->sums.totals[q];
    return sum;
}

static void estimate_ratio(const gb_assess_work *work, const terms *t) {
    gb_estimate *out = &work->result->estimate;
    const double under = weigh(t, t->below);
    const double ratio = weigh(t, t->above) / under;
    double square = 0.0, bound = 0.0;

    out->value = t->scale * ratio;
    gb_copy(out->unit, sizeof(out->unit), t->of->unit);
    if (t->of->year == GB_CLAIM_CUE)
        snprintf(out->unit, sizeof(out->unit), "kg%s/kWh", gas_of(work, t));
    for (int q = 0; q < GB_FACILITY_QUANTITIES; q++) {
        if (t->meters[q] == NULL)
            continue;
        const double factor = t->above[q] - ratio * t->below[q];
        const double u = t->scale * fabs(factor) / under * u_of(t, q);
        if (t->above[q] == 0.0 && t->below[q] == 0.0)
            continue;
        square += u * u;
        bound = fmax(bound, sqrt(3.0) * u_of(t, q) / t->sums.totals[q]);
        gb_estimate_add(
            out, t->meters[q]->id, 'B', u, "%.6g %s, %s",
            t->sums.totals[q] / (q == GB_FACILITY_WATER ? 1.0 : GB_J_IN_KWH),
            q == GB_FACILITY_WATER ? "L" : "kWh", t->meters[q]->accuracy);
    }
    if (t->rate != NULL && t->amount.u_g > 0.0) {
        const double u = out->value * t->amount.u_g / t->amount.g;
        square += u * u;
        gb_estimate_add(out, "intensity", 'B', u, "as stated, or filled");
    }
    out->u = out->fixed = sqrt(square);
    out->scatter = 0.0;
    out->meter_bound = bound;
    out->dof = INFINITY;
    out->n = t->sums.segments;
    gb_copy(out->replicate, sizeof(out->replicate), "interval");
}

bool gb_assess_facility(gb_assess_work *work) {
    terms t = {0};

    if (!gb_assess_subjects(work) || !check_period(work))
        return false;
    if (work->facility == NULL)
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_FACILITY, "--facility");
    if (!collect_terms(work, &t) || !check_category(work, &t) ||
        !sum_windows(work, &t))
        return false;
    describe(work, &t);
    if (!check_identities(work, &t) || !check_context(work, &t))
        return false;
    estimate_ratio(work, &t);
    return true;
}
