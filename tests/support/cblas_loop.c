/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gb_cblas_loop N SECONDS: nothing but cblas_dgemm() in a loop, the peer of
 * compute.dgemm. Prints "flop/s RATE".
 */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_s(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double *filled(size_t count, unsigned seed) {
    double *numbers = aligned_alloc(4096, (count * 8 + 4095) / 4096 * 4096);

    if (numbers == NULL)
        exit(1);
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        numbers[i] = (double)seed * 0x1p-31 - 1.0;
    }
    return numbers;
}

static void multiply(blasint n, const double *a, const double *b, double *c) {
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, a, n,
                b, n, 0.0, c, n);
}

int main(int argc, char **argv) {
    const long n = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    const double seconds = argc == 3 ? strtod(argv[2], NULL) : 0.0;

    if (n < 1 || n > 100000 || !(seconds > 0.0)) {
        fprintf(stderr, "usage: %s N SECONDS\n", argv[0]);
        return 2;
    }
    const size_t count = (size_t)n * (size_t)n;
    double *a = filled(count, 1), *b = filled(count, 2), *c = filled(count, 3);
    openblas_set_num_threads(1);
    multiply((blasint)n, a, b, c); /* to warm up */

    const double start = now_s();
    double elapsed = 0.0, calls = 0.0;
    while (elapsed < seconds) {
        multiply((blasint)n, a, b, c);
        calls += 1.0;
        elapsed = now_s() - start;
    }
    const double size = (double)n;
    printf("flop/s %.6e\n", 2.0 * size * size * size * calls / elapsed);
    free(c);
    free(b);
    free(a);
    return 0;
}
