/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/analyse/warnings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/phrase.h"
#include "base/units.h"
#include "pipeline/analyse/warning_list.h"

/* Power may drift so far over the repetitions without a word. */
#define DRIFT_TOLERANCE 0.01
/* The energy window may be this much longer or shorter than the timed call. */
#define WINDOW_TOLERANCE 0.01
/* So many of the sampler's ticks may be missed without a word. */
#define MOST_LATE 0.01

static bool has_code(const gb_run_log *log, const char *code) {
    for (; log != NULL; log = log->next)
        for (size_t i = 0; i < log->warning_count; i++)
            if (strcmp(log->warnings[i].code, code) == 0)
                return true;
    return false;
}

static const char *zh(const char *english) {
    return gb_phrase(GB_LANGUAGE_ZH, english);
}

/* --- the whole run -------------------------------------------------------- */

static size_t count_nodes(const gb_session *session, gb_quality quality,
                          size_t *first_out) {
    size_t count = 0;

    for (size_t n = session->node_count; n > 0; n--)
        if (session->nodes[n - 1].cover.quality == quality) {
            *first_out = n - 1;
            count++;
        }
    return count;
}

/* The first domain whose figures a stand-in makes up; null: none does. */
static const gb_energy_domain *made_up(const gb_node *node) {
    for (size_t d = 0; d < node->domain_count; d++)
        if (node->domains[d].quality == GB_QUALITY_SIMULATED)
            return &node->domains[d];
    return NULL;
}

static void warn_simulated(gb_warning_list *list, const gb_session *session,
                           const gb_node *node) {
    const gb_energy_domain *domain = made_up(node);

    if (session->sysroot[0] != '\0' || domain == NULL)
        gb_warn(list, "energy.simulated", "unset GREENBENCH_SYSROOT to measure",
                "energy comes from '%s', not from this machine",
                session->sysroot);
    else
        gb_warn(
            list, "energy.simulated",
            "take the stand-in out of LD_LIBRARY_PATH and --energy to measure",
            "energy of node '%s' comes from a stand-in for the library of "
            "'%s', not from a counter (%s)",
            node->name, domain->source, domain->path);
}

static void warn_quality(gb_warning_list *list, const gb_run_log *log) {
    const gb_session *session = &log->session;
    size_t first = 0;
    size_t count = count_nodes(session, GB_QUALITY_UNAVAILABLE, &first);

    if (count > 0 && !has_code(log, "energy.unavailable")) {
        const gb_node *node = &session->nodes[first];
        const gb_energy_domain *domain = gb_warning_mendable(node);
        const char *why = node->domain_count == 0 ? "it was not asked for"
                          : domain != NULL        ? domain->reason
                                                  : "no usable counter";
        gb_warn(list, "energy.unavailable",
                domain != NULL ? domain->fix
                               : "greenbench sensors lists what was looked for",
                "no energy on %zu of %zu nodes (%s): %s", count,
                session->node_count, node->name, why);
        gb_warn_chinese(list, "no energy on %zu of %zu nodes (%s): %s", count,
                        session->node_count, node->name, zh(why));
    }
    count = count_nodes(session, GB_QUALITY_MODELLED, &first);
    if (count > 0 && !has_code(log, "energy.modelled"))
        gb_warn(list, "energy.modelled",
                "greenbench sensors says why the counters cannot be read",
                "energy is estimated from utilisation, not measured, on %zu of "
                "%zu nodes",
                count, session->node_count);
    count = count_nodes(session, GB_QUALITY_SIMULATED, &first);
    if (count > 0 && !has_code(log, "energy.simulated"))
        warn_simulated(list, session, &session->nodes[first]);
    count = count_nodes(session, GB_QUALITY_REPLAYED, &first);
    if (count > 0 && !has_code(log, "energy.replayed"))
        gb_warn(list, "energy.replayed", "",
                "energy is replayed from a recording on %zu of %zu nodes",
                count, session->node_count);
}

static void warn_clocks(gb_warning_list *list, const gb_session *session) {
    const gb_node *worst = NULL;
    size_t count = 0;

    for (size_t n = 1; n < session->node_count; n++) {
        const gb_node *node = &session->nodes[n];
        if (!(fabs(node->clock_offset_s) >
              GB_CLOCK_OFFSET_MAX_S + node->clock_offset_bound_s))
            continue;
        count++;
        if (worst == NULL ||
            fabs(node->clock_offset_s) > fabs(worst->clock_offset_s))
            worst = node;
    }
    if (worst == NULL)
        return;
    gb_warn(
        list, "clock.offset",
        "synchronise the clocks (chronyc makestep); energy and time are not "
        "affected, each node's windows are by its own clock",
        "the clocks of %zu of %zu nodes are more than 0.4 s off, that of %s "
        "by %+.4g s (known to +-%.2g s) from %s's",
        count, session->node_count, worst->name, worst->clock_offset_s,
        worst->clock_offset_bound_s, session->nodes[0].name);
}

/* Ticks the sampler missed: reads took longer than the time between them. */
static void warn_sampler(gb_warning_list *list, const gb_run_log *log) {
    const size_t count =
        log->has_end && log->end.costs != NULL ? log->session.node_count : 0;
    for (size_t n = 0; n < count; n++) {
        const gb_sampler_cost *cost = &log->end.costs[n];
        const uint64_t due = cost->wakeups + cost->late;
        if ((double)cost->late <= MOST_LATE * (double)due)
            continue;
        gb_warn(
            list, "sampler.late",
            "a lower --sample-hz; greenbench sensors --measure shows whether a "
            "source is slow or its reads block",
            "%s: the sampler missed %llu of %llu ticks",
            log->session.nodes[n].name, (unsigned long long)cost->late,
            (unsigned long long)due);
        return;
    }
}

/* One word for the whole run: the benchmark whose figure suffered most speaks
 * for the others, and each has its own list in the result. */
static void warn_disturbed(gb_warning_list *list, const gb_plan *plan,
                           const gb_result *result) {
    const gb_bench_result *worst = NULL;
    size_t repetitions = 0, disturbed = 0, benches = 0;
    double most = -1.0;
    char compare[80] = "", chinese[160] = "";

    for (size_t i = 0; i < result->bench_count; i++) {
        const gb_bench_result *bench = &result->benches[i];
        repetitions += bench->time_s.n;
        disturbed += bench->disturbed_count;
        benches += bench->disturbed_count > 0;
        const double away =
            isnan(bench->calm_median)
                ? 0.0
                : fabs(bench->calm_median / bench->performance.median - 1.0);
        if (bench->disturbed_count > 0 && away > most) {
            most = away;
            worst = bench;
        }
    }
    if (worst == NULL)
        return;
    if (most > 0.0)
        gb_phrase_both(compare, sizeof(compare), chinese, sizeof(chinese),
                       "; without them its median is %.3g %% away",
                       100.0 * most);
    gb_warn(
        list, "trial.disturbed",
        "greenbench doctor names what else runs and how cores are bound; all "
        "repetitions are in the figures",
        "%zu of %zu repetitions were disturbed, in %zu of %zu benchmarks; "
        "%s, %zu of %zu: %s%s",
        disturbed, repetitions, benches, result->bench_count,
        plan->cases[worst->case_index].id, worst->disturbed_count,
        worst->time_s.n, worst->disturbance, compare);
    gb_warn_chinese(
        list,
        "%zu of %zu repetitions were disturbed, in %zu of %zu benchmarks; "
        "%s, %zu of %zu: %s%s",
        disturbed, repetitions, benches, result->bench_count,
        plan->cases[worst->case_index].id, worst->disturbed_count,
        worst->time_s.n,
        gb_warning_zh(worst->disturbance_chinese, worst->disturbance), chinese);
}

static void warn_run(gb_warning_list *list, const gb_run_log *log) {
    const gb_session *session = &log->session;

    if (session->counters_absent != NULL &&
        session->counters_absent[0] != '\0' &&
        !has_code(log, "counters.absent")) {
        gb_warn(list, "counters.absent",
                "greenbench doctor says what is missing", "not counted: %s",
                session->counters_absent);
        gb_warn_chinese(list, "not counted: %s", zh(session->counters_absent));
    }
    if (!gb_run_log_last(log)->has_end)
        gb_warn(list, "run.cut",
                "what was finished before is in this result; --resume runs the "
                "rest",
                "the run has no end record: it was cut off");
    size_t damaged = 0;
    for (const gb_run_log *one = log; one != NULL; one = one->next)
        damaged += one->damaged_lines;
    if (damaged > 0)
        gb_warn(list, "run.damaged", "",
                "%zu lines of the records could not be read and are left out",
                damaged);
}

/* --- one benchmark -------------------------------------------------------- */

static void warn_drift(gb_warning_list *list, const gb_plan_case *planned,
                       const gb_bench_result *bench) {
    const double u_w = bench->drift_u95_w;
    char from[40], to[40], known[40];

    if (!(fabs(bench->drift_w) > u_w &&
          fabs(bench->drift_w) > DRIFT_TOLERANCE * bench->power_w))
        return;
    gb_warn(list, "power.drift",
            "more --repeats, or the same benchmark once before, until it is "
            "warm; a shared node may also have had other work",
            "%s: power went from %s W in the first third of the repetitions "
            "to %s W in the last (known to +-%s W)",
            planned->id,
            gb_format_rounded(bench->power_w - 0.5 * bench->drift_w, u_w, from,
                              sizeof(from)),
            gb_format_rounded(bench->power_w + 0.5 * bench->drift_w, u_w, to,
                              sizeof(to)),
            gb_format_rounded(u_w, u_w, known, sizeof(known)));
}

static void warn_bench(gb_warning_list *list, const gb_plan_case *planned,
                       const gb_bench_result *bench) {
    if (!bench->valid)
        return;
    if (bench->time_s.n < planned->repeats)
        gb_warn(list, "trial.repetitions", "",
                "%s: %zu of %u repetitions are there", planned->id,
                bench->time_s.n, (unsigned)planned->repeats);
    if (fabs(bench->window_ratio - 1.0) > WINDOW_TOLERANCE)
        gb_warn(list, "energy.window",
                "a longer --min-time makes the difference small",
                bench->window_ratio > 1.0
                    ? "%s: energy is that of windows %.1f %% longer than the "
                      "timed calls"
                    : "%s: energy is that of windows %.1f %% shorter than the "
                      "timed calls",
                planned->id, 100.0 * fabs(bench->window_ratio - 1.0));
    warn_drift(list, planned, bench);
    if (bench->energy.gaps > 0)
        gb_warn(
            list, "energy.gaps", "a lower --sample-hz may be kept up with",
            "%s: power was not sampled during %u gaps, %.0f %% of the time is "
            "covered; they are in the uncertainty",
            planned->id, (unsigned)bench->energy.gaps,
            100.0 * (1.0 - bench->energy.unsampled_s / bench->energy.window_s));
    if (bench->energy.quality == GB_QUALITY_UNAVAILABLE) {
        /* Said for the whole run where no node has a counter. */
        const gb_session *session = list->result->session;
        size_t first = 0;
        if (count_nodes(session, GB_QUALITY_UNAVAILABLE, &first) > 0)
            return;
        gb_warn(list, "energy.none",
                "a longer --min-time, or --energy with another source",
                "%s: no energy figure: %s", planned->id, bench->energy.reason);
        gb_warn_chinese(
            list, "%s: no energy figure: %s", planned->id,
            gb_warning_zh(bench->energy.chinese, bench->energy.reason));
    } else if (isnan(bench->efficiency) && !planned->no_work) {
        gb_warn(list, "energy.resolution", "a longer --min-time", "%s: %s",
                planned->id, bench->efficiency_reason);
        gb_warn_chinese(
            list, "%s: %s", planned->id,
            gb_warning_zh(bench->efficiency_chinese, bench->efficiency_reason));
    }
}

/* What a launch said itself; what an earlier one said as well is said once. */
static void copy_warnings(gb_warning_list *list, const gb_run_log *log) {
    const size_t before = list->result->warning_count;

    for (size_t i = 0; i < log->warning_count; i++) {
        bool told = false;
        for (size_t k = 0; k < before && !told; k++)
            told = strcmp(list->result->warnings[k].what,
                          log->warnings[i].what) == 0;
        gb_warning *copy = told ? NULL : gb_warning_list_grow(list);
        if (copy != NULL)
            *copy = log->warnings[i];
    }
}

gb_status gb_analyse_warnings(const gb_run_log *log, const gb_reduced *reduced,
                              gb_result *result, gb_error *err) {
    gb_warning_list list = {.result = result};

    for (const gb_run_log *one = log; one != NULL; one = one->next)
        copy_warnings(&list, one);
    warn_run(&list, log);
    warn_quality(&list, log);
    gb_warn_covers(&list, &log->session);
    warn_clocks(&list, &log->session);
    gb_warn_counters(&list, &log->session, reduced);
    for (const gb_run_log *one = log; one != NULL; one = one->next)
        warn_sampler(&list, one);
    warn_disturbed(&list, result->plan, result);
    gb_warn_outliers(&list, &log->session, result);
    for (size_t i = 0; i < result->bench_count; i++)
        gb_warn_pairs(&list, &log->session,
                      result->plan->cases[result->benches[i].case_index].id,
                      &result->benches[i].variability.pairs);
    for (size_t i = 0; i < result->bench_count; i++)
        warn_bench(&list, &result->plan->cases[result->benches[i].case_index],
                   &result->benches[i]);
    return list.failed ? gb_fail_memory(err, "the warnings") : GB_OK;
}
