/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/stream_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "memory/stream_kernels.h"

static const size_t sizes[] = {
    STREAM_BLOCK,    10 * STREAM_BLOCK,      4096,    512 * 7 + STREAM_BLOCK,
    (size_t)1 << 20, ((size_t)1 << 20) + 64, 512 * 3, (size_t)5 << 35};
static const uint32_t teams[] = {1, 2, 3, 7, 64, 256};

static void values_are_whole_odd_and_within_their_bits(void **state) {
    (void)state;
    for (unsigned bits = 1; bits <= STREAM_VALUE_BITS; bits++)
        for (size_t i = 0; i < 1000; i++) {
            const double v = stream_value(1, i, bits);
            const uint64_t whole = (uint64_t)v;
            assert_true((double)whole == v);
            assert_true(whole % 2u == 1);
            assert_true(whole < (uint64_t)1 << bits);
        }
}

static void values_differ_from_array_to_array_and_on_all_bits(void **state) {
    uint64_t any = 0, all = UINT64_MAX;
    size_t same = 0;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        const uint64_t v = (uint64_t)stream_value(1, i, STREAM_VALUE_BITS);
        any |= v;
        all &= v;
        same += v == (uint64_t)stream_value(2, i, STREAM_VALUE_BITS);
    }
    assert_int_equal(any, ((uint64_t)1 << STREAM_VALUE_BITS) - 1);
    assert_int_equal(all, 1);
    assert_int_equal(same, 0);
}

static void sums_stay_below_2_to_53(void **state) {
    static const struct {
        size_t n;
        unsigned bits;
    } cases[] = {{1, 49},
                 {16, 49},
                 {17, 48},
                 {32, 48},
                 {33, 47},
                 {(size_t)1 << 22, 31},
                 {(size_t)1 << 39, 14},
                 {((size_t)1 << 39) + 1, 13}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(stream_sum_bits(cases[i].n), cases[i].bits);
}

static void parts_cover_every_element_once(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (size_t t = 0; t < sizeof(teams) / sizeof(teams[0]); t++) {
            size_t next = 0;
            for (uint32_t k = 0; k < teams[t]; k++) {
                size_t begin, end;
                stream_part(sizes[s], k, teams[t], &begin, &end);
                assert_int_equal(begin, next);
                assert_true(end >= begin);
                assert_int_equal(begin % STREAM_BLOCK, 0);
                next = end;
            }
            assert_int_equal(next, sizes[s]);
        }
}

/* create() refuses fewer blocks than threads; with as many, each has one. */
static void no_thread_is_idle_with_a_block_for_each(void **state) {
    (void)state;
    for (size_t t = 0; t < sizeof(teams) / sizeof(teams[0]); t++)
        for (uint32_t k = 0; k < teams[t]; k++) {
            size_t begin, end;
            stream_part(teams[t] * (size_t)STREAM_BLOCK, k, teams[t], &begin,
                        &end);
            assert_int_equal(end - begin, STREAM_BLOCK);
        }
}

static void turns_tell_how_many_there_were(void **state) {
    double product = 1.0, most = 1.0;

    (void)state;
    for (uint64_t k = 0; k < 5000; k++) {
        assert_true(stream_turns_product(k) == product);
        product *= stream_turn_factor(k);
        most = product > most ? product : most;
        assert_true(product != stream_turns_product(k));
        assert_true(product >= 1.0);
    }
    assert_true(most * 0x1p49 < 0x1p1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_whole_odd_and_within_their_bits),
        cmocka_unit_test(values_differ_from_array_to_array_and_on_all_bits),
        cmocka_unit_test(sums_stay_below_2_to_53),
        cmocka_unit_test(parts_cover_every_element_once),
        cmocka_unit_test(no_thread_is_idle_with_a_block_for_each),
        cmocka_unit_test(turns_tell_how_many_there_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
