/* SPDX-License-Identifier: Apache-2.0 */
/* What all scores share, and energy-delay products. */
#include "pipeline/assess/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metering/window.h"
#include "pipeline/assess/score_parts.h"
#include "stats/sample.h"

/* Marks of an energy after which it is in doubt, or not all of it. */
#define DOUBTS                                                                 \
    (GB_FLAG(SOURCE) | GB_FLAG(SUSPECT) | GB_FLAG(SHARED) | GB_FLAG(PARTIAL))

/* --- numbers -------------------------------------------------------------- */

gb_score gb_score_none(void) {
    return (gb_score){NAN, NAN, NAN, {NAN, NAN}};
}

gb_score gb_score_make(double value, double u, double dof) {
    const double half = isnan(u) ? u : u * gb_t_quantile(0.95, fmax(dof, 1.0));

    return (gb_score){value, u, dof, {value - half, value + half}};
}

gb_score gb_score_make_ratio(double value, double u_rel, double dof) {
    const double half =
        isnan(u_rel) ? u_rel : u_rel * gb_t_quantile(0.95, fmax(dof, 1.0));

    return (gb_score){
        value, value * u_rel, dof, {value * exp(-half), value * exp(half)}};
}

double gb_score_dof(double u, double quartic) {
    return quartic > 0.0 ? u * u * u * u / quartic : (double)INFINITY;
}

gb_mean_error gb_score_figure_error(const gb_energy_figure *figure) {
    return (gb_mean_error){
        .varies =
            gb_budget_resolution_j(&figure->budget) / fabs(figure->energy_j),
        .dof = INFINITY,
        .bias = figure->budget.calibration_j / fabs(figure->energy_j),
    };
}

gb_mean_error gb_score_mean_error(const double *values, size_t count,
                                  const gb_energy_figure *figure) {
    gb_mean_error out = gb_score_figure_error(figure);

    if (count < 2) {
        out.varies = NAN;
        return out;
    }
    const double scatter =
        gb_stddev(values, count) / gb_mean(values, count) / sqrt((double)count);
    if (scatter > out.varies) {
        out.varies = scatter;
        out.dof = (double)(count - 1);
    }
    return out;
}

/* --- names ---------------------------------------------------------------- */

void gb_score_name(const gb_plan_case *planned, char *out, size_t size) {
    gb_str text = {0};

    gb_str_add(&text, planned->id);
    gb_plan_add_params(planned, false, &text);
    gb_copy(out, size, text.text != NULL ? text.text : planned->id);
    gb_str_fini(&text);
}

const char *gb_score_param(const gb_plan_case *planned, const char *name) {
    for (size_t i = 0; i < planned->param_count; i++)
        if (strcmp(planned->params[i].name, name) == 0)
            return planned->params[i].text;
    return "";
}

const char *gb_score_note(const gb_bench_result *bench, const char *key) {
    for (size_t i = 0; i < bench->note_count; i++)
        if (strcmp(bench->notes[i].key, key) == 0)
            return bench->notes[i].value;
    return "";
}

/* --- what may not be used ------------------------------------------------- */

bool gb_score_doubt(const gb_bench_result *bench, char *out, size_t size) {
    const gb_energy_figure *energy = &bench->energy;
    const uint32_t doubts = energy->flags & DOUBTS;

    if (!bench->valid) {
        gb_copy(out, size, bench->reason);
        return true;
    }
    if (isnan(energy->energy_j)) {
        gb_copy(out, size,
                energy->reason[0] != '\0' ? energy->reason
                                          : "its energy is not known");
        return true;
    }
    for (int f = 0; f < GB_FLAG_COUNT; f++)
        if ((doubts >> f & 1u) != 0) {
            snprintf(out, size, "its energy is in doubt: %s",
                     gb_energy_flag_text((gb_energy_flag)f));
            return true;
        }
    if (energy->energy_j > 0.0)
        return false;
    gb_copy(out, size, "its energy is not above 0");
    return true;
}

gb_status gb_score_leave_out(gb_left_outs *outs, const char *bench,
                             const char *reason, gb_error *err) {
    gb_left_out *longer =
        realloc(outs->list, (outs->count + 1) * sizeof(*outs->list));

    if (longer == NULL)
        return gb_fail_memory(err, "what a score leaves out");
    outs->list = longer;
    gb_left_out *out = &outs->list[outs->count++];
    gb_copy(out->bench, sizeof(out->bench), bench);
    gb_copy(out->reason, sizeof(out->reason), reason);
    return GB_OK;
}

/* --- energy-delay products ------------------------------------------------ */

/* E t^power of the mean work, geometric mean, over the valid repetitions. */
static gb_score product_of(const gb_reduced_case *one,
                           const gb_bench_result *bench, double work, int power,
                           double *values) {
    size_t count = 0;
    double logs = 0.0;

    for (size_t i = 0; i < one->rep_count; i++) {
        const gb_reduced_rep *rep = &one->reps[i];
        if (!rep->valid)
            continue;
        const double share = work / rep->work;
        values[count] = rep->energy.energy_j * share *
                        pow(rep->time_s * share, (double)power);
        logs += log(values[count++]);
    }
    const gb_mean_error error =
        gb_score_mean_error(values, count, &bench->energy);
    const double u_rel = hypot(error.varies, error.bias);
    return gb_score_make_ratio(
        exp(logs / (double)count), u_rel,
        gb_score_dof(u_rel, pow(error.varies, 4.0) / error.dof));
}

static gb_status find_products(const gb_reduced_case *one,
                               const gb_bench_result *bench,
                               const gb_plan_case *planned,
                               gb_delay_products *out, gb_error *err) {
    *out = (gb_delay_products){.edp_js = gb_score_none(),
                               .ed2p_js2 = gb_score_none(),
                               .work = NAN,
                               .quality = bench->energy.quality};
    gb_score_name(planned, out->bench, sizeof(out->bench));
    gb_copy(out->work_unit, sizeof(out->work_unit), planned->work_unit);
    if (gb_score_doubt(bench, out->reason, sizeof(out->reason)))
        return GB_OK;
    double *values = calloc(one->rep_count + 1, sizeof(*values));
    if (values == NULL)
        return gb_fail_memory(err, "the repetitions of a benchmark");
    out->n = bench->time_s.n;
    out->work = bench->work / (double)out->n;
    out->edp_js = product_of(one, bench, out->work, 1, values);
    out->ed2p_js2 = product_of(one, bench, out->work, 2, values);
    free(values);
    return GB_OK;
}

/* A rate that is held down on purpose, or no work, has no such product. */
static bool has_products(const gb_plan_case *planned) {
    return !planned->no_work && strcmp(planned->id, "load") != 0;
}

static gb_status find_all_products(const gb_assess_run *run, gb_scores *out,
                                   gb_error *err) {
    const gb_reduced *reduced = run->reduced;
    gb_status status = GB_OK;

    out->products = calloc(reduced->case_count + 1, sizeof(*out->products));
    if (out->products == NULL)
        return gb_fail_memory(err, "energy-delay products");
    for (size_t i = 0; i < reduced->case_count && status == GB_OK; i++) {
        const gb_plan_case *planned =
            &run->plan->cases[reduced->cases[i].case_index];
        if (!has_products(planned))
            continue;
        status =
            find_products(&reduced->cases[i], &run->result->benches[i], planned,
                          &out->products[out->product_count], err);
        out->product_count++;
    }
    return status;
}

/* --- together ------------------------------------------------------------- */

/* Of all whose energy is beyond doubt, load and rest among them. */
static gb_quality worst_quality(const gb_result *result) {
    gb_quality worst = GB_QUALITY_MEASURED;
    bool any = false;
    char doubt[320];

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        if (gb_score_doubt(bench, doubt, sizeof(doubt)))
            continue;
        any = true;
        if (bench->energy.quality < worst)
            worst = bench->energy.quality;
    }
    return any ? worst : GB_QUALITY_UNAVAILABLE;
}

gb_status gb_score_run(const gb_assess_run *run,
                       const gb_score_reference *reference,
                       gb_weighting weighting, gb_scores *out, gb_error *err) {
    gb_scores made = {.session = run->result->session,
                      .status = run->result->status,
                      .quality = worst_quality(run->result)};
    gb_status status = find_all_products(run, &made, err);

    if (status == GB_OK)
        status = gb_score_index(run, reference, weighting, &made.index, err);
    if (status == GB_OK)
        status = gb_score_load(run, &made.load, err);
    if (status == GB_OK)
        status = gb_score_roofline(run, &made.roofline, err);
    if (status == GB_OK)
        *out = made;
    else
        gb_scores_fini(&made);
    return status;
}
