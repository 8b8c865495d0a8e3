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

static const fma_kernel with_fma[] = {
    {.isa = "sse2", .runs_here = runs},
    {.isa = "avx", .runs_here = runs},
    {.isa = "avx2", .fused = true, .runs_here = runs},
    {.isa = "avx512", .fused = true, .runs_here = runs_not},
};
static const fma_kernel bare[] = {{.isa = "sse2", .runs_here = runs_not}};

static void a_peak_without_fma_is_refused_with_what_would_do(void **state) {
    static const char apart[] = "use isa=avx, the widest this CPU has: "
                                "multiplications and additions apart";
    static const struct {
        const fma_kernel *kernels;
        size_t count;
        const char *isa, *what, *hint;
    } cases[] = {
        {without_fma, 4, "auto",
         "expected a CPU with fused multiply-add, got one with sse2, avx",
         apart},
        {without_fma, 4, "avx2",
         "expected instructions that this CPU has (sse2, avx), got isa=avx2",
         apart},
        {with_fma, 4, "avx512",
         "expected instructions that this CPU has (sse2, avx, avx2), got "
         "isa=avx512",
         "use isa=avx2, the widest this CPU has"},
        {bare, 1, "auto",
         "expected a CPU with fused multiply-add, got one with none", ""},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        fma_refusal refusal;
        assert_null(fma_choose_peak(cases[i].kernels, cases[i].count,
                                    cases[i].isa, &refusal));
        GB_EXPECT_TEXT(cases[i].what, refusal.what, cases[i].isa);
        GB_EXPECT_TEXT(cases[i].hint, refusal.hint, cases[i].isa);
    }
}

static void a_peak_is_fused_or_asked_for_by_name(void **state) {
    fma_refusal refusal;
    (void)state;
    GB_EXPECT_TEXT("avx2", fma_choose_peak(with_fma, 4, "auto", &refusal)->isa,
                   "auto");
    GB_EXPECT_TEXT("avx", fma_choose_peak(with_fma, 4, "avx", &refusal)->isa,
                   "by name");
    GB_EXPECT_TEXT("avx", fma_choose_peak(without_fma, 4, "avx", &refusal)->isa,
                   "the hint's");
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
        cmocka_unit_test(a_peak_without_fma_is_refused_with_what_would_do),
        cmocka_unit_test(a_peak_is_fused_or_asked_for_by_name),
        cmocka_unit_test(the_factors_lead_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
