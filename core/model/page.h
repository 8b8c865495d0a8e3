/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_MODEL_PAGE_H
#define GB_MODEL_PAGE_H

/**
 * @file model/page.h
 * What an HTML page shows. A page is one file of at most 2 MB however large the
 * result is, so each list has a most; the page says what it left out.
 */
#include "model/claim.h"
#include "model/comparison.h"
#include "model/result.h"
#include "model/timeline.h"

enum {
    GB_PAGE_BENCHES = 300,    /* of a result, in its order */
    GB_PAGE_NODES = 200,      /* in tables of nodes */
    GB_PAGE_CLAIMS = 200,     /* of a claims file, in its order */
    GB_PAGE_OUTLIERS = 20,    /* of a benchmark, worst first */
    GB_PAGE_METRICS = 1500,   /* of a comparison, worst verdicts first */
    GB_PAGE_POINTS = 15000,   /* of power over time, all lines together */
    GB_PAGE_TEXT_BYTES = 600, /* of one text; a longer one ends in "..." */
    GB_PAGE_NAME_BYTES = 160, /* of a benchmark's id and of its parameters */
};

/** A run on a page. */
typedef struct gb_page {
    const gb_result *result;
    const gb_timelines *timelines;
    const gb_assessment *assessment; /* nullable: no claims were given */
} gb_page;

/** One metric of a comparison on a page. */
typedef struct gb_page_row {
    const gb_compared_bench *bench;
    gb_compare_metric metric;
} gb_page_row;

/** The metrics of @p pair that a page shows: worse, better, refused, undecided,
 *  equivalent, each in the order of BASE.
 *  @param rows_out  [most]
 *  @return how many were filled in */
size_t gb_page_rows(const gb_compared_pair *pair, gb_page_row *rows_out,
                    size_t most);

/** A parameter that is a size of messages, bytes; 0: @p planned has none. */
uint64_t gb_page_message_bytes(const gb_plan_case *planned);

#endif /* GB_MODEL_PAGE_H */
