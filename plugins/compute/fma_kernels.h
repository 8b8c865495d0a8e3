/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_FMA_KERNELS_H
#define COMPUTE_FMA_KERNELS_H

/**
 * @file compute/fma_kernels.h
 * The inner loops of compute.fma and compute.clock, one for each instruction
 * set. Written in assembly: what runs is what is counted, whichever compiler
 * built it and at whatever optimisation level.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FMA_VECTOR_BYTES_MAX 256u /* SVE's architectural limit */
#define FMA_ACCUMULATORS_MAX 24u
/** The most that one thread's accumulators take. */
#define FMA_STATE_BYTES (FMA_ACCUMULATORS_MAX * FMA_VECTOR_BYTES_MAX)

/** Do x = x a + b; x = x r + c, @p pairs times to all accumulators.
 *  @param[in]  from   [accumulators][vector_bytes]
 *  @param[out] to     [accumulators][vector_bytes]
 *  @param[in]  k      [4][vector_bytes]: a, b, r, c in every lane
 *  @param      pairs  > 0
 *  All aligned to vector_bytes. */
typedef void (*fma_kernel_fn)(const void *from, void *to, const void *k,
                              uint64_t pairs);

/** Add @p by to @p sum, each sum after the one before, while the vector units
 *  do half of what one of them could: the additions set the pace.
 *  @param[in] from, k  as above, in fp64; null for fma_chain()
 *  @param     trips    > 0; each is clock_adds additions
 *  @return the sum */
typedef uint64_t (*fma_clock_fn)(const void *from, const void *k,
                                 uint64_t trips, uint64_t sum, uint64_t by);

typedef struct fma_kernel {
    const char *isa;
    unsigned accumulators; /* enough to hide the latency of the units */
    bool fused;            /* x a + b rounds once, not twice */
    bool adds_self;        /* b and c are x itself: x = x a + x */
    bool (*runs_here)(void);
    unsigned (*vector_bytes)(void); /* only where it runs */
    fma_kernel_fn run_fp64, run_fp32;
    fma_clock_fn run_clock;
    unsigned clock_adds; /* in each trip of run_clock() */
} fma_kernel;

#if defined(__x86_64__)
#define FMA_ISA_NAMES    "sse2|avx|avx2|avx512"
#define FMA_KERNEL_COUNT 4u
#elif defined(__aarch64__)
#define FMA_ISA_NAMES    "neon|sve"
#define FMA_KERNEL_COUNT 2u
#else
#error "compute.fma has kernels for x86-64 and aarch64"
#endif

/** From the narrowest to the widest. */
extern const fma_kernel fma_kernels[FMA_KERNEL_COUNT];

/** The additions alone, FMA_CHAIN_ADDS in each trip. */
#define FMA_CHAIN_ADDS 64u
uint64_t fma_chain(const void *from, const void *k, uint64_t trips,
                   uint64_t sum, uint64_t by);

/* --- fma_choose.c --------------------------------------------------------- */

/** The kernel called @p isa, or for "auto" the widest; null if it does not run
 *  on this CPU.
 *  @param kernels  [count], from narrow to wide */
const fma_kernel *fma_choose(const fma_kernel *kernels, size_t count,
                             const char *isa);

typedef struct fma_refusal {
    char what[160], hint[96]; /* hint: "" if nothing would do */
} fma_refusal;

/** As fma_choose(), for a peak: "auto" takes kernels with fused multiply-add
 *  alone, as multiplications and additions apart have another peak, which is
 *  measured when it is asked for by name.
 *  @param[out] refusal  why it is null, and the nearest that does run here */
const fma_kernel *fma_choose_peak(const fma_kernel *kernels, size_t count,
                                  const char *isa, fma_refusal *refusal);

/** What takes a lane there and back: a, b, r, c of fma_kernel_fn, in the
 *  format of the lanes. */
void fma_make_factors(const fma_kernel *kernel, bool single, double k[4]);

#endif /* COMPUTE_FMA_KERNELS_H */
