/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a template, and what is refused before anything is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sdk/project.h"

static void names_are_replaced_longest_first(void **state) {
    static const struct {
        const char *text, *id, *expected;
    } cases[] = {
        {"acme.axpy acme_axpy axpy.c", "zen.spmv", "zen.spmv zen_spmv spmv.c"},
        {"contract.acme.axpy", "a.b.c", "contract.a.b.c"},
        {"acme_axpy", "a.b.c", "a_b_c"},
        {"axpy_create(axpy)", "a.b.c", "c_create(c)"},
        {"acme acme. axp", "a.b", "acme acme. axp"},
        /* An id that holds a template's name is not replaced again. */
        {"acme.axpy", "my.axpy2", "my.axpy2"},
        {"", "a.b", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *got = gb_sdk_project_rename(cases[i].text, cases[i].id);
        assert_non_null(got);
        assert_string_equal(got, cases[i].expected);
        free(got);
    }
}

static void what_will_not_do_is_refused_before_a_folder_is_made(void **state) {
    static const struct {
        const char *id, *kind, *language, *expected;
        gb_status status;
    } cases[] = {
        {"spmv", "benchmark", "c", "expected an id such as 'acme.spmv'",
         GB_ERR_INVALID},
        {"Acme.spmv", "benchmark", "c", "expected an id such as",
         GB_ERR_INVALID},
        {"acme.", "benchmark", "c", "expected an id such as", GB_ERR_INVALID},
        {"acme.3d", "benchmark", "c", "begin with a letter", GB_ERR_INVALID},
        {"_acme.x", "benchmark", "c", "begin with a letter", GB_ERR_INVALID},
        {"compute.spmv", "benchmark", "c", "'compute.' is greenbench's",
         GB_ERR_INVALID},
        {"acme.spmv", "benchmark", "rust", "got 'rust'", GB_ERR_INVALID},
        {"acme.spmv", "benchmark", "c", "expected templates in",
         GB_ERR_NOT_FOUND},
        {"meters.pdu", "meter", "c", "'meters.' is greenbench's",
         GB_ERR_INVALID},
        {"acme.pdu", "sensor", "c", "expected benchmark or meter, got 'sensor'",
         GB_ERR_INVALID},
        {"acme.pdu", "meter", "fortran", "expected c for a meter",
         GB_ERR_INVALID},
        {"acme.pdu", "meter", "c", "expected templates in", GB_ERR_NOT_FOUND},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_error err = {0};
        assert_int_equal(gb_sdk_project_new("/no/such/templates", cases[i].kind,
                                            cases[i].language, cases[i].id,
                                            "never-made", &err),
                         cases[i].status);
        assert_non_null(strstr(err.what, cases[i].expected));
        assert_int_not_equal(access("never-made", F_OK), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_replaced_longest_first),
        cmocka_unit_test(what_will_not_do_is_refused_before_a_folder_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
