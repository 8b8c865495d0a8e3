/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/files.h"
#include "archive/rundir.h"
#include "unit/codec/sample.h"

/* --- a folder for each test ----------------------------------------------- */

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/gb-archive-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static void remove_tree(const char *path) {
    DIR *dir = opendir(path);
    struct dirent *found;
    while (dir != NULL && (found = readdir(dir)) != NULL) {
        char inner[400];
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof(inner), "%.120s/%.255s", path, found->d_name);
        if (unlink(inner) != 0)
            remove_tree(inner);
    }
    if (dir != NULL)
        closedir(dir);
    rmdir(path);
}

static int remove_folder(void **state) {
    (void)state;
    umount2(folder, MNT_DETACH); /* of a test that filled a disk */
    remove_tree(folder);
    return 0;
}

static const char *in_folder(const char *name) {
    static char path[2][300];
    static unsigned turn;
    char *out = path[turn++ % 2];
    snprintf(out, 300, "%.60s/%.200s", folder, name);
    return out;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static char *read_text(const char *path) {
    char *text = NULL;
    size_t length = 0;
    gb_error err = {0};
    if (gb_read_file(path, &text, &length, &err) != GB_OK)
        fail_msg("%s", err.what);
    return text;
}

/* --- a whole run ---------------------------------------------------------- */

static const gb_sample rows[] = {
    {0, 0, {1, 100, 7, true, 0}, true},
    {0, 1, {0, 101, 0, false, 99}, false},
    {1, 0, {UINT64_MAX, 18446744073709551614u, UINT32_MAX, true, 0}, false},
};

static void send_all(const gb_record_sink *sink) {
    assert_int_equal(sink->session(sink->ctx, &sample_session), GB_OK);
    assert_int_equal(sink->warning(sink->ctx, &sample_warning), GB_OK);
    assert_int_equal(sink->samples(sink->ctx, rows, 2), GB_OK);
    assert_int_equal(sink->idle(sink->ctx, &sample_idle), GB_OK);
    assert_int_equal(sink->trial(sink->ctx, &sample_trial), GB_OK);
    assert_int_equal(sink->samples(sink->ctx, rows + 2, 1), GB_OK);
    assert_int_equal(sink->samples(sink->ctx, NULL, 0), GB_OK);
    assert_int_equal(sink->rep(sink->ctx, &sample_rep), GB_OK);
    assert_int_equal(sink->end(sink->ctx, &sample_end), GB_OK);
}

/* Leaves a run at <folder>/out/run. */
static void make_run(void) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    if (gb_rundir_create(in_folder("out"), "run", &sample_plan, &dir, &err) !=
        GB_OK)
        fail_msg("%s", err.what);
    const gb_record_sink sink = gb_rundir_sink(dir);
    send_all(&sink);
    assert_int_equal(gb_rundir_sink_error(dir)->status, GB_OK);
    gb_rundir_close(dir);
}

static void assert_unreadable(const char *what) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    assert_int_not_equal(
        gb_rundir_read(in_folder("out/run"), &plan, &log, &err), GB_OK);
    /* From the file's name on: the folder is another each time. */
    const char *at = strstr(err.what, "/run/");
    assert_non_null(at);
    assert_string_equal(at + strlen("/run/"), what);
}

static void append(const char *name, const char *text) {
    const int fd = open(in_folder(name), O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void damage_within_is_an_error_with_its_line(void **state) {
    static const struct {
        const char *file, *line, *what;
    } cases[] = {
        {"records.jsonl", "{\"record\":\"idle\"\n",
         "records.jsonl:7: expected JSON: '}' expected near end of file (line "
         "1:16)"},
        {"records.jsonl",
         "{\"record\":\"trial\",\"case\":2,\"status\":\"OK\"}"
         "\n",
         "records.jsonl:7: expected one of the 2 cases of plan.json, got case "
         "2"},
        {"records.jsonl", "\n",
         "records.jsonl:7: expected JSON: '[' or '{' expected near end of file "
         "(line 1:0)"},
        {"samples", "0,0,1,1,1,1,0\n",
         "samples:5: expected 'node,domain,time_ns,half_ns,ticks,ok,mark,"
         "stamp_ns' in "
         "whole numbers, got '0,0,1,1,1,1,0'"},
        {"samples", "0,0,1,1,1,1,2,0\n",
         "samples:5: expected 'node,domain,time_ns,half_ns,ticks,ok,mark,"
         "stamp_ns' in "
         "whole numbers, got '0,0,1,1,1,1,2,0'"},
        {"samples", "0,0,1,1,1,1,5,0\n",
         "samples:5: expected 'node,domain,time_ns,half_ns,ticks,ok,mark,"
         "stamp_ns' in "
         "whole numbers, got '0,0,1,1,1,1,5,0'"},
        {"samples", "0,0,18446744073709551616,1,1,1,0,0\n",
         "samples:5: expected 'node,domain,time_ns,half_ns,ticks,ok,mark,"
         "stamp_ns' in "
         "whole numbers, got '0,0,18446744073709551616,1,1,1,0,0'"},
        {"samples", "0,0,-1,1,1,1,0,0\n",
         "samples:5: expected 'node,domain,time_ns,half_ns,ticks,ok,mark,"
         "stamp_ns' in "
         "whole numbers, got '0,0,-1,1,1,1,0,0'"},
        {"samples", "0,2,1,1,1,1,0,0\n",
         "samples:5: expected a node and domain of the session, got node 0, "
         "domain 2"},
        {"samples", "2,0,1,1,1,1,0,0\n",
         "samples:5: expected a node and domain of the session, got node 2, "
         "domain 0"},
        {"plan.json", "x",
         "plan.json: expected JSON: end of file expected near 'x' (line 89:1)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[40];
        make_run();
        snprintf(name, sizeof(name), "out/run/%s", cases[i].file);
        append(name, cases[i].line);
        assert_unreadable(cases[i].what);
        remove_tree(in_folder("out"));
    }
}

static void samples_under_another_header_are_refused(void **state) {
    (void)state;
    make_run();
    write_file(in_folder("out/run/samples"), "node,ticks\n0,1\n");
    assert_unreadable(
        "samples:1: expected 'node,domain,time_ns,half_ns,ticks,ok,mark,"
        "stamp_ns' in "
        "whole numbers, got 'node,ticks'");
}

static void a_directory_that_is_no_run_is_named(void **state) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_rundir_read("/no/such/run", &plan, &log, &err),
                     GB_ERR_NOT_FOUND);
    assert_string_equal(err.what, "expected a run directory, cannot open "
                                  "'/no/such/run': No such file or directory");
    assert_int_equal(gb_rundir_read(folder, &plan, &log, &err),
                     GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "/plan.json'"));
    write_file(in_folder("file"), "");
    assert_int_equal(gb_rundir_read(in_folder("file"), &plan, &log, &err),
                     GB_ERR_NOT_FOUND);
}

static void a_run_comes_back_as_it_was(void **state) {
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    (void)state;
    make_run();
    if (gb_rundir_read(in_folder("out/run"), &plan, &log, &err) != GB_OK)
        fail_msg("%s", err.what);
    assert_int_equal(plan.case_count, 2);
    assert_true(log.has_session);
    assert_true(log.has_end);
    assert_int_equal(log.trial_count, 1);
    assert_int_equal(log.rep_count, 1);
    assert_int_equal(log.idle_count, 1);
    assert_int_equal(log.warning_count, 1);
    assert_int_equal(log.damaged_lines, 0);
    assert_int_equal(log.sample_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(log.samples[i].node, rows[i].node);
        assert_int_equal(log.samples[i].domain, rows[i].domain);
        assert_int_equal(log.samples[i].reading.ticks, rows[i].reading.ticks);
        assert_int_equal(log.samples[i].reading.time_ns,
                         rows[i].reading.time_ns);
        assert_int_equal(log.samples[i].reading.half_ns,
                         rows[i].reading.half_ns);
        assert_int_equal(log.samples[i].reading.ok, rows[i].reading.ok);
        assert_int_equal(log.samples[i].mark, rows[i].mark);
    }
    gb_plan_fini(&plan);
    gb_run_log_fini(&log);
}

static void samples_are_text_with_a_header(void **state) {
    (void)state;
    make_run();
    char *text = read_text(in_folder("out/run/samples"));
    assert_string_equal(text, "node,domain,time_ns,half_ns,ticks,ok,mark,"
                              "stamp_ns\n"
                              "0,0,100,7,1,1,1,0\n"
                              "0,1,101,0,0,0,0,99\n"
                              "1,0,18446744073709551614,4294967295,"
                              "18446744073709551615,1,0,0\n");
    free(text);
}

/* Wherever a crash cuts a file, everything before the cut is kept. */
static void a_last_line_cut_anywhere_is_dropped_and_counted(void **state) {
    static const char *const names[] = {"out/run/records.jsonl",
                                        "out/run/samples"};
    (void)state;
    make_run();
    for (size_t n = 0; n < 2; n++) {
        char *whole = read_text(in_folder(names[n]));
        const size_t length = strlen(whole);
        size_t start = length - 1;
        while (whole[start - 1] != '\n')
            start--;
        for (size_t cut = start + 1; cut < length; cut++) {
            gb_plan plan = {0};
            gb_run_log log = {0};
            gb_error err = {0};
            assert_int_equal(truncate(in_folder(names[n]), (off_t)cut), 0);
            if (gb_rundir_read(in_folder("out/run"), &plan, &log, &err) !=
                GB_OK)
                fail_msg("cut at %zu: %s", cut, err.what);
            assert_int_equal(log.damaged_lines, 1);
            assert_int_equal(log.has_end, n == 1);
            assert_int_equal(log.sample_count, n == 1 ? 2 : 3);
            gb_plan_fini(&plan);
            gb_run_log_fini(&log);
            write_file(in_folder(names[n]), whole);
        }
        free(whole);
    }
}

/* --- creation ------------------------------------------------------------- */

static void an_id_is_a_time_and_a_job_or_chance(void **state) {
    char id[96], other[96];
    (void)state;
    gb_rundir_make_id("4711", id, sizeof(id));
    assert_int_equal(strlen(id), strlen("20261123T171810Z-4711"));
    assert_string_equal(id + 16, "-4711");
    assert_int_equal(id[8], 'T');
    gb_rundir_make_id("../a b", id, sizeof(id));
    assert_string_equal(id + 16, "-___a_b");
    gb_rundir_make_id(NULL, id, sizeof(id));
    gb_rundir_make_id("", other, sizeof(other));
    assert_int_equal(strlen(id), 25);
    assert_int_equal(strspn(id + 17, "0123456789abcdef"), 8);
    assert_string_not_equal(id + 17, other + 17);
}

static void a_second_run_with_one_id_gets_its_own_directory_and_name(
    void **state) {
    gb_rundir *first = NULL, *second = NULL;
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_rundir_create(folder, "id", &sample_plan, &first, &err),
                     GB_OK);
    assert_int_equal(
        gb_rundir_create(folder, "id", &sample_plan, &second, &err), GB_OK);
    assert_string_equal(gb_rundir_path(first), in_folder("id"));
    assert_string_equal(gb_rundir_path(second), in_folder("id-2"));
    const gb_record_sink sink = gb_rundir_sink(second);
    send_all(&sink);
    gb_rundir_close(first);
    gb_rundir_close(second);
    assert_int_equal(gb_rundir_read(in_folder("id-2"), &plan, &log, &err),
                     GB_OK);
    assert_string_equal(log.session.run_id, "id-2");
    gb_plan_fini(&plan);
    gb_run_log_fini(&log);
}

static void an_output_directory_is_made_with_its_parents(void **state) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    struct stat seen;
    (void)state;
    assert_int_equal(
        gb_rundir_create(in_folder("a/b//c/"), "id", &sample_plan, &dir, &err),
        GB_OK);
    assert_int_equal(stat(in_folder("a/b/c/id/plan.json"), &seen), 0);
    gb_rundir_close(dir);
}

static void a_file_in_the_place_of_the_output_directory_is_named(void **state) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    char want[200];
    (void)state;
    write_file(in_folder("file"), "");
    assert_int_equal(
        gb_rundir_create(in_folder("file"), "id", &sample_plan, &dir, &err),
        GB_ERR_IO);
    snprintf(want, sizeof(want),
             "cannot make the output directory '%s/file': Not a directory",
             folder);
    assert_string_equal(err.what, want);
}

/* In a child that is not root: root may write everywhere. */
static void a_directory_without_permission_is_refused_with_the_way_out(
    void **state) {
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: needs root to become another user\n");
        skip();
    }
    assert_int_equal(chmod(folder, 0755), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        gb_rundir *dir = NULL;
        gb_error err = {0};
        char want[200];
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(1);
        snprintf(want, sizeof(want),
                 "cannot make the run directory '%s/id': Permission denied",
                 folder);
        if (gb_rundir_create(folder, "id", &sample_plan, &dir, &err) !=
                GB_ERR_IO ||
            strcmp(err.what, want) != 0 ||
            strcmp(err.hint, "choose another place with --output DIR or "
                             "GREENBENCH_OUTPUT") != 0)
            _exit(2);
        snprintf(want, sizeof(want),
                 "cannot make the output directory '%s/new/deep': Permission "
                 "denied",
                 folder);
        if (gb_rundir_create(in_folder("new/deep"), "id", &sample_plan, &dir,
                             &err) != GB_ERR_IO ||
            strcmp(err.what, want) != 0)
            _exit(3);
        _exit(0);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
}

/* --- whole files ---------------------------------------------------------- */

static void writing_replaces_whole_files_and_leaves_no_drafts(void **state) {
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_rundir_write(folder, "a.json", "old\n", &err), GB_OK);
    assert_int_equal(gb_rundir_write(folder, "a.json", "new\n", &err), GB_OK);
    char *text = read_text(in_folder("a.json"));
    assert_string_equal(text, "new\n");
    free(text);
    DIR *dir = opendir(folder);
    size_t names = 0;
    while (readdir(dir) != NULL)
        names++;
    closedir(dir);
    assert_int_equal(names, 3); /* ".", ".." and the file */
    assert_int_equal(gb_rundir_write("/no/such", "a", "x", &err), GB_ERR_IO);
    assert_string_equal(err.what,
                        "cannot write '/no/such/a': No such file or directory");
}

/* A 64 KiB file system: what was recorded before it was full stays readable. */
static void a_full_disk_keeps_what_was_whole_and_says_so(void **state) {
    gb_rundir *dir = NULL;
    gb_plan plan = {0};
    gb_run_log log = {0};
    gb_error err = {0};
    size_t taken = 0;
    (void)state;
    if (mount("none", folder, "tmpfs", 0, "size=64k") != 0) {
        print_message("skipped: cannot mount a tmpfs: %s\n", strerror(errno));
        skip();
    }
    assert_int_equal(gb_rundir_create(folder, "id", &sample_plan, &dir, &err),
                     GB_OK);
    const gb_record_sink sink = gb_rundir_sink(dir);
    assert_int_equal(sink.session(sink.ctx, &sample_session), GB_OK);
    while (taken < 1000 && sink.rep(sink.ctx, &sample_rep) == GB_OK)
        taken++;
    const gb_error *why = gb_rundir_sink_error(dir);
    assert_int_equal(why->status, GB_ERR_IO);
    assert_non_null(strstr(why->what, "/id/records.jsonl': No space left on "
                                      "device"));
    assert_non_null(strstr(why->hint, "--output"));
    assert_int_equal(sink.warning(sink.ctx, &sample_warning), GB_ERR_IO);
    assert_int_equal(
        gb_rundir_write(gb_rundir_path(dir), "summary.json", why->what, &err),
        GB_ERR_IO);
    gb_rundir_close(dir);
    assert_int_equal(gb_rundir_read(in_folder("id"), &plan, &log, &err), GB_OK);
    assert_true(taken > 10);
    assert_int_equal(log.rep_count, taken);
    assert_int_equal(log.damaged_lines, 0);
    gb_plan_fini(&plan);
    gb_run_log_fini(&log);
}

static void a_directory_removed_meanwhile_is_noticed_at_once(void **state) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    (void)state;
    assert_int_equal(gb_rundir_create(folder, "id", &sample_plan, &dir, &err),
                     GB_OK);
    const gb_record_sink sink = gb_rundir_sink(dir);
    assert_int_equal(sink.session(sink.ctx, &sample_session), GB_OK);
    assert_int_equal(sink.rep(sink.ctx, &sample_rep), GB_OK);
    remove_tree(in_folder("id"));
    assert_int_equal(sink.rep(sink.ctx, &sample_rep), GB_ERR_IO);
    const gb_error *why = gb_rundir_sink_error(dir);
    assert_non_null(strstr(why->what, "it was removed during the run"));
    assert_non_null(strstr(why->hint, "leave a run's directory alone"));
    gb_rundir_close(dir);
}

static void the_manifest_has_the_hash_of_every_file(void **state) {
    gb_error err = {0};
    (void)state;
    write_file(in_folder("abc"), "abc");
    make_run();
    write_file(in_folder("out/run/.plan.json.0badcafe"), "left by a crash");
    gb_catalogue catalogue = sample_catalogue;
    gb_catalogue_entry entry = catalogue.entries[0];
    /* As it was loaded, whatever lies there now. */
    memset(entry.sha256, 'e', 64);
    entry.size_bytes = 4711;
    catalogue.entries = &entry;
    /* A meter plugin that reads a counter of the node, and one that nobody
     * uses. */
    static char read_id[] = "acme.pdu", other_id[] = "acme.wall";
    gb_catalogue_meter meters[] = {{.id = read_id}, {.id = other_id}};
    char meter[100], other[100];
    snprintf(meter, sizeof(meter), "%s/acme.pdu.so", folder);
    snprintf(other, sizeof(other), "%s/acme.wall.so", folder);
    meters[0].path = meter;
    meters[1].path = other;
    catalogue.meters = meters;
    catalogue.meter_count = 2;
    gb_energy_domain domains[] = {{.plugin = {.id = "acme.pdu"}}};
    gb_node node = {.domains = domains, .domain_count = 1};
    const gb_session session = {
        .run_id = "run", .nodes = &node, .node_count = 1};
    assert_int_equal(gb_rundir_write_manifest(in_folder("out/run"), &session,
                                              in_folder("abc"), &sample_plan,
                                              &catalogue, &err),
                     GB_OK);
    char *text = read_text(in_folder("out/run/manifest.json"));
    static const char *const parts[] = {
        "\"schema\": \"greenbench.manifest/1\"",
        "\"path\": \"plan.json\"",
        "\"path\": \"records.jsonl\"",
        "\"path\": \"samples\"",
        "\"role\": \"plugin\"",
        "/acme.pdu.so\"",
        "\"role\": \"tool\"",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        "\"size_bytes\": 4711",
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(text, parts[i]) == NULL)
            fail_msg("no %s in %s", parts[i], text);
    assert_null(strstr(text, "acme.wall"));
    assert_null(strstr(text, "0badcafe"));
    assert_null(strstr(text, "\"path\": \"manifest.json\""));
    free(text);
}

/* In a process of its own: whoever waits there waits until it ends. */
static void a_run_that_is_held_gets_no_record_more(void **state) {
    gb_rundir *dir = NULL;
    gb_error err = {0};
    struct stat before, after;
    int status = 0;
    (void)state;
    assert_int_equal(
        gb_rundir_create(in_folder("held"), "run", &sample_plan, &dir, &err),
        GB_OK);
    const gb_record_sink sink = gb_rundir_sink(dir);
    assert_int_equal(sink.session(sink.ctx, &sample_session), GB_OK);
    assert_int_equal(stat(in_folder("held/run/records.jsonl"), &before), 0);
    const pid_t child = fork();
    if (child == 0) {
        gb_rundir_hold(dir);
        alarm(1); /* ends it while it waits */
        (void)sink.warning(sink.ctx, &sample_warning);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
    assert_int_equal(stat(in_folder("held/run/records.jsonl"), &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    gb_rundir_close(dir);
}

#define FOLDER_TEST(test)                                                      \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(damage_within_is_an_error_with_its_line),
        FOLDER_TEST(samples_under_another_header_are_refused),
        FOLDER_TEST(a_directory_that_is_no_run_is_named),
        FOLDER_TEST(a_run_comes_back_as_it_was),
        FOLDER_TEST(samples_are_text_with_a_header),
        FOLDER_TEST(a_last_line_cut_anywhere_is_dropped_and_counted),
        FOLDER_TEST(an_id_is_a_time_and_a_job_or_chance),
        FOLDER_TEST(a_second_run_with_one_id_gets_its_own_directory_and_name),
        FOLDER_TEST(an_output_directory_is_made_with_its_parents),
        FOLDER_TEST(a_file_in_the_place_of_the_output_directory_is_named),
        FOLDER_TEST(a_directory_without_permission_is_refused_with_the_way_out),
        FOLDER_TEST(writing_replaces_whole_files_and_leaves_no_drafts),
        FOLDER_TEST(a_full_disk_keeps_what_was_whole_and_says_so),
        FOLDER_TEST(a_directory_removed_meanwhile_is_noticed_at_once),
        FOLDER_TEST(the_manifest_has_the_hash_of_every_file),
        FOLDER_TEST(a_run_that_is_held_gets_no_record_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
