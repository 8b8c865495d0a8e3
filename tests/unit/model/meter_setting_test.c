/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/meter_setting.h"

static gb_meter_setting setting;
static gb_error err;

static gb_status parse(const char *text) {
    err = (gb_error){0};
    return gb_meter_setting_parse(text, strlen(text), "node17", &setting, &err);
}

static void an_id_and_its_options(void **state) {
    static const char *const texts[] = {
        "acme.pdu;host=pdu7;outlet=3",
        "acme.pdu+host=pdu7+outlet=3",
        "acme.pdu;;host=pdu7;outlet=3;",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(parse(texts[i]), GB_OK);
        assert_string_equal(setting.id, "acme.pdu");
        assert_int_equal(setting.option_count, 2);
        assert_string_equal(setting.options[0].name, "host");
        assert_string_equal(setting.options[0].value, "pdu7");
        assert_string_equal(setting.options[1].name, "outlet");
        assert_string_equal(setting.options[1].value, "3");
    }
    assert_int_equal(parse("acme.pdu"), GB_OK);
    assert_int_equal(setting.option_count, 0);
}

static void values_may_hold_much(void **state) {
    (void)state;
    assert_int_equal(parse("acme.pdu;url=http://%h/a+b=c,d"), GB_OK);
    assert_string_equal(setting.options[0].value, "http://node17/a+b=c,d");
    assert_int_equal(parse("acme.pdu;at=5%;empty="), GB_OK);
    assert_string_equal(setting.options[0].value, "5%");
    assert_string_equal(setting.options[1].value, "");
    assert_int_equal(gb_meter_options_parse("host=%h+x=1", "n", &setting, &err),
                     GB_OK);
    assert_int_equal(setting.option_count, 2);
    assert_string_equal(setting.options[0].value, "n");
}

static void what_will_not_do_is_refused(void **state) {
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"", "the id of a meter plugin first"},
        {"host=pdu7", "the id of a meter plugin first"},
        {"Acme PDU;x=1", "the id of a meter plugin first"},
        {"acme.pdu;outlet", "expected KEY=VALUE"},
        {"acme.pdu;=3", "expected KEY=VALUE"},
        {"acme.pdu;Out let=3", "expected KEY=VALUE"},
        {"acme.pdu;outlet=3;outlet=4", "got outlet= twice"},
        {"acme.pdu;password=x", "no secrets"},
        {"acme.pdu;token=x", "no secrets"},
        {"acme.pdu;a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1;j=1;k=1;l=1;m=1;n=1;"
         "o=1;p=1;q=1",
         "at most 16 options"},
    };
    char longer[400] = "acme.pdu;host=";

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i].text), GB_ERR_INVALID);
        if (strstr(err.what, cases[i].what) == NULL)
            fail_msg("'%s': %s", cases[i].text, err.what);
    }
    memset(longer + strlen(longer), 'x', 300);
    assert_int_equal(parse(longer), GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "at most 255 characters"));
}

static void a_secret_is_not_repeated(void **state) {
    static const char *const texts[] = {
        "acme.pdu;password=hunter2",
        "acme.pdu;pass word hunter2",
        "hunter2 is it;host=x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(parse(texts[i]), GB_ERR_INVALID);
        assert_null(strstr(err.what, "hunter2"));
        assert_null(strstr(err.hint, "hunter2"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_and_its_options),
        cmocka_unit_test(values_may_hold_much),
        cmocka_unit_test(what_will_not_do_is_refused),
        cmocka_unit_test(a_secret_is_not_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
