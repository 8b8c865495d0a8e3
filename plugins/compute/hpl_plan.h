/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGINS_HPL_PLAN_H
#define GREENBENCH_PLUGINS_HPL_PLAN_H

/**
 * @file hpl_plan.h
 * From what was asked for and what the ranks have to a problem that fits, or to
 * the reason why none does. Pure: all ranks come to the same end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Doubles at the head of a record of the pivot search. */
#define HPL_PIVOT_HEADER 8u

/** As asked for; 0 is "auto". */
typedef struct hpl_wish {
    size_t n, nb, p, q;
    double fill; /* 0.8 for 80 % */
} hpl_wish;

typedef struct hpl_machine {
    size_t ranks;
    uint64_t memory_bytes; /* of the rank that has least; 0: unknown */
    uint64_t core_count;   /* of all ranks together */
} hpl_machine;

typedef struct hpl_shape {
    size_t n, nb, p, q;
} hpl_shape;

typedef struct hpl_refusal {
    char what[200], hint[120];
} hpl_refusal;

/** The problem and one process's place in it. */
typedef struct hpl_grid {
    size_t n, nb;
    size_t p, q;           /* rows and columns of the grid */
    size_t my_row, my_col; /* of this process */
    size_t rows, columns;  /* local: of [A|b] */
    size_t ld;             /* doubles from one local row to the next */
    size_t strip;          /* columns that change rows at a time, if p > 1 */
} hpl_grid;

/** What a process takes, in doubles. */
typedef struct hpl_footprint {
    size_t matrix, panel, buffers, vectors, check;
} hpl_footprint;

/** @return false: @p refusal_out says why not and what would do */
bool hpl_plan_shape(const hpl_wish *wish, const hpl_machine *machine,
                    hpl_shape *shape_out, hpl_refusal *refusal_out);

hpl_grid hpl_plan_grid(const hpl_shape *shape, size_t my_row, size_t my_col);

hpl_footprint hpl_plan_footprint(const hpl_grid *grid);

/** Bytes of the process that takes most. */
double hpl_plan_bytes(const hpl_shape *shape);

/** Doubles that a panel takes at most. */
size_t hpl_panel_doubles(const hpl_grid *grid);

/** Doubles of a record of the pivot search. */
size_t hpl_pivot_doubles(size_t nb);

#endif /* GREENBENCH_PLUGINS_HPL_PLAN_H */
