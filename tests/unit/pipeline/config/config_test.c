/* SPDX-License-Identifier: Apache-2.0 */
#include "support/gb_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/config/config.h"
#include "pipeline/config/suites.h"

/* --- a suite file and an environment -------------------------------------- */

#define SUITE "suite.yaml"

static const char *env_name, *env_value;

static const char *fake_env(const char *name) {
    return env_name != NULL && strcmp(name, env_name) == 0 ? env_value : NULL;
}

static int enter_folder(void **state) {
    static char folder[] = "/tmp/gb-config-XXXXXX";
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_folder(void **state) {
    unlink(SUITE);
    return chdir("/") != 0 || rmdir(*state) != 0;
}

static gb_status build(const char *suite, const gb_option *options,
                       size_t count, gb_config *config, gb_error *err) {
    if (suite != NULL) {
        FILE *file = fopen(SUITE, "w");
        assert_non_null(file);
        fputs(suite, file);
        fclose(file);
    }
    *err = (gb_error){0};
    return gb_config_build(suite != NULL ? SUITE : NULL, options, count,
                           fake_env, config, err);
}

static gb_config build_ok(const char *suite, const gb_option *options,
                          size_t count) {
    gb_config config = {0};
    gb_error err;
    if (build(suite, options, count, &config, &err) != GB_OK)
        fail_msg("%s", err.what);
    return config;
}

/* --- mistakes ------------------------------------------------------------- */

static void mistakes_in_a_suite_are_placed_and_explained(void **state) {
    static const struct {
        const char *suite, *what, *hint;
    } cases[] = {
        {"- a\n",
         "suite.yaml:1:1: expected a map with 'benchmarks', got a list", ""},
        {"name: x\n",
         "suite.yaml:1:1: expected the key 'benchmarks', got a map",
         "for example benchmarks: [memory.triad]"},
        {"benchmarks: [compute.fma]\nrepeat: 3\n",
         "suite.yaml:2:1: expected one of name, description, repeats, ci, "
         "max_repeats, min_time, trial_timeout, idle, energy, require_energy, "
         "partial_energy, sample_hz, counters, benchmarks, got 'repeat'",
         "did you mean 'repeats'?"},
        {"output: x\n",
         "suite.yaml:1:1: expected one of name, description, repeats, ci, "
         "max_repeats, min_time, trial_timeout, idle, energy, require_energy, "
         "partial_energy, sample_hz, counters, benchmarks, got 'output'",
         ""},
        {"repeats: 0\n", "suite.yaml:1:10: repeats: expected 1..10000, got '0'",
         ""},
        {"repeats: [1]\n",
         "suite.yaml:1:10: repeats: expected 1..10000, got a list", ""},
        {"repeats:\n", "suite.yaml:1:9: repeats: expected 1..10000, got ''",
         ""},
        {"ci: 60%\n", "suite.yaml:1:5: ci: expected 0.1%..50%, got '60%'", ""},
        {"min_time: 0\n",
         "suite.yaml:1:11: min_time: expected 1ms..1h, got '0'", ""},
        {"name: {a: b}\n",
         "suite.yaml:1:7: name: expected a name of 1 to 63 characters, got a "
         "map",
         ""},
        {"energy: [powercap, [hwmon]]\n",
         "suite.yaml:1:20: energy: expected a name, got a list", ""},
        {"benchmarks:\n",
         "suite.yaml:1:12: benchmarks: expected a list of ids such as "
         "[memory.triad], got nothing",
         ""},
        {"benchmarks: []\n",
         "suite.yaml:1:13: benchmarks: expected a list of ids such as "
         "[memory.triad], got a list",
         ""},
        {"benchmarks:\n  - repeats: 3\n",
         "suite.yaml:2:5: benchmarks: expected an entry with 'id', got a map",
         ""},
        {"benchmarks:\n  - id: [a]\n",
         "suite.yaml:2:9: benchmarks: expected an id such as memory.triad, got "
         "a list",
         ""},
        {"benchmarks:\n  - id: a.b\n    repeat: 3\n",
         "suite.yaml:3:5: expected one of id, params, repeats, ci, min_time, "
         "optional, got 'repeat'",
         "did you mean 'repeats'?"},
        {"benchmarks:\n  - id: a.b\n    energy: perf\n",
         "suite.yaml:3:5: expected one of id, params, repeats, ci, min_time, "
         "optional, got 'energy'",
         ""},
        {"benchmarks:\n  - id: a.b\n    optional: maybe\n",
         "suite.yaml:3:15: optional: expected true or false, got 'maybe'", ""},
        {"benchmarks:\n  - id: a.b\n    params: [n]\n",
         "suite.yaml:3:13: params: expected a map of names and values, got a "
         "list",
         ""},
        {"benchmarks:\n  - id: a.b\n    params: {n: {a: b}}\n",
         "suite.yaml:3:17: n: expected a value, a list of values or a range "
         "A..B, got a map",
         ""},
        {"benchmarks:\n  - id: a.b\n    params: {n: [1, [2]]}\n",
         "suite.yaml:3:21: n: expected a value, got a list", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_config config = {0};
        gb_error err;
        if (build(cases[i].suite, NULL, 0, &config, &err) == GB_OK)
            fail_msg("was taken: %s", cases[i].suite);
        if (strcmp(err.what, cases[i].what) != 0 ||
            strcmp(err.hint, cases[i].hint) != 0)
            fail_msg("%s\ngot: %s\n  hint: %s", cases[i].suite, err.what,
                     err.hint);
        assert_null(config.energy);
    }
}

static void mistakes_in_flags_name_the_flag(void **state) {
    static const struct {
        const char *name, *value, *what;
    } cases[] = {
        {"repeats", "0", "--repeats: expected 1..10000, got '0'"},
        {"repeats", "10001", "--repeats: expected 1..10000, got '10001'"},
        {"repeats", "-1", "--repeats: expected 1..10000, got '-1'"},
        {"repeats", "", "--repeats: expected 1..10000, got ''"},
        {"ci", "0.05", "--ci: expected 0.1%..50%, got '0.05'"},
        {"min-time", "0", "--min-time: expected 1ms..1h, got '0'"},
        {"min-time", "999us", "--min-time: expected 1ms..1h, got '999us'"},
        {"min-time", "2h", "--min-time: expected 1ms..1h, got '2h'"},
        {"min-time", "1 parsec",
         "--min-time: expected 1ms..1h, got '1 parsec'"},
        {"idle", "-1s", "--idle: expected 0..1h, got '-1s'"},
        {"sample-hz", "0.5", "--sample-hz: expected 1..1000, got '0.5'"},
        {"sample-hz", "1001", "--sample-hz: expected 1..1000, got '1001'"},
        {"sample-hz", "nan", "--sample-hz: expected 1..1000, got 'nan'"},
        {"energy", "",
         "--energy: expected auto, none or sources separated by commas, got "
         "''"},
        {"energy", "powercap,,hwmon",
         "--energy: expected auto, none or sources separated by commas, got "
         "'powercap,,hwmon'"},
        {"output", "", "--output: expected a directory, got ''"},
        {"bench", "a.b,",
         "--bench: expected ids separated by commas, got "
         "'a.b,'"},
        {"param", "n=1", "--param: expected ID.NAME=VALUE, got 'n=1'"},
        {"param", "a.n", "--param: expected ID.NAME=VALUE, got 'a.n'"},
        {"param", "a.=1", "--param: expected ID.NAME=VALUE, got 'a.=1'"},
        {"param", ".n=1", "--param: expected ID.NAME=VALUE, got '.n=1'"},
        {"param", "a.n=", "--param: expected ID.NAME=VALUE, got 'a.n='"},
        {"param", "a.n=1,,2",
         "--param: a.n: expected values separated by commas, got '1,,2'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gb_option option = {cases[i].name, cases[i].value};
        gb_config config = {0};
        gb_error err;
        if (build(NULL, &option, 1, &config, &err) == GB_OK)
            fail_msg("was taken: --%s %s", cases[i].name, cases[i].value);
        if (strcmp(err.what, cases[i].what) != 0)
            fail_msg("got: %s", err.what);
    }
}

static void a_mistake_in_the_environment_names_the_variable(void **state) {
    gb_config config = {0};
    gb_error err;
    (void)state;
    env_name = "GREENBENCH_MIN_TIME";
    env_value = "0";
    assert_int_equal(build(NULL, NULL, 0, &config, &err), GB_ERR_RANGE);
    assert_string_equal(err.what,
                        "GREENBENCH_MIN_TIME: expected 1ms..1h, got '0'");
    env_name = NULL;
}

static void a_missing_suite_is_named(void **state) {
    gb_config config = {0};
    gb_error err = {0};
    (void)state;
    assert_int_equal(
        gb_config_build("gone.yaml", NULL, 0, fake_env, &config, &err),
        GB_ERR_NOT_FOUND);
    assert_string_equal(err.what,
                        "cannot read 'gone.yaml': No such file or directory");
}

static void fewer_repetitions_at_most_than_at_least_are_refused(void **state) {
    const gb_option options[] = {
        {"ci", "5"}, {"repeats", "20"}, {"max-repeats", "10"}};
    gb_config config = {0};
    gb_error err;
    (void)state;
    assert_int_equal(build(NULL, options, 3, &config, &err), GB_ERR_RANGE);
    assert_string_equal(
        err.what,
        "--max-repeats: expected at least as many as repeats (20), got 10");
}

/* --- precedence ----------------------------------------------------------- */

static void print_setting(const gb_config *config, const char *name, char *out,
                          size_t size) {
    if (strcmp(name, "repeats") == 0)
        snprintf(out, size, "%u", config->repeats);
    else if (strcmp(name, "ci") == 0)
        snprintf(out, size, "%g", config->ci_percent);
    else if (strcmp(name, "max-repeats") == 0)
        snprintf(out, size, "%u", config->max_repeats);
    else if (strcmp(name, "min-time") == 0)
        snprintf(out, size, "%g", config->min_time_s);
    else if (strcmp(name, "idle") == 0)
        snprintf(out, size, "%g", config->idle_s);
    else if (strcmp(name, "energy") == 0)
        snprintf(out, size, "%s", config->energy);
    else if (strcmp(name, "require-energy") == 0)
        snprintf(out, size, "%d", config->require_energy);
    else if (strcmp(name, "partial-energy") == 0)
        snprintf(out, size, "%d", config->partial_energy);
    else if (strcmp(name, "sample-hz") == 0)
        snprintf(out, size, "%g", config->sample_hz);
    else if (strcmp(name, "counters") == 0)
        snprintf(out, size, "%s", config->counters);
    else if (strcmp(name, "output") == 0)
        snprintf(out, size, "%s", config->output_dir);
    else
        fail_msg("no such setting: %s", name);
}

/* Default, suite, environment and flag, each with and without the stronger
 * ones. `key` null: a suite cannot say it. */
static void flag_beats_environment_beats_suite_beats_default(void **state) {
    static const struct {
        const char *flag, *env, *key;
        const char *values[4]; /* as given: default (not given), suite, .. */
        const char *shown[4];  /* as understood */
    } cases[] = {
        {"repeats",
         "GREENBENCH_REPEATS",
         "repeats",
         {"", "3", "4", "5"},
         {"10", "3", "4", "5"}},
        {"ci",
         "GREENBENCH_CI",
         "ci",
         {"", "3%", "4", "5.5%"},
         {"0", "3", "4", "5.5"}},
        {"max-repeats",
         "GREENBENCH_MAX_REPEATS",
         "max_repeats",
         {"", "30", "40", "50"},
         {"0", "30", "40", "50"}},
        {"min-time",
         "GREENBENCH_MIN_TIME",
         "min_time",
         {"", "3s", "4ms", "5min"},
         {"1", "3", "0.004", "300"}},
        {"idle",
         "GREENBENCH_IDLE",
         "idle",
         {"", "3s", "0", "500ms"},
         {"2", "3", "0", "0.5"}},
        {"energy",
         "GREENBENCH_ENERGY",
         "energy",
         {"", "[perf, hwmon]", "none", "powercap, papi"},
         {"auto", "perf,hwmon", "none", "powercap,papi"}},
        {"require-energy",
         "GREENBENCH_REQUIRE_ENERGY",
         "require_energy",
         {"", "true", "no", "on"},
         {"0", "1", "0", "1"}},
        {"partial-energy",
         "GREENBENCH_PARTIAL_ENERGY",
         "partial_energy",
         {"", "true", "no", "on"},
         {"0", "1", "0", "1"}},
        {"sample-hz",
         "GREENBENCH_SAMPLE_HZ",
         "sample_hz",
         {"", "3", "4.5", "1000"},
         {"10", "3", "4.5", "1000"}},
        {"counters",
         "GREENBENCH_COUNTERS",
         "counters",
         {"", "PAPI_TOT_INS", "none", "A,B"},
         {GB_COUNTERS_DEFAULT, "PAPI_TOT_INS", "", "A,B"}},
        {"output",
         "GREENBENCH_OUTPUT",
         NULL,
         {"", "", "/scratch/a", "b"},
         {"results", "results", "/scratch/a", "b"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned given = 0; given < 8; given++) {
            char suite[200], got[120];
            const bool in_suite = (given & 1u) != 0 && cases[i].key != NULL;
            const gb_option option = {cases[i].flag, cases[i].values[3]};
            snprintf(suite, sizeof(suite), "benchmarks: [a.b]\n%s%s%s\n",
                     in_suite ? cases[i].key : "", in_suite ? ": " : "",
                     in_suite ? cases[i].values[1] : "");
            env_name = (given & 2u) != 0 ? cases[i].env : NULL;
            env_value = cases[i].values[2];
            gb_config config =
                build_ok(suite, &option, (given & 4u) != 0 ? 1 : 0);
            env_name = NULL;
            print_setting(&config, cases[i].flag, got, sizeof(got));
            const size_t winner = (given & 4u) != 0   ? 3
                                  : (given & 2u) != 0 ? 2
                                  : in_suite          ? 1
                                                      : 0;
            if (strcmp(got, cases[i].shown[winner]) != 0)
                fail_msg("%s, given %u: expected %s, got %s", cases[i].flag,
                         given, cases[i].shown[winner], got);
            gb_config_fini(&config);
        }
}

static void an_empty_variable_counts_as_not_set(void **state) {
    (void)state;
    env_name = "GREENBENCH_REPEATS";
    env_value = "";
    gb_config config = build_ok(NULL, NULL, 0);
    env_name = NULL;
    assert_int_equal(config.repeats, 10);
    gb_config_fini(&config);
}

static void the_last_of_two_equal_flags_wins(void **state) {
    const gb_option options[] = {{"repeats", "3"}, {"repeats", "7"}};
    (void)state;
    gb_config config = build_ok(NULL, options, 2);
    assert_int_equal(config.repeats, 7);
    gb_config_fini(&config);
}

static void a_count_from_someone_stronger_switches_a_width_off(void **state) {
    const gb_option count = {"repeats", "3"}, width = {"ci", "5"};
    (void)state;
    gb_config config = build_ok("ci: 2\nbenchmarks: [a.b]\n", &count, 1);
    assert_true(config.ci_percent == 0.0);
    assert_int_equal(config.repeats, 3);
    gb_config_fini(&config);
    config = build_ok("repeats: 30\nbenchmarks: [a.b]\n", &width, 1);
    assert_true(config.ci_percent == 5.0);
    assert_int_equal(config.repeats, 30);
    gb_config_fini(&config);
}

static void a_flag_beats_what_an_entry_of_the_suite_says(void **state) {
    static const char suite[] = "benchmarks:\n"
                                "  - {id: a.b, repeats: 3, min_time: 3s}\n";
    const gb_option options[] = {{"repeats", "7"}, {"min-time", "20ms"}};
    (void)state;
    gb_config config = build_ok(suite, NULL, 0);
    assert_int_equal(config.benches[0].repeats, 3);
    assert_true(config.benches[0].min_time_s == 3.0);
    gb_config_fini(&config);
    config = build_ok(suite, options, 2);
    assert_int_equal(config.benches[0].repeats, 0);
    assert_true(config.benches[0].min_time_s == 0.0);
    gb_config_fini(&config);
}

/* --- benchmarks and parameters -------------------------------------------- */

static void entries_keep_their_values_and_places(void **state) {
    static const char suite[] = "name: weekly\n"
                                "description: all of it\n"
                                "benchmarks:\n"
                                "  - compute.*\n"
                                "  - id: memory.triad\n"
                                "    ci: 3\n"
                                "    optional: yes\n"
                                "    params:\n"
                                "      array_bytes: [64MiB, 1GiB]\n"
                                "      n: 1..16*4\n";
    (void)state;
    gb_config config = build_ok(suite, NULL, 0);
    assert_string_equal(config.suite_name, "weekly");
    assert_string_equal(config.suite_path, SUITE);
    assert_int_equal(config.bench_count, 2);
    assert_string_equal(config.benches[0].pattern, "compute.*");
    assert_string_equal(config.benches[0].origin.where, "suite.yaml:4:5");
    const gb_config_bench *triad = &config.benches[1];
    assert_string_equal(triad->origin.where, "suite.yaml:5:9");
    assert_true(triad->optional);
    assert_true(triad->ci_percent == 3.0);
    assert_int_equal(triad->param_count, 2);
    assert_string_equal(triad->params[0].name, "array_bytes");
    assert_int_equal(triad->params[0].text_count, 2);
    assert_string_equal(triad->params[0].texts[1], "1GiB");
    assert_string_equal(triad->params[0].origin.where, "suite.yaml:9:20");
    assert_string_equal(triad->params[1].texts[0], "1..16*4");
    gb_config_fini(&config);
}

static void parameters_of_the_command_line_accumulate(void **state) {
    const gb_option options[] = {{"param", "memory.*.array_bytes=1MiB,2MiB"},
                                 {"param", "a.b.c=x;y=z"}};
    (void)state;
    env_name = "GREENBENCH_PARAM";
    env_value = "e.f=1;g.h=2";
    gb_config config = build_ok(NULL, options, 2);
    env_name = NULL;
    assert_int_equal(config.override_count, 4);
    assert_string_equal(config.overrides[0].name, "e.f");
    assert_string_equal(config.overrides[0].origin.where, "GREENBENCH_PARAM");
    assert_string_equal(config.overrides[1].texts[0], "2");
    assert_string_equal(config.overrides[2].name, "memory.*.array_bytes");
    assert_string_equal(config.overrides[2].texts[1], "2MiB");
    assert_string_equal(config.overrides[2].origin.where, "--param");
    assert_string_equal(config.overrides[3].texts[0], "x;y=z");
    gb_config_fini(&config);
}

static void bench_without_a_suite_is_the_suite(void **state) {
    const gb_option options[] = {{"bench", "memory.triad,compute.*"},
                                 {"bench", "network.pingpong"}};
    (void)state;
    gb_config config = build_ok(NULL, options, 2);
    assert_int_equal(config.bench_count, 3);
    assert_string_equal(config.benches[1].pattern, "compute.*");
    assert_string_equal(config.benches[2].pattern, "network.pingpong");
    assert_false(config.benches[2].optional);
    assert_string_equal(config.benches[0].origin.where, "--bench");
    assert_null(config.suite_path);
    gb_config_fini(&config);
}

static void bench_with_a_suite_selects_among_its_entries(void **state) {
    static const char suite[] =
        "benchmarks:\n"
        "  - {id: memory.triad, min_time: 3s, optional: true}\n"
        "  - network.*\n"
        "  - compute.fma\n";
    static const struct {
        const char *bench, *patterns, *what;
    } cases[] = {
        {"memory.triad", "memory.triad!", NULL},
        {"memory.*", "memory.triad", NULL},
        {"network.pingpong", "network.pingpong!", NULL},
        {"compute.fma,memory.*", "memory.triad compute.fma!", NULL},
        {"*", "memory.triad network.*! compute.fma!", NULL},
        {"memory.traid", NULL,
         "--bench: expected one of the suite's memory.triad, network.*, "
         "compute.fma, got 'memory.traid'"},
        {"compute.fma,disk.*", NULL,
         "--bench: expected one of the suite's memory.triad, network.*, "
         "compute.fma, got 'disk.*'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gb_option option = {"bench", cases[i].bench};
        gb_config config = {0};
        gb_error err;
        char got[200] = "";
        assert_true((cases[i].patterns == NULL) != (cases[i].what == NULL));
        if (build(suite, &option, 1, &config, &err) != GB_OK) {
            if (cases[i].what == NULL || strcmp(err.what, cases[i].what) != 0)
                fail_msg("%s: got: %s", cases[i].bench, err.what);
            continue;
        }
        /* "!" marks one that must run. */
        for (size_t k = 0; k < config.bench_count; k++) {
            const gb_config_bench *bench = &config.benches[k];
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s%s",
                     k > 0 ? " " : "", bench->pattern,
                     bench->optional ? "" : "!");
        }
        if (cases[i].patterns == NULL || strcmp(got, cases[i].patterns) != 0)
            fail_msg("%s: got: %s", cases[i].bench, got);
        assert_string_equal(config.suite_name, SUITE);
        gb_config_fini(&config);
    }
}

static void the_default_suite_is_sound_and_all_optional(void **state) {
    (void)state;
    gb_config config = build_ok(NULL, NULL, 0);
    assert_string_equal(config.suite_name, "default");
    assert_true(config.bench_count > 4);
    for (size_t i = 0; i < config.bench_count; i++)
        assert_true(config.benches[i].optional);
    gb_config_fini(&config);
}

static void every_built_in_suite_is_sound_and_has_its_name(void **state) {
    static const char *const wanted[] = {"default", "full", "green500",
                                         "quick"};
    (void)state;
    for (size_t i = 0; i < gb_builtin_suite_count; i++) {
        const gb_option option = {"suite", gb_builtin_suites[i].name};
        gb_config config = build_ok(NULL, &option, 1);
        assert_string_equal(config.suite_name, gb_builtin_suites[i].name);
        assert_true(config.bench_count > 0);
        gb_config_fini(&config);
    }
    for (size_t i = 0; i < GB_COUNT(wanted); i++) {
        const gb_option option = {"suite", wanted[i]};
        gb_config config = build_ok(NULL, &option, 1);
        gb_config_fini(&config);
    }
}

static void a_suite_by_name_is_refused_with_the_names_there_are(void **state) {
    static const struct {
        const char *path, *name, *what, *hint;
    } cases[] = {
        {NULL, "defualt",
         "--suite: expected one of default, full, green500, network, precise, "
         "quick, got 'defualt'",
         "did you mean 'default'?"},
        {"my.yaml", "quick",
         "--suite: expected a suite or a file, got 'quick' and 'my.yaml'",
         "leave one of them out"},
    };
    (void)state;
    for (size_t i = 0; i < GB_COUNT(cases); i++) {
        const gb_option option = {"suite", cases[i].name};
        gb_config config = {0};
        gb_error err = {0};
        assert_true(gb_config_build(cases[i].path, &option, 1, fake_env,
                                    &config, &err) != GB_OK);
        assert_string_equal(err.what, cases[i].what);
        assert_string_equal(err.hint, cases[i].hint);
    }
}

static void wishes_choose_among_the_entries_of_a_named_suite(void **state) {
    const gb_option options[] = {{"suite", "default"}, {"bench", "network.*"}};
    (void)state;
    gb_config config = build_ok(NULL, options, 2);
    assert_string_equal(config.suite_name, "default");
    assert_true(config.bench_count >= 2);
    for (size_t i = 0; i < config.bench_count; i++)
        assert_int_equal(strncmp(config.benches[i].pattern, "network.", 8), 0);
    gb_config_fini(&config);
}

static void the_end_of_a_long_path_is_shown(void **state) {
    char path[400], folder[201];
    gb_config config = {0};
    gb_error err = {0};
    (void)state;
    memset(folder, 'd', 200);
    folder[200] = '\0';
    snprintf(path, sizeof(path), "./%s/../suite.yaml", folder);
    FILE *file = fopen(SUITE, "w");
    assert_non_null(file);
    fputs("benchmarks: [a.b]\n", file);
    fclose(file);
    char made[300];
    snprintf(made, sizeof(made), "./%s", folder);
    assert_int_equal(mkdir(made, 0700), 0);
    const gb_status status =
        gb_config_build(path, NULL, 0, fake_env, &config, &err);
    rmdir(made);
    assert_int_equal(status, GB_OK);
    const char *where = config.benches[0].origin.where;
    assert_memory_equal(where, "...ddd", 6);
    const char *end = "/../suite.yaml:1:14";
    assert_string_equal(where + strlen(where) - strlen(end), end);
    gb_config_fini(&config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_in_a_suite_are_placed_and_explained),
        cmocka_unit_test(mistakes_in_flags_name_the_flag),
        cmocka_unit_test(a_mistake_in_the_environment_names_the_variable),
        cmocka_unit_test(a_missing_suite_is_named),
        cmocka_unit_test(fewer_repetitions_at_most_than_at_least_are_refused),
        cmocka_unit_test(flag_beats_environment_beats_suite_beats_default),
        cmocka_unit_test(an_empty_variable_counts_as_not_set),
        cmocka_unit_test(the_last_of_two_equal_flags_wins),
        cmocka_unit_test(a_count_from_someone_stronger_switches_a_width_off),
        cmocka_unit_test(a_flag_beats_what_an_entry_of_the_suite_says),
        cmocka_unit_test(entries_keep_their_values_and_places),
        cmocka_unit_test(parameters_of_the_command_line_accumulate),
        cmocka_unit_test(bench_without_a_suite_is_the_suite),
        cmocka_unit_test(bench_with_a_suite_selects_among_its_entries),
        cmocka_unit_test(the_default_suite_is_sound_and_all_optional),
        cmocka_unit_test(every_built_in_suite_is_sound_and_has_its_name),
        cmocka_unit_test(a_suite_by_name_is_refused_with_the_names_there_are),
        cmocka_unit_test(wishes_choose_among_the_entries_of_a_named_suite),
        cmocka_unit_test(the_end_of_a_long_path_is_shown),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
