/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_TIMELINE_H
#define GB_MODEL_TIMELINE_H

/**
 * @file model/timeline.h
 * Power over the time of a run, made small enough to be drawn: the time is cut
 * into buckets of equal length, and of each bucket the mean, least and greatest
 * power are kept (min-max decimation). NAN: nothing was read in it.
 */
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

/** Nodes and, of each, domains with a line of their own. */
enum { GB_TIMELINE_NODES = 12, GB_TIMELINE_DOMAINS = 8 };
/** Launches that are drawn: the first ones. */
enum { GB_TIMELINE_LAUNCHES = 8 };
/** Above this many timed windows, those of one benchmark are one phase. */
enum { GB_TIMELINE_PHASES = 400 };

/** A domain, or with domain -1 what the node's cover sums up. */
typedef struct gb_power_series {
    uint32_t node;
    int32_t domain;
    float *mean_w, *least_w, *most_w; /* [bucket_count] */
} gb_power_series;

/** The power of whole nodes in a bucket, over the nodes that have one. */
typedef enum gb_timeline_quantile {
    GB_TIMELINE_LEAST,
    GB_TIMELINE_Q1,
    GB_TIMELINE_MEDIAN,
    GB_TIMELINE_Q3,
    GB_TIMELINE_MOST,
    GB_TIMELINE_QUANTILES
} gb_timeline_quantile;

/** A timed window, an idle one, or several windows of one benchmark. */
typedef struct gb_timeline_phase {
    double begin_s, end_s;
    int64_t case_index; /* -1: idle */
    uint32_t repetitions;
} gb_timeline_phase;

/** One launch of a run. Time 0 is its first reading; the nodes' own clocks are
 *  brought together at the begin of its first window. */
typedef struct gb_timeline {
    uint32_t launch;
    uint64_t begin_utc_ns; /* of the launch */
    double span_s;
    size_t bucket_count; /* 0: nothing was sampled */
    size_t readings;     /* good ones, from which all this is made */
    size_t node_count;   /* with power in some bucket */
    uint32_t shown_nodes;
    gb_power_series *series; /* [series_count], by node */
    size_t series_count;
    float *quantiles_w[GB_TIMELINE_QUANTILES]; /* [bucket_count] */
    float *total_w;            /* [bucket_count]; NAN unless all such nodes */
    gb_timeline_phase *phases; /* [phase_count], by time */
    size_t phase_count;
} gb_timeline;

typedef struct gb_timelines {
    gb_timeline *list; /* [count] */
    size_t count;
    size_t launches; /* of the run; more than `count` are not drawn */
} gb_timelines;

void gb_timelines_fini(gb_timelines *timelines);

#endif /* GB_MODEL_TIMELINE_H */
