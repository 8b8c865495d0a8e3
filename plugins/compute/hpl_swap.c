/* SPDX-License-Identifier: Apache-2.0 */
#include "hpl_swap.h"

#include "hpl_layout.h"

size_t hpl_swap_plan_size(size_t nb, size_t p) {
    return 4 * nb + 2 * (p + 1) + 4 * nb;
}

void hpl_swap_plan_init(hpl_swap_plan *plan, size_t *block, size_t nb,
                        size_t p) {
    *plan = (hpl_swap_plan){
        .u_row = block,
        .u_source = block + nb,
        .out_row = block + 2 * nb,
        .out_target = block + 3 * nb,
        .scratch = block + 4 * nb,
        .u_start = block + 8 * nb,
        .out_start = block + 8 * nb + p + 1,
    };
}

/** Index of @p row among the first @p count, or @p count. */
static size_t find(const size_t *rows, size_t count, size_t row) {
    size_t i = 0;

    while (i < count && rows[i] != row)
        i++;
    return i;
}

/** Sort (what, row) pairs by the process row that holds `row`, stably. */
static void group(const size_t *what, const size_t *rows, size_t count,
                  size_t nb, size_t p, size_t *what_out, size_t *rows_out,
                  size_t *start) {
    size_t filled = 0;

    for (size_t proc = 0; proc < p; proc++) {
        start[proc] = filled;
        for (size_t i = 0; i < count && p > 1; i++)
            if (hpl_owner(rows[i], nb, p) == proc) {
                what_out[filled] = what[i];
                rows_out[filled++] = rows[i];
            }
    }
    for (size_t i = 0; i < count && p == 1; i++, filled++) {
        what_out[filled] = what[i];
        rows_out[filled] = rows[i];
    }
    start[p] = filled;
}

void hpl_swap_plan_make(hpl_swap_plan *plan, size_t column, size_t width,
                        const double *pivots, size_t nb, size_t p) {
    /* Rows as they lie after the interchanges so far. Below the diagonal block
     * there is never but a row that came from it: a row from below goes to the
     * place of a finished row of U and stays there. */
    size_t *top = plan->scratch;        /* [width]: global row now in place j */
    size_t *below = plan->scratch + nb; /* the places below that were touched */
    size_t *there = below + nb;         /* the row now in that place */
    size_t *order = there + nb;         /* 0 .. width - 1 */
    size_t touched = 0;

    for (size_t j = 0; j < width; j++) {
        top[j] = column + j;
        order[j] = j;
    }
    for (size_t j = 0; j < width; j++) {
        const size_t row = (size_t)pivots[j];
        const size_t mine = top[j];
        if (row < column + width) {
            top[j] = top[row - column];
            top[row - column] = mine;
            continue;
        }
        const size_t i = find(below, touched, row);
        if (i == touched) {
            below[touched] = row;
            there[touched++] = row;
        }
        top[j] = there[i];
        there[i] = mine;
    }
    group(order, top, width, nb, p, plan->u_row, plan->u_source, plan->u_start);
    for (size_t i = 0; i < touched; i++)
        there[i] -= column;
    group(there, below, touched, nb, p, plan->out_row, plan->out_target,
          plan->out_start);
}
