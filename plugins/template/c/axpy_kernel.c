/* SPDX-License-Identifier: Apache-2.0 */
/* No output, no clock, no file: a plugin leaves all of these to the host. */
#include "axpy_kernel.h"

void axpy_kernel(size_t count, double s, const double *restrict x,
                 double *restrict y) {
    for (size_t i = 0; i < count; i++)
        y[i] = s * x[i] + y[i];
}
