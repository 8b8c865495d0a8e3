/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "fma_kernels.h"

const fma_kernel *fma_choose(const fma_kernel *kernels, size_t count,
                             const char *isa) {
    const bool any = strcmp(isa, "auto") == 0;

    for (size_t i = count; i-- > 0;)
        if ((any || strcmp(isa, kernels[i].isa) == 0) && kernels[i].runs_here())
            return &kernels[i];
    return NULL;
}

void fma_make_factors(const fma_kernel *kernel, bool single, double k[4]) {
    const double m = kernel->adds_self ? sqrt(0.03) : sqrt(3.0);

    k[0] = single ? (double)(float)m : m;
    if (kernel->adds_self) {
        k[2] = -(k[0] / (1.0 + k[0]));
        k[1] = k[3] = 0.0; /* not used */
    } else {
        k[1] = -1.0;
        k[2] = 1.0 / k[0];
    }
    if (single)
        k[2] = (double)(float)k[2];
    if (!kernel->adds_self)
        k[3] = k[2]; /* -b r, exactly */
}
