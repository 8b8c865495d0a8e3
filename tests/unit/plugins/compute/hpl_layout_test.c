/* SPDX-License-Identifier: Apache-2.0 */
/* Which process holds what, in blocks dealt out in turn. */
#include "support/gb_test.h"

#include "hpl_layout.h"

static const struct {
    size_t n, nb, procs;
} cases[] = {{0, 4, 3},  {1, 1, 1},   {1, 4, 3},   {12, 4, 3},
             {13, 4, 3}, {25, 4, 3},  {100, 7, 1}, {100, 7, 6},
             {5, 8, 4},  {64, 64, 2}, {129, 8, 16}};

static void every_index_has_one_owner_and_one_place(void **state) {
    (void)state;
    for (size_t c = 0; c < GB_COUNT(cases); c++) {
        const size_t n = cases[c].n, nb = cases[c].nb, procs = cases[c].procs;
        size_t next[16] = {0};
        for (size_t i = 0; i < n; i++) {
            const size_t owner = hpl_owner(i, nb, procs);
            const size_t local = hpl_to_local(i, nb, procs);
            /* in the order of the global indices, without gaps */
            if (owner >= procs || local != next[owner]++ ||
                hpl_to_global(local, nb, owner, procs) != i)
                fail_msg("n %zu nb %zu: index %zu", n, nb, i);
        }
        for (size_t proc = 0; proc < procs; proc++)
            if (hpl_local_count(n, nb, proc, procs) != next[proc])
                fail_msg("n %zu nb %zu: process %zu", n, nb, proc);
    }
}

static void a_count_is_the_place_of_what_comes_next(void **state) {
    (void)state;
    for (size_t c = 0; c < GB_COUNT(cases); c++)
        for (size_t i = 0; i < cases[c].n; i++) {
            const size_t owner = hpl_owner(i, cases[c].nb, cases[c].procs);
            assert_int_equal(
                hpl_local_count(i, cases[c].nb, owner, cases[c].procs),
                hpl_to_local(i, cases[c].nb, cases[c].procs));
        }
}

static void operations_are_counted_as_hpl_does(void **state) {
    (void)state;
    GB_EXPECT_NEAR(2.0 / 3.0 + 1.5, hpl_operations(1.0), 1e-15, "n = 1");
    /* HPL's own report: N = 8000 took 4.07108 s at 83.867 Gflop/s. */
    GB_EXPECT_NEAR(83.867e9, hpl_operations(8000.0) / 4.07108, 2e6, "N = 8000");
    GB_EXPECT_NEAR(341429333333333.0 / 1000.0, hpl_operations(8000.0), 1.0,
                   "2/3 n^3 + 3/2 n^2");
}

static void grids_are_as_near_to_square_as_they_get(void **state) {
    static const size_t want[][2] = {{1, 1}, {2, 1},  {3, 1},  {4, 2},
                                     {6, 2}, {12, 3}, {13, 1}, {64, 8}};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(want); i++)
        assert_int_equal(hpl_square_rows(want[i][0]), want[i][1]);
}

static void rows_start_at_cache_lines_and_not_at_pages(void **state) {
    (void)state;
    for (size_t count = 0; count < 3000; count++) {
        const size_t ld = hpl_padded(count);
        if (ld < count || ld == 0 || ld % 8 != 0 || ld % 512 == 0 ||
            ld > count + 16)
            fail_msg("%zu doubles: %zu", count, ld);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_has_one_owner_and_one_place),
        cmocka_unit_test(a_count_is_the_place_of_what_comes_next),
        cmocka_unit_test(operations_are_counted_as_hpl_does),
        cmocka_unit_test(grids_are_as_near_to_square_as_they_get),
        cmocka_unit_test(rows_start_at_cache_lines_and_not_at_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
