/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_STATS_FIT_H
#define GB_STATS_FIT_H

/**
 * @file stats/fit.h
 * A linear model fitted by least squares. Pure: numbers in, numbers out.
 */
#include <stdbool.h>
#include <stddef.h>

/** Coefficients of a model. */
enum { GB_FIT_TERMS = 3 };

typedef struct gb_fit {
    double value[GB_FIT_TERMS];
    double covariance[GB_FIT_TERMS][GB_FIT_TERMS];
    double residual; /* root of the sum of the squared residuals, each by its
                        scale, over the degrees of freedom */
} gb_fit;

/**
 * y_i = sum_k x_ik b_k, so that the sum of ((fit_i - y_i) / scale_i)^2 is
 * least. The covariance is estimated from the residuals.
 *
 * @param x      [count][GB_FIT_TERMS]
 * @param scale  [count], > 0: what one residual is worth beside another
 * @return false: fewer than GB_FIT_TERMS + 1 values, or columns of x that are
 *         within 1 % of being combinations of each other
 */
bool gb_fit_linear(const double (*x)[GB_FIT_TERMS], const double *y,
                   const double *scale, size_t count, gb_fit *out);

#endif /* GB_STATS_FIT_H */
