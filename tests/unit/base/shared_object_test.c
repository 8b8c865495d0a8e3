/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/shared_object.h"

typedef struct maths {
    double (*cbrt)(double);
    double (*floor)(double);
} maths;

static void functions_are_found_and_can_be_called(void **state) {
    const gb_symbol symbols[] = {{"cbrt", offsetof(maths, cbrt)},
                                 {"floor", offsetof(maths, floor)}};
    maths m = {0};
    void *handle = NULL;

    (void)state;
    assert_int_equal(gb_shared_object_open("libm.so.6", symbols, 2, "no hint",
                                           &m, &handle, NULL),
                     GB_OK);
    assert_non_null(handle);
    assert_true(m.cbrt(27.0) > 2.999 && m.cbrt(27.0) < 3.001);
    assert_int_equal((int)m.floor(2.5), 2);
    gb_shared_object_close(handle);
}

static void what_is_missing_is_named_with_the_hint(void **state) {
    const gb_symbol symbols[] = {{"cbrt", offsetof(maths, cbrt)},
                                 {"gb_no_such", offsetof(maths, floor)}};
    static const struct {
        const char *file, *says;
    } cases[] = {
        {"libm.so.6", "expected 'gb_no_such' in libm.so.6, found none"},
        {"libgb-no-such.so.1", "cannot load libgb-no-such.so.1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        maths m = {0};
        void *handle = NULL;
        gb_error err = {0};
        assert_int_equal(gb_shared_object_open(cases[i].file, symbols, 2,
                                               "install it", &m, &handle, &err),
                         GB_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.what, cases[i].says));
        assert_string_equal(err.hint, "install it");
        assert_null(handle);
    }
}

static int checks;

static gb_status refuse_once(const void *library, gb_error *err) {
    const maths *m = library;

    assert_int_equal((int)m->floor(2.5), 2);
    return ++checks == 1 ? gb_fail(err, GB_ERR_UNSUPPORTED, NULL, "too old")
                         : GB_OK;
}

static void a_library_that_is_refused_is_not_kept(void **state) {
    const gb_symbol symbols[] = {{"floor", offsetof(maths, floor)}};
    const gb_shared_object object = {"libm.so.6", symbols, 1, "no hint",
                                     refuse_once};
    maths m = {0};
    void *handle = NULL;
    gb_error err = {0};

    (void)state;
    assert_int_equal(gb_shared_object_load(&object, &m, &handle, &err),
                     GB_ERR_UNSUPPORTED);
    assert_string_equal(err.what, "too old");
    assert_null(handle);
    assert_int_equal(gb_shared_object_load(&object, &m, &handle, &err), GB_OK);
    assert_non_null(handle);
    assert_int_equal(gb_shared_object_load(&object, &m, &handle, &err), GB_OK);
    assert_int_equal(checks, 2);
    gb_shared_object_close(handle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found_and_can_be_called),
        cmocka_unit_test(what_is_missing_is_named_with_the_hint),
        cmocka_unit_test(a_library_that_is_refused_is_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
