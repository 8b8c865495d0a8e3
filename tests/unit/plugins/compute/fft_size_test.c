/* SPDX-License-Identifier: Apache-2.0 */
#include "fft_size.h"

#include "support/gb_test.h"

#define MIB         ((uint64_t)1 << 20)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void lengths_that_will_not_do_and_why(void **state) {
    static const struct {
        const char *label;
        fft_limits limits;
        uint64_t n;
        fft_fit fit;
    } cases[] = {
        {"one point", {.ranks = 1}, 1, FFT_UNEVEN},
        {"two points", {.ranks = 1}, 2, FFT_FITS},
        {"a prime on one rank", {.ranks = 1}, 10007, FFT_FITS},
        {"rows uneven", {.ranks = 2}, 6, FFT_UNEVEN},
        {"rows and columns even", {.ranks = 2}, 8, FFT_FITS},
        {"a cube's planes uneven",
         {.three_d = true, .ranks = 3},
         16,
         FFT_UNEVEN},
        {"a cube's planes even", {.three_d = true, .ranks = 3}, 15, FFT_FITS},
        /* Two arrays of 16 bytes on one rank, three between ranks. */
        {"just in memory", {.ranks = 1, .rank_bytes = 32768}, 1024, FFT_FITS},
        {"just out of it",
         {.ranks = 1, .rank_bytes = 32767},
         1024,
         FFT_TOO_LARGE},
        {"a third array",
         {.ranks = 2, .rank_bytes = 24575},
         1024,
         FFT_TOO_LARGE},
        {"and room for it", {.ranks = 2, .rank_bytes = 24576}, 1024, FFT_FITS},
        {"as many as there may be", {.ranks = 1}, FFT_POINTS_MAX, FFT_FITS},
        {"one more", {.ranks = 1}, FFT_POINTS_MAX + 1, FFT_TOO_LARGE},
        {"a cube beyond 64 bits",
         {.three_d = true, .ranks = 1},
         UINT64_MAX,
         FFT_TOO_LARGE},
        {"blocks beyond an int",
         {.ranks = 2},
         (uint64_t)1 << 33,
         FFT_BLOCK_LARGE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (fft_check_size(&cases[i].limits, cases[i].n) != cases[i].fit)
            fail_msg("%s: expected %d, got %d", cases[i].label,
                     (int)cases[i].fit,
                     (int)fft_check_size(&cases[i].limits, cases[i].n));
}

/* What a refusal names works, whatever was asked and wherever; and it is 0 only
 * where no length works. */
static void the_nearest_length_and_the_default_fit(void **state) {
    static const uint32_t ranks[] = {1, 2, 3, 4, 7, 64, 1000};
    static const uint64_t memory[] = {
        0, 100, 4096, 65536, MIB, 512 * MIB, (uint64_t)4 << 40};
    static const uint64_t asked[] = {
        0, 1, 2, 3, 1000, 4097, MIB, (uint64_t)1 << 40, UINT64_MAX};
    unsigned refused = 0, found = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(ranks) * COUNT(memory) * 2; i++) {
        const fft_limits limits = {
            .three_d = i % 2 == 1,
            .ranks = ranks[i / 2 % COUNT(ranks)],
            .cores = 4,
            .cache_bytes = 8 * MIB,
            .rank_bytes = memory[i / 2 / COUNT(ranks)],
        };
        const uint64_t unit = fft_unit(&limits);
        const bool any =
            fft_check_size(&limits, unit < 2 ? 2 : unit) == FFT_FITS;
        const uint64_t usual = fft_auto(&limits);
        assert_int_equal(usual > 0, any);
        if (usual > 0)
            assert_int_equal(fft_check_size(&limits, usual), FFT_FITS);
        for (size_t k = 0; k < COUNT(asked); k++) {
            const uint64_t near = fft_nearest(&limits, asked[k]);
            assert_int_equal(near > 0, any);
            if (near > 0 && fft_check_size(&limits, near) != FFT_FITS)
                fail_msg("%s, %u ranks, %llu bytes: %llu for %llu does not fit",
                         limits.three_d ? "3d" : "1d", (unsigned)limits.ranks,
                         (unsigned long long)limits.rank_bytes,
                         (unsigned long long)near,
                         (unsigned long long)asked[k]);
            near > 0 ? found++ : refused++;
        }
    }
    assert_true(found > 0 && refused > 0);
}

static void the_nearest_is_near(void **state) {
    const fft_limits two = {.ranks = 2};
    (void)state;
    assert_int_equal(fft_nearest(&two, 9), 8);
    assert_int_equal(fft_nearest(&two, 11), 12);
    assert_int_equal(fft_nearest(&two, 1), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_that_will_not_do_and_why),
        cmocka_unit_test(the_nearest_length_and_the_default_fit),
        cmocka_unit_test(the_nearest_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
