/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/fit.h"

#include <math.h>

enum { K = GB_FIT_TERMS };

/* A column that has less than this of its length across all before it says
 * nothing of its own. It also bounds what the normal equations lose: columns
 * are made of unit length, so that their condition is below 1e5. */
#define INDEPENDENT 0.01

typedef struct system_of {
    const double (*x)[K];
    const double *y, *scale;
    size_t count;
    double length[K]; /* of the columns, by the scales */
    double lower[K][K];
} system_of;

static double cell(const system_of *s, size_t i, int k) {
    return s->x[i][k] / s->scale[i] / s->length[k];
}

/* Gram matrix of the columns, as its Cholesky factor. */
static bool factorise(system_of *s) {
    for (int k = 0; k < K; k++) {
        double square = 0.0;
        for (size_t i = 0; i < s->count; i++)
            square += pow(s->x[i][k] / s->scale[i], 2.0);
        s->length[k] = sqrt(square);
        if (!(s->length[k] > 0.0))
            return false;
    }
    for (int row = 0; row < K; row++)
        for (int col = 0; col <= row; col++) {
            double sum = 0.0;
            for (size_t i = 0; i < s->count; i++)
                sum += cell(s, i, row) * cell(s, i, col);
            for (int j = 0; j < col; j++)
                sum -= s->lower[row][j] * s->lower[col][j];
            if (row == col && !(sum > INDEPENDENT * INDEPENDENT))
                return false;
            s->lower[row][col] =
                row == col ? sqrt(sum) : sum / s->lower[col][col];
        }
    return true;
}

/* L L' out = right. */
static void solve(const system_of *s, const double right[K], double out[K]) {
    for (int row = 0; row < K; row++) {
        out[row] = right[row];
        for (int j = 0; j < row; j++)
            out[row] -= s->lower[row][j] * out[j];
        out[row] /= s->lower[row][row];
    }
    for (int row = K - 1; row >= 0; row--) {
        for (int j = row + 1; j < K; j++)
            out[row] -= s->lower[j][row] * out[j];
        out[row] /= s->lower[row][row];
    }
}

static void find_values(const system_of *s, gb_fit *out) {
    double right[K] = {0.0}, squares = 0.0;

    for (int k = 0; k < K; k++)
        for (size_t i = 0; i < s->count; i++)
            right[k] += cell(s, i, k) * s->y[i] / s->scale[i];
    solve(s, right, out->value);
    for (int k = 0; k < K; k++)
        out->value[k] /= s->length[k];
    for (size_t i = 0; i < s->count; i++) {
        double off = -s->y[i];
        for (int k = 0; k < K; k++)
            off += s->x[i][k] * out->value[k];
        squares += pow(off / s->scale[i], 2.0);
    }
    out->residual = sqrt(squares / (double)(s->count - K));
}

bool gb_fit_linear(const double (*x)[K], const double *y, const double *scale,
                   size_t count, gb_fit *out) {
    system_of s = {.x = x, .y = y, .scale = scale, .count = count};

    if (count <= K || !factorise(&s))
        return false;
    find_values(&s, out);
    for (int col = 0; col < K; col++) {
        const double unit[K] = {col == 0, col == 1, col == 2};
        double column[K];
        solve(&s, unit, column);
        for (int row = 0; row < K; row++)
            out->covariance[row][col] = out->residual * out->residual *
                                        column[row] / s.length[row] /
                                        s.length[col];
    }
    return true;
}
