/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/isolate.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/console.h"
#include "pipeline/plan/plan.h"

static const gb_loss *find_loss(const gb_isolation *isolation,
                                const char *name) {
    for (uint32_t i = 0; i < isolation->loss_count; i++)
        if (strcmp(isolation->losses[i].name, name) == 0)
            return &isolation->losses[i];
    return NULL;
}

/* --- the child ------------------------------------------------------------ */

gb_status gb_isolate_file(void *ctx, const char *path, gb_error *why) {
    gb_isolation *isolation = ctx;
    if (isolation == NULL)
        return GB_OK;
    const gb_loss *loss = path[0] != '\0' ? find_loss(isolation, path) : NULL;

    if (loss != NULL)
        return gb_fail(why, loss->status, NULL, "'%s': %s", path, loss->what);
    gb_copy(isolation->name, sizeof(isolation->name), path);
    gb_copy(isolation->step, sizeof(isolation->step), "loading it");
    isolation->after = false;
    return GB_OK;
}

/* A step between benchmarks comes after the last of the one before: what that
 * left spoilt shows there. */
static void begin_step(void *ctx, uint32_t case_index, const char *step,
                       double limit_s) {
    gb_isolated_watch *watch = ctx;
    gb_isolation *isolation = watch->isolation;
    const gb_plan *plan = watch->plan;

    isolation->after = case_index >= plan->case_count;
    gb_copy(isolation->step, sizeof(isolation->step), step);
    if (!isolation->after)
        gb_plan_case_label(&plan->cases[case_index], isolation->name,
                           sizeof(isolation->name));
    watch->other->begin(watch->other->ctx, case_index, step, limit_s);
}

const gb_watch *gb_isolate_watch(gb_isolation *isolation, const gb_plan *plan,
                                 const gb_watch *other,
                                 gb_isolated_watch *watch_out) {
    if (isolation == NULL)
        return other;
    *watch_out = (gb_isolated_watch){.watch = {begin_step, watch_out},
                                     .isolation = isolation,
                                     .plan = plan,
                                     .other = other};
    return &watch_out->watch;
}

bool gb_isolate_late(gb_isolation *isolation, const char *what) {
    if (isolation == NULL)
        return false;
    gb_copy(isolation->late, sizeof(isolation->late), what);
    return true;
}

void gb_isolate_began(gb_isolation *isolation, const char *run_dir) {
    if (isolation != NULL)
        gb_copy(isolation->run_dir, sizeof(isolation->run_dir), run_dir);
}

void gb_isolate_ended(gb_isolation *isolation) {
    if (isolation != NULL)
        atomic_store(&isolation->ended, true);
}

gb_status gb_isolate_mark(const gb_isolation *isolation, gb_plan *plan,
                          gb_error *err) {
    char name[GB_LOSS_NAME];

    for (size_t i = 0; isolation != NULL && i < plan->case_count; i++) {
        gb_plan_case *planned = &plan->cases[i];
        gb_plan_case_label(planned, name, sizeof(name));
        const gb_loss *loss = find_loss(isolation, name);
        if (loss == NULL)
            continue;
        free(planned->given_up);
        planned->given_up = strdup(loss->what);
        planned->given_up_status = loss->status;
        if (planned->given_up == NULL)
            return gb_fail_memory(err, "the plan");
    }
    return GB_OK;
}

static gb_isolation *map_shared(void) {
    void *memory = mmap(NULL, sizeof(gb_isolation), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

gb_status gb_isolate_share(gb_comm *comm, gb_isolation **isolation,
                           gb_error *err) {
    gb_status status = GB_OK;
    if (*isolation == NULL && (*isolation = map_shared()) == NULL)
        status = gb_fail_memory(err, "what was lost");
    status = gb_comm_agree(comm, status, err);
    if (status == GB_OK)
        status = comm->ops->bcast(comm, &(*isolation)->loss_count,
                                  sizeof((*isolation)->loss_count), 0);
    if (status == GB_OK && (*isolation)->loss_count > 0)
        status = comm->ops->bcast(
            comm, (*isolation)->losses,
            (*isolation)->loss_count * sizeof((*isolation)->losses[0]), 0);
    return status;
}

/* --- the parent ----------------------------------------------------------- */

static void describe_loss(const gb_isolation *isolation, int ended,
                          gb_loss *loss) {
    char how[80];

    *loss = (gb_loss){.status = GB_ERR_CRASHED};
    gb_copy(loss->name, sizeof(loss->name), isolation->name);
    if (isolation->late[0] != '\0') {
        loss->status = GB_ERR_TIMEOUT;
        gb_copy(loss->what, sizeof(loss->what), isolation->late);
        return;
    }
    if (WIFSIGNALED(ended))
        snprintf(how, sizeof(how), "signal %d (%s)", WTERMSIG(ended),
                 strsignal(WTERMSIG(ended)));
    else
        gb_copy(how, sizeof(how), "a call of exit()");
    snprintf(loss->what, sizeof(loss->what), "%s ended its process during %s%s",
             how, isolation->step,
             isolation->after ? ", after its last call" : "");
}

/* To be left out by the next child. */
static gb_status add_loss(gb_isolation *isolation, int ended, gb_error *err) {
    gb_loss loss;
    describe_loss(isolation, ended, &loss);

    if (loss.name[0] == '\0')
        return gb_fail(err, GB_ERR_CRASHED,
                       "no plugin ran: this is a bug of greenbench or of a "
                       "library it uses",
                       "expected the run to go on: %s", loss.what);
    if (find_loss(isolation, loss.name) != NULL ||
        isolation->loss_count == GB_LOSSES_MAX)
        return gb_fail(err, GB_ERR_CRASHED,
                       "leave the benchmark out that ran last",
                       "expected the run to go on without '%.80s': %s",
                       loss.name, loss.what);
    isolation->losses[isolation->loss_count++] = loss; /* told by the next */
    return GB_OK;
}

/* Signals meant for the run are handed to the child. True: there was one. */
static bool wait_for(pid_t child, const sigset_t *set, int *ended_out) {
    bool stopped = false;
    siginfo_t got;

    for (;;) {
        const pid_t waited = waitpid(child, ended_out, WNOHANG);
        if (waited == child || (waited < 0 && errno != EINTR))
            return stopped;
        if (sigwaitinfo(set, &got) > 0 && got.si_signo != SIGCHLD) {
            stopped = true;
            kill(child, got.si_signo);
        }
    }
}

/* Whoever ends the parent ends the child. */
static void begin_child(pid_t parent, const sigset_t *before) {
    sigprocmask(SIG_SETMASK, before, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(GB_EXIT_INTERRUPTED);
}

static gb_status split_off(gb_isolation *isolation, const sigset_t *set,
                           const sigset_t *before, bool *is_child_out,
                           int *code_out, gb_error *err) {
    const pid_t parent = getpid();

    for (;;) {
        int ended = 0;
        isolation->name[0] = isolation->late[0] = '\0';
        fflush(NULL);
        const pid_t child = fork();
        if (child < 0)
            return gb_fail_os(err, GB_ERR_IO, NULL, "cannot start a process");
        if (child == 0) {
            begin_child(parent, before);
            *is_child_out = true;
            return GB_OK;
        }
        const bool stopped = wait_for(child, set, &ended);
        *code_out = WIFEXITED(ended) ? WEXITSTATUS(ended) : GB_EXIT_INTERNAL;
        if (stopped || atomic_load(&isolation->ended))
            return GB_OK;
        const gb_status status = add_loss(isolation, ended, err);
        if (status != GB_OK)
            return status;
    }
}

gb_status gb_isolate_split(gb_isolation **isolation_out, bool *is_child_out,
                           int *code_out, gb_error *err) {
    sigset_t set, before;
    gb_isolation *isolation = map_shared();

    if (isolation == NULL)
        return gb_fail_memory(err, "the process of the plugins");
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    *is_child_out = false;
    const gb_status status =
        split_off(isolation, &set, &before, is_child_out, code_out, err);
    if (!*is_child_out)
        sigprocmask(SIG_SETMASK, &before, NULL);
    if (status != GB_OK)
        gb_isolate_close(isolation);
    else
        *isolation_out = isolation;
    return status;
}

void gb_isolate_close(gb_isolation *isolation) {
    if (isolation != NULL)
        munmap(isolation, sizeof(*isolation));
}
