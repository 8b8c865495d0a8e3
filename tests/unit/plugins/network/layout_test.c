/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include "support/gb_test.h"

#define SIZE_MAX_TRIED 64

/* Ranks on nodes: one letter for each rank. */
typedef struct cluster {
    const char *nodes;
    int32_t intra, inter; /* the most pairs of each kind */
} cluster;

static const cluster clusters[] = {
    {"aa", 1, 0},        {"ab", 0, 1},           {"aaa", 1, 0},
    {"aabb", 2, 2},      {"abab", 2, 2},         {"aaab", 1, 1},
    {"abbb", 1, 1},      {"abc", 0, 1},          {"abcd", 0, 2},
    {"aaaabb", 3, 2},    {"abbbbc", 2, 2},       {"aabbcc", 3, 3},
    {"abcabcabc", 3, 4}, {"aaaaaaaabbbb", 6, 4}, {"aaabbbccc", 3, 4},
};

typedef struct placed {
    int32_t size;
    int32_t node_of_rank[SIZE_MAX_TRIED], order[SIZE_MAX_TRIED];
} placed;

static placed place(const cluster *c) {
    placed p = {.size = (int32_t)strlen(c->nodes)};
    int32_t starts[SIZE_MAX_TRIED + 1];

    for (int32_t r = 0; r < p.size; r++)
        p.node_of_rank[r] = c->nodes[r] - 'a';
    gb_layout_sort(p.node_of_rank, p.size, starts, p.order);
    return p;
}

static void ranks_are_sorted_by_node_and_then_by_rank(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(clusters); i++) {
        const placed p = place(&clusters[i]);
        bool seen[SIZE_MAX_TRIED] = {false};
        for (int32_t k = 0; k < p.size; k++) {
            seen[p.order[k]] = true;
            if (k == 0)
                continue;
            const int32_t before = p.node_of_rank[p.order[k - 1]];
            const int32_t here = p.node_of_rank[p.order[k]];
            if (before > here ||
                (before == here && p.order[k - 1] > p.order[k]))
                fail_msg("%s: out of order at %d", clusters[i].nodes, (int)k);
        }
        for (int32_t r = 0; r < p.size; r++)
            assert_true(seen[r]);
    }
}

static void nodes_are_counted(void **state) {
    const placed three = place(&(cluster){.nodes = "abcabc"});
    const placed one = place(&(cluster){.nodes = "aaa"});

    (void)state;
    assert_int_equal(gb_layout_count_nodes(three.node_of_rank, 6), 3);
    assert_int_equal(gb_layout_count_nodes(one.node_of_rank, 3), 1);
}

static void check_pairs(const cluster *c, gb_pair_kind kind, int32_t most) {
    const placed p = place(c);
    gb_pair pairs[SIZE_MAX_TRIED];
    int used[SIZE_MAX_TRIED] = {0};
    const int32_t count =
        gb_layout_pair(p.node_of_rank, p.order, p.size, kind, pairs);

    if (count != most)
        fail_msg("%s: expected %d pairs of kind %d, got %d", c->nodes,
                 (int)most, (int)kind, (int)count);
    for (int32_t i = 0; i < count; i++) {
        const bool one_node =
            p.node_of_rank[pairs[i].first] == p.node_of_rank[pairs[i].second];
        if (one_node != (kind == GB_PAIR_INTRA))
            fail_msg("%s: pair %d is of the other kind", c->nodes, (int)i);
        if (used[pairs[i].first]++ > 0 || used[pairs[i].second]++ > 0)
            fail_msg("%s: a rank is in two pairs", c->nodes);
    }
}

static void pairs_are_of_one_kind_and_as_many_as_can_be(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(clusters); i++) {
        check_pairs(&clusters[i], GB_PAIR_INTRA, clusters[i].intra);
        check_pairs(&clusters[i], GB_PAIR_INTER, clusters[i].inter);
    }
}

/* So that one-way traffic goes from one half of the nodes to the other. */
static void the_first_of_a_pair_is_on_the_lower_node(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(clusters); i++) {
        const placed p = place(&clusters[i]);
        gb_pair pairs[SIZE_MAX_TRIED];
        const int32_t count = gb_layout_pair(p.node_of_rank, p.order, p.size,
                                             GB_PAIR_INTER, pairs);
        for (int32_t k = 0; k < count; k++)
            if (p.node_of_rank[pairs[k].first] >
                p.node_of_rank[pairs[k].second])
                fail_msg("%s: pair %d", clusters[i].nodes, (int)k);
    }
}

/* Round 0 is the order of the nodes; in all of them each rank is there once and
 * pairs are as many and of the kind they were. */
static void in_every_round_there_are_as_many_pairs(void **state) {
    (void)state;
    for (size_t i = 0; i < GB_COUNT(clusters); i++) {
        const placed p = place(&clusters[i]);
        for (int32_t round = 0; round < p.size + 3; round++) {
            int32_t starts[SIZE_MAX_TRIED + 1], order[SIZE_MAX_TRIED];
            gb_pair pairs[SIZE_MAX_TRIED];
            bool seen[SIZE_MAX_TRIED] = {false};
            gb_layout_turn(p.node_of_rank, p.order, p.size, round, starts,
                           order);
            for (int32_t k = 0; k < p.size; k++)
                seen[order[k]] = true;
            for (int32_t r = 0; r < p.size; r++)
                assert_true(seen[r]);
            if (round == 0)
                assert_memory_equal(order, p.order,
                                    (size_t)p.size * sizeof(*order));
            const int32_t count = gb_layout_pair(p.node_of_rank, order, p.size,
                                                 GB_PAIR_INTER, pairs);
            assert_int_equal(count, clusters[i].inter);
            for (int32_t k = 0; k < count; k++)
                assert_int_not_equal(p.node_of_rank[pairs[k].first],
                                     p.node_of_rank[pairs[k].second]);
        }
    }
}

/* Even numbers of equal nodes: nobody meets twice in nodes - 1 rounds. */
static void after_all_rounds_each_node_has_met_each(void **state) {
    (void)state;
    for (int32_t nodes = 2; nodes <= 16; nodes += 2)
        for (int32_t each = 1; each <= 3; each++) {
            int32_t node_of_rank[SIZE_MAX_TRIED], sorted[SIZE_MAX_TRIED];
            int32_t starts[SIZE_MAX_TRIED + 1], order[SIZE_MAX_TRIED];
            int met[16][16] = {{0}};
            const int32_t size = nodes * each;
            for (int32_t r = 0; r < size; r++)
                node_of_rank[r] = r % nodes;
            gb_layout_sort(node_of_rank, size, starts, sorted);
            for (int32_t round = 0; round < nodes - 1; round++) {
                gb_pair pairs[SIZE_MAX_TRIED];
                gb_layout_turn(node_of_rank, sorted, size, round, starts,
                               order);
                const int32_t count = gb_layout_pair(node_of_rank, order, size,
                                                     GB_PAIR_INTER, pairs);
                for (int32_t k = 0; k < count; k++) {
                    const int32_t a = node_of_rank[pairs[k].first];
                    const int32_t b = node_of_rank[pairs[k].second];
                    met[a][b]++;
                    met[b][a]++;
                }
            }
            for (int32_t a = 0; a < nodes; a++)
                for (int32_t b = 0; b < nodes; b++)
                    if (met[a][b] != (a == b ? 0 : each))
                        fail_msg("%d nodes of %d: %d and %d met %d times",
                                 (int)nodes, (int)each, (int)a, (int)b,
                                 met[a][b]);
        }
}

static void a_tree_reaches_everybody_once(void **state) {
    (void)state;
    for (int32_t count = 1; count <= 300; count++) {
        int reached[300] = {1}; /* the root */
        for (int32_t at = 0; at < count; at++) {
            const gb_tree_place place_at = gb_layout_tree(count, at);
            assert_int_equal(place_at.parent < 0, at == 0);
            assert_true(place_at.child_count <= GB_TREE_FANOUT);
            for (int32_t i = 0; i < place_at.child_count; i++) {
                const int32_t child = place_at.first_child + i;
                assert_true(child > at && child < count);
                assert_int_equal(gb_layout_tree(count, child).parent, at);
                reached[child]++;
            }
        }
        for (int32_t at = 0; at < count; at++)
            assert_int_equal(reached[at], 1);
    }
}

static void a_random_ring_is_a_permutation_that_its_seed_decides(void **state) {
    int32_t natural[SIZE_MAX_TRIED], one[SIZE_MAX_TRIED], again[SIZE_MAX_TRIED];
    int32_t other[SIZE_MAX_TRIED];

    (void)state;
    for (int32_t size = 1; size <= SIZE_MAX_TRIED; size++) {
        bool seen[SIZE_MAX_TRIED] = {false};
        const size_t bytes = (size_t)size * sizeof(int32_t);
        gb_layout_ring(size, false, 1, natural);
        gb_layout_ring(size, true, 1, one);
        gb_layout_ring(size, true, 1, again);
        gb_layout_ring(size, true, 2, other);
        for (int32_t i = 0; i < size; i++) {
            assert_int_equal(natural[i], i);
            assert_false(seen[one[i]]);
            seen[one[i]] = true;
            assert_int_equal(one[gb_layout_place(one, size, i)], i);
        }
        assert_memory_equal(one, again, bytes);
        if (size >= 8) {
            assert_memory_not_equal(one, natural, bytes);
            assert_memory_not_equal(one, other, bytes);
        }
    }
    assert_int_equal(gb_layout_place(one, SIZE_MAX_TRIED, SIZE_MAX_TRIED), -1);
}

static void grids_are_as_near_to_a_cube_as_they_can_be(void **state) {
    static const struct {
        int32_t size, extent[3];
    } cases[] = {
        {1, {1, 1, 1}},   {2, {2, 1, 1}},       {3, {3, 1, 1}},
        {4, {2, 2, 1}},   {5, {5, 1, 1}},       {6, {3, 2, 1}},
        {8, {2, 2, 2}},   {12, {3, 2, 2}},      {27, {3, 3, 3}},
        {60, {5, 4, 3}},  {64, {4, 4, 4}},      {97, {97, 1, 1}},
        {256, {8, 8, 4}}, {4096, {16, 16, 16}},
    };

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        int32_t extent[3] = {0, 0, 0};
        gb_layout_grid(cases[i].size, extent);
        if (memcmp(extent, cases[i].extent, sizeof(extent)) != 0)
            fail_msg("%d ranks: got %dx%dx%d", (int)cases[i].size,
                     (int)extent[0], (int)extent[1], (int)extent[2]);
    }
}

static void directions_leave_out_extents_of_one(void **state) {
    static const struct {
        int32_t extent[3], faces, all;
    } cases[] = {
        {{1, 1, 1}, 0, 0},  {{2, 1, 1}, 2, 2}, {{5, 1, 1}, 2, 2},
        {{2, 2, 1}, 4, 8},  {{3, 2, 1}, 4, 8}, {{2, 2, 2}, 6, 26},
        {{4, 3, 2}, 6, 26},
    };

    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_direction found[GB_DIRECTIONS_MAX];
        assert_int_equal(gb_layout_directions(cases[i].extent, 1, found),
                         cases[i].faces);
        assert_int_equal(gb_layout_directions(cases[i].extent, 3, found),
                         cases[i].all);
    }
}

/* There and back again leads home, nowhere leads nowhere, and what arrives from
 * each direction is one message. */
static void neighbours_are_symmetric(void **state) {
    (void)state;
    for (int32_t size = 2; size <= SIZE_MAX_TRIED; size++) {
        int32_t extent[3] = {0, 0, 0};
        gb_direction d[GB_DIRECTIONS_MAX];
        gb_layout_grid(size, extent);
        const int32_t count = gb_layout_directions(extent, 3, d);
        for (int32_t i = 0; i < count; i++) {
            int arrived[SIZE_MAX_TRIED] = {0};
            assert_int_equal(d[d[i].opposite].opposite, i);
            for (int32_t r = 0; r < size; r++) {
                const int32_t to = gb_layout_neighbour(extent, r, &d[i]);
                assert_true(to >= 0 && to < size && to != r);
                assert_int_equal(
                    gb_layout_neighbour(extent, to, &d[d[i].opposite]), r);
                arrived[to]++;
            }
            for (int32_t r = 0; r < size; r++)
                assert_int_equal(arrived[r], 1);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_sorted_by_node_and_then_by_rank),
        cmocka_unit_test(nodes_are_counted),
        cmocka_unit_test(pairs_are_of_one_kind_and_as_many_as_can_be),
        cmocka_unit_test(the_first_of_a_pair_is_on_the_lower_node),
        cmocka_unit_test(in_every_round_there_are_as_many_pairs),
        cmocka_unit_test(after_all_rounds_each_node_has_met_each),
        cmocka_unit_test(a_tree_reaches_everybody_once),
        cmocka_unit_test(a_random_ring_is_a_permutation_that_its_seed_decides),
        cmocka_unit_test(grids_are_as_near_to_a_cube_as_they_can_be),
        cmocka_unit_test(directions_leave_out_extents_of_one),
        cmocka_unit_test(neighbours_are_symmetric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
