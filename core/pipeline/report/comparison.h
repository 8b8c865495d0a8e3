/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_PIPELINE_REPORT_COMPARISON_H
#define GB_PIPELINE_REPORT_COMPARISON_H

/**
 * @file pipeline/report/comparison.h
 * What the terminal and Markdown both say about a comparison, in the same
 * words.
 */
#include "model/comparison.h"
#include "pipeline/report/facts.h"

#define GB_COMPARED_TEXT 64

/** The cells of one metric. */
typedef struct gb_compared_row {
    char base[GB_COMPARED_TEXT], next[GB_COMPARED_TEXT];
    char ratio[GB_COMPARED_TEXT];    /* "0.950" */
    char interval[GB_COMPARED_TEXT]; /* "0.941..0.959"; "-" */
    char needed[GB_COMPARED_TEXT];   /* repetitions that would tell; "" */
} gb_compared_row;

void gb_compared_cells(const gb_compared_metric *metric, gb_compared_row *out);

/** "3 worse, 1 better, 20 equivalent, 4 undecided". */
void gb_compared_total(const gb_compared_pair *pair, gb_str *out);

/** What the intervals hold, and of what the figures are. */
void gb_compared_interval(const gb_comparison *comparison, gb_language language,
                          gb_str *out);

/** What makes a verdict. */
void gb_compared_rule(const gb_comparison *comparison, gb_str *out);

/** Why metrics are refused, cannot be decided, or are left out because neither
 *  side has energy. Benchmarks that are refused as a whole are not among them.
 */
void gb_compared_reasons(const gb_compared_pair *pair, gb_reasons *refused,
                         gb_reasons *undecided, gb_reasons *left_out);

#endif /* GB_PIPELINE_REPORT_COMPARISON_H */
