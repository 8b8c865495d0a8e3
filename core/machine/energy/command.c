/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/energy/command.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* How long SIGKILL may take. A process stuck in a driver does not die of it; it
 * must not take the reader with it, and is left for init to reap. */
#define REAP_LIMIT_NS  UINT64_C(1000000000)
#define REAP_STEP_NS   500000
#define COMPLAINT_SIZE 512

typedef struct running_command {
    const char *name;
    pid_t pid;
    int out_fd, err_fd; /* -1: closed */
    uint64_t deadline_ns;
    char *out; /* [size] */
    size_t size, length;
    char complaint[COMPLAINT_SIZE]; /* the beginning of its standard error */
    size_t complaint_length;
    bool overflow;
    bool lost; /* somebody else reaps our children */
} running_command;

static uint64_t now_ns(void) {
    return gb_clock_now_ns(&gb_clock_system);
}

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* --- looking for it ------------------------------------------------------- */

/* @return errno of why @p path cannot be run, or 0 */
static int runnable(const char *path) {
    struct stat found;

    if (stat(path, &found) != 0)
        return errno;
    if (!S_ISREG(found.st_mode))
        return EACCES;
    return access(path, X_OK) == 0 ? 0 : errno;
}

/* Done here rather than by posix_spawnp(), whose word on what is missing gets
 * lost where vfork() is emulated. @return as runnable(), the worst of PATH */
static int find_program(const char *program, char *path, size_t size) {
    const char *at = getenv("PATH");
    int worst = ENOENT;

    if (strchr(program, '/')) {
        snprintf(path, size, "%s", program);
        return runnable(path);
    }
    /* Without PATH execvp() looks in a default of its own. */
    for (at = at ? at : "/bin:/usr/bin"; at; at = strchr(at, ':')) {
        at += *at == ':' ? 1 : 0;
        const size_t length = strcspn(at, ":");
        if (length + strlen(program) + 2 > size)
            continue;
        snprintf(path, size, "%.*s/%s", length ? (int)length : 1,
                 length ? at : ".", program);
        const int code = runnable(path);
        if (code == 0)
            return 0;
        if (code == EACCES)
            worst = EACCES;
    }
    return worst;
}

bool gb_command_exists(const char *program) {
    char path[4096];

    return find_program(program, path, sizeof(path)) == 0;
}

/* --- starting ------------------------------------------------------------- */

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, usual;
    int code;

    sigemptyset(&none);
    /* Ignored signals are inherited through exec: MPI libraries and callers
     * ignore SIGPIPE, which a pipeline's end depends on. */
    sigfillset(&usual);
    sigdelset(&usual, SIGKILL);
    sigdelset(&usual, SIGSTOP);
    code = posix_spawnattr_setpgroup(attributes, 0);
    if (code == 0)
        code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(attributes, &usual);
    if (code == 0)
        code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                        POSIX_SPAWN_SETSIGMASK |
                                                        POSIX_SPAWN_SETSIGDEF);
    return code;
}

static int set_actions(posix_spawn_file_actions_t *actions, int out_fd,
                       int err_fd) {
    int code =
        posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, out_fd, 1);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, err_fd, 2);
    return code;
}

/* @return errno of what failed, or 0 */
static int spawn(const char *path, const char *const *argv, int out_fd,
                 int err_fd, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    /* posix_spawn() takes the words without const and leaves them alone. */
    union {
        const char *const *given;
        char *const *taken;
    } words = {.given = argv};
    int code = posix_spawn_file_actions_init(&actions);

    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = set_attributes(&attributes);
        if (code == 0)
            code = set_actions(&actions, out_fd, err_fd);
        if (code == 0)
            code = posix_spawn(pid, path, &actions, &attributes, words.taken,
                               environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* A pipe whose ends are above the standard descriptors, so that a process
 * started with one of those closed does not duplicate an end onto itself. */
static int open_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    for (int i = 0; i < 2; i++) {
        if (ends[i] > 2)
            continue;
        const int above = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
        const int code = errno;

        close(ends[i]);
        ends[i] = above;
        if (above < 0) {
            close_fd(&ends[0]);
            if (i == 0)
                close_fd(&ends[1]);
            return code;
        }
    }
    return 0;
}

static gb_status start(const char *const *argv, running_command *command,
                       gb_error *err) {
    int out[2] = {-1, -1}, complaints[2] = {-1, -1};
    char path[4096];
    int code = find_program(argv[0], path, sizeof(path));

    if (code == 0)
        code = open_pipe(out);
    if (code == 0)
        code = open_pipe(complaints);
    if (code == 0)
        code = spawn(path, argv, out[1], complaints[1], &command->pid);
    close_fd(&out[1]);
    close_fd(&complaints[1]);
    if (code != 0) {
        close_fd(&out[0]);
        close_fd(&complaints[0]);
        errno = code;
        return gb_fail_os(err,
                          code == ENOENT   ? GB_ERR_NOT_FOUND
                          : code == EACCES ? GB_ERR_PERMISSION
                                           : GB_ERR_IO,
                          NULL, "cannot run '%s'", argv[0]);
    }
    command->out_fd = out[0];
    command->err_fd = complaints[0];
    return GB_OK;
}

/* --- reading -------------------------------------------------------------- */

/* Take what is there; closes *fd at its end. @p overflow nullable: the rest is
 * thrown away. */
static void take(int *fd, char *text, size_t size, size_t *length,
                 bool *overflow) {
    char chunk[4096];
    const ssize_t got = read(*fd, chunk, sizeof(chunk));

    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        close_fd(fd);
        return;
    }
    const size_t room = size - 1 - *length;
    const size_t kept = (size_t)got < room ? (size_t)got : room;

    memcpy(text + *length, chunk, kept);
    *length += kept;
    text[*length] = '\0';
    if (overflow && (size_t)got > room)
        *overflow = true;
}

/* Until both ends are closed. @return false: time is up, or too much came */
static bool collect(running_command *command) {
    while (command->out_fd >= 0 || command->err_fd >= 0) {
        struct pollfd polled[2] = {{command->out_fd, POLLIN, 0},
                                   {command->err_fd, POLLIN, 0}};
        const uint64_t now = now_ns();

        if (now >= command->deadline_ns)
            return false;
        /* Rounded up: a wait of 0 ms would turn the last one into a spin. */
        const uint64_t left_ms = (command->deadline_ns - now) / 1000000 + 1;
        if (poll(polled, 2, left_ms > 60000 ? 60000 : (int)left_ms) <= 0)
            continue;
        if (polled[0].revents)
            take(&command->out_fd, command->out, command->size,
                 &command->length, &command->overflow);
        if (polled[1].revents)
            take(&command->err_fd, command->complaint, COMPLAINT_SIZE,
                 &command->complaint_length, NULL);
        if (command->overflow)
            return false;
    }
    return true;
}

/* --- ending --------------------------------------------------------------- */

/* Wait until it has ended, leaving it a zombie: its number, which is that of
 * its group, is not given away as long as it is one. */
static bool ended_by(running_command *command, uint64_t deadline_ns) {
    const struct timespec step = {.tv_nsec = REAP_STEP_NS};

    for (;;) {
        siginfo_t info = {0};
        const int code = waitid(P_PID, (id_t)command->pid, &info,
                                WEXITED | WNOHANG | WNOWAIT);

        if (code == 0 && info.si_pid == command->pid)
            return true;
        command->lost = code != 0 && errno == ECHILD;
        if (command->lost || now_ns() >= deadline_ns)
            return false;
        nanosleep(&step, NULL);
    }
}

/* What it complained of, its lines joined, fit for a message. */
static void join_complaints(const char *from, char *line, size_t size) {
    size_t used = 0;

    for (from += strspn(from, " \t\r\n"); *from != '\0' && used + 4 < size;) {
        const size_t space = strspn(from, " \t\r\n");

        if (memchr(from, '\n', space)) {
            from += space;
            if (*from != '\0')
                used += (size_t)snprintf(line + used, size - used, "; ");
            continue;
        }
        line[used++] = *from;
        if (iscntrl((unsigned char)*from))
            line[used - 1] = '?';
        from++;
    }
    while (used > 0 && line[used - 1] == ' ')
        used--;
    line[used] = '\0';
}

static gb_status judge(const running_command *command, int wait_status,
                       gb_error *err) {
    char complaint[200];
    join_complaints(command->complaint, complaint, sizeof(complaint));
    const char *separator = complaint[0] != '\0' ? ": " : "";

    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return GB_OK;
    if (WIFEXITED(wait_status))
        return gb_fail(err, GB_ERR_IO, NULL,
                       "'%s': expected exit code 0, got %d%s%s", command->name,
                       WEXITSTATUS(wait_status), separator, complaint);
    return gb_fail(
        err, GB_ERR_IO, NULL, "'%s': expected exit code 0, got signal %d%s%s",
        command->name, WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0,
        separator, complaint);
}

static gb_status finish(running_command *command, bool in_time,
                        double timeout_s, gb_error *err) {
    int wait_status = 0;

    close_fd(&command->out_fd);
    close_fd(&command->err_fd);
    in_time = in_time && ended_by(command, command->deadline_ns);
    kill(-command->pid, SIGKILL);
    if (ended_by(command, now_ns() + REAP_LIMIT_NS))
        command->lost = waitpid(command->pid, &wait_status, 0) != command->pid;
    if (command->overflow)
        return gb_fail(err, GB_ERR_RANGE, NULL,
                       "'%s': expected at most %zu bytes of output, got more",
                       command->name, command->size - 1);
    if (command->lost)
        return gb_fail(err, GB_ERR_IO, NULL,
                       "'%s': cannot learn its exit code: this process ignores "
                       "SIGCHLD",
                       command->name);
    if (!in_time)
        return gb_fail(err, GB_ERR_INTERRUPTED, NULL,
                       "'%s': expected an answer within %g s, killed it after "
                       "that",
                       command->name, timeout_s);
    return judge(command, wait_status, err);
}

gb_status gb_command_capture(const char *const *argv, double timeout_s,
                             char *out, size_t size, gb_error *err) {
    running_command command = {.name = argv[0], .out = out, .size = size};

    out[0] = '\0';
    command.deadline_ns = now_ns() + (uint64_t)(timeout_s * 1e9);
    gb_status status = start(argv, &command, err);
    if (status != GB_OK)
        return status;
    return finish(&command, collect(&command), timeout_s, err);
}
