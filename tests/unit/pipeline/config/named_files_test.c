/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pipeline/config/named_files.h"
#include "support/gb_test.h"

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void what_stands_at_the_key_is_named_once(void **state) {
    char path[] = "/tmp/gb-named-XXXXXX";
    gb_named_files files = {0};
    gb_error err = {0};
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    write_file(path, "name: file\n"
                     "meters:\n"
                     "- {id: a, file: a.csv}\n"
                     "- {id: b, file: ../b.csv, of: {file: [{file: c.csv}]}}\n"
                     "- {id: c, file: a.csv, profile: d.csv}\n");
    GB_EXPECT_STATUS(GB_OK, gb_named_files_read(path, &files, &err), "read",
                     err);
    assert_int_equal(files.count, 3);
    assert_string_equal(files.names[0], "a.csv");
    assert_string_equal(files.names[1], "../b.csv");
    assert_string_equal(files.names[2], "c.csv");
    gb_named_files_fini(&files);
    write_file(path, "a: [\n");
    GB_EXPECT_STATUS(GB_ERR_INVALID, gb_named_files_read(path, &files, &err),
                     "broken", err);
    gb_named_files_fini(&files);
    unlink(path);
    GB_EXPECT_STATUS(GB_ERR_NOT_FOUND, gb_named_files_read(path, &files, &err),
                     "missing", err);
    gb_named_files_fini(&files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_at_the_key_is_named_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
