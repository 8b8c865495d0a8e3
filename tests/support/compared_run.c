/* SPDX-License-Identifier: Apache-2.0 */
#include "support/compared_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metering/window.h"

/* What a package's meter may be off by. */
#define CALIBRATION 0.03
#define KIND        7u

static void *zeroed(size_t count, size_t size) {
    void *made = calloc(count > 0 ? count : 1, size);
    if (made == NULL)
        abort();
    return made;
}

static char *copy(const char *text) {
    char *made = strdup(text);
    if (made == NULL)
        abort();
    return made;
}

/* SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): 0 < x < 1. */
static double uniform(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller. */
double compared_noise(uint64_t *seed) {
    const double radius = sqrt(-2.0 * log(uniform(seed)));
    return radius * cos(2.0 * acos(-1.0) * uniform(seed));
}

void compared_run_make(compared_run *run, const char *run_id, size_t cases,
                       size_t reps) {
    *run = (compared_run){0};
    gb_copy(run->session.run_id, sizeof(run->session.run_id), run_id);
    gb_copy(run->session.tool_version, sizeof(run->session.tool_version),
            "1.0.0");
    run->session.ranks = 1;
    run->session.nodes = &run->node;
    run->session.node_count = 1;
    run->node.domains = &run->domain;
    run->node.domain_count = 1;
    run->domain.scope = GB_SCOPE_PACKAGE;
    run->domain.summed = true;
    run->plan.cases = zeroed(cases, sizeof(*run->plan.cases));
    run->plan.case_count = cases;
    run->reduced.cases = zeroed(cases, sizeof(*run->reduced.cases));
    run->reduced.case_count = cases;
    run->result.benches = zeroed(cases, sizeof(*run->result.benches));
    run->result.bench_count = cases;
    run->result.session = &run->session;
    run->result.plan = &run->plan;
    for (size_t c = 0; c < cases; c++) {
        char id[32];
        snprintf(id, sizeof(id), "memory.b%zu", c);
        run->plan.cases[c] = (gb_plan_case){.id = copy(id),
                                            .version = copy("1.0.0"),
                                            .work_unit = copy("byte")};
        run->reduced.cases[c] = (gb_reduced_case){
            .case_index = (uint32_t)c,
            .reps = zeroed(reps, sizeof(*run->reduced.cases[c].reps)),
            .rep_count = reps};
        run->result.benches[c].case_index = (uint32_t)c;
        run->result.benches[c].valid = true;
    }
    run->input = (gb_compare_input){run->session.run_id, &run->plan,
                                    &run->reduced, &run->result};
}

void compared_run_fill(compared_run *run, size_t at,
                       const compared_values *values, uint64_t *seed) {
    gb_reduced_case *one = &run->reduced.cases[at];

    for (size_t i = 0; i < one->rep_count; i++) {
        const double rate =
            values->rate * exp(values->noise * compared_noise(seed));
        const double power_w =
            values->power_w * exp(values->noise * compared_noise(seed));
        one->reps[i] = (gb_reduced_rep){
            .repetition = (uint32_t)i,
            .valid = true,
            .time_s = values->rate / rate,
            .work = values->rate,
            .window_s = values->rate / rate,
            .energy = {.energy_j = power_w * values->rate / rate,
                       .window_s = values->rate / rate,
                       .quality = GB_QUALITY_MEASURED}};
        if (isnan(power_w))
            one->reps[i].energy = gb_figure_none("no counter");
        else
            gb_budget_calibrate(&one->reps[i].energy.budget, KIND,
                                CALIBRATION * one->reps[i].energy.energy_j);
    }
}

void compared_run_sum(compared_run *run) {
    for (size_t c = 0; c < run->reduced.case_count; c++) {
        const gb_reduced_case *one = &run->reduced.cases[c];
        gb_bench_result *bench = &run->result.benches[c];
        bench->energy = gb_figure_zero();
        bench->work = 0.0;
        bench->time_s.n = 0;
        for (size_t i = 0; i < one->rep_count; i++) {
            if (!one->reps[i].valid)
                continue;
            gb_figure_add_serial(&bench->energy, &one->reps[i].energy);
            bench->work += one->reps[i].work;
            bench->time_s.n++;
        }
    }
}

void compared_run_free(compared_run *run) {
    for (size_t c = 0; c < run->plan.case_count; c++) {
        gb_plan_case_fini(&run->plan.cases[c]);
        free(run->reduced.cases[c].reps);
    }
    free(run->plan.cases);
    free(run->reduced.cases);
    free(run->result.benches);
}
