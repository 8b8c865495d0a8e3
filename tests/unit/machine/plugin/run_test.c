/* SPDX-License-Identifier: Apache-2.0 */
/* One instance and the services lent to it. The plugin's ops are this file's
 * hooks, so that each test says what its plugin does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "machine/plugin/plugin.h"

struct gb_instance {
    const gb_host *host;
};

static struct hooks {
    gb_status (*create)(const gb_host *host, const gb_params *params);
    gb_status (*prepare)(const gb_host *host);
    gb_status (*run)(const gb_host *host, gb_work *work);
    gb_status (*verify)(const gb_host *host);
    void (*destroy)(const gb_host *host);
    int destroyed;
    bool no_instance;
} hooks;

static gb_instance instance;

static gb_status op_create(const gb_host *host, const gb_params *params,
                           gb_instance **self_out) {
    const gb_status status =
        hooks.create != NULL ? hooks.create(host, params) : GB_OK;
    instance.host = host;
    if (status == GB_OK && !hooks.no_instance)
        *self_out = &instance;
    return status;
}
static gb_status op_prepare(gb_instance *self) {
    return hooks.prepare != NULL ? hooks.prepare(self->host) : GB_OK;
}
static gb_status op_run(gb_instance *self, uint64_t iterations, gb_work *work) {
    work->done = (double)iterations;
    return hooks.run != NULL ? hooks.run(self->host, work) : GB_OK;
}
static gb_status op_verify(gb_instance *self) {
    return hooks.verify != NULL ? hooks.verify(self->host) : GB_OK;
}
static void op_destroy(gb_instance *self) {
    hooks.destroyed++;
    if (hooks.destroy != NULL)
        hooks.destroy(self->host);
}

static char size_name[] = "size_bytes", size_text[] = "4KiB";
static char ratio_name[] = "ratio", ratio_text[] = "0.5";
static char mode_name[] = "mode", mode_text[] = "auto";
static gb_plan_param values[] = {
    {size_name, size_text, GB_VALUE_BYTES, 4096, 4096.0, false},
    {ratio_name, ratio_text, GB_VALUE_F64, 0, 0.5, false},
    {mode_name, mode_text, GB_VALUE_TEXT, 0, 0.0, true},
};
static const gb_plan_case planned = {.params = values, .param_count = 3};
static const int team = 1, mpi = 2;
static gb_plugin plugin = {
    .struct_size = sizeof(gb_plugin),
    .id = "test.hooked",
    .create = op_create,
    .prepare = op_prepare,
    .run = op_run,
    .verify = op_verify,
    .destroy = op_destroy,
};

static gb_plugin_run *run;
static gb_error err;

static gb_status make(void) {
    const gb_host_setup setup = {.core_count = 3,
                                 .memory_bytes = 64u << 20,
                                 .cache_bytes = 1u << 20,
                                 .ext_team = &team,
                                 .ext_mpi = &mpi};
    return gb_plugin_run_create(&plugin, &planned, &setup, &run, &err);
}

static int begin(void **state) {
    (void)state;
    hooks = (struct hooks){0};
    plugin.verify = op_verify;
    run = NULL;
    err = (gb_error){0};
    return 0;
}
static int end(void **state) {
    (void)state;
    gb_plugin_run_destroy(run);
    run = NULL;
    return 0;
}

static void expect_text(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("expected '%s' in '%s'", part, text);
}

/* --- failures --------------------------------------------------------------
 */

/* (host->fail), as cmocka has a macro of that name. */
static gb_status fail_with_reason(const gb_host *host) {
    return (host->fail)(host, GB_ERR_VERIFY, "look here", "a[%d]: expected %g",
                        3, 7.0);
}
static void a_failure_carries_id_reason_and_hint(void **state) {
    (void)state;
    hooks.verify = fail_with_reason;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_verify(run, &err), GB_ERR_VERIFY);
    assert_string_equal(err.what, "test.hooked: a[3]: expected 7");
    assert_string_equal(err.hint, "look here");
    assert_int_equal(err.status, GB_ERR_VERIFY);
}

static gb_status fail_silently(const gb_host *host) {
    (void)host;
    return GB_ERR_IO;
}
static void a_failure_without_a_reason_says_so(void **state) {
    (void)state;
    hooks.prepare = fail_silently;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_ERR_IO);
    expect_text(err.what, "prepare() failed without a reason");
}

static gb_status return_nonsense(const gb_host *host) {
    (void)host;
    return 4711;
}
static void an_unknown_status_is_an_internal_error(void **state) {
    (void)state;
    hooks.prepare = return_nonsense;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_ERR_INTERNAL);
    expect_text(err.what, "unknown status 4711");
}

static gb_status recover(const gb_host *host) {
    (host->fail)(host, GB_ERR_UNSUPPORTED, NULL, "the fast way is closed");
    return GB_OK;
}
static void a_reason_from_which_the_plugin_recovered_is_dropped(void **state) {
    (void)state;
    hooks.prepare = recover;
    hooks.verify = fail_silently;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_OK);
    assert_int_equal(gb_plugin_run_verify(run, &err), GB_ERR_IO);
    expect_text(err.what, "verify() failed without a reason");
}

static gb_status refuse(const gb_host *host, const gb_params *params) {
    (void)params;
    return (host->fail)(host, GB_ERR_UNSUPPORTED, NULL, "not here");
}
static void after_a_failed_create_nothing_else_is_called(void **state) {
    (void)state;
    hooks.create = refuse;
    assert_int_equal(make(), GB_ERR_UNSUPPORTED);
    assert_null(run);
    assert_int_equal(hooks.destroyed, 0);
}

static void create_must_set_the_instance(void **state) {
    (void)state;
    hooks.no_instance = true;
    assert_int_equal(make(), GB_ERR_INTERNAL);
    expect_text(err.what, "without an instance");
}

/* --- run() -----------------------------------------------------------------
 */

static double done;
static gb_status do_work(const gb_host *host, gb_work *work) {
    (void)host;
    work->done = done;
    return GB_OK;
}
static void work_must_be_finite_and_above_zero(void **state) {
    static const struct {
        double done;
        gb_status status;
    } cases[] = {
        {0.0, GB_ERR_INTERNAL},
        {-1.0, GB_ERR_INTERNAL},
        {(double)NAN, GB_ERR_INTERNAL},
        {(double)INFINITY, GB_ERR_INTERNAL},
        {1e-300, GB_OK},
    };
    (void)state;
    hooks.run = do_work;
    assert_int_equal(make(), GB_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_work work = {.done = -7.0};
        uint64_t elapsed_ns = 99;
        done = cases[i].done;
        const gb_status got =
            gb_plugin_run_call(run, 1, &work, &elapsed_ns, &err);
        if (got != cases[i].status)
            fail_msg("work %g: expected %d, got %d", done, (int)cases[i].status,
                     (int)got);
        if (got != GB_OK && (work.done != -7.0 || elapsed_ns != 99))
            fail_msg("work %g: outputs changed on failure", done);
    }
}

static void no_iterations_are_refused_without_a_call(void **state) {
    gb_work work;
    uint64_t elapsed_ns;
    (void)state;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_call(run, 0, &work, &elapsed_ns, &err),
                     GB_ERR_INVALID);
}

static gb_status nap(const gb_host *host, gb_work *work) {
    const struct timespec ten_ms = {.tv_nsec = 10000000};
    (void)host, (void)work;
    nanosleep(&ten_ms, NULL);
    return GB_OK;
}
static void the_elapsed_time_is_that_of_the_call(void **state) {
    gb_work work;
    uint64_t elapsed_ns = 0;
    (void)state;
    hooks.run = nap;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_call(run, 5, &work, &elapsed_ns, &err),
                     GB_OK);
    assert_true(elapsed_ns >= 10000000);
    assert_true(elapsed_ns < 10000000000);
    assert_true(work.done > 4.9 && work.done < 5.1);
}

static void without_verify_every_result_passes(void **state) {
    (void)state;
    plugin.verify = NULL;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_verify(run, &err), GB_OK);
}

/* --- parameters ------------------------------------------------------------
 */

static uint64_t got_u64[3];
static double got_f64[3];
static const char *got_text[3];
static gb_status read_values(const gb_host *host, const gb_params *params) {
    static const char *const names[] = {size_name, ratio_name, mode_name};
    for (size_t i = 0; i < 3; i++) {
        if (i != 1)
            got_u64[i] = host->param_u64(params, names[i]);
        got_f64[i] = host->param_f64(params, names[i]);
        got_text[i] = host->param_text(params, names[i]);
    }
    return GB_OK;
}
static void parameters_read_by_name_as_number_and_text(void **state) {
    (void)state;
    hooks.create = read_values;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(got_u64[0], 4096);
    assert_int_equal(got_u64[2], 0);
    assert_true(got_f64[0] == 4096.0 && got_f64[1] == 0.5 && got_f64[2] == 0.0);
    assert_string_equal(got_text[0], "4KiB");
    assert_string_equal(got_text[2], "auto");
}

static gb_status read_undeclared(const gb_host *host, const gb_params *params) {
    assert_int_equal(host->param_u64(params, "szie_bytes"), 0);
    assert_string_equal(host->param_text(params, "szie_bytes"), "");
    return GB_OK;
}
static void an_undeclared_parameter_fails_the_call(void **state) {
    (void)state;
    hooks.create = read_undeclared;
    assert_int_equal(make(), GB_ERR_INTERNAL);
    expect_text(err.what, "'szie_bytes', which it does not declare");
    assert_int_equal(hooks.destroyed, 1);
}

static gb_status read_real_as_whole(const gb_host *host,
                                    const gb_params *params) {
    host->param_u64(params, "ratio");
    return GB_OK;
}
static void a_real_number_is_not_cut_to_a_whole_one(void **state) {
    (void)state;
    hooks.create = read_real_as_whole;
    assert_int_equal(make(), GB_ERR_INTERNAL);
}

/* --- memory ----------------------------------------------------------------
 */

static void *kept;
static gb_status take_blocks(const gb_host *host) {
    static const struct {
        size_t bytes, align;
    } wanted[] = {
        {1, 8}, {100, 64}, {4096, 4096}, {5u << 20, 64}, {5u << 20, 4u << 20}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        unsigned char *block =
            host->alloc(host, wanted[i].bytes, wanted[i].align);
        if (block == NULL || (uintptr_t)block % wanted[i].align != 0)
            fail_msg("%zu bytes: got %p", wanted[i].bytes, (void *)block);
        block[0] = 1;
        block[wanted[i].bytes - 1] = 2;
        host->free(host, block);
    }
    host->free(host, NULL);
    kept = host->alloc(host, 1000, 64);
    return GB_OK;
}
static void what_was_not_given_back_is_counted(void **state) {
    (void)state;
    hooks.prepare = take_blocks;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_OK);
    assert_int_equal(gb_plugin_run_leaked_bytes(run), 1000);
    assert_int_equal(gb_plugin_run_end(run, &err), GB_OK);
    assert_int_equal(gb_plugin_run_leaked_bytes(run), 1000);
    assert_int_equal(hooks.destroyed, 1);
}

static gb_status take_too_much(const gb_host *host) {
    void *most = host->alloc(host, 60u << 20, 64);
    assert_non_null(most);
    assert_null(host->alloc(host, 5u << 20, 64));
    assert_null(host->alloc(host, SIZE_MAX, 64));
    host->free(host, most);
    return GB_ERR_NO_MEMORY;
}
static void the_share_of_the_memory_is_a_limit(void **state) {
    (void)state;
    hooks.prepare = take_too_much;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_ERR_NO_MEMORY);
    expect_text(err.what, "expected at most 64MiB for this rank");
}

static void free_strange_block(const gb_host *host) {
    host->free(host, &instance);
}
static void a_block_that_was_never_lent_is_not_freed(void **state) {
    (void)state;
    hooks.destroy = free_strange_block;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_end(run, &err), GB_ERR_INTERNAL);
    expect_text(err.what, "expected a block from alloc()");
}

static gb_status take_oddly(const gb_host *host) {
    assert_null(host->alloc(host, 8, 3));
    return GB_OK;
}
static void an_alignment_must_be_a_power_of_two(void **state) {
    (void)state;
    hooks.prepare = take_oddly;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_ERR_INTERNAL);
}

/* --- notes and extensions --------------------------------------------------
 */

static gb_status note_facts(const gb_host *host) {
    host->note(host, "isa", "%s", "sse2");
    host->note(host, "cores", "%u", host->core_count);
    host->note(host, "isa", "%s", "avx512");
    return GB_OK;
}
static void a_second_note_replaces_the_first(void **state) {
    size_t count = 0;
    (void)state;
    hooks.prepare = note_facts;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_OK);
    const gb_note *notes = gb_plugin_run_notes(run, &count);
    assert_int_equal(count, 2);
    assert_string_equal(notes[0].key, "isa");
    assert_string_equal(notes[0].value, "avx512");
    assert_string_equal(notes[1].value, "3");
}

static gb_status note_too_many(const gb_host *host) {
    for (char c = 'a'; c <= 'z'; c++) {
        const char key[] = {c, '\0'};
        host->note(host, key, "%c", c);
    }
    return GB_OK;
}
static gb_status note_badly(const gb_host *host) {
    host->note(host, "Bad Key", "x");
    return GB_OK;
}
static void bad_keys_and_too_many_notes_fail_the_call(void **state) {
    (void)state;
    hooks.prepare = note_badly;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_ERR_INTERNAL);
    hooks.prepare = note_too_many;
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_ERR_INTERNAL);
}

static gb_status look_for_extensions(const gb_host *host) {
    assert_ptr_equal(host->extension(host, "greenbench.team/1"), &team);
    assert_ptr_equal(host->extension(host, "greenbench.mpi/1"), &mpi);
    assert_null(host->extension(host, "greenbench.team/2"));
    assert_int_equal(host->memory_bytes, 64u << 20);
    assert_int_equal(host->cache_bytes, 1u << 20);
    assert_int_equal(host->struct_size, sizeof(gb_host));
    return GB_OK;
}
static void the_host_table_is_filled_in(void **state) {
    (void)state;
    hooks.prepare = look_for_extensions;
    assert_int_equal(make(), GB_OK);
    assert_int_equal(gb_plugin_run_prepare(run, &err), GB_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_failure_carries_id_reason_and_hint),
        TEST(a_failure_without_a_reason_says_so),
        TEST(an_unknown_status_is_an_internal_error),
        TEST(a_reason_from_which_the_plugin_recovered_is_dropped),
        TEST(after_a_failed_create_nothing_else_is_called),
        TEST(create_must_set_the_instance),
        TEST(work_must_be_finite_and_above_zero),
        TEST(no_iterations_are_refused_without_a_call),
        TEST(the_elapsed_time_is_that_of_the_call),
        TEST(without_verify_every_result_passes),
        TEST(an_undeclared_parameter_fails_the_call),
        TEST(a_real_number_is_not_cut_to_a_whole_one),
        TEST(parameters_read_by_name_as_number_and_text),
        TEST(the_share_of_the_memory_is_a_limit),
        TEST(a_block_that_was_never_lent_is_not_freed),
        TEST(an_alignment_must_be_a_power_of_two),
        TEST(what_was_not_given_back_is_counted),
        TEST(bad_keys_and_too_many_notes_fail_the_call),
        TEST(a_second_note_replaces_the_first),
        TEST(the_host_table_is_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
