/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"

/* FIPS 180-2, appendices B.1 and B.3. */
static const char of_abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char of_a_million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void a_missing_file_is_told(void **state) {
    char hex[GB_SHA256_SIZE];
    uint64_t size_bytes = 0;
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_sha256_file("/no/such", hex, &size_bytes, &err),
                     GB_ERR_NOT_FOUND);
    assert_int_equal(gb_sha256_file("/tmp", hex, &size_bytes, &err), GB_ERR_IO);
}

static void it_is_that_of_the_standard(void **state) {
    char hex[GB_SHA256_SIZE];
    gb_error err = {0};
    char *text = malloc(1000000);
    (void)state;
    assert_int_equal(gb_sha256_bytes("abc", 3, hex, &err), GB_OK);
    assert_string_equal(hex, of_abc);
    memset(text, 'a', 1000000);
    assert_int_equal(gb_sha256_bytes(text, 1000000, hex, &err), GB_OK);
    assert_string_equal(hex, of_a_million_a);

    char path[] = "/tmp/gb-sha256-XXXXXX";
    uint64_t size_bytes = 0;
    const int fd = mkstemp(path);
    assert_int_equal(write(fd, text, 1000000), 1000000);
    close(fd);
    assert_int_equal(gb_sha256_file(path, hex, &size_bytes, &err), GB_OK);
    assert_string_equal(hex, of_a_million_a);
    assert_int_equal(size_bytes, 1000000);
    unlink(path);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_told),
        cmocka_unit_test(it_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
