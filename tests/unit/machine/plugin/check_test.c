/* SPDX-License-Identifier: Apache-2.0 */
/* The checks on a descriptor in memory: their order and their limits. What each
 * refusal says is in loader_test.c, on real modules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "machine/plugin/plugin.h"

static const char *const extensions[] = {"greenbench.team/1", NULL};
static const char *const team_and_more[] = {"greenbench.team/1", "acme.gpu/2",
                                            NULL};

static gb_status create(const gb_host *host, const gb_params *params,
                        gb_instance **self_out) {
    (void)host, (void)params, (void)self_out;
    return GB_ERR_UNSUPPORTED;
}
static gb_status prepare(gb_instance *self) {
    (void)self;
    return GB_OK;
}
static gb_status run(gb_instance *self, uint64_t iterations, gb_work *work) {
    (void)self, (void)iterations, (void)work;
    return GB_OK;
}
static void destroy(gb_instance *self) {
    (void)self;
}

static gb_plugin sound(void) {
    return (gb_plugin){
        .struct_size = sizeof(gb_plugin),
        .abi_major = GB_PLUGIN_ABI_MAJOR,
        .abi_minor = GB_PLUGIN_ABI_MINOR,
        .id = "test.sound",
        .version = "1.0.0",
        .summary = "does nothing",
        .work_unit = "byte",
        .create = create,
        .prepare = prepare,
        .run = run,
        .destroy = destroy,
    };
}

static gb_status check(const gb_plugin *plugin, gb_plugin *copy,
                       gb_error *err) {
    gb_plugin_part failed;
    return gb_plugin_check(plugin, "/x/test.sound.so", extensions, copy,
                           &failed, err);
}

static void the_first_of_several_faults_is_the_one_reported(void **state) {
    /* Everything is wrong; each step mends what was reported. */
    gb_plugin plugin = {.abi_major = 9};
    gb_plugin copy;
    gb_error err = {0};
    const char *expected[] = {"plugin ABI", "descriptor of", "create()", "'id'",
                              "file named", "parameter 0",   "extension"};
    static const char *const needs[] = {"acme.gpu/2", NULL};
    static const gb_param_decl nameless = {NULL, "help", "1", "1..2"};
    const gb_plugin good = sound();
    (void)state;

    plugin.params = &nameless;
    plugin.param_count = 1;
    plugin.needs = needs;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_not_equal(check(&plugin, &copy, &err), GB_OK);
        if (strstr(err.what, expected[i]) == NULL)
            fail_msg("step %zu: expected '%s' in '%s'", i, expected[i],
                     err.what);
        switch (i) {
        case 0:
            plugin.abi_major = GB_PLUGIN_ABI_MAJOR;
            break;
        case 1:
            plugin.struct_size = sizeof(plugin);
            break;
        case 2:
            plugin.create = create;
            plugin.prepare = prepare;
            plugin.run = run;
            plugin.destroy = destroy;
            break;
        case 3:
            plugin.id = "test.other";
            plugin.version = good.version;
            plugin.summary = good.summary;
            plugin.work_unit = good.work_unit;
            break;
        case 4:
            plugin.id = good.id;
            break;
        case 5:
            plugin.param_count = 0;
            break;
        default:
            break;
        }
    }
    plugin.needs = NULL;
    assert_int_equal(check(&plugin, &copy, &err), GB_OK);
}

static void each_missing_op_but_verify_is_named(void **state) {
    static const struct {
        const char *name;
        size_t offset;
    } ops[] = {
        {"create()", offsetof(gb_plugin, create)},
        {"prepare()", offsetof(gb_plugin, prepare)},
        {"run()", offsetof(gb_plugin, run)},
        {"destroy()", offsetof(gb_plugin, destroy)},
    };
    gb_plugin copy;
    gb_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        gb_plugin plugin = sound();
        memset((char *)&plugin + ops[i].offset, 0, sizeof(void *));
        assert_int_equal(check(&plugin, &copy, &err), GB_ERR_INVALID);
        if (strstr(err.what, ops[i].name) == NULL)
            fail_msg("expected '%s' in '%s'", ops[i].name, err.what);
    }
}

static void bad_parameter_lists_are_refused(void **state) {
    static const gb_param_decl ok = {"size", "how large", "1", "1..9"};
    static const gb_param_decl cases[] = {
        {"", "help", "1", "1..9"},     {"Size", "help", "1", "1..9"},
        {"a-b", "help", "1", "1..9"},  {"size", NULL, "1", "1..9"},
        {"size", "", "1", "1..9"},     {"size", "help", NULL, "1..9"},
        {"size", "help", "0", "1..9"}, {"size", "help", "1", "1.."},
        {"size", "help", "1", ""},
    };
    gb_plugin copy;
    gb_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_plugin plugin = sound();
        plugin.params = &cases[i];
        plugin.param_count = 1;
        if (check(&plugin, &copy, &err) != GB_ERR_INVALID)
            fail_msg("case %zu: expected a refusal, got none", i);
    }
    gb_plugin plugin = sound();
    plugin.param_count = 1;
    assert_int_equal(check(&plugin, &copy, &err), GB_ERR_INVALID);
    plugin.params = &ok;
    plugin.param_count = 100000;
    assert_int_equal(check(&plugin, &copy, &err), GB_ERR_INVALID);
    plugin.param_count = 1;
    assert_int_equal(check(&plugin, &copy, &err), GB_OK);
}

static void ranks_left_out_count_as_one(void **state) {
    gb_plugin plugin = sound(), copy;
    gb_error err = {0};
    (void)state;
    assert_int_equal(check(&plugin, &copy, &err), GB_OK);
    assert_int_equal(copy.ranks_min, 1);
    assert_int_equal(copy.ranks_multiple, 1);
}

static void a_need_is_met_by_any_of_the_offers(void **state) {
    static const char *const needs[] = {"acme.gpu/2", NULL};
    gb_plugin plugin = sound(), copy;
    gb_error err = {0};
    (void)state;
    plugin.needs = needs;
    assert_int_equal(check(&plugin, &copy, &err), GB_ERR_UNSUPPORTED);
    gb_plugin_part failed;
    assert_int_equal(gb_plugin_check(&plugin, "test.sound.so", team_and_more,
                                     &copy, &failed, &err),
                     GB_OK);
}

static void a_failed_check_leaves_the_copy_alone(void **state) {
    gb_plugin plugin = sound(), copy;
    gb_error err = {0};
    (void)state;
    memset(&copy, 0x5a, sizeof(copy));
    const gb_plugin before = copy;
    plugin.run = NULL;
    assert_int_not_equal(check(&plugin, &copy, &err), GB_OK);
    assert_memory_equal(&before, &copy, sizeof(copy));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_several_faults_is_the_one_reported),
        cmocka_unit_test(each_missing_op_but_verify_is_named),
        cmocka_unit_test(bad_parameter_lists_are_refused),
        cmocka_unit_test(a_failed_check_leaves_the_copy_alone),
        cmocka_unit_test(ranks_left_out_count_as_one),
        cmocka_unit_test(a_need_is_met_by_any_of_the_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
