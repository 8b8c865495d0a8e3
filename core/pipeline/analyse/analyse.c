/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/analyse/analyse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/analyse/bench.h"
#include "pipeline/analyse/warnings.h"

static gb_status copy_sources(const gb_reduced *reduced, gb_result *result,
                              gb_error *err) {
    result->sources =
        calloc(reduced->source_count + 1, sizeof(*result->sources));
    if (result->sources == NULL)
        return gb_fail_memory(err, "the energy sources");
    if (reduced->source_count > 0)
        memcpy(result->sources, reduced->sources,
               reduced->source_count * sizeof(*result->sources));
    result->source_count = reduced->source_count;
    return GB_OK;
}

/* The busiest sampler, and the mean cost of reading all domains once. */
static void find_overhead(const gb_run_log *log, gb_result *result) {
    double fraction = 0.0;

    result->sampler_cpu_fraction = result->sample_cost_s = NAN;
    result->sampler_total.sample_hz = NAN;
    for (; log != NULL; log = log->next) {
        if (!log->has_end || log->end.costs == NULL)
            continue;
        for (size_t n = 0; n < log->session.node_count; n++) {
            const gb_sampler_cost *cost = &log->end.costs[n];
            if (cost->reads == 0 || !(cost->wall_s > 0.0))
                continue;
            result->sampler_total.cpu_s += cost->cpu_s;
            result->sampler_total.wall_s += cost->wall_s;
            result->sampler_total.reads += cost->reads;
            result->sampler_total.errors += cost->errors;
            result->sampler_total.wakeups += cost->wakeups;
            result->sampler_total.late += cost->late;
            if (cost->sample_hz > 0.0)
                result->sampler_total.sample_hz =
                    fmax(result->sampler_total.sample_hz, cost->sample_hz);
            fraction = fmax(fraction, cost->cpu_s / cost->wall_s);
        }
    }
    if (result->sampler_total.reads == 0)
        return;
    result->sampler_cpu_fraction = fraction;
    result->sample_cost_s =
        result->sampler_total.cpu_s / (double)result->sampler_total.reads;
}

/* Some counter that is summed did not stay readable over the whole run. */
static bool source_short(const gb_session *session, const gb_result *result) {
    for (size_t i = 0; i < result->source_count; i++) {
        const gb_source_figure *source = &result->sources[i];
        if (source->status != GB_DOMAIN_OK &&
            session->nodes[source->node].domains[source->domain].summed)
            return true;
    }
    return false;
}

/* --- launches ------------------------------------------------------------- */

static gb_run_status status_of(const gb_run_log *log) {
    return log->has_end ? log->end.status : GB_RUN_INTERRUPTED;
}

static uint64_t ended_ns(const gb_run_log *log) {
    return log->has_end ? log->end.ended_utc_ns : 0;
}

static gb_status list_launches(const gb_run_log *log, const gb_reduced *reduced,
                               gb_result *result, gb_error *err) {
    result->launches = calloc(reduced->launch_count, sizeof(*result->launches));
    if (result->launches == NULL)
        return gb_fail_memory(err, "the launches");
    result->launch_count = reduced->launch_count;
    for (size_t l = 0; log != NULL; log = log->next, l++)
        result->launches[l] = (gb_launch_result){
            .session = &log->session,
            .status = status_of(log),
            .ended_utc_ns = ended_ns(log),
            .rebooted_nodes =
                gb_session_rebooted(result->session, &log->session),
        };
    for (size_t c = 0; c < reduced->case_count; c++)
        for (size_t i = 0; i < reduced->cases[c].rep_count; i++)
            result->launches[reduced->cases[c].reps[i].launch].repetitions++;
    return GB_OK;
}

/* Idle power of the run as a whole: before the first launch, after the last
 * that came so far. */
static void take_idles(const gb_reduced *reduced, gb_result *result) {
    size_t last = reduced->launch_count - 1;

    while (last > 0 && !reduced->launches[last].idle_after.present)
        last--;
    result->idle_before = reduced->launches[0].idle_before;
    result->idle_after = reduced->launches[last].idle_after;
}

static gb_status analyse_cases(const gb_plan *plan, const gb_run_log *log,
                               const gb_reduced *reduced, gb_result *result,
                               gb_error *err) {
    gb_idle_list idle = {
        .launches = calloc(reduced->launch_count, sizeof(*idle.launches)),
        .count = reduced->launch_count,
    };
    gb_status status = GB_OK;

    result->energy_short = source_short(&log->session, result);
    const uint32_t flags = result->energy_short ? GB_FLAG(SOURCE) : 0;
    result->benches = calloc(reduced->case_count + 1, sizeof(*result->benches));
    if (idle.launches == NULL || result->benches == NULL)
        status = gb_fail_memory(err, "the results");
    for (size_t l = 0; status == GB_OK && l < idle.count; l++)
        idle.launches[l] = gb_idle_power_of(&reduced->launches[l].idle_before,
                                            &reduced->launches[l].idle_after);
    for (size_t i = 0; status == GB_OK && i < reduced->case_count; i++) {
        gb_bench_result *bench = &result->benches[i];
        const gb_reduced_case *one = &reduced->cases[i];

        result->bench_count = i + 1;
        status =
            gb_analyse_case(&plan->cases[one->case_index], one, &log->session,
                            &idle, plan->partial_energy, bench, err);
        if (status != GB_OK || !bench->valid)
            continue;
        bench->energy.flags |= flags;
        if (bench->energy.quality != GB_QUALITY_MEASURED ||
            (bench->energy.flags & GB_FLAG(PARTIAL)) != 0)
            result->energy_short = true;
    }
    free(idle.launches);
    return status;
}

/* --- together ------------------------------------------------------------- */

static gb_status analyse(const gb_plan *plan, const gb_run_log *log,
                         const gb_reduced *reduced, gb_result *result,
                         gb_error *err) {
    gb_status status = list_launches(log, reduced, result, err);

    take_idles(reduced, result);
    if (status == GB_OK)
        status = copy_sources(reduced, result, err);
    if (status == GB_OK)
        status = analyse_cases(plan, log, reduced, result, err);
    if (status != GB_OK)
        return status;
    find_overhead(log, result);
    gb_find_rooflines(result);
    const gb_idle_power idle =
        gb_idle_power_of(&result->idle_before, &result->idle_after);
    status = gb_find_proportionality(&idle, result, err);
    if (status != GB_OK)
        return status;
    return gb_analyse_warnings(log, reduced, result, err);
}

gb_status gb_analyse(const gb_plan *plan, const gb_run_log *log,
                     const gb_reduced *reduced, gb_result *result_out,
                     gb_error *err) {
    gb_result result = {
        .session = &log->session,
        .plan = plan,
        .status = status_of(gb_run_log_last(log)),
        .ended_utc_ns = ended_ns(gb_run_log_last(log)),
    };
    const gb_status status = analyse(plan, log, reduced, &result, err);

    if (status == GB_OK)
        *result_out = result;
    else
        gb_result_fini(&result);
    return status;
}
