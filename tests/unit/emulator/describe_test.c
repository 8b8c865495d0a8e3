/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/describe.h"

#include <stdio.h>

#include "support/gb_test.h"

static gb_machines *parse_seeded(const char *text, uint64_t seed) {
    gb_machines *machines = NULL;
    gb_error err = {0};
    GB_EXPECT_STATUS(GB_OK,
                     gb_machines_parse("m.yaml", text, strlen(text), NULL,
                                       &seed, &machines, &err),
                     text, err);
    return machines;
}

static const gb_em_domain *domain_of(const gb_machines *machines,
                                     const char *name) {
    for (size_t i = 0; i < machines->items[0].domain_count; i++)
        if (strcmp(machines->items[0].domains[i].name, name) == 0)
            return &machines->items[0].domains[i];
    fail_msg("no domain '%s'", name);
    return NULL;
}

static void every_preset_can_be_served(void **state) {
    (void)state;
    for (size_t i = 0; i < gb_em_preset_count; i++) {
        char text[96];
        snprintf(text, sizeof(text), "machines: {a: {like: %s}}",
                 gb_em_preset_names[i]);
        gb_machines *machines = parse_seeded(text, 1);
        size_t parts = 0;
        for (size_t k = 0; k < machines->items[0].domain_count; k++)
            parts += machines->items[0].domains[k].node == 1;
        assert_true(parts > 0);
        gb_machines_free(machines);
    }
}

static void a_description_overrides_field_by_field(void **state) {
    (void)state;
    gb_machines *machines = parse_seeded(
        "machines:\n"
        "  a:\n"
        "    like: intel-2s\n"
        "    domains:\n"
        "      package-0: {range_uj: 1000000, update: 2ms, start_j: 0.5}\n"
        "      package-1: off\n"
        "      extra: {zone: 'intel-rapl:2', power: {domain: package-0}}\n",
        1);
    const gb_em_domain *package = domain_of(machines, "package-0");
    GB_EXPECT_NEAR(120, gb_trace_power_w(package->trace, 1), 0, "preset's");
    assert_string_equal(package->zone, "intel-rapl:0");
    assert_true(package->refresh.period_ns == 2000000);
    assert_true(package->counter.modulus == 16384 + 1);
    assert_true(package->counter.start == 8192);
    assert_true(domain_of(machines, "package-1")->off);
    GB_EXPECT_NEAR(120,
                   gb_trace_power_w(domain_of(machines, "extra")->trace, 1), 0,
                   "reference");
    assert_int_equal(package->node, 1);
    assert_int_equal(domain_of(machines, "extra")->node, 0);
    gb_machines_free(machines);
}

static void gains_are_drawn_once_from_the_seed(void **state) {
    (void)state;
    static const char text[] =
        "machines:\n"
        "  a:\n"
        "    like: intel-2s\n"
        "    gain_error: {uniform: 0.05}\n"
        "    domains: {package-1: {gain_error: -0.02}}\n";
    double least = 1, most = -1, sum = 0;
    for (uint64_t seed = 0; seed < 500; seed++) {
        gb_machines *machines = parse_seeded(text, seed);
        gb_machines *again = parse_seeded(text, seed);
        const double gain = domain_of(machines, "package-0")->counter.gain;
        assert_true(gain == domain_of(again, "package-0")->counter.gain);
        GB_EXPECT_NEAR(0.98, domain_of(machines, "package-1")->counter.gain,
                       1e-15, "stated");
        least = fmin(least, gain - 1);
        most = fmax(most, gain - 1);
        sum += gain - 1;
        gb_machines_free(machines);
        gb_machines_free(again);
    }
    assert_true(least >= -0.05 && least < -0.045);
    assert_true(most <= 0.05 && most > 0.045);
    GB_EXPECT_NEAR(0, sum / 500, 0.005, "mean");
}

static void mistakes_have_a_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *what, *hint;
    } cases[] = {
        {"seed: 1",
         "m.yaml:1:1: expected 'machines', a map of 1 to 64 "
         "machines, got a map",
         "for example machines: {node0: {like: intel-2s}}"},
        {"machines: {a: {like: intel2s}}",
         "m.yaml:1:22: expected one of intel-2s, amd-2s, amd-energy-2s, grace, "
         "gh200, cray-ex, client, got 'intel2s'",
         "did you mean 'intel-2s'?"},
        {"machines:\n  a:\n    domans: {}\n",
         "m.yaml:3:5: expected one of like, cpu, domains, faults, files, cray, "
         "hwmon_layout, gain_error, meter_timer, got 'domans'",
         "did you mean 'domains'?"},
        {"machines: {a/b: {}}",
         "m.yaml:1:12: machines: expected a name of letters, digits, '.', '_' "
         "and '-', got 'a/b'",
         "it becomes a folder below the mount point"},
        {"machines: {a: {domains: {p: {power: -3, zone: 'x:0'}}}}",
         "m.yaml:1:37: power: expected a number 0..1e+07, got '-3'", ""},
        {"machines: {a: {domains: {p: {zone: 'x:0'}}}}",
         "m.yaml:1:15: 'p': expected the key 'power'",
         "for example power: 100"},
        {"machines: {a: {domains: {p: {power: 1, zone: 'x0'}}}}",
         "m.yaml:1:15: 'p': expected a zone such as intel-rapl:0:1, got 'x0'",
         ""},
        {"machines: {a: {domains: {p: {power: {sine: {mean_w: 1}}}}}}",
         "m.yaml:1:44: sine: expected the key 'amplitude_w', got a map", ""},
        {"machines: {a: {domains: {p: {power: {sine: {mean_w: 1, amplitude_w: "
         "2, frequency_hz: 1}}}}}}",
         "m.yaml:1:69: amplitude_w: expected at most mean_w, got '2'",
         "power is never negative"},
        {"machines: {a: {domains: {p: {power: {sin: 3}}}}}",
         "m.yaml:1:38: expected one of constant, sine, square, step, line, "
         "csv, sum, cpu, domain, got 'sin'",
         "did you mean 'sine'?"},
        {"machines: {a: {domains: {p: {power: {step: [[0, 1], [0, 2]]}}}}}",
         "m.yaml:1:44: expected times that ascend from 0, got 0 s as number 2",
         ""},
        {"machines: {a: {domains: {p: {power: {csv: {file: x.csv}}}}}}",
         "m.yaml:1:50: file: expected no file: this text has no folder, got "
         "'x.csv'",
         ""},
        {"machines: {a: {domains: {p: {power: {domain: q}, zone: 'x:0'}, q: "
         "{power: 1, zone: 'x:1'}}}}",
         "m.yaml:1:15: power of 'p': expected a domain above it, got 'q'",
         "write it above this one; a preset's domains come before those that "
         "are added"},
        {"machines: {a: {domains: {p: {power: 1, zone: 'x:0', jitter: 1ms}}}}",
         "m.yaml:1:15: 'p': expected a jitter below half of the update period "
         "of 0.001 s, got 0.001 s",
         ""},
        {"machines: {a: {domains: {p: {power: 1, zone: 'x:0'}, q: {power: 1, "
         "zone: 'x:0'}}}}",
         "m.yaml:1:15: 'q': expected a zone of its own, got 'x:0' of 'p'", ""},
        {"machines: {a: {domains: {fan: {power: 1, source: cray_pm}}}}",
         "m.yaml:1:15: 'fan': expected the name of a file of pm_counters: "
         "energy, cpu_energy, accel0_energy",
         ""},
        {"machines: {a: {faults: [{fault: eoi, on: x}]}}",
         "m.yaml:1:33: expected one of eacces, einval, eio, empty, garbage, "
         "stuck, reset, jump, vanish, slow, stale, got 'eoi'",
         "did you mean 'eio'?"},
        {"machines: {a: {faults: [{fault: slow, on: x}]}}",
         "m.yaml:1:25: slow: expected the key 'seconds', got a map", ""},
        {"machines: {a: {faults: [{fault: eio, on: x, for: 2s, every: 2s}]}}",
         "m.yaml:1:61: every: expected a period longer than 'for', got '2s'",
         ""},
        {"machines: {a: {files: {proc/stat: x}}}",
         "m.yaml:1:24: files: expected a path such as /proc/stat, got "
         "'proc/stat'",
         ""},
        {"machines: {a: {files: {/proc/../x: x}}}",
         "m.yaml:1:24: files: expected a path such as /proc/stat, got "
         "'/proc/../x'",
         ""},
        {"machines: {a: {gain_error: {unifrom: 0.1}}}",
         "m.yaml:1:28: gain_error: expected a number or {uniform: HALF_WIDTH}, "
         "got a map",
         ""},
        {"machines: {a: {meter_timer: soon}}",
         "m.yaml:1:29: meter_timer: expected a time such as 10ms, 0..60 s, got "
         "'soon'",
         ""},
    };
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        gb_machines *machines = NULL;
        gb_error err = {0};
        const gb_status status =
            gb_machines_parse("m.yaml", cases[i].text, strlen(cases[i].text),
                              NULL, NULL, &machines, &err);
        assert_true(status != GB_OK);
        assert_null(machines);
        GB_EXPECT_TEXT(cases[i].what, err.what, cases[i].text);
        GB_EXPECT_TEXT(cases[i].hint, err.hint, cases[i].text);
    }
}

static void sums_of_sums_are_bounded(void **state) {
    (void)state;
    gb_str text = {0};
    gb_machines *machines = NULL;
    gb_error err = {0};
    gb_str_add(&text, "machines:\n  a:\n    domains:\n      d0: {zone: 'x:0', "
                      "power: 1}\n");
    for (int i = 1; i < 60; i++)
        gb_str_addf(&text,
                    "      d%d: {zone: 'x:%x', power: {sum: [{domain: d%d}, "
                    "{domain: d%d}]}}\n",
                    i, (unsigned)i, i - 1, i - 1);
    assert_int_equal(gb_machines_parse("m.yaml", text.text, text.length, NULL,
                                       NULL, &machines, &err),
                     GB_ERR_RANGE);
    GB_EXPECT_TEXT("m.yaml:3:5: power of 'd8': expected a sum of 256 traces at "
                   "most",
                   err.what, "sum");
    gb_str_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_can_be_served),
        cmocka_unit_test(a_description_overrides_field_by_field),
        cmocka_unit_test(gains_are_drawn_once_from_the_seed),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(sums_of_sums_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
