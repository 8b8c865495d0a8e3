/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "sample.h"

/* Reads @p line (taken) into @p log, and fails with the message if it cannot.*/
static void read_line(char *line, gb_run_log *log) {
    gb_error err = {0};
    assert_non_null(line);
    if (gb_json_read_record(line, log, &err) != GB_OK)
        fail_msg("%s in %s", err.what, line);
    free(line);
}

static gb_run_log log_with_session(void) {
    gb_run_log log = {0};
    read_line(gb_json_session(&sample_session), &log);
    return log;
}

static void damaged_lines_are_refused_with_the_reason(void **state) {
    static const struct {
        const char *label, *line, *what;
    } cases[] = {
        {"empty", "",
         "expected JSON: '[' or '{' expected near end of file "
         "(line 1:0)"},
        {"cut", "{\"record\":\"trial\",\"case\":", NULL},
        {"array", "[1]", "expected a JSON object, got an array"},
        {"twice", "{\"record\":\"idle\",\"record\":\"idle\"}", NULL},
        {"no kind", "{}",
         "'record': expected session, trial, repetition, idle, warning or end, "
         "got nothing"},
        {"unknown", "{\"record\":\"trail\"}",
         "'record': expected session, trial, repetition, idle, warning or end, "
         "got 'trail'"},
        {"second session",
         "{\"record\":\"session\",\"schema\":"
         "\"greenbench.records/1\",\"ranks\":0}",
         "expected one session record, got a second"},
        {"newer schema",
         "{\"record\":\"session\",\"schema\":\"greenbench.records/2\"}",
         "'schema': expected greenbench.records/1, got 'greenbench.records/2'"},
        {"no case", "{\"record\":\"trial\",\"status\":\"OK\"}",
         "'case': expected a whole number from 0, got nothing"},
        {"negative case", "{\"record\":\"trial\",\"case\":-1}",
         "'case': expected a whole number from 0, got -1"},
        {"huge case", "{\"record\":\"trial\",\"case\":4294967296}",
         "'case': expected a whole number up to 4294967295, got 4294967296"},
        {"real case", "{\"record\":\"trial\",\"case\":1.5}",
         "'case': expected a whole number from 0, got a number"},
        {"unknown status",
         "{\"record\":\"trial\",\"case\":0,\"status\":\"FINE\"}",
         "'status': expected OK or the name of an error, got 'FINE'"},
        {"text for a number",
         "{\"record\":\"trial\",\"case\":0,\"status\":\"OK\",\"warmup_s\":\"1\""
         "}",
         "'warmup_s': expected a number or null, got '1'"},
        {"notes",
         "{\"record\":\"trial\",\"case\":0,\"status\":\"OK\",\"notes\":[]}",
         "'notes': expected an object, got an array"},
        {"fewer ranks",
         "{\"record\":\"repetition\",\"case\":0,\"index\":0,\"status\":\"OK\","
         "\"ranks\":{\"elapsed_s\":[1,2],\"work\":[1,2,3],\"checksum\":[1,2,3]}"
         "}",
         "'elapsed_s': expected 3 elements, got 2"},
        {"window",
         "{\"record\":\"idle\",\"when\":\"after\",\"windows_ns\":"
         "[[1,2],[1]]}",
         "'windows_ns': expected [begin, end] in ns, got an array"},
        {"when",
         "{\"record\":\"idle\",\"when\":\"later\",\"windows_ns\":"
         "[[1,2],[1,2]]}",
         "'when': expected before or after, got 'later'"},
        {"end of another run",
         "{\"record\":\"end\",\"status\":\"complete\","
         "\"sampler\":[{}]}",
         "'sampler': expected 2 elements, got 1"},
        {"end status",
         "{\"record\":\"end\",\"status\":\"done\",\"sampler\":"
         "[{},{}]}",
         "'status': expected complete, interrupted or failed, got 'done'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gb_run_log log = log_with_session();
        gb_error err = {0};
        if (gb_json_read_record(cases[i].line, &log, &err) != GB_ERR_INVALID)
            fail_msg("%s: was taken", cases[i].label);
        if (cases[i].what != NULL && strcmp(err.what, cases[i].what) != 0)
            fail_msg("%s: got: %s", cases[i].label, err.what);
        assert_int_equal(log.trial_count + log.rep_count + log.idle_count, 0);
        gb_run_log_fini(&log);
    }
}

static void a_record_before_the_session_is_refused(void **state) {
    gb_run_log log = {0};
    gb_error err = {0};
    (void)state;
    char *line = gb_json_rep(&sample_rep, 3, 2);
    assert_int_equal(gb_json_read_record(line, &log, &err), GB_ERR_INVALID);
    assert_string_equal(err.what,
                        "expected the session record first, got 'repetition'");
    free(line);
    gb_run_log_fini(&log);
}

static void a_place_on_a_node_that_is_not_there_is_refused(void **state) {
    gb_session session = sample_session;
    gb_rank_place places[] = {{0, 1, ""}, {2, 1, ""}, {0, 1, ""}};
    gb_run_log log = {0};
    gb_error err = {0};
    (void)state;
    session.places = places;
    char *line = gb_json_session(&session);
    assert_int_equal(gb_json_read_record(line, &log, &err), GB_ERR_INVALID);
    assert_string_equal(err.what,
                        "'places': expected the index of a node, got 2");
    free(line);
}

static void assert_same_node(const gb_node *want, const gb_node *got) {
    gb_node a = *want, b = *got;
    assert_int_equal(want->domain_count, got->domain_count);
    assert_memory_equal(want->domains, got->domains,
                        want->domain_count * sizeof(*want->domains));
    a.domains = b.domains = NULL;
    assert_memory_equal(&a, &b, sizeof(a));
}

static void a_session_comes_back_equal(void **state) {
    (void)state;
    gb_run_log log = log_with_session();
    const gb_session *want = &sample_session;
    gb_session got = log.session;
    assert_true(log.has_session);
    assert_string_equal(want->command, got.command);
    assert_string_equal(want->job.nodes, got.job.nodes);
    assert_string_equal(want->counters, got.counters);
    assert_string_equal(want->counters_absent, got.counters_absent);
    assert_memory_equal(want->places, got.places,
                        want->ranks * sizeof(*want->places));
    assert_int_equal(want->node_count, got.node_count);
    for (size_t i = 0; i < want->node_count; i++)
        assert_same_node(&want->nodes[i], &got.nodes[i]);
    got.command = want->command;
    got.job.nodes = want->job.nodes;
    got.counters = want->counters;
    got.counters_absent = want->counters_absent;
    got.places = want->places;
    got.nodes = want->nodes;
    assert_memory_equal(want, &got, sizeof(got));
    gb_run_log_fini(&log);
}

/* Nodes of a machine differ in little but their names. */
static void nodes_that_are_like_another_say_only_what_differs(void **state) {
    gb_session session = sample_session;
    gb_node three[] = {session.nodes[0], session.nodes[1], session.nodes[0]};
    gb_run_log log = {0};
    (void)state;
    memcpy(three[2].name, "c03", 4);
    /* Not known, where the other's is. */
    memset(three[2].governor, 0, sizeof(three[2].governor));
    three[2].ranks = 7;
    session.nodes = three;
    session.node_count = 3;
    char *line = gb_json_session(&session);
    assert_non_null(strstr(line, "{\"name\":\"c03\",\"governor\":null,"
                                 "\"ranks\":7,\"like\":0}"));
    read_line(line, &log);
    assert_int_equal(log.session.node_count, 3);
    assert_ptr_equal(log.session.nodes[2].domains,
                     log.session.nodes[0].domains);
    assert_true(log.session.nodes[2].shares_domains);
    log.session.nodes[2].shares_domains = false;
    for (size_t i = 0; i < 3; i++)
        assert_same_node(&three[i], &log.session.nodes[i]);
    log.session.nodes[2].shares_domains = true;
    gb_run_log_fini(&log);
}

static void a_node_may_only_be_like_an_earlier_one(void **state) {
    static const char *const nodes[] = {
        "[{\"name\":\"a\",\"like\":0}]",
        "[{\"name\":\"a\"},{\"name\":\"b\",\"like\":2}]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        gb_run_log log = {0};
        gb_error err = {0};
        char line[256];
        snprintf(line, sizeof(line),
                 "{\"record\":\"session\",\"schema\":\"greenbench.records/1\","
                 "\"ranks\":0,\"places\":[],\"nodes\":%s}",
                 nodes[i]);
        assert_int_equal(gb_json_read_record(line, &log, &err), GB_ERR_INVALID);
        assert_non_null(
            strstr(err.what, "'like': expected the index of an earlier node"));
        gb_run_log_fini(&log);
    }
}

static void a_trial_comes_back_equal(void **state) {
    (void)state;
    gb_run_log log = log_with_session();
    read_line(gb_json_trial(&sample_trial, &sample_plan), &log);
    assert_int_equal(log.trial_count, 1);
    gb_trial_record got = log.trials[0];
    assert_memory_equal(sample_trial.notes, got.notes,
                        got.note_count * sizeof(*got.notes));
    got.notes = sample_trial.notes;
    assert_memory_equal(&sample_trial, &got, sizeof(got));
    gb_run_log_fini(&log);
}

static void a_repetition_comes_back_equal_with_counts_above_2_to_53(
    void **state) {
    (void)state;
    gb_run_log log = log_with_session();
    read_line(gb_json_rep(&sample_rep, 3, 2), &log);
    assert_int_equal(log.rep_count, 1);
    gb_rep_record got = log.reps[0];
    assert_memory_equal(sample_rep.ranks, got.ranks, 3 * sizeof(*got.ranks));
    assert_memory_equal(sample_rep.windows, got.windows,
                        2 * sizeof(*got.windows));
    assert_memory_equal(sample_rep.counters, got.counters,
                        6 * sizeof(*got.counters));
    assert_memory_equal(sample_rep.conditions, got.conditions,
                        2 * sizeof(*got.conditions));
    got.conditions = sample_rep.conditions;
    got.ranks = sample_rep.ranks;
    got.windows = sample_rep.windows;
    got.counters = sample_rep.counters;
    assert_memory_equal(&sample_rep, &got, sizeof(got));
    gb_run_log_fini(&log);
}

static void idle_warning_and_end_come_back_equal(void **state) {
    (void)state;
    gb_run_log log = log_with_session();
    read_line(gb_json_idle(&sample_idle, 2), &log);
    read_line(gb_json_warning(&sample_warning), &log);
    read_line(gb_json_end(&sample_end, 2), &log);
    assert_int_equal(log.idle_count, 1);
    assert_true(log.idles[0].after);
    assert_memory_equal(log.idles[0].windows, sample_idle.windows,
                        2 * sizeof(gb_node_window));
    assert_int_equal(log.warning_count, 1);
    assert_memory_equal(&log.warnings[0], &sample_warning,
                        sizeof(sample_warning));
    assert_true(log.has_end);
    assert_memory_equal(log.end.costs, sample_end.costs,
                        2 * sizeof(gb_sampler_cost));
    gb_end_record got = log.end;
    got.costs = sample_end.costs;
    assert_memory_equal(&got, &sample_end, sizeof(got));
    gb_run_log_fini(&log);
}

static void unknown_fields_are_ignored_and_missing_ones_are_not_zero(
    void **state) {
    (void)state;
    gb_run_log log = log_with_session();
    read_line(strdup("{\"record\":\"trial\",\"case\":0,\"status\":\"OK\","
                     "\"from_the_future\":[1]}"),
              &log);
    assert_true(isnan(log.trials[0].warmup_s));
    assert_int_equal(log.trials[0].rank, -1);
    gb_run_log_fini(&log);
}

static void bytes_that_are_no_utf8_become_replacement_characters(void **state) {
    const gb_warning warning = {
        .code = "x", .what = "caf\xe9 \xc3\xa9 \xed\xa0\x80 \xf0\x9f"};
    gb_run_log log = {0};
    (void)state;
    read_line(gb_json_warning(&warning), &log);
    assert_string_equal(log.warnings[0].what,
                        "caf\xef\xbf\xbd \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd"
                        "\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd");
    gb_run_log_fini(&log);
}

static void the_plan_comes_back_equal(void **state) {
    gb_plan plan = {0};
    gb_error err = {0};
    (void)state;
    char *text = gb_json_plan(&sample_plan);
    if (gb_json_read_plan(text, &plan, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(plan.case_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const gb_plan_case *want = &sample_plan.cases[i];
        gb_plan_case *got = &plan.cases[i];
        assert_string_equal(want->id, got->id);
        assert_string_equal(want->version, got->version);
        assert_string_equal(want->work_unit, got->work_unit);
        assert_int_equal(want->param_count, got->param_count);
        for (size_t k = 0; k < want->param_count; k++) {
            assert_string_equal(want->params[k].name, got->params[k].name);
            assert_string_equal(want->params[k].text, got->params[k].text);
            assert_int_equal(want->params[k].kind, got->params[k].kind);
            assert_int_equal(want->params[k].u64, got->params[k].u64);
            assert_true(want->params[k].f64 == got->params[k].f64);
            assert_int_equal(want->params[k].is_default,
                             got->params[k].is_default);
        }
        assert_int_equal(want->repeats, got->repeats);
        assert_int_equal(want->max_repeats, got->max_repeats);
        assert_true(want->ci_percent == got->ci_percent);
        assert_true(want->min_time_s == got->min_time_s);
    }
    /* What is left shows in the text. */
    char *again = gb_json_plan(&plan);
    assert_string_equal(text, again);
    assert_string_equal(plan.skips[0].hint, sample_plan.skips[0].hint);
    free(again);
    free(text);
    gb_plan_fini(&plan);
}

static void a_plan_of_another_version_is_refused(void **state) {
    gb_plan plan = {0};
    gb_error err = {0};
    (void)state;
    assert_int_equal(
        gb_json_read_plan("{\"schema\":\"greenbench.plan/9\"}", &plan, &err),
        GB_ERR_INVALID);
    assert_string_equal(
        err.what,
        "'schema': expected greenbench.plan/1, got 'greenbench.plan/9'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_lines_are_refused_with_the_reason),
        cmocka_unit_test(a_record_before_the_session_is_refused),
        cmocka_unit_test(a_place_on_a_node_that_is_not_there_is_refused),
        cmocka_unit_test(a_session_comes_back_equal),
        cmocka_unit_test(nodes_that_are_like_another_say_only_what_differs),
        cmocka_unit_test(a_node_may_only_be_like_an_earlier_one),
        cmocka_unit_test(a_trial_comes_back_equal),
        cmocka_unit_test(
            a_repetition_comes_back_equal_with_counts_above_2_to_53),
        cmocka_unit_test(idle_warning_and_end_come_back_equal),
        cmocka_unit_test(
            unknown_fields_are_ignored_and_missing_ones_are_not_zero),
        cmocka_unit_test(bytes_that_are_no_utf8_become_replacement_characters),
        cmocka_unit_test(the_plan_comes_back_equal),
        cmocka_unit_test(a_plan_of_another_version_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
