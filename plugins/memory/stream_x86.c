/* SPDX-License-Identifier: Apache-2.0 */
/* The streams in SSE2, AVX and AVX-512. AVX2 has nothing to add to them: its
 * integers and gathers are not used, and no stream waits for arithmetic. */
#include "stream_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define SSE2_VECTOR   __m128d
#define SSE2_WIDTH    2
#define SSE2_LOAD     _mm_load_pd
#define SSE2_STORE    _mm_store_pd
#define SSE2_STREAM   _mm_stream_pd
#define SSE2_SET      _mm_set1_pd
#define SSE2_ADD      _mm_add_pd
#define SSE2_MUL      _mm_mul_pd
#define AVX_VECTOR    __m256d
#define AVX_WIDTH     4
#define AVX_LOAD      _mm256_load_pd
#define AVX_STORE     _mm256_store_pd
#define AVX_STREAM    _mm256_stream_pd
#define AVX_SET       _mm256_set1_pd
#define AVX_ADD       _mm256_add_pd
#define AVX_MUL       _mm256_mul_pd
#define AVX512_VECTOR __m512d
#define AVX512_WIDTH  8
#define AVX512_LOAD   _mm512_load_pd
#define AVX512_STORE  _mm512_store_pd
#define AVX512_STREAM _mm512_stream_pd
#define AVX512_SET    _mm512_set1_pd
#define AVX512_ADD    _mm512_add_pd
#define AVX512_MUL    _mm512_mul_pd

/* The element of each operation, from b[i] and c[i]. */
#define COPY_OF(V, i)  V##_LOAD(b + (i))
#define SCALE_OF(V, i) V##_MUL(factor, V##_LOAD(b + (i)))
#define ADD_OF(V, i)   V##_ADD(V##_LOAD(b + (i)), V##_LOAD(c + (i)))
#define TRIAD_OF(V, i)                                                         \
    V##_ADD(V##_LOAD(b + (i)), V##_MUL(factor, V##_LOAD(c + (i))))
#define UPDATE_OF(V, i) V##_MUL(factor, V##_LOAD(a + (i)))

/* Loads first, then stores to adjoining addresses: a line that is written past
 * the caches fills one write-combining buffer at a time. */
#define KERNEL(name, cpu, V, ELEMENT, STORE, FENCE)                            \
    __attribute__((target(cpu))) static double name(                           \
        double *a, const double *b, const double *c, double s, size_t n) {     \
        const V##_VECTOR factor = V##_SET(s);                                  \
        (void)b;                                                               \
        (void)c;                                                               \
        (void)factor;                                                          \
        for (size_t i = 0; i < n; i += 4 * V##_WIDTH) {                        \
            const V##_VECTOR x0 = ELEMENT(V, i);                               \
            const V##_VECTOR x1 = ELEMENT(V, i + V##_WIDTH);                   \
            const V##_VECTOR x2 = ELEMENT(V, i + 2 * V##_WIDTH);               \
            const V##_VECTOR x3 = ELEMENT(V, i + 3 * V##_WIDTH);               \
            STORE(a + i, x0);                                                  \
            STORE(a + i + V##_WIDTH, x1);                                      \
            STORE(a + i + 2 * V##_WIDTH, x2);                                  \
            STORE(a + i + 3 * V##_WIDTH, x3);                                  \
        }                                                                      \
        FENCE;                                                                 \
        return 0.0;                                                            \
    }

/* Eight sums: two additions a cycle, each of four cycles, keep eight busy. */
#define READ_KERNEL(name, cpu, V)                                              \
    __attribute__((target(cpu))) static double name(                           \
        double *a, const double *b, const double *c, double s, size_t n) {     \
        V##_VECTOR r0 = V##_SET(0.0), r1 = r0, r2 = r0, r3 = r0, r4 = r0,      \
                   r5 = r0, r6 = r0, r7 = r0;                                  \
        double lanes[V##_WIDTH] __attribute__((aligned(64))), sum = 0.0;       \
        (void)b;                                                               \
        (void)c;                                                               \
        (void)s;                                                               \
        for (size_t i = 0; i < n; i += 8 * V##_WIDTH) {                        \
            r0 = V##_ADD(r0, V##_LOAD(a + i));                                 \
            r1 = V##_ADD(r1, V##_LOAD(a + i + V##_WIDTH));                     \
            r2 = V##_ADD(r2, V##_LOAD(a + i + 2 * V##_WIDTH));                 \
            r3 = V##_ADD(r3, V##_LOAD(a + i + 3 * V##_WIDTH));                 \
            r4 = V##_ADD(r4, V##_LOAD(a + i + 4 * V##_WIDTH));                 \
            r5 = V##_ADD(r5, V##_LOAD(a + i + 5 * V##_WIDTH));                 \
            r6 = V##_ADD(r6, V##_LOAD(a + i + 6 * V##_WIDTH));                 \
            r7 = V##_ADD(r7, V##_LOAD(a + i + 7 * V##_WIDTH));                 \
        }                                                                      \
        r0 = V##_ADD(V##_ADD(r0, r1), V##_ADD(r2, r3));                        \
        r4 = V##_ADD(V##_ADD(r4, r5), V##_ADD(r6, r7));                        \
        V##_STORE(lanes, V##_ADD(r0, r4));                                     \
        for (size_t k = 0; k < V##_WIDTH; k++)                                 \
            sum += lanes[k];                                                   \
        return sum;                                                            \
    }

#define NO_FENCE (void)0
#define KERNELS(isa, cpu, V)                                                   \
    KERNEL(isa##_copy, cpu, V, COPY_OF, V##_STORE, NO_FENCE)                   \
    KERNEL(isa##_copy_nt, cpu, V, COPY_OF, V##_STREAM, _mm_sfence())           \
    KERNEL(isa##_scale, cpu, V, SCALE_OF, V##_STORE, NO_FENCE)                 \
    KERNEL(isa##_scale_nt, cpu, V, SCALE_OF, V##_STREAM, _mm_sfence())         \
    KERNEL(isa##_add, cpu, V, ADD_OF, V##_STORE, NO_FENCE)                     \
    KERNEL(isa##_add_nt, cpu, V, ADD_OF, V##_STREAM, _mm_sfence())             \
    KERNEL(isa##_triad, cpu, V, TRIAD_OF, V##_STORE, NO_FENCE)                 \
    KERNEL(isa##_triad_nt, cpu, V, TRIAD_OF, V##_STREAM, _mm_sfence())         \
    KERNEL(isa##_update, cpu, V, UPDATE_OF, V##_STORE, NO_FENCE)               \
    READ_KERNEL(isa##_read, cpu, V)

KERNELS(sse2, "sse2", SSE2)
KERNELS(avx, "avx", AVX)
KERNELS(avx512, "avx512f", AVX512)

#define ROWS(isa)                                                              \
    {STREAM_COPY, false, #isa, isa##_copy},                                    \
        {STREAM_COPY, true, #isa, isa##_copy_nt},                              \
        {STREAM_SCALE, false, #isa, isa##_scale},                              \
        {STREAM_SCALE, true, #isa, isa##_scale_nt},                            \
        {STREAM_ADD, false, #isa, isa##_add},                                  \
        {STREAM_ADD, true, #isa, isa##_add_nt},                                \
        {STREAM_TRIAD, false, #isa, isa##_triad},                              \
        {STREAM_TRIAD, true, #isa, isa##_triad_nt},                            \
        {STREAM_READ, false, #isa, isa##_read}, {                              \
        STREAM_UPDATE, false, #isa, isa##_update                               \
    }

const stream_kernel *stream_x86_kernels(size_t *count_out) {
    static const stream_kernel kernels[] = {ROWS(sse2), ROWS(avx),
                                            ROWS(avx512)};

    *count_out = sizeof(kernels) / sizeof(kernels[0]);
    return kernels;
}

bool stream_x86_runs(const char *isa) {
    if (strcmp(isa, "avx512") == 0)
        return __builtin_cpu_supports("avx512f");
    if (strcmp(isa, "avx") == 0)
        return __builtin_cpu_supports("avx");
    return strcmp(isa, "sse2") == 0; /* part of x86-64 */
}

#else

const stream_kernel *stream_x86_kernels(size_t *count_out) {
    *count_out = 0;
    return NULL;
}

bool stream_x86_runs(const char *isa) {
    (void)isa;
    return false;
}

#endif
