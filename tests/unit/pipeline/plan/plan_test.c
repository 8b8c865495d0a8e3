/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalogue.h"
#include "codec/json.h"
#include "pipeline/config/config.h"
#include "pipeline/config/options.h"
#include "pipeline/plan/plan.h"

static const char *no_env(const char *name) {
    (void)name;
    return NULL;
}

/* --- from a suite's text or from --bench and --param -----------------------
 */

/* Everything of the fake catalogue, where it fits. */
#define OPTIONAL                                                               \
    "benchmarks:\n"                                                            \
    "  - id: compute.fma\n"                                                    \
    "    params: {precision: [fp64, fp32]}\n"                                  \
    "    optional: true\n"                                                     \
    "  - {id: compute.dgemm, optional: true}\n"                                \
    "  - {id: memory.triad, optional: true}\n"                                 \
    "  - id: network.pingpong\n"                                               \
    "    params: {message_bytes: [8B, 1MiB]}\n"                                \
    "    optional: true\n"                                                     \
    "  - id: network.allreduce\n"                                              \
    "    params: {message_bytes: 8B}\n"                                        \
    "    optional: true\n"

typedef struct request {
    const char *suite;                  /* nullable */
    const char *bench, *param, *param2; /* nullable */
    uint32_t ranks;
} request;

static gb_config config_of(const request *from) {
    gb_option options[3];
    size_t count = 0;
    gb_config config = {0};
    gb_error err = {0};
    if (from->bench != NULL)
        options[count++] = (gb_option){"bench", from->bench};
    if (from->param != NULL)
        options[count++] = (gb_option){"param", from->param};
    if (from->param2 != NULL)
        options[count++] = (gb_option){"param", from->param2};
    if (gb_config_build(NULL, options, count, no_env, &config, &err) != GB_OK)
        fail_msg("%s", err.what);
    if (from->suite == NULL)
        return config;

    /* Its benchmarks in place of the default suite's. */
    gb_config_draft draft = {0};
    if (gb_suite_parse("suite.yaml", from->suite, &draft, &err) != GB_OK)
        fail_msg("%s", err.what);
    gb_config_bench *benches = config.benches;
    const size_t bench_count = config.bench_count;
    config.benches = draft.config.benches;
    config.bench_count = draft.config.bench_count;
    draft.config.benches = benches;
    draft.config.bench_count = bench_count;
    if (draft.config.ci_percent > 0.0)
        config.ci_percent = draft.config.ci_percent;
    if (draft.config.max_repeats > 0)
        config.max_repeats = draft.config.max_repeats;
    gb_config_fini(&draft.config);
    return config;
}

static gb_status build(const request *from, gb_plan *plan, gb_error *err) {
    gb_config config = config_of(from);
    *err = (gb_error){0};
    const gb_status status =
        gb_plan_build(&config, &fake_catalogue, from->ranks, plan, err);
    gb_config_fini(&config);
    return status;
}

/* "compute.fma precision=fp32; memory.triad" and the skips in brackets. */
static char *describe(const gb_plan *plan) {
    gb_str text = {0};
    for (size_t i = 0; i < plan->case_count; i++) {
        char label[120];
        gb_str_addf(&text, "%s%s", i > 0 ? "; " : "",
                    gb_plan_case_label(&plan->cases[i], label, sizeof(label)));
    }
    for (size_t i = 0; i < plan->skip_count; i++)
        gb_str_addf(&text, " (%s)", plan->skips[i].id);
    return gb_str_take(&text);
}

static void assert_plan(const request *from, const char *want) {
    gb_plan plan = {0};
    gb_error err;
    if (build(from, &plan, &err) != GB_OK)
        fail_msg("%s", err.what);
    char *got = describe(&plan);
    if (strcmp(got, want) != 0)
        fail_msg("expected: %s\ngot:      %s", want, got);
    free(got);
    gb_plan_fini(&plan);
}

/* --- mistakes ------------------------------------------------------------- */

static void what_cannot_be_planned_is_refused_with_the_way_out(void **state) {
    static const struct {
        request from;
        gb_status status;
        const char *what, *hint;
    } cases[] = {
        {{NULL, "memory.traid", NULL, NULL, 1},
         GB_ERR_NOT_FOUND,
         "--bench: expected one of compute.dgemm, compute.fma, memory.triad, "
         "network.allreduce, network.pingpong, network.ring, got "
         "'memory.traid'",
         "did you mean 'memory.triad'?"},
        {{NULL, "compute.old", NULL, NULL, 1},
         GB_ERR_NOT_FOUND,
         "--bench: 'compute.old' cannot be used: '/plugins/compute.old.so': "
         "expected plugin ABI 1, got 2",
         "rebuild it"},
        {{NULL, "disk.*", NULL, NULL, 1},
         GB_ERR_NOT_FOUND,
         "--bench: expected a pattern for one of compute.dgemm, compute.fma, "
         "memory.triad, network.allreduce, network.pingpong, network.ring, got "
         "'disk.*'",
         "'greenbench list' shows them all"},
        {{"benchmarks:\n  - compute.fmaa\n", NULL, NULL, NULL, 1},
         GB_ERR_NOT_FOUND,
         "suite.yaml:2:5: expected one of compute.dgemm, compute.fma, "
         "memory.triad, network.allreduce, network.pingpong, network.ring, got "
         "'compute.fmaa'",
         "did you mean 'compute.fma'?"},
        {{"benchmarks:\n  - id: memory.triad\n    params: {aray_bytes: 1}\n",
          NULL, NULL, NULL, 1},
         GB_ERR_NOT_FOUND,
         "suite.yaml:3:26: memory.triad: expected one of array_bytes, got "
         "'aray_bytes'",
         "did you mean 'array_bytes'?"},
        {{"benchmarks:\n  - id: compute.*\n    params: {m: 1}\n", NULL, NULL,
          NULL, 1},
         GB_ERR_NOT_FOUND,
         "suite.yaml:3:17: compute.*: expected one of n, precision, isa, got "
         "'m'",
         "did you mean 'n'?"},
        {{"benchmarks:\n  - id: memory.triad\n    params: {array_bytes: 12B}\n",
          NULL, NULL, NULL, 1},
         GB_ERR_RANGE,
         "suite.yaml:3:27: array_bytes: expected auto|4KiB..64GiB, got '12B'",
         "the nearest is 4KiB"},
        {{"benchmarks:\n  - id: compute.fma\n    params:\n"
          "      precision: [fp64, fp46]\n",
          NULL, NULL, NULL, 1},
         GB_ERR_RANGE,
         "suite.yaml:4:18: precision: expected fp64|fp32, got 'fp46'",
         "did you mean 'fp64'?"},
        {{"benchmarks:\n  - id: memory.triad\n    params:\n"
          "      array_bytes: [64MiB, 67108864B]\n",
          NULL, NULL, NULL, 1},
         GB_ERR_INVALID,
         "suite.yaml:4:20: array_bytes: expected different values, got "
         "'67108864B' twice",
         ""},
        {{NULL, "memory.triad", "memory.triad.array_bytes=12B", NULL, 1},
         GB_ERR_RANGE,
         "--param: memory.triad.array_bytes: expected auto|4KiB..64GiB, got "
         "'12B'",
         "the nearest is 4KiB"},
        {{NULL, "memory.triad", "memory.triad.array_bytes=1MiB..8MiB*1", NULL,
          1},
         GB_ERR_RANGE,
         "--param: memory.triad.array_bytes: expected a range such as "
         "8B..4MiB or 1..16*4, got '1MiB..8MiB*1'",
         "A..B doubles, A..B*F multiplies, A..B+S adds"},
        {{NULL, "memory.triad", "memory.triad.aray_bytes=1MiB", NULL, 1},
         GB_ERR_NOT_FOUND,
         "--param: memory.triad: expected one of array_bytes, got 'aray_bytes'",
         "did you mean 'array_bytes'?"},
        {{NULL, "memory.triad,compute.*", "memory.traid.array_bytes=1MiB", NULL,
          1},
         GB_ERR_NOT_FOUND,
         "--param: expected one of the planned memory.triad, compute.dgemm, "
         "compute.fma, got 'memory.traid'",
         "did you mean 'memory.triad'?"},
        {{NULL, "memory.triad", "*.message_bytes=8B", NULL, 1},
         GB_ERR_NOT_FOUND,
         "--param: memory.triad: expected one of array_bytes, got "
         "'message_bytes'",
         ""},
        {{NULL, "network.pingpong", NULL, NULL, 3},
         GB_ERR_INVALID,
         "--bench: network.pingpong: expected a number of ranks that is a "
         "multiple of 2, got 3",
         "start with mpirun -n 2 or -n 4"},
        {{NULL, "network.pingpong", NULL, NULL, 1},
         GB_ERR_INVALID,
         "--bench: network.pingpong: expected a number of ranks that is a "
         "multiple of 2, got 1",
         "start with mpirun -n 2"},
        {{NULL, "network.ring", NULL, NULL, 3},
         GB_ERR_INVALID,
         "--bench: network.ring: expected at least 4 ranks, got 3",
         "start with mpirun -n 4"},
        {{NULL, "network.*", NULL, NULL, 1},
         GB_ERR_INVALID,
         "expected a benchmark to run, got none: network.allreduce is skipped: "
         "expected at least 2 ranks, got 1",
         "start with mpirun -n 2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_plan plan = {0};
        gb_error err;
        const gb_status status = build(&cases[i].from, &plan, &err);
        if (status != cases[i].status || strcmp(err.what, cases[i].what) != 0 ||
            strcmp(err.hint, cases[i].hint) != 0)
            fail_msg("case %zu: %s: %s\n  hint: %s", i, gb_status_name(status),
                     err.what, err.hint);
        assert_null(plan.cases);
    }
}

static void more_cases_than_anyone_can_wait_for_are_refused(void **state) {
    const request from = {NULL, "compute.dgemm,network.*",
                          "compute.dgemm.n=16..271+1", NULL, 2};
    gb_str values = {0};
    gb_plan plan = {0};
    gb_error err;
    (void)state;
    assert_int_equal(build(&from, &plan, &err), GB_OK);
    assert_int_equal(plan.case_count, 256 + 2);
    gb_plan_fini(&plan);

    gb_str_add(&values, "compute.dgemm.n=16");
    for (int i = 17; i < 16 + 10001; i++)
        gb_str_addf(&values, ",%d", i);
    const request many = {NULL, "compute.dgemm", values.text, NULL, 1};
    assert_int_equal(build(&many, &plan, &err), GB_ERR_RANGE);
    assert_string_equal(err.what, "--bench: compute.dgemm: expected at most "
                                  "10000 cases in a plan, got more");
    gb_str_fini(&values);
}

static void a_machine_without_plugins_is_told_where_to_look(void **state) {
    const gb_catalogue none = {0};
    const request from = {0};
    gb_config config = config_of(&from);
    gb_plan plan = {0};
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_plan_build(&config, &none, 1, &plan, &err),
                     GB_ERR_NOT_FOUND);
    assert_string_equal(err.what, "expected benchmark plugins, found none");
    gb_config_fini(&config);
}

/* --- what will run -------------------------------------------------------- */

static void a_suite_of_optional_entries_fits_any_number_of_ranks(void **state) {
    const request one = {OPTIONAL, NULL, NULL, NULL, 1},
                  two = {OPTIONAL, NULL, NULL, NULL, 2},
                  three = {OPTIONAL, NULL, NULL, NULL, 3};
    (void)state;
    assert_plan(&one, "compute.fma; compute.fma precision=fp32; compute.dgemm; "
                      "memory.triad (network.pingpong) (network.allreduce)");
    assert_plan(&two, "compute.fma; compute.fma precision=fp32; compute.dgemm; "
                      "memory.triad; network.pingpong; network.pingpong "
                      "message_bytes=1MiB; network.allreduce");
    assert_plan(&three,
                "compute.fma; compute.fma precision=fp32; compute.dgemm; "
                "memory.triad; network.allreduce (network.pingpong)");
}

static void an_optional_benchmark_without_a_plugin_is_skipped(void **state) {
    gb_catalogue few = fake_catalogue;
    const request from = {OPTIONAL, NULL, NULL, NULL, 1};
    gb_config config = config_of(&from);
    gb_plan plan = {0};
    gb_error err = {0};
    (void)state;
    few.entries++; /* without dgemm */
    few.count = 2;
    assert_int_equal(gb_plan_build(&config, &few, 1, &plan, &err), GB_OK);
    assert_int_equal(plan.skip_count, 3);
    assert_string_equal(plan.skips[0].reason,
                        "compute.dgemm is skipped: expected a plugin of this "
                        "name, found none");
    gb_plan_fini(&plan);
    gb_config_fini(&config);
}

static void sweeps_are_every_combination_last_parameter_fastest(void **state) {
    const request lists = {
        "benchmarks:\n  - id: compute.fma\n    params:\n"
        "      isa: [avx2, avx512]\n      precision: [fp32, fp64]\n",
        NULL, NULL, NULL, 1};
    const request ranges = {NULL, "network.pingpong",
                            "network.pingpong.message_bytes=1B..1KiB*16,1MiB",
                            NULL, 2};
    (void)state;
    assert_plan(&lists, "compute.fma precision=fp32 isa=avx2; compute.fma "
                        "precision=fp32 isa=avx512; compute.fma isa=avx2; "
                        "compute.fma isa=avx512");
    assert_plan(&ranges, "network.pingpong message_bytes=1B; network.pingpong "
                         "message_bytes=16B; network.pingpong "
                         "message_bytes=256B; network.pingpong "
                         "message_bytes=1MiB");
}

static void the_last_param_wins_over_others_and_over_the_suite(void **state) {
    const request from = {
        "benchmarks:\n  - id: compute.fma\n    params: {precision: fp32}\n"
        "  - memory.triad\n",
        NULL, "compute.*.isa=avx2", "compute.fma.isa=avx512", 1};
    const request by_glob = {
        "benchmarks:\n  - id: compute.fma\n    params: {precision: fp32}\n",
        NULL, "*.precision=fp64", NULL, 1};
    (void)state;
    assert_plan(&from, "compute.fma precision=fp32 isa=avx512; memory.triad");
    assert_plan(&by_glob, "compute.fma");
}

static void a_value_equal_to_the_default_is_the_default(void **state) {
    const request from = {NULL, "network.allreduce",
                          "network.allreduce.message_bytes=8", NULL, 2};
    (void)state;
    assert_plan(&from, "network.allreduce");
}

static void a_param_of_a_skipped_benchmark_does_no_harm(void **state) {
    const request from = {OPTIONAL, NULL, "network.pingpong.message_bytes=1KiB",
                          NULL, 1};
    (void)state;
    assert_plan(&from,
                "compute.fma; compute.fma precision=fp32; compute.dgemm; "
                "memory.triad (network.pingpong) (network.allreduce)");
}

static void a_dropped_case_becomes_a_skip_and_the_rest_moves_up(void **state) {
    const request from = {NULL, "compute.fma,memory.*",
                          "memory.triad.array_bytes=1MiB,2MiB,4MiB", NULL, 1};
    char label[80];
    gb_plan plan = {0};
    gb_error err = {0};
    (void)state;
    assert_int_equal(build(&from, &plan, &err), GB_OK);
    assert_int_equal(plan.case_count, 4);
    assert_false(plan.cases[0].optional);
    assert_true(plan.cases[2].optional);
    const double estimate_s = plan.estimate_s;
    assert_int_equal(
        gb_plan_drop_case(&plan, 2, "too large", "buy memory", &err), GB_OK);
    assert_int_equal(plan.case_count, 3);
    assert_true(plan.estimate_s < estimate_s);
    assert_string_equal(
        gb_plan_case_label(&plan.cases[2], label, sizeof(label)),
        "memory.triad array_bytes=4MiB");
    assert_int_equal(plan.skip_count, 1);
    assert_string_equal(plan.skips[0].id, "memory.triad array_bytes=2MiB");
    assert_string_equal(plan.skips[0].reason,
                        "memory.triad array_bytes=2MiB is skipped: too large");
    assert_string_equal(plan.skips[0].hint, "buy memory");
    gb_plan_fini(&plan);
}

static void a_solve_runs_once_unless_someone_asks_for_more(void **state) {
    static const struct {
        const char *repeats;
        uint32_t expected;
    } cases[] = {{NULL, 1}, {"4", 4}};
    gb_catalogue one = fake_catalogue;
    gb_catalogue_entry entries[1] = {fake_catalogue.entries[0]};
    (void)state;
    entries[0].one_shot = true;
    one.entries = entries;
    one.count = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gb_option options[] = {{"bench", entries[0].id},
                                     {"repeats", cases[i].repeats}};
        gb_config config = {0};
        gb_plan plan = {0};
        gb_error err = {0};
        assert_int_equal(gb_config_build(NULL, options,
                                         cases[i].repeats != NULL ? 2 : 1,
                                         no_env, &config, &err),
                         GB_OK);
        assert_int_equal(gb_plan_build(&config, &one, 1, &plan, &err), GB_OK);
        assert_true(plan.cases[0].one_shot);
        assert_int_equal(plan.cases[0].repeats, cases[i].expected);
        assert_int_equal((int)plan.cases[0].timeout_s, 24 * 3600);
        gb_plan_fini(&plan);
        gb_config_fini(&config);
    }
}

static void a_plan_tells_whose_ranks_wait_for_each_other(void **state) {
    const gb_option options[] = {{"bench", "memory.triad,network.ring"}};
    gb_config config = {0};
    gb_plan plan = {0};
    gb_error err = {0};

    (void)state;
    assert_int_equal(gb_config_build(NULL, options, 1, no_env, &config, &err),
                     GB_OK);
    assert_int_equal(gb_plan_build(&config, &fake_catalogue, 4, &plan, &err),
                     GB_OK);
    assert_int_equal(plan.case_count, 2);
    assert_false(plan.cases[0].communicates);
    assert_true(plan.cases[1].communicates);
    gb_plan_fini(&plan);
    gb_config_fini(&config);
}

static void globs_are_sorted_and_overlaps_run_once(void **state) {
    const request from = {NULL, "memory.triad,*", NULL, NULL, 2};
    (void)state;
    assert_plan(&from,
                "memory.triad; compute.dgemm; compute.fma; network.allreduce; "
                "network.pingpong (network.ring)");
}

static void values_arrive_as_numbers_in_base_units(void **state) {
    const request from = {NULL, "memory.triad", "*.array_bytes=1.5GiB", NULL,
                          1};
    gb_plan plan = {0};
    gb_error err;
    (void)state;
    assert_int_equal(build(&from, &plan, &err), GB_OK);
    const gb_plan_param *param = &plan.cases[0].params[0];
    assert_int_equal(param->kind, GB_VALUE_BYTES);
    assert_int_equal(param->u64, 1610612736);
    assert_string_equal(param->text, "1.5GiB");
    assert_int_equal(plan.cases[0].plugin, 5);
    gb_plan_fini(&plan);
}

static void repetitions_follow_the_entry_then_the_run(void **state) {
    static const struct {
        const char *label, *suite;
        uint32_t repeats, max_repeats;
        double ci_percent;
    } cases[] = {
        {"default", "benchmarks: [compute.dgemm]\n", 10, 10, 0.0},
        {"width of the run", "ci: 5\nbenchmarks: [compute.dgemm]\n", 10, 100,
         5.0},
        {"count of the entry beats width of the run",
         "ci: 5\nbenchmarks: [{id: compute.dgemm, repeats: 3}]\n", 3, 3, 0.0},
        {"width of the entry",
         "benchmarks: [{id: compute.dgemm, ci: 2, repeats: 20}]\n", 20, 200,
         2.0},
        {"limit of the run",
         "ci: 5\nmax_repeats: 15\nbenchmarks: [compute.dgemm]\n", 10, 15, 5.0},
        {"limit below the entry's least",
         "max_repeats: 15\nbenchmarks: [{id: compute.dgemm, ci: 2, repeats: "
         "20}]\n",
         20, 20, 2.0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const request from = {cases[i].suite, NULL, NULL, NULL, 1};
        gb_plan plan = {0};
        gb_error err;
        if (build(&from, &plan, &err) != GB_OK)
            fail_msg("%s: %s", cases[i].label, err.what);
        const gb_plan_case *planned = &plan.cases[0];
        if (planned->repeats != cases[i].repeats ||
            planned->max_repeats != cases[i].max_repeats ||
            planned->ci_percent != cases[i].ci_percent)
            fail_msg("%s: got %u..%u, %g %%", cases[i].label, planned->repeats,
                     planned->max_repeats, planned->ci_percent);
        gb_plan_fini(&plan);
    }
}

static void a_label_that_is_too_long_says_so(void **state) {
    const request from = {NULL, "compute.fma", "*.isa=avx512", NULL, 1};
    char label[16];
    gb_plan plan = {0};
    gb_error err;
    (void)state;
    assert_int_equal(build(&from, &plan, &err), GB_OK);
    assert_string_equal(gb_plan_case_label(&plan.cases[0], label, 16),
                        "compute.fma ...");
    gb_plan_fini(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_planned_is_refused_with_the_way_out),
        cmocka_unit_test(more_cases_than_anyone_can_wait_for_are_refused),
        cmocka_unit_test(a_machine_without_plugins_is_told_where_to_look),
        cmocka_unit_test(a_suite_of_optional_entries_fits_any_number_of_ranks),
        cmocka_unit_test(an_optional_benchmark_without_a_plugin_is_skipped),
        cmocka_unit_test(sweeps_are_every_combination_last_parameter_fastest),
        cmocka_unit_test(the_last_param_wins_over_others_and_over_the_suite),
        cmocka_unit_test(a_value_equal_to_the_default_is_the_default),
        cmocka_unit_test(a_param_of_a_skipped_benchmark_does_no_harm),
        cmocka_unit_test(a_dropped_case_becomes_a_skip_and_the_rest_moves_up),
        cmocka_unit_test(a_solve_runs_once_unless_someone_asks_for_more),
        cmocka_unit_test(a_plan_tells_whose_ranks_wait_for_each_other),
        cmocka_unit_test(globs_are_sorted_and_overlaps_run_once),
        cmocka_unit_test(values_arrive_as_numbers_in_base_units),
        cmocka_unit_test(repetitions_follow_the_entry_then_the_run),
        cmocka_unit_test(a_label_that_is_too_long_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
