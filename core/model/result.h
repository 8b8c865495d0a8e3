/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_RESULT_H
#define GB_MODEL_RESULT_H

/**
 * @file model/result.h
 * What the records mean. gb_reduced is per repetition (work summed over ranks,
 * energy over nodes); gb_result is what summary.json shows.
 *
 * NAN stands for "no figure" inside these structs; a reason stands beside it,
 * and JSON shows null. It never leaves the process as NaN.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/plan.h"
#include "model/record.h"

/** Kinds of meters a sum keeps apart; the last one takes all further ones. */
enum { GB_CALIBRATION_KINDS = 6 };

/** What meters of one kind (source, scope, type of node) may be off by: one
 * bias is behind all of them and behind all windows, so that it adds linearly.
 */
typedef struct gb_calibration {
    uint32_t kind;
    double u_j;
} gb_calibration;

/** Standard uncertainty of an energy by source (reference/energy.md §9.2), J.
 *  `calibration_j` is the kinds' together, in quadrature. */
typedef struct gb_energy_budget {
    double quantisation_j, phase_j, latency_j, unsampled_j, calibration_j;
    double cumulant_j4; /* fourth cumulant of all but calibration: the shape of
                           the distribution, for the 95 % interval */
    gb_calibration kinds[GB_CALIBRATION_KINDS]; /* [kind_count] */
    size_t kind_count;
} gb_energy_budget;

/** Energy of one window on one node, or a sum of them. */
typedef struct gb_energy_figure {
    double energy_j; /* NAN: none, see reason */
    double window_s; /* between the two counter reads */
    gb_energy_budget budget;
    double u_j;   /* combined standard uncertainty; NAN with energy_j */
    double u95_j; /* half the width of the 95 % interval; NAN with energy_j */
    gb_quality quality;
    uint32_t wraps, samples, gaps, errors;
    double unsampled_s; /* of window_s: no reading stands for it (rule 36) */
    uint32_t flags;     /* GB_FLAG(..), with or without a figure */
    bool stopped;       /* there is none because the counter stood still */
    char reason[200];   /* why there is no figure; "" */
    char chinese[200];  /* the same in Chinese; "": only English is known */
} gb_energy_figure;

/** One domain in one window; also what `sensors --measure` shows. */
typedef struct gb_domain_figure {
    uint32_t node, domain;
    gb_energy_figure figure;
} gb_domain_figure;

/** Counters of one node that cannot all be right. */
typedef struct gb_contradiction {
    uint32_t node;
    char code[48]; /* "energy.disagree": stable */
    char what[320], chinese[320];
} gb_contradiction;

/** No node has more that are worth telling. */
enum { GB_CONTRADICTIONS_MAX = 8 };

/** One node in one window: what `sensors --measure` shows. */
typedef struct gb_node_figures {
    gb_energy_figure *figures; /* [node.domain_count]: each domain's own */
    gb_energy_figure total;    /* of the cover */
    gb_node_window window;
    gb_contradiction contradictions[GB_CONTRADICTIONS_MAX];
    size_t contradiction_count;
} gb_node_figures;

/** The work of one repetition in the terms of a roofline, all ranks; 0: not
 *  told. */
typedef struct gb_work_counts {
    double flops, memory_bytes, network_bytes, messages, in_flight;
} gb_work_counts;

/** What the system did to one repetition; each is its worst place. NAN: not
 *  told. */
typedef struct gb_disturbance {
    double stolen;        /* share of a node's core time */
    double clock_hz;      /* the slowest node's */
    double preempted_hz;  /* per core of a rank */
    double migrations_hz; /* per core of a rank */
} gb_disturbance;

typedef struct gb_reduced_rep {
    uint32_t repetition;
    uint32_t launch; /* index into gb_reduced.launches: which one did it */
    bool valid;
    char reason[320];      /* "" if valid */
    uint64_t begin_utc_ns; /* of its timed call; 0: not told */
    double time_s;         /* longest run() over all ranks */
    double window_s;       /* mean over nodes of the energy windows */
    double work;           /* summed over ranks */
    gb_work_counts counts;
    gb_disturbance disturbance;
    gb_energy_figure energy;  /* summed over nodes; none if any has none */
    gb_energy_figure metered; /* of the nodes that have some in all windows */
} gb_reduced_rep;

/** One node over the valid repetitions of a case. */
typedef struct gb_reduced_node {
    gb_energy_figure energy; /* none if any repetition has none */
    double work;             /* of its ranks */
    double time_s;           /* longest run() of its own ranks, summed */
    /* Work by time of each repetition: their mean, and the sum of the squares
     * of what they are off it. */
    double rate_mean, rate_squares;
} gb_reduced_node;

/** Two nodes whose ranks worked in pairs, over the valid repetitions. */
typedef struct gb_reduced_pair {
    uint32_t nodes[2];    /* the lower one first */
    uint32_t repetitions; /* in which they met */
    /* Of one iteration between two of their ranks, until both are through:
     * over all such pairs of ranks and repetitions. */
    double median_s, least_s;
} gb_reduced_pair;

typedef struct gb_reduced_case {
    uint32_t case_index;
    gb_status status; /* GB_OK: the trial is valid if a repetition is */
    char reason[320], hint[240]; /* why the trial is not valid; "" */
    uint64_t iterations;
    double warmup_s;
    gb_note *notes;
    size_t note_count;
    gb_reduced_rep *reps; /* [rep_count] */
    size_t rep_count;
    gb_reduced_node *nodes; /* [node_count] */
    gb_reduced_pair *pairs; /* [pair_count], by their nodes */
    size_t pair_count;      /* 0: ranks of different nodes formed no pairs */
    double *counters; /* [counter_count]: mean per repetition, all ranks */
    size_t counter_count;
} gb_reduced_case;

/** Idle power of the whole allocation in one window. */
typedef struct gb_idle_figure {
    bool present;
    double power_w, u_w; /* NAN: none */
    gb_energy_figure energy;
} gb_idle_figure;

/** One domain over the whole run, for energy_sources[]. */
typedef struct gb_source_figure {
    uint32_t node, domain;
    uint64_t wraps, reads, errors;
    double energy_j;         /* over the run; NAN */
    double window_s;         /* from its first to its last good reading */
    gb_domain_status status; /* over the run: the domain's, or worse */
    char reason[200];        /* why it is worse; "" */
    char chinese[200];       /* the same in Chinese; "" */
} gb_source_figure;

/** What each launch of a run measured for itself. */
typedef struct gb_reduced_launch {
    gb_idle_figure idle_before, idle_after;
} gb_reduced_launch;

typedef struct gb_reduced {
    size_t node_count;
    gb_reduced_case *cases; /* [case_count], one for each planned case */
    size_t case_count;
    gb_reduced_launch *launches; /* [launch_count], as the logs are chained */
    size_t launch_count;
    gb_source_figure *sources; /* [source_count], by node, then domain */
    size_t source_count;
    gb_contradiction *contradictions; /* [contradiction_count], by node */
    size_t contradiction_count;
} gb_reduced;

void gb_reduced_fini(gb_reduced *reduced);

/** Repetitions of one quantity. value == median. */
typedef struct gb_series_stats {
    double value, mean, median, stddev;
    double ci95[2]; /* NAN, NAN for n <= 5 */
    size_t n;
    double *raw; /* [n] */
} gb_series_stats;

/** Where a benchmark stands below the machine's own peaks, as measured in the
 *  same run (S. Williams, A. Waterman, D. Patterson, "Roofline", CACM 52(4),
 *  2009). NAN: not told, or the run did not measure that peak. */
typedef struct gb_roofline {
    /* Of this benchmark. */
    double flop_per_s, memory_byte_per_s, network_byte_per_s;
    double intensity; /* flop per byte of memory */
    double peak_flop_per_s, peak_byte_per_s, peak_network_byte_per_s;
    double bound_fraction;         /* of the lowest of the roofs above it */
    char bound[16];                /* "memory", "compute", "network"; "" */
    char reason[200];              /* why there is no fraction; "" */
    double theoretical_flop_per_s; /* from the measured clock; NAN */
    char theoretical[160];         /* how; "" */
    char theoretical_chinese[160];
} gb_roofline;

typedef struct gb_bench_node {
    uint32_t node;
    double energy_j, u_j, power_w;
    double performance; /* by the time of its own ranks; NAN: it has none */
} gb_bench_node;

typedef enum gb_node_quantity {
    GB_NODE_PERFORMANCE,
    GB_NODE_POWER,
    GB_NODE_EFFICIENCY,
} gb_node_quantity;
enum { GB_NODE_QUANTITIES = 3 };

const char *gb_node_quantity_name(gb_node_quantity quantity);

/** One quantity over the nodes. NAN: too few have it. */
typedef struct gb_node_spread {
    size_t n; /* nodes that have it */
    double least, q1, median, q3, most;
    double mean, stddev, cv; /* cv: stddev / mean */
    double fences[2];        /* 1.5 quartile ranges outside the quartiles */
    double far_fences[2];    /* 3 of them */
    char unjudged[160];      /* why no node is called an outlier; "" */
} gb_node_spread;

/** A node outside the fences by more than its figure may be off. */
typedef struct gb_node_outlier {
    uint32_t node;
    gb_node_quantity quantity;
    double value, u;
    double relative; /* to the median: 0.4 is 40 % above it */
    bool far_out;    /* outside the far fences too */
} gb_node_outlier;

/** How many nodes must be metered for the mean power of all. NAN: not known. */
typedef struct gb_meter_need {
    double accuracy;      /* relative half width, 95 % */
    double nodes;         /* with the spread seen here */
    double nodes_student; /* with the spread of those nodes alone */
} gb_meter_need;
enum { GB_METER_NEEDS = 3 };

/** Two nodes between which an iteration takes longer than the fence, in every
 *  repetition in which they met. */
typedef struct gb_slow_pair {
    uint32_t nodes[2];
    uint32_t repetitions; /* in which they met; 2 or more */
    double time_s;        /* of one iteration, median */
    double relative;      /* to the pairs' median: 3 is four times as long */
    bool far_out;         /* outside the far fence too */
} gb_slow_pair;

/** Pairs of nodes by the time of an iteration between their ranks. */
typedef struct gb_pair_variability {
    gb_node_spread spread; /* of the pairs' medians, s; n: pairs that met */
    gb_slow_pair *slow;    /* [slow_count], slowest first */
    size_t slow_count;
    int64_t common; /* the one node of all slow pairs, if there are several; -1:
                       there is none */
} gb_pair_variability;

/** How far nodes differ in one benchmark. */
typedef struct gb_variability {
    bool present; /* there are several nodes */
    gb_node_spread spreads[GB_NODE_QUANTITIES];
    gb_node_outlier *outliers; /* [outlier_count], worst first */
    size_t outlier_count;
    gb_pair_variability pairs;
    gb_meter_need meter[GB_METER_NEEDS];
} gb_variability;

/** Of the nodes that could be metered, where some could not: what they drew and
 *  did. A part says nothing about the whole, so it stands apart from it. */
typedef struct gb_partial {
    size_t node_count; /* with energy in every repetition; 0: no such part */
    gb_energy_figure energy;
    double work; /* of these nodes' ranks */
    double power_w, power_u_w;
} gb_partial;

typedef struct gb_bench_result {
    uint32_t case_index;
    bool valid;
    char reason[320], hint[240];
    gb_status status;
    gb_series_stats performance; /* work / time_s of each valid repetition */
    /* The same of what had finished, and was verified, before a step hung or
     * the process died: status GB_ERR_TIMEOUT or GB_ERR_CRASHED. n == 0: none
     */
    gb_series_stats finished_before;
    char unit[48]; /* "flop/s" */
    gb_series_stats time_s;
    double work; /* summed over valid repetitions */
    char work_unit[32];
    gb_energy_figure energy; /* summed over valid repetitions */
    double *energy_raw;      /* [time_s.n], J; NAN */
    uint32_t *launch_raw;    /* [time_s.n]: index into the result's launches */
    uint64_t *begin_utc_ns;  /* [time_s.n]: of the timed calls; 0: not told */
    double net_j, net_u_j;   /* energy minus idle power x window; NAN */
    char net_reason[200];    /* why there is no net figure; "" */
    double power_w, power_u_w;
    double drift_w;     /* mean power of the last third of the repetitions less
                           that of the first; NAN: fewer than 6, or no energy */
    double drift_u95_w; /* half of its 95 % interval */
    gb_partial partial; /* where energy.energy_j is NAN */
    double efficiency, efficiency_u; /* work / energy_j; NAN */
    bool efficiency_partial;         /* it is partial.work / partial.energy */
    double efficiency_ci95[2];
    char efficiency_unit[48]; /* "flop/J" == flop/s per W */
    char efficiency_reason[200];
    char efficiency_chinese[200]; /* the same in Chinese; "" */
    double edp_js;
    double window_ratio;   /* energy window / time, mean; > 1.01 is flagged */
    gb_work_counts counts; /* summed over valid repetitions; in_flight: mean */
    double latency_s;      /* of one unit of work; NAN: they do not wait */
    gb_roofline roofline;
    bool *disturbed; /* [time_s.n] */
    size_t disturbed_count;
    char disturbance[160]; /* of the worst one: what, and how much; "" */
    char disturbance_chinese[160];
    double calm_median;   /* performance of the others; NAN: none */
    gb_bench_node *nodes; /* [node_count] */
    size_t node_count;
    gb_variability variability;
    double *counters; /* [counter_count] mean per repetition over all ranks */
    size_t counter_count;
    gb_note *notes;
    size_t note_count;
    uint64_t iterations;
} gb_bench_result;

/** The benchmark `load` at one level. */
typedef struct gb_load_level {
    double level; /* of 1 */
    double performance, power_w, power_u_w;
} gb_load_level;

/** Power over load, as far as this run measured it. */
typedef struct gb_proportionality {
    gb_load_level *levels;   /* [level_count], from the highest to the lowest */
    size_t level_count;      /* 0: fewer than two levels were measured */
    double idle_w, idle_u_w; /* NAN: none */
    double idle_share;       /* of the power at the highest level; NAN */
    double overall, overall_u; /* work per joule over all levels and idle */
    char unit[48];             /* of `overall`: "operation/J" */
    char reason[160];          /* why there is no `overall`; "" */
} gb_proportionality;

/** One launch of the run. */
typedef struct gb_launch_result {
    const gb_session *session; /* borrowed */
    gb_run_status status;
    uint64_t ended_utc_ns; /* 0: unknown */
    size_t repetitions;    /* that the result has from it */
    size_t rebooted_nodes; /* since the first launch */
} gb_launch_result;

typedef struct gb_result {
    const gb_session *session; /* borrowed: of the first launch */
    const gb_plan *plan;       /* borrowed */
    gb_run_status status;
    uint64_t ended_utc_ns;      /* 0: unknown */
    gb_launch_result *launches; /* [launch_count] */
    size_t launch_count;
    /* Before the first launch and after the last. */
    gb_idle_figure idle_before, idle_after;
    gb_source_figure *sources; /* [source_count], by node, then domain */
    size_t source_count;
    double sampler_cpu_fraction, sample_cost_s; /* NAN if nothing sampled */
    gb_sampler_cost sampler_total; /* over all nodes; the fastest's rate */
    gb_bench_result *benches;      /* [bench_count] */
    size_t bench_count;
    gb_proportionality proportionality;
    gb_warning *warnings; /* [warning_count] */
    size_t warning_count;
    bool energy_short; /* some figure is below `measured` */
} gb_result;

void gb_result_fini(gb_result *result);

#endif /* GB_MODEL_RESULT_H */
