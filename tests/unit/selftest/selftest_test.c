/* SPDX-License-Identifier: Apache-2.0 */
/* The saved machines of tests/fixtures, and copies of one that are not right.
 */
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/text.h"
#include "selftest/selftest.h"

/* A copy of one saved machine in a folder of its own. */
typedef struct copy {
    char folder[64];
} copy;

static void run(const char *program, const char *option, const char *first,
                const char *second) {
    extern char **environ;
    char words[4][512];
    char *argv[5] = {words[0], words[1], words[2], second ? words[3] : NULL};
    pid_t pid;
    int status;

    gb_copy(words[0], sizeof(words[0]), program);
    gb_copy(words[1], sizeof(words[1]), option);
    gb_copy(words[2], sizeof(words[2]), first);
    gb_copy(words[3], sizeof(words[3]), second ? second : "");
    assert_int_equal(posix_spawnp(&pid, program, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void copy_open(copy *c, const char *machine) {
    char from[512];

    gb_copy(c->folder, sizeof(c->folder), "/tmp/gb-selftest-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    snprintf(from, sizeof(from), "%s/%s", GB_TEST_FIXTURES, machine);
    run("cp", "-a", from, c->folder);
}

static void copy_put(const copy *c, const char *path, const char *text) {
    char whole[512];

    snprintf(whole, sizeof(whole), "%s/%s", c->folder, path);
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void copy_close(const copy *c) {
    run("rm", "-rf", c->folder, NULL);
}

static const gb_selftest_case *case_of(const gb_selftest *selftest,
                                       const char *machine) {
    for (size_t i = 0; i < selftest->count; i++)
        if (strcmp(selftest->cases[i].machine, machine) == 0)
            return &selftest->cases[i];
    fail_msg("no machine '%s'", machine);
    return NULL;
}

static void every_saved_machine_is_right(void **state) {
    gb_selftest selftest;
    gb_error err = {0};

    (void)state;
    if (gb_selftest_run(GB_TEST_FIXTURES, &selftest, &err) != GB_OK)
        fail_msg("%s", err.what);
    for (size_t i = 0; i < selftest.count; i++)
        if (!selftest.cases[i].right)
            fail_msg("%s: expected %s, got %s: %s", selftest.cases[i].machine,
                     selftest.cases[i].expected, selftest.cases[i].got,
                     selftest.cases[i].why);
    assert_true(selftest.right);
    assert_in_range(selftest.count, 21, 1000);
    assert_in_range(selftest.wrong_rejected, 15, 1000);
    assert_true(selftest.took_s < 10.0);
    /* Machines in a folder of folders, and what is no energy at all. */
    assert_string_equal(case_of(&selftest, "faults/frozen")->got, "stuck");
    assert_string_equal(case_of(&selftest, "dtpm")->got, "no energy");
    /* Distinct dies are summed and mirrored ones are not, by the same code. */
    assert_string_equal(case_of(&selftest, "synthetic-intel-2s-multidie")->got,
                        "27060.000 J");
    assert_string_equal(
        case_of(&selftest, "synthetic-amd-2s-8ccd-mirrored")->got,
        "55080.000 J");
    assert_string_equal(case_of(&selftest, "ipmi-dcmi")->got,
                        "102 W, 102 W, none, 231 W");
    gb_selftest_fini(&selftest);
}

static void another_total_is_wrong(void **state) {
    gb_selftest selftest;
    copy c;

    (void)state;
    copy_open(&c, "amd-epyc-2s");
    copy_put(&c,
             "amd-epyc-2s/t1/sys/devices/virtual/powercap/intel-rapl/"
             "intel-rapl:1/energy_uj",
             "27720015999\n");
    assert_int_equal(gb_selftest_run(c.folder, &selftest, NULL), GB_OK);
    assert_int_equal(selftest.count, 1);
    assert_false(selftest.right);
    assert_string_equal(selftest.cases[0].machine, "amd-epyc-2s");
    assert_string_equal(selftest.cases[0].got, "55080.001 J");
    assert_string_equal(selftest.cases[0].why, "another total");
    gb_selftest_fini(&selftest);
    copy_close(&c);
}

/* Were the total that of a mistake, it must not pass, right or not. */
static void the_total_of_a_mistake_is_named(void **state) {
    gb_selftest_case one;
    char machine[128];
    copy c;

    (void)state;
    copy_open(&c, "amd-epyc-2s");
    copy_put(&c, "amd-epyc-2s/expected.json",
             "{\"dt_s\": 120, \"node_joules\": 55000,"
             " \"wrong_answers\": {\"as_it_is_j\": 55080.000005}}");
    snprintf(machine, sizeof(machine), "%s/amd-epyc-2s", c.folder);
    gb_selftest_machine(machine, "amd-epyc-2s", &one);
    assert_false(one.right);
    assert_non_null(strstr(one.why, "as_it_is_j"));
    assert_int_equal(one.wrong_count, 1);
    assert_false(one.wrong[0].rejected);
    copy_close(&c);
}

static void a_suspect_that_is_not_flagged_is_wrong(void **state) {
    static const char *const expected[][2] = {
        {"\"suspect\": \"dies_disagree\"", "flagged as 'dies_disagree'"},
        {"\"true_joules\": 99000", "holds 99000.0 J"},
    };
    gb_selftest_case one;
    char machine[128], text[160];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        copy c;
        copy_open(&c, "synthetic-intel-2s-spr-old-kernel");
        snprintf(text, sizeof(text),
                 "{\"dt_s\": 120, \"node_joules\": 51665.028274, %s}",
                 expected[i][0]);
        copy_put(&c, "synthetic-intel-2s-spr-old-kernel/expected.json", text);
        snprintf(machine, sizeof(machine),
                 "%s/synthetic-intel-2s-spr-old-kernel", c.folder);
        gb_selftest_machine(machine, "old", &one);
        assert_false(one.right);
        if (strstr(one.why, expected[i][1]) == NULL)
            fail_msg("%s", one.why);
        copy_close(&c);
    }
}

static void another_printed_power_is_wrong(void **state) {
    gb_selftest_case one;
    char machine[128];
    copy c;

    (void)state;
    copy_open(&c, "ipmi-dcmi");
    copy_put(&c, "ipmi-dcmi/expected.json",
             "{\"printed\": [{\"file\": \"ipmitool-dcmi-power-reading.txt\", "
             "\"watts\": 84}, {\"file\": \"nothing\", \"watts\": null}]}");
    snprintf(machine, sizeof(machine), "%s/ipmi-dcmi", c.folder);
    gb_selftest_machine(machine, "ipmi-dcmi", &one);
    assert_false(one.right);
    assert_string_equal(one.expected, "84 W, none");
    assert_string_equal(one.got, "102 W, -1 W");
    copy_close(&c);
}

static void a_status_that_differs_is_wrong(void **state) {
    gb_selftest_case one;
    char machine[128];
    copy c;

    (void)state;
    copy_open(&c, "faults/frozen");
    copy_put(&c, "frozen/expected.json", "{\"status\": \"ok\", \"dt_s\": 60}");
    snprintf(machine, sizeof(machine), "%s/frozen", c.folder);
    gb_selftest_machine(machine, "frozen", &one);
    assert_false(one.right);
    assert_non_null(strstr(one.why, "'ok', got 'stuck'"));
    copy_close(&c);
}

static void a_machine_that_cannot_be_read_is_wrong(void **state) {
    static const char *const texts[] = {
        "",
        "[]",
        "{\"dt_s\": \"long\"}",
        "{\"status\": \"fine\"}",
        "{\"wrong_answers\": {\"x\": null}}",
        "{\"open_on_cpus\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gb_selftest_case one;
        char machine[128];
        copy c;

        copy_open(&c, "dtpm");
        copy_put(&c, "dtpm/expected.json", texts[i]);
        snprintf(machine, sizeof(machine), "%s/dtpm", c.folder);
        gb_selftest_machine(machine, "dtpm", &one);
        assert_false(one.right);
        if (one.why[0] == '\0')
            fail_msg("'%s': no reason", texts[i]);
        copy_close(&c);
    }
}

static void a_folder_without_machines_is_refused(void **state) {
    gb_selftest selftest;
    gb_error err = {0};

    (void)state;
    assert_int_equal(
        gb_selftest_run(GB_TEST_FIXTURES "/topology", &selftest, &err),
        GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "found none"));
    assert_int_not_equal(gb_selftest_run("/nowhere", &selftest, &err), GB_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_saved_machine_is_right),
        cmocka_unit_test(another_total_is_wrong),
        cmocka_unit_test(the_total_of_a_mistake_is_named),
        cmocka_unit_test(a_suspect_that_is_not_flagged_is_wrong),
        cmocka_unit_test(another_printed_power_is_wrong),
        cmocka_unit_test(a_status_that_differs_is_wrong),
        cmocka_unit_test(a_machine_that_cannot_be_read_is_wrong),
        cmocka_unit_test(a_folder_without_machines_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
