/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix generator: the sequence, and any part of it by itself. */
#include "support/gb_test.h"

#include "hpl_layout.h"
#include "hpl_random.h"

/* X(1) .. X(4) of X(k+1) = 6364136223846793005 X(k) + 1 mod 2^64 with
 * X(0) = 100, by Python's integers. */
static const uint64_t first[] = {9224323878554545557u, 2137401632788672050u,
                                 1038852970972261579u, 17717432700095993008u};

static void the_sequence_is_hpls(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(first); i++)
        assert_true(hpl_random_at(1000, i, 0) == first[i]);
    assert_true(hpl_random_at(1000, 5, 17) == 1321194217487022358u);
}

static void steps_add_up(void **state) {
    static const uint64_t parts[][2] = {
        {0, 0},         {0, 1}, {1, 1}, {7, 8}, {123456789, 987654321},
        {UINT64_MAX, 1}};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(parts); i++) {
        const uint64_t apart =
            hpl_step_apply(hpl_step_by(parts[i][1]),
                           hpl_step_apply(hpl_step_by(parts[i][0]), first[0]));
        const uint64_t at_once =
            hpl_step_apply(hpl_step_by(parts[i][0] + parts[i][1]), first[0]);
        if (apart != at_once)
            fail_msg("%llu + %llu steps", (unsigned long long)parts[i][0],
                     (unsigned long long)parts[i][1]);
    }
}

/* Known of a linear congruential sequence modulo 2^64 with full period (Knuth,
 * The Art of Computer Programming 2, 3.2.1): the low k bits repeat after 2^k
 * numbers, and not before. */
static void low_bits_repeat_with_their_own_period(void **state) {
    (void)state;
    for (unsigned k = 1; k < 64; k++) {
        const uint64_t period = (uint64_t)1 << k;
        const uint64_t low = period - 1;
        const uint64_t after = hpl_step_apply(hpl_step_by(period), first[2]);
        const uint64_t half = hpl_step_apply(hpl_step_by(period / 2), first[2]);
        if (((after ^ first[2]) & low) != 0 || ((half ^ first[2]) & low) == 0)
            fail_msg("the low %u bits", k);
    }
}

static void values_fill_the_interval_evenly(void **state) {
    const size_t n = 1000, count = 100000;
    double sum = 0.0, squares = 0.0, least = 1.0, most = -1.0;
    (void)state;
    for (size_t k = 0; k < count; k++) {
        const double v = hpl_random_value(hpl_random_at(n, k % n, k / n));
        sum += v;
        squares += v * v;
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    assert_true(least >= -0.5 && most <= 0.5);
    assert_true(least < -0.4999 && most > 0.4999);
    /* Five standard errors of the mean and of the mean square. */
    GB_EXPECT_NEAR(0.0, sum / (double)count, 5.0 * 0.2887 / 316.2, "mean");
    GB_EXPECT_NEAR(1.0 / 12.0, squares / (double)count, 5.0 * 0.0745 / 316.2,
                   "mean square");
}

/* Any process generates its blocks without the others. */
static void a_walk_along_a_row_meets_the_whole_matrix(void **state) {
    static const struct {
        size_t n, nb, procs;
    } cases[] = {{10, 3, 2}, {10, 3, 1}, {10, 3, 5}, {7, 8, 2}, {64, 8, 3}};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        for (size_t proc = 0; proc < cases[i].procs; proc++) {
            const size_t n = cases[i].n, nb = cases[i].nb;
            const size_t procs = cases[i].procs, row = n / 2;
            const hpl_row_walk walk = hpl_row_walk_init(n, nb, procs);
            uint64_t x = hpl_random_at(n, row, proc * nb);
            for (size_t j = 0; j < hpl_local_count(n + 1, nb, proc, procs);
                 j++) {
                const size_t column = hpl_to_global(j, nb, proc, procs);
                if (x != hpl_random_at(n, row, column))
                    fail_msg("case %zu, process %zu, column %zu", i, proc,
                             column);
                x = hpl_step_apply((j + 1) % nb == 0 ? walk.gap : walk.column,
                                   x);
            }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sequence_is_hpls),
        cmocka_unit_test(steps_add_up),
        cmocka_unit_test(low_bits_repeat_with_their_own_period),
        cmocka_unit_test(values_fill_the_interval_evenly),
        cmocka_unit_test(a_walk_along_a_row_meets_the_whole_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
