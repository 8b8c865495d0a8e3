/* SPDX-License-Identifier: Apache-2.0 */
/* A meter plugin as a source of energy; the plugins are a script of this
 * file's, and the clock is the test's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "machine/energy/set.h"
#include "metering/window.h"
#include "tree.h"

enum { MOST = 4 };

struct gb_meter_run {
    gb_meter_facts facts;
    char outlet[16];
};

static test_tree tree;
static gb_meter_domain declared[MOST];
static const gb_meter_domain *const declared_list[MOST] = {
    &declared[0], &declared[1], &declared[2], &declared[3]};
static size_t declared_count;
static uint32_t slow;
static gb_meter_reading next[MOST];
static gb_status read_status;
static unsigned open_count, close_count, read_count;
static char seen_root[80];

static const char *script_list(void *ctx, char *out, size_t size) {
    (void)ctx;
    gb_copy(out, size, "acme.pdu, acme.wall");
    return out;
}

static gb_status script_open(void *ctx, const gb_meter_setting *setting,
                             const gb_meter_env *env, gb_meter_run **run_out,
                             gb_error *err) {
    (void)ctx;
    if (strcmp(setting->id, "acme.pdu") != 0)
        return gb_fail(err, GB_ERR_NOT_FOUND, "look elsewhere",
                       "expected a meter plugin '%s', found acme.pdu",
                       setting->id);
    gb_meter_run *run = calloc(1, sizeof(*run));
    assert_non_null(run);
    gb_copy(seen_root, sizeof(seen_root), env->root);
    if (setting->option_count > 0)
        gb_copy(run->outlet, sizeof(run->outlet), setting->options[0].value);
    run->facts = (gb_meter_facts){
        .plugin = {"acme.pdu", "1.2.3", "0123"},
        .domains = declared_list,
        .domain_count = declared_count,
        .slow = slow != 0,
        .notes = "device=PX3",
    };
    open_count++;
    *run_out = run;
    return GB_OK;
}

static const gb_meter_facts *script_facts(const gb_meter_run *run) {
    return &run->facts;
}

static gb_status script_read(gb_meter_run *run, gb_meter_reading *readings,
                             gb_error *err) {
    read_count++;
    if (read_status != GB_OK)
        gb_fail(err, read_status, "is it on?", "acme.pdu: no answer");
    for (size_t i = 0; i < run->facts.domain_count; i++) {
        readings[i] = next[i];
        if (read_status != GB_OK)
            readings[i].status = read_status;
        if (readings[i].status != GB_OK && read_status == GB_OK)
            gb_fail(err, readings[i].status, NULL, "acme.pdu: outlet is off");
    }
    return read_status;
}

static void script_close(gb_meter_run *run) {
    close_count++;
    free(run);
}

static const gb_meter_reader script = {
    .list = script_list,
    .open = script_open,
    .facts = script_facts,
    .read = script_read,
    .close = script_close,
};

static int begin(void **state) {
    (void)state;
    tree_open(&tree, "faults/no-powercap", "t0");
    gb_copy(tree.node.name, sizeof(tree.node.name), "node17");
    tree.env.meters = &script;
    tree.env.setting = "acme.pdu;outlet=3";
    declared_count = 2;
    slow = 0;
    read_status = GB_OK;
    open_count = close_count = read_count = 0;
    memset(next, 0, sizeof(next));
    declared[0] = (gb_meter_domain){
        .struct_size = sizeof(gb_meter_domain),
        .name = "wall",
        .scope = "node-ac",
        .unit = GB_METER_WATT,
        .package = -1,
        .accuracy_form = GB_METER_ACCURACY_LIMITS,
        .tick = 0.1,
        .step = 0.1,
        .update_ns = 1 * S,
        .average_ns = 2 * S,
        .range_w = 1500.0,
        .accuracy_of_reading = 0.001,
        .accuracy_of_range = 0.0005,
        .accuracy_w = 0.25,
    };
    declared[1] = (gb_meter_domain){
        .struct_size = sizeof(gb_meter_domain),
        .name = "socket1",
        .scope = "package",
        .unit = GB_METER_JOULE,
        .flags = GB_METER_STAMPED,
        .package = 1,
        .accuracy_form = GB_METER_ACCURACY_EXPANDED,
        .tick = 1e-3,
        .step = 1e-3,
        .wrap_ticks = 1000000,
        .update_ns = 10 * MS,
        .accuracy_of_reading = 0.02,
        .accuracy_k = 2.0,
    };
    next[0].ticks = 2315;
    next[1].ticks = 100;
    next[1].stamp_ns = 5 * S;
    return 0;
}

static int end(void **state) {
    (void)state;
    assert_int_equal(open_count, close_count);
    tree_close(&tree);
    return 0;
}

static void what_it_declares_is_what_is_measured(void **state) {
    (void)state;
    test_source meter = source_open(&tree, &gb_energy_meter);
    const gb_energy_domain *wall = &meter.domains[0];
    const gb_energy_domain *socket = &meter.domains[1];

    assert_int_equal(meter.count, 2);
    assert_string_equal(wall->source, "meter");
    assert_string_equal(wall->name, "acme.pdu/wall");
    assert_string_equal(wall->path, "acme.pdu;outlet=3 device=PX3");
    assert_string_equal(wall->plugin.id, "acme.pdu");
    assert_string_equal(wall->plugin.version, "1.2.3");
    assert_string_equal(wall->plugin.sha256, "0123");
    assert_int_equal(wall->status, GB_DOMAIN_OK);
    assert_int_equal(wall->quality, GB_QUALITY_MEASURED);
    assert_int_equal(wall->kind, GB_READING_POWER);
    assert_int_equal(wall->scope, GB_SCOPE_NODE_AC);
    assert_near(wall->tick_j, 0.1, 1e-12);
    assert_int_equal(wall->update_ns, 1 * S);
    assert_int_equal(wall->average_ns, 2 * S);
    assert_near(wall->max_power_w, 3000.0, 1e-9);
    /* Limits: divided by the square root of three. */
    assert_near(wall->u_rel, 0.001 / sqrt(3.0), 1e-12);
    assert_true(wall->accuracy_stated);
    assert_near(wall->u_w, (0.75 + 0.25) / sqrt(3.0), 1e-12);

    assert_int_equal(socket->kind, GB_READING_ENERGY);
    assert_int_equal(socket->scope, GB_SCOPE_PACKAGE);
    assert_int_equal(socket->package, 1);
    assert_int_equal(socket->wrap_ticks, 1000000);
    assert_true(socket->stamped);
    assert_near(socket->max_power_w, 1000.0, 1e-9);
    assert_near(socket->u_rel, 0.01, 1e-12); /* k = 2 */
    assert_near(socket->u_w, 0.0, 0.0);
    assert_string_equal(seen_root, tree.dir);
    source_close(&meter);
}

static void its_accuracy_is_in_the_budget(void **state) {
    gb_energy_reading readings[3];
    gb_energy_figure figure;

    (void)state;
    test_source meter = source_open(&tree, &gb_energy_meter);
    for (size_t i = 0; i < 3; i++)
        readings[i] = (gb_energy_reading){
            .ticks = 5000, .time_ns = (1 + i * 20) * S, .ok = true};
    gb_window_energy(&meter.domains[0], readings, 3, 20.0, &figure);
    assert_near(figure.energy_j, 500.0 * 40.0, 1e-6);
    /* 0.1 % of 500 W, 0.05 % of 1500 W and 0.25 W, for 40 s. */
    assert_near(figure.budget.calibration_j,
                (0.5 + 0.75 + 0.25) * 40.0 / sqrt(3.0), 1e-6);
    source_close(&meter);
}

static void flags_say_how_much_it_is_worth(void **state) {
    (void)state;
    declared[0].flags = GB_METER_SIMULATED | GB_METER_SHARED;
    declared[1].flags |= GB_METER_MODELLED;
    declared[0].accuracy_form = GB_METER_ACCURACY_UNKNOWN;
    test_source meter = source_open(&tree, &gb_energy_meter);
    assert_int_equal(meter.domains[0].quality, GB_QUALITY_SIMULATED);
    assert_true(meter.domains[0].shared);
    assert_near(meter.domains[0].u_rel, 0.03, 1e-12);
    assert_false(meter.domains[0].accuracy_stated);
    assert_int_equal(meter.domains[1].quality, GB_QUALITY_MODELLED);
    assert_false(meter.domains[1].shared);
    source_close(&meter);
}

static void what_cannot_be_read_is_listed_with_the_reason(void **state) {
    (void)state;
    declared_count = 4;
    declared[2] = declared[0];
    declared[2].name = "locked";
    declared[2].status = GB_ERR_PERMISSION;
    declared[2].reason = "the outlet is locked";
    declared[2].fix = "ask the owner";
    declared[3] = declared[0];
    declared[3].name = "off";
    next[3].status = GB_ERR_IO;
    test_source meter = source_open(&tree, &gb_energy_meter);
    assert_int_equal(meter.domains[2].status, GB_DOMAIN_FORBIDDEN);
    assert_string_equal(meter.domains[2].reason, "the outlet is locked");
    assert_string_equal(meter.domains[2].fix, "ask the owner");
    assert_int_equal(meter.domains[3].status, GB_DOMAIN_FAILED);
    assert_string_equal(meter.domains[3].reason, "acme.pdu: outlet is off");
    assert_int_equal(meter.domains[0].status, GB_DOMAIN_OK);
    source_close(&meter);
}

static void a_value_that_cannot_be_is_none(void **state) {
    static const struct {
        size_t domain;
        uint64_t ticks;
        uint64_t stamp_ns;
        gb_status status;
        bool ok;
    } cases[] = {
        {0, 2315, 0, GB_OK, true},
        {0, 30000, 0, GB_OK, true},  /* twice its range */
        {0, 30001, 0, GB_OK, false}, /* more */
        {0, 2315, 0, GB_ERR_IO, false},
        {1, 999999, 1, GB_OK, true},
        {1, 1000000, 1, GB_OK, false}, /* its modulus */
        {1, 17, 0, GB_OK, false},      /* it promised a stamp */
    };
    gb_energy_reading readings[MOST];

    (void)state;
    test_source meter = source_open(&tree, &gb_energy_meter);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t d = cases[i].domain;
        next[d] = (gb_meter_reading){.ticks = cases[i].ticks,
                                     .stamp_ns = cases[i].stamp_ns,
                                     .status = cases[i].status};
        meter.ops->read(meter.source, readings);
        assert_int_equal(readings[d].ok, cases[i].ok);
        if (cases[i].ok)
            assert_int_equal(readings[d].ticks, cases[i].ticks);
        assert_int_equal(readings[d].stamp_ns,
                         cases[i].ok ? cases[i].stamp_ns : 0);
    }
    read_status = GB_ERR_TIMEOUT;
    meter.ops->read(meter.source, readings);
    assert_false(readings[0].ok);
    assert_false(readings[1].ok);
    source_close(&meter);
}

static void only_a_slow_one_is_read_in_the_background(void **state) {
    (void)state;
    test_source meter = source_open(&tree, &gb_energy_meter);
    assert_int_equal(meter.ops->slow_ns(meter.source), 0);
    source_close(&meter);
    slow = 1;
    meter = source_open(&tree, &gb_energy_meter);
    /* As often as its quickest domain has something new. */
    assert_int_equal(meter.ops->slow_ns(meter.source), 10 * MS);
    source_close(&meter);
}

static void expect_refused(const char *setting, gb_status status,
                           const char *what) {
    gb_energy_source *source = NULL;
    gb_error err = {0};

    tree.env.setting = setting;
    assert_int_equal(gb_energy_meter.open(&tree.env, &source, &err), status);
    if (strstr(err.what, what) == NULL)
        fail_msg("%s", err.what);
    assert_true(err.hint[0] != '\0');
}

static void what_is_not_there_is_said(void **state) {
    (void)state;
    expect_refused(NULL, GB_ERR_UNSUPPORTED,
                   "there are plugins for acme.pdu, acme.wall");
    expect_refused("acme.wall", GB_ERR_NOT_FOUND, "found acme.pdu");
    expect_refused("what ever", GB_ERR_INVALID, "the id of a meter plugin");
    tree.env.meters = NULL;
    expect_refused("acme.pdu", GB_ERR_UNSUPPORTED, "plugins for none");
}

/* --- in a set ------------------------------------------------------------- */

static gb_energy_set *open_set(const char *wanted) {
    gb_energy_set *set = NULL;
    gb_error err = {0};

    if (gb_energy_set_open(&tree.env, wanted, &set, &err) != GB_OK)
        fail_msg("%s", err.what);
    return set;
}

static const char *two_meters(const char *source) {
    return strcmp(source, "meter") == 0
               ? " acme.pdu;outlet=3 acme.pdu;outlet=4 acme.wall "
               : NULL;
}

static void several_are_sources_of_their_own(void **state) {
    size_t count = 0;

    (void)state;
    declared_count = 1;
    tree.env.setting_of = two_meters;
    gb_energy_set *set = open_set("meter");
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_int_equal(count, 3);
    assert_string_equal(domains[0].name, "acme.pdu/wall");
    assert_string_equal(domains[0].path, "acme.pdu;outlet=3 device=PX3");
    assert_string_equal(domains[1].name, "acme.pdu/wall#2");
    assert_string_equal(domains[1].path, "acme.pdu;outlet=4 device=PX3");
    assert_int_equal(domains[2].status, GB_DOMAIN_FAILED);
    /* Two meters of the node at the wall: counted once. */
    assert_true(domains[0].summed);
    assert_false(domains[1].summed);
    gb_energy_set_close(set);

    tree.env.setting_of = NULL;
    set = open_set("meter=acme.pdu;outlet=5,meter=acme.pdu;outlet=6");
    domains = gb_energy_set_domains(set, &count);
    assert_int_equal(count, 2);
    assert_string_equal(domains[1].path, "acme.pdu;outlet=6 device=PX3");
    gb_energy_set_close(set);
}

static void more_than_there_is_room_for_are_refused(void **state) {
    gb_str wanted = {0};
    gb_error err = {0};

    (void)state;
    for (int i = 0; i < 40; i++)
        gb_str_addf(&wanted, "%smeter=acme.pdu;outlet=%d", i > 0 ? "," : "", i);
    assert_int_equal(gb_energy_set_check(wanted.text, &err), GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "at most"));
    gb_str_fini(&wanted);
}

static void a_secret_is_refused_before_anything_is_opened(void **state) {
    gb_error err = {0};

    (void)state;
    assert_int_equal(
        gb_energy_set_check("meter=acme.pdu;outlet=1 acme.pdu;token=x", &err),
        GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "no secrets"));
    assert_int_equal(gb_energy_set_check("meter=acme.pdu acme.wall", &err),
                     GB_OK);
    assert_int_equal(open_count, 0);
}

#define METER_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        METER_TEST(what_it_declares_is_what_is_measured),
        METER_TEST(its_accuracy_is_in_the_budget),
        METER_TEST(flags_say_how_much_it_is_worth),
        METER_TEST(what_cannot_be_read_is_listed_with_the_reason),
        METER_TEST(a_value_that_cannot_be_is_none),
        METER_TEST(only_a_slow_one_is_read_in_the_background),
        METER_TEST(what_is_not_there_is_said),
        METER_TEST(several_are_sources_of_their_own),
        METER_TEST(more_than_there_is_room_for_are_refused),
        METER_TEST(a_secret_is_refused_before_anything_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
