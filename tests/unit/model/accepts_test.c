/* SPDX-License-Identifier: Apache-2.0 */
#include "model/accepts.h"

#include <stdlib.h>

#include "support/gb_test.h"

static void declarations_are_checked(void **state) {
    (void)state;
    static const char *const bad[] = {"",    "|",    "a||b",    "1..",
                                      "..5", "9..1", "4KiB..x", "1..2..3"};
    static const char *const good[] = {"fp32|fp64", "auto|4KiB..64GiB",
                                       "1..1024", "0.5..2.0", "auto"};
    gb_error err = {0};
    for (size_t i = 0; i < GB_COUNT(bad); i++)
        GB_EXPECT_STATUS(GB_ERR_INVALID, gb_accepts_check(bad[i], &err), bad[i],
                         err);
    for (size_t i = 0; i < GB_COUNT(good); i++)
        GB_EXPECT_STATUS(GB_OK, gb_accepts_check(good[i], &err), good[i], err);
    GB_EXPECT_STATUS(GB_OK, gb_accepts_check(NULL, &err), "any text", err);
}

static void values(void **state) {
    (void)state;
    static const struct {
        const char *accepts, *text;
        gb_status status;
        gb_value_kind kind;
        double f64;
    } cases[] = {
        {"4KiB..64GiB", "12B", GB_ERR_RANGE, 0, 0},
        {"4KiB..64GiB", "128GiB", GB_ERR_RANGE, 0, 0},
        {"fp32|fp64", "fp16", GB_ERR_RANGE, 0, 0},
        {"1..1024", "1.5", GB_ERR_RANGE, 0, 0},
        {"1..1024", "0", GB_ERR_RANGE, 0, 0},
        {"0.5..2.0", "2.5", GB_ERR_RANGE, 0, 0},
        {"4KiB..64GiB", "4KiB", GB_OK, GB_VALUE_BYTES, 4096},
        {"auto|4KiB..64GiB", "auto", GB_OK, GB_VALUE_TEXT, 0},
        {"fp32|fp64", "fp64", GB_OK, GB_VALUE_TEXT, 0},
        {"1..1024", "1024", GB_OK, GB_VALUE_U64, 1024},
        {"0.5..2.0", "1.25", GB_OK, GB_VALUE_F64, 1.25},
        {"0.5..2.0", "1%", GB_ERR_RANGE, 0, 0},
        {"1%..95%", "80%", GB_OK, GB_VALUE_F64, 80},
        {"1%..95%", "12.5", GB_OK, GB_VALUE_F64, 12.5},
        {"1%..95%", "96%", GB_ERR_RANGE, 0, 0},
        {"1%..95%", "%", GB_ERR_RANGE, 0, 0},
        {"1%..95%", "80%%", GB_ERR_RANGE, 0, 0},
        {NULL, "anything", GB_OK, GB_VALUE_TEXT, 0},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_plan_param param = {0};
        gb_error err = {0};
        GB_EXPECT_STATUS(
            cases[i].status,
            gb_accepts_parse(cases[i].accepts, cases[i].text, &param, &err),
            cases[i].text, err);
        if (cases[i].status == GB_OK) {
            assert_int_equal(param.kind, cases[i].kind);
            GB_EXPECT_NEAR(cases[i].f64, param.f64, 0.0, cases[i].text);
        }
    }
}

static void a_refusal_says_expected_got_and_suggests(void **state) {
    (void)state;
    gb_plan_param param = {0};
    gb_error err = {0};
    gb_accepts_parse("fp32|fp64", "fp46", &param, &err);
    assert_string_equal(err.what, "expected fp32|fp64, got 'fp46'");
    assert_string_equal(err.hint, "did you mean 'fp64'?");
}

static void sweeps(void **state) {
    (void)state;
    static const struct {
        const char *accepts, *text, *joined;
    } cases[] = {
        {"1B..1GiB", "8B..64B", "8B 16B 32B 64B"},
        {"1B..1GiB", "1KiB..1MiB*32", "1KiB 32KiB 1MiB"},
        {"1B..1GiB", "8B..63B", "8B 16B 32B"},
        {"1..100", "1..10+3", "1 4 7 10"},
        {"1..100", "7", "7"},
        {"10%..100%", "10%..40%+10%", "10% 20% 30% 40%"},
        {"0.1..2.0", "0.1..0.3+0.1", "0.1 0.2 0.3"},
        {NULL, "a..b", "a..b"},
        {"1..100", "1..100*0.5", NULL},
        {"1..100", "5..1", NULL},
        {"1..100000", "1..100000+1", NULL},
        {"1..100", "0..4", NULL},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        char **texts = NULL, joined[256] = "";
        size_t count = 0;
        gb_error err = {0};
        GB_EXPECT_STATUS(cases[i].joined != NULL ? GB_OK : GB_ERR_RANGE,
                         gb_accepts_expand(cases[i].accepts, cases[i].text,
                                           &texts, &count, &err),
                         cases[i].text, err);
        for (size_t k = 0; k < count; k++) {
            strcat(joined, k > 0 ? " " : "");
            strcat(joined, texts[k]);
            free(texts[k]);
        }
        free(texts);
        if (cases[i].joined != NULL)
            GB_EXPECT_TEXT(cases[i].joined, joined, cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declarations_are_checked),
        cmocka_unit_test(values),
        cmocka_unit_test(a_refusal_says_expected_got_and_suggests),
        cmocka_unit_test(sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
