/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_STREAM_KERNELS_H
#define MEMORY_STREAM_KERNELS_H

/**
 * @file memory/stream_kernels.h
 * One pass over the arrays for each operation and instruction set, stored
 * through the caches or past them.
 */
#include <stdbool.h>
#include <stddef.h>

/** Kernels take whole blocks of this many elements: 8 cache lines. */
#define STREAM_BLOCK 64u

typedef enum stream_op {
    STREAM_COPY,   /* a = b */
    STREAM_SCALE,  /* a = s b */
    STREAM_ADD,    /* a = b + c */
    STREAM_TRIAD,  /* a = b + s c */
    STREAM_READ,   /* the sum of a */
    STREAM_UPDATE, /* a = s a */
} stream_op;

/** @param a, b, c  [n], aligned to 64 bytes, those that the operation has; n a
 *                  multiple of STREAM_BLOCK
 *  @return the sum for STREAM_READ, in any order of additions; else 0. Stores
 *  are globally visible when it returns. */
typedef double (*stream_fn)(double *a, const double *b, const double *c,
                            double s, size_t n);

typedef struct stream_kernel {
    stream_op op;
    bool non_temporal;
    const char *isa;
    stream_fn run;
} stream_kernel;

#if defined(__x86_64__)
#define STREAM_ISA_NAMES "portable|sse2|avx|avx512"
#else
#define STREAM_ISA_NAMES "portable"
#endif

typedef enum stream_stores {
    STREAM_STORES_PLAIN,  /* through the caches */
    STREAM_STORES_PREFER, /* past them if there is a kernel for it */
    STREAM_STORES_NT,     /* past them */
} stream_stores;

/** The kernel for that word of STREAM_ISA_NAMES, or for "auto" the best this
 *  CPU can run; null if it cannot run one. */
const stream_kernel *stream_choose_kernel(stream_op op, const char *isa,
                                          stream_stores stores);

/** By each file of kernels; [*count_out] */
const stream_kernel *stream_portable_kernels(size_t *count_out);
/** Empty where the CPU is another. */
const stream_kernel *stream_x86_kernels(size_t *count_out);
bool stream_x86_runs(const char *isa);

#endif /* MEMORY_STREAM_KERNELS_H */
