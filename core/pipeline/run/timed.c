/* SPDX-License-Identifier: Apache-2.0 */
/* One timed call: its window of energy, its counts, and what disturbed it. */
#include <math.h>

#include "pipeline/run/trial.h"

static bool read_counters(const gb_stage *stage, uint64_t *values) {
    gb_error ignored; /* the record says that there is no count */
    return stage->counter_count == 0 ||
           gb_counters_read(stage->counters, values, &ignored) == GB_OK;
}

static gb_status check_peer(const gb_trial *t, const gb_work *work,
                            gb_error *failure) {
    const gb_comm *comm = t->env->comm;
    const uint32_t peer = work->peer_plus_1;

    if (peer == 0 ||
        (peer <= (uint32_t)comm->size && peer != (uint32_t)comm->rank + 1))
        return GB_OK;
    return gb_fail(failure, GB_ERR_INTERNAL,
                   "this is a bug in the plugin: report it to its author",
                   "%s: run(): expected peer_plus_1 to be 0, or 1 + another of "
                   "%d ranks, got %u",
                   t->planned->id, comm->size, (unsigned)peer);
}

/* Threads that are on another PU than before the call: the least number of
 * migrations, where no counter tells them all. */
static double count_moved(gb_stage *stage) {
    double moved = 0.0;

    gb_team_places(stage->team, stage->pus_after);
    for (uint32_t t = 0; t < stage->share.core_count; t++) {
        if (stage->pus_before[t] < 0 || stage->pus_after[t] < 0)
            return NAN;
        moved += stage->pus_before[t] != stage->pus_after[t];
    }
    return moved;
}

gb_status gb_trial_timed_call(gb_trial *t, gb_rank_rep *rep, uint64_t *counts,
                              gb_window_parcel *parcel, gb_error *failure) {
    gb_comm *comm = t->env->comm;
    gb_stage *stage = t->stage;
    gb_node_window *window = &parcel->window;
    const bool leader = comm->node_rank == 0;
    gb_team_places(stage->team, stage->pus_before);
    const double stolen_s =
        leader ? gb_platform_stolen_s(t->env->root, &stage->pus) : (double)NAN;
    gb_work work = {.struct_size = sizeof(work)};
    uint64_t elapsed_ns = 0;

    gb_status mpi = comm->ops->barrier(comm);
    if (stage->sampler != NULL)
        window->begin_ns = gb_sampler_mark(stage->sampler);
    else
        window->begin_ns = gb_clock_now_ns(t->env->clock);
    if (mpi == GB_OK)
        mpi = comm->ops->barrier(comm);
    gb_status status = mpi;
    if (comm->rank == 0)
        t->begin_utc_ns = gb_clock_utc_ns();
    const double preempted = gb_platform_preempted();
    bool counted = read_counters(stage, stage->counts_before);
    if (mpi == GB_OK)
        status = gb_plugin_run_call(t->instance, t->iterations, &work,
                                    &elapsed_ns, failure);
    counted = read_counters(stage, stage->counts_after) && counted;
    if (mpi == GB_OK)
        mpi = comm->ops->barrier(comm);
    if (stage->sampler != NULL)
        window->end_ns = gb_sampler_mark(stage->sampler);
    else
        window->end_ns = gb_clock_now_ns(t->env->clock);
    if (leader)
        parcel->condition.clock_hz =
            gb_platform_clock_hz(t->env->root, &stage->pus);
    if (mpi == GB_OK)
        mpi = comm->ops->node_barrier(comm);
    if (leader)
        parcel->condition.stolen_s =
            gb_platform_stolen_s(t->env->root, &stage->pus) - stolen_s;

    for (size_t i = 0; i < stage->counter_count; i++) {
        const size_t at = stage->counter_index[i];
        counts[i] = counted ? stage->counts_after[at] - stage->counts_before[at]
                            : GB_COUNT_NONE;
    }
    if (status == GB_OK)
        status = check_peer(t, &work, failure);
    *rep = (gb_rank_rep){
        .elapsed_s = (double)elapsed_ns * 1e-9,
        .work = work.done,
        .checksum = work.checksum,
        .flops = work.flops,
        .memory_bytes = work.memory_bytes,
        .network_bytes = work.network_bytes,
        .messages = work.messages,
        .in_flight = work.in_flight,
        .preempted = gb_platform_preempted() - preempted,
        .moved = count_moved(stage),
        .peer_plus_1 = work.peer_plus_1,
    };
    return mpi != GB_OK ? mpi : status;
}
