/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "machine/plugin/plugin.h"

static char **folders;
static size_t count;

static void look(const char *env_path) {
    gb_error err = {0};
    assert_int_equal(
        gb_plugin_folders(env_path, "/opt/gb/bin", &folders, &count, &err),
        GB_OK);
}

static int forget(void **state) {
    (void)state;
    for (size_t i = 0; i < count; i++)
        free(folders[i]);
    free(folders);
    folders = NULL;
    count = 0;
    return 0;
}

static void named_folders_come_first_and_empty_ones_are_skipped(void **state) {
    static const struct {
        const char *env_path;
        size_t named;
        const char *names[2];
    } cases[] = {
        {NULL, 0, {NULL, NULL}},    {"", 0, {NULL, NULL}},
        {":::", 0, {NULL, NULL}},   {"/a", 1, {"/a", NULL}},
        {"/a:/b", 2, {"/a", "/b"}}, {":/a::/b:", 2, {"/a", "/b"}},
        {"/a:/a", 1, {"/a", NULL}},
    };
    size_t without_env = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        look(cases[i].env_path);
        if (i == 0)
            without_env = count;
        if (count != without_env + cases[i].named)
            fail_msg("'%s': expected %zu folders, got %zu", cases[i].env_path,
                     without_env + cases[i].named, count);
        for (size_t k = 0; k < cases[i].named; k++)
            if (strcmp(folders[k], cases[i].names[k]) != 0)
                fail_msg("'%s': expected '%s', got '%s'", cases[i].env_path,
                         cases[i].names[k], folders[k]);
        forget(state);
    }
}

static void installed_folders_come_before_the_build_tree(void **state) {
    (void)state;
    look(NULL);
    assert_true(count >= 2);
    assert_non_null(strstr(folders[0], "/opt/gb/lib"));
    assert_non_null(strstr(folders[0], "/greenbench/plugins"));
    assert_string_equal(folders[count - 1], "/opt/gb/plugins");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            named_folders_come_first_and_empty_ones_are_skipped, forget),
        cmocka_unit_test_teardown(installed_folders_come_before_the_build_tree,
                                  forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
