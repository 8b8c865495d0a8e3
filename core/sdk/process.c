/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

/* --- recording ------------------------------------------------------------ */

gb_float_modes gb_float_modes_now(void) {
    gb_float_modes modes = {.rounding = fegetround()};
#if defined(__x86_64__)
    enum { EXCEPTION_FLAGS = 0x3f }; /* each operation may raise them */
    modes.control = __builtin_ia32_stmxcsr() & ~(unsigned)EXCEPTION_FLAGS;
#elif defined(__aarch64__)
    __asm__ volatile("mrs %0, fpcr" : "=r"(modes.control));
#endif
    return modes;
}

gb_affinity gb_affinity_now(void) {
    gb_affinity now = {0};

    /* The system call: glibc's wrapper wants a cpu_set_t of its own size. */
    (void)syscall(SYS_sched_getaffinity, 0, sizeof(now.mask), now.mask);
    return now;
}

static char **copy_environment(void) {
    size_t count = 0;

    while (environ[count] != NULL)
        count++;
    char **copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++)
        if ((copy[i] = strdup(environ[i])) == NULL) {
            while (i > 0)
                free(copy[--i]);
            free(copy);
            copy = NULL;
        }
    return copy;
}

unsigned gb_thread_count_now(void) {
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    for (const struct dirent *task;
         tasks != NULL && (task = readdir(tasks)) != NULL;)
        count += task->d_name[0] != '.';
    if (tasks != NULL)
        closedir(tasks);
    return count;
}

/** The ids of this process's children that run, [at most]. */
static unsigned list_children(pid_t *ids, unsigned most) {
    char path[64];
    unsigned count = 0;
    int id = 0;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    while (file != NULL && count < most && fscanf(file, "%d", &id) == 1)
        ids[count++] = id;
    if (file != NULL)
        fclose(file);
    return count;
}

static void record_signals(gb_process *out) {
    for (int i = 1; i < GB_SIGNALS; i++)
        /* The C library keeps two for itself. */
        if (sigaction(i, NULL, &out->actions[i]) != 0)
            memset(&out->actions[i], 0, sizeof(out->actions[i]));
    sigprocmask(SIG_SETMASK, NULL, &out->blocked);
}

gb_status gb_process_record(gb_process *out, gb_error *err) {
    pid_t children[64];
    struct stat facts = {0};

    memset(out, 0, sizeof(*out));
    fflush(stdout);
    if (fstat(STDOUT_FILENO, &facts) == 0)
        out->printed_bytes = facts.st_size;
    record_signals(out);
    const char *locale = setlocale(LC_ALL, NULL);
    gb_copy(out->locale, sizeof(out->locale), locale != NULL ? locale : "");
    out->file_mask = umask(0);
    umask(out->file_mask);
    out->floats = gb_float_modes_now();
    out->affinity = gb_affinity_now();
    if (getcwd(out->folder, sizeof(out->folder)) == NULL)
        out->folder[0] = '\0';
    out->thread_count = gb_thread_count_now();
    out->child_count =
        list_children(children, sizeof(children) / sizeof(children[0]));
    for (int i = 0; i < GB_FILES_SEEN; i++)
        out->open_files[i] = fcntl(i, F_GETFD) >= 0;
    out->environment = copy_environment();
    return out->environment != NULL ? GB_OK
                                    : gb_fail_memory(err, "the environment");
}

void gb_process_fini(gb_process *process) {
    for (size_t i = 0;
         process->environment != NULL && process->environment[i] != NULL; i++)
        free(process->environment[i]);
    free(process->environment);
    process->environment = NULL;
}

void gb_process_end_children(const gb_process *before) {
    pid_t children[64];
    const unsigned count =
        list_children(children, sizeof(children) / sizeof(children[0]));

    for (unsigned i = before->child_count; i < count; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
}

/* --- comparing ------------------------------------------------------------ */

static gb_status same_output(const gb_process *before, const gb_process *after,
                             gb_error *err) {
    char text[41] = {0};

    if (after->printed_bytes == before->printed_bytes)
        return GB_OK;
    const ssize_t got =
        pread(STDOUT_FILENO, text, sizeof(text) - 1, before->printed_bytes);
    for (ssize_t i = 0; i < got; i++)
        if ((unsigned char)text[i] < ' ')
            text[i] = ' ';
    return gb_fail(err, GB_ERR_INVALID,
                   "say it with note() or fail(): standard output is the "
                   "host's",
                   "it printed '%s'", text);
}

static gb_status same_signals(const gb_process *before, const gb_process *after,
                              gb_error *err) {
    const char *hint = "put them back before the call returns";

    for (int i = 1; i < GB_SIGNALS; i++) {
        const struct sigaction *a = &before->actions[i];
        const struct sigaction *b = &after->actions[i];
        if (a->sa_handler != b->sa_handler || a->sa_flags != b->sa_flags)
            return gb_fail(err, GB_ERR_INVALID, hint,
                           "it changed what happens on signal %d (%s)", i,
                           strsignal(i));
        if (sigismember(&before->blocked, i) != sigismember(&after->blocked, i))
            return gb_fail(err, GB_ERR_INVALID, hint,
                           "it changed whether signal %d (%s) is blocked", i,
                           strsignal(i));
    }
    return GB_OK;
}

static gb_status same_floats(const gb_process *before, const gb_process *after,
                             gb_error *err) {
    if (before->floats.rounding == after->floats.rounding &&
        before->floats.control == after->floats.control)
        return GB_OK;
    return gb_fail(err, GB_ERR_INVALID,
                   "put it back before the call returns; -ffast-math links "
                   "code that sets flush-to-zero at load",
                   "expected rounding %d and control word %#lx, got %d and "
                   "%#lx",
                   before->floats.rounding, before->floats.control,
                   after->floats.rounding, after->floats.control);
}

static const char *find_variable(char **environment, const char *entry) {
    const size_t length = strcspn(entry, "=") + 1;

    for (; *environment != NULL; environment++)
        if (strncmp(*environment, entry, length) == 0)
            return *environment;
    return NULL;
}

static gb_status same_environment(const gb_process *before,
                                  const gb_process *after, gb_error *err) {
    const char *hint = "the host and other plugins read it too";

    for (char **e = after->environment; *e != NULL; e++) {
        const char *was = find_variable(before->environment, *e);
        if (was == NULL || strcmp(was, *e) != 0)
            return gb_fail(err, GB_ERR_INVALID, hint, "it set %.*s",
                           (int)strcspn(*e, "="), *e);
    }
    for (char **e = before->environment; *e != NULL; e++)
        if (find_variable(after->environment, *e) == NULL)
            return gb_fail(err, GB_ERR_INVALID, hint, "it unset %.*s",
                           (int)strcspn(*e, "="), *e);
    return GB_OK;
}

static gb_status same_files(const gb_process *before, const gb_process *after,
                            gb_error *err) {
    char link[64], path[256];

    for (int i = 0; i < GB_FILES_SEEN; i++) {
        if (before->open_files[i] == after->open_files[i])
            continue;
        if (before->open_files[i])
            return gb_fail(
                err, GB_ERR_INVALID, "close only what the plugin opened",
                "it closed file descriptor %d, which is not its own", i);
        snprintf(link, sizeof(link), "/proc/self/fd/%d", i);
        const ssize_t length = readlink(link, path, sizeof(path) - 1);
        path[length > 0 ? length : 0] = '\0';
        return gb_fail(err, GB_ERR_INVALID,
                       "close it in destroy(), a meter in close()",
                       "file descriptor %d is still open: %s", i, path);
    }
    return GB_OK;
}

static gb_status same_count(unsigned before, unsigned after, const char *one,
                            const char *many, gb_error *err) {
    if (after <= before)
        return GB_OK;
    return gb_fail(
        err, GB_ERR_INVALID, "end them in destroy(), a meter in close()",
        "%u %s still there", after - before, after - before == 1 ? one : many);
}

gb_status gb_process_same(const gb_process *before, const gb_process *after,
                          gb_rule rule, gb_error *err) {
    switch (rule) {
    case GB_RULE_SILENT:
        return same_output(before, after, err);
    case GB_RULE_SIGNALS:
        return same_signals(before, after, err);
    case GB_RULE_LOCALE:
        if (strcmp(before->locale, after->locale) == 0)
            return GB_OK;
        return gb_fail(err, GB_ERR_INVALID, "use newlocale() and uselocale()",
                       "expected '%s', got '%s'", before->locale,
                       after->locale);
    case GB_RULE_UMASK:
        if (before->file_mask == after->file_mask)
            return GB_OK;
        return gb_fail(err, GB_ERR_INVALID, "put it back",
                       "expected %03o, got %03o", (unsigned)before->file_mask,
                       (unsigned)after->file_mask);
    case GB_RULE_FLOATS:
        return same_floats(before, after, err);
    case GB_RULE_AFFINITY:
        if (memcmp(&before->affinity, &after->affinity,
                   sizeof(before->affinity)) == 0)
            return GB_OK;
        return gb_fail(err, GB_ERR_INVALID,
                       "the host binds threads: use greenbench.team/1",
                       "a thread is bound to other cores than before");
    case GB_RULE_ENVIRONMENT:
        return same_environment(before, after, err);
    case GB_RULE_FOLDER:
        if (strcmp(before->folder, after->folder) == 0)
            return GB_OK;
        return gb_fail(err, GB_ERR_INVALID, "open files by absolute paths",
                       "expected '%.120s', got '%.120s'", before->folder,
                       after->folder);
    case GB_RULE_THREADS:
        return same_count(before->thread_count, after->thread_count,
                          "thread is", "threads are", err);
    case GB_RULE_FILES:
        return same_files(before, after, err);
    case GB_RULE_CHILDREN:
        return same_count(before->child_count, after->child_count, "process is",
                          "processes are", err);
    default:
        return GB_OK;
    }
}
