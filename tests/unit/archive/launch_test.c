/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of several launches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/files.h"
#include "archive/rundir.h"
#include "unit/codec/sample.h"

static char folder[64];

static const char *in_folder(const char *name) {
    static char path[300];
    snprintf(path, sizeof(path), "%.60s/%.200s", folder, name);
    return path;
}

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/gb-launch-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    char line[100];
    (void)state;
    snprintf(line, sizeof(line), "rm -r '%s'", folder);
    return system(line); /* NOLINT(cert-env33-c): a path of our own */
}

static char *read_text(const char *path) {
    char *text = NULL;
    size_t length = 0;
    gb_error err = {0};
    if (gb_read_file(path, &text, &length, &err) != GB_OK)
        fail_msg("%s", err.what);
    return text;
}

static void append(const char *path, const char *text) {
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static const gb_sample rows[] = {
    {0, 0, {1, 100, 7, true, 0}, true},
    {0, 1, {0, 101, 0, false, 99}, false},
};

/* Leaves a run at <folder>/out/run. */
static void make_run(void) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    if (gb_rundir_create(in_folder("out"), "run", &sample_plan, &dir, &err) !=
        GB_OK)
        fail_msg("%s", err.what);
    const gb_record_sink sink = gb_rundir_sink(dir);
    assert_int_equal(sink.session(sink.ctx, &sample_session), GB_OK);
    assert_int_equal(sink.rep(sink.ctx, &sample_rep), GB_OK);
    gb_rundir_close(dir);
}

static gb_rundir *open_run(void) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    if (gb_rundir_open(in_folder("out/run/"), &dir, &err) != GB_OK)
        fail_msg("%s", err.what);
    return dir;
}

static void add_launch(gb_rundir *dir, uint32_t want, bool with_session) {
    gb_error err = {0};
    uint32_t launch = 0;
    gb_session session = sample_session;
    if (gb_rundir_add_launch(dir, "run", &sample_plan, &launch, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(launch, want);
    session.launch = launch;
    const gb_record_sink sink = gb_rundir_sink(dir);
    if (!with_session)
        return;
    assert_int_equal(sink.session(sink.ctx, &session), GB_OK);
    assert_int_equal(sink.rep(sink.ctx, &sample_rep), GB_OK);
    assert_int_equal(sink.samples(sink.ctx, rows, 2), GB_OK);
}

static void a_further_launch_touches_nothing_and_comes_back(void **state) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    (void)state;
    make_run();
    append(in_folder("out/run/records.jsonl"), "{\"record\":\"trial\",\"ca");
    char *before = read_text(in_folder("out/run/records.jsonl"));
    for (uint32_t launch = 2; launch < 5; launch++) {
        gb_rundir *dir = open_run();
        add_launch(dir, launch, launch != 3);
        gb_rundir_close(dir);
    }
    char *after = read_text(in_folder("out/run/records.jsonl"));
    assert_string_equal(before, after);
    free(before);
    free(after);
    if (gb_rundir_read(in_folder("out/run"), &plan, &log, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(gb_run_log_launches(&log), 3); /* one never began */
    assert_int_equal(log.session.launch, 1);
    assert_int_equal(log.damaged_lines, 1);
    assert_int_equal(log.next->session.launch, 2);
    assert_int_equal(log.next->rep_count, 1);
    assert_int_equal(log.next->sample_count, 2);
    assert_false(log.next->has_end);
    assert_int_equal(gb_run_log_last(&log)->session.launch, 4);
    assert_string_equal(log.next->session.run_id, "run");
    gb_plan_fini(&plan);
    gb_run_log_fini(&log);
}

static void damage_in_a_further_launch_is_named_with_its_file(void **state) {
    (void)state;
    make_run();
    gb_rundir *dir = open_run();
    add_launch(dir, 2, true);
    gb_rundir_close(dir);
    append(in_folder("out/run/launch-2/records.jsonl"), "x\n");
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    assert_int_equal(gb_rundir_read(in_folder("out/run"), &plan, &log, &err),
                     GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "/out/run/launch-2/records.jsonl:3: "
                                     "expected JSON"));
}

static void a_run_is_written_by_one_process_at_a_time(void **state) {
    gb_rundir *first = NULL, *second = NULL;
    gb_error err = {0};
    (void)state;
    assert_int_equal(
        gb_rundir_create(in_folder("out"), "run", &sample_plan, &first, &err),
        GB_OK);
    assert_int_equal(gb_rundir_open(in_folder("out/run"), &second, &err),
                     GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "/out/run': expected a run that has "
                                     "ended, but a process still writes to "
                                     "it"));
    gb_rundir_close(first);
    first = open_run();
    assert_int_equal(gb_rundir_open(in_folder("out/run"), &second, &err),
                     GB_ERR_INVALID);
    gb_rundir_close(first);
    gb_rundir_close(open_run());
    assert_int_equal(gb_rundir_open(in_folder("none"), &second, &err),
                     GB_ERR_NOT_FOUND);
}

static void the_manifest_has_the_files_of_every_launch(void **state) {
    gb_error err = {0};
    (void)state;
    make_run();
    gb_rundir *dir = open_run();
    add_launch(dir, 2, true);
    gb_rundir_close(dir);
    append(in_folder("tool"), "abc");
    char tool[300];
    snprintf(tool, sizeof(tool), "%s", in_folder("tool"));
    const gb_session session = {.run_id = "run"};
    assert_int_equal(gb_rundir_write_manifest(in_folder("out/run"), &session,
                                              tool, &sample_plan, NULL, &err),
                     GB_OK);
    char *text = read_text(in_folder("out/run/manifest.json"));
    assert_non_null(strstr(text, "\"path\": \"records.jsonl\""));
    assert_non_null(strstr(text, "\"path\": \"launch-2/records.jsonl\""));
    assert_non_null(strstr(text, "\"path\": \"launch-2/samples\""));
    free(text);
}

#define FOLDER_TEST(test)                                                      \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_further_launch_touches_nothing_and_comes_back),
        FOLDER_TEST(damage_in_a_further_launch_is_named_with_its_file),
        FOLDER_TEST(a_run_is_written_by_one_process_at_a_time),
        FOLDER_TEST(the_manifest_has_the_files_of_every_launch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
