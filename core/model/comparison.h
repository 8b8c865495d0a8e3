/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_COMPARISON_H
#define GB_MODEL_COMPARISON_H

/**
 * @file model/comparison.h
 * How results differ: what `greenbench compare` shows. NAN stands for "no
 * figure".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

/** Name, which direction is better, and whether the exit code depends on it by
 *  itself. Time, energy and EDP are those of the same work on both sides. More
 *  power is no fault where more was done with it: energy tells. */
#define GB_COMPARE_METRIC_MAP(X)                                               \
    X(PERFORMANCE, "performance", true, true)                                  \
    X(TIME, "time", false, true)                                               \
    X(POWER, "power", false, false)                                            \
    X(ENERGY, "energy", false, true)                                           \
    X(EFFICIENCY, "efficiency", true, true)                                    \
    X(EDP, "edp", false, true)

typedef enum gb_compare_metric {
#define GB_COMPARE_METRIC_ENUM(name, text, higher, decides) GB_COMPARE_##name,
    GB_COMPARE_METRIC_MAP(GB_COMPARE_METRIC_ENUM)
#undef GB_COMPARE_METRIC_ENUM
        GB_COMPARE_METRICS
} gb_compare_metric;

#define GB_COMPARE_BIT(metric) (UINT32_C(1) << (metric))
#define GB_COMPARE_ALL         (GB_COMPARE_BIT(GB_COMPARE_METRICS) - 1u)

/** Of a metric, by what its ratio says about NEW. */
#define GB_COMPARE_VERDICT_MAP(X)                                              \
    X(BETTER, "better")                                                        \
    X(WORSE, "worse")                                                          \
    X(EQUIVALENT, "equivalent")                                                \
    X(UNDECIDED, "undecided")                                                  \
    X(REFUSED, "refused") /* it cannot be compared */

typedef enum gb_compare_verdict {
#define GB_COMPARE_VERDICT_ENUM(name, text) GB_COMPARE_##name,
    GB_COMPARE_VERDICT_MAP(GB_COMPARE_VERDICT_ENUM)
#undef GB_COMPARE_VERDICT_ENUM
        GB_COMPARE_VERDICTS
} gb_compare_verdict;

const char *gb_compare_metric_name(gb_compare_metric metric);
/** "higher" | "lower" */
const char *gb_compare_metric_better(gb_compare_metric metric);
bool gb_compare_metric_from_name(const char *name, gb_compare_metric *out);
const char *gb_compare_verdict_name(gb_compare_verdict verdict);

/** One metric of one benchmark. */
typedef struct gb_compared_metric {
    bool present;          /* asked for, and some side has it or should have */
    bool decides;          /* the exit code depends on it */
    double base, next;     /* geometric means; arithmetic ones with "fieller" */
    char unit[56];         /* of both */
    size_t base_n, next_n; /* repetitions; of interleaved runs, pairs */
    const char *method;    /* "welch" | "paired" | "fieller"; "": none */
    double ratio;          /* next / base */
    double ci95[2];        /* NAN: no finite one */
    double u_rel;          /* relative standard uncertainty of the ratio */
    double meters_u_rel;   /* what of it no repetition reduces */
    double dof;            /* INFINITY where only meters are uncertain */
    double p_differs, p_outside;       /* of its own; NAN: not tested */
    double holm_differs, holm_outside; /* in the family */
    gb_compare_verdict verdict;
    double repetitions; /* of each side that would tell; NAN: decided, or none
                           would */
    char reason[320];   /* why refused, or not decided by any number; "" */
    char chinese[320];  /* the same in Chinese; "": only English is known */
} gb_compared_metric;

/** One benchmark that both sides have. */
typedef struct gb_compared_bench {
    char *id;     /* owned */
    char *params; /* owned: those that are not defaults; "" */
    double work;  /* of which time, energy and EDP are; NAN: it does none */
    char work_unit[32];
    bool failed;         /* in NEW, but not in BASE: as bad as worse */
    char reason[400];    /* why nothing is compared, or how it failed; "" */
    char chinese[400];   /* the same in Chinese; "" */
    char no_energy[320]; /* why neither side has any; "" */
    gb_compared_metric metrics[GB_COMPARE_METRICS];
} gb_compared_bench;

/** A run as a comparison names it. */
typedef struct gb_compared_run {
    const char *path;          /* borrowed, as it was given */
    const gb_session *session; /* borrowed */
} gb_compared_run;

/** One NEW against BASE. */
typedef struct gb_compared_pair {
    gb_compared_run base, next; /* of interleaved runs the first of each */
    gb_compared_bench *benches; /* [bench_count], in the order of BASE */
    size_t bench_count;
    gb_warning *differences; /* [difference_count]: between the runs */
    size_t difference_count;
    size_t verdicts[GB_COMPARE_VERDICTS]; /* how many metrics have each */
    size_t failed;                        /* benchmarks */
} gb_compared_pair;

typedef struct gb_comparison {
    double alpha;            /* level of the whole family */
    double margin;           /* of 1: 0.02 */
    uint32_t metrics;        /* GB_COMPARE_BIT(..) of those asked for */
    size_t interleaved;      /* pairs of runs; 0: not interleaved */
    size_t tests;            /* in the family */
    gb_compared_pair *pairs; /* [pair_count] */
    size_t pair_count;
    bool regression; /* something that decides is worse, or failed */
    bool refused;    /* something that decides cannot be compared, or there is
                        nothing to compare */
} gb_comparison;

void gb_comparison_fini(gb_comparison *comparison);

#endif /* GB_MODEL_COMPARISON_H */
