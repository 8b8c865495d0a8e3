/* SPDX-License-Identifier: Apache-2.0 */
/* Which kernel, and the ones that any compiler can make something of. */
#include "stream_kernels.h"

#include <string.h>

/* Left to the compiler: plain loops that it can vectorise. On aarch64 the cores
 * detect whole-line writes and skip the read by themselves. */

static double copy_loop(double *restrict a, const double *restrict b,
                        const double *restrict c, double s, size_t n) {
    (void)c;
    (void)s;
    for (size_t i = 0; i < n; i++)
        a[i] = b[i];
    return 0.0;
}

static double scale_loop(double *restrict a, const double *restrict b,
                         const double *restrict c, double s, size_t n) {
    (void)c;
    for (size_t i = 0; i < n; i++)
        a[i] = s * b[i];
    return 0.0;
}

static double add_loop(double *restrict a, const double *restrict b,
                       const double *restrict c, double s, size_t n) {
    (void)s;
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + c[i];
    return 0.0;
}

static double triad_loop(double *restrict a, const double *restrict b,
                         const double *restrict c, double s, size_t n) {
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
    return 0.0;
}

/* Additions may not be reordered by the compiler: sixteen sums side by side are
 * what it needs to fill its vectors and their latency. */
static double read_loop(double *a, const double *b, const double *c, double s,
                        size_t n) {
    enum { SUMS = 16 };
    double sums[SUMS] = {0.0}, sum = 0.0;
    (void)b;
    (void)c;
    (void)s;

    for (size_t i = 0; i < n; i += SUMS)
        for (size_t k = 0; k < SUMS; k++)
            sums[k] += a[i + k];
    for (size_t k = 0; k < SUMS; k++)
        sum += sums[k];
    return sum;
}

static double update_loop(double *a, const double *b, const double *c, double s,
                          size_t n) {
    (void)b;
    (void)c;
    for (size_t i = 0; i < n; i++)
        a[i] = s * a[i];
    return 0.0;
}

const stream_kernel *stream_portable_kernels(size_t *count_out) {
    static const stream_kernel kernels[] = {
        {STREAM_COPY, false, "portable", copy_loop},
        {STREAM_SCALE, false, "portable", scale_loop},
        {STREAM_ADD, false, "portable", add_loop},
        {STREAM_TRIAD, false, "portable", triad_loop},
        {STREAM_READ, false, "portable", read_loop},
        {STREAM_UPDATE, false, "portable", update_loop},
    };

    *count_out = sizeof(kernels) / sizeof(kernels[0]);
    return kernels;
}

static bool fits(const stream_kernel *kernel, stream_op op, const char *isa,
                 bool non_temporal) {
    return kernel->op == op && kernel->non_temporal == non_temporal &&
           (strcmp(isa, "auto") == 0 || strcmp(isa, kernel->isa) == 0);
}

static const stream_kernel *find(stream_op op, const char *isa,
                                 bool non_temporal) {
    const stream_kernel *best = NULL;
    size_t count;

    const stream_kernel *portable = stream_portable_kernels(&count);
    for (size_t i = 0; i < count; i++)
        if (fits(&portable[i], op, isa, non_temporal))
            best = &portable[i];
    const stream_kernel *x86 = stream_x86_kernels(&count);
    for (size_t i = 0; i < count; i++) /* ordered from narrow to wide */
        if (fits(&x86[i], op, isa, non_temporal) && stream_x86_runs(x86[i].isa))
            best = &x86[i];
    return best;
}

const stream_kernel *stream_choose_kernel(stream_op op, const char *isa,
                                          stream_stores stores) {
    const stream_kernel *kernel = NULL;

    if (stores != STREAM_STORES_PLAIN)
        kernel = find(op, isa, true);
    if (kernel == NULL && stores != STREAM_STORES_NT)
        kernel = find(op, isa, false);
    return kernel;
}
