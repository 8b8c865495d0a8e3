/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>

/** y[count] = s x[count] + y[count] */
void axpy_kernel(size_t count, double s, const double *x, double *y);

#endif /* KERNEL_H */
