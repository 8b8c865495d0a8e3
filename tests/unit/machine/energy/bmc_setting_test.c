/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine/energy/bmc_setting.h"
#include "machine/energy/set.h"

static void nothing_is_the_own_device(void **state) {
    static const char *const texts[] = {NULL, "", "open"};
    const char *argv[GB_IPMI_ARGV_MAX];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        gb_ipmi_setting setting;
        assert_int_equal(gb_ipmi_setting_parse(texts[i], "n1", &setting, NULL),
                         GB_OK);
        assert_false(setting.lan);
        gb_ipmi_argv(&setting, false, argv);
        const char *expected[] = {"ipmitool", "-I",      "open", "dcmi",
                                  "power",    "reading", NULL};
        for (size_t k = 0; expected[k]; k++)
            assert_string_equal(argv[k], expected[k]);
        assert_null(argv[6]);
        gb_ipmi_argv(&setting, true, argv);
        assert_string_equal(argv[0], "ipmi-dcmi");
        assert_string_equal(argv[1], "--get-system-power-statistics");
        assert_null(argv[2]);
    }
}

static void both_separators_say_the_same(void **state) {
    static const char *const texts[] = {
        "lan:%h-bmc:6230;user=mon;password-file=/etc/bmc+1;cipher=3",
        "lan:%h-bmc:6230+user=mon+password-file=/etc/bmc+cipher=3",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        gb_ipmi_setting setting;
        const char *argv[GB_IPMI_ARGV_MAX];

        assert_int_equal(gb_ipmi_setting_parse(texts[i], "n1", &setting, NULL),
                         GB_OK);
        assert_true(setting.lan);
        gb_ipmi_argv(&setting, false, argv);
        const char *expected[] = {"ipmitool",
                                  "-I",
                                  "lanplus",
                                  "-H",
                                  "n1-bmc",
                                  "-p",
                                  "6230",
                                  "-U",
                                  "mon",
                                  "-f",
                                  i == 0 ? "/etc/bmc+1" : "/etc/bmc",
                                  "-C",
                                  "3",
                                  "-L",
                                  "USER",
                                  "dcmi",
                                  "power",
                                  "reading",
                                  NULL};
        size_t k = 0;
        for (; expected[k]; k++)
            assert_string_equal(argv[k], expected[k]);
        assert_null(argv[k]);
    }
}

static void bad_ipmi_settings_are_refused(void **state) {
    static const char *const texts[] = {
        "bmc1",
        "lan:",
        "lan:-oProxy+password-file=/f",
        "lan:bmc:0+password-file=/f",
        "lan:bmc:70000+password-file=/f",
        "lan:b mc+password-file=/f",
        "lan:bmc",
        "lan:bmc+password-file=f",
        "lan:bmc+password-file=/f+level=ROOT",
        "lan:bmc+password-file=/f+cipher=x",
        "lan:%n+password-file=/f",
        "lan:bmc+password-file=/f+colour=red",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gb_ipmi_setting setting;
        gb_error err = {0};
        if (gb_ipmi_setting_parse(texts[i], "n1", &setting, &err) !=
            GB_ERR_INVALID)
            fail_msg("'%s' taken", texts[i]);
        assert_true(err.what[0] != '\0');
    }
}

static void addresses_are_taken_apart(void **state) {
    static const struct {
        const char *text, *origin, *path;
        bool local;
    } cases[] = {
        {"https://bmc1", "https://bmc1", "", false},
        {"https://bmc1/", "https://bmc1", "", false},
        {"https://bmc1/redfish/v1/", "https://bmc1", "", false},
        {"https://%h.mgmt:8443/redfish/v1/Chassis/1", "https://n1.mgmt:8443",
         "/redfish/v1/Chassis/1", false},
        {"https://[fd00::17]:443/redfish/v1/Systems/Self/",
         "https://[fd00::17]:443", "/redfish/v1/Systems/Self", false},
        {"http://localhost:8000", "http://localhost:8000", "", true},
        {"http://127.0.0.1", "http://127.0.0.1", "", true},
        {"http://[::1]:1", "http://[::1]:1", "", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_redfish_setting setting;
        gb_error err = {0};
        if (gb_redfish_setting_parse(cases[i].text, "n1", &setting, &err) !=
            GB_OK)
            fail_msg("'%s': %s", cases[i].text, err.what);
        assert_string_equal(setting.origin, cases[i].origin);
        assert_string_equal(setting.path, cases[i].path);
        assert_int_equal(setting.local, cases[i].local);
    }
    gb_redfish_setting setting;
    assert_int_equal(
        gb_redfish_setting_parse("https://b;credentials=/e/%h;ca=/c", "n1",
                                 &setting, NULL),
        GB_OK);
    assert_string_equal(setting.credentials, "/e/n1");
    assert_string_equal(setting.ca, "/c");
}

/* In no error: a setting that is refused may hold a password anywhere. */
static void secrets_are_refused_and_not_repeated(void **state) {
    static const char *const texts[] = {
        "https://root:hunter2@bmc1",
        "https://root:hunter2@bmc1/redfish/v1/Chassis/1",
        "https://root:hunter2",
        "https://bmc1?token=hunter2",
        "https://bmc1/redfish/v1/?token=hunter2",
        "https://bmc1/redfish/v1/Chassis/1#hunter2",
        "https://bmc1;password=hunter2",
        "https://bmc1;insecure=hunter2",
        "https://bmc1;hunter2",
        "https://bmc1+hunter2=1",
        "http://hunter2",
        "ftp://hunter2",
        "hunter2",
        "https://bmc1/elsewhere/hunter2",
        "https://%xhunter2",
        "https://bmc1;ca=%xhunter2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gb_redfish_setting setting;
        gb_ipmi_setting ipmi;
        gb_error err = {0}, again = {0};

        if (gb_redfish_setting_parse(texts[i], "n", &setting, &err) !=
            GB_ERR_INVALID)
            fail_msg("'%s' taken", texts[i]);
        if (gb_ipmi_setting_parse(texts[i], "n", &ipmi, &again) !=
            GB_ERR_INVALID)
            fail_msg("'%s' taken", texts[i]);
        assert_null(strstr(err.what, "hunter2"));
        assert_null(strstr(err.hint, "hunter2"));
        assert_null(strstr(again.what, "hunter2"));
        assert_null(strstr(again.hint, "hunter2"));
    }
}

/* Before any of it is written into a plan. */
static void the_set_refuses_them_too(void **state) {
    static const char *const texts[] = {
        "redfish=https://root:hunter2@bmc1",
        "powercap,redfish=https://root:hunt,er2@bmc1",
        "redfish=https://root:pass,hunter2,word@bmc1",
        "redfish=https://bmc1;password=hunter2",
        "ipmi=lan:bmc1+user=root+password=hunter2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gb_error err = {0};
        if (gb_energy_set_check(texts[i], &err) != GB_ERR_INVALID)
            fail_msg("'%s' taken", texts[i]);
        assert_null(strstr(err.what, "er2"));
        assert_null(strstr(err.hint, "er2"));
    }
    assert_int_equal(
        gb_energy_set_check("redfish=https://%h-bmc+credentials=/etc/c,ipmi",
                            NULL),
        GB_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_the_own_device),
        cmocka_unit_test(both_separators_say_the_same),
        cmocka_unit_test(bad_ipmi_settings_are_refused),
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(secrets_are_refused_and_not_repeated),
        cmocka_unit_test(the_set_refuses_them_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
