/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sysroot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/gb_test.h"

/* A small tree in a temporary folder. */
typedef struct tree {
    char path[64];
    gb_sysroot *root;
} tree;

static void put(const tree *t, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", t->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void folder(const tree *t, const char *name) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", t->path, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void put_link(const tree *t, const char *target, const char *name) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", t->path, name);
    assert_int_equal(symlink(target, path), 0);
}

static int open_tree(void **state) {
    tree *t = calloc(1, sizeof(*t));
    gb_error err = {0};
    strcpy(t->path, "/tmp/gb-sysroot-XXXXXX");
    assert_non_null(mkdtemp(t->path));
    folder(t, "sys");
    folder(t, "sys/real");
    put(t, "sys/real/energy_uj", "12345\n");
    put(t, "sys/real/empty", "");
    put(t, "sys/real/negative", "-5\n");
    put(t, "sys/real/junk", "12 apples\n");
    put(t, "sys/real/huge", "18446744073709551616\n");
    /* Its first 64 characters are the number 0. */
    put(t, "sys/long",
        "0000000000000000000000000000000000000000000000000000000000000000"
        "123456789\n");
    put_link(t, "real", "sys/relative");
    put_link(t, "/sys/real", "sys/absolute");
    put_link(t, "../../../../../../etc", "sys/escape");
    put_link(t, "gone", "sys/dangling");
    put_link(t, "loop", "sys/loop");
    assert_int_equal(gb_sysroot_open(t->path, &t->root, &err), GB_OK);
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

static void only_whole_numbers_are_numbers(void **state) {
    tree *t = *state;
    static const struct {
        const char *path;
        gb_status status;
    } cases[] = {
        {"/sys/real/empty", GB_ERR_RANGE},
        {"/sys/real/negative", GB_ERR_RANGE},
        {"/sys/real/junk", GB_ERR_RANGE},
        {"/sys/real/huge", GB_ERR_RANGE},
        {"/sys/long", GB_ERR_RANGE},
        {"/sys/real/absent", GB_ERR_NOT_FOUND},
        {"/sys/real/energy_uj", GB_OK},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        uint64_t value = 7;
        gb_error err = {0};
        GB_EXPECT_STATUS(
            cases[i].status,
            gb_sysroot_read_u64(t->root, cases[i].path, &value, &err),
            cases[i].path, err);
        assert_int_equal(value, cases[i].status == GB_OK ? 12345 : 7);
        if (cases[i].status != GB_OK)
            assert_non_null(strstr(err.what, cases[i].path));
    }
}

static void links_stay_inside_the_root(void **state) {
    tree *t = *state;
    uint64_t value = 0;
    char real[256];
    gb_error err = {0};
    assert_int_equal(
        gb_sysroot_read_u64(t->root, "/sys/relative/energy_uj", &value, &err),
        GB_OK);
    assert_int_equal(
        gb_sysroot_read_u64(t->root, "/sys/absolute/energy_uj", &value, &err),
        GB_OK);
    /* "/etc" of the root, which is not there, and not the host's. */
    assert_int_equal(gb_sysroot_kind(t->root, "/sys/escape/passwd"),
                     GB_PATH_ABSENT);
    assert_int_equal(gb_sysroot_real_path(t->root, "/sys/absolute/energy_uj",
                                          real, sizeof(real), &err),
                     GB_OK);
    assert_string_equal(real, "/sys/real/energy_uj");
    assert_int_equal(gb_sysroot_read_u64(t->root, "/sys/loop", &value, &err),
                     GB_ERR_IO);
    assert_int_equal(err.os_errno, ELOOP);
}

static void a_dangling_link_is_not_an_absent_file(void **state) {
    tree *t = *state;
    assert_int_equal(gb_sysroot_kind(t->root, "/sys/dangling"),
                     GB_PATH_DANGLING);
    assert_int_equal(gb_sysroot_kind(t->root, "/sys/nothing"), GB_PATH_ABSENT);
    assert_int_equal(gb_sysroot_kind(t->root, "/sys/relative"), GB_PATH_DIR);
    assert_int_equal(gb_sysroot_kind(t->root, "/sys/real/energy_uj"),
                     GB_PATH_FILE);
}

static int refuse_energy(void *ctx, const char *path) {
    (*(int *)ctx)++;
    return strstr(path, "energy_uj") != NULL ? EACCES : 0;
}

static void injected_faults_reach_every_access(void **state) {
    tree *t = *state;
    int calls = 0, fd = -1;
    uint64_t value = 7;
    gb_error err = {0};
    assert_int_equal(
        gb_sysroot_open_file(t->root, "/sys/real/energy_uj", &fd, &err), GB_OK);
    gb_sysroot_set_fault(t->root, refuse_energy, &calls);
    assert_int_equal(
        gb_sysroot_pread_u64(t->root, fd, "/sys/real/energy_uj", &value, &err),
        GB_ERR_PERMISSION);
    assert_int_equal(err.os_errno, EACCES);
    assert_non_null(strstr(err.what, "(uid "));
    assert_int_equal(
        gb_sysroot_read_u64(t->root, "/sys/real/energy_uj", &value, &err),
        GB_ERR_PERMISSION);
    assert_int_equal(gb_sysroot_kind(t->root, "/sys/real/energy_uj"),
                     GB_PATH_FILE);
    assert_true(calls >= 3);
    assert_int_equal(value, 7);
    close(fd);
}

/* Rule 43: sysfs makes the text anew for a read at offset 0, and its size on
 * disk says nothing. */
static void a_kept_descriptor_is_read_from_its_begin(void **state) {
    static const struct {
        const char *text;
        gb_status status;
        uint64_t value;
    } cases[] = {
        {"1\n", GB_OK, 1},
        {"18446744073709551615\n", GB_OK, UINT64_MAX},
        {"18446744073709551616\n", GB_ERR_RANGE, 7},
        {"", GB_ERR_RANGE, 7},
        {"12 J\n", GB_ERR_RANGE, 7},
        {"-1\n", GB_ERR_RANGE, 7},
        {"42\n", GB_OK, 42},
        {"0000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000000000000000000001\n",
         GB_ERR_RANGE, 7},
        {"9\n", GB_OK, 9},
    };
    const char *path = "/sys/real/energy_uj";
    tree *t = *state;
    int fd = -1;
    gb_error err = {0};

    assert_int_equal(gb_sysroot_open_file(t->root, path, &fd, &err), GB_OK);
    for (size_t i = 0; i < GB_COUNT(cases); i++)
        for (int again = 0; again < 2; again++) {
            uint64_t value = 7;
            put(t, "sys/real/energy_uj", cases[i].text);
            GB_EXPECT_STATUS(
                cases[i].status,
                gb_sysroot_pread_u64(t->root, fd, path, &value, &err),
                cases[i].text, err);
            assert_int_equal(value, cases[i].value);
        }
    close(fd);
}

static void names_come_sorted(void **state) {
    tree *t = *state;
    char **names = NULL;
    size_t count = 0;
    gb_error err = {0};
    assert_int_equal(
        gb_sysroot_list(t->root, "/sys/relative", &names, &count, &err), GB_OK);
    assert_int_equal(count, 5);
    assert_string_equal(names[0], "empty");
    assert_string_equal(names[4], "negative");
    gb_sysroot_free_names(names, count);
}

static void a_file_too_long_is_not_cut(void **state) {
    tree *t = *state;
    char text[4] = "abc";
    gb_error err = {0};
    assert_int_equal(gb_sysroot_read_text(t->root, "/sys/real/energy_uj", text,
                                          sizeof(text), &err),
                     GB_ERR_RANGE);
    assert_string_equal(text, "abc");
}

static void another_user_is_named_in_the_refusal(void **state) {
    tree *t = *state;
    char path[128];
    if (geteuid() != 0) {
        print_message("skipped: needs root to become another user\n");
        skip();
    }
    snprintf(path, sizeof(path), "%s/sys/real/energy_uj", t->path);
    assert_int_equal(chmod(t->path, 0755), 0);
    assert_int_equal(chmod(path, 0400), 0);
    const pid_t child = fork();
    if (child == 0) {
        uint64_t value = 0;
        gb_error err = {0};
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(3);
        const gb_status status =
            gb_sysroot_read_u64(t->root, "/sys/real/energy_uj", &value, &err);
        _exit(status == GB_ERR_PERMISSION &&
                      strstr(err.what, "(uid 65534)") != NULL
                  ? 0
                  : 1);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
}

static void a_missing_root_is_refused(void **state) {
    (void)state;
    gb_sysroot *root = NULL;
    gb_error err = {0};
    assert_int_equal(gb_sysroot_open("/no/such/root", &root, &err),
                     GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "/no/such/root"));
    assert_null(root);
    assert_int_equal(gb_sysroot_open(NULL, &root, &err), GB_OK);
    assert_false(gb_sysroot_simulated(root));
    gb_sysroot_close(root);
}

int main(void) {
#define IN_TREE(test)                                                          \
    cmocka_unit_test_setup_teardown(test, open_tree, close_tree)
    const struct CMUnitTest tests[] = {
        IN_TREE(only_whole_numbers_are_numbers),
        IN_TREE(links_stay_inside_the_root),
        IN_TREE(a_dangling_link_is_not_an_absent_file),
        IN_TREE(injected_faults_reach_every_access),
        IN_TREE(a_kept_descriptor_is_read_from_its_begin),
        IN_TREE(names_come_sorted),
        IN_TREE(a_file_too_long_is_not_cut),
        IN_TREE(another_user_is_named_in_the_refusal),
        cmocka_unit_test(a_missing_root_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
