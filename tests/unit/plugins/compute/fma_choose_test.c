/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "fma_kernels.h"
#include "support/gb_test.h"

static bool runs(void) {
    return true;
}

static bool runs_not(void) {
    return false;
}

/* A CPU of 2012: AVX and no fused multiply-add. */
static const fma_kernel without_fma[] = {
    {.isa = "sse2", .runs_here = runs},
    {.isa = "avx", .runs_here = runs},
    {.isa = "avx2", .fused = true, .runs_here = runs_not},
    {.isa = "avx512", .fused = true, .runs_here = runs_not},
};

static void auto_takes_the_widest_that_runs(void **state) {
    (void)state;
    const fma_kernel *chosen = fma_choose(without_fma, 4, "auto");
    assert_non_null(chosen);
    assert_string_equal(chosen->isa, "avx");
    assert_false(chosen->fused);
    assert_null(fma_choose(without_fma + 2, 2, "auto"));
}

static void a_named_one_is_that_one_or_none(void **state) {
    (void)state;
    assert_null(fma_choose(without_fma, 4, "avx2"));
    assert_null(fma_choose(without_fma, 4, "avx512"));
    assert_string_equal(fma_choose(without_fma, 4, "sse2")->isa, "sse2");
}

/* x a + b and then x r + c is x again, fused or not, in both precisions. */
static void the_factors_lead_back(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        const fma_kernel kernel = {.adds_self = i % 2 == 1};
        const bool single = i / 2 == 1;
        double k[4] = {0};
        fma_make_factors(&kernel, single, k);
        const double x = 1.25;
        const double there = kernel.adds_self ? x * k[0] + x : x * k[0] + k[1];
        const double back =
            kernel.adds_self ? there * k[2] + there : there * k[2] + k[3];
        assert_true(fabs(back - x) < (single ? 1e-6 : 1e-14));
        assert_true(fabs(there - x) > 0.05);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_takes_the_widest_that_runs),
        cmocka_unit_test(a_named_one_is_that_one_or_none),
        cmocka_unit_test(the_factors_lead_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
