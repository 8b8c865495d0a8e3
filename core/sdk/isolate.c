/* SPDX-License-Identifier: Apache-2.0 */
/* The process that tries a plugin, and the one that waits for it. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "sdk/checker.h"

/** Never returns. */
static void try_it(const char *path, const char *setting, int *argc,
                   char ***argv, pid_t parent, gb_shared_check *shared) {
    /* Whoever ends the waiting process ends this one as well. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int output = memfd_create("standard output", MFD_CLOEXEC);
    if (getppid() != parent || output < 0 || dup2(output, STDOUT_FILENO) < 0)
        _exit(1);
    close(output);
    gb_check_plugin(path, setting, argc, argv, shared);
    atomic_store(&shared->done, true);
    _exit(0);
}

static double now_s(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** How long a thread of @p process has waited for a core while it could have
 *  run: the most of its threads. 0 where the system does not tell. */
static double queued_s(pid_t process) {
    char path[PATH_MAX];
    double most_s = 0.0;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
    DIR *threads = opendir(path);
    for (const struct dirent *thread;
         threads != NULL && (thread = readdir(threads)) != NULL;) {
        unsigned long long queued_ns = 0;
        snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)process,
                 thread->d_name);
        FILE *file = thread->d_name[0] != '.' ? fopen(path, "re") : NULL;
        if (file == NULL)
            continue;
        if (fscanf(file, "%*u %llu", &queued_ns) == 1)
            most_s = fmax(most_s, 1e-9 * (double)queued_ns);
        fclose(file);
    }
    if (threads != NULL)
        closedir(threads);
    return most_s;
}

/** Wait for @p child. False: it stood still for @p limit_s and was killed. What
 *  other processes took away from it is not its own time. */
static bool wait_for(pid_t child, double limit_s, gb_shared_check *shared,
                     int *ended_out) {
    const struct timespec pause = {.tv_nsec = 1000000};
    unsigned seen = 0;
    double since_s = now_s(), queued_before_s = 0.0;

    for (;;) {
        const pid_t got = waitpid(child, ended_out, WNOHANG);
        if (got == child || (got < 0 && errno != EINTR))
            return true;
        const unsigned count = atomic_load(&shared->step_count);
        if (count != seen) {
            seen = count;
            since_s = now_s();
            queued_before_s = queued_s(child);
        } else if (now_s() - since_s > limit_s &&
                   now_s() - since_s - (queued_s(child) - queued_before_s) >
                       limit_s) {
            kill(child, SIGKILL);
            waitpid(child, ended_out, 0);
            return false;
        }
        nanosleep(&pause, NULL);
    }
}

/** Say how the process ended that should have come to an end of its own. */
static void record_death(bool in_time, int ended, double limit_s,
                         gb_shared_check *shared) {
    gb_rule_finding *finding = &shared->found.findings[GB_RULE_SURVIVES];
    gb_error err = {0};

    shared->step[sizeof(shared->step) - 1] = '\0';
    if (!in_time)
        gb_fail(&err, GB_ERR_INTERNAL,
                "let one iteration be short; --limit allows more time",
                "it did not come back within %g s %s", limit_s, shared->step);
    else if (WIFSIGNALED(ended))
        gb_fail(&err, GB_ERR_INTERNAL,
                "a debugger follows it with 'set follow-fork-mode child'",
                "signal %d (%s) ended it %s", WTERMSIG(ended),
                strsignal(WTERMSIG(ended)), shared->step);
    else
        gb_fail(&err, GB_ERR_INTERNAL,
                "return a status: a plugin never ends the process",
                "the process ended with exit code %d %s", WEXITSTATUS(ended),
                shared->step);
    finding->verdict = GB_VERDICT_BROKEN;
    gb_copy(finding->what, sizeof(finding->what), err.what);
    gb_copy(finding->hint, sizeof(finding->hint), err.hint);
    for (int i = 0; i < GB_RULE_COUNT; i++) {
        gb_rule_finding *other = &shared->found.findings[i];
        if (other->verdict == GB_VERDICT_UNTRIED && other->what[0] == '\0')
            gb_copy(other->what, sizeof(other->what), "P301 was broken first");
    }
}

gb_status gb_sdk_check(const char *path, const char *setting, double limit_s,
                       int *argc, char ***argv, gb_conformance *out,
                       gb_error *err) {
    const double begin_s = now_s();
    int ended = 0;

    if (access(path, R_OK) != 0)
        return gb_fail_os(err, GB_ERR_NOT_FOUND, NULL,
                          "cannot read the plugin '%s'", path);
    gb_shared_check *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return gb_fail_memory(err, "the findings on a plugin");
    gb_copy(shared->found.path, sizeof(shared->found.path), path);
    fflush(NULL);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
        munmap(shared, sizeof(*shared));
        return gb_fail_os(err, GB_ERR_IO, NULL, "cannot start a process");
    }
    if (child == 0)
        try_it(path, setting, argc, argv, parent, shared);
    const bool in_time = wait_for(child, limit_s, shared, &ended);
    gb_status status = shared->usage.status;
    if (!atomic_load(&shared->done))
        record_death(in_time, ended, limit_s, shared);
    if (status != GB_OK && err != NULL)
        *err = shared->usage;
    *out = shared->found;
    out->took_s = now_s() - begin_s;
    munmap(shared, sizeof(*shared));
    return status;
}
