/* SPDX-License-Identifier: Apache-2.0 */
#include "fma_kernels.h"

#if defined(__aarch64__)
#include <sys/auxv.h>

/* See fma_x86.c for how the loops are put together. 24 accumulators, 4
 * constants, and S is the element: "2d", "4s" for NEON, "d", "s" for SVE. */
#define EACH_24(step, ...)                                                     \
    step(0, __VA_ARGS__) step(1, __VA_ARGS__) step(2, __VA_ARGS__)             \
        step(3, __VA_ARGS__) step(4, __VA_ARGS__) step(5, __VA_ARGS__)         \
            step(6, __VA_ARGS__) step(7, __VA_ARGS__) step(8, __VA_ARGS__)     \
                step(9, __VA_ARGS__) step(10, __VA_ARGS__)                     \
                    step(11, __VA_ARGS__) step(12, __VA_ARGS__)                \
                        step(13, __VA_ARGS__) step(14, __VA_ARGS__)            \
                            step(15, __VA_ARGS__) step(16, __VA_ARGS__)        \
                                step(17, __VA_ARGS__) step(18, __VA_ARGS__)    \
                                    step(19, __VA_ARGS__)                      \
                                        step(20, __VA_ARGS__)                  \
                                            step(21, __VA_ARGS__)              \
                                                step(22, __VA_ARGS__)          \
                                                    step(23, __VA_ARGS__)

#define V_0_31                                                                 \
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",  \
        "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21",  \
        "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31"

#define NEON_LOAD(i, S)  "ldr q" #i ", [%[from], #16*" #i "]\n\t"
#define NEON_STORE(i, S) "str q" #i ", [%[to], #16*" #i "]\n\t"
/* FMLA adds into its first operand: x = x + x m, as adds_self says. */
#define NEON_STEP(i, S, M) "fmla v" #i "." S ", v" #i "." S ", v" M "." S "\n\t"

#define NEON_KERNEL(name, S)                                                   \
    static void name(const void *from, void *to, const void *k,                \
                     uint64_t pairs) {                                         \
        __asm__ volatile(                                                      \
            "ldr q28, [%[k]]\n\t"                                              \
            "ldr q30, [%[k], #32]\n\t" EACH_24(                                \
                NEON_LOAD, S) ".p2align 6\n"                                   \
                              "1:\n\t" EACH_24(NEON_STEP, S, "28") EACH_24(    \
                                  NEON_STEP, S,                                \
                                  "30") "subs %[n], %[n], #1\n\t"              \
                                        "b.ne 1b\n\t" EACH_24(NEON_STORE, S)   \
            : [n] "+r"(pairs)                                                  \
            : [from] "r"(from), [to] "r"(to), [k] "r"(k)                       \
            : V_0_31, "cc", "memory");                                         \
    }

NEON_KERNEL(neon_fp64, "2d")
NEON_KERNEL(neon_fp32, "4s")

#define SVE_LOAD(i, S)  "ldr z" #i ", [%[from], #" #i ", mul vl]\n\t"
#define SVE_STORE(i, S) "str z" #i ", [%[to], #" #i ", mul vl]\n\t"
#define SVE_STEP(i, S, M, K)                                                   \
    "fmad z" #i "." S ", p0/m, z" M "." S ", z" K "." S "\n\t"

#define SVE_KERNEL(name, S)                                                    \
    static void name(const void *from, void *to, const void *k,                \
                     uint64_t pairs) {                                         \
        __asm__ volatile(                                                      \
            ".arch_extension sve\n\t"                                          \
            "ptrue p0." S "\n\t"                                               \
            "ldr z28, [%[k]]\n\t"                                              \
            "ldr z29, [%[k], #1, mul vl]\n\t"                                  \
            "ldr z30, [%[k], #2, mul vl]\n\t"                                  \
            "ldr z31, [%[k], #3, mul vl]\n\t" EACH_24(                         \
                SVE_LOAD,                                                      \
                S) ".p2align 6\n"                                              \
                   "1:\n\t" EACH_24(SVE_STEP, S, "28", "29")                   \
                       EACH_24(SVE_STEP, S, "30",                              \
                               "31") "subs %[n], %[n], #1\n\t"                 \
                                     "b.ne 1b\n\t" EACH_24(SVE_STORE, S)       \
            : [n] "+r"(pairs)                                                  \
            : [from] "r"(from), [to] "r"(to), [k] "r"(k)                       \
            : V_0_31, "p0", "cc", "memory");                                   \
    }

SVE_KERNEL(sve_fp64, "d")
SVE_KERNEL(sve_fp32, "s")

#define CHAIN                 "add %[sum], %[sum], %[by]\n\t"
#define NEON_CLOCK(i, S, M)   CHAIN CHAIN NEON_STEP(i, S, M)
#define SVE_CLOCK(i, S, M, K) CHAIN CHAIN SVE_STEP(i, S, M, K)

static uint64_t neon_clock(const void *from, const void *k, uint64_t trips,
                           uint64_t sum, uint64_t by) {
    __asm__ volatile(
        "ldr q28, [%[k]]\n\t"
        "ldr q30, [%[k], #32]\n\t" EACH_24(
            NEON_LOAD, "2d") ".p2align 6\n"
                             "1:\n\t" EACH_24(NEON_CLOCK, "2d", "28")
                                 EACH_24(NEON_CLOCK, "2d",
                                         "30") "subs %[n], %[n], #1\n\t"
                                               "b.ne 1b\n\t"
        : [n] "+r"(trips), [sum] "+r"(sum)
        : [from] "r"(from), [k] "r"(k), [by] "r"(by)
        : V_0_31, "cc", "memory");
    return sum;
}

static uint64_t sve_clock(const void *from, const void *k, uint64_t trips,
                          uint64_t sum, uint64_t by) {
    __asm__ volatile(
        ".arch_extension sve\n\t"
        "ptrue p0.d\n\t"
        "ldr z28, [%[k]]\n\t"
        "ldr z29, [%[k], #1, mul vl]\n\t"
        "ldr z30, [%[k], #2, mul vl]\n\t"
        "ldr z31, [%[k], #3, mul vl]\n\t" EACH_24(
            SVE_LOAD, "d") ".p2align 6\n"
                           "1:\n\t" EACH_24(SVE_CLOCK, "d", "28", "29")
                               EACH_24(SVE_CLOCK, "d", "30",
                                       "31") "subs %[n], %[n], #1\n\t"
                                             "b.ne 1b\n\t"
        : [n] "+r"(trips), [sum] "+r"(sum)
        : [from] "r"(from), [k] "r"(k), [by] "r"(by)
        : V_0_31, "p0", "cc", "memory");
    return sum;
}

uint64_t fma_chain(const void *from, const void *k, uint64_t trips,
                   uint64_t sum, uint64_t by) {
    (void)from;
    (void)k;
    __asm__ volatile(".p2align 6\n"
                     "1:\n\t"
                     ".rept 64\n\t" CHAIN ".endr\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b\n\t"
                     : [n] "+r"(trips), [sum] "+r"(sum)
                     : [by] "r"(by)
                     : "cc");
    return sum;
}

static unsigned neon_bytes(void) {
    return 16;
}

static unsigned sve_bytes(void) {
    uint64_t bytes;

    __asm__(".arch_extension sve\n\trdvl %0, #1" : "=r"(bytes));
    return (unsigned)bytes;
}

static bool has_neon(void) {
    return true; /* every aarch64 with floating point */
}

static bool has_sve(void) {
    return (getauxval(AT_HWCAP) & (1ul << 22)) != 0; /* HWCAP_SVE */
}

const fma_kernel fma_kernels[FMA_KERNEL_COUNT] = {
    {"neon", 24, true, true, has_neon, neon_bytes, neon_fp64, neon_fp32,
     neon_clock, 48 * 2},
    {"sve", 24, true, false, has_sve, sve_bytes, sve_fp64, sve_fp32, sve_clock,
     48 * 2},
};

#else
typedef int fma_arm_is_empty; /* ISO C wants a declaration in every file */
#endif
