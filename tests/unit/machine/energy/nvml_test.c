/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/text.h"
#include "gpus.h"
#include "machine/energy/nvml_api.h"

#define VARIABLE "GB_FAKE_NVML"

static test_source open_as(test_gpus *gpus, const char *text) {
    gpus_open(gpus, FAKE_NVML, VARIABLE);
    gpus_say(gpus, text);
    return source_open(&gpus->tree, &gb_energy_nvml);
}

static void close_all(test_gpus *gpus, test_source *nvml) {
    source_close(nvml);
    gpus_close(gpus);
}

static void without_a_library_it_is_absent_with_a_fix(void **state) {
    test_gpus gpus;
    gb_energy_source *source = NULL;
    gb_error err = {0};

    (void)state;
    gpus_open(&gpus, "/nonexistent/libnvidia-ml.so.1", VARIABLE);
    assert_int_equal(gb_energy_nvml.open(&gpus.tree.env, &source, &err),
                     GB_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.what, "/nonexistent/libnvidia-ml.so.1"));
    assert_non_null(strstr(err.hint, "--energy nvml="));
    assert_null(source);
    gpus_close(&gpus);
}

static void a_simulated_root_has_no_library_of_this_machine(void **state) {
    static const char *const settings[] = {NULL, ""};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        test_gpus gpus;
        gb_energy_source *source = NULL;
        gb_error err = {0};

        gpus_open(&gpus, settings[i], VARIABLE);
        assert_int_equal(gb_energy_nvml.open(&gpus.tree.env, &source, &err),
                         GB_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.what, "not the simulated root"));
        gpus_close(&gpus);
    }
}

static void a_counter_is_described_in_full(void **state) {
    test_gpus gpus;

    (void)state;
    test_source nvml = open_as(&gpus, "devices 2\n"
                                      "gpu1.name NVIDIA L40S\n"
                                      "gpu1.pci_device 0x26b9\n"
                                      "gpu1.architecture 8\n");
    assert_int_equal(nvml.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const gb_energy_domain *domain = &nvml.domains[i];
        assert_int_equal(domain->status, GB_DOMAIN_OK);
        assert_int_equal(domain->kind, GB_READING_ENERGY);
        assert_int_equal(domain->scope, GB_SCOPE_ACCEL);
        assert_int_equal(domain->package, i);
        assert_int_equal(domain->refresh, i);
        assert_int_equal(domain->update_ns, 100 * MS);
        assert_int_equal(domain->average_ns, 0);
        assert_int_equal(domain->wrap_ticks, 0);
        assert_int_equal(domain->quality, GB_QUALITY_SIMULATED);
        assert_false(domain->shared);
        assert_false(domain->stamped);
        assert_near(domain->tick_j, 1e-3, 0);
        assert_near(domain->step_j, 1e-3, 0);
        assert_near(domain->max_power_w, 800, 1e-9);
        assert_non_null(strstr(domain->path, "driver 550.54.15"));
    }
    assert_string_equal(nvml.domains[0].name, "gpu0");
    assert_string_equal(nvml.domains[1].name, "gpu1");
    assert_true(gb_starts_with(nvml.domains[0].path,
                               "nvml:GPU-00000000-0000-4000-8000-000000000000 "
                               "NVIDIA A100-SXM4-40GB 00000000:01:00.0"));
    /* The sensor of GA100 looks a quarter of the time. */
    assert_near(nvml.domains[0].u_rel, 0.06, 1e-12);
    assert_non_null(strstr(nvml.domains[0].reason, "25 % of the time"));
    assert_near(nvml.domains[1].u_rel, 0.03, 1e-12);
    assert_string_equal(nvml.domains[1].reason, "");
    assert_int_equal(gb_energy_nvml.slow_ns(nvml.source), 100 * MS);
    close_all(&gpus, &nvml);
}

static void readings_are_the_counters_of_each_gpu(void **state) {
    test_gpus gpus;
    gb_energy_reading readings[3];

    (void)state;
    test_source nvml = open_as(&gpus, "devices 3\nenergy_mj 5000\n"
                                      "gpu1.handle_status 4\n");
    gpus_say(&gpus, "energy_mj 7500\ngpu2.energy_mj 18446744073709551614\n");
    nvml.ops->read(nvml.source, readings);
    assert_true(readings[0].ok);
    assert_int_equal(readings[0].ticks, 7500);
    assert_int_equal(readings[0].time_ns, gpus.tree.now_ns);
    assert_false(readings[1].ok);
    assert_true(readings[2].ok);
    assert_int_equal(readings[2].ticks, UINT64_MAX - 1);
    assert_int_equal(nvml.domains[1].status, GB_DOMAIN_FORBIDDEN);
    assert_non_null(strstr(nvml.domains[1].reason, "nvmlReturn 4, uid"));
    assert_true(nvml.domains[1].fix[0] != '\0');
    close_all(&gpus, &nvml);
}

static void a_missing_essential_symbol_is_named_with_its_library(void **state) {
    test_gpus gpus;
    gb_energy_reading reading;

    (void)state;
    gpus_open(&gpus, FAKE_NVML_BROKEN, VARIABLE);
    test_source nvml = source_open(&gpus.tree, &gb_energy_nvml);
    assert_int_equal(nvml.count, 1);
    assert_int_equal(nvml.domains[0].status, GB_DOMAIN_UNSUPPORTED);
    assert_int_equal(nvml.domains[0].quality, GB_QUALITY_UNAVAILABLE);
    assert_non_null(strstr(nvml.domains[0].reason, "nvmlDeviceGetCount_v2"));
    assert_non_null(strstr(nvml.domains[0].path, "gb_fake_nvml_broken"));
    nvml.ops->read(nvml.source, &reading);
    assert_false(reading.ok);
    close_all(&gpus, &nvml);
}

static void without_the_counters_symbol_power_is_read(void **state) {
    test_gpus gpus;
    gb_energy_reading reading;

    (void)state;
    gpus_open(&gpus, FAKE_NVML_OLD, VARIABLE);
    test_source nvml = source_open(&gpus.tree, &gb_energy_nvml);
    const gb_energy_domain *domain = &nvml.domains[0];
    assert_int_equal(domain->status, GB_DOMAIN_OK);
    assert_int_equal(domain->kind, GB_READING_POWER);
    /* Of a GPU not known, the slower kind of sensor. */
    assert_int_equal(domain->average_ns, S);
    assert_near(domain->max_power_w, 3000, 0);
    assert_non_null(strstr(domain->reason, "no energy counter"));
    assert_non_null(strstr(domain->path, "unnamed GPU"));
    nvml.ops->read(nvml.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.ticks, 250000);
    close_all(&gpus, &nvml);
}

static void what_nvml_refuses_is_never_zero(void **state) {
    static const struct {
        const char *text;
        gb_domain_status status;
        gb_reading_kind kind;
        const char *reason;
    } cases[] = {
        {"energy_status 3\n", GB_DOMAIN_OK, GB_READING_POWER, "Not Supported"},
        {"energy_mj 0\n", GB_DOMAIN_OK, GB_READING_POWER, "counter is 0"},
        {"energy_mj 18446744073709551615\n", GB_DOMAIN_OK, GB_READING_POWER,
         "no value"},
        {"energy_status 4\n", GB_DOMAIN_OK, GB_READING_POWER, "Permissions"},
        {"energy_status 3\npower_status 3\n", GB_DOMAIN_UNSUPPORTED,
         GB_READING_ENERGY, "nvmlDeviceGetPowerUsage: Not Supported"},
        {"energy_mj 0\npower_mw 4294967295\n", GB_DOMAIN_UNSUPPORTED,
         GB_READING_ENERGY, "a mark for no value"},
        {"energy_status 4\npower_status 3\n", GB_DOMAIN_FORBIDDEN,
         GB_READING_ENERGY, "nvmlDeviceGetTotalEnergyConsumption"},
        {"energy_status 3\npower_status 4\n", GB_DOMAIN_FORBIDDEN,
         GB_READING_ENERGY, "nvmlDeviceGetPowerUsage"},
        {"energy_status 999\npower_status 3\n", GB_DOMAIN_FAILED,
         GB_READING_ENERGY, "nvmlReturn 999"},
        {"energy_status 15\n", GB_DOMAIN_FAILED, GB_READING_ENERGY, "is lost"},
        {"handle_status 15\n", GB_DOMAIN_FAILED, GB_READING_ENERGY, "is lost"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        gb_energy_reading reading;
        test_source nvml = open_as(&gpus, cases[i].text);
        const gb_energy_domain *domain = &nvml.domains[0];

        if (domain->status != cases[i].status ||
            domain->kind != cases[i].kind ||
            !strstr(domain->reason, cases[i].reason))
            fail_msg("%s: %s, kind %d: %s", cases[i].text,
                     gb_domain_status_name(domain->status), (int)domain->kind,
                     domain->reason);
        nvml.ops->read(nvml.source, &reading);
        assert_int_equal(reading.ok, domain->status == GB_DOMAIN_OK);
        close_all(&gpus, &nvml);
    }
}

static void readings_that_fail_or_mean_nothing_are_not_ok(void **state) {
    static const struct {
        const char *open, *then;
    } cases[] = {
        {"", "energy_mj 18446744073709551615\n"},
        {"", "energy_mj 4294967295\n"},
        {"", "energy_status 3\n"},
        {"energy_mj 0\n", "power_mw 4294967295\n"},
        {"energy_mj 0\n", "power_status 999\n"},
        {"energy_mj 0\n", "power_w 801\n"}, /* over twice the limit */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        gb_energy_reading reading;
        test_source nvml = open_as(&gpus, cases[i].open);

        nvml.ops->read(nvml.source, &reading);
        assert_true(reading.ok);
        gpus_say(&gpus, cases[i].then);
        nvml.ops->read(nvml.source, &reading);
        if (reading.ok)
            fail_msg("%s was taken for a value", cases[i].then);
        /* It is asked again: this was not the end of the GPU. */
        gpus_say(&gpus, cases[i].open);
        nvml.ops->read(nvml.source, &reading);
        assert_true(reading.ok);
        close_all(&gpus, &nvml);
    }
}

static void a_lost_gpu_is_not_asked_again(void **state) {
    test_gpus gpus;
    gb_energy_reading readings[2];

    (void)state;
    test_source nvml = open_as(&gpus, "devices 2\ngpu0.lost_after 3\n");
    for (int i = 0; i < 2; i++) { /* the first read was made by open() */
        nvml.ops->read(nvml.source, readings);
        assert_true(readings[0].ok && readings[1].ok);
    }
    nvml.ops->read(nvml.source, readings);
    assert_false(readings[0].ok);
    assert_true(readings[1].ok);
    gpus_say(&gpus, "devices 2\n");
    nvml.ops->read(nvml.source, readings);
    assert_false(readings[0].ok);
    assert_true(readings[1].ok);
    close_all(&gpus, &nvml);
}

static void shared_gpus_say_so(void **state) {
    static const struct {
        const char *text, *reason;
        bool shared;
    } cases[] = {
        {"mig 1\n", "MIG mode", true},
        {"virtualization 1\n", "", false}, /* passed through as a whole */
        {"virtualization 2\n", "virtual GPUs", true},
        {"virtualization 3\n", "virtual GPUs", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        test_source nvml = open_as(&gpus, cases[i].text);

        assert_int_equal(nvml.domains[0].status, GB_DOMAIN_OK);
        assert_int_equal(nvml.domains[0].shared, cases[i].shared);
        assert_non_null(strstr(nvml.domains[0].reason, cases[i].reason));
        close_all(&gpus, &nvml);
    }
}

static void a_module_is_told_from_a_gpu(void **state) {
    static const struct {
        const char *text;
        gb_energy_scope scope;
    } cases[] = {
        {"name NVIDIA GH200 480GB\npci_device 0x2342\n", GB_SCOPE_MODULE},
        {"name NVIDIA H100 80GB HBM3\npci_device 0x2330\n", GB_SCOPE_ACCEL},
        /* A later board: what it shows is nearer to one of the fields. */
        {"name NVIDIA GB200\nmodule_w 900\ngpu_w 600\npower_w 890\n",
         GB_SCOPE_MODULE},
        {"name NVIDIA GB200\nmodule_w 900\ngpu_w 600\npower_w 610\n",
         GB_SCOPE_ACCEL},
        {"name NVIDIA GB200\nmodule_w 600\ngpu_w 600\npower_w 610\n",
         GB_SCOPE_ACCEL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        test_source nvml = open_as(&gpus, cases[i].text);

        if (nvml.domains[0].scope != cases[i].scope)
            fail_msg("%s: got %s", cases[i].text,
                     gb_scope_name(nvml.domains[0].scope));
        assert_int_equal(strstr(nvml.domains[0].reason, "module") != NULL,
                         cases[i].scope == GB_SCOPE_MODULE);
        close_all(&gpus, &nvml);
    }
}

static void the_averaging_of_power_follows_the_chip(void **state) {
    static const struct {
        const char *text;
        uint64_t average_ns;
        double u_rel;
    } cases[] = {
        {"name Tesla V100\npci_device 0x1db1\narchitecture 5\n", 0, 0.03},
        {"name Tesla T4\npci_device 0x1eb8\narchitecture 6\n", 0, 0.03},
        {"pci_device 0x20b0\narchitecture 7\n", 0, 0.06}, /* GA100 */
        {"name A30\npci_device 0x20b7\narchitecture 7\n", 0, 0.06},
        {"name NVIDIA A40\npci_device 0x2235\narchitecture 7\n", S, 0.03},
        {"name NVIDIA H100\npci_device 0x2330\narchitecture 9\n", S, 0.06},
        {"name NVIDIA B200\npci_device 0x2901\narchitecture 10\n", S, 0.03},
        {"name new\npci_device 0x3000\narchitecture 0xffffffff\n", S, 0.03},
        /* No PCI device number: by name. */
        {"name A100-PCIE-40GB\npci_status 3\narchitecture 7\n", 0, 0.06},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        char text[256];

        snprintf(text, sizeof(text), "energy_status 3\n%s", cases[i].text);
        test_source nvml = open_as(&gpus, text);
        const gb_energy_domain *domain = &nvml.domains[0];
        assert_int_equal(domain->kind, GB_READING_POWER);
        if (domain->average_ns != cases[i].average_ns)
            fail_msg("%s: averages over %llu ns", cases[i].text,
                     (unsigned long long)domain->average_ns);
        assert_near(domain->u_rel, cases[i].u_rel, 1e-12);
        close_all(&gpus, &nvml);
    }
}

static void a_driver_that_does_not_start_says_why(void **state) {
    static const struct {
        const char *text, *what;
        gb_status status;
    } cases[] = {
        {"init 9\n", "Driver Not Loaded", GB_ERR_UNSUPPORTED},
        {"init 4\n", "Insufficient Permissions", GB_ERR_PERMISSION},
        {"init 18\n", "version mismatch", GB_ERR_IO},
        {"init 999\n", "Unknown Error", GB_ERR_IO},
        {"count_status 999\n", "nvmlDeviceGetCount_v2", GB_ERR_IO},
        {"devices 0\n", "lists no GPU", GB_ERR_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_gpus gpus;
        gb_energy_source *source = NULL;
        gb_error err = {0};

        gpus_open(&gpus, FAKE_NVML, VARIABLE);
        gpus_say(&gpus, cases[i].text);
        assert_int_equal(gb_energy_nvml.open(&gpus.tree.env, &source, &err),
                         cases[i].status);
        if (!strstr(err.what, cases[i].what) || err.hint[0] == '\0')
            fail_msg("%s: '%s' (%s)", cases[i].text, err.what, err.hint);
        gpus_close(&gpus);
    }
}

/* Each init has its shutdown, also where opening ends early. */
static void nvml_is_shut_down(void **state) {
    static const char *const texts[] = {"devices 2", "devices 0",
                                        "count_status 999", "init 9"};
    static const char *const logs[] = {"init\nshutdown\n", "init\nshutdown\n",
                                       "init\nshutdown\n", NULL};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        test_gpus gpus;
        gb_energy_source *source = NULL;
        char text[256], log[64] = "";

        gpus_open(&gpus, FAKE_NVML, VARIABLE);
        snprintf(text, sizeof(text), "%s\nlog %s/log\n", texts[i],
                 gpus.tree.dir);
        gpus_say(&gpus, text);
        if (gb_energy_nvml.open(&gpus.tree.env, &source, NULL) == GB_OK)
            gb_energy_nvml.close(source);
        snprintf(text, sizeof(text), "%s/log", gpus.tree.dir);
        FILE *file = fopen(text, "re");
        assert_int_equal(file != NULL, logs[i] != NULL);
        if (file) {
            log[fread(log, 1, sizeof(log) - 1, file)] = '\0';
            fclose(file);
            assert_string_equal(log, logs[i]);
        }
        gpus_close(&gpus);
    }
    gb_energy_nvml.close(NULL);
}

static void gpus_hidden_from_the_job_are_listed(void **state) {
    static const char *const entries[] = {"", "/0000:01:00.0", "/0000:02:00.0",
                                          "/0000:41:00.0", "/not-a-gpu"};
    test_gpus gpus;
    gb_energy_reading readings[3];

    (void)state;
    gpus_open(&gpus, FAKE_NVML, VARIABLE);
    gpus_say(&gpus, "devices 2\n");
    for (size_t i = 0; i < 5; i++) {
        static const char *const parents[] = {"/proc", "/proc/driver",
                                              "/proc/driver/nvidia",
                                              "/proc/driver/nvidia/gpus"};
        char path[256];
        for (size_t p = 0; i == 0 && p < 4; p++) {
            snprintf(path, sizeof(path), "%s%s", gpus.tree.dir, parents[p]);
            mkdir(path, 0755);
        }
        snprintf(path, sizeof(path), "%s/proc/driver/nvidia/gpus%s",
                 gpus.tree.dir, entries[i]);
        mkdir(path, 0755);
    }
    test_source nvml = source_open(&gpus.tree, &gb_energy_nvml);
    assert_int_equal(nvml.count, 3);
    const gb_energy_domain *hidden = &nvml.domains[2];
    assert_string_equal(hidden->name, "gpu@0000:41:00.0");
    assert_int_equal(hidden->status, GB_DOMAIN_HIDDEN);
    assert_int_equal(hidden->scope, GB_SCOPE_ACCEL);
    assert_non_null(strstr(hidden->reason, "cgroup"));
    assert_true(hidden->fix[0] != '\0');
    nvml.ops->read(nvml.source, readings);
    assert_true(readings[1].ok);
    assert_false(readings[2].ok);
    close_all(&gpus, &nvml);
}

/* A library that does not say it is a stand-in, given by the user: a site's own
 * place for the real one, if the kernel has the driver. */
static void a_library_without_a_driver_measures_nothing(void **state) {
    (void)state;
    for (int driver = 0; driver < 2; driver++) {
        test_gpus gpus;
        char full[256];

        gpus_open(&gpus, FAKE_NVML_UNMARKED, VARIABLE);
        if (driver) {
            snprintf(full, sizeof(full), "%s/dev", gpus.tree.dir);
            mkdir(full, 0755);
            tree_write(&gpus.tree, "/dev/nvidiactl", "");
        }
        test_source nvml = source_open(&gpus.tree, &gb_energy_nvml);
        assert_int_equal(nvml.domains[0].quality,
                         driver ? GB_QUALITY_MEASURED : GB_QUALITY_SIMULATED);
        close_all(&gpus, &nvml);
    }
}

static void a_stand_in_is_simulated_in_the_set_and_its_cover(void **state) {
    test_gpus gpus;
    test_real_set real;
    gb_energy_reading readings[2];

    (void)state;
    gpus_open(&gpus, NULL, VARIABLE);
    gpus_say(&gpus, "devices 2\ngpu1.energy_mj 5000\n");
    real_set_open(&real, "nvml", FAKE_NVML);
    assert_int_equal(real.count, 2);
    assert_int_equal(real.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(real.domains[0].quality, GB_QUALITY_SIMULATED);
    assert_true(real.domains[0].summed);
    assert_int_equal(real.domains[1].status, GB_DOMAIN_STUCK);
    const gb_energy_cover *cover = gb_energy_set_cover(real.set);
    assert_int_equal(cover->quality, GB_QUALITY_SIMULATED);
    assert_string_equal(cover->holds, "1 accelerator");
    assert_non_null(strstr(cover->leaves_out, "1 unreadable accelerator"));
    gb_energy_set_read(real.set, readings);
    assert_true(readings[0].ok);
    assert_true(readings[0].stamp_ns > 0);
    assert_false(readings[1].ok);
    real_set_close(&real);
    gpus_close(&gpus);
}

static void a_gpu_lost_in_a_run_stops_being_ok(void **state) {
    test_gpus gpus;
    test_real_set real;

    (void)state;
    gpus_open(&gpus, NULL, VARIABLE);
    real_set_open(&real, "nvml", FAKE_NVML);
    assert_int_equal(real.domains[0].status, GB_DOMAIN_OK);
    assert_true(real_set_await(&real, true));
    gpus_say(&gpus, "energy_status 15\n");
    assert_true(real_set_await(&real, false));
    real_set_close(&real);
    gpus_close(&gpus);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_library_it_is_absent_with_a_fix),
        cmocka_unit_test(a_simulated_root_has_no_library_of_this_machine),
        cmocka_unit_test(a_counter_is_described_in_full),
        cmocka_unit_test(readings_are_the_counters_of_each_gpu),
        cmocka_unit_test(a_missing_essential_symbol_is_named_with_its_library),
        cmocka_unit_test(without_the_counters_symbol_power_is_read),
        cmocka_unit_test(what_nvml_refuses_is_never_zero),
        cmocka_unit_test(readings_that_fail_or_mean_nothing_are_not_ok),
        cmocka_unit_test(a_lost_gpu_is_not_asked_again),
        cmocka_unit_test(shared_gpus_say_so),
        cmocka_unit_test(a_module_is_told_from_a_gpu),
        cmocka_unit_test(the_averaging_of_power_follows_the_chip),
        cmocka_unit_test(a_driver_that_does_not_start_says_why),
        cmocka_unit_test(nvml_is_shut_down),
        cmocka_unit_test(gpus_hidden_from_the_job_are_listed),
        cmocka_unit_test(a_library_without_a_driver_measures_nothing),
        cmocka_unit_test(a_stand_in_is_simulated_in_the_set_and_its_cover),
        cmocka_unit_test(a_gpu_lost_in_a_run_stops_being_ok),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
