/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/gum.h"

#include <math.h>

double gb_u_quadrature(const double *u, size_t count) {
    double norm = 0.0;
    for (size_t i = 0; i < count; i++)
        norm = hypot(norm, u[i]);
    return norm;
}

double gb_u_linear(const double *u, size_t count) {
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += u[i];
    return sum;
}

double gb_u_rel_ratio(double a_rel, double b_rel) {
    return hypot(a_rel, b_rel);
}

double gb_u_uniform(double width) {
    return width / sqrt(12.0);
}

double gb_coverage_factor_95(double excess) {
    const double e = fmin(fmax(excess, -1.2), 0.0);
    return 1.9600 - e * (0.0685 + 0.2758 * e);
}
