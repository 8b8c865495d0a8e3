/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of two packages and their DRAM, a hundred readings of each, is
 * played again on a clock of the test's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "machine/energy/set.h"
#include "metering/window.h"
#include "tree.h"

enum { PASSES = 100, MOST = 8 };

/* Recorded on a clock that began long before. */
#define FIRST_NS UINT64_C(987654321000000000)
#define WRAP     UINT64_C(65532610987)

typedef struct recorded_run {
    gb_energy_domain domains[MOST];
    size_t domain_count;
    uint64_t spacing_ns;
} recorded_run;

static recorded_run run;

static gb_energy_domain *record_domain(const char *source, const char *name,
                                       gb_energy_scope scope, int package) {
    gb_energy_domain *domain = &run.domains[run.domain_count++];

    *domain = (gb_energy_domain){
        .scope = scope,
        .package = package,
        .die = -1,
        .tick_j = 1e-6,
        .step_j = 1.5e-5,
        .wrap_ticks = WRAP,
        .update_ns = 1 * MS,
        .max_power_w = 1000.0,
        .u_rel = 0.06,
        .status = GB_DOMAIN_OK,
        .quality = GB_QUALITY_MEASURED,
        .refresh = package,
    };
    gb_copy(domain->source, sizeof(domain->source), source);
    gb_copy(domain->name, sizeof(domain->name), name);
    return domain;
}

/* 150 W and a wrap in the middle; every tenth read failed. */
static gb_energy_reading recorded(size_t domain, size_t pass) {
    const uint64_t gain = (uint64_t)(150.0 * 1e-3 * (double)run.spacing_ns);

    return (gb_energy_reading){
        .ticks = (WRAP - 50 * gain + 7 * domain + pass * gain) % WRAP,
        .time_ns = FIRST_NS + pass * run.spacing_ns + 20000 * domain,
        .half_ns = (uint32_t)(1000 + pass),
        .ok = pass % 10 != 9,
        .stamp_ns =
            run.domains[domain].stamped ? 5000 + pass * run.spacing_ns : 0,
    };
}

static char asked_for[128];

static gb_status recording_of(const char *rundir, const char *node_name,
                              gb_recording *out, gb_error *err) {
    if (strcmp(rundir, "results/run") != 0)
        return gb_fail(err, GB_ERR_NOT_FOUND, "look again", "no run '%s'",
                       rundir);
    gb_copy(asked_for, sizeof(asked_for), node_name);
    *out = (gb_recording){
        .node = "node5",
        .domains = calloc(run.domain_count + 1, sizeof(*out->domains)),
        .domain_count = run.domain_count,
        .rows = calloc(PASSES * run.domain_count + 1, sizeof(*out->rows)),
    };
    assert_non_null(out->domains);
    assert_non_null(out->rows);
    memcpy(out->domains, run.domains,
           sizeof(run.domains[0]) * run.domain_count);
    for (size_t pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < run.domain_count; i++)
            if (run.domains[i].status == GB_DOMAIN_OK)
                out->rows[out->row_count++] = (gb_sample){
                    .domain = (uint32_t)i, .reading = recorded(i, pass)};
    return GB_OK;
}

static void open_tree(test_tree *tree) {
    tree_open(tree, "faults/no-powercap", "t0");
    gb_copy(tree->node.name, sizeof(tree->node.name), "node5");
    tree->env.recording_of = recording_of;
    tree->env.setting = "results/run";
    run = (recorded_run){.spacing_ns = 100 * MS};
}

static void record_two_packages(void) {
    record_domain("powercap", "package-0", GB_SCOPE_PACKAGE, 0)->summed = true;
    record_domain("powercap", "package-1", GB_SCOPE_PACKAGE, 1)->summed = true;
    record_domain("perf", "package-0", GB_SCOPE_PACKAGE, 0);
    record_domain("hwmon", "", GB_SCOPE_OTHER, -1)->status = GB_DOMAIN_ABSENT;
}

static void expect_failure(test_tree *tree, gb_status status,
                           const char *what) {
    gb_energy_source *source = NULL;
    gb_error err = {0};
    const gb_status got = gb_energy_replay.open(&tree->env, &source, &err);

    if (got != status || !strstr(err.what, what))
        fail_msg("status %d, '%s'", got, err.what);
}

static void nothing_named_is_absent(void **state) {
    test_tree tree;

    (void)state;
    open_tree(&tree);
    tree.env.setting = NULL;
    expect_failure(&tree, GB_ERR_UNSUPPORTED, "no recording");
    tree.env.setting = "results/other";
    expect_failure(&tree, GB_ERR_NOT_FOUND, "results/other");
    tree.env.setting = "results/run";
    expect_failure(&tree, GB_ERR_INVALID, "got none"); /* nothing was ok */
    tree.env.recording_of = NULL;
    expect_failure(&tree, GB_ERR_UNSUPPORTED, "results/run");
    tree_close(&tree);
}

static void domains_are_as_recorded_but_replayed(void **state) {
    test_tree tree;

    (void)state;
    open_tree(&tree);
    record_two_packages();
    run.domains[1].quality = GB_QUALITY_SIMULATED;
    run.domains[2].quality = GB_QUALITY_MODELLED;
    test_source replay = source_open(&tree, &gb_energy_replay);
    assert_string_equal(asked_for, "node5");
    assert_int_equal(replay.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const gb_energy_domain *domain = &replay.domains[i];
        assert_string_equal(domain->source, "replay");
        assert_int_equal(domain->status, GB_DOMAIN_OK);
        assert_int_equal(domain->scope, GB_SCOPE_PACKAGE);
        assert_int_equal(domain->wrap_ticks, WRAP);
        assert_near(domain->u_rel, 0.06, 0);
        assert_true(domain->stamped);
        /* Between two rows nothing is known. */
        assert_int_equal(domain->update_ns, 100 * MS);
        assert_false(domain->summed);
    }
    assert_string_equal(replay.domains[0].name, "package-0");
    assert_string_equal(replay.domains[2].name, "perf:package-0");
    assert_int_equal(replay.domains[0].quality, GB_QUALITY_REPLAYED);
    assert_int_equal(replay.domains[1].quality, GB_QUALITY_REPLAYED);
    assert_int_equal(replay.domains[2].quality, GB_QUALITY_MODELLED);
    assert_string_equal(replay.domains[1].reason,
                        "recorded on 'node5' by powercap, simulated then");
    source_close(&replay);
    tree_close(&tree);
}

static void readings_come_at_their_time(void **state) {
    static const struct {
        uint64_t offset_ns;
        size_t pass;
    } cases[] = {
        {50 * MS, 0},    {100 * MS + 60000, 1}, {199 * MS, 1},
        {4250 * MS, 42}, {4250 * MS, 42},       {4900 * MS + 60000, 49},
        {9850 * MS, 98},
    };
    test_tree tree;
    gb_energy_reading readings[MOST];

    (void)state;
    open_tree(&tree);
    record_two_packages();
    test_source replay = source_open(&tree, &gb_energy_replay);
    const uint64_t begin_ns = tree.now_ns;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        tree.now_ns = begin_ns + cases[c].offset_ns;
        replay.ops->read(replay.source, readings);
        for (size_t i = 0; i < replay.count; i++) {
            const gb_energy_reading expected = recorded(i, cases[c].pass);
            assert_int_equal(readings[i].ok, expected.ok);
            assert_int_equal(readings[i].half_ns, expected.half_ns);
            assert_int_equal(readings[i].time_ns, tree.now_ns);
            assert_int_equal(readings[i].ticks,
                             expected.ok ? expected.ticks : 0);
            assert_int_equal(readings[i].stamp_ns,
                             expected.ok ? expected.time_ns : 0);
        }
    }
    tree.now_ns = begin_ns + 9901 * MS; /* past the end */
    replay.ops->read(replay.source, readings);
    for (size_t i = 0; i < replay.count; i++)
        assert_false(readings[i].ok);
    source_close(&replay);
    tree_close(&tree);
}

static void the_sources_own_stamps_are_kept(void **state) {
    test_tree tree;
    gb_energy_reading reading;

    (void)state;
    open_tree(&tree);
    record_domain("cray_pm", "node", GB_SCOPE_NODE_DC, -1)->stamped = true;
    run.domains[0].summed = true;
    test_source replay = source_open(&tree, &gb_energy_replay);
    tree.now_ns += 350 * MS;
    replay.ops->read(replay.source, &reading);
    assert_true(reading.ok);
    assert_int_equal(reading.stamp_ns, 5000 + 300 * MS);
    source_close(&replay);
    tree_close(&tree);
}

static gb_energy_set *open_set(test_tree *tree) {
    gb_energy_set *set = NULL;
    gb_error err = {0};

    if (gb_energy_set_open(&tree->env, "replay=results/run", &set, &err) !=
        GB_OK)
        fail_msg("%s", err.what);
    return set;
}

/* The root is a fake one: what it gives is simulated, this is not from it. */
static void a_replay_stays_a_replay(void **state) {
    test_tree tree;
    size_t count;

    (void)state;
    open_tree(&tree);
    record_two_packages();
    gb_energy_set *set = open_set(&tree);
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_int_equal(count, 3);
    assert_int_equal(domains[0].quality, GB_QUALITY_REPLAYED);
    assert_true(domains[0].summed && domains[1].summed);
    assert_false(domains[2].summed);
    assert_int_equal(domains[2].status, GB_DOMAIN_OK); /* for cross-checks */
    assert_int_equal(gb_energy_set_cover(set)->quality, GB_QUALITY_REPLAYED);
    gb_energy_set_close(set);

    run.domains[0].quality = GB_QUALITY_MODELLED;
    run.domains[1].quality = GB_QUALITY_MODELLED;
    run.domains[2].status = GB_DOMAIN_FAILED;
    set = open_set(&tree);
    assert_int_equal(gb_energy_set_cover(set)->quality, GB_QUALITY_MODELLED);
    gb_energy_set_close(set);
    tree_close(&tree);
}

/* Each second reading of a meter of the node makes it look too slow to be
 * preferred to packages; it was, then. */
static void what_was_summed_is_summed_again(void **state) {
    test_tree tree;
    size_t count;

    (void)state;
    open_tree(&tree);
    run.spacing_ns = 200 * MS;
    record_domain("powercap", "package-0", GB_SCOPE_PACKAGE, 0);
    record_domain("occ", "system", GB_SCOPE_NODE_DC, -1)->summed = true;
    gb_energy_set *set = open_set(&tree);
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    assert_int_equal(count, 2);
    assert_true(domains[1].summed);
    assert_int_equal(domains[0].status, GB_DOMAIN_UNSUPPORTED);
    assert_int_equal(gb_energy_set_cover(set)->summed_count, 1);
    gb_energy_set_close(set);
    tree_close(&tree);
}

static void joules_are_those_of_the_recording(void **state) {
    enum { READS = 41 };
    gb_energy_reading readings[READS][MOST], domain_rows[READS];
    gb_energy_figure figure;
    test_tree tree;
    size_t count, reads = 0;

    (void)state;
    open_tree(&tree);
    record_domain("powercap", "package-0", GB_SCOPE_PACKAGE, 0)->summed = true;
    gb_energy_set *set = open_set(&tree);
    const gb_energy_domain *domains = gb_energy_set_domains(set, &count);
    tree.now_ns = 1000 * S + 3010 * MS;
    for (size_t i = 0; i < READS; i++, tree.now_ns += 100 * MS) {
        gb_energy_set_read(set, readings[i]);
        domain_rows[reads++] = readings[i][0];
    }
    /* From pass 30 to pass 70, over the wrap at 50 and failed reads. */
    gb_window_energy(&domains[0], domain_rows, reads, 0.1, &figure);
    assert_near(figure.energy_j, 150.0 * 4.0, 1e-4);
    assert_int_equal(figure.wraps, 1);
    assert_int_equal(figure.errors, 4);
    assert_int_equal(figure.quality, GB_QUALITY_REPLAYED);
    gb_energy_set_close(set);
    tree_close(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_named_is_absent),
        cmocka_unit_test(domains_are_as_recorded_but_replayed),
        cmocka_unit_test(readings_come_at_their_time),
        cmocka_unit_test(the_sources_own_stamps_are_kept),
        cmocka_unit_test(a_replay_stays_a_replay),
        cmocka_unit_test(what_was_summed_is_summed_again),
        cmocka_unit_test(joules_are_those_of_the_recording),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
