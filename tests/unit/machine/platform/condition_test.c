/* SPDX-License-Identifier: Apache-2.0 */
/* Stolen time and the clock, from a root that says so. */
#include "support/gb_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/platform/platform.h"

typedef struct tree {
    char path[64];
    gb_sysroot *root;
} tree;

static void put(tree *t, const char *path, const char *text) {
    char whole[256];

    snprintf(whole, sizeof(whole), "%s%s", t->path, path);
    for (char *at = whole + strlen(t->path) + 1; *at != '\0'; at++)
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(whole, 0755);
            *at = '/';
        }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int open_tree(void **state) {
    tree *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    strcpy(t->path, "/tmp/gb-condition-XXXXXX");
    assert_non_null(mkdtemp(t->path));
    assert_int_equal(gb_sysroot_open(t->path, &t->root, NULL), GB_OK);
    *state = t;
    return 0;
}

static int close_tree(void **state) {
    tree *t = *state;
    char command[128];

    gb_sysroot_close(t->root);
    snprintf(command, sizeof(command), "rm -rf '%s'", t->path);
    assert_int_equal(system(command), 0);
    free(t);
    return 0;
}

static void set_clock(tree *t, unsigned pu, const char *khz) {
    char path[96];
    snprintf(path, sizeof(path),
             "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", pu);
    put(t, path, khz);
}

static void stolen_time_is_the_mean_of_the_asked_cores(void **state) {
    tree *t = *state;
    gb_cpu_mask mask = {0};
    put(t, "/proc/stat",
        "cpu  9 9 9 9 9 9 9 99999 0 0\n"
        "cpu0 9 9 9 9 9 9 9 5000 0 0\n"
        "cpu1 1 2 3 4 5 6 7 100 0 0\n"
        "cpu2 1 2 3 4 5 6 7 300 0 0\n"
        "intr 1 2 3\n"
        "cpu3 1 2 3 4 5 6 7 900 0 0\n"); /* not where CPUs are listed */
    gb_cpu_mask_set(&mask, 1);
    gb_cpu_mask_set(&mask, 2);
    gb_cpu_mask_set(&mask, 3);
    const double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    GB_EXPECT_NEAR(200.0 * tick_s, gb_platform_stolen_s(t->root, &mask), 1e-9,
                   "mean of CPUs 1 and 2");
}

static void what_the_system_does_not_tell_is_no_number(void **state) {
    static const char *const texts[] = {"", "cpu0 1 2 3 4\n",
                                        "cpu9 1 2 3 4 5 6 7 8\n",
                                        "cpux 1 2 3 4 5 6 7 8\n"};
    tree *t = *state;
    gb_cpu_mask mask = {0};
    gb_cpu_mask_set(&mask, 0);
    assert_true(isnan(gb_platform_stolen_s(t->root, &mask)));
    assert_true(isnan(gb_platform_clock_hz(t->root, &mask)));
    for (size_t i = 0; i < GB_COUNT(texts); i++) {
        put(t, "/proc/stat", texts[i]);
        if (!isnan(gb_platform_stolen_s(t->root, &mask)))
            fail_msg("'%s' tells no steal of CPU 0", texts[i]);
    }
}

static void the_clock_is_the_mean_of_the_cores_that_tell(void **state) {
    tree *t = *state;
    gb_cpu_mask mask = {0};
    gb_cpu_mask_set(&mask, 0);
    gb_cpu_mask_set(&mask, 1);
    gb_cpu_mask_set(&mask, 2);
    set_clock(t, 0, "2000000\n");
    set_clock(t, 1, "3000000\n");
    GB_EXPECT_NEAR(2.5e9, gb_platform_clock_hz(t->root, &mask), 1.0, "two");
}

static void of_many_cores_at_most_eight_are_asked(void **state) {
    tree *t = *state;
    gb_cpu_mask mask = {0};
    for (unsigned pu = 0; pu < 64; pu++) {
        gb_cpu_mask_set(&mask, pu);
        set_clock(t, pu, pu % 8 == 0 ? "1000000\n" : "9000000\n");
    }
    GB_EXPECT_NEAR(1e9, gb_platform_clock_hz(t->root, &mask), 1.0,
                   "every eighth");
}

#define ON_A_TREE(test)                                                        \
    cmocka_unit_test_setup_teardown(test, open_tree, close_tree)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_A_TREE(stolen_time_is_the_mean_of_the_asked_cores),
        ON_A_TREE(what_the_system_does_not_tell_is_no_number),
        ON_A_TREE(the_clock_is_the_mean_of_the_cores_that_tell),
        ON_A_TREE(of_many_cores_at_most_eight_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
