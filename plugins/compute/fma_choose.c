/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
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

/** "sse2, avx", or "none": those that run on this CPU. */
static void list_isas(const fma_kernel *kernels, size_t count, char *list,
                      size_t size) {
    size_t used = 0;

    snprintf(list, size, "none");
    for (size_t i = 0; i < count && used < size; i++)
        if (kernels[i].runs_here())
            used += (size_t)snprintf(list + used, size - used, "%s%s",
                                     used > 0 ? ", " : "", kernels[i].isa);
}

const fma_kernel *fma_choose_peak(const fma_kernel *kernels, size_t count,
                                  const char *isa, fma_refusal *refusal) {
    const fma_kernel *chosen = fma_choose(kernels, count, isa);
    const fma_kernel *widest = fma_choose(kernels, count, "auto");
    const bool any = strcmp(isa, "auto") == 0;
    char list[64];

    if (chosen != NULL && (chosen->fused || !any))
        return chosen;
    *refusal = (fma_refusal){{0}, {0}};
    list_isas(kernels, count, list, sizeof(list));
    if (any)
        snprintf(refusal->what, sizeof(refusal->what),
                 "expected a CPU with fused multiply-add, got one with %s",
                 list);
    else
        snprintf(refusal->what, sizeof(refusal->what),
                 "expected instructions that this CPU has (%s), got isa=%s",
                 list, isa);
    if (widest != NULL)
        snprintf(refusal->hint, sizeof(refusal->hint),
                 widest->fused ? "use isa=%s, the widest this CPU has"
                               : "use isa=%s, the widest this CPU has: "
                                 "multiplications and additions apart",
                 widest->isa);
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
