/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_ASSESS_PARTS_H
#define GB_PIPELINE_ASSESS_PARTS_H

/**
 * @file pipeline/assess/parts.h
 * Private to pipeline/assess.
 */
#include "pipeline/assess/assess.h"

/** A claim under way. */
typedef struct gb_assess_work {
    const gb_claims *claims;
    const gb_claim *claim;
    const gb_assess_run *runs;
    gb_claim_sides sides;
    size_t *cases;                   /* [sides.subject_count] */
    size_t *base_cases;              /* [sides.baseline_count] */
    const gb_comparison *comparison; /* nullable */
    const gb_assess_site *site;
    const gb_facility *facility; /* the site's; nullable */
    gb_claim_result *result;
} gb_assess_work;

/** End with @p reason; its detail is made by the format. @return false */
bool gb_assess_stop(gb_assess_work *work, gb_claim_reason reason,
                    const char *fmt, ...) GB_PRINTF_LIKE(3, 4);

/** @retval false  it stopped */

/* --- sides.c: which runs and cases, and whether they may be used ---------- */

bool gb_assess_sides(gb_assess_work *work);

/** Whether case @p at of @p run ended as it was planned, with energy that the
 *  claim may use. */
bool gb_assess_check(gb_assess_work *work, const gb_assess_run *run, size_t at);

/** The runs of the claim by name, whatever is taken from them. */
bool gb_assess_subjects(gb_assess_work *work);

/** Does a pattern fit a run's id or the last part of its path? */
bool gb_assess_run_fits(const char *pattern, const gb_assess_run *run);

/* --- figures.c: value and uncertainty ------------------------------------- */

/** True if energy is part of the metric. */
bool gb_claim_needs_energy(gb_claim_metric metric);

bool gb_assess_run_figure(gb_assess_work *work);
bool gb_assess_ratio(gb_assess_work *work);

/** Add a term of an estimate; u is not combined. */
void gb_estimate_add(gb_estimate *estimate, const char *name, char type,
                     double u, const char *fmt, ...) GB_PRINTF_LIKE(5, 6);

/* --- facility.c: ratios of a data centre ---------------------------------- */

bool gb_assess_facility(gb_assess_work *work);

/** The meter of @p quantity; null: there is none, or no facility. */
const gb_facility_meter *gb_facility_find_meter(const gb_facility *facility,
                                                gb_facility_quantity quantity);

/* --- proportionality.c: power over load, by the benchmarks of one run ------
 */

bool gb_assess_run_proportionality(gb_assess_work *work);

/* --- itue.c: the same by the run's own counters --------------------------- */

bool gb_assess_run_itue(gb_assess_work *work);
/* --- carbon.c: energy times intensity ------------------------------------- */

bool gb_assess_carbon(gb_assess_work *work);

/** The carbon file that the claim fixed; null: it stopped. */
const gb_carbon_setting *gb_assess_carbon_file(gb_assess_work *work);

enum { GB_CARBON_WORDS = 500 };

/** What a rate is and where it is from. @return @p out */
const char *gb_carbon_rate_words(const gb_carbon_rate *rate, char *out,
                                 size_t size);

/* --- cost.c, cost_period.c: energy times prices --------------------------- */

bool gb_assess_cost(gb_assess_work *work);
bool gb_assess_period_cost(gb_assess_work *work, const gb_tariff *tariff);

/** Whether a decided claim about cost would hold if prices were equal. */
void gb_assess_equal_prices(gb_claim_result *result);

/** Prices over some time, by time. */
typedef struct gb_price_span {
    double mean_per_j, least_per_j, most_per_j;
} gb_price_span;

/** @return false: the tariff is not valid all of that time */
bool gb_price_over(const gb_tariff *tariff, int64_t from_ns, int64_t to_ns,
                   gb_price_span *out);

/* --- totals.c: meters over one window ------------------------------------- */

/** Meters of which the same intervals were summed. */
typedef struct gb_meter_totals {
    double totals[GB_FACILITY_QUANTITIES]; /* of those asked for */
    double kept_s;                         /* in the sums */
    double missing_s; /* of the window, beyond one interval at its ends */
    double asked_s;   /* length of the window */
    size_t segments;
    int64_t first_ns, last_ns; /* of what is in the sums */
    /* Told of each piece that is summed, and what its meters said; nullable.
     * @param sums  [GB_FACILITY_QUANTITIES] */
    void (*each)(void *ctx, int64_t begin_ns, int64_t end_ns,
                 const double *sums);
    void *each_ctx;
} gb_meter_totals;

/**
 * Add the intervals wholly within @p from_ns .. @p to_ns that all of these
 * meters have: the window of a ratio is the same for all its terms. What one
 * lacks is left out of all.
 * @param meters  [count], count > 0
 */
void gb_meter_totals_add(const gb_facility_meter *const *meters, size_t count,
                         int64_t from_ns, int64_t to_ns,
                         gb_meter_totals *totals);

/** Mean of a temperature over a window, by time; NAN: no reading. */
double gb_meter_mean(const gb_facility_meter *meter, int64_t from_ns,
                     int64_t to_ns);

/* --- limit.c -------------------------------------------------------------- */

/**
 * What a number in @p written has to be multiplied with to be one in @p unit.
 *
 * @param unit  "flop/J", "W", "1"
 * @return false: they are not of one kind
 */
bool gb_limit_scale(const char *written, const char *unit, double *scale_out);

/* --- decide.c ------------------------------------------------------------- */

/** k of a rule for @p dof degrees of freedom. */
double gb_claim_coverage(const gb_claim_rule *rule, double dof);

/** Verdict of the claim's own, from estimate, limit and rule in @p result. */
void gb_claim_decide(gb_claim_result *result);

/** Verdicts of all claims as one family. @retval GB_ERR_NO_MEMORY */
gb_status gb_claim_decide_jointly(gb_assessment *assessment, gb_error *err);

#endif /* GB_PIPELINE_ASSESS_PARTS_H */
