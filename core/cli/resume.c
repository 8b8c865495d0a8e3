/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/resume.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/plan/same.h"

gb_status gb_resume_open(const char *path, gb_resume *resume_out,
                         gb_error *err) {
    gb_resume resume = {0};
    gb_status status = gb_rundir_open(path, &resume.dir, err);
    if (status == GB_OK)
        status = gb_rundir_read(gb_rundir_path(resume.dir), &resume.plan,
                                &resume.log, err);
    if (status == GB_OK && !resume.log.has_session)
        status = gb_fail(err, GB_ERR_INVALID,
                         "nothing was measured: start a run of its own",
                         "'%s': expected a run that began to measure, got one "
                         "without a session record",
                         path);
    if (status == GB_OK)
        *resume_out = resume;
    else
        gb_resume_close(&resume);
    return status;
}

void gb_resume_close(gb_resume *resume) {
    gb_rundir_close(resume->dir);
    gb_plan_fini(&resume->plan);
    gb_run_log_fini(&resume->log);
    gb_case_progress_free(resume->cases, resume->case_count);
    free(resume->usable_bytes);
    *resume = (gb_resume){0};
}

bool gb_resume_is_complete(const gb_resume *resume) {
    const gb_run_log *last = gb_run_log_last(&resume->log);
    return last->has_end && last->end.status == GB_RUN_COMPLETE;
}

/* --- the same size -------------------------------------------------------- */

static gb_status check_size(const gb_comm *comm, const gb_resume *resume,
                            gb_error *err) {
    const gb_session *first = &resume->log.session;
    if (first->ranks == (uint32_t)comm->size &&
        first->node_count == (size_t)comm->node_count)
        return GB_OK;
    char hint[160];
    snprintf(hint, sizeof(hint),
             "start it as then: mpirun -n %" PRIu32 " over %zu node%s",
             first->ranks, first->node_count,
             first->node_count == 1 ? "" : "s");
    return gb_fail(err, GB_ERR_INVALID, hint,
                   "'%s': expected %" PRIu32 " rank%s on %zu node%s as in the "
                   "first launch, got %d on %d",
                   gb_rundir_path(resume->dir), first->ranks,
                   first->ranks == 1 ? "" : "s", first->node_count,
                   first->node_count == 1 ? "" : "s", comm->size,
                   comm->node_count);
}

gb_status gb_resume_share_size(gb_comm *comm, gb_resume *resume,
                               gb_error *err) {
    const size_t count = (size_t)comm->node_count;
    gb_status status = comm->rank == 0 ? check_size(comm, resume, err) : GB_OK;
    if (status == GB_OK) {
        resume->usable_bytes = calloc(count, sizeof(*resume->usable_bytes));
        if (resume->usable_bytes == NULL)
            status = gb_fail_memory(err, "the nodes of the run");
    }
    status = gb_comm_agree(comm, status, err);
    if (status != GB_OK)
        return status;
    for (size_t n = 0; comm->rank == 0 && n < count; n++)
        resume->usable_bytes[n] =
            resume->log.session.nodes[n].memory_usable_bytes;
    return comm->ops->bcast(comm, resume->usable_bytes,
                            count * sizeof(*resume->usable_bytes), 0);
}

/* --- the same plan -------------------------------------------------------- */

gb_status gb_resume_copy_plan(const gb_resume *resume, gb_plan *plan_out,
                              gb_error *err) {
    char *text = gb_json_plan(&resume->plan);
    if (text == NULL)
        return gb_fail_memory(err, "the plan");
    const gb_status status = gb_json_read_plan(text, plan_out, err);
    free(text);
    /* What crashed has failed; what took too long is tried again. */
    for (size_t i = 0; status == GB_OK && i < plan_out->case_count; i++) {
        free(plan_out->cases[i].given_up);
        plan_out->cases[i].given_up = NULL;
    }
    return status;
}

/* @p differences  released */
static gb_status refuse(const gb_resume *resume, const char *not_what,
                        const char *hint, gb_differences *differences,
                        gb_error *err) {
    gb_status status = GB_OK;
    if (differences->text.failed)
        status = gb_fail_memory(err, "the comparison");
    else if (differences->count > 0)
        status = gb_fail(err, GB_ERR_INVALID, hint, "'%s': %s: %s",
                         gb_rundir_path(resume->dir), not_what,
                         differences->text.text);
    gb_differences_fini(differences);
    return status;
}

static gb_status find_progress(gb_resume *resume, const gb_plan *plan,
                               gb_error *err) {
    gb_differences differences = {0};
    gb_plan_compare(&resume->plan, plan, &differences);
    gb_status status = refuse(
        resume, "not the plan it began with",
        "--resume alone takes the run's own plan.json; another plan is another "
        "run",
        &differences, err);
    if (status == GB_OK)
        status = gb_plan_progress(plan, &resume->log, &resume->cases, err);
    return status;
}

gb_status gb_resume_share_progress(gb_comm *comm, gb_resume *resume,
                                   const gb_plan *plan, gb_error *err) {
    const bool first = comm->rank == 0;
    gb_case_progress *sent = calloc(plan->case_count, sizeof(*sent));
    gb_status status =
        sent != NULL ? GB_OK : gb_fail_memory(err, "the progress of the run");
    if (status == GB_OK && first)
        status = find_progress(resume, plan, err);
    status = gb_comm_agree(comm, status, err);
    for (size_t i = 0; first && status == GB_OK && i < plan->case_count; i++) {
        sent[i] = resume->cases[i];
        sent[i].rates = NULL; /* rank 0's alone */
    }
    if (status == GB_OK)
        status =
            comm->ops->bcast(comm, sent, plan->case_count * sizeof(*sent), 0);
    if (status == GB_OK)
        resume->case_count = plan->case_count;
    if (status == GB_OK && !first)
        resume->cases = sent;
    else
        free(sent);
    return status;
}

void gb_resume_say(const gb_resume *resume, char *out, size_t size) {
    size_t done = 0, planned = 0;
    gb_plan_count(&resume->plan, resume->cases, &done, &planned);
    snprintf(out, size, "%zu of %zu repetitions are there", done, planned);
}

/* --- the same machine ----------------------------------------------------- */

gb_status gb_resume_check_session(const gb_resume *resume,
                                  const gb_session *session, gb_error *err) {
    gb_differences differences = {0};
    gb_session_compare(&resume->log.session, session, &differences);
    return refuse(resume, "not the machine and program it began with",
                  "resume it where it began, as it was started; another "
                  "machine is another run",
                  &differences, err);
}
