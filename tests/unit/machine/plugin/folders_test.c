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

static gb_status look_in(const char *list, gb_error *err) {
    return gb_plugin_folders(&list, list != NULL, "--plugin-path", "/opt/gb",
                             &folders, &count, err);
}

static void look(const char *list) {
    gb_error err = {0};
    if (look_in(list, &err) != GB_OK)
        fail_msg("'%s': %s", list, err.what);
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

static void a_folder_that_depends_on_where_one_stands_is_refused(void **state) {
    static const struct {
        const char *list, *what, *hint;
    } cases[] = {
        {"plugins", "expected absolute folders, got 'plugins'",
         "from the root"},
        {"/a:./b:/c", "got './b'", "from the root"},
        {"../a", "got '../a'", "from the root"},
        {":/a", "got an empty one in ':/a'", "colon"},
        {"/a:", "got an empty one in '/a:'", "colon"},
        {"/a::/b", "got an empty one in '/a::/b'", "colon"},
        {":", "got an empty one in ':'", "colon"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_error err = {0};
        if (look_in(cases[i].list, &err) != GB_ERR_INVALID)
            fail_msg("'%s' was taken", cases[i].list);
        if (strstr(err.what, "--plugin-path: ") != err.what ||
            strstr(err.what, cases[i].what) == NULL ||
            strstr(err.hint, cases[i].hint) == NULL)
            fail_msg("'%s': got '%s', hint '%s'", cases[i].list, err.what,
                     err.hint);
    }
}

static void named_folders_come_first_and_once(void **state) {
    static const struct {
        const char *list;
        size_t named;
        const char *names[2];
    } cases[] = {
        {NULL, 0, {NULL, NULL}},    {"", 0, {NULL, NULL}},
        {"/a", 1, {"/a", NULL}},    {"/a:/b", 2, {"/a", "/b"}},
        {"/a:/a", 1, {"/a", NULL}},
    };
    size_t without = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        look(cases[i].list);
        if (i == 0)
            without = count;
        if (count != without + cases[i].named)
            fail_msg("'%s': expected %zu folders, got %zu", cases[i].list,
                     without + cases[i].named, count);
        for (size_t k = 0; k < cases[i].named; k++)
            if (strcmp(folders[k], cases[i].names[k]) != 0)
                fail_msg("'%s': expected '%s', got '%s'", cases[i].list,
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
            a_folder_that_depends_on_where_one_stands_is_refused, forget),
        cmocka_unit_test_teardown(named_folders_come_first_and_once, forget),
        cmocka_unit_test_teardown(installed_folders_come_before_the_build_tree,
                                  forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
