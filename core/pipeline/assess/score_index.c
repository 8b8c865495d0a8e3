/* SPDX-License-Identifier: Apache-2.0 */
/* The Green Index: work per joule by that of a reference, over benchmarks
 * (B. Subramaniam, W. Feng, "The Green Index: A Metric for Evaluating
 * System-Wide Energy Efficiency in HPC Systems", HPPAC 2012). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/assess/score_parts.h"

/* An index of one benchmark is that benchmark's ratio. */
#define COMPONENTS_LEAST 2

/* --- numbers -------------------------------------------------------------- */

static double worth_of(const gb_index_component *one, gb_weighting weighting) {
    switch (weighting) {
    case GB_WEIGHTING_TIME:
        return one->time_s;
    case GB_WEIGHTING_ENERGY:
        return one->energy_j;
    case GB_WEIGHTING_POWER:
        return one->power_w;
    default:
        return 1.0;
    }
}

void gb_index_weigh(gb_weighting weighting, gb_index_component *components,
                    size_t count) {
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += worth_of(&components[i], weighting);
    for (size_t i = 0; i < count; i++)
        components[i].weight = worth_of(&components[i], weighting) / sum;
}

/* Terms of one kind of index: c_i u_rel_i, where c_i is weight (geometric, of
 * the logarithm) or weight times ratio. One meter's bias is the same in all
 * benchmarks and adds linearly; what varies adds in quadrature.
 * @return the standard uncertainty */
static double combine(const gb_index_component *components, size_t count,
                      bool logs, double *dof_out) {
    double meters = 0.0, squares = 0.0, quartic = 0.0;

    for (size_t i = 0; i < count; i++) {
        const gb_index_component *one = &components[i];
        const double c = one->weight * (logs ? 1.0 : one->ratio);
        const double varies = fmax(one->u_rel * one->u_rel -
                                       one->meters_u_rel * one->meters_u_rel,
                                   0.0);
        meters += c * one->meters_u_rel;
        squares += c * c * varies;
        quartic += pow(c * one->u_rel, 4.0) / one->dof;
    }
    const double u = sqrt(squares + meters * meters);
    *dof_out = gb_score_dof(u, quartic);
    return u;
}

void gb_index_of(const gb_index_component *components, size_t count,
                 gb_score *arithmetic, gb_score *geometric) {
    double sum = 0.0, logs = 0.0, dof = 0.0;

    for (size_t i = 0; i < count; i++) {
        sum += components[i].weight * components[i].ratio;
        logs += components[i].weight * log(components[i].ratio);
    }
    double u = combine(components, count, false, &dof);
    *arithmetic = gb_score_make_ratio(sum, u / sum, dof);
    u = combine(components, count, true, &dof);
    *geometric = gb_score_make_ratio(exp(logs), u, dof);
}

/* --- which benchmarks ----------------------------------------------------- */

static const gb_plan_case *planned_of(const gb_assess_run *run, size_t at) {
    return &run->plan->cases[run->reduced->cases[at].case_index];
}

static bool same_param(const gb_plan_param *a, const gb_plan_param *b) {
    if (strcmp(a->name, b->name) != 0 || a->kind != b->kind)
        return false;
    if (a->kind == GB_VALUE_TEXT)
        return strcmp(a->text, b->text) == 0;
    return a->u64 == b->u64 && !(a->f64 < b->f64) && !(a->f64 > b->f64);
}

static bool same_case(const gb_plan_case *a, const gb_plan_case *b) {
    if (strcmp(a->id, b->id) != 0 || a->param_count != b->param_count)
        return false;
    for (size_t i = 0; i < a->param_count; i++)
        if (!same_param(&a->params[i], &b->params[i]))
            return false;
    return true;
}

/* Where @p run has the case; SIZE_MAX: it has none. */
static size_t find_case(const gb_assess_run *run, const gb_plan_case *wanted) {
    for (size_t i = 0; i < run->reduced->case_count; i++)
        if (same_case(planned_of(run, i), wanted))
            return i;
    return SIZE_MAX;
}

static bool has_id(const gb_assess_run *run, const char *id) {
    for (size_t i = 0; i < run->reduced->case_count; i++)
        if (strcmp(planned_of(run, i)->id, id) == 0)
            return true;
    return false;
}

/* What is no work by whose joules two machines could be judged. "": it is. */
static const char *no_component(const gb_plan_case *planned) {
    if (planned->no_work)
        return "it does no work";
    if (strcmp(planned->id, "load") == 0)
        return "its rate is held down: it is for energy proportionality";
    if (strcmp(planned->id, "compute.clock") == 0)
        return "it counts cycles, which are no work";
    return "";
}

/* A comparison has its benchmarks in the order of BASE. */
static const gb_compared_bench *compared_of(const gb_compared_pair *pair,
                                            const gb_plan_case *planned,
                                            size_t *next) {
    char *params = gb_plan_case_params(planned);
    const gb_compared_bench *bench =
        *next < pair->bench_count ? &pair->benches[*next] : NULL;
    const bool found = params != NULL && bench != NULL &&
                       strcmp(bench->id, planned->id) == 0 &&
                       strcmp(bench->params, params) == 0;

    free(params);
    *next += found;
    return found ? bench : NULL;
}

/* --- one benchmark -------------------------------------------------------- */

static const char *why_refused(const gb_compared_bench *bench) {
    const char *reasons[] = {
        bench->reason, bench->metrics[GB_COMPARE_EFFICIENCY].reason,
        bench->metrics[GB_COMPARE_ENERGY].reason, bench->no_energy};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i][0] != '\0')
            return reasons[i];
    return "work per joule cannot be compared";
}

static void take(const gb_compared_bench *bench, gb_index_component *out) {
    const gb_compared_metric *efficiency =
        &bench->metrics[GB_COMPARE_EFFICIENCY];

    out->value = efficiency->next;
    out->reference = efficiency->base;
    gb_copy(out->unit, sizeof(out->unit), efficiency->unit);
    out->ratio = efficiency->ratio;
    out->u_rel = efficiency->u_rel;
    out->meters_u_rel = efficiency->meters_u_rel;
    out->dof = efficiency->dof;
    out->ci95[0] = efficiency->ci95[0];
    out->ci95[1] = efficiency->ci95[1];
    out->time_s = bench->metrics[GB_COMPARE_TIME].next;
    out->energy_j = bench->metrics[GB_COMPARE_ENERGY].next;
    out->power_w = bench->metrics[GB_COMPARE_POWER].next;
}

typedef struct index_work {
    const gb_assess_run *run, *base;
    const gb_compared_pair *pair;
    size_t next; /* into pair->benches */
    gb_green_index *out;
    gb_error *err;
} index_work;

/* Benchmark @p at of the reference, @p there of the run: a component, or the
 * reason why not. */
static gb_status add_case(index_work *work, size_t at, size_t there,
                          const gb_compared_bench *bench) {
    const gb_plan_case *planned = planned_of(work->base, at);
    const gb_bench_result *was = &work->base->result->benches[at];
    const gb_bench_result *is = &work->run->result->benches[there];
    gb_green_index *out = work->out;
    gb_index_component *component = &out->components[out->component_count];
    char doubt[320] = "";

    *component = (gb_index_component){0};
    gb_score_name(planned, component->bench, sizeof(component->bench));
    if (bench == NULL)
        return gb_score_leave_out(&out->left_out, component->bench,
                                  "it is there more than once", work->err);
    if (bench->failed)
        snprintf(out->reason, sizeof(out->reason),
                 "%s failed in the run: an index without it would leave out "
                 "what went wrong",
                 component->bench);
    if (bench->reason[0] == '\0' && (gb_score_doubt(is, doubt, sizeof(doubt)) ||
                                     gb_score_doubt(was, doubt, sizeof(doubt))))
        return gb_score_leave_out(&out->left_out, component->bench, doubt,
                                  work->err);
    if (bench->reason[0] != '\0' ||
        !isfinite(bench->metrics[GB_COMPARE_EFFICIENCY].ratio))
        return gb_score_leave_out(&out->left_out, component->bench,
                                  why_refused(bench), work->err);
    take(bench, component);
    component->value_u = component->value * is->efficiency_u / is->efficiency;
    component->reference_u =
        component->reference * was->efficiency_u / was->efficiency;
    if (was->energy.quality < out->quality)
        out->quality = was->energy.quality;
    if (is->energy.quality < out->quality)
        out->quality = is->energy.quality;
    out->component_count++;
    return GB_OK;
}

static gb_status walk_reference(index_work *work) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < work->base->reduced->case_count && status == GB_OK;
         i++) {
        const gb_plan_case *planned = planned_of(work->base, i);
        const size_t there = find_case(work->run, planned);
        const gb_compared_bench *bench =
            compared_of(work->pair, planned, &work->next);
        const char *why = no_component(planned);
        char name[192];
        gb_score_name(planned, name, sizeof(name));
        if (why[0] == '\0' && there == SIZE_MAX)
            why = has_id(work->run, planned->id)
                      ? "the run has it with other parameters"
                      : "the run has it not";
        status = why[0] != '\0' ? gb_score_leave_out(&work->out->left_out, name,
                                                     why, work->err)
                                : add_case(work, i, there, bench);
    }
    return status;
}

static gb_status walk_run(index_work *work) {
    gb_status status = GB_OK;

    for (size_t i = 0; i < work->run->reduced->case_count && status == GB_OK;
         i++) {
        const gb_plan_case *planned = planned_of(work->run, i);
        char name[192];
        if (find_case(work->base, planned) != SIZE_MAX)
            continue;
        const char *why = no_component(planned);
        gb_score_name(planned, name, sizeof(name));
        status = gb_score_leave_out(
            &work->out->left_out, name,
            why[0] != '\0' ? why
            : has_id(work->base, planned->id)
                ? "the reference has it with other parameters"
                : "the reference has it not",
            work->err);
    }
    return status;
}

/* --- together ------------------------------------------------------------- */

/* The reason that most say, which is what differs between the runs. */
static const char *common_reason(const gb_left_outs *outs) {
    const char *found = "they have no benchmark in common";
    size_t most = 0;

    for (size_t i = 0; i < outs->count; i++) {
        size_t count = 0;
        for (size_t k = 0; k < outs->count; k++)
            count += strcmp(outs->list[i].reason, outs->list[k].reason) == 0;
        if (count > most) {
            most = count;
            found = outs->list[i].reason;
        }
    }
    return found;
}

static void conclude(const index_work *work, gb_weighting weighting) {
    gb_green_index *out = work->out;
    const gb_assess_run *const both[] = {work->run, work->base};

    for (int i = 0; i < 2; i++)
        if (both[i]->result->status != GB_RUN_COMPLETE)
            snprintf(out->reason, sizeof(out->reason),
                     "%s did not run to its end: what is left of it was not "
                     "chosen by anybody",
                     both[i]->result->session->run_id);
    if (out->reason[0] == '\0' && out->component_count < COMPONENTS_LEAST)
        snprintf(out->reason, sizeof(out->reason),
                 "%zu of the benchmarks can be set against the reference, and "
                 "an index takes two: %.280s",
                 out->component_count, common_reason(&out->left_out));
    if (out->component_count == 0)
        out->quality = GB_QUALITY_UNAVAILABLE;
    gb_index_weigh(weighting, out->components, out->component_count);
    if (out->reason[0] == '\0')
        gb_index_of(out->components, out->component_count, &out->arithmetic,
                    &out->geometric);
}

gb_status gb_score_index(const gb_assess_run *run,
                         const gb_score_reference *reference,
                         gb_weighting weighting, gb_green_index *out,
                         gb_error *err) {
    *out = (gb_green_index){.weighting = weighting,
                            .arithmetic = gb_score_none(),
                            .geometric = gb_score_none(),
                            .quality = GB_QUALITY_MEASURED};
    if (reference == NULL) {
        out->quality = GB_QUALITY_UNAVAILABLE;
        gb_copy(out->reason, sizeof(out->reason),
                "no reference was named: --reference RUNDIR");
        return GB_OK;
    }
    index_work work = {.run = run,
                       .base = reference->run,
                       .pair = &reference->comparison->pairs[0],
                       .out = out,
                       .err = err};
    out->asked = true;
    out->reference = reference->run->result->session;
    gb_copy(out->sha256, sizeof(out->sha256), reference->records_sha256);
    out->components = calloc(reference->run->reduced->case_count + 1,
                             sizeof(*out->components));
    if (out->components == NULL)
        return gb_fail_memory(err, "the components of an index");
    gb_status status = walk_reference(&work);
    if (status == GB_OK)
        status = walk_run(&work);
    conclude(&work, weighting);
    return status;
}
