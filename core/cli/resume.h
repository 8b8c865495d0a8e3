/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_CLI_RESUME_H
#define GB_CLI_RESUME_H

/**
 * @file cli/resume.h
 * --resume RUNDIR: a run that was cut off, opened to be finished. Rank 0 reads
 * it and decides; what the other ranks need is brought to them.
 */
#include "archive/rundir.h"
#include "machine/comm/comm.h"

typedef struct gb_resume {
    /* rank 0 */
    gb_rundir *dir; /* open, so that no other process writes to it */
    gb_plan plan;   /* as it began */
    gb_run_log log; /* of all launches so far */
    /* all ranks */
    uint64_t *usable_bytes;  /* [comm.node_count]: free memory at the start */
    gb_case_progress *cases; /* [case_count]: what is there */
    size_t case_count;
} gb_resume;

/**
 * Open and read; rank 0 only.
 * @retval GB_ERR_NOT_FOUND  no such run
 * @retval GB_ERR_INVALID    it goes on, never began to measure, or is damaged
 * @retval GB_ERR_IO         it cannot be read or written
 */
gb_status gb_resume_open(const char *path, gb_resume *resume_out,
                         gb_error *err);
void gb_resume_close(gb_resume *resume);

/** Nothing is missing. Rank 0 only. */
bool gb_resume_is_complete(const gb_resume *resume);

/** As many ranks and nodes as it began with, and how much memory it found on
 *  each. Collective.
 *  @retval GB_ERR_INVALID  other numbers */
gb_status gb_resume_share_size(gb_comm *comm, gb_resume *resume, gb_error *err);

/** The plan as it began. Rank 0 only. */
gb_status gb_resume_copy_plan(const gb_resume *resume, gb_plan *plan_out,
                              gb_error *err);

/**
 * Is @p plan, checked on all ranks, the one it began with? Then what is there
 * of it, for all ranks. Collective.
 * @retval GB_ERR_INVALID  with what is different
 */
gb_status gb_resume_share_progress(gb_comm *comm, gb_resume *resume,
                                   const gb_plan *plan, gb_error *err);

/** "14 of 20 repetitions are there". Rank 0 only. */
void gb_resume_say(const gb_resume *resume, char *out, size_t size);

/** Is the machine of @p session the one it began on? Rank 0 only.
 *  @retval GB_ERR_INVALID  with what is different */
gb_status gb_resume_check_session(const gb_resume *resume,
                                  const gb_session *session, gb_error *err);

#endif /* GB_CLI_RESUME_H */
