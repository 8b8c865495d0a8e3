/* SPDX-License-Identifier: Apache-2.0 */
/* A claim about energy proportionality: docs/scores.md has its formula. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/assess/parts.h"
#include "pipeline/assess/score_parts.h"

/* Every level counts, so that none may be chosen afterwards.
 * @param least_out  repetitions of the level that has the fewest */
static bool check_levels(gb_assess_work *work, const gb_assess_run *run,
                         size_t *least_out) {
    *least_out = SIZE_MAX;
    for (size_t i = 0; i < run->reduced->case_count; i++) {
        const gb_bench_result *bench = &run->result->benches[i];
        if (strcmp(run->plan->cases[bench->case_index].id, "load") != 0)
            continue;
        if (!gb_assess_check(work, run, i))
            return false;
        if (bench->time_s.n < *least_out)
            *least_out = bench->time_s.n;
        work->result->quality = bench->energy.quality;
    }
    return true;
}

static void describe(gb_assess_work *work, const gb_assess_run *run,
                     const gb_load_curve *curve) {
    const gb_energy_cover *cover = &run->result->session->nodes[0].cover;
    gb_claim_result *result = work->result;

    gb_copy(result->benchmark, sizeof(result->benchmark), "load");
    gb_copy(result->holds, sizeof(result->holds), cover->holds);
    gb_copy(result->leaves_out, sizeof(result->leaves_out), cover->leaves_out);
    snprintf(result->conditions, sizeof(result->conditions),
             "load at %zu levels from %.0f %% to 100 %%; %.4g W at rest, %.4g "
             "W at full load",
             curve->count - 1, 100.0 * curve->points[1].load,
             curve->points[0].power_w, curve->points[curve->count - 1].power_w);
}

static bool take_curve(gb_assess_work *work, const gb_assess_run *run,
                       const gb_load_curve *curve, size_t least) {
    gb_estimate *out = &work->result->estimate;

    if (curve->reason[0] != '\0')
        return gb_assess_stop(work, GB_CLAIM_REASON_NOT_RUN, "%s",
                              curve->reason);
    describe(work, run, curve);
    out->value = curve->proportionality.value;
    gb_copy(out->unit, sizeof(out->unit), "1");
    out->u = out->scatter = curve->proportionality.u;
    out->fixed = 0.0;
    out->dof = curve->proportionality.dof;
    out->n = least;
    gb_copy(out->replicate, sizeof(out->replicate), "repetition");
    gb_estimate_add(out, "scatter", 'A', out->u,
                    "%zu powers; one meter's bias cancels", curve->count);
    return isnan(out->u) ? gb_assess_stop(work, GB_CLAIM_REASON_ONE_VALUE,
                                          "two repetitions or more are needed")
                         : true;
}

bool gb_assess_run_proportionality(gb_assess_work *work) {
    const gb_claim_sides *sides = &work->sides;
    gb_load_curve curve = {0};
    gb_error err = {.rank = -1};
    size_t least = 0;

    if (!gb_assess_subjects(work))
        return false;
    const gb_assess_run *run = &work->runs[sides->subjects[0]];
    if (sides->subject_count > 1)
        return gb_assess_stop(work, GB_CLAIM_REASON_SIDES,
                              "%zu runs, and it is that of one",
                              sides->subject_count);
    if (!check_levels(work, run, &least))
        return false;
    const bool taken =
        gb_score_load(run, &curve, &err) == GB_OK
            ? take_curve(work, run, &curve, least)
            : gb_assess_stop(work, GB_CLAIM_REASON_NOT_RUN, "%s", err.what);
    free(curve.points);
    return taken;
}
