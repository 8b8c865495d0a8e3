/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_COMPARE_PARTS_H
#define GB_PIPELINE_COMPARE_PARTS_H

/**
 * @file pipeline/compare/parts.h
 * Private to pipeline/compare.
 */
#include "pipeline/compare/compare.h"
#include "stats/ratio.h"

/* --- match.c -------------------------------------------------------------- */

/** A case by what it is: id, and name and value of every parameter. */
typedef struct gb_case_key {
    char *text;        /* owned */
    size_t occurrence; /* of several equal ones: 0, 1, .. */
    size_t at;         /* index into reduced->cases and result->benches */
} gb_case_key;

/** The cases of one run, sorted. */
typedef struct gb_case_index {
    gb_case_key *keys; /* [count] */
    size_t count;
} gb_case_index;

gb_status gb_case_index_make(const gb_compare_input *run, gb_case_index *out,
                             gb_error *err);
void gb_case_index_fini(gb_case_index *index);
const gb_case_key *gb_case_find(const gb_case_index *index,
                                const gb_case_key *key);

/* --- figures.c ------------------------------------------------------------ */

/** One run of a side. */
typedef struct gb_side_run {
    const gb_compare_input *run;
    const gb_case_index *index;
    size_t at; /* the case at hand: into reduced->cases */
} gb_side_run;

/** One benchmark on one side. */
typedef struct gb_compare_side {
    gb_side_run *runs; /* [count]: one, or all interleaved */
    size_t count;
} gb_compare_side;

/** Metrics of which the others are the reciprocals. */
enum { GB_PRIMARIES = 4 };

extern const gb_compare_metric gb_primaries[GB_PRIMARIES];

/** The metric that is @p primary's reciprocal; GB_COMPARE_METRICS: none. */
gb_compare_metric gb_reciprocal_of(gb_compare_metric primary);

/** The ratio of one primary metric of a benchmark, before its verdict. */
typedef struct gb_compare_test {
    size_t pair, bench; /* indices */
    gb_compare_metric primary;
    gb_ratio ratio;
} gb_compare_test;

/**
 * Fill in what both sides say about one benchmark.
 *
 * @param[out] out        id and params are left to the caller
 * @param[out] ratios     [GB_PRIMARIES]
 * @param[out] tested     [GB_PRIMARIES]: there is such a ratio
 * @retval GB_ERR_NO_MEMORY
 */
gb_status gb_compare_bench(const gb_compare_side *base,
                           const gb_compare_side *next,
                           const gb_compare_options *options,
                           gb_compared_bench *out, gb_ratio *ratios,
                           bool *tested, gb_error *err);

/* --- differences.c -------------------------------------------------------- */

/** What differs between two runs as a whole, and what only one of them has;
 *  appended to @p pair. @retval GB_ERR_NO_MEMORY */
gb_status gb_compare_runs(const gb_compare_input *base,
                          const gb_case_index *base_cases,
                          const gb_compare_input *next,
                          const gb_case_index *next_cases,
                          gb_compared_pair *pair, gb_error *err);

/** What the first of interleaved runs has and @p other at @p path lacks.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_compare_cases(const gb_compare_input *first,
                           const gb_case_index *first_cases,
                           const gb_case_index *other, const char *path,
                           gb_compared_pair *pair, gb_error *err);

/* --- verdicts.c ----------------------------------------------------------- */

/** A ratio that has no interval cannot be tested. */
void gb_compare_untested(gb_compare_metric primary, gb_compared_bench *bench);

/** Verdicts of all tests as one family, and what follows for the whole.
 *  @param tests  [count], all of which can be tested
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_compare_judge(const gb_compare_test *tests, size_t count,
                           gb_comparison *comparison, gb_error *err);

#endif /* GB_PIPELINE_COMPARE_PARTS_H */
