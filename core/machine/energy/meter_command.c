/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/meter_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define PATIENCE_STEPS   100
#define PATIENCE_STEP_NS 5000000L

void gb_meter_command_init(gb_meter_command *command, const char *text) {
    *command = (gb_meter_command){.pid = -1, .out_fd = -1, .err_fd = -1};
    gb_copy(command->text, sizeof(command->text), text);
}

/* --- starting ------------------------------------------------------------- */

static void close_pair(int *pair) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

/* No input; standard output and error into the two pipes. */
static int set_files(posix_spawn_file_actions_t *files, int out_fd,
                     int err_fd) {
    int cause = posix_spawn_file_actions_addopen(files, STDIN_FILENO,
                                                 "/dev/null", O_RDONLY, 0);
    if (cause == 0)
        cause = posix_spawn_file_actions_adddup2(files, out_fd, STDOUT_FILENO);
    if (cause == 0)
        cause = posix_spawn_file_actions_adddup2(files, err_fd, STDERR_FILENO);
    return cause;
}

/* The caller may block signals, or ignore some: the program must not. */
static int set_signals(posix_spawnattr_t *attributes) {
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    int cause = posix_spawnattr_setflags(
        attributes,
        POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (cause == 0)
        cause = posix_spawnattr_setpgroup(attributes, 0);
    if (cause == 0)
        cause = posix_spawnattr_setsigmask(attributes, &none);
    if (cause == 0)
        cause = posix_spawnattr_setsigdefault(attributes, &all);
    return cause;
}

/* 0, or an errno. */
static int spawn_shell(gb_meter_command *command, int out_fd, int err_fd) {
    char shell[] = "/bin/sh", option[] = "-c";
    char *argv[] = {shell, option, command->text, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int cause = posix_spawn_file_actions_init(&files);

    if (cause != 0)
        return cause;
    cause = posix_spawnattr_init(&attributes);
    if (cause == 0) {
        cause = set_files(&files, out_fd, err_fd);
        if (cause == 0)
            cause = set_signals(&attributes);
        if (cause == 0)
            cause = posix_spawn(&command->pid, shell, &files, &attributes, argv,
                                environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return cause;
}

gb_status gb_meter_command_start(gb_meter_command *command,
                                 const gb_clock *clock, gb_error *err) {
    int out[2] = {-1, -1}, complaints[2] = {-1, -1};
    int cause = 0;

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0 ||
        fcntl(out[0], F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(complaints[0], F_SETFL, O_NONBLOCK) != 0)
        cause = errno;
    if (cause == 0)
        cause = spawn_shell(command, out[1], complaints[1]);
    if (cause != 0) {
        command->pid = -1;
        close_pair(out);
        close_pair(complaints);
        return gb_fail(err, GB_ERR_IO, NULL, "cannot run '%s': %s",
                       command->text, strerror(cause));
    }
    close(out[1]);
    close(complaints[1]);
    command->out_fd = out[0];
    command->err_fd = complaints[0];
    command->started_ns = command->spoke_ns = gb_clock_now_ns(clock);
    command->spoke = command->failed = false;
    command->complaint_length = 0;
    command->complaint[0] = '\0';
    gb_line_buffer_restart(&command->lines, false);
    return GB_OK;
}

/* --- ending --------------------------------------------------------------- */

/* Keep the begin of what it complains about, on one line, and read on: a full
 * pipe would block it. */
static void hear_complaints(gb_meter_command *command) {
    char text[512];
    ssize_t got;

    while (command->err_fd >= 0 &&
           (got = read(command->err_fd, text, sizeof(text))) > 0)
        for (ssize_t i = 0; i < got && command->complaint_length + 1 <
                                           sizeof(command->complaint);
             i++) {
            const bool plain = text[i] >= ' ' && text[i] <= '~';
            command->complaint[command->complaint_length++] =
                plain ? text[i] : ' ';
            command->complaint[command->complaint_length] = '\0';
        }
}

/* Without reaping it: its number stays its own, so that its group can still be
 * told apart from any other. */
static bool has_ended(const gb_meter_command *command) {
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)command->pid, &info,
                  WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == command->pid;
}

static bool ends_in_time(const gb_meter_command *command) {
    const struct timespec step = {.tv_nsec = PATIENCE_STEP_NS};
    bool ended = has_ended(command);

    for (int i = 0; i < PATIENCE_STEPS && !ended; i++) {
        nanosleep(&step, NULL);
        ended = has_ended(command);
    }
    return ended;
}

static int wait_for_code(pid_t pid) {
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 0; /* reaped by someone else: nothing is known of it */
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void gb_meter_command_stop(gb_meter_command *command) {
    if (command->pid >= 0) {
        (void)kill(-command->pid, SIGTERM);
        (void)ends_in_time(command);
        /* And whatever it started that lives on without it. */
        (void)kill(-command->pid, SIGKILL);
        command->exit_code = wait_for_code(command->pid);
        command->pid = -1;
    }
    hear_complaints(command);
    if (command->out_fd >= 0)
        close(command->out_fd);
    if (command->err_fd >= 0)
        close(command->err_fd);
    command->out_fd = command->err_fd = -1;
}

/* --- reading -------------------------------------------------------------- */

/* Its output has ended: so has the program, or it may as well. A program that
 * ends by itself is given the time to. */
static void conclude(gb_meter_command *command) {
    (void)ends_in_time(command);
    gb_meter_command_stop(command);
    gb_line_buffer_end(&command->lines);
    command->failed = command->exit_code != 0;
}

const char *gb_meter_command_next(gb_meter_command *command,
                                  const gb_clock *clock) {
    for (;;) {
        const char *line = gb_line_buffer_next(&command->lines);
        if (line != NULL) {
            command->spoke = true;
            command->spoke_ns = gb_clock_now_ns(clock);
            return line;
        }
        if (command->out_fd < 0)
            return NULL;
        hear_complaints(command);
        size_t size;
        char *room = gb_line_buffer_room(&command->lines, &size);
        const ssize_t got = read(command->out_fd, room, size);
        if (got > 0)
            gb_line_buffer_added(&command->lines, (size_t)got);
        else if (got == 0)
            conclude(command);
        else
            return NULL; /* nothing for now */
    }
}
