/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If this fails, the ABI changed: bump GB_PLUGIN_ABI_MAJOR and write a
 * decision. Only fields appended at the end of a struct are a minor change:
 * then the size below grows, and every other line stays as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "greenbench/ext/pace.h"
#include "greenbench/ext/team.h"
#include "greenbench/meter.h"
#include "greenbench/plugin.h"
#ifdef GB_TEST_WITH_MPI
#include "greenbench/ext/mpi.h"
#endif

typedef struct place {
    const char *field;
    size_t expected, got;
} place;

#define PLACE(type, field, bytes)                                              \
    { #type "." #field, bytes, offsetof(type, field) }
#define SIZE(type, bytes)                                                      \
    { "sizeof " #type, bytes, sizeof(type) }

static void expect_places(const place *places, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (places[i].got != places[i].expected)
            fail_msg("%s: expected %zu, got %zu", places[i].field,
                     places[i].expected, places[i].got);
}
#define EXPECT_PLACES(places)                                                  \
    expect_places(places, sizeof(places) / sizeof(places[0]))

static void the_descriptor_keeps_its_layout(void **state) {
    static const place places[] = {
        PLACE(gb_plugin, struct_size, 0),
        PLACE(gb_plugin, abi_major, 4),
        PLACE(gb_plugin, abi_minor, 6),
        PLACE(gb_plugin, id, 8),
        PLACE(gb_plugin, version, 16),
        PLACE(gb_plugin, summary, 24),
        PLACE(gb_plugin, work_unit, 32),
        PLACE(gb_plugin, params, 40),
        PLACE(gb_plugin, param_count, 48),
        PLACE(gb_plugin, needs, 56),
        PLACE(gb_plugin, create, 64),
        PLACE(gb_plugin, prepare, 72),
        PLACE(gb_plugin, run, 80),
        PLACE(gb_plugin, verify, 88),
        PLACE(gb_plugin, destroy, 96),
        PLACE(gb_plugin, ranks_min, 104),
        PLACE(gb_plugin, ranks_multiple, 108),
        PLACE(gb_plugin, flags, 112),
        PLACE(gb_plugin, reserved, 116),
        PLACE(gb_plugin, rearm, 120),
        SIZE(gb_plugin, 128),
    };
    (void)state;
    EXPECT_PLACES(places);
}

static void a_meters_descriptor_keeps_its_layout(void **state) {
    static const place places[] = {
        PLACE(gb_meter, struct_size, 0),
        PLACE(gb_meter, abi_major, 4),
        PLACE(gb_meter, abi_minor, 6),
        PLACE(gb_meter, id, 8),
        PLACE(gb_meter, version, 16),
        PLACE(gb_meter, summary, 24),
        PLACE(gb_meter, params, 32),
        PLACE(gb_meter, param_count, 40),
        PLACE(gb_meter, open, 48),
        PLACE(gb_meter, domains, 56),
        PLACE(gb_meter, read, 64),
        PLACE(gb_meter, close, 72),
        PLACE(gb_meter, flags, 80),
        PLACE(gb_meter, reserved, 84),
        SIZE(gb_meter, 88),
    };
    (void)state;
    EXPECT_PLACES(places);
}

static void a_meters_domains_keep_their_layout(void **state) {
    static const place places[] = {
        PLACE(gb_meter_domain, struct_size, 0),
        PLACE(gb_meter_domain, status, 4),
        PLACE(gb_meter_domain, name, 8),
        PLACE(gb_meter_domain, scope, 16),
        PLACE(gb_meter_domain, reason, 24),
        PLACE(gb_meter_domain, fix, 32),
        PLACE(gb_meter_domain, unit, 40),
        PLACE(gb_meter_domain, flags, 44),
        PLACE(gb_meter_domain, package, 48),
        PLACE(gb_meter_domain, accuracy_form, 52),
        PLACE(gb_meter_domain, tick, 56),
        PLACE(gb_meter_domain, step, 64),
        PLACE(gb_meter_domain, wrap_ticks, 72),
        PLACE(gb_meter_domain, update_ns, 80),
        PLACE(gb_meter_domain, average_ns, 88),
        PLACE(gb_meter_domain, range_w, 96),
        PLACE(gb_meter_domain, accuracy_of_reading, 104),
        PLACE(gb_meter_domain, accuracy_of_range, 112),
        PLACE(gb_meter_domain, accuracy_w, 120),
        PLACE(gb_meter_domain, accuracy_k, 128),
        SIZE(gb_meter_domain, 136),
        PLACE(gb_meter_reading, ticks, 0),
        PLACE(gb_meter_reading, stamp_ns, 8),
        PLACE(gb_meter_reading, status, 16),
        PLACE(gb_meter_reading, reserved, 20),
        PLACE(gb_meter_reading, reserved2, 24),
        SIZE(gb_meter_reading, 32), /* in an array: it can never grow */
    };
    (void)state;
    EXPECT_PLACES(places);
}

static void a_meters_host_table_keeps_its_layout(void **state) {
    static const place places[] = {
        PLACE(gb_meter_host, struct_size, 0),
        PLACE(gb_meter_host, abi_major, 4),
        PLACE(gb_meter_host, abi_minor, 6),
        PLACE(gb_meter_host, host_data, 8),
        PLACE(gb_meter_host, node_name, 16),
        PLACE(gb_meter_host, root, 24),
        PLACE(gb_meter_host, now_ns, 32),
        PLACE(gb_meter_host, alloc, 40),
        PLACE(gb_meter_host, free, 48),
        PLACE(gb_meter_host, param_u64, 56),
        PLACE(gb_meter_host, param_f64, 64),
        PLACE(gb_meter_host, param_text, 72),
        PLACE(gb_meter_host, fail, 80),
        PLACE(gb_meter_host, note, 88),
        SIZE(gb_meter_host, 96),
    };
    (void)state;
    EXPECT_PLACES(places);
    assert_string_equal(GB_METER_SYMBOL, "greenbench_meter");
    assert_int_equal(GB_METER_ABI_MAJOR, 1);
    assert_int_equal(GB_METER_JOULE, 1);
    assert_int_equal(GB_METER_WATT, 2);
    assert_int_equal(GB_METER_SHARED, 1);
    assert_int_equal(GB_METER_MODELLED, 2);
    assert_int_equal(GB_METER_SIMULATED, 4);
    assert_int_equal(GB_METER_STAMPED, 8);
    assert_int_equal(GB_METER_ACCURACY_UNKNOWN, 0);
    assert_int_equal(GB_METER_ACCURACY_LIMITS, 1);
    assert_int_equal(GB_METER_ACCURACY_EXPANDED, 2);
    assert_int_equal(GB_METER_SLOW, 1);
}

static void the_host_table_keeps_its_layout(void **state) {
    static const place places[] = {
        PLACE(gb_host, struct_size, 0),
        PLACE(gb_host, abi_major, 4),
        PLACE(gb_host, abi_minor, 6),
        PLACE(gb_host, host_data, 8),
        PLACE(gb_host, core_count, 16),
        PLACE(gb_host, reserved, 20),
        PLACE(gb_host, memory_bytes, 24),
        PLACE(gb_host, cache_bytes, 32),
        PLACE(gb_host, alloc, 40),
        PLACE(gb_host, free, 48),
        PLACE(gb_host, param_u64, 56),
        PLACE(gb_host, param_f64, 64),
        PLACE(gb_host, param_text, 72),
        PLACE(gb_host, fail, 80),
        PLACE(gb_host, note, 88),
        PLACE(gb_host, extension, 96),
        SIZE(gb_host, 104),
    };
    (void)state;
    EXPECT_PLACES(places);
}

static void parameters_and_work_keep_their_layout(void **state) {
    static const place places[] = {
        PLACE(gb_param_decl, name, 0),
        PLACE(gb_param_decl, help, 8),
        PLACE(gb_param_decl, default_text, 16),
        PLACE(gb_param_decl, accepts, 24),
        SIZE(gb_param_decl, 32), /* in an array: it can never grow */
        PLACE(gb_work, struct_size, 0),
        PLACE(gb_work, reserved, 4),
        PLACE(gb_work, done, 8),
        PLACE(gb_work, checksum, 16),
        PLACE(gb_work, flops, 24),
        PLACE(gb_work, memory_bytes, 32),
        PLACE(gb_work, network_bytes, 40),
        PLACE(gb_work, messages, 48),
        PLACE(gb_work, in_flight, 56),
        PLACE(gb_work, peer_plus_1, 64),
        PLACE(gb_work, reserved_2, 68),
        SIZE(gb_work, 72),
    };
    (void)state;
    EXPECT_PLACES(places);
}

static void the_team_extension_keeps_its_layout(void **state) {
    static const place places[] = {
        PLACE(gb_ext_team, struct_size, 0), PLACE(gb_ext_team, thread_count, 4),
        PLACE(gb_ext_team, team_data, 8),   PLACE(gb_ext_team, run, 16),
        PLACE(gb_ext_team, barrier, 24),    SIZE(gb_ext_team, 32),
    };
    (void)state;
    EXPECT_PLACES(places);
    assert_string_equal(GB_EXT_TEAM, "greenbench.team/1");
}

static void the_pace_extension_keeps_its_layout(void **state) {
    static const place places[] = {
        PLACE(gb_ext_pace, struct_size, 0),
        PLACE(gb_ext_pace, reserved, 4),
        PLACE(gb_ext_pace, pace_data, 8),
        PLACE(gb_ext_pace, begin, 16),
        PLACE(gb_ext_pace, wait, 24),
        PLACE(gb_ext_pace, passed, 32),
        SIZE(gb_ext_pace, 40),
    };
    (void)state;
    EXPECT_PLACES(places);
    assert_string_equal(GB_EXT_PACE, "greenbench.pace/1");
}

#ifdef GB_TEST_WITH_MPI
/* MPI_Comm is an int in some libraries and a pointer in others. */
static void the_mpi_extension_keeps_its_layout(void **state) {
    const size_t comm = sizeof(MPI_Comm) == 4 ? 12 : 16;
    const place places[] = {
        PLACE(gb_ext_mpi, struct_size, 0),
        PLACE(gb_ext_mpi, rank, 4),
        PLACE(gb_ext_mpi, size, 8),
        PLACE(gb_ext_mpi, comm, comm),
        PLACE(gb_ext_mpi, node_of_rank, comm + sizeof(MPI_Comm)),
    };
    (void)state;
    EXPECT_PLACES(places);
    assert_string_equal(GB_EXT_MPI, "greenbench.mpi/1");
}
#endif

static void version_symbol_and_statuses_keep_their_values(void **state) {
    static const struct {
        const char *name;
        int32_t expected, got;
    } values[] = {
        {"GB_OK", 0, GB_OK},
        {"GB_ERR_UNSUPPORTED", 10, GB_ERR_UNSUPPORTED},
        {"GB_ERR_PERMISSION", 11, GB_ERR_PERMISSION},
        {"GB_ERR_BUSY", 12, GB_ERR_BUSY},
        {"GB_ERR_RANGE", 20, GB_ERR_RANGE},
        {"GB_ERR_VERIFY", 21, GB_ERR_VERIFY},
        {"GB_ERR_INTERRUPTED", 22, GB_ERR_INTERRUPTED},
        {"GB_ERR_INVALID", 30, GB_ERR_INVALID},
        {"GB_ERR_NOT_FOUND", 31, GB_ERR_NOT_FOUND},
        {"GB_ERR_ABI", 32, GB_ERR_ABI},
        {"GB_ERR_NO_MEMORY", 40, GB_ERR_NO_MEMORY},
        {"GB_ERR_IO", 41, GB_ERR_IO},
        {"GB_ERR_MPI", 42, GB_ERR_MPI},
        {"GB_ERR_INTERNAL", 43, GB_ERR_INTERNAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (values[i].got != values[i].expected)
            fail_msg("%s: expected %d, got %d", values[i].name,
                     (int)values[i].expected, (int)values[i].got);
    assert_int_equal(GB_PLUGIN_ABI_MAJOR, 1);
    assert_int_equal(GB_PLUGIN_ONE_SHOT, 1);
    assert_int_equal(GB_PLUGIN_NO_WORK, 2);
    assert_string_equal(GB_PLUGIN_SYMBOL, "greenbench_plugin");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_descriptor_keeps_its_layout),
        cmocka_unit_test(a_meters_descriptor_keeps_its_layout),
        cmocka_unit_test(a_meters_domains_keep_their_layout),
        cmocka_unit_test(a_meters_host_table_keeps_its_layout),
        cmocka_unit_test(the_host_table_keeps_its_layout),
        cmocka_unit_test(parameters_and_work_keep_their_layout),
        cmocka_unit_test(the_team_extension_keeps_its_layout),
        cmocka_unit_test(the_pace_extension_keeps_its_layout),
#ifdef GB_TEST_WITH_MPI
        cmocka_unit_test(the_mpi_extension_keeps_its_layout),
#endif
        cmocka_unit_test(version_symbol_and_statuses_keep_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
