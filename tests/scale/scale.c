/* SPDX-License-Identifier: Apache-2.0 */
/* A run without a machine: the real communication and run stages, from the
 * first message to the last, over benchmarks and counters that only take time.
 *
 * usage: gb_scale open|start|N
 *   open   the communicators and no further
 *   start  up to the session record and no further
 *   N      one case with N repetitions
 *
 * Rank 0 prints ranks, nodes, the steps where the world can tell them, and what
 * reached it: repetitions, rows, seconds and joules of the windows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/share.h"
#include "doubles.h"
#include "machine/comm/comm.h"
#include "pipeline/run/run.h"
#include "world.h"

static uint64_t now_ns(void *ctx) {
    (void)ctx;
    return (uint64_t)llround(scale_now_s() * 1e9);
}

static void sleep_until(void *ctx, uint64_t deadline_ns) {
    const uint64_t now = now_ns(ctx);
    if (deadline_ns > now)
        scale_pass_s((double)(deadline_ns - now) * 1e-9);
}

static const gb_clock scale_clock = {now_ns, sleep_until, NULL};

/* --- what reaches rank 0 -------------------------------------------------- */

typedef struct tally {
    uint32_t nodes;
    size_t reps, rows;
    double windows_s, energy_j;
    gb_sample *begin; /* [nodes][domain]: of the window that is under way */
} tally;

#define DOMAINS_MOST 8

static gb_status take_session(void *ctx, const gb_session *record) {
    tally *all = ctx;
    all->nodes = (uint32_t)record->node_count;
    all->begin = calloc((size_t)all->nodes * DOMAINS_MOST, sizeof(gb_sample));
    return all->begin != NULL ? GB_OK : GB_ERR_NO_MEMORY;
}

static gb_status take_trial(void *ctx, const gb_trial_record *record) {
    (void)ctx;
    return record->status;
}

static gb_status take_rep(void *ctx, const gb_rep_record *record) {
    tally *all = ctx;
    all->reps++;
    for (uint32_t n = 0; n < all->nodes; n++)
        all->windows_s += 1e-9 * (double)(record->windows[n].end_ns -
                                          record->windows[n].begin_ns);
    return record->status;
}

static gb_status take_idle(void *ctx, const gb_idle_record *record) {
    (void)ctx;
    (void)record;
    return GB_OK;
}

static gb_status take_warning(void *ctx, const gb_warning *record) {
    (void)ctx;
    (void)record;
    return GB_OK;
}

static gb_status take_end(void *ctx, const gb_end_record *record) {
    (void)ctx;
    return record->status == GB_RUN_COMPLETE ? GB_OK : GB_ERR_INTERNAL;
}

/* Joules between the marks of each window, of all domains. */
static gb_status take_samples(void *ctx, const gb_sample *rows, size_t count) {
    tally *all = ctx;
    all->rows += count;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].mark || rows[i].domain >= DOMAINS_MOST)
            continue;
        gb_sample *begin =
            &all->begin[rows[i].node * DOMAINS_MOST + rows[i].domain];
        if (begin->mark)
            all->energy_j += SCALE_TICK_J * (double)(rows[i].reading.ticks -
                                                     begin->reading.ticks);
        *begin = begin->mark ? (gb_sample){.node = 0} : rows[i];
    }
    return GB_OK;
}

/* --- the run -------------------------------------------------------------- */

static gb_status make_plan(const char *what, int ranks, gb_plan *plan) {
    *plan = (gb_plan){
        .suite_name = strdup("scale"),
        .energy = strdup("auto"),
        .counters = strdup("SWITCHES,MIGRATIONS,FAULTS"),
        .sample_hz = 10.0,
        .ranks = (uint32_t)ranks,
        .estimate_s = 1.0,
    };
    plan->cases = calloc(1, sizeof(*plan->cases));
    if (plan->cases == NULL)
        return GB_ERR_NO_MEMORY;
    plan->case_count = 1;
    const int repeats = atoi(what) > 0 ? atoi(what) : 1;
    plan->cases[0] = (gb_plan_case){
        .id = strdup("scale.call"),
        .version = strdup("0"),
        .sha256 = strdup(""),
        .work_unit = strdup("call"),
        .repeats = (uint32_t)repeats,
        .max_repeats = (uint32_t)repeats,
        .min_time_s = SCALE_CALL_S,
    };
    return GB_OK;
}

static gb_catalogue_entry only = {.id = "scale.call"};
static const gb_catalogue catalogue = {.entries = &only, .count = 1};

static gb_status run(const char *what, const gb_run_env *env, gb_error *err) {
    gb_plan plan = {0};
    gb_session session = {.run_id = "scale"};
    gb_stage *stage = NULL;
    gb_plugin_set *set = NULL;
    gb_status status = GB_OK;
    if (env->comm->rank == 0)
        status = make_plan(what, env->comm->size, &plan);
    status = gb_comm_agree(env->comm, status, err);
    if (status == GB_OK)
        status = gb_share_plan(env->comm, &catalogue, &plan, err);
    if (status == GB_OK)
        status = gb_share_plugins(env->comm, true, &plan, &set, err);
    if (status == GB_OK)
        status = gb_stage_open(env, &plan, &stage, err);
    if (status == GB_OK)
        status = gb_stage_describe(env, &plan, stage, &session, err);
    if (status == GB_OK && env->sink != NULL)
        status = env->sink->session(env->sink->ctx, &session);
    scale_mark("start");
    if (status == GB_OK && strcmp(what, "start") != 0) {
        status = gb_run_suite(env, &plan, NULL, stage, err);
        scale_mark("end");
    }
    (void)gb_stage_close(stage);
    gb_session_fini(&session);
    gb_plan_fini(&plan);
    return status;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "start";
    gb_comm *comm = NULL;
    gb_error err = {.rank = -1};
    char key[64];
    tally all = {0};
    atomic_bool stop = false;

    scale_world_open();
    scale_node_key(key, sizeof(key));
    gb_status status = gb_comm_open_mpi(&argc, &argv, key, &comm, &err);
    if (status != GB_OK) {
        fprintf(stderr, "gb_scale: %s\n", err.what);
        return 1;
    }
    const gb_record_sink sink = {
        .session = take_session,
        .trial = take_trial,
        .rep = take_rep,
        .idle = take_idle,
        .warning = take_warning,
        .end = take_end,
        .samples = take_samples,
        .ctx = &all,
    };
    const gb_run_env env = {
        .comm = comm,
        .clock = &scale_clock,
        .sink = comm->rank == 0 ? &sink : NULL,
        .stop = &stop,
        .ready_ns = now_ns(NULL),
    };
    scale_mark("open");
    if (strcmp(what, "open") != 0)
        status = run(what, &env, &err);
    if (status != GB_OK) {
        fprintf(stderr, "gb_scale: rank %d: %s\n", comm->rank, err.what);
    } else if (comm->rank == 0) {
        printf("{\"ranks\": %d, \"nodes\": %d, \"steps\": [", comm->size,
               comm->node_count);
        scale_print_steps();
        printf("],\n \"call_s\": %.9f, \"repetitions\": %zu, \"rows\": %zu, "
               "\"window_s\": %.9f, \"energy_j\": %.6f}\n",
               SCALE_CALL_S, all.reps, all.rows, all.windows_s, all.energy_j);
    }
    fflush(stdout);
    free(all.begin);
    gb_comm_close(comm);
    return status != GB_OK;
}
