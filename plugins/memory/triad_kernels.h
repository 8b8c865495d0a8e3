/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_TRIAD_KERNELS_H
#define MEMORY_TRIAD_KERNELS_H

/**
 * @file memory/triad_kernels.h
 * a[i] = b[i] + s * c[i] for each instruction set, stored through the caches or
 * past them.
 */
#include <stdbool.h>
#include <stddef.h>

/** Kernels take whole blocks of this many elements: 4 cache lines. */
#define TRIAD_BLOCK 32u

typedef struct triad_kernel {
    const char *isa;
    bool non_temporal;
    /** @param a, b, c  [n], aligned to 64 bytes; n a multiple of TRIAD_BLOCK.
     *  Stores are globally visible when it returns. */
    void (*run)(double *a, const double *b, const double *c, double s,
                size_t n);
} triad_kernel;

/** The best for this CPU; with @p plain, the best through the caches. False if
 *  there is none. */
bool triad_choose_kernel(bool plain, triad_kernel *kernel_out);

#endif /* MEMORY_TRIAD_KERNELS_H */
