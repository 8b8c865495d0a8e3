/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for becomes a problem that fits, or a reason and what would. */
#include "support/gb_test.h"

#include <stdio.h>

#include "hpl_plan.h"

#define GIB ((uint64_t)1 << 30)

static const hpl_machine two_ranks = {2, GIB, 2};

static void refuses(const hpl_wish *wish, const hpl_machine *machine,
                    const char *what, const char *hint) {
    hpl_shape shape;
    hpl_refusal refusal;

    if (hpl_plan_shape(wish, machine, &shape, &refusal))
        fail_msg("%s: was taken", what);
    GB_EXPECT_TEXT(what, refusal.what, "what");
    GB_EXPECT_TEXT(hint, refusal.hint, "hint");
}

static hpl_shape takes(const hpl_wish *wish, const hpl_machine *machine) {
    hpl_shape shape = {0};
    hpl_refusal refusal;

    if (!hpl_plan_shape(wish, machine, &shape, &refusal))
        fail_msg("refused: %s", refusal.what);
    return shape;
}

static void grids_that_do_not_fit(void **state) {
    const hpl_machine six = {6, GIB, 6};
    (void)state;
    refuses(&(hpl_wish){.n = 100, .p = 2, .q = 2}, &six,
            "expected p x q = 6 ranks, got 2 x 2 = 4",
            "grids that fit: 1x6, 2x3, 3x2, 6x1");
    refuses(&(hpl_wish){.n = 100, .p = 4}, &six,
            "expected p to divide the 6 ranks, got 4",
            "grids that fit: 1x6, 2x3, 3x2, 6x1");
    refuses(&(hpl_wish){.n = 100, .q = 7}, &six,
            "expected q to divide the 6 ranks, got 7",
            "grids that fit: 1x6, 2x3, 3x2, 6x1");
    refuses(&(hpl_wish){.n = 100, .p = 1000000, .q = 1000000}, &six,
            "expected p x q = 6 ranks, got 1000000 x 1000000 = 1000000000000",
            "grids that fit: 1x6, 2x3, 3x2, 6x1");
}

static void blocks_and_orders_that_do_not_fit(void **state) {
    (void)state;
    refuses(&(hpl_wish){.n = 100, .nb = 101}, &two_ranks,
            "expected nb at most n = 100, got 101", "nb=100 would do");
    refuses(&(hpl_wish){.n = 3, .nb = 8}, &two_ranks,
            "expected nb at most n = 3, got 8", "nb=auto would do");
    refuses(&(hpl_wish){.n = 100, .fill = 0.8}, &two_ranks,
            "expected n or fill, got both", "leave one of them at auto");
    refuses(&(hpl_wish){.fill = 0.8}, &(hpl_machine){2, 0, 2},
            "fill: expected a known amount of memory, got none",
            "give n instead");
}

/* The hint is true: what it names fits, one more does not. */
static void a_matrix_that_does_not_fit(void **state) {
    const hpl_wish wish = {.n = 100000};
    hpl_shape shape;
    hpl_refusal refusal;
    size_t n = 0;
    (void)state;
    assert_false(hpl_plan_shape(&wish, &two_ranks, &shape, &refusal));
    assert_int_equal(sscanf(refusal.hint, "the largest n that fits is %zu", &n),
                     1);
    assert_true(n > 15000 && n < 16385); /* sqrt(2 GiB / 8) = 16384 */
    shape = takes(&(hpl_wish){.n = n}, &two_ranks);
    assert_true(hpl_plan_bytes(&shape) <= (double)GIB);
    assert_false(
        hpl_plan_shape(&(hpl_wish){.n = n + 1}, &two_ranks, &shape, &refusal));
}

static void fill_is_a_share_of_all_memory(void **state) {
    static const double fills[] = {0.01, 0.5, 0.8, 0.95};
    static const size_t ranks[] = {1, 2, 6, 64};
    (void)state;
    for (size_t i = 0; i < GB_COUNT(fills); i++)
        for (size_t k = 0; k < GB_COUNT(ranks); k++) {
            const hpl_machine machine = {ranks[k], GIB, ranks[k]};
            const hpl_shape shape =
                takes(&(hpl_wish){.fill = fills[i]}, &machine);
            const double most = (double)GIB * (double)ranks[k] / sizeof(double);
            const double n = (double)shape.n, more = n + (double)shape.nb;
            assert_int_equal(shape.n % shape.nb, 0);
            assert_true(hpl_plan_bytes(&shape) <= (double)GIB);
            /* one more block would be too much; at 95 % the panels are */
            if (n * n > fills[i] * most ||
                more * more < fills[i] * most * (fills[i] > 0.9 ? 0.93 : 1.0))
                fail_msg("%g of %zu ranks: got n = %zu", fills[i], ranks[k],
                         shape.n);
        }
}

static void defaults_fit_the_machine(void **state) {
    hpl_shape shape = takes(&(hpl_wish){0}, &two_ranks);
    (void)state;
    assert_int_equal(shape.p, 1);
    assert_int_equal(shape.q, 2);
    assert_int_equal(shape.nb, 192);
    assert_in_range(shape.n, 3500, 4200);
    shape = takes(&(hpl_wish){0}, &(hpl_machine){1, GIB / 64, 1});
    assert_true(hpl_plan_bytes(&shape) <= (double)GIB / 64.0);
    shape = takes(&(hpl_wish){.n = 1}, &(hpl_machine){6, 0, 6});
    assert_int_equal(shape.nb, 1);
    assert_int_equal(shape.p, 2);
    assert_int_equal(shape.q, 3);
    shape = takes(&(hpl_wish){.n = 100, .q = 1}, &two_ranks);
    assert_int_equal(shape.p, 2);
}

static void processes_hold_the_whole_matrix(void **state) {
    const hpl_shape shape = {101, 8, 3, 4};
    size_t elements = 0;
    (void)state;
    for (size_t row = 0; row < shape.p; row++)
        for (size_t col = 0; col < shape.q; col++) {
            const hpl_grid grid = hpl_plan_grid(&shape, row, col);
            elements += grid.rows * grid.columns;
            assert_true(grid.ld >= grid.columns);
        }
    assert_int_equal(elements, 101 * 102);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids_that_do_not_fit),
        cmocka_unit_test(blocks_and_orders_that_do_not_fit),
        cmocka_unit_test(a_matrix_that_does_not_fit),
        cmocka_unit_test(fill_is_a_share_of_all_memory),
        cmocka_unit_test(defaults_fit_the_machine),
        cmocka_unit_test(processes_hold_the_whole_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
