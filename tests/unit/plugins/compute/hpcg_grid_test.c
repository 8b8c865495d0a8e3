/* SPDX-License-Identifier: Apache-2.0 */
/* A whole grid, divided among ranks and slabs: every neighbour of every point
 * is found, where the exchange puts it. */
#include "support/gb_test.h"

#include <stdlib.h>

#include "hpcg_grid.h"

static void ranks_stand_as_near_to_a_cube_as_they_can(void **state) {
    static const struct {
        uint32_t ranks;
        hpcg_size shape;
    } cases[] = {
        {1, {1, 1, 1}}, {2, {1, 1, 2}},  {3, {1, 1, 3}},       {8, {2, 2, 2}},
        {7, {1, 1, 7}}, {12, {2, 2, 3}}, {4096, {16, 16, 16}},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const hpcg_size got = hpcg_shape(cases[i].ranks);
        if (memcmp(&got, &cases[i].shape, sizeof(got)) != 0)
            fail_msg("%u ranks: got %lld x %lld x %lld", cases[i].ranks,
                     (long long)got.x, (long long)got.y, (long long)got.z);
    }
}

/* The value of a point is its number in the whole grid. */
static double number_of(const hpcg_grid *grid, hpcg_size at) {
    const hpcg_size n = {grid->local.x * grid->processes.x,
                         grid->local.y * grid->processes.y,
                         grid->local.z * grid->processes.z};
    const hpcg_size g = {grid->place.x * grid->local.x + at.x,
                         grid->place.y * grid->local.y + at.y,
                         grid->place.z * grid->local.z + at.z};
    if (g.x < 0 || g.y < 0 || g.z < 0 || g.x >= n.x || g.y >= n.y || g.z >= n.z)
        return -1.0;
    return (double)((g.z * n.y + g.y) * n.x + g.x);
}

static void fill(const hpcg_grid *grid, double *x) {
    size_t i = 0;
    for (int64_t z = 0; z < grid->local.z; z++)
        for (int64_t y = 0; y < grid->local.y; y++)
            for (int64_t k = 0; k < grid->local.x; k++)
                x[i++] = number_of(grid, (hpcg_size){k, y, z});
    for (; i < grid->points + grid->ghosts; i++)
        x[i] = -2.0;
}

/* What MPI does, between arrays of one process. */
static void exchange(const hpcg_grid *grids, double **x, uint32_t ranks,
                     int64_t slabs) {
    for (uint32_t r = 0; r < ranks; r++) {
        for (unsigned k = 0; k < HPCG_NEIGHBOURS; k++) {
            const int32_t to = hpcg_neighbour(&grids[r], k);
            if (to < 0)
                continue;
            const unsigned back = HPCG_NEIGHBOURS - 1 - k;
            assert_int_equal(hpcg_neighbour(&grids[to], back), r);
            assert_int_equal(hpcg_face_points(&grids[to], back),
                             hpcg_face_points(&grids[r], k));
            hpcg_face_pack(&grids[r], k, x[r],
                           x[to] + hpcg_face_first(&grids[to], back));
        }
        for (int64_t slab = 0; slab < slabs; slab++)
            hpcg_copy_slab_ghosts(&grids[r], slab, x[r]);
    }
}

static void check_points(const hpcg_grid *grid, const double *x,
                         double *nonzeros) {
    for (size_t i = 0; i < grid->points; i++) {
        const int64_t row = (int64_t)i;
        const hpcg_size at = {row % grid->local.x,
                              row / grid->local.x % grid->local.y,
                              row / grid->local.x / grid->local.y};
        for (unsigned k = 0; k < HPCG_NEIGHBOURS; k++) {
            const hpcg_size d = hpcg_direction(k);
            const double want = number_of(
                grid, (hpcg_size){at.x + d.x, at.y + d.y, at.z + d.z});
            size_t index = 0;
            const bool inside = hpcg_find(grid, at, k, &index);
            if (inside != (want >= 0.0))
                fail_msg("point %zu, neighbour %u: inside is %d", i, k, inside);
            if (!inside)
                continue;
            *nonzeros += 1.0;
            assert_true(index < grid->points + grid->ghosts);
            if (x[index] < want || x[index] > want)
                fail_msg("point %zu, neighbour %u: expected %g, got %g", i, k,
                         want, x[index]);
            if (k == HPCG_SELF)
                assert_int_equal(index, i);
        }
    }
}

static void every_neighbour_is_where_the_exchange_puts_it(void **state) {
    static const struct {
        uint32_t ranks;
        hpcg_size local;
        int64_t slabs;
    } cases[] = {
        {1, {4, 4, 4}, 1}, {1, {4, 6, 8}, 2},  {2, {4, 2, 6}, 3},
        {8, {2, 4, 4}, 2}, {12, {4, 4, 4}, 1}, {27, {2, 2, 2}, 1},
        {7, {2, 2, 4}, 2},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const uint32_t ranks = cases[i].ranks;
        hpcg_grid grids[27];
        double *x[27];
        double nonzeros = 0.0, counted = 0.0;
        for (uint32_t r = 0; r < ranks; r++) {
            hpcg_grid_init(cases[i].local, cases[i].slabs, hpcg_shape(ranks), r,
                           &grids[r]);
            x[r] = calloc(grids[r].points + grids[r].ghosts, sizeof(double));
            assert_non_null(x[r]);
            fill(&grids[r], x[r]);
            counted += hpcg_nonzeros(&grids[r]);
        }
        exchange(grids, x, ranks, cases[i].slabs);
        for (uint32_t r = 0; r < ranks; r++)
            check_points(&grids[r], x[r], &nonzeros);
        GB_EXPECT_NEAR(nonzeros, counted, 0.5, "non-zeros");
        for (uint32_t r = 0; r < ranks; r++)
            free(x[r]);
    }
}

static void coarse_grids_keep_slabs_and_neighbours(void **state) {
    hpcg_grid fine, coarse;
    (void)state;
    hpcg_grid_init((hpcg_size){16, 8, 32}, 4, hpcg_shape(8), 5, &fine);
    hpcg_grid_coarsen(&fine, &coarse);
    assert_int_equal(coarse.points, 8 * 4 * 16);
    assert_int_equal(coarse.slab_z, 4);
    for (unsigned k = 0; k < HPCG_NEIGHBOURS; k++)
        assert_int_equal(hpcg_neighbour(&coarse, k), hpcg_neighbour(&fine, k));
}

/* By hand, of 4^3 points on one rank: 10^3 non-zeros, and 4^3 of the 2^3. */
static void operations_are_counted_as_hpcg_reports_them(void **state) {
    hpcg_grid levels[2];
    (void)state;
    hpcg_grid_init((hpcg_size){4, 4, 4}, 1, hpcg_shape(1), 0, &levels[0]);
    hpcg_grid_coarsen(&levels[0], &levels[1]);
    GB_EXPECT_NEAR(1000.0, hpcg_nonzeros(&levels[0]), 0.1, "fine");
    GB_EXPECT_NEAR(64.0, hpcg_nonzeros(&levels[1]), 0.1, "coarse");
    GB_EXPECT_NEAR(12.0 * 64 + 2.0 * 1000 + 4.0 * 1000, hpcg_flops(levels, 1),
                   0.1, "one level");
    GB_EXPECT_NEAR(12.0 * 64 + 2.0 * 1000 + 10.0 * 1000 + 4.0 * 64,
                   hpcg_flops(levels, 2), 0.1, "two levels");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_stand_as_near_to_a_cube_as_they_can),
        cmocka_unit_test(every_neighbour_is_where_the_exchange_puts_it),
        cmocka_unit_test(coarse_grids_keep_slabs_and_neighbours),
        cmocka_unit_test(operations_are_counted_as_hpcg_reports_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
