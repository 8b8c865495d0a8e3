/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/plugin/mpi_library.h"

static void an_mpi_library_is_known_by_its_soname(void **state) {
    (void)state;
    assert_true(gb_mpi_library_is("libmpi.so.40"));
    assert_true(gb_mpi_library_is("libmpich.so.12"));
    assert_true(gb_mpi_library_is("libmpi.so.99"));
    assert_false(gb_mpi_library_is("libmpi_cxx.so.40"));
    assert_false(gb_mpi_library_is("libm.so.6"));
}

static void handles_agree_within_a_family(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool agree;
    } cases[] = {
        {"libmpi.so.40", "libmpi.so.40", true},
        {"libmpi.so.40", "libmpich.so.12", false},
        {"libmpi.so.12", "libmpich.so.12", true}, /* Intel MPI and MPICH */
        {"libmpi.so.20", "libmpi.so.40", false},
        {"libmpi.so.99", "libmpi.so.99", true},
        {"libmpi.so.99", "libmpi.so.40", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(gb_mpi_library_agree(cases[i].a, cases[i].b),
                         cases[i].agree);
        assert_int_equal(gb_mpi_library_agree(cases[i].b, cases[i].a),
                         cases[i].agree);
    }
}

static void a_name_tells_the_family_where_it_is_known(void **state) {
    (void)state;
    char name[64];
    gb_mpi_library_name("libmpi.so.40", name, sizeof(name));
    assert_string_equal(name, "Open MPI (libmpi.so.40)");
    gb_mpi_library_name("libmpi.so.99", name, sizeof(name));
    assert_string_equal(name, "libmpi.so.99");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_mpi_library_is_known_by_its_soname),
        cmocka_unit_test(handles_agree_within_a_family),
        cmocka_unit_test(a_name_tells_the_family_where_it_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
