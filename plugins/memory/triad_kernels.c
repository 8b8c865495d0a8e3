/* SPDX-License-Identifier: Apache-2.0 */
#include "triad_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* One kernel: LOAD, STORE, SET and the rest name the intrinsics of one width.
 * A block is written as one straight run, so that every line that is written
 * past the caches fills one write-combining buffer at a time. */
#define KERNEL(name, cpu, VECTOR, WIDTH, LOAD, SET, MUL_ADD, STORE)            \
    __attribute__((target(cpu))) static void name(                             \
        double *a, const double *b, const double *c, double s, size_t n) {     \
        const VECTOR factor = SET(s);                                          \
        for (size_t i = 0; i < n; i += TRIAD_BLOCK) {                          \
            for (size_t k = i; k < i + TRIAD_BLOCK; k += WIDTH)                \
                STORE(a + k, MUL_ADD(LOAD(b + k), factor, LOAD(c + k)));       \
        }                                                                      \
        _mm_sfence();                                                          \
    }

#define SSE2_MUL_ADD(b, s, c)   _mm_add_pd(b, _mm_mul_pd(s, c))
#define AVX_MUL_ADD(b, s, c)    _mm256_add_pd(b, _mm256_mul_pd(s, c))
#define AVX512_MUL_ADD(b, s, c) _mm512_fmadd_pd(s, c, b)

KERNEL(sse2_plain, "sse2", __m128d, 2, _mm_load_pd, _mm_set1_pd, SSE2_MUL_ADD,
       _mm_store_pd)
KERNEL(sse2_nt, "sse2", __m128d, 2, _mm_load_pd, _mm_set1_pd, SSE2_MUL_ADD,
       _mm_stream_pd)
KERNEL(avx_plain, "avx", __m256d, 4, _mm256_load_pd, _mm256_set1_pd,
       AVX_MUL_ADD, _mm256_store_pd)
KERNEL(avx_nt, "avx", __m256d, 4, _mm256_load_pd, _mm256_set1_pd, AVX_MUL_ADD,
       _mm256_stream_pd)
KERNEL(avx512_plain, "avx512f", __m512d, 8, _mm512_load_pd, _mm512_set1_pd,
       AVX512_MUL_ADD, _mm512_store_pd)
KERNEL(avx512_nt, "avx512f", __m512d, 8, _mm512_load_pd, _mm512_set1_pd,
       AVX512_MUL_ADD, _mm512_stream_pd)

bool triad_choose_kernel(bool plain, triad_kernel *kernel_out) {
    if (__builtin_cpu_supports("avx512f"))
        *kernel_out =
            (triad_kernel){"avx512", !plain, plain ? avx512_plain : avx512_nt};
    else if (__builtin_cpu_supports("avx"))
        *kernel_out = (triad_kernel){"avx", !plain, plain ? avx_plain : avx_nt};
    else
        *kernel_out =
            (triad_kernel){"sse2", !plain, plain ? sse2_plain : sse2_nt};
    return true;
}

#else

/* Left to the compiler: a plain loop that it can vectorise. On aarch64 the
 * cores detect whole-line writes and skip the read by themselves. */
static void plain_loop(double *restrict a, const double *restrict b,
                       const double *restrict c, double s, size_t n) {
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
}

bool triad_choose_kernel(bool plain, triad_kernel *kernel_out) {
    (void)plain;
    *kernel_out = (triad_kernel){"compiler", false, plain_loop};
    return true;
}

#endif
