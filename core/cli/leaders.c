/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/leaders.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/console.h"

#define NAME "samples.h5"

/* 2 days of 8 domains at 10 Hz, 900 MB: rank 0 reads them back at twice that
 * for each node. */
#define ROWS_MAX (16u << 20)

size_t gb_leaders_rows_kept(const gb_comm *comm) {
    const bool several = comm->node_count > 1 && comm->node_rank == 0;

    return several && gb_samples_team_work() != NULL ? ROWS_MAX : 0;
}

/* --- what the archive needs of MPI ---------------------------------------- */

static gb_status team_bcast(void *ctx, void *bytes, size_t count) {
    gb_comm *comm = ctx;

    return comm->ops->bcast(comm, bytes, count, 0);
}

static gb_status team_agree(void *ctx, gb_status status, gb_error *err) {
    return gb_comm_agree(ctx, status, err);
}

static gb_status team_open_together(void *ctx, gb_any_function *set,
                                    int64_t access) {
    gb_comm *comm = ctx;

    return comm->ops->open_together(comm, set, access);
}

/* --- meet and part -------------------------------------------------------- */

/* Why rank 0 writes alone; "": it does not. The same on every rank. */
static gb_status find_reason(gb_comm *comm, const gb_stage *stage,
                             gb_leaders *leaders) {
    size_t count = 0;
    const bool kept = gb_stage_rows(stage, &count) != NULL || count == 0;
    double found[] = {(double)count, kept ? 0.0 : 1.0};

    if (comm->node_count == 1) {
        gb_copy(leaders->why, sizeof(leaders->why), "one node");
        return GB_OK;
    }
    if (gb_samples_team_work() == NULL) {
        gb_copy(leaders->why, sizeof(leaders->why),
                "greenbench was built without a parallel HDF5 for its MPI");
        return GB_OK;
    }
    const gb_status status = comm->ops->sum_f64(comm, found, 2);
    if (found[1] > 0.0)
        snprintf(leaders->why, sizeof(leaders->why),
                 "%.0f nodes took more samples than they keep", found[1]);
    else if (found[0] < (double)comm->node_count * GB_LEADERS_ROWS_OF_NODE)
        snprintf(leaders->why, sizeof(leaders->why),
                 "this launch took %.0f samples, less than %d a node", found[0],
                 GB_LEADERS_ROWS_OF_NODE);
    return status;
}

gb_status gb_leaders_meet(gb_comm *comm, const gb_stage *stage,
                          gb_leaders *out) {
    *out = (gb_leaders){0};
    gb_status status = find_reason(comm, stage, out);
    if (status != GB_OK || out->why[0] != '\0' || comm->node_rank != 0)
        return status;
    status = comm->ops->leaders(comm, &out->comm);
    if (status != GB_OK)
        return status;
    out->team = (gb_samples_team){
        .ctx = out->comm,
        .rank = out->comm->rank,
        .size = out->comm->size,
        .bcast = team_bcast,
        .agree = team_agree,
        .open_together = team_open_together,
    };
    out->team.rows = gb_stage_rows(stage, &out->team.row_count);
    return GB_OK;
}

gb_status gb_leaders_write_samples(gb_leaders *leaders, const char *run_dir,
                                   const gb_run_log *log, gb_error *err) {
    char why[sizeof(err->what)];

    if (leaders == NULL)
        return gb_rundir_write_hdf5(run_dir, NAME, log, NULL, err);
    gb_copy(why, sizeof(why), leaders->why);
    if (leaders->comm != NULL) {
        gb_error failed = {.rank = -1};
        leaders->called = true;
        if (gb_samples_team_work()->write(&leaders->team, run_dir, NAME, log,
                                          &failed) == GB_OK)
            return GB_OK;
        gb_copy(why, sizeof(why), failed.what);
        failed.hint[0] = '\0';
        gb_console_error(&failed);
        fprintf(stderr, "  rank 0 writes %s alone\n", NAME);
    }
    return gb_rundir_write_hdf5(run_dir, NAME, log, why, err);
}

void gb_leaders_part(gb_leaders *leaders) {
    if (leaders->comm == NULL)
        return;
    if (leaders->team.rank != 0)
        gb_samples_team_work()->follow(&leaders->team);
    else if (!leaders->called)
        gb_samples_team_work()->dismiss(&leaders->team);
    gb_comm_close(leaders->comm);
    leaders->comm = NULL;
}
