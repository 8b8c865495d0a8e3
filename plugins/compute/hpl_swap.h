/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGINS_HPL_SWAP_H
#define GREENBENCH_PLUGINS_HPL_SWAP_H

/**
 * @file hpl_swap.h
 * The row interchanges of one panel as two one-way moves: rows that become rows
 * of U, and rows of the diagonal block that take their places. Pure.
 */
#include <stddef.h>

typedef struct hpl_swap_plan {
    /* Row u_row[e] of U was the global row u_source[e]. Entries are grouped by
     * the process row that holds the source: [u_start[p], u_start[p + 1]). */
    size_t *u_row, *u_source, *u_start;
    /* Row out_row[e] of the diagonal block goes to the global row
     * out_target[e]; grouped in the same way by the process row of the target.
     */
    size_t *out_row, *out_target, *out_start;
    size_t *scratch;
} hpl_swap_plan;

/** How many size_t the arrays of a plan take. */
size_t hpl_swap_plan_size(size_t nb, size_t p);

/** @param block  [hpl_swap_plan_size(nb, p)] */
void hpl_swap_plan_init(hpl_swap_plan *plan, size_t *block, size_t nb,
                        size_t p);

/**
 * @param pivots  [width]: row column + j was interchanged with pivots[j], in
 *                this order; none is above column + j
 * @param nb, p   of the grid; width <= nb
 */
void hpl_swap_plan_make(hpl_swap_plan *plan, size_t column, size_t width,
                        const double *pivots, size_t nb, size_t p);

#endif /* GREENBENCH_PLUGINS_HPL_SWAP_H */
