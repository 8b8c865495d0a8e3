/* SPDX-License-Identifier: Apache-2.0 */
/* A repetition of a stored run -> what of it is graded, and its grades. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/assess/grade.h"
#include "stats/spread.h"

/* --- which repetition ------------------------------------------------------
 */

gb_status gb_grade_pick(const gb_plan *plan, const gb_reduced *reduced,
                        const char *id, size_t *case_out, size_t *rep_out,
                        gb_error *err) {
    double best = 0.0;

    for (size_t c = 0; c < reduced->case_count; c++) {
        const gb_reduced_case *one = &reduced->cases[c];
        if (strcmp(plan->cases[one->case_index].id, id) != 0)
            continue;
        for (size_t r = 0; r < one->rep_count; r++) {
            const gb_reduced_rep *rep = &one->reps[r];
            const double rate = rep->work / rep->time_s;
            if (!rep->valid || !(rate > best))
                continue;
            best = rate;
            *case_out = c;
            *rep_out = r;
        }
    }
    if (best > 0.0)
        return GB_OK;
    return gb_fail(
        err, GB_ERR_NOT_FOUND, "run one: mpirun greenbench --suite green500",
        "expected a valid repetition of %s, got none in this run", id);
}

/* --- meters ----------------------------------------------------------------
 */

static bool is_controller(const gb_energy_domain *domain) {
    static const char *const sources[] = {"ipmi", "redfish", "cray_pm",
                                          "hwmon"};

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (strcmp(domain->source, sources[i]) == 0)
            return true;
    return false;
}

static gb_point point_of(const gb_energy_domain *domain) {
    if (domain->quality == GB_QUALITY_UNAVAILABLE)
        return GB_POINT_NONE;
    if (domain->quality == GB_QUALITY_MODELLED)
        return GB_POINT_ESTIMATED;
    if (domain->quality != GB_QUALITY_MEASURED)
        return GB_POINT_FOREIGN;
    if (domain->scope == GB_SCOPE_NODE_AC)
        return is_controller(domain) ? GB_POINT_CONTROLLER : GB_POINT_UPSTREAM;
    return domain->scope == GB_SCOPE_NODE_DC ? GB_POINT_DOWNSTREAM
                                             : GB_POINT_COMPONENT;
}

/* NAN where nobody stated it: what components may be off by is an estimate of
 * ours. @param power_w  that a share of range is of */
static double accuracy_of(const gb_energy_domain *domain, double power_w) {
    if (!domain->accuracy_stated || point_of(domain) <= GB_POINT_COMPONENT)
        return NAN;
    const double of_range = domain->u_w > 0.0 ? domain->u_w / power_w : 0.0;
    return sqrt(3.0) * (domain->u_rel + of_range);
}

static bool same_meter(const gb_graded_meter *a, const gb_graded_meter *b) {
    return strcmp(a->source, b->source) == 0 && strcmp(a->name, b->name) == 0 &&
           a->scope == b->scope && a->kind == b->kind &&
           isnan(a->accuracy) == isnan(b->accuracy) &&
           (isnan(a->accuracy) || fabs(a->accuracy - b->accuracy) < 1e-4) &&
           a->update_s == b->update_s;
}

/* Above GB_GRADED_METERS kinds the further ones count, unnamed. */
static void list_meter(const gb_graded_meter *meter, gb_grading *out) {
    for (size_t i = 0; i < out->meter_count; i++)
        if (same_meter(&out->meters[i], meter)) {
            out->meters[i].nodes++;
            return;
        }
    if (out->meter_count < GB_GRADED_METERS)
        out->meters[out->meter_count++] = *meter;
}

/* A statement fills what a meter or its site left open, and where both speak
 * the worse counts. Of components no accuracy counts. */
static void apply_stated(const gb_stated_meter *stated, gb_point point,
                         gb_graded_meter *meter, gb_grade_facts *facts) {
    if (stated == NULL)
        return;
    meter->stated = stated;
    if (!isnan(stated->accuracy) && point > GB_POINT_COMPONENT) {
        meter->accuracy = fmax(meter->accuracy, stated->accuracy);
        facts->stated_accuracy = true;
    }
    if (!isnan(stated->update_s) && !(meter->update_s >= stated->update_s)) {
        meter->update_s = stated->update_s;
        facts->stated_update = true;
    }
}

static void take_meter(const gb_energy_domain *domain, double power_w,
                       gb_grading *out) {
    gb_grade_facts *facts = &out->facts;
    gb_graded_meter meter = {.scope = domain->scope,
                             .kind = domain->kind,
                             .accuracy = accuracy_of(domain, power_w),
                             .update_s = 1e-9 * (double)domain->update_ns,
                             .nodes = 1};
    const gb_point point = point_of(domain);

    gb_copy(meter.source, sizeof(meter.source), domain->source);
    gb_copy(meter.name, sizeof(meter.name), domain->name);
    apply_stated(gb_grade_stated_meter(out->stated, domain), point, &meter,
                 facts);
    list_meter(&meter, out);
    if (facts->meters == 0 || point < facts->point)
        facts->point = point;
    if (facts->meters == 0 || isnan(meter.accuracy) ||
        meter.accuracy > facts->accuracy)
        facts->accuracy =
            isnan(facts->accuracy) && facts->meters > 0 ? NAN : meter.accuracy;
    if (domain->kind == GB_READING_POWER)
        facts->counter = false;
    if (meter.update_s == 0.0)
        facts->update_s = 0.0;
    else if (facts->meters == 0 ||
             (facts->update_s > 0.0 && meter.update_s > facts->update_s))
        facts->update_s = meter.update_s;
    if (domain->shared)
        facts->identical = false;
    facts->meters++;
}

/* --- nodes -----------------------------------------------------------------
 */

/* Nodes beyond GB_NODE_SETS types count as the last one's. */
static gb_node_set *set_of(const gb_node *node, gb_grading *out) {
    for (size_t i = 0; i < out->set_count; i++)
        if (strcmp(out->sets[i].type, node->cpu) == 0)
            return &out->sets[i];
    if (out->set_count == GB_NODE_SETS)
        return &out->sets[GB_NODE_SETS - 1];
    gb_node_set *set = &out->sets[out->set_count++];
    gb_copy(set->type, sizeof(set->type), node->cpu);
    return set;
}

static void take_nodes(const gb_graded_phase *phase, gb_grading *out) {
    const gb_session *session = phase->session;
    gb_grade_facts *facts = &out->facts;
    double mean_w = 0.0, squares = 0.0;

    *facts = (gb_grade_facts){.counter = true,
                              .accuracy = NAN,
                              .identical = true,
                              .nodes = session->node_count,
                              .interconnect = session->node_count > 1,
                              .least_share = 1.0};
    gb_grade_stated_facts(out->stated, facts);
    for (size_t n = 0; n < session->node_count; n++) {
        const gb_node *node = &session->nodes[n];
        gb_node_set *set = set_of(node, out);
        const double power_w = phase->node_w[n];
        set->nodes++;
        if (isnan(power_w))
            continue;
        set->metered++;
        set->metered_w += power_w;
        facts->metered++;
        facts->metered_w += power_w;
        const double off_w = power_w - mean_w; /* Welford */
        mean_w += off_w / (double)facts->metered;
        squares += off_w * (power_w - mean_w);
        for (size_t d = 0; d < node->domain_count; d++)
            if (node->domains[d].summed)
                take_meter(&node->domains[d], power_w, out);
    }
    for (size_t i = 0; i < out->set_count; i++)
        facts->least_share =
            fmin(facts->least_share,
                 (double)out->sets[i].metered / (double)out->sets[i].nodes);
    facts->identical = facts->identical && out->set_count == 1 &&
                       facts->meters == facts->metered;
    out->node_cv = facts->metered > 1
                       ? sqrt(squares / (double)(facts->metered - 1)) / mean_w
                       : NAN;
    out->extrapolated_w = facts->metered < facts->nodes
                              ? gb_extrapolate_w(out->sets, out->set_count)
                              : NAN;
    out->lambda = gb_sampling_accuracy(out->node_cv, (double)facts->metered,
                                       (double)facts->nodes);
    if (facts->meters == 0)
        facts->counter = false;
}

/* --- together --------------------------------------------------------------
 */

static void take_power(const gb_reduced_rep *rep, const gb_graded_phase *phase,
                       gb_grading *out) {
    const gb_idle_figure *idle = out->result->idle_before.present
                                     ? &out->result->idle_before
                                     : &out->result->idle_after;
    gb_error err = {.rank = -1};

    out->core = *phase->core;
    out->full = *phase->full;
    out->core_w = out->core.energy_j / out->core.window_s;
    out->core_u_w = out->core.u_j / out->core.window_s;
    out->full_w = out->full.energy_j / out->full.window_s;
    out->full_u_w = out->full.u_j / out->full.window_s;
    out->idle_w = idle->present ? idle->power_w : NAN;
    out->idle_u_w = idle->present ? idle->u_w : NAN;
    out->efficiency = NAN;
    out->efficiency_u = NAN;
    if (isnan(out->core_w))
        gb_copy(out->efficiency_reason, sizeof(out->efficiency_reason),
                out->core.reason);
    else if (gb_green_efficiency(out->performance, rep->time_s, out->core_w,
                                 out->core.window_s, &out->efficiency,
                                 &err) != GB_OK)
        gb_copy(out->efficiency_reason, sizeof(out->efficiency_reason),
                err.what);
    else
        out->efficiency_u = out->efficiency * out->core_u_w / out->core_w;
}

void gb_grade_run(gb_methodology methodology, const gb_reduced *reduced,
                  const gb_result *result, size_t case_index, size_t rep,
                  const gb_graded_phase *phase, const gb_stated *stated,
                  gb_grading *out) {
    const gb_reduced_case *one = &reduced->cases[case_index];
    const gb_reduced_rep *picked = &one->reps[rep];

    *out = (gb_grading){.methodology = methodology,
                        .stated = stated,
                        .session = phase->session,
                        .planned = &result->plan->cases[one->case_index],
                        .reduced = one,
                        .result = result,
                        .repetition = picked->repetition,
                        .begin_utc_ns = picked->begin_utc_ns,
                        .work = picked->work,
                        .performance = picked->work / picked->time_s};
    for (size_t i = 0; i < result->bench_count; i++)
        if (result->benches[i].case_index == one->case_index)
            out->bench = &result->benches[i];
    for (size_t r = 0; r < one->rep_count; r++)
        out->repetitions += one->reps[r].valid;
    take_nodes(phase, out);
    take_power(picked, phase, out);
    out->facts.core_s = picked->time_s;
    out->facts.readings = phase->readings;
    out->facts.interval_s = phase->interval_s;
    out->facts.uncovered_s[0] = phase->uncovered_s[0];
    out->facts.uncovered_s[1] = phase->uncovered_s[1];
    out->facts.full_run = !isnan(out->full_w);
    out->facts.idle = !isnan(out->idle_w);
    gb_grade_submission(picked->window_s, out);
    gb_grade(methodology, &out->facts, &out->grades);
}
