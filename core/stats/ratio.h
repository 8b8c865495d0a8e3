/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_STATS_RATIO_H
#define GB_STATS_RATIO_H

/**
 * @file stats/ratio.h
 * How two sets of repetitions differ, as a ratio with its interval; whether
 * they differ or are equivalent; how many repetitions would tell. Pure: numbers
 * in, numbers out. docs/compare.md has the equations and their sources.
 */
#include <stdbool.h>
#include <stddef.h>

typedef enum gb_ratio_method {
    GB_RATIO_NONE,    /* too few repetitions for an interval */
    GB_RATIO_WELCH,   /* Welch on the logarithms of both sets */
    GB_RATIO_PAIRED,  /* Student on the logarithms of the pairs' ratios */
    GB_RATIO_FIELLER, /* ratio of means: a value is not above 0 */
} gb_ratio_method;

/** One side of a comparison. */
typedef struct gb_ratio_side {
    const double *values; /* [count], finite */
    size_t count;         /* >= 1 */
    /* Relative standard uncertainty of their mean that their scatter shows as
     * well, such as the resolution of a counter: the larger of the two counts.
     * >= 0 */
    double u_rel;
} gb_ratio_side;

/** NAN: no such figure. */
typedef struct gb_ratio {
    gb_ratio_method method;
    double base, next; /* geometric means; FIELLER: arithmetic means */
    double ratio;      /* next / base */
    double ci95[2];    /* NAN: there is no finite interval */
    double u_rel;      /* relative standard uncertainty of the ratio */
    double dof;        /* effective degrees of freedom; may be INFINITY */
    /* What the tests below are made from: [base, next]. */
    double variance[2], covariance; /* of the means; WELCH, PAIRED: of logs */
    double scatter[2]; /* relative variance of one repetition, from scatter */
    double resolution[2]; /* what the resolution adds to it */
    double common;        /* relative variance that no repetition reduces */
} gb_ratio;

/**
 * Compare @p next with @p base.
 *
 * @param paired      values[i] of both sides were taken one after the other:
 *                    both counts are equal
 * @param common_rel  relative standard uncertainty of the ratio from what no
 *                    repetition changes, such as calibration that does not
 *                    cancel; >= 0
 */
void gb_ratio_compare(const gb_ratio_side *base, const gb_ratio_side *next,
                      bool paired, double common_rel, gb_ratio *out);

/** The same of the reciprocals: time from performance, say. */
void gb_ratio_invert(const gb_ratio *of, gb_ratio *out);

/** Probability of a ratio at least so far from 1 if it were 1; NAN: NONE. */
double gb_ratio_p_differs(const gb_ratio *ratio);

/** Two one-sided tests: the larger probability of such a ratio if it were
 *  outside 1/(1 + margin) .. 1 + margin; NAN: NONE. @param margin  >= 0 */
double gb_ratio_p_outside(const gb_ratio *ratio, double margin);

/**
 * Repetitions of each side after which a ratio like this one would, in four of
 * five tries, be found to differ or to be equivalent.
 *
 * @param alpha  level of each test, shared among all of a family
 * @return 0: none would, or it cannot be told
 */
double gb_ratio_repetitions(const gb_ratio *ratio, double alpha, double margin);

/**
 * Interval of the ratio of two means y / x (E. C. Fieller, J. R. Stat. Soc. B
 * 16, 1954).
 *
 * @param v_x, v_y, v_xy  variances of the means and their covariance
 * @param t               quantile of Student's distribution
 * @param[out] g_out      t^2 v_x / x^2
 * @return false: g >= 1, there is no finite interval; ci_out is NAN
 */
bool gb_fieller(double x, double v_x, double y, double v_y, double v_xy,
                double t, double ci_out[2], double *g_out);

/**
 * Holm's adjusted probabilities: reject what is at most alpha, and no true
 * hypothesis of the family is rejected with more than that probability,
 * whatever their dependence (S. Holm, Scand. J. Statist. 6, 1979).
 *
 * @param p                  [count]
 * @param[out] adjusted_out  [count]
 * @return false: out of memory
 */
bool gb_holm(const double *p, size_t count, double *adjusted_out);

#endif /* GB_STATS_RATIO_H */
