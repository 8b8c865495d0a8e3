/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../codec/sample.h"
#include "archive/history_db.h"
#include "base/text.h"
#include "support/gb_test.h"

/** A file for each test, and a run to be added: the sample's. */
typedef struct fixture {
    char path[64];
    gb_history_db *db;
    gb_outcome run;
    gb_reduced_case one;
    gb_bench_result bench;
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof(*f));
    gb_error err = {0};
    assert_non_null(f);
    snprintf(f->path, sizeof(f->path), "/tmp/gb-history-%ld.db",
             (long)getpid());
    unlink(f->path);
    f->run.plan = sample_plan;
    f->run.plan.case_count = 1;
    f->run.log.session = sample_session;
    f->bench = (gb_bench_result){
        .valid = true,
        .performance = {.value = 1e9},
        .energy = {.energy_j = 10.0, .quality = GB_QUALITY_MEASURED},
        .power_w = 100.0,
        .efficiency = 1e7};
    f->run.reduced = (gb_reduced){.cases = &f->one, .case_count = 1};
    f->run.result = (gb_result){.benches = &f->bench, .bench_count = 1};
    if (gb_history_open(f->path, true, &f->db, &err) != GB_OK) {
        if (err.status == GB_ERR_UNSUPPORTED) {
            free(f);
            exit(77);
        }
        fail_msg("%s", err.what);
    }
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    gb_history_close(f->db);
    unlink(f->path);
    free(f);
    return 0;
}

static bool add(fixture *f, const char *run_id, uint64_t day) {
    gb_session *session = &f->run.log.session;
    gb_error err = {0};
    bool added = false;
    gb_copy(session->run_id, sizeof(session->run_id), run_id);
    session->started_utc_ns = day * 86400 * UINT64_C(1000000000);
    GB_EXPECT_STATUS(
        GB_OK,
        gb_history_add(f->db, "results/x", "machine", &f->run, &added, &err),
        run_id, err);
    return added;
}

static void a_run_is_there_once_and_whole(void **state) {
    fixture *f = *state;
    gb_error err = {0};
    gb_history_runs runs = {0};
    gb_outcome read;
    assert_true(add(f, "a", 1));
    assert_false(add(f, "a", 1));
    assert_true(add(f, "b", 2));
    GB_EXPECT_STATUS(GB_OK, gb_history_list(f->db, &runs, &err), "list", err);
    assert_int_equal(runs.count, 2);
    assert_string_equal(runs.list[1].run_id, "b");
    assert_int_equal(runs.list[1].benchmarks, 1);
    gb_history_runs_fini(&runs);

    GB_EXPECT_STATUS(GB_OK, gb_history_load(f->db, "b", &read, &err), "load",
                     err);
    assert_string_equal(read.result.session->run_id, "b");
    assert_int_equal(read.result.session->node_count,
                     sample_session.node_count);
    assert_string_equal(read.plan.cases[0].id, sample_plan.cases[0].id);
    assert_int_equal(read.result.bench_count, 1);
    gb_outcome_fini(&read);
    GB_EXPECT_STATUS(GB_ERR_NOT_FOUND, gb_history_load(f->db, "c", &read, &err),
                     "none", err);
}

static void references_are_good_and_began_before(void **state) {
    fixture *f = *state;
    gb_error err = {0};
    gb_history_runs found = {0};
    for (uint64_t day = 1; day <= 6; day++) {
        char id[8];
        snprintf(id, sizeof(id), "r%d", (int)day);
        f->run.result.status = day == 2 ? GB_RUN_INTERRUPTED : GB_RUN_COMPLETE;
        f->bench.valid = day != 4;
        add(f, id, day);
    }
    gb_session next = f->run.log.session;
    gb_copy(next.run_id, sizeof(next.run_id), "next");
    GB_EXPECT_STATUS(
        GB_OK, gb_history_references(f->db, &next, "machine", 2, &found, &err),
        "references", err);
    /* r6 began with it, r4 failed. */
    assert_int_equal(found.count, 2);
    assert_string_equal(found.list[0].run_id, "r5");
    assert_string_equal(found.list[1].run_id, "r3");
    gb_history_runs_fini(&found);
    next.ranks++;
    GB_EXPECT_STATUS(
        GB_OK, gb_history_references(f->db, &next, "machine", 2, &found, &err),
        "other size", err);
    assert_int_equal(found.count, 0);
    gb_history_runs_fini(&found);
}

/* One of them, found by a pattern; failures have no figure. */
static void series_are_in_the_order_of_time(void **state) {
    fixture *f = *state;
    gb_error err = {0};
    gb_run_history history = {0};
    add(f, "later", 9);
    f->bench.valid = false;
    add(f, "failed", 5);
    GB_EXPECT_STATUS(GB_OK, gb_history_read(f->db, "*", &history, &err), "read",
                     err);
    assert_int_equal(history.series_count, 1);
    const gb_history_series *series = &history.series[0];
    assert_string_equal(series->benchmark, sample_plan.cases[0].id);
    assert_int_equal(series->point_count, 2);
    assert_string_equal(series->points[0].run_id, "failed");
    assert_true(isnan(series->points[0].values[GB_TREND_PERFORMANCE]));
    assert_true(series->points[1].values[GB_TREND_PERFORMANCE] == 1e9);
    assert_true(series->points[1].values[GB_TREND_POWER] == 100.0);
    assert_true(gb_starts_with(series->points[1].meters, "measured: "));
    gb_run_history_fini(&history);
    GB_EXPECT_STATUS(GB_OK, gb_history_read(f->db, "none.*", &history, &err),
                     "none", err);
    assert_int_equal(history.series_count, 0);
    gb_run_history_fini(&history);
}

/* A file may come from anybody. */
static void rows_may_have_any_ids(void **state) {
    static const char *const changes[] = {
        "UPDATE run SET id = 1152921504606846976;"
        "UPDATE result SET run = 1152921504606846976",
        "UPDATE run SET id = -7; UPDATE result SET run = -7",
        "UPDATE label SET id = id + 9223372036854775000;"
        "UPDATE result SET plugin_version = plugin_version"
        " + 9223372036854775000",
        "UPDATE result SET meters = 4611686018427387904",
    };
    fixture *f = *state;
    gb_error err = {0};
    add(f, "a", 1);
    for (size_t i = 0; i < GB_COUNT(changes); i++) {
        gb_run_history history = {0};
        GB_EXPECT_STATUS(GB_OK, gb_history_exec(f->db, changes[i], &err),
                         changes[i], err);
        GB_EXPECT_STATUS(GB_OK, gb_history_read(f->db, "*", &history, &err),
                         changes[i], err);
        const gb_history_point *point = &history.series[0].points[0];
        GB_EXPECT_TEXT("a", point->run_id, changes[i]);
        GB_EXPECT_TEXT(sample_plan.cases[0].version, point->plugin_version,
                       changes[i]);
        gb_run_history_fini(&history);
    }
}

static void a_file_that_is_not_there_is_not_made(void **state) {
    gb_history_db *db = NULL;
    gb_error err = {0};
    struct stat seen;
    (void)state;
    GB_EXPECT_STATUS(GB_ERR_NOT_FOUND,
                     gb_history_open("/tmp/gb-no-history.db", false, &db, &err),
                     "open", err);
    assert_null(db);
    assert_int_not_equal(stat("/tmp/gb-no-history.db", &seen), 0);
    assert_true(err.hint[0] != '\0');
}

/* Processes that wait for one another, and then make the same file. */
static void who_makes_a_file_at_once_finds_the_others_history(void **state) {
    enum { ROUNDS = 16, MAKERS = 8 };
    fixture *f = *state;

    for (int round = 0; round < ROUNDS; round++) {
        int gate[2];
        pid_t makers[MAKERS];
        char word = '\0';
        unlink(f->path);
        assert_int_equal(pipe(gate), 0);
        for (int i = 0; i < MAKERS; i++) {
            makers[i] = fork();
            if (makers[i] == 0) {
                gb_history_db *db = NULL;
                gb_error err = {0};
                close(gate[1]);
                (void)!read(gate[0], &word, 1); /* until it is closed */
                _exit(gb_history_open(f->path, true, &db, &err) != GB_OK);
            }
        }
        close(gate[0]);
        close(gate[1]);
        for (int i = 0; i < MAKERS; i++) {
            int ended = -1;
            assert_int_equal(waitpid(makers[i], &ended, 0), makers[i]);
            assert_int_equal(ended, 0);
        }
    }
}

int main(void) {
#define HISTORY_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        HISTORY_TEST(a_run_is_there_once_and_whole),
        HISTORY_TEST(references_are_good_and_began_before),
        HISTORY_TEST(series_are_in_the_order_of_time),
        HISTORY_TEST(rows_may_have_any_ids),
        HISTORY_TEST(who_makes_a_file_at_once_finds_the_others_history),
        cmocka_unit_test(a_file_that_is_not_there_is_not_made),
    };
    return cmocka_run_group_tests_name("archive/history", tests, NULL, NULL);
}
