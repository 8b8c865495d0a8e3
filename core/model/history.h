/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_HISTORY_H
#define GB_MODEL_HISTORY_H

/**
 * @file model/history.h
 * Runs over months: what `greenbench history` keeps and shows. NAN stands for
 * "no figure".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/comparison.h"
#include "model/outcome.h"

/** One run in the list. All text owned. */
typedef struct gb_history_run {
    char *run_id, *path; /* path: where it was when it was added */
    char *suite, *tool_version, *system;
    uint64_t started_utc_ns;
    gb_run_status status;
    uint32_t ranks;
    uint64_t nodes, benchmarks, failed;
} gb_history_run;

typedef struct gb_history_runs {
    gb_history_run *list; /* [count], by the time they began */
    size_t count;
} gb_history_runs;

void gb_history_runs_fini(gb_history_runs *runs);

/** What a run is on, for runs that have no name for it: "2 x AMD EPYC 7763
 *  64-Core Processor, 128 cores" a node. @return @p out */
const char *gb_history_system(const gb_session *session, char *out,
                              size_t size);

/** What a trend can show: figures that do not depend on how many iterations a
 *  timed call had. */
#define GB_TREND_METRIC_MAP(X)                                                 \
    X(PERFORMANCE, "performance", true)                                        \
    X(POWER, "power", false)                                                   \
    X(EFFICIENCY, "efficiency", true)

typedef enum gb_trend_metric {
#define GB_TREND_METRIC_ENUM(name, text, higher) GB_TREND_##name,
    GB_TREND_METRIC_MAP(GB_TREND_METRIC_ENUM)
#undef GB_TREND_METRIC_ENUM
        GB_TREND_METRICS
} gb_trend_metric;

#define GB_TREND_BIT(metric) (UINT32_C(1) << (metric))

const char *gb_trend_metric_name(gb_trend_metric metric);
bool gb_trend_metric_higher_is_better(gb_trend_metric metric);
bool gb_trend_metric_from_name(const char *name, gb_trend_metric *out);

/** One run in a series. Texts are borrowed from the history's own table. */
typedef struct gb_history_point {
    const char *run_id, *tool_version, *plugin_version;
    const char *meters; /* "measured: 2 packages + DRAM"; "": no energy */
    uint64_t started_utc_ns;
    double values[GB_TREND_METRICS];
} gb_history_point;

/** A benchmark with its parameters on one system, run after run. */
typedef struct gb_history_series {
    char *benchmark, *params, *system, *work_unit; /* owned */
    uint32_t ranks;
    uint64_t nodes;
    gb_history_point *points; /* [point_count], by the time they began */
    size_t point_count;
} gb_history_series;

typedef struct gb_run_history {
    gb_history_series *series; /* [series_count] */
    size_t series_count;
    char **texts; /* [text_count]: what the points borrow */
    size_t text_count;
} gb_run_history;

void gb_run_history_fini(gb_run_history *history);

/** Where a series changed. */
typedef struct gb_trend_change {
    size_t at; /* index of the first point after it */
    double p;  /* that chance makes it */
    double before, after;
    double relative; /* after / before - 1 */
    bool worse;
} gb_trend_change;

/** One metric of a series. */
typedef struct gb_trend {
    const gb_history_series *series; /* borrowed */
    gb_trend_metric metric;
    char unit[56];
    const gb_history_point **points; /* [point_count] that have the metric */
    size_t point_count;
    size_t left_out; /* points whose energy is of another kind than that of the
                        last one */
    double median;   /* of the points since the last change; NAN: none */
    gb_trend_change *changes; /* [change_count] */
    size_t change_count;
} gb_trend;

typedef struct gb_trends {
    double alpha;   /* chance of a change in a series that has none */
    gb_trend *list; /* [count] */
    size_t count;
} gb_trends;

void gb_trends_fini(gb_trends *trends);

/** A benchmark that is worse than in every run that it was held against. */
typedef struct gb_gate_finding {
    const char *benchmark, *params; /* borrowed from the comparisons */
    bool failed;                    /* it failed; else `metric` is worse */
    gb_compare_metric metric;
    double least, most; /* ratios to the references; NAN with `failed` */
} gb_gate_finding;

/** What `history gate` decides: a new run against stored ones. */
typedef struct gb_gate {
    const gb_comparison *comparisons; /* [count], borrowed: NEW against each */
    size_t count;
    size_t comparable;      /* of them */
    gb_gate_finding *found; /* [found_count] */
    size_t found_count;
} gb_gate;

void gb_gate_fini(gb_gate *gate);

#endif /* GB_MODEL_HISTORY_H */
