/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix and its distribution. */
#include "support/gb_test.h"

#include <stdbool.h>

#include "hpl_layout.h"
#include "hpl_random.h"

static void any_number_of_steps_is_one_step(void **state) {
    uint64_t x = 100;
    (void)state;
    for (uint64_t k = 0; k < 1000; k++) {
        assert_true(hpl_step_apply(hpl_step_by(k), 100) == x);
        x = 6364136223846793005u * x + 1u;
    }
    /* a^k and its sum, far out: two jumps are one of their sum. */
    const uint64_t far = 123456789012345u, near = 987654321u;
    assert_true(hpl_step_apply(hpl_step_by(far),
                               hpl_step_apply(hpl_step_by(near), 100)) ==
                hpl_step_apply(hpl_step_by(far + near), 100));
}

static void the_matrix_is_the_sequence_column_after_column(void **state) {
    enum { N = 7 };
    (void)state;
    for (uint64_t j = 0; j <= N; j++)
        for (uint64_t i = 0; i < N; i++)
            assert_true(hpl_random_at(N, i, j) ==
                        hpl_step_apply(hpl_step_by(1 + j * N + i), 100));
}

static void values_lie_around_zero(void **state) {
    double sum = 0.0, squares = 0.0;
    (void)state;
    for (uint64_t k = 0; k < 100000; k++) {
        const double v = hpl_random_value(hpl_random_at(1000000, k, 0));
        assert_true(v >= -0.5 && v <= 0.5);
        sum += v;
        squares += v * v;
    }
    GB_EXPECT_NEAR(0.0, sum / 1e5, 0.005, "mean");
    GB_EXPECT_NEAR(1.0 / 12.0, squares / 1e5, 0.002, "variance");
}

static void a_walk_over_own_columns_meets_the_matrix(void **state) {
    enum { N = 100, NB = 8, PROCS = 3 };
    const hpl_row_walk walk = hpl_row_walk_init(N, NB, PROCS);
    (void)state;
    for (uint64_t q = 0; q < PROCS; q++) {
        uint64_t x = hpl_random_at(N, 5, q * NB);
        const size_t count = hpl_local_count(N + 1, NB, q, PROCS);
        for (size_t j = 0; j < count; j++) {
            if (x != hpl_random_at(N, 5, hpl_to_global(j, NB, q, PROCS)))
                fail_msg("process %d, local column %zu", (int)q, j);
            x = hpl_step_apply((j + 1) % NB == 0 ? walk.gap : walk.column, x);
        }
    }
}

static void every_index_has_one_owner_and_one_place(void **state) {
    static const struct {
        size_t n, nb, procs;
    } cases[] = {{1, 8, 1}, {100, 8, 3}, {97, 16, 4}, {64, 64, 2}, {5, 2, 7}};
    (void)state;
    for (size_t c = 0; c < GB_COUNT(cases); c++) {
        const size_t n = cases[c].n, nb = cases[c].nb, procs = cases[c].procs;
        size_t total = 0;
        for (size_t p = 0; p < procs; p++)
            total += hpl_local_count(n, nb, p, procs);
        assert_int_equal(total, n);
        for (size_t g = 0; g < n; g++) {
            const size_t p = hpl_owner(g, nb, procs);
            const size_t local = hpl_to_local(g, nb, procs);
            assert_true(p < procs);
            assert_int_equal(hpl_to_global(local, nb, p, procs), g);
            assert_int_equal(hpl_local_count(g, nb, p, procs), local);
        }
    }
}

static void operations_and_grids_are_as_hpl_has_them(void **state) {
    (void)state;
    GB_EXPECT_NEAR(2.0 / 3.0 * 1e9 + 1.5e6, hpl_operations(1000.0), 1.0,
                   "2/3 n^3 + 3/2 n^2");
    static const size_t squares[][2] = {{1, 1},  {2, 1}, {4, 2},  {6, 2},
                                        {12, 3}, {7, 1}, {64, 8}, {96, 8}};
    for (size_t i = 0; i < GB_COUNT(squares); i++)
        assert_int_equal(hpl_square_rows(squares[i][0]), squares[i][1]);
    for (size_t count = 1; count < 5000; count += 37) {
        const size_t padded = hpl_padded(count);
        assert_true(padded >= count && padded % 8 == 0 && padded % 512 != 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_steps_is_one_step),
        cmocka_unit_test(the_matrix_is_the_sequence_column_after_column),
        cmocka_unit_test(values_lie_around_zero),
        cmocka_unit_test(a_walk_over_own_columns_meets_the_matrix),
        cmocka_unit_test(every_index_has_one_owner_and_one_place),
        cmocka_unit_test(operations_and_grids_are_as_hpl_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
