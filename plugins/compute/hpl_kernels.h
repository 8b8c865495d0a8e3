/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GREENBENCH_PLUGINS_HPL_KERNELS_H
#define GREENBENCH_PLUGINS_HPL_KERNELS_H

/**
 * @file hpl_kernels.h
 * The innermost loops of the panel factorisation, for operands too narrow for
 * a BLAS library to be fast on. All matrices are column-major with one leading
 * dimension @p ld. Pure; safe from any thread.
 */
#include <stddef.h>

/* A base block has at most this many columns. */
#define HPL_BASE 8u

typedef struct hpl_kernels {
    const char *isa;

    /**
     * Column @p k of a block, left-looking: scales the column before it by
     * @p scale, which makes that one final, subtracts the first k columns times
     * @p u, and looks for the largest magnitude.
     *
     * @param block   the block's column 0, row 0 of the rows to work on
     * @param k       < HPL_BASE
     * @param u       [k]
     * @param[out] magnitude_out  the largest; -1 if there is no number
     * @return its row, 0 if there is none
     */
    size_t (*column)(double *block, size_t ld, size_t rows, size_t k,
                     const double *u, double scale, double *magnitude_out);

    /** C -= A U, where C is rows x n, A is rows x k, U is k x n.
     *  @param ldu  of @p u */
    void (*update)(double *c, const double *a, size_t ld, size_t rows, size_t n,
                   size_t k, const double *u, size_t ldu);
} hpl_kernels;

/** The best that this CPU can run. */
const hpl_kernels *hpl_kernels_best(void);

/** All that this CPU can run, the portable one first. @return their number */
size_t hpl_kernels_all(const hpl_kernels *all_out[3]);

#endif /* GREENBENCH_PLUGINS_HPL_KERNELS_H */
