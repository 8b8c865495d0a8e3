/* SPDX-License-Identifier: Apache-2.0 */
/* The two moves of a plan do what the interchanges one by one do. */
#include "support/gb_test.h"

#include <stdlib.h>

#include "hpl_layout.h"
#include "hpl_swap.h"

#define N 48u

static uint64_t random_state = 1;

static size_t random_below(size_t end) {
    random_state = random_state * 6364136223846793005u + 1u;
    return (size_t)((random_state >> 33) % end);
}

/* rows[i]: which row lies in place i */
static void one_by_one(size_t rows[N], size_t column, size_t width,
                       const double *pivots) {
    for (size_t j = 0; j < width; j++) {
        const size_t place = (size_t)pivots[j];
        const size_t row = rows[column + j];
        rows[column + j] = rows[place];
        rows[place] = row;
    }
}

static void by_plan(size_t rows[N], size_t column, const hpl_swap_plan *plan,
                    size_t p) {
    size_t before[N];

    memcpy(before, rows, sizeof(before));
    for (size_t e = 0; e < plan->u_start[p]; e++)
        rows[column + plan->u_row[e]] = before[plan->u_source[e]];
    for (size_t e = 0; e < plan->out_start[p]; e++)
        rows[plan->out_target[e]] = before[column + plan->out_row[e]];
}

static void check(size_t column, size_t width, const double *pivots, size_t nb,
                  size_t p, const char *label) {
    size_t *block = calloc(hpl_swap_plan_size(nb, p), sizeof(*block));
    size_t want[N], got[N];
    hpl_swap_plan plan;

    assert_non_null(block);
    for (size_t i = 0; i < N; i++)
        want[i] = got[i] = i;
    hpl_swap_plan_init(&plan, block, nb, p);
    hpl_swap_plan_make(&plan, column, width, pivots, nb, p);
    one_by_one(want, column, width, pivots);
    by_plan(got, column, &plan, p);
    assert_int_equal(plan.u_start[p], width);
    for (size_t i = 0; i < N; i++)
        if (want[i] != got[i])
            fail_msg("%s: place %zu: expected row %zu, got %zu", label, i,
                     want[i], got[i]);
    for (size_t proc = 0; proc < p; proc++) {
        for (size_t e = plan.u_start[proc]; e < plan.u_start[proc + 1]; e++)
            assert_int_equal(hpl_owner(plan.u_source[e], nb, p), proc);
        for (size_t e = plan.out_start[proc]; e < plan.out_start[proc + 1]; e++)
            assert_int_equal(hpl_owner(plan.out_target[e], nb, p), proc);
        /* but for the root, what goes and what comes is equally much */
        if (proc != hpl_owner(column, nb, p))
            assert_int_equal(plan.u_start[proc + 1] - plan.u_start[proc],
                             plan.out_start[proc + 1] - plan.out_start[proc]);
    }
    free(block);
}

static void hand_made_interchanges(void **state) {
    (void)state;
    check(8, 4, (const double[]){8, 9, 10, 11}, 4, 3, "none");
    check(8, 4, (const double[]){11, 11, 11, 11}, 4, 3, "within the block");
    check(8, 4, (const double[]){40, 40, 40, 40}, 4, 3, "one row four times");
    check(8, 4, (const double[]){40, 9, 11, 40}, 4, 2, "mixed");
    check(44, 4, (const double[]){47, 46, 46, 47}, 4, 2, "the last block");
    check(0, 8, (const double[]){7, 40, 7, 40, 7, 40, 7, 40}, 8, 1, "P = 1");
}

static void random_interchanges(void **state) {
    (void)state;
    for (int round = 0; round < 2000; round++) {
        const size_t nb = 1 + random_below(8), p = 1 + random_below(4);
        const size_t column = random_below(N / nb) * nb;
        const size_t width = column + nb > N ? N - column : nb;
        double pivots[8];
        /* half the time few rows, so that some come twice */
        const size_t reach =
            round % 2 == 0 ? N - column
                           : (width + 2 < N - column ? width + 2 : N - column);
        for (size_t j = 0; j < width; j++)
            pivots[j] = (double)(column + j + random_below(reach - j));
        check(column, width, pivots, nb, p, "random");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_interchanges),
        cmocka_unit_test(random_interchanges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
