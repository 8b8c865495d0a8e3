/* SPDX-License-Identifier: Apache-2.0 */
/* Power over load: the levels of the benchmark `load`, and one figure over all
 * of them and active idle, a ratio of sums as in SPECpower_ssj2008
 * (https://www.spec.org/power_ssj2008/). It is not that benchmark's figure. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pipeline/analyse/bench.h"

static const gb_bench_result *find_idle(const gb_result *result) {
    for (size_t i = 0; i < result->bench_count; i++)
        if (result->benches[i].valid &&
            strcmp(result->plan->cases[result->benches[i].case_index].id,
                   "idle") == 0)
            return &result->benches[i];
    return NULL;
}

/* The benchmark `idle` where it ran, else the windows around the suite. */
static void take_idle(const gb_result *result, const gb_idle_power *windows,
                      gb_proportionality *out) {
    const gb_bench_result *idle = find_idle(result);

    out->idle_w = idle != NULL ? idle->power_w : windows->power_w;
    out->idle_u_w = idle != NULL
                        ? idle->power_u_w
                        : hypot(windows->resolution_w, windows->calibration_w);
}

static int by_level(const void *a, const void *b) {
    const double x = ((const gb_load_level *)a)->level;
    const double y = ((const gb_load_level *)b)->level;

    return (x < y) - (x > y);
}

static void take_levels(const gb_result *result, gb_proportionality *out) {
    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        const gb_plan_case *planned = &result->plan->cases[bench->case_index];
        if (!bench->valid || strcmp(planned->id, "load") != 0)
            continue;
        for (size_t k = 0; k < planned->param_count; k++)
            if (strcmp(planned->params[k].name, "level") == 0)
                out->levels[out->level_count++] = (gb_load_level){
                    .level = planned->params[k].f64 / 100.0,
                    .performance = bench->performance.median,
                    .power_w = bench->power_w,
                    .power_u_w = bench->power_u_w,
                };
        snprintf(out->unit, sizeof(out->unit), "%s", bench->efficiency_unit);
    }
    qsort(out->levels, out->level_count, sizeof(*out->levels), by_level);
}

/* One meter measured all of them: its error is the same, so that the
 * uncertainties add up linearly. */
static void find_overall(gb_proportionality *out) {
    double work = 0.0, power_w = out->idle_w, u_w = out->idle_u_w;

    for (size_t i = 0; i < out->level_count; i++) {
        work += out->levels[i].performance;
        power_w += out->levels[i].power_w;
        u_w += out->levels[i].power_u_w;
    }
    out->idle_share = out->idle_w / out->levels[0].power_w;
    out->overall = work / power_w;
    out->overall_u = out->overall * u_w / power_w;
    if (isnan(out->overall))
        gb_copy(out->reason, sizeof(out->reason),
                "power is not known at every level and at rest");
}

gb_status gb_find_proportionality(const gb_idle_power *windows,
                                  gb_result *result, gb_error *err) {
    gb_proportionality *out = &result->proportionality;

    *out = (gb_proportionality){.idle_w = NAN,
                                .idle_u_w = NAN,
                                .idle_share = NAN,
                                .overall = NAN,
                                .overall_u = NAN};
    out->levels = calloc(result->bench_count + 1, sizeof(*out->levels));
    if (out->levels == NULL)
        return gb_fail_memory(err, "the levels of load");
    take_idle(result, windows, out);
    take_levels(result, out);
    if (out->level_count >= 2) {
        find_overall(out);
        return GB_OK;
    }
    out->level_count = 0;
    gb_copy(out->reason, sizeof(out->reason),
            "fewer than two levels of load were measured");
    return GB_OK;
}
