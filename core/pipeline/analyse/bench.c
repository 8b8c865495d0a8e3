/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/analyse/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "base/units.h"
#include "metering/window.h"
#include "stats/gum.h"
#include "stats/sample.h"

/* Above this share (k = 2) a counter cannot tell the energy: rule 46. */
#define RESOLVABLE_SHARE 0.10

/* --- idle ----------------------------------------------------------------- */

gb_idle_power gb_idle_power_of(const gb_idle_figure *before,
                               const gb_idle_figure *after) {
    const gb_idle_figure *const both[] = {before, after};
    gb_idle_power idle = {.power_w = NAN};
    double sum_w = 0.0, calibration_w = 0.0, squares_w2 = 0.0;
    unsigned count = 0;

    for (size_t i = 0; i < 2; i++) {
        if (!both[i]->present || isnan(both[i]->power_w))
            continue;
        const gb_energy_figure *energy = &both[i]->energy;
        const double noise_w =
            gb_budget_resolution_j(&energy->budget) / energy->window_s;
        sum_w += both[i]->power_w;
        calibration_w += energy->budget.calibration_j / energy->window_s;
        squares_w2 += noise_w * noise_w;
        count++;
    }
    if (count == 0) {
        const gb_idle_figure *why = before->present ? before : after;
        gb_copy(idle.reason, sizeof(idle.reason),
                why->present && why->energy.reason[0] != '\0'
                    ? why->energy.reason
                    : "idle power was not measured");
        return idle;
    }
    idle.power_w = sum_w / count;
    idle.calibration_w = calibration_w / count;
    idle.resolution_w = sqrt(squares_w2) / count;
    /* Idle power while the benchmarks ran lies anywhere between the two. */
    if (count == 2)
        idle.drift_w = gb_u_uniform(fabs(after->power_w - before->power_w));
    return idle;
}

/* Energy of the valid repetitions of one launch. @return how many there are */
static size_t sum_launch(const gb_reduced_case *reduced, size_t launch,
                         gb_energy_figure *sum_out) {
    size_t count = 0;

    *sum_out = gb_figure_zero();
    for (size_t i = 0; i < reduced->rep_count; i++) {
        if (!reduced->reps[i].valid || reduced->reps[i].launch != launch)
            continue;
        gb_figure_add_serial(sum_out, &reduced->reps[i].energy);
        count++;
    }
    return count;
}

/* Each launch's energy less the idle power that it found itself: a machine that
 * was away for a day idles otherwise. */
static void find_net(const gb_reduced_case *reduced, const gb_idle_list *idle,
                     gb_bench_result *out) {
    double net_j = 0.0, bias_j = 0.0, u_j = 0.0;

    out->net_j = out->net_u_j = NAN;
    if (isnan(out->energy.energy_j)) {
        gb_copy(out->net_reason, sizeof(out->net_reason), out->energy.reason);
        return;
    }
    for (size_t l = 0; l < idle->count; l++) {
        const gb_idle_power *power = &idle->launches[l];
        gb_energy_figure sum;
        if (sum_launch(reduced, l, &sum) == 0)
            continue;
        if (isnan(power->power_w)) {
            gb_copy(out->net_reason, sizeof(out->net_reason), power->reason);
            return;
        }
        const double terms_j[] = {
            u_j,
            gb_budget_resolution_j(&sum.budget),
            sum.window_s * power->resolution_w,
            sum.window_s * power->drift_w,
        };
        u_j = gb_u_quadrature(terms_j, sizeof(terms_j) / sizeof(terms_j[0]));
        net_j += sum.energy_j - power->power_w * sum.window_s;
        bias_j +=
            sum.budget.calibration_j - sum.window_s * power->calibration_w;
    }
    /* The same meter measured all of it, so that its bias cancels as the
     * energies do. */
    out->net_j = net_j;
    out->net_u_j = hypot(u_j, bias_j);
}

/* --- statistics ----------------------------------------------------------- */

static void no_series(gb_series_stats *stats) {
    *stats = (gb_series_stats){.value = NAN,
                               .mean = NAN,
                               .median = NAN,
                               .stddev = NAN,
                               .ci95 = {NAN, NAN}};
}

/* @p stats holds raw and n already. */
static void describe_series(gb_series_stats *stats) {
    stats->mean = gb_mean(stats->raw, stats->n);
    stats->median = gb_median(stats->raw, stats->n);
    stats->value = stats->median;
    stats->stddev = stats->n > 1 ? gb_stddev(stats->raw, stats->n) : NAN;
    if (!gb_median_ci95(stats->raw, stats->n, stats->ci95))
        stats->ci95[0] = stats->ci95[1] = NAN;
}

/* Relative Type A uncertainty of the mean of @p ratios, widened so that k = 2
 * is Student's 95 % interval; 0 if there is no spread to tell it from. */
static double spread_rel(const double *ratios, size_t count) {
    if (count < 2)
        return 0.0;
    return 0.5 * gb_t_quantile(0.95, (double)(count - 1)) *
           gb_stddev(ratios, count) /
           (gb_mean(ratios, count) * sqrt((double)count));
}

static void withhold_efficiency(gb_bench_result *out, const char *reason,
                                const char *chinese) {
    out->efficiency = out->efficiency_u = NAN;
    out->efficiency_ci95[0] = out->efficiency_ci95[1] = NAN;
    gb_copy(out->efficiency_reason, sizeof(out->efficiency_reason), reason);
    gb_copy(out->efficiency_chinese, sizeof(out->efficiency_chinese), chinese);
}

static void find_efficiency(const double *ratios, gb_bench_result *out) {
    const gb_energy_figure *energy = &out->energy;
    const double noise_j = gb_budget_resolution_j(&energy->budget);
    char reason[256], chinese[256];

    if (isnan(energy->energy_j)) {
        withhold_efficiency(out, energy->reason, energy->chinese);
        return;
    }
    if (energy->energy_j <= 0.0) {
        gb_phrase_both(reason, sizeof(reason), chinese, sizeof(chinese),
                       "expected energy above 0 J, got %g J", energy->energy_j);
        withhold_efficiency(out, reason, chinese);
        return;
    }
    if (2.0 * noise_j > RESOLVABLE_SHARE * energy->energy_j) {
        const double u_j = 2.0 * noise_j;
        char value[40], u_value[40];
        gb_phrase_both(
            reason, sizeof(reason), chinese, sizeof(chinese),
            "not resolvable: %s J is known to +-%s J (%.0f %%, k = 2, "
            "without calibration), expected 10 %% or less: run longer",
            gb_format_rounded(energy->energy_j, fmin(u_j, energy->energy_j),
                              value, sizeof(value)),
            gb_format_rounded(u_j, u_j, u_value, sizeof(u_value)),
            100.0 * u_j / energy->energy_j);
        withhold_efficiency(out, reason, chinese);
        return;
    }
    /* The spread of the ratios holds the scatter of time, of the machine and of
     * the counters; the counters' share is in the budget as well. The larger of
     * the two is taken, so that it is not counted twice. */
    const double random_rel = fmax(noise_j / energy->energy_j,
                                   spread_rel(ratios, out->performance.n));
    out->efficiency = out->work / energy->energy_j;
    out->efficiency_u =
        out->efficiency *
        gb_u_rel_ratio(random_rel,
                       energy->budget.calibration_j / energy->energy_j);
    if (!gb_median_ci95(ratios, out->performance.n, out->efficiency_ci95))
        out->efficiency_ci95[0] = out->efficiency_ci95[1] = NAN;
}

/* The work of the metered nodes by their energy: asked for, and said. Its
 * spread is not looked at: the energy's own uncertainty is all that is told. */
static void find_partial_efficiency(gb_bench_result *out) {
    const gb_partial *partial = &out->partial;

    if (partial->node_count == 0 || !(partial->energy.energy_j > 0.0))
        return;
    out->efficiency = partial->work / partial->energy.energy_j;
    out->efficiency_u =
        out->efficiency * partial->energy.u_j / partial->energy.energy_j;
    out->efficiency_partial = true;
    gb_phrase_both(out->efficiency_reason, sizeof(out->efficiency_reason),
                   out->efficiency_chinese, sizeof(out->efficiency_chinese),
                   "of %zu/%zu nodes: their work by their energy, as "
                   "--partial-energy asks for",
                   partial->node_count, out->node_count);
}

/* --- one benchmark -------------------------------------------------------- */

static void sum_nodes(const gb_reduced_case *reduced, size_t node_count,
                      gb_bench_result *out) {
    for (size_t n = 0; n < node_count; n++) {
        const gb_reduced_node *node = &reduced->nodes[n];
        const gb_energy_figure *energy = &node->energy;
        out->nodes[n] = (gb_bench_node){
            .node = (uint32_t)n,
            .energy_j = energy->energy_j,
            .u_j = energy->u_j,
            .power_w = energy->energy_j / energy->window_s,
            .performance =
                node->time_s > 0.0 ? node->work / node->time_s : (double)NAN,
        };
    }
}

static void sum_reps(const gb_reduced_case *reduced, double *ratios,
                     gb_bench_result *out) {
    double ratio_sum = 0.0;
    size_t n = 0;

    out->energy = gb_figure_zero();
    for (size_t i = 0; i < reduced->rep_count; i++) {
        const gb_reduced_rep *rep = &reduced->reps[i];
        if (!rep->valid)
            continue;
        out->performance.raw[n] = rep->work / rep->time_s;
        out->time_s.raw[n] = rep->time_s;
        out->energy_raw[n] = rep->energy.energy_j;
        out->launch_raw[n] = rep->launch;
        out->begin_utc_ns[n] = rep->begin_utc_ns;
        ratios[n] = rep->work / rep->energy.energy_j;
        out->work += rep->work;
        out->counts.flops += rep->counts.flops;
        out->counts.memory_bytes += rep->counts.memory_bytes;
        out->counts.network_bytes += rep->counts.network_bytes;
        out->counts.messages += rep->counts.messages;
        out->counts.in_flight += rep->counts.in_flight;
        ratio_sum += rep->window_s / rep->time_s;
        gb_figure_add_serial(&out->energy, &rep->energy);
        n++;
    }
    out->performance.n = out->time_s.n = n;
    out->window_ratio = ratio_sum / (double)n;
    describe_series(&out->performance);
    describe_series(&out->time_s);
    out->counts.in_flight /= (double)n;
    out->latency_s = out->counts.in_flight > 0.0
                         ? out->counts.in_flight / out->performance.median
                         : (double)NAN;
}

static void find_figures(const gb_reduced_case *reduced, size_t node_count,
                         const gb_idle_list *idle, bool partial_energy,
                         double *ratios, gb_bench_result *out) {
    sum_reps(reduced, ratios, out);
    sum_nodes(reduced, node_count, out);
    gb_find_partial(reduced, node_count, out);
    find_efficiency(ratios, out);
    if (partial_energy)
        find_partial_efficiency(out);
    find_net(reduced, idle, out);
    out->power_w = out->energy.energy_j / out->energy.window_s;
    out->power_u_w = out->energy.u_j / out->energy.window_s;
    gb_find_drift(reduced, out);
    out->edp_js =
        out->energy.energy_j / (double)out->performance.n * out->time_s.mean;
}

/* Measured for its power alone: seconds that passed are no performance. */
static void withhold_performance(gb_bench_result *out) {
    static const char reason[] = "it does no work: measured for its power";

    free(out->performance.raw);
    no_series(&out->performance);
    out->calm_median = NAN;
    out->edp_js = NAN;
    withhold_efficiency(out, reason, gb_phrase(GB_LANGUAGE_ZH, reason));
    for (size_t n = 0; n < out->node_count; n++)
        out->nodes[n].performance = NAN;
}

static void no_figures(gb_bench_result *out) {
    out->partial = (gb_partial){.energy = gb_figure_none("")};
    no_series(&out->performance);
    no_series(&out->time_s);
    out->work = NAN;
    out->energy = gb_figure_none(out->reason);
    out->net_j = out->net_u_j = NAN;
    gb_copy(out->net_reason, sizeof(out->net_reason), out->reason);
    out->power_w = out->power_u_w = NAN;
    out->drift_w = out->drift_u95_w = NAN;
    withhold_efficiency(out, out->reason, out->energy.chinese);
    out->edp_js = NAN;
    out->window_ratio = NAN;
    out->latency_s = NAN;
    out->calm_median = NAN;
}

/* A trial that hung or died tells nothing about the repetitions before: these
 * were verified, and the next launch keeps them. One that was wrong does. */
static gb_status keep_finished(const gb_reduced_case *reduced, size_t valid,
                               gb_bench_result *out, gb_error *err) {
    gb_series_stats *before = &out->finished_before;

    no_series(before);
    if (out->status != GB_ERR_TIMEOUT && out->status != GB_ERR_CRASHED)
        return GB_OK;
    before->raw = calloc(valid + 1, sizeof(*before->raw));
    if (before->raw == NULL)
        return gb_fail_memory(err, "a benchmark's result");
    for (size_t i = 0; i < reduced->rep_count; i++)
        if (reduced->reps[i].valid)
            before->raw[before->n++] =
                reduced->reps[i].work / reduced->reps[i].time_s;
    if (before->n > 0)
        describe_series(before);
    return GB_OK;
}

static gb_status copy_facts(const gb_plan_case *planned,
                            const gb_reduced_case *reduced,
                            gb_bench_result *out, gb_error *err) {
    out->case_index = reduced->case_index;
    out->status = reduced->status;
    out->iterations = reduced->iterations;
    gb_copy(out->reason, sizeof(out->reason), reduced->reason);
    gb_copy(out->hint, sizeof(out->hint), reduced->hint);
    gb_copy(out->work_unit, sizeof(out->work_unit), planned->work_unit);
    snprintf(out->unit, sizeof(out->unit), "%s/s", planned->work_unit);
    snprintf(out->efficiency_unit, sizeof(out->efficiency_unit), "%s/J",
             planned->work_unit);

    out->counters = calloc(reduced->counter_count + 1, sizeof(double));
    out->notes = calloc(reduced->note_count + 1, sizeof(*out->notes));
    if (out->counters == NULL || out->notes == NULL)
        return gb_fail_memory(err, "a benchmark's result");
    out->counter_count = reduced->counter_count;
    out->note_count = reduced->note_count;
    if (reduced->counter_count > 0)
        memcpy(out->counters, reduced->counters,
               reduced->counter_count * sizeof(double));
    if (reduced->note_count > 0)
        memcpy(out->notes, reduced->notes,
               reduced->note_count * sizeof(*out->notes));
    return GB_OK;
}

gb_status gb_analyse_case(const gb_plan_case *planned,
                          const gb_reduced_case *reduced,
                          const gb_session *session, const gb_idle_list *idle,
                          bool partial_energy, gb_bench_result *out,
                          gb_error *err) {
    const size_t node_count = session->node_count;
    size_t valid = 0;
    gb_status status = copy_facts(planned, reduced, out, err);

    if (status != GB_OK)
        return status;
    for (size_t i = 0; i < reduced->rep_count; i++)
        valid += reduced->reps[i].valid;
    if (reduced->status == GB_OK && valid == 0) {
        out->status = GB_ERR_INTERRUPTED;
        gb_copy(out->reason, sizeof(out->reason),
                "stopped before its first repetition was finished");
    }
    out->valid = out->status == GB_OK;
    if (!out->valid) {
        no_figures(out);
        return planned->no_work ? GB_OK
                                : keep_finished(reduced, valid, out, err);
    }

    double *ratios = calloc(valid + 1, sizeof(*ratios));
    out->performance.raw = calloc(valid + 1, sizeof(double));
    out->time_s.raw = calloc(valid + 1, sizeof(double));
    out->energy_raw = calloc(valid + 1, sizeof(double));
    out->launch_raw = calloc(valid + 1, sizeof(*out->launch_raw));
    out->begin_utc_ns = calloc(valid + 1, sizeof(*out->begin_utc_ns));
    out->nodes = calloc(node_count + 1, sizeof(*out->nodes));
    if (ratios == NULL || out->performance.raw == NULL ||
        out->time_s.raw == NULL || out->energy_raw == NULL ||
        out->launch_raw == NULL || out->begin_utc_ns == NULL ||
        out->nodes == NULL) {
        free(ratios);
        return gb_fail_memory(err, "a benchmark's result");
    }
    out->node_count = node_count;
    find_figures(reduced, node_count, idle, partial_energy, ratios, out);
    free(ratios);
    status = gb_find_disturbed(reduced, session->sample_hz, out, err);
    if (status == GB_OK)
        status = gb_find_variability(planned, reduced, session, out, err);
    if (planned->no_work)
        withhold_performance(out);
    return status;
}
