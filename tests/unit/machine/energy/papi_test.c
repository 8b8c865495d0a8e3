/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "events.h"
#include "machine/energy/event_units.h"
#include "tree.h"

/* This machine's root, so that nothing is simulated; only the script is read.
 */
typedef struct real_env {
    gb_sysroot *root;
    gb_node node;
    gb_energy_env env;
} real_env;

static void real_open(real_env *real, const gb_event_reader *events) {
    *real = (real_env){0};
    assert_int_equal(gb_sysroot_open(NULL, &real->root, NULL), GB_OK);
    real->env = (gb_energy_env){.root = real->root,
                                .clock = &gb_clock_system,
                                .node = &real->node,
                                .events = events};
    scripted_count = 0;
    scripted_read_fails = false;
}

static void offer(const char *component, const char *name, gb_status refusal) {
    scripted_event *event = &scripted_events[scripted_count++];

    *event = (scripted_event){.value = 1000 * scripted_count,
                              .gain = scripted_count,
                              .refusal = refusal};
    strcpy(event->info.component, component);
    strcpy(event->info.name, name);
}

static void expect_absent(const gb_energy_env *env, const char *why) {
    gb_energy_source *source = NULL;
    gb_error err = {0};

    assert_int_equal(gb_energy_papi.open(env, &source, &err),
                     GB_ERR_UNSUPPORTED);
    assert_null(source);
    assert_non_null(strstr(err.what, why));
}

static void a_build_without_papi_is_absent(void **state) {
    real_env real;

    (void)state;
    real_open(&real, NULL);
    expect_absent(&real.env, "built without PAPI");
    gb_sysroot_close(real.root);
}

static void a_library_without_energy_events_is_absent(void **state) {
    real_env real;

    (void)state;
    real_open(&real, &scripted_reader);
    expect_absent(&real.env, "script 1.0");
    gb_sysroot_close(real.root);
}

static void a_simulated_root_is_absent(void **state) {
    test_tree tree;

    (void)state;
    tree_open(&tree, "amd-epyc-2s", "t0");
    tree.env.events = &scripted_reader;
    scripted_count = 0;
    offer("rapl", "rapl:::PACKAGE_ENERGY:PACKAGE0", GB_OK);
    expect_absent(&tree.env, "simulated");
    tree_close(&tree);
}

static test_source open_papi(real_env *real) {
    test_source papi = {.ops = &gb_energy_papi};
    gb_error err = {0};

    if (gb_energy_papi.open(&real->env, &papi.source, &err) != GB_OK)
        fail_msg("%s", err.what);
    papi.domains = gb_energy_papi.domains(papi.source, &papi.count);
    return papi;
}

static void the_powercap_component_is_never_counted(void **state) {
    real_env real;
    gb_energy_reading readings[4];

    (void)state;
    real_open(&real, &scripted_reader);
    offer("powercap", "powercap:::ENERGY_UJ:ZONE0", GB_OK);
    offer("powercap", "powercap:::ENERGY_UJ:ZONE0_SUBZONE0", GB_OK);
    offer("perf_event_uncore", "amd64_rapl::RAPL_ENERGY_PKG", GB_OK);
    offer("new_thing", "new_thing:::WARP_ENERGY", GB_OK);
    test_source papi = open_papi(&real);
    assert_int_equal(papi.count, 3); /* one row for the whole component */
    assert_int_equal(scripted_open_sets, 0);
    gb_energy_papi.read(papi.source, readings);
    for (size_t i = 0; i < papi.count; i++) {
        assert_int_equal(papi.domains[i].status, GB_DOMAIN_UNSUPPORTED);
        assert_true(papi.domains[i].reason[0] != '\0');
        assert_false(readings[i].ok);
    }
    assert_non_null(strstr(papi.domains[0].reason, "absolute counter"));
    source_close(&papi);
    gb_sysroot_close(real.root);
}

/* Software-defined events and components greenbench does not know. */
static void events_of_other_libraries_are_labelled(void **state) {
    real_env real;

    (void)state;
    real_open(&real, &scripted_reader);
    offer("sde", "sde:::site::PACKAGE1_ENERGY_UJ", GB_OK);
    offer("sde", "sde:::site::LASER_ENERGY", GB_OK);
    offer("new_thing", "new_thing:::WARP_ENERGY", GB_OK);
    strcpy(scripted_events[2].info.units, "nJ");
    test_source papi = open_papi(&real);
    assert_int_equal(papi.count, 3);
    assert_int_equal(papi.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(papi.domains[0].scope, GB_SCOPE_PACKAGE);
    assert_int_equal(papi.domains[0].package, 1);
    assert_float_equal(papi.domains[0].tick_j, 1e-6, 0.0);
    /* Code in this process says so: never shown as a measurement. */
    assert_int_equal(papi.domains[0].quality, GB_QUALITY_MODELLED);
    assert_int_equal(papi.domains[1].status, GB_DOMAIN_UNSUPPORTED);
    /* Its unit is stated, what it covers is not: listed, never summed. */
    assert_int_equal(papi.domains[2].status, GB_DOMAIN_OK);
    assert_int_equal(papi.domains[2].scope, GB_SCOPE_OTHER);
    assert_float_equal(papi.domains[2].tick_j, 1e-9, 0.0);
    source_close(&papi);
    gb_sysroot_close(real.root);
}

static void an_event_that_is_refused_does_not_cost_the_others(void **state) {
    real_env real;
    gb_energy_reading readings[4];

    (void)state;
    real_open(&real, &scripted_reader);
    offer("rapl", "rapl:::PACKAGE_ENERGY:PACKAGE0", GB_OK);
    offer("rapl", "rapl:::PACKAGE_ENERGY:PACKAGE1", GB_ERR_PERMISSION);
    offer("rapl", "rapl:::DRAM_ENERGY:PACKAGE0", GB_ERR_UNSUPPORTED);
    test_source papi = open_papi(&real);
    assert_int_equal(papi.domains[0].status, GB_DOMAIN_OK);
    assert_int_equal(papi.domains[1].status, GB_DOMAIN_FORBIDDEN);
    assert_int_equal(papi.domains[2].status, GB_DOMAIN_UNSUPPORTED);
    assert_int_equal(scripted_open_sets, 1);
    gb_energy_papi.read(papi.source, readings);
    assert_true(readings[0].ok);
    assert_int_equal(readings[0].ticks, 1001);
    assert_false(readings[1].ok);
    source_close(&papi);
    assert_int_equal(scripted_open_sets, 0);
    gb_sysroot_close(real.root);
}

static void each_event_has_its_own_unit_and_place(void **state) {
    static const struct {
        const char *component, *name;
        gb_energy_scope scope;
        int32_t package;
        double tick_j;
    } cases[] = {
        {"rapl", "rapl:::PACKAGE_ENERGY:PACKAGE1", GB_SCOPE_PACKAGE, 1, 1e-9},
        {"rapl", "rapl:::DRAM_ENERGY:PACKAGE0", GB_SCOPE_DRAM, 0, 1e-9},
        {"rapl", "rapl:::PP0_ENERGY:PACKAGE0", GB_SCOPE_CORES, 0, 1e-9},
        {"rapl", "rapl:::PSYS_ENERGY:PACKAGE0", GB_SCOPE_PLATFORM, -1, 1e-9},
        {"nvml",
         "nvml:::NVIDIA_A100-SXM4-40GB:device_3:total_energy_consumption",
         GB_SCOPE_ACCEL, 3, 1e-3},
        {"nvml", "nvml:::Tesla_V100:device:1:total_energy_consumption",
         GB_SCOPE_ACCEL, 1, 1e-3},
        {"amd_smi", "amd_smi:::energy_consumed:device=2", GB_SCOPE_ACCEL, 2,
         1e-6},
        {"cray_pm", "cray_pm:::PM_ENERGY:NODE", GB_SCOPE_NODE_DC, -1, 1.0},
    };
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    real_env real;
    gb_energy_reading readings[COUNT];

    (void)state;
    real_open(&real, &scripted_reader);
    for (size_t i = 0; i < COUNT; i++)
        offer(cases[i].component, cases[i].name, GB_OK);
    test_source papi = open_papi(&real);
    assert_int_equal(papi.count, COUNT);
    gb_energy_papi.read(papi.source, readings);
    for (size_t i = 0; i < COUNT; i++) {
        const gb_energy_domain *domain = &papi.domains[i];
        if (domain->status != GB_DOMAIN_OK || domain->scope != cases[i].scope ||
            domain->package != cases[i].package ||
            domain->tick_j != cases[i].tick_j)
            fail_msg("%s: scope %d, package %d, tick %g J", cases[i].name,
                     (int)domain->scope, (int)domain->package, domain->tick_j);
        assert_true(readings[i].ok);
        assert_int_equal(readings[i].ticks, scripted_events[i].value);
    }
    source_close(&papi);
    gb_sysroot_close(real.root);
}

static void a_raw_count_beside_its_energy_is_not_a_second_one(void **state) {
    const gb_event_info raw = {.component = "rapl",
                               .name = "rapl:::PACKAGE_ENERGY_CNT:PACKAGE0"};
    const gb_event_unit *unit = gb_event_unit_find(&raw);

    (void)state;
    assert_non_null(unit);
    assert_true(unit->tick_j == 0);
}

static void a_read_that_fails_gives_no_value(void **state) {
    real_env real;
    gb_energy_reading reading;

    (void)state;
    real_open(&real, &scripted_reader);
    offer("rapl", "rapl:::PACKAGE_ENERGY:PACKAGE0", GB_OK);
    test_source papi = open_papi(&real);
    scripted_read_fails = true;
    gb_energy_papi.read(papi.source, &reading);
    assert_false(reading.ok);
    assert_int_equal(reading.ticks, 0);
    source_close(&papi);
    gb_sysroot_close(real.root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_without_papi_is_absent),
        cmocka_unit_test(a_library_without_energy_events_is_absent),
        cmocka_unit_test(a_simulated_root_is_absent),
        cmocka_unit_test(the_powercap_component_is_never_counted),
        cmocka_unit_test(events_of_other_libraries_are_labelled),
        cmocka_unit_test(an_event_that_is_refused_does_not_cost_the_others),
        cmocka_unit_test(each_event_has_its_own_unit_and_place),
        cmocka_unit_test(a_raw_count_beside_its_energy_is_not_a_second_one),
        cmocka_unit_test(a_read_that_fails_gives_no_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
