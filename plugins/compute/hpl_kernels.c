/* SPDX-License-Identifier: Apache-2.0 */
#include "hpl_kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define PART_ROWS ((size_t)256)

/* Two doubles: SSE2 on x86-64, NEON on aarch64, both always there. */
#define VECTOR_BYTES 16
#define ISA          portable
#define TARGET
#include "hpl_kernels_body.h"
#undef VECTOR_BYTES
#undef ISA
#undef TARGET

static const hpl_kernels kernels_portable = {"portable", column_portable,
                                             update_portable};

#if defined(__x86_64__)
#define VECTOR_BYTES 32
#define ISA          avx2
#define TARGET       __attribute__((target("avx2,fma")))
#include "hpl_kernels_body.h"
#undef VECTOR_BYTES
#undef ISA
#undef TARGET

#define VECTOR_BYTES 64
#define ISA          avx512
#define TARGET       __attribute__((target("avx512f,avx512dq,fma")))
#include "hpl_kernels_body.h"

static const hpl_kernels kernels_avx2 = {"avx2", column_avx2, update_avx2};
static const hpl_kernels kernels_avx512 = {"avx512", column_avx512,
                                           update_avx512};
#endif

size_t hpl_kernels_all(const hpl_kernels *all_out[3]) {
    size_t count = 0;

    all_out[count++] = &kernels_portable;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        all_out[count++] = &kernels_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        all_out[count++] = &kernels_avx512;
#endif
    return count;
}

const hpl_kernels *hpl_kernels_best(void) {
    const hpl_kernels *all[3];
    const size_t count = hpl_kernels_all(all);

    return all[count - 1];
}
