/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/analyse/analyse.h"

static char *read_all(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    const long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    char *text = calloc((size_t)size + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return text;
}

static void each_formula_is_quoted_in_the_method(void **state) {
    char *method = read_all(GB_TEST_METHOD);

    (void)state;
    assert_true(gb_metric_count > 0);
    for (size_t i = 0; i < gb_metric_count; i++) {
        char name[80];

        snprintf(name, sizeof(name), "`%s`", gb_metrics[i].name);
        if (strstr(method, gb_metrics[i].formula) == NULL ||
            strstr(method, name) == NULL)
            fail_msg("docs/method.md does not quote '%s': %s",
                     gb_metrics[i].name, gb_metrics[i].formula);
    }
    free(method);
}

static void each_metric_has_one_row(void **state) {
    (void)state;
    for (size_t i = 0; i < gb_metric_count; i++) {
        assert_true(gb_metrics[i].unit[0] != '\0');
        assert_true(gb_metrics[i].source[0] != '\0');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(gb_metrics[i].name, gb_metrics[j].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_formula_is_quoted_in_the_method),
        cmocka_unit_test(each_metric_has_one_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
