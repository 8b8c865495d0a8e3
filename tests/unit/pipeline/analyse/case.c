/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "metering/window.h"
#include "pipeline/analyse/analyse.h"

gb_energy_figure case_figure(double energy_j, double window_s) {
    gb_energy_figure figure = {
        .energy_j = energy_j,
        .window_s = window_s,
        .budget = {.phase_j = 0.1},
        .quality = GB_QUALITY_MEASURED,
        .samples = 21,
    };

    gb_budget_shape(&figure.budget);
    gb_budget_calibrate(&figure.budget, 1, 0.03 * energy_j);
    figure.u_j = gb_budget_u_j(&figure.budget);
    figure.u95_j = gb_budget_u95_j(&figure.budget);
    return figure;
}

void case_set(test_case *one, size_t i, double time_s, double work,
              double energy_j) {
    gb_reduced_rep *rep = &one->reduced.cases[0].reps[i];

    rep->repetition = (uint32_t)i;
    rep->valid = true;
    rep->time_s = time_s;
    rep->window_s = time_s * 1.005;
    rep->work = work;
    rep->energy = rep->metered = case_figure(energy_j, rep->window_s);
    case_share(one);
}

void case_share(test_case *one) {
    gb_reduced_case *reduced = &one->reduced.cases[0];
    const double share = 1.0 / (double)one->reduced.node_count;

    for (size_t n = 0; n < one->reduced.node_count; n++) {
        gb_reduced_node *node = &reduced->nodes[n];
        *node = (gb_reduced_node){.energy = gb_figure_zero()};
        for (size_t i = 0; i < reduced->rep_count; i++) {
            const gb_reduced_rep *rep = &reduced->reps[i];
            const gb_energy_figure part =
                case_figure(rep->energy.energy_j * share, rep->window_s);
            if (!rep->valid)
                continue;
            gb_figure_add_serial(&node->energy, &part);
            node->work += rep->work * share;
            node->time_s += rep->time_s;
        }
    }
}

void case_open(test_case *one, size_t node_count, size_t reps) {
    *one = (test_case){0};
    one->plan.cases = calloc(1, sizeof(*one->plan.cases));
    one->plan.case_count = 1;
    one->plan.cases[0].id = strdup("memory.triad");
    one->plan.cases[0].work_unit = strdup("byte");
    one->plan.cases[0].repeats = (uint32_t)reps;

    gb_session *session = &one->log.session;
    one->log.has_session = one->log.has_end = true;
    session->ranks = 1;
    session->node_count = node_count;
    session->nodes = calloc(node_count, sizeof(*session->nodes));
    for (size_t n = 0; n < node_count; n++) {
        snprintf(session->nodes[n].name, sizeof(session->nodes[n].name),
                 "node%zu", n);
        session->nodes[n].cover.quality = GB_QUALITY_MEASURED;
        session->nodes[n].cover.summed_count = 2;
        gb_copy(session->nodes[n].cover.holds,
                sizeof(session->nodes[n].cover.holds), "2 packages");
    }

    gb_reduced *reduced = &one->reduced;
    reduced->node_count = node_count;
    reduced->case_count = 1;
    reduced->cases = calloc(1, sizeof(*reduced->cases));
    reduced->cases[0].reps = calloc(reps + 1, sizeof(gb_reduced_rep));
    reduced->cases[0].rep_count = reps;
    reduced->cases[0].nodes = calloc(node_count, sizeof(gb_reduced_node));
    for (size_t i = 0; i < reps; i++)
        case_set(one, i, 2.0, 100.0, 200.0);
    case_launches(one, 1);
}

void case_launches(test_case *one, size_t count) {
    gb_reduced *reduced = &one->reduced;
    gb_run_log *log = &one->log;

    reduced->launches =
        realloc(reduced->launches, count * sizeof(*reduced->launches));
    for (size_t l = reduced->launch_count; l < count; l++) {
        reduced->launches[l] = (gb_reduced_launch){
            .idle_before = {.power_w = NAN}, .idle_after = {.power_w = NAN}};
        if (l == 0)
            continue;
        log->next = calloc(1, sizeof(*log->next));
        log = log->next;
        log->has_session = log->has_end = true;
        log->session.launch = (uint32_t)l + 1;
    }
    reduced->launch_count = count;
}

void case_close(test_case *one) {
    gb_plan_fini(&one->plan);
    gb_run_log_fini(&one->log);
    gb_reduced_fini(&one->reduced);
}

void case_idle(test_case *one, bool after, double power_w) {
    case_launch_idle(one, 0, after, power_w);
}

void case_launch_idle(test_case *one, size_t launch, bool after,
                      double power_w) {
    gb_reduced_launch *of = &one->reduced.launches[launch];
    gb_idle_figure *idle = after ? &of->idle_after : &of->idle_before;

    idle->present = true;
    idle->energy = case_figure(power_w * 5.0, 5.0);
    idle->power_w = power_w;
    idle->u_w = idle->energy.u_j / 5.0;
}

gb_result case_analyse(const test_case *one) {
    gb_result result = {0};
    gb_error err = {0};

    if (gb_analyse(&one->plan, &one->log, &one->reduced, &result, &err) !=
        GB_OK)
        fail_msg("%s", err.what);
    return result;
}

const gb_warning *case_warning(const gb_result *result, const char *code) {
    for (size_t i = 0; i < result->warning_count; i++)
        if (strcmp(result->warnings[i].code, code) == 0)
            return &result->warnings[i];
    return NULL;
}

void expect_near(const char *label, double expected, double got,
                 double tolerance) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: expected %.9g, got %.9g", label, expected, got);
}
