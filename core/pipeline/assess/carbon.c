/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about carbon: the energy that pipeline/assess has anyway, times the
 * location-based intensity of its time. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "base/units.h"
#include "pipeline/assess/footprint.h"
#include "pipeline/assess/parts.h"

/* Means by energy of one factor differ by their rounding alone. */
#define SAME_SHIFT 1e-9

/* What was charged by one supply. */
typedef struct supplied {
    double energy_j, grams;
} supplied;

/* What one side of a claim is charged with. */
typedef struct side {
    const char *name; /* for messages */
    const size_t *runs, *cases;
    size_t count;
    const gb_carbon_supply *supply; /* of the first; all have one type */
    const gb_carbon_supply *other;  /* one with another factor; null: none */
    supplied by[GB_CARBON_SUPPLIES_MAX]; /* as the supplies of the file */
    double g_per_j;                      /* mean by energy */
    double factor_u_rel;                 /* of what is stated */
    double filled_u_rel;
    double time_s, work; /* of the valid repetitions */
    size_t reps;
} side;

/* --- what is charged with ------------------------------------------------- */

const gb_carbon_setting *gb_assess_carbon_file(gb_assess_work *work) {
    const gb_carbon_setting *setting = work->site->carbon;

    if (setting != NULL &&
        strcmp(setting->sha256, work->claim->carbon_sha256) == 0)
        return setting;
    if (setting != NULL)
        gb_assess_stop(work, GB_CLAIM_REASON_NO_CARBON,
                       "another file was given (--carbon) than that with "
                       "SHA-256 %.12s..",
                       work->claim->carbon_sha256);
    else
        gb_assess_stop(work, GB_CLAIM_REASON_NO_CARBON,
                       "no file was given (--carbon) with SHA-256 %.12s..",
                       work->claim->carbon_sha256);
    return NULL;
}

static const gb_carbon_rate *rate_of(const side *s, gb_carbon_basis basis) {
    return &s->supply->rates[basis];
}

/* Factors of one kind, series and year: standards.md §11, item 38. */
static bool same_rate(const gb_carbon_rate *a, const gb_carbon_rate *b) {
    return gb_carbon_same_type(gb_carbon_rate_type(a),
                               gb_carbon_rate_type(b)) &&
           a->traced == b->traced &&
           (a->traced || (a->factor.year == b->factor.year &&
                          strcmp(a->factor.series, b->factor.series) == 0));
}

/* One figure of one publication: its error is one, wherever it is used. */
static bool same_factor(const gb_carbon_rate *a, const gb_carbon_rate *b) {
    return !a->traced && !b->traced &&
           strcmp(a->factor.region, b->factor.region) == 0 &&
           strcmp(a->factor.publication, b->factor.publication) == 0 &&
           !(a->factor.g_per_kwh < b->factor.g_per_kwh) &&
           !(a->factor.g_per_kwh > b->factor.g_per_kwh);
}

const char *gb_carbon_rate_words(const gb_carbon_rate *rate, char *out,
                                 size_t size) {
    char type[64];

    gb_carbon_type_text(gb_carbon_rate_type(rate), type, sizeof(type));
    if (rate->traced)
        snprintf(out, size, "%s by the trace %s, %s, SHA-256 %s", type,
                 rate->trace.file, rate->trace.source, rate->trace.sha256);
    else
        snprintf(out, size, "%s: %.6g g/kWh of %s %d, %s%s%s", type,
                 rate->factor.g_per_kwh, rate->factor.region, rate->factor.year,
                 rate->factor.series,
                 rate->factor.series[0] != '\0' ? ", " : "",
                 rate->factor.publication);
    return out;
}

static bool mixed(gb_assess_work *work, const gb_carbon_rate *a,
                  const gb_carbon_rate *b) {
    char one[160], other[160];

    gb_carbon_rate_words(a, one, sizeof(one));
    gb_carbon_rate_words(b, other, sizeof(other));
    return gb_assess_stop(work, GB_CLAIM_REASON_MIXED, "%s; %s", one, other);
}

/* --- one side ------------------------------------------------------------- */

typedef struct side_sums {
    double energy_j, grams, filled;
} side_sums;

static void add_supplied(side *s, const gb_carbon_setting *setting,
                         gb_carbon_basis basis, const gb_carbon_supply *supply,
                         const gb_carbon_amount *amount) {
    supplied *by = &s->by[supply - setting->supplies];

    by->energy_j += amount->energy_j;
    by->grams += amount->g;
    if (supply != s->supply &&
        !same_factor(rate_of(s, basis), &supply->rates[basis]))
        s->other = supply;
}

/* Errors of one factor add up, those of several are independent. */
static double factors_u_rel(const side *s, const gb_carbon_setting *setting,
                            gb_carbon_basis basis, double grams) {
    double square = 0.0;

    for (size_t i = 0; i < setting->supply_count; i++) {
        const gb_carbon_rate *rate = &setting->supplies[i].rates[basis];
        double u_g = 0.0;
        bool before = false;
        if (!(s->by[i].energy_j > 0.0) || rate->traced)
            continue;
        for (size_t k = 0; k < setting->supply_count; k++) {
            const gb_carbon_rate *as = &setting->supplies[k].rates[basis];
            if (!(s->by[k].energy_j > 0.0) || !same_factor(rate, as))
                continue;
            before = before || k < i;
            u_g += isnan(as->factor.u_rel) ? 0.0
                                           : as->factor.u_rel * s->by[k].grams;
        }
        square += before ? 0.0 : u_g * u_g;
    }
    return grams > 0.0 ? sqrt(square) / grams : 0.0;
}

static bool add_run(gb_assess_work *work, const gb_carbon_setting *setting,
                    gb_carbon_basis basis, side *s, size_t i, side_sums *sums) {
    const gb_assess_run *run = &work->runs[s->runs[i]];
    const gb_reduced_case *reduced = &run->reduced->cases[s->cases[i]];
    const gb_carbon_supply *supply = gb_carbon_supply_of(setting, run);
    gb_carbon_amount amount;

    if (supply == NULL || !supply->rates[basis].present)
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_CARBON,
                              "the file has no %s intensity for %s",
                              gb_carbon_basis_name(basis),
                              run->result->session->run_id);
    if (s->supply == NULL)
        s->supply = supply;
    if (!same_rate(rate_of(s, basis), &supply->rates[basis]))
        return mixed(work, rate_of(s, basis), &supply->rates[basis]);
    gb_charge_case(&supply->rates[basis], setting->missing_max, reduced,
                   &run->result->benches[s->cases[i]].energy, &amount);
    if (!isfinite(amount.g))
        return gb_assess_stop(work, GB_CLAIM_REASON_UNCOVERED, "%s: %s",
                              run->result->session->run_id, amount.reason);
    sums->energy_j += amount.energy_j;
    sums->grams += amount.g;
    sums->filled += amount.filled_u_rel * amount.g;
    add_supplied(s, setting, basis, supply, &amount);
    for (size_t r = 0; r < reduced->rep_count; r++)
        if (reduced->reps[r].valid) {
            s->time_s += reduced->reps[r].window_s;
            s->work += reduced->reps[r].work;
            s->reps++;
        }
    return true;
}

static bool charge_side(gb_assess_work *work, const gb_carbon_setting *setting,
                        gb_carbon_basis basis, side *s) {
    side_sums sums = {0};

    for (size_t i = 0; i < s->count; i++)
        if (!add_run(work, setting, basis, s, i, &sums))
            return false;
    s->g_per_j = sums.grams / sums.energy_j;
    s->filled_u_rel = sums.grams > 0.0 ? sums.filled / sums.grams : 0.0;
    s->factor_u_rel = factors_u_rel(s, setting, basis, sums.grams);
    if (sums.grams > 0.0)
        return true;
    return gb_assess_stop(work, GB_CLAIM_REASON_UNCOVERED,
                          "the intensity of the %s is nothing", s->name);
}

/* --- estimates ------------------------------------------------------------ */

/* One more part of u that no repetition reduces. */
static void add_fixed(gb_estimate *out, const char *name, double u,
                      const char *how) {
    if (!(u > 0.0))
        return;
    gb_estimate_add(out, name, 'B', u, "%s", how);
    out->dof = out->u > 0.0
                   ? out->dof * pow(1.0 + u * u / (out->u * out->u), 2.0)
                   : (double)INFINITY;
    out->u = hypot(out->u, u);
    out->fixed = hypot(out->fixed, u);
    /* Better meters do not take it away. */
    out->meter_bound = NAN;
}

static void scale(gb_estimate *out, double by) {
    out->value *= by;
    out->u *= by;
    out->scatter *= by;
    out->fixed *= by;
    for (size_t i = 0; i < out->term_count; i++)
        out->terms[i].u *= by;
}

static void append(char *out, size_t size, const char *joint,
                   const char *text) {
    const size_t length = strlen(out);

    snprintf(out + length, size - length, "%s%s", length > 0 ? joint : "",
             text);
}

/* More of what stands beside the value. */
GB_PRINTF_LIKE(2, 3)
static void add_condition(gb_assess_work *work, const char *fmt, ...) {
    gb_claim_result *result = work->result;
    char text[700], chinese[700];
    va_list args;

    va_start(args, fmt);
    gb_phrase_vboth(text, sizeof(text), chinese, sizeof(chinese), fmt, args);
    va_end(args);
    append(result->conditions, sizeof(result->conditions), "; ", text);
    append(result->conditions_chinese, sizeof(result->conditions_chinese),
           gb_phrase(GB_LANGUAGE_ZH, "; "),
           chinese[0] != '\0' ? chinese : text);
}

static void describe_supply(gb_assess_work *work,
                            const gb_carbon_supply *supply,
                            gb_carbon_basis basis, const supplied *by) {
    const gb_carbon_rate *rate = &supply->rates[basis];
    const double g_per_kwh = by->grams / by->energy_j * GB_J_IN_KWH;
    char words[GB_CARBON_WORDS];

    gb_carbon_rate_words(rate, words, sizeof(words));
    if (rate->traced || isnan(rate->factor.u_rel))
        add_condition(work,
                      "runs %s: %s, mean %.4g g/kWh, its uncertainty is not "
                      "stated and left out",
                      supply->runs, words, g_per_kwh);
    else
        add_condition(work, "runs %s: %s, mean %.4g g/kWh, ± %s", supply->runs,
                      words, g_per_kwh, rate->factor.accuracy);
}

static void describe(gb_assess_work *work, const gb_carbon_setting *setting,
                     const side *s, gb_carbon_basis basis) {
    for (size_t i = 0; i < setting->supply_count; i++)
        if (s->by[i].energy_j > 0.0)
            describe_supply(work, &setting->supplies[i], basis, &s->by[i]);
}

/* Joules, of a solution or of a unit of work, as an estimate of their own. */
static bool take_energy(gb_assess_work *work, bool per_work) {
    const gb_claim *claim = work->claim;
    gb_claim as = *claim;

    as.metric = per_work && claim->form == GB_CLAIM_VALUE
                    ? GB_CLAIM_COST_PER_WORK
                    : GB_CLAIM_ENERGY;
    work->claim = &as;
    const bool made = gb_assess_sides(work) && (claim->form == GB_CLAIM_VALUE
                                                    ? gb_assess_run_figure(work)
                                                    : gb_assess_ratio(work));
    work->claim = claim;
    return made;
}

static void name_unit(const gb_assess_work *work, const side *s,
                      gb_carbon_basis basis, bool per_work, char *out,
                      size_t size, double *scale_out) {
    const gb_assess_run *run = &work->runs[s->runs[0]];
    const gb_plan_case *planned =
        &run->plan->cases[run->reduced->cases[s->cases[0]].case_index];
    char unit[48] = "solution";

    *scale_out = 1.0;
    if (per_work)
        gb_carbon_work_unit(planned->work_unit, unit, sizeof(unit), scale_out);
    snprintf(out, size, "g%s/%s",
             gb_carbon_gas_name(gb_carbon_rate_type(rate_of(s, basis))->gas),
             unit);
}

/* --- the metrics ---------------------------------------------------------- */

/* M of one R, and what its range leaves open. @return false: it stopped */
static bool add_embodied(gb_assess_work *work, const gb_carbon_setting *setting,
                         const side *s, double amount) {
    const gb_embodied *embodied = &setting->embodied;
    const double nodes =
        (double)work->runs[s->runs[0]].result->session->node_count;
    gb_estimate *out = &work->result->estimate;

    if (!embodied->present)
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_CARBON,
                              "M is part of the SCI, and the file has no "
                              "'embodied'");
    if (gb_carbon_rate_type(rate_of(s, setting->sci.basis))->gas !=
        GB_CARBON_CO2E)
        return gb_assess_stop(work, GB_CLAIM_REASON_MIXED,
                              "M in CO2e, the intensity in CO2 alone");
    const double m =
        nodes * gb_embodied_g(embodied, embodied->kg, s->time_s) / amount;
    const double spread =
        nodes *
        gb_embodied_g(embodied, embodied->high_kg - embodied->low_kg,
                      s->time_s) /
        amount;
    add_condition(work,
                  "SCI = (O + M) / R: O %.4g g, M %.4g g each; TE %.4g kg, EL "
                  "%.4g years, share %.3g %%, %s",
                  out->value, m, embodied->kg, embodied->lifetime_s / GB_YEAR_S,
                  100.0 * embodied->share, embodied->source);
    out->value += m;
    add_fixed(out, "hardware", spread / (2.0 * sqrt(3.0)),
              "the range of what making it emitted");
    return true;
}

static bool take_value(gb_assess_work *work, const gb_carbon_setting *setting,
                       bool per_work, bool sci) {
    const gb_carbon_basis basis =
        sci ? setting->sci.basis : GB_CARBON_BY_LOCATION;
    gb_estimate *out = &work->result->estimate;
    side s = {.name = "run",
              .runs = work->sides.subjects,
              .cases = work->cases,
              .count = work->sides.subject_count};
    double unit = 1.0;

    /* One repetition has a value, and no interval to decide with. */
    const bool decidable = take_energy(work, per_work);
    if (!decidable && !isfinite(out->value))
        return false;
    if (!charge_side(work, setting, basis, &s))
        return false;
    name_unit(work, &s, basis, per_work, out->unit, sizeof(out->unit), &unit);
    scale(out, s.g_per_j * unit * (sci ? setting->sci.overhead : 1.0));
    describe(work, setting, &s, basis);
    add_condition(work, "boundary: %s", setting->boundary);
    add_fixed(out, "intensity", s.factor_u_rel * out->value,
              s.other != NULL ? "several factors, as stated"
                              : rate_of(&s, basis)->factor.accuracy);
    add_fixed(out, "gaps of the trace", s.filled_u_rel * out->value,
              "filled with the mean of the rest");
    return (!sci || add_embodied(work, setting, &s,
                                 per_work ? s.work / unit : (double)s.reps)) &&
           decidable;
}

/* "J/flop" -> "gCO2e/flop" */
static void rename_sides(const side *base, gb_estimate *out) {
    char rest[48];

    gb_copy(rest, sizeof(rest),
            out->side_unit[0] == 'J' ? out->side_unit + 1 : "");
    snprintf(
        out->side_unit, sizeof(out->side_unit), "g%s%.36s",
        gb_carbon_gas_name(
            gb_carbon_rate_type(rate_of(base, GB_CARBON_BY_LOCATION))->gas),
        rest);
}

/* One and the same factor behind both sides cancels. Two do not, be they of one
 * region: what nobody states of them could be anything. Of several on one side
 * nobody can tell what cancels.
 * @param shift  intensity of the run by that of the baseline */
static bool two_factors(gb_assess_work *work, const side *run, const side *base,
                        double shift, double ratio) {
    const gb_factor *a = &rate_of(run, GB_CARBON_BY_LOCATION)->factor;
    const gb_factor *b = &rate_of(base, GB_CARBON_BY_LOCATION)->factor;
    const gb_carbon_supply *other =
        run->other != NULL ? run->other : base->other;

    if (other != NULL)
        return gb_assess_stop(
            work, GB_CLAIM_REASON_UNDOCUMENTED,
            "that of the factors of %s and %s, which do not cancel",
            run->other != NULL ? a->region : b->region,
            other->rates[GB_CARBON_BY_LOCATION].factor.region);
    if (strcmp(a->region, b->region) == 0 && fabs(shift - 1.0) < SAME_SHIFT)
        return true;
    if (isnan(a->u_rel) || isnan(b->u_rel))
        return gb_assess_stop(work, GB_CLAIM_REASON_UNDOCUMENTED,
                              "that of the factors of %s and %s, which do not "
                              "cancel",
                              a->region, b->region);
    add_fixed(&work->result->estimate, "intensities",
              hypot(a->u_rel, b->u_rel) * ratio, "two factors, as stated");
    return true;
}

/* A ratio of grams is that of energies times that of intensities. */
static bool take_ratio(gb_assess_work *work, const gb_carbon_setting *setting) {
    const bool saving = work->claim->form == GB_CLAIM_SAVING;
    const gb_carbon_basis basis = GB_CARBON_BY_LOCATION;
    gb_estimate *out = &work->result->estimate;
    side run = {.name = "run",
                .runs = work->sides.subjects,
                .cases = work->cases,
                .count = work->sides.subject_count};
    side base = {.name = "baseline",
                 .runs = work->sides.baselines,
                 .cases = work->base_cases,
                 .count = work->sides.baseline_count};

    if (!take_energy(work, false) || !charge_side(work, setting, basis, &run) ||
        !charge_side(work, setting, basis, &base))
        return false;
    if (!same_rate(rate_of(&run, basis), rate_of(&base, basis)))
        return mixed(work, rate_of(&run, basis), rate_of(&base, basis));
    if (rate_of(&run, basis)->traced)
        return gb_assess_stop(work, GB_CLAIM_REASON_LOAD_SHIFTING,
                              "%s; claim energy, or carbon by a factor of one "
                              "year",
                              rate_of(&run, basis)->trace.file);
    const double shift = run.g_per_j / base.g_per_j;
    const double ratio = shift * (saving ? 1.0 - out->value : out->value);
    scale(out, shift);
    out->value = saving ? 1.0 - ratio : ratio;
    out->base *= base.g_per_j;
    out->next *= run.g_per_j;
    rename_sides(&base, out);
    describe(work, setting, &run, basis);
    describe(work, setting, &base, basis);
    add_condition(work, "boundary: %s", setting->boundary);
    return two_factors(work, &run, &base, shift, ratio);
}

bool gb_assess_carbon(gb_assess_work *work) {
    const gb_carbon_setting *setting = gb_assess_carbon_file(work);
    const gb_claim_metric metric = work->claim->metric;

    if (setting == NULL)
        return false;
    if (work->claim->form != GB_CLAIM_VALUE)
        return take_ratio(work, setting);
    if (metric != GB_CLAIM_SCI)
        return take_value(work, setting, metric == GB_CLAIM_CARBON_PER_WORK,
                          false);
    return setting->sci.present
               ? take_value(work, setting, setting->sci.per == GB_SCI_PER_WORK,
                            true)
               : gb_assess_stop(work, GB_CLAIM_REASON_NO_CARBON,
                                "the file has no 'sci'");
}
