/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gpus.h"

#define VARIABLE "GB_FAKE_ROCM"

static test_source open_as(test_gpus *gpus, const char *text) {
    gpus_open(gpus, FAKE_ROCM, VARIABLE);
    gpus_say(gpus, text);
    return source_open(&gpus->tree, &gb_energy_rocm);
}

static void close_all(test_gpus *gpus, test_source *rocm) {
    source_close(rocm);
    gpus_close(gpus);
}

static void without_a_library_it_is_absent_with_a_fix(void **state) {
    static const char *const settings[] = {"/nonexistent/librocm_smi64.so",
                                           NULL};
    static const char *const whats[] = {"/nonexistent/librocm_smi64.so",
                                        "not the simulated root"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        test_gpus gpus;
        gb_energy_source *source = NULL;
        gb_error err = {0};

        gpus_open(&gpus, settings[i], VARIABLE);
        assert_int_equal(gb_energy_rocm.open(&gpus.tree.env, &source, &err),
                         GB_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.what, whats[i]));
        if (settings[i])
            assert_non_null(strstr(err.hint, "--energy rocm="));
        gpus_close(&gpus);
    }
}

static void a_counter_is_described_in_full(void **state) {
    test_gpus gpus;

    (void)state;
    test_source rocm = open_as(&gpus, "devices 2\ngpu1.step_nj 1000\n");
    assert_int_equal(rocm.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const gb_energy_domain *domain = &rocm.domains[i];
        assert_int_equal(domain->status, GB_DOMAIN_OK);
        assert_int_equal(domain->kind, GB_READING_ENERGY);
        assert_int_equal(domain->scope, GB_SCOPE_ACCEL);
        assert_int_equal(domain->package, i);
        assert_int_equal(domain->refresh, i);
        assert_int_equal(domain->average_ns, 0);
        assert_int_equal(domain->wrap_ticks, 0);
        assert_int_equal(domain->quality, GB_QUALITY_SIMULATED);
        assert_near(domain->max_power_w, 3000, 0);
        assert_near(domain->u_rel, 0.03, 1e-12);
        assert_true(domain->stamped);
        assert_false(domain->shared);
        /* No value is younger than the last read in the background. */
        assert_int_equal(domain->update_ns,
                         gb_energy_rocm.slow_ns(rocm.source));
    }
    assert_true(gb_starts_with(rocm.domains[0].path,
                               "rocm:000000000000abc0 AMD Instinct MI210 "
                               "0000:01:00, driver 6.7.0"));
    /* The library's 15.3 uJ stands for 2^-16 J; another step is its own. */
    assert_near(rocm.domains[0].tick_j, 0x1p-16, 0);
    assert_non_null(strstr(rocm.domains[0].reason, "2^-16 J"));
    assert_near(rocm.domains[1].tick_j, 1e-6, 1e-12);
    assert_near(rocm.domains[1].step_j, 1e-6, 1e-12);
    assert_string_equal(rocm.domains[1].reason, "");
    close_all(&gpus, &rocm);
}

static void only_a_step_near_the_constant_is_corrected(void **state) {
    static const struct {
        unsigned step_nj;
        double tick_j;
    } cases[] = {
        {15259, 0x1p-16}, {15376, 0x1p-16},   {15220, 15.220e-6},
        {15400, 15.4e-6}, {30518, 30.518e-6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        char text[64];

        snprintf(text, sizeof(text), "step_nj %u\n", cases[i].step_nj);
        test_source rocm = open_as(&gpus, text);
        assert_near(rocm.domains[0].tick_j, cases[i].tick_j, 1e-11);
        close_all(&gpus, &rocm);
    }
}

static void readings_carry_the_gpus_own_stamps(void **state) {
    test_gpus gpus;
    gb_energy_reading reading;

    (void)state;
    test_source rocm = open_as(&gpus, "count 65536\nstamp_ns 1000\n");
    gpus_say(&gpus, "count 131072\nstamp_ns 2000000\n");
    rocm.ops->read(rocm.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.ticks, 131072);
    assert_int_equal(reading.stamp_ns, 2000000);
    assert_int_equal(reading.time_ns, gpus.tree.now_ns);
    /* MI100: everything stops; the stamp shows it. */
    rocm.ops->read(rocm.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.stamp_ns, 2000000);
    /* A stamp that is gone is none of a later time. */
    gpus_say(&gpus, "count 131073\nstamp_ns 0\n");
    rocm.ops->read(rocm.source, &reading);
    assert_false(reading.ok);
    close_all(&gpus, &rocm);

    rocm = open_as(&gpus, "count 65536\nstamp_ns 0\n");
    assert_false(rocm.domains[0].stamped);
    rocm.ops->read(rocm.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.stamp_ns, 0);
    close_all(&gpus, &rocm);
}

static void the_second_die_of_a_module_is_in_the_first(void **state) {
    static const struct {
        const char *text;
        gb_domain_status odd;
        const char *reason;
    } cases[] = {
        {"id 0x7408\ngpu1.count 0\n", GB_DOMAIN_UNSUPPORTED, "sibling 'gpu0'"},
        {"id 0x740c\ngpu1.energy_status 2\n", GB_DOMAIN_UNSUPPORTED,
         "sibling 'gpu0'"},
        {"id 1\nname AMD Instinct MI250X\ngpu1.count 0\n",
         GB_DOMAIN_UNSUPPORTED, "sibling 'gpu0'"},
        {"id 0x7408\n", GB_DOMAIN_OK, ""}, /* both count: each its own */
        {"gpu1.count 0\ngpu1.average_uw 0\ngpu1.current_uw 0\n",
         GB_DOMAIN_UNSUPPORTED, "rsmi_dev_energy_count_get"}, /* one die each */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        char text[256];
        gb_energy_reading readings[4];

        snprintf(text, sizeof(text), "devices 4\n%s", cases[i].text);
        test_source rocm = open_as(&gpus, text);
        assert_int_equal(rocm.count, 4);
        if (rocm.domains[1].status != cases[i].odd ||
            !strstr(rocm.domains[1].reason, cases[i].reason))
            fail_msg("%s: %s", cases[i].text, rocm.domains[1].reason);
        assert_int_equal(rocm.domains[0].status, GB_DOMAIN_OK);
        assert_int_equal(rocm.domains[2].status, GB_DOMAIN_OK);
        if (strstr(cases[i].reason, "sibling"))
            assert_non_null(strstr(rocm.domains[0].reason, "both dies"));
        rocm.ops->read(rocm.source, readings);
        assert_int_equal(readings[1].ok, cases[i].odd == GB_DOMAIN_OK);
        close_all(&gpus, &rocm);
    }
}

static void partitions_of_a_gpu_are_counted_once(void **state) {
    test_gpus gpus;

    (void)state;
    test_source rocm = open_as(&gpus, "devices 3\n"
                                      "gpu1.place 1\ngpu1.partition 1\n");
    assert_int_equal(rocm.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(rocm.domains[1].status, GB_DOMAIN_UNSUPPORTED);
    assert_non_null(strstr(rocm.domains[1].reason, "partition of 'gpu0'"));
    assert_int_equal(rocm.domains[2].status, GB_DOMAIN_OK);
    close_all(&gpus, &rocm);
}

static void what_it_refuses_is_never_zero(void **state) {
    static const struct {
        const char *text;
        gb_domain_status status;
        gb_reading_kind kind;
        const char *reason;
    } cases[] = {
        {"energy_status 2\n", GB_DOMAIN_OK, GB_READING_POWER, "averaged power"},
        {"count 0\n", GB_DOMAIN_OK, GB_READING_POWER, "counter is 0"},
        {"count 18446744073709551615\n", GB_DOMAIN_OK, GB_READING_POWER,
         "averaged power"},
        {"energy_status 2\naverage_status 2\n", GB_DOMAIN_OK, GB_READING_POWER,
         "momentary power"},
        /* N/A of MI300X: 65535 W */
        {"energy_status 2\naverage_uw 65535000000\n", GB_DOMAIN_OK,
         GB_READING_POWER, "momentary power"},
        {"energy_status 2\naverage_uw 4294967295\ncurrent_uw 0\n",
         GB_DOMAIN_UNSUPPORTED, GB_READING_ENERGY, "RSMI_STATUS_NOT_SUPPORTED"},
        {"energy_status 4\naverage_status 4\ncurrent_status 4\n",
         GB_DOMAIN_FORBIDDEN, GB_READING_ENERGY, "rsmi_status 4, uid"},
        {"energy_status 2\naverage_status 4\ncurrent_status 4\n",
         GB_DOMAIN_FORBIDDEN, GB_READING_ENERGY, "rsmi_dev_power_ave_get"},
        {"energy_status 6\naverage_status 2\ncurrent_status 2\n",
         GB_DOMAIN_FAILED, GB_READING_ENERGY, "rsmi_status 6"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        gb_energy_reading reading;
        test_source rocm = open_as(&gpus, cases[i].text);
        const gb_energy_domain *domain = &rocm.domains[0];

        if (domain->status != cases[i].status ||
            domain->kind != cases[i].kind ||
            !strstr(domain->reason, cases[i].reason))
            fail_msg("%s: %s, kind %d: %s", cases[i].text,
                     gb_domain_status_name(domain->status), (int)domain->kind,
                     domain->reason);
        rocm.ops->read(rocm.source, &reading);
        assert_int_equal(reading.ok, domain->status == GB_DOMAIN_OK);
        if (reading.ok) {
            assert_int_equal(reading.ticks, 300000000);
            assert_near(domain->tick_j, 1e-6, 0);
        }
        close_all(&gpus, &rocm);
    }
}

static void readings_that_fail_or_mean_nothing_are_not_ok(void **state) {
    static const struct {
        const char *open, *then;
    } cases[] = {
        {"", "count 18446744073709551615\n"},
        {"", "count 4294967295\n"},
        {"", "energy_status 16\n"},
        {"count 0\n", "average_uw 0\n"},
        {"count 0\n", "average_uw 65535000000\n"},
        {"count 0\n", "average_status 16\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        gb_energy_reading reading;
        test_source rocm = open_as(&gpus, cases[i].open);

        rocm.ops->read(rocm.source, &reading);
        assert_true(reading.ok);
        gpus_say(&gpus, cases[i].then);
        rocm.ops->read(rocm.source, &reading);
        if (reading.ok)
            fail_msg("%s was taken for a value", cases[i].then);
        close_all(&gpus, &rocm);
    }
}

static void missing_symbols_are_named_or_worked_around(void **state) {
    test_gpus gpus;

    (void)state;
    gpus_open(&gpus, FAKE_ROCM_BROKEN, VARIABLE);
    test_source rocm = source_open(&gpus.tree, &gb_energy_rocm);
    assert_int_equal(rocm.count, 1);
    assert_int_equal(rocm.domains[0].status, GB_DOMAIN_UNSUPPORTED);
    assert_non_null(strstr(rocm.domains[0].reason, "rsmi_num_monitor_devices"));
    assert_non_null(strstr(rocm.domains[0].path, "gb_fake_rocm_broken"));
    close_all(&gpus, &rocm);

    gpus_open(&gpus, FAKE_ROCM_OLD, VARIABLE);
    rocm = source_open(&gpus.tree, &gb_energy_rocm);
    assert_int_equal(rocm.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(rocm.domains[0].kind, GB_READING_POWER);
    assert_non_null(strstr(rocm.domains[0].reason, "no energy counter"));
    close_all(&gpus, &rocm);
}

static void a_driver_that_does_not_start_says_why(void **state) {
    static const struct {
        const char *text, *what;
        gb_status status;
    } cases[] = {
        {"init 8\n", "rsmi_init", GB_ERR_UNSUPPORTED},
        {"init 4\n", "RSMI_STATUS_PERMISSION", GB_ERR_PERMISSION},
        {"init 6\n", "rsmi_status 6", GB_ERR_IO},
        {"devices 0\n", "lists no GPU", GB_ERR_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        gb_energy_source *source = NULL;
        gb_error err = {0};

        gpus_open(&gpus, FAKE_ROCM, VARIABLE);
        gpus_say(&gpus, cases[i].text);
        assert_int_equal(gb_energy_rocm.open(&gpus.tree.env, &source, &err),
                         cases[i].status);
        if (!strstr(err.what, cases[i].what) || err.hint[0] == '\0')
            fail_msg("%s: '%s' (%s)", cases[i].text, err.what, err.hint);
        gpus_close(&gpus);
    }
}

/* No lock file in /dev/shm is asked for, and what was begun is ended. */
static void it_is_begun_without_shared_locks_and_ended(void **state) {
    test_gpus gpus;
    char text[256], log[64] = "";

    (void)state;
    gpus_open(&gpus, FAKE_ROCM, VARIABLE);
    snprintf(text, sizeof(text), "log %s/log\n", gpus.tree.dir);
    gpus_say(&gpus, text);
    test_source rocm = source_open(&gpus.tree, &gb_energy_rocm);
    source_close(&rocm);
    snprintf(text, sizeof(text), "%s/log", gpus.tree.dir);
    FILE *file = fopen(text, "re");
    assert_non_null(file);
    log[fread(log, 1, sizeof(log) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(log, "init\nshutdown\n");
    gpus_close(&gpus);
    gb_energy_rocm.close(NULL);
}

/* MI100 (amdsmi #38): the counter and its stamp stand until a reboot. */
static void a_counter_that_stands_still_is_stuck_in_the_set(void **state) {
    test_gpus gpus;
    test_real_set real;

    (void)state;
    gpus_open(&gpus, NULL, VARIABLE);
    gpus_say(&gpus, "devices 2\ngpu0.id 0x738c\n"
                    "gpu0.count 65536\ngpu0.stamp_ns 1000\n");
    real_set_open(&real, "rocm", FAKE_ROCM);
    assert_int_equal(real.count, 2);
    assert_int_equal(real.domains[0].status, GB_DOMAIN_STUCK);
    assert_string_equal(real.domains[0].suspect, "frozen_stamp");
    assert_non_null(strstr(real.domains[0].reason, "nor of its own time "
                                                   "stamp"));
    assert_non_null(strstr(real.domains[0].reason, "until a reboot"));
    assert_non_null(strstr(real.domains[0].fix, "restart the node"));
    assert_string_equal(real.domains[1].suspect, "");
    assert_int_equal(real.domains[1].status, GB_DOMAIN_OK);
    assert_int_equal(real.domains[1].quality, GB_QUALITY_SIMULATED);
    const gb_energy_cover *cover = gb_energy_set_cover(real.set);
    assert_int_equal(cover->quality, GB_QUALITY_SIMULATED);
    assert_string_equal(cover->holds, "1 accelerator");
    assert_string_equal(cover->missing, "'rocm gpu0' is stuck");
    real_set_close(&real);
    gpus_close(&gpus);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_library_it_is_absent_with_a_fix),
        cmocka_unit_test(a_counter_is_described_in_full),
        cmocka_unit_test(only_a_step_near_the_constant_is_corrected),
        cmocka_unit_test(readings_carry_the_gpus_own_stamps),
        cmocka_unit_test(the_second_die_of_a_module_is_in_the_first),
        cmocka_unit_test(partitions_of_a_gpu_are_counted_once),
        cmocka_unit_test(what_it_refuses_is_never_zero),
        cmocka_unit_test(readings_that_fail_or_mean_nothing_are_not_ok),
        cmocka_unit_test(missing_symbols_are_named_or_worked_around),
        cmocka_unit_test(a_driver_that_does_not_start_says_why),
        cmocka_unit_test(it_is_begun_without_shared_locks_and_ended),
        cmocka_unit_test(a_counter_that_stands_still_is_stuck_in_the_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
