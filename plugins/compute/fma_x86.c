/* SPDX-License-Identifier: Apache-2.0 */
#include "fma_kernels.h"

#if defined(__x86_64__)

/* The loops are put together from strings. EACH_n(step, ...) repeats a step for
 * the accumulators 0 .. n-1; R is the register's prefix, S the format's suffix,
 * M and K the numbers of the registers that hold factor and addend. */
#define EACH_12(step, ...)                                                     \
    step(0, __VA_ARGS__) step(1, __VA_ARGS__) step(2, __VA_ARGS__)             \
        step(3, __VA_ARGS__) step(4, __VA_ARGS__) step(5, __VA_ARGS__)         \
            step(6, __VA_ARGS__) step(7, __VA_ARGS__) step(8, __VA_ARGS__)     \
                step(9, __VA_ARGS__) step(10, __VA_ARGS__)                     \
                    step(11, __VA_ARGS__)
#define EACH_24(step, ...)                                                     \
    EACH_12(step, __VA_ARGS__)                                                 \
    step(12, __VA_ARGS__) step(13, __VA_ARGS__) step(14, __VA_ARGS__)          \
        step(15, __VA_ARGS__) step(16, __VA_ARGS__) step(17, __VA_ARGS__)      \
            step(18, __VA_ARGS__) step(19, __VA_ARGS__) step(20, __VA_ARGS__)  \
                step(21, __VA_ARGS__) step(22, __VA_ARGS__)                    \
                    step(23, __VA_ARGS__)

/* Texts are short: a string of C17 has 4,095 characters at least, and clang
 * holds us to that. */
#define LOAD(i, MOV, R, B)  MOV " " B "*" #i "(%[from]), %%" R #i "\n\t"
#define STORE(i, MOV, R, B) MOV " %%" R #i ", " B "*" #i "(%[to])\n\t"

#define SSE_STEP(i, R, S, M, K)                                                \
    "mulp" S " %%" R M ", %%" R #i "\n\taddp" S " %%" R K ", %%" R #i "\n\t"
#define AVX_STEP(i, R, S, M, K)                                                \
    "vmulp" S " %%" R M ", %%" R #i ", %%" R #i "\n\t"                         \
    "vaddp" S " %%" R K ", %%" R #i ", %%" R #i "\n\t"
#define FMA_STEP(i, R, S, M, K)                                                \
    "vfmadd213p" S " %%" R K ",%%" R M ",%%" R #i "\n"

#define KERNEL(name, cpu, MOV, R, B, S, EACH, STEP, A, B_, R_, C, end, ...)    \
    __attribute__((target(cpu))) static void name(                             \
        const void *from, void *to, const void *k, uint64_t pairs) {           \
        __asm__ volatile(                                                      \
            MOV                                                                \
            " (%[k]), %%" R A "\n\t" MOV " " B "(%[k]), %%" R B_ "\n\t" MOV    \
            " 2*" B "(%[k]), %%" R R_ "\n\t" MOV " 3*" B "(%[k]), %%" R C      \
            "\n\t" EACH(LOAD, MOV, R,                                          \
                        B) ".p2align 6\n"                                      \
                           "1:\n\t" EACH(STEP, R, S, A, B_)                    \
                               EACH(STEP, R, S, R_,                            \
                                    C) "decq %[n]\n\t"                         \
                                       "jnz 1b\n\t" EACH(STORE, MOV, R, B) end \
            : [n] "+r"(pairs)                                                  \
            : [from] "r"(from), [to] "r"(to), [k] "r"(k)                       \
            : __VA_ARGS__, "cc", "memory");                                    \
    }

#define XMM_0_15                                                               \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",    \
        "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#define XMM_0_31                                                               \
    XMM_0_15, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",   \
        "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29",         \
        "xmm30", "xmm31"

/* Mixing in SSE code while upper halves are dirty would cost it dearly. */
#define CLEAN "vzeroupper\n\t"

#define KERNELS_16(isa, cpu, MOV, R, B, STEP, end)                             \
    KERNEL(isa##_fp64, cpu, MOV, R, B, "d", EACH_12, STEP, "12", "13", "14",   \
           "15", end, XMM_0_15)                                                \
    KERNEL(isa##_fp32, cpu, MOV, R, B, "s", EACH_12, STEP, "12", "13", "14",   \
           "15", end, XMM_0_15)
#define KERNELS_32(isa, cpu, MOV, R, B, STEP, end)                             \
    KERNEL(isa##_fp64, cpu, MOV, R, B, "d", EACH_24, STEP, "28", "29", "30",   \
           "31", end, XMM_0_31)                                                \
    KERNEL(isa##_fp32, cpu, MOV, R, B, "s", EACH_24, STEP, "28", "29", "30",   \
           "31", end, XMM_0_31)

/* One addition of the chain. From a register: recent Intel cores add a small
 * constant while renaming, several of them in one cycle. */
#define CHAIN "add %[by],%[s]\n"
#define SSE_CLOCK(i, R, S, M, K)                                               \
    CHAIN CHAIN "mulp" S " %%" R M ", %%" R #i "\n\t" CHAIN CHAIN "addp" S     \
                " %%" R K ", %%" R #i "\n\t"
#define AVX_CLOCK(i, R, S, M, K)                                               \
    CHAIN CHAIN "vmulp" S " %%" R M ", %%" R #i ", %%" R #i "\n\t" CHAIN CHAIN \
                "vaddp" S " %%" R K ", %%" R #i ", %%" R #i "\n\t"
#define FMA_CLOCK(i, R, S, M, K) CHAIN CHAIN FMA_STEP(i, R, S, M, K)

#define CLOCK(name, cpu, MOV, R, B, EACH, STEP, A, B_, R_, C, end, ...)        \
    __attribute__((target(cpu))) static uint64_t name(                         \
        const void *from, const void *k, uint64_t trips, uint64_t sum,         \
        uint64_t by) {                                                         \
        __asm__ volatile(                                                      \
            MOV                                                                \
            " (%[k]), %%" R A "\n\t" MOV " " B "(%[k]), %%" R B_ "\n\t" MOV    \
            " 2*" B "(%[k]), %%" R R_ "\n\t" MOV " 3*" B "(%[k]), %%" R C      \
            "\n\t" EACH(LOAD, MOV, R, B) ".p2align 6\n"                        \
                                         "1:\n\t" EACH(STEP, R, "d", A, B_)    \
                                             EACH(STEP, R, "d", R_,            \
                                                  C) "sub $1, %[n]\n\t"        \
                                                     "jnz 1b\n\t" end          \
            : [n] "+r"(trips), [s] "+r"(sum)                                   \
            : [from] "r"(from), [k] "r"(k), [by] "r"(by)                       \
            : "cc", "memory", __VA_ARGS__);                                    \
        return sum;                                                            \
    }

KERNELS_16(sse2, "sse2", "movaps", "xmm", "16", SSE_STEP, "")
KERNELS_16(avx, "avx", "vmovaps", "ymm", "32", AVX_STEP, CLEAN)
KERNELS_16(avx2, "avx2,fma", "vmovaps", "ymm", "32", FMA_STEP, CLEAN)
KERNELS_32(avx512, "avx512f", "vmovaps", "zmm", "64", FMA_STEP, CLEAN)

CLOCK(sse2_clock, "sse2", "movaps", "xmm", "16", EACH_12, SSE_CLOCK, "12", "13",
      "14", "15", "", XMM_0_15)
CLOCK(avx_clock, "avx", "vmovaps", "ymm", "32", EACH_12, AVX_CLOCK, "12", "13",
      "14", "15", CLEAN, XMM_0_15)
CLOCK(avx2_clock, "avx2,fma", "vmovaps", "ymm", "32", EACH_12, FMA_CLOCK, "12",
      "13", "14", "15", CLEAN, XMM_0_15)
CLOCK(avx512_clock, "avx512f", "vmovaps", "zmm", "64", EACH_24, FMA_CLOCK, "28",
      "29", "30", "31", CLEAN, XMM_0_31)

uint64_t fma_chain(const void *from, const void *k, uint64_t trips,
                   uint64_t sum, uint64_t by) {
    (void)from;
    (void)k;
    __asm__ volatile(".p2align 6\n"
                     "1:\n\t"
                     ".rept 64\n\t" CHAIN ".endr\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b\n\t"
                     : [n] "+r"(trips), [s] "+r"(sum)
                     : [by] "r"(by)
                     : "cc");
    return sum;
}

static unsigned bytes_16(void) {
    return 16;
}
static unsigned bytes_32(void) {
    return 32;
}
static unsigned bytes_64(void) {
    return 64;
}

static bool has_sse2(void) {
    return true; /* every x86-64 */
}
static bool has_avx(void) {
    return __builtin_cpu_supports("avx");
}
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f");
}

const fma_kernel fma_kernels[FMA_KERNEL_COUNT] = {
    /* twice the accumulators, times the additions of each step */
    {"sse2", 12, false, false, has_sse2, bytes_16, sse2_fp64, sse2_fp32,
     sse2_clock, 24 * 4},
    {"avx", 12, false, false, has_avx, bytes_32, avx_fp64, avx_fp32, avx_clock,
     24 * 4},
    {"avx2", 12, true, false, has_avx2, bytes_32, avx2_fp64, avx2_fp32,
     avx2_clock, 24 * 2},
    {"avx512", 24, true, false, has_avx512, bytes_64, avx512_fp64, avx512_fp32,
     avx512_clock, 48 * 2},
};

#else
typedef int fma_x86_is_empty; /* ISO C wants a declaration in every file */
#endif
