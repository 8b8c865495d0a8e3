/* SPDX-License-Identifier: Apache-2.0 */
/* Every kernel that this CPU runs, the portable ones too, against one line of C
 * for each element. */
#include "memory/stream_kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N (5u * STREAM_BLOCK)

static _Alignas(64) double a[N + STREAM_BLOCK], b[N], c[N];

static double wanted(stream_op op, size_t i, double s) {
    switch (op) {
    case STREAM_COPY:
        return b[i];
    case STREAM_SCALE:
        return s * b[i];
    case STREAM_ADD:
        return b[i] + c[i];
    case STREAM_TRIAD:
        return b[i] + s * c[i];
    case STREAM_UPDATE:
        return s * (double)(i + 1);
    case STREAM_READ:
    default:
        return (double)(i + 1);
    }
}

static void check(const stream_kernel *kernel, size_t n) {
    const double s = 3.0;
    double sum = 0.0;

    for (size_t i = 0; i < N + STREAM_BLOCK; i++)
        a[i] = (double)(i + 1);
    for (size_t i = 0; i < N; i++) {
        b[i] = (double)(7 * i + 2);
        c[i] = (double)(1000 - i);
    }
    const double got = kernel->run(a, b, c, s, n);
    for (size_t i = 0; i < n; i++) {
        sum += a[i];
        if (a[i] != wanted(kernel->op, i, s))
            fail_msg("%s%s, operation %d: element %zu: expected %g, got %g",
                     kernel->isa, kernel->non_temporal ? " nt" : "",
                     (int)kernel->op, i, wanted(kernel->op, i, s), a[i]);
    }
    assert_true(got == (kernel->op == STREAM_READ ? sum : 0.0));
    for (size_t i = n; i < N + STREAM_BLOCK; i++) /* not beyond its end */
        assert_true(a[i] == (double)(i + 1));
}

static void check_all(const stream_kernel *kernels, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(kernels[i].isa, "portable") != 0 &&
            !stream_x86_runs(kernels[i].isa))
            continue;
        check(&kernels[i], STREAM_BLOCK);
        check(&kernels[i], N);
    }
}

static void portable_kernels_are_right(void **state) {
    size_t count;
    const stream_kernel *kernels = stream_portable_kernels(&count);

    (void)state;
    assert_int_equal(count, 6);
    check_all(kernels, count);
}

static void x86_kernels_are_right(void **state) {
    size_t count;
    const stream_kernel *kernels = stream_x86_kernels(&count);

    (void)state;
    if (count == 0)
        skip();
    check_all(kernels, count);
}

static void a_kernel_is_chosen_as_asked_or_none(void **state) {
    (void)state;
    for (int op = STREAM_COPY; op <= STREAM_UPDATE; op++) {
        const stream_kernel *kernel =
            stream_choose_kernel(op, "portable", STREAM_STORES_PREFER);
        assert_non_null(kernel);
        assert_string_equal(kernel->isa, "portable");
        assert_int_equal(kernel->op, op);
        assert_false(kernel->non_temporal);
        assert_null(stream_choose_kernel(op, "portable", STREAM_STORES_NT));
        assert_null(stream_choose_kernel(op, "avx9", STREAM_STORES_PLAIN));

        kernel = stream_choose_kernel(op, "auto", STREAM_STORES_PLAIN);
        assert_non_null(kernel);
        assert_int_equal(kernel->op, op);
        assert_false(kernel->non_temporal);
        kernel = stream_choose_kernel(op, "auto", STREAM_STORES_NT);
        assert_true(kernel == NULL || kernel->non_temporal);
    }
#if defined(__x86_64__)
    assert_true(stream_choose_kernel(STREAM_COPY, "auto", STREAM_STORES_PREFER)
                    ->non_temporal);
    assert_null(stream_choose_kernel(STREAM_READ, "auto", STREAM_STORES_NT));
    if (__builtin_cpu_supports("avx512f"))
        assert_string_equal(
            stream_choose_kernel(STREAM_COPY, "auto", STREAM_STORES_PLAIN)->isa,
            "avx512");
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_kernels_are_right),
        cmocka_unit_test(x86_kernels_are_right),
        cmocka_unit_test(a_kernel_is_chosen_as_asked_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
