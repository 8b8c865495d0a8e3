/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/plan/same.h"
#include "unit/codec/sample.h"

#define SET(field, text) gb_copy(field, sizeof(field), text)

/* --- the plan ------------------------------------------------------------- */

static char other[] = "other", zeros[] = "0000000000000000", ones[] = "1111";

static void expect_plan(const gb_plan *now, const char *want) {
    gb_differences found = {0};
    gb_plan_compare(&sample_plan, now, &found);
    if (want == NULL)
        assert_int_equal(found.count, 0);
    else
        assert_string_equal(found.text.text, want);
    gb_differences_fini(&found);
}

static void a_plan_is_the_same_as_itself(void **state) {
    (void)state;
    expect_plan(&sample_plan, NULL);
}

static void what_a_plan_changes_is_worded(void **state) {
    gb_plan_case cases[2];
    gb_plan now = sample_plan;
    (void)state;
    now.cases = memcpy(cases, sample_plan.cases, sizeof(cases));
    cases[1].repeats = cases[1].max_repeats = 9;
    expect_plan(&now, "memory.triad array_bytes=64MiB: repeats: expected 6, "
                      "got 9");
    cases[1] = sample_plan.cases[1];
    cases[1].id = other;
    expect_plan(&now, "expected the case 'memory.triad array_bytes=64MiB', got "
                      "'other array_bytes=64MiB'");
    cases[1] = sample_plan.cases[1];
    gb_plan_param param = cases[1].params[0];
    param.text = other;
    cases[1].params = &param;
    expect_plan(&now, "memory.triad array_bytes=64MiB: array_bytes: expected "
                      "'64MiB', got 'other'");
    cases[1] = sample_plan.cases[1];
    now.case_count = 1; /* dropped here, and not then */
    expect_plan(&now, "number of cases: expected 2, got 1");
    now.case_count = 2;
    now.energy = other;
    now.ranks = 4;
    now.sample_hz = 100.0;
    now.require_energy = !now.require_energy;
    now.idle_s += 1.0;
    gb_differences found = {0};
    gb_plan_compare(&sample_plan, &now, &found);
    assert_int_equal(found.count, 5);
    assert_non_null(strstr(found.text.text, "ranks: expected 3, got 4; energy: "
                                            "expected "));
    assert_non_null(strstr(found.text.text, "; and 2 more"));
    gb_differences_fini(&found);
}

static void another_file_of_a_plugin_is_another_plan(void **state) {
    gb_plan_case cases[2], old[2];
    gb_plan now = sample_plan, first = sample_plan;
    gb_differences found = {0};
    (void)state;
    now.cases = memcpy(cases, sample_plan.cases, sizeof(cases));
    first.cases = memcpy(old, sample_plan.cases, sizeof(old));
    cases[0].sha256 = ones;
    gb_plan_compare(&first, &now, &found); /* it was not told then */
    assert_int_equal(found.count, 0);
    old[0].sha256 = zeros;
    gb_plan_compare(&first, &now, &found);
    assert_int_equal(found.count, 1);
    assert_non_null(strstr(found.text.text,
                           "file of the plugin: expected SHA-256 000000000000"
                           ".., got 1111"));
    gb_differences_fini(&found);
}

/* --- the machine ---------------------------------------------------------- */

typedef struct copy {
    gb_session session;
    gb_node nodes[2];
    gb_energy_domain domains[2];
    gb_rank_place places[3];
} copy;

static void copy_session(copy *c) {
    c->session = sample_session;
    c->session.nodes = memcpy(c->nodes, sample_session.nodes, sizeof(c->nodes));
    c->session.places =
        memcpy(c->places, sample_session.places, sizeof(c->places));
    c->nodes[0].domains =
        memcpy(c->domains, sample_session.nodes[0].domains, sizeof(c->domains));
}

/* Compares and takes the copy back. */
static void expect_session(copy *now, const char *want) {
    gb_differences found = {0};
    gb_session_compare(&sample_session, &now->session, &found);
    if (want == NULL && found.count > 0)
        fail_msg("expected no difference, got '%s'", found.text.text);
    if (want != NULL)
        assert_string_equal(found.text.text != NULL ? found.text.text : "",
                            want);
    gb_differences_fini(&found);
    copy_session(now);
}

static void a_reboot_and_what_is_only_looked_at_make_no_other_machine(
    void **state) {
    copy now;
    (void)state;
    copy_session(&now);
    expect_session(&now, NULL);
    SET(now.nodes[0].boot_id, "another");
    assert_int_equal(gb_session_rebooted(&sample_session, &now.session), 1);
    now.nodes[0].memory_bytes -= 4096; /* of MemTotal */
    now.nodes[0].clock_offset_s = 3.0;
    now.session.started_utc_ns += 1;
    now.session.command = other;
    SET(now.session.scheduler, "slurm job 4712");
    SET(now.places[0].cpus, "7");
    now.domains[0].wrap_ticks = 5; /* measured anew */
    SET(now.domains[1].name, "x"); /* not summed */
    expect_session(&now, NULL);
}

static void what_makes_another_machine_is_worded(void **state) {
    copy now;
    (void)state;
    copy_session(&now);
    SET(now.nodes[0].governor, "powersave");
    expect_session(&now, "c01: governor: expected 'performance', got "
                         "'powersave'");
    SET(now.nodes[0].turbo, "off");
    expect_session(&now, "c01: turbo: expected 'on', got 'off'");
    now.nodes[0].power_caps[0] = '\0';
    expect_session(&now, "c01: power caps: expected 'package-0 280 W "
                         "long_term', got ''");
    SET(now.nodes[0].kernel, "6.2");
    SET(now.nodes[0].microcode, "1");
    expect_session(&now, "c01: microcode: expected '0xa0011d5', got '1'; c01: "
                         "kernel: expected '6.1.0-18-amd64', got '6.2'");
    now.nodes[0].cores = 64;
    expect_session(&now, "c01: cores: expected 128, got 64");
    now.nodes[0].memory_bytes -= now.nodes[0].memory_bytes / 16;
    expect_session(&now, "c01: memory in bytes: expected 5.49755814e+11, got "
                         "5.15396076e+11");
    now.nodes[0].memory_usable_bytes /= 2;
    expect_session(&now, "c01: free memory: expected at least 486.0 GB, got "
                         "270.0 GB");
    SET(now.nodes[1].name, "c09");
    expect_session(&now, "node 1: expected 'c02', got 'c09'");
    now.places[1].core_count++;
    expect_session(&now, "rank 1: cores: expected 64, got 65");
    now.domains[0].summed = false;
    expect_session(&now, "c01: energy: expected powercap package-0 in the sum, "
                         "got '1 package'");
    now.domains[1].summed = true;
    expect_session(&now, "c01: energy: expected '1 package' alone, got hwmon "
                         "grace-1 in the sum");
}

static void another_file_of_a_meter_is_another_machine(void **state) {
    copy first, now;
    gb_differences found = {0};
    (void)state;
    copy_session(&first);
    SET(first.domains[0].plugin.id, "acme.pdu");
    SET(first.domains[0].plugin.version, "1.0.0");
    first.domains[1].plugin = first.domains[0].plugin; /* told once */
    memcpy(&now, &first, sizeof(now));
    now.session.nodes = now.nodes;
    now.nodes[0].domains = now.domains;
    SET(now.domains[0].plugin.sha256, ones);
    now.domains[1].plugin = now.domains[0].plugin;
    gb_session_compare(&first.session, &now.session, &found);
    assert_int_equal(found.count, 0); /* it was not told then */
    SET(first.domains[0].plugin.sha256, zeros);
    first.domains[1].plugin = first.domains[0].plugin;
    SET(now.domains[0].plugin.version, "1.1.0");
    gb_session_compare(&first.session, &now.session, &found);
    assert_string_equal(
        found.text.text,
        "c01: acme.pdu: version of the plugin: expected '1.0.0', got '1.1.0'; "
        "c01: acme.pdu: file of the plugin: expected SHA-256 000000000000.., "
        "got 1111");
    gb_differences_fini(&found);
}

static void another_program_is_another_machine(void **state) {
    copy now;
    (void)state;
    copy_session(&now);
    SET(now.session.tool_git, "def5678");
    expect_session(&now,
                   "commit of greenbench: expected 'abc1234', got 'def5678'");
    SET(now.session.tool_version, "0.2.0");
    expect_session(&now,
                   "version of greenbench: expected '0.1.0', got '0.2.0'");
    SET(now.session.mpi, "MPICH");
    expect_session(&now, "MPI: expected 'Open MPI v4.1.4', got 'MPICH'");
    const bool simulated = sample_session.sysroot[0] != '\0';
    SET(now.session.sysroot, simulated ? "" : "/x");
    expect_session(&now, simulated ? "GREENBENCH_SYSROOT is set: expected "
                                     "'yes', got 'no'"
                                   : "GREENBENCH_SYSROOT is set: expected "
                                     "'no', got 'yes'");
    now.session.counters = other;
    expect_session(&now, "counters: expected "
                         "'perf::PAGE-FAULTS,PAPI_TOT_INS', got 'other'");
}

/* --- progress ------------------------------------------------------------- */

static gb_rank_rep work[3] = {{.work = 2.0}, {.work = 3.0}, {.work = 5.0}};

static gb_rep_record rep(uint32_t case_index, uint32_t repetition,
                         gb_status status) {
    return (gb_rep_record){.case_index = case_index,
                           .repetition = repetition,
                           .status = status,
                           .iterations = 70 + repetition,
                           .elapsed_s = 2.0,
                           .ranks = work};
}

static gb_case_progress *progress(const gb_run_log *log) {
    gb_case_progress *cases = NULL;
    assert_int_equal(gb_plan_progress(&sample_plan, log, &cases, NULL), GB_OK);
    return cases;
}

static void what_is_there_is_not_repeated(void **state) {
    gb_trial_record trials[] = {{.case_index = 0, .iterations = 9},
                                {.case_index = 1, .iterations = 8}};
    gb_rep_record first[] = {rep(0, 0, GB_OK), rep(0, 1, GB_OK),
                             rep(0, 2, GB_ERR_INTERRUPTED)};
    gb_rep_record second[] = {rep(0, 2, GB_OK), rep(1, 1, GB_OK)};
    gb_run_log later = {.session = {.ranks = 3},
                        .trials = &trials[1],
                        .trial_count = 1,
                        .reps = second,
                        .rep_count = 2};
    gb_run_log log = {.session = {.ranks = 3},
                      .trials = trials,
                      .trial_count = 1,
                      .reps = first,
                      .rep_count = 3,
                      .next = &later};
    size_t done = 0, planned = 0;
    (void)state;
    gb_case_progress *cases = progress(&log);
    assert_int_equal(cases[0].repetitions, 3);
    assert_int_equal(cases[0].iterations, 72);
    assert_true(fabs(cases[0].rates[2] - 5.0) < 1e-12);
    assert_false(cases[0].done);
    /* The first is missing: the second does not stand for it. */
    assert_int_equal(cases[1].repetitions, 0);
    assert_false(cases[1].done);
    gb_plan_count(&sample_plan, cases, &done, &planned);
    assert_int_equal(done, 3);
    assert_int_equal(planned, sample_plan.cases[0].repeats + 6);
    gb_case_progress_free(cases, 2);
}

static void a_case_that_failed_has_ended_and_one_that_hung_has_not(
    void **state) {
    static const struct {
        gb_status trial, rep;
        bool done;
    } kinds[] = {
        {GB_OK, GB_OK, false},
        {GB_OK, GB_ERR_VERIFY, true},
        {GB_ERR_RANGE, GB_OK, true},
        {GB_ERR_TIMEOUT, GB_OK, false},
        {GB_ERR_INTERRUPTED, GB_OK, false},
        {GB_OK, GB_ERR_INTERRUPTED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        gb_trial_record trials[] = {{.case_index = 1, .iterations = 9},
                                    {.case_index = 1, .iterations = 9}};
        gb_rep_record reps[] = {rep(1, 0, GB_OK), rep(1, 1, kinds[i].rep)};
        trials[1].status = kinds[i].trial;
        gb_run_log log = {.session = {.ranks = 3},
                          .trials = trials,
                          .trial_count = 2,
                          .reps = reps,
                          .rep_count = 2};
        gb_case_progress *cases = progress(&log);
        assert_int_equal(cases[1].done, kinds[i].done);
        assert_int_equal(cases[1].repetitions, kinds[i].rep == GB_OK ? 2 : 1);
        assert_false(cases[0].done);
        gb_case_progress_free(cases, 2);
    }
}

static void all_repetitions_make_a_case_complete(void **state) {
    gb_rep_record reps[6];
    (void)state;
    for (uint32_t r = 0; r < 6; r++)
        reps[r] = rep(1, 5 - r, GB_OK);
    gb_run_log log = {.session = {.ranks = 3}, .reps = reps, .rep_count = 6};
    gb_case_progress *cases = progress(&log);
    assert_true(cases[1].done);
    assert_int_equal(cases[1].repetitions, 6);
    gb_case_progress_free(cases, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_is_the_same_as_itself),
        cmocka_unit_test(what_a_plan_changes_is_worded),
        cmocka_unit_test(another_file_of_a_plugin_is_another_plan),
        cmocka_unit_test(
            a_reboot_and_what_is_only_looked_at_make_no_other_machine),
        cmocka_unit_test(what_makes_another_machine_is_worded),
        cmocka_unit_test(another_file_of_a_meter_is_another_machine),
        cmocka_unit_test(another_program_is_another_machine),
        cmocka_unit_test(what_is_there_is_not_repeated),
        cmocka_unit_test(
            a_case_that_failed_has_ended_and_one_that_hung_has_not),
        cmocka_unit_test(all_repetitions_make_a_case_complete),
    };
    return cmocka_run_group_tests_name("pipeline/plan same", tests, NULL, NULL);
}
