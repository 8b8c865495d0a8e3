/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/gups_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_jump_is_as_many_steps(void **state) {
    uint64_t x = 1;

    (void)state;
    for (uint64_t k = 0; k < 100000; k++) {
        if (k < 300 || k % 997 == 0)
            assert_int_equal(gups_jump(k), x);
        x = gups_next(x);
    }
}

static void far_jumps_go_on_where_others_ended(void **state) {
    static const uint64_t far[] = {(uint64_t)1 << 40, 123456789012345u,
                                   ((uint64_t)1 << 52) - 3};

    (void)state;
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        uint64_t x = gups_jump(far[i]);
        for (uint64_t k = 0; k < 1000; k++)
            x = gups_next(x);
        assert_int_equal(gups_jump(far[i] + 1000), x);
    }
}

/* The first 64 steps shift a bit out at the top; then the polynomial comes in.
 */
static void the_stream_is_the_one_of_hpcc(void **state) {
    (void)state;
    assert_int_equal(gups_jump(0), 1);
    assert_int_equal(gups_jump(63), (uint64_t)1 << 63);
    assert_int_equal(gups_jump(64), 7);
    assert_int_equal(gups_jump(65), 14);
    assert_int_equal(gups_jump(128), 0x15); /* (x^2 + x + 1)^2 */
    /* The period that HPCC states for it. */
    assert_int_equal(gups_jump(1317624576693539401u), 1);
}

static void every_word_has_one_rank_and_one_thread(void **state) {
    static const uint32_t counts[] = {1, 2, 3, 5, 7, 8, 48};
    const unsigned bits = 13;

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        const uint32_t ranks = counts[i];
        uint64_t next = 0;
        for (uint32_t rank = 0; rank < ranks; rank++) {
            const gups_layout layout = gups_layout_of(bits, ranks, rank, 5);
            uint64_t per_thread[5] = {0};
            uint32_t last = 0;
            assert_int_equal(layout.first, next);
            assert_in_range(layout.words, (1u << bits) / ranks,
                            (1u << bits) / ranks + 1);
            for (uint64_t w = 0; w < layout.words; w++) {
                const uint32_t thread = gups_thread_of(&layout, w);
                assert_int_equal(gups_rank_of(&layout, layout.first + w), rank);
                assert_true(thread >= last && thread < 5);
                per_thread[thread]++;
                last = thread;
            }
            for (uint32_t t = 0; t < 5; t++)
                assert_in_range(per_thread[t], layout.words / 5 - 1,
                                layout.words / 5 + 2);
            next += layout.words;
        }
        assert_int_equal(next, (uint64_t)1 << bits);
    }
}

static void threads_share_tables_of_terabytes_too(void **state) {
    (void)state;
    for (unsigned bits = 30; bits <= 45; bits++) {
        const gups_layout layout = gups_layout_of(bits, 3, 1, 200);
        assert_int_equal(gups_thread_of(&layout, 0), 0);
        assert_int_equal(gups_thread_of(&layout, layout.words - 1), 199);
        assert_int_equal(gups_rank_of(&layout, layout.first), 1);
        assert_int_equal(gups_rank_of(&layout, layout.first - 1), 0);
        assert_int_equal(gups_rank_of(&layout, layout.first + layout.words), 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jump_is_as_many_steps),
        cmocka_unit_test(far_jumps_go_on_where_others_ended),
        cmocka_unit_test(the_stream_is_the_one_of_hpcc),
        cmocka_unit_test(every_word_has_one_rank_and_one_thread),
        cmocka_unit_test(threads_share_tables_of_terabytes_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
