/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "archive/rundir.h"
#include "unit/codec/sample.h"

static char folder[64], rundir[128];

static const gb_sample rows[] = {
    {0, 0, {UINT64_MAX, 100, 7, true, 0}, true},
    {1, 0, {5, 100, 7, true, 55}, true},
    {0, 1, {0, 101, 0, false, 99}, false},
    {1, 0, {6, 101, 8, true, 66}, false},
};

/* A run of @p nodes of the sample's nodes, with the rows of those. */
static void make_run(size_t nodes) {
    gb_session session = sample_session;
    gb_rank_place places[8];
    gb_rundir *dir = NULL;
    gb_error err = {0};

    assert_in_range(session.ranks, 1, 8);
    for (size_t i = 0; i < session.ranks; i++) {
        places[i] = session.places[i];
        if (places[i].node >= nodes)
            places[i].node = 0;
    }
    session.places = places;
    session.node_count = nodes;
    snprintf(folder, sizeof(folder), "/tmp/gb-recording-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(rundir, sizeof(rundir), "%s/run", folder);
    if (gb_rundir_create(folder, "run", &sample_plan, &dir, &err) != GB_OK)
        fail_msg("%s", err.what);
    const gb_record_sink sink = gb_rundir_sink(dir);
    if (nodes > 0) {
        assert_int_equal(sink.session(sink.ctx, &session), GB_OK);
        for (size_t i = 0; i < 4; i++)
            if (rows[i].node < nodes)
                assert_int_equal(sink.samples(sink.ctx, &rows[i], 1), GB_OK);
    }
    gb_rundir_close(dir);
}

static void remove_run(void) {
    static const char *const names[] = {"plan.json", "records.jsonl",
                                        "samples"};
    char path[160];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", rundir, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(rundir), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_node_is_found_by_its_name(void **state) {
    gb_recording recording = {0};
    gb_error err = {0};

    (void)state;
    make_run(2);
    for (size_t n = 0; n < 2; n++) {
        const gb_node *node = &sample_session.nodes[n];
        if (gb_archive_recording(rundir, node->name, &recording, &err) != GB_OK)
            fail_msg("%s", err.what);
        assert_string_equal(recording.node, node->name);
        assert_int_equal(recording.domain_count, node->domain_count);
        for (size_t i = 0; i < node->domain_count; i++)
            assert_string_equal(recording.domains[i].name,
                                node->domains[i].name);
        assert_int_equal(recording.row_count, 2);
        for (size_t i = 0; i < 2; i++) {
            const gb_sample *expected = &rows[2 * i + n],
                            *row = &recording.rows[i];
            assert_int_equal(row->node, 0);
            assert_int_equal(row->domain, expected->domain);
            assert_int_equal(row->mark, expected->mark);
            assert_int_equal(row->reading.ticks, expected->reading.ticks);
            assert_int_equal(row->reading.time_ns, expected->reading.time_ns);
            assert_int_equal(row->reading.stamp_ns, expected->reading.stamp_ns);
            assert_int_equal(row->reading.half_ns, expected->reading.half_ns);
            assert_int_equal(row->reading.ok, expected->reading.ok);
        }
        gb_recording_fini(&recording);
    }
    assert_int_equal(
        gb_archive_recording(rundir, "elsewhere", &recording, &err),
        GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "elsewhere"));
    for (size_t n = 0; n < 2; n++)
        assert_non_null(strstr(err.what, sample_session.nodes[n].name));
    assert_true(err.hint[0] != '\0');
    remove_run();
}

static void the_only_node_needs_no_name(void **state) {
    gb_recording recording = {0};
    gb_error err = {0};

    (void)state;
    make_run(1);
    if (gb_archive_recording(rundir, "elsewhere", &recording, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_string_equal(recording.node, sample_session.nodes[0].name);
    assert_int_equal(recording.row_count, 2);
    gb_recording_fini(&recording);
    remove_run();
}

static void what_is_no_recording_is_refused(void **state) {
    gb_recording recording = {0};
    gb_error err = {0};

    (void)state;
    assert_int_equal(
        gb_archive_recording("/nowhere/run", "a", &recording, &err),
        GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "/nowhere/run"));
    make_run(0);
    assert_int_equal(gb_archive_recording(rundir, "a", &recording, &err),
                     GB_ERR_INVALID);
    assert_non_null(strstr(err.what, "never began"));
    remove_run();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_is_found_by_its_name),
        cmocka_unit_test(the_only_node_needs_no_name),
        cmocka_unit_test(what_is_no_recording_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
