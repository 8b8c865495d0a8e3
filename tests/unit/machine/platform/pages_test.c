/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/platform/platform.h"

/* KiB of this process that are resident, counted page by page; 0: not told.
 * /proc/self/status may lag behind. */
static unsigned long resident_kib(void) {
    char line[256];
    unsigned long kib = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL &&
           sscanf(line, "Rss: %lu kB", &kib) != 1)
        ;
    if (file != NULL)
        fclose(file);
    return kib;
}

/* A kernel maps what lies around a page that is asked for: much more than that.
 */
static const unsigned char table[1 << 20] = {1, [65536] = 2, [131072] = 3};

static unsigned sum_table(void) {
    const volatile unsigned char *at = table;
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof(table); i++)
        sum += at[i];
    return sum;
}

static void pages_that_are_never_written_go_and_come_again(void **state) {
    (void)state;
    assert_int_equal(sum_table(), 6);
    const unsigned long before = resident_kib();
    if (before == 0)
        skip(); /* a kernel before 4.14 */
    gb_platform_drop_pages();
    const unsigned long after = resident_kib();
    if (after + 512 > before)
        fail_msg("expected 512 KiB less than %lu, got %lu", before, after);
    assert_int_equal(sum_table(), 6);
    assert_true(resident_kib() >= after + 512);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_that_are_never_written_go_and_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
