/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_ISOLATE_H
#define GB_CLI_ISOLATE_H

/**
 * @file cli/isolate.h
 * --isolate: plugins run in a child process. What ends that is noted, a further
 * child goes on without it, and so on (decision 0026).
 */
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "machine/comm/comm.h"
#include "model/plan.h"
#include "pipeline/run/run.h"

enum { GB_LOSSES_MAX = 64, GB_LOSS_NAME = 1024 };

/** What ended a child. */
typedef struct gb_loss {
    char name[GB_LOSS_NAME]; /* gb_plan_case_label(), or the path of a file */
    gb_status status;        /* GB_ERR_CRASHED, GB_ERR_TIMEOUT */
    char what[200];
} gb_loss;

/** Memory that parent and child share. */
typedef struct gb_isolation {
    /* the child's */
    char name[GB_LOSS_NAME]; /* what is being tried; "": nothing of a plugin */
    char step[64];           /* "a timed call" */
    bool after;              /* the step is none of its own, but follows them */
    char run_dir[PATH_MAX];  /* "" until records are written */
    char late[200];          /* a step that took too long; "" */
    atomic_bool ended;       /* what follows is the end that was meant */
    /* the parent's, and after a gb_comm_ops.bcast() any rank's */
    gb_loss losses[GB_LOSSES_MAX];
    uint32_t loss_count;
} gb_isolation;

/**
 * Split this process, which has one thread and no MPI yet. In the child:
 * returns with *is_child_out set, and again so in each child that follows one
 * that was lost. In the parent: returns when a child came to its end.
 *
 * @param[out] isolation_out  gb_isolate_close() it
 * @param[out] code_out  the parent's: exit code of the last child
 * @retval GB_ERR_CRASHED  a child was lost and no plugin is known to have done
 *                         it, or leaving that one out did not help
 */
gb_status gb_isolate_split(gb_isolation **isolation_out, bool *is_child_out,
                           int *code_out, gb_error *err);
void gb_isolate_close(gb_isolation *isolation); /* null is allowed */

/* Each of the following does nothing where @p isolation is null. */

/** The file @p path is about to be loaded; "" it was, or was not.
 *  @return GB_OK, or why it must not be: a child was lost by it */
gb_status gb_isolate_file(void *isolation, const char *path, gb_error *why);

/** Tells an isolation of each step, and another watch as well. */
typedef struct gb_isolated_watch {
    gb_watch watch;
    gb_isolation *isolation;
    const gb_plan *plan;
    const gb_watch *other;
} gb_isolated_watch;

/** @return what a run is to tell its steps to; borrows all */
const gb_watch *gb_isolate_watch(gb_isolation *isolation, const gb_plan *plan,
                                 const gb_watch *other,
                                 gb_isolated_watch *watch_out);

/** A step took too long. True: it counts as lost, and the process may go. */
bool gb_isolate_late(gb_isolation *isolation, const char *what);

/** Records are written to @p run_dir from now on. */
void gb_isolate_began(gb_isolation *isolation, const char *run_dir);

/** The end of this process that comes now is meant. */
void gb_isolate_ended(gb_isolation *isolation);

/** What rank 0 lost, to all ranks. Collective. @param[in,out] isolation  of
 *  others than rank 0: made, gb_isolate_close() it */
gb_status gb_isolate_share(gb_comm *comm, gb_isolation **isolation,
                           gb_error *err);

/** Cases of @p plan by which a child was lost are given up.
 *  @retval GB_ERR_NO_MEMORY */
gb_status gb_isolate_mark(const gb_isolation *isolation, gb_plan *plan,
                          gb_error *err);

#endif /* GB_CLI_ISOLATE_H */
