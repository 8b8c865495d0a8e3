/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of leaders, and who is where in few words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "machine/comm/node_map.h"
#include "machine/comm/tree.h"

/* --- the tree ------------------------------------------------------------- */

static void a_parent_has_its_last_digit_cleared(void **state) {
    (void)state;
    assert_int_equal(gb_tree_parent(0, 16), -1);
    assert_int_equal(gb_tree_parent(1, 16), 0);
    assert_int_equal(gb_tree_parent(15, 16), 0);
    assert_int_equal(gb_tree_parent(16, 16), 0);
    assert_int_equal(gb_tree_parent(17, 16), 16);
    assert_int_equal(gb_tree_parent(0x230, 16), 0x200);
    assert_int_equal(gb_tree_parent(6, 2), 4);
    assert_int_equal(gb_tree_parent(7, 2), 6);
}

/* Each member but 0 is some member's child, once, and what is below a member
 * is a run of numbers that its children share out in order. */
static void children_partition_what_is_below(void **state) {
    static const int radices[] = {2, 3, 16};
    (void)state;
    for (size_t r = 0; r < 3; r++)
        for (int count = 1; count < 600; count += count < 40 ? 1 : 61)
            for (int member = 0; member < count; member++) {
                const int end = gb_tree_end(member, radices[r], count);
                int covered = member + 1;
                for (int child =
                         gb_tree_next_child(member, member, radices[r], count);
                     child >= 0; child = gb_tree_next_child(
                                     member, child, radices[r], count)) {
                    assert_int_equal(gb_tree_parent(child, radices[r]), member);
                    assert_int_equal(child, covered);
                    covered = gb_tree_end(child, radices[r], count);
                }
                assert_int_equal(covered, end);
                if (member == 0)
                    assert_int_equal(end, count);
            }
}

/* --- who is where --------------------------------------------------------- */

static void nodes_are_numbered_by_their_first_rank(void **state) {
    static const uint64_t keys[] = {9, 9, 2, 7, 2, 9};
    static const int32_t expected[] = {0, 0, 1, 2, 1, 0};
    int32_t nodes[6];
    (void)state;
    assert_int_equal(gb_node_number(keys, 6, nodes), 3);
    assert_memory_equal(nodes, expected, sizeof(expected));
}

static size_t there_and_back(const int32_t *nodes, int32_t size) {
    gb_node_run *runs = calloc((size_t)size, sizeof(*runs));
    int32_t *back = calloc((size_t)size, sizeof(*back));
    int32_t last = 0;
    assert_non_null(runs);
    assert_non_null(back);
    for (int32_t i = 0; i < size; i++)
        last = nodes[i] > last ? nodes[i] : last;
    const size_t count = gb_node_runs(nodes, size, runs);
    assert_int_equal(gb_node_expand(runs, count, size, back), last + 1);
    assert_memory_equal(back, nodes, (size_t)size * sizeof(*back));
    free(back);
    free(runs);
    return count;
}

static void usual_placings_are_one_run(void **state) {
    int32_t nodes[1000];
    (void)state;
    for (int32_t i = 0; i < 1000; i++)
        nodes[i] = i / 16; /* the last node has fewer */
    assert_int_equal(there_and_back(nodes, 1000), 1);
    for (int32_t i = 0; i < 1000; i++)
        nodes[i] = i % 7;
    assert_int_equal(there_and_back(nodes, 1000), 1);
    for (int32_t i = 0; i < 1000; i++)
        nodes[i] = i / 4 % 13;
    assert_int_equal(there_and_back(nodes, 1000), 1);
    memset(nodes, 0, sizeof(nodes));
    assert_int_equal(there_and_back(nodes, 1000), 1);
    assert_int_equal(there_and_back(nodes, 1), 1);
}

static void any_placing_comes_back(void **state) {
    int32_t nodes[257];
    (void)state;
    srand(1);
    for (int round = 0; round < 300; round++) {
        const int32_t size = 1 + rand() % 257;
        const uint64_t most = 1 + (uint64_t)rand() % 9;
        uint64_t keys[257];
        for (int32_t i = 0; i < size; i++)
            keys[i] = (uint64_t)rand() % most;
        gb_node_number(keys, size, nodes);
        there_and_back(nodes, size);
    }
}

static void runs_of_other_ranks_are_refused(void **state) {
    const gb_node_run runs[] = {{4, 0, 2, 2}, {2, 2, 1, 1}};
    int32_t nodes[8];
    (void)state;
    assert_int_equal(gb_node_expand(runs, 2, 6, nodes), 3);
    assert_int_equal(gb_node_expand(runs, 2, 8, nodes), 0);
    assert_int_equal(gb_node_expand(runs, 2, 5, nodes), 0);
    assert_int_equal(gb_node_expand(&(gb_node_run){2, 0, 0, 1}, 1, 2, nodes),
                     0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parent_has_its_last_digit_cleared),
        cmocka_unit_test(children_partition_what_is_below),
        cmocka_unit_test(nodes_are_numbered_by_their_first_rank),
        cmocka_unit_test(usual_placings_are_one_run),
        cmocka_unit_test(any_placing_comes_back),
        cmocka_unit_test(runs_of_other_ranks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
