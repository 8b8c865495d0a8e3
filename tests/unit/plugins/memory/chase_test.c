/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/chase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINES_MAX 1000u
#define ORIGIN    (3u * CHASE_LINE_BYTES)

static _Alignas(64) chase_line lines[LINES_MAX];

/** By following it, as the benchmark does. */
static size_t cycle_length(size_t count) {
    static char seen[LINES_MAX];
    size_t at = 0, length = 0;

    memset(seen, 0, sizeof(seen));
    while (!seen[at]) {
        seen[at] = 1;
        length++;
        at = (size_t)(lines[at].next - ORIGIN) / CHASE_LINE_BYTES;
        assert_true(at < count);
    }
    assert_int_equal(at, 0);
    return length;
}

static void all_lines_are_in_one_cycle(void **state) {
    static const size_t counts[] = {1, 2, 3, 4, 17, 256, LINES_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        for (uint64_t seed = 0; seed < 5; seed++) {
            size_t wrong = 0;
            chase_link(lines, counts[i], ORIGIN, seed);
            assert_int_equal(cycle_length(counts[i]), counts[i]);
            assert_true(chase_is_cycle(lines, counts[i], ORIGIN, &wrong));
        }
}

static void cycles_differ_by_seed_and_are_not_in_order(void **state) {
    uint64_t first[LINES_MAX];
    size_t same = 0, neighbours = 0;

    (void)state;
    chase_link(lines, LINES_MAX, ORIGIN, 1);
    for (size_t i = 0; i < LINES_MAX; i++) {
        first[i] = lines[i].next;
        neighbours += lines[i].next == ORIGIN + (i + 1) * CHASE_LINE_BYTES;
    }
    chase_link(lines, LINES_MAX, ORIGIN, 2);
    for (size_t i = 0; i < LINES_MAX; i++)
        same += lines[i].next == first[i];
    assert_true(same < 20);
    assert_true(neighbours < 20);
}

static void every_fault_is_found_and_not_followed(void **state) {
    size_t wrong = 0;

    (void)state;
    for (size_t bit = 0; bit < 128; bit++) {
        chase_link(lines, LINES_MAX, ORIGIN, 1);
        uint64_t *word = bit < 64 ? &lines[500].next : &lines[500].position;
        *word ^= (uint64_t)1 << bit % 64;
        assert_false(chase_is_cycle(lines, LINES_MAX, ORIGIN, &wrong));
        assert_true(wrong < LINES_MAX);
    }
    /* Two cycles, in which each line still has a successor. */
    chase_link(lines, LINES_MAX, ORIGIN, 1);
    const uint64_t next = lines[10].next;
    lines[10].next = lines[20].next;
    lines[20].next = next;
    assert_true(cycle_length(LINES_MAX) < LINES_MAX);
    assert_false(chase_is_cycle(lines, LINES_MAX, ORIGIN, &wrong));
    /* All bytes, as the conformance check spoils them. */
    chase_link(lines, LINES_MAX, ORIGIN, 1);
    for (size_t i = 0; i < sizeof(lines); i++)
        ((char *)lines)[i] ^= 0x55;
    assert_false(chase_is_cycle(lines, LINES_MAX, ORIGIN, &wrong));
}

static void each_loop_follows_all_its_chains(void **state) {
    enum { EACH = 30, LOADS = 100 };
    uint64_t at[CHASE_CHAINS_MAX];

    (void)state;
    assert_null(chase_loop(0));
    assert_null(chase_loop(3));
    assert_null(chase_loop(64));
    for (size_t chains = 1; chains <= CHASE_CHAINS_MAX; chains *= 2) {
        const chase_fn loop = chase_loop(chains);
        assert_non_null(loop);
        for (size_t c = 0; c < chains; c++) {
            at[c] = c * EACH * CHASE_LINE_BYTES;
            chase_link(lines + c * EACH, EACH, at[c], c);
        }
        loop((const char *)lines, at, LOADS);
        for (size_t c = 0; c < chains; c++) {
            const uint64_t origin = c * EACH * CHASE_LINE_BYTES;
            assert_true(chase_is_at(lines + c * EACH, EACH, origin, at[c],
                                    LOADS % EACH));
            assert_false(chase_is_at(lines + c * EACH, EACH, origin, at[c],
                                     (LOADS + 1) % EACH));
            assert_false(chase_is_at(lines + c * EACH, EACH, origin, at[c] + 8u,
                                     LOADS % EACH));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_lines_are_in_one_cycle),
        cmocka_unit_test(cycles_differ_by_seed_and_are_not_in_order),
        cmocka_unit_test(every_fault_is_found_and_not_followed),
        cmocka_unit_test(each_loop_follows_all_its_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
