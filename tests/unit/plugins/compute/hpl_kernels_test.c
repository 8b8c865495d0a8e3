/* SPDX-License-Identifier: Apache-2.0 */
/* Each instruction set against plain loops, with every remainder of rows. */
#include "support/gb_test.h"

#include "hpl_kernels.h"

#define LD    640u
#define WIDTH 16u

static double block[WIDTH * LD], want[WIDTH * LD], u[WIDTH * WIDTH];

static void fill(void) {
    uint64_t x = 7;

    for (size_t i = 0; i < GB_COUNT(block); i++) {
        x = x * 6364136223846793005u + 1u;
        want[i] = block[i] = (double)(int64_t)x * 0x1p-63;
    }
    for (size_t i = 0; i < GB_COUNT(u); i++) {
        x = x * 6364136223846793005u + 1u;
        u[i] = (double)(int64_t)x * 0x1p-63;
    }
}

static void expect_block(const char *isa, size_t rows, size_t k) {
    for (size_t i = 0; i < GB_COUNT(block); i++)
        if (!(fabs(block[i] - want[i]) <= 1e-14))
            fail_msg("%s, %zu rows, k = %zu: [%zu][%zu]: expected %.17g, got "
                     "%.17g",
                     isa, rows, k, i / LD, i % LD, want[i], block[i]);
}

static void check_column(const hpl_kernels *kernels, size_t rows, size_t k) {
    double magnitude = 0.0, best = -1.0;
    size_t best_row = 0;

    fill();
    for (size_t i = 0; i < rows; i++) {
        if (k > 0)
            want[(k - 1) * LD + i] *= 0.75;
        for (size_t c = 0; c < k; c++)
            want[k * LD + i] -= want[c * LD + i] * u[c];
        if (fabs(want[k * LD + i]) > best) {
            best = fabs(want[k * LD + i]);
            best_row = i;
        }
    }
    const size_t row = kernels->column(block, LD, rows, k, u, 0.75, &magnitude);
    expect_block(kernels->isa, rows, k);
    GB_EXPECT_NEAR(best, magnitude, 1e-14, "the largest magnitude");
    if (rows > 0)
        assert_int_equal(row, best_row);
}

static void check_update(const hpl_kernels *kernels, size_t rows, size_t k,
                         size_t n) {
    fill();
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t p = 0; p < k; p++)
                want[(k + j) * LD + i] -= want[p * LD + i] * u[j * WIDTH + p];
    kernels->update(block + k * LD, block, LD, rows, n, k, u, WIDTH);
    expect_block(kernels->isa, rows, k);
}

static void all_agree_with_plain_loops(void **state) {
    const hpl_kernels *all[3];
    const size_t count = hpl_kernels_all(all);
    (void)state;
    assert_true(count >= 1);
    for (size_t i = 0; i < count; i++)
        for (size_t rows = 0; rows < 600; rows += rows < 40 ? 1 : 93) {
            for (size_t k = 0; k < HPL_BASE; k++)
                check_column(all[i], rows, k);
            check_update(all[i], rows, 8, 8);
            check_update(all[i], rows, 8, 5);
            check_update(all[i], rows, 3, 1);
        }
}

/* The maximum is found wherever it is, and of equal ones the first. */
static void the_largest_is_found_anywhere(void **state) {
    const hpl_kernels *all[3];
    const size_t count = hpl_kernels_all(all);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < 600; at += 7) {
            double magnitude = 0.0;
            memset(block, 0, sizeof(block));
            block[at] = -2.0;
            block[(at + 300) % 600] = at < 300 ? 2.0 : 1.0;
            assert_int_equal(
                all[i]->column(block, LD, 600, 0, u, 1.0, &magnitude), at);
            GB_EXPECT_NEAR(2.0, magnitude, 0.0, all[i]->isa);
        }
}

/* A singular matrix must not lead to an index outside of it. */
static void zeros_and_nan_give_a_row_all_the_same(void **state) {
    const hpl_kernels *all[3];
    const size_t count = hpl_kernels_all(all);
    double magnitude;
    (void)state;
    for (size_t i = 0; i < count; i++) {
        memset(block, 0, sizeof(block));
        assert_int_equal(all[i]->column(block, LD, 600, 0, u, 1.0, &magnitude),
                         0);
        GB_EXPECT_NEAR(0.0, magnitude, 0.0, all[i]->isa);
        for (size_t k = 0; k < GB_COUNT(block); k++)
            block[k] = NAN;
        assert_int_equal(all[i]->column(block, LD, 600, 0, u, 1.0, &magnitude),
                         0);
        GB_EXPECT_NEAR(-1.0, magnitude, 0.0, all[i]->isa);
        block[555] = 0.25; /* a number beside them still counts */
        assert_int_equal(all[i]->column(block, LD, 600, 0, u, 1.0, &magnitude),
                         555);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_agree_with_plain_loops),
        cmocka_unit_test(the_largest_is_found_anywhere),
        cmocka_unit_test(zeros_and_nan_give_a_row_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
