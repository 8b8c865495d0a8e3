/* SPDX-License-Identifier: Apache-2.0 */
/* A run, or two sides of a comparison -> value and uncertainty. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/window.h"
#include "pipeline/assess/parts.h"
#include "stats/sample.h"

bool gb_claim_needs_energy(gb_claim_metric metric) {
    return metric == GB_CLAIM_POWER || metric == GB_CLAIM_ENERGY ||
           metric == GB_CLAIM_EFFICIENCY || metric == GB_CLAIM_EDP ||
           metric == GB_CLAIM_COST || metric == GB_CLAIM_COST_PER_WORK;
}

gb_compare_metric gb_claim_compared(gb_claim_metric metric) {
    switch (metric) {
    case GB_CLAIM_PERFORMANCE:
        return GB_COMPARE_PERFORMANCE;
    case GB_CLAIM_TIME:
        return GB_COMPARE_TIME;
    case GB_CLAIM_POWER:
        return GB_COMPARE_POWER;
    case GB_CLAIM_ENERGY:
    case GB_CLAIM_COST:
    case GB_CLAIM_CARBON:
    case GB_CLAIM_CARBON_PER_WORK:
        return GB_COMPARE_ENERGY;
    case GB_CLAIM_EFFICIENCY:
        return GB_COMPARE_EFFICIENCY;
    case GB_CLAIM_EDP:
        return GB_COMPARE_EDP;
    default:
        return GB_COMPARE_METRICS;
    }
}

void gb_estimate_add(gb_estimate *estimate, const char *name, char type,
                     double u, const char *fmt, ...) {
    if (estimate->term_count == GB_CLAIM_TERMS)
        return;
    gb_claim_term *term = &estimate->terms[estimate->term_count++];
    va_list args;

    *term = (gb_claim_term){.type = type, .u = u};
    gb_copy(term->name, sizeof(term->name), name);
    va_start(args, fmt);
    gb_phrase_vboth(term->how, sizeof(term->how), term->how_chinese,
                    sizeof(term->how_chinese), fmt, args);
    va_end(args);
}

static bool counts_runs(const gb_estimate *estimate) {
    return strcmp(estimate->replicate, "run") == 0;
}

/* --- one side ------------------------------------------------------------- */

/* Sums over repetitions. Rates are taken from sums, which is their harmonic
 * mean; costs are means. */
typedef struct sums {
    double work, time_s, energy_j, window_s, edp_js;
    size_t count;
} sums;

static void add_rep(sums *all, const gb_reduced_rep *rep) {
    all->work += rep->work;
    all->time_s += rep->time_s;
    all->energy_j += rep->energy.energy_j;
    all->window_s += rep->energy.window_s;
    all->edp_js += rep->energy.energy_j * rep->time_s;
    all->count++;
}

static double value_of(const sums *all, gb_claim_metric metric) {
    switch (metric) {
    case GB_CLAIM_PERFORMANCE:
        return all->work / all->time_s;
    case GB_CLAIM_TIME:
        return all->time_s / (double)all->count;
    case GB_CLAIM_POWER:
        return all->energy_j / all->window_s;
    case GB_CLAIM_ENERGY:
    case GB_CLAIM_COST:
        return all->energy_j / (double)all->count;
    case GB_CLAIM_COST_PER_WORK:
        return all->energy_j / all->work;
    case GB_CLAIM_EFFICIENCY:
        return all->work / all->energy_j;
    default:
        return all->edp_js / (double)all->count;
    }
}

static void name_unit(gb_claim_metric metric, const char *work_unit, char *out,
                      size_t size) {
    switch (metric) {
    case GB_CLAIM_PERFORMANCE:
        snprintf(out, size, "%s/s", work_unit);
        break;
    case GB_CLAIM_EFFICIENCY:
        snprintf(out, size, "%s/J", work_unit);
        break;
    case GB_CLAIM_ENERGY:
    case GB_CLAIM_COST:
        gb_copy(out, size, "J");
        break;
    case GB_CLAIM_COST_PER_WORK:
        snprintf(out, size, "J/%s", work_unit);
        break;
    default:
        gb_copy(out, size,
                metric == GB_CLAIM_TIME    ? "s"
                : metric == GB_CLAIM_POWER ? "W"
                                           : "J s");
    }
}

/* One value for each repetition of a single run, or for each of several runs:
 * what differs from launch to launch is then in their scatter.
 * @return how many; values_out is malloc'ed, null: no memory */
static size_t replicates(const gb_assess_work *work, sums *all,
                         gb_energy_figure *energy, double **values_out) {
    const size_t runs = work->sides.subject_count;
    size_t room = runs, count = 0;

    for (size_t r = 0; r < runs; r++) {
        const gb_assess_run *run = &work->runs[work->sides.subjects[r]];
        room += run->reduced->cases[work->cases[r]].rep_count;
    }
    double *values = calloc(room, sizeof(*values));
    *values_out = values;
    for (size_t r = 0; values != NULL && r < runs; r++) {
        const gb_assess_run *run = &work->runs[work->sides.subjects[r]];
        const gb_reduced_case *one = &run->reduced->cases[work->cases[r]];
        sums here = {0};
        gb_figure_add_serial(energy,
                             &run->result->benches[work->cases[r]].energy);
        for (size_t i = 0; i < one->rep_count; i++) {
            if (!one->reps[i].valid)
                continue;
            sums alone = {0};
            add_rep(&alone, &one->reps[i]);
            add_rep(&here, &one->reps[i]);
            add_rep(all, &one->reps[i]);
            if (runs == 1)
                values[count++] = value_of(&alone, work->claim->metric);
        }
        if (runs > 1)
            values[count++] = value_of(&here, work->claim->metric);
    }
    return count;
}

/* A hard bound a is u = a / sqrt(3) (JCGM 100, 4.3.7).
 * u^2 = max(s^2 / n, resolution^2) + meters^2, as pipeline/compare has it: the
 * scatter holds the resolution of the counters already. */
static void combine(gb_estimate *out, double scatter, double resolution,
                    double meters) {
    const double varies = fmax(scatter, resolution);
    const double square = varies * varies + meters * meters;

    out->u = sqrt(square);
    out->scatter = varies;
    out->fixed = meters;
    out->meter_bound = sqrt(3.0) * meters / fabs(out->value);
    out->dof = scatter > 0.0 ? square * square * (double)(out->n - 1) /
                                   (scatter * scatter * scatter * scatter)
                             : (double)INFINITY;
    gb_estimate_add(out, out->n > 1 ? "scatter" : "scatter, not known", 'A',
                    scatter, counts_runs(out) ? "%zu runs" : "%zu repetitions",
                    out->n);
    if (resolution > scatter)
        gb_estimate_add(out, "resolution of the counters", 'B', resolution,
                        "instead of the scatter, which is smaller");
    if (meters > 0.0)
        gb_estimate_add(out, "energy meters", 'B', meters,
                        "one bias behind all repetitions");
}

bool gb_assess_run_figure(gb_assess_work *work) {
    const gb_assess_run *first = &work->runs[work->sides.subjects[0]];
    const bool needs_energy = gb_claim_needs_energy(work->claim->metric);
    gb_estimate *out = &work->result->estimate;
    gb_energy_figure energy = gb_figure_zero();
    double *values = NULL;
    sums all = {0};

    name_unit(
        work->claim->metric,
        first->plan->cases[first->reduced->cases[work->cases[0]].case_index]
            .work_unit,
        out->unit, sizeof(out->unit));
    out->n = replicates(work, &all, &energy, &values);
    gb_copy(out->replicate, sizeof(out->replicate),
            work->sides.subject_count > 1 ? "run" : "repetition");
    out->value = value_of(&all, work->claim->metric);
    const double scatter =
        out->n > 1 ? gb_stddev(values, out->n) / sqrt((double)out->n) : 0.0;
    const double relative =
        needs_energy ? fabs(out->value / energy.energy_j) : 0.0;
    free(values);
    combine(out, scatter, relative * gb_budget_resolution_j(&energy.budget),
            relative * energy.budget.calibration_j);
    if (out->n < 2 && work->claim->rule.guarded)
        return gb_assess_stop(work, GB_CLAIM_REASON_ONE_VALUE,
                              counts_runs(out)
                                  ? "two runs or more are needed"
                                  : "two repetitions or more are needed");
    return true;
}

/* --- two sides ------------------------------------------------------------ */

/* A comparison names its benchmarks as BASE does. */
static const gb_compared_bench *find_compared(const gb_assess_work *work) {
    const gb_compared_pair *pair = &work->comparison->pairs[0];
    const gb_assess_run *base = &work->runs[work->sides.baselines[0]];
    const gb_plan_case *planned =
        &base->plan
             ->cases[base->reduced->cases[work->base_cases[0]].case_index];
    char *params = gb_plan_case_params(planned);
    const gb_compared_bench *found = NULL;

    for (size_t b = 0; params != NULL && b < pair->bench_count; b++)
        if (strcmp(pair->benches[b].id, planned->id) == 0 &&
            strcmp(pair->benches[b].params, params) == 0)
            found = &pair->benches[b];
    free(params);
    return found;
}

static void name_differences(const gb_assess_work *work) {
    const gb_compared_pair *pair = &work->comparison->pairs[0];
    gb_str text = {0}, chinese = {0};

    for (size_t i = 0; i < pair->difference_count; i++) {
        const gb_warning *one = &pair->differences[i];
        gb_str_addf(&text, "%s%s", i > 0 ? "; " : "", one->what);
        gb_str_addf(&chinese, "%s%s",
                    i > 0 ? gb_phrase(GB_LANGUAGE_ZH, "; ") : "",
                    one->chinese[0] != '\0' ? one->chinese : one->what);
    }
    gb_copy(work->result->differs, sizeof(work->result->differs),
            text.text != NULL ? text.text : "");
    gb_copy(work->result->differs_chinese,
            sizeof(work->result->differs_chinese),
            chinese.text != NULL ? chinese.text : "");
    gb_str_fini(&text);
    gb_str_fini(&chinese);
}

static void take_ratio(const gb_compared_metric *metric, gb_claim_form form,
                       gb_estimate *out) {
    out->value = form == GB_CLAIM_SAVING ? 1.0 - metric->ratio : metric->ratio;
    gb_copy(out->unit, sizeof(out->unit), "1");
    out->base = metric->base;
    out->next = metric->next;
    gb_copy(out->side_unit, sizeof(out->side_unit), metric->unit);
    out->u = metric->ratio * metric->u_rel;
    out->fixed = metric->ratio * metric->meters_u_rel;
    out->scatter = sqrt(fmax(out->u * out->u - out->fixed * out->fixed, 0.0));
    out->meter_bound = sqrt(3.0) * metric->meters_u_rel;
    out->dof = metric->dof;
    out->n = metric->next_n < metric->base_n ? metric->next_n : metric->base_n;
    gb_estimate_add(out, "scatter of both sides", 'A', out->scatter,
                    counts_runs(out) ? "%zu and %zu runs, %s"
                                     : "%zu and %zu repetitions, %s",
                    metric->base_n, metric->next_n, metric->method);
    if (out->fixed > 0.0)
        gb_estimate_add(out, "energy meters", 'B', out->fixed,
                        "what does not cancel between the sides");
}

bool gb_assess_ratio(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;
    gb_estimate *out = &work->result->estimate;

    if (work->comparison == NULL)
        return gb_assess_stop(work, GB_CLAIM_REASON_SIDES,
                              "%zu of the baseline and %zu of the claim: give "
                              "one of each, or as many that took turns",
                              sides->baseline_count, sides->subject_count);
    name_differences(work);
    const gb_compared_bench *bench = find_compared(work);
    if (bench == NULL)
        return gb_assess_stop(work, GB_CLAIM_REASON_NOT_COMPARABLE,
                              "the parameters of %s differ",
                              work->result->benchmark);
    const gb_compared_metric *metric =
        &bench->metrics[gb_claim_compared(work->claim->metric)];
    if (bench->reason[0] != '\0' || !isfinite(metric->ratio))
        return gb_assess_stop(work, GB_CLAIM_REASON_NOT_COMPARABLE, "%s",
                              bench->reason[0] != '\0' ? bench->reason
                                                       : metric->reason);
    gb_copy(out->replicate, sizeof(out->replicate),
            sides->subject_count > 1 ? "run" : "repetition");
    take_ratio(metric, work->claim->form, out);
    if (!isfinite(metric->u_rel) || !isfinite(metric->ci95[0]) ||
        !isfinite(metric->ci95[1]))
        return gb_assess_stop(work, GB_CLAIM_REASON_NO_INTERVAL,
                              counts_runs(out)
                                  ? "%zu and %zu runs are too few, or vary too "
                                    "much"
                                  : "%zu and %zu repetitions are too few, or "
                                    "vary too much",
                              metric->base_n, metric->next_n);
    return true;
}
