/* SPDX-License-Identifier: Apache-2.0 */
/* Files into a bundle and out of it again, without a program around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/bundle.h"
#include "archive/files.h"
#include "archive/rundir.h"
#include "support/empty_folder.h"
#include "support/gb_test.h"

typedef struct fixture {
    char folder[64];
    char source[80]; /* a file that goes into the bundle */
    char room[80];   /* where it is unpacked */
    char path[96];
    gb_bundle bundle;
    gb_error err;
} fixture;

static void add(gb_bundle *bundle, const char *name, const char *role,
                const char *path, const char *text) {
    gb_bundle_file *file = gb_bundle_add(bundle, name, role);

    assert_non_null(file);
    file->path = path != NULL ? strdup(path) : NULL;
    file->text = text != NULL ? strdup(text) : NULL;
}

static int set_up(void **state) {
    fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    snprintf(f->folder, sizeof(f->folder), "/tmp/gb-bundle-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->source, sizeof(f->source), "%s/source", f->folder);
    snprintf(f->room, sizeof(f->room), "%s/room", f->folder);
    snprintf(f->path, sizeof(f->path), "%s/b.tar.zst", f->folder);
    assert_int_equal(mkdir(f->room, 0700), 0);
    assert_int_equal(
        gb_rundir_write(f->folder, "source", "a,b\n1,2\n", &f->err), GB_OK);
    f->bundle.date_utc_ns = 1790000000000000000u;
    snprintf(f->bundle.tool_version, sizeof(f->bundle.tool_version), "0.1.0");
    add(&f->bundle, "verdicts.json", "verdicts", NULL, "{}\n");
    add(&f->bundle, "facility/in/hall.csv", "named", f->source, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    fixture *f = *state;

    gb_bundle_fini(&f->bundle);
    assert_int_equal(empty_folder(f->folder), 0);
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

static gb_status seal_and_write(fixture *f) {
    const gb_bundle_notice notice = {0};
    char *manifest = NULL;
    gb_status status = gb_bundle_seal(&f->bundle, &notice, &manifest, &f->err);

    if (status == GB_OK)
        status = gb_bundle_write(f->folder, "b.tar.zst", &f->bundle, manifest,
                                 NULL, &f->err);
    free(manifest);
    return status;
}

static void what_goes_in_comes_out(void **state) {
    fixture *f = *state;
    gb_bundle again = {0};
    gb_validation found = {0};
    bool whole = false;
    char path[PATH_MAX];
    char *text = NULL;
    size_t length = 0;

    GB_EXPECT_STATUS(GB_OK, seal_and_write(f), "write", f->err);
    assert_true(gb_is_bundle(f->path));
    GB_EXPECT_STATUS(
        GB_OK,
        gb_bundle_unpack(f->path, f->room, &again, &found, &whole, &f->err),
        "unpack", f->err);
    assert_true(whole);
    assert_int_equal(found.count, 0);
    assert_int_equal(again.count, 3); /* the metadata came to it */
    assert_non_null(gb_bundle_find(&again, "ro-crate-metadata.json"));
    assert_null(gb_bundle_find(&again, "manifest.json"));
    gb_path_join(path, sizeof(path), f->room, "facility/in/hall.csv");
    assert_int_equal(gb_read_file(path, &text, &length, &f->err), GB_OK);
    assert_string_equal(text, "a,b\n1,2\n");
    free(text);
    gb_bundle_fini(&again);
    gb_validation_fini(&found);
}

static void a_file_that_changes_meanwhile_leaves_no_bundle(void **state) {
    static const char *const changed[] = {"a,b\n1,3\n", "a,b\n", "a,b\n1,22\n"};
    fixture *f = *state;
    const gb_bundle_notice notice = {0};
    char *manifest = NULL;

    GB_EXPECT_STATUS(GB_OK,
                     gb_bundle_seal(&f->bundle, &notice, &manifest, &f->err),
                     "seal", f->err);
    for (size_t i = 0; i < GB_COUNT(changed); i++) {
        assert_int_equal(
            gb_rundir_write(f->folder, "source", changed[i], &f->err), GB_OK);
        GB_EXPECT_STATUS(GB_ERR_INVALID,
                         gb_bundle_write(f->folder, "b.tar.zst", &f->bundle,
                                         manifest, NULL, &f->err),
                         changed[i], f->err);
        assert_non_null(strstr(f->err.what, "changed while"));
        assert_int_not_equal(access(f->path, F_OK), 0);
    }
    free(manifest);
}

static void names_that_lead_elsewhere_are_not_written(void **state) {
    static const char *const names[] = {"../x", "/x", "a/../x", "a//b", "\xff"};
    fixture *f = *state;

    for (size_t i = 0; i < GB_COUNT(names); i++) {
        gb_bundle bundle = {0};
        const gb_bundle_notice notice = {0};
        char *manifest = NULL;
        add(&bundle, names[i], "run", NULL, "x");
        GB_EXPECT_STATUS(GB_ERR_INVALID,
                         gb_bundle_seal(&bundle, &notice, &manifest, &f->err),
                         names[i], f->err);
        assert_null(manifest);
        gb_bundle_fini(&bundle);
    }
    add(&f->bundle, "verdicts.json", "verdicts", NULL, "again");
    GB_EXPECT_STATUS(GB_ERR_INVALID, seal_and_write(f), "twice", f->err);
}

static void links_and_pipes_of_a_run_are_refused(void **state) {
    fixture *f = *state;
    gb_bundle bundle = {0};

    char path[PATH_MAX];
    gb_path_join(path, sizeof(path), f->room, "x");
    assert_int_equal(symlink("/etc/passwd", path), 0);
    GB_EXPECT_STATUS(
        GB_ERR_INVALID,
        gb_bundle_add_run(&bundle, f->room, "runs/a", "a", &f->err), "link",
        f->err);
    gb_bundle_fini(&bundle);
    assert_int_equal(unlink(path), 0);
    gb_path_join(path, sizeof(path), f->room, ".draft");
    assert_int_equal(mkfifo(path, 0600), 0);
    GB_EXPECT_STATUS(
        GB_OK, gb_bundle_add_run(&bundle, f->room, "runs/a", "a", &f->err),
        "draft", f->err);
    assert_int_equal(bundle.count, 0);
    assert_string_equal(bundle.runs[0].folder, "runs/a");
    gb_bundle_fini(&bundle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_in_comes_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_file_that_changes_meanwhile_leaves_no_bundle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            names_that_lead_elsewhere_are_not_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_and_pipes_of_a_run_are_refused,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
