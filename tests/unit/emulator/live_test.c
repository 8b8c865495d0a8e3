/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/live.h"

#include "support/gb_test.h"

static void ticks_of_the_first_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t busy, total;
    } cases[] = {
        {"cpu  10 2 5 100 20 1 2 3 9 9\ncpu0 1 1 1 1\n", true, 23, 143},
        {"cpu  10 2 5 100\n", true, 17, 117},
        {"cpu  10 2 5\n", false, 0, 0},
        {"cpu0 10 2 5 100\n", false, 0, 0},
        {"cpu  10 x 5 100\n", false, 0, 0},
        {"", false, 0, 0},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        uint64_t busy = 0, total = 0;
        assert_int_equal(gb_live_parse_stat(cases[i].text, &busy, &total),
                         cases[i].good);
        assert_true(busy == cases[i].busy && total == cases[i].total);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_of_the_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
