/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "machine/energy/command.h"

static gb_status shell(const char *script, double timeout_s, char *out,
                       size_t size, gb_error *err) {
    const char *argv[] = {"sh", "-c", script, NULL};

    *err = (gb_error){0};
    return gb_command_capture(argv, timeout_s, out, size, err);
}

static void assert_no_children(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* A killed process may take a moment to be gone. */
static void assert_gone(pid_t pid) {
    for (int i = 0; i < 200 && kill(pid, 0) == 0; i++) {
        char path[64], state[8] = "";
        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        FILE *file = fopen(path, "re");
        char line[128];
        while (file && fgets(line, sizeof(line), file))
            if (sscanf(line, "State: %7s", state) == 1)
                break;
        if (file)
            fclose(file);
        if (state[0] == 'Z') /* dead; init has not looked yet */
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_int_equal(kill(pid, 0), -1);
}

static void output_is_taken(void **state) {
    char out[64];
    gb_error err;

    (void)state;
    assert_int_equal(
        shell("echo one; echo two; echo no >&2", 20, out, sizeof(out), &err),
        GB_OK);
    assert_string_equal(out, "one\ntwo\n");
    assert_no_children();
}

static void arguments_are_not_for_a_shell(void **state) {
    const char *argv[] = {"printf", "%s|", "a b", "$HOME;`id`", "", NULL};
    char out[64];

    (void)state;
    assert_int_equal(gb_command_capture(argv, 20, out, sizeof(out), NULL),
                     GB_OK);
    assert_string_equal(out, "a b|$HOME;`id`||");
}

static void a_failure_says_the_code_and_the_complaint(void **state) {
    char out[64];
    gb_error err;

    (void)state;
    assert_int_equal(shell("echo part; printf 'no \\033bus\\nmore\\n' >&2; "
                           "exit 7",
                           20, out, sizeof(out), &err),
                     GB_ERR_IO);
    assert_string_equal(out, "part\n");
    assert_string_equal(err.what,
                        "'sh': expected exit code 0, got 7: no ?bus; more");
    assert_int_equal(shell("kill -9 $$", 20, out, sizeof(out), &err),
                     GB_ERR_IO);
    assert_string_equal(err.what, "'sh': expected exit code 0, got signal 9");
    assert_no_children();
}

static void what_cannot_run_is_told_apart(void **state) {
    const char *missing[] = {"greenbench-no-such-program", NULL};
    const char *text[] = {"/etc/passwd", NULL};
    char out[64] = "old";
    gb_error err = {0};

    (void)state;
    assert_int_equal(gb_command_capture(missing, 5, out, sizeof(out), &err),
                     GB_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "greenbench-no-such-program"));
    assert_string_equal(out, "");
    assert_int_equal(gb_command_capture(text, 5, out, sizeof(out), &err),
                     GB_ERR_PERMISSION);
    assert_int_equal(err.os_errno, EACCES);
    assert_no_children();
}

static void a_time_out_kills_the_whole_family(void **state) {
    char out[64];
    gb_error err;
    const uint64_t before_ns = gb_clock_now_ns(&gb_clock_system);

    (void)state;
    assert_int_equal(
        shell("sleep 600 & echo $!; wait", 0.4, out, sizeof(out), &err),
        GB_ERR_INTERRUPTED);
    assert_true(gb_clock_now_ns(&gb_clock_system) - before_ns <
                UINT64_C(20000000000));
    assert_non_null(strstr(err.what, "within 0.4 s"));
    const pid_t grandchild = (pid_t)atoi(out);
    assert_true(grandchild > 1);
    assert_gone(grandchild);
    assert_no_children();
}

/* Its output closed, it still runs: time is up for it as well. */
static void a_silent_one_is_killed_too(void **state) {
    char out[64];
    gb_error err;

    (void)state;
    assert_int_equal(
        shell("exec >/dev/null 2>&1; sleep 600", 0.3, out, sizeof(out), &err),
        GB_ERR_INTERRUPTED);
    assert_no_children();
}

static void what_it_leaves_behind_is_killed(void **state) {
    char out[64];
    gb_error err;

    (void)state;
    assert_int_equal(shell("sleep 600 >/dev/null 2>&1 & echo $!", 20, out,
                           sizeof(out), &err),
                     GB_OK);
    assert_true(atoi(out) > 1);
    assert_gone((pid_t)atoi(out));
}

static void endless_output_is_cut_off(void **state) {
    char out[1024];
    gb_error err;

    (void)state;
    assert_int_equal(shell("exec yes", 30, out, sizeof(out), &err),
                     GB_ERR_RANGE);
    assert_int_equal(strlen(out), sizeof(out) - 1);
    assert_non_null(strstr(err.what, "1023 bytes"));
    /* Complaints are thrown away beyond the first, whatever their size. */
    assert_int_equal(shell("head -c 300000 /dev/zero >&2; echo fine", 30, out,
                           sizeof(out), &err),
                     GB_OK);
    assert_string_equal(out, "fine\n");
    /* Exactly full is not too much. */
    assert_int_equal(shell("printf 1234567", 30, out, 8, &err), GB_OK);
    assert_string_equal(out, "1234567");
    assert_int_equal(shell("printf 12345678", 30, out, 8, &err), GB_ERR_RANGE);
    assert_no_children();
}

static void it_gets_nothing_of_ours(void **state) {
    char out[256], script[128];
    gb_error err;
    sigset_t blocked, before;
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_true(fd > 2);
    snprintf(script, sizeof(script),
             "cat; test -e /proc/self/fd/%d && echo leaked; grep -E "
             "'^Sig(Blk|Ign)' /proc/self/status",
             fd);
    sigfillset(&blocked);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    const gb_status status = shell(script, 20, out, sizeof(out), &err);
    signal(SIGPIPE, old);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(fd);
    assert_int_equal(status, GB_OK);
    unsigned long long mask = 1, ignored = 0;
    assert_int_equal(sscanf(out, "SigBlk: %llx SigIgn: %llx", &mask, &ignored),
                     2);
    assert_int_equal(mask, 0);
    /* The C library keeps the two below the real-time signals for itself. */
    assert_int_equal(ignored & 0x7fffffff, 0);
}

static void programs_are_found_by_path(void **state) {
    (void)state;
    assert_true(gb_command_exists("sh"));
    assert_true(gb_command_exists("/bin/sh"));
    assert_false(gb_command_exists("/etc/passwd"));
    assert_false(gb_command_exists("/tmp"));
    assert_false(gb_command_exists("greenbench-no-such-program"));
    char *path = strdup(getenv("PATH"));
    assert_non_null(path);
    setenv("PATH", "/nowhere::/bin", 1);
    assert_true(gb_command_exists("sh"));
    setenv("PATH", "/nowhere", 1);
    assert_false(gb_command_exists("sh"));
    setenv("PATH", path, 1);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_taken),
        cmocka_unit_test(arguments_are_not_for_a_shell),
        cmocka_unit_test(a_failure_says_the_code_and_the_complaint),
        cmocka_unit_test(what_cannot_run_is_told_apart),
        cmocka_unit_test(a_time_out_kills_the_whole_family),
        cmocka_unit_test(a_silent_one_is_killed_too),
        cmocka_unit_test(what_it_leaves_behind_is_killed),
        cmocka_unit_test(endless_output_is_cut_off),
        cmocka_unit_test(it_gets_nothing_of_ours),
        cmocka_unit_test(programs_are_found_by_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
